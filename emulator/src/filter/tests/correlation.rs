//! Correlation filters.

use super::*;
use crate::filter::system_property::SystemProperty;
use crate::filter::{CorrelationFilter, Filter};

fn matches(
    system: &[(SystemProperty, &str)],
    application: &[(&str, Value<'static>)],
    message: &Message,
) -> bool {
    let system = system
        .iter()
        .map(|(property, text)| (*property, (*text).to_owned()));
    let application = application
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    let filter = CorrelationFilter::new(system.collect(), application.collect()).unwrap();
    Filter::Correlation(filter)
        .matches(&MessageView::new(message, ARRIVAL))
        .unwrap()
}

#[test]
fn every_system_property() {
    let message = sample();
    let values = [
        "a correlation",
        "an id",
        "a destination",
        "an answer queue",
        "a subject",
        "a session",
        "an answer session",
        "text/plain",
    ];
    let fields = CorrelationFilter::FIELDS;
    for (property, value) in fields.into_iter().zip(values) {
        assert!(matches(&[(property, value)], &[], &message), "{property:?}");
        let upper = value.to_uppercase();
        assert!(
            !matches(&[(property, &upper)], &[], &message),
            "{property:?}: case"
        );
        let without = Message::decode(&[]).unwrap();
        assert!(
            !matches(&[(property, value)], &[], &without),
            "{property:?}: absent"
        );
    }
    let all: Vec<_> = fields.into_iter().zip(values).collect();
    assert!(matches(&all, &[("color", Value::text("red"))], &message));
    let mut but_one = all.clone();
    but_one[7].1 = "text/html";
    assert!(!matches(&but_one, &[], &message));
}

#[test]
fn application_properties_with_their_types() {
    let message = sample();
    let int = |value| Value::Integer(IntegerType::Int, value);
    let table = [
        ("color", Value::text("red"), true),
        ("COLOR", Value::text("red"), true),
        ("color", Value::text("Red"), false),
        ("quantity", int(5), true),
        ("quantity", Value::long(5), true),
        ("quantity", int(6), false),
        ("quantity", Value::text("5"), false),
        ("quantity", Value::Double(5.0), false),
        ("price", Value::Double(2.5), true),
        ("single", Value::Double(0.5), true),
        ("express", Value::Bool(true), true),
        ("express", Value::text("true"), false),
        ("guid", Value::Guid([0x11; 16]), true),
        ("instant", Value::DateTime(1_700_000_060_000), true),
        ("minute", Value::TimeSpan(600_000_000), true),
        ("missing", Value::text("red"), false),
        ("missing", Value::Null, false),
    ];
    for (name, value, expected) in table {
        let found = matches(&[], &[(name, value.clone())], &message);
        assert_eq!(found, expected, "{name} = {value:?}");
    }
}

#[test]
fn something_must_be_set() {
    let empty = CorrelationFilter::new(vec![(SystemProperty::To, String::new())], Vec::new());
    assert_eq!(empty, Err(FilterError::EmptyCorrelation));
    let filter = CorrelationFilter::new(
        vec![
            (SystemProperty::To, String::new()),
            (SystemProperty::Label, "x".to_owned()),
        ],
        Vec::new(),
    )
    .unwrap();
    assert_eq!(filter.system_property(SystemProperty::To), None);
    assert_eq!(filter.system_property(SystemProperty::Label), Some("x"));
    assert_eq!(filter.application_properties(), []);
}

#[test]
fn the_constant_filters() {
    let message = sample();
    let view = MessageView::new(&message, ARRIVAL);
    assert_eq!(Filter::True.matches(&view), Ok(true));
    assert_eq!(Filter::False.matches(&view), Ok(false));
}
