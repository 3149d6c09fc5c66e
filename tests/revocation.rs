//! Letters whose signers may be revoked: what comes along, what is fetched, what is only wanted. Made by openssl.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "aws-lc"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use mailseal::report::{Code, Evidence, FetchPurpose, Revocation, RevocationSource, Trust, Want};
use mailseal::trust::{FetchError, FetchRequest, Fetcher};
use mailseal::x509::RevocationData;
use mailseal::{Context, Limits, Opener, Outcome, Policy, Report, Scope, TrustStore};

const CRL: &str = "http://crl.example/ca.crl";
const OCSP: &str = "http://ocsp.example/";
const AIA: &str = "http://ca.example/ca.cer";

/// A root, an authority below it, and Alice, with all addresses in their certificates.
struct World {
    folder: tempfile::TempDir,
    letter: Vec<u8>,
}

impl World {
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: no openssl");
            return None;
        }
        let world = Self { folder: tempfile::tempdir().unwrap(), letter: Vec::new() };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch";
        world.run(&format!("req -x509 {key} -keyout root.key -out root.pem -subj /CN=Root -days 1000"));
        world.run(&format!("req {key} -keyout ca.key -out ca.csr -subj /CN=CA"));
        world.run(&format!("req {key} -keyout alice.key -out alice.csr -subj /CN=Alice"));
        world.write(
            "ca.ext",
            "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign,digitalSignature\n\
             crlDistributionPoints=URI:http://crl.example/root.crl\nsubjectKeyIdentifier=hash\n",
        );
        world.write("alice.ext", &format!("subjectAltName=email:alice@example.org\nextendedKeyUsage=emailProtection\n\
             crlDistributionPoints=URI:{CRL},URI:ldap://crl.example/x,URI:http://10.0.0.1/x,URI:http://printer/x\n\
             authorityInfoAccess=OCSP;URI:{OCSP},caIssuers;URI:{AIA}\n"));
        world.run("x509 -req -in ca.csr -CA root.pem -CAkey root.key -set_serial 2 -days 500 -extfile ca.ext -out ca.pem");
        world.run("x509 -req -in alice.csr -CA ca.pem -CAkey ca.key -set_serial 3 -days 100 -extfile alice.ext -out alice.pem");
        world.run("x509 -in ca.pem -outform DER -out ca.cer");
        world.write("ca.cnf", "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=7\n");
        world.write("number", "01\n");
        world.write("index.txt", "");
        world.run("ca -config ca.cnf -cert root.pem -keyfile root.key -gencrl -out root.crl");
        world.run("ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out clean.crl");
        world.run(
            "ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke alice.pem -crl_reason keyCompromise",
        );
        world.run("ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out listed.crl");
        world.write("content", "Content-Type: text/plain\r\n\r\nPay at once.\r\n");
        let letter = world.sign("-certfile ca.pem");
        Some(Self { letter, ..world })
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn run(&self, words: &str) {
        let output = Command::new("openssl")
            .args(words.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn sign(&self, more: &str) -> Vec<u8> {
        self.run(&format!("cms -sign -binary -in content -signer alice.pem -inkey alice.key -outform DER -out signature {more}"));
        self.envelope(&self.read("signature"))
    }

    fn envelope(&self, signature: &[u8]) -> Vec<u8> {
        fs::write(self.path("signature.der"), signature).unwrap();
        self.run("base64 -in signature.der -out signature.txt");
        let base64 = String::from_utf8(self.read("signature.txt")).unwrap().replace('\n', "\r\n");
        let content = String::from_utf8(self.read("content")).unwrap();
        format!(
            "From: alice@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b;\r\n \
             micalg=sha-256; protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\n{content}\r\n--b\r\n\
             Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n--b--\r\n"
        )
        .into_bytes()
    }

    /// The letter with these put into its RevocationInfoChoices.
    fn enclosing(&self, choices: &[u8]) -> Vec<u8> {
        self.run("cms -sign -binary -in content -signer alice.pem -inkey alice.key -outform DER -out signature -certfile ca.pem");
        let whole = self.read("signature");
        let info = content(&whole).0;
        let (kind, rest) = split(info);
        let data = content(content(rest).0).0;
        let mut fields = Vec::new();
        let mut left = data;
        while !left.is_empty() {
            let (field, rest) = split(left);
            fields.push(field);
            left = rest;
        }
        let last = fields.pop().unwrap();
        let data = encode(0x30, &[&fields.concat(), &encode(0xa1, &[choices]), last]);
        self.envelope(&encode(0x30, &[kind, &encode(0xa0, &[&data])]))
    }

    fn context(&self) -> Context {
        Context::new(TrustStore::new().anchors(&self.read("root.pem"), Scope::any()).unwrap())
    }

    fn open(&self, cx: &Context, letter: &[u8]) -> Report {
        Opener::new(cx).open(letter, SystemTime::now()).unwrap().report
    }

    fn data(&self, names: &[&str]) -> RevocationData {
        names.iter().fold(RevocationData::new(), |data, name| data.with(&self.read(name)).unwrap())
    }

    fn der(&self, name: &str) -> Vec<u8> {
        self.run(&format!("crl -in {name} -outform DER -out crl.der"));
        self.read("crl.der")
    }

    /// What a responder with the authority's own key says.
    fn answer(&self, name: &str, revoked: bool) -> Vec<u8> {
        let index = if revoked {
            self.read("index.txt")
        } else {
            b"V\t351121000000Z\t\t03\tunknown\t/CN=Alice\n".to_vec()
        };
        fs::write(self.path("responder.txt"), index).unwrap();
        self.run("ocsp -no_nonce -issuer ca.pem -cert alice.pem -reqout request.der");
        self.run(&format!("ocsp -index responder.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin request.der -respout {name} -ndays 1"));
        self.read(name)
    }
}

fn split(octets: &[u8]) -> (&[u8], &[u8]) {
    let (header, length) = match octets[1] {
        short @ 0..0x80 => (2, usize::from(short)),
        long => {
            let count = usize::from(long & 0x7f);
            (
                2 + count,
                octets[2..2 + count].iter().fold(0, |length, octet| length << 8 | usize::from(*octet)),
            )
        }
    };
    octets.split_at(header + length)
}

fn content(octets: &[u8]) -> (&[u8], &[u8]) {
    let (value, rest) = split(octets);
    let header = if octets[1] < 0x80 { 2 } else { 2 + usize::from(octets[1] & 0x7f) };
    (&value[header..], rest)
}

fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], &content].concat().into_iter().collect::<Vec<u8>>().minimal()
}

