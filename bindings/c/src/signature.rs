//! One signature: integrity, identity and trust, apart.

use std::ptr;
use std::sync::{Arc, OnceLock};

use mailseal_core::Opened;
use mailseal_core::report::{Integrity, Signature, SignerIdentity, Trust};

use crate::boundary::answer;
use crate::evidence::{Words, mailseal_evidence};
use crate::finding::{self, mailseal_finding};
use crate::handle::{Handle, Object};
use crate::slice::mailseal_slice;

/// One signature, by one signer. Lives as long as its report.
pub struct mailseal_signature {
    handle: Handle<One>,
}

object!(mailseal_signature, One, 15);

/// Whether the octets are those that were signed: one of `MAILSEAL_INTEGRITY_...`. Says nothing about who signed.
pub type mailseal_integrity = i32;
/// Could not be decided: no certificate, or an algorithm that is not supported.
pub const MAILSEAL_INTEGRITY_UNVERIFIED: mailseal_integrity = 0;
/// Unaltered.
pub const MAILSEAL_INTEGRITY_INTACT: mailseal_integrity = 1;
/// The mathematics fits, by an algorithm or key too weak to rely on.
pub const MAILSEAL_INTEGRITY_WEAK: mailseal_integrity = 2;
/// Altered after it was signed, or signed by another key.
pub const MAILSEAL_INTEGRITY_ALTERED: mailseal_integrity = 3;
/// Not a signature that keeps the rules of its format.
pub const MAILSEAL_INTEGRITY_MALFORMED: mailseal_integrity = 4;

/// Whether anything the program trusts says who the signer is: one of `MAILSEAL_TRUST_...`.
pub type mailseal_trust = i32;
/// No path from what the program trusts.
pub const MAILSEAL_TRUST_UNKNOWN: mailseal_trust = 0;
/// A path was found.
pub const MAILSEAL_TRUST_TRUSTED: mailseal_trust = 1;
/// A path in which something had expired or was not yet valid at the time.
pub const MAILSEAL_TRUST_EXPIRED: mailseal_trust = 2;
/// Revoked.
pub const MAILSEAL_TRUST_REVOKED: mailseal_trust = 3;

pub(crate) struct One {
    opened: Arc<Opened<'static>>,
    index: usize,
    evidence: Box<[mailseal_evidence]>,
    findings: OnceLock<Box<[mailseal_finding]>>,
}

impl One {
    pub(crate) fn new(opened: &Arc<Opened<'static>>, index: usize) -> Self {
        let mut one =
            Self { opened: Arc::clone(opened), index, evidence: Box::default(), findings: OnceLock::new() };
        let at = opened.report.at;
        let paths = one.signature().map(|signature| signature.evidence.as_slice()).unwrap_or_default();
        one.evidence = paths.iter().map(|path| mailseal_evidence::new(Words::new(path, at))).collect();
        one
    }

    fn signature(&self) -> Option<&Signature> {
        self.opened.report.signatures().nth(self.index)
    }

    fn signer(&self) -> Option<&SignerIdentity> {
        self.signature()?.signer.as_ref()
    }
}

/// What is not known here is not verified.
fn integrity(integrity: Integrity) -> mailseal_integrity {
    match integrity {
        Integrity::Intact => MAILSEAL_INTEGRITY_INTACT,
        Integrity::Weak => MAILSEAL_INTEGRITY_WEAK,
        Integrity::Altered => MAILSEAL_INTEGRITY_ALTERED,
        Integrity::Malformed => MAILSEAL_INTEGRITY_MALFORMED,
        _ => MAILSEAL_INTEGRITY_UNVERIFIED,
    }
}

fn trust(trust: Trust) -> mailseal_trust {
    match trust {
        Trust::Trusted => MAILSEAL_TRUST_TRUSTED,
        Trust::Expired => MAILSEAL_TRUST_EXPIRED,
        Trust::Revoked => MAILSEAL_TRUST_REVOKED,
        _ => MAILSEAL_TRUST_UNKNOWN,
    }
}

/// Whether the octets are those that were signed. 0 of NULL: not verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_integrity(
    signature: *const mailseal_signature,
) -> mailseal_integrity {
    answer(MAILSEAL_INTEGRITY_UNVERIFIED, |call| {
        Some(integrity(borrowed!(call, signature).ok()?.signature()?.integrity))
    })
}

/// Whether anything the program trusts says who the signer is. 0 of NULL: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_trust(signature: *const mailseal_signature) -> mailseal_trust {
    answer(MAILSEAL_TRUST_UNKNOWN, |call| Some(trust(borrowed!(call, signature).ok()?.signature()?.trust)))
}

/// The address that the certificate names: the one that is the From, otherwise its first. A claim, as long as the trust
/// is not `MAILSEAL_TRUST_TRUSTED`. Empty where there is none. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_signer_mailbox(
    signature: *const mailseal_signature,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, signature).ok()?.signer()?.mailbox.as_bytes()))
    })
}

/// The fingerprint of the certificate, upper-case hexadecimal: SHA-256 of an X.509 one. Empty where there is none.
/// Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_signer_fingerprint(
    signature: *const mailseal_signature,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(
            borrowed!(call, signature).ok()?.signer()?.certificate.fingerprint.as_bytes(),
        ))
    })
}

/// Whether the certificate names the one From address of the letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_is_from(signature: *const mailseal_signature) -> bool {
    answer(false, |call| Some(borrowed!(call, signature).ok()?.signer()?.is_from))
}

/// How many paths were found from what the program trusts to the signer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_evidence_count(signature: *const mailseal_signature) -> usize {
    answer(0, |call| Some(borrowed!(call, signature).ok()?.evidence.len()))
}

/// A path, the best one first; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_evidence(
    signature: *const mailseal_signature,
    index: usize,
) -> *const mailseal_evidence {
    answer(ptr::null(), |call| borrowed!(call, signature).ok()?.evidence.get(index).map(ptr::from_ref))
}

/// When the signer says that it was signed, in seconds since 1970: a claim. 0 where nothing is said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_claimed_time(signature: *const mailseal_signature) -> i64 {
    answer(i64::MIN, |call| Some(borrowed!(call, signature).ok()?.signature()?.claimed_time?.seconds()))
}

/// How many observations there are on the signature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_finding_count(signature: *const mailseal_signature) -> usize {
    answer(0, |call| Some(borrowed!(call, signature).ok()?.signature()?.findings.len()))
}

/// One of them; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_signature_finding(
    signature: *const mailseal_signature,
    index: usize,
) -> *const mailseal_finding {
    answer(ptr::null(), |call| {
        let signature = borrowed!(call, signature).ok()?;
        let findings = &signature.signature()?.findings;
        signature.findings.get_or_init(|| finding::objects(findings)).get(index).map(ptr::from_ref)
    })
}
