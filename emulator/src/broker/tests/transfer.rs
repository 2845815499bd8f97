//! Messages that enter by one entity and go to another.

use super::*;
use ReceiveMode::PeekLock;

/// The queue `orders`, and another one to which messages go from there.
fn with_destination() -> (Fixture, QueueRef) {
    let mut f = Fixture::with(QueueOptions::new().requires_session(true));
    f.broker.create_queue("bills", QueueOptions::new()).unwrap();
    let bills = f.broker.resolve("bills").unwrap();
    (f, bills)
}

fn transfer(f: &mut Fixture, destination: QueueRef, bodies: &[&str]) -> Result<(), BrokerError> {
    let messages = bodies.iter().map(|body| message(body)).collect();
    let outcome = f
        .broker
        .transfer(f.orders, destination.entity, messages, f.now);
    f.check();
    outcome
}

#[test]
fn messages_go_on_to_their_destination_and_know_where_they_entered() {
    let (mut f, bills) = with_destination();
    f.broker
        .enqueue(bills, vec![message("first")], f.now)
        .unwrap();
    transfer(&mut f, bills, &["a", "b"]).unwrap();
    assert_eq!(f.content(f.orders), [], "what passes needs no session");
    let consumer = f.attach_to(bills, PeekLock, 3);
    let numbers: Vec<_> = std::iter::from_fn(|| f.take(consumer))
        .map(|seen| (seen.sequence, seen.first_sequence, body(&seen)))
        .collect();
    let expected = [(1, None, "first"), (2, Some(1), "a"), (3, Some(2), "b")];
    assert_eq!(
        numbers,
        expected.map(|(number, first, body)| (number, first, body.to_owned()))
    );
}

#[test]
fn what_cannot_be_delivered_is_set_aside_where_it_entered() {
    let (mut f, bills) = with_destination();
    f.broker.delete_entity("bills").unwrap();
    transfer(&mut f, bills, &["a"]).unwrap();
    let aside = QueueRef {
        part: Part::TransferDeadLetter,
        ..f.orders
    };
    assert_eq!(f.content(aside), [(1, "a".to_owned(), 0)]);
}

#[test]
fn the_entity_by_which_they_enter_must_take_them() {
    let (mut f, bills) = with_destination();
    let options = QueueOptions::new().requires_session(true);
    let options = options.status(EntityStatus::SendDisabled);
    f.broker.update_queue("orders", options).unwrap();
    let refused = transfer(&mut f, bills, &["a"]);
    let path = "orders".to_owned();
    assert_eq!(refused, Err(BrokerError::EntityDisabled { path }));
    assert_eq!(f.content(bills), []);
}

#[test]
fn a_transaction_is_about_the_entity_by_which_they_enter() {
    let (mut f, bills) = with_destination();
    let (id, now) = (f.broker.declare(), f.now);
    let a = vec![message("a")];
    f.broker
        .enlist_transfer(id, f.orders, bills.entity, a, now)
        .unwrap();
    let here = vec![Draft::new("b").of_session("s").message()];
    f.broker
        .enlist_messages(id, f.orders, here, Some(f.orders), now)
        .unwrap();
    let there = vec![message("c")];
    let refused = f.broker.enlist_messages(id, bills, there, Some(bills), now);
    assert_eq!(refused, Err(BrokerError::TransactionSpansEntities));
    assert_eq!(f.content(bills), [], "nothing before the commit");
    f.broker.commit(id, now).unwrap();
    f.check();
    assert_eq!(f.content(bills), [(1, "a".to_owned(), 0)]);
    assert_eq!(f.content(f.orders).len(), 1);
}

#[test]
fn the_basic_tier_has_no_transfers() {
    let mut broker = Broker::new(Tier::Basic);
    broker.create_queue("orders", QueueOptions::new()).unwrap();
    let queue = broker.resolve("orders").unwrap();
    let feature = "transfers";
    let refused = broker.check_transfer(queue);
    assert_eq!(refused, Err(BrokerError::NotInBasicTier { feature }));
}
