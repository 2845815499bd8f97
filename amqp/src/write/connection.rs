use crate::descriptor;
use crate::types::performatives::{ChannelMax, Close, MaxFrameSize, Open};
use crate::writer::Writer;

use super::fields::{put_error, put_fields, put_symbols};

pub(crate) fn write_open(writer: &mut Writer<'_>, open: &Open) {
    writer.put_composite(descriptor::OPEN, |writer| {
        writer.put_string(&open.container_id);
        writer.put_optional(open.hostname.as_deref(), Writer::put_string);
        writer.put_unless_default(
            open.max_frame_size.0,
            MaxFrameSize::default().0,
            Writer::put_uint,
        );
        writer.put_unless_default(
            open.channel_max.0,
            ChannelMax::default().0,
            Writer::put_ushort,
        );
        writer.put_optional(open.idle_time_out, Writer::put_uint);
        writer.put_optional(open.outgoing_locales.as_ref(), put_symbols);
        writer.put_optional(open.incoming_locales.as_ref(), put_symbols);
        writer.put_optional(open.offered_capabilities.as_ref(), put_symbols);
        writer.put_optional(open.desired_capabilities.as_ref(), put_symbols);
        writer.put_optional(open.properties.as_ref(), put_fields);
    });
}

pub(crate) fn write_close(writer: &mut Writer<'_>, close: &Close) {
    writer.put_composite(descriptor::CLOSE, |writer| {
        writer.put_optional(close.error.as_ref(), put_error);
    });
}
