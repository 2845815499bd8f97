//! A thread that receives and settles until everything is over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use servicebus::{Client, ReceivedMessage, Receiver, Result};

use crate::chaos::Dice;
use crate::desk::{Desk, Entity};

const WAIT: Duration = Duration::from_millis(100);
const AT_ONCE: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    Completed,
    Abandoned,
    DeadLettered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Applied,
    Refused,
    Unknown,
}

/// What became of a message that was handed out.
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) entity: &'static str,
    pub(crate) sequence: i64,
    pub(crate) settlement: Settlement,
    pub(crate) verdict: Verdict,
}

pub(crate) fn receive(desk: &Desk, entity: &Entity, over: &AtomicBool) -> Vec<Delivery> {
    let client = desk.client();
    let mut dice = Dice(7);
    let mut deliveries = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let Ok(receiver) = open(&client, entity) else {
            continue;
        };
        // A receiver whose session is empty or lost is exchanged for another, and one that failed for good.
        while !over.load(Ordering::Relaxed) {
            match receiver.receive_messages(AT_ONCE, WAIT) {
                Ok(messages) if messages.is_empty() && entity.has_sessions => break,
                Ok(messages) => settle(&receiver, entity, &messages, &mut dice, &mut deliveries),
                Err(error) if !error.is_retryable() => break,
                Err(_passes) => {}
            }
        }
    }
    deliveries
}

fn open(client: &Client, entity: &Entity) -> Result<Receiver> {
    let receiver = client.queue_receiver(entity.name);
    if entity.has_sessions {
        receiver.next_available_session(WAIT).open()
    } else {
        receiver.open()
    }
}

fn settle(
    receiver: &Receiver,
    entity: &Entity,
    messages: &[ReceivedMessage],
    dice: &mut Dice,
    deliveries: &mut Vec<Delivery>,
) {
    let (settlement, results) = match dice.below(12) {
        0 => (Settlement::Abandoned, receiver.abandon_messages(messages)),
        1 => (
            Settlement::DeadLettered,
            receiver.dead_letter_messages(messages),
        ),
        2 => {
            let one_by_one = messages
                .iter()
                .map(|message| receiver.complete_message(message));
            (Settlement::Completed, one_by_one.collect())
        }
        _ => (Settlement::Completed, receiver.complete_messages(messages)),
    };
    for (message, result) in messages.iter().zip(results) {
        let verdict = match result {
            Ok(()) => Verdict::Applied,
            Err(error) if error.is_outcome_unknown() => Verdict::Unknown,
            Err(_) => Verdict::Refused,
        };
        deliveries.push(Delivery {
            number: message.to_string().parse().expect("bodies are numbers"),
            entity: entity.name,
            sequence: message.sequence_number().expect("messages are numbered"),
            settlement,
            verdict,
        });
    }
}
