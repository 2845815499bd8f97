//! Text and bytes that cross the border without changing hands.

use std::ffi::{c_char, CStr};
use std::ptr::null;

use crate::error::sb_error;

/// Text that belongs to an object and is valid as long as it: UTF-8, `len` bytes and then a NUL that is not counted.
/// `ptr` is NULL where there is no text, which is not the same as an empty one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sb_str {
    /// The first byte, or NULL.
    pub ptr: *const c_char,
    /// How many bytes there are.
    pub len: usize,
}

/// Bytes. Those that a function returns belong to an object and are valid as long as it; those that a function is
/// given are copied. No NUL follows them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sb_bytes {
    /// The first byte. May be NULL where there are none.
    pub ptr: *const u8,
    /// How many bytes there are.
    pub len: usize,
}

impl sb_str {
    pub(crate) const NONE: sb_str = sb_str {
        ptr: null(),
        len: 0,
    };
}

impl sb_bytes {
    pub(crate) const NONE: sb_bytes = sb_bytes {
        ptr: null(),
        len: 0,
    };

    pub(crate) fn of(bytes: &[u8]) -> Self {
        // An empty slice of Rust points to no memory, which C's functions do not like to be given.
        let ptr = match bytes {
            [] => c"".as_ptr().cast(),
            _ => bytes.as_ptr(),
        };
        sb_bytes {
            ptr,
            len: bytes.len(),
        }
    }

    /// # Safety
    ///
    /// `ptr` is NULL or points to `len` bytes, which nothing changes during the call.
    pub(crate) unsafe fn read<'a>(self, name: &str) -> Result<&'a [u8], sb_error> {
        if self.len == 0 {
            return Ok(&[]);
        }
        if self.ptr.is_null() {
            return Err(sb_error::invalid_argument(format!(
                "{name} is NULL but {} bytes long",
                self.len
            )));
        }
        // SAFETY: the caller vouches for bytes that are not NULL.
        Ok(unsafe { std::slice::from_raw_parts(self.ptr, self.len) })
    }
}

/// Text with the NUL behind it that C programs expect.
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.push('\0');
        Text(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.strip_suffix('\0').unwrap_or(&self.0)
    }

    pub(crate) fn view(&self) -> sb_str {
        sb_str {
            ptr: self.0.as_ptr().cast(),
            len: self.as_str().len(),
        }
    }
}

/// Reads an argument that is text.
///
/// # Safety
///
/// `text` is NULL or points to bytes that end with a NUL, and nothing changes them during the call.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, sb_error> {
    if text.is_null() {
        return Err(sb_error::invalid_argument(format!("{name} is NULL")));
    }
    // SAFETY: the caller vouches for text that is not NULL.
    unsafe { CStr::from_ptr(text) }
        .to_str()
        .map_err(|_not_utf8| sb_error::invalid_argument(format!("{name} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_with_a_nul_that_is_not_counted() {
        let text = Text::new("a\0b");
        let view = text.view();
        assert_eq!(view.len, 3);
        // SAFETY: `text` is alive, and one byte more than `len` is promised.
        let bytes = unsafe { std::slice::from_raw_parts(view.ptr.cast::<u8>(), view.len + 1) };
        assert_eq!(bytes, b"a\0b\0");
    }

    #[test]
    fn bytes_that_are_null_must_be_none() {
        // SAFETY: NULL is allowed.
        let none = unsafe { sb_bytes::NONE.read("body") };
        assert!(none.is_ok_and(<[u8]>::is_empty), "no bytes are no error");
        let lying = sb_bytes {
            len: 1,
            ..sb_bytes::NONE
        };
        // SAFETY: NULL is allowed.
        let error = unsafe { lying.read("body") }.expect_err("NULL with a length is refused");
        assert_eq!(error.message(), "body is NULL but 1 bytes long");
    }
}