trait Minimal {
    fn minimal(self) -> Vec<u8>;
}

impl Minimal for Vec<u8> {
    /// The shortest form of the length.
    fn minimal(self) -> Vec<u8> {
        let content = &self[6..];
        match content.len() {
            0..0x80 => [&[self[0], self[5]], content].concat(),
            0x80..0x100 => [&[self[0], 0x81, self[5]], content].concat(),
            0x100..0x1_0000 => [&[self[0], 0x82, self[4], self[5]], content].concat(),
            _ => [&[self[0], 0x83, self[3], self[4], self[5]], content].concat(),
        }
    }
}

fn signature(report: &Report) -> &mailseal::report::Signature {
    report.signatures().next().unwrap()
}

fn looked(report: &Report) -> Option<RevocationSource> {
    match signature(report).evidence.first() {
        Some(Evidence::CertificationPath { revocation: Revocation::NotRevoked { by, .. }, .. }) => Some(*by),
        _ => None,
    }
}

fn saw(report: &Report, code: Code) -> bool {
    signature(report).findings.iter().any(|finding| finding.code == code)
}

/// Serves files by URL, and keeps a record of what was asked.
#[derive(Clone, Default)]
struct Server {
    files: BTreeMap<&'static str, Vec<u8>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn with(mut self, url: &'static str, octets: Vec<u8>) -> Self {
        self.files.insert(url, octets);
        self
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Fetcher for Server {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().unwrap().push(request.url.to_owned());
        assert_eq!(request.body.is_empty(), request.purpose != FetchPurpose::Ocsp);
        self.files.get(request.url).cloned().ok_or(FetchError::Unavailable)
    }
}

