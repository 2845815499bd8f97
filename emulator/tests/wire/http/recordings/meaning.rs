//! What an answer means, in lines that can be compared: one for each element, by its path, without
//! what differs from one request to the next.

use std::collections::{BTreeSet, HashMap};

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{QName, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

/// Elements whose value is an instant.
const INSTANTS: [&str; 6] = [
    "published",
    "updated",
    "CreatedAt",
    "UpdatedAt",
    "CreatedTime",
    "ModifiedTime",
];

/// The lines of a body; the order of elements of different names does not count.
pub(super) fn lines(body: &str) -> BTreeSet<String> {
    if body.is_empty() {
        return BTreeSet::new();
    }
    let mut walk = Walk::default();
    let mut reader = NsReader::from_str(body);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => walk.open(&start, &reader),
            Event::Empty(start) => {
                walk.open(&start, &reader);
                walk.close();
            }
            Event::End(_) => walk.close(),
            Event::Text(text) => walk.text(&text),
            Event::GeneralRef(name) => match name.resolve_char_ref().unwrap() {
                Some(character) => walk.text(&character.to_string()),
                None => walk.text(quick_xml::escape::resolve_predefined_entity(&name).unwrap()),
            },
            Event::Eof => return walk.lines,
            _ => {}
        }
    }
}

#[derive(Default)]
struct Walk {
    open: Vec<Open>,
    lines: BTreeSet<String>,
}

struct Open {
    path: String,
    name: String,
    text: String,
    /// How many children of each name there are so far.
    children: HashMap<String, usize>,
}

impl Walk {
    fn open(&mut self, start: &BytesStart<'_>, reader: &NsReader<&[u8]>) {
        let name = start.local_name().into_inner().to_owned();
        let path = match self.open.last_mut() {
            None => name.clone(),
            Some(parent) => {
                let count = parent.children.entry(name.clone()).or_default();
                *count += 1;
                match count {
                    1 => format!("{}/{name}", parent.path),
                    more => format!("{}/{name}#{more}", parent.path),
                }
            }
        };
        for attribute in start.attributes() {
            let attribute = attribute.unwrap();
            let key = attribute.key.local_name().into_inner();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
            match key {
                "type" if attribute.key.prefix().is_some() => {
                    let (namespace, kind) = reader.resolver().resolve(QName(&value), false);
                    let namespace = match namespace {
                        ResolveResult::Bound(namespace) => namespace.0,
                        _ => "",
                    };
                    let kind = kind.into_inner();
                    self.lines.insert(format!("{path} is {namespace}#{kind}"));
                }
                "href" | "base" => {
                    let value = resource(&value);
                    self.lines.insert(format!("{path}@{key} = {value}"));
                }
                "rel" => {
                    self.lines.insert(format!("{path}@rel = {value}"));
                }
                _ => {}
            }
        }
        self.open.push(Open {
            path,
            name,
            text: String::new(),
            children: HashMap::new(),
        });
    }

    fn text(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(text);
        }
    }

    fn close(&mut self) {
        let closed = self.open.pop().unwrap();
        if closed.children.is_empty() {
            let value = value(&closed.path, &closed.name, &closed.text);
            self.lines.insert(format!("{} = {value}", closed.path));
        }
    }
}

fn value(path: &str, name: &str, text: &str) -> String {
    match name {
        // Nobody sends or receives here.
        "AccessedAt" => "an instant or never".to_owned(),
        _ if INSTANTS.contains(&name) && text.starts_with("0001-01-01") => "never".to_owned(),
        _ if INSTANTS.contains(&name) => "an instant".to_owned(),
        "id" | "ForwardTo" | "ForwardDeadLetteredMessagesTo" => resource(text),
        "name" | "Name" | "title" if is_namespace(path, text) => "the namespace".to_owned(),
        "Detail" => detail(text),
        _ => text.to_owned(),
    }
}

fn is_namespace(path: &str, text: &str) -> bool {
    path.ends_with("author/name")
        || path.ends_with("NamespaceInfo/Name")
        || text == "sbemulatorns"
        || text.starts_with("sb-t")
}

/// A URL without scheme and host.
fn resource(url: &str) -> String {
    match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path).to_owned(),
        None if url.starts_with("uuid:") => "uuid".to_owned(),
        None => url.to_owned(),
    }
}

/// A description of an error without identifiers and times; where it came from is kept by its form.
fn detail(text: &str) -> String {
    let (text, rest) = text.split_once("TrackingId:").unwrap_or((text, ""));
    let tracker = rest
        .split_once("SystemTracker:")
        .map_or("", |(_, rest)| rest);
    let tracker = tracker.split(", Timestamp:").next().unwrap_or_default();
    let tracker = match tracker.split_once(':') {
        None => tracker.to_owned(),
        Some((_, rest)) => format!("here:{rest}"),
    };
    let text = match text.split_once("identifier '") {
        Some((before, _)) => before.to_owned(),
        None => match text.split_once(":Topic:") {
            Some((before, after)) => {
                let (before, _) = before.rsplit_once('\'').unwrap_or((before, ""));
                format!("{before}'here:Topic:{after}")
            }
            None => text.to_owned(),
        },
    };
    format!("{} [{tracker}]", text.trim_end().replace("\r\n", "\n"))
}
