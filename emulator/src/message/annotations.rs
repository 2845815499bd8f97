//! What a sender asks of the broker by annotations.

use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Kind};

use super::Message;

const SCHEDULED_ENQUEUE_TIME: &str = "x-opt-scheduled-enqueue-time";

impl Message {
    /// When the message is to be enqueued, in milliseconds since the Unix epoch.
    ///
    /// .NET writes an instant of the year 1 for "not set", which is as good as now.
    pub(crate) fn scheduled_enqueue_time(&self) -> Option<i64> {
        self.annotation(SCHEDULED_ENQUEUE_TIME)?.as_timestamp()
    }

    fn annotation(&self, name: &str) -> Option<Element<'_>> {
        if self.message_annotations.is_empty() {
            return None;
        }
        let value = section_value(&self.message_annotations).ok()?;
        let Kind::Map(mut entries) = value.kind().ok()? else {
            return None;
        };
        loop {
            let key = entries.next()?.ok()?;
            let value = entries.next()?.ok()?;
            if key.as_text() == Some(name) {
                return Some(value);
            }
        }
    }
}
