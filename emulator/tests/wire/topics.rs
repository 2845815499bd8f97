//! Topics and subscriptions: who may attach where, and which copies arrive.

use serde_amqp::Value;
use servicebus_amqp::types::definitions::Error;
use servicebus_emulator::{Emulator, EmulatorBuilder, RuleOptions, Tier, TopicOptions};

use crate::messages::{entry, text, Arrived};
use crate::operations::{peek, peeked};
use crate::peer::{receiver, Peer};

const ALL: &str = "news/Subscriptions/all";

fn builder() -> EmulatorBuilder {
    Emulator::builder()
        .topic("news")
        .subscription("news", "all")
        .subscription("news", "some")
}

fn setup() -> (Emulator, Peer) {
    let emulator = builder().start().unwrap();
    let peer = Peer::authorized(&emulator, &["news"]);
    (emulator, peer)
}

fn assert_refused(outcome: Result<impl Sized, Error>, condition: &str, text: &str) {
    let error = outcome.err().expect("refused");
    assert!(
        format!("{error:?}").contains(condition),
        "{condition}: {error:?}"
    );
    let description = error.description.unwrap_or_default();
    assert!(description.contains(text), "{text}: {description}");
}

#[test]
fn every_subscription_gets_a_copy_that_it_settles_alone() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("news").unwrap();
    peer.send(link, &text("a"));
    peer.send(link, &text("b"));
    let all = peer.receiver(ALL, 2);
    let first = Arrived::new(&peer.receive(all));
    let second = Arrived::new(&peer.receive(all));
    assert_eq!((first.text(), second.text()), ("a".into(), "b".into()));
    let annotations = second.message_annotations();
    let first_number = entry(&annotations, "x-opt-enqueue-sequence-number");
    assert_eq!(first_number, Value::Long(2), "its number in the topic");
    let counts = |path: &str| emulator.counts(path).expect("it exists");
    assert_eq!(counts(ALL).locked, 2);
    assert_eq!(counts("NEWS/subscriptions/SOME").active, 2);
}

#[test]
fn topics_are_for_senders_and_subscriptions_for_receivers() {
    let (_emulator, mut peer) = setup();
    let topic = peer.attach(receiver("news"));
    assert_refused(
        topic,
        "NotAllowed",
        "messages are received from its subscriptions",
    );
    assert_refused(
        peer.sender(ALL),
        "NotAllowed",
        "messages are sent to its topic",
    );
    let missing = peer.attach(receiver("news/Subscriptions/none"));
    assert_refused(missing, "NotFound", "news/Subscriptions/none");
}

#[test]
fn the_management_node_of_a_subscription_shows_its_copies() {
    let (_emulator, mut peer) = setup();
    let link = peer.sender("news").unwrap();
    peer.send(link, &text("a"));
    let links = peer.request_links("news/subscriptions/all/$management", "answers");
    let answer = peek(&mut peer, links, 1, 10);
    let bodies: Vec<_> = peeked(&answer).iter().map(Arrived::text).collect();
    assert_eq!(bodies, ["a"]);
    let links = peer.request_links("news/$management", "other answers");
    assert_eq!(peek(&mut peer, links, 1, 10).status, 204, "none stays");
}

#[test]
fn rules_select_and_change() {
    let (emulator, mut peer) = setup();
    let none = RuleOptions::sql("color = 'none'");
    emulator.create_rule("news", "some", "none", none).unwrap();
    let copy = RuleOptions::sql("sys.Label IS NULL").action("SET color = 'red'");
    emulator.create_rule("news", "some", "copy", copy).unwrap();
    emulator.delete_rule("news", "some", "$Default").unwrap();
    let link = peer.sender("news").unwrap();
    peer.send(link, &text("a"));
    let some = peer.receiver("news/Subscriptions/some", 5);
    let message = Arrived::new(&peer.receive(some));
    let properties = message.application_properties();
    let red = Value::String("red".to_owned());
    assert_eq!(entry(&properties, "color"), red);
    let name = Value::String("copy".to_owned());
    assert_eq!(entry(&properties, "RuleName"), name);
    assert!(peer.receives_nothing(some), "one rule alone has matched");
    let unreadable = RuleOptions::sql("color =");
    let refused = emulator.create_rule("news", "all", "bad", unreadable);
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn a_deleted_subscription_detaches_its_receivers_and_a_deleted_topic_all() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("news").unwrap();
    let all = peer.receiver(ALL, 1);
    let some = peer.receiver("news/Subscriptions/some", 1);
    emulator.delete_entity(ALL).unwrap();
    assert_refused(Err::<(), _>(peer.detached(all)), "NotFound", "deleted");
    peer.send(sender, &text("a"));
    assert_eq!(Arrived::new(&peer.receive(some)).text(), "a");
    emulator.delete_entity("news").unwrap();
    for link in [sender, some] {
        assert_refused(Err::<(), _>(peer.detached(link)), "NotFound", "deleted");
    }
}

#[test]
fn a_topic_of_the_premium_tier_may_take_larger_messages() {
    let emulator = builder().tier(Tier::Premium).start().unwrap();
    let options = TopicOptions::new().max_message_size_in_kilobytes(2_048);
    emulator.update_topic("news", options).unwrap();
    let mut peer = Peer::authorized(&emulator, &["news"]);
    let link = peer.sender("news").unwrap();
    let large = "x".repeat(1_500_000);
    peer.send(link, &text(&large));
    let all = peer.receiver(ALL, 1);
    assert_eq!(Arrived::new(&peer.receive(all)).text().len(), large.len());
}
