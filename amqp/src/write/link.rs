use crate::descriptor;
use crate::types::definitions::{ReceiverSettleMode, SenderSettleMode};
use crate::types::performatives::{Attach, Detach, Flow};
use crate::writer::Writer;

use super::delivery_state::put_delivery_state;
use super::fields::{put_error, put_fields, put_symbols};
use super::terminus::{put_source, put_target};

pub(crate) fn write_attach(writer: &mut Writer<'_>, attach: &Attach) {
    writer.put_composite(descriptor::ATTACH, |writer| {
        writer.put_string(&attach.name);
        writer.put_uint(attach.handle.0);
        writer.put_bool((&attach.role).into());
        writer.put_unless_default(
            u8::from(&attach.snd_settle_mode),
            SenderSettleMode::default().into(),
            Writer::put_ubyte,
        );
        writer.put_unless_default(
            u8::from(&attach.rcv_settle_mode),
            ReceiverSettleMode::default().into(),
            Writer::put_ubyte,
        );
        writer.put_optional(attach.source.as_deref(), put_source);
        writer.put_optional(attach.target.as_deref(), put_target);
        writer.put_optional(attach.unsettled.as_ref(), |writer, unsettled| {
            writer.put_map(|writer| {
                for (tag, state) in unsettled {
                    writer.put_binary(tag);
                    writer.put_optional(state.as_ref(), put_delivery_state);
                }
            });
        });
        writer.put_flag(attach.incomplete_unsettled);
        writer.put_optional(attach.initial_delivery_count, Writer::put_uint);
        writer.put_optional(attach.max_message_size, Writer::put_ulong);
        writer.put_optional(attach.offered_capabilities.as_ref(), put_symbols);
        writer.put_optional(attach.desired_capabilities.as_ref(), put_symbols);
        writer.put_optional(attach.properties.as_ref(), put_fields);
    });
}

pub(crate) fn write_flow(writer: &mut Writer<'_>, flow: &Flow) {
    writer.put_composite(descriptor::FLOW, |writer| {
        writer.put_optional(flow.next_incoming_id, Writer::put_uint);
        writer.put_uint(flow.incoming_window);
        writer.put_uint(flow.next_outgoing_id);
        writer.put_uint(flow.outgoing_window);
        writer.put_optional(
            flow.handle.as_ref().map(|handle| handle.0),
            Writer::put_uint,
        );
        writer.put_optional(flow.delivery_count, Writer::put_uint);
        writer.put_optional(flow.link_credit, Writer::put_uint);
        writer.put_optional(flow.available, Writer::put_uint);
        writer.put_flag(flow.drain);
        writer.put_flag(flow.echo);
        writer.put_optional(flow.properties.as_ref(), put_fields);
    });
}

pub(crate) fn write_detach(writer: &mut Writer<'_>, detach: &Detach) {
    writer.put_composite(descriptor::DETACH, |writer| {
        writer.put_uint(detach.handle.0);
        writer.put_flag(detach.closed);
        writer.put_optional(detach.error.as_ref(), put_error);
    });
}
