//! Tokens that are refused, answered late, or void before their time.

use servicebus_amqp::Event;
use servicebus_emulator::Fault;

use super::{assert_condition, assert_hits, inject, setup, MINUTE};
use crate::peer::{sas_token, Peer};

const AUDIENCE: &str = "sb://localhost/orders";

#[test]
fn a_token_is_answered_with_any_status() {
    let (emulator, _peer) = setup();
    for (status, condition) in [
        (401, "amqp:unauthorized-access"),
        (404, "amqp:not-found"),
        (500, "amqp:internal-error"),
        (503, "com.microsoft:server-busy"),
    ] {
        let mut peer = Peer::connect(&emulator);
        let fault = Fault::refuse_token(status).entity("orders").times(1);
        let fault = inject(&emulator, fault);
        let answer = peer.put_token(AUDIENCE, &sas_token(AUDIENCE));
        assert_eq!(answer.status, i32::from(status), "{answer:?}");
        assert_eq!(answer.condition.as_deref(), Some(condition), "{answer:?}");
        assert_hits(&emulator, fault, 1);
        let refused = peer.sender("orders").unwrap_err();
        assert_condition(&refused, "UnauthorizedAccess");
    }
}

#[test]
fn a_token_for_another_entity_is_accepted() {
    let (emulator, _peer) = setup();
    let fault = inject(&emulator, Fault::refuse_token(500).entity("orders"));
    let mut peer = Peer::authorized(&emulator, &["bills"]);
    assert!(peer.sender("bills").is_ok(), "its token counts");
    assert_hits(&emulator, fault, 0);
}

#[test]
fn a_slow_answer_to_a_token_comes_when_its_time_has_come() {
    let (emulator, mut peer) = setup();
    // Without a link, the connection would not last so long.
    assert!(peer.sender("orders").is_ok());
    let fault = inject(&emulator, Fault::delay_token(MINUTE));
    let links = peer.request_links("$cbs", "$cbs");
    peer.ask_for_token(links, AUDIENCE, &sas_token(AUDIENCE));
    assert!(peer.receives_nothing(links.replies), "it waits");
    assert_hits(&emulator, fault, 1);
    emulator.advance_transport(MINUTE);
    assert_eq!(peer.answer(links).status, 202);
}

#[test]
fn a_token_may_get_no_answer_and_counts_all_the_same() {
    let (emulator, _peer) = setup();
    let fault = inject(&emulator, Fault::drop_token());
    let mut peer = Peer::connect(&emulator);
    let links = peer.request_links("$cbs", "$cbs");
    peer.ask_for_token(links, AUDIENCE, &sas_token(AUDIENCE));
    assert!(peer.receives_nothing(links.replies), "it was dropped");
    assert_hits(&emulator, fault, 1);
    assert!(peer.sender("orders").is_ok(), "it was accepted");
}

#[test]
fn expired_tokens_take_their_links_and_no_others() {
    let (emulator, mut peer) = setup();
    let mut bystander = Peer::authorized(&emulator, &["orders"]);
    let spared = bystander.sender("orders").unwrap();
    let link = peer.sender("orders").unwrap();
    let fault = inject(&emulator, Fault::expire_tokens().connection(1));
    let error = peer.detached(link);
    assert_condition(&error, "UnauthorizedAccess");
    assert_hits(&emulator, fault, 1);
    let gone = |event: &Event| match event {
        Event::Detached { link, .. } => (*link == spared).then_some(()),
        _ => None,
    };
    assert!(bystander.is_silent(gone), "{:#?}", emulator.journal());
    let answer = peer.put_token(AUDIENCE, &sas_token(AUDIENCE));
    assert_eq!(answer.status, 202, "a fresh token counts: {answer:?}");
    assert!(peer.sender("orders").is_ok(), "and opens links");
}
