//! Batches: filled to the brim, sent whole.

use servicebus::{ErrorKind, Message, MessageBatchOptions};

use crate::orders::{bodies, Orders, LONG};

#[test]
fn a_full_batch_is_accepted() {
    let orders = Orders::new();
    let sender = orders.sender();
    let mut batch = sender.create_message_batch().expect("the limits are known");
    let mut count = 0;
    let refused = loop {
        match batch.try_add(vec![b'x'; 10_000]) {
            Ok(()) => count += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.error().kind(), ErrorKind::MessageSizeExceeded);
    // Fill what is left to the last byte. A message alone has no envelope, so the second one shows no overhead yet.
    let overhead = {
        let mut probe = sender.create_message_batch().expect("the limits are known");
        let sizes = [(); 3].map(|()| {
            probe.try_add(vec![b'x'; 300]).expect("it fits");
            probe.size_in_bytes()
        });
        sizes[2] - sizes[1] - 300
    };
    let left = batch.max_size_in_bytes() - batch.size_in_bytes();
    batch
        .try_add(vec![b'y'; left - overhead])
        .expect("the last bytes can be used");
    assert_eq!(batch.size_in_bytes(), batch.max_size_in_bytes());
    sender
        .send_messages(&batch)
        .expect("what the batch takes the service takes");
    orders.assert_counts(count + 1, 0, 0);
}

#[test]
fn a_batch_can_be_smaller_than_the_entity_takes() {
    let orders = Orders::new();
    let sender = orders.sender();
    let mut batch = sender
        .create_message_batch_with(MessageBatchOptions::new().with_max_size_in_bytes(1_000))
        .expect("the entity takes more");
    batch.try_add(vec![b'x'; 800]).expect("it fits");
    let refused = batch.try_add(vec![b'x'; 200]).expect_err("it is full");
    assert_eq!(refused.error().kind(), ErrorKind::MessageSizeExceeded);
    assert_eq!(batch.max_size_in_bytes(), 1_000);
    sender.send_messages(batch).expect("it is stored");
    orders.assert_counts(1, 0, 0);
}

#[test]
fn a_batch_that_the_entity_would_refuse_is_not_made() {
    let orders = Orders::new();
    let error = orders
        .sender()
        .create_message_batch_with(MessageBatchOptions::new().with_max_size_in_bytes(1 << 30))
        .expect_err("it is too large");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    assert!(error.to_string().contains("262144"), "{error}");
}

#[test]
fn a_batch_can_be_sent_again() {
    let orders = Orders::new();
    let sender = orders.sender();
    let mut batch = sender.create_message_batch().expect("the limits are known");
    batch.try_add(Message::new("a")).expect("it fits");
    batch.try_add("b").expect("it fits");
    assert_eq!(batch.len(), 2);
    sender.send_messages(&batch).expect("it is stored");
    sender.send_messages(batch).expect("it is stored again");
    let received = orders
        .receiver()
        .receive_messages(4, LONG)
        .expect("they come");
    assert_eq!(bodies(&received), ["a", "b", "a", "b"], "{}", orders.seen());
}

#[test]
fn an_empty_batch_sends_nothing() {
    let orders = Orders::new();
    let sender = orders.sender();
    let batch = sender.create_message_batch().expect("the limits are known");
    assert!(batch.is_empty());
    sender.send_messages(batch).expect("nothing is to be done");
    orders.assert_counts(0, 0, 0);
}

#[test]
fn a_list_above_the_limit_is_refused_whole() {
    let orders = Orders::new();
    let messages = vec![Message::new(vec![0; 100_000]); 3];
    let error = orders
        .sender()
        .send_messages(&messages)
        .expect_err("300 kB do not fit into 256 KiB");
    assert_eq!(error.kind(), ErrorKind::MessageSizeExceeded, "{error}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    orders.assert_counts(0, 0, 0);
}
