//! Atom entries and feeds, in the form the service gives them.

use super::fault::Fault;
use super::instant::seconds;
use super::request::Inquiry;
use super::xml::{self, Element, ATOM, CONNECT};
use crate::broker::Timestamp;
use crate::namespace;

/// Takes the description, which must be of one of these kinds, out of the entry that a client sent.
pub(super) fn description(body: &[u8], kinds: &[&str]) -> Result<Element, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::unreadable("it is no UTF-8"))?;
    let entry = xml::read(text).map_err(|error| Fault::unreadable(&error.to_string()))?;
    if !entry.is(ATOM, "entry") {
        return Err(Fault::unreadable("it is no Atom entry"));
    }
    let mut parts = entry.children.into_iter();
    let content = parts.find(|part| part.is(ATOM, "content"));
    let found = content.and_then(|content| content.children.into_iter().next());
    match found {
        Some(found) if kinds.iter().any(|kind| found.is(CONNECT, kind)) => Ok(found),
        _ => Err(Fault::unreadable("it holds another description")),
    }
}

/// The entry of one entity.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// The entity's own name; clients take it from here.
    pub(super) title: &'a str,
    /// Absent in the answer to an update of a queue or topic.
    pub(super) published: Option<Timestamp>,
    pub(super) updated: Timestamp,
    /// Whether the namespace is named as the author, as it is for queues and topics.
    pub(super) author: bool,
    /// The scheme of its URL where it is answered alone: for subscriptions and rules that are only
    /// looked at, the service writes `sb`.
    pub(super) scheme: &'static str,
    pub(super) description: Element,
}

impl Entry<'_> {
    /// The document that answers a request for this entity alone.
    pub(super) fn document(&self, inquiry: &Inquiry) -> String {
        let url = inquiry.url();
        let url = url.replacen("http", self.scheme, 1);
        let url = xml::text(&url);
        let mut out = format!("<entry xmlns=\"{ATOM}\">");
        self.append(&url, &url, &mut out);
        out.push_str("</entry>");
        out
    }

    pub(super) fn append(&self, id: &str, link: &str, out: &mut String) {
        let title = xml::text(self.title);
        out.push_str(&format!(
            "<id>{id}</id><title type=\"text\">{title}</title>"
        ));
        if let Some(published) = self.published {
            out.push_str(&format!("<published>{}</published>", seconds(published)));
        }
        out.push_str(&format!("<updated>{}</updated>", seconds(self.updated)));
        if self.author {
            out.push_str(&format!(
                "<author><name>{}</name></author>",
                namespace::NAME
            ));
        }
        out.push_str(&format!("<link rel=\"self\" href=\"{link}\"/>"));
        out.push_str("<content type=\"application/xml\">");
        xml::write(&self.description, out);
        out.push_str("</content>");
    }
}
