//! Mail as it is: handed in at one server, signed there where it is not yet, verified by another, put into a mailbox,
//! and fetched.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::daemon::{Milter, USER, program};
use crate::dovecot::Dovecot;
use crate::postfix::{Postfix, free_port, is_there};
use crate::python::{example, python};
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, NOT_AFTER, PASSWORD, Pki};
use crate::support::{Program, Ran, tool};

pub(crate) const ALICE: &str = "alice@example.org";
const CAROL: &str = "carol@example.net";
pub(crate) const BOB: &str = "bob@box.test";
/// In whose name the receiving server speaks.
pub(crate) const ID: &str = "mx.box.test";
/// Of the logins, at either server. Long enough that no accident writes it.
pub(crate) const USERS: [(&str, &str); 3] =
    [("alice", "alice-and-the-tortoise"), ("carol", "carol-sings-the-alto"), ("bob", "bob-is-your-uncle")];

pub(crate) struct Post {
    // In the order in which they end.
    sender: Postfix,
    receiver: Postfix,
    pub(crate) dovecot: Dovecot,
    _signs: Milter,
    _verifies: Milter,
    pub(crate) submissions: u16,
    pub(crate) submission: u16,
    folder: tempfile::TempDir,
    pki: Pki,
    _gpg: Gpg,
}

