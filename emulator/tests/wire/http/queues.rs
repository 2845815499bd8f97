//! Queues by the management API.

use std::time::Duration;

use servicebus_emulator::{Emulator, MessageCounts, Tier};

use super::exchange::{entry, request, update, update_if};

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

#[test]
fn a_window_of_duplicates_is_as_long_as_that_of_the_service_at_least() {
    let emulator = Emulator::builder().start().unwrap();
    for (window, status) in [("PT20S", 201), ("PT19S", 400), ("P8D", 400)] {
        let element = format!(
            "<DuplicateDetectionHistoryTimeWindow>{window}</DuplicateDetectionHistoryTimeWindow>"
        );
        let body = entry("QueueDescription", &element);
        let answer = request(&emulator, "PUT", &format!("/{window}?{VERSION}"), &body);
        assert_eq!(answer.status, status, "{window}: {answer:?}");
    }
}

#[test]
fn every_setting_comes_back() {
    let emulator = Emulator::builder().queue("target").start().unwrap();
    let elements =
        "<LockDuration>PT13S</LockDuration><MaxSizeInMegabytes>3072</MaxSizeInMegabytes>\
         <RequiresSession>true</RequiresSession>\
         <DefaultMessageTimeToLive>PT11M</DefaultMessageTimeToLive>\
         <DeadLetteringOnMessageExpiration>true</DeadLetteringOnMessageExpiration>\
         <DuplicateDetectionHistoryTimeWindow>PT12M</DuplicateDetectionHistoryTimeWindow>\
         <MaxDeliveryCount>14</MaxDeliveryCount>\
         <EnableBatchedOperations>false</EnableBatchedOperations><Status>SendDisabled</Status>\
         <UserMetadata> a &lt; b </UserMetadata><AutoDeleteOnIdle>PT10M</AutoDeleteOnIdle>\
         <EnableExpress>true</EnableExpress>";
    let path = format!("/orders?{VERSION}");
    let body = entry("QueueDescription", elements);
    let created = request(&emulator, "PUT", &path, &body);
    assert_eq!(created.status, 201, "{created:?}");
    let shown = request(&emulator, "GET", &path, "");
    for element in elements
        .split_inclusive("</")
        .map(|text| text.trim_end_matches("</"))
    {
        let element = element.split_once('>').map_or("", |(_, element)| element);
        assert!(shown.body.contains(element), "{element}: {shown:?}");
    }
    assert_eq!(shown.element("AccessedAt"), Some("0001-01-01T00:00:00Z"));
}

#[test]
fn an_update_replaces_all_settings_and_answers_with_what_was_sent() {
    let emulator = Emulator::builder().start().unwrap();
    let path = format!("/orders?{VERSION}");
    let first = "<LockDuration>PT13S</LockDuration><MaxDeliveryCount>7</MaxDeliveryCount>";
    request(&emulator, "PUT", &path, &entry("QueueDescription", first));
    let tag = |emulator: &Emulator| {
        let shown = request(emulator, "GET", &path, "");
        shown.header("etag").unwrap().to_owned()
    };
    let before = tag(&emulator);
    emulator.advance(Duration::from_secs(1));
    let body = entry("QueueDescription", "<LockDuration>PT20S</LockDuration>");
    let updated = update(&emulator, &path, &body);
    assert_eq!(updated.status, 200, "{updated:?}");
    assert_eq!(updated.header("etag"), Some(before.as_str()), "the old tag");
    assert_eq!(updated.element("LockDuration"), Some("PT20S"));
    assert_eq!(updated.element("MaxDeliveryCount"), None);
    assert_eq!(updated.element("published"), None);
    let shown = request(&emulator, "GET", &path, "");
    assert_eq!(shown.element("MaxDeliveryCount"), Some("10"));
    assert_ne!(tag(&emulator), before);
}

