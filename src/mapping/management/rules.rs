//! `add-rule`, `remove-rule` and `enumerate-rules`: the rules of a subscription.

use servicebus_amqp::error::DecodeError;
use servicebus_amqp::writer::Writer;

use super::{elements, entry, rule_description, Answer};
use crate::error::Result;
use crate::mapping::value::read_value;
use crate::model::rule::{RuleAction, RuleProperties};
use crate::model::rule_filter::RuleFilter;

pub(crate) const ADD: &str = "com.microsoft:add-rule";
pub(crate) const REMOVE: &str = "com.microsoft:remove-rule";
pub(crate) const ENUMERATE: &str = "com.microsoft:enumerate-rules";

/// As many as Microsoft's clients ask for.
pub(crate) const PAGE: i32 = 100;

/// A rule that can be described to the service.
pub(crate) struct NewRule {
    name: String,
    filter: RuleFilter,
    action: Option<RuleAction>,
}

impl NewRule {
    pub(crate) fn new(
        name: String,
        filter: RuleFilter,
        action: Option<RuleAction>,
    ) -> Result<Self> {
        rule_description::check(&filter, action.as_ref())?;
        Ok(NewRule {
            name,
            filter,
            action,
        })
    }
}

pub(crate) fn write_add(writer: &mut Writer<'_>, rule: &NewRule) {
    writer.put_map(|writer| {
        writer.put_string("rule-name");
        writer.put_string(&rule.name);
        writer.put_string("rule-description");
        rule_description::write(writer, &rule.filter, rule.action.as_ref());
    });
}

pub(crate) fn write_remove(writer: &mut Writer<'_>, name: &str) {
    writer.put_map(|writer| {
        writer.put_string("rule-name");
        writer.put_string(name);
    });
}

/// Whether the service added or removed the rule.
pub(crate) fn read_done(answer: &Answer) -> Result<()> {
    answer.success().map(drop)
}

/// Asks for a page after the first `skip` rules.
pub(crate) fn write_enumerate(writer: &mut Writer<'_>, skip: i32) {
    writer.put_map(|writer| {
        writer.put_string("top");
        writer.put_int(PAGE);
        writer.put_string("skip");
        writer.put_int(skip);
    });
}

/// The rules of a page; fewer than were asked for is the last one.
pub(crate) fn read_page(answer: &Answer) -> Result<Vec<RuleProperties>> {
    if answer.status == 204 {
        return Ok(Vec::new());
    }
    answer.success()?.field("rules", |list, payload| {
        elements(list)?
            .map(|rule| {
                let description = entry(&rule?, "rule-description")?
                    .ok_or(DecodeError::WrongType("map with a rule-description"))?;
                rule_description::read(read_value(&description, payload)?)
            })
            .collect()
    })
}
