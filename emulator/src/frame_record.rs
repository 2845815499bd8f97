//! A frame that was sent or received, for the record. No body of a message is kept.

use std::fmt;

use crate::emulator::Emulator;
use crate::fault::Direction;

/// A frame that was sent or received.
///
/// Its `Display` form is a line such as `connection 1 -> transfer channel 0 "sender of orders"
/// delivery 3 154 bytes`; the arrow points from the client to the emulator or back (`<-`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameRecord {
    /// The number of the connection: they are counted from 1.
    pub connection: u64,
    /// Who sent it.
    pub direction: Direction,
    /// The channel; meaningless in a SASL frame.
    pub channel: u16,
    /// What AMQP calls the frame, `empty` if it only keeps the connection alive.
    pub performative: &'static str,
    /// The link that it is about: its name where its attach was recorded, else its handle.
    pub link: Option<String>,
    /// The delivery-id, or the first of several.
    pub delivery: Option<u32>,
    /// What else there is to know, on one line.
    pub detail: String,
    /// The size of the whole frame in bytes.
    pub size: usize,
}

impl fmt::Display for FrameRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = match self.direction {
            Direction::Inbound => "->",
            Direction::Outbound => "<-",
        };
        let (connection, performative) = (self.connection, self.performative);
        write!(f, "connection {connection} {arrow} {performative}")?;
        write!(f, " channel {}", self.channel)?;
        if let Some(link) = &self.link {
            write!(f, " {link:?}")?;
        }
        if let Some(delivery) = self.delivery {
            write!(f, " delivery {delivery}")?;
        }
        if !self.detail.is_empty() {
            write!(f, " {}", self.detail)?;
        }
        write!(f, " {} bytes", self.size)
    }
}

impl Emulator {
    /// Puts frames on record from now on, or no more. They cost time, so they are not unless asked for.
    pub fn record_frames(&self, record: bool) {
        self.ask(move |hub| hub.record_frames = record);
    }

    /// The frames among the last things that happened, oldest first.
    pub fn frames(&self) -> Vec<FrameRecord> {
        self.ask(|hub| hub.broker.journal().frames())
    }
}
