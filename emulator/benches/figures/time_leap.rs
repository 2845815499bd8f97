//! What it takes to advance message time by a day in which ten thousand messages fall due.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use servicebus_amqp::{Event, LinkId};
use servicebus_emulator::{Emulator, MessageCounts, QueueOptions};

use crate::peer::{batch, message, scheduled, Peer};
use crate::{block_on, median};

const ROUNDS: usize = 5;
const MESSAGES: usize = 10_000;
const BATCH: usize = 100;
const QUEUE: &str = "orders";
const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn measure() {
    report("times to live end, into the dead-letter queue", expiries);
    report("locks run out", locks);
    report("scheduled messages are enqueued", activations);
}

fn report(what: &str, leap: fn() -> f64) {
    let seconds = median((0..ROUNDS).map(|_| leap()));
    println!("24 h later, {MESSAGES} {what}: {:.0} ms", seconds * 1e3);
}

fn expiries() -> f64 {
    let options = QueueOptions::new()
        .default_message_time_to_live(HOUR)
        .dead_lettering_on_message_expiration(true);
    let emulator = start(options);
    block_on(async {
        let mut peer = Peer::connect(emulator.port(), QUEUE).await;
        fill(&mut peer, &message(1_024)).await;
        let seconds = leap(&emulator);
        assert_eq!(counts(&emulator).dead_lettered, MESSAGES);
        seconds
    })
}

fn locks() -> f64 {
    let emulator = start(QueueOptions::new());
    block_on(async {
        let mut peer = Peer::connect(emulator.port(), QUEUE).await;
        fill(&mut peer, &message(1_024)).await;
        let link = peer.receiver(QUEUE).await;
        let credit = u32::try_from(MESSAGES).unwrap();
        peer.connection.set_credit(link, credit);
        for _ in 0..MESSAGES {
            while !matches!(peer.next().await, Event::Delivery { .. }) {}
        }
        assert_eq!(counts(&emulator).locked, MESSAGES);
        let seconds = leap(&emulator);
        assert_eq!(counts(&emulator).active, MESSAGES);
        seconds
    })
}

fn activations() -> f64 {
    let emulator = start(QueueOptions::new());
    block_on(async {
        let mut peer = Peer::connect(emulator.port(), QUEUE).await;
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + HOUR;
        fill(&mut peer, &scheduled(at, 1_024)).await;
        assert_eq!(counts(&emulator).scheduled, MESSAGES);
        let seconds = leap(&emulator);
        assert_eq!(counts(&emulator).active, MESSAGES);
        seconds
    })
}

fn start(options: QueueOptions) -> Emulator {
    Emulator::builder()
        .queue_with(QUEUE, options)
        .start()
        .unwrap()
}

async fn fill(peer: &mut Peer, message: &Bytes) {
    let link: LinkId = peer.sender(QUEUE).await;
    let payload = batch(BATCH, message);
    for _ in 0..MESSAGES / BATCH {
        peer.send_batch(link, &payload);
        peer.accepted().await;
    }
}

/// How many seconds it takes.
fn leap(emulator: &Emulator) -> f64 {
    let started = Instant::now();
    emulator.advance(24 * HOUR);
    started.elapsed().as_secs_f64()
}

fn counts(emulator: &Emulator) -> MessageCounts {
    emulator.counts(QUEUE).unwrap()
}
