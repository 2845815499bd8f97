//! The answer to a request.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::{AMQP_VALUE, APPLICATION_PROPERTIES, PROPERTIES};
use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;

use super::refusal::Refusal;
use super::request::Request;
use crate::broker::Timestamp;

const TRACKING_ID: &str = "com.microsoft:tracking-id";

/// How the status is spelled; clients read only the spelling of the node they asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spelling {
    /// `status-code` and so on, on `$cbs`.
    Hyphens,
    /// `statusCode` and so on, on `$management`.
    Camels,
}

/// What a request comes to.
#[derive(Debug)]
pub(super) struct Response {
    status: i32,
    description: String,
    condition: Option<Cow<'static, str>>,
    /// The encoded value of the body; null if empty.
    body: BytesMut,
}

impl Response {
    pub(super) fn new(status: i32, description: &str) -> Self {
        Self {
            status,
            description: description.to_owned(),
            condition: None,
            body: BytesMut::new(),
        }
    }

    pub(super) fn refused(refusal: &Refusal, tracker: &str, now: Timestamp) -> Self {
        Self {
            condition: Some(refusal.condition.clone()),
            ..Self::new(refusal.status, &refusal.description(tracker, now))
        }
    }

    /// With an error condition although it is a success: there was nothing to return.
    pub(super) fn with_condition(mut self, condition: &'static str) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Makes the body a map of what `fill` writes.
    pub(super) fn with_map(mut self, fill: impl FnOnce(&mut Writer<'_>)) -> Self {
        self.body.clear();
        Writer::new(&mut self.body).put_map(fill);
        self
    }

    /// The whole message that answers `request`.
    pub(super) fn encode(&self, request: &Request, spelling: Spelling) -> Bytes {
        let mut out = BytesMut::with_capacity(self.body.len() + 256);
        let mut writer = Writer::new(&mut out);
        writer.put_composite(PROPERTIES, |writer| {
            for _ in 0..5 {
                writer.put_null();
            }
            match request.message_id() {
                Some(id) => writer.put_element(&id),
                None => writer.put_null(),
            }
        });
        let (code, description, condition) = match spelling {
            Spelling::Hyphens => ("status-code", "status-description", "error-condition"),
            Spelling::Camels => ("statusCode", "statusDescription", "errorCondition"),
        };
        writer.put_described(APPLICATION_PROPERTIES, |writer| {
            writer.put_map(|writer| {
                writer.put_string(code);
                writer.put_int(self.status);
                writer.put_string(description);
                writer.put_string(&self.description);
                if let Some(symbol) = &self.condition {
                    writer.put_string(condition);
                    writer.put_symbol(symbol);
                }
                if let Some(id) = request.property(TRACKING_ID) {
                    writer.put_string(TRACKING_ID);
                    writer.put_element(&id);
                }
            });
        });
        writer.put_described(AMQP_VALUE, |writer| {
            match Element::parse_whole(&self.body) {
                Ok(body) => writer.put_element(&body),
                Err(_) => writer.put_null(),
            }
        });
        out.freeze()
    }
}
