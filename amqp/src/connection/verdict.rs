//! Verdicts of this side on deliveries.

use crate::event::{DeliveryId, LinkId, SessionId};
use crate::types::messaging::DeliveryState;

use super::{live, Connection};

impl Connection {
    /// States a verdict on a delivery, received or sent. Equal verdicts on deliveries in a row leave as
    /// one range. False where the delivery is unknown, settled, or its link gone.
    pub fn dispose(
        &mut self,
        link: LinkId,
        id: DeliveryId,
        state: Option<DeliveryState>,
        settled: bool,
    ) -> bool {
        live(self.phase, &mut self.sessions, link.session)
            .is_some_and(|session| session.dispose(link, id, state, settled, &mut self.out))
    }

    /// Keeps the verdicts stated so far apart from later ones, which begin another range.
    pub fn end_range(&mut self, session: SessionId) {
        if let Some(session) = live(self.phase, &mut self.sessions, session) {
            session.write_held(&mut self.out);
        }
    }
}
