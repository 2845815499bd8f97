//! Entities that pass their messages on.

use super::*;
use ReceiveMode::PeekLock;

/// Queues that forward along a chain: each to the one before, the first one to nowhere.
fn chain(length: usize) -> (Fixture, Vec<QueueRef>) {
    let mut f = Fixture::new();
    let mut queues = Vec::new();
    for number in 0..length {
        let name = format!("q{number}");
        let mut options = QueueOptions::new();
        if let Some(before) = number.checked_sub(1) {
            options = options.forward_to(format!("q{before}"));
        }
        f.broker.create_queue(&name, options).unwrap();
        queues.push(f.broker.resolve(&name).unwrap());
    }
    f.orders = queues[length - 1];
    (f, queues)
}

fn part(queue: QueueRef, part: Part) -> QueueRef {
    QueueRef { part, ..queue }
}

fn reasons(f: &mut Fixture, queue: QueueRef) -> Vec<String> {
    let seen = f.broker.peek(queue, 1, f.now).unwrap();
    seen.map(|delivery| {
        let section =
            String::from_utf8_lossy(&delivery.message.application_properties).into_owned();
        let known = [
            "MaxTransferHopCountExceeded",
            "MessagingEntityDisabled",
            "MessagingEntityNotFound",
        ];
        let reason = known.into_iter().find(|reason| section.contains(reason));
        reason.unwrap_or("another").to_owned()
    })
    .collect()
}

#[test]
fn a_message_goes_to_the_end_of_the_chain_in_order() {
    let (mut f, queues) = chain(5);
    f.send(&["a", "b"]);
    for queue in &queues[1..] {
        assert!(f.content(*queue).is_empty(), "{queue:?}");
    }
    let consumer = f.attach_to(queues[0], PeekLock, 2);
    assert_eq!(f.take_bodies(consumer), ["a", "b"]);
}

#[test]
fn the_fifth_hop_is_one_too_many() {
    let (mut f, queues) = chain(6);
    f.send(&["a"]);
    assert!(f.content(queues[0]).is_empty());
    let stopped = part(queues[1], Part::TransferDeadLetter);
    assert_eq!(reasons(&mut f, stopped), ["MaxTransferHopCountExceeded"]);
    let consumer = f.attach_to(stopped, PeekLock, 1);
    assert_eq!(f.take_bodies(consumer), ["a"]);
}

#[test]
fn what_cannot_be_forwarded_is_kept_by_the_source() {
    let (mut f, queues) = chain(2);
    let disabled = QueueOptions::new().status(EntityStatus::SendDisabled);
    f.broker.update_queue("q0", disabled).unwrap();
    f.send(&["a"]);
    f.broker.delete_entity("q0").unwrap();
    f.send(&["b"]);
    let kept = part(queues[1], Part::TransferDeadLetter);
    let expected = ["MessagingEntityDisabled", "MessagingEntityNotFound"];
    assert_eq!(reasons(&mut f, kept), expected);
}

#[test]
fn nobody_receives_from_an_entity_that_forwards() {
    let (mut f, queues) = chain(2);
    let refused = f.broker.attach_consumer(queues[1], PeekLock);
    assert_eq!(refused, Err(BrokerError::ReceiveFromForwarding));
}

#[test]
fn dead_letters_are_forwarded_with_their_origin() {
    let mut f = Fixture::new();
    f.broker
        .create_queue("graves", QueueOptions::new())
        .unwrap();
    let options = QueueOptions::new().forward_dead_lettered_messages_to("graves");
    f.broker.update_queue("orders", options).unwrap();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, dead_letter()).unwrap();
    let graves = f.broker.resolve("graves").unwrap();
    let seen: Vec<_> = f.broker.peek(graves, 1, f.now).unwrap().collect();
    let [seen] = seen.as_slice() else {
        panic!("forwarded: {seen:?}");
    };
    assert_eq!(seen.dead_letter_source.as_deref(), Some("orders"));
    assert_eq!(seen.first_sequence, Some(1));
    assert!(f.content(f.dead).is_empty());
}

#[test]
fn what_has_lived_long_enough_expires_where_new_settings_send_it() {
    let mut f = Fixture::new();
    let graves = QueueOptions::new();
    f.broker.create_queue("graves", graves).unwrap();
    let options = QueueOptions::new().dead_lettering_on_message_expiration(true);
    f.broker.update_queue("orders", options.clone()).unwrap();
    f.send_mortal("a", Duration::ZERO);
    assert_eq!(f.content(f.dead).len(), 1);
    let options = options.forward_dead_lettered_messages_to("graves");
    f.broker.update_queue("orders", options).unwrap();
    f.check();
    let graves = f.broker.resolve("graves").unwrap();
    assert!(f.content(graves).is_empty());
}

