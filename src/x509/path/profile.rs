//! Where certificates depart from the profile of RFC 5280 §4 without harm to a path: told, not refused, because §6 does
//! not ask and real certificates do so.

use crate::x509::Certificate;

/// Something that an authority should not have written so.
///
/// ```
/// # use mailseal::x509::path::{Purpose, PathRequest, find};
/// # use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
/// # let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
/// # let (provider, limits) = (Provider::default(), Limits::default());
/// # let at = UnixTime::from_seconds(1_800_000_000);
/// # let purpose = Purpose::Other { ext_key_usage: None, key_usage: None };
/// # let request = PathRequest::new(&anchors[0], &anchors, purpose, at, &provider, &limits);
/// let path = find(&request).valid.expect("an anchor is its own path");
/// for departure in &path.departures {
///     println!("{}: {} ({})", departure.subject, departure.rule, departure.section);
/// }
/// # assert_eq!(path.departures, []);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Departure {
    /// Whose certificate.
    pub subject: String,
    /// The rule that it breaks, in words.
    pub rule: &'static str,
    /// Where the rule stands.
    pub section: &'static str,
}

/// Of one certificate.
pub(super) fn departures(certificate: &Certificate) -> impl Iterator<Item = Departure> {
    let broken = RULES.iter().filter(|(_, _, holds)| !holds(certificate));
    broken.map(|(section, rule, _)| Departure { subject: certificate.name(), rule, section })
}

type Rule = (&'static str, &'static str, fn(&Certificate) -> bool);

const RULES: [Rule; 10] = [
    ("RFC 5280 §4.1.2.2", "the serial number is positive and of at most 20 octets", |one| {
        let serial = one.serial();
        (1..=20).contains(&serial.len())
            && serial.first().is_some_and(|octet| octet & 0x80 == 0)
            && serial.iter().any(|octet| *octet != 0)
    }),
    ("RFC 5280 §4.1.2.4", "the issuer has a name", |one| !one.issuer().is_empty()),
    ("RFC 5280 §4.1.2.7", "the key is of a known kind", |one| one.public_key().is_ok()),
    (
        "RFC 5280 §4.2.1.1",
        "authorityKeyIdentifier is there, except where a certificate signs itself",
        |one| {
            let identifier = one.extensions().authority_key_identifier.as_ref();
            one.is_self_issued() || identifier.is_some_and(|identifier| identifier.key_identifier.is_some())
        },
    ),
    ("RFC 5280 §4.2.1.2", "an authority has a subjectKeyIdentifier", |one| {
        !one.is_ca() || one.extensions().subject_key_identifier.is_some()
    }),
    ("RFC 5280 §4.2.1.3", "only an authority has keyCertSign", |one| {
        one.is_ca() || !one.extensions().key_usage.is_some_and(|usage| usage.key_cert_sign())
    }),
    ("RFC 5280 §4.2.1.6", "where there is no subject, subjectAltName is critical", |one| {
        !one.subject().is_empty() || one.extensions().is_critical("subjectAltName")
    }),
    ("RFC 5280 §4.2.1.6", "where there is a subject, subjectAltName is not critical", |one| {
        one.subject().is_empty() || !one.extensions().is_critical("subjectAltName")
    }),
    (
        "RFC 5280 §4.2.1.9, §4.2.1.10",
        "basicConstraints and nameConstraints of an authority are critical",
        |one| {
            let extensions = one.extensions();
            (!one.is_ca() || extensions.is_critical("basicConstraints"))
                && (extensions.name_constraints.is_none() || extensions.is_critical("nameConstraints"))
        },
    ),
    ("RFC 5280 §4.2.1.10", "only an authority has nameConstraints", |one| {
        one.is_ca() || one.extensions().name_constraints.is_none()
    }),
];
