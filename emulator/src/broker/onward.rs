//! Messages that do not stay where they arrive: a topic's go to its subscriptions, a forwarding
//! entity's to another.

use std::collections::BTreeSet;

use super::entity::{Entity, Kind};
use super::queue::{Departed, Leaving, Queue, Step, Stored};
use super::rules::{Failure, Selection};
use super::{path, Broker, BrokerError, EntityId, Part, QueueRef, Timestamp};
use crate::filter::{Arrival, MessageView};
use crate::journal::Happening;
use crate::message::PropertyChanges;

/// How often a message may be forwarded (Service Bus docs, "Chaining entities with autoforwarding").
const MAX_HOPS: u8 = 4;

/// Why a message goes no further.
struct Obstacle {
    reason: &'static str,
    description: String,
}

impl Queue {
    /// A message goes on to other entities, or to the one that its sender wants.
    pub(super) fn leave(
        &mut self,
        sequence: i64,
        stored: Stored,
        destination: Option<EntityId>,
        step: &mut Step<'_>,
    ) {
        self.record(sequence, Happening::PassedOn, step);
        let from = self.id;
        step.effects.leaving.push_back(Leaving {
            from,
            sequence,
            stored,
            destination,
        });
    }

    /// Lets go of what came before the entity passed messages on, and of what was locked then.
    pub(super) fn let_all_leave(&mut self, step: &mut Step<'_>) {
        while let Some(sequence) = self.available.pop_first() {
            if let Some(stored) = self.remove(sequence, step) {
                self.leave(sequence, stored, None, step);
            }
        }
    }
}

impl Broker {
    /// Whether messages may be sent to a queue.
    pub(crate) fn check_sending(&self, queue: QueueRef) -> Result<(), BrokerError> {
        let entity = self
            .entities
            .get(&queue.entity)
            .ok_or(BrokerError::EntityDeleted)?;
        let path = || entity.queue(queue.part).path.to_string();
        if queue.part != Part::Main {
            return Err(BrokerError::SendToSubQueue { path: path() });
        }
        if matches!(entity.kind(), Kind::Subscription { .. }) {
            return Err(BrokerError::SendToSubscription { path: path() });
        }
        if !entity.options().status.can_send() {
            return Err(BrokerError::EntityDisabled { path: path() });
        }
        Ok(())
    }

    /// Whether messages may be received from a queue.
    pub(crate) fn check_receiving(&self, queue: QueueRef) -> Result<(), BrokerError> {
        let entity = self
            .entities
            .get(&queue.entity)
            .ok_or(BrokerError::EntityDeleted)?;
        let path = || entity.queue(queue.part).path.to_string();
        let options = entity.options();
        if matches!(entity.kind(), Kind::Topic { .. }) && queue.part != Part::TransferDeadLetter {
            return Err(BrokerError::ReceiveFromTopic { path: path() });
        }
        if !options.status.can_receive() {
            return Err(BrokerError::EntityDisabled { path: path() });
        }
        let forwards = match queue.part {
            Part::Main => options.forward_to.is_some(),
            Part::DeadLetter => options.forward_dead_lettered_messages_to.is_some(),
            Part::TransferDeadLetter => false,
        };
        if forwards {
            return Err(BrokerError::ReceiveFromForwarding);
        }
        Ok(())
    }

    /// Carries what leaves entities to where it goes, and serves those who wait for it there.
    pub(super) fn pass_on(&mut self, now: Timestamp) {
        if self.effects.leaving.is_empty() {
            return;
        }
        let mut touched = BTreeSet::new();
        self.carry(now, &mut touched);
        self.dispatch(touched, now);
    }

    /// Carries what leaves entities to where it goes; notes which entities got something.
    pub(super) fn carry(&mut self, at: Timestamp, touched: &mut BTreeSet<EntityId>) {
        while let Some(leaving) = self.effects.leaving.pop_front() {
            let Some(entity) = self.entities.get(&leaving.from.entity) else {
                continue;
            };
            match entity.kind() {
                Kind::Topic { subscriptions, .. }
                    if leaving.from.part == Part::Main && leaving.destination.is_none() =>
                {
                    let subscriptions: Vec<EntityId> = subscriptions.values().copied().collect();
                    for subscription in subscriptions {
                        self.distribute(subscription, &leaving, at);
                        touched.insert(subscription);
                    }
                }
                _ => {
                    let reached = self.forward(leaving, at);
                    touched.extend(reached);
                }
            }
        }
    }

