//! S/MIME letters that mailseal encrypts, and the programs that read them.

use std::sync::OnceLock;

use mailseal::crypto::ContentCipher::{self, *};
use mailseal::{Certificate, Composer, Key};

use super::bouncy_castle::BouncyCastle;
use super::nss_and_gpgsm::{Databases, by_gpgsm, by_nss};
use super::openssl::{Openssl, all as all_openssl};
use super::{Opens, compose, read_by};
use crate::cells::{Cells, Outcome, Seen, must};
use crate::letters::{self, Letter, find};
use crate::smime::{World, load};
use crate::support::pki::{KeyType, Leaf};

const TABLE: &str = "S/MIME: we encrypt, they read";
const LETTERS: &str = "Letters: we encrypt, they read";
const BOTH: &str = "S/MIME: we sign and encrypt, they read and verify";

/// Keys that are encrypted to.
pub const KEYS: &[&str] = &["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384", "P-521"];

const CIPHERS: &[ContentCipher] =
    &[Aes128Gcm, Aes192Gcm, Aes256Gcm, ChaCha20Poly1305, Aes128Cbc, Aes192Cbc, Aes256Cbc];

/// A program that decrypts CMS, given the letter and the key.
pub enum Reader {
    Openssl(Openssl),
    BouncyCastle(&'static BouncyCastle),
    Gpgsm(&'static Databases),
    Nss(&'static Databases),
}

impl Reader {
    pub fn all(cells: &Cells) -> Vec<Self> {
        let mut readers: Vec<Self> = all_openssl(cells).into_iter().map(Self::Openssl).collect();
        readers.extend(BouncyCastle::get(cells).map(Self::BouncyCastle));
        if let Some(databases) = Databases::get(cells) {
            readers.extend([Self::Gpgsm(databases), Self::Nss(databases)]);
        }
        readers
    }

    pub fn name(&self) -> String {
        match self {
            Self::Openssl(openssl) => format!("{} cms", openssl.name),
            Self::BouncyCastle(_) => "Bouncy Castle".to_owned(),
            Self::Gpgsm(_) => "gpgsm".to_owned(),
            Self::Nss(_) => "NSS cmsutil".to_owned(),
        }
    }

    pub fn read(&self, world: &World, leaf: &Leaf, mail: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Openssl(openssl) => openssl.decrypt(world, leaf, mail),
            Self::BouncyCastle(java) => java.decrypt(leaf, mail),
            Self::Gpgsm(databases) => by_gpgsm(databases, mail),
            Self::Nss(databases) => by_nss(databases, leaf, mail),
        }
    }

    /// What it says where it does not know a cipher or a kind of key; any other refusal is a failure.
    fn not_known(&self, key: &str, cipher: &str, words: &str) -> bool {
        let complaints: &[&str] = match self {
            Self::Openssl(_) if cipher.starts_with("ChaCha20") => {
                &["unsupported content encryption algorithm", "unknown cipher"]
            }
            // Version 1.72 knows GCM only.
            Self::BouncyCastle(_) if cipher.starts_with("ChaCha20") => &["unknown object in getInstance"],
            // Version 2.2 has no room for nonces of 12 octets.
            Self::Gpgsm(_) if cipher.ends_with("GCM") => &["error getting IV: Buffer too short"],
            Self::Gpgsm(_) if cipher.starts_with("ChaCha20") => &["ERROR decrypt.algorithm"],
            // Keys of elliptic curves do not get into its key box (gpgsm 2.2 does not survive their PKCS#12).
            Self::Gpgsm(_) if key.starts_with("P-") => &["No secret key"],
            // Before 3.99 it reads no message with key agreement in it, and to this day none with a tag.
            Self::Nss(_) if key.contains("P-") || !cipher.ends_with("CBC") => {
                &["SEC_ERROR_BAD_DER", "SEC_ERROR"]
            }
            _ => &[],
        };
        complaints.iter().any(|complaint| words.contains(complaint))
    }

    fn outcome(&self, key: &str, cipher: &str, read: Result<Vec<u8>, String>) -> Outcome {
        match read {
            Ok(_) => Ok(Seen::Accepted),
            Err(words) if self.not_known(key, cipher, &words) => Ok(Seen::NotKnown(words)),
            Err(words) => Err(words),
        }
    }
}

pub fn certificate(leaf: &Leaf) -> Certificate {
    Certificate::load(&std::fs::read(&leaf.certificate).unwrap()).unwrap().remove(0)
}

/// Somebody else.
pub fn bob(world: &World) -> &'static Leaf {
    static BOB: OnceLock<Leaf> = OnceLock::new();
    BOB.get_or_init(|| world.pki.leaf("bob@example.net", KeyType::P256))
}

pub fn run(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let readers = Reader::all(cells);
    for name in KEYS {
        let leaf = world.leaf(name);
        let (to, own) = (certificate(leaf), Opens::Key(load(leaf)));
        let ciphers = CIPHERS.iter().map(|cipher| Some(*cipher)).chain([None]);
        for cipher in ciphers {
            let words = cipher.map_or_else(|| "as nobody asked".to_owned(), |cipher| cipher.to_string());
            // Nothing is known of the other side, so it is what everybody reads (RFC 8551 §2.7.1.2).
            let authenticated = cipher.is_some_and(ContentCipher::is_authenticated);
            let mail =
                compose(&letters::plain(), std::slice::from_ref(&to), cipher, &[], |composer| composer);
            for reader in &readers {
                cells.cell(TABLE, &format!("{}, {words}", reader.name()), name, || {
                    let mail = mail.clone()?;
                    secret(&mail)?;
                    let seen = read_by(&mail, &own, authenticated, &|mail| reader.read(world, leaf, mail));
                    if let Ok(content) = &seen {
                        must(find(content, b"Dear Bob,").is_some(), || "it is another letter".into())?;
                    }
                    reader.outcome(name, &words, seen)
                });
            }
        }
    }
    several(cells, world, &readers);
}

/// Nothing of the letter is left outside (RFC 9788 §3.2.1).
fn secret(mail: &[u8]) -> Result<(), String> {
    let shows = [&b"Meeting"[..], b"Dear Bob", b"at nine"].into_iter().any(|word| find(mail, word).is_some());
    must(!shows, || "it can be read by all".into())
}

/// One letter to people with keys of different kinds: each reads it.
fn several(cells: &Cells, world: &World, readers: &[Reader]) {
    let leaves: Vec<&Leaf> = ["RSA-2048", "P-384"].iter().map(|name| world.leaf(name)).collect();
    let to: Vec<Certificate> =
        leaves.iter().map(|leaf| certificate(leaf)).chain([certificate(bob(world))]).collect();
    for cipher in [Aes256Gcm, Aes256Cbc] {
        let mail = compose(&letters::plain(), &to, Some(cipher), &[], |composer| composer);
        for (leaf, name) in leaves.iter().zip(["RSA-2048", "P-384"]) {
            for reader in readers {
                let row = format!("{}, {cipher}, one of three", reader.name());
                cells.cell(TABLE, &row, name, || {
                    let own = Opens::Key(load(leaf));
                    let seen = read_by(&mail.clone()?, &own, cipher.is_authenticated(), &|mail| {
                        reader.read(world, leaf, mail)
                    });
                    reader.outcome(&format!("{name} and P-256"), &cipher.to_string(), seen)
                });
            }
        }
    }
}

pub fn letters(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    for letter in letters::all() {
        for reader in Reader::all(cells) {
            for (key, cipher) in [("RSA-2048", Aes256Cbc), ("RSA-3072", Aes256Gcm), ("P-256", Aes128Gcm)] {
                let row = format!("{}, {key}, {cipher}", reader.name());
                cells.cell(LETTERS, &row, letter.name, || {
                    let leaf = world.leaf(key);
                    let mail =
                        compose(&letter, &[certificate(leaf)], Some(cipher), &[], |composer| composer)?;
                    let own = Opens::Key(load(leaf));
                    let seen = read_by(&mail, &own, cipher.is_authenticated(), &|mail| {
                        reader.read(world, leaf, mail)
                    });
                    reader.outcome(key, &cipher.to_string(), seen)
                });
            }
        }
    }
    signed(cells, world);
}

/// How a composer is asked to sign and encrypt.
type Shape = (&'static str, fn(Composer) -> Composer);

const SHAPES: &[Shape] = &[
    ("signed beside", |composer| composer),
    ("signed around", |composer| composer.opaque(true)),
    ("triple wrap", |composer| composer.triple_wrap(true)),
];

/// Decrypted by each program, then judged by openssl.
fn signed(cells: &Cells, world: &World) {
    let leaf = world.leaf("RSA-2048");
    let keys: [(&str, Key); 2] = [("RSA-2048", load(leaf)), ("P-256", load(world.leaf("P-256")))];
    for (signer, key) in &keys {
        for (shape, shaped) in SHAPES {
            for cipher in [Aes256Gcm, Aes256Cbc] {
                let mail = compose(
                    &letters::plain(),
                    &[certificate(leaf)],
                    Some(cipher),
                    std::slice::from_ref(key),
                    shaped,
                );
                for reader in Reader::all(cells) {
                    let row = format!("{}, {cipher}, {shape}", reader.name());
                    cells.cell(BOTH, &row, &format!("signed by {signer}"), || {
                        let read = |mail: &[u8]| reader.read(world, leaf, mail);
                        let seen = read_and_verified(world, &mail.clone()?, *shape == "triple wrap", &read);
                        reader.outcome("RSA-2048", &cipher.to_string(), seen)
                    });
                }
            }
        }
    }
}

fn read_and_verified(
    world: &World,
    mail: &[u8],
    triple: bool,
    read: super::Read<'_>,
) -> Result<Vec<u8>, String> {
    let outside = if triple { verified(world, mail)? } else { mail.to_vec() };
    let inside = read(&outside).map_err(|words| format!("refused: {words}"))?;
    let content = verified(world, &inside)?;
    must(find(&content, b"Dear Bob,").is_some(), || "it is another letter".into())?;
    let mut broken = inside;
    let signature = broken.len() * 2 / 3;
    broken[signature] = if broken[signature] == b'A' { b'B' } else { b'A' };
    must(verified(world, &broken).is_err(), || "a changed signature is accepted".into())?;
    Ok(content)
}

fn verified(world: &World, mail: &[u8]) -> Result<Vec<u8>, String> {
    let folder = crate::pgp::Folder::new(&[("mail", mail)]);
    let verify =
        world.pki.openssl("cms -verify -purpose smimesign -CAfile root.pem -in").arg(folder.path("mail"));
    let ran = verify.run();
    if ran.succeeded { Ok(ran.stdout) } else { Err(ran.stderr) }
}

/// A letter that holds this CMS message.
pub fn in_letter(letter: &Letter, der: &[u8]) -> Vec<u8> {
    let head = "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"\r\n\
                Content-Transfer-Encoding: base64\r\n\r\n";
    [&letter.fields[..], head.as_bytes(), letters::base64_lines(der).as_bytes(), b"\r\n"].concat()
}
