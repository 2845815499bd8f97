//! Rules over `$management`, and the messages that subscriptions get by them.

mod described_rules;
mod initial_rules;
mod listing;
mod refusals;
mod routing;

use servicebus_amqp::writer::Writer;
use servicebus_emulator::Emulator;

use crate::peer::{Answer, Peer, RequestLinks};

const ADD: &str = "com.microsoft:add-rule";
const REMOVE: &str = "com.microsoft:remove-rule";
const ENUMERATE: &str = "com.microsoft:enumerate-rules";

const SUBSCRIPTION: &str = "events/Subscriptions/audit";

fn setup() -> (Emulator, Peer, RequestLinks) {
    let emulator = Emulator::builder()
        .topic("events")
        .subscription("events", "audit")
        .queue("orders")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["events", "orders"]);
    let node = format!("{SUBSCRIPTION}/$management");
    let links = peer.request_links(&node, "answers");
    (emulator, peer, links)
}

fn add(
    peer: &mut Peer,
    links: RequestLinks,
    name: &str,
    description: impl FnOnce(&mut Writer<'_>),
) -> Answer {
    peer.manage(links, ADD, |writer| {
        writer.put_string("rule-name");
        writer.put_string(name);
        writer.put_string("rule-description");
        writer.put_map(description);
    })
}

/// Writes an entry whose value is a map of texts.
fn put_texts(key: &str, entries: &[(&str, &str)], writer: &mut Writer<'_>) {
    writer.put_string(key);
    writer.put_map(|writer| {
        for (key, text) in entries {
            writer.put_string(key);
            writer.put_string(text);
        }
    });
}

fn add_sql(
    peer: &mut Peer,
    links: RequestLinks,
    name: &str,
    filter: &str,
    action: Option<&str>,
) -> Answer {
    add(peer, links, name, |writer| {
        put_texts("sql-filter", &[("expression", filter)], writer);
        match action {
            Some(action) => put_texts("sql-rule-action", &[("expression", action)], writer),
            // As .NET says that there is none.
            None => {
                writer.put_string("sql-rule-action");
                writer.put_null();
            }
        }
    })
}

fn remove(peer: &mut Peer, links: RequestLinks, name: &str) -> Answer {
    peer.manage(links, REMOVE, |writer| {
        writer.put_string("rule-name");
        writer.put_string(name);
    })
}

fn enumerate(peer: &mut Peer, links: RequestLinks, skip: i32, top: i32) -> Answer {
    peer.manage(links, ENUMERATE, |writer| {
        writer.put_string("top");
        writer.put_int(top);
        writer.put_string("skip");
        writer.put_int(skip);
    })
}
