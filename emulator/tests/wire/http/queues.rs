//! Queues by the management API.

use servicebus_emulator::{Emulator, MessageCounts};

use super::exchange::{entry, request, update};

const VERSION: &str = "api-version=2021-05";

#[test]
fn a_queue_is_created_shown_and_deleted() {
    let emulator = Emulator::builder().start().unwrap();
    let body = entry(
        "QueueDescription",
        "<LockDuration>PT13S</LockDuration><MaxDeliveryCount>7</MaxDeliveryCount>",
    );
    let created = request(&emulator, "PUT", &format!("/orders?{VERSION}"), &body);
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(
        created.header("content-type"),
        Some("application/atom+xml;type=entry;charset=utf-8")
    );
    assert_eq!(emulator.counts("orders"), Some(MessageCounts::default()));

    let shown = request(&emulator, "GET", &format!("/Orders?{VERSION}"), "");
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(
        shown.body.contains("<title type=\"text\">orders</title>"),
        "{shown:?}"
    );
    assert_eq!(shown.element("LockDuration"), Some("PT13S"));
    assert_eq!(shown.element("MaxDeliveryCount"), Some("7"));

    let deleted = request(&emulator, "DELETE", &format!("/orders?{VERSION}"), "");
    assert_eq!((deleted.status, deleted.body.as_str()), (200, ""));
    assert_eq!(deleted.header("content-length"), Some("0"));
    assert_eq!(emulator.counts("orders"), None);
}

#[test]
fn a_name_with_a_slash_is_taken_escaped_and_plain() {
    let emulator = Emulator::builder().start().unwrap();
    let body = entry("QueueDescription", "");
    let created = request(&emulator, "PUT", &format!("/a%2Fb?{VERSION}"), &body);
    assert_eq!(created.status, 201, "{created:?}");
    let shown = request(&emulator, "GET", &format!("/a/b?{VERSION}"), "");
    assert!(
        shown.body.contains("<title type=\"text\">a/b</title>"),
        "{shown:?}"
    );
}

#[test]
fn what_does_not_exist_is_told_as_the_service_tells_it() {
    let emulator = Emulator::builder().start().unwrap();
    let path = format!("/missing?{VERSION}");
    let shown = request(&emulator, "GET", &path, "");
    assert_eq!(shown.status, 200);
    assert!(
        shown.body.contains(">Publicly Listed Services</title>"),
        "{shown:?}"
    );
    let deleted = request(&emulator, "DELETE", &path, "");
    assert_eq!(deleted.status, 404);
    let detail = deleted.element("Detail").unwrap();
    assert!(
        detail.starts_with("No service is hosted at the specified address. TrackingId:"),
        "{detail}"
    );
    let updated = update(&emulator, &path, &entry("QueueDescription", ""));
    assert_eq!(updated.status, 404);
    let detail = updated.element("Detail").unwrap();
    assert!(detail.starts_with("SubCode=40400. Not Found."), "{detail}");
}

#[test]
fn what_exists_is_not_created_again() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let body = entry("QueueDescription", "");
    let answer = request(&emulator, "PUT", &format!("/Orders?{VERSION}"), &body);
    assert_eq!(answer.status, 409);
    assert_eq!(answer.element("Code"), Some("409"));
    let detail = answer.element("Detail").unwrap();
    assert!(detail.starts_with("SubCode=40900. Conflict."), "{detail}");
}

#[test]
fn a_queue_without_a_name_is_refused_as_the_service_refuses_it() {
    let emulator = Emulator::builder().start().unwrap();
    let body = entry("QueueDescription", "");
    let answer = request(&emulator, "PUT", &format!("/?{VERSION}"), &body);
    assert_eq!(answer.status, 401);
    let detail = answer.element("Detail").unwrap();
    assert!(
        detail.starts_with("Generic: Provided resource identifier"),
        "{detail}"
    );
}

#[test]
fn a_queue_beneath_a_queue_is_not_managed() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let path = format!("/orders/$DeadLetterQueue?{VERSION}");
    let answer = request(&emulator, "GET", &path, "");
    assert_eq!(answer.status, 400);
    let detail = answer.element("Detail").unwrap();
    assert!(
        detail.starts_with("The specified HTTP verb (GET) is not valid."),
        "{detail}"
    );
}

#[test]
fn a_description_that_cannot_be_read_is_refused() {
    let emulator = Emulator::builder().start().unwrap();
    let wrong = [
        String::new(),
        "<entry".to_owned(),
        "<entry/>".to_owned(),
        entry("OtherDescription", ""),
        entry("QueueDescription", "<LockDuration>1 minute</LockDuration>"),
        entry("QueueDescription", "<MaxDeliveryCount>0</MaxDeliveryCount>"),
    ];
    for body in wrong {
        let answer = request(&emulator, "PUT", &format!("/orders?{VERSION}"), &body);
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert_eq!(emulator.counts("orders"), None, "{body}");
    }
}

#[test]
fn an_unknown_version_of_the_api_is_refused() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    for version in ["2017-04", "2021-05", "2024-05"] {
        let answer = request(
            &emulator,
            "GET",
            &format!("/orders?api-version={version}"),
            "",
        );
        assert_eq!(answer.status, 200, "{version}: {answer:?}");
    }
    let answer = request(&emulator, "GET", "/orders?api-version=1999-01", "");
    assert_eq!(answer.status, 400, "{answer:?}");
}
