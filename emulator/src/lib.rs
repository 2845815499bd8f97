//! A local stand-in for Azure Service Bus.
//!
//! ```
//! use servicebus_emulator::Emulator;
//!
//! let emulator = Emulator::builder().queue("orders").start()?;
//! println!("{}", emulator.connection_string());
//! assert_eq!(emulator.counts("orders").map(|counts| counts.active), Some(0));
//! # Ok::<(), servicebus_emulator::StartError>(())
//! ```
//!
//! An emulator runs on a thread of its own, listens on loopback ports and is gone when its handle
//! is dropped; any number of them may run in one process. It enforces what the service enforces:
//! tokens, rights, credit, locks, sizes, names.
//!
//! What is there at the start, an [`EmulatorBuilder`] is told, entity by entity or by a `Config.json` of
//! Microsoft's emulator ([`EmulatorBuilder::config`]). What became of messages, [`Emulator::counts`],
//! [`Emulator::totals`] and [`Emulator::journal`] tell.
//!
//! Two clocks make time testable. *Message time* rules locks, schedules, times to live, duplicate
//! windows and stamps and moves by [`Emulator::advance`]; *transport time* rules heartbeats and tokens and moves by
//! [`Emulator::advance_transport`].
//!
//! What can go wrong can be made to go wrong: [`Emulator::inject`] takes a [`Fault`].

mod admin;
mod auth;
mod broker;
mod builder;
mod clock;
mod config;
mod correlation_options;
mod counts;
mod duration;
mod emulator;
mod fault;
mod filter;
mod frame_record;
#[doc(hidden)]
pub mod fuzz;
mod guid;
mod handshake;
mod hub;
mod initial_entities;
mod journal;
mod listener;
mod message;
mod namespace;
mod rules;
mod tier;
mod tls;
mod wire;

pub use self::broker::{
    EntityStatus, MessageTotals, QueueOptions, SubscriptionOptions, TopicOptions,
};
pub use self::builder::{EmulatorBuilder, StartError};
pub use self::config::ConfigError;
pub use self::correlation_options::{CorrelationOptions, PropertyValue};
pub use self::counts::MessageCounts;
pub use self::emulator::{Emulator, EntityError};
pub use self::fault::{Direction, Fault, FaultId, FrameKind, InvalidFault};
pub use self::frame_record::FrameRecord;
pub use self::rules::RuleOptions;
pub use self::tier::{Tier, UnknownTier};
