//! Messages put together by hand: what rules forbid never opens.

use std::io::Read;

use crate::cms::Oid;
use crate::cms::ber::tag;
use crate::cms::der_writer::{attribute, element, octet_string, oid, sequence, set_of, small_integer};
use crate::crypto::algorithm::{KeyWrapAlgorithm, derived};
use crate::crypto::{ContentCipher, Provider, kdf, wrap};
use crate::error::Error;
use crate::limits::Limits;
use crate::policy::Algorithms;
use crate::protocol::{Decrypted, Decryptor as _, Inputs, Keys, NoCertificates, SharedKey};
use crate::report::{Code, Decryption};
use crate::smime::Decryptor;
use crate::time::UnixTime;

const TEXT: &[u8] = b"Meet me at noon, in the usual place.";
const KEY: [u8; 32] = [7; 32];
/// id-aes256-GCM (RFC 5084 §3.2).
const AES256_GCM: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2e";

/// A message to be, to the key [`KEY`] under the name `k`.
#[derive(Clone)]
struct Forge {
    authenticated: bool,
    cipher: ContentCipher,
    /// The identifier that stands there, where it is not that of the cipher.
    identifier: Option<Vec<u8>>,
    derived: bool,
    kind: Oid,
    attributes: Option<Vec<Vec<u8>>>,
    /// The same attributes as they are sent.
    sent: Option<Vec<u8>>,
    recipients: Vec<Vec<u8>>,
    tag: usize,
}

fn forge(cipher: ContentCipher) -> Forge {
    Forge {
        authenticated: cipher.is_authenticated(),
        cipher,
        identifier: None,
        derived: false,
        kind: Oid::DATA,
        attributes: None,
        sent: None,
        recipients: vec![kek(b"k", &cek(cipher))],
        tag: 16,
    }
}

fn cek(cipher: ContentCipher) -> Vec<u8> {
    (0..cipher.key_length()).map(|octet| u8::try_from(octet).unwrap()).collect()
}

fn kek(name: &[u8], key: &[u8]) -> Vec<u8> {
    let wrapped = wrap::wrap(&Provider::default(), KeyWrapAlgorithm::Aes256, &KEY, key).unwrap();
    kek_of(name, &wrapped)
}

fn kek_of(name: &[u8], wrapped: &[u8]) -> Vec<u8> {
    let algorithm = KeyWrapAlgorithm::Aes256.identifier();
    let name = sequence(&[&octet_string(name)]);
    element(tag::context(2), &[&small_integer(4), &name, &algorithm, &octet_string(wrapped)])
}

impl Forge {
    fn build(&self) -> Vec<u8> {
        let nonce = vec![9; self.cipher.nonce_length()];
        let own = self.cipher.identifier(&nonce).unwrap();
        let mut key = crate::cms::enveloped::sized(&cek(self.cipher), self.cipher).unwrap();
        if self.derived {
            key = kdf::content_key(&key, &own).unwrap();
        }
        let own = if self.derived { derived(&own) } else { own };
        let attributes = self.attributes.clone().map(|all| set_of(tag::SET, all));
        let associated = attributes.clone().unwrap_or_default();
        let provider = Provider::default();
        let mut encryption = provider.encrypt(self.cipher, &key, &nonce, &associated).unwrap();
        let mut ciphertext = Vec::new();
        encryption.update(TEXT, &mut ciphertext).unwrap();
        let mut mac = encryption.finish(&mut ciphertext).unwrap();
        mac.resize(self.tag, 0);
        let attributes = self.sent.clone().or(attributes).map(|mut set| {
            set[0] = tag::context(1);
            set
        });
        let string = element(tag::context_primitive(0), &[&ciphertext]);
        let info = sequence(&[&oid(&self.kind), self.identifier.as_ref().unwrap_or(&own), &string]);
        let mac = if self.authenticated { octet_string(&mac) } else { Vec::new() };
        let recipients = element(tag::SET, &[&self.recipients.concat()]);
        let data = sequence(&[&small_integer(0), &recipients, &info, &attributes.unwrap_or_default(), &mac]);
        let kind = if self.authenticated { &Oid::AUTH_ENVELOPED_DATA } else { &Oid::ENVELOPED_DATA };
        sequence(&[&oid(kind), &element(tag::context(0), &[&data])])
    }

