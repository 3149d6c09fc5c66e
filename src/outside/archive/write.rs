//! Writing an archive.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use serde::Serialize;
use tar::{Builder, Header};

use super::manifest::{self, Anchor, Certificates, Fetched, Manifest, Pin, Root, Sending, Trust};
use super::record::EvidenceRecord;
use super::{DOMAIN, FETCHED, LETTER, MANIFEST, MEMORY, REPORT, SUMS, digest, malformed};
use crate::crypto::{Digest, HashAlgorithm, portable};
use crate::error::Error;
use crate::policy::Verdict;
use crate::protocol::Certificate;
use crate::report::{Report, hex};
use crate::trust::TrustStore;

const README: &str = include_str!("README.txt");

/// As `mailseal verify --json` prints it.
#[derive(Serialize)]
struct Printed<'a> {
    version: u32,
    verdict: &'a Verdict,
    report: &'a Report,
}

pub(super) fn archive(
    record: &EvidenceRecord<'_>,
    verdict: &Verdict,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut members = Members::new(out, record);
    members.add("README.txt", README.as_bytes())?;
    members.letter(record)?;
    members.add(REPORT, &report(record, verdict)?)?;
    let store = record.cx.store().ok_or_else(|| Error::misuse("trust that cannot be written down"))?;
    let trust = members.trust(store, record)?;
    let mut certificates = Certificates::default();
    // An anchor is found among the anchors.
    let anchored = |one: &&Certificate| !store.all_anchors().iter().any(|anchor| anchor.certificate == **one);
    for one in record.used.certificates.iter().filter(anchored) {
        certificates.known.push(members.certificate(one)?);
    }
    for one in record.opened.certificates() {
        certificates.letter.push(members.certificate(one)?);
    }
    let revocation = members.revocations(record)?;
    members.fetched(record)?;
    if let Some(remembered) = &record.used.remembered {
        members.add(MEMORY, &manifest::json(remembered)?)?;
    }
    if record.sending != Sending::default() {
        members.add(DOMAIN, &manifest::json(&record.sending)?)?;
    }
    let manifest = Manifest {
        version: manifest::VERSION,
        mailseal: env!("CARGO_PKG_VERSION").to_owned(),
        at: record.at.to_string(),
        policy: verdict.policy.clone(),
        outcome: super::check::outcome(verdict),
        trust,
        certificates,
        revocation,
        fetching: record.cx.fetching().is_some(),
        members: members.sums.clone(),
    };
    members.finish(&manifest)
}

fn report(record: &EvidenceRecord<'_>, verdict: &Verdict) -> Result<Vec<u8>, Error> {
    let printed = Printed { version: 1, verdict, report: &record.opened.report };
    let mut octets = serde_json::to_vec(&printed).map_err(|error| Error::misuse(error.to_string()))?;
    octets.push(b'\n');
    Ok(octets)
}

/// The members so far, by name with their digests.
struct Members<'o> {
    tar: Builder<&'o mut dyn Write>,
    sums: BTreeMap<String, String>,
    time: u64,
    most: usize,
    /// Octets that there is still room for, beside the letter.
    room: u64,
}

impl<'o> Members<'o> {
    fn new(out: &'o mut dyn Write, record: &EvidenceRecord<'_>) -> Self {
        let limits = record.cx.bounds();
        Self {
            tar: Builder::new(out),
            sums: BTreeMap::new(),
            time: u64::try_from(record.at.seconds()).unwrap_or(0),
            most: limits.archive_members,
            room: limits.archive_bytes,
        }
    }

    fn add(&mut self, name: &str, octets: &[u8]) -> Result<(), Error> {
        let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        // What would be too large to be read is not written.
        let limit = Error::Limit { name: "archive_bytes", limit: self.room };
        self.room = self.room.checked_sub(length).ok_or(limit)?;
        let sum = digest(&mut &*octets)?;
        self.append(name, length, &mut &*octets)?;
        self.sums.insert(name.to_owned(), sum);
        Ok(())
    }

