//! SafeContents: the bags of a PKCS#12 file (RFC 7292 §4.2).

use zeroize::Zeroizing;

use crate::crypto::pbe;
use crate::error::Error;
use crate::x509::der_reader::{
    BMP_STRING, OCTET_STRING, OID, Reader, Result as DerResult, SEQUENCE, SET, Value, constructed,
};
use crate::x509::name::utf16;
use crate::x509::pkcs12::{Pfx, PfxCertificate, PfxKey, Reading, ber, malformed};
use crate::x509::{Certificate, oid};

/// Takes all bags into `pfx`; those inside others as well, to the depth of the limits.
///
/// ```text
/// SafeContents ::= SEQUENCE OF SafeBag
/// SafeBag ::= SEQUENCE { bagId OBJECT IDENTIFIER, bagValue [0] EXPLICIT ANY, bagAttributes SET OPTIONAL }
/// ```
pub(super) fn contents(reading: &mut Reading<'_>, octets: &[u8], pfx: &mut Pfx) -> Result<(), Error> {
    let depth = reading.limits.asn1_depth;
    let der = ber::to_der(octets, depth).map_err(malformed)?;
    // `to_der` has held the nesting to `depth`, and so this stack.
    let mut open = vec![Reader::new(&der).sequence().map_err(malformed)?];
    while let Some(bags) = open.last_mut() {
        let Some(bag) = Iterator::next(bags) else {
            open.pop();
            continue;
        };
        let bag = bag.and_then(|bag| Bag::read(&bag)).map_err(malformed)?;
        if bag.id == oid::SAFE_CONTENTS_BAG.as_bytes() {
            open.push(bag.value.reader());
        } else {
            bag.take(reading, pfx)?;
        }
    }
    Ok(())
}

struct Bag<'a> {
    id: &'a [u8],
    value: Value<'a>,
    local_key_id: Option<Vec<u8>>,
    friendly_name: Option<String>,
}

impl<'a> Bag<'a> {
    fn read(bag: &Value<'a>) -> DerResult<Self> {
        let mut reader = bag.reader();
        let id = reader.expect(OID)?.content;
        let value = reader.expect(constructed(0))?.inner()?;
        let mut bag = Self { id, value, local_key_id: None, friendly_name: None };
        let Some(attributes) = reader.optional(SET)? else { return Ok(bag) };
        for attribute in attributes.reader() {
            bag.attribute(&attribute?)?;
        }
        Ok(bag)
    }

    /// `PKCS12Attribute ::= SEQUENCE { attrId OBJECT IDENTIFIER, attrValues SET }`
    fn attribute(&mut self, attribute: &Value<'_>) -> DerResult<()> {
        let mut reader = attribute.reader();
        let id = reader.expect(OID)?.content;
        let Some(value) = Iterator::next(&mut reader.expect(SET)?.reader()).transpose()? else {
            return Ok(());
        };
        if id == oid::LOCAL_KEY_ID.as_bytes() && value.tag == OCTET_STRING {
            self.local_key_id = Some(value.content.to_vec());
        } else if id == oid::FRIENDLY_NAME.as_bytes() && value.tag == BMP_STRING {
            self.friendly_name = utf16(value.content);
        }
        Ok(())
    }

    fn take(self, reading: &mut Reading<'_>, pfx: &mut Pfx) -> Result<(), Error> {
        if self.id == oid::KEY_BAG.as_bytes() {
            let pkcs8 = Zeroizing::new(self.value.octets.to_vec());
            self.take_key(pkcs8, pfx);
        } else if self.id == oid::SHROUDED_KEY_BAG.as_bytes() {
            let (algorithm, ciphertext) = encrypted_private_key(&self.value).map_err(malformed)?;
            let pkcs8 = pbe::decrypt(algorithm, &reading.password, ciphertext, &mut reading.budget)?;
            self.take_key(pkcs8, pfx);
        } else if self.id == oid::CERT_BAG.as_bytes() {
            self.take_certificate(pfx).map_err(malformed)?;
        }
        Ok(())
    }

    fn take_key(self, pkcs8: Zeroizing<Vec<u8>>, pfx: &mut Pfx) {
        let Self { local_key_id, friendly_name, .. } = self;
        pfx.keys.push(PfxKey { pkcs8, local_key_id, friendly_name });
    }

    /// `CertBag ::= SEQUENCE { certId OBJECT IDENTIFIER, certValue [0] EXPLICIT OCTET STRING }`
    fn take_certificate(self, pfx: &mut Pfx) -> DerResult<()> {
        let mut reader = self.value.reader();
        if reader.expect(OID)?.content != oid::X509_CERTIFICATE.as_bytes() {
            return Ok(());
        }
        let der = reader.expect(constructed(0))?.inner()?.content;
        let Self { local_key_id, friendly_name, .. } = self;
        match Certificate::from_der(der) {
            Ok(certificate) => {
                pfx.certificates.push(PfxCertificate { certificate, local_key_id, friendly_name })
            }
            Err(error) => pfx.unreadable.push(error.to_string()),
        }
        Ok(())
    }
}

/// `EncryptedPrivateKeyInfo ::= SEQUENCE { AlgorithmIdentifier, OCTET STRING }` (RFC 5958 §3): algorithm and ciphertext.
pub(in crate::x509) fn encrypted_private_key<'a>(value: &Value<'a>) -> DerResult<(&'a [u8], &'a [u8])> {
    let mut reader = value.reader();
    let algorithm = reader.expect(SEQUENCE)?.octets;
    let ciphertext = reader.expect(OCTET_STRING)?.content;
    reader.finish()?;
    Ok((algorithm, ciphertext))
}
