//! Clients that open more, or hold more, than anybody needs.

use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::{Event, SessionOptions};

use crate::client::{data, Client};
use crate::victim::{Victim, QUEUE};

/// The most links of a connection, and what they cost.
const LINKS: usize = 5_000;
const LINKS_MEGABYTES: u64 = 32;

/// The most deliveries that a connection may leave undecided, and what they cost.
const UNDECIDED: usize = 50_000;
const UNDECIDED_MEGABYTES: u64 = 48;

#[test]
fn a_thousand_links_are_served_and_cost_little() {
    let mut victim = Victim::start();
    let mut hostile = Client::authorized(victim.port, QUEUE);
    for _ in 0..500 {
        hostile.sender(QUEUE);
        let link = hostile.receiver(QUEUE);
        hostile.connection.set_credit(link, 1_000);
    }
    victim.assert_stands(LINKS_MEGABYTES);
}

#[test]
fn more_links_than_a_connection_may_have_end_the_session_that_asks_for_them() {
    let mut victim = Victim::start();
    let mut hostile = Client::authorized(victim.port, QUEUE);
    let first = hostile.session;
    hostile.begin(SessionOptions::default().incoming_window);
    for session in [hostile.session, first] {
        hostile.session = session;
        for _ in 0..=LINKS / 2 {
            hostile.attach("nowhere", Role::Sender);
        }
    }
    // It looks at no refusal before all is sent, so none is confirmed.
    hostile.flush();
    let condition = hostile.session_ended();
    assert!(condition.contains("ResourceLimitExceeded"), "{condition}");
    victim.assert_stands(LINKS_MEGABYTES);
}

#[test]
fn as_many_sessions_as_there_are_channels_cost_little() {
    let mut victim = Victim::start();
    let mut hostile = Client::authorized(victim.port, QUEUE);
    for _ in 1..5_000 {
        hostile
            .connection
            .begin(&SessionOptions::default())
            .unwrap();
    }
    let mut begun = 1;
    hostile.wait(|event| {
        begun += usize::from(matches!(event, Event::SessionBegun { .. }));
        (begun == 5_000).then_some(())
    });
    victim.assert_stands(LINKS_MEGABYTES);
}

#[test]
fn one_that_never_settles_gets_so_much_and_no_more() {
    let mut victim = Victim::start();
    let mut hostile = Client::authorized(victim.port, QUEUE);
    let sender = hostile.sender(QUEUE);
    let batch: Vec<u8> = (0..1_000).flat_map(|_| data(&data(b"x"))).collect();
    for _ in 0..UNDECIDED / 1_000 + 1 {
        hostile.send(sender, 0x8001_3700, &batch.clone().into());
        hostile.verdict();
    }
    victim.attack_begins();
    let receiver = hostile.receiver(QUEUE);
    hostile.connection.set_credit(receiver, 1_000_000);
    assert_eq!(hostile.count_deliveries(), UNDECIDED);
    victim.assert_stands(UNDECIDED_MEGABYTES);
}
