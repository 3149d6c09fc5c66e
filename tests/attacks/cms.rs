//! CMS as an attacker writes it: every field as wished, with true signatures.

use std::fs;
use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};

use crate::support::pki::{Leaf, Pki};

pub(crate) const SHA256: &str = "2.16.840.1.101.3.4.2.1";
pub(crate) const DATA: &str = "1.2.840.113549.1.7.1";
pub(crate) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub(crate) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub(crate) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const RSA_SHA256: &str = "1.2.840.113549.1.1.11";
const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
/// The [`AT`](crate::stage::AT) of the tests.
const AT_UTC: &[u8] = b"260921141320Z";

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().position(|octet| *octet > 0).unwrap_or(7)..];
    let mut out = vec![tag];
    if content.len() > 127 {
        out.push(0x80 | u8::try_from(length.len()).unwrap());
    }
    out.extend_from_slice(length);
    out.extend_from_slice(content);
    out
}

pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    let arcs: Vec<u64> = text.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut out = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let octets: Vec<u8> = (0..10).map(|place| u8::try_from(arc >> (7 * place) & 0x7F).unwrap()).collect();
        let last = octets.iter().rposition(|octet| *octet > 0).unwrap_or(0);
        out.extend((0..=last).rev().map(|place| octets[place] | if place > 0 { 0x80 } else { 0 }));
    }
    tlv(6, &out)
}

pub(crate) fn algorithm(text: &str, null: bool) -> Vec<u8> {
    seq(&[&oid(text), if null { &[5, 0] } else { &[] }])
}

/// An Attribute with one value.
pub(crate) fn attribute(kind: &str, value: &[u8]) -> Vec<u8> {
    seq(&[&oid(kind), &tlv(0x31, value)])
}

/// contentType, signingTime, messageDigest, in the order of DER.
pub(crate) fn attributes(content: &[u8]) -> Vec<Vec<u8>> {
    vec![
        attribute(CONTENT_TYPE, &oid(DATA)),
        attribute(SIGNING_TIME, &tlv(0x17, AT_UTC)),
        attribute(MESSAGE_DIGEST, &tlv(4, &Sha256::digest(content))),
    ]
}

/// The elements inside a constructed element, each with its header.
pub(crate) fn children(element: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut found) = (&element[header(element)..], Vec::new());
    while !rest.is_empty() {
        let (one, next) = rest.split_at(header(rest) + length(rest));
        found.push(one);
        rest = next;
    }
    found
}

pub(crate) fn header(element: &[u8]) -> usize {
    if element[1] < 0x80 { 2 } else { 2 + usize::from(element[1] & 0x7F) }
}

fn length(element: &[u8]) -> usize {
    match element[1] {
        short @ 0..0x80 => short.into(),
        _ => element[2..header(element)].iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)),
    }
}

/// Base64 between the first lines of dashes.
pub(crate) fn decoded(pem: &str) -> Vec<u8> {
    let body = pem.split("-----").nth(2).unwrap();
    let text: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    base64_simd::STANDARD.decode_to_vec(text).unwrap()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(pair).collect()
}

pub(crate) fn base64(octets: &[u8]) -> String {
    let text = base64_simd::STANDARD.encode_to_string(octets);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    lines.join("\r\n") + "\r\n"
}

enum Private {
    Ecdsa(Box<EcdsaKeyPair>),
    Rsa(RsaKeyPair),
}

/// A certificate and its private key.
pub(crate) struct Person {
    pub(crate) certificate: Vec<u8>,
    key: Private,
}

impl Person {
    pub(crate) fn ecdsa(pki: &Pki, leaf: &Leaf) -> Self {
        Self::of(certificate(&leaf.certificate), &pkcs8(pki, &leaf.key))
    }

    pub(crate) fn rsa(pki: &Pki, leaf: &Leaf) -> Self {
        let key = RsaKeyPair::from_pkcs8(&pkcs8(pki, &leaf.key)).unwrap();
        Self { certificate: certificate(&leaf.certificate), key: Private::Rsa(key) }
    }

