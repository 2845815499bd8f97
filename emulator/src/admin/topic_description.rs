//! The settings of a topic as `TopicDescription`.

use super::authorization_rules;
use super::description_writer::DescriptionWriter;
use super::fault::Fault;
use super::fields::Fields;
use super::message_counts::MessageCounts;
use super::target::ApiVersion;
use super::xml::Element;
use crate::broker::{EntityState, FilterCounts, TopicOptions};
use crate::tier::Tier;

pub(super) const NAME: &str = "TopicDescription";

/// Takes the settings out of a description; `options` has what applies where it says nothing.
pub(super) fn read(
    description: &Element,
    mut options: TopicOptions,
    version: ApiVersion,
    tier: Tier,
) -> Result<TopicOptions, Fault> {
    let fields = Fields(description);
    let settings = &mut options.0;
    fields.read(TopicOptions::SETTINGS, settings)?;
    settings.authorization_rules = authorization_rules::read(description)?;
    settings.max_message_size_in_kilobytes = fields.max_message_size(NAME, version, tier)?;
    Ok(options)
}

/// Writes what a create is answered with, and for a look the changing parts as well.
pub(super) fn write(
    topic: &EntityState<'_>,
    (subscriptions, filters): (usize, FilterCounts),
    version: ApiVersion,
    tier: Tier,
    whole: bool,
) -> Element {
    let options = topic.options;
    let mut out = DescriptionWriter::new(NAME);
    out.put_span(
        "DefaultMessageTimeToLive",
        options.default_message_time_to_live,
    )
    .put("MaxSizeInMegabytes", options.max_size_in_megabytes)
    .put(
        "RequiresDuplicateDetection",
        options.requires_duplicate_detection,
    )
    .put_span(
        "DuplicateDetectionHistoryTimeWindow",
        options.duplicate_detection_history_time_window,
    )
    .put("EnableBatchedOperations", options.enable_batched_operations)
    .put("SizeInBytes", topic.size)
    .put("FilteringMessagesBeforePublishing", false)
    .put("IsAnonymousAccessible", false)
    .put_rules(&options.authorization_rules)
    .put("Status", options.status.name())
    .put_instant("CreatedAt", topic.created_at)
    .put_instant("UpdatedAt", topic.updated_at);
    if whole {
        out.put_accessed(topic.accessed_at);
    }
    out.put_some("UserMetadata", options.user_metadata.as_deref())
        .put("SupportOrdering", options.support_ordering);
    if whole {
        out.put_counts(MessageCounts::of(topic))
            .put("SubscriptionCount", subscriptions);
        if version >= ApiVersion::V2024_05 {
            out.put("SqlFilterCount", filters.sql)
                .put("CorrelationFilterCount", filters.correlation);
        }
    }
    out.put_span("AutoDeleteOnIdle", options.auto_delete_on_idle)
        .put("EnablePartitioning", options.enable_partitioning)
        .put("EntityAvailabilityStatus", "Available")
        .put("EnableSubscriptionPartitioning", false)
        .put("EnableExpress", options.enable_express)
        .put_max_message_size(options.max_message_size_in_kilobytes, version, tier);
    out.finish()
}
