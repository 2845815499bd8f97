//! Which links are granted, on which terms, and how others are refused.

use std::time::Duration;

use serde_amqp::primitives::Symbol;
use serde_amqp::Value;
use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::types::messaging::{FilterSet, TargetArchetype};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::types::transaction::Coordinator;
use servicebus_amqp::Event;
use servicebus_emulator::{Emulator, QueueOptions, Tier};

use crate::peer::{receiver, sender, Peer};

fn emulator() -> Emulator {
    Emulator::builder().queue("orders").start().unwrap()
}

fn assert_refused(outcome: Result<impl Sized, Error>, condition: &str, text: &str) {
    let error = outcome.err().expect("refused");
    let shown = format!("{:?}", error.condition);
    assert!(shown.contains(condition), "{condition}: {error:?}");
    let description = error.description.unwrap_or_default();
    assert!(description.contains(text), "{text}: {description}");
    for part in ["TrackingId:", "SystemTracker:", "Timestamp:"] {
        assert!(description.contains(part), "{description}");
    }
}

/// The emulator's attach in answer to ours.
fn granted(peer: &mut Peer, attach: Attach) -> Attach {
    let name = attach.name.clone();
    let session = peer.session();
    peer.connection.attach(session, attach).unwrap();
    peer.wait("attach", |event| match event {
        Event::Attached { attach, .. } if attach.name == name => Some((**attach).clone()),
        _ => None,
    })
}

#[test]
fn an_entity_is_reached_by_every_spelling_of_its_address() {
    let emulator = Emulator::builder().queue("Team/Orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["team/orders"]);
    for address in [
        "Team/Orders",
        "/team/orders",
        "amqps://localhost:1234/TEAM/Orders",
        "team%2Forders",
    ] {
        assert!(peer.sender(address).is_ok(), "{address}");
        assert!(peer.attach(receiver(address)).is_ok(), "{address}");
    }
}

#[test]
fn source_and_target_come_back_as_they_were_sent() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    for attach in [
        sender("amqps://localhost:5671/Orders"),
        receiver("amqps://localhost:5671/Orders"),
    ] {
        let answer = granted(&mut peer, attach.clone());
        assert_eq!(
            (answer.source, answer.target),
            (attach.source, attach.target)
        );
    }
}

#[test]
fn the_tier_sets_the_size_limits_of_a_link() {
    for (tier, limit) in [(Tier::Standard, 262_144), (Tier::Premium, 1_048_576)] {
        let emulator = Emulator::builder()
            .queue("orders")
            .tier(tier)
            .start()
            .unwrap();
        let mut peer = Peer::authorized(&emulator, &["orders"]);
        let answer = granted(&mut peer, sender("orders"));
        assert_eq!(answer.max_message_size, Some(limit), "{tier:?}");
        let key = Symbol::from("com.microsoft:max-message-batch-size");
        let batch = answer.properties.unwrap().get(&key).cloned();
        assert_eq!(batch, Some(Value::Ulong(limit)), "{tier:?}");
        let answer = granted(&mut peer, receiver("orders"));
        assert_eq!(answer.max_message_size, Some(limit), "{tier:?}");
        assert!(
            answer.properties.is_some(),
            "clients read it without looking"
        );
    }
}

#[test]
fn a_sender_gets_a_thousand_credits_at_once() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    let credit = peer.wait("credit", |event| match event {
        Event::Flow {
            link: on, credit, ..
        } => (*on == link).then_some(*credit),
        _ => None,
    });
    assert_eq!(credit, 1_000);
}

#[test]
fn without_a_token_nothing_is_granted() {
    let emulator = emulator();
    let mut peer = Peer::connect(&emulator);
    assert_refused(
        peer.sender("orders"),
        "UnauthorizedAccess",
        "'Send' claim(s)",
    );
    assert_refused(
        peer.attach(receiver("orders")),
        "UnauthorizedAccess",
        "'Listen' claim(s)",
    );
    let management = peer.sender("orders/$management");
    assert_refused(management, "UnauthorizedAccess", "'Listen' claim(s)");
}

#[test]
fn a_token_for_one_entity_opens_no_other() {
    let emulator = Emulator::builder()
        .queue("orders")
        .queue("orders2")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    assert_refused(peer.sender("orders2"), "UnauthorizedAccess", "orders2");
    assert!(peer.sender("orders").is_ok());
}

#[test]
fn an_entity_that_was_deleted_after_the_token_was_put_is_not_found() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    emulator.delete_entity("orders").unwrap();
    let text = "The messaging entity 'sb://localhost/Orders' could not be found.";
    assert_refused(peer.sender("Orders"), "NotFound", text);
    assert_refused(peer.attach(receiver("Orders")), "NotFound", text);
}

