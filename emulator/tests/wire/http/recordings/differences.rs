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
const ACCEPTED: [(&str, &str); 0] = [];

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
