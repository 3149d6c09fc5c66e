//! What is remembered of correspondents, in a file.

use std::ffi::c_char;
use std::ptr;
#[cfg(feature = "memory")]
use std::sync::Arc;

use mailseal_core::UnixTime;
#[cfg(feature = "memory")]
use mailseal_core::outside::MemoryFile;

use crate::boundary::{Failure, answer, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::{mailseal_input, path_of};
use crate::opener::address;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// What is remembered of correspondents, in a file. It makes findings (`"usually_signed"`, `"key_changed"`, `"lookalike"`),
/// never trust; only a pin is trust.
pub struct mailseal_memory {
    handle: Handle<File>,
}

object!(mailseal_memory, File, 25);

/// Shared with contexts.
#[cfg(feature = "memory")]
pub(crate) type File = Arc<MemoryFile>;
/// There is none.
#[cfg(not(feature = "memory"))]
pub(crate) use absent::File;

/// Opens a file, or makes it; its folder has to be there. `correspondents` are how many it keeps, 0 the usual number.
/// Misuse of a library that was built without the feature `memory`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_memory_open(
    path: *const c_char,
    correspondents: usize,
    memory: *mut *mut mailseal_memory,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let memory = out!(memory)?;
        memory.set(handle::give(open(&path, correspondents)?));
        Ok(MAILSEAL_OK)
    })
}

#[cfg(feature = "memory")]
fn open(path: &std::path::Path, correspondents: usize) -> Result<File, Failure> {
    let file = MemoryFile::open(path)?;
    Ok(Arc::new(if correspondents == 0 { file } else { file.capacity(correspondents) }))
}

#[cfg(not(feature = "memory"))]
fn open(_: &std::path::Path, _: usize) -> Result<File, Failure> {
    Err(Failure::misuse("this libmailseal was built without memory"))
}

/// Ties a certificate to an address, by the whole fingerprint. From then on it is trusted for exactly this address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_memory_pin(
    memory: *const mailseal_memory,
    mailbox: *const c_char,
    fingerprint: *const c_char,
    at: i64,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let memory = borrowed!(call, memory)?;
        let mailbox = address(text!(mailbox)?)?;
        memory.pin(&mailbox, text!(fingerprint)?, UnixTime::from_seconds(at))?;
        Ok(MAILSEAL_OK)
    })
}

/// Takes a pin back, if there is one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_memory_unpin(
    memory: *const mailseal_memory,
    mailbox: *const c_char,
    fingerprint: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let memory = borrowed!(call, memory)?;
        memory.unpin(&address(text!(mailbox)?)?, text!(fingerprint)?)?;
        Ok(MAILSEAL_OK)
    })
}

/// Forgets a correspondent, pins and all, if it is known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_memory_forget(
    memory: *const mailseal_memory,
    mailbox: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let memory = borrowed!(call, memory)?;
        memory.forget(&address(text!(mailbox)?)?)?;
        Ok(MAILSEAL_OK)
    })
}

/// All that is remembered, as JSON. NULL where it cannot be read. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_memory_export(memory: *const mailseal_memory) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| Some(filled(borrowed!(call, memory).ok()?.export().ok()?.as_bytes())))
}

/// Takes in what `mailseal_memory_export` gave; `MAILSEAL_ERROR_MALFORMED` where it is anything else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_memory_import(
    memory: *const mailseal_memory,
    json: *mut mailseal_input,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let json = taken!(json);
        let memory = borrowed!(call, memory)?;
        memory.import(&json?.text()?)?;
        Ok(MAILSEAL_OK)
    })
}

/// Frees it; contexts that have it keep it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_memory_free(memory: *mut mailseal_memory) {
    freed!(memory);
}

/// A file that cannot be, with the functions of one.
#[cfg(not(feature = "memory"))]
mod absent {
    use std::convert::Infallible;

    use mailseal_core::mime::Address;
    use mailseal_core::trust::{Correspondent, Lesson, Memory};
    use mailseal_core::{Error, UnixTime};

    #[derive(Clone)]
    pub(crate) struct File(Infallible);

    impl File {
        pub(crate) fn pin(&self, _: &Address, _: &str, _: UnixTime) -> Result<(), Error> {
            match self.0 {}
        }

        pub(crate) fn unpin(&self, _: &Address, _: &str) -> Result<bool, Error> {
            match self.0 {}
        }

        pub(crate) fn forget(&self, _: &Address) -> Result<bool, Error> {
            match self.0 {}
        }

        pub(crate) fn export(&self) -> Result<String, Error> {
            match self.0 {}
        }

        pub(crate) fn import(&self, _: &str) -> Result<usize, Error> {
            match self.0 {}
        }
    }

    impl Memory for File {
        fn recall(&self, _: &Address) -> Result<Option<Correspondent>, Error> {
            match self.0 {}
        }

        fn alike(&self, _: &[String], _: usize) -> Result<Vec<Correspondent>, Error> {
            match self.0 {}
        }

        fn learn(&self, _: &Lesson) -> Result<(), Error> {
            match self.0 {}
        }
    }
}