#[test]
fn what_expires_late_is_forwarded_when_it_does() {
    let mut f = Fixture::new();
    let graves = QueueOptions::new();
    f.broker.create_queue("graves", graves).unwrap();
    let options = QueueOptions::new()
        .dead_lettering_on_message_expiration(true)
        .forward_dead_lettered_messages_to("graves");
    f.broker.update_queue("orders", options).unwrap();
    f.send_mortal("a", LOCK - SECOND);
    let consumer = f.attach(PeekLock, 1);
    f.lock(consumer);
    let end = f.now.after(LOCK);
    f.advance(LOCK + SECOND);
    let graves = f.broker.resolve("graves").unwrap();
    let seen: Vec<_> = f.broker.peek(graves, 1, f.now).unwrap().collect();
    let [seen] = seen.as_slice() else {
        panic!("forwarded: {seen:?}");
    };
    assert_eq!(seen.enqueued_at, end, "the lock kept it until then");
}

#[test]
fn a_target_must_be_there_and_be_another() {
    let mut f = Fixture::new();
    let to = |path: &str| QueueOptions::new().forward_to(path);
    let missing = f.broker.create_queue("a", to("nowhere"));
    let expected = BrokerError::ForwardTargetNotFound {
        path: "nowhere".to_owned(),
    };
    assert_eq!(missing, Err(expected));
    let itself = f.broker.update_queue("orders", to("ORDERS"));
    assert_eq!(itself, Ok(()));
    let sessions = f
        .broker
        .create_queue("a", to("orders").requires_session(true));
    assert_eq!(sessions, Ok(()));
}

#[test]
fn a_disabled_entity_takes_and_gives_nothing() {
    let mut f = Fixture::new();
    let disabled = QueueOptions::new().status(EntityStatus::Disabled);
    f.broker.update_queue("orders", disabled).unwrap();
    let sent = f.broker.enqueue(f.orders, vec![message("a")], f.now);
    assert!(
        matches!(sent, Err(BrokerError::EntityDisabled { .. })),
        "{sent:?}"
    );
    let received = f.broker.attach_consumer(f.orders, PeekLock);
    let refused = matches!(received, Err(BrokerError::EntityDisabled { .. }));
    assert!(refused, "{received:?}");
}

#[test]
fn what_is_there_already_goes_on_once_the_queue_forwards() {
    let mut f = Fixture::new();
    let next = QueueOptions::new();
    f.broker.create_queue("next", next.clone()).unwrap();
    let next = f.broker.resolve("next").unwrap();
    f.send(&["locked", "waiting", "promised"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let deleting = f.attach(ReceiveMode::ReceiveAndDelete, 1);

    let options = QueueOptions::new().forward_to("sb://anywhere/Next/");
    f.broker.update_queue("orders", options).unwrap();
    f.check();
    assert_eq!(bodies(&mut f, next), ["waiting", "promised"]);
    assert!(f.take(deleting).is_none(), "its receivers are gone");
    f.settle(token, abandon()).unwrap();
    assert_eq!(bodies(&mut f, next), ["waiting", "promised", "locked"]);
    assert!(f.content(f.orders).is_empty());
}

#[test]
fn a_lock_that_runs_out_lets_its_message_go_on() {
    let mut f = Fixture::new();
    f.broker.create_queue("next", QueueOptions::new()).unwrap();
    let next = f.broker.resolve("next").unwrap();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    f.lock(consumer);
    let options = QueueOptions::new().forward_to("next");
    f.broker.update_queue("orders", options).unwrap();
    let waiting = f.attach_to(next, PeekLock, 1);
    f.advance(LOCK);
    assert_eq!(f.take_bodies(waiting), ["a"]);
}

#[test]
fn the_basic_tier_does_not_forward() {
    let mut broker = Broker::new(Tier::Basic);
    broker.create_queue("a", QueueOptions::new()).unwrap();
    let refused = broker.create_queue("b", QueueOptions::new().forward_to("a"));
    let feature = "forwarding";
    assert_eq!(refused, Err(BrokerError::NotInBasicTier { feature }));
    let refused = broker.create_topic("b", TopicOptions::new());
    let feature = "topics";
    assert_eq!(refused, Err(BrokerError::NotInBasicTier { feature }));
}

fn bodies(f: &mut Fixture, queue: QueueRef) -> Vec<String> {
    let content = f.content(queue).into_iter();
    content.map(|(_, body, _)| body).collect()
}
