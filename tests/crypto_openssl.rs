//! What mailseal signs, `openssl` verifies, and the other way round. `openssl` is the oracle; without it nothing is shown.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "crypto_openssl/encryption.rs"]
mod encryption;

use std::path::Path;
use std::process::{Command, Stdio};

use mailseal::crypto::{
    self, HashAlgorithm, Provider, PublicKey, SignatureAlgorithm, SignatureScheme, ToSign, VerifyError,
};

const MESSAGE: &[u8] = b"what is signed\r\n";

fn openssl(folder: &Path, arguments: &[&str]) -> Option<bool> {
    let status = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.ok().map(|status| status.success())
}

fn missing() -> bool {
    let missing = openssl(Path::new("."), &["version"]).is_none();
    if missing {
        println!("skipped: no openssl");
    }
    missing
}

/// A folder with a key of these `genpkey` arguments: `key.pem`, `key.der`, `public.pem`, `public.der`, `message`.
fn folder(arguments: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ok = |arguments: &[&str]| assert_eq!(openssl(folder.path(), arguments), Some(true), "{arguments:?}");
    ok(&[&["genpkey", "-out", "key.pem", "-algorithm"], arguments].concat());
    ok(&["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER", "-out", "key.der"]);
    ok(&["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
    ok(&["pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der"]);
    std::fs::write(folder.path().join("message"), MESSAGE).unwrap();
    folder
}

fn providers() -> Vec<Provider> {
    vec![
        #[cfg(feature = "aws-lc")]
        crypto::aws_lc(),
        #[cfg(feature = "rust-crypto")]
        crypto::rust_crypto(),
        crypto::portable(),
    ]
}

/// `openssl dgst` with what the algorithm needs; `action` is `-verify public.pem` or `-sign key.pem`.
fn dgst(folder: &Path, algorithm: SignatureAlgorithm, action: [&str; 2], signature: [&str; 2]) -> bool {
    let hash = algorithm.hash().map(|hash| format!("-{}", hash.name().replace("sha-", "sha")));
    let salt = match algorithm {
        SignatureAlgorithm::RsaPss { salt, .. } => format!("rsa_pss_saltlen:{salt}"),
        _ => String::new(),
    };
    let mgf = match algorithm {
        SignatureAlgorithm::RsaPss { mgf, .. } => {
            format!("rsa_mgf1_md:{}", mgf.name().replace("sha-", "sha"))
        }
        _ => String::new(),
    };
    let mut arguments = match &hash {
        Some(hash) => vec!["dgst", hash, action[0], action[1]],
        None if action[0] == "-sign" => vec!["pkeyutl", "-rawin", "-sign", "-inkey", action[1]],
        None => vec!["pkeyutl", "-rawin", "-verify", "-pubin", "-inkey", action[1]],
    };
    if !salt.is_empty() {
        arguments.extend(["-sigopt", "rsa_padding_mode:pss", "-sigopt", &salt, "-sigopt", &mgf]);
    }
    if hash.is_none() {
        arguments.push("-in");
        arguments.push("message");
        arguments.extend([if signature[0] == "-out" { "-out" } else { "-sigfile" }, signature[1]]);
    } else {
        arguments.extend(signature);
        arguments.push("message");
    }
    openssl(folder, &arguments).unwrap()
}

const RSA: &[&str] = &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"];

#[test]
fn openssl_verifies_what_every_provider_signs() {
    if missing() {
        return;
    }
    let mut signed = 0;
    for arguments in [
        RSA,
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        &["ED25519"],
    ] {
        let folder = folder(arguments);
        let pkcs8 = std::fs::read(folder.path().join("key.der")).unwrap();
        for provider in providers() {
            let Ok(key) = provider.key_loader.signing_key(&pkcs8) else {
                println!("{} does not sign with {arguments:?}", provider.name);
                continue;
            };
            assert_eq!(key.public().spki(), std::fs::read(folder.path().join("public.der")).unwrap());
            for scheme in key.schemes() {
                let mut signature = key.sign(*scheme, ToSign::Message(MESSAGE)).unwrap();
                let accepted = |signature: &[u8]| {
                    std::fs::write(folder.path().join("signature"), signature).unwrap();
                    let action = ["-verify", "public.pem"];
                    dgst(folder.path(), scheme.algorithm(), action, ["-signature", "signature"])
                };
                assert!(accepted(&signature), "{} {scheme}", provider.name);
                let last = signature.len() - 1;
                signature[last] ^= 1;
                assert!(!accepted(&signature), "{} {scheme}, altered", provider.name);
                signed += 1;
            }
        }
    }
    println!("openssl accepted {signed} signatures");
    assert!(signed >= SignatureScheme::ALL.len() || cfg!(not(feature = "aws-lc")));
}

#[test]
fn every_provider_verifies_what_openssl_signs() {
    use HashAlgorithm::{Sha1, Sha3_256, Sha224, Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, Ed448, Ed25519, RsaPkcs1, RsaPss};
    if missing() {
        return;
    }
    let rsa = [
        RsaPkcs1(Sha1),
        RsaPkcs1(Sha224),
        RsaPkcs1(Sha256),
        RsaPkcs1(Sha3_256),
        RsaPss { hash: Sha256, mgf: Sha256, salt: 32 },
        RsaPss { hash: Sha256, mgf: Sha1, salt: 20 },
        RsaPss { hash: Sha512, mgf: Sha512, salt: 0 },
        RsaPss { hash: Sha1, mgf: Sha1, salt: 20 },
    ];
    let ecdsa = [Ecdsa(Sha1), Ecdsa(Sha224), Ecdsa(Sha256), Ecdsa(Sha384), Ecdsa(Sha512), Ecdsa(Sha3_256)];
    for (arguments, algorithms) in [
        (RSA, &rsa[..]),
        (&["RSA", "-pkeyopt", "rsa_keygen_bits:1024"], &rsa),
        (&["RSA", "-pkeyopt", "rsa_keygen_bits:1029"], &rsa[..6]),
        (&["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], &ecdsa),
        (&["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], &ecdsa),
        (&["EC", "-pkeyopt", "ec_paramgen_curve:P-521"], &ecdsa),
        (&["EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"], &ecdsa),
        (&["EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP384r1"], &ecdsa),
        (&["EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP512r1"], &ecdsa),
        (&["ED25519"], &[Ed25519]),
        (&["ED448"], &[Ed448]),
    ] {
        let folder = folder(arguments);
        let key = PublicKey::from_spki(&std::fs::read(folder.path().join("public.der")).unwrap()).unwrap();
        for algorithm in algorithms {
            let made = dgst(folder.path(), *algorithm, ["-sign", "key.pem"], ["-out", "signature"]);
            assert!(made, "openssl does not sign {algorithm:?} with {arguments:?}");
            let signature = std::fs::read(folder.path().join("signature")).unwrap();
            for provider in providers() {
                let expected = match algorithm {
                    Ed25519 if provider.name == "portable" => Err(VerifyError::Unsupported),
                    _ => Ok(()),
                };
                let what = format!("{} {algorithm:?} {arguments:?}", provider.name);
                let verify =
                    |message| provider.verify(*algorithm, &key, ToSign::Message(message), &signature);
                assert_eq!(verify(MESSAGE), expected, "{what}");
                assert_ne!(verify(b"something else"), Ok(()), "{what}");
            }
        }
    }
}
