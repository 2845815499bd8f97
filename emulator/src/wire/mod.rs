//! The broker's AMQP face: connections, nodes, transfers, settlement, requests.

mod address;
mod attach;
mod cbs;
mod coordinator;
mod delayed;
mod delivery;
mod fault_points;
mod frame_reading;
mod idle;
mod intake;
mod management;
mod message_bytes;
mod peer;
mod refusal;
mod replies;
mod request;
mod response;
mod rule_description;
mod serve;
mod session_filter;
mod session_wait;
mod tap;
mod verdict;

pub(crate) use self::serve::serve;
