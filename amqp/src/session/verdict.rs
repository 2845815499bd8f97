//! Dispositions, ours and the peer's (AMQP 1.0, 2.6.12).

use crate::event::{DeliveryId, Event, LinkId};
use crate::outbox::Outbox;
use crate::settlement::HeldDisposition;
use crate::types::definitions::{AmqpError, Error, Role};
use crate::types::messaging::DeliveryState;
use crate::types::performatives::Disposition;

use super::{violation, Session};

/// The state of a disposition is repeated for each delivery that it names. The most bytes that this
/// may come to: a long state for one, or a short one for very many.
const MAX_REPEATED: usize = 16 * 1024 * 1024;

impl Session {
    /// States our verdict on a delivery of either direction. It is held back until something else
    /// is written or the connection is flushed, so that equal ones in a row leave as one range.
    /// False where the delivery is unknown or settled.
    pub(crate) fn dispose(
        &mut self,
        link: LinkId,
        id: DeliveryId,
        state: Option<DeliveryState>,
        settled: bool,
        out: &mut Outbox,
    ) -> bool {
        let Some(role) = self.attached(link).map(|link| link.role.clone()) else {
            return false;
        };
        let unsettled = match role {
            Role::Sender => self.outgoing.unsettled().0,
            Role::Receiver => &mut self.incoming.unsettled,
        };
        if !unsettled.contains(id.0, link.number) {
            return false;
        }
        if settled {
            unsettled.remove(id.0);
        }
        let next = HeldDisposition::new(role, id.0, settled, state);
        let joined = self.held.as_mut().is_some_and(|held| held.extend(&next));
        if !joined {
            self.write_held(out);
            self.held = Some(next);
        }
        true
    }

    pub(super) fn handle_disposition(
        &mut self,
        disposition: &Disposition,
        length: usize,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        let (unsettled, near) = match disposition.role {
            Role::Receiver => self.outgoing.unsettled(),
            Role::Sender => {
                let near = self.incoming.near();
                (&mut self.incoming.unsettled, near)
            }
        };
        let named = unsettled.named_by(disposition, near).ok_or_else(|| {
            violation(
                AmqpError::InvalidField,
                "the range of a disposition runs backwards",
            )
        })?;
        if named.len().saturating_mul(length) > MAX_REPEATED {
            return Err(violation(
                AmqpError::ResourceLimitExceeded,
                "the state of a disposition is too long for so many deliveries",
            ));
        }
        if disposition.settled {
            for (id, _) in &named {
                unsettled.remove(*id);
            }
        }
        for (id, link) in named {
            out.event(Event::Disposition {
                link: self.link_id(link),
                id: DeliveryId(id),
                state: disposition.state.clone(),
                settled: disposition.settled,
            });
        }
        Ok(())
    }
}
