//! What is under way: credit, messages at hand, sends and settlements without an answer.

use std::thread;
use std::time::Duration;

use servicebus::{ErrorKind, Message, Receiver, ReceiverStats};
use servicebus_emulator::Fault;

use super::{of_receiver, of_sender};
use crate::orders::{next, Orders, LONG, SHORT};

#[test]
fn a_receiver_tells_its_credit_and_what_is_at_hand() {
    let orders = Orders::new();
    let receiver = orders.receiver(10);
    let at_hand = |receiver: &Receiver| {
        let ReceiverStats {
            credit,
            inbox_messages,
            inbox_bytes,
            ..
        } = of_receiver(receiver);
        (credit, inbox_messages, inbox_bytes)
    };
    assert_eq!(at_hand(&receiver), (10, 0, 0));
    orders.send(&["a", "bb", "ccc"]);
    orders.until(|| at_hand(&receiver) == (7, 3, 6));
    next(&receiver);
    assert_eq!(at_hand(&receiver), (7, 2, 5), "{}", orders.seen());
    assert_eq!(
        at_hand(&receiver.clone()),
        (7, 2, 5),
        "clones count together"
    );
    receiver.close().expect("it closes");
    assert_eq!(at_hand(&receiver), (0, 0, 0), "{}", orders.seen());
}

#[test]
fn without_prefetch_there_is_credit_only_while_a_call_waits() {
    let orders = Orders::new();
    let receiver = orders.receiver(0);
    assert_eq!(of_receiver(&receiver), ReceiverStats::default());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| receiver.receive_messages(5, LONG));
        orders.until(|| of_receiver(&receiver).credit == 5);
        orders.send(&["a"]);
        let messages = waiting.join().expect("no panic").expect("it is received");
        assert_eq!(messages.len(), 1, "{}", orders.seen());
    });
    assert_eq!(of_receiver(&receiver), ReceiverStats::default());
}

#[test]
fn messages_at_hand_count_on_while_their_link_is_lost() {
    let orders = Orders::new();
    let receiver = orders.receiver(10);
    orders.send(&["a", "bb"]);
    orders.until(|| of_receiver(&receiver).inbox_messages == 2);
    orders.inject(Fault::detach_link("amqp:link:detach-forced").entity("orders"));
    orders.until(|| of_receiver(&receiver).credit == 0);
    let stats = of_receiver(&receiver);
    assert_eq!((stats.inbox_messages, stats.inbox_bytes), (2, 3));
    next(&receiver);
    assert_eq!(of_receiver(&receiver).inbox_messages, 1);
}

#[test]
fn a_send_is_in_flight_until_it_is_answered() {
    let orders = Orders::new();
    let sender = orders.sender();
    let idle = of_sender(&sender);
    assert!(idle.credit > 0, "{idle:?}");
    assert_eq!((idle.in_flight, idle.waiting), (0, 0), "{idle:?}");
    let unanswered = orders.inject(Fault::drop_outcome().entity("orders").times(1));
    let hurried = sender.with_timeout(Duration::from_millis(300));
    let ticket = hurried.submit(Message::new("a")).expect("it leaves");
    orders.until(|| of_sender(&sender).in_flight == 1);
    let error = ticket.wait().expect_err("its answer never comes");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert_eq!(orders.emulator.hits(unanswered), Some(1));
    sender
        .send_messages(Message::new("b"))
        .expect("it is stored");
    let stats = of_sender(&sender);
    assert_eq!((stats.in_flight, stats.waiting), (1, 0), "the first still");
    orders.inject(Fault::detach_link("amqp:link:detach-forced").entity("orders"));
    orders.until(|| of_sender(&sender).in_flight == 0);
    assert_eq!(of_sender(&sender).credit, 0, "no link stands");
}

#[test]
fn a_send_without_credit_waits() {
    let orders = Orders::new();
    let withheld = orders.inject(Fault::withhold_credit().entity("orders"));
    let sender = orders.sender();
    let tickets = ["a", "b"].map(|body| sender.submit(Message::new(body)).expect("there is room"));
    orders.until(|| of_sender(&sender).waiting == 2);
    let stats = of_sender(&sender);
    assert_eq!((stats.credit, stats.in_flight), (0, 0), "{stats:?}");
    let error = sender
        .with_timeout(SHORT)
        .send_messages(Message::new("c"))
        .expect_err("it cannot leave");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert_eq!(of_sender(&sender).waiting, 2, "the third was taken back");
    assert!(orders.emulator.clear(withheld));
    for ticket in tickets {
        ticket.wait().expect("it is stored");
    }
    let stats = of_sender(&sender);
    assert_eq!((stats.waiting, stats.in_flight), (0, 0), "{stats:?}");
    assert!(stats.credit > 0, "{stats:?}");
}

#[test]
fn a_settlement_is_in_flight_until_it_is_answered() {
    let orders = Orders::new();
    orders.send(&["a", "b"]);
    let receiver = orders.receiver(0);
    let messages = receiver.receive_messages(2, LONG).expect("they come");
    orders.inject(Fault::drop_settlement().times(2));
    let hurried = receiver.with_timeout(Duration::from_millis(300));
    thread::scope(|scope| {
        let completing = scope.spawn(|| hurried.complete_messages(&messages));
        orders.until(|| of_receiver(&receiver).in_flight == 2);
        let results = completing.join().expect("no panic");
        assert!(results.iter().all(Result::is_err), "{results:?}");
    });
    assert_eq!(of_receiver(&receiver).in_flight, 2, "{}", orders.seen());
    orders.inject(Fault::detach_link("amqp:link:detach-forced").entity("orders"));
    orders.until(|| of_receiver(&receiver).in_flight == 0);
}
