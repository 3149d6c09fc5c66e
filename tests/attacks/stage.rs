//! The people of the tests, and the eyes of a receiver.

use std::fs;
use std::sync::{Arc, Mutex, Weak};
use std::time::SystemTime;

use mailseal::mime::Address;
use mailseal::report::{Code, Integrity, Layer, Trust};
use mailseal::{Composer, Context, Key, Opener, Outcome, Password, Policy, Scope, TrustStore, UnixTime};

use crate::cms::{Person, decoded};
use crate::support::pki::{KeyType, Leaf, Pki};

/// When letters of this crate's own making are signed and read.
pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_790_000_000);

pub(crate) const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nPay 100 to Alice.\r\n";
pub(crate) const EVIL: &[u8] = b"Content-Type: text/plain\r\n\r\nPay 999 to Mallory.\r\n";

/// Alice whom the receiver trusts, Mallory whom the same authority certified, and who they are to openssl.
pub(crate) struct Stage {
    pub(crate) pki: Pki,
    pub(crate) alice: Person,
    pub(crate) alice_leaf: Leaf,
    pub(crate) rsa: Person,
    pub(crate) rsa_leaf: Leaf,
    pub(crate) mallory: Person,
}

static STAGE: Mutex<Weak<Stage>> = Mutex::new(Weak::new());

/// Shared by the tests that run now, gone with the last of them. None, and one line of output, without openssl.
pub(crate) fn stage() -> Option<Arc<Stage>> {
    let mut shared = STAGE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(stage) = shared.upgrade() {
        return Some(stage);
    }
    let pki = Pki::new()?;
    let alice_leaf = pki.leaf("alice@example.org", KeyType::P256);
    let rsa_leaf = pki.leaf("alice@example.org", KeyType::Rsa(2048));
    let mallory_leaf = pki.leaf("mallory@evil.example", KeyType::P256);
    let alice = Person::ecdsa(&pki, &alice_leaf);
    let rsa = Person::rsa(&pki, &rsa_leaf);
    let mallory = Person::ecdsa(&pki, &mallory_leaf);
    let stage = Arc::new(Stage { pki, alice, alice_leaf, rsa, rsa_leaf, mallory });
    *shared = Arc::downgrade(&stage);
    Some(stage)
}

impl Stage {
    pub(crate) fn trust(&self) -> TrustStore {
        TrustStore::new().anchors(&fs::read(self.pki.root()).unwrap(), Scope::any()).unwrap()
    }

    pub(crate) fn cx(&self) -> Context {
        Context::new(self.trust())
    }

    /// The intermediate certificate, DER.
    pub(crate) fn intermediate(&self) -> Vec<u8> {
        decoded(&fs::read_to_string(self.pki.intermediate()).unwrap())
    }

    pub(crate) fn key(&self, leaf: &Leaf) -> Key {
        Key::load(&fs::read(&leaf.pkcs12).unwrap(), Password::from("secret")).unwrap()
    }

    pub(crate) fn look(&self, letter: &[u8]) -> Seen {
        look(&self.cx(), letter, AT)
    }

    /// Composed by mailseal itself.
    pub(crate) fn composed(&self, leaf: &Leaf, draft: &[u8], opaque: bool) -> Vec<u8> {
        let composer = Composer::new(&self.cx()).sign(&self.key(leaf)).opaque(opaque);
        let mut letter = Vec::new();
        composer.compose(draft, AT, &mut letter).unwrap();
        letter
    }
}

/// What a receiver sees.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct Seen {
    pub(crate) outcome: Outcome,
    pub(crate) strict: Outcome,
    /// The codes of all findings, those of signatures and layers too.
    pub(crate) codes: Vec<Code>,
    pub(crate) integrity: Vec<Integrity>,
    pub(crate) trust: Vec<Trust>,
    pub(crate) from: Vec<String>,
    /// Who signed, for every signature.
    pub(crate) signers: Vec<String>,
    /// For whom a program that asks for a sender gets the letter.
    pub(crate) verified_for: Vec<String>,
    pub(crate) payload: Octets,
}

