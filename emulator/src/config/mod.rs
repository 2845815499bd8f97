//! `Config.json` of Microsoft's Service Bus emulator.

mod contents;
mod document;
mod entities;
mod rules;

use std::io;
use std::path::{Path, PathBuf};

use self::contents::{Contents, Found};
use self::document::{Defect, Fields};
use crate::builder::EmulatorBuilder;
use crate::initial_entities::InitialEntity;

impl EmulatorBuilder {
    /// Adds the queues, topics, subscriptions and rules of a `Config.json` of Microsoft's emulator.
    ///
    /// The file is read as .NET reads its configuration: with comments and trailing commas, names in any
    /// case, texts in place of numbers, empty texts as if they were not there. What it says nothing of is
    /// as in Microsoft's emulator: messages live for an hour, are delivered three times, and their ids are
    /// remembered for 20 seconds. Limits are those of the service, and an entity may have any setting that
    /// the service has.
    ///
    /// What is understood and has no effect leads to a warning in the log: another name for the namespace
    /// than `sbemulatorns`, a wish for a log file, a hint to preprocess a rule.
    ///
    /// # Errors
    ///
    /// A file that cannot be read; text that is no JSON; a property that nobody knows, for it would be a
    /// misspelling; a value of the wrong kind; more than one namespace. Values out of range, names that
    /// cannot be, and conditions that cannot be read are found by [`EmulatorBuilder::start`], which names
    /// the place in the file as well.
    pub fn config(mut self, path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let place = |at| Place::new(text, at);
        let contents = read(text).map_err(|Defect { at, reason }| ConfigError::Invalid {
            path: path.to_owned(),
            line: place(at).line,
            column: place(at).column,
            reason,
        })?;
        let name = |at| format!("{}:{}", path.display(), place(at));
        for (at, what) in contents.without_effect {
            log::warn!("{}: {what}", name(at));
        }
        let entities = contents.entities.into_iter();
        let entities = entities.map(|Found { at, entity }| InitialEntity {
            entity,
            place: Some(name(at)),
        });
        self.entities.extend(entities);
        Ok(self)
    }
}

/// Why a `Config.json` cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file could not be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Something in the file is wrong.
    #[error("{}:{line}:{column}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
}

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// The place of a byte.
    fn new(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

fn read(text: &str) -> Result<Contents, Defect> {
    let mut contents = Contents::default();
    let mut file = Fields::of("the file", document::parse(text)?)?;
    // For editors.
    file.take("$schema");
    let mut config = file.needed_object("UserConfig")?;
    file.finish()?;
    if let Some(mut logging) = config.object("Logging")? {
        let wish = logging.needed_text("Type")?;
        logging.finish()?;
        let mut targets = wish.text.split(',').map(str::trim);
        let known = |target: &str| ["File", "Console"].contains(&target);
        if !targets.clone().all(known) {
            let reason = format!("Type is File, Console or both, not {:?}", wish.text);
            return Err(Defect::new(wish.at, reason));
        }
        if targets.any(|target| target == "File") {
            contents.has_no_effect(wish.at, "nothing is logged to a file, only to the logger");
        }
    }
    entities::read(config.list("Namespaces")?, config.at, &mut contents)?;
    config.finish()?;
    Ok(contents)
}

#[cfg(test)]
mod tests;