    /// With a key of P-256 in PKCS #8.
    pub(crate) fn of(certificate: Vec<u8>, pkcs8: &[u8]) -> Self {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).unwrap();
        Self { certificate, key: Private::Ecdsa(Box::new(key)) }
    }

    pub(crate) fn sign(&self, octets: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Private::Ecdsa(key) => key.sign(&random, octets).unwrap().as_ref().to_vec(),
            Private::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, octets, &mut signature).unwrap();
                signature
            }
        }
    }

    pub(crate) fn signature_algorithm(&self) -> Vec<u8> {
        match self.key {
            Private::Ecdsa(_) => algorithm(ECDSA_SHA256, false),
            Private::Rsa(_) => algorithm(RSA_SHA256, true),
        }
    }

    /// IssuerAndSerialNumber.
    pub(crate) fn name(&self) -> Vec<u8> {
        let tbs = children(children(&self.certificate)[0]);
        seq(&[tbs[3], tbs[1]])
    }
}

fn pkcs8(pki: &Pki, key: &Path) -> Vec<u8> {
    pki.openssl("pkcs8 -topk8 -nocrypt -outform DER -in").arg(key).ok()
}

pub(crate) fn certificate(file: &Path) -> Vec<u8> {
    decoded(&fs::read_to_string(file).unwrap())
}

/// A SignerInfo. What is `None` is absent, or made as it should be.
pub(crate) struct Signer<'p> {
    pub(crate) person: &'p Person,
    pub(crate) name: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) attributes: Option<Vec<Vec<u8>>>,
    pub(crate) signature: Option<Vec<u8>>,
}

impl<'p> Signer<'p> {
    /// As it should be.
    pub(crate) fn new(person: &'p Person, content: &[u8]) -> Self {
        Self {
            person,
            name: person.name(),
            digest: algorithm(SHA256, false),
            algorithm: person.signature_algorithm(),
            attributes: Some(attributes(content)),
            signature: None,
        }
    }

    pub(crate) fn der(&self, content: &[u8]) -> Vec<u8> {
        let set = self.attributes.as_ref().map(|attributes| attributes.concat());
        let signed = set.as_ref().map_or(content.to_vec(), |set| tlv(0x31, set));
        let signature = self.signature.clone().unwrap_or_else(|| self.person.sign(&signed));
        let attributes = set.map(|set| tlv(0xA0, &set)).unwrap_or_default();
        let version = tlv(2, &[if self.name[0] == 0x80 { 3 } else { 1 }]);
        seq(&[&version, &self.name, &self.digest, &attributes, &self.algorithm, &tlv(4, &signature)])
    }
}

/// A SignedData in a ContentInfo.
pub(crate) struct Cms {
    pub(crate) digests: Vec<Vec<u8>>,
    pub(crate) content_type: &'static str,
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) signers: Vec<Vec<u8>>,
}

impl Cms {
    /// With the intermediate and these certificates.
    pub(crate) fn new(content: Option<&[u8]>, signers: Vec<Vec<u8>>, certificates: &[&[u8]]) -> Self {
        Self {
            digests: vec![algorithm(SHA256, false)],
            content_type: DATA,
            content: content.map(<[u8]>::to_vec),
            certificates: certificates.iter().map(|one| one.to_vec()).collect(),
            signers,
        }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let content = self.content.as_ref().map(|content| tlv(0xA0, &tlv(4, content)));
        let content = seq(&[&oid(self.content_type), &content.unwrap_or_default()]);
        let version = tlv(2, &[if self.content_type == DATA { 1 } else { 3 }]);
        let certificates = match self.certificates.is_empty() {
            true => Vec::new(),
            false => tlv(0xA0, &self.certificates.concat()),
        };
        let signed = seq(&[
            &version,
            &tlv(0x31, &self.digests.concat()),
            &content,
            &certificates,
            &tlv(0x31, &self.signers.concat()),
        ]);
        seq(&[&oid(SIGNED_DATA), &tlv(0xA0, &signed)])
    }
}

/// `multipart/signed` from this sender.
pub(crate) fn detached(from: &str, content: &[u8], cms: &[u8]) -> Vec<u8> {
    let head = format!(
        "From: {from}\r\nTo: bob@example.com\r\nSubject: Payment\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n micalg=sha-256; boundary=b\r\n\
         \r\n--b\r\n"
    );
    let tail = format!(
        "\r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        base64(cms)
    );
    [head.as_bytes(), content, tail.as_bytes()].concat()
}

/// `application/pkcs7-mime` from this sender.
pub(crate) fn opaque(from: &str, cms: &[u8]) -> Vec<u8> {
    opaque_as(from, "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", cms)
}

pub(crate) fn opaque_as(from: &str, content_type: &str, cms: &[u8]) -> Vec<u8> {
    let letter = format!(
        "From: {from}\r\nTo: bob@example.com\r\nSubject: Payment\r\nMIME-Version: 1.0\r\n\
         Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64(cms)
    );
    letter.into_bytes()
}
