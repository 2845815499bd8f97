//! What becomes of connections and links that nobody uses, by transport time.

use std::time::Duration;

use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_emulator::Emulator;

use crate::messages::text;
use crate::peer::{request, sas_token, sas_token_by, Peer, KEY_NAME};

const ORDERS: &str = "sb://localhost/orders";

fn emulator() -> Emulator {
    Emulator::builder().queue("orders").start().unwrap()
}

/// Lets transport time pass in steps short of what silence is allowed.
fn pass(emulator: &Emulator, peer: &mut Peer, seconds: u64) {
    let mut left = seconds;
    while left > 0 {
        let step = left.min(100);
        emulator.advance_transport(Duration::from_secs(step));
        peer.keep_alive();
        left -= step;
    }
}

fn close_reason(peer: &mut Peer) -> String {
    let cause = peer.closed();
    let error = cause.error().expect("a reason");
    let condition = format!("{:?}", error.condition);
    assert!(condition.contains("ConnectionForced"), "{error:?}");
    description(error)
}

fn description(error: &Error) -> String {
    error.description.clone().unwrap_or_default()
}

#[test]
fn a_connection_that_presents_no_token_is_closed_after_20_seconds() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    pass(&emulator, &mut peer, 10);
    emulator.advance_transport(Duration::from_secs(10));
    let reason = close_reason(&mut peer);
    assert!(reason.contains("no valid token"), "{reason}");
}

#[test]
fn a_refused_token_does_not_count() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    let token = sas_token_by(ORDERS, KEY_NAME, "WRONG", 60);
    assert_eq!(peer.put_token(ORDERS, &token).status, 401);
    emulator.advance_transport(Duration::from_secs(20));
    let reason = close_reason(&mut peer);
    assert!(reason.contains("no valid token"), "{reason}");
}

#[test]
fn a_connection_without_a_link_is_closed_after_a_minute() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    pass(&emulator, &mut peer, 50);
    emulator.advance_transport(Duration::from_secs(10));
    let reason = close_reason(&mut peer);
    let text = "The connection was inactive for more than the allowed 60000 milliseconds and is \
                closed by container 'LinkTracker'. TrackingId:";
    assert!(reason.starts_with(text), "{reason}");
}

#[test]
fn a_connection_whose_last_link_is_gone_is_closed_after_five_minutes() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    pass(&emulator, &mut peer, 400);
    peer.connection.detach(link, true, None);
    peer.keep_alive();
    pass(&emulator, &mut peer, 290);
    emulator.advance_transport(Duration::from_secs(10));
    let reason = close_reason(&mut peer);
    assert!(reason.contains("allowed 300000 milliseconds"), "{reason}");
}

#[test]
fn a_link_is_detached_after_ten_minutes_without_use() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let used = peer.sender("orders").unwrap();
    let idle = peer.receiver("orders/$DeadLetterQueue", 1);
    pass(&emulator, &mut peer, 300);
    peer.send(used, &text("a"));
    pass(&emulator, &mut peer, 300);
    let error = peer.detached(idle);
    let condition = format!("{:?}", error.condition);
    assert!(condition.contains("DetachForced"), "{error:?}");
    let reason = description(&error);
    let start = "The link 'receiver of orders/$DeadLetterQueue' is force detached.";
    assert!(reason.starts_with(start), "{reason}");
    let details = "AmqpMessageConsumer.IdleTimerExpired: Idle timeout: 00:10:00. TrackingId:";
    assert!(reason.contains(details), "{reason}");
    peer.send(used, &text("b"));
    pass(&emulator, &mut peer, 600);
    let reason = description(&peer.detached(used));
    assert!(reason.contains("AmqpMessagePublisher"), "{reason}");
    assert!(peer.sender("orders").is_ok(), "the connection goes on");
}

#[test]
fn messages_and_verdicts_are_uses_of_a_receiver() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let sending = peer.sender("orders").unwrap();
    let receiving = peer.receiver("orders", 1);
    pass(&emulator, &mut peer, 400);
    peer.send(sending, &text("a"));
    let delivery = peer.receive(receiving);
    pass(&emulator, &mut peer, 400);
    peer.settle(receiving, &delivery, DeliveryState::Accepted(Accepted {}));
    pass(&emulator, &mut peer, 400);
    peer.connection.set_credit(receiving, 1);
    let again = peer.sender("orders").unwrap();
    peer.send(again, &text("b"));
    peer.receive(receiving);
}

#[test]
fn a_request_that_names_a_link_is_a_use_of_it() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let named = peer.receiver("orders", 1);
    let links = peer.request_links("orders/$management", "answers");
    pass(&emulator, &mut peer, 400);
    let properties = [
        ("operation", "com.microsoft:peek-message"),
        ("associated-link-name", "receiver of orders"),
    ];
    let peek = request(
        |writer| writer.put_uint(1),
        Some("answers"),
        &properties,
        |writer| {
            writer.put_map(|writer| {
                writer.put_string("from-sequence-number");
                writer.put_long(0);
                writer.put_string("message-count");
                writer.put_int(1);
            });
        },
    );
    assert_eq!(peer.ask(links, &peek).status, 204);
    pass(&emulator, &mut peer, 400);
    let sending = peer.sender("orders").unwrap();
    peer.send(sending, &text("a"));
    peer.receive(named);
}

#[test]
fn links_to_cbs_are_not_detached_and_keep_no_connection() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    let cbs = peer.request_links("$cbs", "$cbs");
    let token = sas_token(ORDERS);
    assert_eq!(peer.put_token_on(cbs, ORDERS, &token).status, 202);
    let link = peer.sender("orders").unwrap();
    pass(&emulator, &mut peer, 700);
    peer.detached(link);
    assert_eq!(peer.put_token_on(cbs, ORDERS, &token).status, 202);
    pass(&emulator, &mut peer, 190);
    emulator.advance_transport(Duration::from_secs(100));
    close_reason(&mut peer);
}
