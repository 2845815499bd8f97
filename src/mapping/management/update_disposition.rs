//! `update-disposition`: settling messages by their lock tokens, not by deliveries on a link.

use servicebus_amqp::writer::Writer;
use uuid::Uuid;

use super::renew_lock::write_lock_tokens;
use super::Answer;
use crate::error::Result;
use crate::mapping::encode::write_application_properties;
use crate::model::application_properties::ApplicationProperties;
use crate::model::disposition::Disposition;

pub(crate) const OPERATION: &str = "com.microsoft:update-disposition";

/// Settles the messages that `lock_tokens` lock. The disposition must have passed
/// [`check_disposition`](crate::mapping::delivery_state::check_disposition).
pub(crate) fn write(
    writer: &mut Writer<'_>,
    disposition: &Disposition,
    lock_tokens: &[Uuid],
    session_id: Option<&str>,
) {
    writer.put_map(|writer| {
        writer.put_string("disposition-status");
        writer.put_string(status(disposition));
        writer.put_string("lock-tokens");
        write_lock_tokens(writer, lock_tokens);
        match disposition {
            Disposition::Complete => {}
            Disposition::Abandon(options) => {
                write_properties(writer, &options.properties_to_modify)
            }
            Disposition::Defer(options) => write_properties(writer, &options.properties_to_modify),
            Disposition::DeadLetter(options) => {
                write_text(writer, "deadletter-reason", options.reason.as_deref());
                write_text(
                    writer,
                    "deadletter-description",
                    options.error_description.as_deref(),
                );
                write_properties(writer, &options.properties_to_modify);
            }
        }
        write_text(writer, "session-id", session_id);
    });
}

/// Whether the service applied it.
pub(crate) fn read(answer: &Answer) -> Result<()> {
    answer.success().map(|_| ())
}

fn status(disposition: &Disposition) -> &'static str {
    match disposition {
        Disposition::Complete => "completed",
        Disposition::Abandon(_) => "abandoned",
        // The service's own spelling.
        Disposition::Defer(_) => "defered",
        Disposition::DeadLetter(_) => "suspended",
    }
}

fn write_text(writer: &mut Writer<'_>, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        writer.put_string(key);
        writer.put_string(text);
    }
}

fn write_properties(writer: &mut Writer<'_>, properties: &ApplicationProperties) {
    if !properties.is_empty() {
        writer.put_string("properties-to-modify");
        write_application_properties(writer, properties);
    }
}
