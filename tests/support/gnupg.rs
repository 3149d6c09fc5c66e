//! Homes for gpg and gpgsm, each its own, with its agent ended when it goes.

use std::fs;
use std::path::{Path, PathBuf};

use super::pki::{Leaf, PASSWORD, Pki};
use super::{Program, Ran, tool};

/// A GNUPGHOME. Its agent ends with it.
#[derive(Debug)]
pub struct Home(tempfile::TempDir);

/// gpg with a home of its own.
#[derive(Debug)]
pub struct Gpg {
    home: Home,
    program: PathBuf,
}

/// gpgsm with a home of its own, where some roots count.
#[derive(Debug)]
pub struct Gpgsm {
    home: Home,
    program: PathBuf,
}

impl Home {
    fn new() -> Self {
        // A short name: the path of the agent's socket has a limit of about a hundred octets.
        let home = tempfile::Builder::new().prefix("g").rand_bytes(8).tempdir().unwrap();
        fs::write(home.path().join("gpg-agent.conf"), "allow-loopback-pinentry\n").unwrap();
        Self(home)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let ended = std::process::Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.path())
            .args(["--kill", "all"])
            .status();
        drop(ended); // an agent that never ran cannot be ended
    }
}

impl Gpg {
    /// None, and one line of output, if gpg is not there.
    pub fn new() -> Option<Self> {
        let program = tool("gpg")?;
        Some(Self { home: Home::new(), program })
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// gpg with words; it never asks.
    pub fn words(&self, words: &str) -> Program {
        let program = Program::new(&self.program).arg("--homedir").arg(self.home());
        program
            .words("--batch --no-tty --yes --pinentry-mode loopback --status-fd 1")
            .arg("--passphrase")
            .arg("")
            .words(words)
    }

    /// Makes a key that certifies and signs; `algorithm` is gpg's name: rsa3072, nistp256, ed25519. Its fingerprint.
    pub fn make_key(&self, user_id: &str, algorithm: &str) -> String {
        let made =
            self.words("--quick-generate-key").arg(user_id).words(algorithm).words("cert,sign never").run();
        let text = made.text();
        made.ok();
        let line = text.lines().find(|line| line.contains("KEY_CREATED")).unwrap_or_else(|| panic!("{text}"));
        line.rsplit(' ').next().unwrap().to_owned()
    }

    /// The same, with a subkey that encrypts; `subkey` is gpg's name as well.
    pub fn make_key_with(&self, user_id: &str, algorithm: &str, subkey: &str) -> String {
        let fingerprint = self.make_key(user_id, algorithm);
        self.words("--quick-add-key").words(&fingerprint).words(subkey).words("encr never").ok();
        fingerprint
    }

    pub fn import(&self, octets: &[u8]) {
        self.words("--import").input(octets).ok();
    }

    /// The armored certificate.
    pub fn certificate(&self, fingerprint: &str) -> Vec<u8> {
        self.export("--export", fingerprint)
    }

    /// The armored secret key, without a password.
    pub fn secret_key(&self, fingerprint: &str) -> Vec<u8> {
        self.export("--export-secret-keys", fingerprint)
    }

    /// An armored detached signature over these octets; `options` may be `--textmode` or `--digest-algo SHA1`.
    pub fn sign(&self, fingerprint: &str, content: &[u8], options: &str) -> Vec<u8> {
        let out = self.home().join("signature.asc");
        let signing = self.words("--armor --local-user").words(fingerprint).words(options);
        signing.arg("--output").arg(&out).words("--detach-sign").input(content).ok();
        fs::read(out).unwrap()
    }

    /// Status lines (`GOODSIG`, `VALIDSIG` …) are in the output.
    pub fn verify(&self, signature: &[u8], content: &[u8]) -> Ran {
        let file = self.home().join("verify.asc");
        fs::write(&file, signature).unwrap();
        self.words("--verify").arg(file).arg("-").input(content).run()
    }

    fn export(&self, command: &str, fingerprint: &str) -> Vec<u8> {
        let out = self.home().join("exported.asc");
        self.words("--armor --output").arg(&out).words(command).words(fingerprint).ok();
        fs::read(out).unwrap()
    }
}

impl Gpgsm {
    /// Trusts the root of `pki`. None, and one line of output, if gpgsm is not there.
    pub fn new(pki: &Pki) -> Option<Self> {
        let gpgsm = Self { program: tool("gpgsm")?, home: Home::new() };
        fs::write(gpgsm.home().join("gpgsm.conf"), "disable-crl-checks\ndisable-dirmngr\n").unwrap();
        let printed = pki.openssl("x509 -noout -fingerprint -sha1 -in root.pem").ok();
        let printed = String::from_utf8(printed).unwrap();
        let fingerprint = printed.trim().rsplit('=').next().unwrap().to_owned();
        fs::write(gpgsm.home().join("trustlist.txt"), format!("{fingerprint} S relax\n")).unwrap();
        gpgsm.words("--import").arg(pki.root()).arg(pki.intermediate()).ok();
        Some(gpgsm)
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// gpgsm with words; it never asks, and finds [`PASSWORD`] on its standard input.
    pub fn words(&self, words: &str) -> Program {
        let program = Program::new(&self.program).arg("--homedir").arg(self.home());
        program.words("--batch --no-tty --yes --status-fd 1 --pinentry-mode loopback").words(words)
    }

    /// Takes a key in. RSA only: gpgsm 2.2 does not survive the PKCS#12 of an elliptic curve, nor today's encryption.
    /// One file in twenty it does not read, by the salt that it was encrypted with; another salt helps.
    pub fn import(&self, pki: &Pki, leaf: &Leaf) {
        for _ in 0..4 {
            let importing = self.words("--passphrase-fd 0 --import").arg(&leaf.pkcs12_old);
            if importing.input(format!("{PASSWORD}\n").as_bytes()).run().succeeded {
                return;
            }
            pki.write_old_pkcs12(leaf);
        }
        panic!("gpgsm does not read {}", leaf.pkcs12_old.display());
    }

    /// A detached signature in DER over these octets.
    pub fn sign(&self, address: &str, content: &[u8]) -> Vec<u8> {
        let (file, out) = (self.home().join("content"), self.home().join("signature.der"));
        fs::write(&file, content).unwrap();
        let signing = self.words("--passphrase-fd 0 --local-user").arg(address).arg("--output").arg(&out);
        signing.words("--detach-sign").arg(file).input(format!("{PASSWORD}\n").as_bytes()).ok();
        fs::read(out).unwrap()
    }

    /// Status lines (`GOODSIG`, `TRUST_FULLY` …) are in the output.
    pub fn verify(&self, signature: &[u8], content: &[u8]) -> Ran {
        let (file, signed) = (self.home().join("verify.der"), self.home().join("verify.content"));
        fs::write(&file, signature).unwrap();
        fs::write(&signed, content).unwrap();
        self.words("--verify").arg(file).arg(signed).run()
    }
}
