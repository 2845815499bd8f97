//! Links, sessions and connections that the emulator ends.

use servicebus_amqp::{Cause, Event};
use servicebus_emulator::Fault;

use super::{assert_condition, assert_hits, inject, setup};
use crate::messages::text;
use crate::peer::Peer;

const DETACHED: &str = "amqp:link:detach-forced";
const FORCED: &str = "amqp:connection:forced";

#[test]
fn links_that_stand_are_detached_at_once() {
    let (emulator, mut peer) = setup();
    let orders = peer.sender("orders").unwrap();
    let bills = peer.sender("bills").unwrap();
    let fault = inject(&emulator, Fault::detach_link(DETACHED).entity("orders"));
    assert_condition(&peer.detached(orders), "DetachForced");
    assert_hits(&emulator, fault, 1);
    peer.send(bills, &text("untouched"));
    let again = peer.sender("orders").unwrap();
    peer.send(again, &text("it acts on what there was"));
}

#[test]
fn a_detached_receiver_gives_back_what_it_held() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    let receiver = peer.receiver("orders", 0);
    inject(&emulator, Fault::detach_link(DETACHED).receivers());
    peer.detached(receiver);
    peer.send(sender, &text("a"));
    let other = peer.receiver("orders", 1);
    peer.receive(other);
}

#[test]
fn a_link_is_detached_after_some_deliveries() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    for body in ["a", "b", "c"] {
        peer.send(sender, &text(body));
    }
    let fault = Fault::detach_link(DETACHED).receivers().after_deliveries(2);
    let fault = inject(&emulator, fault.times(1));
    let receiver = peer.receiver("orders", 10);
    peer.receive(receiver);
    peer.receive(receiver);
    assert_condition(&peer.detached(receiver), "DetachForced");
    assert_hits(&emulator, fault, 1);
    let again = peer.receiver("orders", 1);
    peer.receive(again);
}

#[test]
fn a_sender_is_detached_after_some_messages() {
    let (emulator, mut peer) = setup();
    let fault = Fault::detach_link("com.microsoft:entity-disabled").senders();
    let fault = inject(&emulator, fault.after_deliveries(2));
    for _ in 0..2 {
        let link = peer.sender("orders").unwrap();
        peer.send(link, &text("a"));
        peer.send(link, &text("b"));
        assert_condition(&peer.detached(link), "com.microsoft:entity-disabled");
    }
    assert_hits(&emulator, fault, 2);
    assert_eq!(emulator.counts("orders").unwrap().active, 4);
}

#[test]
fn a_session_is_ended_with_all_its_links() {
    let (emulator, mut peer) = setup();
    let first = peer.sender("orders").unwrap();
    let second = peer.receiver("bills", 1);
    peer.begin();
    let elsewhere = peer.sender("bills").unwrap();
    let fault = Fault::end_session("amqp:internal-error").entity("orders");
    let fault = inject(&emulator, fault);
    assert_condition(&peer.session_ended(first), "InternalError");
    assert_eq!(second.session(), first.session(), "it went along");
    assert_hits(&emulator, fault, 1);
    peer.send(elsewhere, &text("another session"));
}

#[test]
fn a_session_without_links_is_ended_as_well() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.begin();
    let empty = peer.session();
    let fault = inject(&emulator, Fault::end_session("amqp:internal-error"));
    assert_condition(&peer.session_ended(link), "InternalError");
    peer.wait("end", |event| match event {
        Event::SessionEnded { session, .. } => (*session == empty).then_some(()),
        _ => None,
    });
    assert_hits(&emulator, fault, 2);
}

#[test]
fn a_session_is_ended_after_some_deliveries() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    let fault = Fault::end_session("amqp:internal-error").after_deliveries(1);
    let fault = inject(&emulator, fault);
    peer.send(link, &text("a"));
    assert_condition(&peer.session_ended(link), "InternalError");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn connections_are_closed_at_once() {
    let (emulator, mut peer) = setup();
    let mut other = Peer::connect(&emulator);
    let fault = inject(&emulator, Fault::close_connection(FORCED).connection(1));
    let cause = peer.closed();
    assert!(matches!(cause, Cause::Close(_)), "{cause:?}");
    assert_condition(cause.error().unwrap(), "ConnectionForced");
    assert_hits(&emulator, fault, 1);
    other.keep_alive();
}

#[test]
fn a_connection_is_closed_for_one_of_its_links() {
    let (emulator, mut peer) = setup();
    let mut other = Peer::authorized(&emulator, &["bills"]);
    let spared = other.sender("bills").unwrap();
    peer.sender("orders").unwrap();
    inject(&emulator, Fault::close_connection(FORCED).entity("orders"));
    assert_condition(peer.closed().error().unwrap(), "ConnectionForced");
    other.send(spared, &text("another connection"));
}

#[test]
fn a_connection_is_closed_after_some_deliveries_and_locks_stay() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    for body in ["a", "b", "c"] {
        peer.send(sender, &text(body));
    }
    let fault = Fault::close_connection(FORCED).receivers();
    inject(&emulator, fault.after_deliveries(2));
    let receiver = peer.receiver("orders", 10);
    peer.receive(receiver);
    peer.receive(receiver);
    assert_condition(peer.closed().error().unwrap(), "ConnectionForced");
    let counts = emulator.counts("orders").unwrap();
    assert_eq!((counts.active, counts.locked), (1, 2), "{counts:?}");
}

#[test]
fn connections_made_later_do_not_notice() {
    let (emulator, mut peer) = setup();
    inject(&emulator, Fault::close_connection(FORCED));
    peer.closed();
    let mut later = Peer::connect(&emulator);
    let closed = |event: &Event| matches!(event, Event::Closed { .. }).then_some(());
    assert!(later.is_silent(closed), "{:#?}", emulator.journal());
}
