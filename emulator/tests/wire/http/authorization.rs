//! Who may use the management API.

use std::time::Duration;

use servicebus_emulator::Emulator;

use super::exchange::{entry, exchange, request, DEAD_LETTER_FORWARDING, FORWARDING};
use crate::peer::{jwt, sas_token, sas_token_by, KEY, KEY_NAME};

const PATH: &str = "/orders?api-version=2021-05";

fn status(emulator: &Emulator, authorization: &str) -> (u16, String) {
    let headers = [("Authorization", authorization)];
    let answer = exchange(emulator, "GET", PATH, &headers, "");
    let detail = answer.element("Detail").unwrap_or_default();
    (answer.status, detail.to_owned())
}

#[test]
fn health_needs_no_token() {
    let emulator = Emulator::builder().start().unwrap();
    let answer = exchange(&emulator, "GET", "/health", &[], "");
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn everything_else_needs_one() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let answer = exchange(&emulator, "GET", PATH, &[], "");
    assert_eq!(answer.status, 401, "{answer:?}");
    let answer = request(&emulator, "GET", PATH, "");
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn a_token_may_be_signed_for_the_namespace_or_the_entity_in_any_scheme() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    for resource in [
        "http://localhost:5300/",
        "https://localhost/orders",
        "sb://LOCALHOST/Orders/",
        "https://localhost/orders?api-version=2021-05",
    ] {
        let (status, detail) = status(&emulator, &sas_token(resource));
        assert_eq!(status, 200, "{resource}: {detail}");
    }
    let (status, detail) = status(&emulator, &sas_token("https://localhost/invoices"));
    assert_eq!(status, 401);
    assert!(detail.starts_with("InvalidAudience:"), "{detail}");
}

#[test]
fn a_wrong_signature_is_refused_in_the_services_words() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let token = sas_token_by("http://localhost/", KEY_NAME, "another", 60);
    let (status, detail) = status(&emulator, &token);
    assert_eq!(status, 401);
    let text = "InvalidSignature: The token has an invalid signature. TrackingId:";
    assert!(detail.starts_with(text), "{detail}");
    assert!(
        detail.contains(", SystemTracker:NoSystemTracker, Timestamp:"),
        "{detail}"
    );
}

#[test]
fn an_expired_token_is_refused_by_transport_time() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let token = sas_token_by("http://localhost/", KEY_NAME, KEY, 3_600);
    assert_eq!(status(&emulator, &token).0, 200);
    emulator.advance(Duration::from_secs(3_601));
    assert_eq!(status(&emulator, &token).0, 200);
    emulator.advance_transport(Duration::from_secs(3_601));
    assert_eq!(status(&emulator, &token).0, 401);
}

#[test]
fn web_tokens_are_accepted_where_the_user_asked_for_it() {
    let authorization = format!("Bearer {}", jwt());
    let strict = Emulator::builder().queue("orders").start().unwrap();
    assert_eq!(status(&strict, &authorization).0, 401);
    let lenient = Emulator::builder()
        .queue("orders")
        .accept_jwt(true)
        .start()
        .unwrap();
    assert_eq!(status(&lenient, &authorization).0, 200);
    assert_eq!(status(&lenient, "Bearer nonsense").0, 401);
}

#[test]
fn forwarding_needs_a_token_for_the_place_it_leads_to() {
    let emulator = Emulator::builder()
        .queue("target")
        .topic("topic")
        .start()
        .unwrap();
    let token = sas_token("http://localhost/");
    let target = sas_token("sb://localhost/target");
    let other = sas_token("sb://localhost/other");
    let put = |path: &str, body: &str, proof: &[(&str, &str)]| {
        let mut headers = vec![("Authorization", token.as_str())];
        headers.extend(proof);
        let path = format!("{path}?api-version=2021-05");
        exchange(&emulator, "PUT", &path, &headers, body)
    };
    for (path, kind, tracker) in [
        ("/source", "QueueDescription", "Queue:source"),
        (
            "/topic/subscriptions/all",
            "SubscriptionDescription",
            "Topic:topic|all",
        ),
    ] {
        for (element, header, wrong) in [
            ("ForwardTo", FORWARDING, DEAD_LETTER_FORWARDING),
            (
                "ForwardDeadLetteredMessagesTo",
                DEAD_LETTER_FORWARDING,
                FORWARDING,
            ),
        ] {
            let body = entry(
                kind,
                &format!("<{element}>sb://localhost/target</{element}>"),
            );
            let body = body.as_str();
            for proof in [
                &[][..],
                &[(header, other.as_str())],
                &[(wrong, target.as_str())],
            ] {
                let refused = put(path, body, proof);
                let detail = refused.element("Detail").unwrap_or_default();
                let text = format!("SystemTracker:sbemulatorns:{tracker},");
                let unauthorized = detail.starts_with("SubCode=40100. Unauthorized. TrackingId:");
                let so = unauthorized && detail.contains(&text);
                assert!(refused.status == 401 && so, "{element}: {refused:?}");
            }
            let created = put(path, body, &[(header, &target)]);
            assert_eq!(created.status, 201, "{element}: {created:?}");
            let refused = exchange(
                &emulator,
                "PUT",
                &format!("{path}?api-version=2021-05"),
                &[("Authorization", &token), ("If-Match", "*")],
                body,
            );
            assert_eq!(
                refused.status, 401,
                "an update is no different: {refused:?}"
            );
            emulator
                .delete_entity(path.trim_start_matches('/'))
                .unwrap();
        }
    }
}

#[test]
fn forwarding_leads_to_what_exists() {
    let emulator = Emulator::builder().start().unwrap();
    let body = entry(
        "QueueDescription",
        "<ForwardTo>sb://localhost/target</ForwardTo>",
    );
    let refused = request(&emulator, "PUT", PATH, &body);
    let detail = refused.element("Detail").unwrap_or_default();
    let text = "SubCode=40400. The auto forwarding destination entity does not exist.";
    assert!(
        refused.status == 400 && detail.starts_with(text),
        "{refused:?}"
    );
}
