//! Sending any number of messages: what arrives, in which order and in how many transfers.

use servicebus::{Message, ReceivedMessage, Sender};

use crate::heap::{assert_all_ok, take, Heap};

fn sender(heap: &Heap) -> Sender {
    heap.client.queue_sender("heap").open().expect("it opens")
}

fn bodies(messages: &[ReceivedMessage]) -> Vec<String> {
    messages.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_arrives_in_order() {
    let heap = Heap::new();
    let numbers: Vec<String> = (0..3_000).map(|n| n.to_string()).collect();
    let messages = numbers.iter().map(|n| Message::new(n.as_str()));
    assert_all_ok(&sender(&heap).send_all(messages), 3_000);
    assert_eq!(bodies(&take(&heap.receiver(), 3_000)), numbers);
}

#[test]
fn messages_may_be_lent_and_there_may_be_none() {
    let heap = Heap::new();
    let messages = [Message::new("a"), Message::new("b")];
    let sender = sender(&heap);
    assert_all_ok(&sender.send_all(&messages), 2);
    assert!(sender.send_all(Vec::<Message>::new()).is_empty());
    heap.assert_counts(2, 0, 0);
}

#[test]
fn few_transfers_carry_many_messages() {
    let heap = Heap::new();
    let sender = sender(&heap);
    heap.emulator.record_frames(true);
    let message = Message::new(vec![b'x'; 100]);
    let messages = std::iter::repeat_n(&message, 1_000);
    assert_all_ok(&sender.send_all(messages), 1_000);
    assert!(heap.count_frames("transfer") <= 3, "{}", heap.seen());
}

#[test]
fn messages_that_fill_a_batch_begin_the_next() {
    let heap = Heap::new();
    let sender = sender(&heap);
    let limit = sender
        .create_message_batch()
        .expect("the link stands")
        .max_size_in_bytes();
    let large = Message::new(vec![b'x'; limit * 2 / 3]);
    assert_all_ok(&sender.send_all(std::iter::repeat_n(&large, 4)), 4);
    heap.assert_counts(4, 0, 0);
}

#[test]
fn sessions_do_not_share_a_batch_and_keep_their_order() {
    let heap = Heap::new();
    let sender = sender(&heap);
    heap.emulator.record_frames(true);
    let messages = (0..300).map(|n| {
        let session = format!("session {}", n % 3);
        Message::new(n.to_string()).with_session_id(session)
    });
    assert_all_ok(&sender.send_all(messages), 300);
    assert_eq!(heap.count_frames("transfer"), 3, "{}", heap.seen());
    let received = take(&heap.receiver(), 300);
    for session in 0..3 {
        let name = format!("session {session}");
        let of_session: Vec<usize> = received
            .iter()
            .filter(|message| message.session_id() == Some(&name))
            .map(|message| message.to_string().parse().expect("a number"))
            .collect();
        assert!(of_session.iter().all(|n| n % 3 == session));
        assert_eq!(of_session.len(), 100);
        assert!(of_session.is_sorted(), "{of_session:?}");
    }
}

#[test]
fn more_keys_than_are_kept_open_do_no_harm() {
    let heap = Heap::new();
    let messages = (0..2_500).map(|n| Message::new("x").with_partition_key(format!("key {n}")));
    assert_all_ok(&sender(&heap).send_all(messages), 2_500);
    heap.assert_counts(2_500, 0, 0);
}

#[test]
fn a_small_window_carries_everything_all_the_same() {
    let heap = Heap::new();
    let narrow = heap
        .client
        .queue_sender("heap")
        .max_bytes_in_flight(1)
        .open()
        .expect("it opens");
    let message = Message::new(vec![b'x'; 10_000]);
    assert_all_ok(&narrow.send_all(std::iter::repeat_n(&message, 200)), 200);
    heap.assert_counts(200, 0, 0);
}
