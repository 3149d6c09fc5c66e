//! PGP/MIME letters that others encrypt, and what mailseal makes of them.

use mailseal::report::{Code, Decryption};
use mailseal::{Context, Opener, Outcome as Verdict, Policy, Scope, TrustStore};

use super::pgp_keys::Keys;
use super::{Opens, Seal, look, opens};
use crate::cells::{Cells, Outcome, Seen, must};
use crate::letters::{self, Letter, crlf, lf};
use crate::pgp::{Folder, Maker};
use crate::support::Program;
use crate::support::pki::PASSWORD;

const TABLE: &str = "PGP/MIME: they encrypt, we open";
const LETTERS: &str = "Letters: they encrypt, we open";
const BOTH: &str = "PGP/MIME: they sign and encrypt, we open and verify";

/// Options of gpg, for every key.
const GPG: &[(&str, &str, &str)] = &[
    ("gpg", "", "SEIPDv1"),
    ("gpg --compress-algo none", "--compress-algo none", "SEIPDv1"),
    ("gpg --throw-keyids", "--throw-keyids", "SEIPDv1"),
    ("gpg AES128", "--cipher-algo AES128", "SEIPDv1 AES-128"),
    ("gpg AES192", "--cipher-algo AES192", "SEIPDv1 AES-192"),
    ("gpg AES256", "--cipher-algo AES256", "SEIPDv1 AES-256"),
];

/// For one key.
const MORE: &[(&str, &str, &str)] = &[
    ("gpg --compress-algo zip", "--compress-algo zip", "SEIPDv1"),
    ("gpg --compress-algo zlib", "--compress-algo zlib", "SEIPDv1"),
    ("gpg --compress-algo bzip2", "--compress-algo bzip2", "SEIPDv1"),
    ("gpg --set-filename", "--set-filename letter.eml", "SEIPDv1"),
    ("gpg 3DES", "--cipher-algo 3DES", "SEIPDv1"),
    ("gpg CAST5", "--cipher-algo CAST5", "SEIPDv1"),
    ("gpg TWOFISH", "--cipher-algo TWOFISH", "SEIPDv1"),
    ("gpg CAMELLIA256", "--cipher-algo CAMELLIA256", "SEIPDv1"),
];

/// A letter around an armored message (RFC 3156 §4).
pub fn in_letter(letter: &Letter, armored: &[u8]) -> Vec<u8> {
    const HEAD: &str = "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n\tboundary=\"=-e-=\"\r\n\
        \r\n--=-e-=\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--=-e-=\r\n\
        Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n";
    [&letter.fields[..], HEAD.as_bytes(), &crlf(armored), b"\r\n--=-e-=--\r\n"].concat()
}

impl Keys {
    /// An armored message by gpg.
    fn by_gpg(&self, to: &[&Maker], options: &str, content: &[u8]) -> Result<Vec<u8>, String> {
        let mut run = self.gpg.words("--armor --trust-model always --status-fd 2").words(options);
        for maker in to {
            run = run.words("--recipient").words(&maker.fingerprint);
        }
        let ran = run.words("--output - --encrypt").input(content).run();
        if ran.succeeded { Ok(ran.stdout) } else { Err(ran.stderr) }
    }

    fn by_sq(&self, to: &[&Maker], signer: Option<&Maker>, words: &str, content: &[u8]) -> Option<Vec<u8>> {
        let sq = self.world.sq.as_ref()?;
        let folder = Folder::new(&[("content", content)]);
        let mut run = Program::new(sq).words("encrypt").words(words);
        for (index, maker) in to.iter().enumerate() {
            let file = folder.path(&format!("certificate {index}"));
            std::fs::write(&file, &maker.certificate).unwrap();
            run = run.arg("--recipient-cert").arg(file);
        }
        if let Some(signer) = signer {
            std::fs::write(folder.path("signer"), &signer.secret).unwrap();
            run = run.arg("--signer-key").arg(folder.path("signer"));
        }
        Some(run.arg(folder.path("content")).ok())
    }

    fn by_rnp(&self, to: &Maker, signer: Option<&Maker>, words: &str, content: &[u8]) -> Option<Vec<u8>> {
        let rnp = self.world.rnp.as_ref()?;
        let folder = Folder::new(&[("content", content), ("out", b"")]);
        let keys = match signer {
            Some(signer) => folder_of(&folder, &signer.secret),
            None => folder_of(&folder, &to.certificate),
        };
        let mut run = rnp.rnp_alone("").arg("--keyfile").arg(keys).words("--encrypt --armor --overwrite");
        run = run.words("--recipient").words(&to.fingerprint).words(words);
        if let Some(signer) = signer {
            run = run.words("--sign --userid").words(&signer.fingerprint);
        }
        run.arg("--output").arg(folder.path("out")).arg(folder.path("content")).ok();
        Some(std::fs::read(folder.path("out")).unwrap())
    }
}

