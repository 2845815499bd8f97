//! Where outgoing messages get their place in a distributed trace from.

use std::borrow::Cow;
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

use log::warn;

use crate::model::message::Message;
use crate::model::trace_context::TraceContext;

type Hook = dyn Fn() -> Option<TraceContext> + Send + Sync;

/// The application's hook, if it has set one.
#[derive(Clone, Default)]
pub(crate) struct TraceSource(Option<Arc<Hook>>);

impl TraceSource {
    pub(crate) fn new(hook: impl Fn() -> Option<TraceContext> + Send + Sync + 'static) -> Self {
        TraceSource(Some(Arc::new(hook)))
    }

    /// The message as it is to be sent. A hook that panics costs it its place in the trace, and nothing else.
    pub(crate) fn traced<'a>(&self, message: &'a Message) -> Cow<'a, Message> {
        let Some(hook) = &self.0 else {
            return Cow::Borrowed(message);
        };
        if TraceContext::is_in(message.application_properties()) {
            return Cow::Borrowed(message);
        }
        let context = catch_unwind(AssertUnwindSafe(|| hook())).unwrap_or_else(|_panic| {
            warn!(target: "servicebus::sender", "the hook for trace contexts panicked");
            None
        });
        let Some(context) = context else {
            return Cow::Borrowed(message);
        };
        let mut properties = message.application_properties().clone();
        context.write_to(&mut properties);
        Cow::Owned(message.clone().with_application_properties(properties))
    }
}

impl fmt::Debug for TraceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceSource")
            .field("set", &self.0.is_some())
            .finish()
    }
}
