//! The settings of a queue as `QueueDescription`.

use super::authorization_rules;
use super::description_writer::DescriptionWriter;
use super::fault::Fault;
use super::fields::Fields;
use super::message_counts::MessageCounts;
use super::request::Inquiry;
use super::target::ApiVersion;
use super::xml::Element;
use crate::broker::{EntityState, QueueOptions};
use crate::tier::Tier;

pub(super) const NAME: &str = "QueueDescription";

/// Takes the settings out of a description; `options` has what applies where it says nothing.
pub(super) fn read(
    description: &Element,
    mut options: QueueOptions,
    version: ApiVersion,
    tier: Tier,
) -> Result<QueueOptions, Fault> {
    let fields = Fields(description);
    let settings = &mut options.0;
    fields.read(QueueOptions::SETTINGS, settings)?;
    settings.authorization_rules = authorization_rules::read(description)?;
    settings.max_message_size_in_kilobytes = fields.max_message_size(NAME, version, tier)?;
    Ok(options)
}

/// Writes what a create is answered with, and for a look the changing parts as well.
pub(super) fn write(
    queue: &EntityState<'_>,
    inquiry: &Inquiry,
    version: ApiVersion,
    tier: Tier,
    whole: bool,
) -> Element {
    let options = queue.options;
    let counts = MessageCounts::of(queue);
    let mut out = DescriptionWriter::new(NAME);
    out.put_span("LockDuration", options.lock_duration)
        .put("MaxSizeInMegabytes", options.max_size_in_megabytes)
        .put(
            "RequiresDuplicateDetection",
            options.requires_duplicate_detection,
        )
        .put("RequiresSession", options.requires_session)
        .put_span(
            "DefaultMessageTimeToLive",
            options.default_message_time_to_live,
        )
        .put(
            "DeadLetteringOnMessageExpiration",
            options.dead_lettering_on_message_expiration,
        )
        .put_span(
            "DuplicateDetectionHistoryTimeWindow",
            options.duplicate_detection_history_time_window,
        )
        .put("MaxDeliveryCount", options.max_delivery_count)
        .put("EnableBatchedOperations", options.enable_batched_operations)
        .put("SizeInBytes", queue.size)
        .put("MessageCount", counts.total())
        .put("IsAnonymousAccessible", false)
        .put_rules(&options.authorization_rules)
        .put("Status", options.status.name())
        .put_some("ForwardTo", inquiry.entity_url(&options.forward_to))
        .put_instant("CreatedAt", queue.created_at)
        .put_instant("UpdatedAt", queue.updated_at);
    if whole {
        out.put_accessed(queue.accessed_at);
    }
    out.put_some("UserMetadata", options.user_metadata.as_deref())
        .put("SupportOrdering", options.support_ordering);
    if whole {
        out.put_counts(counts);
    }
    out.put_span("AutoDeleteOnIdle", options.auto_delete_on_idle)
        .put("EnablePartitioning", options.enable_partitioning)
        .put("EntityAvailabilityStatus", "Available")
        .put_some(
            "ForwardDeadLetteredMessagesTo",
            inquiry.entity_url(&options.forward_dead_lettered_messages_to),
        )
        .put("EnableExpress", options.enable_express)
        .put_max_message_size(options.max_message_size_in_kilobytes, version, tier);
    out.finish()
}
