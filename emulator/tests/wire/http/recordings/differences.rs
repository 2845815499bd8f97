//! Where the emulator answers otherwise than was recorded, and why that is right.

use super::exchanges::Exchange;

/// A kind of difference: in which files, in which lines.
struct Difference {
    /// What the name of the file begins with.
    file: &'static str,
    /// What the line contains.
    line: &'static str,
    used: bool,
}

/// The differences that are accepted.
pub(super) struct Differences(Vec<Difference>);

/// Each with its reason.
const ACCEPTED: [(&str, &str); 14] = [
    // The wording of 2020; the emulator has that of 2024.
    ("negative/list-claim-is-empty", "Error/Detail"),
    // Tokens are looked at before anything else: the emulator names what is wrong with one.
    ("negative/subscription-get-unauthorized", "Error/"),
    ("negative/subscription-get-unauthorized", "entity tag"),
    ("negative/subscription-get-unauthorized", "media type"),
    // Nobody sends messages while the exchanges are replayed.
    ("queues/runtime-counts", "MessageCount"),
    ("queues/runtime-counts", "SizeInBytes"),
    ("subscriptions/runtime-counts", "MessageCount"),
    ("subscriptions/runtime-counts", "SizeInBytes"),
    // After updates in a wrong order the service of 2020 showed the same elements twice.
    ("queues/runtime-counts", "#2"),
    ("subscriptions/runtime-counts", "#2"),
    // The subscriptions of a topic that is only looked at are not recorded.
    ("topics/get-runtime-properties", "SubscriptionCount"),
    // The service shows an update without an instant as never; its next answer has the instant.
    ("queues/crud-premium", "UpdatedAt = never"),
    ("topics/crud-premium", "UpdatedAt = never"),
    // Java's longest span is a little shorter than .NET's; only together with forwarding does the
    // service replace it.
    ("queues/create-with-forwarding", "AutoDeleteOnIdle"),
];

impl Differences {
    pub(super) fn new() -> Self {
        let of = |(file, line)| Difference {
            file,
            line,
            used: false,
        };
        Self(ACCEPTED.into_iter().map(of).collect())
    }

    /// Whether a line may differ.
    pub(super) fn allow(&mut self, file: &str, _exchange: &Exchange, line: &str) -> bool {
        let mut fitting = self
            .0
            .iter_mut()
            .filter(|known| file.starts_with(known.file) && line.contains(known.line));
        match fitting.next() {
            Some(known) => {
                known.used = true;
                true
            }
            None => false,
        }
    }

    /// Those that no answer needed.
    pub(super) fn unused(&self) -> Vec<(&str, &str)> {
        let unused = self.0.iter().filter(|known| !known.used);
        unused.map(|known| (known.file, known.line)).collect()
    }
}
