//! Faults as JSON, the form in which they come over HTTP.
//!
//! An object with the `kind`, which is the constructor's name with hyphens, what that takes
//! (`condition`, `status`, `delayMs`, `jitterMs`, `bytesPerSecond`, `keep`, `offset`, `direction`), and
//! any of `connection`, `entity`, `link`, `role` (`sender` or `receiver`, of the client), `operation`,
//! `frameNumber`, `frameKind`, `skip`, `times`, `probability`, `seed`, `afterDeliveries`.

use std::time::Duration;

use serde_json::{Map, Value};

use super::frame::{Direction, FrameKind};
use super::{Fault, InvalidFault};

const FRAME_KINDS: &[(&str, FrameKind)] = &[
    ("sasl", FrameKind::Sasl),
    ("empty", FrameKind::Empty),
    ("open", FrameKind::Open),
    ("begin", FrameKind::Begin),
    ("attach", FrameKind::Attach),
    ("flow", FrameKind::Flow),
    ("transfer", FrameKind::Transfer),
    ("disposition", FrameKind::Disposition),
    ("detach", FrameKind::Detach),
    ("end", FrameKind::End),
    ("close", FrameKind::Close),
];

/// What of an object has not been read yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&mut self, name: &str) -> Result<Option<String>, InvalidFault> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(name, "a text", &other)),
        }
    }

    fn number(&mut self, name: &str) -> Result<Option<u64>, InvalidFault> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(wrong(name, "a whole number from 0", &value)),
            },
        }
    }

    fn fraction(&mut self, name: &str) -> Result<Option<f64>, InvalidFault> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) => Ok(Some(number)),
                None => Err(wrong(name, "a number", &value)),
            },
        }
    }

    fn direction(&mut self) -> Result<Option<Direction>, InvalidFault> {
        match self.text("direction")?.as_deref() {
            None => Ok(None),
            Some("inbound") => Ok(Some(Direction::Inbound)),
            Some("outbound") => Ok(Some(Direction::Outbound)),
            Some(other) => Err(InvalidFault(format!(
                "direction is inbound or outbound, not {other:?}"
            ))),
        }
    }

    fn condition(&mut self) -> Result<String, InvalidFault> {
        needed("condition", self.text("condition")?)
    }

    fn status(&mut self) -> Result<Option<u16>, InvalidFault> {
        let Some(status) = self.number("status")? else {
            return Ok(None);
        };
        match u16::try_from(status) {
            Ok(status @ 100..=599) => Ok(Some(status)),
            _ => Err(InvalidFault(format!("{status} is no status"))),
        }
    }

    fn delay(&mut self) -> Result<Duration, InvalidFault> {
        needed("delayMs", self.number("delayMs")?).map(Duration::from_millis)
    }

    fn size(&mut self, name: &str) -> Result<usize, InvalidFault> {
        let size = needed(name, self.number(name)?)?;
        Ok(usize::try_from(size).unwrap_or(usize::MAX))
    }
}

fn wrong(name: &str, expected: &str, found: &Value) -> InvalidFault {
    InvalidFault(format!("{name} is {expected}, not {found}"))
}

fn needed<T>(name: &str, value: Option<T>) -> Result<T, InvalidFault> {
    value.ok_or_else(|| InvalidFault(format!("{name} is missing")))
}

impl Fault {
    /// Reads a fault; every field must be known.
    pub(crate) fn from_json(text: &[u8]) -> Result<Self, InvalidFault> {
        let object = match serde_json::from_slice(text) {
            Ok(Value::Object(object)) => object,
            Ok(other) => return Err(wrong("a fault", "an object", &other)),
            Err(error) => return Err(InvalidFault(error.to_string())),
        };
        let mut fields = Fields(object);
        let kind = needed("kind", fields.text("kind")?)?;
        let fault = of_kind(&kind, &mut fields)?;
        let fault = scoped(fault, &mut fields)?;
        match fields.0.keys().next() {
            None => Ok(fault),
            Some(name) => Err(InvalidFault(format!("{kind} has no {name:?}"))),
        }
    }
}

