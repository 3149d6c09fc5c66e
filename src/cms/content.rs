//! What of the content a signature needs: digests, and the first octets.

use std::fmt;
use std::io::{self, Write};

use crate::cms::ber::tag;
use crate::crypto::{Digest, HashAlgorithm, Provider};

/// Enough for SET, SEQUENCE and an object identifier's tag with lengths of any form.
const FIRST_OCTETS: usize = 64;

/// Hashes content as it passes, with any number of algorithms at once.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// use std::io::Write;
/// use mailseal::cms::ContentHasher;
/// use mailseal::crypto::{HashAlgorithm, Provider};
/// let mut hasher = ContentHasher::new(&Provider::default(), &[HashAlgorithm::Sha256]);
/// hasher.write_all(b"abc").unwrap();
/// assert_eq!(hasher.finish().get(HashAlgorithm::Sha256).unwrap()[..2], [0xba, 0x78]);
/// # }
/// ```
pub struct ContentHasher {
    running: Vec<(HashAlgorithm, Box<dyn Digest>)>,
    first: Vec<u8>,
    length: u64,
}

impl ContentHasher {
    /// Starts. Algorithms that the provider does not know are left out.
    pub fn new(provider: &Provider, algorithms: &[HashAlgorithm]) -> Self {
        let mut running: Vec<(HashAlgorithm, Box<dyn Digest>)> = Vec::new();
        for algorithm in algorithms {
            let known = running.iter().any(|(known, _)| known == algorithm);
            if let (false, Some(digest)) = (known, provider.digest(*algorithm)) {
                running.push((*algorithm, digest));
            }
        }
        Self { running, first: Vec::with_capacity(FIRST_OCTETS), length: 0 }
    }

    /// Takes more octets.
    pub fn update(&mut self, octets: &[u8]) {
        let wanted = FIRST_OCTETS.saturating_sub(self.first.len());
        self.first.extend(octets.iter().take(wanted));
        self.running.iter_mut().for_each(|(_, digest)| digest.update(octets));
        self.length = self.length.saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX));
    }

    /// A second one, with all octets taken so far.
    #[must_use]
    pub fn fork(&self) -> Self {
        let running = self.running.iter().map(|(algorithm, digest)| (*algorithm, digest.fork())).collect();
        Self { running, first: self.first.clone(), length: self.length }
    }

    /// The content is complete.
    pub fn finish(self) -> ContentDigests {
        let digests = self.running.into_iter().map(|(algorithm, digest)| (algorithm, digest.finish()));
        ContentDigests { digests: digests.collect(), first: self.first, length: self.length }
    }
}

impl Write for ContentHasher {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.update(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for ContentHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.running.iter().map(|(algorithm, _)| algorithm)).finish()
    }
}

/// Content, hashed. Made by a [`ContentHasher`].
///
/// ```
/// use mailseal::cms::ContentHasher;
/// use mailseal::crypto::{HashAlgorithm, Provider};
/// let mut hasher = ContentHasher::new(&Provider::default(), &[HashAlgorithm::Sha256, HashAlgorithm::Sha512]);
/// hasher.update(b"abc");
/// let digests = hasher.finish();
/// assert_eq!((digests.length(), digests.get(HashAlgorithm::Sha384)), (3, None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentDigests {
    digests: Vec<(HashAlgorithm, Vec<u8>)>,
    first: Vec<u8>,
    length: u64,
}

impl ContentDigests {
    /// The digest by one of the algorithms it was hashed with.
    pub fn get(&self, algorithm: HashAlgorithm) -> Option<&[u8]> {
        self.digests.iter().find(|(known, _)| *known == algorithm).map(|(_, digest)| digest.as_slice())
    }

    /// Octets of the content.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// R-B4: a signature over signed attributes is one over `SET { SEQUENCE { OBJECT IDENTIFIER …`. Content that
    /// begins so, whatever the form of the lengths, may be attributes that somebody signed. No text does: the
    /// object identifier's tag is a control character.
    pub(crate) fn looks_like_attributes(&self) -> bool {
        let within = |octets: &[u8], tag: u8| {
            let (first, rest) = octets.split_first().filter(|(first, _)| **first == tag)?;
            let _ = first;
            let (length, rest) = rest.split_first()?;
            let more = if *length > 0x80 { usize::from(length & 0x7f) } else { 0 };
            rest.get(more..).map(<[u8]>::to_vec)
        };
        let inner = within(&self.first, tag::SET).and_then(|set| within(&set, tag::SEQUENCE));
        inner.is_some_and(|attribute| attribute.first() == Some(&tag::OID))
    }
}
