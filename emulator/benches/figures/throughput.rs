//! How many messages a second one connection sends and another one receives, at the same time.

use std::cell::Cell;
use std::time::Instant;

use bytes::Bytes;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_amqp::{Event, LinkId};
use tokio::sync::Notify;

use crate::peer::{batch, message, Peer};
use crate::process::Process;
use crate::{block_on, median};

const ROUNDS: usize = 5;
const MESSAGES: usize = 400_000;
const BODY: usize = 1_024;
const QUEUE: &str = "orders";

/// So many messages make a batch: about what fits into the 256 KB of a Standard namespace.
const BATCH: usize = 200;
/// Batches that are under way at once.
const BATCHES_UNDER_WAY: usize = 8;
const CREDIT: u32 = 2_000;
/// The sender stays ahead of the receiver by no more than this.
const LEAD: usize = 20_000;

/// What one round came to.
struct Round {
    seconds: f64,
    /// The processor time of the emulator.
    used: f64,
}

pub(crate) fn measure() {
    let emulator = Process::start(&[QUEUE.to_owned()]);
    block_on(async {
        let mut sender = Peer::connect(emulator.port, QUEUE).await;
        let sending = sender.sender(QUEUE).await;
        let mut receiver = Peer::connect(emulator.port, QUEUE).await;
        let receiving = receiver.receiver(QUEUE).await;
        let payload = batch(BATCH, &message(BODY));
        let mut rounds = Vec::new();
        for _ in 0..=ROUNDS {
            let progress = Progress::default();
            let (started, before) = (Instant::now(), emulator.processor_time());
            tokio::join!(
                send_all(&mut sender, sending, &payload, &progress),
                receive_all(&mut receiver, receiving, &progress),
            );
            rounds.push(Round {
                seconds: started.elapsed().as_secs_f64(),
                used: (emulator.processor_time() - before).as_secs_f64(),
            });
        }
        // The first one warms up.
        rounds.remove(0);
        let both = (2 * MESSAGES) as f64;
        println!(
            "sent in batches of {BATCH} and received under locks that are settled with an answer, {BODY} bytes each: \
             {:.0} messages/s together, the emulator {:.0} % busy; {} MB in use",
            median(rounds.iter().map(|round| both / round.seconds)),
            median(rounds.iter().map(|round| round.used / round.seconds * 100.0)),
            emulator.resident() / 1_000_000,
        );
    });
}

#[derive(Default)]
struct Progress {
    accepted: Cell<usize>,
    settled: Cell<usize>,
    /// Told when `settled` has grown.
    caught_up: Notify,
}

async fn send_all(peer: &mut Peer, link: LinkId, payload: &Bytes, progress: &Progress) {
    let (mut sent, mut under_way) = (0, 0);
    while progress.accepted.get() < MESSAGES {
        while sent < MESSAGES && under_way < BATCHES_UNDER_WAY && peer.connection.credit(link) > 0 {
            if sent > progress.settled.get() + LEAD {
                break;
            }
            peer.send_batch(link, payload);
            sent += BATCH;
            under_way += 1;
        }
        if under_way == 0 {
            progress.caught_up.notified().await;
            continue;
        }
        peer.accepted().await;
        under_way -= 1;
        progress.accepted.set(progress.accepted.get() + BATCH);
    }
}

async fn receive_all(peer: &mut Peer, link: LinkId, progress: &Progress) {
    peer.connection.set_credit(link, CREDIT);
    let mut received = 0;
    while progress.settled.get() < MESSAGES {
        let mut event = Some(peer.next().await);
        while let Some(happened) = event {
            match happened {
                Event::Delivery { link, delivery } => {
                    received += 1;
                    let verdict = Some(DeliveryState::Accepted(Accepted {}));
                    assert!(peer.connection.dispose(link, delivery.id, verdict, false));
                }
                Event::Disposition { state, settled, .. } => {
                    assert!(settled && matches!(state, Some(DeliveryState::Accepted(_))));
                    progress.settled.set(progress.settled.get() + 1);
                }
                _ => {}
            }
            event = peer.happened();
        }
        progress.caught_up.notify_one();
        if peer.connection.credit(link) < CREDIT / 2 && received < MESSAGES {
            peer.connection.set_credit(link, CREDIT);
        }
    }
    assert_eq!(received, MESSAGES);
}
