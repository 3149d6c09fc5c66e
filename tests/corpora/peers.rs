//! Every signed letter of the corpora, judged by `openssl cms` or `gpg` as well: whether the octets are those signed.
//!
//! What the others are given is cut out by [`splitter`](crate::splitter), never by the library.

use std::fs;
use std::path::Path;

use mailseal::report::{Code, Integrity, Layer, Protocol, Report, Signature};
use mailseal::{Certificate, UnixTime};

use crate::divergences::{self, Divergence};
use crate::kde;
use crate::letters::{Given, corpus, files, noon};
use crate::programs::{Answer, Keyring, Openssl};
use crate::splitter::{Entity, decode, split, to_base64};

/// Corpora with many signed letters.
const LARGE: [&str; 3] = ["pkits", "rub-johnny", "thunderbird-smime"];

/// Other corpora with signed letters.
const SMALL: [&str; 18] = [
    "autocrypt-protected-headers",
    "bc-test-data",
    "gmime",
    "gopenpgp",
    "kde-mimetreeparser",
    "lamps-cms-composite-sigs",
    "lamps-cms-ml-dsa",
    "libetpan",
    "mail-parser",
    "mimekit",
    "nss-smime",
    "openpgp-pqc-draft",
    "openssl",
    "pyca-vectors",
    "python-email",
    "rfc9216",
    "rustcrypto-formats",
    "thunderbird-openpgp",
];

/// Where OpenPGP keys of the writers of these letters are.
const KEYS: [&str; 9] = [
    "autocrypt-protected-headers/alice@openpgp.example.pub.asc",
    "gmime/pgp/gmime.gpg.pub",
    "gmime/pgpmime/gmime.gpg.pub",
    "gopenpgp",
    "kde-mimetreeparser/gnupg_home/pubring.gpg",
    "mimekit/TestData/openpgp/mimekit.gpg.pub",
    "python-email",
    "rub-johnny/assets/public-keys",
    "thunderbird-openpgp/mail/test/browser/openpgp/data/keys",
];

#[test]
fn peers_agree_on_large_corpora() {
    peers_agree(&LARGE);
}

#[test]
fn peers_agree_on_small_corpora() {
    peers_agree(&SMALL);
}

/// True for a corpus of which divergences are looked for.
pub(crate) fn is_compared(corpus: &str) -> bool {
    LARGE.contains(&corpus) || SMALL.contains(&corpus)
}

