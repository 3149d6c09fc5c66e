//! The roots that Mozilla trusts for e-mail: that the list is NSS's own, and that real mail is good by it.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(feature = "email-roots")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use mailseal::policy::Outcome;
use mailseal::report::{Assurance, Evidence};
use mailseal::{Context, Opened, Opener, Policy, Scope, TrustStore, UnixTime};
use support::Program;

#[test]
fn discover() {
    let Some(corpora) = support::corpora() else { return };
    let mut found = Vec::new();
    files(&corpora, &mut found);
    for path in found {
        let Ok(letter) = fs::read(&path) else { continue };
        let text = String::from_utf8_lossy(&letter);
        if !text.contains("pkcs7") || letter.len() > 4_000_000 {
            continue;
        }
        let open = |trust: TrustStore, at: i64| {
            Opener::new(&Context::new(trust)).open(letter.clone(), UnixTime::from_seconds(at)).ok()
        };
        let Some(first) = open(TrustStore::new(), 1_500_000_000) else { continue };
        for time in first.report.signatures().filter_map(|one| one.claimed_time) {
            let opened = open(TrustStore::new().email_roots(Scope::any()), time.seconds()).unwrap();
            let verdict = Policy::standard().judge(&opened.report);
            for signature in opened.report.signatures() {
                let why: Vec<String> = signature.evidence.iter().map(ToString::to_string).collect();
                let rejected: Vec<String> =
                    signature.rejected.iter().take(1).map(|one| one.reason.clone()).collect();
                let issuer = signature.signer.as_ref().map(|one| one.certificate.issuer.clone());
                println!(
                    "{} {time} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                    path.display(),
                    verdict.outcome,
                    verdict.reasons.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(),
                    signature.integrity,
                    signature.trust,
                    why,
                    rejected,
                    issuer
                );
            }
        }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}