fn urls(wants: &[Want]) -> Vec<&str> {
    wants.iter().map(|want| want.url.as_str()).collect()
}

#[test]
fn r_c6_lists_of_the_caller_decide() {
    let Some(world) = World::new() else { return };
    let report = world.open(&world.context(), &world.letter);
    assert!(saw(&report, Code::RevocationUnknown) && looked(&report).is_none());
    assert_eq!(Policy::standard().judge(&report).outcome, Outcome::Good);
    assert_eq!(Policy::strict().judge(&report).outcome, Outcome::Caution);

    let cx = world.context().revocations(world.data(&["root.crl", "clean.crl"]));
    let report = world.open(&cx, &world.letter);
    assert_eq!(looked(&report), Some(RevocationSource::Crl));
    assert!(!saw(&report, Code::RevocationUnknown) && report.wants.is_empty());
    let verdict = Policy::strict().judge(&report);
    assert_eq!(verdict.outcome, Outcome::Good);
    assert!(
        verdict.text(&report).to_string().contains("not revoked (CRL, 0 min old)"),
        "{}",
        verdict.text(&report)
    );

    // Of one certificate on the way nobody says.
    let report = world.open(&world.context().revocations(world.data(&["clean.crl"])), &world.letter);
    assert!(looked(&report).is_none() && saw(&report, Code::RevocationUnknown));

    let report = world.open(&world.context().revocations(world.data(&["listed.crl"])), &world.letter);
    assert_eq!(signature(&report).trust, Trust::Revoked);
    assert!(saw(&report, Code::SignerRevoked));
    assert_eq!(Policy::standard().judge(&report).outcome, Outcome::Bad);
    let page = Policy::standard().judge(&report).text(&report).to_string();
    assert!(page.contains("revoked"), "{page}");
}

#[test]
fn r_c6_what_comes_with_the_letter_counts_and_hides_nothing() {
    let Some(world) = World::new() else { return };
    let (root, clean, listed) = (world.der("root.crl"), world.der("clean.crl"), world.der("listed.crl"));
    let letter = world.enclosing(&[root.clone(), clean.clone()].concat());
    assert_eq!(looked(&world.open(&world.context(), &letter)), Some(RevocationSource::Crl));
    let letter = world.enclosing(&listed);
    assert_eq!(signature(&world.open(&world.context(), &letter)).trust, Trust::Revoked);
    // An older list that the sender encloses does not bring the certificate back.
    let letter = world.enclosing(&[root.clone(), clean].concat());
    let cx = world.context().revocations(world.data(&["listed.crl"]));
    assert_eq!(signature(&world.open(&cx, &letter)).trust, Trust::Revoked);
    // RFC 5940: an answer of a responder. 1.3.6.1.5.5.7.16.2
    let ocsp = |answer: &[u8]| encode(0xa1, &[&[6, 8, 0x2b, 6, 1, 5, 5, 7, 0x10, 2], answer]);
    let letter = world.enclosing(&[root, ocsp(&world.answer("good.der", false))].concat());
    assert_eq!(looked(&world.open(&world.context(), &letter)), Some(RevocationSource::Ocsp));
    let letter = world.enclosing(&ocsp(&world.answer("revoked.der", true)));
    assert_eq!(signature(&world.open(&world.context(), &letter)).trust, Trust::Revoked);
    // What cannot be read is passed over.
    let letter = world.enclosing(&[encode(0x30, &[b"junk"]), listed].concat());
    assert_eq!(signature(&world.open(&world.context(), &letter)).trust, Trust::Revoked);
}

