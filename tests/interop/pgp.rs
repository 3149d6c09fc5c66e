//! OpenPGP: keys that each program makes, and the programs that say whether a signature holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mailseal::{Key, Password};

use crate::cells::{Cells, Seen};
use crate::letters::{ALICE, Sealed};
use crate::support::gnupg::Gpg;
use crate::support::{Program, tool};

/// A key that some program made.
pub struct Maker {
    pub maker: &'static str,
    pub algorithm: &'static str,
    pub fingerprint: String,
    /// Armored, not locked.
    pub secret: Vec<u8>,
    /// Armored.
    pub certificate: Vec<u8>,
}

impl Maker {
    pub fn load(&self) -> Key {
        Key::load(&self.secret, Password::none()).unwrap()
    }
}

/// All keys, made once.
pub struct World {
    pub keys: Vec<Maker>,
    pub gpg: Gpg,
    pub sq: Option<PathBuf>,
    pub rnp: Option<Rnp>,
}

/// rnp with a home of its own.
pub struct Rnp {
    pub home: tempfile::TempDir,
    rnp: PathBuf,
    rnpkeys: PathBuf,
}

/// gpg's names, and ours.
const GPG: &[(&str, &str)] = &[
    ("rsa2048", "RSA-2048"),
    ("rsa3072", "RSA-3072"),
    ("rsa4096", "RSA-4096"),
    ("nistp256", "P-256"),
    ("nistp384", "P-384"),
    ("nistp521", "P-521"),
    ("ed25519", "Ed25519"),
];

const SQ: &[(&str, &str)] = &[("rsa3k", "RSA-3072"), ("cv25519", "Ed25519")];

/// What is chosen in the menus of `rnpkeys --expert`.
const RNP: &[(&str, &str)] = &[
    ("1\n2048\n", "RSA-2048"),
    ("1\n3072\n", "RSA-3072"),
    ("19\n1\n", "P-256"),
    ("19\n2\n", "P-384"),
    ("19\n3\n", "P-521"),
    ("22\n", "Ed25519"),
];

impl World {
    /// None, and one line of output, if gpg is not there.
    pub fn get(cells: &Cells) -> Option<&'static Self> {
        static WORLD: OnceLock<Option<World>> = OnceLock::new();
        let world = WORLD.get_or_init(|| {
            let gpg = Gpg::new()?;
            let (sq, rnp) = (tool("sq"), Rnp::new());
            let mut keys: Vec<Maker> = GPG.iter().map(|(name, own)| by_gpg(&gpg, name, own)).collect();
            keys.extend(sq.iter().flat_map(|sq| SQ.iter().map(|(name, own)| by_sq(sq, name, own))));
            keys.extend(rnp.iter().flat_map(|rnp| RNP.iter().map(|(menu, own)| rnp.make_key(menu, own))));
            Some(Self { keys, gpg, sq, rnp })
        });
        match world {
            None => cells.missing("gpg"),
            Some(world) => {
                world.sq.is_none().then(|| cells.missing("sq"));
                world.rnp.is_none().then(|| cells.missing("rnp"));
            }
        }
        world.as_ref()
    }

    pub fn key(&self, maker: &str, algorithm: &str) -> Option<&Maker> {
        self.keys.iter().find(|key| key.maker == maker && key.algorithm == algorithm)
    }

    /// One cell: a program accepts the letter and refuses the altered one.
    pub fn judged(
        &self,
        cells: &Cells,
        table: &'static str,
        peer: &Peer,
        column: &str,
        certificate: &[u8],
        sealed: &Sealed,
    ) {
        if !(peer.at_hand)(self) {
            return;
        }
        let verify = |sealed: &Sealed| (peer.verify)(self, certificate, &sealed.signature, &sealed.content);
        cells.cell(table, peer.name, column, || match verify(sealed) {
            Err(words) if column.contains("version 6") => match words.contains(peer.before_version_6) {
                true => Ok(Seen::NotKnown(words)),
                false => Err(words),
            },
            Err(words) => Err(format!("refused: {words}")),
            Ok(()) => match verify(&sealed.altered()) {
                Ok(()) => Err("the altered letter is accepted".into()),
                Err(_) => Ok(Seen::Accepted),
            },
        });
    }
}

type Verify = fn(&World, &[u8], &[u8], &[u8]) -> Result<(), String>;

/// A program that judges a detached signature.
pub struct Peer {
    pub name: &'static str,
    pub at_hand: fn(&World) -> bool,
    /// Certificate, signature, content: accepted, or its words.
    pub verify: Verify,
    /// What it says of keys of version 6 if it is older than RFC 9580.
    pub before_version_6: &'static str,
}

pub const PEERS: &[Peer] = &[
    Peer { name: "gpg", at_hand: |_| true, verify: gpg_verifies, before_version_6: "unknown version 6" },
    Peer {
        name: "sq",
        at_hand: |world| world.sq.is_some(),
        verify: sq_verifies,
        before_version_6: "Unsupported Cert",
    },
    Peer {
        name: "rnp",
        at_hand: |world| world.rnp.is_some(),
        verify: rnp_verifies,
        before_version_6: "wrong key packet version",
    },
];

