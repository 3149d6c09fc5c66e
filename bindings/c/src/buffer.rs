//! Octets that mailseal owns: a letter, a text, a password on its way in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{ptr, slice};

use zeroize::{Zeroize, Zeroizing};

use crate::boundary::{Failure, answer, status};
use crate::handle::{self, Handle};
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_ERROR_LENGTH, MAILSEAL_ERROR_NO_MEMORY, MAILSEAL_OK, mailseal_status};

/// Octets that mailseal owns. Wiped when freed.
pub struct mailseal_buffer {
    handle: Handle<Octets>,
}

object!(mailseal_buffer, Octets, 2);

/// Shared with an output that writes into it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Octets(Arc<Mutex<Zeroizing<Vec<u8>>>>);

impl Octets {
    fn lock(&self) -> MutexGuard<'_, Zeroizing<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append(&self, octets: &[u8]) -> Result<(), Failure> {
        let mut held = self.lock();
        let full =
            |_| Failure::new(MAILSEAL_ERROR_NO_MEMORY, format_args!("no memory for {} octets", octets.len()));
        if held.capacity().saturating_sub(held.len()) < octets.len() {
            // The old place is wiped: Vec would just leave it behind.
            let mut larger = Zeroizing::new(Vec::new());
            let wanted = held.len().saturating_add(octets.len()).max(held.capacity().saturating_mul(2));
            larger.try_reserve_exact(wanted).map_err(full)?;
            larger.extend_from_slice(&held);
            // A buffer may be appended to itself: its old place goes when that was read.
            let old = std::mem::replace(&mut *held, larger);
            held.extend_from_slice(octets);
            drop(old);
            return Ok(());
        }
        held.extend_from_slice(octets);
        Ok(())
    }

    /// Appends all of another buffer.
    pub(crate) fn absorb(&self, other: &Self) -> Result<(), Failure> {
        let octets = Zeroizing::new(other.take());
        let mut held = self.lock();
        if held.is_empty() {
            *held = octets;
            return Ok(());
        }
        drop(held);
        self.append(&octets)
    }

    /// All of it, which is then gone from here.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut **self.lock())
    }

    pub(crate) fn slice(&self) -> mailseal_slice {
        mailseal_slice::of(&self.lock())
    }
}

/// A buffer with these octets, for C to free.
pub(crate) fn filled(octets: &[u8]) -> *mut mailseal_buffer {
    let buffer = Octets::default();
    match buffer.append(octets) {
        Ok(()) => handle::give(buffer),
        Err(_) => ptr::null_mut(),
    }
}

/// An empty buffer.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_buffer_new() -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |_| Some(handle::give(Octets::default())))
}

/// Its octets, NULL where there are none. They stay where they are until the buffer is changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_buffer_data(buffer: *const mailseal_buffer) -> *const u8 {
    answer(ptr::null(), |call| Some(borrowed!(call, buffer).ok()?.slice().data))
}

/// How many octets there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_buffer_length(buffer: *const mailseal_buffer) -> usize {
    answer(0, |call| Some(borrowed!(call, buffer).ok()?.slice().length))
}

/// Appends octets, which are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_buffer_append(
    buffer: *mut mailseal_buffer,
    data: *const u8,
    length: usize,
) -> mailseal_status {
    status(ptr::null_mut(), |call| {
        borrowed!(call, buffer)?.append(octets!(data, length)?)?;
        Ok(MAILSEAL_OK)
    })
}

/// Takes a password over: copies the text at `secret`, up to its zero octet or `size` octets, in place of what was in
/// the buffer, then wipes all `size` octets, also where it fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_buffer_take_secret(
    buffer: *mut mailseal_buffer,
    secret: *mut std::ffi::c_char,
    size: usize,
) -> mailseal_status {
    status(ptr::null_mut(), |call| {
        if secret.is_null() {
            return Err(Failure::null("secret"));
        }
        if isize::try_from(size).is_err() {
            return Err(Failure::new(MAILSEAL_ERROR_LENGTH, "`size` is too large"));
        }
        // SAFETY: not NULL, of a size that can be, and the caller's to write.
        let secret = unsafe { slice::from_raw_parts_mut(secret.cast::<u8>(), size) };
        let copied = borrowed!(call, buffer).and_then(|buffer| {
            drop(Zeroizing::new(buffer.take()));
            let text = secret.split(|octet| *octet == 0).next().unwrap_or_default();
            buffer.append(text)
        });
        secret.zeroize();
        copied.map(|()| MAILSEAL_OK)
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_buffer_free(buffer: *mut mailseal_buffer) {
    freed!(buffer);
}

#[cfg(test)]
mod tests {
    use super::Octets;

    #[test]
    fn a_buffer_is_appended_to_itself() {
        let buffer = Octets::default();
        buffer.append(&[7; 1000]).ok();
        let held = buffer.slice();
        // SAFETY: as a C program that gives what `mailseal_buffer_data` gave it.
        let octets = unsafe { std::slice::from_raw_parts(held.data, held.length) };
        buffer.append(octets).ok();
        assert_eq!(buffer.take(), [7; 2000]);
    }
}
