//! The two clocks, as a client notices them.

use std::time::Duration;

use servicebus_amqp::{Cause, Event};
use servicebus_emulator::Emulator;

use crate::messages::{text, Arrived};
use crate::peer::{sas_token_by, Peer, KEY, KEY_NAME};

const ORDERS: &str = "sb://localhost/orders";
const DAY: Duration = Duration::from_secs(86_400);

fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    (emulator, peer)
}

#[test]
fn a_day_of_message_time_ends_locks_and_nothing_else() {
    let (emulator, mut peer) = setup();
    let link = peer.receiver("orders", 2);
    peer.receive(link);
    emulator.advance(DAY);
    assert_eq!(Arrived::new(&peer.receive(link)).delivery_count(), 1);
    assert!(
        peer.sender("orders").is_ok(),
        "the token is as good as before"
    );
}

#[test]
fn locks_do_not_end_while_time_is_frozen() {
    let (emulator, mut peer) = setup();
    emulator.freeze();
    let link = peer.receiver("orders", 2);
    peer.receive(link);
    emulator.advance(Duration::from_millis(59_999));
    assert_eq!(emulator.counts("orders").unwrap().locked, 1);
    assert!(peer.receives_nothing(link), "time stands still");
    emulator.advance(Duration::from_millis(1));
    assert_eq!(Arrived::new(&peer.receive(link)).delivery_count(), 1);
}

#[test]
fn time_that_was_frozen_runs_on_from_where_it_stood() {
    let (emulator, mut peer) = setup();
    emulator.freeze();
    let link = peer.receiver("orders", 2);
    peer.receive(link);
    emulator.advance(Duration::from_millis(59_900));
    emulator.thaw();
    assert_eq!(
        Arrived::new(&peer.receive(link)).delivery_count(),
        1,
        "after 100 ms"
    );
}

#[test]
fn an_expired_token_opens_no_link_and_takes_those_it_opened() {
    let (emulator, _) = setup();
    let mut peer = Peer::connect(&emulator);
    let token = sas_token_by(ORDERS, KEY_NAME, KEY, 300);
    assert_eq!(peer.put_token(ORDERS, &token).status, 202);
    let sender = peer.sender("orders").unwrap();
    let receiver = peer.receiver("orders", 1);
    peer.receive(receiver);
    // Short of the idle timeouts of connection and links: it is the token that ends.
    for _ in 0..3 {
        emulator.advance_transport(Duration::from_secs(119));
        peer.keep_alive();
    }
    for link in [sender, receiver] {
        let error = peer.detached(link);
        let condition = format!("{:?}", error.condition);
        assert!(condition.contains("UnauthorizedAccess"), "{error:?}");
    }
    let refused = peer.sender("orders").unwrap_err();
    let condition = format!("{:?}", refused.condition);
    assert!(condition.contains("UnauthorizedAccess"), "{refused:?}");
    assert_eq!(
        emulator.counts("orders").unwrap().locked,
        1,
        "locks are of message time"
    );
}

#[test]
fn a_peer_that_says_nothing_for_long_is_given_up() {
    let (emulator, mut peer) = setup();
    emulator.advance_transport(DAY);
    let cause = peer.wait("close", |event| match event {
        Event::Closed { cause } => Some(cause.clone()),
        _ => None,
    });
    assert!(matches!(cause, Cause::Close(Some(_))), "{cause:?}");
}
