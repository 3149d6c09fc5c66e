//! The certificate authorities that Mozilla trusts for e-mail, as of a stated day.
//!
//! - [`email_roots`], [`TrustStore::email_roots`].
//!
//! `roots.der` and `roots.tsv` are written by `generate.py` from the module of built-in objects of NSS, which says of
//! each root what it is for. Bundles for TLS do not, and are no source of it.

use std::sync::LazyLock;

use crate::error::Error;
use crate::protocol::Certificate;
use crate::time::UnixTime;
use crate::trust::store::Anchor;
use crate::trust::{Scope, TrustStore, words};
use crate::x509;
use crate::x509::der_reader::Reader;

/// The certificates, DER, one after the other.
static DER: &[u8] = include_bytes!("roots.der");
/// First the day and the version; then a line for each certificate: fingerprint, distrust after, label.
static TABLE: &str = include_str!("roots.tsv");

static ROOTS: LazyLock<Vec<EmailRoot>> = LazyLock::new(|| read().unwrap_or_default());

/// A certificate authority that Mozilla trusts for e-mail.
///
/// ```
/// let given_up = mailseal::trust::email_roots().iter().filter(|root| root.distrust_after.is_some());
/// for root in given_up {
///     println!("{} counts only for what it issued before", root.label);
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmailRoot {
    /// Its certificate.
    pub certificate: Certificate,
    /// Its name in the list.
    pub label: &'static str,
    /// What it issued after that (notBefore) is not believed.
    pub distrust_after: Option<UnixTime>,
}

/// Which list [`email_roots`] is: the day it came out, and its versions.
///
/// ```
/// assert!(mailseal::trust::email_roots_as_of().starts_with("2023-02-15, NSS 3.87.1"));
/// ```
pub fn email_roots_as_of() -> String {
    TABLE.lines().next().unwrap_or_default().replace('\t', ", ")
}

/// The certificate authorities that Mozilla trusts for e-mail, as of [`email_roots_as_of`]. Read when first asked for.
/// A list that is older than this library's release is no reason to trust whom Mozilla has given up since.
///
/// ```
/// let roots = mailseal::trust::email_roots();
/// assert!(roots.iter().any(|root| root.label == "Actalis Authentication Root CA"));
/// ```
pub fn email_roots() -> &'static [EmailRoot] {
    &ROOTS
}

impl TrustStore {
    /// Trusts the authorities that Mozilla trusts for e-mail ([`email_roots`](crate::trust::email_roots)), for a scope;
    /// those that it has given up, for what they issued until then (`issued-until=` in the scope of the evidence).
    ///
    /// ```
    /// use mailseal::TrustStore;
    /// // Whoever they say is an organisation; a mailbox alone does not count.
    /// let trust = TrustStore::new().email_roots("any assurance=organization".parse()?);
    /// # let _ = trust;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn email_roots(mut self, scope: Scope) -> Self {
        for root in email_roots() {
            let scope = match root.distrust_after {
                Some(time) => scope.clone().issued_until(time),
                None => scope.clone(),
            };
            self.add(Anchor { certificate: root.certificate.clone(), scope });
        }
        self
    }
}

fn read() -> Result<Vec<EmailRoot>, Error> {
    let certificates = Reader::new(DER).map(|value| {
        let value = value.map_err(|error| Error::malformed("the list of roots", error.to_string()))?;
        x509::Certificate::from_der(value.octets)
    });
    let roots = TABLE.lines().skip(1).zip(certificates).map(|(line, certificate)| {
        let mut fields = line.split('\t');
        let (fingerprint, after) = (fields.next(), fields.next().unwrap_or_default());
        let certificate = Certificate::X509(certificate?);
        if fingerprint != Some(certificate.fingerprint().as_str()) {
            return Err(Error::malformed("the list of roots", line));
        }
        let distrust_after = match after {
            "-" => None,
            time => Some(words::end("distrust-after", time)?),
        };
        Ok(EmailRoot { certificate, label: fields.next().unwrap_or_default(), distrust_after })
    });
    roots.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is lost between the two files, and every one of them can be used.
    #[test]
    fn r_c10_all_of_the_list_is_read() {
        let roots = read().unwrap();
        assert_eq!(roots.len(), TABLE.lines().count() - 1);
        assert_eq!(roots.len(), Reader::new(DER).count());
        assert!(roots.len() > 100 && email_roots().len() == roots.len());
        for value in Reader::new(DER) {
            let root = x509::Certificate::from_der(value.unwrap().octets).unwrap();
            assert!(root.public_key().is_ok() && root.extensions().defects.is_empty(), "{}", root.name());
        }
    }

    #[test]
    fn r_c10_who_was_given_up_counts_for_what_it_issued_before() {
        let given_up = |label: &str| {
            let root = email_roots().iter().find(|root| root.label == label).unwrap();
            root.distrust_after.map(UnixTime::date)
        };
        assert_eq!(given_up("TrustCor RootCert CA-1").as_deref(), Some("2022-11-30"));
        assert_eq!(given_up("Actalis Authentication Root CA"), None);
    }
}
