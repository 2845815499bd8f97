//! Transactions: declared, worked in, and discharged.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use serde_amqp::primitives::{Binary, Symbol};
use servicebus_amqp::descriptor::{AMQP_VALUE, DECLARE, DISCHARGE};
use servicebus_amqp::types::definitions::{Error, ErrorCondition, Role};
use servicebus_amqp::types::messaging::{
    Accepted, DeliveryState, Outcome, Rejected, Source, TargetArchetype,
};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::types::transaction::{Coordinator, TransactionalState};
use servicebus_amqp::writer::Writer;
use servicebus_amqp::{format_code, Event, LinkId};
use servicebus_emulator::{Emulator, Fault, Tier};

use crate::messages::{scheduled, text};
use crate::operations::{cancel, numbers, put_messages, SCHEDULE};
use crate::peer::{request, Answer, Peer};

fn coordinator() -> Attach {
    let coordinator = Coordinator { capabilities: None };
    Attach {
        source: Some(Box::new(Source::default())),
        target: Some(Box::new(TargetArchetype::Coordinator(coordinator))),
        ..servicebus_amqp::attach("coordinator".to_owned(), Role::Sender)
    }
}

fn value(fill: impl FnOnce(&mut Writer<'_>)) -> BytesMut {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_described(AMQP_VALUE, fill);
    out
}

fn declare(peer: &mut Peer, link: LinkId) -> Binary {
    let payload = value(|writer| writer.put_composite(DECLARE, |writer| writer.put_null()));
    match peer.send_as(link, 0, &payload) {
        DeliveryState::Declared(declared) => declared.txn_id,
        other => panic!("not declared: {other:?}"),
    }
}

fn discharge(peer: &mut Peer, link: LinkId, id: &Binary, fail: bool) -> Result<(), Error> {
    let payload = value(|writer| {
        writer.put_composite(DISCHARGE, |writer| {
            writer.put_binary(id);
            writer.put_bool(fail);
        });
    });
    match peer.send_as(link, 0, &payload) {
        DeliveryState::Accepted(_) => Ok(()),
        DeliveryState::Rejected(Rejected { error: Some(error) }) => Err(error),
        other => panic!("no answer to a discharge: {other:?}"),
    }
}

fn completed(id: &Binary) -> DeliveryState {
    DeliveryState::TransactionalState(TransactionalState {
        txn_id: id.clone(),
        outcome: Some(Outcome::Accepted(Accepted {})),
    })
}

fn condition<T: std::fmt::Debug>(refused: Result<T, Error>) -> String {
    let error = refused.unwrap_err();
    let text = error.description.as_deref().unwrap_or_default();
    assert!(text.contains("TrackingId:"), "{error:?}");
    match &error.condition {
        ErrorCondition::AmqpError(known) => Symbol::from(known).as_str().to_owned(),
        ErrorCondition::TransactionError(known) => Symbol::from(known).as_str().to_owned(),
        ErrorCondition::Custom(condition) => condition.as_str().to_owned(),
        other => panic!("no condition of ours: {other:?}"),
    }
}

fn rejection(state: DeliveryState) -> Result<(), Error> {
    match state {
        DeliveryState::Rejected(Rejected { error: Some(error) }) => Err(error),
        other => panic!("not refused: {other:?}"),
    }
}

/// An emulator with two queues, the first of which has one message.
fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder()
        .queue("orders")
        .queue("bills")
        .start()
        .unwrap();
    emulator.freeze();
    let mut peer = Peer::authorized(&emulator, &["orders", "bills"]);
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("order"));
    (emulator, peer)
}

fn active(emulator: &Emulator, queue: &str) -> usize {
    emulator.counts(queue).unwrap().active
}

fn locked(emulator: &Emulator, queue: &str) -> usize {
    emulator.counts(queue).unwrap().locked
}

