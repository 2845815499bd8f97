//! What an endpoint reports to its owner, and the names it uses for sessions, links and deliveries.

use std::fmt;

use bytes::Bytes;

use crate::types::definitions::Error;
use crate::types::messaging::DeliveryState;
use crate::types::performatives::{Attach, Open};

/// A session of one connection. Never reused within the connection, unlike the channel it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub(crate) u32);

/// A link of one connection. Never reused within the connection, unlike the handle it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId {
    pub(crate) session: SessionId,
    pub(crate) number: u32,
}

impl LinkId {
    /// The session that carries the link.
    pub fn session(&self) -> SessionId {
        self.session
    }
}

/// A delivery of one link; ordered as the deliveries of its session were.
///
/// It is the 32-bit delivery-id of the wire continued beyond its wrap-around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub(crate) u64);

/// A message that has arrived whole, in one transfer or several.
#[derive(Clone)]
pub struct Delivery {
    /// Names the delivery when it is settled.
    pub id: DeliveryId,
    /// The sender's name for the delivery; Service Bus puts the lock token here.
    pub tag: Bytes,
    /// The layout of the payload; 0 is one plain message.
    pub message_format: u32,
    /// The sender has settled it already: no verdict is expected.
    pub settled: bool,
    /// A state sent along, as transactional transfers carry.
    pub state: Option<DeliveryState>,
    /// The encoded message, a view into the read buffer where it came in one transfer.
    pub payload: Bytes,
}

/// Everything but the payload, which may be large or private.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("message_format", &self.message_format)
            .field("settled", &self.settled)
            .field("state", &self.state)
            .field("payload_length", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// Something that happened on a connection.
#[derive(Clone, Debug)]
pub enum Event {
    /// The client chose a SASL mechanism; answer with [`Connection::sasl_outcome`](crate::Connection::sasl_outcome).
    SaslInit {
        /// The mechanism, one of those that were offered.
        mechanism: String,
        /// What the client sent with it.
        response: Bytes,
    },
    /// The peer's open has arrived, ours has been sent.
    Opened(Box<Open>),
    /// A session stands: the peer answered our begin, or we have answered its own.
    SessionBegun {
        /// The session.
        session: SessionId,
    },
    /// A session is over; each of its links was reported as detached before.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Why.
        cause: Cause,
    },
    /// The peer asks for a link; answer with [`Connection::accept`](crate::Connection::accept)
    /// or [`Connection::refuse`](crate::Connection::refuse).
    AttachRequested {
        /// The link.
        link: LinkId,
        /// What the peer asks for, from its side of the link.
        attach: Box<Attach>,
    },
    /// The peer granted a link that we asked for.
    ///
    /// A refused link is reported only by [`Event::Detached`].
    Attached {
        /// The link.
        link: LinkId,
        /// The peer's side of the link.
        attach: Box<Attach>,
    },
    /// The peer's word on a link that we send on.
    Flow {
        /// The link.
        link: LinkId,
        /// How many deliveries may be sent now.
        credit: u32,
        /// The peer wants the credit used or given up: answer with
        /// [`Connection::drained`](crate::Connection::drained) after sending what is at hand.
        drain: bool,
    },
    /// A drain of a link that we receive on is complete: no credit is outstanding, nothing is under way.
    Drained {
        /// The link.
        link: LinkId,
    },
    /// A delivery has arrived whole.
    Delivery {
        /// The link.
        link: LinkId,
        /// The delivery.
        delivery: Delivery,
    },
    /// The peer's verdict on a delivery, sent or received.
    Disposition {
        /// The link.
        link: LinkId,
        /// The delivery.
        id: DeliveryId,
        /// The outcome or intermediate state, where the peer gave one.
        state: Option<DeliveryState>,
        /// The peer has settled the delivery and will not speak of it again.
        settled: bool,
    },
    /// A link is gone, with everything that was pending on it. The answer, where one is due, has been sent.
    Detached {
        /// The link.
        link: LinkId,
        /// The peer closed the link for good, rather than detached from it.
        closed: bool,
        /// Why.
        cause: Cause,
    },
    /// The connection is over. No event follows.
    Closed {
        /// Why.
        cause: Cause,
    },
}

/// Why a link, a session or a connection ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// This side ended it.
    Local,
    /// The peer detached the link.
    Detach(Option<Error>),
    /// The peer ended the session.
    End(Option<Error>),
    /// The peer closed the connection.
    Close(Option<Error>),
    /// The transport failed or ended; the text says how.
    Transport(String),
    /// Nothing was heard from the peer for too long.
    IdleTimeout,
    /// The peer broke the protocol; this is the error it was given.
    Protocol(Error),
    /// SASL negotiation failed; the text says how.
    Sasl(String),
}

impl Cause {
    /// The AMQP error behind the end, the peer's or the one it was given.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Cause::Detach(error) | Cause::End(error) | Cause::Close(error) => error.as_ref(),
            Cause::Protocol(error) => Some(error),
            Cause::Local | Cause::Transport(_) | Cause::IdleTimeout | Cause::Sasl(_) => None,
        }
    }
}
