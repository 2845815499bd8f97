//! `$cbs`: which tokens are accepted, and how the answers find their way.

use serde_amqp::Value;
use servicebus_amqp::Event;
use servicebus_emulator::Emulator;

use crate::peer::{
    jwt, receiver, request, sas_token, sas_token_by, sender, Answer, Peer, KEY, KEY_NAME,
};

const ORDERS: &str = "sb://localhost/orders";

fn emulator() -> Emulator {
    Emulator::builder().queue("orders").start().unwrap()
}

fn refusal(answer: &Answer) -> (i32, &str) {
    (answer.status, answer.condition.as_deref().unwrap_or("none"))
}

#[test]
fn a_good_token_is_accepted_for_every_spelling_of_its_entity() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    for (audience, resource) in [
        (ORDERS, ORDERS),
        ("amqps://localhost:5671/Orders", "amqps://localhost"),
        ("sb://localhost/orders/$management", ORDERS),
        ("sb://localhost/orders/$DeadLetterQueue", "localhost/orders"),
        ("sb://localhost", "sb://localhost"),
    ] {
        let answer = peer.put_token(audience, &sas_token(resource));
        assert_eq!(answer.status, 202, "{audience} with {resource}: {answer:?}");
    }
}

#[test]
fn a_token_for_the_management_node_opens_that_alone() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders/$management"]);
    assert!(peer.sender("orders/$management").is_ok());
    assert!(peer.attach(receiver("orders/$management")).is_ok());
    assert!(peer.sender("orders").is_err());
    assert!(peer.attach(receiver("orders")).is_err());
}

#[test]
fn bad_tokens_are_refused_with_401() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    for token in [
        sas_token_by(ORDERS, KEY_NAME, "WRONG", 60),
        sas_token_by(ORDERS, "nobody", KEY, 60),
        sas_token_by(ORDERS, KEY_NAME, KEY, -60),
        sas_token("sb://localhost/invoices"),
        jwt(),
    ] {
        let answer = peer.put_token(ORDERS, &token);
        assert_eq!(
            refusal(&answer),
            (401, "amqp:unauthorized-access"),
            "{token}: {answer:?}"
        );
        for part in ["TrackingId:", "SystemTracker:", "Timestamp:"] {
            assert!(answer.description.contains(part), "{}", answer.description);
        }
        assert!(
            !answer.description.contains("sig="),
            "{}",
            answer.description
        );
    }
    let refused = peer.sender("orders").unwrap_err();
    let condition = format!("{:?}", refused.condition);
    assert!(condition.contains("UnauthorizedAccess"), "{refused:?}");
}

#[test]
fn a_token_for_an_unknown_entity_is_refused_with_404() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    let audience = "sb://localhost/nowhere";
    let answer = peer.put_token(audience, &sas_token(audience));
    assert_eq!(refusal(&answer), (404, "amqp:not-found"), "{answer:?}");
    let text = "The messaging entity 'sb://localhost/nowhere' could not be found.";
    assert!(
        answer.description.starts_with(text),
        "{}",
        answer.description
    );
}

#[test]
fn json_web_tokens_are_accepted_only_where_asked_for() {
    let emulator = Emulator::builder()
        .queue("orders")
        .accept_jwt(true)
        .start()
        .unwrap();
    let mut peer = Peer::connect(&emulator);
    assert_eq!(peer.put_token(ORDERS, &jwt()).status, 202);
    assert!(peer.sender("orders").is_ok());
}

#[test]
fn requests_that_are_no_put_token_are_answered_as_such() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    let links = peer.request_links("$cbs", "$cbs");
    let asks = |operation: &str, name: Option<&str>| {
        let mut properties = vec![("operation", operation)];
        properties.extend(name.map(|name| ("name", name)));
        request(
            |writer| writer.put_uint(7),
            None,
            &properties,
            |writer| writer.put_null(),
        )
    };
    for (payload, status) in [
        (asks("delete-token", Some(ORDERS)), 501),
        (asks("put-token", None), 400),
        (asks("put-token", Some(ORDERS)), 400),
    ] {
        let answer = peer.ask(links, &payload);
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(
            answer.correlation_id,
            Value::Uint(7),
            "in the type it was sent in"
        );
    }
}

#[test]
fn one_pair_of_links_to_cbs_is_allowed_and_ending_its_session_frees_it() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    let first = peer.begin();
    peer.request_links("$cbs", "$cbs");
    peer.begin();
    for attach in [sender("$cbs"), receiver("$cbs")] {
        let refused = peer.attach(attach).unwrap_err();
        let condition = format!("{:?}", refused.condition);
        assert!(condition.contains("NotAllowed"), "{refused:?}");
    }
    peer.connection.end(first, None);
    peer.wait("end", |event| match event {
        Event::SessionEnded { session, .. } => (*session == first).then_some(()),
        _ => None,
    });
    let links = peer.request_links("$cbs", "$cbs");
    assert_eq!(
        peer.put_token_on(links, ORDERS, &sas_token(ORDERS)).status,
        202
    );
}
