//! A judgement with all that it needed, in one file.

use std::ffi::c_char;

use mailseal_core::outside::{Checked, EvidenceArchive, EvidenceRecord, WhoseTrust};
use mailseal_core::{TrustStore, UnixTime};
use serde_json::json;

use crate::boundary::{Failure, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::context::mailseal_context;
use crate::domain::{connection, mailseal_domain_check};
use crate::error::mailseal_error;
use crate::input::{mailseal_input, path_of};
use crate::opener::mailseal_opener;
use crate::policy::mailseal_policy;
use crate::status::{MAILSEAL_ERROR_NO_MEMORY, MAILSEAL_OPENED, mailseal_status};
use crate::trust_store::mailseal_trust_store;

/// Looks at a letter as an opener without keys does, and writes it with the report, the verdict of the policy and all that
/// they needed into a file, so that anybody can judge it again later: all of it, or no file. `MAILSEAL_OPENED`: what the
/// letter is worth, the archive says. It names all anchors of the context: look at it before it is handed on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_archive_write(
    context: *const mailseal_context,
    input: *mut mailseal_input,
    policy: *const mailseal_policy,
    at: i64,
    path: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let context = borrowed!(call, context)?;
        let input = input?;
        let policy = borrowed!(call, policy)?;
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let at = UnixTime::from_seconds(at);
        EvidenceRecord::open(&context.settled(), input.letter()?, at)?.save(policy, path)?;
        Ok(MAILSEAL_OPENED)
    })
}

/// The same as that opener would open it, but without its keys: the fields that it trusts are kept, too. With a `check`,
/// which may be NULL, also what the DNS says of the sending domain, so that it can be looked at again when keys have
/// changed; `client`, `helo` and `mail_from` are as for `mailseal_domain_check_open`. `asked` is the present time, in
/// which the DNS is asked; `at` may be another.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_archive_write_with(
    opener: *const mailseal_opener,
    input: *mut mailseal_input,
    check: *const mailseal_domain_check,
    client: *const c_char,
    helo: *const c_char,
    mail_from: *const c_char,
    asked: i64,
    policy: *const mailseal_policy,
    at: i64,
    path: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let opener = borrowed!(call, opener)?;
        let input = input?;
        let check = if check.is_null() { None } else { Some(borrowed!(call, check)?) };
        let policy = borrowed!(call, policy)?;
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let connection = match check {
            Some(_) => connection(text!(client)?, text!(helo)?, text!(mail_from)?)?,
            None => None,
        };
        let at = UnixTime::from_seconds(at);
        let mut record = EvidenceRecord::open_as(&opener.settled(), input.letter()?, at)?;
        if let Some(check) = check {
            record.check_domain(check.check(), connection.as_ref(), UnixTime::from_seconds(asked))?;
        }
        record.save(policy, path)?;
        Ok(MAILSEAL_OPENED)
    })
}

/// Judges the letter of an archive again as of then, from what is in it alone, by the trust in it: what comes out is as
/// good as whoever wrote it. `MAILSEAL_OPENED`, and `*json` is yours to free: `same`, `trust`, `differences`, `then`,
/// `verdict`, `report`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_archive_check(
    path: *const c_char,
    policy: *const mailseal_policy,
    json: *mut *mut mailseal_buffer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let policy = borrowed!(call, policy)?;
        let json = out!(json)?;
        let archive = EvidenceArchive::open(path)?;
        json.set(said(&archive, &archive.check(policy)?)?);
        Ok(MAILSEAL_OPENED)
    })
}

/// The same by the program's own trust; that of the archive counts for nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_archive_check_with(
    path: *const c_char,
    policy: *const mailseal_policy,
    trust_store: *const mailseal_trust_store,
    json: *mut *mut mailseal_buffer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let policy = borrowed!(call, policy)?;
        let trust: TrustStore = borrowed!(call, trust_store)?.settled();
        let json = out!(json)?;
        let archive = EvidenceArchive::open(path)?;
        json.set(said(&archive, &archive.check_with(policy, trust)?)?);
        Ok(MAILSEAL_OPENED)
    })
}

fn said(archive: &EvidenceArchive, checked: &Checked) -> Result<*mut mailseal_buffer, Failure> {
    let whose = match checked.whose {
        WhoseTrust::Archive => "archive",
        WhoseTrust::Yours => "yours",
    };
    let differences: Vec<String> = checked.differences.iter().map(ToString::to_string).collect();
    let mut then = json!({ "at": archive.at(), "outcome": archive.outcome(), "policy": archive.policy() });
    if let (Some((asked, _)), Some(then)) = (archive.asked(), then.as_object_mut()) {
        then.insert("asked".to_owned(), json!(asked));
    }
    let said = json!({
        "version": 1,
        "same": checked.is_same(),
        "trust": whose,
        "differences": differences,
        "then": then,
        "verdict": checked.verdict,
        "report": checked.report,
    });
    match filled(said.to_string().as_bytes()) {
        buffer if buffer.is_null() => Err(Failure::new(MAILSEAL_ERROR_NO_MEMORY, "no memory for the answer")),
        buffer => Ok(buffer),
    }
}
