//! What the policy says of a letter on its way out.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::mime::Address;
use mailseal_core::policy::Action;
use mailseal_core::{Dispatch, UnixTime};

use crate::boundary::{Failure, answer, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::opener::address;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// What the policy says of a letter, for each of its recipients and for all.
pub struct mailseal_dispatch {
    handle: Handle<Said>,
}

object!(mailseal_dispatch, Said, 31);

pub(crate) struct Said {
    dispatch: Dispatch,
    recipients: Vec<String>,
}

/// What is done with a letter: one of `MAILSEAL_ACTION_...`, the strictest first.
pub type mailseal_action = i32;
/// It is not sent, or not taken.
pub const MAILSEAL_ACTION_REFUSE: mailseal_action = 0;
/// It waits until somebody lets it go.
pub const MAILSEAL_ACTION_HOLD: mailseal_action = 1;
/// Somebody is asked first.
pub const MAILSEAL_ACTION_ASK: mailseal_action = 2;
/// It goes its way.
pub const MAILSEAL_ACTION_PASS: mailseal_action = 3;

pub(crate) fn number(action: Action) -> mailseal_action {
    match action {
        Action::Refuse => MAILSEAL_ACTION_REFUSE,
        Action::Hold => MAILSEAL_ACTION_HOLD,
        Action::Ask => MAILSEAL_ACTION_ASK,
        Action::Pass => MAILSEAL_ACTION_PASS,
    }
}

impl Said {
    fn new(dispatch: Dispatch) -> Self {
        let recipients = dispatch.recipients.iter().map(|one| one.decision.recipient.to_string()).collect();
        Self { dispatch, recipients }
    }
}

/// One address a line; nothing is nobody.
fn addresses(text: &str) -> Result<Vec<Address>, Failure> {
    text.lines().map(|line| address(line.trim_end_matches('\r'))).collect()
}

/// Whether a finished letter may go out as it is, by the rules of the context's policy: for what was not made by a
/// composer, which asks by itself. `recipients` are those of the envelope, one address a line; those of To, Cc, Bcc,
/// Resent-To, -Cc and -Bcc where it is empty. `at` is in seconds since 1970. What is signed inside an encryption cannot be
/// seen, and does not count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_check_sending(
    context: *const mailseal_context,
    letter: *mut mailseal_input,
    recipients: *const c_char,
    at: i64,
    dispatch: *mut *mut mailseal_dispatch,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let letter = taken!(letter);
        let context = borrowed!(call, context)?;
        let letter = letter?;
        let to = addresses(text!(recipients)?)?;
        let out = out!(dispatch)?;
        let to = Some(to.as_slice()).filter(|to| !to.is_empty());
        let said = context.settled().check_sending(letter.letter()?, to, UnixTime::from_seconds(at))?;
        out.set(handle::give(Said::new(said)));
        Ok(MAILSEAL_OK)
    })
}

/// What the rules of the context's policy ask of mail from one to others, without any letter. `from` is empty where it
/// cannot be told: then all rules count that name a sender. `recipients` are addresses, one a line.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_decide_sending(
    context: *const mailseal_context,
    from: *const c_char,
    recipients: *const c_char,
    dispatch: *mut *mut mailseal_dispatch,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let from = match text!(from)? {
            "" => None,
            from => Some(address(from)?),
        };
        let to = addresses(text!(recipients)?)?;
        let out = out!(dispatch)?;
        out.set(handle::give(Said::new(context.settled().decide_sending(from.as_ref(), &to)?)));
        Ok(MAILSEAL_OK)
    })
}

/// The strictest of all. Of NULL: not sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_action(dispatch: *const mailseal_dispatch) -> mailseal_action {
    answer(MAILSEAL_ACTION_REFUSE, |call| Some(number(borrowed!(call, dispatch).ok()?.dispatch.action)))
}

/// How many recipients there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_recipient_count(dispatch: *const mailseal_dispatch) -> usize {
    answer(0, |call| Some(borrowed!(call, dispatch).ok()?.recipients.len()))
}

/// One of them; empty where there is none of that number. Lives as long as the object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_recipient(
    dispatch: *const mailseal_dispatch,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, dispatch).ok()?.recipients.get(index)?.as_bytes()))
    })
}

/// What is done with the letter to one of them. Not sent where there is none of that number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_recipient_action(
    dispatch: *const mailseal_dispatch,
    index: usize,
) -> mailseal_action {
    answer(MAILSEAL_ACTION_REFUSE, |call| {
        let one = borrowed!(call, dispatch).ok()?.dispatch.recipients.get(index)?;
        Some(number(one.action))
    })
}

/// Why it is not let go at once, each in one line, safe to print; empty where it is. `language` is a tag: `"en"`, `"ja"`.
/// NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_reasons(
    dispatch: *const mailseal_dispatch,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let said = borrowed!(call, dispatch).ok()?;
        Some(filled(said.dispatch.reasons(text!(language).ok()?).join("\n").as_bytes()))
    })
}

/// For each recipient what is done, what is asked and by which rules, in lines, safe to print. NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_text(
    dispatch: *const mailseal_dispatch,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let said = borrowed!(call, dispatch).ok()?;
        Some(filled(said.dispatch.text(text!(language).ok()?).as_bytes()))
    })
}

/// All of it as JSON, on one line. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_json(dispatch: *const mailseal_dispatch) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let json = serde_json::to_vec(&borrowed!(call, dispatch).ok()?.dispatch).ok()?;
        Some(filled(&json))
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dispatch_free(dispatch: *mut mailseal_dispatch) {
    freed!(dispatch);
}
