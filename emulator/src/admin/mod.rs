//! The management API: entities as Atom documents over HTTP (Service Bus docs, "Service Bus REST
//! API"), and `/health`.

mod answer;
mod atom;
mod authorization_rules;
mod clocks;
mod control;
mod counts;
mod description_writer;
mod entities;
mod fault;
mod feed;
mod fields;
pub(crate) mod fuzz;
mod instant;
mod message_counts;
mod namespace_info;
mod queue_description;
mod request;
mod rule_description;
mod rules;
mod serve;
mod subscription_description;
mod subscriptions;
mod target;
mod topic_description;
mod typed_value;
mod written_rules;
mod xml;

pub(crate) use self::serve::{serve, Admission};
pub(crate) use self::written_rules::WrittenRules;
