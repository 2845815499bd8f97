//! Settlements and verdicts as AMQP delivery states.

use bytes::BytesMut;
use servicebus_amqp::types::definitions::{self, ErrorCondition, Fields};
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, Modified, Rejected};
use servicebus_amqp::types::primitives::{Symbol, Value};
use servicebus_amqp::value::read_value;
use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;

use super::conditions;
use super::encode::check_properties;
use super::value::write_value;
use crate::error::{Error, ErrorKind, Result};
use crate::model::application_properties::ApplicationProperties;
use crate::model::disposition::Disposition;
use crate::model::options::DeadLetterOptions;
use crate::model::value::AmqpValue;

const DEAD_LETTER: &str = "com.microsoft:dead-letter";

/// The longest reason and description of a dead-lettered message, as Microsoft's clients check it.
const MAX_DEAD_LETTER_TEXT: usize = 4_096;

/// Refuses a settlement that the service would not understand.
pub(crate) fn check_disposition(disposition: &Disposition) -> Result<()> {
    match disposition {
        Disposition::Complete => Ok(()),
        Disposition::Abandon(options) => check_properties(&options.properties_to_modify),
        Disposition::Defer(options) => check_properties(&options.properties_to_modify),
        Disposition::DeadLetter(options) => {
            for (name, text) in [
                ("reason", &options.reason),
                ("error description", &options.error_description),
            ] {
                let length = text.as_ref().map_or(0, |text| text.chars().count());
                if length > MAX_DEAD_LETTER_TEXT {
                    return Err(Error::invalid_argument(format!(
                        "dead-letter {name} is longer than {MAX_DEAD_LETTER_TEXT} characters"
                    )));
                }
            }
            check_properties(&options.properties_to_modify)
        }
    }
}

/// The state to send for a settlement.
pub(crate) fn delivery_state(disposition: &Disposition) -> Result<DeliveryState> {
    check_disposition(disposition)?;
    Ok(match disposition {
        Disposition::Complete => DeliveryState::Accepted(Accepted {}),
        Disposition::Abandon(options) => modified(&options.properties_to_modify, false)?,
        Disposition::Defer(options) => modified(&options.properties_to_modify, true)?,
        Disposition::DeadLetter(options) => DeliveryState::Rejected(Rejected {
            error: Some(definitions::Error {
                condition: ErrorCondition::Custom(Symbol::from(DEAD_LETTER)),
                description: None,
                info: dead_letter_info(options)?.map(Box::new),
            }),
        }),
    })
}

/// Whether the service's answer to a settlement says that it was applied.
///
/// It echoes the kind of outcome; a `rejected` with an error refuses, also where dead-lettering was
/// asked for.
pub(crate) fn confirm_disposition(
    disposition: &Disposition,
    answer: Option<&DeliveryState>,
) -> Result<()> {
    match (disposition, answer) {
        (_, Some(DeliveryState::Rejected(Rejected { error: Some(error) }))) => {
            Err(conditions::from_outcome(error))
        }
        (Disposition::Complete, Some(DeliveryState::Accepted(_)))
        | (Disposition::Abandon(_) | Disposition::Defer(_), Some(DeliveryState::Modified(_)))
        | (Disposition::DeadLetter(_), Some(DeliveryState::Rejected(_))) => Ok(()),
        (_, Some(other)) => Err(unexpected(&format!("the service answered {}", name(other)))),
        (_, None) => Err(unexpected(
            "the service forgot the delivery without a verdict",
        )),
    }
}

/// Whether the service's answer to a send says that it took the message.
pub(crate) fn confirm_send(answer: Option<&DeliveryState>) -> Result<()> {
    match answer {
        Some(DeliveryState::Accepted(_)) => Ok(()),
        Some(DeliveryState::Rejected(Rejected { error: Some(error) })) => {
            Err(conditions::from_outcome(error))
        }
        Some(DeliveryState::Rejected(Rejected { error: None })) => Err(Error::new(
            ErrorKind::Other,
            "the service rejected the message without a reason",
        )),
        // Neither says that anything was stored.
        Some(DeliveryState::Released(_) | DeliveryState::Modified(_)) => Err(Error::new(
            ErrorKind::Other,
            "the service handed the message back",
        )
        .with_retryable(true)),
        Some(other) => Err(unexpected(&format!("the service answered {}", name(other)))),
        None => Err(unexpected(
            "the service forgot the delivery without a verdict",
        )),
    }
}

fn unexpected(text: &str) -> Error {
    Error::new(ErrorKind::Other, text).with_outcome_unknown()
}

fn name(state: &DeliveryState) -> &'static str {
    match state {
        DeliveryState::Received(_) => "received",
        DeliveryState::Accepted(_) => "accepted",
        DeliveryState::Rejected(_) => "rejected",
        DeliveryState::Released(_) => "released",
        DeliveryState::Modified(_) => "modified",
        DeliveryState::Declared(_) => "declared",
        DeliveryState::TransactionalState(_) => "transactional-state",
    }
}

/// Abandons a message, or defers one that is undeliverable here.
fn modified(properties: &ApplicationProperties, undeliverable_here: bool) -> Result<DeliveryState> {
    let message_annotations = match properties.is_empty() {
        true => None,
        false => Some(fields(properties)?),
    };
    Ok(DeliveryState::Modified(Modified {
        delivery_failed: Some(true),
        undeliverable_here: Some(undeliverable_here),
        message_annotations,
    }))
}

fn dead_letter_info(options: &DeadLetterOptions) -> Result<Option<Fields>> {
    let mut properties = options.properties_to_modify.clone();
    if let Some(reason) = &options.reason {
        properties.insert("DeadLetterReason", reason.clone());
    }
    if let Some(description) = &options.error_description {
        properties.insert("DeadLetterErrorDescription", description.clone());
    }
    if properties.is_empty() {
        return Ok(None);
    }
    fields(&properties).map(Some)
}

fn fields(properties: &ApplicationProperties) -> Result<Fields> {
    let mut fields = Fields::new();
    for (name, value) in properties.iter() {
        fields.insert(Symbol::from(name), field_value(name, value)?);
    }
    Ok(fields)
}

/// By way of the encoding, the one form that both value types are converted to and from.
fn field_value(name: &str, value: &AmqpValue) -> Result<Value> {
    let failed = || format!("application property {name:?} cannot be encoded");
    let mut bytes = BytesMut::new();
    let mut writer = Writer::new(&mut bytes);
    write_value(&mut writer, value);
    writer
        .finish()
        .map_err(|error| Error::invalid_argument(failed()).with_source(error))?;
    Element::parse_whole(&bytes)
        .and_then(|element| read_value(&element))
        .map_err(|error| Error::invalid_argument(failed()).with_source(error))
}

#[cfg(test)]
mod verdicts;
