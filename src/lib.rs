//! A synchronous client for [Azure Service Bus](https://learn.microsoft.com/azure/service-bus-messaging/).
//!
//! Every call blocks until the service has answered or the call's deadline is over. There is no
//! `async` and no runtime to set up: a [`Client`] has one private thread that does its I/O.
//!
//! ```
//! use std::time::Duration;
//! use servicebus::{Client, Message};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
//! # let connection_string = emulator.connection_string();
//! let client = Client::from_connection_string(&connection_string)?;
//!
//! let sender = client.queue_sender("orders").open()?;
//! sender.send_messages(vec![Message::new("first"), Message::new("second")])?;
//!
//! let receiver = client
//!     .queue_receiver("orders")
//!     .max_wait_time(Duration::from_millis(200))
//!     .open()?;
//! for message in &receiver {
//!     let message = message?;
//!     println!("{message}");
//!     receiver.complete_message(&message)?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Handles and threads
//!
//! [`Client`], [`Sender`] and [`Receiver`] are cheap handles: clones share one connection or link,
//! any thread may use them, and what they share is closed when the last clone is dropped. A
//! `close()` in one thread ends calls that wait in others at once. Calls may be made inside
//! somebody's asynchronous code; they block the thread they are made on, so prefer
//! `spawn_blocking` there. On the client's own thread they return `WouldDeadlock`, in a process
//! forked from the client's `Forked`.
//!
//! # Deadlines
//!
//! Each call has one deadline for all it does: connecting, authenticating, attaching and the
//! service's answer. It is [`ClientBuilder::operation_timeout`], which each sender or receiver
//! may change when it is opened or with `with_timeout`. Only waiting for messages may be endless.
//!
//! # Trying again
//!
//! What usually passes is tried again within the deadline, as [`RetryOptions`] says: a lost connection or link, a
//! service that is busy, an attempt without answer. A link that the service closed because nobody used it for ten
//! minutes is attached again by the next call. A send that may have been stored is not repeated unless
//! [`SenderBuilder::resend_unknown_outcomes`] allows it.
//!
//! # Errors
//!
//! Branch on [`Error::kind`]. A settlement or send that returned `Ok` was applied by the service.
//! One that failed was not, unless [`Error::is_outcome_unknown`] says that nobody knows: it had
//! left, and its answer never came. What helps against each kind, and which time-out covers what, is in the README under
//! [Troubleshooting](https://github.com/servicebus/servicebus#troubleshooting).
//!
//! # Numbers
//!
//! [`Client::stats`], [`Sender::stats`] and [`Receiver::stats`] tell at any time, without asking the service, what is
//! under way (credit, messages at hand, sends and settlements in flight) and what was counted until then (settled and
//! lost messages, renewals, retries, reconnects).
//!
//! # Logging
//!
//! Messages go to the [`log`] facade under these targets, never with bodies, keys or tokens:
//!
//! | target | what it tells |
//! | --- | --- |
//! | `servicebus::client` | a client's thread and its end |
//! | `servicebus::connection` | connecting, the end of a connection and its cause, a callback that panicked; every event at level `trace` |
//! | `servicebus::frames` | each AMQP frame, at level `debug`, once [`ClientBuilder::logging_enable`] asks for it |
//! | `servicebus::cbs` | tokens put and renewed |
//! | `servicebus::retry` | attempts that failed and are repeated |
//! | `servicebus::sender` | a sender's close that failed, a hook for trace contexts that panicked |
//! | `servicebus::renewer` | locks that were not renewed, a callback that panicked |
//! | `servicebus::receiver` | messages that could not be read or waited for too long, a close that failed |
#![forbid(unsafe_code)]

mod auto_lock_renewer;
mod auto_lock_renewer_builder;
mod batch;
mod client;
mod client_builder;
mod client_tls;
mod connection_listener;
mod deferral;
mod deletion;
mod engine;
mod error;
mod mapping;
mod message_bytes;
mod messages;
mod model;
mod peek;
#[cfg(unix)]
mod readiness;
mod receive;
mod receiver;
mod receiver_builder;
mod rules;
mod runtime;
mod scheduling;
mod send_all;
mod sendable;
mod sender;
mod sender_builder;
mod session;
mod session_ids;
mod settlement;
mod settlement_in_bulk;
mod stats;
mod subscription_rules;
mod ticket;
mod trace_source;
mod transaction;

pub use auto_lock_renewer::AutoLockRenewer;
pub use auto_lock_renewer_builder::AutoLockRenewerBuilder;
pub use batch::{MessageBatch, TryAddError};
pub use client::Client;
pub use client_builder::ClientBuilder;
pub use error::{Error, ErrorKind, Result};
pub use messages::Messages;
pub use model::access_key::SharedAccessKey;
pub use model::amqp_message::AmqpMessage;
pub use model::application_properties::ApplicationProperties;
pub use model::body::AmqpBody;
pub use model::connection_event::ConnectionEvent;
pub use model::connection_string::{parse_connection_string, ConnectionStringProperties};
pub use model::correlation_filter::CorrelationRuleFilter;
pub use model::credential::Credential;
pub use model::header::AmqpHeader;
pub use model::map::AmqpMap;
pub use model::message::Message;
pub use model::message_id::AmqpMessageId;
pub use model::options::{
    AbandonOptions, DeadLetterOptions, DeferOptions, MessageBatchOptions, ReceiveMode, SubQueue,
};
pub use model::properties::AmqpProperties;
pub use model::received::{MessageState, ReceivedMessage};
pub use model::renewal_failure::RenewalFailure;
pub use model::retry::{RetryMode, RetryOptions};
pub use model::rule::{AddRuleOptions, RuleAction, RuleProperties, SqlRuleAction};
pub use model::rule_filter::{RuleFilter, SqlRuleFilter};
pub use model::sas_token::SasToken;
pub use model::stats::{ClientStats, ReceiverStats, SenderStats};
pub use model::token_credential::{AccessToken, TokenCredential};
pub use model::trace_context::TraceContext;
pub use model::value::{AmqpDescribed, AmqpValue};
pub use peek::PeekedMessages;
pub use receiver::Receiver;
pub use receiver_builder::ReceiverBuilder;
pub use rules::Rules;
pub use sendable::{Schedulable, Sendable};
pub use sender::Sender;
pub use sender_builder::SenderBuilder;
pub use session::Session;
pub use session_ids::SessionIds;
pub use subscription_rules::SubscriptionRules;
pub use ticket::Ticket;
pub use transaction::Transaction;

/// The snippets of the README run as they stand there.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
