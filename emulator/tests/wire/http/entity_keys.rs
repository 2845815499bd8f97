//! Keys of an entity: what their holders may do there, and nowhere else.

use servicebus_amqp::types::definitions::Error;
use servicebus_emulator::Emulator;

use super::exchange::{entry, exchange, request};
use crate::operations::peek;
use crate::peer::{receiver, sas_token_by, Answer, Peer};

const VERSION: &str = "api-version=2021-05";

fn rule(name: &str, key: &str, rights: &[&str]) -> String {
    let rights: String = rights
        .iter()
        .map(|right| format!("<AccessRights>{right}</AccessRights>"))
        .collect();
    format!(
        "<AuthorizationRule i:type=\"SharedAccessAuthorizationRule\">\
         <ClaimType>SharedAccessKey</ClaimType><ClaimValue>None</ClaimValue><Rights>{rights}</Rights>\
         <KeyName>{name}</KeyName><PrimaryKey>{key}</PrimaryKey><SecondaryKey>{key}2</SecondaryKey>\
         </AuthorizationRule>"
    )
}

fn description(rules: &[String]) -> String {
    let rules = rules.concat();
    entry(
        "QueueDescription",
        &format!("<AuthorizationRules>{rules}</AuthorizationRules>"),
    )
}

/// A queue `orders` with a key for each right, and a queue `invoices` without any.
fn setup() -> Emulator {
    let emulator = Emulator::builder().queue("invoices").start().unwrap();
    let body = description(&[
        rule("sends", "S", &["Send"]),
        rule("listens", "L", &["Listen"]),
        rule("manages", "M", &["Manage", "Listen", "Send"]),
    ]);
    let answer = request(&emulator, "PUT", &format!("/orders?{VERSION}"), &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    emulator
}

fn put_token(peer: &mut Peer, entity: &str, name: &str, key: &str) -> Answer {
    let audience = format!("sb://localhost/{entity}");
    peer.put_token(&audience, &sas_token_by(&audience, name, key, 60))
}

fn holder(emulator: &Emulator, name: &str, key: &str) -> Peer {
    let mut peer = Peer::connect(emulator);
    let answer = put_token(&mut peer, "orders", name, key);
    assert_eq!(answer.status, 202, "{name}: {answer:?}");
    peer
}

fn is_unauthorized<T>(outcome: Result<T, Error>, right: &str) -> bool {
    outcome.is_err_and(|error| {
        let condition = format!("{:?}", error.condition);
        let text = error.description.unwrap_or_default();
        condition.contains("UnauthorizedAccess") && text.contains(&format!("'{right}' claim"))
    })
}

#[test]
fn a_key_to_send_does_not_listen() {
    let emulator = setup();
    let mut peer = holder(&emulator, "sends", "S");
    assert!(peer.sender("orders").is_ok());
    assert!(is_unauthorized(peer.attach(receiver("orders")), "Listen"));
    let links = peer.request_links("orders/$management", "answers");
    let answer = peek(&mut peer, links, 1, 1);
    assert_eq!(
        (answer.status, answer.condition.as_deref()),
        (401, Some("amqp:unauthorized-access"))
    );
}

#[test]
fn a_key_to_listen_does_not_send() {
    let emulator = setup();
    let mut peer = holder(&emulator, "listens", "L2");
    assert!(peer.attach(receiver("orders")).is_ok());
    assert!(is_unauthorized(peer.sender("orders"), "Send"));
    let links = peer.request_links("orders/$management", "answers");
    assert_eq!(peek(&mut peer, links, 1, 1).status, 204);
}

#[test]
fn a_key_opens_its_own_entity_alone() {
    let emulator = setup();
    let mut peer = Peer::connect(&emulator);
    let answer = put_token(&mut peer, "invoices", "manages", "M");
    assert_eq!(
        (answer.status, answer.condition.as_deref()),
        (401, Some("amqp:unauthorized-access"))
    );
    let dead = "orders/$DeadLetterQueue";
    assert_eq!(put_token(&mut peer, dead, "listens", "L").status, 202);
    assert!(peer.attach(receiver(dead)).is_ok());
}

#[test]
fn only_the_right_to_manage_opens_the_management_api() {
    let emulator = setup();
    let get = |name: &str, key: &str| {
        let token = sas_token_by("http://localhost/orders", name, key, 60);
        let headers = [("Authorization", token.as_str())];
        exchange(
            &emulator,
            "GET",
            &format!("/orders?{VERSION}"),
            &headers,
            "",
        )
    };
    assert_eq!(get("manages", "M").status, 200);
    for (name, key) in [("sends", "S"), ("listens", "L")] {
        let answer = get(name, key);
        assert_eq!(answer.status, 401, "{answer:?}");
        let detail = answer.element("Detail").unwrap();
        assert!(
            detail.starts_with("Manage,EntityRead claims required"),
            "{detail}"
        );
    }
}

#[test]
fn rules_are_shown_with_their_rights_in_the_order_given() {
    let emulator = setup();
    let shown = request(&emulator, "GET", &format!("/orders?{VERSION}"), "");
    let rights = "<Rights><AccessRights>Manage</AccessRights><AccessRights>Listen</AccessRights>\
                  <AccessRights>Send</AccessRights></Rights><KeyName>manages</KeyName>\
                  <PrimaryKey>M</PrimaryKey><SecondaryKey>M2</SecondaryKey>";
    assert!(shown.body.contains(rights), "{shown:?}");
}

#[test]
fn keys_that_are_not_given_are_made_up() {
    let emulator = Emulator::builder().start().unwrap();
    let body =
        description(&[rule("sends", "", &["Send"]).replace("2</SecondaryKey>", "</SecondaryKey>")]);
    let created = request(&emulator, "PUT", &format!("/orders?{VERSION}"), &body);
    let (first, second) = (
        created.element("PrimaryKey"),
        created.element("SecondaryKey"),
    );
    assert_eq!(first.map(str::len), Some(44), "{created:?}");
    assert_ne!(first, second);
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let emulator = Emulator::builder().start().unwrap();
    let twice = rule("Sends", "S", &["Send"]);
    let many = (0..13)
        .map(|n| rule(&format!("r{n}"), "k", &["Send"]))
        .collect();
    for rules in [
        vec![rule("", "k", &["Send"])],
        vec![rule("none", "k", &[])],
        vec![rule("unknown", "k", &["Read"])],
        vec![rule("alone", "k", &["Manage"])],
        vec![rule("sends", "k", &["Send"]), twice],
        vec![rule("long", &"k".repeat(300), &["Send"])],
        many,
    ] {
        let body = description(&rules);
        let answer = request(&emulator, "PUT", &format!("/orders?{VERSION}"), &body);
        assert_eq!(answer.status, 400, "{rules:?}: {answer:?}");
    }
}
