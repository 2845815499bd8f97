//! What comes before the first frame: protocol headers and SASL, both roles (AMQP 1.0, 2.2 and 5.3).

use bytes::BytesMut;

use crate::event::{Cause, Event};
use crate::framing::{take_frame, FrameKind, MIN_MAX_FRAME_SIZE};
use crate::outbox::Outbox;
use crate::protocol_header::ProtocolHeader;
use crate::sasl::{read_sasl, SaslCode, SaslFrame};

/// The only mechanism that clients of Service Bus need: rights come from `$cbs` later.
const ANONYMOUS: &str = "ANONYMOUS";

/// How far the handshake has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A SASL header is due from the peer.
    SaslHeader,
    /// Client: the server's mechanisms are due.
    Mechanisms,
    /// Client: the verdict is due.
    Outcome,
    /// Server: the client's choice is due.
    Init,
    /// Server: the owner's verdict is due.
    Verdict,
    /// The AMQP header is due from the peer.
    AmqpHeader,
    Done,
}

/// The handshake of one connection.
pub(crate) struct Handshake {
    step: Step,
    is_client: bool,
    hostname: Option<String>,
    mechanisms: Vec<String>,
}

/// What a piece of input did to the handshake.
pub(crate) enum Advance {
    /// More bytes are needed, or the owner's verdict.
    Waiting,
    /// The AMQP headers are exchanged: frames follow.
    Done,
    Failed(Cause),
}

impl Handshake {
    pub(crate) fn client(hostname: Option<String>, out: &mut Outbox) -> Self {
        out.raw(&ProtocolHeader::Sasl.octets());
        Handshake {
            step: Step::SaslHeader,
            is_client: true,
            hostname,
            mechanisms: Vec::new(),
        }
    }

