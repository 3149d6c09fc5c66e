//! `mailseal bulk`: what it refuses, and what servers get of it. The servers are Python's; letters are verified by openssl.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::people::{AT, People, Shell, error, expect, people};
use crate::support::pki::NOT_AFTER;
use crate::support::{Program, tool};

/// As much of RFC 5321 as is needed. `MODE CERTIFICATE KEY LOG`: every line that it hears goes to the log, with `tls` or
/// `clear` in front. Of a letter to `lost@…` it keeps the answer for itself, once.
const SERVER: &str = r#"
import socketserver, ssl, sys
mode, certificate, key, log = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
lost = set()
class Smtp(socketserver.StreamRequestHandler):
    def handle(self):
        try: self.talk()
        except (ssl.SSLError, ConnectionError): pass
    def begin_tls(self):
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile, self.tls = self.request.makefile('rb'), self.request.makefile('wb', 0), True
    def note(self, *lines):
        # In one call: others write there too.
        with open(log, 'ab', 0) as out: out.write(b''.join(lines))
    def talk(self):
        self.tls = False
        if mode == 'implicit': self.begin_tls()
        say = lambda line: self.wfile.write(line + b'\r\n')
        say(b'220 here')
        to = b''
        while line := self.rfile.readline():
            self.note(b'tls ' if self.tls else b'clear ', line)
            verb = line.split(b':')[0].split()[0].upper()
            if verb == b'EHLO':
                offers = [b'250-here', b'250-AUTH PLAIN LOGIN']
                if not self.tls and mode != 'plain': offers.append(b'250-STARTTLS')
                say(b'\r\n'.join(offers + [b'250 HELP']))
            elif verb == b'STARTTLS':
                say(b'220 go\r\n250-here\r\n250 AUTH PLAIN' if mode == 'injected' else b'220 go')
                self.begin_tls()
            elif verb == b'AUTH': say(b'235 welcome')
            elif verb == b'RCPT':
                to = line.split(b'<')[1].split(b'>')[0]
                say(b'550 nobody here' if b'refused' in to else b'450 not now' if b'later' in to else b'250 ok')
            elif verb == b'DATA':
                say(b'354 go on')
                lines = list(iter(self.rfile.readline, b'.\r\n'))
                self.note(b'letter ' + to + b'\n', *lines, b'end\n')
                if b'lost' in to and to not in lost:
                    lost.add(to)
                    return
                say(b'250 taken')
            elif verb == b'QUIT':
                say(b'221 bye')
                return
            else: say(b'250 ok')
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
with Server(('127.0.0.1', 0), Smtp) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"#;

struct Server {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Server {
    fn start(shell: &Shell, people: &People, mode: &str, host: &str, end: &str) -> Option<Self> {
        let (certificate, key) = people.pki.server(host, end);
        let log = shell.path(&format!("{mode}-{host}-{end}.log"));
        let mut command = Command::new(tool("python3")?);
        command.args(["-c", SERVER, mode]).args([&certificate, &key, &log]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self { child, port: line.trim().parse().unwrap(), log })
    }

