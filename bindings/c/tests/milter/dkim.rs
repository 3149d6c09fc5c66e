//! DKIM by opendkim beside us: it signs what we have signed, and its signature holds where the letter arrives.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mailseal_core::Outcome;
use mailseal_core::outside::domain::{DkimSigner, DnsError, DomainCheck, RecordKind, Resolver};
use mailseal_core::report::DomainResult;

use crate::letters::{Fate, letter};
use crate::postfix::free_port;
use crate::smtp::Smtp;
use crate::stage::{BOB, Beside, Stage, fields};
use crate::support::{Program, tool};

struct Opendkim {
    child: Child,
    address: String,
}

impl Opendkim {
    fn start(folder: &Path, name: &str, lines: &str) -> Option<Self> {
        let (program, port, path) = (tool("opendkim")?, free_port(), folder.join(name));
        let common = "Background no\nUserID nobody\nRequireSafeKeys no\nSyslog no\n";
        fs::write(&path, format!("Socket inet:{port}@127.0.0.1\n{common}{lines}")).unwrap();
        let child =
            Command::new(program).arg("-f").arg("-x").arg(&path).stdin(Stdio::null()).spawn().unwrap();
        let mut running = Self { child, address: format!("inet:127.0.0.1:{port}") };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(running.child.try_wait().unwrap().is_none(), "opendkim ended");
            assert!(start.elapsed() < Duration::from_secs(30), "opendkim does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(running)
    }
}

impl Drop for Opendkim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A key, and the record that would be in the DNS.
fn key(folder: &Path) -> Option<()> {
    let openssl = tool("openssl")?;
    let run = |words: &str| Program::new(&openssl).folder(folder).words(words).ok();
    run("genrsa -out dkim.private 2048");
    let public = String::from_utf8(run("rsa -in dkim.private -pubout")).unwrap();
    let octets: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    let record = format!("s1._domainkey.example.org v=DKIM1; k=rsa; p={octets}\n");
    fs::write(folder.join("dkim.public"), record).unwrap();
    fs::set_permissions(folder.join("dkim.private"), fs::Permissions::from_mode(0o644)).unwrap();
    Some(())
}

/// One that signs for example.org, and one that verifies.
fn pair(folder: &Path) -> Option<(Opendkim, Opendkim)> {
    let at = |name: &str| folder.join(name).display().to_string();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    key(folder)?;
    let signing = format!(
        "Mode s\nDomain example.org\nSelector s1\nKeyFile {}\nCanonicalization relaxed/simple\n",
        at("dkim.private")
    );
    // Without the last two it takes out no more than fields with a result of DKIM, in the name of its host.
    let verifying = format!(
        "Mode v\nTestPublicKeys {}\nAuthservID dkim.box.test\nRemoveARAll yes\nRemoveARFrom dkim.box.test\n",
        at("dkim.public")
    );
    let signs = Opendkim::start(folder, "sign.conf", &signing);
    Some((signs?, Opendkim::start(folder, "verify.conf", &verifying)?))
}

/// opendkim stands before us where mail arrives, and its word counts; that of others does not.
#[test]
fn the_log_says_what_stands_behind_a_letter() {
    let folder = tempfile::tempdir().unwrap();
    let Some((signs, verifies)) = pair(folder.path()) else { return };
    let beside = Beside {
        at_sender: std::slice::from_ref(&signs.address),
        before_at_receiver: std::slice::from_ref(&verifies.address),
        ..Beside::default()
    };
    let Some(stage) = Stage::new(&beside) else { return };
    let said = stage.verifies.reload(&format!("{}trusted-results dkim.box.test\n", stage.verifying));
    assert!(!said.contains("stays as it was"), "{said}");
    let good =
        (1..40).map(letter).find(|letter| letter.login == "alice" && letter.fate == Fate::Signed).unwrap();
    assert_eq!(Smtp::connect(stage.sender.port, Some("alice")).send(good.from, BOB, &good.octets).code, 250);
    stage.receiver.wait_for(1, Duration::from_secs(60));
    let log = stage.verifies.log();
    assert!(log.contains(" domain-from=same_domain domain-signer=same_domain ms="), "{log}");
    // Whoever writes the fields of opendkim, at the top or below a line of his own.
    let claim = "Authentication-Results: dkim.box.test; dmarc=pass header.from=example.org\r\n";
    let received = "Received: from a by b with ESMTP; Mon, 5 Jan 2026 00:00:00 +0000\r\n";
    let mut outside = Smtp::connect(stage.receiver.port, None);
    for head in [format!("{claim}{received}"), format!("{received}{claim}")] {
        let mail = format!("{head}From: a@example.org\r\nTo: {BOB}\r\n\r\nHello\r\n");
        assert_eq!(outside.send("a@example.org", BOB, mail.as_bytes()).code, 250);
    }
    stage.receiver.wait_for(3, Duration::from_secs(60));
    let log = stage.verifies.log();
    assert_eq!(log.matches("verdict=none").count(), 2, "{log}");
    assert!(!log.contains("dmarc=") && log.matches("domain-from=").count() == 1, "{log}");
    // Nobody took them out: then only what stands above every Received line is read.
    let without = Stage::new(&Beside::default()).unwrap();
    without.verifies.reload(&format!("{}trusted-results dkim.box.test\n", without.verifying));
    let mut outside = Smtp::connect(without.receiver.port, None);
    for head in [format!("{received}{claim}"), format!("{claim}{received}")] {
        let mail = format!("{head}From: a@example.org\r\nTo: {BOB}\r\n\r\nHello\r\n");
        assert_eq!(outside.send("a@example.org", BOB, mail.as_bytes()).code, 250);
    }
    without.receiver.wait_for(2, Duration::from_secs(60));
    let log = without.verifies.log();
    assert_eq!(log.matches(" dmarc=pass domain-from=same_domain").count(), 1, "{log}");
}

#[test]
fn dkim_signs_after_us_and_still_holds() {
    let folder = tempfile::tempdir().unwrap();
    let Some((signs, verifies)) = pair(folder.path()) else { return };
    let beside = Beside {
        at_sender: std::slice::from_ref(&signs.address),
        at_receiver: std::slice::from_ref(&verifies.address),
        ..Beside::default()
    };
    let Some(stage) = Stage::new(&beside) else { return };
    let mut alice = Smtp::connect(stage.sender.port, Some("alice"));
    let sent: Vec<usize> = (1..40)
        .filter(|number| letter(*number).login == "alice" && letter(*number).fate == Fate::Signed)
        .collect();
    for number in &sent {
        let letter = letter(*number);
        let answer = alice.send(letter.from, BOB, &letter.octets);
        assert_eq!(answer.code, 250, "{answer:?}");
    }
    for arrived in stage.receiver.wait_for(sent.len(), Duration::from_secs(60)) {
        let text = String::from_utf8_lossy(&arrived);
        let results = fields(&arrived, "Authentication-Results").join("\n").replace('\t', " ");
        assert!(results.contains("dkim.box.test; dkim=pass"), "{results}\n{text}");
        assert!(results.contains("mx.box.test; smime=pass"), "{results}\n{text}");
        assert_eq!(stage.look(&arrived).0, Outcome::Good, "{text}");
        let checked = DomainCheck::new(Published(folder.path().join("dkim.public")));
        let evidence = checked.check(&arrived, None, std::time::SystemTime::now()).unwrap();
        assert_eq!(evidence.dkim[0].result, DomainResult::Pass, "{:?}\n{text}", evidence.dkim);
        let altered = text.replacen("Subject:", "Subject: Re:", 1);
        let evidence = checked.check(altered.as_bytes(), None, std::time::SystemTime::now()).unwrap();
        assert_ne!(evidence.dkim[0].result, DomainResult::Pass);
    }
}

/// The key that opendkim has in a file, for us.
struct Published(PathBuf);

impl Resolver for Published {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        let line = fs::read_to_string(&self.0).unwrap();
        let (known, record) = line.trim_end().split_once(' ').unwrap();
        match kind {
            RecordKind::Txt if name == known => Ok(vec![record.as_bytes().to_vec()]),
            _ => Err(DnsError::NoSuchName),
        }
    }
}

