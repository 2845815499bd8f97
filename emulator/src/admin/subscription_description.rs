//! The settings of a subscription as `SubscriptionDescription`.

use super::description_writer::DescriptionWriter;
use super::fault::Fault;
use super::fields::Fields;
use super::instant;
use super::message_counts::MessageCounts;
use super::request::Inquiry;
use super::target::ApiVersion;
use super::xml::Element;
use crate::broker::{EntityState, SubscriptionOptions};

pub(super) const NAME: &str = "SubscriptionDescription";

/// Takes the settings out of a description; `options` has what applies where it says nothing.
pub(super) fn read(
    description: &Element,
    mut options: SubscriptionOptions,
) -> Result<SubscriptionOptions, Fault> {
    Fields(description).read(SubscriptionOptions::SETTINGS, &mut options.0)?;
    Ok(options)
}

/// Writes what a create or update is answered with, and for a look the changing parts as well.
pub(super) fn write(
    subscription: &EntityState<'_>,
    inquiry: &Inquiry,
    version: ApiVersion,
    whole: bool,
) -> Element {
    let options = subscription.options;
    // Messages of a subscription are scheduled at its topic.
    let counts = MessageCounts::of(subscription);
    let mut out = DescriptionWriter::new(NAME);
    out.put_span("LockDuration", options.lock_duration)
        .put("RequiresSession", options.requires_session)
        .put_span(
            "DefaultMessageTimeToLive",
            options.default_message_time_to_live,
        )
        .put(
            "DeadLetteringOnMessageExpiration",
            options.dead_lettering_on_message_expiration,
        )
        .put(
            "DeadLetteringOnFilterEvaluationExceptions",
            options.dead_lettering_on_filter_errors,
        )
        .put("MessageCount", counts.total())
        .put("MaxDeliveryCount", options.max_delivery_count)
        .put("EnableBatchedOperations", options.enable_batched_operations)
        .put("Status", options.status.name())
        .put_some("ForwardTo", inquiry.entity_url(&options.forward_to))
        .put_instant("CreatedAt", subscription.created_at)
        .put_instant("UpdatedAt", subscription.updated_at)
        .put("AccessedAt", accessed_at(subscription, whole))
        .put_some("UserMetadata", options.user_metadata.as_deref());
    if whole {
        out.put_counts(counts);
    }
    out.put_some(
        "ForwardDeadLetteredMessagesTo",
        inquiry.entity_url(&options.forward_dead_lettered_messages_to),
    )
    .put_span("AutoDeleteOnIdle", options.auto_delete_on_idle)
    .put("EntityAvailabilityStatus", "Available");
    if version >= ApiVersion::V2021_05 {
        out.put("IsClientAffine", false);
    }
    out.finish()
}

/// What a subscription says of its last use: in answers to changes never, and without a zone; else an
/// instant, even if nobody has used it.
fn accessed_at(subscription: &EntityState<'_>, whole: bool) -> String {
    if whole {
        let at = subscription.accessed_at.unwrap_or(subscription.created_at);
        instant::exact(at)
    } else {
        instant::NEVER.trim_end_matches('Z').to_owned()
    }
}
