//! gpgsm and NSS: what they encrypt, and what they read.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, OnceLock};

use super::smime::{KEYS, bob, in_letter};
use super::{Opens, Seal, body, opens};
use crate::cells::{Cells, Outcome, Seen};
use crate::letters::{self, ALICE};
use crate::smime::{World, load};
use crate::support::gnupg::Gpgsm;
use crate::support::nss::Nss;
use crate::support::pki::{Leaf, PASSWORD};

const TABLE: &str = "S/MIME: they encrypt, we open";
const LETTERS: &str = "Letters: they encrypt, we open";

/// Keys where these programs look for them: one agent for all, and a database of NSS for each key, because NSS takes the
/// first of a name.
pub struct Databases {
    gpgsm: Mutex<Gpgsm>,
    nss: BTreeMap<String, Mutex<Nss>>,
}

impl Databases {
    pub fn get(cells: &Cells) -> Option<&'static Self> {
        static MADE: OnceLock<Option<Databases>> = OnceLock::new();
        let world = World::get(cells)?;
        let made = MADE.get_or_init(|| {
            let gpgsm = Gpgsm::new(&world.pki)?;
            let mut nss = BTreeMap::new();
            for name in KEYS {
                let leaf = world.leaf(name);
                match name.starts_with("RSA") {
                    true => gpgsm.import(&world.pki, leaf),
                    // Its certificate alone: gpgsm 2.2 does not survive the PKCS#12 of an elliptic curve.
                    false => drop(gpgsm.words("--import").arg(&leaf.certificate).run()),
                }
                let database = Nss::new(&world.pki)?;
                database.import(leaf);
                nss.insert(leaf.key.display().to_string(), Mutex::new(database));
            }
            Some(Self { gpgsm: Mutex::new(gpgsm), nss })
        });
        if made.is_none() {
            cells.missing("gpgsm and the tools of NSS");
        }
        made.as_ref()
    }

    fn nss(&self, leaf: &Leaf) -> &Mutex<Nss> {
        &self.nss[&leaf.key.display().to_string()]
    }
}

pub fn by_gpgsm(databases: &Databases, mail: &[u8]) -> Result<Vec<u8>, String> {
    let gpgsm = databases.gpgsm.lock().unwrap();
    let (file, out) = (gpgsm.home().join("to read"), gpgsm.home().join("read"));
    fs::write(&file, body(mail)).unwrap();
    let run = gpgsm.words("--passphrase-fd 0 --output").arg(&out).words("--decrypt").arg(file);
    let ran = run.input(format!("{PASSWORD}\n").as_bytes()).run();
    let read = fs::read(&out).unwrap_or_default();
    fs::remove_file(out).unwrap_or_default(); // there is none where it refused at once
    if ran.succeeded { Ok(read) } else { Err(ran.text() + &ran.stderr) }
}

pub fn by_nss(databases: &Databases, leaf: &Leaf, mail: &[u8]) -> Result<Vec<u8>, String> {
    let nss = databases.nss(leaf).lock().unwrap();
    let (file, out) = (nss.folder().join("to read"), nss.folder().join("read"));
    fs::write(&file, body(mail)).unwrap();
    let ran = nss.cmsutil("-D -i").arg(file).arg("-o").arg(&out).run();
    let read = fs::read(&out).unwrap_or_default();
    fs::remove_file(out).unwrap_or_default();
    // It succeeds with an empty file where it does not read the message.
    if ran.succeeded && !read.is_empty() { Ok(read) } else { Err(ran.text() + &ran.stderr) }
}

/// What they say where they cannot. Neither gpgsm 2.2 nor NSS before 3.99 encrypts to elliptic curves: for the one
/// keyAgreement is the wrong usage of a key, for the other such a recipient cannot be made.
const NOT_KNOWN: &[&str] = &["INV_RECP 3", "cannot create CMS recipientInfo"];

/// A message, or that the program makes none for this kind of key.
fn known(
    key: &str,
    made: Result<Vec<u8>, String>,
    check: impl FnOnce(Vec<u8>) -> Result<(), String>,
) -> Outcome {
    match made {
        Ok(der) => check(der).map(|()| Seen::Accepted),
        Err(words) if key.starts_with("P-") && NOT_KNOWN.iter().any(|known| words.contains(known)) => {
            Ok(Seen::NotKnown(words))
        }
        Err(words) => Err(words),
    }
}

