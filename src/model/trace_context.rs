//! The place of a message in a distributed trace.

use super::application_properties::ApplicationProperties;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
/// What Azure's clients wrote before W3C Trace Context, and some write still.
const DIAGNOSTIC_ID: &str = "Diagnostic-Id";

/// The place of a message in a distributed trace, as [W3C Trace Context](https://www.w3.org/TR/trace-context/) writes it.
///
/// A client gets those of its messages from [`ClientBuilder::trace_context`](crate::ClientBuilder::trace_context);
/// [`ReceivedMessage::trace_context`](crate::ReceivedMessage::trace_context) tells that of a received one. The texts are
/// passed on as they are, and not checked.
///
/// # Examples
///
/// ```
/// use servicebus::TraceContext;
///
/// let context = TraceContext::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
///     .with_tracestate("vendor=value");
/// assert_eq!(context.tracestate(), Some("vendor=value"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    traceparent: String,
    tracestate: Option<String>,
}

impl TraceContext {
    /// A context of this `traceparent`: version, trace, parent span and flags.
    pub fn new(traceparent: impl Into<String>) -> Self {
        TraceContext {
            traceparent: traceparent.into(),
            tracestate: None,
        }
    }

    /// With what vendors add, as the `tracestate` header has it.
    #[must_use]
    pub fn with_tracestate(mut self, tracestate: impl Into<String>) -> Self {
        self.tracestate = Some(tracestate.into());
        self
    }

    /// Version, trace, parent span and flags.
    pub fn traceparent(&self) -> &str {
        &self.traceparent
    }

    /// What vendors add.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// Whether properties hold one already, in whatever form.
    pub(crate) fn is_in(properties: &ApplicationProperties) -> bool {
        [TRACEPARENT, DIAGNOSTIC_ID]
            .iter()
            .any(|name| properties.get(name).is_some())
    }

    /// Writes it as Azure's clients do, for readers of either name.
    pub(crate) fn write_to(self, properties: &mut ApplicationProperties) {
        properties.insert(DIAGNOSTIC_ID, self.traceparent.clone());
        properties.insert(TRACEPARENT, self.traceparent);
        if let Some(tracestate) = self.tracestate {
            properties.insert(TRACESTATE, tracestate);
        }
    }

    /// What properties hold of one.
    pub(crate) fn read_from(properties: &ApplicationProperties) -> Option<Self> {
        let text = |name| Some(properties.get(name)?.as_str()?.to_owned());
        Some(TraceContext {
            traceparent: text(TRACEPARENT).or_else(|| text(DIAGNOSTIC_ID))?,
            tracestate: text(TRACESTATE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::AmqpValue;

    const OLD: &str = "00-11111111111111111111111111111111-1111111111111111-00";
    const NEW: &str = "00-22222222222222222222222222222222-2222222222222222-01";

    fn read(properties: &[(&str, AmqpValue)]) -> Option<TraceContext> {
        let properties = ApplicationProperties::from_iter(properties.iter().cloned());
        TraceContext::read_from(&properties)
    }

    #[test]
    fn what_is_written_is_read() {
        for context in [
            TraceContext::new(NEW),
            TraceContext::new(NEW).with_tracestate("a=b"),
        ] {
            let mut properties = ApplicationProperties::new();
            context.clone().write_to(&mut properties);
            assert!(TraceContext::is_in(&properties));
            assert_eq!(properties.get("Diagnostic-Id"), Some(&NEW.into()));
            assert_eq!(TraceContext::read_from(&properties), Some(context));
        }
    }

    #[test]
    fn the_older_name_counts_where_the_newer_one_is_missing_or_no_text() {
        let old = Some(TraceContext::new(OLD));
        assert_eq!(read(&[("Diagnostic-Id", OLD.into())]), old);
        let no_text = [("Diagnostic-Id", OLD.into()), ("traceparent", 7i32.into())];
        assert_eq!(read(&no_text), old);
        let both = [("Diagnostic-Id", OLD.into()), ("traceparent", NEW.into())];
        assert_eq!(read(&both), Some(TraceContext::new(NEW)));
        assert_eq!(read(&[("tracestate", "a=b".into())]), None);
    }
}
