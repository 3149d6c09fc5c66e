//! gpg-agent.

use std::fs;

use mailseal::crypto::{KeyError, SigningKey};
use mailseal::outside::agent::Agent;
use mailseal::{Certificate, Error, Key, Password};

use crate::letters::{self, CONTENT, gpg_verifies, opened, openssl_verifies, pgp_mime, signed, smime};
use crate::support::gnupg::{Gpg, Gpgsm};
use crate::support::pki::{KeyType, PASSWORD, Pki};

#[test]
fn a10_keys_of_gpg_sign() {
    let Some(gpg) = Gpg::new() else { return };
    let agent = Agent::find(Some(gpg.home())).unwrap();
    for algorithm in ["rsa2048", "nistp256", "nistp384", "nistp521", "ed25519"] {
        let fingerprint = gpg.make_key("Alice <alice@example.org>", algorithm);
        let armored = gpg.certificate(&fingerprint);
        let certificates = Certificate::load(&armored).unwrap();
        let key = agent.signing_key(&certificates).unwrap();
        let mail = signed(&key).unwrap_or_else(|error| panic!("{algorithm}: {error}"));
        gpg_verifies(&gpg, &armored, &mail);
        // By the keygrip as well.
        let listed =
            String::from_utf8(gpg.words("--with-keygrip --with-colons -K").words(&fingerprint).ok()).unwrap();
        let keygrip = listed.lines().find_map(|line| line.strip_prefix("grp:::::::::")).unwrap();
        let named = agent.key(keygrip.trim_end_matches(':')).unwrap();
        assert!(certificates[0].signing_keys().contains(named.public()));
        gpg_verifies(&gpg, &armored, &signed(&Key::external(named, &certificates).unwrap()).unwrap());
    }
    let missing = agent.key("00112233445566778899AABBCCDDEEFF00112233");
    assert!(matches!(missing, Err(KeyError::Unavailable(_))), "{missing:?}");
    assert!(matches!(agent.key("0011"), Err(KeyError::Malformed(_))));
}

#[test]
fn a10_keys_of_gpg_open() {
    let Some(gpg) = Gpg::new() else { return };
    let agent = Agent::find(Some(gpg.home())).unwrap();
    for (primary, subkey) in
        [("rsa2048", "rsa2048"), ("ed25519", "cv25519"), ("nistp256", "nistp256"), ("nistp521", "nistp521")]
    {
        let fingerprint = gpg.make_key_with("Alice <alice@example.org>", primary, subkey);
        let certificates = Certificate::load(&gpg.certificate(&fingerprint)).unwrap();
        let encrypt =
            gpg.words("--trust-model always --armor --recipient").words(&fingerprint).words("--encrypt");
        let sealed = encrypt.input(CONTENT).ok();
        let start = letters::find(&sealed, b"-----BEGIN").unwrap();
        let end = letters::find(&sealed, b"-----END PGP MESSAGE-----").unwrap() + 26;
        let keys = agent.decryption_keys(&certificates).unwrap();
        assert_eq!(keys.len(), 1);
        let out = opened(keys, &pgp_mime(&sealed[start..end])).unwrap();
        assert_eq!(out.as_deref(), Some(CONTENT), "{subkey}");
    }
}

#[test]
fn a10_keys_of_gpgsm_sign_and_open() {
    let Some(pki) = Pki::new() else { return };
    let Some(gpgsm) = Gpgsm::new(&pki) else { return };
    let leaf = pki.leaf("alice@example.org", KeyType::Rsa(2048));
    gpgsm.import(&pki, &leaf);
    let chain = Certificate::load(&fs::read(&leaf.chain).unwrap()).unwrap();
    // gpgsm kept it under the password of the file.
    let agent = Agent::find(Some(gpgsm.home())).unwrap().passwords(Password::from(PASSWORD));
    openssl_verifies(&pki, &signed(&agent.signing_key(&chain).unwrap()).unwrap());
    for options in
        ["", "-keyopt rsa_padding_mode:oaep", "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256"]
    {
        let encrypt =
            pki.openssl("cms -encrypt -binary -outform DER -aes-256-cbc -recip").arg(&leaf.certificate);
        let der = encrypt.words(options).input(CONTENT).ok();
        let out = opened(agent.decryption_keys(&chain).unwrap(), &smime(&der)).unwrap();
        assert_eq!(out.as_deref(), Some(CONTENT), "{options}");
    }
}

#[test]
fn e_passwords_are_asked_for_here() {
    let Some(gpg) = Gpg::new() else { return };
    // The last word on it counts.
    let make = gpg.words("--passphrase secret --quick-generate-key").arg("Alice <alice@example.org>");
    make.words("ed25519 cert,sign never").ok();
    let listed = String::from_utf8(gpg.words("--with-colons -K").ok()).unwrap();
    let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).unwrap();
    let armored = gpg.certificate(fingerprint.trim_end_matches(':'));
    let certificates = Certificate::load(&armored).unwrap();
    let reload = || {
        let kill = crate::support::Program::new("gpgconf").arg("--homedir").arg(gpg.home());
        kill.words("--kill gpg-agent").ok();
        Agent::find(Some(gpg.home())).unwrap()
    };
    let wrong = reload().passwords(Password::from("other")).signing_key(&certificates).unwrap();
    assert!(matches!(signed(&wrong), Err(Error::Key(KeyError::WrongPassword))), "{:?}", signed(&wrong).err());
    let asked = |request: &mailseal::PasswordRequest| {
        assert!(request.subject.contains("gpg-agent"));
        Some(mailseal::Secret::from(if request.attempt == 0 { "other" } else { "secret" }))
    };
    let key = reload().passwords(asked).signing_key(&certificates).unwrap();
    gpg_verifies(&gpg, &armored, &signed(&key).unwrap());
    // An agent that is gone.
    let gone = reload();
    let key = gone.signing_key(&certificates).unwrap();
    drop(gpg);
    assert!(matches!(signed(&key), Err(Error::Key(KeyError::Unavailable(_)))));
}
