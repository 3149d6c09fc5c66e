//! Bouncy Castle: what it encrypts, and what it reads.

use std::fs;
use std::sync::OnceLock;

use super::openssl::by_aws_lc;
use super::smime::{KEYS, bob, in_letter};
use super::{Opens, Seal, body, opener, opens, refused};
use crate::cells::{Cells, Seen};
use crate::letters;
use crate::pgp::Folder;
use crate::smime::{World, load};
use crate::support::peers;
use crate::support::pki::Leaf;

const TABLE: &str = "S/MIME: they encrypt, we open";

pub struct BouncyCastle(peers::BouncyCastle);

impl BouncyCastle {
    pub fn get(cells: &Cells) -> Option<&'static Self> {
        static RUNNING: OnceLock<Option<BouncyCastle>> = OnceLock::new();
        let running = RUNNING.get_or_init(|| peers::BouncyCastle::new().map(Self));
        if running.is_none() {
            cells.missing("Bouncy Castle");
        }
        running.as_ref()
    }

    /// The CMS message.
    pub fn encrypt(&self, content: &[u8], cipher: &str, recipients: &[String]) -> Result<Vec<u8>, String> {
        let folder = Folder::new(&[("content", content)]);
        let (from, out) = (folder.path("content"), folder.path("out"));
        let mut words = vec!["encrypt", from.to_str().unwrap(), out.to_str().unwrap(), cipher];
        words.extend(recipients.iter().map(String::as_str));
        self.0.job(&words)?;
        Ok(fs::read(out).unwrap())
    }

    pub fn decrypt(&self, leaf: &Leaf, mail: &[u8]) -> Result<Vec<u8>, String> {
        let folder = Folder::new(&[("message", &body(mail))]);
        let (from, out) = (folder.path("message"), folder.path("out"));
        let words = ["decrypt", from.to_str().unwrap(), out.to_str().unwrap(), leaf.pkcs12.to_str().unwrap()];
        self.0.job(&words)?;
        Ok(fs::read(out).unwrap())
    }
}

const CIPHERS: &[&str] = &[
    "AES-128-CBC",
    "AES-192-CBC",
    "AES-256-CBC",
    "3DES-CBC",
    "RC2-128-CBC",
    "AES-128-GCM",
    "AES-192-GCM",
    "AES-256-GCM",
    "ChaCha20-Poly1305",
];

const RSA: &[&str] =
    &["pkcs1", "keyid", "oaep-SHA-1", "oaep-SHA-256", "oaep-SHA-256,SHA-1", "oaep-SHA-384", "oaep-SHA-512"];
const CURVES: &[&str] = &[
    "ecdh-sha1",
    "ecdh-sha224",
    "ecdh-sha256",
    "ecdh-sha384",
    "ecdh-sha512",
    "ecdh-cofactor-sha256",
    "ecdh-keyid",
];

pub fn run(cells: &Cells) {
    let (Some(world), Some(java)) = (World::get(cells), BouncyCastle::get(cells)) else { return };
    let letter = letters::plain();
    let stranger = Opens::Key(load(bob(world)));
    for name in KEYS {
        let leaf = world.leaf(name);
        let with = Opens::Key(load(leaf));
        let ways = if name.starts_with("RSA") { RSA } else { CURVES };
        let usual = if name.starts_with("RSA") { "pkcs1" } else { "ecdh-sha256" };
        let by_cipher = CIPHERS.iter().map(|cipher| (*cipher, usual));
        let by_way = ways
            .iter()
            .filter(|way| **way != usual)
            .flat_map(|way| [("AES-256-CBC", *way), ("AES-256-GCM", *way)]);
        for (cipher, way) in by_cipher.chain(by_way) {
            cells.cell(TABLE, &format!("Bouncy Castle, {cipher}, {way}"), name, || {
                let to = format!("{way}:{}", leaf.certificate.display());
                let der = match java.encrypt(&letter.entity, cipher, &[to]) {
                    Ok(der) => der,
                    // Version 1.72 has no ChaCha20-Poly1305 in CMS.
                    Err(words) if words.contains("cannot be cast") => return Ok(Seen::NotKnown(words)),
                    Err(words) => return Err(words),
                };
                let mail = in_letter(&letter, &der);
                match by_aws_lc(way) {
                    true => opens(&mail, &with, &stranger, &letter.entity, Seal::new(cipher))?,
                    false => refused(&opener(&with), &mail, "by AWS-LC")?,
                }
                Ok(Seen::Accepted)
            });
        }
    }
}
