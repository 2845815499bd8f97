use crate::descriptor;
use crate::types::messaging::{DeliveryState, Modified, Outcome, Rejected};
use crate::types::transaction::Declared;
use crate::writer::Writer;

use super::fields::{put_error, put_fields};

pub(super) fn put_delivery_state(writer: &mut Writer<'_>, state: &DeliveryState) {
    match state {
        DeliveryState::Accepted(_) => put_accepted(writer),
        DeliveryState::Rejected(rejected) => put_rejected(writer, rejected),
        DeliveryState::Released(_) => put_released(writer),
        DeliveryState::Modified(modified) => put_modified(writer, modified),
        DeliveryState::Declared(declared) => put_declared(writer, declared),
        DeliveryState::Received(received) => {
            writer.put_composite(descriptor::RECEIVED, |writer| {
                writer.put_uint(received.section_number);
                writer.put_ulong(received.section_offset);
            });
        }
        DeliveryState::TransactionalState(state) => {
            writer.put_composite(descriptor::TRANSACTIONAL_STATE, |writer| {
                writer.put_binary(&state.txn_id);
                writer.put_optional(state.outcome.as_ref(), put_outcome);
            });
        }
    }
}

pub(super) fn put_outcome(writer: &mut Writer<'_>, outcome: &Outcome) {
    match outcome {
        Outcome::Accepted(_) => put_accepted(writer),
        Outcome::Rejected(rejected) => put_rejected(writer, rejected),
        Outcome::Released(_) => put_released(writer),
        Outcome::Modified(modified) => put_modified(writer, modified),
        Outcome::Declared(declared) => put_declared(writer, declared),
    }
}

fn put_accepted(writer: &mut Writer<'_>) {
    writer.put_composite(descriptor::ACCEPTED, |_| {});
}

fn put_released(writer: &mut Writer<'_>) {
    writer.put_composite(descriptor::RELEASED, |_| {});
}

fn put_rejected(writer: &mut Writer<'_>, rejected: &Rejected) {
    writer.put_composite(descriptor::REJECTED, |writer| {
        writer.put_optional(rejected.error.as_ref(), put_error);
    });
}

fn put_modified(writer: &mut Writer<'_>, modified: &Modified) {
    writer.put_composite(descriptor::MODIFIED, |writer| {
        writer.put_optional(modified.delivery_failed, Writer::put_bool);
        writer.put_optional(modified.undeliverable_here, Writer::put_bool);
        writer.put_optional(modified.message_annotations.as_ref(), put_fields);
    });
}

fn put_declared(writer: &mut Writer<'_>, declared: &Declared) {
    writer.put_composite(descriptor::DECLARED, |writer| {
        writer.put_binary(&declared.txn_id);
    });
}
