//! Deliveries from a peer that does not keep to the rules, or not to the usual.

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::{AmqpError, LinkError, Role};
use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_amqp::{Event, LinkId};

use crate::raw_peer::{attach, detach, transfer, Victim};

fn receiving(credit: u32) -> (Victim, LinkId) {
    let mut victim = Victim::server_with_session();
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(link, credit);
    victim.output();
    (victim, link)
}

#[test]
fn a_delivery_without_credit_detaches_the_link() {
    let (mut victim, _) = receiving(1);
    victim.transfer(0, transfer(0, 0), b"granted");
    victim.transfer(0, transfer(0, 1), b"not granted");
    let events = victim.events();
    assert!(matches!(events[..], [Event::Delivery { .. }]), "{events:?}");
    victim.assert_detached_over(LinkError::TransferLimitExceeded);
}

fn receiving_at_most_ten_bytes() -> (Victim, LinkId) {
    let mut victim = Victim::server_with_session();
    let link = victim.requested("link", 0, Role::Sender);
    let Performative::Attach(mut answer) = attach("link", 0, Role::Receiver) else {
        unreachable!("an attach is an attach");
    };
    answer.max_message_size = Some(10);
    victim.connection.accept(link, *answer);
    victim.connection.set_credit(link, 2);
    victim.output();
    (victim, link)
}

#[test]
fn a_message_beyond_the_links_limit_is_rejected_and_the_link_goes_on() {
    let (mut victim, link) = receiving_at_most_ten_bytes();
    victim.transfer(0, transfer(0, 0), b"ten bytes.");
    assert_eq!(victim.events().len(), 1);
    let mut head = transfer(0, 1);
    head.more = true;
    victim.transfer(0, head, b"ten bytes.");
    victim.transfer(0, transfer(0, 1), b"!");
    let written = victim.written();
    let rejected = written.iter().any(|(_, performative)| match performative {
        Performative::Disposition(disposition) => {
            disposition.settled
                && disposition.first == 1
                && matches!(&disposition.state, Some(DeliveryState::Rejected(rejected))
                if rejected.error.as_ref().is_some_and(|error| {
                    error.condition == LinkError::MessageSizeExceeded.into()
                }))
        }
        _ => false,
    });
    assert!(rejected, "{written:?}");
    assert_eq!(victim.events().len(), 0, "its owner hears nothing of it");
    assert_eq!(
        victim.connection.credit(link),
        1,
        "its credit is granted again"
    );
    victim.transfer(0, transfer(0, 2), b"small");
    assert_eq!(victim.events().len(), 1);
}

#[test]
fn a_settled_message_beyond_the_links_limit_detaches_the_link() {
    let (mut victim, _) = receiving_at_most_ten_bytes();
    let mut settled = transfer(0, 0);
    settled.settled = Some(true);
    victim.transfer(0, settled, b"eleven byte");
    victim.assert_detached_over(LinkError::MessageSizeExceeded);
}

#[test]
fn a_transfer_to_a_link_that_sends_ends_the_session() {
    let mut victim = Victim::server_with_session();
    victim.attached("link", 0, Role::Receiver);
    victim.transfer(0, transfer(0, 0), b"x");
    victim.assert_ended_over(AmqpError::NotAllowed);
}

#[test]
fn a_transfer_before_the_link_was_answered_ends_the_session() {
    let mut victim = Victim::server_with_session();
    victim.requested("link", 0, Role::Sender);
    victim.transfer(0, transfer(0, 0), b"x");
    victim.assert_ended_over(AmqpError::NotAllowed);
}

#[test]
fn delivery_ids_wrap() {
    let (mut victim, _) = receiving(5);
    for id in [u32::MAX - 1, u32::MAX, 0, 1] {
        victim.transfer(0, transfer(0, id), b"x");
    }
    assert_eq!(victim.events().len(), 4);
}