#[test]
fn a_commit_settles_and_sends_together() {
    let (emulator, mut peer) = setup();
    peer.begin();
    let control = peer.attach(coordinator()).unwrap();
    let receiver = peer.receiver("orders", 1);
    let sender = peer.sender("bills").unwrap();
    let order = peer.receive(receiver);

    let id = declare(&mut peer, control);
    assert!((1..=32).contains(&id.len()), "{id:?}");
    let answer = peer.send_in(sender, &id, &text("bill"));
    assert_eq!(answer, completed(&id));
    let answer = peer.settle(receiver, &order, completed(&id));
    assert_eq!(answer, completed(&id));
    assert_eq!(
        (active(&emulator, "bills"), locked(&emulator, "orders")),
        (0, 1)
    );

    discharge(&mut peer, control, &id, false).unwrap();
    assert_eq!(
        (active(&emulator, "bills"), locked(&emulator, "orders")),
        (1, 0)
    );
    let again = discharge(&mut peer, control, &id, false);
    assert_eq!(condition(again), "amqp:transaction:unknown-id");
}

#[test]
fn a_rollback_leaves_no_trace() {
    let (emulator, mut peer) = setup();
    peer.begin();
    let control = peer.attach(coordinator()).unwrap();
    let receiver = peer.receiver("orders", 1);
    let sender = peer.sender("bills").unwrap();
    let order = peer.receive(receiver);
    let id = declare(&mut peer, control);
    peer.send_in(sender, &id, &text("bill"));
    peer.settle(receiver, &order, completed(&id));
    discharge(&mut peer, control, &id, true).unwrap();
    assert_eq!(
        (active(&emulator, "bills"), locked(&emulator, "orders")),
        (0, 1)
    );
}

#[test]
fn a_transaction_of_a_coordinator_on_another_session_is_about_one_entity() {
    let (emulator, mut peer) = setup();
    peer.begin();
    let control = peer.attach(coordinator()).unwrap();
    peer.begin();
    let orders = peer.sender("orders").unwrap();
    let bills = peer.sender("bills").unwrap();
    let id = declare(&mut peer, control);
    assert_eq!(peer.send_in(orders, &id, &text("order")), completed(&id));
    let refused = rejection(peer.send_in(bills, &id, &text("bill")));
    assert_eq!(condition(refused), "amqp:not-allowed");
    discharge(&mut peer, control, &id, false).unwrap();
    assert_eq!(
        (active(&emulator, "orders"), active(&emulator, "bills")),
        (2, 0)
    );
}

