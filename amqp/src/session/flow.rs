//! Flow frames: windows of the session, credit and drain of its links (AMQP 1.0, 2.5.6 and 2.6.7).

use crate::event::{Event, LinkId};
use crate::link::{Link, LinkPhase};
use crate::outbox::Outbox;
use crate::performative::Performative;
use crate::types::definitions::{Error, Handle};
use crate::types::performatives::Flow;

use super::Session;

impl Session {
    pub(super) fn handle_flow(&mut self, flow: &Flow, out: &mut Outbox) -> Result<(), Error> {
        self.outgoing
            .window_restated(flow.next_incoming_id, flow.incoming_window);
        let Some(handle) = &flow.handle else {
            self.pump(out);
            if flow.echo {
                self.write_session_flow(out);
            }
            return Ok(());
        };
        let (number, link) = self.link_at(handle.0)?;
        let is_attached = link.phase == LinkPhase::Attached;
        if matches!(link.phase, LinkPhase::Attached | LinkPhase::AttachReceived) {
            if link.is_sender() {
                let spoke_of_credit = flow_of_receiver(link, flow);
                let (credit, drain) = (link.outstanding(), link.credit.drain);
                let link = self.link_id(number);
                if spoke_of_credit {
                    out.event(Event::Flow {
                        link,
                        credit,
                        drain,
                    });
                }
            } else if flow_of_sender(link, flow) {
                out.event(Event::Drained {
                    link: self.link_id(number),
                });
            }
        }
        self.pump(out);
        // Before our attach and after our detach, our handle means nothing to the peer.
        match (flow.echo, is_attached) {
            (true, true) => self.write_link_flow(number, false, out),
            (true, false) => self.write_session_flow(out),
            (false, _) => {}
        }
        Ok(())
    }

    /// Sets the credit outstanding on a link that we receive on, and ends a drain.
    pub(crate) fn set_credit(&mut self, link: LinkId, credit: u32, out: &mut Outbox) {
        let Some(entry) = self.attached(link).filter(|link| !link.is_sender()) else {
            return;
        };
        let arriving = u32::from(entry.partial.is_some());
        entry.credit.available = credit.saturating_sub(arriving);
        entry.credit.drain = false;
        self.write_link_flow(link.number, false, out);
    }

    /// Asks the peer to use the credit of a link that we receive on or give it up.
    pub(crate) fn drain(&mut self, link: LinkId, out: &mut Outbox) {
        let Some(entry) = self.attached(link).filter(|link| !link.is_sender()) else {
            return;
        };
        entry.credit.drain = true;
        if entry.completes_drain() {
            // Not every peer answers where there is nothing to give up.
            out.event(Event::Drained { link });
            return;
        }
        self.write_link_flow(link.number, false, out);
    }

    /// Gives up the credit of a link that we send on, after what is queued on it has left; nothing
    /// where the peer does not ask for that, or no longer.
    pub(crate) fn drained(&mut self, link: LinkId, out: &mut Outbox) {
        let asked_for = |link: &&mut Link| link.is_sender() && link.credit.drain;
        let Some(entry) = self.attached(link).filter(asked_for) else {
            return;
        };
        if entry.queued > 0 {
            entry.drain_when_sent = true;
            return;
        }
        entry.drain_when_sent = false;
        entry.credit.give_up();
        self.write_link_flow(link.number, true, out);
    }

    pub(super) fn write_session_flow(&mut self, out: &mut Outbox) {
        let flow = self.session_flow();
        self.write(&Performative::Flow(Box::new(flow)), out);
    }

    fn write_link_flow(&mut self, number: u32, nothing_available: bool, out: &mut Outbox) {
        let mut flow = self.session_flow();
        let Some(link) = self.links.get(&number) else {
            return;
        };
        flow.handle = Some(Handle(link.local_handle));
        flow.delivery_count = Some(link.credit.delivery_count);
        flow.link_credit = Some(link.credit.available);
        flow.drain = link.credit.drain;
        if link.is_sender() {
            flow.available = nothing_available.then_some(0);
        }
        self.write(&Performative::Flow(Box::new(flow)), out);
    }

    fn session_flow(&self) -> Flow {
        Flow {
            next_incoming_id: self.incoming.next_id(),
            incoming_window: self.incoming.window(),
            next_outgoing_id: self.outgoing.next_id,
            outgoing_window: u32::MAX >> 1,
            handle: None,
            delivery_count: None,
            link_credit: None,
            available: None,
            drain: false,
            echo: false,
            properties: None,
        }
    }
}

/// The peer receives: its flow grants credit. True where the flow spoke of credit.
fn flow_of_receiver(link: &mut Link, flow: &Flow) -> bool {
    let Some(link_credit) = flow.link_credit else {
        return false;
    };
    // A receiver that has not seen our attach yet counts from the initial one (AMQP 1.0, 2.7.4).
    let delivery_count = flow.delivery_count.unwrap_or(link.initial_delivery_count);
    link.credit.granted(delivery_count, link_credit, flow.drain);
    link.drain_when_sent &= flow.drain;
    true
}

/// The peer sends: its flow says how far it has come. True where that completes a drain of ours.
fn flow_of_sender(link: &mut Link, flow: &Flow) -> bool {
    if let Some(delivery_count) = flow.delivery_count {
        link.credit.advanced(delivery_count);
    }
    link.completes_drain()
}

impl Link {
    /// Receiving: true, once, where a drain of ours has nothing left to wait for.
    pub(super) fn completes_drain(&mut self) -> bool {
        let complete = self.credit.drain && self.credit.available == 0 && self.partial.is_none();
        if complete {
            self.credit.drain = false;
        }
        complete
    }

    /// Sending: deliveries that may be sent beyond those queued already. Receiving: deliveries that
    /// may still come, one that has come in part included.
    pub(super) fn outstanding(&self) -> u32 {
        if self.is_sender() {
            self.credit.available.saturating_sub(self.queued)
        } else {
            let arriving = u32::from(self.partial.is_some());
            self.credit.available.saturating_add(arriving)
        }
    }
}
