//! From a frame to what the record says of it.

use std::collections::HashMap;

use servicebus_amqp::framing::{Frame, FrameKind};
use servicebus_amqp::performative::{read_performative, Performative};
use servicebus_amqp::sasl::read_sasl;
use servicebus_amqp::types::definitions::{Error, Role};
use servicebus_amqp::types::messaging::{DeliveryState, TargetArchetype};
use servicebus_amqp::types::performatives::Attach;

use crate::fault::Direction;
use crate::frame_record::FrameRecord;

/// The most names of links that are remembered of a connection.
const MAX_NAMES: usize = 1_024;

/// The most characters of a detail: clients choose names that get into it.
const DETAIL_LENGTH: usize = 300;

/// Knows the links of a connection by the handles of both sides.
#[derive(Debug, Default)]
pub(super) struct FrameReader {
    names: HashMap<(bool, u16, u32), String>,
}

impl FrameReader {
    /// What the record says of a frame.
    pub(super) fn read(
        &mut self,
        connection: u64,
        direction: Direction,
        frame: &Frame,
        size: usize,
    ) -> FrameRecord {
        let mut record = FrameRecord {
            connection,
            direction,
            channel: frame.channel,
            performative: "empty",
            link: None,
            delivery: None,
            detail: String::new(),
            size,
        };
        if frame.kind == FrameKind::Sasl {
            record.performative = read_sasl(&frame.body).map_or("sasl", |frame| frame.name());
        } else if !frame.body.is_empty() {
            match read_performative(&frame.body) {
                Ok((performative, payload)) => {
                    let payload = frame.body.len() - payload;
                    self.describe(&performative, payload, &mut record);
                }
                Err(error) => {
                    record.performative = "unreadable";
                    record.detail = error.to_string();
                }
            }
        }
        if let Some((end, _)) = record.detail.char_indices().nth(DETAIL_LENGTH) {
            record.detail.truncate(end);
        }
        record
    }

    fn describe(&mut self, performative: &Performative, payload: usize, record: &mut FrameRecord) {
        let (direction, channel) = (record.direction, record.channel);
        let link = |reader: &Self, handle: u32| {
            let inbound = direction == Direction::Inbound;
            let name = reader.names.get(&(inbound, channel, handle));
            Some(name.map_or_else(|| format!("handle {handle}"), String::clone))
        };
        match performative {
            Performative::Open(open) => {
                record.performative = "open";
                let hostname = open.hostname.as_deref().unwrap_or_default();
                record.detail = format!("container {:?} host {hostname:?}", open.container_id);
            }
            Performative::Begin(_) => record.performative = "begin",
            Performative::Attach(attach) => {
                record.performative = "attach";
                self.learn(direction, channel, attach);
                record.link = Some(attach.name.clone());
                record.detail = attach_detail(attach);
            }
            Performative::Flow(flow) => {
                record.performative = "flow";
                if let Some(handle) = &flow.handle {
                    record.link = link(self, handle.0);
                    let credit = flow.link_credit.unwrap_or_default();
                    let drain = if flow.drain { " drain" } else { "" };
                    record.detail = format!("credit {credit}{drain}");
                }
            }
            Performative::Transfer(transfer) => {
                record.performative = "transfer";
                record.link = link(self, transfer.handle.0);
                record.delivery = transfer.delivery_id;
                let settled = transfer.settled == Some(true);
                let more = if transfer.more { " more" } else { "" };
                record.detail = format!("settled {settled}{more} payload {payload}");
            }
            Performative::Disposition(disposition) => {
                record.performative = "disposition";
                record.delivery = Some(disposition.first);
                let last = disposition.last.unwrap_or(disposition.first);
                let state = disposition.state.as_ref().map_or("no state", outcome);
                let role = role(&disposition.role);
                let settled = disposition.settled;
                record.detail = format!("to {last} {role} {state} settled {settled}");
            }
            Performative::Detach(detach) => {
                record.performative = "detach";
                record.link = link(self, detach.handle.0);
                record.detail = format!("closed {}{}", detach.closed, reason(&detach.error));
            }
            Performative::End(end) => {
                record.performative = "end";
                record.detail = reason(&end.error).trim_start().to_owned();
            }
            Performative::Close(close) => {
                record.performative = "close";
                record.detail = reason(&close.error).trim_start().to_owned();
            }
        }
    }

    fn learn(&mut self, direction: Direction, channel: u16, attach: &Attach) {
        let key = (direction == Direction::Inbound, channel, attach.handle.0);
        if self.names.len() < MAX_NAMES || self.names.contains_key(&key) {
            self.names.insert(key, attach.name.clone());
        }
    }
}

fn attach_detail(attach: &Attach) -> String {
    let source = attach.source.as_ref();
    let source = source.and_then(|source| source.address.as_deref());
    let target = match attach.target.as_deref() {
        Some(TargetArchetype::Target(target)) => target.address.as_deref(),
        Some(TargetArchetype::Coordinator(_)) => Some("coordinator"),
        None => None,
    };
    let role = role(&attach.role);
    let handle = attach.handle.0;
    format!("handle {handle} {role} source {source:?} target {target:?}")
}

fn role(role: &Role) -> &'static str {
    match role {
        Role::Sender => "sender",
        Role::Receiver => "receiver",
    }
}

fn outcome(state: &DeliveryState) -> &'static str {
    match state {
        DeliveryState::Accepted(_) => "accepted",
        DeliveryState::Rejected(_) => "rejected",
        DeliveryState::Released(_) => "released",
        DeliveryState::Modified(_) => "modified",
        DeliveryState::Received(_) => "received",
        DeliveryState::Declared(_) => "declared",
        DeliveryState::TransactionalState(_) => "transactional-state",
    }
}

fn reason(error: &Option<Error>) -> String {
    error.as_ref().map_or_else(String::new, |error| {
        let text = error.description.as_deref().unwrap_or_default();
        format!(" {:?} {text}", error.condition)
    })
}
