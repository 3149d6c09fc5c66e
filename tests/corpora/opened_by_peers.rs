//! Every encrypted letter and message of the corpora, opened by `openssl cms` or `gpg` as well, with the same keys: where
//! they read something, the library reads the same octets, or `divergences.json` says why not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mailseal::report::{Decryption, EncryptedLayer, Layer, Report};
use mailseal::{Context, Limits, Opener, Password, TrustStore};

use crate::divergences::{self, Divergence};
use crate::encrypted::wrapped;
use crate::keys::{Keys, openssl_keys, password_of, secret_keys};
use crate::letters::{corpus, files, noon};
use crate::peers::letters;
use crate::splitter::{Entity, decode, split};
use crate::support;
use crate::support::gnupg::Gpg;
use crate::support::{Program, tool};

/// Corpora with encrypted letters.
pub(crate) const CORPORA: [&str; 16] = [
    "autocrypt-protected-headers",
    "bc-test-data",
    "gmime",
    "gnupg-openpgp",
    "gopenpgp",
    "kde-mimetreeparser",
    "libetpan",
    "mail-parser",
    "mimekit",
    "nss-smime",
    "openssl",
    "python-email",
    "rnp",
    "sequoia-openpgp",
    "thunderbird-openpgp",
    "thunderbird-smime",
];

#[test]
fn what_peers_open_is_opened() {
    let (Some(keys), Some(peers)) = (Keys::get(), Peers::new()) else { return };
    let mut wrong = Vec::new();
    for name in CORPORA {
        let Some(folder) = corpus(name) else { continue };
        let files = files(&folder);
        let mut comparison = Comparison { peers: &peers, tally: Tally::default(), found: Vec::new() };
        for file in &files {
            comparison.file(keys, name, file.strip_prefix(&folder).unwrap(), &fs::read(file).unwrap());
        }
        println!("{name}: {:?}, divergences: {}", comparison.tally, comparison.found.len());
        wrong.extend(divergences::closed(name, &comparison.found, files.len()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(Debug, Default)]
struct Tally {
    /// The same octets.
    both: usize,
    /// A peer does not read it.
    we_alone: usize,
    they_alone: usize,
    nobody: usize,
}

struct Comparison<'c> {
    peers: &'c Peers,
    tally: Tally,
    found: Vec<Divergence>,
}

impl Comparison<'_> {
    fn file(&mut self, keys: &Keys, corpus: &str, file: &Path, octets: &[u8]) {
        let name = file.display().to_string();
        let opener = opener(keys, &format!("{corpus}/{name}"));
        if let Some(letter) = wrapped(octets) {
            return self.letter(&opener, corpus, &name, &letter);
        }
        for (index, letter) in letters(octets).into_iter().enumerate() {
            let name = if index == 0 { name.clone() } else { format!("{name}#{index}") };
            self.letter(&opener, corpus, &name, letter);
        }
    }

    fn letter(&mut self, opener: &Opener, corpus: &str, name: &str, letter: &[u8]) {
        let root = split(letter);
        let mut report = None;
        for entity in root.all() {
            let Some(sealed) = Sealed::of(letter, entity) else { continue };
            let report: &Report = match &report {
                Some(report) => report,
                None => match opener.open(letter, at()) {
                    Ok(opened) => report.insert(opened.report),
                    Err(error) => panic!("{corpus}: {name}: {error}"),
                },
            };
            let Some(layer) = here(report, entity) else { continue };
            let theirs = self.peers.open(&sealed, password_of(&format!("{corpus}/{name}")));
            let opened = opener.open_part(letter, &layer.part, at()).unwrap();
            let layer = here(&opened.report, entity).expect("the layer");
            let ours = opened.payload().filter(|_| layer.decryption == Decryption::Opened);
            let ours = ours.map(|payload| payload.octets(64 << 20).unwrap());
            match (ours, theirs) {
                (Some(ours), Ok(theirs)) => {
                    let same = reads_the_same(&theirs, &ours);
                    assert!(same, "{corpus}: {name}: other octets: {} and {}", ours.len(), theirs.len());
                    self.tally.both += 1;
                }
                (Some(_), Err(_)) => self.tally.we_alone += 1,
                (None, Ok(_)) => {
                    self.tally.they_alone += 1;
                    self.diverges(name, layer, &sealed);
                }
                (None, Err(_)) => self.tally.nobody += 1,
            }
        }
    }

    fn diverges(&mut self, name: &str, layer: &EncryptedLayer, sealed: &Sealed) {
        let said = serde_json::to_value(layer.decryption).unwrap();
        self.found.push(Divergence {
            file: name.to_owned(),
            ours: said.as_str().unwrap().to_owned(),
            ours_holds: false,
            undecided: true,
            peers: vec![(format!("{} opens it; we: {:?}", sealed.peer(), layer.findings), true)],
        });
    }
}

/// What the library gives out may be inside a signature that is inside; and gpg changes the line ends of a literal that
/// says it is text (RFC 9580 §5.9).
pub(crate) fn reads_the_same(theirs: &[u8], ours: &[u8]) -> bool {
    let inner = split(theirs);
    let inner = decode(&theirs[inner.body..inner.end], &inner.encoding);
    holds(theirs, ours) || holds(&inner, ours) || holds(&lf(theirs), &lf(ours))
}

fn holds(outer: &[u8], inner: &[u8]) -> bool {
    inner.is_empty() || outer.windows(inner.len()).any(|window| window == inner)
}

fn lf(octets: &[u8]) -> Vec<u8> {
    octets.iter().copied().filter(|octet| *octet != b'\r').collect()
}

fn opener(keys: &Keys, name: &str) -> Opener {
    // All keys there are, and letters to hidden recipients.
    let limits = Limits::default().trial_decryptions(1000);
    let opener = Opener::new(&Context::new(TrustStore::new()).limits(limits));
    let opener = keys.all.iter().fold(opener, |opener, (_, key)| opener.key(key.clone()));
    opener.password(Password::from(password_of(name)))
}

fn at() -> mailseal::UnixTime {
    noon("2026-06-01")
}

fn here<'r>(report: &'r Report, entity: &Entity) -> Option<&'r EncryptedLayer> {
    report.layers.iter().find_map(|layer| match layer {
        Layer::Encrypted(layer) => {
            let part = report.parts.iter().find(|part| part.part == layer.part)?;
            (usize::try_from(part.body).unwrap() == entity.body).then_some(layer)
        }
        _ => None,
    })
}

