//! Verdicts from a peer: giant ranges, ranges across the wrap-around, verdicts nobody waits for.

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::{AmqpError, Role};
use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_amqp::types::performatives::Disposition;
use servicebus_amqp::{DeliveryId, Event, LinkId};

use crate::raw_peer::{begin, encoded, flow, grant, open, transfer, Victim};
use crate::samples::delivery;

fn verdict(role: Role, first: u32, last: Option<u32>, settled: bool) -> Performative {
    Performative::Disposition(Disposition {
        role,
        first,
        last,
        settled,
        state: Some(DeliveryState::Accepted(Accepted {})),
        batchable: false,
    })
}

/// A server that has sent `count` deliveries, the first of this id.
fn sending(first: u32, count: u32) -> (Victim, LinkId, Vec<DeliveryId>) {
    let mut options = servicebus_amqp::ConnectionOptions::default();
    options.session.next_outgoing_id = first;
    let mut victim = Victim::server_opened_with(options, open());
    victim.frame(0, begin(None));
    victim.events();
    victim.output();
    let link = victim.attached("link", 0, Role::Receiver);
    let mut wide = grant(0, Some(0), count);
    wide.next_incoming_id = Some(first);
    wide.incoming_window = count;
    victim.frame(0, flow(wide));
    victim.events();
    let sent = (0..count)
        .map(|tag| victim.connection.send(link, delivery(tag, "x")))
        .collect::<Result<_, _>>()
        .expect("credit was granted");
    victim.output();
    (victim, link, sent)
}

fn settled(victim: &mut Victim) -> Vec<DeliveryId> {
    let events = victim.events();
    events
        .iter()
        .map(|event| match event {
            Event::Disposition {
                id, settled: true, ..
            } => *id,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_giant_range_names_only_what_was_sent() {
    let (mut victim, _, sent) = sending(10, 3);
    victim.frame(0, verdict(Role::Receiver, 0, Some(u32::MAX >> 1), true));
    assert_eq!(settled(&mut victim), sent);
    victim.frame(0, verdict(Role::Receiver, 0, Some(u32::MAX >> 1), true));
    assert!(victim.events().is_empty(), "each verdict arrives once");
}

#[test]
fn a_range_that_runs_backwards_ends_the_session() {
    for (first, last) in [(0, u32::MAX), (5, 4)] {
        let (mut victim, _, _) = sending(0, 3);
        victim.frame(0, verdict(Role::Receiver, first, Some(last), true));
        victim.assert_ended_over(AmqpError::InvalidField);
    }
}

#[test]
fn a_range_across_the_wrap_around_names_both_sides() {
    let (mut victim, _, sent) = sending(u32::MAX - 1, 4);
    victim.frame(0, verdict(Role::Receiver, u32::MAX, Some(0), true));
    assert_eq!(settled(&mut victim), sent[1..3]);
    victim.frame(0, verdict(Role::Receiver, u32::MAX - 1, Some(1), true));
    assert_eq!(settled(&mut victim), [sent[0], sent[3]]);
}

#[test]
fn verdicts_on_nothing_are_ignored() {
    let mut victim = Victim::server_with_session();
    for role in [Role::Sender, Role::Receiver] {
        for (first, last) in [(0, None), (0, Some(1_000_000)), (u32::MAX, Some(3))] {
            victim.frame(0, verdict(role.clone(), first, last, true));
        }
    }
    assert!(victim.events().is_empty());
    victim.assert_alive();
}

#[test]
fn verdicts_repeated_in_one_read_are_reported_bit_by_bit() {
    let (mut victim, _, sent) = sending(0, 2_000);
    let repeated = encoded(0, &verdict(Role::Receiver, 0, Some(1_999), false), b"");
    victim.bytes(&repeated.repeat(50));
    let mut reported = 0;
    loop {
        let events = victim.events().len();
        assert!(events <= 20_000, "{events} events at once");
        if events == 0 {
            break;
        }
        reported += events;
        victim.bytes(b"");
    }
    assert_eq!(reported, sent.len() * 50);
}

#[test]
fn our_verdicts_in_a_row_leave_as_one_range() {
    let mut victim = Victim::server_with_session();
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(link, 10);
    victim.output();
    for id in [u32::MAX - 1, u32::MAX, 0, 1, 2] {
        victim.transfer(0, transfer(0, id), b"x");
    }
    let ids: Vec<DeliveryId> = victim
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Delivery { delivery, .. } => delivery.id,
            other => panic!("{other:?}"),
        })
        .collect();
    let accept = Some(DeliveryState::Accepted(Accepted {}));
    for id in ids.iter().filter(|id| **id != ids[3]) {
        assert!(victim.connection.dispose(link, *id, accept.clone(), true));
        assert!(
            !victim.connection.dispose(link, *id, accept.clone(), true),
            "it is settled"
        );
    }
    let ranges: Vec<_> = victim
        .written()
        .into_iter()
        .map(|(_, performative)| match performative {
            Performative::Disposition(range) => (range.first, range.last),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ranges, [(u32::MAX - 1, Some(0)), (2, None)]);
}
