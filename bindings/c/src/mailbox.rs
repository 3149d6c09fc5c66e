//! Many letters in one place.

use std::ffi::c_char;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use mailseal_core::outside::Mailbox;

use crate::boundary::{Failure, status};
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::path_of;
use crate::status::{MAILSEAL_ERROR_MALFORMED, MAILSEAL_OK, mailseal_status};
use crate::stored_message::mailseal_stored_message;

/// The letters of an mbox file, a Maildir (`cur` and `new`), or a folder of `.eml` files, one after the other; of folders,
/// by name.
pub struct mailseal_mailbox {
    handle: Handle<Mutex<Mailbox>>,
}

object!(mailseal_mailbox, Mutex<Mailbox>, 29);

/// Looks at what is there. `MAILSEAL_ERROR_MALFORMED` for a file of one letter: that is an input.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_mailbox_open(
    path: *const c_char,
    mailbox: *mut *mut mailseal_mailbox,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let mailbox = out!(mailbox)?;
        let one = || Failure::new(MAILSEAL_ERROR_MALFORMED, "it is no mbox file and no folder");
        let found = Mailbox::open(path)?.ok_or_else(one)?;
        mailbox.set(handle::give(Mutex::new(found)));
        Ok(MAILSEAL_OK)
    })
}

/// The next letter, yours to free. After the last one `*stored_message` is NULL, with `MAILSEAL_OK`; a failure is not the
/// end, though nothing follows it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_mailbox_next(
    mailbox: *mut mailseal_mailbox,
    stored_message: *mut *mut mailseal_stored_message,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let mailbox = borrowed!(call, mailbox)?;
        let stored_message = out!(stored_message)?;
        let next = mailbox.lock().unwrap_or_else(PoisonError::into_inner).next().transpose()?;
        stored_message.set(next.map_or_else(ptr::null_mut, handle::give));
        Ok(MAILSEAL_OK)
    })
}

/// Frees it; letters of it stay. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_mailbox_free(mailbox: *mut mailseal_mailbox) {
    freed!(mailbox);
}
