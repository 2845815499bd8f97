//! Tolerant readers: one for each performative, terminus, delivery state and list-like section.
//!
//! Each takes the fields one by one from the walker and fills the `fe2o3-amqp-types` struct.
//! What real peers do and the types' own decoder refuses is accepted: omitted or null fields that
//! have a default, any width of integers, strings for symbols and symbols for strings, one symbol
//! where an array of them may stand, fields after the last one known. What has no meaning is an
//! error that names the composite and the field.

pub(crate) mod composite;
pub(crate) mod connection;
pub(crate) mod delivery_state;
pub(crate) mod fields;
pub(crate) mod link;
pub(crate) mod message;
pub(crate) mod session;
pub(crate) mod terminus;
pub(crate) mod transfer;
