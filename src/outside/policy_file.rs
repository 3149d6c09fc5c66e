//! A policy that people keep in a file.

use std::path::Path;

use crate::error::Error;
use crate::limits::Limits;
use crate::outside::read_bounded;
use crate::policy::Policy;

/// Reads the policy of a file; its last name is quoted in reasons. An error where anything in it is not understood:
/// whoever was told to use it stops.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("policy.toml");
/// std::fs::write(&path, "[[sending]]\nto = \"*@partner.example\"\nencrypt = true\n")?;
/// let policy = mailseal::outside::policy_from_file(&path)?;
/// assert_eq!(policy.name(), "standard-2026-11+policy.toml");
/// # Ok(())
/// # }
/// ```
pub fn policy_from_file(path: impl AsRef<Path>) -> Result<Policy, Error> {
    let path = path.as_ref();
    let octets = read_bounded(path, &Limits::default())?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let text = std::str::from_utf8(&octets);
    let text = text.map_err(|_| Error::malformed("a policy", format!("{}: not UTF-8", path.display())))?;
    Policy::from_toml(text, &name)
}
