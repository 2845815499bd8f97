//! What a delivered message looks like, and when it comes.

use bytes::Bytes;
use serde_amqp::Value;
use servicebus_amqp::descriptor::{
    AMQP_SEQUENCE, AMQP_VALUE, APPLICATION_PROPERTIES, DATA, DELIVERY_ANNOTATIONS, FOOTER, HEADER,
    PROPERTIES,
};
use servicebus_amqp::types::definitions::SenderSettleMode;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_amqp::{Event, LinkId, SessionOptions};
use servicebus_emulator::Emulator;
use uuid::Uuid;

use crate::messages::{annotations, entry, section, text, Arrived};
use crate::peer::{receiver, Peer};

fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let peer = Peer::authorized(&emulator, &["orders"]);
    (emulator, peer)
}

/// Sends one message and returns it as it arrives under a lock.
fn through(peer: &mut Peer, payload: &[u8]) -> Arrived {
    let link = peer.sender("orders").unwrap();
    peer.send(link, payload);
    let link = peer.receiver("orders", 1);
    let delivery = peer.receive(link);
    peer.settle(link, &delivery, DeliveryState::Accepted(Accepted {}));
    Arrived::new(&delivery)
}

fn receive_and_delete(peer: &mut Peer, credit: u32) -> LinkId {
    let mut attach = receiver("orders");
    attach.snd_settle_mode = SenderSettleMode::Settled;
    let link = peer.attach(attach).unwrap();
    peer.connection.set_credit(link, credit);
    link
}

#[test]
fn a_locked_delivery_has_these_annotations_and_no_others() {
    let (_emulator, mut peer) = setup();
    let message = through(&mut peer, &text("a"));
    let stamps = message.message_annotations();
    let keys: Vec<_> = stamps.iter().map(|(key, _)| key.as_str()).collect();
    let expected = [
        "x-opt-enqueued-time",
        "x-opt-sequence-number",
        "x-opt-locked-until",
    ];
    assert_eq!(keys, expected);
    assert_eq!(message.sequence_number(), 1);
    let millis = |name| match entry(&stamps, name) {
        Value::Timestamp(time) => time.milliseconds(),
        other => panic!("{name}: {other:?}"),
    };
    let lock = millis("x-opt-locked-until") - millis("x-opt-enqueued-time");
    assert!((60_000..70_000).contains(&lock), "locked for {lock} ms");
    let tokens = message.delivery_annotations();
    assert!(matches!(tokens.as_slice(), [(key, Value::Uuid(_))] if key == "x-opt-lock-token"));
}

/// `.NET` writes the first three groups of a GUID in little-endian order.
#[test]
fn the_delivery_tag_is_the_lock_token_in_the_order_of_dotnet() {
    let (_emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    let link = peer.receiver("orders", 1);
    let delivery = peer.receive(link);
    let tag = Uuid::from_slice_le(&delivery.tag).expect("16 bytes");
    let annotations = Arrived::new(&delivery).delivery_annotations();
    let Value::Uuid(token) = entry(&annotations, "x-opt-lock-token") else {
        panic!("{annotations:?}");
    };
    assert_eq!(tag.as_bytes(), token.as_inner());
    assert!(!delivery.settled);
}

#[test]
fn receive_and_delete_delivers_settled_and_without_a_lock() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    let link = receive_and_delete(&mut peer, 1);
    let delivery = peer.receive(link);
    assert!(delivery.settled);
    assert_eq!(delivery.tag.len(), 16);
    let message = Arrived::new(&delivery);
    assert_eq!(message.delivery_annotations(), [], "present, and empty");
    let stamps = message.message_annotations();
    let keys: Vec<_> = stamps.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["x-opt-enqueued-time", "x-opt-sequence-number"]);
    assert_eq!(emulator.counts("orders").unwrap().active, 0);
}

