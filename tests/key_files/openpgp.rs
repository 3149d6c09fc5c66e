//! OpenPGP secret keys (RFC 9580 §5.5.3): locked in every way, and tampered with.

use std::time::SystemTime;

use mailseal::crypto::KeyError;
use mailseal::{Composer, Context, Error, Key, Limits, Opener, Password, TrustStore};
use sequoia_openpgp::cert::{Cert, CertBuilder, CipherSuite};
use sequoia_openpgp::crypto::S2K;
use sequoia_openpgp::packet::Key as Packet;
use sequoia_openpgp::packet::key::{SecretKeyMaterial, SecretParts, UnspecifiedRole};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::{MarshalInto, SerializeInto};
use sequoia_openpgp::types::{AEADAlgorithm, HashAlgorithm, SymmetricAlgorithm};

use crate::support::gnupg::Gpg;

fn sign(key: &Key) -> Result<Vec<u8>, Error> {
    let draft = b"From: alice@example.org\r\n\r\nHello\r\n";
    let mut mail = Vec::new();
    let composer = Composer::new(&Context::new(TrustStore::new())).sign(key);
    composer.compose(draft, SystemTime::now(), &mut mail)?;
    Ok(mail)
}

fn made(suite: CipherSuite) -> Cert {
    let builder = CertBuilder::new().set_cipher_suite(suite).add_userid("Alice <alice@example.org>");
    builder.add_signing_subkey().add_transport_encryption_subkey().generate().unwrap().0
}

/// The same certificate, its secret keys changed.
fn with(
    cert: &Cert,
    mut change: impl FnMut(Packet<SecretParts, UnspecifiedRole>) -> Packet<SecretParts, UnspecifiedRole>,
) -> Vec<u8> {
    let mut out = cert.clone();
    for key in cert.keys().secret() {
        let changed = change(key.key().clone());
        let packet: sequoia_openpgp::Packet = match key.key().fingerprint() == cert.fingerprint() {
            true => changed.role_into_primary().into(),
            false => changed.role_into_subordinate().into(),
        };
        out = out.insert_packets(vec![packet]).unwrap().0;
    }
    SerializeInto::to_vec(&out.as_tsk()).unwrap()
}

#[test]
fn e_locked_in_every_way() {
    let cert = made(CipherSuite::Cv25519);
    let lock = |s2k: S2K, aead: Option<AEADAlgorithm>| {
        with(&cert, |key| {
            let (key, secret) = key.take_secret();
            let SecretKeyMaterial::Unencrypted(secret) = secret else { panic!("it is locked") };
            let locked =
                secret.encrypt_with(&key, s2k.clone(), SymmetricAlgorithm::AES256, aead, &"secret".into());
            key.add_secret(locked.unwrap().into()).0
        })
    };
    let argon2 = S2K::Argon2 { salt: [7; 16], t: 1, p: 4, m: 16 };
    let iterated = S2K::new_iterated(HashAlgorithm::SHA256, 65_536).unwrap();
    let ways = [
        ("254, iterated", lock(iterated.clone(), None)),
        ("253 OCB, iterated", lock(iterated, Some(AEADAlgorithm::OCB))),
        ("253 OCB, Argon2", lock(argon2.clone(), Some(AEADAlgorithm::OCB))),
        ("253 GCM, Argon2", lock(argon2.clone(), Some(AEADAlgorithm::GCM))),
    ];
    for (way, octets) in &ways {
        let key =
            Key::load(octets, Password::from("secret")).unwrap_or_else(|error| panic!("{way}: {error}"));
        sign(&key).unwrap_or_else(|error| panic!("{way}: {error}"));
        let key = Key::load(octets, Password::from("other")).unwrap();
        assert!(matches!(sign(&key), Err(Error::Key(KeyError::WrongPassword))), "{way}");
    }
    // 2^16 KiB are 64 MiB.
    let little = Limits::default().kdf_memory_kib(1 << 10);
    let provider = mailseal::crypto::Provider::default();
    let result = Key::load_by(&ways[2].1, &[], Password::from("secret"), &provider, &little);
    assert!(matches!(result, Err(Error::Key(KeyError::Unsupported(_)))), "{result:?}");
}

