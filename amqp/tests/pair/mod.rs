//! Two endpoints whose outputs are each other's inputs, without any I/O.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what does not happen as told ends the test"
)]

use std::time::Instant;

use bytes::BytesMut;
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{Connection, ConnectionOptions, Event, LinkId, SessionId, SessionOptions};

/// A client and a server, and what each has reported.
pub(crate) struct Pair {
    pub(crate) now: Instant,
    pub(crate) client: Connection,
    pub(crate) server: Connection,
    to_client: BytesMut,
    to_server: BytesMut,
}

impl Pair {
    /// Two endpoints that have not exchanged a byte.
    pub(crate) fn new(client: ConnectionOptions, server: ConnectionOptions) -> Self {
        let now = Instant::now();
        Pair {
            now,
            client: Connection::client(client, now),
            server: Connection::server(server, &["ANONYMOUS"], now),
            to_client: BytesMut::new(),
            to_server: BytesMut::new(),
        }
    }

    /// Two endpoints whose connection is open.
    pub(crate) fn open(client: ConnectionOptions, server: ConnectionOptions) -> Self {
        let mut pair = Pair::new(client, server);
        pair.exchange();
        let init = pair.server.poll_event();
        assert!(matches!(init, Some(Event::SaslInit { .. })), "{init:?}");
        pair.server.sasl_outcome(true);
        pair.exchange();
        for end in [&mut pair.client, &mut pair.server] {
            let opened = end.poll_event();
            assert!(matches!(opened, Some(Event::Opened(_))), "{opened:?}");
        }
        pair
    }

    /// Moves at most `count` bytes to the server.
    pub(crate) fn carry_to_server(&mut self, count: usize) {
        let output = self.client.output();
        let count = count.min(output.len());
        let bytes = output.split_to(count);
        self.to_server.extend_from_slice(&bytes);
        self.server.handle_input(self.now, &mut self.to_server);
    }

    /// Moves at most `count` bytes to the client.
    pub(crate) fn carry_to_client(&mut self, count: usize) {
        let output = self.server.output();
        let count = count.min(output.len());
        let bytes = output.split_to(count);
        self.to_client.extend_from_slice(&bytes);
        self.client.handle_input(self.now, &mut self.to_client);
    }

    /// Moves bytes both ways until neither has any left.
    pub(crate) fn exchange(&mut self) {
        while !self.client.output().is_empty() || !self.server.output().is_empty() {
            self.carry_to_server(usize::MAX);
            self.carry_to_client(usize::MAX);
        }
    }

    /// Begins a session from the client.
    pub(crate) fn begin(&mut self, options: &SessionOptions) -> SessionId {
        let session = self.client.begin(options).expect("the connection is open");
        self.exchange();
        for end in [&mut self.client, &mut self.server] {
            let begun = end.poll_event();
            assert!(
                matches!(begun, Some(Event::SessionBegun { .. })),
                "{begun:?}"
            );
        }
        session
    }

    /// Attaches a link from the client and accepts it at the server; the client's and the server's end.
    pub(crate) fn link(&mut self, session: SessionId, attach: Attach) -> (LinkId, LinkId) {
        let ours = self
            .client
            .attach(session, attach)
            .expect("the session takes links");
        self.exchange();
        let Some(Event::AttachRequested { link, attach }) = self.server.poll_event() else {
            panic!("the server was not asked for a link");
        };
        self.server.accept(link, *attach);
        self.exchange();
        let attached = self.client.poll_event();
        assert!(
            matches!(attached, Some(Event::Attached { .. })),
            "{attached:?}"
        );
        (ours, link)
    }
}
