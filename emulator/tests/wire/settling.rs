//! Verdicts, and what they are answered.

use std::time::Duration;

use serde_amqp::primitives::Symbol;
use serde_amqp::Value;
use servicebus_amqp::types::definitions::{Error, ErrorCondition, Fields};
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, Modified, Rejected, Released};
use servicebus_amqp::{Delivery, Event, LinkId};
use servicebus_emulator::{Emulator, QueueOptions};

use crate::messages::{entry, text, Arrived};
use crate::peer::Peer;

const LOCK: Duration = Duration::from_secs(60);

fn accepted() -> DeliveryState {
    DeliveryState::Accepted(Accepted {})
}

fn abandoned(annotations: Option<Fields>) -> DeliveryState {
    DeliveryState::Modified(Modified {
        delivery_failed: None,
        undeliverable_here: None,
        message_annotations: annotations,
    })
}

fn fields(entries: &[(&str, Value)]) -> Fields {
    let entries = entries.iter().cloned();
    entries
        .map(|(key, value)| (Symbol::from(key), value))
        .collect()
}

fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn dead_lettered(info: Option<Fields>) -> DeliveryState {
    let condition = Symbol::from("com.microsoft:dead-letter");
    let error = Error {
        condition: ErrorCondition::Custom(condition),
        description: Some("ours".to_owned()),
        info: info.map(Box::new),
    };
    DeliveryState::Rejected(Rejected { error: Some(error) })
}

/// An emulator with these messages, and a receiver with this credit.
fn setup(bodies: &[&str], credit: u32) -> (Emulator, Peer, LinkId) {
    let emulator = Emulator::builder()
        .queue_with("orders", QueueOptions::new().max_delivery_count(3))
        .start()
        .unwrap();
    emulator.freeze();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    for body in bodies {
        peer.send(link, &text(body));
    }
    let link = peer.receiver("orders", credit);
    (emulator, peer, link)
}

fn assert_lock_lost(answer: DeliveryState) {
    let DeliveryState::Rejected(Rejected { error: Some(error) }) = answer else {
        panic!("not refused: {answer:?}");
    };
    let lost = ErrorCondition::Custom(Symbol::from("com.microsoft:message-lock-lost"));
    assert_eq!(error.condition, lost, "{error:?}");
}

#[test]
fn a_completed_message_is_gone_for_good() {
    let (emulator, mut peer, link) = setup(&["a"], 1);
    let delivery = peer.receive(link);
    assert_eq!(emulator.counts("orders").unwrap().locked, 1);
    assert_eq!(peer.settle(link, &delivery, accepted()), accepted());
    emulator.advance(2 * LOCK);
    let counts = emulator.counts("orders").unwrap();
    assert_eq!(
        (counts.active, counts.locked, counts.dead_lettered),
        (0, 0, 0)
    );
}

#[test]
fn an_abandoned_message_comes_again_with_its_changes_and_a_count() {
    let (_emulator, mut peer, link) = setup(&["a"], 2);
    let delivery = peer.receive(link);
    let changes = fields(&[("tried", Value::Bool(true)), ("by", string("me"))]);
    let answer = peer.settle(link, &delivery, abandoned(Some(changes)));
    assert!(matches!(answer, DeliveryState::Modified(_)), "{answer:?}");
    let again = peer.receive(link);
    assert_ne!(again.tag, delivery.tag);
    let message = Arrived::new(&again);
    assert_eq!(
        (message.delivery_count(), message.sequence_number()),
        (1, 1)
    );
    let properties = message.application_properties();
    assert_eq!(entry(&properties, "tried"), Value::Bool(true));
    assert_eq!(entry(&properties, "by"), string("me"));
}

#[test]
fn a_released_message_comes_again_without_a_count() {
    let (_emulator, mut peer, link) = setup(&["a"], 2);
    let delivery = peer.receive(link);
    let released = DeliveryState::Released(Released {});
    assert_eq!(peer.settle(link, &delivery, released.clone()), released);
    assert_eq!(Arrived::new(&peer.receive(link)).delivery_count(), 0);
}

