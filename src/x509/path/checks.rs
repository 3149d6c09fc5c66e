//! What one certificate must fulfil, as leaf or as issuer (RFC 5280 §6.1.3, §6.1.4).

use std::borrow::Cow;

use crate::crypto::{HashAlgorithm, KeyAlgorithm, algorithm};
use crate::time::UnixTime;
use crate::x509::name::short;
use crate::x509::name_constraints::Fit;
use crate::x509::path::{Constraint, PathError, Purpose, Weakness};
use crate::x509::{Certificate, GeneralName, KeyUsage, oid};

/// Everything that is wrong with the leaf by itself. The search goes on nonetheless, so that the reason can be told
/// together with who issued it.
pub(super) fn leaf(leaf: &Certificate, purpose: Purpose<'_>, at: UnixTime) -> Vec<PathError> {
    let checks =
        [readable(leaf), leaf_key_usage(leaf, purpose), ext_key_usage(leaf, purpose), validity(leaf, at)];
    checks.into_iter().filter_map(Result::err).collect()
}

/// Whether a certificate may issue those below it; nothing is asked about time and signature.
pub(super) fn issuer(
    issuer: &Certificate,
    below: &[&Certificate],
    purpose: Purpose<'_>,
) -> Result<(), PathError> {
    readable(issuer)?;
    let subject = || issuer.name();
    // §6.1.4 (k): basicConstraints must be there, which versions 1 and 2 cannot have.
    let constraints = issuer.extensions().basic_constraints.filter(|constraints| constraints.ca);
    let constraints = constraints.ok_or_else(|| PathError::NotCa { subject: subject() })?;
    if issuer.extensions().key_usage.is_some_and(|usage| !usage.key_cert_sign()) {
        return Err(PathError::KeyUsage { subject: subject(), needed: "keyCertSign" });
    }
    ext_key_usage(issuer, purpose)?;
    // §6.1.4 (l): self-issued authorities are not counted, and the leaf is none.
    let found = below.iter().skip(1).filter(|certificate| !certificate.is_self_issued()).count();
    match constraints.path_len {
        Some(most) if u32::try_from(found).is_ok_and(|found| found > most) => {
            Err(PathError::PathLength { subject: subject(), most, found })
        }
        _ => Ok(()),
    }
}

/// §6.1.3 (a)(2)
pub(super) fn validity(certificate: &Certificate, at: UnixTime) -> Result<(), PathError> {
    let (validity, subject) = (certificate.validity(), || certificate.name());
    if at < validity.not_before {
        return Err(PathError::NotYetValid { subject: subject(), at, not_before: validity.not_before });
    }
    if at > validity.not_after {
        return Err(PathError::Expired { subject: subject(), at, not_after: validity.not_after });
    }
    Ok(())
}

/// How many comparisons [`name_constraints`] will make.
pub(super) fn comparisons(issuer: &Certificate, below: &[&Certificate]) -> usize {
    let Some(constraints) = &issuer.extensions().name_constraints else { return 0 };
    let names = |certificate: &&Certificate| {
        certificate.extensions().subject_alt_name.len() + certificate.subject().len() + 1
    };
    constraints.len().saturating_mul(below.iter().map(names).sum())
}

/// §6.1.3 (b), (c): every name below, except those of self-issued authorities.
pub(super) fn name_constraints(issuer: &Certificate, below: &[&Certificate]) -> Result<(), PathError> {
    let Some(constraints) = &issuer.extensions().name_constraints else { return Ok(()) };
    for (index, certificate) in below.iter().enumerate() {
        if index > 0 && certificate.is_self_issued() {
            continue;
        }
        for name in names(certificate) {
            match constraints.check(&name) {
                Fit::Allowed => {}
                Fit::Violation => {
                    let (subject, issuer) = (certificate.name(), issuer.name());
                    return Err(PathError::NameConstraint { subject, issuer, name: text(&name) });
                }
                Fit::Unknown => {
                    let (subject, constraint) = (issuer.name(), Constraint::NameConstraints);
                    return Err(PathError::ConstraintNotEnforced { subject, constraint });
                }
            }
        }
    }
    Ok(())
}

/// Short keys, and the weak hash in the signature, which does not matter on an anchor.
pub(super) fn weaknesses(certificate: &Certificate, is_anchor: bool) -> Vec<Weakness> {
    let (mut weak, subject) = (Vec::new(), || certificate.name());
    if let Ok(KeyAlgorithm::Rsa { bits, .. }) = certificate.public_key().map(|key| key.algorithm())
        && *bits < 2048
    {
        weak.push(Weakness::ShortKey { subject: subject(), bits: *bits });
    }
    let signature = algorithm::signature(certificate.signature_algorithm(), None, None);
    match signature.ok().and_then(|algorithm| algorithm.hash()) {
        Some(hash @ (HashAlgorithm::Sha1 | HashAlgorithm::Md5)) if !is_anchor => {
            weak.push(Weakness::Hash { subject: subject(), hash });
        }
        _ => {}
    }
    weak
}

