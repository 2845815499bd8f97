//! What a subscription gets by its rules.

use serde_amqp::Value;
use servicebus_amqp::descriptor::APPLICATION_PROPERTIES;

use super::*;
use crate::messages::{entry, section, text, Arrived};

/// A message whose body is the color that it has as a property.
fn colored(color: &str) -> Vec<u8> {
    let mut message = section(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("color");
            writer.put_string(color);
        });
    });
    message.extend(text(color));
    message
}

#[test]
fn messages_go_where_rules_send_them() {
    let (_emulator, mut peer, links) = setup();
    assert_eq!(remove(&mut peer, links, "$default").status, 200);
    let sender = peer.sender("events").unwrap();
    peer.send(sender, &colored("green"));
    for (name, filter, action) in [
        ("plain", "color LIKE 'r%'", None),
        ("changing", "color = 'red'", Some("SET color = color + '!'")),
    ] {
        let answer = add_sql(&mut peer, links, name, filter, action);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for color in ["red", "blue", "rose"] {
        peer.send(sender, &colored(color));
    }
    let receiver = peer.receiver(SUBSCRIPTION, 10);
    let arrived: Vec<_> = (0..3)
        .map(|_| Arrived::new(&peer.receive(receiver)))
        .collect();
    let bodies: Vec<String> = arrived.iter().map(Arrived::text).collect();
    assert_eq!(bodies, ["red", "red", "rose"]);
    let properties = arrived[1].application_properties();
    assert_eq!(entry(&properties, "color"), Value::from("red!"));
    assert_eq!(entry(&properties, "RuleName"), Value::from("changing"));
    assert_eq!(arrived[0].application_properties().len(), 1);
    assert!(peer.receives_nothing(receiver));
}

#[test]
fn a_filter_that_fails_dead_letters_the_message() {
    let (_emulator, mut peer, links) = setup();
    remove(&mut peer, links, "$Default");
    add_sql(&mut peer, links, "number", "color > 1", None);
    let sender = peer.sender("events").unwrap();
    peer.send(sender, &colored("red"));
    let receiver = peer.receiver(&format!("{SUBSCRIPTION}/$DeadLetterQueue"), 1);
    let arrived = Arrived::new(&peer.receive(receiver));
    let properties = arrived.application_properties();
    let reason = entry(&properties, "DeadLetterReason");
    assert_eq!(reason, Value::from("FilterException"));
    let description = entry(&properties, "DeadLetterErrorDescription");
    let expected = "Operator '>' cannot be applied to operands of type 'string' and 'long'.";
    assert_eq!(description, Value::from(expected));
}
