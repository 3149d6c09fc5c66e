//! A letter that lacks its signature.

use std::sync::{Mutex, PoisonError};

use mailseal_core::{Error, PreparedLetter};

use crate::boundary::{Failure, answer, status};
use crate::error::mailseal_error;
use crate::handle::Handle;
use crate::output::mailseal_output;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// A letter that lacks its signature.
pub struct mailseal_prepared {
    handle: Handle<Waiting>,
}

object!(mailseal_prepared, Waiting, 10);

pub(crate) struct Waiting {
    letter: Mutex<Option<PreparedLetter<'static>>>,
    scheme: &'static str,
    to_sign: Vec<u8>,
}

impl Waiting {
    pub(crate) fn new(letter: PreparedLetter<'static>) -> Result<Self, Failure> {
        let request = letter.request().ok_or_else(|| Failure::misuse("there is nothing to sign"))?;
        let (scheme, input) = (request.scheme(), request.to_sign());
        let to_sign = input.octets(scheme).map_err(Error::from)?.into_owned();
        Ok(Self { scheme: scheme.name(), to_sign, letter: Mutex::new(Some(letter)) })
    }
}

/// With what it has to be signed: `"ecdsa-p256-sha256"`. Lives as long as the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_prepared_scheme(prepared: *const mailseal_prepared) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, prepared).ok()?.scheme.as_bytes()))
    })
}

/// What has to be signed, as a sign callback would be given it. Lives as long as the letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_prepared_to_sign(prepared: *const mailseal_prepared) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| Some(mailseal_slice::of(&borrowed!(call, prepared).ok()?.to_sign)))
}

/// Writes the letter, if the signature fits; otherwise not an octet. Once: after that it is only good to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_prepared_finish(
    prepared: *mut mailseal_prepared,
    signature: *const u8,
    length: usize,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let output = taken!(output);
        let prepared = borrowed!(call, prepared)?;
        let signature = octets!(signature, length)?;
        let output = output?;
        let letter = prepared.letter.lock().unwrap_or_else(PoisonError::into_inner).take();
        let letter = letter.ok_or_else(|| Failure::misuse("the letter was finished before"))?;
        output.deliver(
            letter,
            |letter, path| letter.save(signature, path),
            |letter, stream| letter.finish(signature, stream),
        )?;
        Ok(MAILSEAL_OK)
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_prepared_free(prepared: *mut mailseal_prepared) {
    freed!(prepared);
}