    /// What it heard.
    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The letters that it got, by recipient.
    fn letters(&self) -> BTreeMap<String, Vec<String>> {
        let mut letters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for letter in self.log().split("letter ").skip(1) {
            let (to, text) = letter.split_once('\n').unwrap();
            letters.entry(to.to_owned()).or_default().push(text.split_once("end\n").unwrap().0.to_owned());
        }
        letters
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const TEMPLATE: &str =
    "From: alice@example.org\nTo: {{name}} <{{email}}>\nSubject: For {{name}}\n\nDear {{name}},\n.\n..dots\n";

fn shell(people: &People, rows: &str) -> Shell {
    let shell = Shell::new(people);
    shell.file("letter.eml", TEMPLATE.as_bytes());
    shell.file("people.csv", format!("email,name\n{rows}").as_bytes());
    shell
}

fn words(place: &str) -> String {
    format!(
        "bulk --key alice.p12 --password-file password --at {AT} --journal run.journal --template letter.eml \
         --recipients people.csv {place}"
    )
}

#[test]
fn dkim_comes_last() {
    let Some(people) = people() else { return };
    let shell = shell(&people, "b@example.org,B\n");
    people.pki.openssl("genrsa -traditional -out").arg(shell.path("dkim.pem")).ok();
    let dkim = "--dkim-domain example.org --dkim-selector s1 --dkim-key dkim.pem --maildir out";
    expect(0, &shell.run(&words(dkim)));
    let [name] = shell.names("out/new").try_into().unwrap();
    let letter = shell.read(&format!("out/new/{name}"));
    assert!(letter.starts_with(b"DKIM-Signature: v=1; a=rsa-sha256;"));
    let verify = people.pki.openssl("cms -verify -CAfile root.pem -attime 1900000000");
    verify.input(&letter).ok();
    people.pki.openssl("genrsa -traditional -out").arg(shell.path("dkim.pem")).ok();
    let output = shell.run(&words(dkim));
    assert!(output.status.code() == Some(1) && error(&output).contains("dkim"), "{}", error(&output));
}

/// The password of the login; long enough that no accident writes it.
const LOGIN: &str = "--user alice --login-file login --server-ca root.pem";

#[test]
fn a_server_that_is_not_who_it_should_be_gets_no_password_and_no_letter() {
    let Some(people) = people() else { return };
    let shell = shell(&people, "b@example.org,B\n");
    shell.file("login", b"the-password-of-the-login\n");
    for (mode, scheme, host, end) in [
        ("implicit", "smtps", "other.test", NOT_AFTER),
        ("implicit", "smtps", "localhost", "20250101000000Z"),
        ("starttls", "smtp", "other.test", NOT_AFTER),
        ("plain", "smtp", "localhost", NOT_AFTER),
        ("plain", "smtps", "localhost", NOT_AFTER),
        ("injected", "smtp", "localhost", NOT_AFTER),
    ] {
        let Some(server) = Server::start(&shell, &people, mode, host, end) else { return };
        let place = format!("--send {scheme}://localhost:{} {LOGIN}", server.port);
        let said = shell.run(&words(&place));
        assert_eq!(said.status.code(), Some(2), "{mode} {host}: {}", error(&said));
        let log = server.log();
        let clear = log.lines().filter(|line| line.starts_with("clear "));
        assert!(
            !clear.into_iter().any(|line| line.contains("AUTH ") || line.contains("MAIL")),
            "{mode}: {log}"
        );
        assert!(!log.contains("letter "), "{mode} {host}: {log}");
        assert!(mode == "injected" || !log.contains("AUTH PLAIN "), "{mode} {host}: {log}");
        assert!(!shell.path("run.journal").exists(), "{mode}");
    }
}

#[test]
fn a_letter_whose_answer_is_lost_comes_again_and_no_other() {
    let Some(people) = people() else { return };
    let rows = "b@example.org,B\nlost@example.org,Zoë\nrefused@example.org,C\nlater@example.org,D\n";
    let shell = shell(&people, rows);
    shell.file("login", b"the-password-of-the-login\n");
    for (mode, scheme) in [("implicit", "smtps"), ("starttls", "smtp")] {
        let Some(server) = Server::start(&shell, &people, mode, "localhost", NOT_AFTER) else { return };
        let _ = fs::remove_file(shell.path("run.journal"));
        let words = words(&format!("--json --send {scheme}://localhost:{} {LOGIN}", server.port));
        let first = shell.json(1, &words);
        let became: Vec<_> = first.iter().filter_map(|line| line["became"].as_str()).collect();
        assert_eq!((became.len(), first.last().unwrap()["delivered"].as_u64()), (3, Some(1)), "{first:?}");
        let second = shell.json(1, &words);
        let (last, others) = second.split_last().unwrap();
        assert_eq!(
            (&last["delivered"], &last["before"], &last["refused"]),
            (&1.into(), &1.into(), &1.into())
        );
        assert_eq!((others.len(), &others[0]["letter"]), (1, &"later@example.org".into()), "tried no more");
        let letters = server.letters();
        let counts: Vec<_> = letters.iter().map(|(to, copies)| (to.as_str(), copies.len())).collect();
        assert_eq!(counts, [("b@example.org", 1), ("lost@example.org", 2)]);
        let id =
            |letter: &str| letter.lines().find(|line| line.starts_with("Message-ID: ")).unwrap().to_owned();
        let lost = &letters["lost@example.org"];
        assert_eq!(id(&lost[0]), id(&lost[1]));
        assert!(server.log().contains("tls MAIL FROM:<alice@example.org>"));
        for letter in letters.values().flatten() {
            let letter = letter.replace("\r\n.", "\r\n");
            let verify = people.pki.openssl("cms -verify -CAfile root.pem -attime 1900000000");
            // Dots at the beginnings of lines are as they were signed.
            verify.input(letter.as_bytes()).ok();
        }
    }
}

#[test]
fn what_cannot_be_filled_is_said_before_anything_is_written() {
    let Some(people) = people() else { return };
    for (rows, said) in [
        ("b@example.org,B\nbob,C\n", "bob"),
        ("b@example.org,B\nb@example.org,C\n", "two rows"),
        ("b@example.org,B\nc@example.org\n", "people.csv"),
    ] {
        let shell = shell(&people, rows);
        let output = shell.run(&words("--maildir out"));
        assert!(
            matches!(output.status.code(), Some(1 | 2)) && error(&output).contains(said),
            "{}",
            error(&output)
        );
        assert!(!shell.path("out").exists() && !shell.path("run.journal").exists());
    }
    let shell = shell(&people, "b@example.org,B\n");
    shell.file("letter.eml", TEMPLATE.replace("{{name}}", "{{nmae}}").as_bytes());
    assert!(error(&shell.run(&words("--maildir out"))).contains("no value nmae; there are email, name"));
    shell.file("letter.eml", TEMPLATE.as_bytes());
    let without = words("").replace("--template letter.eml --recipients people.csv", "");
    assert_eq!(shell.run(&without).status.code(), Some(2), "neither --send nor --maildir");
    let output = shell.run(&words("--maildir out --user news"));
    assert!(output.status.code() == Some(2) && error(&output).contains("--user"), "{}", error(&output));
    for url in ["http://localhost", "smtps://news:geheim@localhost"] {
        let output = shell.run(&words(&format!("--send {url}")));
        assert_eq!(output.status.code(), Some(2));
        assert!(!error(&output).contains("geheim"), "{}", error(&output));
    }
}

#[test]
fn another_run_takes_another_journal() {
    let Some(people) = people() else { return };
    let shell = shell(&people, "b@example.org,B\n");
    assert_eq!(expect(0, &shell.run(&words("--maildir out"))), "1 delivered\n");
    assert_eq!(expect(0, &shell.run(&words("--maildir out"))), "1 delivered before\n");
    assert_eq!(expect(0, &shell.in_japanese(&words("--maildir out"))), "1 前回までに配送済み\n");
    for (change, said) in
        [("--maildir elsewhere", "to"), ("--maildir out --bounces x@example.org", "bounces")]
    {
        let output = shell.run(&words(change));
        assert!(output.status.code() == Some(1) && error(&output).contains(said), "{}", error(&output));
    }
    let output = shell.run(&words("--maildir out").replace("alice.p12", "bob.p12"));
    assert!(output.status.code() == Some(1) && error(&output).contains("keys"), "{}", error(&output));
    shell.file("people.csv", b"email,name\nb@example.org,Another\n");
    assert!(error(&shell.run(&words("--maildir out"))).contains("another one than when this run was begun"));
    shell.file("letter.eml", b"From: alice@example.org\nTo: {{email}}\n\nx\n");
    assert!(error(&shell.run(&words("--maildir out"))).contains("template"));
    assert_eq!(shell.names("out/new").len(), 1);
}

#[test]
fn finished_letters_from_folders_and_standard_input() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    let draft = |to: &str| format!("From: alice@example.org\nTo: {to}\nSubject: x\n\nFrom here on.\n");
    for folder in ["drafts/new", "drafts/cur", "drafts/tmp"] {
        fs::create_dir_all(shell.path(folder)).unwrap();
    }
    shell.file("drafts/new/1", draft("b@example.org").as_bytes());
    shell.file("drafts/cur/2:2,S", draft("c@example.org").as_bytes());
    let bulk = format!("bulk --key alice.p12 --password-file password --at {AT}");
    let words = format!("{bulk} --journal 1.journal --maildir out --jobs 2 drafts");
    assert_eq!(expect(0, &shell.run(&words)), "2 delivered\n");
    fs::rename(shell.path("drafts/new/1"), shell.path("drafts/cur/1:2,")).unwrap();
    shell.file("drafts/new/3", b"From: eve@example.com\nTo: x@example.org\n\nx\n");
    let again = shell.run(&words);
    assert_eq!(expect(1, &again), "2 delivered before, 1 not signed\n");
    assert!(
        error(&again).contains("3: not signed: refused: the key does not name eve@example.com"),
        "{}",
        error(&again)
    );

    let line = "From a@b Sun Nov 22 10:02:00 2026\n";
    let escaped = |to: &str| draft(to).replace("\nFrom here", "\n>From here");
    let mbox = format!("{line}{}\n{line}{}", escaped("d@example.org"), escaped("e@example.org"));
    let input = shell.file("drafts.mbox", mbox.as_bytes());
    let piped = shell.piped(&format!("{bulk} --journal 2.journal --maildir other --rate 1000/s"), &input);
    assert_eq!(expect(0, &piped), "2 delivered\n");
    for name in shell.names("other/new") {
        let letter = String::from_utf8(shell.read(&format!("other/new/{name}"))).unwrap();
        // Its own escape of such lines: quoted-printable.
        assert!(letter.contains("\r\n=46rom here on.") && !letter.contains(">From"), "{letter}");
    }
}

#[test]
fn a_footer_outside_of_what_is_signed() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    let draft = "From: alice@example.org\nTo: list@example.org\nSubject: x\nDate: Sun, 17 Mar 2030 17:46:40 +0000\n\nHi\n";
    shell.file("draft.eml", draft.as_bytes());
    shell.file("footer.txt", "-- \nTo unsubscribe: https://lists.example/leave\nÜber\n".as_bytes());
    expect(
        0,
        &shell.run(&format!("sign --key alice.p12 --password-file password --at {AT} --out s.eml draft.eml")),
    );
    let listed = shell.json(0, "footer --text footer.txt --out listed.eml --json s.eml");
    assert_eq!(listed[0]["footer"], "wrapped");
    let [signed, letter] = ["s.eml", "listed.eml"].map(|name| String::from_utf8(shell.read(name)).unwrap());
    let body = signed.split_once("\r\n\r\n").unwrap().1;
    assert!(letter.contains(body), "octet for octet");
    // As other programs see it: the first part is a signed letter of its own, the second is text.
    let python = "import email, email.policy, sys\nletter = email.message_from_file(open(sys.argv[1], newline=''), policy=email.policy.SMTP)\n\
                  first, second = letter.iter_parts()\nassert first.get_content_type() == 'multipart/signed'\nprint(second.get_content())\n";
    let Some(program) = tool("python3") else { return };
    let seen = Command::new(program).args(["-c", python]).arg(shell.path("listed.eml")).output().unwrap();
    let text = String::from_utf8(seen.stdout).unwrap().replace("\r\n", "\n");
    assert!(text.contains("To unsubscribe: https://lists.example/leave\nÜber"), "{text}");
    let inner = letter.find("Content-Type: multipart/signed").unwrap();
    let verify = people.pki.openssl("cms -verify -CAfile root.pem -attime 1900000000");
    assert!(verify.input(format!("MIME-Version: 1.0\r\n{}", &letter[inner..]).as_bytes()).run().succeeded);
    let verdict =
        shell.json(1, &format!("verify --no-trust-folder --anchor root.pem --at {AT} --json listed.eml"));
    assert_eq!(verdict[0]["verdict"]["outcome"], "caution", "{}", verdict[0]);
    assert_eq!(verdict[0]["report"]["uncovered"][0]["looks_like"], "list_footer");

