//! Every single bit of a letter flipped, and the letter cut at every octet.
//!
//! What is signed, and the signature itself: always `bad`. Anything else in the file: never `good` with other content,
//! another sender or another signer.

use std::ops::Range;

use mailseal::{Composer, Context, Key, Opener, Outcome, Password, Policy, Scope, TrustStore, openpgp};

use crate::cms::{Cms, Signer, children, detached, header, opaque};
use crate::openpgp::letter as pgp_letter;
use crate::stage::{AT, CONTENT, Stage, stage};

const ALICE: &str = "alice@example.org";

/// A reader who knows what the letter was before.
struct Reader {
    opener: Opener,
    policy: Policy,
    payload: Vec<u8>,
    signers: Vec<String>,
}

impl Reader {
    fn new(cx: &Context, genuine: &[u8]) -> Self {
        let mut reader = Self {
            opener: Opener::new(cx),
            policy: Policy::standard(),
            payload: Vec::new(),
            signers: Vec::new(),
        };
        let opened = reader.opener.open(genuine, AT).unwrap();
        assert_eq!(reader.policy.judge(&opened.report).outcome, Outcome::Good, "{:#?}", opened.report);
        let (payload, signers) =
            (opened.payload().unwrap().octets(1 << 20).unwrap(), signers(&opened.report));
        (reader.payload, reader.signers) = (payload, signers);
        reader
    }

    /// None: could not be looked at. It is never good for anything but what it was.
    fn outcome(&self, letter: &[u8], what: impl Fn() -> String) -> Option<Outcome> {
        let opened = self.opener.open(letter, AT).ok()?;
        let outcome = self.policy.judge(&opened.report).outcome;
        if outcome == Outcome::Good {
            let payload = opened.payload().unwrap().octets(1 << 20).unwrap();
            assert_eq!(payload, self.payload, "{}: other content is good", what());
            assert_eq!(signers(&opened.report), self.signers, "{}: another signer is good", what());
            assert_eq!(opened.report.from.mailboxes, [ALICE], "{}: another sender is good", what());
        }
        Some(outcome)
    }

    fn flip_all(&self, letter: &[u8], bad: &[Range<usize>]) {
        let mut flipped = letter.to_vec();
        for at in 0..letter.len() {
            for bit in 0..8 {
                flipped[at] ^= 1 << bit;
                let what = || format!("bit {bit} of octet {at}, {:?}", char::from(letter[at]));
                let outcome = self.outcome(&flipped, what);
                if bad.iter().any(|range| range.contains(&at)) {
                    assert_eq!(outcome, Some(Outcome::Bad), "{}", what());
                }
                flipped[at] ^= 1 << bit;
            }
        }
    }

    /// Flips all bits of octets that `letter` encodes.
    fn flip_encoded(&self, octets: &[u8], bad: &[Range<usize>], letter: impl Fn(&[u8]) -> Vec<u8>) {
        assert_eq!(self.outcome(&letter(octets), String::new), Some(Outcome::Good));
        let mut flipped = octets.to_vec();
        for at in 0..octets.len() {
            for bit in 0..8 {
                flipped[at] ^= 1 << bit;
                let what = || format!("bit {bit} of octet {at} of the decoded signature");
                let outcome = self.outcome(&letter(&flipped), what);
                if bad.iter().any(|range| range.contains(&at)) {
                    assert_eq!(outcome, Some(Outcome::Bad), "{}", what());
                }
                flipped[at] ^= 1 << bit;
            }
        }
    }

    fn cut_everywhere(&self, letter: &[u8]) {
        for end in 0..letter.len() {
            self.outcome(&letter[..end], || format!("cut at {end}"));
        }
    }
}

fn signers(report: &mailseal::Report) -> Vec<String> {
    let name = |one: &mailseal::report::Signature| {
        one.signer.as_ref().map(|one| one.certificate.fingerprint.clone())
    };
    report.signatures().filter_map(name).collect()
}

fn place(of: &[u8], within: &[u8]) -> Range<usize> {
    let at = within.windows(of.len()).position(|window| window == of).unwrap();
    at..at + of.len()
}

/// The content of an element.
fn inner(element: &[u8]) -> &[u8] {
    &element[header(element)..]
}

/// Signed attributes and signature value of the one signer.
fn protected(cms: &[u8]) -> Vec<Range<usize>> {
    let signed = children(children(children(cms)[1])[0]);
    let signer = children(children(signed.last().unwrap())[0]);
    let content = signed[2];
    let mut ranges = vec![place(inner(signer[3]), cms), place(inner(signer[5]), cms)];
    if children(content).len() > 1 {
        ranges.push(place(CONTENT, cms));
    }
    ranges
}

