//! The management API over HTTP.

mod abuse;
mod authorization;
mod clocks;
mod control;
mod counts;
mod entity_keys;
mod exchange;
mod queues;
mod recordings;
mod rules;
mod topics;
