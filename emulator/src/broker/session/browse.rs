//! Looking at sessions without holding them: which there are, and what is in one.

use super::Session;
use crate::broker::queue::{Queue, Stored};
use crate::broker::{Broker, BrokerError, Delivery, QueueRef, Timestamp};

impl Broker {
    /// The ids of sessions, in their order: of those with active messages or a state, or else of
    /// those whose state was changed after an instant.
    pub(crate) fn session_ids(
        &mut self,
        queue: QueueRef,
        changed_after: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<impl Iterator<Item = &str> + '_, BrokerError> {
        self.fire_due(now);
        let queue = self.queue(queue).ok_or(BrokerError::EntityDeleted)?;
        let sessions = queue
            .sessions
            .as_ref()
            .ok_or(BrokerError::SessionsNotSupported)?;
        let listed = move |session: &Session| match changed_after {
            Some(instant) => session.state_changed_at > Some(instant),
            None => session.state.is_some() || session.has_active_messages(),
        };
        Ok(sessions
            .by_id
            .iter()
            .filter(move |(_, session)| listed(session))
            .map(|(id, _)| &**id))
    }

    /// Looks at the messages of a session as [`Broker::peek`] does at all.
    ///
    /// Where the queue has no sessions, those that were sent with the id are meant.
    pub(crate) fn peek_session<'a>(
        &'a mut self,
        queue: QueueRef,
        session: &'a str,
        from: i64,
        now: Timestamp,
    ) -> Result<impl Iterator<Item = Delivery> + 'a, BrokerError> {
        self.fire_due(now);
        let queue = self.queue(queue).ok_or(BrokerError::EntityDeleted)?;
        Ok(queue
            .messages_of(session, from)
            .map(|(sequence, stored)| Delivery::new(sequence, stored, None)))
    }
}

impl Queue {
    /// Messages of a session, or sent with its id, from the number `from` upwards.
    fn messages_of<'a>(
        &'a self,
        session: &'a str,
        from: i64,
    ) -> Box<dyn Iterator<Item = (i64, &'a Stored)> + 'a> {
        let Some(sessions) = &self.sessions else {
            let sent_with = move |stored: &Stored| stored.message.session_id() == Some(session);
            let all = self.messages_from(from);
            return Box::new(all.filter(move |(_, stored)| sent_with(stored)));
        };
        let session = sessions.get(session).into_iter();
        let numbers = session.flat_map(move |session| session.messages.range(from..));
        Box::new(numbers.filter_map(|number| Some((*number, self.messages.get(number)?))))
    }
}

impl Session {
    fn has_active_messages(&self) -> bool {
        let covered = self.lock.as_ref().map(|lock| &lock.covered);
        !self.available.is_empty() || covered.is_some_and(|covered| !covered.is_empty())
    }
}