    fn open(&self) -> (Decrypted, Vec<u8>) {
        open(&self.build()).unwrap()
    }
}

fn open_with(
    message: &[u8],
    limits: &Limits,
    algorithms: &Algorithms,
) -> Result<(Decrypted, Vec<u8>), Error> {
    let provider = Provider::default();
    let at = UnixTime::from_seconds(1_800_000_000);
    let inputs = Inputs::new(&provider, algorithms, &NoCertificates, limits, at);
    let shared = [SharedKey::new(b"k", KEY.to_vec()).unwrap()];
    let body = || -> Result<Box<dyn Read + Send + '_>, Error> { Ok(Box::new(message)) };
    let mut out = Vec::new();
    let keys = Keys::new(&[], None).shared(&shared);
    let seen = Decryptor.decrypt(&body, &mut out, &keys, &inputs)?;
    assert!(seen.decryption == Decryption::Opened || out.is_empty(), "R-A6");
    Ok((seen, out))
}

fn open(message: &[u8]) -> Result<(Decrypted, Vec<u8>), Error> {
    open_with(message, &Limits::default(), &Algorithms::standard())
}

fn codes(seen: &Decrypted) -> Vec<Code> {
    seen.findings.iter().map(|finding| finding.code).collect()
}

/// What says nothing of why.
fn is_the_one_failure(seen: &Decrypted) -> bool {
    let silent = seen.findings.iter().all(|one| one.code != Code::NotDecrypted || one.detail.is_none());
    seen.decryption == Decryption::Failed
        && codes(seen) == [Code::NotDecrypted]
        && silent
        && seen.again.is_none()
        && seen.opened_by.is_none()
}

fn opens(forge: &Forge) {
    let (seen, out) = forge.open();
    assert_eq!((seen.decryption, &*out), (Decryption::Opened, TEXT), "{:?}", seen.findings);
}

fn refused(forge: &Forge, code: Code) {
    let (seen, out) = forge.open();
    assert_eq!((seen.decryption, codes(&seen), out.len()), (Decryption::NotTried, vec![code], 0));
}

const AEAD: [ContentCipher; 2] = [ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305];

fn content_type(kind: &Oid) -> Vec<u8> {
    attribute(&Oid::CONTENT_TYPE, &oid(kind))
}

#[test]
fn r_a4_ciphers_stay_in_their_container() {
    for cipher in AEAD {
        opens(&forge(cipher));
        opens(&Forge { derived: true, ..forge(cipher) });
        let moved = Forge { authenticated: false, ..forge(cipher) };
        refused(&moved, Code::UnsupportedAlgorithm);
        refused(&Forge { derived: true, ..moved }, Code::UnsupportedAlgorithm);
    }
    let cbc = forge(ContentCipher::Aes256Cbc);
    opens(&cbc);
    refused(&Forge { authenticated: true, ..cbc.clone() }, Code::UnsupportedAlgorithm);
    // With a derived key, the content key of one cipher is no key for another.
    let gcm = Forge { derived: true, ..forge(ContentCipher::Aes256Gcm) };
    let direct = ContentCipher::Aes256Gcm.identifier(&[9; 12]).unwrap();
    assert!(is_the_one_failure(&Forge { identifier: Some(direct), ..gcm }.open().0));
    // OFB and CFB have no place at all.
    for last in [43, 44] {
        let kind = [b"\x60\x86\x48\x01\x65\x03\x04\x01".as_slice(), &[last]].concat();
        let identifier = Some(sequence(&[&element(tag::OID, &[&kind]), &octet_string(&[9; 16])]));
        refused(&Forge { identifier, ..cbc.clone() }, Code::UnsupportedAlgorithm);
    }
}

