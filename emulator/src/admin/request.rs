//! From a request to its answer: who asks, what for, and whether that is allowed.

use hyper::header::{HeaderMap, AUTHORIZATION, HOST, IF_MATCH};
use hyper::http::request::Parts;
use hyper::Method;

use super::answer::Answer;
use super::fault::Fault;
use super::feed::nothing_listed;
use super::instant;
use super::subscriptions::{self, Place};
use super::target::{Query, Target};
use super::{control, entities, namespace_info, rules};
use crate::auth::{Audience, Grant, Right, TokenError};
use crate::broker::EntitySettings;
use crate::hub::Hub;

/// Where Microsoft's emulator says that it is ready.
const HEALTH: &str = "/health";

/// Where a client proves that it may send to another entity, and to one for dead letters.
const FORWARDING_TOKENS: [&str; 2] = [
    "ServiceBusSupplementaryAuthorization",
    "ServiceBusDlqSupplementaryAuthorization",
];

/// What of a request's head matters.
#[derive(Debug)]
pub(super) struct Inquiry {
    pub(super) method: Method,
    /// Host and port as the client wrote them; empty if it wrote none.
    pub(super) host: String,
    /// The path, still escaped.
    pub(super) path: String,
    /// The query, still escaped.
    pub(super) query: String,
    token: Option<String>,
    /// Proof that the client may send to where an entity forwards its messages, and its dead letters.
    forwarding_tokens: [Option<String>; 2],
    if_match: Option<String>,
}

