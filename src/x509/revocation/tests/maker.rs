//! Certificates, CRLs and OCSP answers made to order, with signatures that other programs can check.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use const_oid::ObjectIdentifier;

use crate::crypto::{HashAlgorithm, Provider, SignatureScheme, SigningKey, ToSign};
use crate::time::UnixTime;
use crate::x509::der_reader::{
    BIT_STRING, BOOLEAN, ENUMERATED, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, UTC_TIME,
    UTF8_STRING, constructed, context, encode,
};
use crate::x509::{Certificate, oid};

/// A key and the name that it signs under.
#[derive(Clone)]
pub(super) struct Hand {
    key: Arc<dyn SigningKey>,
    pub(super) name: Vec<u8>,
}

/// None where there is no openssl to make keys.
pub(super) fn hand(name: &str) -> Option<Hand> {
    let words = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let Ok(made) = Command::new("openssl").args(words).output() else {
        println!("skipped: no openssl");
        return None;
    };
    let pkcs8 = &crate::x509::pem::blocks(&made.stdout).unwrap()[0].der;
    let key = Provider::default().key_loader.signing_key(pkcs8).unwrap();
    Some(Hand { key, name: directory(name) })
}

/// An extension: identifier, critical, content.
pub(super) type Ext = (ObjectIdentifier, bool, Vec<u8>);

impl Hand {
    /// The same key under another name.
    pub(super) fn named(&self, name: &[u8]) -> Self {
        Self { name: name.to_vec(), ..self.clone() }
    }

    pub(super) fn key_bits(&self) -> Vec<u8> {
        self.key.public().bit_string().unwrap().to_vec()
    }

    fn key_identifier(&self) -> Vec<u8> {
        Provider::default().hash(HashAlgorithm::Sha1, &self.key_bits()).unwrap()
    }

    pub(super) fn subject_key(&self) -> Ext {
        (oid::SUBJECT_KEY_IDENTIFIER, false, encode(OCTET_STRING, &[&self.key_identifier()]))
    }

    pub(super) fn authority_key(&self) -> Ext {
        (
            oid::AUTHORITY_KEY_IDENTIFIER,
            false,
            encode(SEQUENCE, &[&encode(context(0), &[&self.key_identifier()])]),
        )
    }

    fn sign(&self, tbs: &[u8], more: &[u8]) -> Vec<u8> {
        let value = Provider::default().hash(HashAlgorithm::Sha256, tbs).unwrap();
        let digest = ToSign::Digest { algorithm: HashAlgorithm::Sha256, value: &value };
        let signature = self.key.sign(SignatureScheme::EcdsaP256Sha256, digest).unwrap();
        encode(SEQUENCE, &[tbs, &algorithm(), &encode(BIT_STRING, &[&[0], &signature]), more])
    }

    /// A certificate for another.
    pub(super) fn certify(
        &self,
        holder: &Self,
        serial: u8,
        days: (i64, i64),
        extensions: &[Ext],
    ) -> Certificate {
        let validity = encode(SEQUENCE, &[&utc(now() + days.0 * DAY), &utc(now() + days.1 * DAY)]);
        let tbs = encode(
            SEQUENCE,
            &[
                &encode(constructed(0), &[&encode(INTEGER, &[&[2]])]),
                &encode(INTEGER, &[&[serial]]),
                &algorithm(),
                &self.name,
                &validity,
                &holder.name,
                holder.key.public().spki(),
                &explicit_extensions(3, extensions),
            ],
        );
        Certificate::from_der(&self.sign(&tbs, &[])).unwrap()
    }

    /// A CRL; the numbers are seconds from now.
    pub(super) fn crl(
        &self,
        this: i64,
        next: Option<i64>,
        entries: &[Vec<u8>],
        extensions: &[Ext],
    ) -> Vec<u8> {
        let next = next.map(|next| utc(now() + next)).unwrap_or_default();
        let list = encode(SEQUENCE, &[&entries.concat()]);
        let list = if entries.is_empty() { Vec::new() } else { list };
        let version = encode(INTEGER, &[&[1]]);
        let this = utc(now() + this);
        let extensions = explicit_extensions(0, extensions);
        let tbs = encode(SEQUENCE, &[&version, &algorithm(), &self.name, &this, &next, &list, &extensions]);
        self.sign(&tbs, &[])
    }