#[test]
fn r_a5_tags_are_whole() {
    for cipher in AEAD {
        for length in (0..16).chain([17]) {
            let mut short = Forge { tag: length, ..forge(cipher) };
            refused(&short, Code::NotDecrypted);
            // The parameters say the same.
            let parameters = sequence(&[&octet_string(&[9; 12]), &small_integer(length.try_into().unwrap())]);
            short.identifier = Some(sequence(&[&element(tag::OID, &[AES256_GCM]), &parameters]));
            refused(&short, Code::NotDecrypted);
        }
    }
    let absent = sequence(&[&octet_string(&[9; 12])]);
    let identifier = Some(sequence(&[&element(tag::OID, &[AES256_GCM]), &absent]));
    refused(&Forge { identifier, ..forge(ContentCipher::Aes256Gcm) }, Code::NotDecrypted);
}

#[test]
fn r_a7_authenticated_attributes() {
    for cipher in AEAD {
        let other = attribute(&Oid::SIGNING_TIME, &small_integer(3));
        let all = vec![other.clone(), content_type(&Oid::DATA)];
        let good = Forge { attributes: Some(all.clone()), ..forge(cipher) };
        opens(&good);
        // Sent in another order, or with long lengths: DER is what is authenticated.
        let sorted = set_of(tag::SET, all.clone());
        let mut turned = all.clone();
        turned.sort_unstable();
        turned.reverse();
        let turned = element(tag::SET, &[&turned.concat()]);
        assert_ne!(turned, sorted);
        opens(&Forge { sent: Some(turned), ..good.clone() });
        let length = u8::try_from(sorted.len() - 2).unwrap();
        let long = [&[tag::SET, 0x82, 0, length], &sorted[2..]].concat();
        opens(&Forge { sent: Some(long), ..good.clone() });
        // Left out, one less, another value.
        for less in [vec![], vec![content_type(&Oid::DATA)], vec![other.clone()]] {
            let (seen, _) = Forge { sent: Some(set_of(tag::SET, less)), ..good.clone() }.open();
            assert!(is_the_one_failure(&seen));
        }
        let (seen, _) = Forge { sent: Some(set_of(tag::SET, vec![])), ..forge(cipher) }.open();
        assert!(is_the_one_failure(&seen), "an empty set is not nothing");
        // The content type is stated twice, or as another.
        for wrong in [
            vec![content_type(&Oid::SIGNED_DATA)],
            vec![content_type(&Oid::DATA), content_type(&Oid::SIGNED_DATA)],
            vec![content_type(&Oid::DATA), content_type(&Oid::DATA)],
        ] {
            refused(&Forge { attributes: Some(wrong), ..forge(cipher) }, Code::NotDecrypted);
        }
        // Another type of content has to be authenticated as that.
        let signed = Forge { kind: Oid::SIGNED_DATA, ..forge(cipher) };
        refused(&signed, Code::NotDecrypted);
        refused(
            &Forge { attributes: Some(vec![content_type(&Oid::DATA)]), ..signed.clone() },
            Code::NotDecrypted,
        );
        refused(&Forge { attributes: Some(vec![other.clone()]), ..signed.clone() }, Code::NotDecrypted);
        let stated = Forge { attributes: Some(vec![content_type(&Oid::SIGNED_DATA)]), ..signed };
        opens(&stated);
        assert_eq!(codes(&stated.open().0), [Code::TypeMismatch]);
    }
}

/// Every single bit: nothing opens but what is the same; in what is encrypted or authenticated, all look the same.
#[test]
fn r_a2_no_bit_can_be_changed() {
    for cipher in AEAD {
        let attributes = Some(vec![attribute(&Oid::SIGNING_TIME, &small_integer(3))]);
        let message = Forge { attributes, ..forge(cipher) }.build();
        let wrapped = wrap::wrap(&Provider::default(), KeyWrapAlgorithm::Aes256, &KEY, &cek(cipher)).unwrap();
        let at = |part: &[u8]| message.windows(part.len()).position(|window| window == part).unwrap();
        let key = at(&wrapped)..at(&wrapped) + wrapped.len();
        let nonce = at(&[9; 12])..at(&[9; 12]) + 12;
        // The value of the attribute; its frame is structure.
        let value = at(&[2, 1, 3]) + 2;
        let tag = message.len() - 16..message.len();
        let ciphertext = at(&[0x80, u8::try_from(TEXT.len()).unwrap()]) + 2;
        let ciphertext = ciphertext..ciphertext + TEXT.len();
        let mut failures = 0;
        for bit in 0..message.len() * 8 {
            let mut bent = message.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            let covered = [&key, &nonce, &tag, &ciphertext].iter().any(|range| range.contains(&(bit / 8)))
                || bit / 8 == value;
            match open(&bent) {
                Ok((seen, out)) => {
                    let opened = seen.decryption == Decryption::Opened;
                    assert!(!opened || (out == TEXT && !covered), "{cipher} bit {bit}");
                    assert!(!covered || is_the_one_failure(&seen), "{cipher} bit {bit}: {seen:?}");
                    failures += usize::from(covered);
                }
                Err(error) => assert!(!covered, "{cipher} bit {bit}: {error}"),
            }
        }
        assert_eq!(failures, 8 * (wrapped.len() + 12 + 16 + TEXT.len() + 1));
    }
}

