//! How the client works: asynchronous, private, on the one I/O thread.
//!
//! [`namespace`] owns the connection and the tokens, [`connection`] the endpoint and its driver; each sender and
//! receiver has a link in a session of its own. The state of all links of a connection sits behind one short mutex
//! next to the endpoint: the I/O thread changes it while it handles what arrived, callers while they queue work. It is
//! never held across an await.

mod at_hand;
mod auto_renewal;
pub(crate) mod cbs;
mod claim;
pub(crate) mod closing;
pub(crate) mod connection;
pub(crate) mod connection_events;
mod deferral;
mod deletion;
pub(crate) mod entity_node;
pub(crate) mod failure;
mod frame_trace;
pub(crate) mod inbound;
pub(crate) mod limit;
pub(crate) mod management;
pub(crate) mod message_session;
pub(crate) mod namespace;
pub(crate) mod outbound;
mod peek;
pub(crate) mod receiver;
pub(crate) mod receiver_link;
mod renew_lock;
mod renewal_request;
pub(crate) mod renewals;
mod renewed_lock;
pub(crate) mod requests;
pub(crate) mod retry;
mod rules;
mod schedule;
pub(crate) mod sender;
pub(crate) mod session;
mod session_list;
mod settle;
mod settle_all;
#[cfg(unix)]
mod signal;
mod stats;
pub(crate) mod tally;
pub(crate) mod tls;
mod tls_failure;
mod tokens;
pub(crate) mod transaction;
mod transfer;
pub(crate) mod transport;
pub(crate) mod window;
