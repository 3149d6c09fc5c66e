//! Recipe for incoming letters.

use std::ffi::{c_char, c_void};
use std::ptr;

use mailseal_core::mime::{Address, PartPath};
use mailseal_core::outside::named_keys;
use mailseal_core::protocol::Purpose;
use mailseal_core::{Error, Opener, UnixTime};

use crate::boundary::{Failure, answer, run, status};
use crate::callback::{Userdata, mailseal_finalizer, mailseal_password_callback};
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::key::{known, mailseal_key};
use crate::opened::{Looked, mailseal_opened};
use crate::policy::mailseal_policy;
use crate::recipe::Recipe;
use crate::request::Asker;
use crate::status::{MAILSEAL_OPENED, mailseal_status};
use crate::verified::mailseal_verified;

/// Recipe for incoming letters. Takes keys until the first letter; then unchanging, shared by all threads.
pub struct mailseal_opener {
    handle: Handle<Recipe<Opener>>,
}

object!(mailseal_opener, Recipe<Opener>, 11);

/// An opener that knows what the context knows. NULL of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_new(context: *const mailseal_context) -> *mut mailseal_opener {
    answer(ptr::null_mut(), |call| {
        let context = borrowed!(call, context).ok()?.settled();
        Some(handle::give(Recipe::new(Opener::new(&context))))
    })
}

/// Opens letters with this key, too. Give every key that the user ever had: the report says which one fitted, and
/// whether it is old.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_add_key(
    opener: *mut mailseal_opener,
    key: *const mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let opener = borrowed!(call, opener)?;
        let key = borrowed!(call, key)?;
        opener.change(|opener| Ok(opener.key(key.clone())))
    })
}

/// Opens letters with all keys on a token or in an agent that a name means, too; the arguments as of `mailseal_key_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_add_named_keys(
    opener: *mut mailseal_opener,
    name: *const c_char,
    certificates: *mut mailseal_input,
    ask: mailseal_password_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let asker = Asker { callback: ask, userdata: Userdata::new(userdata, finalizer) };
        let certificates = taken!(certificates);
        let opener = borrowed!(call, opener)?;
        let name = text!(name)?;
        let certificates = known(certificates?)?;
        let keys = named_keys(name, &certificates, Purpose::Encrypt, ask.is_some().then_some(asker))?;
        opener.change(|opener| Ok(keys.into_iter().fold(opener, Opener::key)))
    })
}

/// Asks there for the passwords of letters that are encrypted to one. `ask` is called in the threads that open letters,
/// until the opener is freed; then `finalizer`, which may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_set_password(
    opener: *mut mailseal_opener,
    ask: mailseal_password_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let asker = Asker { callback: ask, userdata: Userdata::new(userdata, finalizer) };
        borrowed!(call, opener)?.change(|opener| Ok(opener.password(asker)))
    })
}

/// Trusts as many Received lines, the topmost: those that the program's own systems added. They say how the letter came,
/// `/transport` of the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_set_trusted_hops(
    opener: *mut mailseal_opener,
    lines: usize,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| borrowed!(call, opener)?.change(|opener| Ok(opener.trusted_hops(lines))))
}

/// Takes what the mail server of this name says of the sending domain from its Authentication-Results fields (RFC 8601):
/// `/domain` of the report. That server has to remove fields in its name from what comes in. Only the topmost are read,
/// above the first Received line that is not trusted (`mailseal_opener_set_trusted_hops`; 1 where nothing is said).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_set_trusted_results(
    opener: *mut mailseal_opener,
    authserv_id: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let opener = borrowed!(call, opener)?;
        let wrong = |error: mailseal_core::mime::AuthservIdError| Failure::misuse(error.to_string());
        let name = text!(authserv_id)?.parse().map_err(wrong)?;
        opener.change(|opener| Ok(opener.trusted_results(name)))
    })
}

