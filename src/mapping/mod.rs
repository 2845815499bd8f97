//! The public values to and from what AMQP carries: message sections, management requests, delivery
//! states, error conditions.

pub(crate) mod attach;
pub(crate) mod batch;
pub(crate) mod cbs;
pub(crate) mod conditions;
pub(crate) mod decode;
pub(crate) mod delivery_state;
pub(crate) mod encode;
pub(crate) mod management;
pub(crate) mod open;
pub(crate) mod session_filter;
pub(crate) mod transaction;
mod value;

#[cfg(test)]
mod round_trip;