fn folder_of(folder: &Folder, key: &[u8]) -> std::path::PathBuf {
    std::fs::write(folder.path("key"), key).unwrap();
    folder.path("key")
}

fn opened(keys: &Keys, maker: &Maker, letter: &Letter, armored: &[u8], cipher: &str) -> Outcome {
    let (with, stranger) = (Opens::Key(maker.load()), Opens::Key(keys.stranger.load()));
    let seal = Seal { cipher, authenticated: true };
    opens(&in_letter(letter, armored), &with, &stranger, &letter.entity, seal)?;
    Ok(Seen::Accepted)
}

pub fn run(cells: &Cells) {
    let Some(keys) = Keys::get(cells) else { return };
    let letter = letters::plain();
    for maker in &keys.all {
        let column = maker.column();
        let more = MORE.iter().filter(|_| column == "Curve25519, by gpg");
        for (row, options, cipher) in GPG.iter().chain(more) {
            cells.cell(TABLE, row, &column, || {
                let armored = keys.by_gpg(&[maker], options, &letter.entity)?;
                opened(keys, maker, &letter, &armored, cipher)
            });
        }
        let more = ["--compression none", "--compression zip", "--compression zlib", "--compression bzip2"];
        let more = more.into_iter().filter(|_| column == "Curve25519, by sq");
        for words in [""].into_iter().chain(more) {
            if keys.world.sq.is_some() {
                cells.cell(TABLE, format!("sq {words}").trim_end(), &column, || {
                    let armored = keys.by_sq(&[maker], None, words, &letter.entity).expect("sq");
                    opened(keys, maker, &letter, &armored, "SEIPDv1")
                });
            }
        }
        for words in ["", "-z 0", "--zip", "--zlib", "--bzip", "--cipher AES128", "--cipher AES192"] {
            if keys.world.rnp.is_some() {
                cells.cell(TABLE, format!("rnp {words}").trim_end(), &column, || {
                    let armored = keys.by_rnp(maker, None, words, &letter.entity).expect("rnp");
                    opened(keys, maker, &letter, &armored, "SEIPDv1")
                });
            }
        }
    }
    several(cells, keys, &letter);
    passwords(cells, keys, &letter);
    never(cells, keys, &letter);
}

/// One message, keys of four kinds.
fn several(cells: &Cells, keys: &Keys, letter: &Letter) {
    let people = ["RSA-2048", "P-256", "P-521", "Curve25519"].map(|name| keys.key("gpg", name));
    for (row, options) in [("gpg, to four", ""), ("gpg --throw-keyids, to four", "--throw-keyids")] {
        let armored = keys.by_gpg(&people, options, &letter.entity);
        for person in people {
            cells.cell(TABLE, row, &person.column(), || {
                opened(keys, person, letter, &armored.clone()?, "SEIPDv1")
            });
        }
    }
    if keys.world.sq.is_some() {
        let armored = keys.by_sq(&people, None, "", &letter.entity).expect("sq");
        for person in people {
            cells.cell(TABLE, "sq, to four", &person.column(), || {
                opened(keys, person, letter, &armored, "SEIPDv1")
            });
        }
    }
}

fn passwords(cells: &Cells, keys: &Keys, letter: &Letter) {
    let check = |armored: &[u8]| {
        let (with, other) = (Opens::Password(PASSWORD), Opens::Password("wrong"));
        let seal = Seal { cipher: "SEIPDv1", authenticated: true };
        opens(&in_letter(letter, armored), &with, &other, &letter.entity, seal).map(|()| Seen::Accepted)
    };
    for options in
        ["", "--s2k-digest-algo SHA256", "--s2k-digest-algo SHA512", "--s2k-mode 1", "--cipher-algo AES128"]
    {
        cells.cell(TABLE, format!("gpg --symmetric {options}").trim_end(), "a password", || {
            let gpg =
                keys.gpg.words("--passphrase").arg(PASSWORD).words("--armor --status-fd 2").words(options);
            check(&gpg.words("--output - --symmetric").input(&letter.entity).ok())
        });
    }
    let Some(rnp) = &keys.world.rnp else { return };
    for options in ["", "--cipher AES128", "-z 0"] {
        cells.cell(TABLE, format!("rnp --symmetric {options}").trim_end(), "a password", || {
            let folder = Folder::new(&[("content", &letter.entity), ("out", b"")]);
            let run = rnp.rnp(PASSWORD).words("--symmetric --armor --overwrite").words(options);
            run.arg("--output").arg(folder.path("out")).arg(folder.path("content")).ok();
            check(&std::fs::read(folder.path("out")).unwrap())
        });
    }
}

