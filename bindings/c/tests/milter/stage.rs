//! Two servers and their milters: mail goes in at the sender's, and lies in a Maildir at the receiver's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mailseal_core::{Context, Opener, Outcome, Policy, Report, Scope, TrustStore, UnixTime};

use crate::daemon::{Milter, USER, program};
use crate::postfix::{Postfix, is_there};
use crate::support::Program;
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, PASSWORD, Pki};

pub const ALICE: &str = "alice@example.org";
pub const CAROL: &str = "carol@example.net";
pub const BOB: &str = "bob@box.test";
/// In whose name the receiver speaks.
pub const ID: &str = "mx.box.test";

pub struct Stage {
    // In the order in which they end.
    pub sender: Postfix,
    pub receiver: Postfix,
    pub signs: Milter,
    pub verifies: Milter,
    pub trust: TrustStore,
    pub signing: String,
    pub verifying: String,
    pub folder: tempfile::TempDir,
    _pki: Pki,
    _gpg: Gpg,
}

/// What differs from one test to another.
#[derive(Default)]
pub struct Beside<'s> {
    /// Milters after ours, where mail is sent and where it arrives.
    pub at_sender: &'s [String],
    pub at_receiver: &'s [String],
    /// And one before ours, where it arrives.
    pub before_at_receiver: &'s [String],
    /// Words before our program.
    pub wrapper: &'s [&'s str],
    pub program: Option<&'s Path>,
    /// Whether the receiver remembers senders, in `state/memory`.
    pub remembers: bool,
}

impl Stage {
    /// None, and one line of output, where something of it is missing.
    pub fn new(beside: &Beside<'_>) -> Option<Self> {
        let program = match beside.program {
            Some(program) => program,
            None => program()?,
        };
        if !is_there() {
            return None;
        }
        let (pki, gpg) = (Pki::new()?, Gpg::new()?);
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let carol = gpg.make_key(&format!("Carol <{CAROL}>"), "ed25519");
        gpg.words(&format!("--quick-add-key {carol} cv25519 encr never")).ok();
        let certificate = gpg.certificate(&carol);
        let own = |name: &str, octets: &[u8]| own(folder.path(), name, octets);
        own("alice.p12", &fs::read(&pki.leaf(ALICE, KeyType::P256).pkcs12).unwrap());
        own("alice.password", PASSWORD.as_bytes());
        own("carol.key", &gpg.secret_key(&carol));
        own("root.pem", &fs::read(pki.root()).unwrap());
        own("carol.cert", &certificate);
        let at = |name: &str| folder.path().join(name).display().to_string();
        let signing = format!(
            "verify no\nauthserv-id {ID}\nkey alice {} password-file {}\nkey carol {}\n\
             sign login alice from {ALICE} key alice\nsign login carol from {CAROL} key carol\n",
            at("alice.p12"),
            at("alice.password"),
            at("carol.key"),
        );
        let mut verifying = format!(
            "authserv-id {ID}\nanchors {} any\nanchors {} {CAROL}\n",
            at("root.pem"),
            at("carol.cert"),
        );
        if beside.remembers {
            fs::create_dir(folder.path().join("state")).unwrap();
            Program::new("chown").arg(USER).arg(folder.path().join("state")).ok();
            verifying += &format!("memory {}\n", at("state/memory"));
        }
        let signs = Milter::start(program, folder.path(), "signs", &signing, beside.wrapper);
        let verifies = Milter::start(program, folder.path(), "verifies", &verifying, beside.wrapper);
        let milters = |first: &Milter, then: &[String]| [std::slice::from_ref(&first.address), then].concat();
        let at_receiver = [beside.before_at_receiver, &milters(&verifies, beside.at_receiver)].concat();
        let receiver = Postfix::start(
            folder.path(),
            "receiver",
            &at_receiver,
            "virtual_mailbox_domains = box.test\nvirtual_mailbox_maps = inline:{ { bob@box.test = bob/ } }\n\
             cleanup_replace_stray_cr_lf = no\n",
        );
        let there = format!(
            "transport_maps = inline:{{ {{ box.test = smtp:[127.0.0.1]:{} }} }}\nsmtp_destination_concurrency_limit = 8\n",
            receiver.port
        );
        let sender = Postfix::start(folder.path(), "sender", &milters(&signs, beside.at_sender), &there);
        let trust = TrustStore::new().anchors(&fs::read(pki.root()).unwrap(), Scope::any()).unwrap();
        let trust = trust.anchors(&certificate, Scope::any()).unwrap();
        Some(Self {
            sender,
            receiver,
            signs,
            verifies,
            trust,
            signing,
            verifying,
            folder,
            _pki: pki,
            _gpg: gpg,
        })
    }

    /// What mailseal itself sees in a letter that arrived.
    pub fn look(&self, letter: &[u8]) -> (Outcome, Report) {
        let now = UnixTime::from(std::time::SystemTime::now());
        let opened = Opener::new(&Context::new(self.trust.clone())).open(letter, now).unwrap();
        (Policy::standard().judge(&opened.report).outcome, opened.report)
    }
}

fn open_to_all(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A file that only the milter reads.
fn own(folder: &Path, name: &str, octets: &[u8]) {
    let path = folder.join(name);
    fs::write(&path, octets).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    Program::new("chown").arg(USER).arg(&path).ok();
}

/// The values of a field in a letter, unfolded.
pub fn fields(letter: &[u8], name: &str) -> Vec<String> {
    let end = letter.windows(2).position(|pair| pair == b"\n\n").map_or(letter.len(), |at| at + 1);
    let headers = mailseal_core::mime::Headers::new(&letter[..end]);
    let named = headers.fields().filter(|field| field.name.eq_ignore_ascii_case(name));
    named.map(|field| String::from_utf8_lossy(&field.unfolded()).trim().to_owned()).collect()
}