#[test]
fn r_c7_what_would_be_asked_is_told() {
    let Some(world) = World::new() else { return };
    let report = world.open(&world.context(), &world.letter);
    assert_eq!(urls(&report.wants), [OCSP, CRL, "http://crl.example/root.crl"], "no private or odd places");
    let asks = |want: &Want| (want.purpose == FetchPurpose::Ocsp) != want.body.is_empty();
    assert!(report.wants.iter().all(asks));
    assert!(report.wants.iter().all(|want| want.max_bytes == Limits::default().fetch_bytes));
    let small = world.context().limits(Limits::default().fetch_bytes(1000));
    assert!(world.open(&small, &world.letter).wants.iter().all(|want| want.max_bytes == 1000));
    // Nobody is asked about a stranger, or for a letter that was altered.
    let report = world.open(&Context::new(TrustStore::new()), &world.letter);
    assert!(report.wants.iter().all(|want| want.purpose == FetchPurpose::Aia), "{:?}", report.wants);
    let altered = String::from_utf8(world.letter.clone()).unwrap().replace("at once", "nothing");
    let server = Server::default();
    let report = world.open(&world.context().fetcher(server.clone()), altered.as_bytes());
    assert!(report.wants.is_empty() && server.asked().is_empty());
}

#[test]
fn r_c7_a_fetcher_is_asked_in_order_and_never_more_than_needed() {
    let Some(world) = World::new() else { return };
    let (root, clean, listed) = (world.read("root.crl"), world.read("clean.crl"), world.read("listed.crl"));
    let all = Server::default().with("http://crl.example/root.crl", root).with(CRL, clean);
    let answered = all.clone().with(OCSP, world.answer("good.der", false));
    let report = world.open(&world.context().fetcher(answered.clone()), &world.letter);
    assert_eq!(looked(&report), Some(RevocationSource::Ocsp));
    assert_eq!(answered.asked(), [OCSP, "http://crl.example/root.crl"]);
    assert!(report.wants.is_empty());

    let silent = Server { asked: Arc::default(), ..all };
    let report = world.open(&world.context().fetcher(silent.clone()), &world.letter);
    assert_eq!(looked(&report), Some(RevocationSource::Crl));
    assert_eq!(silent.asked(), [OCSP, CRL, "http://crl.example/root.crl"]);
    assert_eq!(urls(&report.wants), [OCSP]);

    let revoked = Server::default().with(CRL, listed);
    let report = world.open(&world.context().fetcher(revoked), &world.letter);
    assert_eq!(signature(&report).trust, Trust::Revoked);
    // Failing to fetch, and nonsense, are findings at most.
    for nonsense in [Server::default(), Server::default().with(OCSP, vec![0x30]).with(CRL, vec![7; 2 << 20])]
    {
        let report = world.open(&world.context().fetcher(nonsense), &world.letter);
        assert_eq!((signature(&report).trust, saw(&report, Code::RevocationUnknown)), (Trust::Trusted, true));
    }
    let none = Server::default();
    let limits = mailseal::Limits::default().fetches(1);
    world.open(&world.context().limits(limits).fetcher(none.clone()), &world.letter);
    assert_eq!(none.asked().len(), 1);
}

#[test]
fn r_c7_missing_issuers_are_fetched() {
    let Some(world) = World::new() else { return };
    let letter = world.sign("");
    let report = world.open(&world.context(), &letter);
    assert_eq!((signature(&report).trust, urls(&report.wants)), (Trust::Unknown, vec![AIA]));
    world.run("crl2pkcs7 -nocrl -certfile ca.pem -outform DER -out ca.p7c");
    for form in ["ca.cer", "ca.p7c"] {
        let server = Server::default().with(AIA, world.read(form));
        let report = world.open(&world.context().fetcher(server), &letter);
        assert_eq!(signature(&report).trust, Trust::Trusted, "{form}");
        let steps = signature(&report).evidence[0].steps();
        assert_eq!(steps[1].source, mailseal::report::Source::Fetched(AIA.into()));
    }
    let stranger = Server::default().with(AIA, world.read("alice.pem"));
    let report = world.open(&world.context().fetcher(stranger), &letter);
    assert_eq!(signature(&report).trust, Trust::Unknown);
    assert!(Path::new(&world.path("ca.cer")).exists());
}
