//! Attaching and detaching links.

use crate::event::{Cause, Event, LinkId};
use crate::link::{Credit, Link, LinkPhase};
use crate::outbox::Outbox;
use crate::performative::Performative;
use crate::types::definitions::{AmqpError, ConnectionError, Error, Handle, Role, SessionError};
use crate::types::performatives::{Attach, Detach};

use super::{violation, Session};

impl Session {
    /// Asks for a link. The handle and, where it is missing, a sender's initial delivery-count are
    /// filled in. `None` where the session is ending or the peer takes no more handles.
    pub(crate) fn attach(&mut self, mut attach: Attach, out: &mut Outbox) -> Option<LinkId> {
        if self.is_ending() {
            return None;
        }
        let number = self.new_link(&attach.name, attach.role.clone(), LinkPhase::AttachSent)?;
        self.complete_attach(number, &mut attach);
        self.write(&Performative::Attach(Box::new(attach)), out);
        Some(self.link_id(number))
    }

    /// Grants a link that the peer asked for.
    pub(crate) fn accept(&mut self, link: LinkId, mut attach: Attach, out: &mut Outbox) {
        let Some(entry) = self.links.get_mut(&link.number) else {
            return;
        };
        if entry.phase != LinkPhase::AttachReceived {
            return;
        }
        entry.phase = LinkPhase::Attached;
        attach.name.clone_from(&entry.name);
        attach.role = entry.role.clone();
        self.complete_attach(link.number, &mut attach);
        self.write(&Performative::Attach(Box::new(attach)), out);
    }

    /// Refuses a link that the peer asked for: an attach without terminus, then the detach that says
    /// why (AMQP 1.0, 2.6.3).
    pub(crate) fn refuse(&mut self, link: LinkId, error: Error, out: &mut Outbox) {
        let Some(entry) = self.links.get_mut(&link.number) else {
            return;
        };
        if entry.phase != LinkPhase::AttachReceived {
            return;
        }
        entry.phase = LinkPhase::DetachSent;
        entry.local_cause = Some(Cause::Local);
        let detach = Detach {
            handle: Handle(entry.local_handle),
            closed: true,
            error: Some(error),
        };
        self.write_empty_attach(link.number, out);
        if let Some(entry) = self.links.get_mut(&link.number) {
            // Nobody asks for it again, and the peer may never confirm the end.
            entry.name = String::new();
        }
        self.write(&Performative::Detach(detach), out);
    }

    /// Writes an attach that grants nothing.
    fn write_empty_attach(&mut self, number: u32, out: &mut Outbox) {
        let Some(link) = self.links.get(&number) else {
            return;
        };
        let mut attach = Attach {
            snd_settle_mode: Default::default(),
            rcv_settle_mode: Default::default(),
            ..crate::attach(&link.name, link.role.clone())
        };
        self.complete_attach(number, &mut attach);
        self.write(&Performative::Attach(Box::new(attach)), out);
    }

    /// Detaches from this side. `Detached` is reported once the peer has answered.
    pub(crate) fn detach(
        &mut self,
        link: LinkId,
        closed: bool,
        error: Option<Error>,
        cause: Cause,
        out: &mut Outbox,
    ) {
        let Some(entry) = self.links.get_mut(&link.number) else {
            return;
        };
        match entry.phase {
            LinkPhase::DetachSent => return,
            LinkPhase::AttachReceived => {
                let error = error.unwrap_or_else(|| {
                    violation(AmqpError::NotAllowed, "the link was not accepted")
                });
                self.refuse(link, error, out);
                return;
            }
            LinkPhase::AttachSent | LinkPhase::Attached | LinkPhase::Refused => {}
        }
        entry.phase = LinkPhase::DetachSent;
        entry.local_cause = Some(cause);
        entry.partial = None;
        let handle = Handle(entry.local_handle);
        self.forget_deliveries(link.number);
        let detach = Detach {
            handle,
            closed,
            error,
        };
        self.write(&Performative::Detach(detach), out);
    }

    pub(super) fn handle_attach(
        &mut self,
        attach: Box<Attach>,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        let handle = attach.handle.0;
        if handle > self.handle_max {
            return Err(violation(
                ConnectionError::FramingError,
                format!("handle {handle} is above handle-max"),
            ));
        }
        if self.remote_handles.contains_key(&handle) {
            return Err(violation(
                SessionError::HandleInUse,
                format!("handle {handle} is attached already"),
            ));
        }
        let ours = self.links.iter().find(|(_, link)| {
            link.name == attach.name
                && link.role != attach.role
                && link.remote_handle.is_none()
                && matches!(link.phase, LinkPhase::AttachSent | LinkPhase::DetachSent)
        });
        match ours.map(|(number, _)| *number) {
            Some(number) => self.attach_answered(number, attach, out),
            None => self.attach_requested(attach, out)?,
        }
        Ok(())
    }

