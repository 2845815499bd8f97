//! How long it takes until a client's first message is accepted, and what the program weighs.

use std::fs;
use std::time::Instant;

use servicebus_emulator::Emulator;

use crate::peer::{message, Peer};
use crate::process::{Process, PROGRAM};
use crate::{block_on, median};

const ROUNDS: usize = 21;
const QUEUE: &str = "orders";

pub(crate) fn measure() {
    let program = median((0..ROUNDS).map(|_| {
        let started = Instant::now();
        let emulator = Process::start(&[QUEUE.to_owned()]);
        send_first(emulator.port);
        started.elapsed().as_secs_f64()
    }));
    let in_process = median((0..ROUNDS).map(|_| {
        let started = Instant::now();
        let emulator = Emulator::builder().queue(QUEUE).start().unwrap();
        send_first(emulator.port());
        started.elapsed().as_secs_f64()
    }));
    let size = fs::metadata(PROGRAM).unwrap().len();
    println!(
        "start to first accepted send, the program: {:.1} ms",
        program * 1e3
    );
    println!(
        "start to first accepted send, in process:  {:.1} ms",
        in_process * 1e3
    );
    println!("the program: {:.1} MB", size as f64 / 1e6);
}

fn send_first(port: u16) {
    block_on(async {
        let mut peer = Peer::connect(port, QUEUE).await;
        let link = peer.sender(QUEUE).await;
        peer.send(link, 0, &message(1_024));
        peer.accepted().await;
    });
}
