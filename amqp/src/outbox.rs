//! Where the parts of an endpoint put frames for the peer and events for the owner.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::error::EncodeError;
use crate::event::Event;
use crate::framing::{write_frame, write_transfer, FrameKind, MIN_MAX_FRAME_SIZE};
use crate::performative::{write_performative, Performative};
use crate::sasl::{write_sasl, SaslFrame};
use crate::types::performatives::Transfer;

/// Encoded output and pending events of one connection.
pub(crate) struct Outbox {
    pub(crate) bytes: BytesMut,
    pub(crate) events: VecDeque<Event>,
    /// The largest frame the peer takes.
    pub(crate) max_frame_size: u32,
    /// Set when a frame could not be encoded; the connection closes itself over it.
    pub(crate) failure: Option<String>,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Outbox {
            bytes: BytesMut::new(),
            events: VecDeque::new(),
            max_frame_size: MIN_MAX_FRAME_SIZE,
            failure: None,
        }
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Appends one frame without payload.
    pub(crate) fn frame(&mut self, channel: u16, performative: &Performative) {
        self.write(FrameKind::Amqp, channel, |bytes| {
            write_performative(performative, bytes)
        });
    }

    /// Appends a SASL frame.
    pub(crate) fn sasl(&mut self, frame: &SaslFrame) {
        self.write(FrameKind::Sasl, 0, |bytes| write_sasl(frame, bytes));
    }

    /// Appends an empty frame, the heartbeat of AMQP 1.0, 2.4.5.
    pub(crate) fn heartbeat(&mut self) {
        self.write(FrameKind::Amqp, 0, |_| Ok(()));
    }

    /// Appends one transfer frame with as much of the payload as the peer's frame size allows, and
    /// takes that off the payload.
    pub(crate) fn transfer(&mut self, channel: u16, transfer: &mut Transfer, payload: &mut Bytes) {
        let limit = self.max_frame_size;
        if let Err(error) = write_transfer(&mut self.bytes, channel, transfer, payload, limit) {
            payload.clear();
            self.failed(&error);
        }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn write(
        &mut self,
        kind: FrameKind,
        channel: u16,
        body: impl FnOnce(&mut BytesMut) -> Result<(), EncodeError>,
    ) {
        if let Err(error) = write_frame(&mut self.bytes, kind, channel, body) {
            self.failed(&error);
        }
    }

    fn failed(&mut self, error: &EncodeError) {
        self.failure.get_or_insert_with(|| error.to_string());
    }
}
