//! A symmetric, sans-IO AMQP 1.0 endpoint.

pub mod descriptor;
pub mod error;
pub mod format_code;
pub mod framing;
pub mod performative;
pub mod protocol_header;
mod read;
pub mod sasl;
pub mod sections;
pub mod value;
pub mod walker;
mod write;
pub mod writer;

pub use fe2o3_amqp::types;
