//! Whatever a peer sends is read, and what is read can be written and read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| servicebus_amqp::fuzz::inbound_frames(data));
