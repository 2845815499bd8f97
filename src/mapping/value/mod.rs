//! `AmqpValue` to and from its encoding.

mod read;
mod write;

pub(super) use read::{read_map, read_value};
pub(super) use write::{check_value, write_value};

#[cfg(test)]
mod round_trip;
