//! Key files that other projects publish, with their passwords: each is loaded and signs, or is refused for a reason
//! that openssl sees as well.

use std::fs;
use std::path::{Path, PathBuf};

use mailseal::crypto::KeyError;
use mailseal::{Composer, Context, Error, Key, Password, TrustStore};

use crate::cells::{Cells, Outcome, Seen, must};
use crate::letters::{self, Sealed, unbase64};
use crate::pgp::Folder;
use crate::sealed::seal;
use crate::smime::World;
use crate::support::corpora;

const TABLE: &str = "Key files found elsewhere";

/// Folder, ending, password. Stated beside the files by those who published them.
const FILES: &[(&str, &str, &str)] = &[
    ("thunderbird-smime", ".p12", "nss"),
    ("nss-smime/tests/smime", ".p12", "nss"),
    ("mimekit", ".pfx", "no.secret"),
    ("gmime", ".p12", "no.secret"),
    ("pkits", ".p12", "password"),
    ("rfc9216", "alice.pkcs12.pem", "alice"),
    ("rfc9216", "bob.pkcs12.pem", "bob"),
    ("rfc9216", "carlos.pkcs12.pem", "carlos"),
    ("rfc9216", "dana.pkcs12.pem", "dana"),
];

pub fn run(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let Some(folder) = corpora() else { return cells.missing("corpora") };
    for (name, ending, password) in FILES {
        let mut files = Vec::new();
        collect(&folder.join(name), ending, &mut files);
        files.sort();
        assert!(!files.is_empty(), "no {ending} in {name}");
        for file in files {
            let row = file.strip_prefix(&folder).unwrap().display().to_string();
            cells.cell(TABLE, &row, "signs, or is refused for a reason", || signs(world, &file, password));
        }
    }
}

fn collect(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, ending, files);
        } else if path.to_string_lossy().ends_with(ending) {
            files.push(path);
        }
    }
}

fn signs(world: &World, file: &Path, password: &str) -> Outcome {
    let mut octets = fs::read(file).unwrap();
    if octets.starts_with(b"-----BEGIN") {
        let text = String::from_utf8(octets).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
        octets = unbase64(lines.as_bytes());
    }
    let kind = kind(world, &octets, password);
    match Key::load(&octets, Password::from(password)) {
        Ok(key) => {
            must(!kind.refused && kind.bits >= kind.least, || format!("loaded, although {kind:?}"))?;
            match kind.may_sign {
                true => accepted(world, &key, kind.keys),
                false => refuses_to_sign(&key),
            }
        }
        Err(Error::Key(KeyError::TooSmall { bits, .. })) if bits == kind.bits => Ok(Seen::Accepted),
        Err(Error::Key(KeyError::Unsupported(_))) if kind.refused => Ok(Seen::Accepted),
        Err(error) => Err(format!("{error}, although {kind:?}")),
    }
}

/// What openssl says of the first key.
#[derive(Debug)]
struct Kind {
    /// DSA, or a curve by its numbers (R-C9).
    refused: bool,
    bits: usize,
    /// For RSA.
    least: usize,
    keys: usize,
    /// By the key usage of the certificate (RFC 8550 §4.4.2).
    may_sign: bool,
}

/// That of an authority is for certificates and CRLs.
fn refuses_to_sign(key: &Key) -> Outcome {
    let composer = Composer::new(&Context::new(TrustStore::new())).sign(key).allow_other_from();
    match composer.compose(&letters::plain().draft()[..], letters::now(), &mut Vec::new()) {
        Err(Error::Key(KeyError::Unsupported(_))) => Ok(Seen::Accepted),
        other => Err(format!("its certificate may not sign, and we say {other:?}")),
    }
}

fn kind(world: &World, octets: &[u8], password: &str) -> Kind {
    let folder = Folder::new(&[("file", octets)]);
    let pass = format!("pass:{password}");
    let open = world.pki.openssl("pkcs12 -legacy -nokeys -clcerts -passin").arg(&pass);
    let certificates = open.arg("-in").arg(folder.path("file")).ok();
    let certificates = String::from_utf8_lossy(&certificates).into_owned();
    let may_sign = |certificate: &str| {
        let usage = world.pki.openssl("x509 -noout -ext keyUsage").input(certificate.as_bytes()).run().text();
        let signs = ["Digital Signature", "Non Repudiation"].iter().any(|word| usage.contains(word));
        signs || !usage.contains("Key Usage")
    };
    let open = world.pki.openssl("pkcs12 -legacy -nocerts -nodes -passin").arg(&pass);
    let pem = open.arg("-in").arg(folder.path("file")).ok();
    let text = String::from_utf8(world.pki.openssl("pkey -noout -text").input(&pem).ok()).unwrap();
    let number = text.split('(').nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let has = |word: &str| text.contains(word);
    Kind {
        refused: has("\nG:") || has("Field Type:"),
        bits: number.parse().unwrap_or_default(),
        least: if has("modulus:") { 2048 } else { 0 },
        may_sign: certificates.split("-----BEGIN ").skip(1).any(|one| may_sign(&format!("-----BEGIN {one}"))),
        keys: String::from_utf8(pem).unwrap().matches("BEGIN PRIVATE KEY").count(),
    }
}

/// openssl does the arithmetic and compares the content; who the signer is, is not asked: most have long expired.
fn accepted(world: &World, key: &Key, keys: usize) -> Outcome {
    let sealed = Sealed::detached(&seal(key, &letters::plain(), false));
    let verify = |sealed: &Sealed| {
        let folder = Folder::new(&[("der", &sealed.signature), ("content", &sealed.content)]);
        let verify =
            world.pki.openssl("cms -verify -noverify -binary -inform DER -in").arg(folder.path("der"));
        verify.arg("-content").arg(folder.path("content")).run()
    };
    let ran = verify(&sealed);
    if keys > 1 {
        for_signing(key)?;
    }
    if ran.stderr.contains("invalid digest") {
        return Ok(Seen::NotKnown(ran.stderr));
    }
    must(ran.succeeded, || ran.stderr.clone())?;
    must(!verify(&sealed.altered()).succeeded, || "altered is accepted".into())?;
    Ok(Seen::Accepted)
}

/// Where a file holds a key for signing and one for encrypting, the one for signing is taken.
fn for_signing(key: &Key) -> Result<(), String> {
    let mailseal::Certificate::X509(certificate) = key.certificate() else { return Err("not X.509".into()) };
    let usage = certificate.extensions().key_usage;
    let signs = usage.is_some_and(|usage| usage.digital_signature() || usage.non_repudiation());
    must(signs, || format!("taken to sign: {usage:?}"))
}