fn peers_agree(corpora: &[&str]) {
    let (Some(keys), Some(of_kde)) = (keys(), kde::certificates()) else { return };
    let (Some(openssl), Some(gpg)) = (Openssl::new(&of_kde), Keyring::new(&keys)) else { return };
    let load = |key: &Vec<u8>| Certificate::load(key).unwrap_or_default();
    let certificates = keys.iter().chain(&of_kde).flat_map(load).collect();
    let given = Given { certificates, ..Given::default() };
    let mut wrong = Vec::new();
    for name in corpora {
        let Some(folder) = corpus(name) else { continue };
        let mut comparison = Comparison {
            given: &given,
            openssl: &openssl,
            gpg: &gpg,
            letters: 0,
            tally: Tally::default(),
            found: Vec::new(),
        };
        let files = files(&folder);
        for file in &files {
            comparison.file(&folder, file);
        }
        println!("{name}: {}", comparison.summary());
        wrong.extend(divergences::complaints(name, &comparison.found, files.len()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn keys() -> Option<Vec<Vec<u8>>> {
    let mut keys = Vec::new();
    for place in KEYS {
        let place = crate::support::corpora()?.join(place);
        let files = if place.is_dir() { files(&place) } else { vec![place] };
        let is_key = |octets: &Vec<u8>| {
            octets.starts_with(b"-----BEGIN PGP P")
                || octets.first().is_some_and(|first| [0x99, 0x98].contains(first))
        };
        keys.extend(files.iter().filter_map(|file| fs::read(file).ok()).filter(is_key));
    }
    Some(keys)
}

#[derive(Debug, Default)]
struct Tally {
    fits: u32,
    does_not: u32,
    cannot_tell: u32,
}

impl Tally {
    fn sum(&self) -> u32 {
        self.fits + self.does_not + self.cannot_tell
    }
}

struct Comparison<'c> {
    given: &'c Given,
    openssl: &'c Openssl,
    gpg: &'c Keyring,
    letters: usize,
    tally: Tally,
    found: Vec<Divergence>,
}

impl Comparison<'_> {
    fn summary(&self) -> String {
        let Tally { fits, does_not, cannot_tell } = self.tally;
        let undecided = self.found.iter().filter(|one| one.undecided).count();
        format!(
            "{} letters; layers that fit by a peer: {fits}, that do not: {does_not}, that it cannot judge: {cannot_tell}; \
             left undecided here: {undecided}; divergences: {}",
            self.letters,
            self.found.len() - undecided
        )
    }

    fn file(&mut self, folder: &Path, file: &Path) {
        let octets = fs::read(file).unwrap();
        let name = file.strip_prefix(folder).unwrap().display().to_string();
        if let Some(letter) = wrapped(&octets) {
            return self.one(&name, &letter);
        }
        for (index, letter) in letters(&octets).into_iter().enumerate() {
            let name = if index == 0 { name.clone() } else { format!("{name}#{index}") };
            self.one(&name, letter);
        }
    }

    fn one(&mut self, name: &str, letter: &[u8]) {
        let before = self.tally.sum();
        self.letter(name, letter, 0);
        self.letters += usize::from(before < self.tally.sum());
    }

    fn letter(&mut self, name: &str, letter: &[u8], depth: u32) {
        let root = split(letter);
        let mut report = None;
        for entity in root.all() {
            let (answers, content) = self.ask(letter, entity);
            if answers.is_empty() {
                continue;
            }
            let report = report.get_or_insert_with(|| self.open(letter));
            self.compare(name, report, entity, &answers);
            if !content.is_empty() && entity.children.is_empty() && depth < 4 {
                self.letter(name, &content, depth + 1);
            }
        }
    }

    fn open(&self, letter: &[u8]) -> Report {
        self.given.opener().open(letter, at()).unwrap().report
    }

    /// What the others say of the signatures that an entity is; nothing if it is none.
    fn ask(&self, letter: &[u8], entity: &Entity) -> (Vec<Answer>, Vec<u8>) {
        let second = entity.children.get(1).map_or("", |part| part.kind.as_str());
        let said = if second.ends_with("-signature") { second } else { entity.protocol.as_str() };
        match entity.kind.as_str() {
            "multipart/signed" if said.ends_with("pgp-signature") && entity.children.len() >= 2 => {
                (self.gpg.detached(letter, &entity.children[0], &entity.children[1]), Vec::new())
            }
            "multipart/signed" if said.ends_with("pkcs7-signature") => {
                let (mut answer, _) = self.openssl.letter(&letter[entity.start..entity.end]);
                if let (Answer::CannotTell(_), [content, signature, ..]) = (&answer, &entity.children[..]) {
                    answer = self.openssl.detached(letter, content, signature).0;
                }
                (vec![answer], Vec::new())
            }
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                let (answer, content) = self.openssl.letter(&letter[entity.start..entity.end]);
                (vec![answer], content)
            }
            kind if kind.starts_with("text/") => {
                let text = decode(&letter[entity.body..entity.end], &entity.encoding);
                (blocks(&text).into_iter().flat_map(|block| self.gpg.inline(block)).collect(), Vec::new())
            }
            _ => (Vec::new(), Vec::new()),
        }
    }

    fn compare(&mut self, name: &str, report: &Report, entity: &Entity, answers: &[Answer]) {
        let signatures = signatures(report, entity);
        let ours: Vec<Integrity> = signatures.iter().map(|signature| signature.integrity).collect();
        let fits = answers.iter().filter(|answer| **answer == Answer::Fits).count();
        let holds = ours.iter().filter(|integrity| integrity.holds()).count();
        match answers {
            _ if fits > 0 => self.tally.fits += 1,
            _ if answers.iter().any(|answer| matches!(answer, Answer::DoesNot(_))) => {
                self.tally.does_not += 1
            }
            _ => self.tally.cannot_tell += 1,
        }
        // openssl has one answer for all signers of a layer.
        let all = !ours.is_empty() && holds == ours.len();
        let agrees = if answers.len() == 1 { (fits == 1) == all } else { fits == holds };
        if !agrees {
            let words: Vec<String> =
                ours.iter().map(|integrity| format!("{integrity:?}").to_lowercase()).collect();
            self.found.push(Divergence {
                file: name.to_owned(),
                ours: if words.is_empty() { "no signature".to_owned() } else { words.join(", ") },
                ours_holds: holds > 0,
                undecided: !signatures.is_empty() && signatures.iter().all(|signature| refused(signature)),
                peers: vec![(format!("{answers:?}"), fits > 0)],
            });
        }
    }
}

fn at() -> UnixTime {
    noon("2026-11-01")
}

/// The signatures that the library found where the entity is: the body starts at the same octet.
fn signatures<'r>(report: &'r Report, entity: &Entity) -> Vec<&'r Signature> {
    let opaque: Vec<_> =
        report.signed_layers().filter(|layer| layer.opaque && layer.protocol == Protocol::Smime).collect();
    let here = report.layers.iter().filter_map(|layer| match layer {
        Layer::Signed(layer) => Some(layer),
        _ => None,
    });
    let here = here.filter(|layer| {
        let inside = opaque.iter().any(|outer| outer.part != layer.part && outer.part.contains(&layer.part));
        let part = report.parts.iter().find(|part| part.part == layer.part);
        !inside && part.is_some_and(|part| usize::try_from(part.body).unwrap() == entity.body)
    });
    here.flat_map(|layer| &layer.signatures).collect()
}

