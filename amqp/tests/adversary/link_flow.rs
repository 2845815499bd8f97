//! Credit and drain as the wire says them.

use bytes::Bytes;
use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::performatives::Flow;
use servicebus_amqp::{Event, SendError};

use crate::raw_peer::{attach, flow, grant, transfer, Victim};
use crate::samples::delivery;

#[test]
fn credit_granted_before_the_answer_counts_from_the_initial_delivery_count() {
    let mut victim = Victim::server_with_session();
    let link = victim.requested("link", 0, Role::Receiver);
    victim.frame(0, flow(grant(0, None, 1)));
    let Performative::Attach(mut answer) = attach("link", 0, Role::Sender) else {
        unreachable!("an attach is an attach");
    };
    answer.initial_delivery_count = Some(u32::MAX);
    victim.connection.accept(link, *answer);
    victim
        .connection
        .send(link, delivery(0, "one"))
        .expect("one was granted");
    // Written before the peer saw our attach, and so no more than what is used up already.
    victim.frame(0, flow(grant(0, None, 1)));
    let second = victim.connection.send(link, delivery(1, "two"));
    assert_eq!(second, Err(SendError::NoCredit));
}

#[test]
fn credit_given_up_late_is_not_taken_from_a_newer_grant() {
    let mut victim = Victim::server_with_session();
    let link = victim.attached("link", 0, Role::Receiver);
    victim.frame(
        0,
        flow(Flow {
            drain: true,
            ..grant(0, Some(0), 5)
        }),
    );
    victim.frame(0, flow(grant(0, Some(0), 8)));
    victim.connection.drained(link);
    assert_eq!(
        victim.connection.credit(link),
        8,
        "the drain was withdrawn before it was answered"
    );
    assert!(victim.output().is_empty());
}

#[test]
fn a_drain_without_credit_is_complete_at_once() {
    let mut victim = Victim::server_with_session();
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.drain(link);
    let events = victim.events();
    assert!(matches!(events[..], [Event::Drained { .. }]), "{events:?}");
}

#[test]
fn a_drain_is_complete_when_its_last_delivery_is() {
    for aborted in [false, true] {
        let mut victim = Victim::server_with_session();
        let link = victim.attached("link", 0, Role::Sender);
        victim.connection.set_credit(link, 1);
        let mut head = transfer(0, 0);
        head.more = true;
        victim.transfer(0, head.clone(), b"half");
        victim.connection.drain(link);
        assert!(victim.events().is_empty(), "a delivery is under way");
        let mut tail = head;
        tail.more = false;
        tail.aborted = aborted;
        victim.transfer(0, tail, b"half");
        let events = victim.events();
        assert!(
            matches!(events.last(), Some(Event::Drained { .. })),
            "aborted {aborted}: {events:?}"
        );
        assert_eq!(events.len(), if aborted { 1 } else { 2 });
    }
}

#[test]
fn an_answer_to_a_drain_that_takes_credit_back_completes_it() {
    let mut victim = Victim::server_with_session();
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(link, 10);
    victim.connection.drain(link);
    assert!(victim.events().is_empty());
    // Some peers leave the drain flag out of the answer.
    victim.frame(0, flow(grant(0, Some(10), 0)));
    let events = victim.events();
    assert!(matches!(events[..], [Event::Drained { .. }]), "{events:?}");
    assert_eq!(victim.connection.credit(link), 0);
    victim.connection.set_credit(link, 2);
    match &victim.written()[..] {
        [.., (0, Performative::Flow(flow))] => {
            assert_eq!(flow.delivery_count, Some(10));
            assert_eq!(flow.link_credit, Some(2));
            assert!(!flow.drain);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_sent_before_a_drain_leaves_before_its_answer() {
    let mut victim = Victim::server_with_session();
    let link = victim.attached("link", 0, Role::Receiver);
    let narrow = Flow {
        incoming_window: 1,
        ..grant(0, Some(0), 5)
    };
    victim.frame(0, flow(narrow.clone()));
    for tag in 0..3 {
        victim
            .connection
            .send(link, delivery(tag, Bytes::from("message")))
            .expect("five were granted");
    }
    victim.frame(
        0,
        flow(Flow {
            drain: true,
            ..narrow
        }),
    );
    victim.connection.drained(link);
    let written = victim.written();
    assert!(
        matches!(written[..], [(0, Performative::Transfer(_))]),
        "only one fits the window: {written:?}"
    );
    victim.frame(
        0,
        flow(Flow {
            next_incoming_id: Some(1),
            incoming_window: 10,
            drain: true,
            ..grant(0, Some(1), 4)
        }),
    );
    match &victim.written()[..] {
        [(0, Performative::Transfer(_)), (0, Performative::Transfer(_)), (0, Performative::Flow(flow))] =>
        {
            assert_eq!(flow.delivery_count, Some(5));
            assert_eq!(flow.link_credit, Some(0));
            assert!(flow.drain);
        }
        other => panic!("{other:?}"),
    }
}
