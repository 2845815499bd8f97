//! A thread that sends messages until each is known to be stored.

use std::ops::Range;

use servicebus::{Message, Sender};

use crate::desk::{Desk, Entity};

/// How many messages one call sends.
const AT_ONCE: usize = 25;
const SESSIONS: u64 = 5;

/// What became of a message that was sent until the service said that it has it.
pub(crate) struct Sent {
    pub(crate) number: u64,
    pub(crate) entity: &'static str,
    /// Attempts of which nobody knows whether they were stored as well.
    pub(crate) unknown: u64,
}

pub(crate) fn send(desk: &Desk, entity: &Entity, numbers: Range<u64>) -> Vec<Sent> {
    let client = desk.client();
    let sender = persist(|| client.queue_sender(entity.name).open());
    let mut sent: Vec<Sent> = numbers
        .map(|number| Sent {
            number,
            entity: entity.name,
            unknown: 0,
        })
        .collect();
    for some in sent.chunks_mut(AT_ONCE) {
        let mut missing: Vec<&mut Sent> = some.iter_mut().collect();
        while !missing.is_empty() {
            missing = attempt(&sender, entity, missing);
        }
    }
    sent
}

/// Sends messages once, singly where few are left; returns those that are not known to be stored.
fn attempt<'a>(sender: &Sender, entity: &Entity, missing: Vec<&'a mut Sent>) -> Vec<&'a mut Sent> {
    let message = |sent: &&mut Sent| {
        let message = Message::new(sent.number.to_string());
        if entity.has_sessions {
            message.with_session_id((sent.number / AT_ONCE as u64 % SESSIONS).to_string())
        } else {
            message
        }
    };
    let messages: Vec<Message> = missing.iter().map(message).collect();
    let results = if messages.len() > 2 {
        sender.send_all(&messages)
    } else {
        messages
            .iter()
            .map(|message| sender.send_messages(message))
            .collect()
    };
    let judged = missing.into_iter().zip(results);
    let open = judged.filter_map(|(sent, result)| {
        let error = result.err()?;
        sent.unknown += u64::from(error.is_outcome_unknown());
        Some(sent)
    });
    open.collect()
}

/// What fails in the chaos is tried again until it succeeds.
pub(crate) fn persist<T>(mut call: impl FnMut() -> servicebus::Result<T>) -> T {
    loop {
        if let Ok(value) = call() {
            return value;
        }
    }
}