    fn attach_answered(&mut self, number: u32, attach: Box<Attach>, out: &mut Outbox) {
        let id = self.link_id(number);
        self.remote_handles.insert(attach.handle.0, number);
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        link.remote_handle = Some(attach.handle.0);
        if link.phase == LinkPhase::DetachSent {
            return;
        }
        let granted = if link.is_sender() {
            attach.target.is_some()
        } else {
            attach.source.is_some()
        };
        if !granted {
            link.phase = LinkPhase::Refused;
            return;
        }
        link.phase = LinkPhase::Attached;
        adopt_peer_terms(link, &attach);
        out.event(Event::Attached { link: id, attach });
    }

    fn attach_requested(&mut self, attach: Box<Attach>, out: &mut Outbox) -> Result<(), Error> {
        let role = match attach.role {
            Role::Sender => Role::Receiver,
            Role::Receiver => Role::Sender,
        };
        let number = self
            .new_link(&attach.name, role, LinkPhase::AttachReceived)
            .ok_or_else(|| violation(AmqpError::ResourceLimitExceeded, "no handle is left"))?;
        self.remote_handles.insert(attach.handle.0, number);
        if let Some(link) = self.links.get_mut(&number) {
            link.remote_handle = Some(attach.handle.0);
            adopt_peer_terms(link, &attach);
        }
        out.event(Event::AttachRequested {
            link: self.link_id(number),
            attach,
        });
        Ok(())
    }

    pub(super) fn handle_detach(&mut self, detach: Detach, out: &mut Outbox) -> Result<(), Error> {
        let (number, link) = self.link_at(detach.handle.0)?;
        if link.phase == LinkPhase::AttachReceived {
            // The peer is owed an answer to its attach as well.
            link.phase = LinkPhase::Refused;
            self.write_empty_attach(number, out);
        }
        let (number, link) = self.link_at(detach.handle.0)?;
        let (phase, local_handle) = (link.phase, link.local_handle);
        let local_cause = link.local_cause.take();
        let answer_due = matches!(phase, LinkPhase::Attached | LinkPhase::Refused);
        if answer_due {
            let answer = Detach {
                handle: Handle(local_handle),
                closed: detach.closed,
                error: None,
            };
            self.write(&Performative::Detach(answer), out);
        }
        self.forget_deliveries(number);
        self.links.remove(&number);
        self.local_handles.remove(&local_handle);
        self.remote_handles.remove(&detach.handle.0);
        let cause = local_cause.unwrap_or(Cause::Detach(detach.error));
        out.event(Event::Detached {
            link: self.link_id(number),
            closed: detach.closed,
            cause,
        });
        Ok(())
    }

    fn new_link(&mut self, name: &str, role: Role, phase: LinkPhase) -> Option<u32> {
        let mut handle = 0;
        for used in self.local_handles.keys() {
            if *used != handle {
                break;
            }
            handle = handle.checked_add(1)?;
        }
        if handle > self.remote_handle_max {
            return None;
        }
        let number = self.next_link;
        self.next_link = number.checked_add(1)?;
        self.local_handles.insert(handle, number);
        self.links.insert(
            number,
            Link {
                name: name.to_owned(),
                role,
                local_handle: handle,
                remote_handle: None,
                phase,
                credit: Credit::default(),
                max_message_size: None,
                local_cause: None,
                queued: 0,
                initial_delivery_count: 0,
                drain_when_sent: false,
                partial: None,
            },
        );
        Some(number)
    }

    /// Fills our attach in and takes over what it fixes for our end.
    fn complete_attach(&mut self, number: u32, attach: &mut Attach) {
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        attach.handle = Handle(link.local_handle);
        if link.is_sender() {
            let initial = attach.initial_delivery_count.unwrap_or(0);
            attach.initial_delivery_count = Some(initial);
            link.initial_delivery_count = initial;
            link.credit.delivery_count = initial;
        } else {
            link.max_message_size = attach.max_message_size.filter(|limit| *limit > 0);
        }
    }

    fn forget_deliveries(&mut self, number: u32) {
        self.outgoing.forget_link(number);
        self.incoming.unsettled.forget_link(number);
    }
}

/// Takes over what the peer's attach fixes for our end.
fn adopt_peer_terms(link: &mut Link, attach: &Attach) {
    if link.is_sender() {
        link.max_message_size = attach.max_message_size.filter(|limit| *limit > 0);
    } else {
        link.credit.delivery_count = attach.initial_delivery_count.unwrap_or(0);
    }
}
