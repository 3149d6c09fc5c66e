//! What lies on a token: private keys, their public halves, certificates.

use cryptoki::object::{Attribute, AttributeType, CertificateType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::{Uri, said};
use crate::crypto::{Curve, KeyError, PublicKey};
use crate::x509::Certificate as X509;
use crate::x509::der_reader::Reader;

/// Objects of one kind that are looked at: a token holds a handful.
const MOST_OBJECTS: usize = 100;

/// A private key and its public half.
pub(super) struct Found {
    pub(super) handle: ObjectHandle,
    pub(super) public: PublicKey,
    pub(super) label: String,
    /// The PIN is wanted for each use.
    pub(super) always_asks: bool,
}

/// The private keys that the URI names, as far as their public halves can be told.
pub(super) fn private_keys(session: &Session, uri: &Uri) -> Result<Vec<Found>, KeyError> {
    let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Token(true)];
    template.extend(uri.object.as_ref().map(|label| Attribute::Label(label.clone().into_bytes())));
    template.extend(uri.id.clone().map(Attribute::Id));
    let mut found = Vec::new();
    for handle in objects(session, &template)? {
        let attributes = attributes(
            session,
            handle,
            &[
                AttributeType::KeyType,
                AttributeType::Id,
                AttributeType::Label,
                AttributeType::Modulus,
                AttributeType::PublicExponent,
                AttributeType::EcParams,
                AttributeType::AlwaysAuthenticate,
            ],
        )?;
        let Some(public) = public_half(session, &attributes)? else { continue };
        let label = attributes.iter().find_map(|one| match one {
            Attribute::Label(label) => Some(String::from_utf8_lossy(label).into_owned()),
            _ => None,
        });
        let always_asks = attributes.iter().any(|one| matches!(one, Attribute::AlwaysAuthenticate(true)));
        found.push(Found { handle, public, label: label.unwrap_or_default(), always_asks });
    }
    Ok(found)
}

/// All X.509 certificates on the token that can be read.
pub(super) fn certificates(session: &Session) -> Result<Vec<X509>, KeyError> {
    let template =
        [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::CertificateType(CertificateType::X_509)];
    let mut found = Vec::new();
    for handle in objects(session, &template)? {
        found.extend(certificate(session, handle)?);
    }
    Ok(found)
}

fn certificate(session: &Session, handle: ObjectHandle) -> Result<Option<X509>, KeyError> {
    let value = attributes(session, handle, &[AttributeType::Value])?;
    Ok(value.iter().find_map(|one| match one {
        Attribute::Value(der) => X509::from_der(der).ok(),
        _ => None,
    }))
}

/// By its own attributes (RSA), by the public key with the same CKA_ID, or by the certificate with it.
fn public_half(session: &Session, private: &[Attribute]) -> Result<Option<PublicKey>, KeyError> {
    if let Some(public) = public_key(private) {
        return Ok(Some(public));
    }
    let Some(id) = private.iter().find(|one| matches!(one, Attribute::Id(id) if !id.is_empty())) else {
        return Ok(None);
    };
    for handle in objects(session, &[Attribute::Class(ObjectClass::PUBLIC_KEY), id.clone()])? {
        let wanted = [
            AttributeType::KeyType,
            AttributeType::Modulus,
            AttributeType::PublicExponent,
            AttributeType::EcParams,
            AttributeType::EcPoint,
        ];
        if let Some(public) = public_key(&attributes(session, handle, &wanted)?) {
            return Ok(Some(public));
        }
    }
    for handle in objects(session, &[Attribute::Class(ObjectClass::CERTIFICATE), id.clone()])? {
        if let Some(public) = certificate(session, handle)?.and_then(|one| one.public_key().ok().cloned()) {
            return Ok(Some(public));
        }
    }
    Ok(None)
}

fn public_key(attributes: &[Attribute]) -> Option<PublicKey> {
    let octets = |wanted: fn(&Attribute) -> Option<&Vec<u8>>| attributes.iter().find_map(wanted);
    let kind = attributes.iter().find_map(|one| match one {
        Attribute::KeyType(kind) => Some(*kind),
        _ => None,
    })?;
    if kind == KeyType::RSA {
        let modulus = octets(|one| match one {
            Attribute::Modulus(octets) => Some(octets),
            _ => None,
        })?;
        let exponent = octets(|one| match one {
            Attribute::PublicExponent(octets) => Some(octets),
            _ => None,
        })?;
        return PublicKey::rsa(modulus, exponent).ok();
    }
    if ![KeyType::EC, KeyType::EC_EDWARDS, KeyType::EC_MONTGOMERY].contains(&kind) {
        return None;
    }
    let parameters = octets(|one| match one {
        Attribute::EcParams(octets) => Some(octets),
        _ => None,
    })?;
    let point = octets(|one| match one {
        Attribute::EcPoint(octets) => Some(octets),
        _ => None,
    })?;
    of_curve(parameters, point)
}

/// CKA_EC_PARAMS names the curve (PKCS #11 §6.3.3), by its OID or, for the curves of RFC 7748, also by a PrintableString;
/// CKA_EC_POINT is the point in an OCTET STRING, from some tokens the bare point.
fn of_curve(parameters: &[u8], point: &[u8]) -> Option<PublicKey> {
    let (tag, name) = element(parameters)?;
    let inner = element(point).filter(|(tag, _)| *tag == 0x04).map(|(_, inner)| inner);
    let octets = |length: usize| [inner, Some(point)].into_iter().flatten().find(|one| one.len() == length);
    let montgomery = || PublicKey::x25519(octets(32)?.try_into().ok()?).ok();
    let edwards = || PublicKey::ed25519(octets(32)?.try_into().ok()?).ok();
    let nist = |curve: Curve| PublicKey::ec(curve, octets(2 * curve.octets() + 1)?).ok();
    match (tag, name) {
        (0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]) => nist(Curve::P256),
        (0x06, [0x2b, 0x81, 0x04, 0, 0x22]) => nist(Curve::P384),
        (0x06, [0x2b, 0x81, 0x04, 0, 0x23]) => nist(Curve::P521),
        (0x06, [0x2b, 0x65, 0x70]) | (0x13, b"edwards25519") => edwards(),
        (0x06, [0x2b, 0x65, 0x6e]) | (0x13, b"curve25519") => montgomery(),
        _ => None,
    }
}

/// The one DER element that the octets are: its tag and its content.
fn element(der: &[u8]) -> Option<(u8, &[u8])> {
    let mut reader = Reader::new(der);
    let value = reader.next().ok()?;
    reader.finish().ok()?;
    Some((value.tag, value.content))
}

fn objects(session: &Session, template: &[Attribute]) -> Result<Vec<ObjectHandle>, KeyError> {
    let found = session.iter_objects(template).map_err(said)?;
    found.take(MOST_OBJECTS).collect::<Result<_, _>>().map_err(said)
}

fn attributes(
    session: &Session,
    handle: ObjectHandle,
    wanted: &[AttributeType],
) -> Result<Vec<Attribute>, KeyError> {
    session.get_attributes(handle, wanted).map_err(said)
}
