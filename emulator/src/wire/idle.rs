//! How long the service keeps what nobody uses, in transport time: connections without a token or a
//! link, and links on which nothing happens.

use std::collections::BTreeMap;
use std::time::Duration;

use servicebus_amqp::LinkId;

use super::peer::{Link, Peer};
use super::refusal::Refusal;
use super::request::Request;
use crate::hub::Hub;

/// A connection must have presented a token so long after it was made (Service Bus docs, AMQP guide).
const TOKEN_GRACE: Duration = Duration::from_secs(20);

/// A connection lasts so long without ever having had a link, and so long once its last one is gone
/// (Service Bus docs, AMQP errors).
const FIRST_LINK_GRACE: Duration = Duration::from_secs(60);
const NEXT_LINK_GRACE: Duration = Duration::from_secs(300);

/// A link on which nothing happens lasts so long (Service Bus docs, AMQP errors).
const LINK_GRACE: Duration = Duration::from_secs(600);

/// A request names the link on whose behalf it is made.
const ASSOCIATED_LINK: &str = "associated-link-name";

/// How a connection stands with these limits.
///
/// Links to `$cbs` do not count: they neither keep a connection alive nor end by being idle.
#[derive(Debug)]
pub(super) struct Idleness {
    /// Until when a token must have come; `None` once one has.
    token_due: Option<Duration>,
    /// Until when there must be a link, and how long that was after there was none.
    link_due: Option<(Duration, Duration)>,
    /// When something last happened on each link that stands or was asked for.
    used: BTreeMap<LinkId, Duration>,
    /// No link is idle for too long before then. A use does not move it: it is found by looking.
    next_look: Option<Duration>,
}

impl Idleness {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            token_due: Some(now.saturating_add(TOKEN_GRACE)),
            link_due: Some((now.saturating_add(FIRST_LINK_GRACE), FIRST_LINK_GRACE)),
            used: BTreeMap::new(),
            next_look: None,
        }
    }

    pub(super) fn token_came(&mut self) {
        self.token_due = None;
    }

    pub(super) fn link_came(&mut self, link: LinkId, now: Duration) {
        self.link_due = None;
        self.used.insert(link, now);
        self.next_look.get_or_insert(now.saturating_add(LINK_GRACE));
    }

    pub(super) fn link_used(&mut self, link: LinkId, now: Duration) {
        if let Some(used) = self.used.get_mut(&link) {
            *used = now;
        }
    }

    pub(super) fn link_gone(&mut self, link: LinkId, now: Duration) {
        if self.used.remove(&link).is_some() && self.used.is_empty() {
            self.link_due = Some((now.saturating_add(NEXT_LINK_GRACE), NEXT_LINK_GRACE));
            self.next_look = None;
        }
    }

    /// When a limit may be reached.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let link_due = self.link_due.map(|(at, _)| at);
        let due = self.token_due.into_iter().chain(link_due);
        due.chain(self.next_look).min()
    }

    /// Why the connection is to be closed; said once.
    fn connection_overdue(&mut self, now: Duration) -> Option<Refusal> {
        let text = if self.token_due.is_some_and(|due| due <= now) {
            "The connection was closed because no valid token was presented within 20 seconds."
                .to_owned()
        } else {
            let (_, grace) = self.link_due.filter(|(due, _)| *due <= now)?;
            format!(
                "The connection was inactive for more than the allowed {} milliseconds and is \
                 closed by container 'LinkTracker'.",
                grace.as_millis()
            )
        };
        (self.token_due, self.link_due) = (None, None);
        Some(Refusal::new("amqp:connection:forced", 408, text))
    }

    /// The links that have been idle for too long.
    fn overdue_links(&mut self, now: Duration) -> Vec<LinkId> {
        if self.next_look.is_none_or(|look| now < look) {
            return Vec::new();
        }
        let end = |used: &Duration| used.saturating_add(LINK_GRACE);
        let ends = self.used.values().map(end);
        self.next_look = ends.filter(|end| now < *end).min();
        let overdue = self.used.iter().filter(|(_, used)| end(used) <= now);
        overdue.map(|(link, _)| *link).collect()
    }
}

impl Peer {
    /// Closes the connection or takes the links that have been idle for too long.
    pub(super) fn end_idle(&mut self, hub: &mut Hub) {
        let now = hub.transport_clock().now();
        if let Some(refusal) = self.idleness.connection_overdue(now) {
            self.close(&refusal, hub);
            return;
        }
        for id in self.idleness.overdue_links(now) {
            match self.links.get(&id) {
                Some(Link::Intake(_) | Link::Requests(_) | Link::Coordinator(_)) => {
                    self.end_idle_link(id, "Publisher", hub)
                }
                Some(Link::Delivery(_) | Link::Replies(_)) => {
                    self.end_idle_link(id, "Consumer", hub)
                }
                // An attach that is not answered yet has a time limit of its own.
                Some(Link::SessionWait(_)) | None => self.idleness.link_came(id, now),
            }
        }
    }

    fn end_idle_link(&mut self, id: LinkId, kind: &str, hub: &mut Hub) {
        let name = self.labels.get(&id).map_or("", |label| label.name());
        let text = format!(
            "The link '{name}' is force detached. Code: {}({name}). Details: \
             AmqpMessage{kind}.IdleTimerExpired: Idle timeout: 00:10:00.",
            kind.to_lowercase()
        );
        let refusal = Refusal::new("amqp:link:detach-forced", 408, text);
        self.detach_with(id, &refusal, hub);
    }

    /// A request is a use of the link that it names as well.
    pub(super) fn use_associated_link(&mut self, request: &Request, hub: &Hub) {
        let now = hub.transport_clock().now();
        for id in self.associated_links(request) {
            self.idleness.link_used(id, now);
        }
    }

    /// The links that go by the name which a request gives.
    pub(super) fn associated_links(&self, request: &Request) -> Vec<LinkId> {
        let name = request.property(ASSOCIATED_LINK);
        let Some(name) = name.and_then(|name| name.as_text()) else {
            return Vec::new();
        };
        let named = self.labels.iter().filter(|(_, label)| label.name() == name);
        named.map(|(id, _)| *id).collect()
    }
}
