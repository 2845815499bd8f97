//! The only bridge between the blocking interface and the asynchronous engine.
//!
//! One private thread per client runs one single-threaded tokio runtime. A user thread hands it a
//! future and waits on an ordinary channel, never on the runtime: `block_on`, blocking on tokio's
//! own channels and dropping a runtime all panic inside somebody else's asynchronous code, a spawn
//! and a plain channel do not.

mod call;
#[cfg(test)]
mod foreign_async;
mod guard;
mod home_bound;
mod thread;
mod watch;
mod worker;

pub(crate) use call::Started;
pub(crate) use home_bound::HomeBound;
pub(crate) use thread::Runtime;
pub(crate) use worker::Worker;
