//! What of a signer is the same in each message: it depends on certificate and scheme only.

use crate::cms::Oid;
use crate::cms::ber::tag;
use crate::cms::der_writer::{attribute, element, sequence};
use crate::cms::signed_data::signing_certificate;
use crate::crypto::{ContentCipher, SignatureScheme};
use crate::x509::{Capabilities, Certificate};

/// Elements of SignerInfo (RFC 5652 §5.3), made once for many messages.
#[derive(Debug)]
pub(crate) struct SignerTemplate {
    pub(super) certificate: Certificate,
    pub(super) scheme: SignatureScheme,
    pub(super) issuer_and_serial: Vec<u8>,
    pub(super) digest_identifier: Vec<u8>,
    pub(super) signature_identifier: Vec<u8>,
    /// Those signed attributes that say nothing of the content or the time.
    pub(super) attributes: Vec<Vec<u8>>,
}

impl SignerTemplate {
    pub(crate) fn new(certificate: &Certificate, scheme: SignatureScheme) -> Self {
        Self::saying(certificate, scheme, &Capabilities::OWN)
    }

    /// The same, with these ciphers in SMIMECapabilities (RFC 8551 §2.5.2); without it where there are none.
    pub(crate) fn saying(
        certificate: &Certificate,
        scheme: SignatureScheme,
        ciphers: &[ContentCipher],
    ) -> Self {
        let serial = element(tag::INTEGER, &[certificate.serial()]);
        let (digest, signature) = (scheme.digest_identifier(), scheme.signature_identifier());
        let protection = sequence(&[&digest, &retag(tag::context(1), &signature)]);
        let said = Capabilities::der_of(ciphers);
        let said = (!ciphers.is_empty()).then(|| attribute(&Oid::SMIME_CAPABILITIES, &said));
        let always = [
            attribute(&Oid::SIGNING_CERTIFICATE_V2, &signing_certificate::write_v2(certificate)),
            attribute(&Oid::ALGORITHM_PROTECTION, &protection),
        ];
        let attributes = said.into_iter().chain(always).collect();
        Self {
            certificate: certificate.clone(),
            scheme,
            issuer_and_serial: sequence(&[certificate.issuer().as_der(), &serial]),
            attributes,
            digest_identifier: digest,
            signature_identifier: signature,
        }
    }

    pub(crate) fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// The same element with another tag of one octet.
fn retag(tag: u8, element: &[u8]) -> Vec<u8> {
    let mut octets = element.to_vec();
    if let Some(first) = octets.first_mut() {
        *first = tag;
    }
    octets
}
