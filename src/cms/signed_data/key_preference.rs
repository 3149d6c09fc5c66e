//! SMIMEEncryptionKeyPreference (RFC 8551 §2.5.3): the certificate that a signer would have letters encrypted to.
//!
//! ```text
//! SMIMEEncryptionKeyPreference ::= CHOICE {
//!   issuerAndSerialNumber [0] IssuerAndSerialNumber,
//!   receipentKeyId [1] RecipientKeyIdentifier,
//!   subjectAltKeyIdentifier [2] SubjectKeyIdentifier }
//! ```

use crate::cms::SignerIdentifier;
use crate::x509::der_reader::{INTEGER, OCTET_STRING, Reader, SEQUENCE, constructed, context};

/// `None` where it cannot be read: it is a wish only.
pub(super) fn read(der: &[u8]) -> Option<SignerIdentifier> {
    let mut reader = Reader::new(der);
    let choice = reader.next().ok()?;
    reader.finish().ok()?;
    if choice.tag == context(2) {
        return Some(SignerIdentifier::SubjectKeyIdentifier(choice.content.to_vec()));
    }
    let mut fields = choice.reader();
    if choice.tag == constructed(0) {
        let issuer = fields.expect(SEQUENCE).ok()?.octets.to_vec();
        let serial = fields.expect(INTEGER).ok()?.content.to_vec();
        return Some(SignerIdentifier::IssuerAndSerialNumber { issuer, serial });
    }
    let identifier = fields.expect(OCTET_STRING).ok().filter(|_| choice.tag == constructed(1))?;
    Some(SignerIdentifier::SubjectKeyIdentifier(identifier.content.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der_reader::encode;

    #[test]
    fn all_three_forms() {
        let name = encode(SEQUENCE, &[]);
        let serial = encode(INTEGER, &[&[5]]);
        let by_issuer = encode(constructed(0), &[&name, &serial]);
        let issuer_and_serial = SignerIdentifier::IssuerAndSerialNumber { issuer: name, serial: vec![5] };
        assert_eq!(read(&by_issuer), Some(issuer_and_serial));
        let identifier = Some(SignerIdentifier::SubjectKeyIdentifier(vec![7, 8]));
        assert_eq!(read(&encode(context(2), &[&[7, 8]])), identifier);
        let octets = encode(OCTET_STRING, &[&[7, 8]]);
        assert_eq!(read(&encode(constructed(1), &[&octets])), identifier);
        for odd in [&b""[..], b"\x30\x00", b"\xa0\x00", b"\xa1\x02\x02\x00", b"\x82\x00\x00", b"\xa0\x05"] {
            assert_eq!(read(odd), None, "{odd:x?}");
        }
    }
}
