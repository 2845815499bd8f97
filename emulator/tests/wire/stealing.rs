//! Links that take the place of others of their name.

use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::types::performatives::Attach;
use servicebus_emulator::Emulator;

use crate::messages::{text, Arrived};
use crate::peer::{receiver, sender, Peer};

fn named(name: &str, attach: Attach) -> Attach {
    let name = name.to_owned();
    Attach { name, ..attach }
}

fn assert_stolen(error: &Error) {
    let shown = format!("{error:?}");
    assert!(shown.to_lowercase().contains("stolen"), "{shown}");
}

#[test]
fn a_link_of_the_same_name_and_direction_takes_the_place_of_the_first() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let other_way = peer.attach(named("link", sender("orders"))).unwrap();
    let first = peer.attach(named("link", receiver("orders"))).unwrap();
    peer.connection.set_credit(first, 1);
    let (session, attach) = (peer.session(), named("link", receiver("orders")));
    let second = peer.connection.attach(session, attach).unwrap();
    assert_stolen(&peer.detached(first));
    peer.send(other_way, &text("a"));
    peer.connection.set_credit(second, 1);
    assert_eq!(Arrived::new(&peer.receive(second)).text(), "a");
}

#[test]
fn on_another_session_or_connection_it_is_another_link() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let first = peer.attach(named("link", sender("orders"))).unwrap();
    peer.begin();
    let second = peer.attach(named("link", sender("orders"))).unwrap();
    let mut other = Peer::authorized(&emulator, &["orders"]);
    let third = other.attach(named("link", sender("orders"))).unwrap();
    peer.send(first, &text("a"));
    peer.send(second, &text("b"));
    other.send(third, &text("c"));
}
