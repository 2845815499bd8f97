//! How a test sets faults on a running emulator.

use super::{Fault, FaultId, InvalidFault};
use crate::emulator::Emulator;
use crate::hub::Hub;

impl Emulator {
    /// Sets a fault.
    ///
    /// # Errors
    ///
    /// The fault names something that its kind does not know, such as the entity of a SASL exchange.
    pub fn inject(&self, fault: Fault) -> Result<FaultId, InvalidFault> {
        self.ask(move |hub| hub.inject(fault))
    }

    /// Takes a fault back; `false` if it is not set. What it has delayed stays delayed.
    pub fn clear(&self, fault: FaultId) -> bool {
        self.ask(move |hub| hub.clear_fault(fault))
    }

    /// Takes every fault back.
    pub fn clear_faults(&self) {
        self.ask(Hub::clear_faults);
    }

    /// How often a fault has acted; `None` if it is not set. Of one that lasts, such as a latency, it is
    /// how often a connection has met it.
    pub fn hits(&self, fault: FaultId) -> Option<u64> {
        self.ask(move |hub| hub.faults.hits(fault))
    }
}
