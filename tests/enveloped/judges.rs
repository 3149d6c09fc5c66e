//! gpgsm and NSS: they open what is encrypted here, and encrypt for us.

use std::fs;

use mailseal::crypto::ContentCipher;
use mailseal::smime::{EncryptionOptions, Recipient};

use crate::desk::{TEXT, desk, key};
use crate::sealed::{certificate, sealed};
use crate::support::gnupg::Gpgsm;
use crate::support::nss::Nss;
use crate::support::pki::{KeyType, PASSWORD, Pki};

#[test]
fn gpgsm_both_ways() {
    let Some(pki) = Pki::new() else { return };
    let Some(gpgsm) = Gpgsm::new(&pki) else { return };
    let leaf = pki.leaf("bob@example.org", KeyType::Rsa(2048));
    gpgsm.import(&pki, &leaf);
    let file = gpgsm.home().join("message");
    let large = b"0123456789abcdef\r\n".repeat(20_000);
    for (cipher, by_key) in [
        (ContentCipher::Aes128Cbc, false),
        (ContentCipher::Aes256Cbc, false),
        (ContentCipher::Aes256Cbc, true),
        (ContentCipher::Aes256Gcm, false),
    ] {
        for text in [TEXT, &large] {
            let options = EncryptionOptions::new(cipher).key_identifiers(by_key);
            let message = sealed(&[Recipient::certificate(&certificate(&leaf))], &options, text).unwrap();
            fs::write(&file, message).unwrap();
            let out = gpgsm.home().join("out");
            let words = "--passphrase-fd 0 --decrypt --output";
            let opened =
                gpgsm.words(words).arg(&out).arg(&file).input(format!("{PASSWORD}\n").as_bytes()).run();
            if (cipher.is_authenticated() || by_key) && !opened.succeeded {
                println!("not asked: this gpgsm does not open {options:?}");
                continue;
            }
            assert!(opened.succeeded && fs::read(&out).unwrap() == text, "{cipher}: {}", opened.stderr);
        }
    }
    fs::write(&file, TEXT).unwrap();
    let words = "--disable-crl-checks --encrypt --recipient bob@example.org --output";
    let out = gpgsm.home().join("theirs");
    for cipher in ["AES128", "AES256", "3DES"] {
        gpgsm.words("--cipher-algo").arg(cipher).words(words).arg(&out).arg(&file).ok();
        desk(&[key(&leaf)]).opens(&fs::read(&out).unwrap(), TEXT, cipher);
    }
}

#[test]
fn nss_both_ways() {
    let Some(pki) = Pki::new() else { return };
    let Some(nss) = Nss::new(&pki) else { return };
    let large = b"0123456789abcdef\r\n".repeat(20_000);
    // NSS before 3.99 knows no key agreement: not what openssl writes either.
    let leaf = pki.leaf("bob@example.org", KeyType::Rsa(2048));
    nss.import(&leaf);
    let file = nss.folder().join("message");
    for cipher in [ContentCipher::Aes128Cbc, ContentCipher::Aes256Cbc] {
        for oaep in [false, true] {
            for text in [TEXT, &large] {
                let options = EncryptionOptions::new(cipher).oaep(oaep);
                let to = [Recipient::certificate(&certificate(&leaf))];
                fs::write(&file, sealed(&to, &options, text).unwrap()).unwrap();
                let opened = nss.cmsutil("-D -i").arg(&file).run();
                if oaep && opened.stderr.contains("SEC_ERROR_UNSUPPORTED_KEYALG") {
                    println!("not asked: this NSS does not open OAEP");
                    continue;
                }
                assert!(opened.succeeded && opened.stdout == text, "{options:?}: {}", opened.stderr);
            }
        }
    }
    fs::write(&file, TEXT).unwrap();
    let out = nss.folder().join("theirs");
    nss.cmsutil("-E -r").arg(&leaf.address).arg("-i").arg(&file).arg("-o").arg(&out).ok();
    desk(&[key(&leaf)]).opens(&fs::read(&out).unwrap(), TEXT, "NSS");
}
