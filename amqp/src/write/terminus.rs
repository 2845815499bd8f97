use serde_amqp::primitives::Symbol;

use crate::descriptor;
use crate::format_code::SYM32;
use crate::types::messaging::{
    Source, Target, TargetArchetype, TerminusDurability, TerminusExpiryPolicy,
};
use crate::types::transaction::Coordinator;
use crate::writer::Writer;

use super::delivery_state::put_outcome;
use super::fields::{put_fields, put_symbols};

pub(super) fn put_source(writer: &mut Writer<'_>, source: &Source) {
    writer.put_composite(descriptor::SOURCE, |writer| {
        writer.put_optional(source.address.as_deref(), Writer::put_string);
        put_durability(writer, &source.durable);
        put_expiry_policy(writer, &source.expiry_policy);
        writer.put_unless_default(source.timeout, 0, Writer::put_uint);
        writer.put_flag(source.dynamic);
        writer.put_optional(source.dynamic_node_properties.as_ref(), put_fields);
        writer.put_optional(source.distribution_mode.as_ref(), |writer, mode| {
            writer.put_symbol(&Symbol::from(mode));
        });
        writer.put_optional(source.filter.as_ref(), put_fields);
        writer.put_optional(source.default_outcome.as_ref(), put_outcome);
        writer.put_optional(source.outcomes.as_ref(), put_symbols);
        writer.put_optional(source.capabilities.as_ref(), put_symbols);
    });
}

pub(super) fn put_target(writer: &mut Writer<'_>, target: &TargetArchetype) {
    match target {
        TargetArchetype::Target(target) => put_node_target(writer, target),
        TargetArchetype::Coordinator(coordinator) => put_coordinator(writer, coordinator),
    }
}

fn put_node_target(writer: &mut Writer<'_>, target: &Target) {
    writer.put_composite(descriptor::TARGET, |writer| {
        writer.put_optional(target.address.as_deref(), Writer::put_string);
        put_durability(writer, &target.durable);
        put_expiry_policy(writer, &target.expiry_policy);
        writer.put_unless_default(target.timeout, 0, Writer::put_uint);
        writer.put_flag(target.dynamic);
        writer.put_optional(target.dynamic_node_properties.as_ref(), put_fields);
        writer.put_optional(target.capabilities.as_ref(), put_symbols);
    });
}

fn put_coordinator(writer: &mut Writer<'_>, coordinator: &Coordinator) {
    writer.put_composite(descriptor::COORDINATOR, |writer| {
        writer.put_optional(coordinator.capabilities.as_ref(), |writer, capabilities| {
            writer.put_array(SYM32, |writer| {
                for capability in capabilities {
                    writer.put_symbol(&Symbol::from(capability));
                }
            });
        });
    });
}

fn put_durability(writer: &mut Writer<'_>, durability: &TerminusDurability) {
    let number = match durability {
        TerminusDurability::None => 0,
        TerminusDurability::Configuration => 1,
        TerminusDurability::UnsettledState => 2,
    };
    writer.put_unless_default(number, 0, Writer::put_uint);
}

fn put_expiry_policy(writer: &mut Writer<'_>, policy: &TerminusExpiryPolicy) {
    let default = TerminusExpiryPolicy::default();
    writer.put_unless_default(policy, &default, |writer, policy| {
        writer.put_symbol(&Symbol::from(policy));
    });
}
