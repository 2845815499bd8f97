//! The driver over a stream in memory, with a clock that stands still until everybody waits.
#![expect(
    clippy::expect_used,
    reason = "what does not happen as told ends the test"
)]

mod counting_stream;
mod samples;

use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use counting_stream::{CountingStream, Counts};
use samples::{attach, delivery};
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::{Cause, Connection, ConnectionOptions, Driver, Event, LinkId};
use tokio::io::{duplex, AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::Instant;

struct End {
    driver: Driver<CountingStream>,
    connection: Connection,
    counts: Rc<Counts>,
}

impl End {
    fn new(
        stream: DuplexStream,
        connection: impl FnOnce(std::time::Instant) -> Connection,
    ) -> Self {
        let (stream, counts) = CountingStream::new(stream);
        let driver = Driver::new(stream);
        let connection = connection(driver.now());
        End {
            driver,
            connection,
            counts,
        }
    }

    fn client(stream: DuplexStream, options: ConnectionOptions) -> Self {
        Self::new(stream, |now| Connection::client(options, now))
    }

    fn server(stream: DuplexStream, options: ConnectionOptions) -> Self {
        Self::new(stream, |now| {
            Connection::server(options, &["ANONYMOUS"], now)
        })
    }

    async fn wait(&mut self) {
        poll_fn(|cx| self.driver.poll(cx, &mut self.connection)).await;
    }

    fn send(&mut self, link: LinkId, tag: u32, payload: Vec<u8>) {
        self.connection
            .send(link, delivery(tag, payload))
            .expect("there is credit");
    }
}

/// The next event of one end, which must still have one.
async fn next(end: &mut End) -> Event {
    report(end).await.expect("the connection has not finished")
}

/// The next event of one end; `None` once it is finished.
async fn report(end: &mut End) -> Option<Event> {
    loop {
        if let Some(event) = end.connection.poll_event() {
            return Some(event);
        }
        end.wait().await;
        if end.connection.is_finished() && !end.connection.has_events() {
            return None;
        }
    }
}

/// Runs both ends, the server as one that accepts everything, until the client has seen an event that
/// is wanted.
async fn until(client: &mut End, server: &mut End, wanted: fn(&Event) -> bool) -> Event {
    loop {
        tokio::select! {
            biased;
            Some(event) = report(server) => accept(&mut server.connection, event),
            event = next(client) => if wanted(&event) { return event },
        }
    }
}

fn accept(server: &mut Connection, event: Event) {
    match event {
        Event::SaslInit { .. } => server.sasl_outcome(true),
        Event::AttachRequested { link, attach } => {
            server.accept(link, *attach);
            server.set_credit(link, 100);
        }
        _ => {}
    }
}

/// Two ends with an open connection over a pipe that holds `capacity` bytes each way.
async fn opened(capacity: usize, options: [ConnectionOptions; 2]) -> [End; 2] {
    let (near, far) = duplex(capacity);
    let [ours, theirs] = options;
    let (mut client, mut server) = (End::client(near, ours), End::server(far, theirs));
    until(&mut client, &mut server, |event| {
        matches!(event, Event::Opened(_))
    })
    .await;
    [client, server]
}

/// A link that the client may send on.
async fn sending_link(client: &mut End, server: &mut End) -> LinkId {
    let session = client
        .connection
        .begin(&Default::default())
        .expect("it is open");
    let link = client
        .connection
        .attach(session, attach("link", Role::Sender));
    until(client, server, |event| matches!(event, Event::Flow { .. })).await;
    link.expect("the session takes links")
}

fn idle(period: Duration) -> ConnectionOptions {
    ConnectionOptions {
        idle_timeout: Some(period),
        ..ConnectionOptions::default()
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_queued_before_a_wake_leaves_in_one_write() {
    let [mut client, mut server] = opened(1 << 20, Default::default()).await;
    let link = sending_link(&mut client, &mut server).await;
    let before = client.counts.writes.get();
    for tag in 0..50 {
        client.send(link, tag, vec![0; 1_000]);
    }
    for _ in 0..50 {
        let event = tokio::select! {
            event = next(&mut server) => event,
            event = next(&mut client) => panic!("nothing answers, but {event:?}"),
        };
        assert!(matches!(event, Event::Delivery { .. }), "{event:?}");
    }
    assert_eq!(client.counts.writes.get() - before, 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_dropped_again_and_again_loses_nothing() {
    let [mut client, mut server] = opened(37, Default::default()).await;
    let link = sending_link(&mut client, &mut server).await;
    for tag in 0..20 {
        client.send(link, tag, vec![tag as u8; 300]);
    }
    let mut arrived = 0;
    while arrived < 20 {
        // Each turn drops at least one wait in the middle of a read or write.
        tokio::select! {
            event = next(&mut server) => match event {
                Event::Delivery { delivery, .. } => {
                    assert_eq!(delivery.payload, vec![arrived as u8; 300]);
                    arrived += 1;
                }
                other => panic!("{other:?}"),
            },
            event = next(&mut client) => panic!("nothing answers, but {event:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn heartbeats_keep_an_idle_connection() {
    let options = [idle(Duration::from_secs(10)), idle(Duration::from_secs(30))];
    let [mut client, mut server] = opened(1 << 16, options).await;
    let event = tokio::select! {
        event = next(&mut client) => event,
        event = next(&mut server) => event,
        () = tokio::time::sleep(Duration::from_secs(100_000)) => return,
    };
    panic!("the connection should idle, but {event:?}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_no_longer_runs_is_given_up_after_twice_the_period() {
    let options = [idle(Duration::from_secs(10)), ConnectionOptions::default()];
    let [mut client, _server] = opened(1 << 16, options).await;
    let started = Instant::now();
    let event = next(&mut client).await;
    assert!(
        matches!(
            event,
            Event::Closed {
                cause: Cause::IdleTimeout
            }
        ),
        "{event:?}"
    );
    let silence = started.elapsed().as_secs();
    assert!((19..=21).contains(&silence), "after {silence} s");
}

#[tokio::test(start_paused = true)]
async fn time_that_is_said_to_have_passed_counts() {
    let options = [idle(Duration::from_secs(10)), ConnectionOptions::default()];
    let [mut client, _server] = opened(1 << 16, options).await;
    let started = Instant::now();
    client.driver.set_time_offset(Duration::from_secs(21));
    let event = next(&mut client).await;
    assert!(matches!(event, Event::Closed { .. }), "{event:?}");
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_close_shuts_the_stream_down_after_the_last_byte() {
    let [mut client, mut server] = opened(16, Default::default()).await;
    let now = client.driver.now();
    client.connection.close(now, None);
    let event = until(&mut client, &mut server, |_| true).await;
    assert!(
        matches!(
            event,
            Event::Closed {
                cause: Cause::Local
            }
        ),
        "{event:?}"
    );
    client.wait().await;
    server.wait().await;
    assert!(client.connection.is_finished() && server.connection.is_finished());
    assert!(client.counts.is_shut_down.get() && server.counts.is_shut_down.get());
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_stream_inside_a_frame_is_a_transport_failure() {
    let (near, mut far) = duplex(1 << 16);
    let mut client = End::client(near, ConnectionOptions::default());
    far.write_all(b"AMQP\x03\x01\x00\x00\x00\x00\x00\x20\x02\x01")
        .await
        .expect("there is room");
    drop(far);
    let event = next(&mut client).await;
    assert!(
        matches!(
            event,
            Event::Closed {
                cause: Cause::Transport(_)
            }
        ),
        "{event:?}"
    );
    assert!(
        client.connection.is_finished(),
        "nothing can be written any more"
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_a_transport_failure() {
    let [mut client, mut server] = opened(1 << 16, Default::default()).await;
    let link = sending_link(&mut client, &mut server).await;
    client.counts.writes_fail.set(true);
    client.send(link, 0, b"lost".to_vec());
    let event = next(&mut client).await;
    match event {
        Event::Detached {
            cause: Cause::Transport(text),
            ..
        } => assert!(text.contains("broken pipe"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_while_too_much_waits_to_be_written() {
    let [mut client, _server] = opened(1 << 16, Default::default()).await;
    client.connection.output().resize(17 << 20, 0);
    let before = client.counts.reads.get();
    let waited = tokio::time::timeout(Duration::from_secs(1), client.wait()).await;
    assert!(waited.is_err(), "there is nothing to report");
    assert_eq!(client.counts.reads.get(), before);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_no_longer_reads_does_not_keep_an_ended_connection() {
    let (near, mut far) = duplex(24);
    let mut server = End::server(near, ConnectionOptions::default());
    far.write_all(b"GET / HTTP/1.1").await.expect("it is open");
    server.connection.output().resize(1_000, 0);
    let event = next(&mut server).await;
    assert!(matches!(event, Event::Closed { .. }), "{event:?}");
    let started = Instant::now();
    server.wait().await;
    assert!(server.connection.is_finished());
    assert_eq!(started.elapsed().as_secs(), 5);
    let mut rest = [0; 24];
    assert_eq!(far.read(&mut rest).await.expect("it is open"), 24);
}
