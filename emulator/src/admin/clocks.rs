//! The two clocks of the emulator, over HTTP.

use std::time::Duration;

use hyper::Method;
use serde_json::{json, Value};

use super::answer::Answer;
use super::control::{not_allowed, refused};
use super::instant;
use crate::duration;
use crate::hub::Hub;

/// What a request wants of a clock.
enum Wish {
    Advance(Duration),
    Freeze,
    Thaw,
}

/// Message time. What falls due has happened when the answer comes.
pub(super) fn message(method: &Method, body: &[u8], hub: &mut Hub) -> Answer {
    match *method {
        Method::GET => {
            let now = instant::exact(hub.now());
            let frozen = hub.message_clock().is_frozen();
            return Answer::json(200, &json!({ "now": now, "frozen": frozen }));
        }
        Method::POST => {}
        _ => return not_allowed(),
    }
    match Wish::read(body) {
        Some(Wish::Advance(span)) => hub.advance(span),
        Some(Wish::Freeze) => hub.message_clock().freeze(),
        Some(Wish::Thaw) => hub.thaw(),
        None => {
            let text = r#"the body is not {"advance": "PT1H"} or {"frozen": true} or false"#;
            return refused(400, text);
        }
    }
    Answer::empty(204)
}

/// Transport time, which never stands still.
pub(super) fn transport(method: &Method, body: &[u8], hub: &mut Hub) -> Answer {
    if *method != Method::POST {
        return not_allowed();
    }
    match Wish::read(body) {
        Some(Wish::Advance(span)) => {
            hub.advance_transport(span);
            Answer::empty(204)
        }
        Some(Wish::Freeze | Wish::Thaw) | None => {
            refused(400, r#"the body is not {"advance": "PT10M"}"#)
        }
    }
}

impl Wish {
    /// Reads the one entry of a JSON object; spans are as in ISO 8601.
    fn read(body: &[u8]) -> Option<Self> {
        let Ok(Value::Object(entries)) = serde_json::from_slice(body) else {
            return None;
        };
        let mut entries = entries.iter();
        match (entries.next()?, entries.next()) {
            ((name, Value::String(span)), None) if name == "advance" => {
                duration::read(span).map(Wish::Advance)
            }
            ((name, Value::Bool(frozen)), None) if name == "frozen" => {
                Some(if *frozen { Wish::Freeze } else { Wish::Thaw })
            }
            _ => None,
        }
    }
}
