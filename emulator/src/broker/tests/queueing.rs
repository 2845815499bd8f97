//! Enqueueing, numbering, browsing and the entities themselves.

use super::*;

#[test]
fn messages_are_numbered_from_one_in_the_order_they_came() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    f.send(&["b", "c"]);
    let expected = [(1, "a"), (2, "b"), (3, "c")].map(|(n, body)| (n, body.to_owned(), 0));
    assert_eq!(f.content(f.orders), expected);
}

#[test]
fn a_batch_with_one_oversized_message_stores_none_and_uses_no_number() {
    let mut f = Fixture::new();
    let mut large = vec![0x00, 0x53, 0x75, 0xb0];
    large.extend_from_slice(&300_000u32.to_be_bytes());
    large.resize(large.len() + 300_000, 0);
    let messages = vec![message("small"), Message::decode(&large).unwrap()];
    let refused = f.broker.enqueue(f.orders, messages, f.now);
    assert!(
        matches!(
            refused,
            Err(BrokerError::MessageSizeExceeded { limit: 262_144, .. })
        ),
        "{refused:?}"
    );
    assert_eq!(f.content(f.orders), []);
    f.send(&["next"]);
    assert_eq!(f.content(f.orders)[0].0, 1);
}

#[test]
fn browsing_shows_locked_messages_too_and_changes_nothing() {
    let mut f = Fixture::new();
    f.send(&["a", "b", "c"]);
    let consumer = f.attach(ReceiveMode::PeekLock, 1);
    f.lock(consumer);
    for _ in 0..2 {
        let seen: Vec<_> = f.broker.peek(f.orders, 2, f.now).unwrap().collect();
        assert_eq!(seen.iter().map(body).collect::<Vec<_>>(), ["b", "c"]);
        assert!(seen.iter().all(|seen| seen.lock.is_none()));
    }
    assert_eq!(f.content(f.orders).len(), 3);
    let counts = f.broker.counts(f.orders).unwrap();
    assert_eq!(
        counts,
        QueueCounts {
            active: 2,
            locked: 1,
            deferred: 0,
            scheduled: 0,
        }
    );
}

#[test]
fn names_are_found_in_any_case_and_shown_as_they_were_made() {
    let mut f = Fixture::new();
    f.broker
        .create_queue("Team/In-Box", QueueOptions::new())
        .unwrap();
    let queue = f.broker.resolve("TEAM/in-box").unwrap();
    assert_eq!(f.broker.path(queue), Some("Team/In-Box"));
    let dead = f.broker.resolve("/team/in-box/$deadletterqueue").unwrap();
    assert_eq!(f.broker.path(dead), Some("Team/In-Box/$DeadLetterQueue"));
    let again = f.broker.create_queue("team/IN-BOX", QueueOptions::new());
    assert!(
        matches!(again, Err(BrokerError::EntityAlreadyExists { .. })),
        "{again:?}"
    );
}

#[test]
fn names_that_the_service_does_not_allow_are_refused() {
    let mut broker = Broker::new(Tier::Standard);
    for name in [
        "",
        "/",
        "/a",
        "a/",
        "-a",
        "a.",
        "a b",
        "a?",
        "$cbs",
        &"x".repeat(261),
    ] {
        let refused = broker.create_queue(name, QueueOptions::new());
        assert!(
            matches!(refused, Err(BrokerError::InvalidName { .. })),
            "{name:?} {refused:?}"
        );
    }
    for name in ["a", "7", "a.b-c_d/e", &"x".repeat(260)] {
        let accepted = broker.create_queue(name, QueueOptions::new());
        assert_eq!(accepted, Ok(()), "{name:?}");
    }
}

#[test]
fn options_out_of_range_are_refused() {
    let mut broker = Broker::new(Tier::Standard);
    for options in [
        QueueOptions::new().lock_duration(4 * SECOND),
        QueueOptions::new().lock_duration(301 * SECOND),
        QueueOptions::new().max_delivery_count(0),
        QueueOptions::new().max_delivery_count(2_001),
    ] {
        let refused = broker.create_queue("q", options.clone());
        assert!(
            matches!(refused, Err(BrokerError::InvalidOption { .. })),
            "{options:?}"
        );
    }
}

#[test]
fn an_entity_deleted_and_made_again_is_another() {
    let mut f = Fixture::new();
    f.send(&["old"]);
    let consumer = f.attach(ReceiveMode::PeekLock, 1);
    let token = f.lock(consumer);
    f.broker.delete_entity("ORDERS").unwrap();
    f.check();
    assert!(f.broker.resolve("orders").is_err());
    let gone = f.broker.enqueue(f.orders, vec![message("x")], f.now);
    assert_eq!(gone, Err(BrokerError::EntityDeleted));
    assert_eq!(
        f.settle(token, Settlement::Complete),
        Err(BrokerError::MessageLockLost)
    );

    f.broker
        .create_queue("orders", QueueOptions::new())
        .unwrap();
    assert!(f.take(consumer).is_none());
    assert_eq!(f.broker.path(f.orders), None);
    f.advance(LOCK);
    let orders = f.broker.resolve("orders").unwrap();
    assert_eq!(f.content(orders), []);
}

#[test]
fn receive_and_delete_removes_a_message_with_its_delivery() {
    let mut f = Fixture::new();
    f.send(&["a", "b"]);
    let consumer = f.attach(ReceiveMode::ReceiveAndDelete, 1);
    assert_eq!(f.content(f.orders).len(), 2, "not taken yet");
    let delivery = f.take(consumer).unwrap();
    assert_eq!((body(&delivery), delivery.lock), ("a".to_owned(), None));
    assert_eq!(f.content(f.orders), [(2, "b".to_owned(), 0)]);
}