/// An error in the answer would tell clients that the verdict was refused.
#[test]
fn dead_lettering_is_answered_with_rejected_and_no_error() {
    let (_emulator, mut peer, link) = setup(&["a", "b"], 2);
    let info = fields(&[
        ("DeadLetterReason", string("tired")),
        ("DeadLetterErrorDescription", string("of it all")),
        ("extra", Value::Long(5)),
    ]);
    let bare = DeliveryState::Rejected(Rejected { error: None });
    for state in [dead_lettered(Some(info)), bare.clone()] {
        let delivery = peer.receive(link);
        assert_eq!(peer.settle(link, &delivery, state), bare);
    }
    let link = peer.receiver("orders/$DeadLetterQueue", 2);
    let message = Arrived::new(&peer.receive(link));
    let properties = message.application_properties();
    assert_eq!(entry(&properties, "DeadLetterReason"), string("tired"));
    assert_eq!(
        entry(&properties, "DeadLetterErrorDescription"),
        string("of it all")
    );
    assert_eq!(entry(&properties, "extra"), Value::Long(5));
    let stamps = message.message_annotations();
    assert_eq!(
        entry(&stamps, "x-opt-enqueue-sequence-number"),
        Value::Long(1)
    );
    let message = Arrived::new(&peer.receive(link));
    assert_eq!(
        message.sections.application_properties, None,
        "no reason was given"
    );
}

#[test]
fn the_last_failed_delivery_moves_a_message_to_the_dead_letter_queue() {
    let (emulator, mut peer, link) = setup(&["a"], 10);
    for count in 0..3 {
        let delivery = peer.receive(link);
        assert_eq!(Arrived::new(&delivery).delivery_count(), count);
        peer.settle(link, &delivery, abandoned(None));
    }
    assert_eq!(emulator.counts("orders").unwrap().dead_lettered, 1);
    let link = peer.receiver("orders/$DeadLetterQueue", 1);
    let properties = Arrived::new(&peer.receive(link)).application_properties();
    let reason = entry(&properties, "DeadLetterReason");
    assert_eq!(reason, string("MaxDeliveryCountExceeded"));
}

#[test]
fn a_verdict_that_comes_too_late_is_answered_with_lock_lost() {
    let (emulator, mut peer, link) = setup(&["a"], 2);
    let late = peer.receive(link);
    emulator.advance(LOCK);
    let again = peer.receive(link);
    assert_eq!(Arrived::new(&again).delivery_count(), 1);
    assert_lock_lost(peer.settle(link, &late, accepted()));
    assert_eq!(peer.settle(link, &again, accepted()), accepted());
}

#[test]
fn closing_a_link_or_a_connection_is_no_verdict() {
    let (emulator, mut peer, link) = setup(&["a", "b"], 2);
    let delivery = peer.receive(link);
    peer.receive(link);
    peer.connection.detach(link, true, None);
    peer.wait("detach", |event| match event {
        Event::Detached { link: gone, .. } => (*gone == link).then_some(()),
        _ => None,
    });
    drop(delivery);
    assert_eq!(emulator.counts("orders").unwrap().locked, 2);
    drop(peer);
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.receiver("orders", 2);
    assert!(peer.receives_nothing(link), "the locks still stand");
    emulator.advance(LOCK);
    assert_eq!(Arrived::new(&peer.receive(link)).delivery_count(), 1);
}

#[test]
fn verdicts_on_a_range_are_all_applied_and_answered() {
    let bodies: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let (emulator, mut peer, link) = setup(&bodies, 50);
    let deliveries: Vec<Delivery> = bodies.iter().map(|_| peer.receive(link)).collect();
    for delivery in &deliveries {
        peer.connection
            .dispose(link, delivery.id, Some(accepted()), false);
    }
    for delivery in &deliveries {
        peer.wait("answer", |event| match event {
            Event::Disposition {
                id,
                state: Some(DeliveryState::Accepted(_)),
                settled: true,
                ..
            } => (*id == delivery.id).then_some(()),
            _ => None,
        });
    }
    assert_eq!(emulator.counts("orders").unwrap().locked, 0);
}

#[test]
fn a_settled_verdict_is_applied_and_not_answered() {
    let (emulator, mut peer, link) = setup(&["a", "b"], 2);
    let first = peer.receive(link);
    let second = peer.receive(link);
    peer.connection
        .dispose(link, first.id, Some(accepted()), true);
    assert_eq!(peer.settle(link, &second, accepted()), accepted());
    assert!(peer.is_silent(|event| matches!(event, Event::Disposition { .. }).then_some(())));
    assert_eq!(emulator.counts("orders").unwrap().locked, 0);
}
