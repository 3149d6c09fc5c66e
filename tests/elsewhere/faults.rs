//! A key that lives elsewhere and errs now and then: what it signed wrongly never leaves (R-C12).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use mailseal::crypto::{KeyError, Provider, PublicKey, SignatureScheme, SigningKey, ToSign};
use mailseal::{Certificate, Composer, Error, Group, Key};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType};

use crate::letters::{cx, signed};
use crate::openpgp;

#[derive(Debug)]
struct Faulty {
    key: Arc<dyn SigningKey>,
    errs: Arc<AtomicBool>,
}

impl SigningKey for Faulty {
    fn public(&self) -> &PublicKey {
        self.key.public()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.key.schemes()
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        let mut signature = self.key.sign(scheme, input)?;
        if self.errs.load(Ordering::Relaxed) {
            *signature.last_mut().unwrap() ^= 1;
        }
        Ok(signature)
    }
}

#[test]
fn r_c12_a_signature_that_does_not_fit_does_not_leave() {
    let pair = KeyPair::generate().unwrap();
    let pkcs8 = pair.serialize_der();
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::Rfc822Name("alice@example.org".try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyAgreement];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    let smime = Certificate::load(params.self_signed(&pair).unwrap().der()).unwrap().remove(0);
    let (_, pgp) = openpgp::certificate(&pkcs8, Some(&pkcs8));
    for certificate in [smime, pgp] {
        let errs = Arc::new(AtomicBool::new(false));
        let key = Provider::default().key_loader.signing_key(&pkcs8).unwrap();
        let key = Key::external(Faulty { key, errs: Arc::clone(&errs) }, std::slice::from_ref(&certificate));
        let key = key.unwrap();
        let group = Group::to(std::slice::from_ref(&certificate), SystemTime::now().into()).unwrap();
        let sealed = || {
            let mut letter = Vec::new();
            let draft = b"From: alice@example.org\r\nTo: alice@example.org\r\n\r\nHello\r\n";
            let composer = Composer::new(&cx()).sign(&key).encrypt(&group);
            composer.compose(draft, SystemTime::now(), &mut letter)
        };
        signed(&key).unwrap();
        sealed().unwrap();
        errs.store(true, Ordering::Relaxed);
        for result in [signed(&key).map(drop), sealed().map(drop)] {
            assert!(matches!(result, Err(Error::Key(KeyError::Malformed(_)))), "{result:?}");
        }
    }
}
