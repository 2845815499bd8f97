//! Actions: what they change, and in what order.

use super::*;
use crate::filter::Action;

fn apply(action: &str, message: &Message) -> Result<Message, EvaluationError> {
    match Action::new(action, &Parameters::default()) {
        Ok(parsed) => parsed.apply(&MessageView::new(message, ARRIVAL)),
        Err(error) => panic!("{action}: {error}"),
    }
}

/// After each action the condition is true.
fn check(table: &[(&str, &str)]) {
    for (action, condition) in table {
        let changed = apply(action, &sample());
        let Ok(changed) = changed else {
            panic!("{action}: {changed:?}");
        };
        let found = holds(condition, &changed, &Parameters::default());
        assert_eq!(found, Ok(Some(true)), "{action}, then {condition}");
    }
}

#[test]
fn application_properties() {
    check(&[
        ("SET color = 'blue'", "color = 'blue'"),
        ("SET Color = 'blue'", "color = 'blue'"),
        ("SET user.[new one] = 1", "[new one] = 1"),
        ("SET new = color + quantity", "new = 'red5'"),
        ("SET new = missing", "new IS NULL AND EXISTS(new)"),
        ("SET new = NULL", "new IS NULL AND EXISTS(new)"),
        ("SET new = bytes", "EXISTS(new)"),
        ("SET new = newid()", "new = new AND new <> guid"),
        ("SET new = sys.EnqueuedTimeUtc", "new + minute = instant"),
        ("REMOVE color", "NOT EXISTS(color) AND quantity = 5"),
        ("REMOVE user.COLOR", "NOT EXISTS(color)"),
        ("REMOVE missing", "color = 'red'"),
        (
            "SET quantity = quantity + 1; SET quantity = quantity * 2",
            "quantity = 12",
        ),
        (
            "SET a = color; REMOVE color; SET color = a + '!'",
            "color = 'red!' AND a = 'red'",
        ),
        ("SET key = 1; SET p = p('key')", "p('p') = 1"),
    ]);
}

#[test]
fn a_replaced_value_keeps_its_type_where_it_can() {
    let table = [
        (
            "SET quantity = 7",
            "quantity",
            Value::Integer(IntegerType::Int, 7),
        ),
        ("SET byte = 7", "byte", Value::Integer(IntegerType::Byte, 7)),
        ("SET byte = 256", "byte", Value::long(256)),
        ("SET price = 7", "price", Value::Double(7.0)),
        ("SET single = 7", "single", Value::Single(7.0)),
        ("SET price = single", "price", Value::Double(0.5)),
        ("SET quantity = 7.5", "quantity", Value::Double(7.5)),
        ("SET quantity = 'x'", "quantity", Value::text("x")),
        ("SET new = 7", "new", Value::long(7)),
        (
            "SET new = quantity",
            "new",
            Value::Integer(IntegerType::Int, 5),
        ),
        ("SET new = -price", "new", Value::Double(-2.5)),
    ];
    for (action, name, expected) in table {
        let changed = apply(action, &sample()).unwrap();
        let view = MessageView::new(&changed, ARRIVAL);
        let found = view.application_property(name).map(|(_, value)| value);
        assert_eq!(found, Some(expected), "{action}");
    }
}

#[test]
fn system_properties() {
    check(&[
        (
            "SET sys.Label = 'x'",
            "sys.Label = 'x' AND sys.To = 'a destination'",
        ),
        ("SET sys.Subject = 'x'", "sys.Label = 'x'"),
        ("SET sys.MessageId = 'x'", "sys.MessageId = 'x'"),
        (
            "SET sys.MessageId = newid()",
            "sys.MessageId LIKE '________-____-4%'",
        ),
        (
            "SET sys.CorrelationId = sys.MessageId",
            "sys.CorrelationId = 'an id'",
        ),
        ("SET sys.ContentType = 'x'", "sys.ContentType = 'x'"),
        ("SET sys.To = color", "sys.To = 'red'"),
        ("SET sys.ReplyTo = 'x'", "sys.ReplyTo = 'x'"),
        ("SET sys.SessionId = 'x'", "sys.SessionId = 'x'"),
        (
            "SET sys.ReplyToSessionId = 'x'",
            "sys.ReplyToSessionId = 'x'",
        ),
        (
            "SET sys.PartitionKey = 'x'",
            "sys.PartitionKey = 'x' AND EXISTS(sys.ScheduledEnqueueTimeUtc)",
        ),
        ("SET sys.ViaPartitionKey = 'x'", "sys.ViaPartitionKey = 'x'"),
        (
            "SET sys.ScheduledEnqueueTimeUtc = instant",
            "sys.ScheduledEnqueueTimeUtc = instant",
        ),
        (
            "SET sys.TimeToLive = minute + minute",
            "sys.TimeToLive - minute = minute",
        ),
        (
            "REMOVE sys.Label",
            "sys.Label IS NULL AND sys.To = 'a destination'",
        ),
        ("SET sys.Label = NULL", "NOT EXISTS(sys.Label)"),
        (
            "REMOVE sys.ReplyToSessionId",
            "sys.ReplyToSessionId IS NULL",
        ),
        (
            "REMOVE sys.PartitionKey",
            "sys.PartitionKey IS NULL AND EXISTS(sys.ScheduledEnqueueTimeUtc)",
        ),
        ("REMOVE sys.TimeToLive", "sys.TimeToLive > minute + minute"),
    ]);
}

