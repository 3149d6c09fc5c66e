//! What mailseal encrypts, `openssl` decrypts, and the other way round; both agree on the same secrets.

use std::path::Path;

use mailseal::crypto::{
    ContentCipher, ContentKey, HashAlgorithm, KeyError, PublicKey, RsaEncryption, SecureRandom, WrappedKey,
};

use super::{RSA, folder, missing, openssl, providers};

fn write(folder: &Path, name: &str, octets: &[u8]) {
    std::fs::write(folder.join(name), octets).unwrap();
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

/// `-pkeyopt`s of a scheme.
fn options(scheme: RsaEncryption) -> Vec<String> {
    let name = |hash: HashAlgorithm| hash.name().replace("sha-", "sha");
    match scheme {
        RsaEncryption::Oaep { hash, mgf } => vec![
            "rsa_padding_mode:oaep".into(),
            format!("rsa_oaep_md:{}", name(hash)),
            format!("rsa_mgf1_md:{}", name(mgf)),
        ],
        _ => vec!["rsa_padding_mode:pkcs1".into()],
    }
}

fn pkeyutl(folder: &Path, action: &[&str], scheme: RsaEncryption, files: [&str; 2]) -> bool {
    let options = options(scheme);
    let options = options.iter().flat_map(|option| ["-pkeyopt", option]);
    let arguments = ["pkeyutl"].into_iter().chain(action.iter().copied()).chain(options);
    let arguments: Vec<&str> = arguments.chain(["-in", files[0], "-out", files[1]]).collect();
    openssl(folder, &arguments).unwrap()
}

#[test]
fn r_a11_rsa_with_openssl() {
    use HashAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    if missing() {
        return;
    }
    let folder = folder(RSA);
    let path = folder.path();
    let public = PublicKey::from_spki(&read(path, "public.der")).unwrap();
    let alike = [Sha1, Sha256, Sha384, Sha512].map(|hash| RsaEncryption::Oaep { hash, mgf: hash });
    let unlike = [RsaEncryption::Pkcs1, RsaEncryption::Oaep { hash: Sha256, mgf: Sha1 }];
    let (mut written, mut opened) = (0, 0);
    for scheme in alike.into_iter().chain(unlike) {
        for provider in providers() {
            match provider.encrypt_to(scheme, &public, b"content key") {
                Ok(octets) => {
                    write(path, "entry", &octets);
                    assert!(pkeyutl(path, &["-decrypt", "-inkey", "key.pem"], scheme, ["entry", "back"]));
                    assert_eq!(read(path, "back"), b"content key", "{} {scheme:?}", provider.name);
                    written += 1;
                }
                // SHA-1 is not written.
                Err(error) => assert!(matches!(error, KeyError::Unsupported(_)), "{scheme:?} {error}"),
            }
        }
        write(path, "message", b"content key");
        let action = ["-encrypt", "-pubin", "-inkey", "public.pem"];
        assert!(pkeyutl(path, &action, scheme, ["message", "entry"]));
        let octets = read(path, "entry");
        for provider in providers() {
            let Ok(key) = provider.key_loader.decryption_key(&read(path, "key.der")) else { continue };
            assert_eq!(key.public(), &public);
            match key.unwrap(&WrappedKey::Rsa { scheme, octets: &octets }).unwrap() {
                Ok(secret) => {
                    assert_eq!(secret.expose(), b"content key", "{} {scheme:?}", provider.name);
                    opened += 1;
                }
                Err(error) => assert!(matches!(error, KeyError::Unsupported(_)), "{scheme:?} {error}"),
            }
        }
    }
    println!("openssl opened {written} entries, {opened} of openssl's were opened");
    assert!(written >= 4 && (opened >= 5 || cfg!(not(feature = "aws-lc"))));
}

#[test]
fn r_a13_agreement_with_openssl() {
    if missing() {
        return;
    }
    let mut agreed = 0;
    for arguments in [
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"][..],
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        &["X25519"],
    ] {
        let (own, other) = (folder(arguments), folder(arguments));
        let theirs = read(other.path(), "public.der");
        write(own.path(), "theirs.pem", &read(other.path(), "public.pem"));
        let derive = ["pkeyutl", "-derive", "-inkey", "key.pem", "-peerkey", "theirs.pem", "-out", "secret"];
        assert_eq!(openssl(own.path(), &derive), Some(true));
        for provider in providers() {
            let Ok(key) = provider.key_loader.decryption_key(&read(own.path(), "key.der")) else { continue };
            assert_eq!(key.public().spki(), read(own.path(), "public.der"));
            let length =
                theirs.len() - if arguments[0] == "EC" { 2 * secret_length(own.path()) + 1 } else { 32 };
            let shared = key.unwrap(&WrappedKey::Agreement { public: &theirs[length..] }).unwrap().unwrap();
            assert_eq!(shared.expose(), read(own.path(), "secret"), "{} {arguments:?}", provider.name);
            agreed += 1;
        }
    }
    println!("{agreed} secrets shared with openssl");
    assert!(agreed >= 4 || cfg!(not(any(feature = "aws-lc", feature = "rust-crypto"))));
}

fn secret_length(folder: &Path) -> usize {
    read(folder, "secret").len()
}

/// Octets that are known.
#[derive(Debug)]
struct Known;

impl SecureRandom for Known {
    fn fill(&self, out: &mut [u8]) -> Result<(), KeyError> {
        out.fill(0x5a);
        Ok(())
    }
}

#[test]
fn cbc_in_pieces_with_openssl() {
    if missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let content: Vec<u8> = (0..10_007_u32).map(|index| index.to_be_bytes()[3]).collect();
    write(path, "content", &content);
    for (cipher, name) in [
        (ContentCipher::Aes128Cbc, "-aes-128-cbc"),
        (ContentCipher::Aes192Cbc, "-aes-192-cbc"),
        (ContentCipher::Aes256Cbc, "-aes-256-cbc"),
        (ContentCipher::TripleDesCbc, "-des-ede3-cbc"),
    ] {
        let key = ContentKey::random(cipher, &Known).unwrap();
        let (hex, iv) = ("5a".repeat(cipher.key_length()), "5a".repeat(cipher.nonce_length()));
        let nonce = vec![0x5a; cipher.nonce_length()];
        let enc = |files: [&str; 4]| {
            let arguments = ["enc", name, "-K", &hex, "-iv", &iv, files[0], files[1], files[2], files[3]];
            assert_eq!(openssl(path, &arguments), Some(true));
        };
        enc(["-in", "content", "-out", "theirs"]);
        let theirs = read(path, "theirs");
        for provider in providers() {
            for piece in [1, 15, 16, 17, 4096] {
                let mut decryption = provider.decrypt(cipher, &key, &nonce, &[]).unwrap().unwrap();
                let mut out = Vec::new();
                theirs.chunks(piece).for_each(|piece| decryption.update(piece, &mut out).unwrap());
                decryption.finish(&[], &mut out).unwrap();
                assert_eq!(out, content, "{} {cipher} in pieces of {piece}", provider.name);
            }
            // Triple DES is not written.
            if let Ok(mut encryption) = provider.encrypt(cipher, &key, &nonce, &[]) {
                let mut out = Vec::new();
                content.chunks(33).for_each(|piece| encryption.update(piece, &mut out).unwrap());
                encryption.finish(&mut out).unwrap();
                assert_eq!(out, theirs, "{} {cipher}", provider.name);
            }
        }
    }
}
