use crate::descriptor;
use crate::types::performatives::{Disposition, Transfer};
use crate::writer::Writer;

use super::delivery_state::put_delivery_state;

pub(crate) fn write_transfer(writer: &mut Writer<'_>, transfer: &Transfer) {
    writer.put_composite(descriptor::TRANSFER, |writer| {
        writer.put_uint(transfer.handle.0);
        writer.put_optional(transfer.delivery_id, Writer::put_uint);
        writer.put_optional(transfer.delivery_tag.as_ref(), |writer, tag| {
            writer.put_binary(tag);
        });
        writer.put_optional(transfer.message_format, Writer::put_uint);
        writer.put_optional(transfer.settled, Writer::put_bool);
        writer.put_flag(transfer.more);
        writer.put_optional(transfer.rcv_settle_mode.as_ref(), |writer, mode| {
            writer.put_ubyte(mode.into());
        });
        writer.put_optional(transfer.state.as_ref(), put_delivery_state);
        writer.put_flag(transfer.resume);
        writer.put_flag(transfer.aborted);
        writer.put_flag(transfer.batchable);
    });
}

pub(crate) fn write_disposition(writer: &mut Writer<'_>, disposition: &Disposition) {
    writer.put_composite(descriptor::DISPOSITION, |writer| {
        writer.put_bool((&disposition.role).into());
        writer.put_uint(disposition.first);
        writer.put_optional(disposition.last, Writer::put_uint);
        writer.put_flag(disposition.settled);
        writer.put_optional(disposition.state.as_ref(), put_delivery_state);
        writer.put_flag(disposition.batchable);
    });
}
