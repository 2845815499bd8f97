//! What is answered to a request, apart from how it is sent.

use crate::broker::Timestamp;

use super::fault::Fault;

/// The media types of bodies.
const ENTRY: &str = "application/atom+xml;type=entry;charset=utf-8";
const FEED: &str = "application/atom+xml;type=feed;charset=utf-8";
const JSON: &str = "application/json";
const XML: &str = "application/xml; charset=utf-8";

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    /// The media type of the body; none without a body.
    pub(super) media_type: Option<&'static str>,
    pub(super) body: String,
}

impl Answer {
    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            etag: None,
            media_type: None,
            body: String::new(),
        }
    }

    pub(super) fn entry(status: u16, body: String) -> Self {
        Self::of(status, ENTRY, body)
    }

    pub(super) fn feed(body: String) -> Self {
        Self::of(200, FEED, body)
    }

    pub(super) fn text(body: &str) -> Self {
        Self::of(200, "text/plain; charset=utf-8", body.to_owned())
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::of(status, JSON, body.to_string())
    }

    pub(super) fn fault(fault: &Fault, host: &str, path: &str, now: Timestamp) -> Self {
        Self::of(fault.status, XML, fault.body(host, path, now))
    }

    /// The same with the tag of the queue or topic it is about.
    pub(super) fn tagged(mut self, etag: Option<String>) -> Self {
        self.etag = etag;
        self
    }

    fn of(status: u16, media_type: &'static str, body: String) -> Self {
        Self {
            status,
            etag: None,
            media_type: Some(media_type),
            body,
        }
    }
}
