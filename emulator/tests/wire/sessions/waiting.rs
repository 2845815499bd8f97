//! Attaches that are held back until there is a session.

use std::time::Duration;

use serde_amqp::Value;
use servicebus_amqp::{Event, LinkId};
use servicebus_emulator::{EntityStatus, QueueOptions};

use super::{
    answered, ask, assert_error, detach, granted, holder, is_unanswered, next_within, send,
    session_receiver, setup, LOCK,
};
use crate::messages::Arrived;
use crate::peer::Peer;

const LONG: u32 = 3_600_000;

fn waiting(peer: &mut Peer) -> LinkId {
    let link = ask(peer, next_within(LONG));
    assert!(is_unanswered(peer, link), "there is no session yet");
    link
}

#[test]
fn an_attach_waits_until_there_is_a_session() {
    let (emulator, mut peer) = setup();
    let link = waiting(&mut peer);
    let mut other = Peer::authorized(&emulator, &["orders"]);
    send(&mut other, "mine", &["x"]);
    assert_eq!(granted(&answered(&mut peer, link)), "mine");
}

#[test]
fn sessions_that_are_held_are_waited_for_as_well() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["x"]);
    let held = holder(&mut peer, "mine", 0);
    let mut other = Peer::authorized(&emulator, &["orders"]);
    let link = waiting(&mut other);
    detach(&mut peer, held);
    assert_eq!(granted(&answered(&mut other, link)), "mine");
}

#[test]
fn the_service_gives_up_after_65_seconds_if_nothing_else_is_said() {
    let (emulator, mut peer) = setup();
    let link = ask(&mut peer, session_receiver(Value::Null));
    peer.keep_alive();
    emulator.advance_transport(Duration::from_secs(64));
    assert!(is_unanswered(&mut peer, link), "a second is left");
    emulator.advance_transport(Duration::from_secs(1));
    let error = peer.detached(link);
    let text = "The operation did not complete within the allotted timeout of 00:01:05.";
    assert_error(&error, "com.microsoft:timeout", text);
}

#[test]
fn a_wait_is_as_long_as_the_client_says() {
    for (millis, said) in [
        (0, "00:00:00."),
        (1, "00:00:00.0010000."),
        (30, "00:00:00.0300000."),
    ] {
        let (_emulator, mut peer) = setup();
        let refused = peer.attach(next_within(millis)).unwrap_err();
        assert_error(&refused, "com.microsoft:timeout", said);
    }
    let (emulator, mut peer) = setup();
    let link = ask(&mut peer, next_within(90_000));
    peer.keep_alive();
    emulator.advance_transport(Duration::from_secs(80));
    assert!(is_unanswered(&mut peer, link), "ten seconds are left");
    emulator.advance_transport(Duration::from_secs(10));
    assert_error(&peer.detached(link), "com.microsoft:timeout", "00:01:30.");
}

/// The client counts by its own clock.
#[test]
fn message_time_does_not_shorten_a_wait() {
    let (emulator, mut peer) = setup();
    let link = waiting(&mut peer);
    emulator.advance(Duration::from_secs(86_400));
    assert!(is_unanswered(&mut peer, link));
    send(&mut peer, "mine", &["x"]);
    assert_eq!(granted(&answered(&mut peer, link)), "mine");
}

#[test]
fn a_session_without_a_wait_is_granted_if_there_is_one() {
    let (_emulator, mut peer) = setup();
    send(&mut peer, "mine", &["x"]);
    let link = ask(&mut peer, next_within(0));
    assert_eq!(granted(&answered(&mut peer, link)), "mine");
}

#[test]
fn credit_and_a_drain_during_the_wait_are_served_after_it() {
    let (_emulator, mut peer) = setup();
    let link = waiting(&mut peer);
    peer.connection.set_credit(link, 1);
    send(&mut peer, "mine", &["x", "y"]);
    answered(&mut peer, link);
    // What an endpoint grants before the answer stays with it until then.
    peer.connection.set_credit(link, 2);
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "x");
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "y");
    peer.connection.set_credit(link, 5);
    peer.connection.drain(link);
    peer.wait("drained", |event| match event {
        Event::Drained { link: drained } => (*drained == link).then_some(()),
        _ => None,
    });
}

/// Each of these takes the waiting link away in another manner.
#[test]
fn whoever_has_gone_is_not_answered_and_holds_nothing() {
    type Leave = fn(&mut Peer, LinkId);
    let ways: [(&str, Leave); 4] = [
        ("detach", |peer, link| detach(peer, link)),
        ("end", |peer, _| {
            let session = peer.session();
            peer.connection.end(session, None);
            peer.flush();
        }),
        ("close", |peer, _| {
            peer.connection.close(std::time::Instant::now(), None);
            peer.flush();
        }),
        ("cut", |peer, _| peer.cut()),
    ];
    for (how, leave) in ways {
        let (emulator, mut peer) = setup();
        let link = waiting(&mut peer);
        leave(&mut peer, link);
        let mut other = Peer::authorized(&emulator, &["orders"]);
        let next = waiting(&mut other);
        send(&mut other, "mine", &["x"]);
        assert_eq!(granted(&answered(&mut other, next)), "mine", "{how}");
        assert!(
            peer.is_silent(|event| matches!(event, Event::Attached { .. }).then_some(())),
            "answered after {how}"
        );
    }
}

#[test]
fn whoever_waits_longest_is_served_first() {
    let (emulator, mut first) = setup();
    let mut second = Peer::authorized(&emulator, &["orders"]);
    let link = waiting(&mut first);
    let later = waiting(&mut second);
    let mut sender = Peer::authorized(&emulator, &["orders"]);
    send(&mut sender, "a", &["x"]);
    send(&mut sender, "b", &["x"]);
    assert_eq!(granted(&answered(&mut first, link)), "a");
    assert_eq!(granted(&answered(&mut second, later)), "b");
}

#[test]
fn a_wait_ends_with_its_entity() {
    let (emulator, mut peer) = setup();
    let link = waiting(&mut peer);
    emulator.delete_entity("orders").unwrap();
    assert_error(&peer.detached(link), "NotFound", "deleted");
}

#[test]
fn a_wait_ends_when_nothing_may_be_received_any_more() {
    let (emulator, mut peer) = setup();
    let link = waiting(&mut peer);
    let options = QueueOptions::new()
        .requires_session(true)
        .status(EntityStatus::ReceiveDisabled);
    emulator.update_queue("orders", options).unwrap();
    let condition = "com.microsoft:entity-disabled";
    assert_error(&peer.detached(link), condition, "disabled");
}

#[test]
fn a_session_whose_lock_runs_out_goes_to_whoever_waits() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["x"]);
    let held = holder(&mut peer, "mine", 1);
    peer.receive(held);
    let mut other = Peer::authorized(&emulator, &["orders"]);
    let link = waiting(&mut other);
    emulator.advance(2 * LOCK);
    assert_eq!(granted(&answered(&mut other, link)), "mine");
    other.connection.set_credit(link, 1);
    assert_eq!(Arrived::new(&other.receive(link)).delivery_count(), 1);
}
