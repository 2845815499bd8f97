//! The eight octets that open each protocol layer of a connection (AMQP 1.0, 2.2, 5.2.1, 5.3.1).

use bytes::{Buf, BytesMut};

use crate::error::FramingError;

/// Which layer a protocol header opens. Only version 1.0.0 is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtocolHeader {
    /// AMQP itself.
    Amqp,
    /// TLS inside the AMQP connection.
    Tls,
    /// SASL.
    Sasl,
}

impl ProtocolHeader {
    /// The octets as they are sent.
    pub const fn octets(self) -> [u8; 8] {
        let id = match self {
            Self::Amqp => 0,
            Self::Tls => 2,
            Self::Sasl => 3,
        };
        [b'A', b'M', b'Q', b'P', id, 1, 0, 0]
    }

    /// Takes a header off `input`; `None` when more bytes are needed for it.
    ///
    /// # Errors
    ///
    /// [`FramingError::NotAmqp`] as soon as the first octets cannot begin a header, padded with
    /// zeros when there are fewer than eight: a peer that speaks something else need not send eight.
    pub fn take(input: &mut BytesMut) -> Result<Option<Self>, FramingError> {
        let mut found = [0; 8];
        let there = input.len().min(found.len());
        for (octet, sent) in found.iter_mut().zip(input.iter()) {
            *octet = *sent;
        }
        let begins_with = |header: &Self| {
            header
                .octets()
                .iter()
                .zip(&found)
                .take(there)
                .all(|(a, b)| a == b)
        };
        let candidate = [Self::Amqp, Self::Tls, Self::Sasl]
            .into_iter()
            .find(begins_with)
            .ok_or(FramingError::NotAmqp(found))?;
        if there < found.len() {
            return Ok(None);
        }
        input.advance(found.len());
        Ok(Some(candidate))
    }
}
