//! Objects as C holds them: pointers to boxes. Nowhere else is such a pointer made or followed.

use std::ptr::{null_mut, NonNull};

use crate::error::sb_error;

/// Lends the object behind a handle for one call.
///
/// # Safety
///
/// `handle` is NULL or came from an [`Out`] and is not freed; the call that lends it ends before it
/// is freed, and nothing changes the object meanwhile.
pub(crate) unsafe fn lend<'a, T>(handle: *const T, name: &str) -> Result<&'a T, sb_error> {
    // SAFETY: the caller vouches for a handle that is not NULL.
    unsafe { look(handle) }.ok_or_else(|| is_null(name))
}

/// Lends the object behind a handle to change it.
///
/// # Safety
///
/// As for [`lend`], and nothing else uses the object during the call.
pub(crate) unsafe fn lend_mut<'a, T>(handle: *mut T, name: &str) -> Result<&'a mut T, sb_error> {
    // SAFETY: the caller vouches for a handle that is not NULL.
    unsafe { handle.as_mut() }.ok_or_else(|| is_null(name))
}

/// Lends the object behind a handle that may be NULL.
///
/// # Safety
///
/// As for [`lend`].
pub(crate) unsafe fn look<'a, T>(handle: *const T) -> Option<&'a T> {
    // SAFETY: the caller vouches for a handle that is not NULL.
    unsafe { handle.as_ref() }
}

/// The objects of an array of handles, none of which may be NULL.
///
/// # Safety
///
/// `handles` is NULL or points to `count` handles; each is as for [`lend`].
pub(crate) unsafe fn lend_all<'a, T>(
    handles: *const *mut T,
    count: usize,
    name: &str,
) -> Result<Vec<&'a T>, sb_error> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if handles.is_null() {
        return Err(is_null(name));
    }
    // SAFETY: the caller vouches for an array that is not NULL.
    let handles = unsafe { std::slice::from_raw_parts(handles, count) };
    handles
        .iter()
        // SAFETY: the caller vouches for each handle.
        .map(|handle| unsafe { lend(*handle, name) })
        .collect()
}

/// Ends the life of an object.
///
/// # Safety
///
/// `handle` is NULL or came from an [`Out`]; nothing uses it now or later.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: every handle is the address of a box that an `Out` gave away.
        drop(unsafe { Box::from_raw(handle) });
    }
}

/// A place of the caller's for a new object; NULL until it is filled.
pub(crate) struct Out<T>(NonNull<*mut T>);

impl<T> Out<T> {
    /// # Safety
    ///
    /// `place` is NULL or may be written during the call.
    pub(crate) unsafe fn required(place: *mut *mut T, name: &str) -> Result<Self, sb_error> {
        // SAFETY: the caller vouches for a place that is not NULL.
        unsafe { Self::optional(place) }.ok_or_else(|| is_null(name))
    }

    /// # Safety
    ///
    /// As for [`required`](Out::required).
    pub(crate) unsafe fn optional(place: *mut *mut T) -> Option<Self> {
        let place = NonNull::new(place)?;
        // SAFETY: the caller vouches for a place that is not NULL.
        unsafe { place.write(null_mut()) };
        Some(Out(place))
    }

    /// Gives an object to the caller, who frees it.
    pub(crate) fn fill(self, object: T) {
        // SAFETY: whoever made this vouched for the place until the call returns.
        unsafe { self.0.write(Box::into_raw(Box::new(object))) };
    }
}

fn is_null(name: &str) -> sb_error {
    sb_error::invalid_argument(format!("{name} is NULL"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::SB_INVALID_ARGUMENT;

    #[test]
    fn an_object_goes_out_is_lent_and_freed() {
        let mut place = NonNull::<String>::dangling().as_ptr();
        // SAFETY: `place` is a local variable.
        let out = unsafe { Out::required(&mut place, "out") }.expect("a place");
        assert!(place.is_null(), "a place is NULL until it is filled");
        out.fill("hello".to_owned());
        // SAFETY: the handle came from an `Out` just now.
        let text = unsafe { lend(place, "text") }.expect("an object");
        assert_eq!(text, "hello");
        // SAFETY: as above, and nothing uses it later.
        unsafe { free(place) };
    }

    #[test]
    fn null_is_refused_by_name() {
        // SAFETY: NULL is allowed.
        let error = unsafe { lend::<String>(null_mut(), "message") }.expect_err("NULL is refused");
        assert_eq!(error.code(), SB_INVALID_ARGUMENT);
        assert_eq!(error.message(), "message is NULL");
    }
}
