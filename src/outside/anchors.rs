//! Anchors from a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::limits::Limits;
use crate::outside::read_bounded;
use crate::trust::{Scope, TrustStore};

/// Names that are read end so.
const ENDINGS: [&str; 5] = ["pem", "crt", "cer", "der", "asc"];

/// Entries of a folder that are looked at: a system's folder of certificates has some hundreds.
const MOST_ENTRIES: usize = 10_000;

/// Trusts the certificates of all files in a folder whose names end in `.pem`, `.crt`, `.cer`, `.der` or `.asc`, for a
/// scope; other files and folders inside it are left alone. An error names the file that it is about, and so does
/// a file without certificates among them; a folder without any such file is an error too.
///
/// ```no_run
/// use mailseal::{Scope, TrustStore, outside};
/// let scope = Scope::domain("partner.example")?;
/// let trust = outside::anchors_from_folder(TrustStore::new(), "/etc/mailseal/partner", &scope)?;
/// # let _ = trust;
/// # Ok::<(), mailseal::Error>(())
/// ```
pub fn anchors_from_folder(
    mut trust: TrustStore,
    folder: impl AsRef<Path>,
    scope: &Scope,
) -> Result<TrustStore, Error> {
    let folder = folder.as_ref();
    let files = files(folder)?;
    if files.is_empty() {
        let endings = ENDINGS.join(", .");
        return Err(Error::malformed(
            "a folder of certificates",
            format!("{}: no file in it ends in .{endings}", folder.display()),
        ));
    }
    for file in files {
        trust = trust
            .anchors(
                &read_bounded(&file, &Limits::default()).map_err(|error| in_file(&file, error))?,
                scope.clone(),
            )
            .map_err(|error| in_file(&file, error))?;
    }
    Ok(trust)
}

/// In the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let io = || Error::io(folder.display().to_string());
    let mut files = Vec::new();
    for (index, entry) in fs::read_dir(folder).map_err(io())?.enumerate() {
        if index >= MOST_ENTRIES {
            let why = format!("{}: more than {MOST_ENTRIES} entries", folder.display());
            return Err(Error::malformed("a folder of certificates", why));
        }
        let path = entry.map_err(io())?.path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The same error with the name of the file.
fn in_file(path: &Path, error: Error) -> Error {
    let path = path.display();
    match error {
        Error::Malformed { what, why } => Error::Malformed { what, why: format!("{path}: {why}") },
        io @ Error::Io { .. } => io,
        Error::Misuse(why) => Error::Misuse(format!("{path}: {why}")),
        other => Error::Refused(format!("{path}: {other}")),
    }
}

#[cfg(test)]
#[cfg(all(feature = "smime", feature = "openpgp"))]
mod tests {
    use super::*;
    use crate::trust::TrustModel;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/letters");
        let ca = letters.join("openssl-ca.pem");
        fs::copy(&ca, folder.path().join("a.pem")).unwrap();
        fs::copy(&ca, folder.path().join("B.CRT")).unwrap();
        fs::copy(letters.join("gpg-carol.asc"), folder.path().join("carol.asc")).unwrap();
        fs::write(folder.path().join("README"), "not a certificate").unwrap();
        fs::write(folder.path().join("old.pem.bak"), "nor this").unwrap();
        fs::create_dir(folder.path().join("more.pem")).unwrap();
        folder
    }

    #[test]
    fn r_c10_reads_certificates_and_leaves_the_rest_alone() {
        let folder = folder();
        let trust = anchors_from_folder(TrustStore::new(), folder.path(), &Scope::any()).unwrap();
        assert_eq!(TrustModel::anchors(&trust), 3);
    }

    #[test]
    fn errors_name_the_file() {
        let folder = folder();
        let told = |scope: &str| {
            let scope: Scope = scope.parse().unwrap();
            anchors_from_folder(TrustStore::new(), folder.path(), &scope).unwrap_err().to_string()
        };
        let openpgp = told("any assurance=mailbox");
        assert!(openpgp.contains("carol.asc") && openpgp.contains("OpenPGP"), "{openpgp}");
        fs::write(folder.path().join("broken.der"), "nothing").unwrap();
        assert!(told("any").contains("broken.der"));
        fs::write(folder.path().join("a.pem"), vec![b' '; (16 << 20) + 1]).unwrap();
        assert!(told("any").contains("a.pem: the limit of"));
    }

    #[test]
    fn an_empty_folder_is_no_success() {
        let empty = tempfile::tempdir().unwrap();
        let read = anchors_from_folder(TrustStore::new(), empty.path(), &Scope::any());
        assert!(matches!(read, Err(Error::Malformed { .. })));
        let nowhere = anchors_from_folder(TrustStore::new(), empty.path().join("none"), &Scope::any());
        assert!(matches!(nowhere, Err(Error::Io { .. })));
    }
}