    fn append(&mut self, name: &str, length: u64, octets: &mut dyn Read) -> Result<(), Error> {
        // Manifest and sums come last.
        if self.sums.len().saturating_add(2) > self.most {
            let limit = u64::try_from(self.most).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "archive_members", limit });
        }
        let mut header = Header::new_gnu();
        header.set_size(length);
        header.set_mode(0o644);
        header.set_mtime(self.time);
        self.tar.append_data(&mut header, name, octets).map_err(Error::io("writing an archive"))
    }

    fn letter(&mut self, record: &EvidenceRecord<'_>) -> Result<(), Error> {
        let length = record.letter.len();
        let digest = portable().digest(HashAlgorithm::Sha256).ok_or_else(|| Error::misuse("no SHA-256"))?;
        let mut hashed = Hashed { octets: record.letter.reader(0..length)?, digest, count: 0 };
        self.append(LETTER, length, &mut hashed)?;
        if hashed.count != length {
            return Err(Error::InputChanged);
        }
        self.sums.insert(LETTER.to_owned(), hex(&hashed.digest.finish()).to_ascii_lowercase());
        Ok(())
    }

    fn trust(&mut self, store: &TrustStore, record: &EvidenceRecord<'_>) -> Result<Trust, Error> {
        let mut trust = Trust::default();
        for anchor in store.all_anchors() {
            let file = self.certificate(&anchor.certificate)?;
            trust.anchors.push(Anchor { file, scope: anchor.scope.to_string() });
        }
        for (address, fingerprint) in store.pins_of(&record.used.addresses) {
            trust.pins.push(Pin { address: address.to_string(), fingerprint: fingerprint.clone() });
        }
        let roots = store.web_roots().into_iter();
        trust.roots = roots.map(|(fingerprint, amount)| Root { fingerprint, amount }).collect();
        Ok(trust)
    }

    /// By its fingerprint, once; OpenPGP certificates that differ elsewhere have numbers.
    fn certificate(&mut self, certificate: &Certificate) -> Result<String, Error> {
        let (octets, end) = match certificate {
            #[cfg(feature = "smime")]
            Certificate::X509(one) => (one.as_der().to_vec(), "der"),
            #[cfg(feature = "openpgp")]
            Certificate::Openpgp(one) => (one.octets()?, "pgp"),
        };
        let fingerprint = certificate.fingerprint();
        let sum = digest(&mut octets.as_slice())?;
        for number in 1..=self.most {
            let name = match number {
                1 => format!("certificates/{fingerprint}.{end}"),
                _ => format!("certificates/{fingerprint}-{number}.{end}"),
            };
            match self.sums.get(&name) {
                Some(known) if *known == sum => return Ok(name),
                Some(_) => {}
                None => {
                    self.add(&name, &octets)?;
                    return Ok(name);
                }
            }
        }
        Err(malformed(format!("too many certificates {fingerprint}")))
    }

    #[cfg(feature = "smime")]
    fn revocations(&mut self, record: &EvidenceRecord<'_>) -> Result<Vec<String>, Error> {
        let (crls, answers) = record.cx.known_revocations().octets();
        let crls = crls.map(|octets| (octets, "crl"));
        let mut names = Vec::new();
        for (octets, end) in crls.chain(answers.map(|octets| (octets, "ocsp"))) {
            let name = format!("revocation/{:04}.{end}", names.len().saturating_add(1));
            self.add(&name, octets)?;
            names.push(name);
        }
        Ok(names)
    }

    #[cfg(not(feature = "smime"))]
    fn revocations(&mut self, _: &EvidenceRecord<'_>) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }

    fn fetched(&mut self, record: &EvidenceRecord<'_>) -> Result<(), Error> {
        let mut index = Vec::new();
        for answer in &record.used.fetched {
            let purpose = super::replay::purpose(answer.purpose);
            let mut file = None;
            if let Ok(octets) = &answer.octets {
                let name = format!("fetched/{:04}.{purpose}", index.len().saturating_add(1));
                self.add(&name, octets)?;
                file = Some(name);
            }
            let body = digest(&mut answer.body.as_slice())?;
            index.push(Fetched { purpose, url: answer.url.clone(), body, file });
        }
        if index.is_empty() { Ok(()) } else { self.add(FETCHED, &manifest::json(&index)?) }
    }

    fn finish(mut self, manifest: &Manifest) -> Result<(), Error> {
        let json = manifest::json(manifest)?;
        self.add(MANIFEST, &json)?;
        let sums = manifest::sums(&manifest.members, &digest(&mut json.as_slice())?);
        self.add(SUMS, sums.as_bytes())?;
        self.tar.finish().map_err(Error::io("writing an archive"))
    }
}

/// Octets, and the digest of those that were read.
struct Hashed<'r> {
    octets: Box<dyn io::BufRead + 'r>,
    digest: Box<dyn Digest>,
    count: u64,
}

impl Read for Hashed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.octets.read(out)?;
        self.digest.update(out.get(..count).unwrap_or_default());
        self.count = self.count.saturating_add(u64::try_from(count).unwrap_or(0));
        Ok(count)
    }
}