/// With a key ring that holds this certificate and nothing else.
fn gpg_verifies(world: &World, certificate: &[u8], signature: &[u8], content: &[u8]) -> Result<(), String> {
    let folder = Folder::new(&[("certificate", certificate), ("signature", signature), ("content", content)]);
    let ring = |words: &str| {
        world
            .gpg
            .words("--no-default-keyring --trust-model always --keyring")
            .arg(folder.path("ring.kbx"))
            .words(words)
    };
    let imported = ring("--import").arg(folder.path("certificate")).run();
    let ran = ring("--verify").arg(folder.path("signature")).arg(folder.path("content")).run();
    let good = ran.succeeded && ran.text().contains("VALIDSIG");
    if good { Ok(()) } else { Err(imported.stderr + &ran.text() + &ran.stderr) }
}

fn sq_verifies(world: &World, certificate: &[u8], signature: &[u8], content: &[u8]) -> Result<(), String> {
    let folder = Folder::new(&[("certificate", certificate), ("signature", signature), ("content", content)]);
    let sq = Program::new(world.sq.as_ref().unwrap());
    let verify = sq.words("verify --signer-cert").arg(folder.path("certificate")).arg("--detached");
    let ran = verify.arg(folder.path("signature")).arg(folder.path("content")).run();
    if ran.succeeded { Ok(()) } else { Err(ran.stderr) }
}

fn rnp_verifies(world: &World, certificate: &[u8], signature: &[u8], content: &[u8]) -> Result<(), String> {
    let folder = Folder::new(&[("certificate", certificate), ("signature", signature), ("content", content)]);
    let rnp = Program::new(&world.rnp.as_ref().unwrap().rnp);
    let verify = rnp.arg("--keyfile").arg(folder.path("certificate")).words("--verify");
    let ran = verify.arg(folder.path("signature")).arg("--source").arg(folder.path("content")).run();
    if ran.succeeded { Ok(()) } else { Err(ran.text() + &ran.stderr) }
}

/// A folder for the files of one call.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, octets) in files {
            fs::write(folder.path(name), octets).unwrap();
        }
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

pub fn user_id() -> String {
    format!("Alice <{ALICE}>")
}

fn by_gpg(gpg: &Gpg, name: &str, algorithm: &'static str) -> Maker {
    let fingerprint = gpg.make_key(&user_id(), name);
    let (secret, certificate) = (gpg.secret_key(&fingerprint), gpg.certificate(&fingerprint));
    Maker { maker: "gpg", algorithm, fingerprint, secret, certificate }
}

fn by_sq(sq: &Path, name: &str, algorithm: &'static str) -> Maker {
    let folder = Folder::new(&[]);
    let make =
        Program::new(sq).words("key generate --cipher-suite").words(name).arg("--userid").arg(user_id());
    make.arg("--export").arg(folder.path("key")).ok();
    let certificate = Program::new(sq).words("key extract-cert").arg(folder.path("key")).ok();
    let secret = fs::read(folder.path("key")).unwrap();
    Maker { maker: "sq", algorithm, fingerprint: String::new(), secret, certificate }
}

impl Rnp {
    fn new() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        Some(Self { home, rnp: tool("rnp")?, rnpkeys: tool("rnpkeys")? })
    }

    pub fn rnp(&self, password: &str) -> Program {
        let password = format!("--password={password}");
        Program::new(&self.rnp).arg("--homedir").arg(self.home.path()).words("--notty").arg(password)
    }

    /// Without its key ring: with the keys of a file that is named.
    pub fn rnp_alone(&self, password: &str) -> Program {
        Program::new(&self.rnp).words("--notty").arg(format!("--password={password}"))
    }

    fn make_key(&self, menu: &str, algorithm: &'static str) -> Maker {
        let (fingerprint, secret, certificate) = self.make_locked_key(menu, "");
        Maker { maker: "rnp", algorithm, fingerprint, secret, certificate }
    }

    /// Fingerprint, secret key, certificate.
    pub fn make_locked_key(&self, menu: &str, password: &str) -> (String, Vec<u8>, Vec<u8>) {
        let keys = || Program::new(&self.rnpkeys).arg("--homedir").arg(self.home.path());
        let make = keys().words("--expert --generate-key --userid").arg(user_id());
        let made = make.arg(format!("--password={password}")).input(menu.as_bytes()).ok();
        let made = String::from_utf8(made).unwrap();
        let fingerprint = made.split_whitespace().find(|word| word.len() == 40).expect(&made).to_owned();
        let secret = keys().words("--export-key --secret").arg(&fingerprint).ok();
        let certificate = keys().words("--export-key").arg(&fingerprint).ok();
        (fingerprint, secret, certificate)
    }
}
