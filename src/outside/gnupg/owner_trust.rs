//! Owner trust: how far GnuPG's user trusts the owner of a key to certify others.

use crate::error::Error;

/// How far somebody is trusted to certify others.
///
/// GnuPG takes a key as valid that one owner of full trust or three of marginal trust have signed, or that is ultimate
/// itself; and it asks that their keys are valid. A [root](crate::TrustStore::web_of_trust_root) is an introducer
/// whether or not anybody certified it, so [`amount`](Self::amount) is careful: one of full trust alone is not enough.
///
/// | owner trust | amount | alone | valid to GnuPG |
/// |---|---|---|---|
/// | ultimate | 120 | whom it certifies, and itself | the same |
/// | full | 60 | nobody; two of them | whom a valid one certifies |
/// | marginal | 40 | nobody; three of them | whom three valid ones certify |
/// | never, undefined | none | nobody | nobody |
///
/// Nobody but an ultimate key makes introducers of others, unless its certifications say so themselves (trust
/// signatures).
///
/// ```
/// use mailseal::outside::gnupg::OwnerTrust;
/// assert_eq!(OwnerTrust::Ultimate.amount(), Some(120));
/// assert_eq!(OwnerTrust::Never.amount(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnerTrust {
    /// Not decided.
    Undefined,
    /// Not at all.
    Never,
    /// Somewhat.
    Marginal,
    /// Fully.
    Full,
    /// One's own.
    Ultimate,
}

impl OwnerTrust {
    /// The amount as a root of the Web of Trust.
    pub fn amount(self) -> Option<u8> {
        match self {
            Self::Ultimate => Some(120),
            Self::Full => Some(60),
            Self::Marginal => Some(40),
            Self::Never | Self::Undefined => None,
        }
    }

    /// GnuPG's numbers (g10/trustdb.h); the higher bits say whether a key is disabled.
    fn of(number: u8) -> Option<Self> {
        Some(match number & 0x0f {
            2 => Self::Undefined,
            3 => Self::Never,
            4 => Self::Marginal,
            5 => Self::Full,
            6 => Self::Ultimate,
            _ => return None,
        })
    }
}

/// Reads owner trust: what `gpg --export-ownertrust` writes, or a `trustdb.gpg` of version 3. Fingerprints are in
/// upper case.
///
/// ```
/// use mailseal::outside::gnupg::{OwnerTrust, owner_trust};
/// let text = b"# List of assigned trustvalues\n3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10:6:\n";
/// let found = owner_trust(text)?;
/// assert_eq!(found, [("3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10".to_owned(), OwnerTrust::Ultimate)]);
/// # Ok::<(), mailseal::Error>(())
/// ```
pub fn owner_trust(octets: &[u8]) -> Result<Vec<(String, OwnerTrust)>, Error> {
    if octets.starts_with(b"\x01gpg") {
        return database(octets);
    }
    let malformed = || Error::malformed("owner trust", "a line is not FINGERPRINT:NUMBER:");
    let text = std::str::from_utf8(octets).map_err(|_| malformed())?;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (fingerprint, number) = line.split_once(':').ok_or_else(malformed)?;
        let whole =
            matches!(fingerprint.len(), 40 | 64) && fingerprint.bytes().all(|one| one.is_ascii_hexdigit());
        let number = number.trim_end_matches(':').parse().ok().filter(|_| whole).ok_or_else(malformed)?;
        found.extend(OwnerTrust::of(number).map(|trust| (fingerprint.to_ascii_uppercase(), trust)));
    }
    Ok(found)
}

/// Octets of a record (GnuPG, doc/DETAILS, "Layout of the TrustDB").
const RECORD: usize = 40;

/// A record with the trust in a key.
const TRUST: u8 = 12;

fn database(octets: &[u8]) -> Result<Vec<(String, OwnerTrust)>, Error> {
    if octets.get(4) != Some(&3) {
        return Err(Error::malformed("a trustdb", "it is not of version 3"));
    }
    let (records, rest) = octets.as_chunks::<RECORD>();
    if !rest.is_empty() {
        return Err(Error::malformed("a trustdb", "a record is cut off"));
    }
    let trust = records.iter().filter(|record| record.first() == Some(&TRUST)).filter_map(|record| {
        let fingerprint = crate::report::hex(record.get(2..22)?);
        Some((fingerprint, OwnerTrust::of(*record.get(22)?)?))
    });
    Ok(trust.collect())
}
