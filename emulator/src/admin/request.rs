//! From a request to its answer: who asks, what for, and whether that is allowed.

use hyper::header::{HeaderMap, AUTHORIZATION, HOST, IF_MATCH};
use hyper::http::request::Parts;
use hyper::Method;

use super::answer::Answer;
use super::atom;
use super::fault::Fault;
use super::queues;
use super::target::{Query, Target};
use crate::auth::{Audience, Right};
use crate::hub::Hub;

/// Where Microsoft's emulator says that it is ready.
const HEALTH: &str = "/health";

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
    /// Whether this is an update of what exists already.
    pub(super) if_match: bool,
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
            if_match: headers.contains_key(IF_MATCH),
        }
    }

    /// Does what is asked for.
    pub(super) fn answer(&self, body: &[u8], hub: &mut Hub) -> Answer {
        if self.path == HEALTH && self.query.is_empty() && self.method == Method::GET {
            return Answer::text("Healthy");
        }
        let now = hub.now();
        match self.decide(body, hub) {
            Ok(answer) => answer,
            Err(fault) => Answer::fault(&fault, &self.host, &self.path, now),
        }
    }

    /// The URL that was asked for.
    pub(super) fn url(&self) -> String {
        let (host, path) = (&self.host, &self.path);
        if self.query.is_empty() {
            format!("http://{host}{path}")
        } else {
            format!("http://{host}{path}?{}", self.query)
        }
    }

    fn decide(&self, body: &[u8], hub: &mut Hub) -> Result<Answer, Fault> {
        self.authorize(hub)?;
        Query::parse(&self.query)?;
        let now = hub.now();
        hub.broker.fire_due(now);
        match Target::parse(&self.path) {
            Target::Entity { name } => queues::answer(self, &name, body, hub),
            Target::Root if self.method == Method::PUT => Err(Fault::no_name()),
            Target::Root => Ok(Answer::feed(atom::nothing_listed(now))),
            _ => Err(Fault::not_hosted()),
        }
    }

    /// A token of the management API comes with every request.
    fn authorize(&self, hub: &Hub) -> Result<(), Fault> {
        let token = self.token.as_deref().ok_or_else(Fault::no_token)?;
        let token = token.strip_prefix("Bearer ").unwrap_or(token);
        let audience = Audience::parse(&format!("http://{}{}", self.host, self.path));
        let grant = hub.check_token(token, &audience)?;
        if grant.rights.include(Right::Manage) {
            Ok(())
        } else {
            Err(Fault::no_claim())
        }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.trim().to_owned())
}