#[test]
fn r_a6_cut_off_anywhere() {
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305, ContentCipher::Aes256Cbc] {
        let message = forge(cipher).build();
        for length in 0..message.len() {
            let (seen, out) = open(&message[..length]).unwrap();
            assert_eq!((seen.decryption, out.len()), (Decryption::NotTried, 0), "{length}");
        }
        let (seen, out) = open(&[&message, &b"\0"[..]].concat()).unwrap();
        assert_eq!((seen.decryption, &*out), (Decryption::Opened, TEXT));
        assert!(codes(&seen).contains(&Code::TrailingOctets));
    }
}

#[test]
fn r_a12_cbc_fails_in_one_way_and_can_be_withheld() {
    let cbc = forge(ContentCipher::Aes256Cbc);
    let message = cbc.build();
    let mut outcomes = std::collections::HashSet::new();
    for bit in 0..256 {
        // The last block but one and the last: what they do to the padding.
        let mut bent = message.clone();
        let at = bent.len() - 32 + bit / 8;
        bent[at] ^= 1 << (bit % 8);
        let (seen, _) = open(&bent).unwrap();
        match seen.decryption {
            Decryption::Opened => assert_eq!(codes(&seen), [Code::NotAuthenticated]),
            _ => assert!(is_the_one_failure(&seen)),
        }
        outcomes.insert(format!("{:?} {:?}", seen.decryption, codes(&seen)));
    }
    assert_eq!(outcomes.len(), 2);
    let wrong = Forge { recipients: vec![kek_of(b"k", &[1; 40])], ..cbc };
    assert!(is_the_one_failure(&wrong.open().0));
    let (seen, out) = open_with(&message, &Limits::default(), &Algorithms::strict()).unwrap();
    assert_eq!((seen.decryption, out.len()), (Decryption::Withheld, 0));
    assert_eq!(codes(&seen), [Code::EncryptionWithheld]);
}

#[test]
fn r_a13_wrapped_keys_of_every_length() {
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes128Gcm] {
        for length in 0..=1024 {
            let recipients = vec![kek_of(b"k", &vec![0x5a; length])];
            assert!(is_the_one_failure(&Forge { recipients, ..forge(cipher) }.open().0), "{length}");
        }
        // A good key of another length.
        for length in [16, 24, 32].into_iter().filter(|length| *length != cipher.key_length()) {
            let recipients = vec![kek(b"k", &vec![1; length])];
            assert!(is_the_one_failure(&Forge { recipients, ..forge(cipher) }.open().0), "{length}");
        }
    }
}

#[test]
fn several_entries_for_one_key() {
    for cipher in AEAD {
        let (wrong, right) = (kek(b"k", &[1; 32]), kek(b"k", &cek(cipher)));
        let bent = kek_of(b"k", &[1; 40]);
        for recipients in [
            vec![wrong.clone(), right.clone()],
            vec![right.clone(), wrong.clone()],
            vec![bent.clone(), wrong.clone(), right.clone()],
        ] {
            opens(&Forge { recipients, ..forge(cipher) });
        }
        // Threats D5: so many are tried, and no more.
        let mut many = vec![wrong.clone(); 15];
        many.push(right.clone());
        opens(&Forge { recipients: many.clone(), ..forge(cipher) });
        many.insert(0, wrong);
        assert!(is_the_one_failure(&Forge { recipients: many, ..forge(cipher) }.open().0));
    }
}

