//! All that is logged in this process.

use std::sync::Mutex;

use log::{LevelFilter, Log, Metadata, Record};

static RECORDS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Capture;

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        note(&format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

pub(crate) fn install() {
    log::set_logger(&Capture).expect("the only logger");
    log::set_max_level(LevelFilter::Trace);
}

/// Adds what an application would log: its errors, in both forms.
pub(crate) fn note(record: &str) {
    RECORDS
        .lock()
        .expect("nobody panicked with it")
        .push(record.to_owned());
}

pub(crate) fn records() -> Vec<String> {
    RECORDS.lock().expect("nobody panicked with it").clone()
}
