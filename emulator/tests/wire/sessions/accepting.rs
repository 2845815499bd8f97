//! Which session a receiver is granted, and what is refused.

use serde_amqp::descriptor::Descriptor;
use serde_amqp::primitives::{Symbol, Timestamp};
use serde_amqp::Value;
use servicebus_amqp::types::messaging::{DeliveryState, Rejected};
use servicebus_emulator::Emulator;

use super::{
    answered, ask, assert_error, described, granted, named, next_within, send, session_receiver,
    setup, text_of, FILTER, TIMEOUT,
};
use crate::messages::{batch, entry, text, Arrived, BATCH};
use crate::peer::{receiver, Peer};

const CODE: Descriptor = Descriptor::Code(0x0000_0013_7000_000c);

/// Python and .NET write the id as it is, Go and Rust describe it; Go reads nothing else.
#[test]
fn a_session_is_asked_for_in_every_encoding_and_granted_in_the_same() {
    let by_name = || Descriptor::Name(Symbol::from(FILTER));
    let filters = [
        named("mine"),
        Value::Symbol(Symbol::from("mine")),
        described(CODE, named("mine")),
        described(by_name(), named("mine")),
        Value::Null,
        described(CODE, Value::Null),
        described(by_name(), Value::Null),
    ];
    for filter in filters {
        let (_emulator, mut peer) = setup();
        send(&mut peer, "mine", &["x"]);
        let link = ask(&mut peer, session_receiver(filter.clone()));
        let answer = answered(&mut peer, link);
        assert_eq!(granted(&answer), "mine", "{filter:?}");
        let expected = match filter {
            Value::Described(described) => super::described(described.descriptor, named("mine")),
            _ => named("mine"),
        };
        let source = session_receiver(expected).source;
        assert_eq!(answer.source, source, "nothing else has changed");
    }
}

#[test]
fn a_filter_of_any_other_type_is_refused() {
    let (_emulator, mut peer) = setup();
    for filter in [Value::Uint(1), described(CODE, Value::Bool(true))] {
        let refused = peer.attach(session_receiver(filter)).unwrap_err();
        assert_error(&refused, "com.microsoft:argument-error", "session filter");
    }
    let mut attach = session_receiver(Value::Null);
    let properties = attach.properties.get_or_insert_default();
    properties.insert(Symbol::from(TIMEOUT), Value::Ulong(1_000));
    let refused = peer.attach(attach).unwrap_err();
    assert_error(&refused, "com.microsoft:argument-error", TIMEOUT);
    let refused = peer.attach(session_receiver(named(&"x".repeat(129))));
    let condition = "com.microsoft:argument-out-of-range";
    assert_error(&refused.unwrap_err(), condition, "128 characters");
}

#[test]
fn the_empty_id_names_a_session() {
    let (_emulator, mut peer) = setup();
    send(&mut peer, "other", &["x"]);
    send(&mut peer, "", &["y"]);
    let link = ask(&mut peer, session_receiver(named("")));
    assert_eq!(granted(&answered(&mut peer, link)), "");
    peer.connection.set_credit(link, 5);
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "y");
    assert!(peer.receives_nothing(link));
}

#[test]
fn the_answer_says_how_long_the_session_is_locked() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["x"]);
    let link = ask(&mut peer, session_receiver(named("mine")));
    let answer = answered(&mut peer, link);
    let key = Symbol::from("com.microsoft:locked-until-utc");
    let Some(Value::Long(ticks)) = answer.properties.unwrap().get(&key).cloned() else {
        panic!("not said in ticks");
    };
    peer.connection.set_credit(link, 1);
    let stamps = Arrived::new(&peer.receive(link)).message_annotations();
    let Value::Timestamp(enqueued) = entry(&stamps, "x-opt-enqueued-time") else {
        panic!("{stamps:?}");
    };
    let until = Timestamp::from((ticks - 621_355_968_000_000_000) / 10_000);
    let expected = enqueued.milliseconds() + 60_000;
    assert_eq!(until.milliseconds(), expected, "message time stands still");
    assert_eq!(ticks % 10_000, 0);
    drop(emulator);
}

#[test]
fn a_session_that_somebody_holds_cannot_be_locked() {
    let (emulator, mut peer) = setup();
    peer.attach(session_receiver(named("mine"))).unwrap();
    let mut other = Peer::authorized(&emulator, &["orders"]);
    for peer in [&mut peer, &mut other] {
        let mut attach = session_receiver(named("mine"));
        attach.name = "second".to_owned();
        let refused = peer.attach(attach).unwrap_err();
        let text = "The requested session 'mine' cannot be accepted. It may be locked by another";
        assert_error(&refused, "com.microsoft:session-cannot-be-locked", text);
    }
}

#[test]
fn receivers_that_do_not_fit_their_entity_are_refused() {
    let (emulator, mut peer) = setup();
    let refused = peer.attach(receiver("orders")).unwrap_err();
    let text = "It is not possible for an entity that requires sessions to create a \
                non-sessionful message receiver.";
    assert_error(&refused, "NotAllowed", text);

    let text = "A sessionful message receiver cannot be created on an entity that does not \
                require sessions.";
    let mut attach = session_receiver(Value::Null);
    let source = attach.source.as_mut().unwrap();
    source.address = Some("orders/$DeadLetterQueue".to_owned());
    assert_error(&peer.attach(attach).unwrap_err(), "NotAllowed", text);
    drop(emulator);

    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    for attach in [session_receiver(named("x")), next_within(1_000)] {
        assert_error(&peer.attach(attach).unwrap_err(), "NotAllowed", text);
    }
}

#[test]
fn a_message_without_a_session_is_refused_and_its_batch_with_it() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    let mixed = batch(&[text_of("mine", "x"), text("y")]);
    for (format, payload) in [(0, text("y")), (BATCH, mixed)] {
        let state = peer.send_as(link, format, &payload);
        let DeliveryState::Rejected(Rejected { error: Some(error) }) = state else {
            panic!("not refused: {state:?}");
        };
        let text = "The SessionId was not set on a message";
        assert_error(&error, "NotAllowed", text);
    }
    assert_eq!(emulator.counts("orders").unwrap().active, 0);
}

#[test]
fn the_next_session_is_one_that_nobody_holds_and_that_was_free_longest() {
    let (emulator, mut peer) = setup();
    for session in ["a", "b", "c"] {
        send(&mut peer, session, &["x"]);
    }
    peer.attach(session_receiver(named("a"))).unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut peer = Peer::authorized(&emulator, &["orders"]);
        let link = ask(&mut peer, next_within(10_000));
        seen.push(granted(&answered(&mut peer, link)));
        super::detach(&mut peer, link);
    }
    assert_eq!(seen, ["b", "c", "b"]);
}
