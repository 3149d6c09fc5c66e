//! RevocationInfoChoices (RFC 5652 §10.2.1, RFC 5940): CRLs and OCSP answers that came along.

use crate::cms::SignedData;
use crate::limits::Limits;
use crate::x509::der_reader::{OID, Reader, constructed};
use crate::x509::{RevocationData, oid};

impl SignedData {
    /// The CRLs and OCSP answers in it that can be read. Nothing is believed of them.
    ///
    /// ```text
    /// RevocationInfoChoice ::= CHOICE { crl CertificateList, other [1] IMPLICIT SEQUENCE {
    ///     otherRevInfoFormat OBJECT IDENTIFIER, otherRevInfo ANY } }
    /// ```
    ///
    /// ```
    /// # let letter = include_str!("../../../examples/letters/openssl.eml");
    /// # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
    /// # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
    /// # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
    /// use mailseal::{Limits, cms::SignedDataReader};
    /// let limits = Limits::default();
    /// let data = SignedDataReader::new(signature.as_slice(), &limits)?.finish()?;
    /// assert!(data.revocations(&limits).is_empty(), "openssl encloses none");
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn revocations(&self, limits: &Limits) -> RevocationData {
        let mut found = RevocationData::new();
        for raw in &self.crls {
            found.add_of_letter(answer(raw).unwrap_or(raw), limits);
        }
        found
    }
}

/// The OCSPResponse, where the choice is one (RFC 5940 §2.1).
fn answer(raw: &[u8]) -> Option<&[u8]> {
    let other = Reader::new(raw).expect(constructed(1)).ok()?;
    let mut reader = other.reader();
    let is_ocsp = reader.expect(OID).ok()?.content == oid::RI_OCSP_RESPONSE.as_bytes();
    let value = Reader::next(&mut reader).ok()?;
    is_ocsp.then_some(value.octets)
}