    /// With no mechanisms, the server does without SASL. Where it offers ANONYMOUS, a client may do so.
    pub(crate) fn server(mechanisms: &[&str]) -> Self {
        Handshake {
            step: if mechanisms.is_empty() {
                Step::AmqpHeader
            } else {
                Step::SaslHeader
            },
            is_client: false,
            hostname: None,
            mechanisms: mechanisms.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Takes what it can from the input.
    pub(crate) fn advance(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Advance {
        loop {
            let step = match self.step {
                Step::SaslHeader | Step::AmqpHeader => self.take_header(input, out),
                Step::Mechanisms | Step::Outcome | Step::Init => self.take_sasl(input, out),
                Step::Verdict => return Advance::Waiting,
                Step::Done => return Advance::Done,
            };
            match step {
                Ok(Some(next)) => self.step = next,
                Ok(None) => return Advance::Waiting,
                Err(cause) => return Advance::Failed(cause),
            }
        }
    }

    fn take_header(
        &mut self,
        input: &mut BytesMut,
        out: &mut Outbox,
    ) -> Result<Option<Step>, Cause> {
        let expected = match self.step {
            Step::SaslHeader => ProtocolHeader::Sasl,
            _ => ProtocolHeader::Amqp,
        };
        let wrong = match ProtocolHeader::take(input) {
            Ok(None) => return Ok(None),
            Ok(Some(header)) if header == expected => None,
            // The JavaScript SDK names nobody when its connection string holds a ready-made token.
            Ok(Some(header @ ProtocolHeader::Amqp)) if self.admits_without_sasl() => {
                out.raw(&header.octets());
                return Ok(Some(Step::Done));
            }
            Ok(Some(header)) => Some(format!("the peer began with {header:?}, not {expected:?}")),
            Err(error) => Some(error.to_string()),
        };
        if let Some(wrong) = wrong {
            if !self.is_client {
                out.raw(&expected.octets());
            }
            return Err(Cause::Transport(wrong));
        }
        Ok(Some(match (self.step, self.is_client) {
            (Step::SaslHeader, true) => Step::Mechanisms,
            (Step::SaslHeader, false) => {
                out.raw(&expected.octets());
                out.sasl(&SaslFrame::Mechanisms(self.mechanisms.clone()));
                Step::Init
            }
            (_, true) => Step::Done,
            (_, false) => {
                // Never sent ahead of the client's: some clients stop reading at the SASL outcome.
                out.raw(&expected.octets());
                Step::Done
            }
        }))
    }

    /// Whether SASL would say no more of a client than that it is anonymous.
    fn admits_without_sasl(&self) -> bool {
        !self.is_client && self.mechanisms.iter().any(|name| name == ANONYMOUS)
    }

    fn take_sasl(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<Option<Step>, Cause> {
        let frame = take_frame(input, MIN_MAX_FRAME_SIZE)
            .map_err(|error| Cause::Sasl(error.to_string()))?;
        let Some(frame) = frame else {
            return Ok(None);
        };
        if frame.kind != FrameKind::Sasl {
            return Err(Cause::Sasl("a frame that is not SASL arrived".to_owned()));
        }
        let sasl = read_sasl(&frame.body).map_err(|error| Cause::Sasl(error.to_string()))?;
        match (self.step, sasl) {
            (Step::Mechanisms, SaslFrame::Mechanisms(offered)) => self.choose(&offered, out),
            (Step::Outcome, SaslFrame::Outcome { code, .. }) => self.concluded(code, out),
            (
                Step::Init,
                SaslFrame::Init {
                    mechanism,
                    initial_response,
                    ..
                },
            ) => self.chosen(mechanism, initial_response, out),
            (_, other) => Err(Cause::Sasl(format!("{} arrived out of turn", other.name()))),
        }
    }

    fn choose(&mut self, offered: &[String], out: &mut Outbox) -> Result<Option<Step>, Cause> {
        if !offered.iter().any(|name| name == ANONYMOUS) {
            return Err(Cause::Sasl(format!(
                "the peer offers no {ANONYMOUS}, only {}",
                offered.join(", ")
            )));
        }
        let init = SaslFrame::Init {
            mechanism: ANONYMOUS.to_owned(),
            initial_response: Some(Vec::new()),
            hostname: self.hostname.clone(),
        };
        out.sasl(&init);
        Ok(Some(Step::Outcome))
    }

    fn concluded(&mut self, code: SaslCode, out: &mut Outbox) -> Result<Option<Step>, Cause> {
        if code != SaslCode::Ok {
            return Err(Cause::Sasl(format!("the peer answered {code:?}")));
        }
        out.raw(&ProtocolHeader::Amqp.octets());
        Ok(Some(Step::AmqpHeader))
    }

    fn chosen(
        &mut self,
        mechanism: String,
        response: Option<Vec<u8>>,
        out: &mut Outbox,
    ) -> Result<Option<Step>, Cause> {
        if !self.mechanisms.contains(&mechanism) {
            out.sasl(&outcome(SaslCode::Auth));
            return Err(Cause::Sasl(format!(
                "the client chose {mechanism}, which was not offered"
            )));
        }
        out.event(Event::SaslInit {
            mechanism,
            response: response.unwrap_or_default().into(),
        });
        Ok(Some(Step::Verdict))
    }

    /// Server: the owner's verdict on the client's choice.
    pub(crate) fn verdict(&mut self, accepted: bool, out: &mut Outbox) -> Result<(), Cause> {
        if self.step != Step::Verdict {
            return Ok(());
        }
        let code = if accepted {
            SaslCode::Ok
        } else {
            SaslCode::Auth
        };
        out.sasl(&outcome(code));
        if !accepted {
            return Err(Cause::Sasl("the client was refused".to_owned()));
        }
        self.step = Step::AmqpHeader;
        Ok(())
    }
}

fn outcome(code: SaslCode) -> SaslFrame {
    SaslFrame::Outcome {
        code,
        additional_data: None,
    }
}