#[test]
fn a_transaction_belongs_to_its_connection() {
    let (emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let id = declare(&mut peer, control);
    let mut stranger = Peer::authorized(&emulator, &["orders"]);
    let sender = stranger.sender("orders").unwrap();
    let refused = rejection(stranger.send_in(sender, &id, &text("order")));
    assert_eq!(condition(refused), "amqp:transaction:unknown-id");
    let control = stranger.attach(coordinator()).unwrap();
    let refused = discharge(&mut stranger, control, &id, true);
    assert_eq!(condition(refused), "amqp:transaction:unknown-id");
}

#[test]
fn closing_the_coordinator_rolls_back() {
    let (_emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let sender = peer.sender("orders").unwrap();
    let id = declare(&mut peer, control);
    peer.send_in(sender, &id, &text("order"));
    peer.connection.detach(control, true, None);
    peer.wait("detach", |event| match event {
        Event::Detached { link, .. } => (*link == control).then_some(()),
        _ => None,
    });
    let refused = rejection(peer.send_in(sender, &id, &text("order")));
    assert_eq!(condition(refused), "amqp:transaction:unknown-id");
}

#[test]
fn a_transaction_that_takes_too_long_is_rolled_back() {
    let (emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let sender = peer.sender("orders").unwrap();
    let id = declare(&mut peer, control);
    peer.send_in(sender, &id, &text("order"));
    emulator.advance(Duration::from_secs(120));
    let refused = discharge(&mut peer, control, &id, false);
    assert_eq!(condition(refused), "amqp:transaction:timeout");
    assert_eq!(active(&emulator, "orders"), 1);
}

#[test]
fn a_request_settles_in_a_transaction_and_asks_for_nothing_else() {
    let (emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let receiver = peer.receiver("orders", 1);
    let order = peer.receive(receiver);
    let links = peer.request_links("orders/$management", "answers");
    let id = declare(&mut peer, control);
    let ask = |operation: &str| {
        let name = |writer: &mut Writer<'_>| writer.put_string("question");
        request(name, None, &[("operation", operation)], |writer| {
            writer.put_map(|writer| {
                writer.put_string("disposition-status");
                writer.put_string("completed");
                writer.put_string("lock-tokens");
                writer.put_array(format_code::UUID, |writer| {
                    let tag: [u8; 16] = order.tag[..].try_into().unwrap();
                    writer.put_uuid(uuid::Uuid::from_bytes_le(tag).into_bytes());
                });
            });
        })
    };
    let refused = peer.send_in(links.requests, &id, &ask("com.microsoft:renew-lock"));
    assert_eq!(condition(rejection(refused)), "amqp:not-implemented");

    let settle = ask("com.microsoft:update-disposition");
    assert_eq!(peer.send_in(links.requests, &id, &settle), completed(&id));
    let answer = Answer::read(&peer.receive(links.replies).payload);
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = peer.ask(links, &settle);
    assert_ne!(answer.status, 200, "it has a verdict: {answer:?}");
    assert_eq!(locked(&emulator, "orders"), 1);
    discharge(&mut peer, control, &id, false).unwrap();
    assert_eq!(locked(&emulator, "orders"), 0);
}

#[test]
fn a_request_schedules_in_a_transaction() {
    let (emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let links = peer.request_links("orders/$management", "answers");
    let bills = peer.request_links("bills/$management", "other answers");
    let later = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(3_600);
    let later = i64::try_from(later.as_millis()).unwrap();
    let name = |writer: &mut Writer<'_>| writer.put_string("question");
    let payload = request(name, None, &[("operation", SCHEDULE)], |writer| {
        writer.put_map(|writer| put_messages(writer, &[scheduled("later", later)]));
    });
    let id = declare(&mut peer, control);
    assert_eq!(peer.send_in(links.requests, &id, &payload), completed(&id));
    let answer = peer.answer(links);
    assert_eq!((answer.status, numbers(&answer)), (200, vec![2]));
    peer.send_in(bills.requests, &id, &payload);
    let answer = peer.answer(bills);
    assert_eq!(answer.condition.as_deref(), Some("amqp:not-allowed"));
    assert_eq!(emulator.counts("orders").unwrap().scheduled, 0);

    discharge(&mut peer, control, &id, false).unwrap();
    assert_eq!(emulator.counts("orders").unwrap().scheduled, 1);
    assert_eq!(cancel(&mut peer, links, &[2]).status, 200);
}

/// A client that settles first does not hear of a refusal, so nothing of its transaction may happen.
#[test]
fn a_refusal_that_nobody_hears_of_rolls_back() {
    let (emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let receiver = peer.receiver("orders", 1);
    let sender = peer.sender("orders").unwrap();
    let order = peer.receive(receiver);
    let id = declare(&mut peer, control);
    peer.send_in(sender, &id, &text("bill"));
    emulator.advance(Duration::from_secs(60));
    let settled = peer
        .connection
        .dispose(receiver, order.id, Some(completed(&id)), true);
    assert!(settled, "the delivery is open");
    let refused = discharge(&mut peer, control, &id, false);
    assert_eq!(condition(refused), "amqp:transaction:rollback");
    assert_eq!(active(&emulator, "orders"), 1);
}

#[test]
fn a_coordinator_understands_nothing_else() {
    let (_emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let refused = rejection(peer.send_as(control, 0, &text("begin")));
    assert_eq!(condition(refused), "amqp:decode-error");
}

#[test]
fn faults_know_the_coordinator() {
    let (emulator, mut peer) = setup();
    let control = peer.attach(coordinator()).unwrap();
    let sender = peer.sender("orders").unwrap();
    let fault = Fault::reject_message("com.microsoft:server-busy");
    emulator
        .inject(fault.entity("$coordinator").times(1))
        .unwrap();
    peer.send(sender, &text("not meant"));
    let payload = value(|writer| writer.put_composite(DECLARE, |writer| writer.put_null()));
    let refused = rejection(peer.send_as(control, 0, &payload));
    assert_eq!(condition(refused), "com.microsoft:server-busy");
    let id = declare(&mut peer, control);
    let fault = Fault::detach_link("amqp:link:detach-forced").entity("$coordinator");
    emulator.inject(fault).unwrap();
    peer.detached(control);
    let refused = rejection(peer.send_in(sender, &id, &text("order")));
    assert_eq!(condition(refused), "amqp:transaction:unknown-id");
}

#[test]
fn the_basic_tier_has_no_transactions() {
    let emulator = Emulator::builder()
        .tier(Tier::Basic)
        .queue("orders")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    assert_eq!(condition(peer.attach(coordinator())), "amqp:not-allowed");
}