#[test]
fn a_message_without_message_id_gets_one() {
    let (_emulator, mut peer) = setup();
    for properties in [
        Vec::new(),
        section(PROPERTIES, |writer| writer.put_list(|_| {})),
        section(PROPERTIES, |writer| {
            writer.put_list(|writer| {
                writer.put_null();
                writer.put_binary(b"user");
                writer.put_string("to");
            });
        }),
    ] {
        let payload = [properties.clone(), text("a")].concat();
        let fields = through(&mut peer, &payload).properties();
        assert!(
            matches!(&fields[0], Value::String(id) if Uuid::parse_str(id).is_ok()),
            "{fields:?}"
        );
        if properties.len() > 10 {
            assert_eq!(fields[2], Value::String("to".to_owned()), "{fields:?}");
        }
    }
}

#[test]
fn every_section_of_a_sender_passes_unchanged() {
    let (_emulator, mut peer) = setup();
    let properties = section(PROPERTIES, |writer| {
        writer.put_list(|writer| {
            writer.put_uuid([7; 16]);
            writer.put_binary(b"user");
        });
    });
    let application_properties = section(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("decimal");
            writer.put_decimal128([9; 16]);
            writer.put_string("null");
            writer.put_null();
        });
    });
    let bodies = [
        Vec::new(),
        [text("one"), text("two")].concat(),
        section(AMQP_VALUE, |writer| writer.put_decimal128([1; 16])),
        [
            section(AMQP_SEQUENCE, |writer| {
                writer.put_list(|writer| writer.put_int(1))
            }),
            section(AMQP_SEQUENCE, |writer| writer.put_list(|_| {})),
        ]
        .concat(),
        section(DATA, |writer| writer.put_binary(&[0; 100_000])),
    ];
    let footer = section(FOOTER, |writer| {
        writer.put_map(|writer| {
            writer.put_symbol("sum");
            writer.put_ulong(1);
        });
    });
    for body in bodies {
        let payload = [
            properties.clone(),
            application_properties.clone(),
            body.clone(),
            footer.clone(),
        ]
        .concat();
        let arrived = through(&mut peer, &payload).sections;
        assert_eq!(arrived.properties, Some(Bytes::from(properties.clone())));
        let expected = Some(Bytes::from(application_properties.clone()));
        assert_eq!(arrived.application_properties, expected);
        assert_eq!(arrived.body.concat(), body);
        assert_eq!(arrived.footer, Some(Bytes::from(footer.clone())));
    }
}

#[test]
fn header_values_come_back_as_they_were_spelled_out() {
    let (_emulator, mut peer) = setup();
    let header = section(HEADER, |writer| {
        writer.put_list(|writer| {
            writer.put_bool(false);
            writer.put_ubyte(20);
            writer.put_null();
            writer.put_bool(false);
            writer.put_uint(7);
        });
    });
    let fields = through(&mut peer, &[header, text("a")].concat()).header();
    let expected = [
        Value::Bool(false),
        Value::Ubyte(20),
        Value::Null,
        Value::Bool(false),
        Value::Uint(0),
    ];
    assert_eq!(fields, expected, "the delivery count is the broker's");

    let fields = through(&mut peer, &text("a")).header();
    let nulls = [Value::Null, Value::Null, Value::Null, Value::Null];
    assert_eq!(fields[..4], nulls, "nothing is added");
}

