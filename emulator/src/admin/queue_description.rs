//! The settings of a queue as `QueueDescription`.

use super::fault::Fault;
use super::xml::Element;
use super::{authorization_rules, duration};
use crate::broker::QueueOptions;

pub(super) const NAME: &str = "QueueDescription";

/// Takes the settings out of a description, in any order; what is not there has its default.
pub(super) fn read(description: &Element) -> Result<QueueOptions, Fault> {
    let mut options = QueueOptions {
        authorization_rules: authorization_rules::read(description)?,
        ..QueueOptions::default()
    };
    if let Some(text) = description.text_of("LockDuration") {
        options.lock_duration = duration::read(text).ok_or_else(Fault::bad_request)?;
    }
    if let Some(text) = description.text_of("MaxDeliveryCount") {
        options.max_delivery_count = text.trim().parse().map_err(|_| Fault::bad_request())?;
    }
    Ok(options)
}

pub(super) fn write(options: &QueueOptions) -> Element {
    let mut description = Element::new(NAME);
    description.children = vec![
        Element::leaf("LockDuration", duration::write(options.lock_duration)),
        Element::leaf("MaxDeliveryCount", options.max_delivery_count),
        authorization_rules::write(&options.authorization_rules),
    ];
    description
}
