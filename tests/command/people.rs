//! Who writes to whom, their files, and a shell for the command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, Weak};

use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, Leaf, Pki};

/// After gpg made its keys, and within all certificates.
pub(crate) const AT: &str = "@1900000000";

pub(crate) const ALICE: &str = "alice@example.org";
pub(crate) const BOB: &str = "bob@example.org";
pub(crate) const ERIN: &str = "erin@example.org";
pub(crate) const CAROL: &str = "carol@example.net";

/// What is in the letters of others.
pub(crate) const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nThe parcel leaves on Monday.\r\n";

/// Alice and Erin have keys of a curve, Bob has one of RSA, Carol one of OpenPGP, and so has Alice.
pub(crate) struct People {
    pub(crate) pki: Pki,
    pub(crate) gpg: Gpg,
    pub(crate) alice: Leaf,
    pub(crate) bob: Leaf,
    pub(crate) erin: Leaf,
    /// The certificate and the secret key of Carol, and those of Alice, which are in gpg's home too.
    carol: [Vec<u8>; 2],
    alice_pgp: [Vec<u8>; 2],
}

static PEOPLE: Mutex<Weak<People>> = Mutex::new(Weak::new());

/// Shared by the tests that run now, gone with the last of them. None, and one line of output, without the programs.
pub(crate) fn people() -> Option<Arc<People>> {
    let mut shared = PEOPLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(people) = shared.upgrade() {
        return Some(people);
    }
    let (pki, gpg) = (Pki::new()?, Gpg::new()?);
    let pgp = |user_id: &str| {
        let fingerprint = gpg.make_key(user_id, "ed25519");
        gpg.words("--quick-add-key").arg(&fingerprint).words("cv25519 encr never").ok();
        [gpg.certificate(&fingerprint), gpg.secret_key(&fingerprint)]
    };
    let people = Arc::new(People {
        alice: pki.leaf(ALICE, KeyType::P256),
        bob: pki.leaf(BOB, KeyType::Rsa(2048)),
        erin: pki.leaf(ERIN, KeyType::P256),
        carol: pgp("Carol Jones <carol@example.net>"),
        alice_pgp: pgp("Alice <alice@example.org>"),
        pki,
        gpg,
    });
    *shared = Arc::downgrade(&people);
    Some(people)
}

impl People {
    /// An S/MIME letter by openssl; `words` say how, as `-aes-256-cbc`.
    pub(crate) fn openssl(&self, words: &str, recipients: &[&Leaf], content: &[u8]) -> Vec<u8> {
        let mut program = self.pki.openssl("cms -encrypt -binary -outform DER").words(words);
        for leaf in recipients {
            program = program.arg(&leaf.certificate);
        }
        let kind = if words.contains("gcm") { "authEnveloped-data" } else { "enveloped-data" };
        smime(ALICE, kind, &program.input(content).ok())
    }

    /// What is signed by openssl, to be put into an encrypted letter.
    pub(crate) fn signed(&self, leaf: &Leaf, content: &[u8]) -> Vec<u8> {
        let sign =
            self.pki.openssl("cms -sign -binary -nodetach -outform DER -certfile intermediate.pem -signer");
        let cms = sign.arg(&leaf.certificate).arg("-inkey").arg(&leaf.key).input(content).ok();
        let letter = smime(&leaf.address, "signed-data", &cms);
        let start = b"Content-Type";
        let at = letter.windows(start.len()).position(|octets| octets == start).unwrap();
        letter[at..].to_vec()
    }

    /// A PGP/MIME letter by gpg; `words` say how, as `--recipient carol@example.net`.
    pub(crate) fn gpg(&self, from: &str, words: &str, content: &[u8]) -> Vec<u8> {
        let out = tempfile::NamedTempFile::new().unwrap();
        let program =
            self.gpg.words("--armor --trust-model always").words(words).arg("--output").arg(out.path());
        let encrypt = if words.contains("--symmetric") { "" } else { "--encrypt" };
        program.words(encrypt).input(content).ok();
        pgp_mime(from, &fs::read(out.path()).unwrap())
    }
}

fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn smime(from: &str, kind: &str, der: &[u8]) -> Vec<u8> {
    let text = base64_simd::STANDARD.encode_to_string(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    crlf(&format!(
        "From: {from}\nTo: {BOB}\nSubject: Your parcel\nMIME-Version: 1.0\nContent-Type: application/pkcs7-mime; \
         smime-type={kind}; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n{}\n",
        lines.join("\n")
    ))
    .into_bytes()
}

fn pgp_mime(from: &str, armored: &[u8]) -> Vec<u8> {
    let armored = String::from_utf8(armored.to_vec()).unwrap();
    crlf(&format!(
        "From: {from}\nTo: {CAROL}\nSubject: Your parcel\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; \
         protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\n\
         Version: 1\n\n--b\nContent-Type: application/octet-stream\n\n{armored}\n--b--\n"
    ))
    .into_bytes()
}

/// The body of an S/MIME letter, changed octet by octet.
pub(crate) fn with_der(letter: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let text = std::str::from_utf8(letter).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut der = base64_simd::STANDARD.decode_to_vec(body.replace("\r\n", "")).unwrap();
    change(&mut der);
    let mut changed = format!("{head}\r\n\r\n");
    for line in base64_simd::STANDARD.encode_to_string(der).as_bytes().chunks(64) {
        changed.push_str(std::str::from_utf8(line).unwrap());
        changed.push_str("\r\n");
    }
    changed.into_bytes()
}

/// A folder with everybody's files, and the command in it.
pub(crate) struct Shell {
    folder: tempfile::TempDir,
}

impl Shell {
    /// With the letters that openssl and gpg made, and who signed them; no program is needed.
    pub(crate) fn with_letters() -> Self {
        let shell = Self { folder: tempfile::tempdir().unwrap() };
        let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/letters");
        let entries = fs::read_dir(letters).unwrap().map(Result::unwrap);
        for entry in entries.filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), shell.folder.path().join(entry.file_name())).unwrap();
        }
        shell
    }

    pub(crate) fn new(people: &People) -> Self {
        let shell = Self { folder: tempfile::tempdir().unwrap() };
        shell.file("root.pem", &fs::read(people.pki.root()).unwrap());
        for (name, leaf) in [("alice", &people.alice), ("bob", &people.bob), ("erin", &people.erin)] {
            shell.file(&format!("{name}.pem"), &fs::read(&leaf.chain).unwrap());
            shell.file(&format!("{name}.p12"), &fs::read(&leaf.pkcs12).unwrap());
        }
        for (name, [certificate, key]) in [("carol", &people.carol), ("alice", &people.alice_pgp)] {
            shell.file(&format!("{name}.asc"), certificate);
            shell.file(&format!("{name}.key"), key);
        }
        shell.file("password", b"not this one\nsecret\n");
        shell
    }

    pub(crate) fn file(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, octets).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names in a folder of it, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs `mailseal WORDS`.
    pub(crate) fn run(&self, words: &str) -> Output {
        self.command(words).output().unwrap()
    }

    /// `mailseal WORDS`; words are apart by blanks.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
        command.env("LC_ALL", "C.UTF-8").current_dir(self.folder.path()).stdin(Stdio::null());
        // Not that of whoever runs the tests.
        command.env("MAILSEAL_TRUST", self.path("trust"));
        command.args(words.split_ascii_whitespace());
        command
    }

    /// In Japanese.
    pub(crate) fn in_japanese(&self, words: &str) -> Output {
        self.command(words).env("LC_ALL", "ja_JP.UTF-8").output().unwrap()
    }

    /// The lines of JSON that it prints.
    #[track_caller]
    pub(crate) fn json(&self, status: i32, words: &str) -> Vec<serde_json::Value> {
        let said = expect(status, &self.run(words));
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// With a letter on standard input.
    pub(crate) fn piped(&self, words: &str, input: &Path) -> Output {
        self.command(words).stdin(fs::File::open(input).unwrap()).output().unwrap()
    }
}

#[track_caller]
pub(crate) fn expect(status: i32, output: &Output) -> String {
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{said}{}", error(output));
    said
}

pub(crate) fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
