//! What is read: a letter, a key, certificates.

use std::ffi::{c_char, c_void};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mailseal_core::{Error, Input, Limits, Pushed};

use crate::boundary::{Failure, answer, octets_of_text, status};
use crate::callback::{Userdata, mailseal_finalizer, mailseal_progress_callback, mailseal_read_callback};
use crate::cancel::mailseal_cancel;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::status::{MAILSEAL_ERROR_MALFORMED, MAILSEAL_ERROR_NO_MEMORY, MAILSEAL_OK, mailseal_status};

/// What is read: a letter, a key, certificates. Consumed by the call that reads it, also where that fails. What is
/// wrong with it, that call says.
pub struct mailseal_input {
    handle: Handle<Source>,
}

object!(mailseal_input, Source, 4);

/// Locked for the settings; nobody else has it when it is read.
pub(crate) struct Source(Mutex<Kind>);

enum Kind {
    Whole(Input<'static>),
    /// Not read yet; settings that come before the last piece wait here.
    Pushed(Pushed, Vec<Setting>),
    Failed(Failure),
}

type Setting = Box<dyn FnOnce(Input<'static>) -> Input<'static> + Send>;

impl Source {
    fn new(kind: Kind) -> Self {
        Self(Mutex::new(kind))
    }

    /// As a letter, which may be large.
    pub(crate) fn letter(self) -> Result<Input<'static>, Failure> {
        match self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Kind::Whole(input) => Ok(input),
            Kind::Pushed(pushed, settings) => {
                Ok(settings.into_iter().fold(pushed.into(), |input, setting| setting(input)))
            }
            Kind::Failed(failure) => Err(failure),
        }
    }

    /// As a file of keys or certificates.
    pub(crate) fn octets(self) -> Result<Vec<u8>, Failure> {
        self.within("key_file_bytes", Limits::default().key_file_bytes)
    }

    /// As a document of JSON.
    pub(crate) fn text(self) -> Result<String, Failure> {
        let octets = self.within("memory_bytes", Limits::default().memory_bytes)?;
        let wrong = |_| Failure::new(MAILSEAL_ERROR_MALFORMED, "it is not UTF-8");
        String::from_utf8(octets).map_err(wrong)
    }

    /// As a file of no more octets than a limit. What is in memory is there already.
    pub(crate) fn within(self, name: &'static str, limit: usize) -> Result<Vec<u8>, Failure> {
        Ok(self.letter()?.octets(name, limit)?)
    }

    /// Changes how it is read. What is wrong with it already, the call says that reads it.
    fn set(&self, setting: impl FnOnce(Input<'static>) -> Input<'static> + Send + 'static) {
        let before = std::mem::replace(&mut *self.lock(), Kind::Whole(Input::memory(&[])));
        // An older setting may end in a finalizer of the program, which may call mailseal: not while this is locked.
        let after = match before {
            Kind::Whole(input) => Kind::Whole(setting(input)),
            Kind::Pushed(pushed, mut settings) => {
                settings.push(Box::new(setting));
                Kind::Pushed(pushed, settings)
            }
            failed @ Kind::Failed(_) => failed,
        };
        *self.lock() = after;
    }

    fn lock(&self) -> MutexGuard<'_, Kind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, piece: &[u8]) -> Result<(), Failure> {
        let mut kind = self.lock();
        let Kind::Pushed(pushed, _) = &mut *kind else {
            return Err(Failure::misuse("`input` takes no pieces, or one of them failed"));
        };
        pushed.write_all(piece).map_err(|source| {
            let failed =
                || Failure::from(Error::Io { what: "the spool file".into(), source: source.kind().into() });
            *kind = Kind::Failed(failed());
            failed()
        })
    }
}

/// A path as the system writes it: any octets where the system allows them, otherwise UTF-8.
///
/// # Safety
///
/// As [`octets_of_text`].
pub(crate) unsafe fn path_of(path: *const c_char) -> Result<PathBuf, Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        // SAFETY: the caller's promise.
        let octets = unsafe { octets_of_text(path, "path") }?;
        Ok(PathBuf::from(std::ffi::OsStr::from_bytes(octets)))
    }
    #[cfg(not(unix))]
    // SAFETY: the caller's promise.
    unsafe { crate::boundary::text(path, "path") }.map(PathBuf::from)
}

/// A descriptor of our own for the same file.
pub(crate) fn duplicate(fd: i32) -> Result<File, Failure> {
    if fd < 0 {
        return Err(Failure::misuse("`fd` is negative"));
    }
    #[cfg(unix)]
    {
        use std::os::fd::BorrowedFd;
        // SAFETY: not -1; that it is open, the system says when it is duplicated, at once.
        let owned = unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned();
        owned
            .map(File::from)
            .map_err(|source| Error::Io { what: format!("file descriptor {fd}"), source }.into())
    }
    #[cfg(not(unix))]
    Err(Failure::misuse("file descriptors are not supported on this system"))
}