    /// Gives a subscription the copies that its rules make of a message that has arrived at its topic.
    fn distribute(&mut self, subscription: EntityId, leaving: &Leaving, at: Timestamp) {
        let Some(entity) = self.entities.get_mut(&subscription) else {
            return;
        };
        let Kind::Subscription { rules, .. } = entity.kind() else {
            return;
        };
        let arrival = Arrival {
            enqueued_at: leaving.stored.enqueued_at.millis(),
            sequence: leaving.sequence,
        };
        let message = &leaving.stored.message;
        let Selection { copies, failure } =
            rules.select(message, &MessageView::new(message, arrival));
        let failure = failure.filter(|_| entity.options().dead_lettering_on_filter_errors);
        let copy = |message| Stored {
            message,
            first_sequence: Some(leaving.stored.first_sequence.unwrap_or(leaving.sequence)),
            ..leaving.stored.clone()
        };
        for message in copies {
            let stored = copy(message);
            match session_obstacle(entity, &stored) {
                Some(obstacle) => {
                    let departed = obstacle.stops(stored, leaving.sequence);
                    entity.set_aside(Part::DeadLetter, departed, at, &mut self.effects);
                }
                None => {
                    let (queue, mut step) = entity.step(Part::Main, at, &mut self.effects);
                    queue.append(stored, &mut step);
                }
            }
        }
        if let Some(failure) = failure {
            let departed = Obstacle::from(failure).stops(copy(message.clone()), leaving.sequence);
            entity.set_aside(Part::DeadLetter, departed, at, &mut self.effects);
        }
    }

    /// Forwards a message, and says which entity got it: the next one, or its own if that cannot be.
    fn forward(&mut self, leaving: Leaving, at: Timestamp) -> Option<EntityId> {
        let Leaving {
            from,
            sequence,
            stored,
            destination,
        } = leaving;
        let source = self.entities.get(&from.entity)?;
        let options = source.options();
        let (target, dead_letter_source) = match from.part {
            Part::Main => (&options.forward_to, stored.dead_letter_source.clone()),
            Part::DeadLetter | Part::TransferDeadLetter => {
                let source = source.queue(Part::Main).path.clone();
                (&options.forward_dead_lettered_messages_to, Some(source))
            }
        };
        let target = match destination {
            Some(id) => Some(id),
            None => {
                let key = path::target_key(target.as_deref()?);
                self.names.get(&key).copied()
            }
        };
        let arriving = Stored {
            first_sequence: Some(stored.first_sequence.unwrap_or(sequence)),
            delivery_count: 0,
            hops: stored.hops.saturating_add(1),
            dead_letter_source,
            enqueued_at: at,
            ..stored
        };
        match self.forward_obstacle(target, &arriving) {
            None => {
                let id = target?;
                let entity = self.entities.get_mut(&id)?;
                let (queue, mut step) = entity.step(Part::Main, at, &mut self.effects);
                queue.arrive(arriving, None, &mut step);
                Some(id)
            }
            Some(obstacle) => {
                let departed = obstacle.stops(arriving, sequence);
                let entity = self.entities.get_mut(&from.entity)?;
                entity.set_aside(Part::TransferDeadLetter, departed, at, &mut self.effects);
                Some(from.entity)
            }
        }
    }

    fn forward_obstacle(&self, target: Option<EntityId>, arriving: &Stored) -> Option<Obstacle> {
        if arriving.hops > MAX_HOPS {
            return Some(Obstacle {
                reason: "MaxTransferHopCountExceeded",
                description: format!(
                    "The maximum number of allowed hops when forwarding between entities has been \
                     exceeded. This value is set to {MAX_HOPS}."
                ),
            });
        }
        let entity = target.and_then(|id| self.entities.get(&id));
        let Some(entity) = entity else {
            return Some(Obstacle {
                reason: "MessagingEntityNotFound",
                description: "The destination of the forwarding does not exist.".to_owned(),
            });
        };
        if !entity.options().status.can_send() {
            let path = entity.queue(Part::Main).path.to_string();
            return Some(Obstacle {
                reason: "MessagingEntityDisabled",
                description: BrokerError::EntityDisabled { path }.to_string(),
            });
        }
        if let Err(full) = self.check_quota(entity.queue(Part::Main).id.entity) {
            return Some(Obstacle {
                reason: "QuotaExceeded",
                description: full.to_string(),
            });
        }
        session_obstacle(entity, arriving)
    }
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Self {
        Self {
            reason: failure.reason,
            description: failure.description,
        }
    }
}

impl Obstacle {
    fn stops(self, stored: Stored, sequence: i64) -> Departed {
        let mut changes = PropertyChanges::default();
        changes.set_text("DeadLetterReason", self.reason);
        changes.set_text("DeadLetterErrorDescription", &self.description);
        Departed {
            stored,
            sequence,
            changes,
        }
    }
}

fn session_obstacle(entity: &Entity, arriving: &Stored) -> Option<Obstacle> {
    let demands = entity.options().requires_session;
    if demands && arriving.message.session_id().is_none() {
        return Some(Obstacle {
            reason: "Session id is null.",
            description: "Session enabled entity doesn't allow a message whose session identifier \
                          is null."
                .to_owned(),
        });
    }
    None
}
