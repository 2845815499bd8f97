//! Entities that forward, and entities that are disabled.

use serde_amqp::primitives::Symbol;
use serde_amqp::Value;
use servicebus_amqp::types::definitions::{Error, ErrorCondition, Fields};
use servicebus_amqp::types::messaging::{DeliveryState, Rejected};
use servicebus_amqp::types::performatives::Attach;
use servicebus_emulator::{Emulator, EntityStatus, QueueOptions};

use crate::messages::{entry, text, Arrived};
use crate::peer::{receiver, sender, Peer};

fn described(error: &Error) -> String {
    format!("{:?} {:?}", error.condition, error.description)
}

fn dead_letter() -> DeliveryState {
    let condition = Symbol::from("com.microsoft:dead-letter");
    DeliveryState::Rejected(Rejected {
        error: Some(Error {
            condition: ErrorCondition::Custom(condition),
            description: None,
            info: None,
        }),
    })
}

#[test]
fn messages_arrive_where_they_are_forwarded_to() {
    let emulator = Emulator::builder()
        .queue_with("inbox", QueueOptions::new().forward_to("orders"))
        .queue("orders")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["inbox", "orders"]);
    let waiting = peer.receiver("orders", 1);
    let link = peer.sender("inbox").unwrap();
    peer.send(link, &text("a"));
    assert_eq!(Arrived::new(&peer.receive(waiting)).text(), "a");
    let refused = peer.attach(receiver("inbox")).expect_err("refused");
    let text = "Cannot create a message receiver on an entity with auto-forwarding enabled.";
    let shown = described(&refused);
    assert!(
        shown.contains("NotAllowed") && shown.contains(text),
        "{shown}"
    );
}

#[test]
fn what_cannot_be_forwarded_is_received_from_the_transfer_dead_letter_queue() {
    let emulator = Emulator::builder()
        .queue_with("inbox", QueueOptions::new().forward_to("orders"))
        .queue("orders")
        .start()
        .unwrap();
    emulator.delete_entity("orders").unwrap();
    let mut peer = Peer::authorized(&emulator, &["inbox"]);
    let link = peer.sender("inbox").unwrap();
    peer.send(link, &text("a"));
    let link = peer.receiver("inbox/$Transfer/$DeadLetterQueue", 1);
    let message = Arrived::new(&peer.receive(link));
    let reason = entry(&message.application_properties(), "DeadLetterReason");
    let expected = Value::String("MessagingEntityNotFound".to_owned());
    assert_eq!((message.text(), reason), ("a".to_owned(), expected));
}

/// A sender by `via` whose messages go on to `destination`.
fn transferring(via: &str, destination: impl Into<Value>) -> Attach {
    let mut properties = Fields::new();
    let key = Symbol::from("com.microsoft:transfer-destination-address");
    properties.insert(key, destination.into());
    Attach {
        properties: Some(properties),
        ..sender(via)
    }
}

#[test]
fn a_sender_may_send_to_one_entity_by_another() {
    let emulator = Emulator::builder()
        .queue("orders")
        .queue("bills")
        .start()
        .unwrap();
    let attach = |destination: &str| transferring("orders", destination.to_owned());
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let refused = peer.attach(attach("bills")).expect_err("no token for it");
    let shown = described(&refused);
    assert!(
        shown.contains("Resource: 'sb://localhost/bills'"),
        "{shown}"
    );

    let mut peer = Peer::authorized(&emulator, &["orders", "bills"]);
    let link = peer.attach(attach("bills")).unwrap();
    peer.send(link, &text("a"));
    let receiving = peer.receiver("bills", 1);
    assert_eq!(Arrived::new(&peer.receive(receiving)).text(), "a");
    assert_eq!(emulator.counts("orders").unwrap().active, 0);

    for (destination, reason) in [
        (Value::from("$cbs".to_owned()), "cannot be transferred"),
        (Value::Uint(1), "is no string"),
    ] {
        let refused = peer.attach(transferring("orders", destination));
        let shown = described(&refused.expect_err("no destination"));
        assert!(shown.contains(reason), "{shown}");
    }
    emulator.delete_entity("bills").unwrap();
    let refused = peer.attach(attach("bills")).expect_err("it is gone");
    let shown = described(&refused);
    assert!(
        shown.contains("'sb://localhost/bills' could not be found"),
        "{shown}"
    );
}

#[test]
fn a_forwarded_dead_letter_says_where_it_died() {
    let options = QueueOptions::new().forward_dead_lettered_messages_to("graves");
    let emulator = Emulator::builder()
        .queue_with("orders", options)
        .queue("graves")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders", "graves"]);
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    let link = peer.receiver("orders", 1);
    let delivery = peer.receive(link);
    peer.settle(link, &delivery, dead_letter());
    let link = peer.receiver("graves", 1);
    let message = Arrived::new(&peer.receive(link));
    let source = entry(&message.message_annotations(), "x-opt-deadletter-source");
    assert_eq!(source, Value::String("orders".to_owned()));
    assert_eq!(message.delivery_count(), 0, "as new there");
}

#[test]
fn disabling_detaches_those_it_concerns() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let sender = peer.sender("orders").unwrap();
    let receiving = peer.receiver("orders", 1);
    let set = |status| {
        let options = QueueOptions::new().status(status);
        emulator.update_queue("orders", options).unwrap();
    };
    set(EntityStatus::ReceiveDisabled);
    let shown = described(&peer.detached(receiving));
    assert!(shown.contains("com.microsoft:entity-disabled"), "{shown}");
    peer.send(sender, &text("still sent"));
    set(EntityStatus::Disabled);
    let shown = described(&peer.detached(sender));
    let text = "Messaging entity 'orders' is currently disabled.";
    assert!(shown.contains(text), "{shown}");
    let refused = peer.attach(receiver("orders")).expect_err("refused");
    let shown = described(&refused);
    assert!(shown.contains("com.microsoft:entity-disabled"), "{shown}");
    set(EntityStatus::Active);
    let link = peer.receiver("orders", 1);
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "still sent");
}
