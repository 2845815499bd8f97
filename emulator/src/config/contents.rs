//! What was read of a file.

use crate::initial_entities::NewEntity;

/// What a file asks for; places are bytes of its text.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) entities: Vec<Found>,
    /// What is understood and has no effect.
    pub(super) without_effect: Vec<(usize, String)>,
}

/// An entity, and where the file has it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) entity: NewEntity,
}

impl Contents {
    pub(super) fn add(&mut self, at: usize, entity: NewEntity) {
        self.entities.push(Found { at, entity });
    }

    pub(super) fn has_no_effect(&mut self, at: usize, what: impl Into<String>) {
        self.without_effect.push((at, what.into()));
    }
}