/// Looks at a letter. `at` is the time to judge it at, in seconds since 1970: as of `time(NULL)`, or when it was
/// received. `MAILSEAL_OPENED`, never `MAILSEAL_OK`: what was seen, however bad, is in the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_open(
    opener: *const mailseal_opener,
    input: *mut mailseal_input,
    at: i64,
    opened: *mut *mut mailseal_opened,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let opener = borrowed!(call, opener)?;
        let input = input?;
        let opened = out!(opened)?;
        let looked = opener.settled().open(input.letter()?, UnixTime::from_seconds(at))?;
        opened.set(handle::give(Looked::new(looked)));
        Ok(MAILSEAL_OPENED)
    })
}

/// Opens one encrypted part by its place, `mailseal_layer_part`, also where it does not wrap the whole letter: the
/// payload is what is in it. Such a part is apart from all that stands around it, so the letter is never good by what
/// is inside. Misuse where no encrypted part is at that place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_open_part(
    opener: *const mailseal_opener,
    input: *mut mailseal_input,
    part: *const c_char,
    at: i64,
    opened: *mut *mut mailseal_opened,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let opener = borrowed!(call, opener)?;
        let input = input?;
        let part = text!(part)?;
        let opened = out!(opened)?;
        let part: PartPath =
            part.parse().map_err(|error| Failure::misuse(format_args!("`part`: {error}")))?;
        let at = UnixTime::from_seconds(at);
        let looked = opener.settled().open_part(input.letter()?, &part, at)?;
        opened.set(handle::give(Looked::new(looked)));
        Ok(MAILSEAL_OPENED)
    })
}

/// Checks a detached signature, for programs with their own MIME parser. `content` is the whole signed entity, header
/// and body, octet for octet as received; `signature` the decoded body of the signature part; `header` the header of
/// the letter, of which From, Sender and Date are read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_verify_detached(
    opener: *const mailseal_opener,
    content: *mut mailseal_input,
    signature: *mut mailseal_input,
    header: *const u8,
    header_length: usize,
    at: i64,
    opened: *mut *mut mailseal_opened,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let (content, signature) = (taken!(content), taken!(signature));
        let opener = borrowed!(call, opener)?;
        let (content, signature) = (content?, signature?);
        let header = octets!(header, header_length)?;
        let opened = out!(opened)?;
        let at = UnixTime::from_seconds(at);
        let (content, signature) = (content.letter()?, signature.letter()?);
        let looked = opener.settled().verify_detached(content, signature, header, at)?;
        opened.set(handle::give(Looked::new(looked)));
        Ok(MAILSEAL_OPENED)
    })
}

/// The letter if it is good and from that sender, otherwise NULL. `*opened` is set where the letter was looked at, good
/// or not; where it is not set, `*err` says why nobody could look. The proof lives as long as `*opened`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verify(
    opener: *const mailseal_opener,
    input: *mut mailseal_input,
    sender: *const c_char,
    policy: *const mailseal_policy,
    at: i64,
    opened: *mut *mut mailseal_opened,
    err: *mut *mut mailseal_error,
) -> *const mailseal_verified {
    run(
        err,
        |_| ptr::null(),
        |call| {
            let input = taken!(input);
            let opener = borrowed!(call, opener)?;
            let input = input?;
            let sender = address(text!(sender)?)?;
            let policy = borrowed!(call, policy)?;
            let opened = out!(opened)?;
            let looked = opener.settled().open(input.letter()?, UnixTime::from_seconds(at))?;
            let looked = Looked::new(looked);
            let proof = looked.require(policy, sender);
            opened.set(handle::give(looked));
            Ok(proof)
        },
    )
}

/// An address of the program's own: a wrong one is misuse.
pub(crate) fn address(text: &str) -> Result<Address, Failure> {
    text.parse::<Address>().map_err(|error| Error::from(error).into())
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opener_free(opener: *mut mailseal_opener) {
    freed!(opener);
}
