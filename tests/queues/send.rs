//! Everything that can be sent, and how.

use servicebus::Message;

use crate::orders::{bodies, Orders, LONG};

#[test]
fn single_messages_keep_their_order() {
    let orders = Orders::new();
    let sender = orders.sender();
    for body in ["first", "second", "third"] {
        sender
            .send_messages(Message::new(body))
            .expect("it is stored");
    }
    let received = orders
        .receiver()
        .receive_messages(3, LONG)
        .expect("they come");
    assert_eq!(
        bodies(&received),
        ["first", "second", "third"],
        "{}",
        orders.seen()
    );
    let numbers: Vec<_> = received
        .iter()
        .map(|message| message.sequence_number())
        .collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3)]);
}

#[test]
fn every_form_of_a_list_is_sent() {
    let orders = Orders::new();
    let sender = orders.sender();
    let messages = vec![Message::new("a"), Message::new("b")];
    sender.send_messages(&messages[0]).expect("a lent message");
    sender.send_messages(&messages).expect("a lent list");
    sender.send_messages(messages.as_slice()).expect("a slice");
    sender.send_messages(messages).expect("a list given away");
    sender.send_messages([Message::new("c")]).expect("an array");
    sender
        .send_messages(&[Message::new("d")])
        .expect("a lent array");
    orders.assert_counts(9, 0, 0);
}

#[test]
fn an_empty_list_sends_nothing() {
    let orders = Orders::new();
    let sender = orders.sender();
    sender
        .send_messages(Vec::<Message>::new())
        .expect("nothing is to be done");
    orders.assert_counts(0, 0, 0);
}

#[test]
fn a_message_of_200_kilobytes_arrives_whole() {
    let orders = Orders::new();
    let body: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    orders
        .sender()
        .send_messages(Message::new(body.clone()))
        .expect("it fits");
    let received = crate::orders::next(&orders.receiver());
    assert!(
        received.body() == body,
        "{} bytes came",
        received.body().len()
    );
}

#[test]
fn a_thousand_messages_in_one_list_keep_their_order() {
    let orders = Orders::new();
    let messages: Vec<Message> = (0..1000).map(|n| Message::new(format!("{n}"))).collect();
    orders
        .sender()
        .send_messages(&messages)
        .expect("they are stored");
    let receiver = orders.receiver();
    let mut received = Vec::new();
    while received.len() < 1000 {
        let more = receiver.receive_messages(1000, LONG).expect("they come");
        assert!(
            !more.is_empty(),
            "{} came; {}",
            received.len(),
            orders.seen()
        );
        received.extend(bodies(&more));
    }
    let sent: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    assert_eq!(received, sent);
}
