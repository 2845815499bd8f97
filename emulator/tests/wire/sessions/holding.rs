//! What a holder receives, and how it loses its session.

use serde_amqp::Value;
use servicebus_amqp::types::definitions::SenderSettleMode;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, Modified};
use servicebus_emulator::{Emulator, SubscriptionOptions};

use super::{
    answered, ask, assert_error, detach, granted, holder, named, next_within, send,
    session_receiver, setup, text_of, LOCK,
};
use crate::messages::{entry, text, Arrived};
use crate::operations::{dispose, token};
use crate::peer::Peer;

fn accepted() -> DeliveryState {
    DeliveryState::Accepted(Accepted {})
}

#[test]
fn messages_of_a_session_come_in_order_and_carry_no_end_of_a_lock() {
    let (_emulator, mut peer) = setup();
    send(&mut peer, "mine", &["1", "2"]);
    send(&mut peer, "other", &["x"]);
    send(&mut peer, "mine", &["3"]);
    let link = holder(&mut peer, "mine", 10);
    for expected in ["1", "2", "3"] {
        let delivery = peer.receive(link);
        let message = Arrived::new(&delivery);
        assert_eq!(message.text(), expected);
        let stamps = message.message_annotations();
        assert!(
            stamps.iter().all(|(key, _)| key != "x-opt-locked-until"),
            "{stamps:?}"
        );
        let Value::Uuid(_) = entry(&message.delivery_annotations(), "x-opt-lock-token") else {
            panic!("no lock token: {message:?}");
        };
        assert_eq!(peer.settle(link, &delivery, accepted()), accepted());
    }
    assert!(peer.receives_nothing(link), "the other session is not ours");
}

#[test]
fn an_abandoned_message_comes_again_before_those_behind_it() {
    let (_emulator, mut peer) = setup();
    send(&mut peer, "mine", &["1", "2", "3"]);
    let link = holder(&mut peer, "mine", 2);
    let first = peer.receive(link);
    peer.receive(link);
    let abandoned = DeliveryState::Modified(Modified {
        delivery_failed: None,
        undeliverable_here: None,
        message_annotations: None,
    });
    peer.settle(link, &first, abandoned);
    peer.connection.set_credit(link, 2);
    let again = Arrived::new(&peer.receive(link));
    assert_eq!((again.text().as_str(), again.delivery_count()), ("1", 1));
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "3");
}

#[test]
fn receive_and_delete_takes_a_session_too() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["1", "2", "3"]);
    let mut attach = session_receiver(named("mine"));
    attach.snd_settle_mode = SenderSettleMode::Settled;
    let link = peer.attach(attach).unwrap();
    peer.connection.set_credit(link, 2);
    for expected in ["1", "2"] {
        let delivery = peer.receive(link);
        assert!(delivery.settled);
        assert_eq!(Arrived::new(&delivery).text(), expected);
    }
    assert_eq!(emulator.counts("orders").unwrap().active, 1);
}

#[test]
fn a_link_whose_session_lock_runs_out_is_detached_and_its_deliveries_count() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["1", "2"]);
    let link = holder(&mut peer, "mine", 1);
    let delivery = peer.receive(link);
    let requests = peer.request_links("orders/$management", "answers");
    emulator.advance(LOCK);
    let text = "The session lock has expired on the MessageSession. Accept a new MessageSession.";
    assert_error(
        &peer.detached(link),
        "com.microsoft:session-lock-lost",
        text,
    );

    let late = dispose(
        &mut peer,
        requests,
        &[token(&delivery)],
        "completed",
        |_| {},
    );
    let condition = late.condition.as_deref();
    let expected = (410, Some("com.microsoft:session-lock-lost"));
    assert_eq!((late.status, condition), expected, "{late:?}");

    let link = holder(&mut peer, "mine", 2);
    for (text, count) in [("1", 1), ("2", 0)] {
        let message = Arrived::new(&peer.receive(link));
        assert_eq!(
            (message.text().as_str(), message.delivery_count()),
            (text, count)
        );
    }
}

/// The verdict reaches the emulator before it has noticed how late it is.
#[test]
fn a_verdict_that_comes_too_late_is_refused_and_the_link_goes() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["1"]);
    let link = holder(&mut peer, "mine", 1);
    let delivery = peer.receive(link);
    peer.connection
        .dispose(link, delivery.id, Some(accepted()), false);
    emulator.advance(LOCK);
    peer.flush();
    assert_error(
        &peer.detached(link),
        "com.microsoft:session-lock-lost",
        "expired",
    );
    assert_eq!(emulator.counts("orders").unwrap().active, 1);
}

