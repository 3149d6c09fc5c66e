//! A public certificate: X.509 or OpenPGP.

use std::ptr;
use std::sync::{Arc, OnceLock};

use mailseal_core::{Certificate, UnixTime};
use serde_json::json;

use crate::boundary::{Failure, answer, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::error::mailseal_error;
use crate::handle::{self, Handle, Object};
use crate::input::mailseal_input;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// A public certificate: X.509 or OpenPGP. Finding one is not trusting it.
pub struct mailseal_certificate {
    handle: Handle<Public>,
}

object!(mailseal_certificate, Public, 24);

/// The certificates of one file; this object is one of them.
pub(crate) struct Public {
    all: Arc<[Certificate]>,
    index: usize,
    fingerprint: String,
    others: OnceLock<Box<[mailseal_certificate]>>,
}

impl Public {
    fn new(all: &Arc<[Certificate]>, index: usize) -> Option<Self> {
        let fingerprint = all.get(index)?.fingerprint();
        Some(Self { all: Arc::clone(all), index, fingerprint, others: OnceLock::new() })
    }

    /// One alone.
    pub(crate) fn one(certificate: Certificate) -> Self {
        let fingerprint = certificate.fingerprint();
        Self { all: Arc::new([certificate]), index: 0, fingerprint, others: OnceLock::new() }
    }

    pub(crate) fn certificate(&self) -> Option<&Certificate> {
        self.all.get(self.index)
    }

    /// The same, for what must not go on without one.
    pub(crate) fn owned(&self) -> Result<Certificate, Failure> {
        self.certificate().cloned().ok_or_else(|| Failure::misuse("there is no certificate"))
    }

    fn others(&self) -> &[mailseal_certificate] {
        self.others.get_or_init(|| {
            let others = (1..self.all.len()).filter_map(|index| Self::new(&self.all, index));
            others.map(mailseal_certificate::new).collect()
        })
    }
}

/// Objects for certificates, which stay where they are.
pub(crate) fn objects(certificates: &[Certificate]) -> Box<[mailseal_certificate]> {
    certificates.iter().cloned().map(Public::one).map(mailseal_certificate::new).collect()
}

/// Reads the certificates of a file, PEM, DER or OpenPGP: the first one, which has the others (`mailseal_certificate_other`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_load(
    input: *mut mailseal_input,
    certificate: *mut *mut mailseal_certificate,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let input = taken!(input)?;
        let certificate = out!(certificate)?;
        let all: Arc<[Certificate]> = Certificate::load(&input.octets()?)?.into();
        let first = Public::new(&all, 0).ok_or_else(|| Failure::misuse("there is no certificate in it"))?;
        certificate.set(handle::give(first));
        Ok(MAILSEAL_OK)
    })
}

/// How many others were in the same file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_other_count(certificate: *const mailseal_certificate) -> usize {
    answer(0, |call| match borrowed!(call, certificate).ok()? {
        first if first.index == 0 => Some(first.others().len()),
        _ => None,
    })
}

/// One of them; NULL where there is none of that number. Lives as long as the first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_other(
    certificate: *const mailseal_certificate,
    index: usize,
) -> *const mailseal_certificate {
    answer(ptr::null(), |call| match borrowed!(call, certificate).ok()? {
        first if first.index == 0 => first.others().get(index).map(ptr::from_ref),
        _ => None,
    })
}

/// Which protocol: `"S/MIME"` or `"OpenPGP"`. Lives as long as the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_protocol(
    certificate: *const mailseal_certificate,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let protocol = borrowed!(call, certificate).ok()?.certificate()?.protocol();
        Some(mailseal_slice::of(protocol.name().as_bytes()))
    })
}

/// Upper-case hexadecimal: SHA-256 of an X.509 certificate, the fingerprint of an OpenPGP one. Lives as long as the
/// certificate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_fingerprint(
    certificate: *const mailseal_certificate,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, certificate).ok()?.fingerprint.as_bytes()))
    })
}

/// The name of its holder, as it says at a time; not escaped. Empty where it says none. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_name(
    certificate: *const mailseal_certificate,
    at: i64,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let name = borrowed!(call, certificate).ok()?.certificate()?.name(UnixTime::from_seconds(at));
        Some(filled(name.unwrap_or_default().as_bytes()))
    })
}

/// The addresses that it names and that are valid at a time, one a line. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_mailboxes(
    certificate: *const mailseal_certificate,
    at: i64,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let addresses =
            borrowed!(call, certificate).ok()?.certificate()?.addresses(UnixTime::from_seconds(at));
        let lines: String = addresses.iter().map(|address| format!("{address}\n")).collect();
        Some(filled(lines.as_bytes()))
    })
}

/// From when it is valid, in seconds since 1970, as it says at a time; `INT64_MAX` where it is not valid at all. 0 of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_not_before(
    certificate: *const mailseal_certificate,
    at: i64,
) -> i64 {
    answer(0, |call| {
        let summary = borrowed!(call, certificate).ok()?.certificate()?.summary(UnixTime::from_seconds(at));
        Some(summary.not_before.map_or(i64::MAX, UnixTime::seconds))
    })
}

/// Until when it is valid, in seconds since 1970, as it says at a time; `INT64_MAX` of an OpenPGP certificate without an
/// end. 0 of NULL: never.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_not_after(
    certificate: *const mailseal_certificate,
    at: i64,
) -> i64 {
    answer(0, |call| {
        let summary = borrowed!(call, certificate).ok()?.certificate()?.summary(UnixTime::from_seconds(at));
        Some(summary.not_after.map_or(i64::MAX, UnixTime::seconds))
    })
}

/// Its octets: DER, or binary OpenPGP. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_octets(
    certificate: *const mailseal_certificate,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        Some(filled(&borrowed!(call, certificate).ok()?.certificate()?.octets().ok()?))
    })
}

/// What it says of itself at a time, as JSON on one line: `protocol`, `fingerprint`, `name`, `mailboxes`, `issuer`,
/// `not_before`, `not_after`. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_json(
    certificate: *const mailseal_certificate,
    at: i64,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let certificate = borrowed!(call, certificate).ok()?.certificate()?;
        let at = UnixTime::from_seconds(at);
        let addresses = certificate.addresses(at);
        let mut json = serde_json::to_value(certificate.summary(at)).ok()?;
        let all = json.as_object_mut()?;
        all.insert("protocol".into(), json!(certificate.protocol()));
        all.insert("name".into(), json!(certificate.name(at)));
        all.insert("mailboxes".into(), addresses.iter().map(|one| json!(one.to_string())).collect());
        Some(filled(json.to_string().as_bytes()))
    })
}

/// Frees it, and with it the others of its file. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_certificate_free(certificate: *mut mailseal_certificate) {
    freed!(certificate);
}
