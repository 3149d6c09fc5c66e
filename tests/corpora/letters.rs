//! Opening letters, and reading reports in short.

use std::fs;
use std::path::{Path, PathBuf};

use mailseal::policy::Algorithms;
use mailseal::report::{Code, Decryption, EncryptedLayer, Integrity, Layer, Report};
use mailseal::{
    Certificate, CertificatePool, Context, Key, Limits, Opener, Outcome, Policy, Scope, TrustStore, UnixTime,
    Verdict,
};

use crate::support;

/// The folder of a corpus. None, and one line of output, if it is not there.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let folder = support::corpora()?.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no corpus {name}");
    None
}

/// All files below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// The outcomes that a corpus states.
pub(crate) fn expected(corpus: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(corpus.join("expected.json")).unwrap()).unwrap()
}

/// Noon of a day.
pub(crate) fn noon(date: &str) -> UnixTime {
    let numbers: Vec<i64> = date.split('-').map(|number| number.parse().unwrap()).collect();
    let (year, month, day) = (numbers[0] - i64::from(numbers[1] < 3), (numbers[1] + 9) % 12, numbers[2]);
    // Days since 1970 of the Gregorian calendar, years counted from March.
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469;
    UnixTime::from_seconds(days * 86_400 + 43_200)
}

/// What is given to the library.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) anchors: Vec<Certificate>,
    pub(crate) certificates: Vec<Certificate>,
    /// What letters are opened with.
    pub(crate) keys: Vec<Key>,
    pub(crate) sha1: bool,
    pub(crate) limits: Limits,
}

impl Given {
    pub(crate) fn anchors(files: &[PathBuf]) -> Self {
        let load = |file: &PathBuf| Certificate::load(&fs::read(file).unwrap()).unwrap();
        Self { anchors: files.iter().flat_map(load).collect(), ..Self::default() }
    }

    pub(crate) fn sha1(self) -> Self {
        Self { sha1: true, ..self }
    }

    pub(crate) fn keys(self, keys: Vec<Key>) -> Self {
        Self { keys, ..self }
    }

    pub(crate) fn opener(&self) -> Opener {
        let store = self
            .anchors
            .iter()
            .fold(TrustStore::new(), |store, anchor| store.anchor(anchor.clone(), Scope::any()));
        let pool: CertificatePool = self.certificates.iter().cloned().collect();
        let context = Context::new(store).certificates(pool).algorithms(self.algorithms());
        let opener = Opener::new(&context.limits(self.limits.clone()));
        self.keys.iter().cloned().fold(opener, Opener::key)
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::standard().with_algorithms(self.algorithms())
    }

    fn algorithms(&self) -> Algorithms {
        let standard = Algorithms::standard();
        if self.sha1 { standard.insecurely_allow_sha1() } else { standard }
    }
}

/// A letter that was opened and judged.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) report: Report,
    pub(crate) verdict: Verdict,
    /// For whom `require` gives the letter out, of those asked for.
    pub(crate) given_out: Vec<String>,
    pub(crate) payload: Option<Vec<u8>>,
}

impl Judged {
    pub(crate) fn new(given: &Given, letter: &[u8], at: UnixTime, asked: &[&str]) -> Self {
        Self::opened(given, given.opener(), letter, at, asked)
    }

    /// By an opener that knows more than is given.
    pub(crate) fn opened(given: &Given, opener: Opener, letter: &[u8], at: UnixTime, asked: &[&str]) -> Self {
        let opened = opener.open(letter, at).unwrap();
        let policy = given.policy();
        let verdict = policy.judge(&opened.report);
        let given_out = asked.iter().filter(|one| opened.require(&policy, &one.parse().unwrap()).is_some());
        let given_out = given_out.map(|one| (*one).to_owned()).collect();
        let payload = opened.payload().map(|payload| payload.octets(64 << 20).unwrap());
        Self { given_out, payload, verdict, report: opened.report }
    }

    pub(crate) fn is(&self, outcome: Outcome) -> bool {
        self.verdict.outcome == outcome
    }

    /// What came of the outermost encrypted layer.
    pub(crate) fn decryption(&self) -> Option<Decryption> {
        self.sealed().next().map(|layer| layer.decryption)
    }

    pub(crate) fn sealed(&self) -> impl Iterator<Item = &EncryptedLayer> {
        self.report.layers.iter().filter_map(|layer| match layer {
            Layer::Encrypted(layer) => Some(layer),
            _ => None,
        })
    }

    /// It was observed on an encrypted layer.
    pub(crate) fn saw_sealed(&self, code: Code) -> bool {
        self.sealed().flat_map(|layer| &layer.findings).any(|finding| finding.code == code)
    }

    /// The payload has these words, whatever its line ends.
    pub(crate) fn reads(&self, words: &str) -> bool {
        let lf = |octets: &[u8]| String::from_utf8_lossy(octets).replace('\r', "");
        self.payload.as_ref().is_some_and(|payload| lf(payload).contains(&lf(words.as_bytes())))
    }

    pub(crate) fn integrity(&self) -> Vec<Integrity> {
        self.report.signatures().map(|signature| signature.integrity).collect()
    }

    /// The verdict gives it as a reason.
    pub(crate) fn because(&self, code: Code) -> bool {
        self.verdict.reasons.iter().any(|reason| reason.code == code)
    }

    /// It was observed, on the letter, a layer or a signature.
    pub(crate) fn saw(&self, code: Code) -> bool {
        let layers = self.report.signed_layers().flat_map(|layer| &layer.findings);
        let signatures = self.report.signatures().flat_map(|signature| &signature.findings);
        self.report.findings.iter().chain(layers).chain(signatures).any(|finding| finding.code == code)
    }
}

#[test]
fn days_are_counted_right() {
    for (date, seconds) in
        [("1970-01-01", 43_200), ("2000-02-29", 951_825_600), ("2026-11-22", 1_795_348_800)]
    {
        assert_eq!(noon(date), UnixTime::from_seconds(seconds), "{date}");
    }
}
