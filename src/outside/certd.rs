//! The shared OpenPGP certificate directory (draft-nwjw-openpgp-cert-d), which sq and other programs keep.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::limits::Limits;
use crate::outside::read_bounded;
use crate::protocol::{Certificate, CertificatePool, CertificateSource, KeyHint};

/// The certificates of a directory, as they were when it was opened. Finding one is not trusting it.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::{Context, TrustStore, outside::CertD};
/// let known = CertD::open("/home/alice/.local/share/pgp.cert.d")?;
/// let mut trust = TrustStore::new();
/// # #[cfg(feature = "web-of-trust")]
/// if let Some(root) = known.trust_root() {
///     // Whom sq was told to believe.
///     trust = trust.web_of_trust_root(&root.fingerprint(), 120)?;
/// }
/// let cx = Context::new(trust).certificates(known);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct CertD {
    pool: CertificatePool,
    trust_root: Option<Certificate>,
    unreadable: Vec<PathBuf>,
}

impl CertD {
    /// Reads all certificates of the directory, each file within the limits of [`Limits::key_file_bytes`], at most
    /// [`Limits::web_certificates`] of them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_within(path, &Limits::default())
    }

    /// The same, within limits.
    ///
    /// ```
    /// use mailseal::{Limits, outside::CertD};
    /// # let folder = tempfile::tempdir()?;
    /// let small = Limits::default().web_certificates(100);
    /// assert!(CertD::open_within(folder.path(), &small)?.trust_root().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_within(path: impl AsRef<Path>, limits: &Limits) -> Result<Self, Error> {
        let path = path.as_ref();
        let mut found = Self { pool: CertificatePool::new(), trust_root: None, unreadable: Vec::new() };
        let mut files = 0_usize;
        for folder in entries(path)?.into_iter().filter(|folder| is_hexadecimal(folder, 2) && folder.is_dir())
        {
            for file in entries(&folder)?
                .into_iter()
                .filter(|file| is_hexadecimal(file, 38) || is_hexadecimal(file, 62))
            {
                files = files.saturating_add(1);
                if files > limits.web_certificates {
                    let limit = u64::try_from(limits.web_certificates).unwrap_or(u64::MAX);
                    return Err(Error::Limit { name: "web_certificates", limit });
                }
                match read(&file, limits) {
                    Some(one) if is_named(&folder, &file, &one) => found.pool.add(one),
                    _ => found.unreadable.push(file),
                }
            }
        }
        let root = path.join("trust-root");
        if root.is_file() {
            found.trust_root = read(&root, limits);
            match &found.trust_root {
                Some(root) => found.pool.add(root.clone()),
                None => found.unreadable.push(root),
            }
        }
        Ok(found)
    }

    /// The certificate of the special name `trust-root`, by which a user's programs certify for that user alone.
    pub fn trust_root(&self) -> Option<&Certificate> {
        self.trust_root.as_ref()
    }

    /// Files that hold no certificate, or another than they are named after.
    ///
    /// ```
    /// use mailseal::outside::CertD;
    /// # let folder = tempfile::tempdir()?;
    /// for file in CertD::open(folder.path())?.unreadable() {
    ///     eprintln!("not read: {}", file.display());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unreadable(&self) -> &[PathBuf] {
        &self.unreadable
    }
}

impl CertificateSource for CertD {
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        self.pool.candidates(hint)
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = || Error::io(folder.display().to_string());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        found.push(entry.map_err(failed())?.path());
    }
    found.sort();
    Ok(found)
}

fn is_hexadecimal(path: &Path, digits: usize) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == digits && name.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_named(folder: &Path, file: &Path, certificate: &Certificate) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let named = [name(folder), name(file)].into_iter().flatten().collect::<String>();
    certificate.fingerprint().eq_ignore_ascii_case(&named)
}

/// The one certificate of a file.
fn read(file: &Path, limits: &Limits) -> Option<Certificate> {
    let octets = read_bounded(file, limits).ok()?;
    let mut found = crate::openpgp::Certificate::load(&octets).ok()?;
    found.pop().filter(|_| found.is_empty()).map(Certificate::Openpgp)
}