fn copied(octets: &[u8]) -> Result<Kind, Failure> {
    let mut copy = Vec::new();
    match copy.try_reserve_exact(octets.len()) {
        Ok(()) => copy.extend_from_slice(octets),
        Err(_) => {
            let message = format_args!("no memory for {} octets", octets.len());
            return Err(Failure::new(MAILSEAL_ERROR_NO_MEMORY, message));
        }
    }
    Ok(Kind::Whole(Input::memory(copy)))
}

fn give(kind: impl FnOnce() -> Result<Kind, Failure>) -> *mut mailseal_input {
    answer(ptr::null_mut(), |_| Some(handle::give(Source::new(kind().unwrap_or_else(Kind::Failed)))))
}

/// Octets in memory. They are copied: `data` may go at once. `NULL, 0` is empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_input_memory(data: *const u8, length: usize) -> *mut mailseal_input {
    give(|| octets!(data, length).and_then(copied))
}

/// A file. It is opened by the call that reads it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_input_file(path: *const c_char) -> *mut mailseal_input {
    // SAFETY: the header asks for text that ends in a zero octet, or NULL.
    give(|| unsafe { path_of(path) }.map(|path| Kind::Whole(Input::file(path))))
}

/// A file descriptor, read from where it stands to its end. It is duplicated: `fd` stays yours to close.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_input_fd(fd: i32) -> *mut mailseal_input {
    give(|| duplicate(fd).map(|file| Kind::Whole(Input::pipe(file))))
}

/// What a function reads. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_input_callback(
    read: mailseal_read_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
) -> *mut mailseal_input {
    give(|| {
        let userdata = Userdata::new(userdata, finalizer);
        let read = read.ok_or_else(|| Failure::null("read"))?;
        Ok(Kind::Whole(Input::pipe(Reader { read, userdata })))
    })
}

/// What arrives in pieces, for programs that are told of them: an event loop, a milter. Give each piece to
/// `mailseal_input_write`, then the input to the call that reads it. Held in memory up to 12 MiB, then in one unlinked file
/// that only its owner can read.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_input_push() -> *mut mailseal_input {
    give(|| Ok(Kind::Pushed(Input::push(), Vec::new())))
}

/// Adds a piece, which is copied, to an input of `mailseal_input_push`; misuse with any other. Whether there are too many
/// octets (`"message_bytes"`), the call says that reads it. After a failure the input is not complete: that call says so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_input_write(
    input: *mut mailseal_input,
    data: *const u8,
    length: usize,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        borrowed!(call, input)?.write(octets!(data, length)?)?;
        Ok(MAILSEAL_OK)
    })
}

/// Lets the call that reads the input be ended from any thread by `mailseal_cancel_cancel`, and later ones that read what
/// it opened, such as `mailseal_opened_write`: soon, with `MAILSEAL_ERROR_CANCELLED`, and without a file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_input_set_cancel(
    input: *mut mailseal_input,
    cancel: *const mailseal_cancel,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = borrowed!(call, input)?;
        let cancel = borrowed!(call, cancel)?.clone();
        input.set(move |input| input.cancel(&cancel));
        Ok(MAILSEAL_OK)
    })
}

/// Tells `progress` how far the reading of the input is. `finalizer`, which may be NULL, is called when the input and what
/// was opened of it are freed, also where this call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_input_set_progress(
    input: *mut mailseal_input,
    progress: mailseal_progress_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let userdata = Userdata::new(userdata, finalizer);
        let input = borrowed!(call, input)?;
        let progress = progress.ok_or_else(|| Failure::null("progress"))?;
        let tell = move |read, total: Option<u64>| {
            // SAFETY: the program gave the function for this.
            unsafe { progress(userdata.pointer(), read, total.unwrap_or(u64::MAX)) }
        };
        input.set(|input| input.progress(tell));
        Ok(MAILSEAL_OK)
    })
}

/// Frees an input that no call has consumed. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_input_free(input: *mut mailseal_input) {
    freed!(input);
}

struct Reader {
    read: unsafe extern "C" fn(*mut c_void, *mut u8, usize, *mut usize) -> i32,
    userdata: Userdata,
}

impl Read for Reader {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        if octets.is_empty() {
            return Ok(0);
        }
        let mut length = 0;
        // SAFETY: the program gave the function for this; there is room for as many octets as it is told.
        let status =
            unsafe { (self.read)(self.userdata.pointer(), octets.as_mut_ptr(), octets.len(), &mut length) };
        match status {
            MAILSEAL_OK if length <= octets.len() => Ok(length),
            MAILSEAL_OK => {
                Err(io::Error::other("the read callback says that it read more than there was room for"))
            }
            status => Err(io::Error::other(format!("the read callback returned {status}"))),
        }
    }
}