    /// An OCSP answer.
    pub(super) fn answer(
        &self,
        by_key: bool,
        produced: i64,
        singles: &[Vec<u8>],
        extensions: &[Ext],
        certificates: &[&Certificate],
    ) -> Vec<u8> {
        let hash = self.key_identifier();
        let responder = match by_key {
            true => encode(constructed(2), &[&encode(OCTET_STRING, &[&hash])]),
            false => encode(constructed(1), &[&self.name]),
        };
        let extensions = if extensions.is_empty() { Vec::new() } else { explicit_extensions(1, extensions) };
        let list = encode(SEQUENCE, &[&singles.concat()]);
        let tbs = encode(SEQUENCE, &[&responder, &generalized(now() + produced), &list, &extensions]);
        let enclosed: Vec<u8> = certificates.iter().flat_map(|one| one.as_der().to_vec()).collect();
        let enclosed = encode(constructed(0), &[&encode(SEQUENCE, &[&enclosed])]);
        let basic = self.sign(&tbs, if certificates.is_empty() { &[] } else { &enclosed });
        let kind = encode(OID, &[oid::OCSP_BASIC.as_bytes()]);
        let bytes = encode(SEQUENCE, &[&kind, &encode(OCTET_STRING, &[&basic])]);
        encode(SEQUENCE, &[&encode(ENUMERATED, &[&[0]]), &encode(constructed(0), &[&bytes])])
    }
}

pub(super) const DAY: i64 = 86_400;

/// openssl judges OCSP answers by the clock.
pub(super) fn now() -> i64 {
    static NOW: std::sync::OnceLock<i64> = std::sync::OnceLock::new();
    *NOW.get_or_init(|| UnixTime::from(std::time::SystemTime::now()).seconds())
}

