//! Writing a description, element by element in the service's order.

use std::fmt::Display;
use std::time::Duration;

use super::authorization_rules;
use super::instant;
use super::message_counts::MessageCounts;
use super::target::ApiVersion;
use super::xml::Element;
use crate::auth::AuthorizationRule;
use crate::broker::Timestamp;
use crate::duration;
use crate::tier::Tier;

/// A description so far.
#[derive(Debug)]
pub(super) struct DescriptionWriter(Element);

impl DescriptionWriter {
    pub(super) fn new(name: &str) -> Self {
        Self(Element::new(name))
    }

    pub(super) fn put(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.0.children.push(Element::leaf(name, value));
        self
    }

    pub(super) fn put_some(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value {
            self.put(name, value);
        }
        self
    }

    pub(super) fn put_span(&mut self, name: &str, span: Duration) -> &mut Self {
        self.put(name, duration::write(span))
    }

    pub(super) fn put_instant(&mut self, name: &str, at: Timestamp) -> &mut Self {
        self.put(name, instant::exact(at))
    }

    pub(super) fn put_element(&mut self, element: Element) -> &mut Self {
        self.0.children.push(element);
        self
    }

    pub(super) fn put_rules(&mut self, rules: &[AuthorizationRule]) -> &mut Self {
        self.put_element(authorization_rules::write(rules))
    }

    /// When something was used last.
    pub(super) fn put_accessed(&mut self, at: Option<Timestamp>) -> &mut Self {
        let text = at.map_or_else(|| instant::NEVER.to_owned(), instant::exact);
        self.put("AccessedAt", text)
    }

    pub(super) fn put_counts(&mut self, counts: MessageCounts) -> &mut Self {
        let mut details = Element::new("CountDetails");
        details.children = counts.elements();
        self.put_element(details)
    }

    /// The limit that the tier has where the entity has none of its own.
    pub(super) fn put_max_message_size(
        &mut self,
        kilobytes: Option<u64>,
        version: ApiVersion,
        tier: Tier,
    ) -> &mut Self {
        if version >= ApiVersion::V2021_05 {
            let kilobytes = kilobytes.unwrap_or(tier.max_message_size() / 1_024);
            self.put("MaxMessageSizeInKilobytes", kilobytes);
        }
        self
    }

    pub(super) fn finish(self) -> Element {
        self.0
    }
}