#[test]
fn deliveries_whose_ids_do_not_rise_are_settled_one_by_one() {
    let (mut victim, link) = receiving(4);
    let ids = [7, 7, 6, 7];
    for (id, body) in ids.into_iter().zip([b"a", b"b", b"c", b"d"]) {
        victim.transfer(0, transfer(0, id), body);
    }
    let deliveries: Vec<_> = victim
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Delivery { delivery, .. } => delivery,
            other => panic!("{other:?}"),
        })
        .collect();
    let bodies: Vec<_> = deliveries.iter().map(|one| &one.payload[..]).collect();
    assert_eq!(bodies, [b"a", b"b", b"c", b"d"]);
    let mut settled = Vec::new();
    for delivery in &deliveries {
        let accepted = DeliveryState::Accepted(Accepted {});
        let known = victim
            .connection
            .dispose(link, delivery.id, Some(accepted), true);
        assert!(known, "{:?}", delivery.id);
        for (_, performative) in victim.written() {
            if let Performative::Disposition(disposition) = performative {
                settled.push((disposition.first, disposition.last));
            }
        }
    }
    assert_eq!(settled, ids.map(|id| (id, None)));
}

#[test]
fn an_id_that_all_deliveries_have_ends_the_session() {
    let (mut victim, _) = receiving(100);
    for _ in 0..64 {
        victim.transfer(0, transfer(0, 7), b"x");
    }
    assert_eq!(victim.events().len(), 64);
    victim.transfer(0, transfer(0, 7), b"x");
    victim.assert_ended_over(AmqpError::InvalidField);
}

#[test]
fn a_first_transfer_needs_a_delivery_id() {
    let (mut victim, _) = receiving(5);
    let mut nameless = transfer(0, 0);
    nameless.delivery_id = None;
    victim.transfer(0, nameless, b"x");
    victim.assert_ended_over(AmqpError::InvalidField);
}

#[test]
fn deliveries_of_two_links_may_be_interleaved() {
    let (mut victim, first) = receiving(1);
    let second = victim.attached("second", 1, Role::Sender);
    victim.connection.set_credit(second, 1);
    let parts = [
        (0, "fi", true),
        (1, "sec", true),
        (0, "rst", false),
        (1, "ond", false),
    ];
    for (handle, text, more) in parts {
        let mut part = transfer(handle, handle);
        part.more = more;
        victim.transfer(0, part, text.as_bytes());
    }
    match &victim.events()[..] {
        [Event::Delivery {
            link: a,
            delivery: x,
        }, Event::Delivery {
            link: b,
            delivery: y,
        }] => {
            assert_eq!([*a, *b], [first, second]);
            assert_eq!([&x.payload[..], &y.payload[..]], [&b"first"[..], b"second"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_aborted_delivery_is_never_seen() {
    let (mut victim, _) = receiving(2);
    let mut part = transfer(0, 0);
    part.more = true;
    victim.transfer(0, part.clone(), b"never");
    part.more = false;
    part.aborted = true;
    victim.transfer(0, part, b"mind");
    victim.transfer(0, transfer(0, 1), b"seen");
    match &victim.events()[..] {
        [Event::Delivery { delivery, .. }] => assert_eq!(&delivery.payload[..], b"seen"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_detach_in_the_middle_of_a_delivery_drops_it() {
    let (mut victim, link) = receiving(1);
    let mut head = transfer(0, 0);
    head.more = true;
    victim.transfer(0, head, b"half");
    victim.frame(0, detach(0));
    match &victim.events()[..] {
        [Event::Detached { link: gone, .. }] => assert_eq!(*gone, link),
        other => panic!("{other:?}"),
    }
    victim.output();
    let again = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(again, 1);
    victim.transfer(0, transfer(0, 1), b"whole");
    match &victim.events()[..] {
        [Event::Delivery { delivery, .. }] => assert_eq!(&delivery.payload[..], b"whole"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn our_detach_in_the_middle_of_a_delivery_drops_the_rest() {
    let (mut victim, link) = receiving(1);
    let mut head = transfer(0, 0);
    head.more = true;
    victim.transfer(0, head.clone(), b"half");
    victim.connection.detach(link, true, None);
    victim.transfer(0, head, b"more of it");
    victim.frame(0, detach(0));
    match &victim.events()[..] {
        [Event::Detached { link: gone, .. }] => assert_eq!(*gone, link),
        other => panic!("{other:?}"),
    }
}
