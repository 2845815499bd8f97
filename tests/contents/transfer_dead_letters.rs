//! Messages that could not be forwarded wait in the transfer dead-letter queue of the entity that was to forward them.

use servicebus::{ErrorKind, Message, Receiver, SubQueue};

use crate::store::{Store, LONG};

/// Sends messages that cannot be forwarded; returns receivers of where they wait: of the queue, and of the subscription.
fn stranded(store: &Store, bodies: &[&str]) -> [Receiver; 2] {
    let messages: Vec<Message> = bodies.iter().map(|body| Message::new(*body)).collect();
    store.send("forwarding", &messages);
    let topic = store.client.topic_sender("events").open();
    let topic = topic.expect("it opens");
    topic.send_messages(&messages).expect("they are stored");
    let queue = store.client.queue_receiver("forwarding");
    let subscription = store.client.subscription_receiver("events", "all");
    [queue, subscription].map(|builder| {
        builder
            .sub_queue(SubQueue::TransferDeadLetter)
            .open()
            .expect("it opens")
    })
}

fn shown(receiver: &Receiver) -> Vec<String> {
    receiver
        .peek_all_messages(None)
        .map(|message| message.expect("it is shown").to_string())
        .collect()
}

#[test]
fn they_are_received_with_the_reason_and_settled() {
    let store = Store::new();
    for receiver in stranded(&store, &["a", "b"]) {
        let messages = receiver.receive_messages(2, LONG).expect("they come");
        assert_eq!(messages.len(), 2, "{}", store.seen());
        assert_eq!(messages[0].to_string(), "a");
        let reason = messages[0].dead_letter_reason();
        assert_eq!(reason, Some("MessagingEntityDisabled"), "{messages:?}");
        assert!(messages[0].dead_letter_error_description().is_some());
        receiver
            .complete_message(&messages[0])
            .expect("it is completed");
        receiver
            .abandon_message(&messages[1])
            .expect("it is given back");
        assert_eq!(shown(&receiver), ["b"], "{}", store.seen());
    }
}

#[test]
fn they_are_shown_deferred_and_purged() {
    let store = Store::new();
    for receiver in stranded(&store, &["a", "b", "c"]) {
        assert_eq!(shown(&receiver), ["a", "b", "c"], "{}", store.seen());
        let first = receiver.receive_messages(1, LONG).expect("it comes");
        receiver.defer_message(&first[0]).expect("it is set aside");
        let purged = receiver.purge_messages(None).expect("it works");
        assert_eq!(purged, 2, "{}", store.seen());
        let number = first[0].sequence_number().expect("a number");
        let deferred = receiver
            .receive_deferred_messages(&[number])
            .expect("it is deferred");
        receiver
            .complete_message(&deferred[0])
            .expect("it is completed");
        assert!(shown(&receiver).is_empty(), "{}", store.seen());
    }
}

#[test]
fn a_copy_of_one_is_sent_on_when_the_target_takes_it() {
    let store = Store::new();
    let [queue, _subscription] = stranded(&store, &["a"]);
    let message = queue.receive_messages(1, LONG).expect("it comes");
    let open = servicebus_emulator::QueueOptions::new();
    store
        .emulator
        .update_queue("closed", open)
        .expect("it is opened");
    store.send("closed", &[message[0].to_message()]);
    queue.complete_message(&message[0]).expect("it is done");
    store.assert_active("closed", 1);
}

#[test]
fn they_are_not_in_the_dead_letter_queue_and_the_entity_itself_gives_nothing() {
    let store = Store::new();
    let _waiting = stranded(&store, &["a"]);
    let dead = store
        .client
        .queue_receiver("forwarding")
        .sub_queue(SubQueue::DeadLetter)
        .open()
        .expect("it opens");
    assert!(shown(&dead).is_empty(), "{}", store.seen());
    let error = store
        .client
        .queue_receiver("forwarding")
        .open()
        .expect_err("it forwards what it gets");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
}
