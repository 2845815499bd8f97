//! Who gets the next message: credit in order of arrival, messages in order of their numbers.

use super::capacity::check_receivers;
use super::consumer::{Consumer, ReceiveMode, Scope};
use super::queue::{Hold, Queue, Step, Stored};
use super::{BrokerError, ConsumerId, Delivery, Lock};
use crate::journal::Happening;

impl Queue {
    pub(super) fn attach(&mut self, id: ConsumerId, mode: ReceiveMode) -> Result<(), BrokerError> {
        if self.sessions.is_some() {
            return Err(BrokerError::SessionRequired);
        }
        check_receivers(self.consumers.len())?;
        self.consumers.insert(id, Consumer::new(mode, Scope::Queue));
        Ok(())
    }

    /// Removes a consumer; what its connection has not taken is available again and nothing counts.
    pub(super) fn detach(&mut self, id: ConsumerId, step: &mut Step<'_>) {
        self.part_with(id, step);
        self.dispatch(step);
    }

    /// Removes every consumer; the caller dispatches, once all they had is in its place again.
    pub(super) fn detach_all(&mut self, step: &mut Step<'_>) {
        let consumers: Vec<ConsumerId> = self.consumers.keys().copied().collect();
        for id in consumers {
            self.part_with(id, step);
        }
    }

    fn part_with(&mut self, id: ConsumerId, step: &mut Step<'_>) {
        let Some(consumer) = self.consumers.remove(&id) else {
            return;
        };
        self.line.retain(|waiting| *waiting != id);
        self.leave_session(id, &consumer.scope, step);
        for sequence in consumer.outbox {
            self.free(sequence, step);
        }
    }

    /// Sets how many messages a consumer may still take.
    ///
    /// Assigned messages that the new credit does not cover are available again.
    pub(super) fn set_credit(&mut self, id: ConsumerId, credit: u32, step: &mut Step<'_>) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        consumer.credit = credit;
        consumer.draining = false;
        let covered = usize::try_from(credit).unwrap_or(usize::MAX);
        let excess = consumer
            .outbox
            .split_off(covered.min(consumer.outbox.len()));
        consumer.turn = consumer.turn.min(consumer.wants());
        if consumer.turn == 0 {
            self.line.retain(|waiting| *waiting != id);
        }
        for sequence in excess {
            self.free(sequence, step);
        }
        self.join_line(id);
        self.dispatch(step);
    }

    /// Asks for the consumer's credit to be used up: by what is available, the rest by giving it up.
    pub(super) fn drain(&mut self, id: ConsumerId) {
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.draining = true;
        }
    }

    /// Says once that a drain is complete, and takes the rest of the credit.
    pub(super) fn finish_drain(&mut self, id: ConsumerId) -> bool {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return false;
        };
        let finished = consumer.draining && consumer.outbox.is_empty();
        if finished {
            consumer.draining = false;
            consumer.credit = 0;
            consumer.turn = 0;
            self.line.retain(|waiting| *waiting != id);
        }
        finished
    }

    /// The next message in a consumer's outbox.
    pub(super) fn next_for(&self, id: ConsumerId) -> Option<&Stored> {
        let sequence = self.consumers.get(&id)?.outbox.front()?;
        self.messages.get(sequence)
    }

    /// Hands out the next message that was assigned to a consumer.
    pub(super) fn take(&mut self, id: ConsumerId, step: &mut Step<'_>) -> Option<Delivery> {
        let consumer = self.consumers.get_mut(&id)?;
        let Some(sequence) = consumer.outbox.pop_front() else {
            consumer.announced = false;
            return None;
        };
        consumer.credit = consumer.credit.saturating_sub(1);
        let refill = consumer.turn == 0 && consumer.has_room() && consumer.wants() > 0;
        let delivery = self.hand_out(sequence, step);
        if refill {
            self.join_line(id);
            self.dispatch(step);
        }
        delivery
    }

    fn hand_out(&mut self, sequence: i64, step: &mut Step<'_>) -> Option<Delivery> {
        let stored = self.messages.get_mut(&sequence)?;
        let lock = match &mut stored.hold {
            Hold::Locked {
                token,
                until,
                outbox,
            } => {
                *outbox = None;
                Some(Lock {
                    token: *token,
                    until: *until,
                })
            }
            // The promise is kept: removing the message must not count as taking it back.
            hold @ (Hold::Free | Hold::Promised { .. }) => {
                *hold = Hold::Free;
                None
            }
        };
        if lock.is_some() {
            let delivery = Delivery::new(sequence, stored, lock);
            self.record(sequence, Happening::Delivered, step);
            return Some(delivery);
        }
        let stored = self.remove(sequence, step)?;
        self.record(sequence, Happening::Removed, step);
        Some(Delivery::new(sequence, &stored, None))
    }

    /// Puts a consumer that wants messages at the end of the line, unless it stands there already.
    ///
    /// Credit that arrives while it stands in line waits for its next turn, behind the credit of others.
    pub(super) fn join_line(&mut self, id: ConsumerId) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        if consumer.turn > 0 || consumer.wants() == 0 {
            return;
        }
        match (&consumer.scope, &mut self.sessions) {
            (Scope::Queue, _) => {
                consumer.turn = consumer.wants();
                self.line.push_back(id);
            }
            (Scope::Session(_), Some(sessions)) => sessions.stir(id),
            // It may get nothing, whatever its credit.
            (_, _) => {}
        }
    }

    /// Assigns available messages to those who wait for them.
    pub(super) fn dispatch(&mut self, step: &mut Step<'_>) {
        if step.passes_on {
            self.let_all_leave(step);
            return;
        }
        self.dispatch_sessions(step);
        while let (Some(sequence), Some(id)) = (self.available.first(), self.line.front()) {
            let (sequence, id) = (*sequence, *id);
            self.assign(sequence, id, step);
            self.use_turn(id);
        }
    }

    /// Puts an available message into the outbox of a consumer.
    pub(super) fn assign(&mut self, sequence: i64, id: ConsumerId, step: &mut Step<'_>) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        consumer.outbox.push_back(sequence);
        if !consumer.announced {
            consumer.announced = true;
            step.effects.ready.push(id);
        }
        let mode = consumer.mode;
        self.make_unavailable(sequence);
        match mode {
            ReceiveMode::PeekLock => {
                self.lock(sequence, Some(id), step);
            }
            ReceiveMode::ReceiveAndDelete => self.promise(sequence, id),
        }
    }

    fn promise(&mut self, sequence: i64, consumer: ConsumerId) {
        if let Some(stored) = self.messages.get_mut(&sequence) {
            stored.hold = Hold::Promised { consumer };
            if let (Some(sessions), Some(session)) = (&mut self.sessions, &stored.session) {
                sessions.cover(session, sequence);
            }
        }
    }

    /// The consumer at the head of the line has got one of the messages that its turn brings.
    fn use_turn(&mut self, id: ConsumerId) {
        let turn = self.consumers.get_mut(&id).map_or(0, |consumer| {
            consumer.turn = consumer.turn.saturating_sub(1).min(consumer.wants());
            consumer.turn
        });
        if turn == 0 {
            self.line.pop_front();
            self.join_line(id);
        }
    }
}