#[test]
fn an_update_may_name_the_version_that_it_is_of() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let path = format!("/orders?{VERSION}");
    let shown = request(&emulator, "GET", &path, "");
    let tag = shown.header("etag").unwrap().to_owned();
    emulator.advance(Duration::from_secs(1));
    let body = |seconds: u32| {
        let elements = format!("<LockDuration>PT{seconds}S</LockDuration>");
        entry("QueueDescription", &elements)
    };
    let quoted = format!("\"1\", \"{tag}\"");
    let updated = update_if(&emulator, &path, &quoted, &body(20));
    assert_eq!(updated.status, 200, "{updated:?}");
    let refused = update_if(&emulator, &path, &tag, &body(30));
    assert_eq!(refused.status, 412, "that version is gone: {refused:?}");
    let shown = request(&emulator, "GET", &path, "");
    assert_eq!(shown.element("LockDuration"), Some("PT20S"));
}

#[test]
fn what_cannot_change_is_refused_in_the_services_words() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    for (elements, text) in [
        (
            "<RequiresSession>true</RequiresSession>",
            "SubCode=40000. The value for the RequiresSession property of an existing Queue \
             cannot be changed. To know more visit",
        ),
        (
            "<LockDuration>P25D</LockDuration>",
            "SubCode=40000. The supplied lock time exceeds the allowed maximum of '5' minutes. To \
             know more visit https://aka.ms/sbResourceMgrExceptions. &#13;\nParameter name: \
             LockDuration&#13;\nActual value was 25.00:00:00. TrackingId:",
        ),
    ] {
        let body = entry("QueueDescription", elements);
        let answer = update(&emulator, &format!("/orders?{VERSION}"), &body);
        assert_eq!(answer.status, 400, "{answer:?}");
        let detail = answer.element("Detail").unwrap();
        assert!(detail.starts_with(text), "{detail}");
    }
}

#[test]
fn a_setting_of_a_later_version_is_refused() {
    let emulator = Emulator::builder().tier(Tier::Premium).start().unwrap();
    let size = "<MaxMessageSizeInKilobytes>2048</MaxMessageSizeInKilobytes>";
    let body = entry("QueueDescription", size);
    let old = request(&emulator, "PUT", "/orders?api-version=2017-04", &body);
    assert_eq!(old.status, 400, "{old:?}");
    let new = request(&emulator, "PUT", "/orders?api-version=2021-05", &body);
    assert_eq!(new.element("MaxMessageSizeInKilobytes"), Some("2048"));
    let old = request(&emulator, "GET", "/orders?api-version=2017-04", "");
    assert_eq!(old.element("MaxMessageSizeInKilobytes"), None);
}

#[test]
fn a_list_comes_in_pages() {
    let mut setup = Emulator::builder();
    for number in 0..5 {
        setup = setup.queue(format!("q{number}"));
    }
    let emulator = setup.start().unwrap();
    let page = |query: &str| {
        let path = format!("/$Resources/queues?{query}{VERSION}");
        let answer = request(&emulator, "GET", &path, "");
        assert_eq!(answer.status, 200, "{answer:?}");
        let titles: Vec<String> = answer
            .body
            .split("<title type=\"text\">q")
            .skip(1)
            .map(|rest| rest[..1].to_owned())
            .collect();
        (titles.concat(), answer.body.contains("rel=\"next\""))
    };
    assert_eq!(page(""), ("01234".to_owned(), false));
    assert_eq!(page("$skip=0&$top=2&"), ("01".to_owned(), true));
    assert_eq!(page("$skip=4&$top=2&"), ("4".to_owned(), false));
    assert_eq!(page("$skip=9&"), (String::new(), false));
    let wrong = request(
        &emulator,
        "GET",
        &format!("/$Resources/queues?$skip=-1&{VERSION}"),
        "",
    );
    let detail = wrong.element("Detail").unwrap();
    assert!(
        detail.starts_with("Parameter 'skip' should be non-negative integer."),
        "{detail}"
    );
}
