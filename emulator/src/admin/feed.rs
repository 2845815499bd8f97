//! Atom feeds: a page of a list of entities.

use super::atom::Entry;
use super::instant::seconds;
use super::request::Inquiry;
use super::target::Query;
use super::xml::{self, ATOM};
use crate::broker::Timestamp;
use crate::guid::new_guid;

/// The entities of a list that a page shows.
#[derive(Debug)]
pub(super) struct Feed<'a> {
    pub(super) title: &'static str,
    /// How a link in an entry leads from the list to an entity, but for the name.
    pub(super) link: &'a str,
    /// The path beneath which the entities are, with a slash at its end.
    pub(super) parent: &'a str,
    pub(super) entries: Vec<Entry<'a>>,
}

impl Feed<'_> {
    pub(super) fn document(&self, inquiry: &Inquiry, query: Query, now: Timestamp) -> String {
        let url = inquiry.url();
        let url = xml::text(&url);
        let mut out = format!(
            "<feed xmlns=\"{ATOM}\"><title type=\"text\">{}</title><id>{url}</id>\
             <updated>{}</updated><link rel=\"self\" href=\"{url}\"/>",
            self.title,
            seconds(now)
        );
        let version = query.version.name();
        let base = format!("http://{}", inquiry.host);
        if self.entries.len() >= query.top {
            let path = &inquiry.path;
            let (skip, top) = (query.skip.saturating_add(query.top), query.top);
            let next = format!("{base}{path}?%24skip={skip}&%24top={top}&api-version={version}");
            out.push_str(&format!(
                "<link rel=\"next\" href=\"{}\"/>",
                xml::text(&next)
            ));
        }
        for entry in &self.entries {
            let name = xml::text(entry.title);
            let id = format!("{base}{}{name}?api-version={version}", self.parent);
            let link = format!("{}{name}?api-version={version}", self.link);
            out.push_str(&format!("<entry xml:base=\"{url}\">"));
            entry.append(&id, &link, &mut out);
            out.push_str("</entry>");
        }
        out.push_str("</feed>");
        out
    }
}

/// The feed that the service gives in place of a queue or topic that is not there.
pub(super) fn nothing_listed(now: Timestamp) -> String {
    format!(
        "<feed xmlns=\"{ATOM}\"><title type=\"text\">Publicly Listed Services</title>\
         <subtitle type=\"text\">This is the list of publicly-listed services currently available.\
         </subtitle><id>uuid:{};id=1</id><updated>{}</updated>\
         <generator>Service Bus 1.1</generator></feed>",
        new_guid(),
        seconds(now)
    )
}
