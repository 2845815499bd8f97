//! Clients that ask for much and take nothing of it.

use crate::client::{data, request, Client};
use crate::victim::{Victim, QUEUE};

const LARGE: usize = 200_000;

/// Few enough messages for a link that many links share what is there.
const CREDIT: u32 = 50;

/// Of what waits for a client, at most so much is made in advance.
const WAITING_MEGABYTES: u64 = 48;

fn fill(victim: &Victim, count: usize) -> Client {
    let mut client = Client::authorized(victim.port, QUEUE);
    let link = client.sender(QUEUE);
    let message = data(&vec![7; LARGE]);
    for _ in 0..count {
        client.send(link, 0, &message);
        client.verdict();
    }
    client
}

#[test]
fn one_that_opens_no_window_gets_little_made_for_it() {
    let mut victim = Victim::start();
    let mut hostile = fill(&victim, 500);
    victim.attack_begins();
    hostile.begin(0);
    for _ in 0..100 {
        let link = hostile.receiver(QUEUE);
        hostile.connection.set_credit(link, CREDIT);
    }
    hostile.flush();
    victim.assert_stands(WAITING_MEGABYTES);
}

#[test]
fn one_that_does_not_read_gets_little_made_for_it() {
    let mut victim = Victim::start();
    let mut hostile = fill(&victim, 500);
    victim.attack_begins();
    for _ in 0..100 {
        let link = hostile.receiver(QUEUE);
        hostile.connection.set_credit(link, CREDIT);
    }
    hostile.flush();
    victim.assert_stands(WAITING_MEGABYTES);
}

#[test]
fn one_that_asks_and_does_not_take_the_answers_is_told_to_wait() {
    let mut victim = Victim::start();
    let mut hostile = fill(&victim, 2);
    victim.attack_begins();
    let node = format!("{QUEUE}/$management");
    let requests = hostile.sender(&node);
    hostile.begin(0);
    let replies = hostile.receiver(&node);
    hostile.connection.set_credit(replies, 1_000_000);
    let peek = request(&[("operation", "com.microsoft:peek-message")], |writer| {
        writer.put_map(|writer| {
            writer.put_string("from-sequence-number");
            writer.put_long(1);
            writer.put_string("message-count");
            writer.put_int(1);
        });
    });
    let verdicts = (0..500).map(|_| {
        hostile.send(requests, 0, &peek);
        hostile.verdict()
    });
    let last = verdicts.last().map(|verdict| format!("{verdict:?}"));
    let is_told = last
        .as_ref()
        .is_some_and(|text| text.contains("server-busy"));
    assert!(is_told, "{last:?}");
    victim.assert_stands(WAITING_MEGABYTES);
}
