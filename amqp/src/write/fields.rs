use serde_amqp::primitives::{Array, Symbol};

use crate::descriptor;
use crate::format_code::SYM32;
use crate::types::definitions::{Error, ErrorCondition, Fields};
use crate::value::write_value;
use crate::writer::Writer;

pub(super) fn put_fields(writer: &mut Writer<'_>, fields: &Fields) {
    writer.put_map(|writer| {
        for (key, value) in fields {
            writer.put_symbol(key);
            write_value(writer, value);
        }
    });
}

pub(super) fn put_symbols(writer: &mut Writer<'_>, symbols: &Array<Symbol>) {
    writer.put_array(SYM32, |writer| {
        for symbol in symbols {
            writer.put_symbol(symbol);
        }
    });
}

/// All three fields, absent ones as null: the Python SDK fails on an error that ends early.
pub(super) fn put_error(writer: &mut Writer<'_>, error: &Error) {
    writer.put_described(descriptor::ERROR, |writer| {
        writer.put_list(|writer| {
            put_condition(writer, &error.condition);
            writer.put_optional(error.description.as_deref(), Writer::put_string);
            writer.put_optional(error.info.as_deref(), put_fields);
        });
    });
}

fn put_condition(writer: &mut Writer<'_>, condition: &ErrorCondition) {
    match condition {
        ErrorCondition::AmqpError(known) => writer.put_symbol(&Symbol::from(known)),
        ErrorCondition::ConnectionError(known) => writer.put_symbol(&Symbol::from(known)),
        ErrorCondition::SessionError(known) => writer.put_symbol(&Symbol::from(known)),
        ErrorCondition::LinkError(known) => writer.put_symbol(&Symbol::from(known)),
        ErrorCondition::TransactionError(known) => writer.put_symbol(&Symbol::from(known)),
        ErrorCondition::Custom(symbol) => writer.put_symbol(symbol),
    }
}
