//! What lying lengths and counts cost in memory: nothing to speak of. A process of its own, as it counts every byte.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use peak_alloc::PeakAlloc;
use servicebus_amqp::framing::{write_frame, FrameKind};
use servicebus_amqp::fuzz::message_sections;
use servicebus_amqp::protocol_header::ProtocolHeader;
use servicebus_amqp::value::read_value;
use servicebus_amqp::walker::Element;
use servicebus_amqp::{Cause, Connection, ConnectionOptions, Event};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Far less than any of the lies asks for, more than the errors and events that answer them.
const LITTLE: usize = 16 * 1024;

/// Values whose size or count claims up to four gigabytes.
const LIES: [&[u8]; 12] = [
    b"\xb0\x40\x00\x00\x00\x61",
    b"\xb1\x40\x00\x00\x00\x61",
    b"\xb3\x7f\xff\xff\xff\x61",
    b"\xd0\x40\x00\x00\x00\x40\x00\x00\x00",
    b"\xd0\x00\x00\x00\x05\xff\xff\xff\xff\x40",
    b"\xd1\x00\x00\x00\x06\xff\xff\xff\xfe\x40\x40",
    b"\xf0\x40\x00\x00\x00\x40\x00\x00\x00\x40",
    b"\xf0\x00\x00\x00\x06\xff\xff\xff\xff\x50\x01",
    b"\xf0\x00\x00\x00\x05\xff\xff\xff\xff\x40",
    b"\xf0\x00\x00\x00\x09\x00\x00\x00\x02\xb0\x7f\xff\xff\xff",
    b"\xc0\x05\x01\xb0\x40\x00\x00\x00",
    b"\x00\xb0\x40\x00\x00\x00\x61",
];

fn peak_of(work: impl FnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    work();
    MEMORY.peak_usage().saturating_sub(before)
}

#[test]
fn a_lie_about_a_size_costs_no_memory() {
    for lie in LIES {
        let cost = peak_of(|| {
            let read = Element::parse_whole(lie).and_then(|element| read_value(&element));
            assert!(read.is_err(), "{lie:02x?}: {read:?}");
        });
        assert!(cost < LITTLE, "{lie:02x?}, a value: {cost} bytes");

        let section = Bytes::from([b"\x00\x53\x77", lie].concat());
        let cost = peak_of(|| message_sections(&section));
        assert!(cost < LITTLE, "{lie:02x?}, a message body: {cost} bytes");

        for descriptor in 0x10..=0x18 {
            assert_endpoint_stays_small(&[&[0x00, 0x53, descriptor], lie].concat());
        }
    }
}

fn assert_endpoint_stays_small(performative: &[u8]) {
    let now = Instant::now();
    let mut connection = Connection::server(ConnectionOptions::default(), &[], now);
    let mut input = BytesMut::new();
    input.extend_from_slice(&ProtocolHeader::Amqp.octets());
    let framed = write_frame(&mut input, FrameKind::Amqp, 0, |out| {
        out.extend_from_slice(performative);
        Ok(())
    });
    assert_eq!(framed, Ok(()));
    let cost = peak_of(|| connection.handle_input(now, &mut input));
    let events: Vec<_> = std::iter::from_fn(|| connection.poll_event()).collect();
    assert!(
        cost < LITTLE,
        "{performative:02x?}: {cost} bytes, {events:?}"
    );
    let refused = matches!(
        events[..],
        [Event::Closed {
            cause: Cause::Protocol(_)
        }]
    );
    assert!(refused, "{performative:02x?}: {events:?}");
}