/// §6.1.4 (o), §6.1.5 (f): nothing critical that is not understood, nothing known that cannot be read.
fn readable(certificate: &Certificate) -> Result<(), PathError> {
    let (extensions, subject) = (certificate.extensions(), || certificate.name());
    if let Some(what) = extensions.defects.first() {
        return Err(PathError::Malformed { subject: subject(), what: what.clone() });
    }
    if let Some(oid) = extensions.unknown_critical.first() {
        return Err(PathError::UnknownCritical { subject: subject(), oid: oid.clone() });
    }
    Ok(())
}

fn leaf_key_usage(leaf: &Certificate, purpose: Purpose<'_>) -> Result<(), PathError> {
    let (wanted, needed) = match purpose {
        Purpose::EmailSigning => {
            (KeyUsage::DIGITAL_SIGNATURE.or(KeyUsage::NON_REPUDIATION), "digitalSignature or nonRepudiation")
        }
        Purpose::EmailEncryption => {
            (KeyUsage::KEY_ENCIPHERMENT.or(KeyUsage::KEY_AGREEMENT), "keyEncipherment or keyAgreement")
        }
        Purpose::Other { key_usage: Some(usage), .. } => (usage, "what was asked for"),
        Purpose::Other { key_usage: None, .. } => return Ok(()),
        Purpose::CrlSigning => (KeyUsage::CRL_SIGN, "cRLSign"),
    };
    match leaf.extensions().key_usage {
        // RFC 5280 §4.2.1.3 has it in everybody who signs CRLs. A name, which some authority gave, is not enough.
        None if purpose == Purpose::CrlSigning && !leaf.is_ca() => {
            Err(PathError::KeyUsage { subject: leaf.name(), needed })
        }
        Some(usage) if !usage.meets(wanted) => Err(PathError::KeyUsage { subject: leaf.name(), needed }),
        _ => Ok(()),
    }
}

/// RFC 8550 §4.4.4. On an authority it bounds what is below it, as the S/MIME Baseline Requirements §7.1.2.2 and all
/// implementations read it.
fn ext_key_usage(certificate: &Certificate, purpose: Purpose<'_>) -> Result<(), PathError> {
    let (wanted, name) = match purpose {
        Purpose::EmailSigning | Purpose::EmailEncryption => (EMAIL_PROTECTION, "emailProtection"),
        Purpose::Other { ext_key_usage: Some(wanted), .. } => (wanted, wanted),
        // Who signs CRLs needs no extended purpose (RFC 5280 §6.3.3 (f)).
        Purpose::CrlSigning | Purpose::Other { ext_key_usage: None, .. } => return Ok(()),
    };
    let fits = |purpose: &String| purpose == wanted || purpose == ANY_EXTENDED_KEY_USAGE;
    match &certificate.extensions().ext_key_usage {
        Some(purposes) if !purposes.iter().any(fits) => {
            Err(PathError::ExtKeyUsage { subject: certificate.name(), needed: name.to_owned() })
        }
        _ => Ok(()),
    }
}

/// The subject, the subjectAltName, and every emailAddress in the subject, whether or not it counts as a mailbox: others
/// may read it (R-C2). One that is no text is a mailbox that is not well formed.
fn names(certificate: &Certificate) -> impl Iterator<Item = Cow<'_, GeneralName>> {
    let subject = Some(certificate.subject()).filter(|subject| !subject.is_empty());
    let subject = subject.cloned().map(GeneralName::DirectoryName);
    let mailboxes = certificate.subject().all_email_addresses().map(|text| match text {
        Some(text) if !text.is_ascii() => GeneralName::SmtpUtf8Mailbox(text),
        text => GeneralName::Rfc822Name(text.unwrap_or_default()),
    });
    let alternative = certificate.extensions().subject_alt_name.iter().map(Cow::Borrowed);
    subject.into_iter().chain(mailboxes).map(Cow::Owned).chain(alternative)
}

fn text(name: &GeneralName) -> String {
    short(match name {
        GeneralName::DirectoryName(name) => name.to_string(),
        GeneralName::Rfc822Name(text) | GeneralName::SmtpUtf8Mailbox(text) => text.clone(),
        GeneralName::DnsName(text) | GeneralName::Uri(text) => text.clone(),
        GeneralName::IpAddress(octets) => ip_text(octets),
        GeneralName::Other { .. } => "a name of another kind".to_owned(),
    })
}

fn ip_text(octets: &[u8]) -> String {
    match octets {
        [a, b, c, d] => format!("{a}.{b}.{c}.{d}"),
        octets => oid::hex(octets),
    }
}

const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
const ANY_EXTENDED_KEY_USAGE: &str = "2.5.29.37.0";