/// What RFC 9580 does not have, or forbids to open (§5.7): it stays closed, and the report says which.
fn never(cells: &Cells, keys: &Keys, letter: &Letter) {
    let maker = keys.key("gpg", "Curve25519");
    let closed = |armored: &[u8], code: Code| {
        let opener = Opener::new(&Context::new(TrustStore::new())).key(maker.load());
        let seen = look(&opener, &in_letter(letter, armored))?;
        must(seen.payload.is_none(), || "there is a payload".into())?;
        must(seen.layer.decryption != Decryption::Opened, || format!("{:#?}", seen.layer))?;
        let said = seen.layer.findings.iter().any(|finding| finding.code == code);
        must(said, || format!("{:#?}", seen.layer.findings))?;
        Ok(Seen::Accepted)
    };
    cells.cell(TABLE, "gpg --rfc2440, without a check: refused", &maker.column(), || {
        closed(&keys.by_gpg(&[maker], "--rfc2440", &letter.entity)?, Code::UnsupportedAlgorithm)
    });
    if keys.world.rnp.is_some() {
        for mode in ["EAX", "OCB"] {
            cells.cell(TABLE, &format!("rnp --aead={mode}, LibrePGP: refused"), &maker.column(), || {
                let words = format!("--aead={mode}");
                let armored = keys.by_rnp(maker, None, &words, &letter.entity).expect("rnp");
                closed(&armored, Code::LibrepgpEncryption)
            });
        }
    }
}

pub fn letters(cells: &Cells) {
    let Some(keys) = Keys::get(cells) else { return };
    let maker = keys.key("gpg", "Curve25519");
    for letter in letters::all() {
        for options in ["", "--compress-algo none"] {
            cells.cell(LETTERS, format!("gpg {options}").trim_end(), letter.name, || {
                let armored = keys.by_gpg(&[maker], options, &letter.entity)?;
                opened(keys, maker, &letter, &armored, "SEIPDv1")
            });
        }
        if keys.world.sq.is_some() {
            cells.cell(LETTERS, "sq", letter.name, || {
                let armored = keys.by_sq(&[maker], None, "", &letter.entity).expect("sq");
                opened(keys, maker, &letter, &armored, "SEIPDv1")
            });
        }
        if keys.world.rnp.is_some() {
            cells.cell(LETTERS, "rnp", letter.name, || {
                let armored = keys.by_rnp(maker, None, "", &letter.entity).expect("rnp");
                opened(keys, maker, &letter, &armored, "SEIPDv1")
            });
        }
    }
    signed(cells, keys);
}

/// Signed and encrypted in one message (RFC 3156 §6.2).
fn signed(cells: &Cells, keys: &Keys) {
    let letter = letters::plain();
    for maker in &keys.all {
        let column = maker.column();
        cells.cell(BOTH, "gpg --sign --encrypt", &column, || {
            let options = format!("--local-user {} --sign", maker.fingerprint);
            good_inside(maker, &letter, &keys.by_gpg(&[maker], &options, &letter.entity)?)
        });
        if keys.world.sq.is_some() {
            cells.cell(BOTH, "sq --signer-key", &column, || {
                let armored = keys.by_sq(&[maker], Some(maker), "", &letter.entity).expect("sq");
                good_inside(maker, &letter, &armored)
            });
        }
        if keys.world.rnp.is_some() && maker.maker == "rnp" {
            cells.cell(BOTH, "rnp --sign --encrypt", &column, || {
                let armored = keys.by_rnp(maker, Some(maker), "", &letter.entity).expect("rnp");
                good_inside(maker, &letter, &armored)
            });
        }
    }
}

/// The letter is good to those who trust the key; altered, it is not.
fn good_inside(maker: &Maker, letter: &Letter, armored: &[u8]) -> Outcome {
    let trust = TrustStore::new().anchors(&maker.certificate, Scope::any()).unwrap();
    let opener = Opener::new(&Context::new(trust)).key(maker.load());
    let mail = in_letter(letter, armored);
    for mail in [lf(&mail), crlf(&mail)] {
        let opened = opener.open(&mail, letters::now()).map_err(|error| error.to_string())?;
        let verdict = Policy::standard().judge(&opened.report);
        let text = verdict.text(&opened.report).explain(true).to_string();
        must(verdict.outcome == Verdict::Good, || format!("we say {:?}: {text}", verdict.outcome))?;
        let payload = opened.payload().map(|payload| payload.octets(1 << 20).unwrap());
        must(payload.as_deref() == Some(&letter.entity[..]), || "the content comes out changed".into())?;
    }
    let changed = super::changed(&mail);
    let opened = opener.open(&changed, letters::now()).map_err(|error| error.to_string())?;
    let verdict = Policy::standard().judge(&opened.report);
    must(verdict.outcome != Verdict::Good && opened.payload().is_none(), || {
        "a changed letter is opened".into()
    })?;
    Ok(Seen::Accepted)
}
