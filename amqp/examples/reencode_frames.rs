//! Decodes captured frames, one a line in hexadecimal, and prints them encoded again, so that an
//! independent decoder can tell whether they still mean the same.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

use bytes::BytesMut;
use servicebus_amqp::framing::{take_frame, write_frame, Frame, FrameKind};
use servicebus_amqp::performative::{read_performative, write_performative};
use servicebus_amqp::sasl::{read_sasl, write_sasl};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("the file of frames is missing")?;
    let mut output = String::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let mut bytes = unhex(line)?;
        let frame = take_frame(&mut bytes, u32::MAX)?.ok_or("a frame is cut off")?;
        for byte in again(&frame)? {
            write!(output, "{byte:02x}")?;
        }
        output.push('\n');
    }
    std::io::stdout().write_all(output.as_bytes())?;
    Ok(())
}

fn again(frame: &Frame) -> Result<BytesMut, Box<dyn Error>> {
    let mut written = BytesMut::new();
    match frame.kind {
        FrameKind::Sasl => {
            let read = read_sasl(&frame.body)?;
            write_frame(&mut written, frame.kind, frame.channel, |out| {
                write_sasl(&read, out)
            })?;
        }
        FrameKind::Amqp if frame.body.is_empty() => {
            write_frame(&mut written, frame.kind, frame.channel, |_| Ok(()))?;
        }
        FrameKind::Amqp => {
            let (read, extent) = read_performative(&frame.body)?;
            write_frame(&mut written, frame.kind, frame.channel, |out| {
                write_performative(&read, out)?;
                out.extend_from_slice(frame.body.get(extent..).unwrap_or_default());
                Ok(())
            })?;
        }
    }
    Ok(written)
}

fn unhex(line: &str) -> Result<BytesMut, Box<dyn Error>> {
    let digits = line.trim();
    let bytes = (0..digits.len()).step_by(2).map(|at| {
        let pair = digits.get(at..at + 2).ok_or("an odd number of digits")?;
        Ok(u8::from_str_radix(pair, 16)?)
    });
    bytes
        .collect::<Result<Vec<u8>, Box<dyn Error>>>()
        .map(|bytes| bytes.as_slice().into())
}
