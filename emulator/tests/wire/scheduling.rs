//! Messages that are enqueued later: by request, and by the annotation on what is sent.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_amqp::Value;
use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::writer::Writer;
use servicebus_emulator::Emulator;

use crate::messages::{batch, entry, scheduled, text, Arrived, BATCH};
use crate::operations::{cancel, numbers, peek, peeked, schedule, SCHEDULE};
use crate::peer::{Answer, Peer, RequestLinks};

const HOUR: Duration = Duration::from_secs(3_600);

struct Setup {
    emulator: Emulator,
    peer: Peer,
    links: RequestLinks,
    /// About an hour after the instant at which message time stands, in milliseconds.
    later: i64,
}

fn setup() -> Setup {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    emulator.freeze();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let links = peer.request_links("orders/$management", "answers");
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let later = i64::try_from((started + HOUR).as_millis()).unwrap();
    Setup {
        emulator,
        peer,
        links,
        later,
    }
}

/// Sequence number, state and body of every message.
fn content(setup: &mut Setup) -> Vec<(i64, Value, String)> {
    let answer = peek(&mut setup.peer, setup.links, 1, 100);
    if answer.status == 204 {
        return Vec::new();
    }
    peeked(&answer)
        .iter()
        .map(|message| {
            let state = entry(&message.message_annotations(), "x-opt-message-state");
            (message.sequence_number(), state, message.text())
        })
        .collect()
}

fn assert_not_found(answer: &Answer) {
    let condition = answer.condition.as_deref();
    let expected = (404, Some("com.microsoft:message-not-found"));
    assert_eq!((answer.status, condition), expected, "{answer:?}");
}

#[test]
fn a_request_schedules_messages_and_says_their_numbers() {
    let mut s = setup();
    let messages = [scheduled("a", s.later), scheduled("b", s.later + 1_000)];
    let answer = schedule(&mut s.peer, s.links, &messages);
    assert_eq!((answer.status, answer.condition.as_deref()), (200, None));
    assert_eq!(numbers(&answer), [1, 2]);
    assert_eq!(
        content(&mut s),
        [
            (1, Value::Int(2), "a".to_owned()),
            (2, Value::Int(2), "b".to_owned()),
        ]
    );
    assert_eq!(s.emulator.counts("orders").unwrap().scheduled, 2);
}

#[test]
fn a_scheduled_message_arrives_at_its_time_as_if_it_were_sent_then() {
    let mut s = setup();
    let link = s.peer.receiver("orders", 1);
    schedule(&mut s.peer, s.links, &[scheduled("a", s.later)]);
    assert!(s.peer.receives_nothing(link), "it is not due");
    s.emulator.advance(2 * HOUR);
    let arrived = Arrived::new(&s.peer.receive(link));
    let stamps = arrived.message_annotations();
    assert_eq!(arrived.sequence_number(), 2, "a number of its own");
    assert_eq!(
        entry(&stamps, "x-opt-enqueued-time"),
        entry(&stamps, "x-opt-scheduled-enqueue-time"),
    );
    assert!(
        stamps.iter().all(|(key, _)| key != "x-opt-message-state"),
        "{stamps:?}"
    );
}

#[test]
fn a_message_over_the_limit_is_refused_by_the_answer() {
    let mut s = setup();
    let message = scheduled(&"x".repeat(300_000), s.later);
    let answer = schedule(&mut s.peer, s.links, &[message]);
    assert_eq!(
        (answer.status, answer.condition.as_deref()),
        (403, Some("amqp:link:message-size-exceeded")),
        "{answer:?}"
    );
    assert_eq!(s.emulator.counts("orders").unwrap().scheduled, 0);
}

#[test]
fn cancelled_messages_never_arrive() {
    let mut s = setup();
    let messages = ["a", "b", "c"].map(|body| scheduled(body, s.later));
    let all = numbers(&schedule(&mut s.peer, s.links, &messages));
    assert_eq!(cancel(&mut s.peer, s.links, &all[..2]).status, 200);
    s.emulator.advance(2 * HOUR);
    assert_eq!(content(&mut s), [(4, Value::Int(0), "c".to_owned())]);
}

#[test]
fn numbers_of_nothing_that_is_scheduled_are_answered_with_not_found() {
    let mut s = setup();
    let link = s.peer.sender("orders").unwrap();
    s.peer.send(link, &text("active"));
    let number = numbers(&schedule(&mut s.peer, s.links, &[scheduled("a", s.later)]))[0];
    let answer = cancel(&mut s.peer, s.links, &[number, 1, 99]);
    assert_not_found(&answer);
    let text = "Messages not found. Missing sequence numbers: 1, 99 TrackingId:";
    assert!(answer.description.starts_with(text), "{answer:?}");
    assert_eq!(cancel(&mut s.peer, s.links, &[number]).status, 200);
    assert_not_found(&cancel(&mut s.peer, s.links, &[number]));
}