impl Post {
    /// None, and one line of output, where something of it is missing.
    pub(crate) fn new() -> Option<Self> {
        // What takes minutes to build comes last.
        if !is_there() {
            return None;
        }
        let (pki, gpg) = (Pki::new()?, Gpg::new()?);
        let (_, _) = (tool("dovecot")?, tool("python3")?);
        let program = program()?;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        write_keys(folder.path(), &pki, &gpg);
        let server = pki.server("localhost", NOT_AFTER);
        let dovecot = Dovecot::start(folder.path(), &USERS, &server)?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let signs = format!(
            "verify no\nauthserv-id {ID}\nkey alice {} password-file {}\nsign login alice from {ALICE} key alice\n",
            at("milter.p12"),
            at("milter.password"),
        );
        let signs = Milter::start(program, folder.path(), "signs", &signs, &[]);
        let anchors = format!(
            "authserv-id {ID}\nanchors {} any\nanchors {} {CAROL}\n",
            at("root.pem"),
            at("carol.asc")
        );
        let verifies = Milter::start(program, folder.path(), "verifies", &anchors, &[]);
        let certificate = format!(
            "smtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\n",
            server.0.display(),
            server.1.display()
        );
        let receiver = format!(
            "{certificate}smtpd_tls_security_level = encrypt\nvirtual_mailbox_domains = box.test\n\
             virtual_mailbox_maps = inline:{{ {{ {BOB} = bob/ }} }}\nvirtual_transport = lmtp:unix:{}\n",
            dovecot.lmtp().display()
        );
        let of_verifier = [verifies.address.clone()];
        let lmtp = "lmtp unix - - n - - lmtp\n";
        let receiver = Postfix::start_with(folder.path(), "receiver", &of_verifier, &receiver, lmtp);
        let [submissions, submission] = [(); 2].map(|()| free_port());
        let sender = format!(
            "{certificate}smtpd_sasl_type = dovecot\nsmtpd_sasl_path = {}\nsmtp_tls_security_level = secure\n\
             smtp_tls_CAfile = {}\nsmtp_tls_secure_cert_match = localhost\n\
             transport_maps = inline:{{ {{ box.test = smtp:[localhost]:{} }} }}\n",
            dovecot.auth().display(),
            pki.root().display(),
            receiver.port,
        );
        let who =
            "-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject";
        let ports = format!(
            "127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {who}\n\
             127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes {who}\n"
        );
        let of_signer = [signs.address.clone()];
        let sender = Postfix::start_with(folder.path(), "sender", &of_signer, &sender, &ports);
        Some(Self {
            sender,
            receiver,
            dovecot,
            _signs: signs,
            _verifies: verifies,
            submissions,
            submission,
            folder,
            pki,
            _gpg: gpg,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every port that somebody listens at.
    pub(crate) fn ports(&self) -> Vec<u16> {
        let Dovecot { imap, imaps, pop3, pop3s, .. } = self.dovecot;
        vec![self.submissions, self.submission, self.relay(), self.open(), imap, imaps, pop3, pop3s]
    }

    /// Between the servers.
    pub(crate) fn relay(&self) -> u16 {
        self.receiver.port
    }

    /// Where TLS is not asked for.
    pub(crate) fn open(&self) -> u16 {
        self.sender.port
    }

    /// Runs an example as one of the users.
    pub(crate) fn run(&self, program: Program, user: &str, words: &str) -> Ran {
        let netrc = self.folder().join(format!("{user}.netrc"));
        program
            .words(words)
            .env("NETRC", netrc)
            .env("SSL_CERT_FILE", self.pki.root())
            .folder(self.folder())
            .run()
    }

    /// Hands in a letter of this kind.
    fn submit(&self, kind: Kind, port: &str, server: &str) {
        let (user, from) = if kind.is_pgp() { ("carol", CAROL) } else { ("alice", ALICE) };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let date = Program::new("date").words("-R -u -d").arg(format!("@{now}")).ok();
        let draft = format!(
            "From: {from}\r\nTo: {BOB}\r\nSubject: A parcel\r\nDate: {}\r\n\
             Message-ID: <{kind:?}.{port}@client.test>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain\r\n\r\n{}\r\n",
            String::from_utf8(date).unwrap().trim(),
            text(kind, port)
        );
        fs::write(self.folder().join("draft.eml"), draft).unwrap();
        let words = match kind {
            Kind::ByTheServer => format!("{server} {from} {BOB} draft.eml"),
            Kind::SmimeSigned => format!("{server} alice.pem draft.eml"),
            Kind::SmimeEncrypted => format!("{server} alice.pem draft.eml root.pem bob.pem"),
            Kind::PgpSigned => format!("{server} carol.key draft.eml"),
            Kind::PgpEncrypted => format!("{server} carol.key draft.eml bob.asc bob.asc"),
        };
        let program = match kind {
            Kind::ByTheServer => python().unwrap().arg("-c").arg(UNSIGNED),
            _ => example("submit.py").unwrap(),
        };
        self.run(program, user, &words).ok();
    }

    /// Writes to Bob from outside, in Alice's name, with a forged word of the server.
    pub(crate) fn forge(&self, text: &str) {
        let before = self.dovecot.arrived("bob").len();
        let letter = format!(
            "Authentication-Results: {ID}; smime=pass body.smime-identifier={ALICE}\r\nFrom: {ALICE}\r\nTo: {BOB}\r\n\
             Subject: A parcel\r\nMessage-ID: <Forged.25@client.test>\r\n\r\n{text}\r\n"
        );
        fs::write(self.folder().join("forged.eml"), letter).unwrap();
        let program = python().unwrap().arg("-c").arg(FROM_OUTSIDE);
        self.run(program, "bob", &format!("{} {ALICE} {BOB} forged.eml", self.relay())).ok();
        self.wait_for(before + 1);
    }

    /// Fetches all letters, by IMAPS.
    pub(crate) fn fetched(&self) -> Vec<Fetched> {
        self.fetch(&format!("imaps://localhost:{}", self.dovecot.imaps))
    }

    fn fetch(&self, server: &str) -> Vec<Fetched> {
        let words = format!("{server} root.pem,carol.asc bob.key.pem bob.key");
        let ran = self.run(example("fetch.py").unwrap(), "bob", &words);
        let letters = format!("\n{}", ran.text());
        let letters = letters.split("\nletter ").skip(1).map(|letter| {
            let (number, verdict) = letter.split_once('\n').unwrap();
            let file = self.folder().join(format!("letter-{number}.eml"));
            let text = fs::read_to_string(&file).unwrap_or_default();
            let _ = fs::remove_file(file);
            Fetched { text, verdict: verdict.to_owned() }
        });
        let letters: Vec<Fetched> = letters.collect();
        let good = letters.iter().all(|letter| letter.outcome() == "good");
        assert_eq!(good, ran.succeeded, "{}{}", ran.stderr, ran.text());
        letters
    }

    /// What the receiving server wrote on the letters, by the first word of their Message-ID.
    pub(crate) fn results(&self) -> BTreeMap<String, String> {
        let mut results = BTreeMap::new();
        for letter in self.dovecot.arrived("bob") {
            let letter = String::from_utf8(letter).unwrap();
            let (head, _) = letter.split_once("\n\n").unwrap();
            let head = head.replace("\n ", " ").replace("\n\t", " ");
            let id = head.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap();
            let name = id.split('.').next().unwrap().to_owned();
            let own = format!("Authentication-Results: {ID};");
            let own: Vec<&str> = head.lines().filter_map(|line| line.strip_prefix(&own)).collect();
            assert_eq!(own.len(), 1, "{head}");
            let result = own[0].split_whitespace().next().unwrap().trim_end_matches(';').to_owned();
            let other = results.insert(name.clone(), result);
            assert!(other.is_none_or(|other| other == results[&name]), "{head}");
        }
        results
    }

    fn wait_for(&self, count: usize) {
        let start = Instant::now();
        while self.dovecot.arrived("bob").len() < count {
            let log = || format!("{}\n{}\n{}", self.sender.log(), self.receiver.log(), self.dovecot.log());
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "not all of {count} letters arrived: {}",
                log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Hands in a finished letter as it is.
const UNSIGNED: &str = "import submit, sys
server, sender, recipient, draft = sys.argv[1:]
with submit.connect(server) as smtp:
    smtp.sendmail(sender, recipient, open(draft, 'rb').read())
";

/// Hands in a letter as it is, without a login.
const FROM_OUTSIDE: &str = "import smtplib, ssl, sys
port, sender, recipient, letter = sys.argv[1:]
with smtplib.SMTP('localhost', int(port)) as smtp:
    smtp.starttls(context=ssl.create_default_context())
    smtp.sendmail(sender, recipient, open(letter, 'rb').read())
";

/// The people's keys, and what the milters read.
fn write_keys(folder: &Path, pki: &Pki, gpg: &Gpg) {
    let write = |name: &str, octets: &[u8]| fs::write(folder.join(name), octets).unwrap();
    let read = |path: &PathBuf| fs::read(path).unwrap();
    let (alice, bob) = (pki.leaf(ALICE, KeyType::P256), pki.leaf(BOB, KeyType::Rsa(2048)));
    write("alice.pem", &[read(&alice.key), read(&alice.chain)].concat());
    write("bob.pem", &read(&bob.chain));
    write("bob.key.pem", &[read(&bob.key), read(&bob.chain)].concat());
    write("root.pem", &read(&pki.root()));
    let people = [("carol", CAROL), ("bob", BOB)];
    for (name, mailbox) in people {
        let key = gpg.make_key_with(&format!("<{mailbox}>"), "ed25519", "cv25519");
        write(&format!("{name}.asc"), &gpg.certificate(&key));
        write(&format!("{name}.key"), &gpg.secret_key(&key));
    }
    for (user, password) in USERS {
        write(
            &format!("{user}.netrc"),
            format!("machine localhost login {user} password {password}\n").as_bytes(),
        );
    }
    for (name, octets) in [("milter.p12", read(&alice.pkcs12)), ("milter.password", PASSWORD.into())] {
        write(name, &octets);
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o400)).unwrap();
        Program::new("chown").arg(USER).arg(folder.join(name)).ok();
    }
}

/// How a letter is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    ByTheServer,
    SmimeSigned,
    SmimeEncrypted,
    PgpSigned,
    PgpEncrypted,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] =
        [Self::ByTheServer, Self::SmimeSigned, Self::SmimeEncrypted, Self::PgpSigned, Self::PgpEncrypted];

    fn is_pgp(self) -> bool {
        matches!(self, Self::PgpSigned | Self::PgpEncrypted)
    }
}

/// A letter, as its reader sees it.
pub(crate) struct Fetched {
    pub(crate) text: String,
    pub(crate) verdict: String,
}

impl Fetched {
    /// In one word, by what is shown.
    pub(crate) fn outcome(&self) -> String {
        self.verdict.split_whitespace().nth(1).unwrap_or_default().to_lowercase()
    }
}

/// What came of a letter of each kind, by either port, fetched by either protocol.
pub(crate) struct Course {
    /// By kind and ways, such as `465 IMAPS`: the outcome.
    pub(crate) outcomes: BTreeMap<(Kind, String), String>,
    /// What stands in each letter for its reader alone.
    pub(crate) texts: Vec<String>,
}

/// Handed in at the one, fetched by the other.
pub(crate) const WAYS: [&str; 4] = ["465 IMAPS", "465 POP3S", "587 IMAPS", "587 POP3S"];

fn text(kind: Kind, port: &str) -> String {
    format!("The parcel {kind:?} of {port} leaves on Monday, by the early ship.")
}

impl Post {
    /// A letter of each kind by each port, and all of them fetched by each protocol.
    pub(crate) fn course(&self) -> Course {
        let ports = [
            ("465", format!("submissions://localhost:{}", self.submissions)),
            ("587", format!("submission://localhost:{}", self.submission)),
        ];
        let sent: Vec<(Kind, &str)> =
            Kind::ALL.iter().flat_map(|kind| ports.iter().map(|(port, _)| (*kind, *port))).collect();
        for (kind, port) in &sent {
            let (_, server) = ports.iter().find(|(name, _)| name == port).unwrap();
            self.submit(*kind, port, server);
        }
        self.wait_for(sent.len());
        let mut outcomes = BTreeMap::new();
        let servers = [
            ("IMAPS", format!("imaps://localhost:{}", self.dovecot.imaps)),
            ("POP3S", format!("pop3s://localhost:{}", self.dovecot.pop3s)),
        ];
        for (protocol, server) in servers {
            let letters = self.fetch(&server);
            for (kind, port) in &sent {
                let letter = letters.iter().find(|letter| letter.text.contains(&text(*kind, port)));
                let outcome = letter.map_or_else(|| "missing".to_owned(), Fetched::outcome);
                outcomes.insert((*kind, format!("{port} {protocol}")), outcome);
            }
        }
        Course { outcomes, texts: sent.iter().map(|(kind, port)| text(*kind, port)).collect() }
    }
}
