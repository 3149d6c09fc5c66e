//! What a callback is asked, and what it would have been asked.

use std::ffi::c_void;
use std::ptr;

use mailseal_core::report::{FetchPurpose, Want};
use mailseal_core::trust::{FetchError, FetchRequest, Fetcher};
use mailseal_core::{PasswordRequest, PasswordSource, Secret};

use crate::boundary::answer;
use crate::buffer::{Octets, mailseal_buffer};
use crate::callback::{Userdata, mailseal_password_callback};
use crate::handle::{Handle, Object};
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_DECLINED, MAILSEAL_OK};

/// What a password or a download is asked for. Lives until the callback returns; that of a report as long as the report.
pub struct mailseal_request {
    handle: Handle<Asked>,
}

object!(mailseal_request, Asked, 3);

/// What something is fetched for: one of `MAILSEAL_PURPOSE_...`.
pub type mailseal_purpose = i32;
/// Nothing is fetched: a password is asked for.
pub const MAILSEAL_PURPOSE_NONE: mailseal_purpose = 0;
/// The certificate of an issuer (RFC 5280 section 4.2.2.1).
pub const MAILSEAL_PURPOSE_AIA: mailseal_purpose = 1;
/// A certificate revocation list (RFC 5280 section 4.2.1.13).
pub const MAILSEAL_PURPOSE_CRL: mailseal_purpose = 2;
/// An answer of an OCSP responder (RFC 6960 appendix A.1).
pub const MAILSEAL_PURPOSE_OCSP: mailseal_purpose = 3;
/// A certificate from a Web Key Directory.
pub const MAILSEAL_PURPOSE_WKD: mailseal_purpose = 4;

pub(crate) enum Asked {
    Password(PasswordRequest),
    Fetch { purpose: FetchPurpose, url: String, body: Vec<u8>, max_bytes: u64 },
}

impl Asked {
    pub(crate) fn want(want: &Want) -> Self {
        let Want { purpose, url, body, max_bytes, .. } = want.clone();
        Self::Fetch { purpose, url, body, max_bytes }
    }

    fn fetch(request: &FetchRequest<'_>) -> Self {
        let (url, body) = (request.url.to_owned(), request.body.to_vec());
        Self::Fetch { purpose: request.purpose, url, body, max_bytes: request.max_bytes }
    }

    fn purpose(&self) -> mailseal_purpose {
        match self {
            Self::Fetch { purpose: FetchPurpose::Aia, .. } => MAILSEAL_PURPOSE_AIA,
            Self::Fetch { purpose: FetchPurpose::Crl, .. } => MAILSEAL_PURPOSE_CRL,
            Self::Fetch { purpose: FetchPurpose::Ocsp, .. } => MAILSEAL_PURPOSE_OCSP,
            Self::Fetch { purpose: FetchPurpose::Wkd, .. } => MAILSEAL_PURPOSE_WKD,
            _ => MAILSEAL_PURPOSE_NONE,
        }
    }
}

/// What is to be unlocked, in English. Empty where something is fetched. Lives as long as the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_subject(request: *const mailseal_request) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| match borrowed!(call, request).ok()? {
        Asked::Password(password) => Some(mailseal_slice::of(password.subject.as_bytes())),
        Asked::Fetch { .. } => None,
    })
}

/// How often the password was asked for before: 0 the first time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_attempt(request: *const mailseal_request) -> u32 {
    answer(0, |call| match borrowed!(call, request).ok()? {
        Asked::Password(password) => Some(password.attempt),
        Asked::Fetch { .. } => None,
    })
}

/// What is fetched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_purpose(request: *const mailseal_request) -> mailseal_purpose {
    answer(MAILSEAL_PURPOSE_NONE, |call| Some(borrowed!(call, request).ok()?.purpose()))
}

/// From where: `http` or `https`, never an address of a private network in numbers; names the program resolves itself,
/// and has to refuse what leads to one. Empty where a password is asked for. Lives as long as the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_url(request: *const mailseal_request) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| match borrowed!(call, request).ok()? {
        Asked::Fetch { url, .. } => Some(mailseal_slice::of(url.as_bytes())),
        Asked::Password(_) => None,
    })
}

/// What to POST there: an OCSP request, `application/ocsp-request`. Empty is a GET. Lives as long as the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_body(request: *const mailseal_request) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| match borrowed!(call, request).ok()? {
        Asked::Fetch { body, .. } => Some(mailseal_slice::of(body)),
        Asked::Password(_) => None,
    })
}

/// Octets of the answer that are looked at: an answer of more counts as none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_max_bytes(request: *const mailseal_request) -> u64 {
    answer(0, |call| match borrowed!(call, request).ok()? {
        Asked::Fetch { max_bytes, .. } => Some(*max_bytes),
        Asked::Password(_) => None,
    })
}

/// A program that knows passwords.
pub(crate) struct Asker {
    pub(crate) callback: mailseal_password_callback,
    pub(crate) userdata: Userdata,
}

impl PasswordSource for Asker {
    fn password(&self, request: &PasswordRequest) -> Option<Secret> {
        let callback = self.callback?;
        let request = mailseal_request::new(Asked::Password(request.clone()));
        let octets = Octets::default();
        let mut password = mailseal_buffer::new(octets.clone());
        // SAFETY: the program gave the function for this; both objects outlive the call.
        let status = unsafe { callback(self.userdata.pointer(), &request, ptr::from_mut(&mut password)) };
        let secret = Secret::from(octets.take());
        (status == MAILSEAL_OK).then_some(secret)
    }
}

type Fetch = unsafe extern "C" fn(*mut c_void, *const mailseal_request, *mut mailseal_buffer) -> i32;

/// A program that fetches.
pub(crate) struct Getter {
    pub(crate) callback: Fetch,
    pub(crate) userdata: Userdata,
}

impl Fetcher for Getter {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        let request = mailseal_request::new(Asked::fetch(request));
        let octets = Octets::default();
        let mut response = mailseal_buffer::new(octets.clone());
        // SAFETY: the program gave the function for this; both objects outlive the call.
        let status =
            unsafe { (self.callback)(self.userdata.pointer(), &request, ptr::from_mut(&mut response)) };
        match status {
            MAILSEAL_OK => Ok(octets.take()),
            MAILSEAL_DECLINED => Err(FetchError::Refused),
            _ => Err(FetchError::Unavailable),
        }
    }
}
