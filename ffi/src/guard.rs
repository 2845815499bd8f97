//! The outermost layer of every function: no panic leaves it, and errors become what C sees.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

use crate::error::sb_error;
use crate::handle::Out;
use crate::status::sb_status;

/// Runs the body of a function that can fail.
///
/// What a panicking body leaves behind is not torn: shared objects keep their state behind their own
/// locks, others are replaced as a whole.
pub(crate) fn fallible(
    error: Option<Out<sb_error>>,
    body: impl FnOnce() -> Result<sb_status, sb_error>,
) -> sb_status {
    let outcome = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|panic| Err(sb_error::internal(panic_text(panic.as_ref()))));
    outcome.unwrap_or_else(|failure| {
        let status = failure.code();
        if let Some(error) = error {
            error.fill(failure);
        }
        status
    })
}

/// Runs the body of a function that cannot fail; where it panics all the same, it returns `fallback`.
pub(crate) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("of unknown cause"))
}

#[cfg(test)]
mod tests {
    use std::ptr::null_mut;

    use super::*;
    use crate::handle;
    use crate::status::{SB_INTERNAL, SB_OK};

    fn out(place: &mut *mut sb_error) -> Option<Out<sb_error>> {
        // SAFETY: `place` outlives the calls below.
        unsafe { Out::optional(place) }
    }

    #[test]
    fn a_panic_is_an_internal_error_with_its_text() {
        let mut error = null_mut();
        let status = fallible(out(&mut error), || panic!("broken {}", 7));
        assert_eq!(status, SB_INTERNAL);
        // SAFETY: `fallible` filled the place.
        let detail = unsafe { handle::lend(error, "error") }.expect("an error object");
        assert_eq!(detail.message(), "panic: broken 7");
        // SAFETY: as above, and nothing uses it later.
        unsafe { handle::free(error) };
    }

    #[test]
    fn success_leaves_the_error_null() {
        let mut error = null_mut();
        assert_eq!(fallible(out(&mut error), || Ok(SB_OK)), SB_OK);
        assert!(error.is_null(), "no error object after success");
    }

    #[test]
    fn a_panicking_getter_returns_its_fallback() {
        assert_eq!(infallible(3, || panic!("broken")), 3);
    }
}
