//! PGP/MIME letters that mailseal encrypts, and the programs that read them.

use mailseal::{Certificate, Composer, Key};

use super::pgp_keys::Keys;
use super::{Opens, Read, body, compose, read_by};
use crate::cells::{Cells, Outcome, Seen, must};
use crate::letters::{self, find};
use crate::pgp::{Folder, Maker};
use crate::support::Program;

const TABLE: &str = "PGP/MIME: we encrypt, they read";
const LETTERS: &str = "Letters: we encrypt, they read";
const BOTH: &str = "PGP/MIME: we sign and encrypt, they read and verify";

type AtHand = fn(&Keys) -> bool;
type Decrypt = fn(&Keys, &Maker, Option<&Maker>, &[u8]) -> Result<Vec<u8>, String>;

/// Programs that decrypt, and verify where a signer is named.
const READERS: &[(&str, AtHand, Decrypt)] = &[
    ("gpg", |_| true, gpg),
    ("sq", |keys| keys.world.sq.is_some(), sq),
    ("rnp", |keys| keys.world.rnp.is_some(), rnp),
];

/// Whoever holds the secret keys of all.
fn gpg(keys: &Keys, _: &Maker, signer: Option<&Maker>, message: &[u8]) -> Result<Vec<u8>, String> {
    let folder = Folder::new(&[("message", message)]);
    let run = keys.gpg.words("--trust-model always --status-fd 2 --output - --decrypt");
    let ran = run.arg(folder.path("message")).run();
    let signed = signer.is_none_or(|signer| {
        ran.stderr
            .lines()
            .any(|line| line.contains("VALIDSIG") && line.contains(&signer.fingerprint.to_uppercase()))
    });
    let whole = ran.stderr.contains("DECRYPTION_OKAY") && ran.stderr.contains("GOODMDC");
    if ran.succeeded && signed && whole { Ok(ran.stdout) } else { Err(ran.stderr) }
}

fn sq(keys: &Keys, maker: &Maker, signer: Option<&Maker>, message: &[u8]) -> Result<Vec<u8>, String> {
    let folder = Folder::new(&[("message", message), ("key", &maker.secret)]);
    let mut run = Program::new(keys.world.sq.as_ref().unwrap()).words("decrypt --recipient-key");
    run = run.arg(folder.path("key"));
    if let Some(signer) = signer {
        std::fs::write(folder.path("signer"), &signer.certificate).unwrap();
        run = run.arg("--signer-cert").arg(folder.path("signer"));
    }
    let ran = run.arg(folder.path("message")).run();
    if ran.succeeded { Ok(ran.stdout) } else { Err(ran.stderr) }
}

fn rnp(keys: &Keys, maker: &Maker, signer: Option<&Maker>, message: &[u8]) -> Result<Vec<u8>, String> {
    let folder = Folder::new(&[("message", message), ("key", &maker.secret)]);
    let run = keys.world.rnp.as_ref().unwrap().rnp_alone("").arg("--keyfile").arg(folder.path("key"));
    let out = folder.path("out");
    let ran = run.words("--decrypt --output").arg(&out).arg(folder.path("message")).run();
    let text = ran.text() + &ran.stderr;
    let signed = signer.is_none() || text.contains("Good signature");
    let read = std::fs::read(out).unwrap_or_default();
    if ran.succeeded && signed { Ok(read) } else { Err(text) }
}

fn certificate(maker: &Maker) -> Certificate {
    Certificate::load(&maker.certificate).unwrap().remove(0)
}

pub fn run(cells: &Cells) {
    let Some(keys) = Keys::get(cells) else { return };
    let letter = letters::plain();
    for maker in &keys.all {
        let mail = compose(&letter, &[certificate(maker)], None, &[], |composer| composer);
        for (name, _, decrypt) in READERS.iter().filter(|reader| (reader.1)(keys)) {
            cells.cell(TABLE, name, &maker.column(), || {
                let read = |mail: &[u8]| decrypt(keys, maker, None, &body(mail));
                let content = read_by(&mail.clone()?, &Opens::Key(maker.load()), true, &read)?;
                must(find(&content, b"Dear Bob,").is_some(), || "it is another letter".into())?;
                Ok(Seen::Accepted)
            });
        }
        signed(cells, keys, maker);
    }
    let people = ["RSA-2048", "P-256", "P-521", "Curve25519"].map(|name| keys.key("gpg", name));
    let to: Vec<Certificate> = people.iter().map(|maker| certificate(maker)).collect();
    let mail = compose(&letter, &to, None, &[], |composer| composer);
    for person in people {
        for (name, _, decrypt) in READERS.iter().filter(|reader| (reader.1)(keys)) {
            cells.cell(TABLE, &format!("{name}, one of four"), &person.column(), || {
                let read = |mail: &[u8]| decrypt(keys, person, None, &body(mail));
                read_by(&mail.clone()?, &Opens::Key(person.load()), true, &read)?;
                Ok(Seen::Accepted)
            });
        }
    }
}

/// In one message (RFC 3156 §6.2), and as a layer of its own around it.
fn signed(cells: &Cells, keys: &Keys, maker: &Maker) {
    let key: Key = maker.load();
    let mail = compose(&letters::plain(), &[certificate(maker)], None, &[key], |composer: Composer| composer);
    for (name, _, decrypt) in READERS.iter().filter(|reader| (reader.1)(keys)) {
        cells.cell(BOTH, name, &maker.column(), || -> Outcome {
            let read: Read<'_> = &|mail| decrypt(keys, maker, Some(maker), &body(mail));
            let content = read_by(&mail.clone()?, &Opens::Key(maker.load()), true, read)?;
            must(find(&content, b"Dear Bob,").is_some(), || "it is another letter".into())?;
            Ok(Seen::Accepted)
        });
    }
}

pub fn letters(cells: &Cells) {
    let Some(keys) = Keys::get(cells) else { return };
    for letter in letters::all() {
        for (maker, signs) in [(keys.key("gpg", "Curve25519"), false), (keys.key("gpg", "RSA-2048"), true)] {
            let signing: Vec<Key> = signs.then(|| maker.load()).into_iter().collect();
            let mail = compose(&letter, &[certificate(maker)], None, &signing, |composer| composer);
            for (name, _, decrypt) in READERS.iter().filter(|reader| (reader.1)(keys)) {
                let row = format!("{name}, {}{}", maker.algorithm, if signs { ", signed" } else { "" });
                cells.cell(LETTERS, &row, letter.name, || {
                    let signer = signs.then_some(maker);
                    let read = |mail: &[u8]| decrypt(keys, maker, signer, &body(mail));
                    read_by(&mail.clone()?, &Opens::Key(maker.load()), true, &read)?;
                    Ok(Seen::Accepted)
                });
            }
        }
    }
}
