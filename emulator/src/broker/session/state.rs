//! What a session remembers for whoever holds it next.

use bytes::Bytes;

use crate::broker::queue::{Queue, Step};
use crate::broker::{Broker, BrokerError, ConsumerId, Timestamp};
use crate::journal::Happening;

impl Broker {
    /// The state of the session that a consumer holds; `None` where none is set.
    pub(crate) fn session_state(
        &mut self,
        holder: ConsumerId,
        now: Timestamp,
    ) -> Result<Option<Bytes>, BrokerError> {
        self.with(holder, now, |queue, _| {
            let session = queue.held_session(holder)?;
            Some(queue.sessions.as_ref()?.get(&session)?.state.clone())
        })
        .flatten()
        .ok_or(BrokerError::SessionLockLost)
    }

    /// Sets the state of the session that a consumer holds, or clears it.
    ///
    /// It outlives the lock and the messages. It may be as large as a message.
    pub(crate) fn set_session_state(
        &mut self,
        holder: ConsumerId,
        state: Option<Bytes>,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        let limit = self.tier.max_message_size();
        let size = state.as_ref().map_or(0, Bytes::len);
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        if size > limit {
            return Err(BrokerError::SessionStateTooLarge { size, limit });
        }
        self.with(holder, now, |queue, step| {
            queue.set_session_state(holder, state, step)
        })
        .flatten()
        .ok_or(BrokerError::SessionLockLost)
    }
}

impl Queue {
    fn set_session_state(
        &mut self,
        holder: ConsumerId,
        state: Option<Bytes>,
        step: &mut Step<'_>,
    ) -> Option<()> {
        let id = self.held_session(holder)?;
        let session = self.sessions.as_mut()?.by_id.get_mut(&id)?;
        let length = |state: &Option<Bytes>| state.as_ref().map_or(0, Bytes::len);
        let sizes = [&session.state, &state].map(|state| u64::try_from(length(state)));
        session.state = state;
        session.state_changed_at = Some(step.now);
        let [before, after] = sizes.map(|size| size.unwrap_or(u64::MAX));
        self.resize(before, after);
        self.record_session(&id, Happening::StateSet, step);
        Some(())
    }
}
