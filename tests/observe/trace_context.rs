//! The hook that puts messages into a trace, and what receivers learn of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use chrono::Utc;
use servicebus::{ErrorKind, Message, ReceivedMessage, Sender, TraceContext};

use crate::orders::{next, Orders};

/// A trace of its own for each message.
fn context(number: usize) -> TraceContext {
    TraceContext::new(format!("00-{number:032x}-{number:016x}-01"))
}

/// A client whose hook counts, from 1.
fn traced() -> (Orders, Arc<AtomicUsize>) {
    let calls = Arc::<AtomicUsize>::default();
    let counted = calls.clone();
    let orders = Orders::with_client(|client| {
        client.trace_context(move || Some(context(counted.fetch_add(1, Ordering::Relaxed) + 1)))
    });
    (orders, calls)
}

fn sender(orders: &Orders) -> Sender {
    orders.sender()
}

/// All that are there, as many as this.
fn received(orders: &Orders, count: usize) -> Vec<ReceivedMessage> {
    let receiver = orders.receiver(0);
    (0..count).map(|_| next(&receiver)).collect()
}

/// Whether the messages that `send` sends have a context each, the hook having been called once for each.
#[track_caller]
fn assert_traced(count: usize, send: impl FnOnce(&Orders, &Sender)) {
    let (orders, calls) = traced();
    send(&orders, &sender(&orders));
    let received = received(&orders, count);
    let contexts: Vec<_> = received.iter().map(|one| one.trace_context()).collect();
    let expected: Vec<_> = (1..=count).map(|number| Some(context(number))).collect();
    assert_eq!(contexts, expected, "{}", orders.seen());
    assert_eq!(calls.load(Ordering::Relaxed), count);
    for message in &received {
        let properties = message.application_properties();
        assert_eq!(
            properties.get("traceparent"),
            properties.get("Diagnostic-Id")
        );
        assert_eq!(properties.get("own"), Some(&7i32.into()));
    }
}

fn message(body: &str) -> Message {
    Message::new(body).with_application_property("own", 7i32)
}

fn three() -> Vec<Message> {
    ["a", "b", "c"].map(message).to_vec()
}

#[test]
fn a_message_alone_and_a_list() {
    assert_traced(4, |_, sender| {
        sender.send_messages(message("a")).expect("it is stored");
        sender.send_messages(three()).expect("they are stored");
    });
}

#[test]
fn a_batch_whose_size_it_is_part_of() {
    assert_traced(2, |_, sender| {
        let mut batch = sender.create_message_batch().expect("it is made");
        batch.try_add(message("a")).expect("it fits");
        let size = batch.size_in_bytes();
        let plain = Orders::new();
        let mut same = self::sender(&plain)
            .create_message_batch()
            .expect("it is made");
        let parent = context(1).traceparent().to_owned();
        let written = message("a")
            .with_application_property("Diagnostic-Id", parent.clone())
            .with_application_property("traceparent", parent);
        same.try_add(written).expect("it fits");
        assert_eq!(size, same.size_in_bytes());
        batch.try_add(message("b")).expect("it fits");
        sender.send_messages(&batch).expect("they are stored");
    });
}

#[test]
fn messages_of_an_iterator() {
    assert_traced(3, |_, sender| {
        for result in sender.send_all(three()) {
            result.expect("it is stored");
        }
    });
}

#[test]
fn messages_with_a_ticket() {
    assert_traced(3, |_, sender| {
        let ticket = sender.submit(three()).expect("it leaves");
        ticket.wait().expect("they are stored");
    });
}

#[test]
fn scheduled_messages() {
    assert_traced(3, |_, sender| {
        sender
            .schedule_messages(three(), Utc::now() - Duration::from_secs(1))
            .expect("they are stored");
    });
}

#[test]
fn messages_of_a_transaction() {
    assert_traced(3, |orders, sender| {
        let transaction = orders.client.transaction().expect("it begins");
        transaction
            .send_messages(sender, three())
            .expect("they are taken");
        transaction.commit().expect("it is committed");
    });
}

#[test]
fn a_message_that_has_a_context_keeps_it() {
    let (orders, calls) = traced();
    let own = "00-99999999999999999999999999999999-9999999999999999-00";
    for name in ["traceparent", "Diagnostic-Id"] {
        let message = Message::new(name).with_application_property(name, own);
        sender(&orders)
            .send_messages(message)
            .expect("it is stored");
    }
    for message in received(&orders, 2) {
        assert_eq!(message.trace_context(), Some(TraceContext::new(own)));
        assert_eq!(message.application_properties().len(), 1);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[test]
fn a_state_travels_with_it() {
    let stated = context(1).with_tracestate("vendor=value");
    let given = stated.clone();
    let orders = Orders::with_client(|client| client.trace_context(move || Some(given.clone())));
    orders.send(&["a"]);
    assert_eq!(received(&orders, 1)[0].trace_context(), Some(stated));
}

#[test]
fn without_a_context_nothing_is_added() {
    let orders = Orders::with_client(|client| client.trace_context(|| None));
    orders.send(&["a"]);
    let received = received(&orders, 1);
    assert_eq!(received[0].trace_context(), None);
    assert!(received[0].application_properties().is_empty());
}

#[test]
fn a_hook_that_panics_loses_nothing() {
    let orders = Orders::with_client(|client| client.trace_context(|| panic!("on purpose")));
    let sender = sender(&orders);
    sender.send_messages(three()).expect("they are stored");
    let mut batch = sender.create_message_batch().expect("it is made");
    batch.try_add("d").expect("it fits");
    sender.send_messages(batch).expect("it is stored");
    for message in received(&orders, 4) {
        assert_eq!(message.trace_context(), None, "{}", orders.seen());
    }
}

#[test]
fn the_hook_runs_on_the_callers_thread() {
    let callers = Arc::<Mutex<Vec<ThreadId>>>::default();
    let noted = callers.clone();
    let orders = Orders::with_client(|client| {
        client.trace_context(move || {
            let mut noted = noted.lock().expect("no thread panics");
            noted.push(thread::current().id());
            None
        })
    });
    orders.send(&["a", "b"]);
    let own = thread::current().id();
    assert_eq!(*callers.lock().expect("no thread panics"), [own, own]);
}

#[test]
fn a_refused_message_comes_back_as_it_was() {
    let (orders, _) = traced();
    let mut batch = sender(&orders).create_message_batch().expect("it is made");
    let large = Message::new(vec![0; batch.max_size_in_bytes()]);
    let refused = batch.try_add(large.clone()).expect_err("it is too large");
    assert_eq!(refused.error().kind(), ErrorKind::MessageSizeExceeded);
    assert_eq!(refused.into_message(), large);
}
