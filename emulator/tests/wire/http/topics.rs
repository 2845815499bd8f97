//! Topics and their subscriptions by the management API.

use std::time::Duration;

use servicebus_emulator::{Emulator, SubscriptionOptions, Tier, TopicOptions};

use super::exchange::{entry, request, update};

const VERSION: &str = "api-version=2021-05";
const NEWS: &str = "/news?api-version=2021-05";
const ALL: &str = "/news/Subscriptions/all?api-version=2021-05";

fn setup() -> Emulator {
    let emulator = Emulator::builder().start().unwrap();
    emulator.create_topic("news", TopicOptions::new()).unwrap();
    emulator
        .create_subscription("news", "all", SubscriptionOptions::new())
        .unwrap();
    emulator
}

#[test]
fn a_topic_is_created_shown_changed_and_deleted_with_its_subscriptions() {
    let emulator = Emulator::builder().start().unwrap();
    let size = "<MaxSizeInMegabytes>2048</MaxSizeInMegabytes>";
    let created = request(&emulator, "PUT", NEWS, &entry("TopicDescription", size));
    assert_eq!(created.status, 201, "{created:?}");
    let created = request(&emulator, "PUT", ALL, &entry("SubscriptionDescription", ""));
    assert_eq!(created.status, 201, "{created:?}");
    let shown = request(&emulator, "GET", NEWS, "");
    assert_eq!(shown.element("MaxSizeInMegabytes"), Some("2048"));
    assert_eq!(shown.element("SubscriptionCount"), Some("1"));
    let metadata = "<UserMetadata>about</UserMetadata>";
    let updated = update(&emulator, NEWS, &entry("TopicDescription", metadata));
    assert_eq!(updated.status, 200, "{updated:?}");
    let shown = request(&emulator, "GET", NEWS, "");
    assert_eq!(shown.element("UserMetadata"), Some("about"));
    assert_eq!(request(&emulator, "DELETE", NEWS, "").status, 200);
    assert_eq!(emulator.counts("news/subscriptions/all"), None);
}

#[test]
fn queues_and_topics_are_listed_apart_and_share_their_names() {
    let emulator = setup();
    let queue = request(&emulator, "PUT", NEWS, &entry("QueueDescription", ""));
    assert_eq!(queue.status, 409, "{queue:?}");
    let queues = request(
        &emulator,
        "GET",
        &format!("/$Resources/queues?{VERSION}"),
        "",
    );
    assert!(!queues.body.contains("<entry"), "{queues:?}");
    let topics = request(
        &emulator,
        "GET",
        &format!("/$Resources/topics?{VERSION}"),
        "",
    );
    assert!(
        topics.body.contains("href=\"../news?api-version=2021-05\""),
        "{topics:?}"
    );
}

#[test]
fn a_subscription_bears_the_tag_of_its_topic() {
    let emulator = setup();
    let topic = request(&emulator, "GET", NEWS, "");
    emulator.advance(Duration::from_secs(1));
    let body = entry(
        "SubscriptionDescription",
        "<LockDuration>PT13S</LockDuration>",
    );
    let updated = update(&emulator, ALL, &body);
    assert_eq!(updated.status, 200, "{updated:?}");
    assert_eq!(updated.element("LockDuration"), Some("PT13S"));
    let shown = request(&emulator, "GET", ALL, "");
    for answer in [&updated, &shown] {
        assert_eq!(answer.header("etag"), topic.header("etag"), "{answer:?}");
    }
    assert!(shown.body.contains("<id>sb://localhost"), "{shown:?}");
    assert_eq!(shown.element("MessageCount"), Some("0"));
    assert_eq!(request(&emulator, "DELETE", ALL, "").status, 200);
    let gone = request(&emulator, "GET", ALL, "");
    assert_eq!(gone.status, 404);
    assert_eq!(gone.header("etag"), topic.header("etag"), "{gone:?}");
}

#[test]
fn subscriptions_are_listed_with_links_in_the_letters_of_the_request() {
    let emulator = setup();
    let link = "<link rel=\"self\" href=\"Subscriptions/all?api-version=2021-05\"/>";
    for list in ["/news/Subscriptions", "/news/Subscriptions/"] {
        let answer = request(&emulator, "GET", &format!("{list}?{VERSION}"), "");
        assert!(answer.body.contains(link), "{list}: {answer:?}");
    }
}

#[test]
fn what_a_topic_has_not_is_told_as_the_service_tells_it() {
    let emulator = setup();
    let body = entry("SubscriptionDescription", "");
    let other = "/news/subscriptions/other?api-version=2021-05";
    let nowhere = "/nowhere/subscriptions/all?api-version=2021-05";
    for (answer, status, text) in [
        (
            request(&emulator, "PUT", ALL, &body),
            409,
            "Entity 'sbemulatorns:Topic:news|all' already exists.",
        ),
        (
            request(&emulator, "GET", other, ""),
            404,
            "Entity 'sbemulatorns:Topic:news|other' was not found.",
        ),
        (
            request(&emulator, "DELETE", other, ""),
            404,
            "The messaging entity 'sbemulatorns:Topic:news|other' could not be found.",
        ),
        (
            update(&emulator, other, &body),
            404,
            "Entity 'sbemulatorns:Topic:news|other' was not found.",
        ),
        (
            update(&emulator, nowhere, &body),
            404,
            "The incoming request is not recognized as a namespace policy put request.",
        ),
        (
            request(&emulator, "DELETE", nowhere, ""),
            404,
            "No service is hosted at the specified address.",
        ),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        let detail = answer.element("Detail").unwrap();
        assert!(detail.starts_with(text), "{detail}");
    }
    let listed = request(&emulator, "GET", nowhere, "");
    assert!(
        listed.body.contains("Publicly Listed Services"),
        "{listed:?}"
    );
}

#[test]
fn the_namespace_tells_its_tier() {
    for (tier, name) in [(Tier::Standard, "Standard"), (Tier::Premium, "Premium")] {
        let emulator = Emulator::builder().tier(tier).start().unwrap();
        let answer = request(&emulator, "GET", &format!("/$namespaceinfo?{VERSION}"), "");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.element("MessagingSKU"), Some(name));
        assert_eq!(answer.element("Name"), Some("sbemulatorns"));
    }
}
