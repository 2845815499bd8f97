//! Generated values and performatives of every shape the types allow.

mod performatives;
mod states;
mod termini;
mod values;

pub(crate) use performatives::any_performative;
pub(crate) use values::any_value;
