//! A synchronous Azure Service Bus client.
#![forbid(unsafe_code)]

mod batch;
mod client;
mod client_builder;
mod engine;
mod error;
mod mapping;
mod messages;
mod model;
mod receive;
mod receiver;
mod receiver_builder;
mod runtime;
mod sendable;
mod sender;
mod sender_builder;
mod settlement;

pub use batch::{MessageBatch, TryAddError};
pub use client::Client;
pub use client_builder::ClientBuilder;
pub use error::{Error, ErrorKind, Result};
pub use messages::Messages;
pub use model::amqp_message::AmqpMessage;
pub use model::application_properties::ApplicationProperties;
pub use model::body::AmqpBody;
pub use model::connection_string::{parse_connection_string, ConnectionStringProperties};
pub use model::credential::Credential;
pub use model::header::AmqpHeader;
pub use model::map::AmqpMap;
pub use model::message::Message;
pub use model::message_id::AmqpMessageId;
pub use model::options::{AbandonOptions, DeadLetterOptions, ReceiveMode, SubQueue};
pub use model::properties::AmqpProperties;
pub use model::received::{MessageState, ReceivedMessage};
pub use model::sas_token::SasToken;
pub use model::value::{AmqpDescribed, AmqpValue};
pub use receiver::Receiver;
pub use receiver_builder::ReceiverBuilder;
pub use sendable::Sendable;
pub use sender::Sender;
pub use sender_builder::SenderBuilder;