/// The certificate of the intermediate is known to the receiver, so that the letter stays small.
fn smime(stage: &Stage, person: &crate::cms::Person, content: Option<&[u8]>) -> (Context, Vec<u8>) {
    let trust =
        TrustStore::new().anchors(&std::fs::read(stage.pki.intermediate()).unwrap(), Scope::any()).unwrap();
    let signer = Signer::new(person, CONTENT).der(CONTENT);
    (Context::new(trust), Cms::new(content, vec![signer], &[&person.certificate]).der())
}

fn bits_of_a_detached_signature(stage: &Stage, person: &crate::cms::Person) {
    let (cx, cms) = smime(stage, person, None);
    let letter = detached(ALICE, CONTENT, &cms);
    let reader = Reader::new(&cx, &letter);
    reader.flip_encoded(&cms, &protected(&cms), |cms| detached(ALICE, CONTENT, cms));
    reader.flip_all(&letter, &[place(CONTENT, &letter)]);
    reader.cut_everywhere(&letter);
}

#[test]
fn bits_of_a_detached_ecdsa_signature() {
    let Some(stage) = stage() else { return };
    bits_of_a_detached_signature(&stage, &stage.alice);
}

#[test]
fn bits_of_a_detached_rsa_signature() {
    let Some(stage) = stage() else { return };
    bits_of_a_detached_signature(&stage, &stage.rsa);
}

#[test]
fn bits_of_an_opaque_signature() {
    let Some(stage) = stage() else { return };
    let (cx, cms) = smime(&stage, &stage.alice, Some(CONTENT));
    let letter = opaque(ALICE, &cms);
    let reader = Reader::new(&cx, &letter);
    reader.flip_encoded(&cms, &protected(&cms), |cms| opaque(ALICE, cms));
    reader.flip_all(&letter, &[]);
    reader.cut_everywhere(&letter);
}

fn pgp(suite: openpgp::CipherSuite) {
    let secret = openpgp::generate("Alice <alice@example.org>", AT, suite).unwrap();
    let key = Key::load(secret.expose(), Password::none()).unwrap();
    let cx = Context::new(TrustStore::new().anchor(key.certificate(), Scope::any()));
    let mut letter = Vec::new();
    let draft = b"From: alice@example.org\r\nTo: bob@example.com\r\n\r\nPay 100.\r\n";
    Composer::new(&cx).sign(&key).compose(draft, AT, &mut letter).unwrap();
    let reader = Reader::new(&cx, &letter);
    let text = std::str::from_utf8(&letter).unwrap();
    let entity = text.find("--=_").map(|at| at + text[at..].find("\r\n").unwrap() + 2).unwrap();
    let end = entity + text[entity..].find("\r\n--=_").unwrap();
    let armor: String = text.split("-----BEGIN PGP SIGNATURE-----\r\n").nth(1).unwrap().into();
    let armor = armor.split("-----END").next().unwrap();
    let armor = armor.split_once("\r\n\r\n").map_or(armor, |(_, body)| body);
    let body: String = armor.lines().take_while(|line| !line.starts_with('=')).collect();
    let packet = base64_simd::STANDARD.decode_to_vec(body).unwrap();
    let content = text.as_bytes()[entity..end].to_vec();
    let again = |packet: &[u8]| {
        let mut again = letter.clone();
        let fresh = pgp_letter(ALICE, &content, packet);
        let at = place(b"-----BEGIN PGP SIGNATURE-----", &fresh).start;
        let close = place(b"\r\n--b--", &fresh).start;
        let old = place(b"-----BEGIN PGP SIGNATURE-----", &letter).start;
        let stop = place(b"-----END PGP SIGNATURE-----", &letter).end;
        again.splice(old..stop, fresh[at..close].iter().copied());
        again
    };
    // Version, type, algorithms and hashed subpackets, then the unhashed ones, two octets of the digest, the numbers.
    let header =
        if packet[0] & 0x40 == 0 { 1 + (1 << (packet[0] & 3)) } else { 2 + usize::from(packet[1] > 191) };
    let length = |at: usize| usize::from(packet[at]) << 8 | usize::from(packet[at + 1]);
    let hashed = header + 6 + length(header + 4);
    let unhashed = hashed + 2 + length(hashed);
    reader.flip_encoded(&packet, &[header + 6..hashed, unhashed..packet.len()], again);
    reader.flip_all(&letter, std::slice::from_ref(&(entity..end)));
    reader.cut_everywhere(&letter);
}

#[test]
fn bits_of_an_ed25519_openpgp_signature() {
    pgp(openpgp::CipherSuite::Ed25519);
}

#[test]
fn bits_of_an_rsa_openpgp_signature() {
    pgp(openpgp::CipherSuite::Rsa3072);
}