/// An encrypted message, cut out.
enum Sealed {
    Cms(Vec<u8>),
    Openpgp(Vec<u8>),
}

impl Sealed {
    fn of(letter: &[u8], entity: &Entity) -> Option<Self> {
        let body = |part: &Entity| decode(&letter[part.body..part.end], &part.encoding);
        match (entity.kind.as_str(), &entity.children[..]) {
            ("application/pkcs7-mime" | "application/x-pkcs7-mime" | "application/octet-stream", []) => {
                let der = body(entity);
                is_enveloped(&der).then_some(Self::Cms(der))
            }
            ("multipart/encrypted", [_, sealed, ..]) => Some(Self::Openpgp(body(sealed))),
            _ => None,
        }
    }

    fn peer(&self) -> &'static str {
        match self {
            Self::Cms(_) => "openssl",
            Self::Openpgp(_) => "gpg",
        }
    }
}

/// By the object identifiers of RFC 5652 §6.1 and RFC 5083 §2.1.
pub(crate) fn is_enveloped(der: &[u8]) -> bool {
    const ENVELOPED: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
    const AUTH_ENVELOPED: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";
    let head = &der[..der.len().min(20)];
    head.first() == Some(&0x30) && (holds(head, ENVELOPED) || holds(head, AUTH_ENVELOPED))
}

/// openssl and gpg with all keys of the corpora.
struct Peers {
    openssl: PathBuf,
    folder: tempfile::TempDir,
    keys: Vec<PathBuf>,
    gpg: Gpg,
}

impl Peers {
    fn new() -> Option<Self> {
        let (openssl, gpg, corpora) = (tool("openssl")?, Gpg::new()?, support::corpora()?);
        let folder = tempfile::tempdir().unwrap();
        let keys = openssl_keys(&openssl, &corpora, folder.path());
        let mut sets: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        for (file, key) in secret_keys(&corpora) {
            // After one that it does not read, it reads no others: those of a folder, and never broken ones.
            if !file.to_string_lossy().contains("fuzz") {
                sets.entry(file.parent().unwrap().to_owned()).or_default().extend(key);
            }
        }
        for keys in sets.values() {
            gpg.words("--no-auto-check-trustdb --import").input(keys).run();
        }
        Some(Self { openssl, folder, keys, gpg })
    }

    fn open(&self, sealed: &Sealed, password: &str) -> Result<Vec<u8>, String> {
        match sealed {
            Sealed::Cms(der) => self.by_openssl(der),
            Sealed::Openpgp(message) => self.by_gpg(message, password),
        }
    }

    fn by_openssl(&self, der: &[u8]) -> Result<Vec<u8>, String> {
        let (file, out) = (self.folder.path().join("message"), self.folder.path().join("content"));
        fs::write(&file, der).unwrap();
        for key in &self.keys {
            let run = Program::new(&self.openssl).words("cms -decrypt -inform DER -in").arg(&file);
            let run = run.words("-provider default -provider legacy -recip").arg(key).arg("-inkey").arg(key);
            if run.arg("-out").arg(&out).run().succeeded {
                return Ok(fs::read(&out).unwrap());
            }
        }
        Err("none of the keys".into())
    }

    fn by_gpg(&self, message: &[u8], password: &str) -> Result<Vec<u8>, String> {
        let file = self.folder.path().join("message");
        fs::write(&file, message).unwrap();
        let mut words = String::new();
        // Of the message, or of a key; those of keys are few.
        for password in [password, "", "apple", "test", "test_passphrase", "ecc", "alice-passphrase"] {
            let run = self.gpg.words("--no-auto-check-trustdb --passphrase").arg(password);
            let ran = run.words("--status-fd 2 --output - --decrypt").arg(&file).run();
            // It fails as well where it has not the key of the signer.
            if ran.stderr.contains("DECRYPTION_OKAY") {
                return Ok(ran.stdout);
            }
            words = ran.stderr;
            // Without the key, no password helps.
            if !["passphrase", "Bad session key", "encrypted with 1 pass", "anonymous"]
                .iter()
                .any(|word| words.contains(word))
            {
                break;
            }
        }
        Err(words)
    }
}
