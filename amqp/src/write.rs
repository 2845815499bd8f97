//! Writers for performatives, termini, delivery states and list-like sections: by hand, straight
//! into the output buffer. A field that has its default value is written as null or left out.

pub(crate) mod connection;
pub(crate) mod delivery_state;
pub(crate) mod fields;
pub(crate) mod link;
pub(crate) mod message;
pub(crate) mod session;
pub(crate) mod terminus;
pub(crate) mod transfer;

use crate::writer::Writer;

impl Writer<'_> {
    /// A value, or null if it is the default one, which omission means as well.
    fn put_unless_default<T: PartialEq>(
        &mut self,
        value: T,
        default: T,
        put: impl FnOnce(&mut Self, T),
    ) {
        self.put_optional((value != default).then_some(value), put);
    }

    /// True, or null for false.
    fn put_flag(&mut self, flag: bool) {
        self.put_unless_default(flag, false, Self::put_bool);
    }
}
