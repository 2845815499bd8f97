//! What real peers send in place of what a field asks for, and what is refused all the same.
#![expect(clippy::panic, reason = "what surprises a test ends it")]

use serde_amqp::primitives::Symbol;
use serde_amqp::Value;
use servicebus_amqp::performative::{read_performative, Performative};
use servicebus_amqp::types::messaging::TargetArchetype;

mod hex;

use hex::{composite, compound, hex};

fn performative_of(text: &str) -> Performative {
    let bytes = hex(text);
    match read_performative(&bytes) {
        Ok((performative, extent)) if extent == bytes.len() => performative,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn list0_and_omitted_fields_mean_defaults() {
    let disposition = performative_of(&composite(0x15, 2, "42 43"));
    let Performative::Disposition(disposition) = disposition else {
        panic!("{disposition:?}");
    };
    assert!(!disposition.settled && disposition.state.is_none());

    let close = performative_of("00 53 18 45");
    assert!(
        matches!(&close, Performative::Close(close) if close.error.is_none()),
        "{close:?}"
    );
    let attach = performative_of(&composite(0x12, 7, "a1 01 6c 43 42 40 40 40 00 53 29 45"));
    let Performative::Attach(attach) = attach else {
        panic!("{attach:?}");
    };
    let target = attach.target.as_deref();
    assert!(
        matches!(target, Some(TargetArchetype::Target(target)) if target.address.is_none()),
        "{target:?}"
    );
}

#[test]
fn a_mandatory_field_that_is_missing_is_named() {
    let told = |text| read_performative(&hex(text)).unwrap_err().to_string();
    assert_eq!(
        told("00 53 14 45"),
        "transfer lacks its mandatory field handle"
    );
    assert_eq!(
        told("00 53 11 c0 04 03 40 43 43"),
        "begin lacks its mandatory field outgoing-window"
    );
    assert_eq!(
        told("00 53 16 c0 0a 03 43 41 00 53 1d c0 02 01 40"),
        "detach.error: error lacks its mandatory field condition"
    );
}

#[test]
fn descriptors_may_be_wide_or_symbolic() {
    let wide = performative_of("00 80 0000000000000017 45");
    assert!(matches!(wide, Performative::End(_)), "{wide:?}");
    let named = performative_of("00 a3 0d 616d71703a656e643a6c697374 45");
    assert!(matches!(named, Performative::End(_)), "{named:?}");
    let error = read_performative(&hex("00 44 45")).unwrap_err();
    assert_eq!(error.to_string(), "descriptor 0x0 is not a performative");
}

#[test]
fn integers_may_have_any_width_that_holds_them() {
    // handle as ulong, delivery-id as int, message-format as ubyte.
    let transfer = performative_of(&composite(0x14, 4, "80 0000000000000003 54 05 40 50 00"));
    let Performative::Transfer(transfer) = transfer else {
        panic!("{transfer:?}");
    };
    assert_eq!(transfer.handle.0, 3);
    assert_eq!(transfer.delivery_id, Some(5));
    assert_eq!(transfer.message_format, Some(0));
    let negative = read_performative(&hex("00 53 14 c0 03 01 54 ff")).unwrap_err();
    assert_eq!(
        negative.to_string(),
        "transfer.handle: expected an unsigned 32-bit integer"
    );
}

#[test]
fn one_symbol_may_stand_for_an_array_of_one() {
    let open = performative_of(&composite(0x10, 6, "a1 01 61 40 40 40 40 a1 02 656e"));
    let Performative::Open(open) = open else {
        panic!("{open:?}");
    };
    let locales = open.outgoing_locales.unwrap();
    assert_eq!(locales.0, [Symbol::from("en")]);
}

#[test]
fn an_unknown_default_outcome_does_not_fail_the_attach() {
    let source = composite(0x28, 9, "a1 01 71 40 40 40 40 40 40 40 00 53 ee 45");
    let attach = performative_of(&composite(
        0x12,
        6,
        &format!("a1 01 6c 43 41 40 40 {source}"),
    ));
    let Performative::Attach(attach) = attach else {
        panic!("{attach:?}");
    };
    let source = attach.source.unwrap();
    assert_eq!(source.address.as_deref(), Some("q"));
    assert_eq!(source.default_outcome, None);
}

#[test]
fn an_unknown_delivery_state_is_an_error() {
    let error =
        read_performative(&hex(&composite(0x15, 5, "42 43 40 41 00 53 ee 45"))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "disposition.state: descriptor 0xee is not a delivery state"
    );
}

#[test]
fn filters_may_be_described_bare_or_null() {
    // {"a": described(1, "x"), "b": 5, "c": null}
    let filter = compound(
        0xc1,
        6,
        "a3 01 61 00 53 01 a1 01 78 a3 01 62 55 05 a3 01 63 40",
    );
    let source = composite(0x28, 8, &format!("40 40 40 40 40 40 40 {filter}"));
    let attach = performative_of(&composite(
        0x12,
        6,
        &format!("a1 01 6c 43 41 40 40 {source}"),
    ));
    let Performative::Attach(attach) = attach else {
        panic!("{attach:?}");
    };
    let filter = attach.source.unwrap().filter.unwrap();
    assert!(
        matches!(filter.get("a"), Some(Value::Described(_))),
        "{filter:?}"
    );
    assert_eq!(filter.get("b"), Some(&Value::Long(5)));
    assert_eq!(filter.get("c"), Some(&Value::Null));
}
