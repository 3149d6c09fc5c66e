//! Where a letter goes.

use std::ffi::{c_char, c_void};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::ptr;

use mailseal_core::Error;

use crate::boundary::{Failure, answer};
use crate::buffer::{Octets, mailseal_buffer};
use crate::callback::{Userdata, mailseal_finalizer, mailseal_write_callback};
use crate::handle::{self, Handle};
use crate::input::{duplicate, path_of};
use crate::slice::mailseal_slice;
use crate::status::MAILSEAL_OK;

/// Where a letter goes. Consumed by the call that writes it, also where that fails. Files and buffers get all of it or
/// nothing; of descriptors and functions, what was written before a failure is worthless.
pub struct mailseal_output {
    handle: Handle<Sink>,
}

object!(mailseal_output, Sink, 5);

pub(crate) enum Sink {
    File(PathBuf),
    Buffer(Octets),
    /// Written in large pieces: each may be a call into the system or the program.
    Stream(BufWriter<Box<dyn Write + Send>>),
    Failed(Failure),
}

impl Sink {
    /// Writes by one of the two ways that the Rust API has: a file by its path, anything else as a stream.
    pub(crate) fn deliver<T>(
        self,
        what: T,
        save: impl FnOnce(T, &Path) -> Result<(), Error>,
        write: impl FnOnce(T, &mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Failure> {
        match self {
            Self::File(path) => Ok(save(what, &path)?),
            Self::Buffer(buffer) => {
                let mut whole = Whole(Octets::default());
                write(what, &mut whole)?;
                buffer.absorb(&whole.0)
            }
            Self::Stream(mut stream) => {
                let flushed = |source| Error::Io { what: "writing the letter".into(), source };
                let written = write(what, &mut stream).and_then(|()| stream.flush().map_err(flushed));
                // What is left after a failure stays unwritten.
                drop(stream.into_parts());
                Ok(written?)
            }
            Self::Failed(failure) => Err(failure),
        }
    }
}

/// A letter that is not complete yet.
struct Whole(Octets);

impl Write for Whole {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.append(octets).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn stream(to: impl Write + Send + 'static) -> Sink {
    Sink::Stream(BufWriter::with_capacity(0x10000, Box::new(to)))
}

fn give(sink: impl FnOnce() -> Result<Sink, Failure>) -> *mut mailseal_output {
    answer(ptr::null_mut(), |_| Some(handle::give(sink().unwrap_or_else(Sink::Failed))))
}

/// A file, which appears when all of it is there, or not at all. An older one is replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_output_file(path: *const c_char) -> *mut mailseal_output {
    // SAFETY: the header asks for text that ends in a zero octet, or NULL.
    give(|| unsafe { path_of(path) }.map(Sink::File))
}

/// A file descriptor. It is duplicated: `fd` stays yours to close.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_output_fd(fd: i32) -> *mut mailseal_output {
    give(|| duplicate(fd).map(stream))
}

/// A buffer, to which all of it is appended, or nothing. The buffer stays yours.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_output_buffer(buffer: *mut mailseal_buffer) -> *mut mailseal_output {
    answer(ptr::null_mut(), |call| {
        let sink = borrowed!(call, buffer).map(|octets| Sink::Buffer(octets.clone()));
        Some(handle::give(sink.unwrap_or_else(Sink::Failed)))
    })
}

/// A function that writes. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_output_callback(
    write: mailseal_write_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
) -> *mut mailseal_output {
    give(|| {
        let userdata = Userdata::new(userdata, finalizer);
        let write = write.ok_or_else(|| Failure::null("write"))?;
        Ok(stream(Writer { write, userdata }))
    })
}

/// Frees an output that no call has consumed. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_output_free(output: *mut mailseal_output) {
    freed!(output);
}

struct Writer {
    write: unsafe extern "C" fn(*mut c_void, mailseal_slice) -> i32,
    userdata: Userdata,
}

impl Write for Writer {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if octets.is_empty() {
            return Ok(0);
        }
        // SAFETY: the program gave the function for this; the octets outlive the call.
        match unsafe { (self.write)(self.userdata.pointer(), mailseal_slice::of(octets)) } {
            MAILSEAL_OK => Ok(octets.len()),
            status => Err(io::Error::other(format!("the write callback returned {status}"))),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
