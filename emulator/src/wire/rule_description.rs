//! A rule as the `rule-description` of requests and of answers: a map in the one, described lists in
//! the other (Service Bus docs, "AMQP 1.0 request-response operations", "Rule operations").

use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;

use super::refusal::Refusal;
use super::request::{entries, member};
use crate::broker::Rule;
use crate::filter::{Action, CorrelationFilter, Filter, Parameters, SystemProperty, Value};

const RULE_DESCRIPTION: u64 = 0x0000_0137_0000_0004;
const EMPTY_RULE_ACTION: u64 = 0x0000_0137_0000_0005;
const SQL_RULE_ACTION: u64 = 0x0000_0137_0000_0006;
const SQL_FILTER: u64 = 0x0000_0013_7000_0006;
const TRUE_FILTER: u64 = 0x0000_0013_7000_0007;
const FALSE_FILTER: u64 = 0x0000_0013_7000_0008;
const CORRELATION_FILTER: u64 = 0x0000_0013_7000_0009;

/// The version of the SQL dialect that the service names.
const COMPATIBILITY_LEVEL: i32 = 20;

/// The fields of a correlation filter, in the order of its list.
const FIELDS: [(&str, SystemProperty); 8] = [
    ("correlation-id", SystemProperty::CorrelationId),
    ("message-id", SystemProperty::MessageId),
    ("to", SystemProperty::To),
    ("reply-to", SystemProperty::ReplyTo),
    ("label", SystemProperty::Label),
    ("session-id", SystemProperty::SessionId),
    ("reply-to-session-id", SystemProperty::ReplyToSessionId),
    ("content-type", SystemProperty::ContentType),
];

/// The filter that a map describes.
pub(super) fn filter(description: &Element<'_>) -> Result<Filter, Refusal> {
    let sql = entry(description, "sql-filter");
    let correlation = entry(description, "correlation-filter");
    match (sql, correlation) {
        (Some(sql), None) => Ok(Filter::of_expression(expression(&sql)?)?),
        (None, Some(correlation)) => Ok(Filter::Correlation(correlation_filter(&correlation)?)),
        _ => {
            let text = "A rule has either a sql-filter or a correlation-filter.";
            Err(Refusal::argument(text))
        }
    }
}

/// The action that a map describes, if it has one.
pub(super) fn action(description: &Element<'_>) -> Result<Option<Action>, Refusal> {
    let Some(action) = entry(description, "sql-rule-action") else {
        return Ok(None);
    };
    let action = Action::new(expression(&action)?, &Parameters::default())?;
    Ok(Some(action))
}

fn expression<'a>(description: &Element<'a>) -> Result<&'a str, Refusal> {
    entry(description, "expression")
        .and_then(|expression| expression.as_text())
        .ok_or_else(|| Refusal::argument("expression is missing."))
}

fn correlation_filter(description: &Element<'_>) -> Result<CorrelationFilter, Refusal> {
    let mut system = Vec::new();
    for (key, property) in FIELDS {
        if let Some(value) = entry(description, key) {
            let text = value
                .as_text()
                .ok_or_else(|| Refusal::argument(format!("{key} is not a string.")))?;
            system.push((property, text.to_owned()));
        }
    }
    let mut application = Vec::new();
    if let Some(properties) = entry(description, "properties") {
        let malformed = || Refusal::argument("properties is not a map with strings as keys.");
        let mut entries = entries(properties).ok_or_else(malformed)?;
        while let (Some(key), Some(value)) = (entries.next(), entries.next()) {
            let (Ok(key), Ok(value)) = (key, value) else {
                return Err(malformed());
            };
            let name = key.as_text().ok_or_else(malformed)?;
            application.push((name.to_owned(), Value::read(&value).into_owned()));
        }
    }
    Ok(CorrelationFilter::new(system, application)?)
}

/// An entry of a map; `None` for one that is null as well.
fn entry<'a>(map: &Element<'a>, name: &str) -> Option<Element<'a>> {
    member(*map, name).filter(|value| !value.is_null())
}

/// Writes a rule for an answer.
pub(super) fn write(rule: &Rule, writer: &mut Writer<'_>) {
    put_list(RULE_DESCRIPTION, writer, |writer| {
        write_filter(&rule.filter, writer);
        match &rule.action {
            None => put_list(EMPTY_RULE_ACTION, writer, |_| {}),
            Some(action) => put_list(SQL_RULE_ACTION, writer, |writer| {
                writer.put_string(action.expression());
                writer.put_int(COMPATIBILITY_LEVEL);
            }),
        }
        writer.put_string(&rule.name);
        writer.put_timestamp(rule.created_at.millis());
    });
}

fn write_filter(filter: &Filter, writer: &mut Writer<'_>) {
    match filter {
        Filter::True => put_list(TRUE_FILTER, writer, |_| {}),
        Filter::False => put_list(FALSE_FILTER, writer, |_| {}),
        Filter::Sql(filter) => put_list(SQL_FILTER, writer, |writer| {
            writer.put_string(filter.expression());
            writer.put_int(COMPATIBILITY_LEVEL);
        }),
        Filter::Correlation(filter) => put_list(CORRELATION_FILTER, writer, |writer| {
            for (_, property) in FIELDS {
                match filter.system_property(property) {
                    Some(text) => writer.put_string(text),
                    None => writer.put_null(),
                }
            }
            writer.put_map(|writer| {
                for (name, value) in filter.application_properties() {
                    writer.put_string(name);
                    value.write(writer);
                }
            });
        }),
    }
}

/// A described list with every field in it: SDKs look at fields by their places.
fn put_list(descriptor: u64, writer: &mut Writer<'_>, fill: impl FnOnce(&mut Writer<'_>)) {
    writer.put_described(descriptor, |writer| writer.put_list(fill));
}