#[test]
fn a_senders_annotations_arrive_unless_they_are_the_brokers() {
    let (_emulator, mut peer) = setup();
    let delivery_annotations = section(DELIVERY_ANNOTATIONS, |writer| {
        writer.put_map(|writer| {
            writer.put_symbol("hop");
            writer.put_int(1);
        });
    });
    let message_annotations = annotations(|writer| {
        writer.put_symbol("x-opt-partition-key");
        writer.put_string("p");
        writer.put_symbol("x-opt-sequence-number");
        writer.put_long(99);
        writer.put_symbol("mine");
        writer.put_list(|writer| writer.put_bool(true));
    });
    let payload = [delivery_annotations, message_annotations, text("a")].concat();
    let message = through(&mut peer, &payload);
    assert_eq!(entry(&message.delivery_annotations(), "hop"), Value::Int(1));
    let stamps = message.message_annotations();
    assert_eq!(message.sequence_number(), 1);
    assert_eq!(
        entry(&stamps, "x-opt-partition-key"),
        Value::String("p".to_owned())
    );
    assert_eq!(entry(&stamps, "mine"), Value::List(vec![Value::Bool(true)]));
    assert_eq!(stamps.len(), 5, "{stamps:?}");
}

#[test]
fn a_drain_brings_what_is_there_and_takes_the_rest_of_the_credit() {
    let (_emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    let link = peer.receiver("orders", 10);
    peer.connection.drain(link);
    peer.wait("drained", |event| match event {
        Event::Drained { link: on } => (*on == link).then_some(()),
        _ => None,
    });
    peer.send(sender, &text("a"));
    peer.send(sender, &text("b"));
    assert!(peer.receives_nothing(link), "no credit is left");

    peer.connection.set_credit(link, 10);
    peer.connection.drain(link);
    peer.wait("drained", |event| match event {
        Event::Drained { link: on } => (*on == link).then_some(()),
        _ => None,
    });
    for body in ["a", "b"] {
        assert_eq!(Arrived::new(&peer.receive(link)).text(), body);
    }
    assert_eq!(peer.connection.credit(link), 0);
}

#[test]
fn a_message_wakes_a_receiver_on_another_connection() {
    let (emulator, mut peer) = setup();
    let link = peer.receiver("orders", 1);
    let mut other = Peer::authorized(&emulator, &["orders"]);
    let sender = other.sender("orders").unwrap();
    other.send(sender, &text("from afar"));
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "from afar");
}

#[test]
fn more_than_the_output_limit_arrives_whole_and_in_order() {
    let (_emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    let filler = "x".repeat(100_000);
    for number in 0..40 {
        peer.send(sender, &text(&format!("{number}:{filler}")));
    }
    let link = receive_and_delete(&mut peer, 100);
    for number in 0..40 {
        let body = Arrived::new(&peer.receive(link)).text();
        assert_eq!(body.split(':').next(), Some(number.to_string().as_str()));
        assert_eq!(body.len(), filler.len() + number.to_string().len() + 1);
    }
}

/// Far more messages than the client's session window holds, so that the emulator has to wait for it.
#[test]
fn a_narrow_session_window_only_slows_a_receiver_down() {
    let (_emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    for number in 0..300 {
        peer.send(sender, &text(&number.to_string()));
    }
    peer.begin_with(&SessionOptions {
        incoming_window: 4,
        ..SessionOptions::default()
    });
    let link = receive_and_delete(&mut peer, 1_000);
    for number in 0..300 {
        let message = Arrived::new(&peer.receive(link));
        assert_eq!(message.text(), number.to_string());
    }
}

#[test]
fn a_link_that_is_too_small_for_the_next_message_is_detached_and_nothing_is_lost() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    peer.send(sender, &text("small"));
    peer.send(sender, &text(&"x".repeat(5_000)));
    for mode in [SenderSettleMode::Unsettled, SenderSettleMode::Settled] {
        let mut attach = receiver("orders");
        attach.max_message_size = Some(2_000);
        attach.snd_settle_mode = mode.clone();
        let link = peer.attach(attach).unwrap();
        peer.connection.set_credit(link, 5);
        let error = peer.detached(link);
        let condition = format!("{:?}", error.condition);
        assert!(
            condition.contains("MessageSizeExceeded"),
            "{mode:?}: {error:?}"
        );
    }
    let counts = emulator.counts("orders").unwrap();
    assert_eq!((counts.active, counts.locked), (1, 1));
}