#[test]
fn system_properties_of_a_message_that_has_none() {
    let bare = Message::decode(&[]).unwrap();
    for (action, condition) in [
        (
            "SET sys.ReplyToSessionId = 'x'",
            "sys.ReplyToSessionId = 'x' AND EXISTS(sys.MessageId)",
        ),
        ("SET sys.PartitionKey = 'x'", "sys.PartitionKey = 'x'"),
        ("SET a = 1", "a = 1"),
        (
            "REMOVE a; REMOVE sys.To; REMOVE sys.PartitionKey",
            "sys.To IS NULL",
        ),
    ] {
        let changed = apply(action, &bare).unwrap();
        let found = holds(condition, &changed, &Parameters::default());
        assert_eq!(found, Ok(Some(true)), "{action}, then {condition}");
    }
}

#[test]
fn refused() {
    let table = [
        ("SET sys.Body = 'x'", "The system property 'Body' does not exist."),
        ("REMOVE sys.Body", "The system property 'Body' does not exist."),
        ("SET a = sys.Body", "The system property 'Body' does not exist."),
        ("SET sys.SequenceNumber = 1", "The system property 'SequenceNumber' cannot be changed."),
        ("SET sys.Size = 1", "The system property 'Size' cannot be changed."),
        ("REMOVE sys.EnqueuedTimeUtc", "The system property 'EnqueuedTimeUtc' cannot be changed."),
        ("SET sys.Label = 5", "The system property 'Label' cannot be set to a value of type 'long'."),
        (
            "REMOVE sys.MessageId",
            "The system property 'MessageId' cannot be set to a value of type 'null'.",
        ),
        (
            "SET sys.TimeToLive = 5",
            "The system property 'TimeToLive' cannot be set to a value of type 'long'.",
        ),
        (
            "SET sys.TimeToLive = -minute",
            "The system property 'TimeToLive' cannot be set to a value of type 'System.TimeSpan'.",
        ),
        (
            "SET sys.ScheduledEnqueueTimeUtc = 'soon'",
            "The system property 'ScheduledEnqueueTimeUtc' cannot be set to a value of type 'string'.",
        ),
        (
            "SET a = 1; SET b = color - 1",
            "Operator '-' cannot be applied to operands of type 'string' and 'long'.",
        ),
    ];
    for (action, expected) in table {
        let error = apply(action, &sample())
            .map(|_| ())
            .map_err(|error| error.to_string());
        assert_eq!(error, Err(expected.to_owned()), "{action}");
    }
}

#[test]
fn the_rest_of_the_message_stays() {
    let message = sample();
    let changed = apply("SET color = 'orange'; SET sys.To = 'x'", &message).unwrap();
    assert_eq!(changed.body, message.body);
    assert_eq!(changed.header, message.header);
    assert_eq!(changed.message_annotations, message.message_annotations);
    let length =
        |message: &Message| message.properties.len() + message.application_properties.len();
    let grown = i64::try_from(changed.size()).unwrap() - i64::try_from(message.size()).unwrap();
    let expected =
        i64::try_from(length(&changed)).unwrap() - i64::try_from(length(&message)).unwrap();
    assert_eq!(grown, expected);
    let view = MessageView::new(&message, ARRIVAL);
    assert_eq!(
        view.application_property("color").map(|(_, value)| value),
        Some(Value::text("red")),
        "the message that the action was applied to has changed"
    );
}