#[test]
fn closing_a_link_frees_its_session_at_once_and_counts_nothing() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["1", "2"]);
    let link = holder(&mut peer, "mine", 2);
    peer.receive(link);
    detach(&mut peer, link);
    assert_eq!(emulator.counts("orders").unwrap().locked, 0);
    let mut other = Peer::authorized(&emulator, &["orders"]);
    let link = holder(&mut other, "mine", 2);
    for text in ["1", "2"] {
        let message = Arrived::new(&other.receive(link));
        assert_eq!(
            (message.text().as_str(), message.delivery_count()),
            (text, 0)
        );
    }
}

#[test]
fn a_connection_that_is_cut_frees_its_sessions() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["1"]);
    let link = holder(&mut peer, "mine", 1);
    peer.receive(link);
    let mut other = Peer::authorized(&emulator, &["orders"]);
    let next = ask(&mut other, next_within(60_000));
    peer.cut();
    answered(&mut other, next);
    other.connection.set_credit(next, 1);
    assert_eq!(Arrived::new(&other.receive(next)).delivery_count(), 0);
}

#[test]
fn a_message_that_arrives_while_the_session_is_held_is_delivered() {
    let (emulator, mut peer) = setup();
    let link = holder(&mut peer, "mine", 1);
    let mut sender = Peer::authorized(&emulator, &["orders"]);
    let intake = sender.sender("orders").unwrap();
    sender.send(intake, &text_of("mine", "x"));
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "x");
}

#[test]
fn one_connection_holds_many_sessions() {
    let (_emulator, mut peer) = setup();
    let mut links = Vec::new();
    for number in 0..40 {
        let session = number.to_string();
        let mut attach = session_receiver(named(&session));
        attach.name.clone_from(&session);
        let link = peer.attach(attach).unwrap();
        peer.connection.set_credit(link, 1);
        links.push((session, link));
    }
    let intake = peer.sender("orders").unwrap();
    for (session, _) in links.iter().rev() {
        peer.send(intake, &text_of(session, session));
    }
    for (session, link) in links {
        assert_eq!(Arrived::new(&peer.receive(link)).text(), session);
    }
}

#[test]
fn a_subscription_has_sessions_of_its_own() {
    let emulator = Emulator::builder()
        .topic("news")
        .subscription_with(
            "news",
            "grouped",
            SubscriptionOptions::new().requires_session(true),
        )
        .subscription("news", "plain")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["news"]);
    let intake = peer.sender("news").unwrap();
    peer.send(intake, &text_of("mine", "x"));
    peer.send(intake, &text("without a session"));
    let mut attach = session_receiver(named("mine"));
    let source = attach.source.as_mut().unwrap();
    source.address = Some("news/Subscriptions/grouped".to_owned());
    let link = peer.attach(attach).unwrap();
    peer.connection.set_credit(link, 5);
    let delivery = peer.receive(link);
    assert_eq!(Arrived::new(&delivery).text(), "x");
    assert_eq!(peer.settle(link, &delivery, accepted()), accepted());
    assert!(peer.receives_nothing(link));

    let plain = peer.receiver("news/Subscriptions/plain", 2);
    for text in ["x", "without a session"] {
        assert_eq!(Arrived::new(&peer.receive(plain)).text(), text);
    }
    let dead = peer.receiver("news/Subscriptions/grouped/$DeadLetterQueue", 1);
    let properties = Arrived::new(&peer.receive(dead)).application_properties();
    let reason = Value::String("Session id is null.".to_owned());
    assert_eq!(entry(&properties, "DeadLetterReason"), reason);
}

#[test]
fn a_link_that_takes_the_place_of_another_may_have_its_session() {
    let (_emulator, mut peer) = setup();
    let first = holder(&mut peer, "a", 0);
    let session = peer.session();
    let attach = session_receiver(named("a"));
    let second = peer.connection.attach(session, attach).unwrap();
    assert_eq!(granted(&answered(&mut peer, second)), "a");
    let error = peer.detached(first);
    assert_error(&error, "Stolen", "Another link of the name");
}

#[test]
fn a_link_that_waits_can_lose_its_place_as_well() {
    let (_emulator, mut peer) = setup();
    let waiting = peer.ask_for(next_within(60_000));
    let session = peer.session();
    peer.connection
        .attach(session, next_within(60_000))
        .unwrap();
    let error = peer.detached(waiting);
    assert_error(&error, "Stolen", "Another link of the name");
}
