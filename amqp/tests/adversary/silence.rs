//! Time: heartbeats, a peer that falls silent, a close that is never answered.

use std::time::Duration;

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::{Cause, ConnectionOptions, Event};

use crate::raw_peer::{open, Victim};

const HEARTBEAT: [u8; 8] = [0, 0, 0, 8, 2, 0, 0, 0];

fn with_idle_timeout(seconds: u64) -> ConnectionOptions {
    ConnectionOptions {
        idle_timeout: Some(Duration::from_secs(seconds)),
        ..ConnectionOptions::default()
    }
}

#[test]
fn heartbeats_leave_at_half_of_the_peers_period() {
    let mut peers_open = open();
    peers_open.idle_time_out = Some(10_000);
    for mut victim in [
        Victim::server_opened_with(ConnectionOptions::default(), peers_open.clone()),
        Victim::client_opened_with(ConnectionOptions::default(), peers_open),
    ] {
        let started = victim.now;
        for beat in 1..4 {
            let due = victim
                .connection
                .poll_timeout()
                .expect("a heartbeat is due");
            assert_eq!(due - started, Duration::from_secs(5) * beat);
            victim
                .connection
                .handle_timeout(due - Duration::from_millis(1));
            assert!(victim.output().is_empty(), "too early");
            victim.connection.handle_timeout(due);
            assert_eq!(victim.output()[..], HEARTBEAT);
        }
    }
}

#[test]
fn without_the_peers_wish_there_are_no_heartbeats() {
    for period in [None, Some(0)] {
        let mut peers_open = open();
        peers_open.idle_time_out = period;
        let mut victim = Victim::server_opened_with(ConnectionOptions::default(), peers_open);
        assert_eq!(victim.connection.poll_timeout(), None);
        victim.wait(Duration::from_secs(100_000));
        assert!(victim.output().is_empty());
    }
}

#[test]
fn a_silent_peer_is_given_up_after_twice_our_period() {
    for mut victim in [
        Victim::server_opened_with(with_idle_timeout(10), open()),
        Victim::client_opened_with(with_idle_timeout(10), open()),
    ] {
        for _ in 0..3 {
            victim.wait(Duration::from_secs(19));
            victim.bytes(&HEARTBEAT);
        }
        victim.wait(Duration::from_millis(19_900));
        assert!(victim.events().is_empty(), "it was heard of in time");
        victim.wait(Duration::from_millis(200));
        let events = victim.events();
        assert!(
            matches!(
                events[..],
                [Event::Closed {
                    cause: Cause::IdleTimeout
                }]
            ),
            "{events:?}"
        );
        match &victim.written()[..] {
            [(0, Performative::Close(close))] => assert!(close.error.is_some()),
            other => panic!("{other:?}"),
        }
        assert_eq!(victim.connection.poll_timeout(), None);
    }
}

#[test]
fn the_end_by_silence_is_told_to_every_link() {
    let mut victim = Victim::server_opened_with(with_idle_timeout(10), open());
    victim.frame(0, crate::raw_peer::begin(None));
    victim.events();
    victim.output();
    victim.attached("link", 0, Role::Sender);
    victim.wait(Duration::from_secs(21));
    match &victim.events()[..] {
        [Event::Detached { cause: link, .. }, Event::SessionEnded { cause: session, .. }, Event::Closed { cause }] =>
        {
            assert_eq!([link, session, cause], [&Cause::IdleTimeout; 3]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_close_that_is_never_answered_ends_the_connection() {
    for mut victim in Victim::both() {
        victim.connection.close(victim.now, None);
        victim.output();
        let due = victim.connection.poll_timeout().expect("the answer is due");
        assert!(due - victim.now <= Duration::from_secs(5));
        victim.wait(Duration::from_secs(4));
        victim.bytes(&HEARTBEAT);
        assert!(victim.events().is_empty());
        victim.wait(Duration::from_secs(2));
        let events = victim.events();
        assert!(matches!(events[..], [Event::Closed { .. }]), "{events:?}");
        assert!(victim.connection.is_finished());
    }
}