#[test]
fn a_time_that_is_past_sends_at_once() {
    let mut s = setup();
    let past = scheduled("a", s.later - 7_200_000);
    let answer = schedule(&mut s.peer, s.links, &[past, text("b")]);
    assert_eq!(numbers(&answer), [1, 2]);
    assert_eq!(s.emulator.counts("orders").unwrap().active, 2);
}

#[test]
fn what_is_sent_with_a_time_is_scheduled_too() {
    let mut s = setup();
    let link = s.peer.sender("orders").unwrap();
    s.peer.send(link, &scheduled("a", s.later));
    let several = batch(&[text("b"), scheduled("c", s.later)]);
    let state = s.peer.send_as(link, BATCH, &several);
    assert!(matches!(state, DeliveryState::Accepted(_)), "{state:?}");
    let states: Vec<_> = content(&mut s)
        .into_iter()
        .map(|(_, state, _)| state)
        .collect();
    assert_eq!(states, [Value::Int(2), Value::Int(0), Value::Int(2)]);
    s.emulator.advance(2 * HOUR);
    let bodies: Vec<_> = content(&mut s)
        .into_iter()
        .map(|(_, _, body)| body)
        .collect();
    assert_eq!(bodies, ["b", "a", "c"]);
}

#[test]
fn a_request_with_one_message_that_is_none_schedules_nothing() {
    let mut s = setup();
    let good = scheduled("a", s.later);
    let damaged = good[..good.len() - 1].to_vec();
    let answer = schedule(&mut s.peer, s.links, &[good, damaged]);
    let condition = answer.condition.as_deref();
    assert_eq!((answer.status, condition), (400, Some("amqp:decode-error")));
    let malformed: [fn(&mut Writer<'_>); 4] = [
        |_| {},
        |writer| {
            writer.put_string("messages");
            writer.put_string("a");
        },
        |writer| {
            writer.put_string("messages");
            writer.put_list(|_| {});
        },
        |writer| {
            writer.put_string("messages");
            writer.put_list(|writer| writer.put_map(|_| {}));
        },
    ];
    for arguments in malformed {
        let answer = s.peer.manage(s.links, SCHEDULE, arguments);
        let condition = answer.condition.as_deref();
        let argument = Some("com.microsoft:argument-error");
        assert_eq!((answer.status, condition), (400, argument), "{answer:?}");
    }
    assert_eq!(content(&mut s), []);
}

#[test]
fn nothing_is_scheduled_in_a_dead_letter_queue() {
    let mut s = setup();
    let links = s
        .peer
        .request_links("orders/$DeadLetterQueue/$management", "dead answers");
    let answer = schedule(&mut s.peer, links, &[scheduled("a", s.later)]);
    let condition = answer.condition.as_deref();
    assert_eq!((answer.status, condition), (400, Some("amqp:not-allowed")));
}

#[test]
fn a_topic_keeps_what_is_scheduled_and_its_subscriptions_get_it_in_time() {
    let emulator = Emulator::builder()
        .topic("news")
        .subscription("news", "all")
        .start()
        .unwrap();
    emulator.freeze();
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let later = i64::try_from((started + HOUR).as_millis()).unwrap();
    let path = "news/Subscriptions/all";
    let mut peer = Peer::authorized(&emulator, &["news", path]);
    let links = peer.request_links("news/$management", "answers");
    let both = [scheduled("a", later), scheduled("b", later)];
    let scheduled = numbers(&schedule(&mut peer, links, &both));
    assert_eq!(cancel(&mut peer, links, &scheduled[..1]).status, 200);
    let copies = peer.request_links("news/Subscriptions/all/$management", "copies");
    assert_eq!(peek(&mut peer, copies, 1, 10).status, 204, "not there yet");
    let receiver = peer.receiver(path, 2);
    emulator.advance(2 * HOUR);
    let arrived = Arrived::new(&peer.receive(receiver));
    let stamps = arrived.message_annotations();
    assert_eq!(
        (arrived.text(), arrived.sequence_number()),
        ("b".to_owned(), 1)
    );
    assert_eq!(
        entry(&stamps, "x-opt-enqueued-time"),
        entry(&stamps, "x-opt-scheduled-enqueue-time"),
    );
    assert!(peer.receives_nothing(receiver));
}
