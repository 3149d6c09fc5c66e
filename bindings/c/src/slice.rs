//! Borrowed octets.

use std::ptr;

/// Octets that are borrowed: of whose they are, the function says that returned them. Text is UTF-8 and not ended by a
/// zero octet: print it with `"%.*s", (int)slice.length, (const char *)slice.data`. Empty is `{NULL, 0}`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mailseal_slice {
    /// The first octet, or NULL.
    pub data: *const u8,
    /// How many there are.
    pub length: usize,
}

impl mailseal_slice {
    pub(crate) const EMPTY: Self = Self { data: ptr::null(), length: 0 };

    /// Rust's pointer of an empty slice points nowhere; C never sees it.
    pub(crate) fn of(octets: &[u8]) -> Self {
        match octets.is_empty() {
            true => Self::EMPTY,
            false => Self { data: octets.as_ptr(), length: octets.len() },
        }
    }
}
