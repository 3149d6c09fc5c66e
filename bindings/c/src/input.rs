//! What is read: a letter, a key, certificates.

use std::ffi::{c_char, c_void};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::ptr;

use mailseal_core::{Error, Input, Limits};

use crate::boundary::{Failure, answer, octets_of_text};
use crate::callback::{Userdata, mailseal_finalizer, mailseal_read_callback};
use crate::handle::{self, Handle};
use crate::status::{MAILSEAL_ERROR_NO_MEMORY, MAILSEAL_OK};

/// What is read: a letter, a key, certificates. Consumed by the call that reads it, also where that fails. What is
/// wrong with it, that call says.
pub struct mailseal_input {
    handle: Handle<Source>,
}

object!(mailseal_input, Source, 4);

pub(crate) enum Source {
    Memory(Vec<u8>),
    File(PathBuf),
    Pipe(Box<dyn Read + Send>),
    Failed(Failure),
}

impl Source {
    /// As a letter, which may be large.
    pub(crate) fn letter(self) -> Result<Input<'static>, Failure> {
        match self {
            Self::Memory(octets) => Ok(Input::memory(octets)),
            Self::File(path) => Ok(Input::file(path)),
            Self::Pipe(reader) => Ok(Input::pipe(reader)),
            Self::Failed(failure) => Err(failure),
        }
    }

    /// As a file of keys or certificates.
    pub(crate) fn octets(self) -> Result<Vec<u8>, Failure> {
        self.within("key_file_bytes", Limits::default().key_file_bytes)
    }

    /// As a file of no more octets than a limit. What is in memory is there already.
    pub(crate) fn within(self, limit_name: &'static str, limit: usize) -> Result<Vec<u8>, Failure> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let failed = |what: String| move |source| Failure::from(Error::Io { what, source });
        let (name, reader): (String, Box<dyn Read>) = match self {
            Self::Memory(octets) => return Ok(octets),
            Self::File(path) => {
                let name = path.display().to_string();
                let file = File::open(&path).map_err(failed(name.clone()))?;
                (name, Box::new(file))
            }
            Self::Pipe(reader) => ("the input".into(), reader),
            Self::Failed(failure) => return Err(failure),
        };
        let mut octets = Vec::new();
        reader.take(limit.saturating_add(1)).read_to_end(&mut octets).map_err(failed(name))?;
        match u64::try_from(octets.len()) {
            Ok(length) if length <= limit => Ok(octets),
            _ => Err(Error::Limit { name: limit_name, limit }.into()),
        }
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

fn copied(octets: &[u8]) -> Result<Source, Failure> {
    let mut copy = Vec::new();
    match copy.try_reserve_exact(octets.len()) {
        Ok(()) => copy.extend_from_slice(octets),
        Err(_) => {
            let message = format_args!("no memory for {} octets", octets.len());
            return Err(Failure::new(MAILSEAL_ERROR_NO_MEMORY, message));
        }
    }
    Ok(Source::Memory(copy))
}

fn give(source: impl FnOnce() -> Result<Source, Failure>) -> *mut mailseal_input {
    answer(ptr::null_mut(), |_| Some(handle::give(source().unwrap_or_else(Source::Failed))))
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
    give(|| unsafe { path_of(path) }.map(Source::File))
}

/// A file descriptor, read from where it stands to its end. It is duplicated: `fd` stays yours to close.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_input_fd(fd: i32) -> *mut mailseal_input {
    give(|| duplicate(fd).map(|file| Source::Pipe(Box::new(file))))
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
        Ok(Source::Pipe(Box::new(Reader { read, userdata })))
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