#[test]
fn d5_ten_thousand_recipients() {
    // As long as those for RSA with 3072 bits and an issuer of usual length.
    let entry = |number: usize| {
        let issuer = sequence(&[&octet_string(&[b'x'; 120])]);
        let serial = element(tag::INTEGER, &[&u32::try_from(number).unwrap().to_be_bytes()]);
        let rid = sequence(&[&issuer, &serial]);
        let algorithm = crate::crypto::RsaEncryption::Pkcs1.identifier();
        sequence(&[&small_integer(0), &rid, &algorithm, &octet_string(&[1; 384])])
    };
    let cipher = ContentCipher::Aes256Gcm;
    let mut recipients: Vec<_> = (0..9_999).map(entry).collect();
    recipients.push(kek(b"k", &cek(cipher)));
    let all = Forge { recipients: recipients.clone(), ..forge(cipher) };
    let message = all.build();
    assert!(message.len() > Limits::default().signature_bytes, "{}", message.len());
    let (seen, out) = open(&message).unwrap();
    assert_eq!((seen.decryption, &*out, seen.recipients.len()), (Decryption::Opened, TEXT, 10_000));
    recipients.push(entry(0));
    let error = open(&Forge { recipients, ..all }.build()).unwrap_err();
    assert!(matches!(error, Error::Limit { name: "recipients", limit: 10_000 }), "{error}");
}

#[test]
fn odd_entries_stand_in_the_list_and_harm_nothing() {
    let cipher = ContentCipher::Aes256Gcm;
    let mut recipients: Vec<_> = (0..=5).map(|number| element(tag::context(number), &[])).collect();
    recipients.extend([sequence(&[]), element(0x0c, &[b"x"])]);
    let other = element(tag::context(4), &[&element(tag::OID, &[b"\x2a\x03\x04"]), &octet_string(b"x")]);
    recipients.extend([other, kek(b"k", &cek(cipher))]);
    let (seen, out) = Forge { recipients, ..forge(cipher) }.open();
    assert_eq!((seen.decryption, &*out, seen.recipients.len()), (Decryption::Opened, TEXT, 10));
    assert_eq!((&*seen.recipients[0].algorithm, &*seen.recipients[8].algorithm), ("unreadable", "1.2.3.4"));
    let (seen, _) = Forge { recipients: vec![], ..forge(cipher) }.open();
    assert_eq!((seen.decryption, codes(&seen)), (Decryption::NoKey, vec![Code::NoDecryptionKey]));
}

#[test]
fn d6_iterations_are_bounded_before_anybody_is_asked() {
    use crate::crypto::algorithm::{Pbkdf2, password_wrap_identifier};
    use crate::crypto::{HashAlgorithm, PasswordRequest, Secret};
    let ask = |_: &PasswordRequest| -> Option<Secret> { panic!("asked") };
    let entry = |iterations| {
        let hash = HashAlgorithm::Sha1;
        let mut derivation = Pbkdf2 { salt: vec![1; 8], iterations, key_length: None, hash }.identifier();
        derivation[0] = tag::context(0);
        let wrap = password_wrap_identifier(&ContentCipher::Aes256Cbc.identifier(&[2; 16]).unwrap());
        element(tag::context(3), &[&small_integer(0), &derivation, &wrap, &octet_string(&[3; 48])])
    };
    for iterations in [vec![1 << 31], vec![u32::MAX], vec![10_000_001], vec![6_000_000; 2]] {
        let recipients = iterations.iter().map(|count| entry(*count)).collect();
        let message = Forge { recipients, ..forge(ContentCipher::Aes256Gcm) }.build();
        let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
        let at = UnixTime::from_seconds(1_800_000_000);
        let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
        let body = || -> Result<Box<dyn Read + Send + '_>, Error> { Ok(Box::new(message.as_slice())) };
        let result = Decryptor.decrypt(&body, &mut Vec::new(), &Keys::new(&[], Some(&ask)), &inputs);
        assert!(matches!(result, Err(Error::Limit { name: "kdf_iterations", .. })), "{result:?}");
    }
}

