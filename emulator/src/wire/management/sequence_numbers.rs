//! The numbers by which requests name messages.

use crate::wire::refusal::Refusal;
use crate::wire::request::{items, Request};

/// The `sequence-numbers` of a request, in whatever encoding of integers; at least one.
pub(super) fn sequence_numbers(request: &Request) -> Result<Vec<i64>, Refusal> {
    let malformed = || Refusal::argument("sequence-numbers is not a list of numbers.");
    let numbers = request.argument("sequence-numbers").ok_or_else(malformed)?;
    let numbers: Option<Vec<i64>> = items(&numbers)
        .ok_or_else(malformed)?
        .map(|number| number.ok()?.as_i64())
        .collect();
    numbers
        .filter(|numbers| !numbers.is_empty())
        .ok_or_else(malformed)
}