fn of_kind(kind: &str, fields: &mut Fields) -> Result<Fault, InvalidFault> {
    Ok(match kind {
        "refuse-sasl" => Fault::refuse_sasl(),
        "refuse-open" => Fault::refuse_open(fields.condition()?),
        "refuse-attach" => Fault::refuse_attach(fields.condition()?),
        "delay-attach" => Fault::delay_attach(fields.delay()?),
        "drop-attach" => Fault::drop_attach(),
        "detach-link" => Fault::detach_link(fields.condition()?),
        "end-session" => Fault::end_session(fields.condition()?),
        "close-connection" => Fault::close_connection(fields.condition()?),
        "withhold-credit" => Fault::withhold_credit(),
        "reject-message" => Fault::reject_message(fields.condition()?),
        "delay-outcome" => Fault::delay_outcome(fields.delay()?),
        "drop-outcome" => Fault::drop_outcome(),
        "refuse-settlement" => Fault::refuse_settlement(fields.condition()?),
        "delay-settlement" => Fault::delay_settlement(fields.delay()?),
        "drop-settlement" => Fault::drop_settlement(),
        "refuse-token" => Fault::refuse_token(needed("status", fields.status()?)?),
        "delay-token" => Fault::delay_token(fields.delay()?),
        "drop-token" => Fault::drop_token(),
        "expire-tokens" => Fault::expire_tokens(),
        "refuse-request" => match fields.status()? {
            Some(status) => Fault::refuse_request_with_status(status),
            None => Fault::refuse_request(fields.condition()?),
        },
        "delay-request" => Fault::delay_request(fields.delay()?),
        "drop-request" => Fault::drop_request(),
        "expired-certificate" => Fault::expired_certificate(),
        "not-yet-valid-certificate" => Fault::not_yet_valid_certificate(),
        "wrong-host-certificate" => Fault::wrong_host_certificate(),
        "untrusted-certificate" => Fault::untrusted_certificate(),
        "demand-client-certificate" => Fault::demand_client_certificate(),
        "cut-handshake" => Fault::cut_handshake(),
        "stall-handshake" => Fault::stall_handshake(),
        "cut-stream" => Fault::cut_stream(),
        "cut-at-frame" => Fault::cut_at_frame(needed("direction", fields.direction()?)?),
        "truncate-frame" => Fault::truncate_frame(fields.size("keep")?),
        "corrupt-frame" => Fault::corrupt_frame(fields.size("offset")?),
        "drop-frame" => Fault::drop_frame(),
        "duplicate-frame" => Fault::duplicate_frame(),
        "withhold-heartbeats" => Fault::withhold_heartbeats(),
        "stall-reads" => Fault::stall_reads(),
        "stall-writes" => Fault::stall_writes(),
        "latency" => {
            let jitter = fields.number("jitterMs")?.unwrap_or_default();
            Fault::latency_with_jitter(fields.delay()?, Duration::from_millis(jitter))
        }
        "throttle" => {
            let rate = fields.number("bytesPerSecond")?;
            Fault::throttle(needed("bytesPerSecond", rate)?)
        }
        _ => return Err(InvalidFault(format!("there is no kind {kind:?}"))),
    })
}

