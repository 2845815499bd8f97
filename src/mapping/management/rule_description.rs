//! A rule as requests and answers describe it: a map in the one, described lists in the other (Service Bus docs, "AMQP
//! 1.0 request-response operations", "Rule operations").

use servicebus_amqp::error::DecodeError;
use servicebus_amqp::writer::Writer;

use crate::error::{Error, Result};
use crate::mapping::encode::{check_properties, write_application_properties};
use crate::model::correlation_filter::CorrelationRuleFilter;
use crate::model::rule::{RuleAction, RuleProperties};
use crate::model::rule_filter::RuleFilter;
use crate::model::value::{AmqpDescribed, AmqpValue};

/// A kind of described list: its number, and its name, by which it may go as well.
type Kind = (u64, &'static str);

const RULE: Kind = (0x137_0000_0004, "com.microsoft:rule-description:list");
const NO_ACTION: Kind = (0x137_0000_0005, "com.microsoft:empty-rule-action:list");
const SQL_ACTION: Kind = (0x137_0000_0006, "com.microsoft:sql-rule-action:list");
const SQL: Kind = (0x13_7000_0006, "com.microsoft:sql-filter:list");
const TRUE: Kind = (0x13_7000_0007, "com.microsoft:true-filter:list");
const FALSE: Kind = (0x13_7000_0008, "com.microsoft:false-filter:list");
const CORRELATION: Kind = (0x13_7000_0009, "com.microsoft:correlation-filter:list");

/// Refuses what cannot be described. [`write()`] relies on it.
pub(super) fn check(filter: &RuleFilter, action: Option<&RuleAction>) -> Result<()> {
    match filter {
        RuleFilter::Other(_) => Err(Error::invalid_argument(
            "a filter of an unknown kind cannot be sent",
        )),
        RuleFilter::Correlation(filter) => check_properties(&filter.application_properties),
        RuleFilter::True | RuleFilter::False | RuleFilter::Sql(_) => Ok(()),
    }?;
    match action {
        Some(RuleAction::Other(_)) => Err(Error::invalid_argument(
            "an action of an unknown kind cannot be sent",
        )),
        Some(RuleAction::Sql(_)) | None => Ok(()),
    }
}

/// Writes the map that describes a rule which [`check`] has passed.
pub(super) fn write(writer: &mut Writer<'_>, filter: &RuleFilter, action: Option<&RuleAction>) {
    writer.put_map(|writer| {
        match filter {
            // As Microsoft's clients say it.
            RuleFilter::True => write_expression(writer, "sql-filter", "1=1"),
            RuleFilter::False => write_expression(writer, "sql-filter", "1=0"),
            RuleFilter::Sql(filter) => {
                write_expression(writer, "sql-filter", filter.sql_expression());
            }
            RuleFilter::Correlation(filter) => {
                writer.put_string("correlation-filter");
                write_correlation(writer, filter);
            }
            RuleFilter::Other(_) => {}
        }
        match action {
            Some(RuleAction::Sql(action)) => {
                write_expression(writer, "sql-rule-action", action.sql_expression());
            }
            Some(RuleAction::Other(_)) | None => {
                writer.put_string("sql-rule-action");
                writer.put_null();
            }
        }
    });
}

fn write_expression(writer: &mut Writer<'_>, key: &str, expression: &str) {
    writer.put_string(key);
    writer.put_map(|writer| {
        writer.put_string("expression");
        writer.put_string(expression);
    });
}

fn write_correlation(writer: &mut Writer<'_>, filter: &CorrelationRuleFilter) {
    let texts = [
        ("correlation-id", &filter.correlation_id),
        ("message-id", &filter.message_id),
        ("to", &filter.to),
        ("reply-to", &filter.reply_to),
        ("label", &filter.subject),
        ("session-id", &filter.session_id),
        ("reply-to-session-id", &filter.reply_to_session_id),
        ("content-type", &filter.content_type),
    ];
    writer.put_map(|writer| {
        for (key, text) in texts {
            if let Some(text) = text {
                writer.put_string(key);
                writer.put_string(text);
            }
        }
        writer.put_string("properties");
        write_application_properties(writer, &filter.application_properties);
    });
}

/// The rule of an answer.
pub(super) fn read(description: AmqpValue) -> Result<RuleProperties, DecodeError> {
    let fields =
        fields_of(&description, RULE).ok_or(DecodeError::WrongType("described list of a rule"))?;
    let field = |at: usize| fields.get(at).cloned().unwrap_or_default();
    let name = field(2);
    Ok(RuleProperties {
        filter: read_filter(field(0)),
        action: read_action(field(1)),
        name: name
            .as_str()
            .ok_or(DecodeError::WrongType("name of a rule"))?
            .to_owned(),
        created_at: field(3).as_timestamp(),
    })
}

/// What is not described as expected is handed to the caller as it is.
fn read_filter(value: AmqpValue) -> RuleFilter {
    known_filter(&value).unwrap_or(RuleFilter::Other(value))
}

fn known_filter(value: &AmqpValue) -> Option<RuleFilter> {
    if fields_of(value, TRUE).is_some() {
        return Some(RuleFilter::True);
    }
    if fields_of(value, FALSE).is_some() {
        return Some(RuleFilter::False);
    }
    if let Some(fields) = fields_of(value, SQL) {
        return Some(RuleFilter::sql(fields.first()?.as_str()?));
    }
    read_correlation(fields_of(value, CORRELATION)?).map(RuleFilter::from)
}

fn read_action(value: AmqpValue) -> Option<RuleAction> {
    if value.is_null() || fields_of(&value, NO_ACTION).is_some() {
        return None;
    }
    let expression = fields_of(&value, SQL_ACTION)
        .and_then(|fields| fields.first())
        .and_then(AmqpValue::as_str);
    Some(match expression {
        Some(expression) => RuleAction::sql(expression),
        None => RuleAction::Other(value),
    })
}

/// `None` where a field is of another type than it should be.
fn read_correlation(fields: &[AmqpValue]) -> Option<CorrelationRuleFilter> {
    let text = |at: usize| match fields.get(at) {
        None | Some(AmqpValue::Null) => Some(None),
        Some(value) => value.as_str().map(|text| Some(text.to_owned())),
    };
    let properties = match fields.get(8) {
        None | Some(AmqpValue::Null) => Some(Default::default()),
        Some(value) => value
            .as_map()?
            .iter()
            .map(|(name, value)| Some((name.as_str()?.to_owned(), value.clone())))
            .collect(),
    };
    Some(CorrelationRuleFilter {
        correlation_id: text(0)?,
        message_id: text(1)?,
        to: text(2)?,
        reply_to: text(3)?,
        subject: text(4)?,
        session_id: text(5)?,
        reply_to_session_id: text(6)?,
        content_type: text(7)?,
        application_properties: properties?,
    })
}

/// The fields of a described list, if it is of this kind.
fn fields_of(value: &AmqpValue, (number, name): Kind) -> Option<&[AmqpValue]> {
    let described: &AmqpDescribed = value.as_described()?;
    let descriptor = described.descriptor();
    let is_kind = descriptor.as_u64() == Some(number) || descriptor.as_str() == Some(name);
    match described.value() {
        AmqpValue::List(fields) if is_kind => Some(fields),
        _ => None,
    }
}
