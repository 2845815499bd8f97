//! Whatever a message holds is walked through without harm.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| servicebus_amqp::fuzz::message_sections(data));
