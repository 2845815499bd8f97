//! The C interface of the `servicebus` client.
//!
//! Its documentation is the header `include/servicebus.h`, which is written from the comments of
//! this crate; they speak to C programmers. Every function wraps one call of the Rust interface and
//! nothing else: pointers are looked at in `handle` and `view` alone, panics end in `guard`.
#![expect(
    non_camel_case_types,
    reason = "types bear the names they have in the header"
)]
#![expect(
    clippy::missing_safety_doc,
    reason = "the preamble of the header says once what all functions demand of their caller"
)]

pub mod client;
pub mod client_options;
pub mod error;
mod guard;
mod handle;
pub mod message;
pub mod received;
pub mod receiver;
pub mod receiver_options;
pub mod sender;
pub mod status;
mod timeout;
pub mod view;
