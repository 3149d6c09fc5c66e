//! Alice and Bob with keys of both protocols, what she writes to him, and what he sees.

use std::fmt::Write as _;
use std::sync::OnceLock;

use mailseal::crypto::ContentCipher;
use mailseal::report::{EncryptedLayer, Layer, Protocol, Report};
use mailseal::{
    CertificatePool, Composer, Context, Group, Key, Opened, Opener, Outcome, Password, Policy, Scope, openpgp,
};

use crate::stage::{AT, Stage, stage};

pub(crate) const BOB: &str = "bob@example.com";
pub(crate) const SECRET: &str = "the vault opens with 7315-2290-4471";

/// Alice, whom the receiver trusts, and Bob, who receives, each with a key of both protocols.
pub(crate) struct People {
    pub(crate) stage: std::sync::Arc<Stage>,
    pub(crate) alice: [Key; 2],
    pub(crate) bob: [Key; 2],
    pub(crate) cx: Context,
}

/// The secret keys of Alice, Bob and a stranger.
pub(crate) fn openpgp_keys() -> &'static [Vec<u8>; 3] {
    static KEYS: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
    KEYS.get_or_init(|| {
        ["Alice <alice@example.org>", "Bob <bob@example.com>", "Mallory <mallory@evil.example>"].map(|name| {
            let born = mailseal::UnixTime::from_seconds(1_780_000_000);
            openpgp::generate(name, born, openpgp::CipherSuite::Ed25519).unwrap().expose().to_vec()
        })
    })
}

pub(crate) fn people() -> Option<People> {
    let stage = stage()?;
    let [alice, bob, _] = openpgp_keys();
    let leaf = stage.pki.leaf(BOB, crate::support::pki::KeyType::Rsa(2048));
    let load = |octets: &[u8]| Key::load(octets, Password::none()).unwrap();
    let trust = stage.trust().anchors(alice, Scope::any()).unwrap().anchors(bob, Scope::any()).unwrap();
    let pool = CertificatePool::new().with(&std::fs::read(&leaf.certificate).unwrap()).unwrap();
    let pool = Context::new(trust).certificates(pool);
    let intermediate =
        CertificatePool::new().with(&std::fs::read(stage.pki.intermediate()).unwrap()).unwrap();
    Some(People {
        alice: [stage.key(&stage.alice_leaf), load(alice)],
        bob: [stage.key(&leaf), load(bob)],
        cx: pool.certificates(intermediate),
        stage,
    })
}

impl People {
    pub(crate) fn group(&self, protocol: Protocol) -> Group {
        let key = self.bob.iter().find(|key| key.protocol() == protocol).unwrap();
        let group = Group::to(&[key.certificate()], AT).unwrap();
        match protocol {
            Protocol::Smime => group.cipher(ContentCipher::Aes256Gcm),
            Protocol::Openpgp => group,
        }
    }

    pub(crate) fn stage_certificates(&self) -> CertificatePool {
        CertificatePool::new().with(&std::fs::read(self.stage.pki.intermediate()).unwrap()).unwrap()
    }

    pub(crate) fn composer(&self) -> Composer {
        Composer::new(&self.cx).sign(&self.alice[0]).sign(&self.alice[1])
    }

    /// Written by Alice to Bob.
    pub(crate) fn sealed(&self, protocol: Protocol) -> Vec<u8> {
        written(&self.composer().encrypt(&self.group(protocol)))
    }

    pub(crate) fn opener(&self) -> Opener {
        self.bob.iter().cloned().fold(Opener::new(&self.cx), Opener::key)
    }

    pub(crate) fn open<'l>(&self, letter: &'l [u8]) -> Opened<'l> {
        self.opener()
            .open(letter, AT)
            .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(letter)))
    }
}

pub(crate) const BOTH: [Protocol; 2] = [Protocol::Smime, Protocol::Openpgp];

pub(crate) fn draft() -> Vec<u8> {
    let mut draft =
        String::from("From: Alice <alice@example.org>\r\nTo: bob@example.com\r\nSubject: The vault\r\n");
    write!(draft, "Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n\r\n{SECRET}\r\n").unwrap();
    draft.into_bytes()
}

pub(crate) fn written(composer: &Composer) -> Vec<u8> {
    let mut letter = Vec::new();
    composer.compose(draft(), AT, &mut letter).unwrap();
    letter
}

pub(crate) fn outcome(report: &Report) -> Outcome {
    Policy::standard().judge(report).outcome
}

pub(crate) fn encrypted(report: &Report) -> Vec<&EncryptedLayer> {
    let layers = report.layers.iter();
    layers.filter_map(|layer| if let Layer::Encrypted(layer) = layer { Some(layer) } else { None }).collect()
}

pub(crate) fn payload(opened: &Opened<'_>) -> Vec<u8> {
    opened.payload().map(|payload| payload.octets(1 << 20).unwrap()).unwrap_or_default()
}

pub(crate) fn holds(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The encrypted entity alone: its own header fields and its body.
pub(crate) fn entity(letter: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(letter.to_vec()).unwrap();
    let start = text.find("MIME-Version: 1.0\r\n").unwrap();
    let end = start + "MIME-Version: 1.0\r\n".len();
    text.as_bytes()[end..].to_vec()
}
