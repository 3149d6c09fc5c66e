//! What `openssl cms` and `gpg` say of a signature.

use std::fs;
use std::path::PathBuf;

use crate::splitter::{Entity, decode, to_base64};
use crate::support::gnupg::Gpg;
use crate::support::{Program, tool};

/// What a program says of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Fits,
    /// And in which words.
    DoesNot(String),
    /// Without the key or the algorithm, or because it is no signature at all.
    CannotTell(String),
}

/// openssl, without any check of certificates.
#[derive(Debug)]
pub(crate) struct Openssl {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Openssl {
    /// With certificates (DER) that letters may leave out.
    pub(crate) fn new(certificates: &[Vec<u8>]) -> Option<Self> {
        let openssl = Self { program: tool("openssl")?, folder: tempfile::tempdir().unwrap() };
        let pem = |der: &Vec<u8>| {
            let text = to_base64(der).replace('\r', "");
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        let all: String = certificates.iter().map(pem).collect();
        fs::write(openssl.folder.path().join("certificates.pem"), all).unwrap();
        Some(openssl)
    }

    /// What it says of a whole letter, and the content if the signature fits. It is asked for the octets as they are
    /// and, where these do not fit, with line ends made canonical, which is what it does of itself.
    pub(crate) fn letter(&self, letter: &[u8]) -> (Answer, Vec<u8>) {
        let file = self.folder.path().join("letter.eml");
        fs::write(&file, letter).unwrap();
        self.either(|how| self.verify(how.arg("-in").arg(&file)))
    }

    /// What it says of a signature beside its content, where it cannot read the letter around them.
    pub(crate) fn detached(&self, letter: &[u8], content: &Entity, signature: &Entity) -> (Answer, Vec<u8>) {
        let (file, signed) = (self.folder.path().join("signature.der"), self.folder.path().join("signed"));
        fs::write(&file, decode(&letter[signature.body..signature.end], &signature.encoding)).unwrap();
        let content = &letter[content.start..content.end];
        let ask = |content: &[u8]| {
            fs::write(&signed, content).unwrap();
            let program = self.program("-binary -inform DER").arg("-in").arg(&file);
            self.verify(program.arg("-content").arg(&signed))
        };
        let (raw, out) = ask(content);
        if raw == Answer::Fits { (raw, out) } else { ask(&with_crlf(content)) }
    }

    fn either(&self, ask: impl Fn(Program) -> (Answer, Vec<u8>)) -> (Answer, Vec<u8>) {
        let (canonical, content) = ask(self.program(""));
        if canonical == Answer::Fits {
            return (canonical, content);
        }
        let (raw, content) = ask(self.program("-binary"));
        if raw == Answer::Fits { (raw, content) } else { (canonical, Vec::new()) }
    }

    fn program(&self, how: &str) -> Program {
        let certificates = self.folder.path().join("certificates.pem");
        Program::new(&self.program)
            .words("cms -verify -noverify")
            .words(how)
            .arg("-certfile")
            .arg(certificates)
    }

    fn verify(&self, program: Program) -> (Answer, Vec<u8>) {
        let out = self.folder.path().join("content");
        fs::write(&out, b"").unwrap();
        let ran = program.arg("-out").arg(&out).run();
        if ran.succeeded {
            return (Answer::Fits, fs::read(&out).unwrap());
        }
        // Its code for failed mathematics is 4, as for much else; its words differ.
        let words = |line: &str| line.split(':').nth(5).map(str::to_owned);
        let said = ran.stderr.lines().filter_map(words).next_back().unwrap_or_default();
        let failed =
            ["verification failure", "content verify error", "no matching digest"].contains(&said.as_str());
        (if failed { Answer::DoesNot(said) } else { Answer::CannotTell(said) }, Vec::new())
    }
}

/// gpg with the keys of the corpora.
#[derive(Debug)]
pub(crate) struct Keyring(Gpg);

impl Keyring {
    pub(crate) fn new(keys: &[Vec<u8>]) -> Option<Self> {
        let gpg = Gpg::new()?;
        for key in keys {
            // It refuses some, which is its own affair: their signatures cannot be judged then.
            gpg.words("--no-auto-check-trustdb --import").input(key).run();
        }
        Some(Self(gpg))
    }

    /// A content and its signature, as they are or with CRLF: one answer for each signature.
    pub(crate) fn detached(&self, letter: &[u8], content: &Entity, signature: &Entity) -> Vec<Answer> {
        let content = &letter[content.start..content.end];
        let signature = decode(&letter[signature.body..signature.end], &signature.encoding);
        let raw = self.answers(&signature, Some(content));
        if raw.iter().any(|answer| matches!(answer, Answer::DoesNot(_))) {
            let canonical = self.answers(&signature, Some(&with_crlf(content)));
            if canonical.contains(&Answer::Fits) {
                return canonical;
            }
        }
        raw
    }

    pub(crate) fn inline(&self, block: &[u8]) -> Vec<Answer> {
        self.answers(block, None)
    }

    fn answers(&self, signature: &[u8], content: Option<&[u8]>) -> Vec<Answer> {
        let (file, signed) = (self.0.home().join("peer.asc"), self.0.home().join("peer.txt"));
        fs::write(&file, signature).unwrap();
        let mut program =
            self.0.words("--no-auto-check-trustdb --allow-weak-digest-algos --verify").arg(&file);
        if let Some(content) = content {
            fs::write(&signed, content).unwrap();
            program = program.arg(&signed);
        }
        let ran = program.run();
        let answers: Vec<Answer> = ran.text().lines().filter_map(answer).collect();
        if answers.is_empty() {
            let words = ran.stderr.lines().next_back().unwrap_or("").to_owned();
            return vec![Answer::CannotTell(words)];
        }
        answers
    }
}

fn answer(line: &str) -> Option<Answer> {
    let mut words = line.strip_prefix("[GNUPG:] ")?.split(' ');
    match words.next()? {
        "GOODSIG" | "EXPSIG" | "EXPKEYSIG" | "REVKEYSIG" => Some(Answer::Fits),
        "BADSIG" => Some(Answer::DoesNot(line.to_owned())),
        "ERRSIG" => Some(Answer::CannotTell(line.to_owned())),
        _ => None,
    }
}

fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}
