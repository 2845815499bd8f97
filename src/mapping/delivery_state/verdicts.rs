//! What is sent for each settlement, and what each answer to it means.

use servicebus_amqp::types::messaging::Released;

use super::*;
use crate::model::options::{AbandonOptions, DeferOptions};

fn rejected(condition: &str) -> DeliveryState {
    let condition = ErrorCondition::Custom(Symbol::from(condition));
    DeliveryState::Rejected(Rejected {
        error: Some(definitions::Error::from(condition)),
    })
}

fn bare_rejected() -> DeliveryState {
    DeliveryState::Rejected(Rejected { error: None })
}

fn modified() -> DeliveryState {
    DeliveryState::Modified(Modified {
        delivery_failed: None,
        undeliverable_here: None,
        message_annotations: None,
    })
}

fn dispositions() -> [(Disposition, DeliveryState); 4] {
    [
        (Disposition::Complete, DeliveryState::Accepted(Accepted {})),
        (Disposition::Abandon(AbandonOptions::new()), modified()),
        (Disposition::Defer(DeferOptions::new()), modified()),
        (
            Disposition::DeadLetter(DeadLetterOptions::new()),
            bare_rejected(),
        ),
    ]
}

#[test]
fn the_same_kind_of_outcome_confirms() {
    for (disposition, answer) in dispositions() {
        confirm_disposition(&disposition, Some(&answer))
            .unwrap_or_else(|error| panic!("{disposition:?} answered {answer:?}: {error}"));
    }
}

#[test]
fn a_rejection_with_an_error_refuses_also_a_dead_lettering() {
    for (disposition, _) in dispositions() {
        let answer = rejected("com.microsoft:message-lock-lost");
        let error = confirm_disposition(&disposition, Some(&answer)).expect_err("it is refused");
        assert_eq!(error.kind(), ErrorKind::MessageLockLost, "{disposition:?}");
        assert!(!error.is_outcome_unknown());
    }
}

#[test]
fn another_outcome_or_none_leaves_it_unknown() {
    for (disposition, _) in dispositions() {
        for answer in [Some(&DeliveryState::Released(Released {})), None] {
            let error = confirm_disposition(&disposition, answer).expect_err("it is no answer");
            assert!(
                error.is_outcome_unknown(),
                "{disposition:?} answered {answer:?}"
            );
        }
    }
}

#[test]
fn a_send_is_done_only_when_accepted() {
    confirm_send(Some(&DeliveryState::Accepted(Accepted {}))).expect("it is accepted");
    let refused = confirm_send(Some(&rejected("amqp:link:message-size-exceeded")));
    assert_eq!(
        refused.expect_err("refused").kind(),
        ErrorKind::MessageSizeExceeded
    );
    let returned = confirm_send(Some(&DeliveryState::Released(Released {})));
    assert!(returned.expect_err("handed back").is_retryable());
    assert!(confirm_send(None)
        .expect_err("no verdict")
        .is_outcome_unknown());
}

#[test]
fn dead_lettering_carries_reason_description_and_properties() {
    let options = DeadLetterOptions::new()
        .with_reason("bad")
        .with_error_description("cannot be parsed")
        .with_property("attempt", 3);
    let state = delivery_state(&Disposition::DeadLetter(options)).expect("it can be sent");
    let DeliveryState::Rejected(Rejected { error: Some(error) }) = state else {
        panic!("{state:?} is no rejection with an error");
    };
    assert_eq!(
        error.condition,
        ErrorCondition::Custom(Symbol::from("com.microsoft:dead-letter"))
    );
    let info: Vec<_> = error.info.iter().flat_map(|info| info.iter()).collect();
    assert_eq!(
        info,
        [
            (&Symbol::from("attempt"), &Value::Int(3)),
            (
                &Symbol::from("DeadLetterReason"),
                &Value::String("bad".into())
            ),
            (
                &Symbol::from("DeadLetterErrorDescription"),
                &Value::String("cannot be parsed".into())
            ),
        ]
    );
}

#[test]
fn abandoning_counts_the_delivery_and_carries_properties() {
    let options = AbandonOptions::new().with_property("attempt", 3);
    let state = delivery_state(&Disposition::Abandon(options)).expect("it can be sent");
    let DeliveryState::Modified(modified) = state else {
        panic!("{state:?} is no modification")
    };
    assert_eq!(
        (modified.delivery_failed, modified.undeliverable_here),
        (Some(true), Some(false))
    );
    let properties = modified.message_annotations.expect("properties are sent");
    assert_eq!(
        properties.get(&Symbol::from("attempt")),
        Some(&Value::Int(3))
    );
}

#[test]
fn a_deferred_message_is_undeliverable_on_the_link() {
    let options = DeferOptions::new().with_property("waits-for", "payment");
    let state = delivery_state(&Disposition::Defer(options)).expect("it can be sent");
    let DeliveryState::Modified(modified) = state else {
        panic!("{state:?} is no modification")
    };
    assert_eq!(modified.undeliverable_here, Some(true));
    let properties = modified.message_annotations.expect("properties are sent");
    assert_eq!(
        properties.get(&Symbol::from("waits-for")),
        Some(&Value::String("payment".into()))
    );
}

#[test]
fn what_the_service_would_not_take_is_refused_before() {
    let long = "x".repeat(4_097);
    let dispositions = [
        Disposition::DeadLetter(DeadLetterOptions::new().with_reason(long.as_str())),
        Disposition::DeadLetter(DeadLetterOptions::new().with_error_description(long.as_str())),
        Disposition::Abandon(AbandonOptions::new().with_property("l", AmqpValue::List(vec![]))),
        Disposition::Defer(DeferOptions::new().with_property("l", AmqpValue::List(vec![]))),
    ];
    for disposition in dispositions {
        let error = delivery_state(&disposition).expect_err("it must be refused");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}
