//! Recipe for outgoing letters.

use std::ptr;

use mailseal_core::{Composer, UnixTime};

use crate::boundary::{answer, status};
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::key::mailseal_key;
use crate::output::mailseal_output;
use crate::prepared::{Waiting, mailseal_prepared};
use crate::recipe::Recipe;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Recipe for outgoing letters. Takes settings until the first letter.
pub struct mailseal_composer {
    handle: Handle<Recipe<Composer>>,
}

object!(mailseal_composer, Recipe<Composer>, 9);

/// A composer that does nothing yet. NULL of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_new(context: *const mailseal_context) -> *mut mailseal_composer {
    answer(ptr::null_mut(), |call| {
        let context = borrowed!(call, context).ok()?.settled();
        Some(handle::give(Recipe::new(Composer::new(&context))))
    })
}

/// Signs with this key, too. All keys are of one protocol; each gives one signature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_sign(
    composer: *mut mailseal_composer,
    key: *const mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let key = borrowed!(call, key)?;
        composer.change(|composer| Ok(composer.sign(key)))
    })
}

/// Puts the letter inside the signature, as application/pkcs7-mime, instead of beside it. S/MIME only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_opaque(
    composer: *mut mailseal_composer,
    opaque: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| borrowed!(call, composer)?.change(|composer| Ok(composer.opaque(opaque))))
}

/// Signs header fields as well (RFC 9788). On unless switched off.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_protect_headers(
    composer: *mut mailseal_composer,
    protect: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| borrowed!(call, composer)?.change(|composer| Ok(composer.protect_headers(protect))))
}

/// Signs although a key does not name the From of the draft: receivers will be warned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_allow_other_from(
    composer: *mut mailseal_composer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| borrowed!(call, composer)?.change(|composer| Ok(composer.allow_other_from())))
}

/// Signs a draft, a finished RFC 5322 message, and writes the letter. `at` is the time of signing in seconds since
/// 1970, as of `time(NULL)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_compose(
    composer: *const mailseal_composer,
    draft: *mut mailseal_input,
    at: i64,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let (draft, output) = (taken!(draft), taken!(output));
        let composer = borrowed!(call, composer)?;
        let (draft, output) = (draft?.letter()?, output?);
        let (composer, at) = (composer.settled(), UnixTime::from_seconds(at));
        output.deliver(
            draft,
            |draft, path| composer.save(draft, at, path),
            |draft, stream| composer.compose(draft, at, stream),
        )?;
        Ok(MAILSEAL_OK)
    })
}

/// The first of two phases, for a signature that is made elsewhere or later. The composer has one key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_prepare(
    composer: *const mailseal_composer,
    draft: *mut mailseal_input,
    at: i64,
    prepared: *mut *mut mailseal_prepared,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let draft = taken!(draft);
        let composer = borrowed!(call, composer)?;
        let draft = draft?;
        let prepared = out!(prepared)?;
        let letter = composer.settled().prepare(draft.letter()?, UnixTime::from_seconds(at))?;
        prepared.set(handle::give(Waiting::new(letter)?));
        Ok(MAILSEAL_OK)
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_free(composer: *mut mailseal_composer) {
    freed!(composer);
}
