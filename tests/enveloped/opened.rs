//! What others encrypt.

use mailseal::report::{Code, Decryption, RecipientKind};

use crate::desk::{TEXT, desk, key};
use crate::support::pki::{KeyType, Leaf, Pki};

/// `openssl cms -encrypt` of a text in the folder, DER.
fn encrypted(pki: &Pki, words: &str, text: &[u8]) -> Vec<u8> {
    let name = "text";
    std::fs::write(pki.folder().join(name), text).unwrap();
    pki.openssl(&format!("cms -encrypt -binary -in {name} -outform DER {words}")).ok()
}

fn file(leaf: &Leaf) -> String {
    leaf.certificate.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn openssl_encrypts_to_rsa() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("bob@example.org", KeyType::Rsa(2048));
    let (keys, large) = ([key(&leaf)], vec![b'x'; 300_000]);
    for cipher in
        ["aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des3"]
    {
        for form in [
            "",
            "-stream",
            "-keyid",
            "-stream -keyopt rsa_padding_mode:oaep",
            "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
        ] {
            if cipher.ends_with("gcm") && form.contains("-stream") {
                continue; // openssl 3.0 cannot
            }
            for text in [TEXT, &large, b""] {
                let what = format!("-{cipher} -recip {} {form}", file(&leaf));
                let message = encrypted(&pki, &what, text);
                let seen = desk(&keys).opens(&message, text, &what);
                assert_eq!(seen.decrypted.authenticated, cipher.ends_with("gcm"));
                assert_eq!(seen.codes().contains(&Code::NotAuthenticated), !cipher.ends_with("gcm"));
                assert_eq!(seen.codes().contains(&Code::WeakAlgorithm), cipher == "des3");
                let opened_by = seen.decrypted.opened_by.as_ref().unwrap();
                assert_eq!(opened_by.fingerprint, Some(keys[0].certificate().fingerprint()));
                assert_eq!(
                    (opened_by.mailboxes.as_slice(), opened_by.old),
                    (["bob@example.org".to_owned()].as_slice(), false)
                );
                let [recipient] = &seen.decrypted.recipients[..] else { panic!("{what}") };
                assert_eq!(recipient.kind, RecipientKind::KeyTransport);
                let oaep = if form.contains("md:") { "RSAES-OAEP SHA-256" } else { "RSAES-OAEP SHA-1" };
                assert_eq!(
                    recipient.algorithm,
                    if form.contains("oaep") { oaep } else { "RSAES-PKCS1-v1_5" }
                );
            }
        }
    }
}

#[test]
fn openssl_encrypts_to_nist_curves() {
    let Some(pki) = Pki::new() else { return };
    for (kind, name) in [(KeyType::P256, "P-256"), (KeyType::P384, "P-384"), (KeyType::P521, "P-521")] {
        let leaf = pki.leaf("bob@example.org", kind);
        let keys = [key(&leaf)];
        for form in [
            "-aes-256-gcm",
            "-aes-128-cbc -stream",
            "-aes-256-cbc -keyid",
            "-aes-128-gcm -keyopt ecdh_kdf_md:sha256",
            "-aes-192-gcm -keyopt ecdh_kdf_md:sha384",
            "-aes-256-gcm -keyopt ecdh_kdf_md:sha512 -keyopt ecdh_cofactor_mode:1",
        ] {
            let (options, recipient) = form
                .split_once(" -keyopt")
                .map_or((form, String::new()), |(cipher, rest)| (cipher, format!("-keyopt{rest}")));
            let what = format!("{options} -recip {} {recipient}", file(&leaf));
            let seen = desk(&keys).opens(&encrypted(&pki, &what, TEXT), TEXT, &what);
            assert_eq!(seen.decrypted.recipients[0].kind, RecipientKind::KeyAgreement);
            assert_eq!(seen.decrypted.recipients[0].algorithm, format!("ECDH {name}"));
        }
    }
}

#[test]
fn several_recipients_and_others() {
    let Some(pki) = Pki::new() else { return };
    let leaves = [
        pki.leaf("a@example.org", KeyType::Rsa(2048)),
        pki.leaf("b@example.org", KeyType::P256),
        pki.leaf("c@example.org", KeyType::Rsa(2048)),
    ];
    let stranger = [key(&pki.leaf("d@example.org", KeyType::P256))];
    let words = leaves.iter().map(|leaf| format!("-recip {} ", file(leaf))).collect::<String>();
    let message = encrypted(&pki, &format!("-aes-256-gcm {words}"), TEXT);
    let cbc = encrypted(&pki, &format!("-aes-256-cbc {words}"), TEXT);
    for leaf in &leaves {
        let seen = desk(&[key(leaf)]).opens(&message, TEXT, &leaf.address);
        assert_eq!(seen.decrypted.opened_by.unwrap().mailboxes, std::slice::from_ref(&leaf.address));
        assert_eq!(seen.decrypted.recipients.len(), 3);
    }
    let all: Vec<_> = leaves.iter().map(key).chain(stranger.clone()).collect();
    for message in [&message, &cbc] {
        desk(&all).opens(message, TEXT, "all keys");
        let seen = desk(&stranger).open(message);
        assert_eq!(
            (seen.decrypted.decryption, seen.codes()),
            (Decryption::NoKey, vec![Code::NoDecryptionKey])
        );
        assert_eq!((seen.content.len(), seen.decrypted.recipients.len()), (0, 3));
    }
}
