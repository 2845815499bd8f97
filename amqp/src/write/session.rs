use crate::descriptor;
use crate::types::definitions::Handle;
use crate::types::performatives::{Begin, End};
use crate::writer::Writer;

use super::fields::{put_error, put_fields, put_symbols};

pub(crate) fn write_begin(writer: &mut Writer<'_>, begin: &Begin) {
    writer.put_composite(descriptor::BEGIN, |writer| {
        writer.put_optional(begin.remote_channel, Writer::put_ushort);
        writer.put_uint(begin.next_outgoing_id);
        writer.put_uint(begin.incoming_window);
        writer.put_uint(begin.outgoing_window);
        writer.put_unless_default(begin.handle_max.0, Handle::default().0, Writer::put_uint);
        writer.put_optional(begin.offered_capabilities.as_ref(), put_symbols);
        writer.put_optional(begin.desired_capabilities.as_ref(), put_symbols);
        writer.put_optional(begin.properties.as_ref(), put_fields);
    });
}

pub(crate) fn write_end(writer: &mut Writer<'_>, end: &End) {
    writer.put_composite(descriptor::END, |writer| {
        writer.put_optional(end.error.as_ref(), put_error);
    });
}
