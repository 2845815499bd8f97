use crate::error::DecodeError;
use crate::types::definitions::{Handle, Role};
use crate::types::performatives::{Disposition, Transfer};
use crate::walker::Element;

use super::composite::Composite;
use super::delivery_state::read_delivery_state;
use super::link::receiver_settle_mode;

pub(crate) fn read_transfer(list: Element<'_>) -> Result<Transfer, DecodeError> {
    let mut transfer = Composite::open("transfer", list)?;
    let handle = transfer.u32("handle")?.map(Handle);
    let read = Transfer {
        handle: transfer.required("handle", handle)?,
        delivery_id: transfer.u32("delivery-id")?,
        delivery_tag: transfer.binary("delivery-tag")?,
        message_format: transfer.u32("message-format")?,
        settled: transfer.bool("settled")?,
        more: transfer.bool("more")?.unwrap_or_default(),
        rcv_settle_mode: match transfer.u8("rcv-settle-mode")? {
            None => None,
            Some(mode) => Some(transfer.choice("rcv-settle-mode", receiver_settle_mode(mode))?),
        },
        state: transfer.read("state", read_delivery_state)?,
        resume: transfer.bool("resume")?.unwrap_or_default(),
        aborted: transfer.bool("aborted")?.unwrap_or_default(),
        batchable: transfer.bool("batchable")?.unwrap_or_default(),
    };
    transfer.finish()?;
    Ok(read)
}

pub(crate) fn read_disposition(list: Element<'_>) -> Result<Disposition, DecodeError> {
    let mut disposition = Composite::open("disposition", list)?;
    let role = disposition.bool("role")?.map(Role::from);
    let first = disposition.u32("first")?;
    let read = Disposition {
        role: disposition.required("role", role)?,
        first: disposition.required("first", first)?,
        last: disposition.u32("last")?,
        settled: disposition.bool("settled")?.unwrap_or_default(),
        state: disposition.read("state", read_delivery_state)?,
        batchable: disposition.bool("batchable")?.unwrap_or_default(),
    };
    disposition.finish()?;
    Ok(read)
}