/// Our signatures for the domain, as opendkim finds them at the receiver.
#[test]
fn we_sign_for_the_domain_and_opendkim_agrees() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(()) = key(folder.path()) else { return };
    let public = folder.path().join("dkim.public");
    let verifying = format!("Mode v\nTestPublicKeys {}\nAuthservID dkim.box.test\n", public.display());
    let Some(verifies) = Opendkim::start(folder.path(), "verify.conf", &verifying) else { return };
    let beside = Beside { at_receiver: std::slice::from_ref(&verifies.address), ..Beside::default() };
    let Some(stage) = Stage::new(&beside) else { return };
    let pem = fs::read(folder.path().join("dkim.private")).unwrap();
    let signer = DkimSigner::load(&pem, "example.org", "s1").unwrap();
    let mut outside = Smtp::connect(stage.receiver.port, None);
    // Without a Date, which the server puts in.
    for (body, result) in
        [("Hello\r\n", "pass"), ("two  blanks \r\n\r\n\r\n", "pass"), ("ALTERED\r\n", "fail")]
    {
        let letter = format!(
            "From: a@example.org\r\nTo: {BOB}\r\nSubject: {result}\r\nMessage-ID: <{result}@x>\r\n\r\n{body}"
        );
        let mut signed = Vec::new();
        signer.sign(letter.as_bytes(), std::time::SystemTime::now(), &mut signed).unwrap();
        let sent = String::from_utf8(signed).unwrap().replace("ALTERED", "altered");
        let answer = outside.send("a@example.org", BOB, sent.as_bytes());
        assert_eq!(answer.code, 250, "{answer:?}");
    }
    for arrived in stage.receiver.wait_for(3, Duration::from_secs(60)) {
        let text = String::from_utf8_lossy(&arrived);
        let result = fields(&arrived, "Subject").join("");
        let results = fields(&arrived, "Authentication-Results").join("\n").replace('\t', " ");
        assert!(results.contains(&format!("dkim={}", result.trim())), "{results}\n{text}");
    }
}