/// Octets that print as text.
#[derive(PartialEq, Eq, Clone)]
pub(crate) struct Octets(pub(crate) Vec<u8>);

impl std::fmt::Debug for Octets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

/// Looks at a letter as a reader and as a program does.
pub(crate) fn look(cx: &Context, letter: &[u8], at: impl Into<UnixTime>) -> Seen {
    try_look(cx, letter, at).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(letter)))
}

pub(crate) fn try_look(
    cx: &Context,
    letter: &[u8],
    at: impl Into<UnixTime>,
) -> Result<Seen, mailseal::Error> {
    let opened = Opener::new(cx).open(letter, at)?;
    let (policy, report) = (Policy::standard(), &opened.report);
    let mut codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
    for layer in report.signed_layers() {
        codes.extend(layer.findings.iter().map(|finding| finding.code));
    }
    for layer in &report.layers {
        let Layer::Encrypted(layer) = layer else { continue };
        codes.extend(layer.findings.iter().map(|finding| finding.code));
    }
    codes.extend(report.signatures().flat_map(|one| &one.findings).map(|finding| finding.code));
    let signers: Vec<String> = report
        .signatures()
        .map(|one| one.signer.as_ref().map(|signer| signer.mailbox.clone()).unwrap_or_default())
        .collect();
    let people = report.from.mailboxes.iter().chain(&signers).map(String::as_str);
    let people = people.chain(["alice@example.org", "mallory@evil.example", "ceo@bank.example"]);
    let mut verified_for: Vec<String> = people
        .filter_map(|one| one.parse::<Address>().ok())
        .filter(|sender| opened.require(&policy, sender).is_some())
        .map(|sender| sender.to_string())
        .collect();
    verified_for.dedup();
    Ok(Seen {
        outcome: policy.judge(report).outcome,
        strict: Policy::strict().judge(report).outcome,
        codes,
        integrity: report.signatures().map(|one| one.integrity).collect(),
        trust: report.signatures().map(|one| one.trust).collect(),
        from: report.from.mailboxes.clone(),
        signers,
        verified_for,
        payload: Octets(opened.payload().map_or(Ok(Vec::new()), |payload| payload.octets(1 << 20))?),
    })
}

impl Seen {
    #[track_caller]
    pub(crate) fn is_good_for(&self, sender: &str) {
        assert_eq!(self.outcome, Outcome::Good, "{self:#?}");
        assert!(self.verified_for.iter().any(|one| one == sender), "{self:#?}");
    }

    #[track_caller]
    pub(crate) fn is_not_good(&self, what: &str) {
        assert_ne!(self.outcome, Outcome::Good, "{what}: {self:#?}");
        assert_ne!(self.strict, Outcome::Good, "{what}: {self:#?}");
        assert!(self.verified_for.is_empty(), "{what}: {self:#?}");
    }

    #[track_caller]
    pub(crate) fn is_bad(&self, what: &str) {
        self.is_not_good(what);
        assert_eq!(self.outcome, Outcome::Bad, "{what}: {self:#?}");
    }

    #[track_caller]
    pub(crate) fn is_caution(&self, code: Code, what: &str) {
        self.is_not_good(what);
        assert_eq!(self.outcome, Outcome::Caution, "{what}: {self:#?}");
        assert!(self.codes.contains(&code), "{what}: {self:#?}");
    }

    #[track_caller]
    pub(crate) fn is_none(&self, code: Option<Code>, what: &str) {
        self.is_not_good(what);
        assert_eq!(self.outcome, Outcome::None, "{what}: {self:#?}");
        assert!(code.is_none_or(|code| self.codes.contains(&code)), "{what}: {self:#?}");
    }
}

/// For letters that other programs signed by their own clock.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