#[test]
fn a_sender_loses_its_link_when_nobody_has_used_the_queue_for_too_long() {
    let idle = Duration::from_secs(300);
    let emulator = Emulator::builder()
        .queue_with("orders", QueueOptions::new().auto_delete_on_idle(idle))
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    emulator.advance(idle);
    let error = peer.detached(link);
    assert_refused(Err::<(), _>(error), "NotFound", "was deleted");
    assert_eq!(emulator.counts("orders"), None);
}

#[test]
fn links_of_a_deleted_entity_are_detached_and_others_are_not() {
    let emulator = Emulator::builder()
        .queue("orders")
        .queue("invoices")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders", "invoices"]);
    let doomed = peer.sender("orders").unwrap();
    let doomed_too = peer.receiver("orders/$DeadLetterQueue", 1);
    let kept = peer.sender("invoices").unwrap();
    emulator.delete_entity("ORDERS").unwrap();
    for link in [doomed, doomed_too] {
        let error = peer.detached(link);
        assert!(
            format!("{:?}", error.condition).contains("NotFound"),
            "{error:?}"
        );
    }
    peer.send(kept, &crate::messages::text("still here"));
    emulator
        .create_queue("orders", QueueOptions::new())
        .unwrap();
    assert!(
        peer.sender("orders").is_ok(),
        "an entity made again can be used again"
    );
}

#[test]
fn a_dead_letter_queue_has_receivers_but_no_senders() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    assert!(peer.attach(receiver("orders/$deadletterqueue")).is_ok());
    assert_refused(
        peer.sender("orders/$DeadLetterQueue"),
        "NotAllowed",
        "sub-queue",
    );
}

#[test]
fn what_needs_sessions_is_refused() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let mut attach = receiver("orders");
    let mut filter = FilterSet::new();
    filter.insert(Symbol::from("com.microsoft:session-filter"), Value::Null);
    attach.source.as_mut().unwrap().filter = Some(filter);
    assert_refused(peer.attach(attach), "NotAllowed", "session");
}

#[test]
fn a_coordinator_says_what_it_can_do() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &[]);
    let coordinator = TargetArchetype::Coordinator(Coordinator { capabilities: None });
    let attach = Attach {
        target: Some(Box::new(coordinator)),
        ..sender("")
    };
    let answer = granted(&mut peer, attach);
    let Some(TargetArchetype::Coordinator(coordinator)) = answer.target.as_deref() else {
        panic!("no coordinator: {answer:?}");
    };
    let shown = format!("{:?}", coordinator.capabilities);
    assert!(shown.contains("LocalTransactions"), "{shown}");
    assert!(!shown.contains("DistributedTransactions"), "{shown}");
}

#[test]
fn unknown_properties_and_capabilities_are_passed_over() {
    let emulator = emulator();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let mut attach = receiver("orders");
    let properties = attach.properties.get_or_insert_default();
    properties.insert(
        Symbol::from("com.microsoft:receiver-name"),
        Value::Bool(true),
    );
    properties.insert(Symbol::from("com.example:anything"), Value::Null);
    attach.desired_capabilities = Some(vec![Symbol::from("anything")].into());
    assert!(peer.attach(attach).is_ok());
}

#[test]
fn an_error_says_which_part_of_the_service_it_comes_from() {
    let emulator = Emulator::builder()
        .queue("Orders")
        .topic("Prices")
        .subscription("Prices", "All")
        .start()
        .unwrap();
    let paths = ["Orders", "Prices", "Prices/Subscriptions/All"];
    let mut peer = Peer::authorized(&emulator, &paths);
    let tracker = |name: &str| format!("SystemTracker:sbemulatorns:{name}, Timestamp:");
    let refused = peer.sender("Orders/$DeadLetterQueue");
    assert_refused(
        refused,
        "NotAllowed",
        &tracker("Queue:orders|$DeadLetterQueue"),
    );
    let refused = peer.sender("Prices/Subscriptions/All");
    assert_refused(refused, "NotAllowed", &tracker("Topic:prices|all"));
    let refused = peer.attach(receiver("Prices"));
    assert_refused(refused, "NotAllowed", &tracker("Topic:prices"));

    let mut stranger = Peer::connect(&emulator);
    let text = "Resource: 'sb://localhost/Orders'. TrackingId:";
    assert_refused(stranger.sender("Orders"), "UnauthorizedAccess", text);
}