pub fn run(cells: &Cells) {
    let (Some(world), Some(databases)) = (World::get(cells), Databases::get(cells)) else { return };
    let letter = letters::plain();
    let stranger = Opens::Key(load(bob(world)));
    for name in KEYS {
        let leaf = world.leaf(name);
        let with = Opens::Key(load(leaf));
        for (algorithm, cipher) in [
            ("AES128", "AES-128-CBC"),
            ("AES192", "AES-192-CBC"),
            ("AES256", "AES-256-CBC"),
            ("3DES", "3DES-CBC"),
        ] {
            cells.cell(TABLE, &format!("gpgsm, {cipher}"), name, || {
                let made = gpgsm_encrypts(databases, world, leaf, algorithm, &letter.entity);
                known(name, made, |der| {
                    opens(&in_letter(&letter, &der), &with, &stranger, &letter.entity, Seal::new(cipher))
                })
            });
        }
        cells.cell(TABLE, "NSS cmsutil", name, || {
            known(name, nss_encrypts(databases, leaf, &letter.entity), |der| {
                // Which cipher it takes, it decides itself.
                let seal = Seal::new(cipher_of(&der)?);
                opens(&in_letter(&letter, &der), &with, &stranger, &letter.entity, seal)
            })
        });
    }
    for letter in letters::all() {
        for peer in ["gpgsm", "NSS cmsutil"] {
            cells.cell(LETTERS, &format!("{peer} RSA-2048"), letter.name, || {
                let leaf = world.leaf("RSA-2048");
                let der = match peer {
                    "gpgsm" => gpgsm_encrypts(databases, world, leaf, "AES256", &letter.entity)?,
                    _ => nss_encrypts(databases, leaf, &letter.entity)?,
                };
                let with = Opens::Key(load(leaf));
                let seal = Seal::new(cipher_of(&der)?);
                opens(&in_letter(&letter, &der), &with, &stranger, &letter.entity, seal)?;
                Ok(Seen::Accepted)
            });
        }
    }
}

fn gpgsm_encrypts(
    databases: &Databases,
    world: &World,
    leaf: &Leaf,
    algorithm: &str,
    content: &[u8],
) -> Result<Vec<u8>, String> {
    let printed = world.pki.openssl("x509 -noout -fingerprint -sha1 -in").arg(&leaf.certificate).ok();
    let printed = String::from_utf8(printed).unwrap();
    let fingerprint = printed.trim().rsplit('=').next().unwrap().replace(':', "");
    let gpgsm = databases.gpgsm.lock().unwrap();
    let (file, out) = (gpgsm.home().join("content"), gpgsm.home().join("message"));
    fs::write(&file, content).unwrap();
    let run = gpgsm.words("--cipher-algo").arg(algorithm).arg("--recipient").arg(fingerprint);
    let ran = run.arg("--output").arg(&out).words("--encrypt").arg(file).run();
    let message = fs::read(&out).unwrap_or_default();
    fs::remove_file(out).unwrap_or_default();
    if ran.succeeded { Ok(message) } else { Err(ran.text() + &ran.stderr) }
}

fn nss_encrypts(databases: &Databases, leaf: &Leaf, content: &[u8]) -> Result<Vec<u8>, String> {
    let nss = databases.nss(leaf).lock().unwrap();
    let (file, out) = (nss.folder().join("content"), nss.folder().join("message"));
    fs::write(&file, content).unwrap();
    let ran = nss.cmsutil("-E -r").arg(ALICE).arg("-i").arg(file).arg("-o").arg(&out).run();
    match ran.succeeded {
        true => Ok(fs::read(out).unwrap()),
        false => Err(ran.text() + &ran.stderr),
    }
}

/// By the object identifier that stands in it.
fn cipher_of(der: &[u8]) -> Result<&'static str, String> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"\x60\x86\x48\x01\x65\x03\x04\x01\x02", "AES-128-CBC"),
        (b"\x60\x86\x48\x01\x65\x03\x04\x01\x16", "AES-192-CBC"),
        (b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a", "AES-256-CBC"),
        (b"\x2a\x86\x48\x86\xf7\x0d\x03\x07", "3DES-CBC"),
    ];
    let found = KNOWN.iter().find(|(oid, _)| letters::find(der, oid).is_some());
    found.map(|(_, name)| *name).ok_or_else(|| "no cipher that is known".to_owned())
}
