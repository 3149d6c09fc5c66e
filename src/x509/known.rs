//! Certificates that were read before.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::limits::Limits;
use crate::x509::Certificate;

/// Reads certificates, each once for all letters that it comes with. Nothing is remembered but what its octets say, and
/// only the very same octets get it: what to believe is asked anew each time. Threads share it; the youngest are kept.
#[derive(Default)]
pub(crate) struct KnownCertificates(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_end: HashMap<End, Certificate>,
    by_age: VecDeque<End>,
}

/// The last octets, of the signature: quick to find by. Who made others with the same end takes the place of the first.
type End = [u8; 32];

impl KnownCertificates {
    /// As [`Certificate::from_der`].
    pub(crate) fn read(&self, der: &[u8], limits: &Limits) -> Result<Certificate, Error> {
        let Some(end) = der.last_chunk() else { return Certificate::from_der(der) };
        if let Some(known) = self.lock().by_end.get(end).filter(|known| known.as_der() == der) {
            return Ok(known.clone());
        }
        let certificate = Certificate::from_der(der)?;
        if der.len() <= LONGEST {
            self.lock().insert(*end, certificate.clone(), limits.path_cache / SIGNATURES_EACH);
        }
        Ok(certificate)
    }

    /// What another thread left when it panicked is whole: at worst one of the two lists lacks one.
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn insert(&mut self, end: End, certificate: Certificate, most: usize) {
        if self.by_end.insert(end, certificate).is_some() {
            return;
        }
        self.by_age.push_back(end);
        while self.by_age.len() > most
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.by_end.remove(&oldest);
        }
    }
}

impl fmt::Debug for KnownCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownCertificates({})", self.lock().by_age.len())
    }
}

/// Of those remembered, for one certificate.
const SIGNATURES_EACH: usize = 2;
/// Octets of one that is remembered: more than any usual one has.
const LONGEST: usize = 4 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::testing::make;

    fn limits() -> Limits {
        Limits::default().path_cache(40)
    }

    #[test]
    fn each_is_read_once() {
        let (known, der) = (KnownCertificates::default(), make("Alice").signed_by("Root").as_der().to_vec());
        let first = known.read(&der, &limits()).unwrap();
        assert_eq!(known.read(&der, &limits()).unwrap().as_der().as_ptr(), first.as_der().as_ptr());
        assert!(
            known.read(b"no certificate", &limits()).is_err()
                && known.read(&der[..der.len() - 1], &limits()).is_err()
        );
    }

    #[test]
    fn another_with_the_same_end_is_another() {
        let known = KnownCertificates::default();
        let der = make("Alice").signed_by("Root").as_der().to_vec();
        let at = der.windows(5).rposition(|octets| octets == b"Alice").unwrap();
        let mut other = der.clone();
        other[at..at + 5].copy_from_slice(b"Alicf");
        for octets in [&der, &other, &der, &other] {
            assert_eq!(known.read(octets, &limits()).unwrap().as_der(), octets);
        }
        assert_eq!(known.read(&other, &limits()).unwrap().subject().common_name().as_deref(), Some("Alicf"));
        assert_eq!(known.lock().by_age.len(), 1);
    }

    #[test]
    fn few_and_small_ones_are_kept() {
        let known = KnownCertificates::default();
        let der = make("Alice").signed_by("Root").as_der().to_vec();
        let mut number = 0_u32;
        let mut next = || {
            number += 1;
            let (mut der, end) = (der.clone(), der.len() - 4);
            der[end..].copy_from_slice(&number.to_be_bytes());
            der
        };
        let first = next();
        known.read(&first, &limits()).unwrap();
        for _ in 0..25 {
            known.read(&next(), &limits()).unwrap();
        }
        let inside = known.lock();
        assert_eq!((inside.by_age.len(), inside.by_end.len()), (20, 20));
        assert!(!inside.by_end.contains_key(first.last_chunk::<32>().unwrap()));
        drop(inside);
        let mailboxes = "a".repeat(LONGEST);
        let large = make("Alice").mailbox(&format!("{mailboxes}@example.org")).signed_by("Root");
        known.read(large.as_der(), &limits()).unwrap();
        assert!(!known.lock().by_end.contains_key(large.as_der().last_chunk::<32>().unwrap()));
    }
}
