//! The public values: messages, their parts, options, credentials. No I/O.

pub(crate) mod amqp_message;
pub(crate) mod annotations;
pub(crate) mod application_properties;
pub(crate) mod body;
pub(crate) mod connection_string;
pub(crate) mod credential;
pub(crate) mod deadline;
pub(crate) mod disposition;
pub(crate) mod endpoint;
pub(crate) mod entity;
pub(crate) mod header;
pub(crate) mod lock;
pub(crate) mod map;
pub(crate) mod message;
pub(crate) mod message_id;
pub(crate) mod options;
pub(crate) mod properties;
pub(crate) mod received;
mod resend;
pub(crate) mod retry;
pub(crate) mod sas_token;
pub(crate) mod session_request;
pub(crate) mod timestamp;
pub(crate) mod token;
pub(crate) mod token_credential;
pub(crate) mod value;
