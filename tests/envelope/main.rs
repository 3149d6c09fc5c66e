//! What the envelope of a letter covers, what comes out of it, and how much work a letter can ask for.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "openpgp-rust", feature = "aws-lc"))]

#[path = "../support/mod.rs"]
mod support;

mod bounds;
mod cancelled;
mod parts;
mod payload;

use std::io::Write;
use std::sync::Arc;

use mailseal::crypto::Provider;
use mailseal::protocol::Signer as _;
use mailseal::report::Code;
use mailseal::{
    Certificate, Context, Error, Limits, Opened, Opener, Password, Scope, TrustStore, UnixTime, openpgp,
    pgpmime,
};

const AT: UnixTime = UnixTime::from_seconds(1_790_000_000);
/// The same, as a header says it.
const DATE: &str = "Date: Mon, 21 Sep 2026 14:13:20 +0000";

/// Somebody with an OpenPGP key.
struct Person {
    identity: Arc<openpgp::SigningIdentity>,
}

impl Person {
    fn new(user_id: &str) -> Self {
        let secret = openpgp::generate(user_id, AT, openpgp::CipherSuite::Ed25519).unwrap();
        let provider = Provider::default();
        let loaded = openpgp::SigningIdentity::load(secret.expose(), Password::none(), &provider).unwrap();
        Self { identity: Arc::new(loaded.into_iter().next().unwrap()) }
    }

    fn certificate(&self) -> Certificate {
        Certificate::Openpgp(self.identity.certificate().clone())
    }

    /// A multipart/signed over an entity, from its Content-Type on.
    fn signs(&self, entity: &[u8], boundary: &str) -> Vec<u8> {
        let signer = pgpmime::Signer::new(vec![Arc::clone(&self.identity)], Provider::default(), AT).unwrap();
        let mut signing = signer.begin(AT).unwrap();
        signing.write_all(entity).unwrap();
        let signature = signer.sign(signing.prepare().unwrap()).unwrap();
        detached(entity, &signature, boundary)
    }
}

fn detached(entity: &[u8], signature: &[u8], boundary: &str) -> Vec<u8> {
    let head = format!(
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=\"{boundary}\"\r\n\r\n\
         --{boundary}\r\n"
    );
    let middle = format!("\r\n--{boundary}\r\nContent-Type: application/pgp-signature\r\n\r\n");
    let end = format!("\r\n--{boundary}--\r\n");
    [head.as_bytes(), entity, middle.as_bytes(), signature, end.as_bytes()].concat()
}

fn letter(header: &str, entity: &[u8]) -> Vec<u8> {
    [format!("From: alice@example.org\r\n{header}\r\nMIME-Version: 1.0\r\n").as_bytes(), entity].concat()
}

/// Trusts these people, whoever they say they are.
fn trusting(people: &[&Person]) -> Context {
    let trust = people
        .iter()
        .fold(TrustStore::new(), |trust, person| trust.anchor(person.certificate(), Scope::any()));
    Context::new(trust)
}

fn open<'a>(cx: &Context, letter: &'a [u8]) -> Opened<'a> {
    Opener::new(cx).open(letter, AT).unwrap()
}

fn has(opened: &Opened<'_>, code: Code) -> bool {
    let layers = opened.report.signed_layers().flat_map(|layer| &layer.findings);
    opened.report.findings.iter().chain(layers).any(|finding| finding.code == code)
}

/// A SignedData that nobody signed.
fn unsigned_data(content: &[u8]) -> Vec<u8> {
    let element = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x84][..], &length, &content].concat()
    };
    let signed = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    let data = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
    let inner = element(0x30, &[data, &element(0xa0, &[&element(0x04, &[content])])]);
    let whole = element(0x30, &[b"\x02\x01\x01", b"\x31\x00", &inner, b"\x31\x00"]);
    element(0x30, &[signed, &element(0xa0, &[&whole])])
}

fn limit_of(cx: &Context, letter: &[u8]) -> Option<&'static str> {
    match Opener::new(cx).open(letter, AT) {
        Err(Error::Limit { name, .. }) => Some(name),
        other => {
            other.unwrap();
            None
        }
    }
}

fn bounded(limits: Limits) -> Context {
    Context::new(TrustStore::new()).limits(limits)
}
