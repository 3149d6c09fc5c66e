//! A database of NSS, as Thunderbird has one, for cmsutil.

use std::fs;
use std::path::{Path, PathBuf};

use super::pki::{Leaf, PASSWORD, Pki};
use super::{Program, Ran, tool};

/// A database where the root of a [`Pki`] may speak for mail.
#[derive(Debug)]
pub struct Nss {
    folder: tempfile::TempDir,
    cmsutil: PathBuf,
    pk12util: PathBuf,
}

impl Nss {
    /// None, and one line of output, if the tools of NSS are not there.
    pub fn new(pki: &Pki) -> Option<Self> {
        let (certutil, cmsutil, pk12util) = (tool("certutil")?, tool("cmsutil")?, tool("pk12util")?);
        let nss = Self { folder: tempfile::tempdir().unwrap(), cmsutil, pk12util };
        let run = |words: &str| Program::new(&certutil).arg("-d").arg(nss.database()).words(words);
        run("-N --empty-password").ok();
        run("-A -n root -t C,C,C -i").arg(pki.root()).ok();
        run("-A -n intermediate -t ,, -i").arg(pki.intermediate()).ok();
        Some(nss)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Takes a key in.
    pub fn import(&self, leaf: &Leaf) {
        let words = format!("-W {PASSWORD}");
        Program::new(&self.pk12util)
            .arg("-i")
            .arg(&leaf.pkcs12)
            .words(&words)
            .arg("-K")
            .arg("")
            .arg("-d")
            .arg(self.database())
            .ok();
    }

    /// cmsutil with words, on this database.
    pub fn cmsutil(&self, words: &str) -> Program {
        Program::new(&self.cmsutil).arg("-d").arg(self.database()).words(words)
    }

    /// A detached signature in DER over these octets.
    pub fn sign(&self, address: &str, content: &[u8]) -> Vec<u8> {
        let (file, out) = (self.folder().join("content"), self.folder().join("signature.der"));
        fs::write(&file, content).unwrap();
        self.cmsutil("-S -T -G -H SHA256 -N").arg(address).arg("-i").arg(file).arg("-o").arg(&out).ok();
        fs::read(out).unwrap()
    }

    /// `GoodSignature` is in the output if NSS says so, the path to the root included. It succeeds in either case.
    pub fn verify(&self, signature: &[u8], content: &[u8]) -> Ran {
        let (file, signed) = (self.folder().join("verify.der"), self.folder().join("verify.content"));
        fs::write(&file, signature).unwrap();
        fs::write(&signed, content).unwrap();
        self.cmsutil("-D -h 0 -u 4").arg("-c").arg(signed).arg("-i").arg(file).run()
    }

    fn database(&self) -> String {
        format!("sql:{}", self.folder().display())
    }
}
