//! The task that serves one connection.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use servicebus_amqp::{Connection, ConnectionOptions, Driver, SessionOptions};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::Sleep;

use super::peer::Peer;
use super::tap::Tap;
use crate::clock::TransportClock;
use crate::fault::FaultyStream;
use crate::guid::new_guid;
use crate::hub::{PeerId, SharedHub};
use crate::tier::Tier;

/// In the order in which the service lists them.
const MECHANISMS: [&str; 4] = ["MSSBCBS", "PLAIN", "ANONYMOUS", "EXTERNAL"];

/// The most links of a connection. The service states no number; it is what one of its sessions has
/// handles for.
const MAX_LINKS: usize = 5_000;

/// What the deliveries of a connection may hold that are not whole yet, in bytes, beside the largest one.
const MAX_UNFINISHED: usize = 32 * 1024 * 1024;

/// Serves a connection until it ends.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    id: PeerId,
    wake: &Notify,
    hub: &SharedHub,
) {
    let stream = Tap::new(stream, id, SharedHub::clone(hub));
    let stream = FaultyStream::new(stream, id, SharedHub::clone(hub));
    let mut driver = Driver::new(stream);
    driver.set_time_offset(hub.borrow().transport_clock().offset());
    let connection = Connection::server(
        options(hub.borrow().broker.tier()),
        &MECHANISMS,
        driver.now(),
    );
    let mut peer = Peer::new(id, connection, &hub.borrow());
    let mut alarm = Alarm::default();
    loop {
        let something = poll_fn(|cx| match driver.poll(cx, &mut peer.connection) {
            Poll::Pending if peer.can_go_on() => Poll::Ready(()),
            other => other,
        });
        tokio::select! {
            () = something => {}
            () = wake.notified() => {}
            () = alarm.ring() => {}
        }
        let mut hub = hub.borrow_mut();
        driver.set_time_offset(hub.transport_clock().offset());
        let busy = peer.handle_events(&mut hub);
        hub.gather_ready(id);
        peer.deliver(&mut hub);
        if let Some(reason) = peer.closing.take() {
            peer.connection.close(driver.now(), Some(reason));
        }
        hub.wake_ready();
        alarm.set(peer.next_alarm(), hub.transport_clock());
        if !busy && peer.connection.is_finished() {
            break;
        }
    }
}

/// Rings when a token expires or a wait is over, by transport time.
#[derive(Default)]
struct Alarm {
    /// What the timer is set for: the instant, and the offset of transport time.
    set_for: Option<(Duration, Duration)>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    fn set(&mut self, instant: Option<Duration>, clock: &TransportClock) {
        let set_for = instant.map(|instant| (instant, clock.offset()));
        if self.set_for != set_for {
            self.set_for = set_for;
            self.timer = instant.map(|instant| {
                let left = instant.saturating_sub(clock.now());
                Box::pin(tokio::time::sleep(left))
            });
        }
    }

    async fn ring(&mut self) {
        match &mut self.timer {
            Some(timer) => {
                timer.as_mut().await;
                self.set_for = None;
                self.timer = None;
            }
            None => std::future::pending().await,
        }
    }
}

fn options(tier: Tier) -> ConnectionOptions {
    ConnectionOptions {
        container_id: new_guid().simple().to_string(),
        hostname: None,
        max_frame_size: 65_536,
        channel_max: 4_999,
        idle_timeout: Some(Duration::from_secs(240)),
        max_links: MAX_LINKS,
        max_unfinished: MAX_UNFINISHED.saturating_add(tier.largest_message()),
        properties: None,
        session: SessionOptions {
            incoming_window: 5_000,
            handle_max: 4_999,
            ..SessionOptions::default()
        },
    }
}