impl Inquiry {
    pub(super) fn new(head: &Parts) -> Self {
        let headers = &head.headers;
        let authority = head.uri.authority().map(|host| host.as_str().to_owned());
        let host = authority.or_else(|| text(headers, HOST.as_str()));
        Self {
            method: head.method.clone(),
            host: host.unwrap_or_default(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            token: text(headers, AUTHORIZATION.as_str()),
            forwarding_tokens: FORWARDING_TOKENS.map(|name| text(headers, name)),
            if_match: text(headers, IF_MATCH.as_str()),
        }
    }

    /// A request of the newest version without a token.
    pub(super) fn plain(method: &str, path: &str, if_match: bool) -> Self {
        Self {
            method: method.parse().unwrap_or_default(),
            host: "localhost".to_owned(),
            path: path.to_owned(),
            query: "api-version=2024-05".to_owned(),
            token: None,
            forwarding_tokens: [None, None],
            if_match: if_match.then(|| "*".to_owned()),
        }
    }

    /// Whether this is an update of what exists already.
    pub(super) fn is_update(&self) -> bool {
        self.if_match.is_some()
    }

    /// Refuses an update of another version of an entity than the present one (RFC 9110, 13.1.1).
    fn check_version(&self, present: Option<&str>) -> Result<(), Fault> {
        let (Some(wanted), Some(present)) = (&self.if_match, present) else {
            return Ok(());
        };
        let mut tags = wanted.split(',').map(|tag| tag.trim().trim_matches('"'));
        if tags.any(|tag| tag == "*" || tag == present) {
            return Ok(());
        }
        Err(Fault::other_version())
    }

    /// Refuses unless the client has proved that it may send to the places where an entity is to
    /// forward its messages and its dead letters, each in a header of its own. The token of the
    /// request does not count for that.
    pub(super) fn check_forwarding(
        &self,
        settings: &EntitySettings,
        hub: &Hub,
    ) -> Result<(), Fault> {
        let targets = [
            &settings.forward_to,
            &settings.forward_dead_lettered_messages_to,
        ];
        for (target, token) in targets.into_iter().zip(&self.forwarding_tokens) {
            let Some(target) = target else { continue };
            let token = token.as_deref().ok_or_else(Fault::unauthorized)?;
            let grant = self.grant(token, target, hub);
            if !grant.is_ok_and(|grant| grant.rights.include(Right::Send)) {
                return Err(Fault::unauthorized());
            }
        }
        Ok(())
    }

    /// Does what is asked for.
    pub(super) fn answer(&self, body: &[u8], hub: &mut Hub) -> Answer {
        if self.path == HEALTH && self.query.is_empty() && self.method == Method::GET {
            return Answer::text("Healthy");
        }
        if let Some(answer) = control::answer(&self.method, &self.path, body, hub) {
            return answer;
        }
        let now = hub.now();
        hub.broker.fire_due(now);
        let refused = |fault: Fault| Answer::fault(&fault, &self.host, &self.path, now);
        if let Err(fault) = self.authorize(hub) {
            return refused(fault);
        }
        self.run(body, hub)
    }

    /// Does what was found to be allowed.
    pub(super) fn run(&self, body: &[u8], hub: &mut Hub) -> Answer {
        let now = hub.now();
        let refused = |fault: Fault| Answer::fault(&fault, &self.host, &self.path, now);
        let target = Target::parse(&self.path);
        // Of what was there before the request: an update is answered with the old tag.
        let etag = target.root().and_then(|path| hub.broker.entity_state(path));
        let etag = etag.map(|entity| instant::etag(entity.updated_at));
        let answer = self
            .check_version(etag.as_deref())
            .and_then(|()| self.decide(&target, body, hub));
        answer.unwrap_or_else(refused).tagged(etag)
    }

    /// The URL that was asked for, with the slashes of a name as they are.
    pub(super) fn url(&self) -> String {
        let host = &self.host;
        let path = self.path.replace("%2F", "/").replace("%2f", "/");
        if self.query.is_empty() {
            format!("http://{host}{path}")
        } else {
            format!("http://{host}{path}?{}", self.query)
        }
    }

    /// The last segment of the path, in the letters of the client, without a slash behind it.
    pub(super) fn last_segment(&self) -> &str {
        let path = self.path.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or_default()
    }

    /// How another entity is named in a description.
    pub(super) fn entity_url(&self, path: &Option<String>) -> Option<String> {
        let host = self.host.split(':').next().unwrap_or_default();
        path.as_ref().map(|path| format!("sb://{host}/{path}"))
    }

    fn decide(&self, target: &Target, body: &[u8], hub: &mut Hub) -> Result<Answer, Fault> {
        let query = Query::parse(&self.query)?;
        let get = self.method == Method::GET;
        match target {
            Target::Entity { name } => entities::answer(self, query, name, body, hub),
            Target::Queues if get => Ok(entities::list_queues(self, query, hub)),
            Target::Topics if get => Ok(entities::list_topics(self, query, hub)),
            Target::Namespace if get => {
                let (started_at, tier) = (hub.started_at(), hub.broker.tier());
                let document = namespace_info::document(self, started_at, tier);
                Ok(Answer::entry(200, document))
            }
            Target::Subscriptions { topic } => subscriptions::list(self, query, topic, hub),
            Target::Subscription {
                topic,
                subscription,
            } => {
                let place = Place {
                    topic,
                    subscription,
                };
                subscriptions::answer(self, query, place, body, hub)
            }
            Target::Rules {
                topic,
                subscription,
            } => {
                let place = Place {
                    topic,
                    subscription,
                };
                rules::list(self, query, place, hub)
            }
            Target::Rule {
                topic,
                subscription,
                rule,
            } => {
                let place = Place {
                    topic,
                    subscription,
                };
                rules::answer(self, place, rule, body, hub)
            }
            Target::Root if self.method == Method::PUT => Err(Fault::no_name()),
            Target::Root => Ok(Answer::feed(nothing_listed(hub.now()))),
            _ => Err(Fault::not_hosted()),
        }
    }

    /// A token of the management API comes with every request.
    fn authorize(&self, hub: &Hub) -> Result<(), Fault> {
        let token = self.token.as_deref().ok_or_else(Fault::no_token)?;
        let grant = self.grant(token, &self.path, hub)?;
        if grant.rights.include(Right::Manage) {
            Ok(())
        } else {
            Err(Fault::no_claim())
        }
    }

    fn grant(&self, token: &str, path: &str, hub: &Hub) -> Result<Grant, TokenError> {
        let token = token.strip_prefix("Bearer ").unwrap_or(token);
        let path = path.trim_start_matches('/');
        hub.check_token(
            token,
            &Audience::parse(&format!("http://{}/{path}", self.host)),
        )
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.trim().to_owned())
}
