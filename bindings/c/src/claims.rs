//! Whom one would believe to be somebody, without any letter.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::policy::path_text;
use mailseal_core::protocol::Purpose;
use mailseal_core::{Claim, UnixTime};

use crate::boundary::{Failure, answer, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::certificate::{Public, mailseal_certificate};
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::handle::{self, Handle, Object};
use crate::opener::address;
use crate::policy::mailseal_policy;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// The certificates that are known for an address, and why each is believed to be its own, or not.
pub struct mailseal_claims {
    handle: Handle<Claims>,
}

object!(mailseal_claims, Claims, 26);

pub(crate) struct Claims {
    claims: Vec<Claim>,
    certificates: Box<[mailseal_certificate]>,
    at: UnixTime,
}

/// Whom one would believe to be the holder of an address, without any letter: every certificate that the context knows and
/// that names it, the newest first. `purpose` is `"sign"` or `"encrypt"`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_who_is(
    context: *const mailseal_context,
    mailbox: *const c_char,
    purpose: *const c_char,
    policy: *const mailseal_policy,
    at: i64,
    claims: *mut *mut mailseal_claims,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let mailbox = address(text!(mailbox)?)?;
        let purpose = match text!(purpose)? {
            "sign" => Purpose::Sign,
            "encrypt" => Purpose::Encrypt,
            other => return Err(Failure::misuse(format_args!("`purpose`: there is no `{other}`"))),
        };
        let policy = borrowed!(call, policy)?;
        let out = out!(claims)?;
        let at = UnixTime::from_seconds(at);
        let claims = context.settled().who_is(&mailbox, purpose, policy, at)?;
        let certificates = claims.iter().map(|claim| Public::one(claim.certificate.clone()));
        let certificates = certificates.map(mailseal_certificate::new).collect();
        out.set(handle::give(Claims { claims, certificates, at }));
        Ok(MAILSEAL_OK)
    })
}

/// How many there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_claims_count(claims: *const mailseal_claims) -> usize {
    answer(0, |call| Some(borrowed!(call, claims).ok()?.claims.len()))
}

/// The certificate of one; NULL where there is none of that number. Lives as long as the claims.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_claims_certificate(
    claims: *const mailseal_claims,
    index: usize,
) -> *const mailseal_certificate {
    answer(ptr::null(), |call| borrowed!(call, claims).ok()?.certificates.get(index).map(ptr::from_ref))
}

/// Whether the policy relies on it. False where there is none of that number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_claims_is_believed(claims: *const mailseal_claims, index: usize) -> bool {
    answer(false, |call| Some(borrowed!(call, claims).ok()?.claims.get(index)?.problem.is_none()))
}

/// Why it does not, in words; empty where it does. `language` is a tag such as `"ja"`. Not escaped. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_claims_problem(
    claims: *const mailseal_claims,
    index: usize,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let problem = &borrowed!(call, claims).ok()?.claims.get(index)?.problem;
        let language = text!(language).ok()?;
        Some(filled(problem.as_ref().map(|why| why.text(language)).unwrap_or_default().as_bytes()))
    })
}

/// The best path from what the context trusts to it, in words, safe to print; empty where there is none. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_claims_evidence(
    claims: *const mailseal_claims,
    index: usize,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let claims = borrowed!(call, claims).ok()?;
        let best = claims.claims.get(index)?.belief.evidence.first();
        let language = text!(language).ok()?;
        let said = best.map(|path| path_text(path, claims.at, language)).unwrap_or_default();
        Some(filled(said.as_bytes()))
    })
}

/// Frees them. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_claims_free(claims: *mut mailseal_claims) {
    freed!(claims);
}
