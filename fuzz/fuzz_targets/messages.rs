//! Whatever a message holds, filters and actions work on it without harm.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| servicebus_emulator::fuzz::message_sections(data));
