//! Clients that begin deliveries and do not end them.

use std::io::Write;

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::Handle;
use servicebus_amqp::types::performatives::Transfer;

use crate::client::{frame, Client};
use crate::victim::{Victim, QUEUE};

/// The deliveries of a connection that are not whole hold no more than this.
const UNFINISHED_MEGABYTES: u64 = 48;

/// The channel of a client's first session.
const CHANNEL: u16 = 0;

/// A part of a delivery, but not the last one.
fn part(handle: u32, id: u32, payload: &[u8]) -> Vec<u8> {
    let transfer = Transfer {
        handle: Handle(handle),
        delivery_id: Some(id),
        delivery_tag: Some(b"1".to_vec().into()),
        message_format: Some(0),
        settled: Some(false),
        more: true,
        rcv_settle_mode: None,
        state: None,
        resume: false,
        aborted: false,
        batchable: false,
    };
    frame(CHANNEL, &Performative::Transfer(transfer), payload)
}

/// A client with so many senders; its `$cbs` links have the handles 0 and 1.
fn with_senders(victim: &Victim, count: u32) -> Client {
    let mut client = Client::authorized(victim.port, QUEUE);
    for _ in 0..count {
        client.sender(QUEUE);
    }
    client
}

#[test]
fn deliveries_under_way_on_very_many_links_end_the_session() {
    const LINKS: u32 = 1_000;
    let mut victim = Victim::start();
    let mut hostile = with_senders(&victim, LINKS);
    victim.attack_begins();
    let payload = vec![7; 60_000];
    for number in 0..LINKS {
        hostile
            .stream
            .write_all(&part(2 + number, 1 + number, &payload))
            .unwrap();
    }
    let condition = hostile.session_ended();
    assert!(condition.contains("ResourceLimitExceeded"), "{condition}");
    victim.assert_stands(UNFINISHED_MEGABYTES);
}

#[test]
fn a_byte_of_a_delivery_costs_no_more_than_a_few() {
    let mut victim = Victim::start();
    let mut hostile = with_senders(&victim, 1);
    victim.attack_begins();
    // Frames that only keep the connection alive, as many as are read at once.
    let heartbeats = b"\0\0\0\x08\x02\0\0\0".repeat(8_192);
    for _ in 0..1_500 {
        hostile.stream.write_all(&part(2, 1, b"7")).unwrap();
        hostile.stream.write_all(&heartbeats).unwrap();
    }
    hostile.begin(1);
    victim.assert_stands(16);
}
