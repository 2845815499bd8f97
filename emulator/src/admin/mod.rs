//! The management API: entities as Atom documents over HTTP (Service Bus docs, "Service Bus REST
//! API"), and `/health`.

mod answer;
mod atom;
mod authorization_rules;
mod duration;
mod fault;
mod instant;
mod queue_description;
mod queues;
mod request;
mod serve;
mod target;
mod xml;

pub(crate) use self::serve::{serve, Admission};
