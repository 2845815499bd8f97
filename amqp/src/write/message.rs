use crate::descriptor;
use crate::types::messaging::{Header, MessageId, Priority, Properties};
use crate::writer::Writer;

pub(crate) fn put_header(writer: &mut Writer<'_>, header: &Header) {
    writer.put_composite(descriptor::HEADER, |writer| {
        writer.put_flag(header.durable);
        writer.put_unless_default(header.priority.0, Priority::default().0, Writer::put_ubyte);
        writer.put_optional(header.ttl, Writer::put_uint);
        writer.put_flag(header.first_acquirer);
        writer.put_unless_default(header.delivery_count, 0, Writer::put_uint);
    });
}

pub(crate) fn put_properties(writer: &mut Writer<'_>, properties: &Properties) {
    writer.put_composite(descriptor::PROPERTIES, |writer| {
        writer.put_optional(properties.message_id.as_ref(), put_message_id);
        writer.put_optional(properties.user_id.as_ref(), |writer, id| {
            writer.put_binary(id);
        });
        writer.put_optional(properties.to.as_deref(), Writer::put_string);
        writer.put_optional(properties.subject.as_deref(), Writer::put_string);
        writer.put_optional(properties.reply_to.as_deref(), Writer::put_string);
        writer.put_optional(properties.correlation_id.as_ref(), put_message_id);
        writer.put_optional(properties.content_type.as_ref(), |writer, symbol| {
            writer.put_symbol(symbol);
        });
        writer.put_optional(properties.content_encoding.as_ref(), |writer, symbol| {
            writer.put_symbol(symbol);
        });
        writer.put_optional(properties.absolute_expiry_time.as_ref(), |writer, time| {
            writer.put_timestamp(time.milliseconds());
        });
        writer.put_optional(properties.creation_time.as_ref(), |writer, time| {
            writer.put_timestamp(time.milliseconds());
        });
        writer.put_optional(properties.group_id.as_deref(), Writer::put_string);
        writer.put_optional(properties.group_sequence, Writer::put_uint);
        writer.put_optional(properties.reply_to_group_id.as_deref(), Writer::put_string);
    });
}

fn put_message_id(writer: &mut Writer<'_>, id: &MessageId) {
    match id {
        MessageId::Ulong(number) => writer.put_ulong(*number),
        MessageId::Uuid(uuid) => writer.put_uuid(*uuid.as_inner()),
        MessageId::Binary(bytes) => writer.put_binary(bytes),
        MessageId::String(text) => writer.put_string(text),
    }
}