/// Undecided for an algorithm, a key or a version.
fn refused(signature: &Signature) -> bool {
    let said = signature.findings.iter().any(|finding| finding.code == Code::UnsupportedAlgorithm);
    said && signature.integrity == Integrity::Unverified
}

/// A CMS structure as a letter: id-signedData over id-data, as DER or PEM. Other content is not mail (RFC 8551 §2.4.1).
pub(crate) fn wrapped(octets: &[u8]) -> Option<Vec<u8>> {
    const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
    const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    let pem = ["-----BEGIN CMS-----", "-----BEGIN PKCS7-----"].iter().find_map(|begin| {
        let at = octets.windows(begin.len()).position(|window| window == begin.as_bytes())?;
        let text = &octets[at + begin.len()..];
        let end = text.windows(5).position(|window| window == b"-----")?;
        Some(decode(&text[..end], "base64"))
    });
    let der = pem.unwrap_or_else(|| octets.to_vec());
    let head = der.get(..200)?;
    let has = |oid: &[u8]| head.windows(oid.len()).any(|window| window == oid);
    let is_cms = head[0] == 0x30 && has(SIGNED_DATA) && has(DATA);
    is_cms.then(|| {
        let body = to_base64(&der);
        format!(
            "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; \
            smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
        )
        .into_bytes()
    })
}

/// A file as letters: one, or those of an mbox.
pub(crate) fn letters(octets: &[u8]) -> Vec<&[u8]> {
    if !octets.starts_with(b"From ") {
        return vec![octets];
    }
    let mut starts: Vec<usize> = octets
        .windows(7)
        .enumerate()
        .filter(|(_, window)| *window == b"\n\nFrom ")
        .map(|(at, _)| at + 2)
        .collect();
    starts.insert(0, 0);
    starts.push(octets.len());
    starts.windows(2).map(|pair| &octets[pair[0]..pair[1]]).collect()
}

/// Cleartext signatures in a text (RFC 9580 §7).
fn blocks(text: &[u8]) -> Vec<&[u8]> {
    const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
    const END: &[u8] = b"-----END PGP SIGNATURE-----";
    let find = |word: &[u8], from: usize| {
        let found = text[from..].windows(word.len()).position(|window| window == word)?;
        Some(from + found)
    };
    let (mut found, mut place) = (Vec::new(), 0);
    while let Some(begin) = find(BEGIN, place) {
        let Some(end) = find(END, begin) else { break };
        place = end + END.len();
        if begin == 0 || text[begin - 1] == b'\n' {
            found.push(&text[begin..place]);
        }
    }
    found
}
