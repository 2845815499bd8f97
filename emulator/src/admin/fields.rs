//! Reading the settings in a description.
//!
//! Clients differ in the order they write, so every setting is looked for by its name. One that is
//! not there, or empty, keeps its default.

use std::str::FromStr;
use std::time::Duration;

use super::duration;
use super::fault::Fault;
use super::target::ApiVersion;
use super::xml::Element;
use crate::broker::EntityStatus;
use crate::tier::Tier;

/// The settings of one description.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a Element);

impl Fields<'_> {
    pub(super) fn flag(&self, name: &str, into: &mut bool) -> Result<(), Fault> {
        match self.text(name) {
            None => {}
            Some("true" | "1") => *into = true,
            Some("false" | "0") => *into = false,
            Some(_) => return Err(Fault::bad_request()),
        }
        Ok(())
    }

    pub(super) fn number<T: FromStr>(&self, name: &str, into: &mut T) -> Result<(), Fault> {
        if let Some(text) = self.text(name) {
            *into = text.parse().map_err(|_| Fault::bad_request())?;
        }
        Ok(())
    }

    pub(super) fn span(&self, name: &str, into: &mut Duration) -> Result<(), Fault> {
        if let Some(text) = self.text(name) {
            *into = duration::read(text).ok_or_else(Fault::bad_request)?;
        }
        Ok(())
    }

    /// The longest lock has a refusal of its own.
    pub(super) fn lock_duration(&self, into: &mut Duration) -> Result<(), Fault> {
        self.span("LockDuration", into)?;
        if *into > Duration::from_secs(300) {
            return Err(Fault::lock_too_long(*into));
        }
        Ok(())
    }

    pub(super) fn status(&self, into: &mut EntityStatus) -> Result<(), Fault> {
        if let Some(text) = self.text("Status") {
            let mut known = STATUSES.iter().filter(|(_, name)| *name == text);
            let (status, _) = known.next().ok_or_else(Fault::bad_request)?;
            *into = *status;
        }
        Ok(())
    }

    /// Metadata of the user, with the spaces at its ends.
    pub(super) fn user_metadata(&self, into: &mut Option<String>) {
        let text = self.0.text_of("UserMetadata");
        *into = text.filter(|text| !text.is_empty()).map(str::to_owned);
    }

    /// The path in the URL of another entity of the namespace; a bare path is taken as well.
    pub(super) fn target(&self, name: &str, into: &mut Option<String>) {
        *into = self.text(name).map(|url| {
            let path = match url.split_once("://") {
                Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
                None => url,
            };
            path.trim_matches('/').to_owned()
        });
    }

    /// A limit of an entity's own; only the premium tier has such, and only later versions of the API.
    pub(super) fn max_message_size(
        &self,
        kind: &str,
        version: ApiVersion,
        tier: Tier,
    ) -> Result<Option<u64>, Fault> {
        let Some(text) = self.text("MaxMessageSizeInKilobytes") else {
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

const STATUSES: [(EntityStatus, &str); 4] = [
    (EntityStatus::Active, "Active"),
    (EntityStatus::Disabled, "Disabled"),
    (EntityStatus::SendDisabled, "SendDisabled"),
    (EntityStatus::ReceiveDisabled, "ReceiveDisabled"),
];

/// The name of a status.
pub(super) fn status_name(status: EntityStatus) -> &'static str {
    let mut known = STATUSES.iter().filter(|(known, _)| *known == status);
    known.next().map_or("Unknown", |(_, name)| name)
}
