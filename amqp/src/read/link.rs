use serde_amqp::primitives::OrderedMap;
use serde_bytes::ByteBuf;

use crate::error::DecodeError;
use crate::types::definitions::{DeliveryTag, Handle, ReceiverSettleMode, Role, SenderSettleMode};
use crate::types::messaging::DeliveryState;
use crate::types::performatives::{Attach, Detach, Flow};
use crate::walker::{Element, Kind};

use super::composite::Composite;
use super::delivery_state::read_delivery_state;
use super::fields::read_error;
use super::terminus::{read_source, read_target};

pub(crate) fn read_attach(list: Element<'_>) -> Result<Attach, DecodeError> {
    let mut attach = Composite::open("attach", list)?;
    let name = attach.string("name")?;
    let handle = attach.u32("handle")?.map(Handle);
    let role = attach.bool("role")?.map(Role::from);
    let read = Attach {
        name: attach.required("name", name)?,
        handle: attach.required("handle", handle)?,
        role: attach.required("role", role)?,
        snd_settle_mode: match attach.u8("snd-settle-mode")? {
            None => SenderSettleMode::default(),
            Some(mode) => attach.choice("snd-settle-mode", sender_settle_mode(mode))?,
        },
        rcv_settle_mode: match attach.u8("rcv-settle-mode")? {
            None => ReceiverSettleMode::default(),
            Some(mode) => attach.choice("rcv-settle-mode", receiver_settle_mode(mode))?,
        },
        source: attach.read("source", read_source)?.map(Box::new),
        target: attach.read("target", read_target)?.map(Box::new),
        unsettled: attach.read("unsettled", read_unsettled)?,
        incomplete_unsettled: attach.bool("incomplete-unsettled")?.unwrap_or_default(),
        initial_delivery_count: attach.u32("initial-delivery-count")?,
        max_message_size: attach.u64("max-message-size")?,
        offered_capabilities: attach.symbols("offered-capabilities")?,
        desired_capabilities: attach.symbols("desired-capabilities")?,
        properties: attach.fields("properties")?,
    };
    attach.finish()?;
    Ok(read)
}

pub(crate) fn read_flow(list: Element<'_>) -> Result<Flow, DecodeError> {
    let mut flow = Composite::open("flow", list)?;
    let next_incoming_id = flow.u32("next-incoming-id")?;
    let incoming_window = flow.u32("incoming-window")?;
    let next_outgoing_id = flow.u32("next-outgoing-id")?;
    let outgoing_window = flow.u32("outgoing-window")?;
    let read = Flow {
        next_incoming_id,
        incoming_window: flow.required("incoming-window", incoming_window)?,
        next_outgoing_id: flow.required("next-outgoing-id", next_outgoing_id)?,
        outgoing_window: flow.required("outgoing-window", outgoing_window)?,
        handle: flow.u32("handle")?.map(Handle),
        delivery_count: flow.u32("delivery-count")?,
        link_credit: flow.u32("link-credit")?,
        available: flow.u32("available")?,
        drain: flow.bool("drain")?.unwrap_or_default(),
        echo: flow.bool("echo")?.unwrap_or_default(),
        properties: flow.fields("properties")?,
    };
    flow.finish()?;
    Ok(read)
}

pub(crate) fn read_detach(list: Element<'_>) -> Result<Detach, DecodeError> {
    let mut detach = Composite::open("detach", list)?;
    let handle = detach.u32("handle")?.map(Handle);
    let read = Detach {
        handle: detach.required("handle", handle)?,
        closed: detach.bool("closed")?.unwrap_or_default(),
        error: detach.read("error", read_error)?,
    };
    detach.finish()?;
    Ok(read)
}

fn sender_settle_mode(mode: u8) -> Option<SenderSettleMode> {
    match mode {
        0 => Some(SenderSettleMode::Unsettled),
        1 => Some(SenderSettleMode::Settled),
        2 => Some(SenderSettleMode::Mixed),
        _ => None,
    }
}

pub(super) fn receiver_settle_mode(mode: u8) -> Option<ReceiverSettleMode> {
    match mode {
        0 => Some(ReceiverSettleMode::First),
        1 => Some(ReceiverSettleMode::Second),
        _ => None,
    }
}

fn read_unsettled(
    element: Element<'_>,
) -> Result<OrderedMap<DeliveryTag, Option<DeliveryState>>, DecodeError> {
    let Kind::Map(mut elements) = element.kind()? else {
        return Err(DecodeError::WrongType("a map"));
    };
    let mut unsettled = OrderedMap::new();
    while let Some(tag) = elements.next().transpose()? {
        let state = elements.next().ok_or(DecodeError::OddMap)??;
        let Kind::Binary(tag) = tag.kind()? else {
            return Err(DecodeError::WrongType("a map whose keys are delivery tags"));
        };
        let state = match state.is_null() {
            true => None,
            false => Some(read_delivery_state(state)?),
        };
        if unsettled.insert(ByteBuf::from(tag), state).is_some() {
            return Err(DecodeError::DuplicateKey);
        }
    }
    Ok(unsettled)
}
