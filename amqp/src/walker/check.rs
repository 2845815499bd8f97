//! Looking at a whole value at once, for those who build trees from it afterwards.

use super::{Element, Kind, MAX_DEPTH, MAX_ZERO_WIDTH_ELEMENTS};
use crate::error::DecodeError;

impl Element<'_> {
    /// Checks the value with everything in it: well-formed, nested at most [`MAX_DEPTH`] deep, and
    /// no larger, when each element of an array is written out with its own constructor, than its
    /// encoding can justify (16 times its bytes, plus [`MAX_ZERO_WIDTH_ELEMENTS`]).
    ///
    /// Without that last rule, arrays of elements without width nested in each other make billions
    /// of values from one megabyte, and a long descriptor shared by many short elements makes
    /// gigabytes.
    pub fn check(&self) -> Result<(), DecodeError> {
        check(self, MAX_DEPTH, &mut Allowance::of(self))
    }
}

/// How much a tree built from an element may still grow, in bytes.
pub(crate) struct Allowance(usize);

impl Allowance {
    pub(crate) fn of(element: &Element<'_>) -> Self {
        let written_out = element.encoded_len().saturating_mul(16);
        Self(written_out.saturating_add(MAX_ZERO_WIDTH_ELEMENTS))
    }

    /// Spends what `element` itself takes: one for being there, and its bytes unless those are
    /// elements which will be spent for one by one.
    pub(crate) fn spend(
        &mut self,
        element: &Element<'_>,
        kind: &Kind<'_>,
    ) -> Result<(), DecodeError> {
        let bytes = match kind {
            Kind::List(_) | Kind::Map(_) | Kind::Array(_) | Kind::Described(..) => 0,
            _ => element.data().len(),
        };
        let left = self.0.checked_sub(bytes + 1);
        self.0 = left.ok_or(DecodeError::TooManyElements)?;
        Ok(())
    }
}

fn check(
    element: &Element<'_>,
    depth: usize,
    allowance: &mut Allowance,
) -> Result<(), DecodeError> {
    let kind = element.kind()?;
    allowance.spend(element, &kind)?;
    let inner_depth = || depth.checked_sub(1).ok_or(DecodeError::TooDeep);
    match kind {
        Kind::List(elements) | Kind::Map(elements) | Kind::Array(elements) => {
            let depth = inner_depth()?;
            for inner in elements {
                check(&inner?, depth, allowance)?;
            }
            Ok(())
        }
        Kind::Described(descriptor, value) => {
            let depth = inner_depth()?;
            check(&descriptor, depth, allowance)?;
            check(&value, depth, allowance)
        }
        _ => Ok(()),
    }
}
