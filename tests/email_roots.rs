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
use std::path::Path;

use mailseal::policy::Outcome;
use mailseal::report::{Evidence, Trust};
use mailseal::trust::email_roots;
use mailseal::{Context, Opened, Opener, Policy, Scope, TrustStore, UnixTime};
use support::Program;

const MODULES: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/libnssckbi.so",
    "/usr/lib/aarch64-linux-gnu/libnssckbi.so",
    "/usr/lib/libnssckbi.so",
];

fn module() -> Option<&'static str> {
    let found = MODULES.iter().copied().find(|module| Path::new(module).exists());
    if found.is_none() {
        println!("skipped: the module of built-in objects of NSS is not installed");
    }
    found
}

fn committed(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/trust/email_roots").join(name)).unwrap()
}

/// The list is what the script makes of NSS's module, octet by octet, where the module is of the same version.
#[test]
fn r_c10_the_list_is_what_nss_trusts_for_mail() {
    let (Some(module), Some(python)) = (module(), support::tool("python3")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let table = String::from_utf8(committed("roots.tsv")).unwrap();
    let (date, versions) = table.lines().next().unwrap().split_once('\t').unwrap();
    let nss = versions.strip_prefix("NSS ").unwrap().split(',').next().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/trust/email_roots/generate.py");
    let program = Program::new(python).arg(script).arg(folder.path());
    program.arg(date).arg(nss).arg(module).ok();
    let fresh = fs::read_to_string(folder.path().join("roots.tsv")).unwrap();
    if fresh.lines().next() != table.lines().next() {
        return println!("skipped: this system has another list: {:?}", fresh.lines().next());
    }
    assert_eq!(fresh, table);
    assert!(fs::read(folder.path().join("roots.der")).unwrap() == committed("roots.der"));
}

/// Another reader of the module counts as many: those whose trust for mail is `C` to certutil.
#[test]
fn r_c10_certutil_counts_the_same() {
    let (Some(module), Some(certutil)) = (module(), support::tool("certutil")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sql:{}", folder.path().display());
    let certutil = || Program::new(&certutil).arg("-d").arg(&database);
    certutil().words("-N --empty-password").ok();
    fs::copy(module, folder.path().join("libnssckbi.so")).unwrap();
    let listed = certutil().words("-L -h all").ok();
    let for_mail = |line: &&str| {
        let flags = line.split_ascii_whitespace().last().unwrap_or_default();
        line.starts_with("Builtin Object Token:")
            && flags.split(',').nth(1).is_some_and(|flags| flags.contains('C'))
    };
    let count = String::from_utf8_lossy(&listed).lines().filter(for_mail).count();
    if count == 0 {
        return println!("skipped: certutil does not find the module");
    }
    assert_eq!(count, email_roots().len());
}

/// A letter of 2019 under GlobalSign, with the intermediate that came along.
const LETTER: &str = "rub-johnny/assets/valid-signed/manager-smime.eml";
const SENDER: &str = "manager@bigcorporation.de";
const ROOT: &str = "GlobalSign Root CA - R3";

fn open(trust: TrustStore) -> Option<Opened<'static>> {
    let letter = fs::read(support::corpora()?.join(LETTER)).unwrap();
    // When it was signed: 2019-02-15T15:17:47Z.
    Some(Opener::new(&Context::new(trust)).open(letter, UnixTime::from_seconds(1_550_243_867)).unwrap())
}

fn outcome(scope: &str) -> Option<Outcome> {
    let opened = open(TrustStore::new().email_roots(scope.parse().unwrap()))?;
    Some(Policy::standard().judge(&opened.report).outcome)
}

/// Without any option but the list, mail of a public authority is good at its time.
#[test]
fn r_c10_real_mail_is_good_by_the_list() {
    let Some(opened) = open(TrustStore::new().email_roots(Scope::any())) else { return };
    let policy = Policy::standard();
    assert_eq!(policy.judge(&opened.report).outcome, Outcome::Good);
    assert!(opened.require(&policy, &SENDER.parse().unwrap()).is_some());
    let signature = opened.report.signatures().next().unwrap();
    let Some(Evidence::CertificationPath { steps, scope, .. }) = signature.evidence.first() else { panic!() };
    println!("{LETTER}: {}", signature.evidence[0]);
    assert_eq!(scope, "any");
    let root = email_roots().iter().find(|root| root.certificate.fingerprint() == steps[0].fingerprint);
    assert_eq!(root.map(|root| root.label), Some(ROOT));
}

#[test]
fn r_c10_real_mail_is_good_in_its_scope_alone() {
    for (scope, good) in [
        ("*@bigcorporation.de", true),
        ("manager@bigcorporation.de for=sign issued-until=2019-12-31", true),
        ("*@bigcorporation.example", false),
        ("eve@bigcorporation.de", false),
        ("any for=encrypt", false),
        ("any until=2019-02-14", false),
        ("any issued-until=2018-01-01", false),
        // It is older than the policies that would say so.
        ("any assurance=mailbox", false),
    ] {
        let Some(outcome) = outcome(scope) else { return };
        assert_eq!(outcome == Outcome::Good, good, "{scope}");
    }
}

/// The same letter with its sender pinned: to its certificate, without any list; to another, in spite of the list.
#[test]
fn r_c10_real_mail_and_pins() {
    let Some(opened) = open(TrustStore::new()) else { return };
    let sender = SENDER.parse().unwrap();
    let signer = |opened: &Opened<'_>| opened.report.signatures().next().unwrap().signer.clone().unwrap();
    let own = signer(&opened).certificate.fingerprint;
    let pinned = open(TrustStore::new().pin(&sender, &own).unwrap()).unwrap();
    let verdict = Policy::standard().judge(&pinned.report);
    assert_eq!(verdict.outcome, Outcome::Good);
    assert!(verdict.text(&pinned.report).to_string().contains("(pinned)"));

    let other = "AB".repeat(32);
    let store = TrustStore::new().email_roots(Scope::any()).pin(&sender, &other).unwrap();
    let mismatch = open(store).unwrap();
    let verdict = Policy::standard().judge(&mismatch.report);
    assert_eq!(mismatch.report.signatures().next().unwrap().trust, Trust::Trusted);
    assert_eq!(verdict.outcome, Outcome::Caution);
    assert_eq!(verdict.reasons[0].code.as_str(), "pin_mismatch");
    assert!(mismatch.require(&Policy::standard(), &sender).is_none());
}
