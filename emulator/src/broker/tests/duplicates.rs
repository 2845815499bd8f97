//! Messages whose id was seen a short while ago.

use super::*;
use ReceiveMode::PeekLock;

const WINDOW: Duration = Duration::from_secs(600);

fn detecting() -> QueueOptions {
    QueueOptions::new().duplicate_detection(WINDOW)
}

fn bodies(f: &mut Fixture) -> Vec<String> {
    let content = f.content(f.orders).into_iter();
    content.map(|(_, body, _)| body).collect()
}

#[test]
fn a_second_message_with_the_id_of_another_is_accepted_and_dropped() {
    let mut f = Fixture::with(detecting());
    assert_eq!(f.enqueue(Draft::new("a").with_id("1")), 1);
    assert_eq!(f.enqueue(Draft::new("b").with_id("1")), 0);
    assert_eq!(f.enqueue(Draft::new("c").with_id("2")), 2);
    assert_eq!(bodies(&mut f), ["a", "c"]);
}

#[test]
fn without_detection_ids_may_repeat() {
    let mut f = Fixture::new();
    for body in ["a", "b"] {
        f.enqueue(Draft::new(body).with_id("1"));
    }
    assert_eq!(bodies(&mut f), ["a", "b"]);
}

#[test]
fn messages_without_an_id_are_never_duplicates() {
    let mut f = Fixture::with(detecting());
    f.send(&["a", "a"]);
    assert_eq!(bodies(&mut f), ["a", "a"]);
}

#[test]
fn duplicates_are_found_within_a_batch_as_well() {
    let mut f = Fixture::with(detecting());
    let drafts = [("a", "1"), ("b", "2"), ("c", "1")];
    let messages = drafts.map(|(body, id)| Draft::new(body).with_id(id).message());
    let numbers = f.broker.enqueue(f.orders, messages.into(), f.now);
    assert_eq!(numbers, Ok(vec![1, 2, 0]));
    assert_eq!(bodies(&mut f), ["a", "b"]);
}

#[test]
fn a_refused_batch_leaves_no_ids_behind() {
    let mut f = Fixture::with(detecting());
    let large = "x".repeat(300_000);
    let messages = vec![
        Draft::new("a").with_id("1").message(),
        Draft::new(&large).with_id("2").message(),
    ];
    assert!(f.broker.enqueue(f.orders, messages, f.now).is_err());
    assert_eq!(f.enqueue(Draft::new("a").with_id("1")), 1);
}

#[test]
fn an_id_is_forgotten_at_the_end_of_the_window() {
    let mut f = Fixture::with(detecting());
    f.enqueue(Draft::new("a").with_id("1"));
    f.advance(WINDOW - Duration::from_millis(1));
    assert_eq!(f.enqueue(Draft::new("b").with_id("1")), 0);
    f.advance(Duration::from_millis(1));
    assert_eq!(
        f.enqueue(Draft::new("c").with_id("1")),
        2,
        "a dropped message does not prolong the window"
    );
}

#[test]
fn an_id_is_remembered_when_its_message_is_gone() {
    let mut f = Fixture::with(detecting());
    f.enqueue(Draft::new("a").with_id("1"));
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, Settlement::Complete).unwrap();
    assert_eq!(f.enqueue(Draft::new("b").with_id("1")), 0);
}

#[test]
fn scheduled_and_immediate_messages_share_one_history() {
    let mut f = Fixture::with(detecting());
    let at = f.now.after(SECOND);
    let scheduled = f.enqueue(Draft::new("a").with_id("1").at(at));
    assert_eq!(f.enqueue(Draft::new("b").with_id("1")), 0);
    assert_eq!(f.enqueue(Draft::new("c").with_id("1").at(at)), 0);
    f.advance(SECOND);
    assert_eq!(bodies(&mut f), ["a"], "it is none when its time comes");
    f.enqueue(Draft::new("d").with_id("2"));
    assert_eq!(
        f.enqueue(Draft::new("e").with_id("2").at(f.now.after(SECOND))),
        0
    );
    assert_eq!(scheduled, 1);
}

#[test]
fn the_id_of_a_cancelled_message_stays_known() {
    let mut f = Fixture::with(detecting());
    let at = f.now.after(SECOND);
    let number = f.enqueue(Draft::new("a").with_id("1").at(at));
    f.cancel(&[number]).unwrap();
    assert_eq!(f.enqueue(Draft::new("b").with_id("1")), 0);
    assert!(f.cancel(&[0]).is_err(), "the number of a duplicate is none");
}

#[test]
fn an_id_counts_for_its_partition_only_where_there_are_partitions() {
    for (partitioned, expected) in [(false, vec!["a"]), (true, vec!["a", "b", "c"])] {
        let mut f = Fixture::with(detecting().enable_partitioning(partitioned));
        f.enqueue(Draft::new("a").with_id("1"));
        f.enqueue(Draft::new("b").with_id("1").of_partition("p"));
        f.enqueue(Draft::new("c").with_id("1").of_session("s"));
        f.enqueue(Draft::new("d").with_id("1").of_partition("p"));
        assert_eq!(bodies(&mut f), expected, "partitioned: {partitioned}");
    }
}
