//! Entity names and the paths that lead to their queues.

use percent_encoding::percent_decode_str;

use super::{BrokerError, Part};

const DEAD_LETTER_SUFFIX: &str = "/$deadletterqueue";
const TRANSFER_SUFFIX: &str = "/$transfer";
const SUBSCRIPTIONS: &str = "/Subscriptions/";

/// The longest path of a queue or topic, in characters.
const MAX_NAME_LENGTH: usize = 260;

/// The longest name of a subscription or rule, in characters.
const MAX_SHORT_NAME_LENGTH: usize = 50;

/// The form of a name in which two names of one entity are equal.
pub(super) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Checks the name of a new queue: letters, digits and `. - _ /`, a letter or digit at both ends.
pub(super) fn check_name(name: &str) -> Result<(), BrokerError> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let ends_well = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let valid = name.chars().count() <= MAX_NAME_LENGTH
        && name.chars().all(allowed)
        && ends_well(name.chars().next())
        && ends_well(name.chars().next_back());
    if valid {
        Ok(())
    } else {
        Err(BrokerError::InvalidName {
            name: name.to_owned(),
        })
    }
}

/// Checks the name of a new subscription: like that of a queue, but shorter, and without slashes.
pub(super) fn check_short_name(name: &str) -> Result<(), BrokerError> {
    if name.contains('/') || name.chars().count() > MAX_SHORT_NAME_LENGTH {
        return Err(BrokerError::InvalidName {
            name: name.to_owned(),
        });
    }
    check_name(name)
}

/// The path of a subscription.
pub(super) fn of_subscription(topic: &str, name: &str) -> String {
    format!("{topic}{SUBSCRIPTIONS}{name}")
}

/// The key of the entity that a path, or an absolute URI with it, names as the target of forwarding.
pub(super) fn target_key(target: &str) -> String {
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => target,
    };
    let path = percent_decode_str(path).decode_utf8_lossy();
    name_key(path.trim_matches('/'))
}

/// Splits a path into the key of its entity and the queue of that entity it means.
pub(super) fn split_path(path: &str) -> (String, Part) {
    let key = name_key(path.trim_matches('/'));
    match key.strip_suffix(DEAD_LETTER_SUFFIX) {
        Some(name) => match name.strip_suffix(TRANSFER_SUFFIX) {
            Some(name) => (name.to_owned(), Part::TransferDeadLetter),
            None => (name.to_owned(), Part::DeadLetter),
        },
        None => (key, Part::Main),
    }
}
