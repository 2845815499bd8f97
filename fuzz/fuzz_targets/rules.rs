//! Whatever the text of a rule says, it is read and evaluated without harm.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| servicebus_emulator::fuzz::sql_rules(data));