/// The attack of kopenpgp.com: the public half of a locked key is not protected by its password.
#[test]
fn r_c12_a_public_half_that_was_overwritten_does_not_sign() {
    for (name, suite) in [
        ("RSA", CipherSuite::RSA2k),
        ("P-256", CipherSuite::P256),
        ("P-384", CipherSuite::P384),
        ("P-521", CipherSuite::P521),
        ("Ed25519", CipherSuite::Cv25519),
    ] {
        let (own, strange) = (made(suite), made(suite));
        let mut strangers =
            strange.keys().secret().map(|key| key.key().clone()).collect::<Vec<_>>().into_iter();
        // The certificate of a stranger, whose bindings are right, with the private numbers of another key.
        let mixed = with(&strange, |_| strangers.next().unwrap());
        Key::load(&mixed, Password::none()).unwrap();
        let secrets: Vec<_> = own.keys().secret().map(|key| key.key().clone().take_secret().1).collect();
        let mut secrets = secrets.into_iter();
        let mixed = with(&strange, |key| {
            let (public, _) = key.take_secret();
            public.add_secret(secrets.next().unwrap()).0
        });
        let result = Key::load(&mixed, Password::none()).and_then(|key| sign(&key));
        assert!(matches!(result, Err(Error::Key(KeyError::Malformed(_)))), "{name}: {result:?}");
    }
}

/// Any octet of a locked key that is changed: no signature, no plaintext.
#[test]
fn r_c12_every_octet_of_a_public_half() {
    let Some(gpg) = Gpg::new() else { return };
    for (algorithm, subkey) in [("rsa2048", "rsa2048"), ("nistp256", "nistp256"), ("ed25519", "cv25519")] {
        let fingerprint = gpg.make_key_with("Alice <alice@example.org>", algorithm, subkey);
        let armored = gpg.secret_key(&fingerprint);
        let cert = Cert::from_bytes(&armored).unwrap();
        let octets = SerializeInto::to_vec(&cert.as_tsk()).unwrap();
        let good = Key::load(&octets, Password::none()).unwrap();
        let before = good.certificate().fingerprint();
        sign(&good).unwrap();
        let public = cert.primary_key().key().parts_as_public().mpis().to_vec().unwrap();
        let start = octets.windows(public.len()).position(|window| window == public).unwrap();
        let step = if public.len() > 100 { 11 } else { 1 };
        for at in (start..start + public.len()).step_by(step) {
            let mut changed = octets.clone();
            changed[at] ^= 0x10;
            let result = Key::load(&changed, Password::none());
            if let Ok(key) = result {
                assert!(
                    sign(&key).is_err() || key.certificate().fingerprint() == before,
                    "{algorithm} at {at}"
                );
            }
        }
        // The same for the subkey that decrypts.
        let sealed =
            gpg.words("--trust-model always --armor --recipient").words(&fingerprint).words("--encrypt");
        let sealed = String::from_utf8(sealed.input(b"Content-Type: text/plain\r\n\r\nHi\r\n").ok()).unwrap();
        let sealed = &sealed[sealed.find("-----BEGIN").unwrap()..];
        let sealed = &sealed[..sealed.find("-----END PGP MESSAGE-----").unwrap() + 26];
        let head = "From: b@example.org\r\nContent-Type: multipart/encrypted; \
                    protocol=\"application/pgp-encrypted\"; boundary=x\r\n\r\n--x\r\nContent-Type: \
                    application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--x\r\nContent-Type: \
                    application/octet-stream\r\n\r\n";
        let letter = format!("{head}{}\r\n--x--\r\n", sealed.replace('\n', "\r\n"));
        let opens = |octets: &[u8]| {
            let Ok(key) = Key::load(octets, Password::none()) else { return false };
            let opener = Opener::new(&Context::new(TrustStore::new())).key(key);
            opener.open(letter.as_bytes(), SystemTime::now()).is_ok_and(|opened| opened.payload().is_some())
        };
        assert!(opens(&octets), "{algorithm}");
        let subkey = cert.keys().subkeys().next().unwrap();
        let public = subkey.key().parts_as_public().mpis().to_vec().unwrap();
        let start = octets.windows(public.len()).position(|window| window == public).unwrap();
        let step = if public.len() > 100 { 11 } else { 1 };
        for at in (start..start + public.len()).step_by(step) {
            let mut changed = octets.clone();
            changed[at] ^= 0x10;
            assert!(!opens(&changed), "{algorithm} at {at}");
        }
    }
}