    gpg_verifies_the_inner_part(&people, &shell);

    let encrypted = people.gpg(
        "alice@example.org",
        "--recipient carol@example.net",
        b"Content-Type: text/plain\r\n\r\nHi\r\n",
    );
    shell.file("e.eml", &encrypted);
    let left = shell.run("footer --text footer.txt e.eml");
    assert_eq!(left.stdout, encrypted);
    assert!(error(&left).contains("stays as it is"));
}

fn gpg_verifies_the_inner_part(people: &People, shell: &Shell) {
    let draft = "From: carol@example.net\nTo: list@example.org\nSubject: x\n\nGr\u{fc}\u{df}e  \nFrom here\n";
    shell.file("carol.eml", draft.as_bytes());
    expect(0, &shell.run("sign --key carol.key --cert carol.asc --out p.eml carol.eml"));
    expect(0, &shell.run("footer --text footer.txt --out p-listed.eml p.eml"));
    let letter = String::from_utf8(shell.read("p-listed.eml")).unwrap();
    let inner = &letter[letter.find("Content-Type: multipart/signed").unwrap()..];
    let boundary = inner.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let parts: Vec<&str> = inner.split(&format!("\r\n--{boundary}")).collect();
    let (content, signature) = (parts[1].strip_prefix("\r\n").unwrap(), parts[2]);
    let signature = &signature[signature.find("-----BEGIN").unwrap()..];
    let verified = people.gpg.verify(signature.as_bytes(), content.as_bytes());
    assert!(verified.succeeded && verified.text().contains("GOODSIG"), "{}", verified.text());
    let changed = people.gpg.verify(signature.as_bytes(), content.replace("here", "there").as_bytes());
    assert!(!changed.succeeded);
}

#[cfg(feature = "pkcs11")]
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

/// The service has a token with the customer's key, which never leaves it.
#[cfg(feature = "pkcs11")]
#[test]
fn a_service_signs_with_the_key_of_its_customer() {
    let Some(people) = people() else { return };
    let (Some(util), Some(module)) =
        (tool("softhsm2-util"), MODULES.into_iter().find(|path| std::path::Path::new(path).is_file()))
    else {
        return;
    };
    let rows: String = (0..20).map(|number| format!("b{number}@example.org,B{number}\n")).collect();
    let shell = shell(&people, &rows);
    fs::create_dir(shell.path("tokens")).unwrap();
    let tokens = format!("directories.tokendir = {}\nlog.level = ERROR\n", shell.path("tokens").display());
    let configuration = shell.file("softhsm2.conf", tokens.as_bytes());
    shell.file("pin", b"987654\n");
    let util = |words: &str| Program::new(&util).env("SOFTHSM2_CONF", &configuration).words(words);
    util("--init-token --free --label service --so-pin 12345678 --pin 987654").ok();
    let import = util("--token service --pin 987654 --label customer --id 01 --import");
    import.arg(&people.bob.key).ok();
    shell.file("letter.eml", TEMPLATE.replace("alice@", "bob@").as_bytes());

    let key = format!("pkcs11:token=service;object=customer?module-path={module}");
    let words = format!(
        "bulk --key {key} --cert bob.pem --password-file pin --at {AT} --journal run.journal --template letter.eml \
         --recipients people.csv --maildir out --jobs 2"
    );
    let run = |words: &str| shell.command(words).env("SOFTHSM2_CONF", &configuration).output().unwrap();
    assert_eq!(expect(0, &run(&words)), "20 delivered\n");
    for name in shell.names("out/new") {
        let verify = people.pki.openssl("cms -verify -CAfile root.pem -attime 1900000000");
        verify.input(&shell.read(&format!("out/new/{name}"))).ok();
    }
    let journal = String::from_utf8(shell.read("run.journal")).unwrap();
    assert!(!journal.contains("987654") && !journal.contains("pkcs11:"), "{journal}");
    // It signs for its customer, and for nobody else.
    shell.file("letter.eml", TEMPLATE.as_bytes());
    let other = run(&words.replace("run.journal", "other.journal"));
    assert_eq!(expect(1, &other), "20 not signed\n");
    // Without the token there is no run.
    shell.file("pin", b"no-pin\n");
    let away = run(&words.replace("run.journal", "away.journal").replace("--maildir out", "--maildir away"));
    assert!(away.status.code() == Some(2) && !shell.path("away").exists(), "{}", error(&away));
}
