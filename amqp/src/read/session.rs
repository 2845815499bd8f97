use crate::error::DecodeError;
use crate::types::definitions::Handle;
use crate::types::performatives::{Begin, End};
use crate::walker::Element;

use super::composite::Composite;
use super::fields::read_error;

pub(crate) fn read_begin(list: Element<'_>) -> Result<Begin, DecodeError> {
    let mut begin = Composite::open("begin", list)?;
    let remote_channel = begin.u16("remote-channel")?;
    let next_outgoing_id = begin.u32("next-outgoing-id")?;
    let incoming_window = begin.u32("incoming-window")?;
    let outgoing_window = begin.u32("outgoing-window")?;
    let read = Begin {
        remote_channel,
        next_outgoing_id: begin.required("next-outgoing-id", next_outgoing_id)?,
        incoming_window: begin.required("incoming-window", incoming_window)?,
        outgoing_window: begin.required("outgoing-window", outgoing_window)?,
        handle_max: begin.u32("handle-max")?.map(Handle).unwrap_or_default(),
        offered_capabilities: begin.symbols("offered-capabilities")?,
        desired_capabilities: begin.symbols("desired-capabilities")?,
        properties: begin.fields("properties")?,
    };
    begin.finish()?;
    Ok(read)
}

pub(crate) fn read_end(list: Element<'_>) -> Result<End, DecodeError> {
    let mut end = Composite::open("end", list)?;
    let error = end.read("error", read_error)?;
    end.finish()?;
    Ok(End { error })
}