fn scoped(mut fault: Fault, fields: &mut Fields) -> Result<Fault, InvalidFault> {
    if let Some(number) = fields.number("connection")? {
        fault = fault.connection(number);
    }
    if let Some(path) = fields.text("entity")? {
        fault = fault.entity(path);
    }
    if let Some(name) = fields.text("link")? {
        fault = fault.link(name);
    }
    fault = match fields.text("role")?.as_deref() {
        None => fault,
        Some("sender") => fault.senders(),
        Some("receiver") => fault.receivers(),
        Some(other) => {
            let text = format!("role is sender or receiver, not {other:?}");
            return Err(InvalidFault(text));
        }
    };
    if let Some(name) = fields.text("operation")? {
        fault = fault.operation(name);
    }
    if let Some(direction) = fields.direction()? {
        fault = fault.direction(direction);
    }
    if let Some(number) = fields.number("frameNumber")? {
        fault = fault.frame_number(number);
    }
    if let Some(name) = fields.text("frameKind")? {
        let known = FRAME_KINDS.iter().find(|(known, _)| *known == name);
        let (_, kind) =
            known.ok_or_else(|| InvalidFault(format!("there is no kind of frame {name:?}")))?;
        fault = fault.frame_kind(*kind);
    }
    if let Some(occasions) = fields.number("skip")? {
        fault = fault.skip(occasions);
    }
    if let Some(times) = fields.number("times")? {
        fault = fault.times(times);
    }
    if let Some(probability) = fields.fraction("probability")? {
        fault = fault.probability(probability);
    }
    if let Some(seed) = fields.number("seed")? {
        fault = fault.seed(seed);
    }
    if let Some(count) = fields.number("afterDeliveries")? {
        fault = fault.after_deliveries(count);
    }
    Ok(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_refused(text: &str, part: &str) {
        let error = Fault::from_json(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }

    #[test]
    fn a_fault_is_read_with_all_that_it_says() {
        let text = r#"{"kind": "reject-message", "condition": "com.microsoft:server-busy",
            "connection": 2, "entity": "orders", "link": "x", "role": "sender", "skip": 1, "times": 3,
            "probability": 0.5, "seed": 7}"#;
        let expected = Fault::reject_message("com.microsoft:server-busy");
        let expected = expected.connection(2).entity("orders").link("x").senders();
        let expected = expected.skip(1).times(3).probability(0.5).seed(7);
        assert_eq!(Fault::from_json(text.as_bytes()), Ok(expected));
        let text = r#"{"kind": "cut-at-frame", "direction": "inbound", "frameKind": "transfer"}"#;
        let expected = Fault::cut_at_frame(Direction::Inbound).frame_kind(FrameKind::Transfer);
        assert_eq!(Fault::from_json(text.as_bytes()), Ok(expected));
        let text = r#"{"kind": "latency", "delayMs": 20, "jitterMs": 5, "direction": "outbound"}"#;
        let millis = Duration::from_millis;
        let expected = Fault::latency_with_jitter(millis(20), millis(5));
        let expected = expected.direction(Direction::Outbound);
        assert_eq!(Fault::from_json(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn every_kind_is_called_what_it_is_shown_as() {
        const CONDITION: &str = r#""condition": "amqp:not-allowed""#;
        const DELAY: &str = r#""delayMs": 5"#;
        const STATUS: &str = r#""status": 500"#;
        for (kind, argument) in [
            ("expired-certificate", ""),
            ("not-yet-valid-certificate", ""),
            ("wrong-host-certificate", ""),
            ("untrusted-certificate", ""),
            ("demand-client-certificate", ""),
            ("cut-handshake", ""),
            ("stall-handshake", ""),
            ("refuse-sasl", ""),
            ("refuse-open", CONDITION),
            ("refuse-attach", CONDITION),
            ("delay-attach", DELAY),
            ("drop-attach", ""),
            ("detach-link", CONDITION),
            ("end-session", CONDITION),
            ("close-connection", CONDITION),
            ("withhold-credit", ""),
            ("reject-message", CONDITION),
            ("delay-outcome", DELAY),
            ("drop-outcome", ""),
            ("refuse-settlement", CONDITION),
            ("delay-settlement", DELAY),
            ("drop-settlement", ""),
            ("refuse-token", STATUS),
            ("delay-token", DELAY),
            ("drop-token", ""),
            ("expire-tokens", ""),
            ("refuse-request", CONDITION),
            ("refuse-request", STATUS),
            ("delay-request", DELAY),
            ("drop-request", ""),
            ("cut-stream", ""),
            ("cut-at-frame", r#""direction": "outbound""#),
            ("truncate-frame", r#""keep": 9"#),
            ("corrupt-frame", r#""offset": 9"#),
            ("drop-frame", ""),
            ("duplicate-frame", ""),
            ("stall-reads", ""),
            ("stall-writes", ""),
            ("latency", DELAY),
            ("throttle", r#""bytesPerSecond": 9"#),
        ] {
            let comma = if argument.is_empty() { "" } else { ", " };
            let text = format!(r#"{{"kind": "{kind}"{comma}{argument}}}"#);
            let fault = Fault::from_json(text.as_bytes());
            let fault = fault.unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(fault.effect.name(), kind, "{text}");
        }
    }

    #[test]
    fn what_a_fault_does_not_know_is_refused() {
        assert_refused("[]", "an object");
        assert_refused("{", "EOF");
        assert_refused("{}", "kind is missing");
        assert_refused(r#"{"kind": "explode"}"#, "explode");
        assert_refused(r#"{"kind": "refuse-attach"}"#, "condition is missing");
        assert_refused(r#"{"kind": "refuse-token", "status": 9}"#, "no status");
        assert_refused(r#"{"kind": "drop-token", "delayMs": 1}"#, "delayMs");
        assert_refused(r#"{"kind": "drop-token", "times": -1}"#, "times");
        assert_refused(r#"{"kind": "drop-token", "tiems": 1}"#, "tiems");
        assert_refused(r#"{"kind": "drop-frame", "frameKind": "x"}"#, "frame");
        assert_refused(r#"{"kind": "drop-token", "role": "x"}"#, "role");
        assert_refused(r#"{"kind": "cut-at-frame"}"#, "direction is missing");
    }
}
