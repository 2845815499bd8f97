//! Reading the settings in a description.
//!
//! Clients differ in the order they write, so every setting is looked for by its name. One that is
//! not there, or empty, keeps its default.

use std::time::Duration;

use super::fault::Fault;
use super::target::ApiVersion;
use super::xml::Element;
use crate::broker::{BrokerError, EntitySettings};
use crate::tier::Tier;

const MAX_MESSAGE_SIZE: &str = "MaxMessageSizeInKilobytes";

/// A longer lock has a refusal of its own.
const MAX_LOCK_DURATION: Duration = Duration::from_secs(300);

/// The service remembers ids for so long at least; the broker, as Microsoft's emulator, for less.
const MIN_DUPLICATE_WINDOW: Duration = Duration::from_secs(20);

/// The settings of one description.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a Element);

impl Fields<'_> {
    /// Reads the settings of these names.
    pub(super) fn read(&self, names: &[&str], into: &mut EntitySettings) -> Result<(), Fault> {
        for name in names {
            let text = match *name {
                // With the spaces at its ends.
                "UserMetadata" => self.0.text_of(name),
                // What it may be depends on more than the description.
                MAX_MESSAGE_SIZE => None,
                name => self.text(name),
            };
            if let Some(text) = text {
                into.set(name, text).map_err(|_| Fault::bad_request())?;
            }
        }
        if into.lock_duration > MAX_LOCK_DURATION {
            return Err(Fault::lock_too_long(into.lock_duration));
        }
        if into.duplicate_detection_history_time_window < MIN_DUPLICATE_WINDOW {
            return Err(Fault::from(BrokerError::InvalidOption {
                option: "DuplicateDetectionHistoryTimeWindow",
                range: "20 seconds to 7 days",
            }));
        }
        Ok(())
    }

    /// A limit of an entity's own; only the premium tier has such, and only later versions of the API.
    pub(super) fn max_message_size(
        &self,
        kind: &str,
        version: ApiVersion,
        tier: Tier,
    ) -> Result<Option<u64>, Fault> {
        let Some(text) = self.text(MAX_MESSAGE_SIZE) else {
            return Ok(None);
        };
        if version < ApiVersion::V2021_05 {
            return Err(Fault::unsupported_properties(kind, version.name()));
        }
        let kilobytes: u64 = text.parse().map_err(|_| Fault::bad_request())?;
        if tier == Tier::Premium {
            Ok(Some(kilobytes))
        } else if kilobytes == tier.max_message_size() / 1_024 {
            Ok(None)
        } else {
            Err(Fault::bad_request())
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.text_of(name)?.trim();
        (!text.is_empty()).then_some(text)
    }
}
