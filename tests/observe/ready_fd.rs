//! The descriptor that event loops watch, as `epoll` sees it.

use std::os::fd::{AsRawFd, BorrowedFd};
use std::thread;
use std::time::Duration;

use servicebus::{ErrorKind, Receiver};
use servicebus_emulator::Fault;
use tokio::net::UnixStream;

use crate::orders::{next, Orders, LONG, SHORT};

/// Whether the descriptor is readable, or becomes so within this time.
fn is_readable(fd: BorrowedFd<'_>, within: Duration) -> bool {
    let event_loop = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the event loop starts");
    let copy = fd.try_clone_to_owned().expect("there are descriptors");
    event_loop.block_on(async {
        let stream = UnixStream::from_std(copy.into()).expect("it can be watched");
        tokio::time::timeout(within, stream.readable())
            .await
            .is_ok()
    })
}

#[track_caller]
fn assert_readable(receiver: &Receiver) {
    let fd = receiver.ready_fd().expect("it can be watched");
    assert!(is_readable(fd, LONG), "it is not readable");
}

#[track_caller]
fn assert_not_readable(receiver: &Receiver) {
    let fd = receiver.ready_fd().expect("it can be watched");
    assert!(!is_readable(fd, SHORT), "it is readable");
}

#[test]
fn it_is_readable_as_long_as_messages_are_at_hand() {
    let orders = Orders::new();
    let receiver = orders.receiver(10);
    assert_not_readable(&receiver);
    orders.send(&["a", "b"]);
    for _ in 0..2 {
        assert_readable(&receiver);
        assert_readable(&receiver);
        next(&receiver);
    }
    assert_not_readable(&receiver);
}

#[test]
fn it_may_be_asked_for_when_messages_are_there() {
    let orders = Orders::new();
    orders.send(&["a", "b"]);
    let receiver = orders.receiver(10);
    next(&receiver);
    assert_readable(&receiver);
    next(&receiver);
    assert_not_readable(&receiver);
}

#[test]
fn a_receiver_without_prefetch_has_none() {
    let orders = Orders::new();
    let error = orders
        .receiver(0)
        .ready_fd()
        .expect_err("no message would come");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
}

#[test]
fn clones_have_the_same_one() {
    let orders = Orders::new();
    let receiver = orders.receiver(10);
    let clone = receiver.clone();
    let fd = receiver.ready_fd().expect("it can be watched");
    let same = clone.ready_fd().expect("it can be watched");
    assert_eq!(same.as_raw_fd(), fd.as_raw_fd());
    drop(clone);
    orders.send(&["a"]);
    assert!(is_readable(fd, LONG), "{}", orders.seen());
}

#[test]
fn it_is_readable_once_the_receiver_is_closed() {
    let orders = Orders::new();
    let (first, second) = (orders.receiver(10), orders.receiver(10));
    for receiver in [&first, &second] {
        assert_not_readable(receiver);
    }
    first.close().expect("it closes");
    assert_readable(&first);
    assert_not_readable(&second);
    orders.client.close().expect("it closes");
    assert_readable(&second);
    let error = second
        .next_message(Duration::ZERO)
        .expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    assert_readable(&second);
}

#[test]
fn a_lost_link_makes_it_readable_and_the_next_receive_heals_it() {
    let orders = Orders::new();
    let receiver = orders.receiver(10);
    assert_not_readable(&receiver);
    orders
        .emulator
        .inject(Fault::detach_link("amqp:link:detach-forced").entity("orders"))
        .expect("the fault is valid");
    assert_readable(&receiver);
    let none = receiver.next_message(Duration::ZERO).expect("it is healed");
    assert!(none.is_none(), "{none:?}");
    assert_not_readable(&receiver);
    orders.send(&["a"]);
    assert_readable(&receiver);
}

#[test]
fn an_end_for_good_makes_it_readable() {
    let orders = Orders::new();
    let receiver = orders.receiver(10);
    assert_not_readable(&receiver);
    orders
        .emulator
        .delete_entity("orders")
        .expect("the queue is there");
    assert_readable(&receiver);
    let error = receiver
        .next_message(Duration::ZERO)
        .expect_err("the queue is gone");
    assert_eq!(
        error.kind(),
        ErrorKind::MessagingEntityNotFound,
        "{error:?}"
    );
    assert_readable(&receiver);
}

#[test]
fn it_tells_the_truth_after_many_threads_have_taken_messages() {
    const MESSAGES: usize = 200;
    let orders = Orders::new();
    let receiver = orders.receiver(7);
    assert_not_readable(&receiver);
    let bodies = vec!["a"; MESSAGES];
    orders.send(&bodies);
    let taken: usize = thread::scope(|scope| {
        let takers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| receiver.messages().map_while(Result::ok).count()))
            .collect();
        takers
            .into_iter()
            .map(|taker| taker.join().expect("no panic"))
            .sum()
    });
    assert_eq!(taken, MESSAGES, "{}", orders.seen());
    assert_not_readable(&receiver);
    orders.send(&["b"]);
    assert_readable(&receiver);
}
