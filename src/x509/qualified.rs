//! qcStatements (RFC 3739 §3.2.6): what a certificate states of itself under eIDAS (ETSI EN 319 412-5 §4).

use crate::report::{Qualified, QualifiedKind};
use crate::x509::der_reader::{DerError, OID, PRINTABLE_STRING, Reader, Result, SEQUENCE};
use crate::x509::name::string;
use crate::x509::oid;

const COMPLIANCE: &str = "0.4.0.1862.1.1";
const DEVICE: &str = "0.4.0.1862.1.4";
const TYPE: &str = "0.4.0.1862.1.6";
const LEGISLATION: &str = "0.4.0.1862.1.7";

/// ```text
/// QCStatements ::= SEQUENCE OF SEQUENCE { statementId OBJECT IDENTIFIER, statementInfo ANY OPTIONAL }
/// ```
pub(crate) fn read(value: &[u8]) -> Result<Qualified> {
    let mut whole = Reader::new(value);
    let statements = whole.sequence()?;
    whole.finish()?;
    let mut qualified = Qualified::default();
    for statement in statements {
        let statement = statement?;
        if statement.tag != SEQUENCE {
            return Err(DerError("not a QCStatement"));
        }
        let mut statement = statement.reader();
        let id = oid::text(statement.expect(OID)?.content);
        match id.as_str() {
            COMPLIANCE => qualified.compliant = true,
            DEVICE => qualified.device = true,
            TYPE => qualified.kinds = kinds(statement.sequence()?)?,
            LEGISLATION => qualified.countries = countries(statement.sequence()?)?,
            _ => {}
        }
    }
    Ok(qualified)
}

/// `QcType ::= SEQUENCE OF OBJECT IDENTIFIER`; those that are not known are left out.
fn kinds(list: Reader<'_>) -> Result<Vec<QualifiedKind>> {
    let mut kinds = Vec::new();
    for kind in list {
        let kind = match oid::text(kind?.content).as_str() {
            "0.4.0.1862.1.6.1" => QualifiedKind::Signature,
            "0.4.0.1862.1.6.2" => QualifiedKind::Seal,
            "0.4.0.1862.1.6.3" => QualifiedKind::Website,
            _ => continue,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// `QcCClegislation ::= SEQUENCE OF PrintableString (SIZE (2))`
fn countries(list: Reader<'_>) -> Result<Vec<String>> {
    let mut countries = Vec::new();
    for value in list {
        let value = value?;
        let text = string(&value).filter(|_| value.tag == PRINTABLE_STRING);
        let code =
            text.filter(|text| text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_uppercase()));
        let code = code.ok_or(DerError("not a country"))?;
        if !countries.contains(&code) {
            countries.push(code);
        }
    }
    Ok(countries)
}

#[cfg(test)]
mod tests {
    use const_oid::ObjectIdentifier;

    use super::*;
    use crate::x509::der_reader::encode;

    fn id(dotted: &str) -> Vec<u8> {
        encode(OID, &[ObjectIdentifier::new_unwrap(dotted).as_bytes()])
    }

    fn statement(dotted: &str, info: &[u8]) -> Vec<u8> {
        encode(SEQUENCE, &[&id(dotted), info])
    }

    #[test]
    fn statements_of_eidas() {
        let kinds =
            encode(SEQUENCE, &[&id("0.4.0.1862.1.6.2"), &id("0.4.0.1862.1.6.9"), &id("0.4.0.1862.1.6.2")]);
        let law = encode(SEQUENCE, &[&encode(PRINTABLE_STRING, &[b"CH"])]);
        let all = [
            statement(COMPLIANCE, &[]),
            statement(DEVICE, &[]),
            statement(TYPE, &kinds),
            statement(LEGISLATION, &law),
            statement("1.3.6.1.5.5.7.11.2", &[]),
        ];
        let read = read(&encode(SEQUENCE, &[&all.concat()])).unwrap();
        assert_eq!((read.compliant, read.device), (true, true));
        assert_eq!(read.kinds, [QualifiedKind::Seal]);
        assert_eq!(read.countries, ["CH"]);
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        let law = encode(SEQUENCE, &[&encode(PRINTABLE_STRING, &[b"C\n"])]);
        for wrong in [
            Vec::new(),
            encode(OID, &[]),
            encode(SEQUENCE, &[&id(COMPLIANCE)]),
            encode(SEQUENCE, &[&statement(LEGISLATION, &law)]),
        ] {
            assert!(read(&wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(read(&encode(SEQUENCE, &[])), Ok(Qualified::default()));
    }
}
