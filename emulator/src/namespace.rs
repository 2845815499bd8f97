//! The one namespace that an emulator has.

/// Its name, as Microsoft's emulator calls it; descriptions of errors and entities show it.
pub(crate) const NAME: &str = "sbemulatorns";
