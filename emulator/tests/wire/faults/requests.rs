//! Requests to `$management` that fail, or are answered late or never.

use servicebus_amqp::writer::Writer;
use servicebus_emulator::{Emulator, Fault};

use super::{assert_hits, inject, setup, BUSY, MINUTE};
use crate::peer::{Peer, RequestLinks};

const PEEK: &str = "com.microsoft:peek-message";

fn linked() -> (Emulator, Peer, RequestLinks) {
    let (emulator, mut peer) = setup();
    let links = peer.request_links("orders/$management", "replies");
    (emulator, peer, links)
}

fn peek(writer: &mut Writer<'_>) {
    writer.put_string("from-sequence-number");
    writer.put_long(1);
    writer.put_string("message-count");
    writer.put_int(1);
}

#[test]
fn a_request_fails_with_any_condition() {
    let (emulator, mut peer, links) = linked();
    let fault = Fault::refuse_request(BUSY).entity("orders").times(1);
    let fault = inject(&emulator, fault);
    let answer = peer.manage(links, PEEK, peek);
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.condition.as_deref(), Some(BUSY), "{answer:?}");
    assert_hits(&emulator, fault, 1);
    assert_eq!(peer.manage(links, PEEK, peek).status, 204, "once only");
}

#[test]
fn a_request_fails_with_any_status() {
    let (emulator, mut peer, links) = linked();
    for status in [400, 401, 404, 410, 500] {
        let fault = Fault::refuse_request_with_status(status).times(1);
        let fault = inject(&emulator, fault);
        let answer = peer.manage(links, PEEK, peek);
        assert_eq!(answer.status, i32::from(status), "{answer:?}");
        assert!(answer.condition.is_some(), "{answer:?}");
        assert_hits(&emulator, fault, 1);
    }
}

#[test]
fn an_operation_is_told_by_its_name() {
    let (emulator, mut peer, links) = linked();
    let fault = Fault::refuse_request(BUSY).operation("com.microsoft:renew-lock");
    let fault = inject(&emulator, fault);
    assert_eq!(peer.manage(links, PEEK, peek).status, 204);
    let answer = peer.manage(links, "com.microsoft:renew-lock", |_| {});
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_slow_answer_comes_when_its_time_has_come() {
    let (emulator, mut peer, links) = linked();
    let fault = inject(&emulator, Fault::delay_request(MINUTE).times(1));
    peer.ask_to_manage(links, PEEK, peek);
    assert!(peer.receives_nothing(links.replies), "it waits");
    assert_hits(&emulator, fault, 1);
    assert_eq!(peer.manage(links, PEEK, peek).status, 204, "others do not");
    emulator.advance_transport(MINUTE);
    assert_eq!(peer.answer(links).status, 204);
}

#[test]
fn an_answer_may_never_come() {
    let (emulator, mut peer, links) = linked();
    let fault = inject(&emulator, Fault::drop_request().times(1));
    peer.ask_to_manage(links, PEEK, peek);
    assert!(peer.receives_nothing(links.replies), "it was dropped");
    assert_hits(&emulator, fault, 1);
    assert_eq!(peer.manage(links, PEEK, peek).status, 204, "once only");
}
