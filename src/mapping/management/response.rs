use bytes::Bytes;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::{section_value, split_sections};
use servicebus_amqp::walker::Element;

use crate::error::{Error, ErrorKind, Result};
use crate::mapping::conditions;
use crate::mapping::value::read_map;
use crate::model::map::AmqpMap;
use crate::model::value::AmqpValue;

/// How a node spells the parts of its answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    status: &'static str,
    description: &'static str,
    condition: &'static str,
}

impl Names {
    pub(crate) const MANAGEMENT: Self = Self {
        status: "statusCode",
        description: "statusDescription",
        condition: "errorCondition",
    };

    pub(crate) const CBS: Self = Self {
        status: "status-code",
        description: "status-description",
        condition: "error-condition",
    };
}

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) description: Option<String>,
    pub(crate) condition: Option<String>,
    tracking_id: Option<String>,
    body: Vec<Bytes>,
}

impl Answer {
    pub(crate) fn read(payload: &Bytes, names: Names) -> Result<Self> {
        let malformed = |error| malformed().with_source(error);
        let sections = split_sections(payload).map_err(malformed)?;
        let facts = match &sections.application_properties {
            Some(section) => section_value(section)
                .and_then(|map| read_map(&map, section))
                .map_err(malformed)?,
            None => AmqpMap::new(),
        };
        let text = |name| {
            facts
                .get(name)
                .and_then(AmqpValue::as_str)
                .map(str::to_owned)
        };
        let status = facts.get(names.status).and_then(AmqpValue::as_i64);
        Ok(Self {
            // An answer that does not say how it went is no success.
            status: status
                .and_then(|status| status.try_into().ok())
                .unwrap_or(500),
            description: text(names.description),
            condition: text(names.condition),
            tracking_id: text("com.microsoft:tracking-id"),
            body: sections.body,
        })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer if it is a success, else the error it stands for.
    pub(crate) fn success(&self) -> Result<&Self> {
        if self.is_success() {
            return Ok(self);
        }
        let (condition, description) = (self.condition.as_deref(), self.description.as_deref());
        let error = conditions::from_status(self.status, condition, description);
        Err(match (error.tracking_id(), &self.tracking_id) {
            (None, Some(id)) => error.with_tracking_id(id),
            _ => error,
        })
    }

    /// Whether the service had nothing to give.
    pub(crate) fn is_empty(&self) -> bool {
        self.status == 204 || self.condition.as_deref() == Some("com.microsoft:message-not-found")
    }

    /// What the body's map holds under `key`, by way of `read`.
    ///
    /// The bytes are handed on with the value, because what is read from it may share them.
    pub(super) fn field<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Element<'_>, &Bytes) -> Result<T, DecodeError>,
    ) -> Result<T> {
        let section = self.body.first().ok_or_else(malformed)?;
        section_value(section)
            .and_then(|map| super::entry(&map, key))
            .and_then(|value| match value {
                Some(value) => read(&value, section),
                None => Err(DecodeError::WrongType("map with all its keys")),
            })
            .map_err(|error| malformed().with_source(error))
    }
}

fn malformed() -> Error {
    Error::new(
        ErrorKind::Other,
        "an answer of the service cannot be decoded",
    )
}
