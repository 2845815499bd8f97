//! Connections and sessions that the emulator ends, or never begins.

use std::net::TcpStream;

use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::{Cause, ConnectionOptions, Event, LinkId};
use servicebus_emulator::Emulator;

use super::{Peer, SILENCE};

impl Peer {
    /// Connects, and waits for nothing.
    pub(crate) fn begun(emulator: &Emulator, options: ConnectionOptions) -> Self {
        let socket = TcpStream::connect(("localhost", emulator.port())).expect("it listens");
        Self::dial(Box::new(socket.try_clone().unwrap()), socket, options)
    }

    /// Waits until the connection stands, and begins a session.
    pub(crate) fn open(&mut self) {
        self.wait("open", |event| {
            matches!(event, Event::Opened(_)).then_some(())
        });
        self.begin();
    }

    /// Bytes that have come and are not a whole frame.
    pub(crate) fn unread(&self) -> usize {
        self.input.len()
    }

    /// Whether anything comes within a while, be it only a heartbeat.
    pub(crate) fn hears_something(&mut self) -> bool {
        self.socket.set_read_timeout(Some(SILENCE)).unwrap();
        let mut buffer = [0; 1_024];
        matches!(self.stream.read(&mut buffer), Ok(1..))
    }

    /// Waits until the connection is over, and returns why.
    pub(crate) fn closed(&mut self) -> Cause {
        self.wait("close", |event| match event {
            Event::Closed { cause } => Some(cause.clone()),
            _ => None,
        })
    }

    /// Waits until the emulator ends the session of a link, and returns its reason.
    pub(crate) fn session_ended(&mut self, link: LinkId) -> Error {
        self.wait("end", |event| match event {
            Event::SessionEnded { session, cause } if *session == link.session() => {
                Some(cause.error().cloned().expect("a reason"))
            }
            _ => None,
        })
    }

    /// Waits until the emulator detaches a link, and returns its reason.
    pub(crate) fn detached(&mut self, link: LinkId) -> Error {
        self.wait("detach", |event| match event {
            Event::Detached {
                link: gone, cause, ..
            } if *gone == link => Some(cause.error().cloned().expect("a reason")),
            _ => None,
        })
    }

    /// Cuts the connection without a word.
    pub(crate) fn cut(&mut self) {
        self.socket.shutdown(std::net::Shutdown::Both).unwrap();
        self.connection.transport_closed("cut");
    }
}
