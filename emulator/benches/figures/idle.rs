//! What a large namespace costs while nobody uses it.

use std::time::Duration;

use tokio::task::LocalSet;

use crate::block_on;
use crate::peer::Peer;
use crate::process::Process;

const QUEUES: usize = 1_000;
const CONNECTIONS: usize = 200;
const WATCHED: Duration = Duration::from_secs(10);

pub(crate) fn measure() {
    let queues: Vec<String> = (0..QUEUES)
        .map(|number| format!("queue-{number}"))
        .collect();
    let at_rest = Process::start(&[]).resident();
    let emulator = Process::start(&queues);
    let with_queues = emulator.resident();
    let watch = async {
        for queue in queues.iter().cycle().take(CONNECTIONS) {
            let mut peer = Peer::connect(emulator.port, queue).await;
            let link = peer.receiver(queue).await;
            peer.connection.set_credit(link, 10);
            // It keeps its connection alive as every client does.
            tokio::task::spawn_local(async move {
                loop {
                    peer.next().await;
                }
            });
        }
        let before = emulator.processor_time();
        tokio::time::sleep(WATCHED).await;
        let used = emulator.processor_time() - before;
        println!(
            "memory: {} MB at rest, {} MB with {QUEUES} queues, {} MB with {CONNECTIONS} idle receivers as well",
            megabytes(at_rest),
            megabytes(with_queues),
            megabytes(emulator.resident())
        );
        let share = used.as_secs_f64() / WATCHED.as_secs_f64();
        println!(
            "processor time of those: {:.2} % of one core",
            share * 100.0
        );
    };
    block_on(LocalSet::new().run_until(watch));
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}
