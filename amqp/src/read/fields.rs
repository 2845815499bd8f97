use serde_amqp::primitives::{OrderedMap, Symbol};

use crate::descriptor;
use crate::error::DecodeError;
use crate::types::definitions::{
    AmqpError, ConnectionError, Error, ErrorCondition, Fields, LinkError, SessionError,
};
use crate::types::transaction::TransactionError;
use crate::value::read_value;
use crate::walker::{Element, Kind};

use super::composite::{described_as, Composite};

/// A map with symbolic keys; strings are taken for symbols.
pub(crate) fn read_fields(element: &Element<'_>) -> Result<Fields, DecodeError> {
    let Kind::Map(mut elements) = element.kind()? else {
        return Err(DecodeError::WrongType("a map"));
    };
    let mut fields = OrderedMap::new();
    while let Some(key) = elements.next().transpose()? {
        let value = elements.next().ok_or(DecodeError::OddMap)??;
        let key = match key.kind()? {
            Kind::Symbol(text) | Kind::String(text) => Symbol::from(text),
            _ => return Err(DecodeError::WrongType("a map whose keys are symbols")),
        };
        if fields.insert(key, read_value(&value)?).is_some() {
            return Err(DecodeError::DuplicateKey);
        }
    }
    Ok(fields)
}

/// The error of a close, end, detach or rejected state.
pub(crate) fn read_error(element: Element<'_>) -> Result<Error, DecodeError> {
    let list = described_as(&element, descriptor::ERROR, "error")?;
    let mut error = Composite::open("error", list)?;
    let condition = error.text("condition")?;
    let condition = read_condition(error.required("condition", condition)?);
    let description = error.string("description")?;
    let info = error.fields("info")?.map(Box::new);
    error.finish()?;
    Ok(Error {
        condition,
        description,
        info,
    })
}

fn read_condition(text: &str) -> ErrorCondition {
    if let Ok(known) = AmqpError::try_from(text) {
        known.into()
    } else if let Ok(known) = ConnectionError::try_from(text) {
        known.into()
    } else if let Ok(known) = SessionError::try_from(text) {
        known.into()
    } else if let Ok(known) = LinkError::try_from(text) {
        known.into()
    } else if let Ok(known) = TransactionError::try_from(text) {
        known.into()
    } else {
        ErrorCondition::Custom(Symbol::from(text))
    }
}
