//! What the emulator offers over HTTP that the service does not: its own paths, without a token.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /$emulator/faults` with a fault as JSON | 201 and `{"id": 1}` |
//! | `GET /$emulator/faults`, `GET /$emulator/faults/1` | `id`, `kind` and `hits` of what is set |
//! | `DELETE /$emulator/faults`, `DELETE /$emulator/faults/1` | 204 |
//! | `GET /$emulator/record` | the record as text, a line for each entry |
//! | `PUT /$emulator/record` with `{"frames": true}` | 204; frames are on record from now on, or no more |
//! | `GET /$emulator/counts`, `GET /$emulator/counts/orders` | what entities hold, and as `totals` what has happened in them so far |
//! | `GET /$emulator/clock` | `now` and whether message time is `frozen` |
//! | `POST /$emulator/clock` with `{"advance": "PT1H"}` or `{"frozen": true}` | 204; message time has moved, or stands still, or no more |
//! | `POST /$emulator/transport-clock` with `{"advance": "PT10M"}` | 204; transport time has moved |

use hyper::Method;
use percent_encoding::percent_decode_str;
use serde_json::{json, Value};

use super::answer::Answer;
use super::{clocks, counts};
use crate::fault::{Fault, FaultId};
use crate::hub::Hub;

/// The answer to a request for a path of the emulator's own; `None` for any other path.
pub(super) fn answer(method: &Method, path: &str, body: &[u8], hub: &mut Hub) -> Option<Answer> {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let segments: Vec<&str> = path.strip_prefix("/$emulator/")?.split('/').collect();
    Some(match segments.as_slice() {
        ["faults"] => all_faults(method, body, hub),
        ["faults", id] => one_fault(method, id, hub),
        ["record"] => record(method, body, hub),
        ["counts"] => counts::all(method, hub),
        ["counts", path @ ..] => counts::one(method, &path.join("/"), hub),
        ["clock"] => clocks::message(method, body, hub),
        ["transport-clock"] => clocks::transport(method, body, hub),
        _ => refused(404, "there is no such path"),
    })
}

fn all_faults(method: &Method, body: &[u8], hub: &mut Hub) -> Answer {
    match *method {
        Method::POST => match Fault::from_json(body).and_then(|fault| hub.inject(fault)) {
            Ok(id) => Answer::json(201, &json!({ "id": id.number() })),
            Err(error) => refused(400, &error.to_string()),
        },
        Method::GET => Answer::json(200, &hub.faults.iter().map(shown).collect()),
        Method::DELETE => {
            hub.clear_faults();
            Answer::empty(204)
        }
        _ => not_allowed(),
    }
}

fn one_fault(method: &Method, id: &str, hub: &mut Hub) -> Answer {
    let id = id.parse().ok().map(FaultId::from_number);
    let found = hub.faults.iter().find(|(known, ..)| Some(*known) == id);
    let Some(found) = found else {
        return refused(404, "no such fault is set");
    };
    match *method {
        Method::GET => Answer::json(200, &shown(found)),
        Method::DELETE => {
            hub.clear_fault(found.0);
            Answer::empty(204)
        }
        _ => not_allowed(),
    }
}

fn record(method: &Method, body: &[u8], hub: &mut Hub) -> Answer {
    match *method {
        Method::GET => {
            let mut text = hub.broker.journal().lines().join("\n");
            text.push('\n');
            Answer::text(&text)
        }
        Method::PUT => match serde_json::from_slice(body) {
            Ok(Value::Object(wish)) if wish.len() == 1 => match wish.get("frames") {
                Some(Value::Bool(frames)) => {
                    hub.record_frames = *frames;
                    Answer::empty(204)
                }
                _ => refused(400, "frames is missing, true or false"),
            },
            _ => refused(400, "the body is not {\"frames\": true} or false"),
        },
        _ => not_allowed(),
    }
}

fn shown((id, kind, hits): (FaultId, &'static str, u64)) -> Value {
    json!({ "id": id.number(), "kind": kind, "hits": hits })
}

pub(super) fn not_allowed() -> Answer {
    refused(405, "the path does not know the method")
}

pub(super) fn refused(status: u16, text: &str) -> Answer {
    Answer::json(status, &json!({ "error": text }))
}
