//! Whatever a peer sends on an open connection ends in one report.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| servicebus_amqp::fuzz::endpoint(data));
