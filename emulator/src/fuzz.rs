//! What a fuzzer runs: plain functions that take any bytes and fail only if this crate is wrong.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::BytesMut;
use servicebus_amqp::descriptor::APPLICATION_PROPERTIES;
use servicebus_amqp::writer::Writer;

use crate::broker::{Rule, Rules, Timestamp};
use crate::filter::{
    Action, Arrival, CorrelationFilter, Filter, MessageView, Parameters, SqlFilter, SystemProperty,
    Value,
};
use crate::message::Message;

const ARRIVAL: Arrival = Arrival {
    enqueued_at: 1_700_000_000_000,
    sequence: 1,
};

/// What a rule can do to every message, and how that shows.
const CHANGES: &str =
    "SET sys.To = 'to'; REMOVE sys.ReplyToSessionId; SET sys.PartitionKey = 'k'; \
                       SET a = 1; REMOVE b";
const CHANGED: &str = "sys.To = 'to' AND sys.ReplyToSessionId IS NULL AND sys.PartitionKey = 'k' \
                       AND EXISTS(a) AND EXISTS(sys.MessageId)";

/// Takes `data` for the body of a request to the management API, for each kind of resource.
pub fn descriptions(data: &[u8]) {
    crate::admin::fuzz::descriptions(data);
}

/// Takes `data` for the text of a filter and of an action. What can be read is evaluated on messages
/// with and without properties.
pub fn sql_rules(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parameters = Parameters::new(vec![
        ("@p".to_owned(), Value::text("a")),
        ("@q".to_owned(), Value::long(3)),
    ]);
    let messages = [Message::decode(&sample()), Message::decode(&[])];
    let filter = SqlFilter::new(&text, &parameters).ok();
    let action = Action::new(&text, &parameters).ok();
    assert!(
        filter.is_none() || action.is_none(),
        "a filter is no action"
    );
    if let Some(filter) = &filter {
        assert_eq!(
            (filter.expression(), filter.parameters()),
            (&*text, &parameters)
        );
    }
    if let Some(action) = &action {
        assert_eq!(
            (action.expression(), action.parameters()),
            (&*text, &parameters)
        );
    }
    let default = Rule::default_at(Timestamp::from_millis(0));
    let mut rules = Rules::default();
    let added = [
        default.clone(),
        Rule {
            name: "plain".to_owned(),
            filter: Filter::of_expression(&text).unwrap_or(Filter::False),
            ..default.clone()
        },
        Rule {
            name: "rule".to_owned(),
            filter: filter.map_or(Filter::True, Filter::Sql),
            action,
            ..default
        },
    ];
    for rule in added {
        assert_eq!(rules.add(rule), Ok(()));
    }
    for message in messages.into_iter().flatten().map(Arc::new) {
        let selection = rules.select(&message, &MessageView::new(&message, ARRIVAL));
        let failed = usize::from(selection.failure.is_some());
        let copies = selection.copies.len();
        assert!((1..=2 - failed).contains(&copies), "{selection:?}");
        selection.copies.iter().for_each(|copy| look_at(copy));
    }
    assert_eq!(rules.remove("RULE"), Ok(()));
}

/// Takes `data` for a message: a filter that asks for just what it holds selects it, and it can be
/// changed and read again.
pub fn message_sections(data: &[u8]) {
    let Ok(message) = Message::decode(data) else {
        return;
    };
    look_at(&message);
    let parameters = Parameters::default();
    let action = Action::new(CHANGES, &parameters);
    let filter = SqlFilter::new(CHANGED, &parameters).map(Filter::Sql);
    let changed = action.map(|action| action.apply(&MessageView::new(&message, ARRIVAL)));
    assert!(matches!(changed, Ok(Ok(_))), "{changed:?}");
    assert!(filter.is_ok(), "{filter:?}");
    if let (Ok(Ok(changed)), Ok(filter)) = (changed, filter) {
        let view = MessageView::new(&changed, ARRIVAL);
        assert_eq!(filter.matches(&view), Ok(true), "{changed:?}");
    }
}

/// Reads every property, and holds a correlation filter made of them all against them.
fn look_at(message: &Message) {
    let view = MessageView::new(message, ARRIVAL);
    for property in SystemProperty::ALL {
        drop(view.system_property(property));
    }
    let system = CorrelationFilter::FIELDS
        .into_iter()
        .filter_map(|property| match view.system_property(property) {
            Value::String(text) => Some((property, text.into_owned())),
            _ => None,
        });
    let application = view
        .application_names()
        .filter_map(|name| view.application_property(name))
        .map(|(name, value)| (name.to_owned(), value.into_owned()));
    if let Ok(filter) = CorrelationFilter::new(system.collect(), application.collect()) {
        for property in CorrelationFilter::FIELDS {
            let found = view.system_property(property);
            let wanted = filter
                .system_property(property)
                .map_or(Value::Null, Value::text);
            assert!(
                found == wanted || wanted == Value::Null,
                "{found:?}: {wanted:?}"
            );
        }
        let names = filter.application_properties().iter().map(|(name, _)| name);
        assert!(names.eq(view.application_names()), "{filter:?}");
        let filter = Filter::Correlation(filter);
        assert_eq!(filter.matches(&view), Ok(true), "{filter:?}");
    }
}

/// A message with properties of short names and of several types.
fn sample() -> BytesMut {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_described(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            for (name, value) in [
                ("a", Value::text("red")),
                ("b", Value::long(5)),
                ("c", Value::Double(0.5)),
                ("d", Value::Bool(true)),
                ("e", Value::TimeSpan(600_000_000)),
                ("f", Value::DateTime(1_700_000_000_000)),
                ("g", Value::Guid([7; 16])),
                ("h", Value::Null),
                ("i", Value::Uri(Cow::Borrowed("http://a/"))),
            ] {
                writer.put_string(name);
                value.write(writer);
            }
        });
    });
    out
}
