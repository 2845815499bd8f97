//! The body of an AMQP frame: one performative, and behind it the payload of a transfer.
//!
//! Reading goes through the walker alone, writing through [`Writer`] alone. The types' own serde
//! code is used for neither: its decoder believes length fields and refuses frames of real peers,
//! its encoder writes empty arrays without a constructor.

use bytes::BytesMut;

use crate::descriptor;
use crate::error::{DecodeError, EncodeError};
use crate::read::composite::{split_described, unknown_descriptor};
use crate::read::{connection, link, session, transfer};
use crate::types::performatives::{
    Attach, Begin, Close, Detach, Disposition, End, Flow, Open, Transfer,
};
use crate::walker::Element;
use crate::write;
use crate::writer::Writer;

/// A performative (AMQP 1.0, 2.7). The large and rare ones are boxed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the performatives of AMQP 1.0, 2.7")]
pub enum Performative {
    Open(Box<Open>),
    Begin(Box<Begin>),
    Attach(Box<Attach>),
    Flow(Box<Flow>),
    Transfer(Transfer),
    Disposition(Disposition),
    Detach(Detach),
    End(End),
    Close(Close),
}

/// Reads the performative that a frame body begins with. The number returned with it is where the
/// payload begins; only a transfer has one.
///
/// # Errors
///
/// What is not a performative, is malformed, lacks a mandatory field or has a field that makes no
/// sense. Unknown fields behind the known ones are passed over.
pub fn read_performative(body: &[u8]) -> Result<(Performative, usize), DecodeError> {
    const EXPECTED: &str = "performative";
    let (element, payload) = Element::parse(body)?;
    let (code, descriptor, list) = split_described(&element, EXPECTED)?;
    let performative = match code {
        Some(descriptor::TRANSFER) => Performative::Transfer(transfer::read_transfer(list)?),
        Some(descriptor::DISPOSITION) => {
            Performative::Disposition(transfer::read_disposition(list)?)
        }
        Some(descriptor::FLOW) => Performative::Flow(Box::new(link::read_flow(list)?)),
        Some(descriptor::OPEN) => Performative::Open(Box::new(connection::read_open(list)?)),
        Some(descriptor::BEGIN) => Performative::Begin(Box::new(session::read_begin(list)?)),
        Some(descriptor::ATTACH) => Performative::Attach(Box::new(link::read_attach(list)?)),
        Some(descriptor::DETACH) => Performative::Detach(link::read_detach(list)?),
        Some(descriptor::END) => Performative::End(session::read_end(list)?),
        Some(descriptor::CLOSE) => Performative::Close(connection::read_close(list)?),
        _ => return Err(unknown_descriptor(&descriptor, EXPECTED)),
    };
    Ok((performative, body.len() - payload.len()))
}

/// Appends a performative to a frame body.
///
/// # Errors
///
/// A value in it that AMQP cannot express; what was appended is then of no use.
pub fn write_performative(
    performative: &Performative,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    let mut writer = Writer::new(out);
    match performative {
        Performative::Open(open) => write::connection::write_open(&mut writer, open),
        Performative::Begin(begin) => write::session::write_begin(&mut writer, begin),
        Performative::Attach(attach) => write::link::write_attach(&mut writer, attach),
        Performative::Flow(flow) => write::link::write_flow(&mut writer, flow),
        Performative::Transfer(transfer) => {
            write::transfer::write_transfer(&mut writer, transfer);
        }
        Performative::Disposition(disposition) => {
            write::transfer::write_disposition(&mut writer, disposition);
        }
        Performative::Detach(detach) => write::link::write_detach(&mut writer, detach),
        Performative::End(end) => write::session::write_end(&mut writer, end),
        Performative::Close(close) => write::connection::write_close(&mut writer, close),
    }
    writer.finish()
}
