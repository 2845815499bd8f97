//! Whatever is sent to the management API is created or refused, and answered in XML.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| servicebus_emulator::fuzz::descriptions(data));
