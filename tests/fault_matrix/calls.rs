//! The calls of the client, a row each.

mod closing;
mod managing;
mod opening;
mod receiving;
mod rules;
mod sending;
mod sessions;
mod settling;
mod transactions;

use crate::call::Call;

pub(crate) fn all() -> Vec<Call> {
    let mut calls = Vec::new();
    calls.extend(opening::calls());
    calls.extend(sending::calls());
    calls.extend(receiving::calls());
    calls.extend(settling::calls());
    calls.extend(managing::calls());
    calls.extend(rules::calls());
    calls.extend(sessions::calls());
    calls.extend(transactions::calls());
    calls.extend(closing::calls());
    calls
}