/// ecdsa-with-SHA256
fn algorithm() -> Vec<u8> {
    encode(SEQUENCE, &[&encode(OID, &[ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2").as_bytes()])])
}

pub(super) fn rdn(name: &str) -> Vec<u8> {
    let attribute = [encode(OID, &[oid::COMMON_NAME.as_bytes()]), encode(UTF8_STRING, &[name.as_bytes()])];
    encode(SEQUENCE, &[&attribute.concat()])
}

pub(super) fn directory(name: &str) -> Vec<u8> {
    encode(SEQUENCE, &[&encode(SET, &[&rdn(name)])])
}

fn digits(seconds: i64) -> String {
    UnixTime::from_seconds(seconds).to_string().chars().filter(|c| c.is_ascii_digit() || *c == 'Z').collect()
}

pub(super) fn utc(seconds: i64) -> Vec<u8> {
    encode(UTC_TIME, &[&digits(seconds).as_bytes()[2..]])
}

pub(super) fn generalized(seconds: i64) -> Vec<u8> {
    encode(GENERALIZED_TIME, &[digits(seconds).as_bytes()])
}

fn explicit_extensions(tag: u8, list: &[Ext]) -> Vec<u8> {
    let list: Vec<u8> = list.iter().flat_map(extension).collect();
    if list.is_empty() { list } else { encode(constructed(tag), &[&encode(SEQUENCE, &[&list])]) }
}

pub(super) fn extension((id, critical, value): &Ext) -> Vec<u8> {
    let critical = if *critical { encode(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    encode(SEQUENCE, &[&encode(OID, &[id.as_bytes()]), &critical, &encode(OCTET_STRING, &[value])])
}

/// An entry of a CRL, revoked so many seconds ago.
pub(super) fn entry(serial: u8, ago: i64, extensions: &[Ext]) -> Vec<u8> {
    let list: Vec<u8> = extensions.iter().flat_map(extension).collect();
    let list = if list.is_empty() { list } else { encode(SEQUENCE, &[&list]) };
    encode(SEQUENCE, &[&encode(INTEGER, &[&[serial]]), &utc(now() - ago), &list])
}

pub(super) fn reason(code: u8) -> Ext {
    (oid::REASON_CODE, false, encode(ENUMERATED, &[&[code]]))
}

pub(super) fn number(id: ObjectIdentifier, number: u8) -> Ext {
    (id, id == oid::DELTA_CRL_INDICATOR, encode(INTEGER, &[&[number]]))
}

pub(super) fn ca(usage: Option<u8>) -> Vec<Ext> {
    let mut list = vec![(oid::BASIC_CONSTRAINTS, true, encode(SEQUENCE, &[&encode(BOOLEAN, &[&[0xff]])]))];
    list.extend(usage.map(|bits| (oid::KEY_USAGE, true, encode(BIT_STRING, &[&[0, bits]]))));
    list
}

pub(super) fn usage(purpose: &str) -> Ext {
    let purpose = encode(OID, &[ObjectIdentifier::new_unwrap(purpose).as_bytes()]);
    (oid::EXT_KEY_USAGE, false, encode(SEQUENCE, &[&purpose]))
}

/// `[tag] GeneralNames` of one URI.
pub(super) fn uri(text: &str) -> Vec<u8> {
    encode(context(6), &[text.as_bytes()])
}

pub(super) fn dir(name: &[u8]) -> Vec<u8> {
    encode(constructed(4), &[name])
}

/// `distributionPoint [0] { fullName [0] … }`
pub(super) fn full(general_name: &[u8]) -> Vec<u8> {
    encode(constructed(0), &[&encode(constructed(0), &[general_name])])
}

/// `distributionPoint [0] { nameRelativeToCRLIssuer [1] … }`
pub(super) fn relative(name: &str) -> Vec<u8> {
    encode(constructed(0), &[&encode(constructed(1), &[&rdn(name)])])
}

pub(super) fn points(parts: &[&[u8]]) -> Ext {
    (oid::CRL_DISTRIBUTION_POINTS, false, encode(SEQUENCE, &[&encode(SEQUENCE, parts)]))
}

pub(super) fn scope(parts: &[&[u8]]) -> Ext {
    (oid::ISSUING_DISTRIBUTION_POINT, true, encode(SEQUENCE, parts))
}

pub(super) fn flag(number: u8) -> Vec<u8> {
    encode(context(number), &[&[0xff]])
}

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = base64_simd::STANDARD.encode_to_string(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

pub(super) fn write(folder: &Path, name: &str, certificates: &[&Certificate]) {
    let text: String = certificates.iter().map(|one| pem("CERTIFICATE", one.as_der())).collect();
    std::fs::write(folder.join(name), text).unwrap();
}

/// What a program of openssl says, on both of its voices.
pub(super) fn openssl(folder: &Path, words: &str) -> String {
    let output = Command::new("openssl").args(words.split(' ')).current_dir(folder).output().unwrap();
    [output.stdout, output.stderr].iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// Rows such that any two values of two dimensions meet in one of them, filled up to so many by chance.
pub(super) fn rows(sizes: &[usize], least: usize) -> Vec<Vec<usize>> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut chance = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below).unwrap()).unwrap()
    };
    let pairs_of = |row: &[usize]| -> Vec<(usize, usize, usize, usize)> {
        let two = |one: usize| (one + 1..row.len()).map(move |other| (one, row[one], other, row[other]));
        (0..row.len()).flat_map(two).collect()
    };
    let mut open = std::collections::BTreeSet::new();
    for one in 0..sizes.len() {
        for other in one + 1..sizes.len() {
            open.extend((0..sizes[one]).flat_map(|a| (0..sizes[other]).map(move |b| (one, a, other, b))));
        }
    }
    let mut rows = vec![vec![0; sizes.len()]];
    while !open.is_empty() || rows.len() < least {
        let mut best = (0, Vec::new());
        // Once all pairs have met, plainer rows.
        let often = if open.is_empty() { 5 } else { 3 };
        for _ in 0..30 {
            let mut row: Vec<usize> =
                sizes.iter().map(|size| if chance(often) > 0 { 0 } else { chance(*size) }).collect();
            // Begin with a pair that is still open.
            if let Some((one, a, other, b)) = open.iter().nth(chance(open.len().max(1))) {
                (row[*one], row[*other]) = (*a, *b);
            }
            let new = pairs_of(&row).iter().filter(|pair| open.contains(pair)).count();
            if new >= best.0 && !rows.contains(&row) {
                best = (new, row);
            }
        }
        if best.1.is_empty() {
            continue;
        }
        for pair in pairs_of(&best.1) {
            open.remove(&pair);
        }
        rows.push(best.1);
    }
    rows
}

/// A row, and all rows that differ from it in one dimension.
pub(super) fn around(base: &[usize], sizes: &[usize]) -> Vec<Vec<usize>> {
    let mut rows = vec![base.to_vec()];
    for (index, size) in sizes.iter().enumerate() {
        rows.extend((0..*size).filter(|value| *value != base[index]).map(|value| {
            let mut row = base.to_vec();
            row[index] = value;
            row
        }));
    }
    rows
}
