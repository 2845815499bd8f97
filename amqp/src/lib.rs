//! A symmetric, sans-IO AMQP 1.0 endpoint.

mod attach;
mod connection;
pub mod descriptor;
mod driver;
pub mod error;
mod event;
pub mod format_code;
pub mod framing;
#[doc(hidden)]
pub mod fuzz;
mod handshake;
mod heartbeat;
mod link;
mod outbox;
pub mod performative;
pub mod protocol_header;
mod read;
mod request_response;
pub mod sasl;
pub mod sections;
mod serial;
mod session;
mod settlement;
pub mod value;
pub mod walker;
mod write;
pub mod writer;

pub use attach::attach;
pub use connection::{Connection, ConnectionOptions, NotOpen};
pub use driver::Driver;
pub use event::{Cause, Delivery, DeliveryId, Event, LinkId, SessionId};
pub use fe2o3_amqp::types;
pub use request_response::Requests;
pub use session::{OutgoingDelivery, SendError, SessionOptions};
