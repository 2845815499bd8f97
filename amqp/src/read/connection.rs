use crate::error::DecodeError;
use crate::types::performatives::{ChannelMax, Close, MaxFrameSize, Open};
use crate::walker::Element;

use super::composite::Composite;
use super::fields::read_error;

pub(crate) fn read_open(list: Element<'_>) -> Result<Open, DecodeError> {
    let mut open = Composite::open("open", list)?;
    let container_id = open.string("container-id")?;
    let read = Open {
        container_id: open.required("container-id", container_id)?,
        hostname: open.string("hostname")?,
        max_frame_size: open
            .u32("max-frame-size")?
            .map(MaxFrameSize)
            .unwrap_or_default(),
        channel_max: open.u16("channel-max")?.map(ChannelMax).unwrap_or_default(),
        idle_time_out: open.u32("idle-time-out")?,
        outgoing_locales: open.symbols("outgoing-locales")?,
        incoming_locales: open.symbols("incoming-locales")?,
        offered_capabilities: open.symbols("offered-capabilities")?,
        desired_capabilities: open.symbols("desired-capabilities")?,
        properties: open.fields("properties")?,
    };
    open.finish()?;
    Ok(read)
}

pub(crate) fn read_close(list: Element<'_>) -> Result<Close, DecodeError> {
    let mut close = Composite::open("close", list)?;
    let error = close.read("error", read_error)?;
    close.finish()?;
    Ok(Close { error })
}
