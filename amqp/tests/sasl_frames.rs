//! SASL frames are read as real peers write them, and give nothing secret away.

use bytes::BytesMut;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sasl::{read_sasl, write_sasl, SaslCode, SaslFrame};

mod hex;

use hex::{composite, hex};

fn read(text: &str) -> Result<SaslFrame, DecodeError> {
    read_sasl(&hex(text))
}

#[test]
fn each_frame_is_read_as_it_was_written() {
    let frames = [
        SaslFrame::Mechanisms(vec!["ANONYMOUS".into(), "PLAIN".into()]),
        SaslFrame::Init {
            mechanism: "PLAIN".into(),
            initial_response: Some(b"\0user\0secret".to_vec()),
            hostname: Some("ns.servicebus.windows.net".into()),
        },
        SaslFrame::Challenge(b"why".to_vec()),
        SaslFrame::Response(b"because".to_vec()),
        SaslFrame::Outcome {
            code: SaslCode::SysTemp,
            additional_data: None,
        },
    ];
    for frame in frames {
        let mut out = BytesMut::new();
        write_sasl(&frame, &mut out).unwrap();
        assert_eq!(read_sasl(&out), Ok(frame));
    }
}

#[test]
fn one_mechanism_may_be_offered_without_an_array() {
    let offer = read(&composite(0x40, 1, "a3 05 504c41494e"));
    assert_eq!(offer, Ok(SaslFrame::Mechanisms(vec!["PLAIN".into()])));
}

#[test]
fn an_outcome_that_is_not_defined_is_refused() {
    let error = read(&composite(0x44, 1, "50 09")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "sasl-outcome.code: value is none of those defined for code"
    );
}

#[test]
fn a_frame_has_no_payload() {
    assert_eq!(
        read("00 53 44 c0 03 01 50 00 40"),
        Err(DecodeError::TrailingBytes(1))
    );
}

#[test]
fn responses_are_not_printed() {
    let init = SaslFrame::Init {
        mechanism: "PLAIN".into(),
        initial_response: Some(b"secret".to_vec()),
        hostname: None,
    };
    let printed = format!("{init:?} {:?}", SaslFrame::Response(b"secret".to_vec()));
    assert!(printed.contains("PLAIN"), "{printed}");
    let secret = format!("{:?}", b"secret");
    assert!(
        !printed.contains(secret.trim_matches(['[', ']'])),
        "{printed}"
    );
}