/// An entry for a key whose content does not hold, beside one for a password that does: of the first nothing is left.
#[test]
fn r_a6_what_failed_is_not_in_front_of_what_holds() {
    use crate::crypto::algorithm::{Pbkdf2, password_wrap_identifier};
    use crate::crypto::{HashAlgorithm, Password};
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes256Cbc] {
        let provider = Provider::default();
        let derivation =
            Pbkdf2 { salt: vec![1; 8], iterations: 1000, key_length: None, hash: HashAlgorithm::Sha256 };
        let outer = kdf::pbkdf2(HashAlgorithm::Sha256, b"secret", &[1; 8], 1000, 32).unwrap();
        let wrapped =
            wrap::password_wrap(&provider, ContentCipher::Aes256Cbc, &outer, &[2; 16], &cek(cipher));
        let mut derivation = derivation.identifier();
        derivation[0] = tag::context(0);
        let wrap = password_wrap_identifier(&ContentCipher::Aes256Cbc.identifier(&[2; 16]).unwrap());
        let password = [small_integer(0), derivation, wrap, octet_string(&wrapped.unwrap())].concat();
        let password = element(tag::context(3), &[&password]);
        let recipients = vec![kek(b"k", &vec![0x55; cipher.key_length()]), password];
        let message = Forge { recipients, ..forge(cipher) }.build();
        let (algorithms, limits) = (Algorithms::standard(), Limits::default());
        let at = UnixTime::from_seconds(1_800_000_000);
        let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
        let shared = [SharedKey::new(b"k", KEY.to_vec()).unwrap()];
        let body = || -> Result<Box<dyn Read + Send + '_>, Error> { Ok(Box::new(message.as_slice())) };
        let (mut out, password) = (Vec::new(), Password::from("secret"));
        let keys = Keys::new(&[], Some(&password)).shared(&shared);
        let seen = Decryptor.decrypt(&body, &mut out, &keys, &inputs).unwrap();
        assert_eq!((seen.decryption, out.as_slice()), (Decryption::Opened, TEXT), "{cipher}");
    }
}

/// R-A15: content keys, salts and nonces of two thousand letters to a password, by as cheap a derivation as there is.
#[test]
fn r_a15_content_keys_of_letters_to_a_password() {
    use crate::cms::enveloped::{EnvelopedReader, EnvelopedWriter, RecipientInfo, To};
    use crate::crypto::{Password, Secret};
    use std::collections::HashSet;
    let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
    let inputs =
        Inputs::new(&provider, &algorithms, &NoCertificates, &limits, UnixTime::from_seconds(1_800_000_000));
    let (to, password) = (
        [To::Password { password: Secret::from(b"secret".to_vec()).into(), iterations: 1 }],
        Password::from("secret"),
    );
    let (mut keys, mut nonces, mut derivations) = (HashSet::new(), HashSet::new(), HashSet::new());
    for _ in 0..2000 {
        let mut message = Vec::new();
        EnvelopedWriter::new(&to, ContentCipher::Aes256Gcm, false, &mut message, &provider)
            .unwrap()
            .finish()
            .unwrap();
        let each = |one: RecipientInfo| match one {
            RecipientInfo::Password(one) => assert!(derivations.insert(one.derivation)),
            other => panic!("{other:?}"),
        };
        let reader = EnvelopedReader::new(message.as_slice(), &limits, each).unwrap();
        assert!(nonces.insert(reader.algorithm().to_vec()));
        let body = || -> Result<Box<dyn Read + Send + '_>, Error> { Ok(Box::new(message.as_slice())) };
        let keys_of = Keys::new(&[], Some(&password));
        let seen = Decryptor.decrypt(&body, &mut std::io::sink(), &keys_of, &inputs).unwrap();
        let key = seen.again.unwrap().key.expose().to_vec();
        assert!(key.len() == 32 && key.iter().any(|octet| *octet != key[0]));
        assert!(keys.insert(key));
    }
    let ones: u32 = keys.iter().flatten().map(|octet| octet.count_ones()).sum();
    // Half of 2000 * 256 bits, whose standard deviation is 358.
    assert!(ones.abs_diff(256_000) < 8 * 358, "{ones}");
}
