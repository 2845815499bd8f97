//! Attaches that wait for a session: the answer is held back until there is one, or the wait is over.

use std::time::Duration;

use serde_amqp::primitives::Symbol;
use serde_amqp::Value;
use servicebus_amqp::types::definitions::Fields;
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::LinkId;

use super::delivery::DeliveryLink;
use super::peer::{Link, Peer};
use super::refusal::Refusal;
use super::session_filter;
use crate::broker::{BrokerError, ConsumerId, QueueRef, SessionStanding, Timestamp};
use crate::hub::Hub;

const TIMEOUT: &str = "com.microsoft:timeout";
const LOCKED_UNTIL: &str = "com.microsoft:locked-until-utc";

/// How long the service lets a receiver wait that does not say how long it would.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(65);

/// The Unix epoch in ticks of .NET: 100 ns each, since the year 1.
const EPOCH_TICKS: i64 = 621_355_968_000_000_000;
const TICKS_PER_MILLISECOND: i64 = 10_000;

/// A link that the client has asked for and that has not been answered.
#[derive(Debug)]
pub(super) struct SessionWait {
    pub(super) consumer: ConsumerId,
    pub(super) queue: QueueRef,
    attach: Attach,
    timeout: Duration,
    /// When the wait is over, in transport time: the client counts by its own clock.
    deadline: Duration,
}

impl SessionWait {
    pub(super) fn new(
        consumer: ConsumerId,
        queue: QueueRef,
        attach: &Attach,
        timeout: Duration,
        hub: &Hub,
    ) -> Self {
        Self {
            consumer,
            queue,
            attach: attach.clone(),
            timeout,
            deadline: hub.transport_clock().now().saturating_add(timeout),
        }
    }

    /// Whether an attach is for the same link.
    pub(super) fn is_of(&self, attach: &Attach) -> bool {
        self.attach.name == attach.name && self.attach.role == attach.role
    }
}

/// How long a receiver is ready to wait for a session.
pub(super) fn timeout(attach: &Attach) -> Result<Duration, Refusal> {
    let properties = attach.properties.as_ref();
    match properties.and_then(|properties| properties.get(&Symbol::from(TIMEOUT))) {
        None | Some(Value::Null) => Ok(DEFAULT_TIMEOUT),
        Some(Value::Uint(millis)) => Ok(Duration::from_millis(u64::from(*millis))),
        // The service takes no other type either.
        Some(_) => Err(Refusal::argument(format!("{TIMEOUT} is no uint."))),
    }
}

impl Peer {
    /// Keeps an attach until [`Peer::answer_wait`] answers it.
    pub(super) fn hold(&mut self, id: LinkId, wait: SessionWait, hub: &mut Hub) {
        self.consumers.insert(wait.consumer, id);
        self.waits.insert((wait.deadline, id));
        self.links.insert(id, Link::SessionWait(Box::new(wait)));
        self.answer_wait(id, hub);
    }

    /// Grants a link that waits for a session, if it has got one.
    pub(super) fn answer_wait(&mut self, id: LinkId, hub: &mut Hub) {
        let Some(Link::SessionWait(wait)) = self.links.get(&id) else {
            return;
        };
        let now = hub.now();
        match hub.broker.session_standing(wait.consumer, now) {
            Some(SessionStanding::Waiting) => {}
            Some(SessionStanding::Holding { session, until }) => {
                self.grant_session(id, &session, until, hub);
            }
            Some(SessionStanding::Lost) | None => {
                self.refuse_wait(id, &BrokerError::SessionLockLost.into(), hub);
            }
        }
    }

    fn grant_session(&mut self, id: LinkId, session: &str, until: Timestamp, hub: &mut Hub) {
        let Some(Link::SessionWait(wait)) = self.links.remove(&id) else {
            return;
        };
        self.waits.remove(&(wait.deadline, id));
        let mut attach = wait.attach;
        session_filter::grant(&mut attach, session);
        let mut properties = Fields::new();
        let until = Value::Long(ticks(until));
        properties.insert(Symbol::from(LOCKED_UNTIL), until);
        let link = DeliveryLink::of_session(wait.consumer, wait.queue);
        self.idleness.link_used(id, hub.transport_clock().now());
        self.accept(id, attach, properties, Link::Delivery(link), hub);
    }

    /// Refuses the links whose wait for a session is over and was in vain.
    pub(super) fn end_waits(&mut self, hub: &mut Hub) {
        let now = hub.transport_clock().now();
        while let Some((deadline, id)) = self.waits.first().copied() {
            if deadline > now {
                break;
            }
            self.waits.pop_first();
            self.answer_wait(id, hub);
            if let Some(Link::SessionWait(wait)) = self.links.get(&id) {
                let refusal = timed_out(wait.timeout);
                self.refuse_wait(id, &refusal, hub);
            }
        }
    }

    pub(super) fn refuse_wait(&mut self, id: LinkId, refusal: &Refusal, hub: &mut Hub) {
        let Some(Link::SessionWait(wait)) = self.links.get(&id) else {
            return;
        };
        let tracker = hub.tracker(wait.queue);
        let now = hub.now();
        hub.note(self.id, &format!("link refused: {}", refusal.text()));
        self.detached(id, hub);
        self.connection.refuse(id, refusal.error(&tracker, now));
    }

    /// A link that waits for a session is gone, or about to be.
    pub(super) fn wait_ended(&mut self, id: LinkId, wait: &SessionWait) {
        self.waits.remove(&(wait.deadline, id));
    }
}

fn timed_out(timeout: Duration) -> Refusal {
    let seconds = timeout.as_secs();
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let mut span = format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    match timeout.subsec_micros() {
        0 => {}
        micros => span.push_str(&format!(".{micros:06}0")),
    }
    let text = format!(
        "The operation did not complete within the allotted timeout of {span}. The time allotted \
         to this operation may have been a portion of a longer timeout. For more information on \
         exception types and proper exception handling, please refer to \
         https://aka.ms/ServiceBusExceptions ."
    );
    Refusal::new("com.microsoft:timeout", 408, text)
}

fn ticks(instant: Timestamp) -> i64 {
    instant
        .millis()
        .saturating_mul(TICKS_PER_MILLISECOND)
        .saturating_add(EPOCH_TICKS)
}
