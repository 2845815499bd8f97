//! How many 1 KiB transfers a second two endpoints exchange in memory on one core: each is sent
//! unsettled, received, accepted, and the verdict reported to the sender. Both ends run on one thread.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use servicebus_amqp::types::definitions::{ReceiverSettleMode, Role};
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, Source, Target};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{Connection, ConnectionOptions, Event, LinkId, OutgoingDelivery};

const PAYLOAD: usize = 1024;
/// Deliveries exchanged in one turn: about what the driver reads at once.
const CREDIT: u32 = 64;
const ROUND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 5;

struct Pair {
    client: Connection,
    server: Connection,
    to_client: BytesMut,
    to_server: BytesMut,
    now: Instant,
}

impl Pair {
    fn new() -> Self {
        let now = Instant::now();
        let options = ConnectionOptions::default();
        Pair {
            client: Connection::client(options.clone(), now),
            server: Connection::server(options, &["ANONYMOUS"], now),
            to_client: BytesMut::new(),
            to_server: BytesMut::new(),
            now,
        }
    }

    /// As a transport would, each direction through a read buffer of its own.
    fn carry(&mut self) {
        carry(
            &mut self.client,
            &mut self.server,
            &mut self.to_server,
            self.now,
        );
        carry(
            &mut self.server,
            &mut self.client,
            &mut self.to_client,
            self.now,
        );
    }

    /// The client's sending end and the server's receiving end of a link.
    fn link(&mut self) -> Option<(LinkId, LinkId)> {
        let (mut sender, mut receiver) = (None, None);
        while sender.is_none() || receiver.is_none() {
            self.carry();
            while let Some(event) = self.server.poll_event() {
                match event {
                    Event::SaslInit { .. } => self.server.sasl_outcome(true),
                    Event::AttachRequested { link, attach } => {
                        self.server.accept(link, *attach);
                        receiver = Some(link);
                    }
                    _ => {}
                }
            }
            while let Some(event) = self.client.poll_event() {
                if let Event::Opened(_) = event {
                    let session = self.client.begin(&Default::default()).ok()?;
                    sender = self.client.attach(session, attach());
                }
            }
        }
        Some((sender?, receiver?))
    }
}

fn carry(from: &mut Connection, to: &mut Connection, buffer: &mut BytesMut, now: Instant) {
    let output = from.output();
    if !output.is_empty() {
        buffer.extend_from_slice(output);
        output.clear();
        to.handle_input(now, buffer);
    }
}

fn attach() -> Attach {
    Attach {
        rcv_settle_mode: ReceiverSettleMode::First,
        source: Some(Box::new(Source::from("here"))),
        target: Some(Box::new(Target::from("there").into())),
        ..servicebus_amqp::attach("link", Role::Sender)
    }
}

/// The processor time of this thread where the system tells it, so that other work on the machine does
/// not count; else the time that has passed.
fn time_used(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|text| text.split(' ').next()?.parse().ok())
        .map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Exchanges deliveries for at least `duration`; how many in a second of processor time.
fn exchange(pair: &mut Pair, sender: LinkId, receiver: LinkId, duration: Duration) -> f64 {
    let payload = Bytes::from(vec![7; PAYLOAD]);
    let tag = Bytes::from_static(&[1; 16]);
    let started = Instant::now();
    let used = time_used(started);
    let mut settled = 0_u64;
    while started.elapsed() < duration {
        pair.server.set_credit(receiver, CREDIT);
        pair.carry();
        while pair.client.credit(sender) > 0 {
            let delivery = OutgoingDelivery {
                tag: tag.clone(),
                payload: payload.clone(),
                message_format: 0,
                settled: false,
                state: None,
            };
            if pair.client.send(sender, delivery).is_err() {
                break;
            }
        }
        pair.carry();
        while let Some(event) = pair.server.poll_event() {
            if let Event::Delivery { link, delivery } = event {
                let accepted = Some(DeliveryState::Accepted(Accepted {}));
                pair.server.dispose(link, delivery.id, accepted, true);
                black_box(delivery.payload);
            }
        }
        pair.carry();
        while let Some(event) = pair.client.poll_event() {
            if let Event::Disposition { settled: true, .. } = event {
                settled += 1;
            }
        }
    }
    settled as f64 / (time_used(started) - used).as_secs_f64()
}

#[expect(clippy::print_stdout, reason = "the figure is what it is for")]
fn main() {
    let mut pair = Pair::new();
    let Some((sender, receiver)) = pair.link() else {
        println!("the link was not attached");
        return;
    };
    let rounds = (0..ROUNDS).map(|_| exchange(&mut pair, sender, receiver, ROUND));
    let best = rounds.fold(0.0, f64::max);
    println!(
        "{best:.0} transfers of {PAYLOAD} bytes a second, settled both ways (best of {ROUNDS})"
    );
}
