//! Between whom a letter was changed: DKIM and ARC signatures of dkimpy, alterMIME in between.

use std::path::Path;
use std::sync::Mutex;

use mailseal::Limits;
use mailseal::doctor::{BodyHash, Diagnosis, Outcome, compare, diagnose};
use mailseal::report::ChangeKind;

use crate::letters::{Signers, drafts};
use crate::support::{Program, missing, tool};
use crate::{at, breakers};

/// `sign` or `arc`, the domain, its key.
const PROGRAM: &str = r#"
import sys, dkim
verb, domain, key = sys.argv[1], sys.argv[2].encode(), open(sys.argv[3], "rb").read()
mail = sys.stdin.buffer.read()
if verb == "sign":
    mail = dkim.sign(mail, b"s", domain, key, canonicalize=(b"relaxed", b"relaxed")) + mail
else:
    for line in reversed(dkim.arc_sign(mail, b"s", domain, key, domain)):
        mail = line + mail
sys.stdout.buffer.write(mail)
"#;

struct Way {
    folder: tempfile::TempDir,
    signers: Signers,
}

impl Way {
    fn new() -> Option<Self> {
        let signers = Signers::new()?;
        tool("altermime")?;
        let dkim = Program::new("/usr/bin/python3").arg("-c").arg("import dkim").run();
        if !dkim.succeeded {
            assert!(std::env::var_os("MAILSEAL_REQUIRE_TOOLS").is_none(), "{}", dkim.stderr);
            println!("skipped: python3-dkim is missing");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        Program::new(tool("openssl").unwrap())
            .words("genrsa -out")
            .arg(key(folder.path()))
            .words("2048")
            .ok();
        Some(Self { folder, signers })
    }

    fn signed(&self, verb: &str, domain: &str, letter: &[u8]) -> Vec<u8> {
        let line = format!("Authentication-Results: {domain}; dkim=pass header.d=example.org\r\n");
        let letter = if verb == "arc" { [line.as_bytes(), letter].concat() } else { letter.to_vec() };
        let program = Program::new("/usr/bin/python3").arg("-c").arg(PROGRAM).arg(verb).arg(domain);
        program.arg(key(self.folder.path())).input(&letter).ok()
    }

    fn seen(&self, letter: &[u8]) -> Diagnosis {
        diagnose(&self.signers.cx, letter, at()).unwrap()
    }
}

fn key(folder: &Path) -> std::path::PathBuf {
    folder.join("key.pem")
}

fn received(from: &str, by: &str, letter: &[u8]) -> Vec<u8> {
    let line = format!("Received: from {from} by {by}; Mon, 1 Jan 2029 09:00:00 +0000\r\n");
    [line.as_bytes(), letter].concat()
}

fn footer(letter: &[u8]) -> Vec<u8> {
    let all = breakers::all();
    let list = all.iter().find(|one| one.name == "altermime --disclaimer, a list's").unwrap();
    list.run(letter, &Mutex::new(None)).unwrap()
}

#[test]
fn the_hop_is_named() {
    let Some(way) = Way::new() else { return };
    for signer in ["openssl", "gpg"] {
        let letter = way.signers.sign(&drafts()[0], signer);
        let sent = received("alice.example.org", "mx.example.org", &letter);
        let sent = way.signed("sign", "example.org", &sent);
        let there = received("mx.example.org", "in.lists.example.net", &sent);

        // The list changes it, then signs.
        let broken = way.signed("arc", "lists.example.net", &footer(&there));
        let seen = way.seen(&received("lists.example.net", "mx.example.com", &broken));
        assert_eq!(seen.outcome, Outcome::Mixed, "{seen:?}");
        let hop = seen.hop.unwrap();
        assert_eq!(
            (hop.after.as_deref(), hop.before.as_deref()),
            (Some("example.org"), Some("lists.example.net"))
        );
        assert_eq!(hop.through, ["in.lists.example.net"]);
        let hashes: Vec<_> = seen.trail.iter().filter_map(|station| station.body).collect();
        assert_eq!(hashes, [BodyHash::Earlier, BodyHash::Now]);

        // The list signs, and the receiver's own server changes it.
        let whole = way.signed("arc", "lists.example.net", &there);
        let broken = footer(&received("lists.example.net", "mx.example.com", &whole));
        let hop = way.seen(&broken).hop.unwrap();
        assert_eq!((hop.after.as_deref(), hop.before), (Some("lists.example.net"), None));
        assert_eq!(hop.through, ["mx.example.com"]);

        // Nobody changed it: there is no hop to name.
        let seen = way.seen(&whole);
        assert_eq!(seen.outcome, Outcome::Intact);
        assert!(seen.hop.as_ref().is_none_or(|hop| hop.after.is_none()), "{:?}", seen.hop);
    }
}

/// What was signed is not found: the hashes tell all the same.
#[test]
fn the_hop_of_what_is_not_explained() {
    let Some(way) = Way::new() else { return };
    let sent = way.signed("sign", "example.org", &way.signers.sign(&drafts()[0], "openssl"));
    let there = received("mx.example.org", "in.lists.example.net", &sent);
    let text = String::from_utf8(there).unwrap().replacen("on Monday", "on Friday", 1);
    let forged = way.signed("arc", "lists.example.net", text.as_bytes());
    let seen = way.seen(&forged);
    assert_eq!(seen.outcome, Outcome::Unexplained);
    let hop = seen.hop.unwrap();
    assert_eq!(
        (hop.after.as_deref(), hop.before.as_deref()),
        (Some("example.org"), Some("lists.example.net"))
    );
}

/// mlmmj writes fields and a footer outside of what is signed: all of it is named, and nothing broke.
#[test]
fn a_list_that_leaves_what_is_signed() {
    let Some(signers) = Signers::new() else { return };
    if !Path::new("/usr/bin/mlmmj-receive").exists() {
        missing("mlmmj is not installed");
        return;
    }
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor/programs/mlmmj.py");
    for signer in ["openssl", "gpg"] {
        let letter = signers.sign(&drafts()[0], signer);
        let list = Program::new("python3").arg(&program).arg("prefix=[papers]").arg("delheaders=Message-ID:");
        let list =
            list.arg("customheaders=List-ID: <papers.lists.example.org>").arg("footer=To unsubscribe: …");
        let received = list.input(&letter).ok();
        assert_eq!(diagnose(&signers.cx, &received, at()).unwrap().outcome, Outcome::Intact);
        let seen = compare(&letter, &received, &Limits::default()).unwrap();
        let kinds: Vec<ChangeKind> = seen.changes.iter().map(|change| change.kind).collect();
        for kind in [
            ChangeKind::SubjectTagged,
            ChangeKind::ListHeadersAdded,
            ChangeKind::HeaderRemoved,
            ChangeKind::PreambleChanged,
        ] {
            assert!(kinds.contains(&kind), "{kind:?}: {kinds:?}");
        }
        assert!(seen.changes.iter().all(|change| !change.breaks), "{:?}", seen.changes);
    }
}
