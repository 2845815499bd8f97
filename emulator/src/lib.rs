//! A local stand-in for Azure Service Bus.

mod auth;
mod broker;
mod clock;
mod journal;
mod message;
mod tier;

pub use self::broker::QueueOptions;
pub use self::tier::{Tier, UnknownTier};
