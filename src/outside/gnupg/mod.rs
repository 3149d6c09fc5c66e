//! What GnuPG keeps: its keyrings, and how far its user trusts the owners of keys.

mod keybox;
mod owner_trust;

use std::path::Path;

use crate::error::Error;
use crate::limits::Limits;
use crate::outside::read_bounded;
use crate::protocol::{Certificate, CertificatePool, CertificateSource, KeyHint};

pub use owner_trust::{OwnerTrust, owner_trust};

/// Reads the certificates of a file of GnuPG: `pubring.kbx` with OpenPGP and X.509 ones, `pubring.gpg`, or what
/// `gpg --export` and `gpgsm --export` wrote.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::outside::gnupg;
/// for certificate in gnupg::keyring(&std::fs::read("/home/alice/.gnupg/pubring.kbx")?)? {
///     println!("{}", certificate.fingerprint());
/// }
/// # Ok(())
/// # }
/// ```
pub fn keyring(octets: &[u8]) -> Result<Vec<Certificate>, Error> {
    if keybox::is_keybox(octets) {
        return keybox::read(octets, &Limits::default());
    }
    Certificate::load(octets)
}

/// The keyrings and the owner trust of one GnuPG home, as they were when it was opened. Finding a certificate is not
/// trusting it.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::{Context, TrustStore, outside::gnupg};
/// let home = gnupg::Home::open("/home/alice/.gnupg")?;
/// let mut trust = TrustStore::new();
/// # #[cfg(feature = "web-of-trust")]
/// for (fingerprint, owner_trust) in home.owner_trust() {
///     if let Some(amount) = owner_trust.amount() {
///         trust = trust.web_of_trust_root(fingerprint, amount)?;
///     }
/// }
/// let cx = Context::new(trust).certificates(home);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Home {
    pool: CertificatePool,
    owner_trust: Vec<(String, OwnerTrust)>,
}

impl Home {
    /// Reads `pubring.kbx`, `pubring.gpg` and `trustdb.gpg`, as far as they are there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let (path, limits) = (path.as_ref(), Limits::default());
        let mut pool = CertificatePool::new();
        for name in ["pubring.kbx", "pubring.gpg"] {
            let file = path.join(name);
            // A ring that is there and holds nothing is empty, not broken.
            if file.is_file() {
                let octets = read_bounded(&file, &limits)?;
                let found = if octets.is_empty() { Vec::new() } else { keyring(&octets)? };
                found.into_iter().for_each(|certificate| pool.add(certificate));
            }
        }
        let file = path.join("trustdb.gpg");
        let owner_trust = match file.is_file() {
            true => owner_trust(&read_bounded(&file, &limits)?)?,
            false => Vec::new(),
        };
        Ok(Self { pool, owner_trust })
    }

    /// How far the user trusts the owners of keys, by fingerprint.
    pub fn owner_trust(&self) -> impl Iterator<Item = (&str, OwnerTrust)> {
        self.owner_trust.iter().map(|(fingerprint, trust)| (fingerprint.as_str(), *trust))
    }
}

impl CertificateSource for Home {
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        self.pool.candidates(hint)
    }
}

#[cfg(test)]
mod tests;
