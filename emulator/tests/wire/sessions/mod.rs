//! Receivers of sessions: how they get one, what they may do with it, and how they lose it.

mod accepting;
mod holding;
mod listing;
mod requests;
mod waiting;

use std::time::Duration;

use serde_amqp::described::Described;
use serde_amqp::descriptor::Descriptor;
use serde_amqp::primitives::Symbol;
use serde_amqp::Value;
use servicebus_amqp::descriptor::PROPERTIES;
use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{Event, LinkId};
use servicebus_emulator::{Emulator, QueueOptions};

use crate::messages::{section, text};
use crate::peer::{receiver, Peer};

const LOCK: Duration = Duration::from_secs(60);
const FILTER: &str = "com.microsoft:session-filter";
const TIMEOUT: &str = "com.microsoft:timeout";

/// An emulator whose queue requires sessions, and a peer that may use it. Message time stands still.
fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder()
        .queue_with("orders", QueueOptions::new().requires_session(true))
        .start()
        .unwrap();
    emulator.freeze();
    let peer = Peer::authorized(&emulator, &["orders"]);
    (emulator, peer)
}

/// A message of a session.
fn text_of(session: &str, body: &str) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend(section(PROPERTIES, |writer| {
        writer.put_list(|writer| {
            for _ in 0..10 {
                writer.put_null();
            }
            writer.put_string(session);
        });
    }));
    message.extend(text(body));
    message
}

fn send(peer: &mut Peer, session: &str, bodies: &[&str]) {
    let link = peer.sender("orders").unwrap();
    for body in bodies {
        peer.send(link, &text_of(session, body));
    }
}

/// The attach of a link that asks for a session by a filter of this value.
fn session_receiver(filter: Value) -> Attach {
    let mut attach = receiver("orders");
    let filters = &mut attach.source.as_mut().unwrap().filter;
    let filters = filters.get_or_insert_default();
    filters.insert(Symbol::from(FILTER), filter);
    attach
}

/// The attach of a link that asks for any session, and would wait for so many milliseconds.
fn next_within(millis: u32) -> Attach {
    let mut attach = session_receiver(Value::Null);
    let properties = attach.properties.get_or_insert_default();
    properties.insert(Symbol::from(TIMEOUT), Value::Uint(millis));
    attach
}

fn named(session: &str) -> Value {
    Value::String(session.to_owned())
}

fn described(descriptor: Descriptor, value: Value) -> Value {
    Value::Described(Box::new(Described { descriptor, value }))
}

/// Asks for a link, which may not be answered yet.
fn ask(peer: &mut Peer, attach: Attach) -> LinkId {
    peer.ask_for(attach)
}

/// The emulator's attach in answer to ours.
fn answered(peer: &mut Peer, link: LinkId) -> Attach {
    peer.wait("attach", |event| match event {
        Event::Attached {
            link: attached,
            attach,
        } if *attached == link => Some((**attach).clone()),
        _ => None,
    })
}

fn is_unanswered(peer: &mut Peer, link: LinkId) -> bool {
    peer.is_silent(|event| match event {
        Event::Attached { link: of, .. } | Event::Detached { link: of, .. } => {
            (*of == link).then_some(())
        }
        _ => None,
    })
}

fn id(value: &Value) -> String {
    match value {
        Value::String(session) => session.clone(),
        other => panic!("granted {other:?}"),
    }
}

/// The session that an attach grants.
fn granted(attach: &Attach) -> String {
    let filters = attach
        .source
        .as_ref()
        .and_then(|source| source.filter.as_ref());
    match filters.and_then(|filters| filters.get(&Symbol::from(FILTER))) {
        Some(Value::Described(described)) => id(&described.value),
        Some(value) => id(value),
        None => panic!("nothing is granted: {attach:?}"),
    }
}

/// A link that holds a session.
fn holder(peer: &mut Peer, session: &str, credit: u32) -> LinkId {
    let link = ask(peer, session_receiver(named(session)));
    assert_eq!(granted(&answered(peer, link)), session);
    peer.connection.set_credit(link, credit);
    peer.flush();
    link
}

fn detach(peer: &mut Peer, link: LinkId) {
    peer.connection.detach(link, true, None);
    peer.wait("detach", |event| match event {
        Event::Detached { link: gone, .. } => (*gone == link).then_some(()),
        _ => None,
    });
}

fn assert_error(error: &Error, condition: &str, text: &str) {
    let shown = format!("{:?}", error.condition);
    assert!(shown.contains(condition), "{condition}: {error:?}");
    let description = error.description.as_deref().unwrap_or_default();
    assert!(description.contains(text), "{text}: {description}");
    assert!(description.contains("TrackingId:"), "{description}");
}
