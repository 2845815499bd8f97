//! The bodies of SASL frames (AMQP 1.0, 5.3.3). The exchange itself is the handshake's.

use std::fmt;

use bytes::BytesMut;

use crate::descriptor;
use crate::error::{DecodeError, EncodeError};
use crate::format_code::SYM32;
use crate::read::composite::{split_described, unknown_descriptor, Composite};
use crate::walker::Element;
use crate::writer::Writer;

/// A SASL frame. Its `Debug` form shows no response: those hold passwords and tokens.
#[derive(Clone, PartialEq, Eq)]
pub enum SaslFrame {
    /// The server's offer.
    Mechanisms(Vec<String>),
    /// The client's choice.
    Init {
        /// The mechanism chosen.
        mechanism: String,
        /// The first response, for mechanisms in which the client speaks first.
        initial_response: Option<Vec<u8>>,
        /// The host the client means to reach.
        hostname: Option<String>,
    },
    /// The server's question.
    Challenge(Vec<u8>),
    /// The client's answer to it.
    Response(Vec<u8>),
    /// The end of the exchange.
    Outcome {
        /// How it ended.
        code: SaslCode,
        /// What the mechanism has to add.
        additional_data: Option<Vec<u8>>,
    },
}

/// How a SASL exchange ended (AMQP 1.0, 5.3.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslCode {
    /// The client is who it says.
    Ok,
    /// Refused for reasons of the credentials.
    Auth,
    /// Failed by a system error.
    Sys,
    /// Failed by a system error that lasts.
    SysPerm,
    /// Failed by a system error that may pass.
    SysTemp,
}

impl SaslCode {
    fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Auth => 1,
            Self::Sys => 2,
            Self::SysPerm => 3,
            Self::SysTemp => 4,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [
            Self::Ok,
            Self::Auth,
            Self::Sys,
            Self::SysPerm,
            Self::SysTemp,
        ]
        .into_iter()
        .find(|code| code.number() == number)
    }
}

impl SaslFrame {
    /// What the specification calls the frame.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mechanisms(_) => "sasl-mechanisms",
            Self::Init { .. } => "sasl-init",
            Self::Challenge(_) => "sasl-challenge",
            Self::Response(_) => "sasl-response",
            Self::Outcome { .. } => "sasl-outcome",
        }
    }
}

impl fmt::Debug for SaslFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mechanisms(mechanisms) => f.debug_tuple("Mechanisms").field(mechanisms).finish(),
            Self::Init {
                mechanism,
                hostname,
                ..
            } => f
                .debug_struct("Init")
                .field("mechanism", mechanism)
                .field("hostname", hostname)
                .finish_non_exhaustive(),
            Self::Challenge(_) => f.debug_struct("Challenge").finish_non_exhaustive(),
            Self::Response(_) => f.debug_struct("Response").finish_non_exhaustive(),
            Self::Outcome { code, .. } => f
                .debug_struct("Outcome")
                .field("code", code)
                .finish_non_exhaustive(),
        }
    }
}

/// Reads the body of a SASL frame. Fields behind the known ones are passed over.
pub fn read_sasl(body: &[u8]) -> Result<SaslFrame, DecodeError> {
    const EXPECTED: &str = "sasl frame";
    let element = Element::parse_whole(body)?;
    let (code, descriptor, list) = split_described(&element, EXPECTED)?;
    match code {
        Some(descriptor::SASL_MECHANISMS) => read_mechanisms(list),
        Some(descriptor::SASL_INIT) => read_init(list),
        Some(descriptor::SASL_CHALLENGE) => {
            read_token("sasl-challenge", "challenge", list).map(SaslFrame::Challenge)
        }
        Some(descriptor::SASL_RESPONSE) => {
            read_token("sasl-response", "response", list).map(SaslFrame::Response)
        }
        Some(descriptor::SASL_OUTCOME) => read_outcome(list),
        _ => Err(unknown_descriptor(&descriptor, EXPECTED)),
    }
}

fn read_mechanisms(list: Element<'_>) -> Result<SaslFrame, DecodeError> {
    let mut frame = Composite::open("sasl-mechanisms", list)?;
    let mechanisms = frame.symbols("sasl-server-mechanisms")?;
    let mechanisms = frame.required("sasl-server-mechanisms", mechanisms)?;
    frame.finish()?;
    let mechanisms = mechanisms.into_iter().map(|symbol| symbol.0).collect();
    Ok(SaslFrame::Mechanisms(mechanisms))
}

fn read_init(list: Element<'_>) -> Result<SaslFrame, DecodeError> {
    let mut frame = Composite::open("sasl-init", list)?;
    let mechanism = frame.string("mechanism")?;
    let read = SaslFrame::Init {
        mechanism: frame.required("mechanism", mechanism)?,
        initial_response: frame
            .binary("initial-response")?
            .map(|bytes| bytes.into_vec()),
        hostname: frame.string("hostname")?,
    };
    frame.finish()?;
    Ok(read)
}

fn read_token(
    name: &'static str,
    field: &'static str,
    list: Element<'_>,
) -> Result<Vec<u8>, DecodeError> {
    let mut frame = Composite::open(name, list)?;
    let token = frame.binary(field)?;
    let token = frame.required(field, token)?;
    frame.finish()?;
    Ok(token.into_vec())
}

fn read_outcome(list: Element<'_>) -> Result<SaslFrame, DecodeError> {
    let mut frame = Composite::open("sasl-outcome", list)?;
    let number = frame.u8("code")?;
    let code = SaslCode::from_number(frame.required("code", number)?);
    let read = SaslFrame::Outcome {
        code: frame.choice("code", code)?,
        additional_data: frame
            .binary("additional-data")?
            .map(|bytes| bytes.into_vec()),
    };
    frame.finish()?;
    Ok(read)
}

/// Appends the body of a SASL frame.
///
/// # Errors
///
/// A value in it that AMQP cannot express; what was appended is then of no use.
pub fn write_sasl(frame: &SaslFrame, out: &mut BytesMut) -> Result<(), EncodeError> {
    let mut writer = Writer::new(out);
    match frame {
        SaslFrame::Mechanisms(mechanisms) => {
            writer.put_composite(descriptor::SASL_MECHANISMS, |writer| {
                writer.put_array(SYM32, |writer| {
                    for mechanism in mechanisms {
                        writer.put_symbol(mechanism);
                    }
                });
            });
        }
        SaslFrame::Init {
            mechanism,
            initial_response,
            hostname,
        } => writer.put_composite(descriptor::SASL_INIT, |writer| {
            writer.put_symbol(mechanism);
            writer.put_optional(initial_response.as_deref(), Writer::put_binary);
            writer.put_optional(hostname.as_deref(), Writer::put_string);
        }),
        SaslFrame::Challenge(token) => {
            writer.put_composite(descriptor::SASL_CHALLENGE, |writer| {
                writer.put_binary(token)
            });
        }
        SaslFrame::Response(token) => {
            writer.put_composite(descriptor::SASL_RESPONSE, |writer| writer.put_binary(token));
        }
        SaslFrame::Outcome {
            code,
            additional_data,
        } => writer.put_composite(descriptor::SASL_OUTCOME, |writer| {
            writer.put_ubyte(code.number());
            writer.put_optional(additional_data.as_deref(), Writer::put_binary);
        }),
    }
    writer.finish()
}
