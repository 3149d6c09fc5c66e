//! The command: its exit status, what it writes and what it does not, and what it shows of hostile letters (R-B12).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::cms::{Cms, Signer, detached};
use crate::stage::{CONTENT, EVIL, Stage, stage};
use crate::support::tool;

const ALICE: &str = "alice@example.org";
const AT: &str = "@1790000000";

struct Shell {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Shell {
    fn new(stage: &Stage) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), root: stage.pki.root() }
    }

    fn file(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn mailseal(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
        command
            .env("LC_ALL", "C.UTF-8")
            .env_remove("NO_COLOR")
            .env("MAILSEAL_TRUST", self.path("trust"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn verify(&self, arguments: &[&str]) -> Output {
        let mut command = self.mailseal();
        command.arg("verify").arg("--anchor").arg(&self.root).args(["--at", AT]);
        command.args(arguments).output().unwrap()
    }
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{output:?}"))
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

#[track_caller]
fn one_line(output: &Output) {
    let error = text(&output.stderr);
    assert!(error.starts_with("mailseal: ") && error.lines().count() == 1, "{error}");
}

fn letters(stage: &Stage, shell: &Shell) {
    let signer = Signer::new(&stage.alice, CONTENT).der(CONTENT);
    let cms = Cms::new(None, vec![signer], &[&stage.alice.certificate, &stage.intermediate()]).der();
    shell.file("good", &detached(ALICE, CONTENT, &cms));
    shell.file("bad", &detached(ALICE, EVIL, &cms));
    shell.file("caution", &detached("mallory@evil.example", CONTENT, &cms));
    shell.file("none", b"From: alice@example.org\r\n\r\nHello\r\n");
}

#[test]
fn exit_status_says_the_verdict() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    for (letter, expected) in [("good", 0), ("bad", 1), ("caution", 1), ("none", 1), ("absent", 2), (".", 2)]
    {
        let output = shell.verify(&[letter]);
        assert_eq!(status(&output), expected, "{letter}");
        match expected {
            2 => one_line(&output),
            _ => assert!(output.stderr.is_empty() && !output.stdout.is_empty(), "{letter}"),
        }
    }
    assert_eq!(status(&shell.verify(&["--policy", "strict", "good"])), 1, "nobody looked for revocation");
    for wrong in [
        &["--at", "yesterday", "good"][..],
        &["--from", "nobody", "good"],
        &["--policy", "x", "good"],
        &["-x"],
    ] {
        assert_eq!(status(&shell.mailseal().arg("verify").args(wrong).output().unwrap()), 2, "{wrong:?}");
    }
    let none = shell.mailseal().arg("verify").arg("--anchor").arg("good").arg("good").output().unwrap();
    assert_eq!(status(&none), 2, "a letter is no anchor");
    one_line(&none);
}

#[test]
fn times_are_given_in_two_forms() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    let at = |time: &str| {
        let mut command = shell.mailseal();
        command.arg("verify").arg("--anchor").arg(&shell.root).args(["--at", time, "good"]);
        status(&command.output().unwrap())
    };
    for time in ["@1790000000", "2026-09-21T14:13:20Z", "2026-09-21T23:13:20+09:00"] {
        assert_eq!(at(time), 0, "{time}");
    }
    for time in ["@1", "2023-01-01T00:00:00Z", "2041-01-01T00:00:00Z", "@99999999999"] {
        assert_eq!(at(time), 1, "{time}");
    }
    for time in ["@", "@x", "2026-09-21", "14:13", "@99999999999999999999999", ""] {
        assert_eq!(at(time), 2, "{time}");
    }
}

#[test]
fn r_b15_the_sender_that_was_asked_for_or_nobody() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    let from = |sender: &str, letter: &str| status(&shell.verify(&["--from", sender, letter]));
    assert_eq!(from(ALICE, "good"), 0);
    assert_eq!(from("alice@EXAMPLE.org", "good"), 0);
    for sender in
        ["mallory@evil.example", "Alice@example.org", "alice@example.org.evil.example", "alice@example.com"]
    {
        assert_eq!(from(sender, "good"), 1, "{sender}");
    }
    for letter in ["bad", "caution", "none"] {
        for sender in [ALICE, "mallory@evil.example"] {
            assert_eq!(from(sender, letter), 1, "{letter}");
        }
    }
}

#[test]
fn out_appears_when_it_is_good_or_not_at_all() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    let files = || fs::read_dir(shell.folder.path()).unwrap().count();
    let before = files();
    for letter in ["bad", "caution", "none"] {
        assert_eq!(status(&shell.verify(&["--out", "out", letter])), 1);
        assert_eq!(files(), before, "{letter}");
    }
    assert_eq!(status(&shell.verify(&["--out", "out", "--from", "mallory@evil.example", "good"])), 1);
    assert_eq!(files(), before, "another sender");
    let kept = shell.file("kept", b"as it was");
    assert_eq!(status(&shell.verify(&["--out", "kept", "bad"])), 1);
    assert_eq!(fs::read(&kept).unwrap(), b"as it was");
    assert_eq!(status(&shell.verify(&["--out", "out", "good"])), 0);
    assert_eq!(fs::read(shell.path("out")).unwrap(), CONTENT);
    let output = shell.verify(&["--out", "absent/out", "good"]);
    assert_eq!(status(&output), 2);
    one_line(&output);
    assert_eq!(status(&shell.verify(&["--out", "out2", "good", "good"])), 2, "one file, one letter");
    assert_eq!(files(), before + 2, "nothing half written is left");
}

#[test]
fn several_letters_give_a_line_each_and_the_worst_status() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    let cases: [(&[&str], i32); 4] = [
        (&["good", "good"], 0),
        (&["good", "bad", "none"], 1),
        (&["absent", "good"], 2),
        (&["bad", "absent", "good"], 2),
    ];
    for (names, expected) in cases {
        let output = shell.verify(&[&["--json"], names].concat());
        assert_eq!(status(&output), expected, "{names:?}");
        let lines: Vec<Value> =
            text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let files: Vec<&str> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
        assert_eq!(files, names);
        for (line, name) in lines.iter().zip(names) {
            match *name {
                "absent" => assert_eq!(line["error"]["kind"], "io", "{line}"),
                name => assert_eq!(line["verdict"]["outcome"], name, "{line}"),
            }
        }
    }
}

#[test]
fn standard_input_is_a_letter() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    for arguments in [&["-"][..], &[]] {
        let mut command = shell.mailseal();
        command.arg("verify").arg("--anchor").arg(&shell.root).args(["--at", AT]).args(arguments);
        let output = command.stdin(fs::File::open(shell.path("good")).unwrap()).output().unwrap();
        assert_eq!(status(&output), 0, "{arguments:?}: {output:?}");
    }
}

#[test]
fn the_locale_chooses_the_language() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    let in_locale = |letter: &str, locale: &str| {
        let mut command = shell.mailseal();
        command
            .arg("verify")
            .arg("--anchor")
            .arg(&shell.root)
            .args(["--at", AT, letter])
            .env("LC_ALL", locale);
        text(&command.output().unwrap().stdout)
    };
    let japanese = in_locale("good", "ja_JP.UTF-8");
    let golden =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/good_mailbox.ja.txt"))
            .unwrap();
    assert_eq!(japanese, golden.replace("heidi@example.org", ALICE));
    assert!(in_locale("good", "C").contains("GOOD"));
    assert!(in_locale("none", "ja").contains("署名がありません"));
}

/// Control characters, escapes of terminals, and characters that turn text around.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{8}\u{202e}\u{2066}\u{200f}\u{feff}\u{85}y";

#[track_caller]
fn is_plain(what: &str, text: &str) {
    let hidden = |letter: &char| {
        matches!(letter, '\0'..='\x09' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
    };
    assert_eq!(text.chars().find(hidden), None, "{what}: {text:?}");
}

#[test]
fn r_b12_nothing_of_a_letter_reaches_the_terminal_as_it_is() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    let encoded = base64_simd::STANDARD.encode_to_string(HOSTILE);
    let (raw, word) = (HOSTILE.to_owned(), format!("=?utf-8?b?{encoded}?="));
    let boundary = format!("Content-Type: multipart/{raw}; boundary=\"{raw}\"");
    let heads = [
        format!("From: {word} <alice@example.org>\r\nSubject: {word}"),
        format!("From: \"{raw}\" <alice@example.org>\r\nSubject: {raw}"),
        format!("From: {raw}@example.org"),
        format!("From: alice@{raw}.example"),
        format!("From: \"{raw}\"@example.org\r\nSender: {raw}"),
        format!("From: a@b.example\r\nSender: \"{raw}\" <\"{raw}\"@c.example>\r\n{boundary}"),
        format!("From: a@b.example\r\nDate: {raw}\r\nContent-Transfer-Encoding: {raw}"),
    ];
    let signer = Signer::new(&stage.alice, CONTENT).der(CONTENT);
    let cms = Cms::new(None, vec![signer], &[&stage.alice.certificate, &stage.intermediate()]).der();
    let genuine = detached("x", CONTENT, &cms);
    for head in heads {
        for body in [b"\r\nHello\r\n".as_slice(), genuine.strip_prefix(b"From: x\r\n".as_slice()).unwrap()] {
            let name = shell.file("hostile", &[head.as_bytes(), b"\r\n", body].concat());
            for options in [&[][..], &["--explain"], &["--json"], &["--from", ALICE]] {
                let mut arguments = options.to_vec();
                arguments.push(name.to_str().unwrap());
                let output = shell.verify(&arguments);
                let shown = text(&output.stdout) + &text(&output.stderr);
                match options {
                    // JSON keeps what stood there, in its own escapes.
                    ["--json"] => drop(serde_json::from_str::<Value>(&shown).unwrap()),
                    _ => is_plain(&head, &shown),
                }
                let lines: Vec<char> =
                    shown.chars().filter(|letter| *letter < ' ' && *letter != '\n').collect();
                assert!(lines.is_empty(), "{shown:?}");
            }
        }
    }
}

#[test]
fn r_b12_names_of_certificates_are_escaped() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    let name = HOSTILE.replace('/', "");
    let subject = format!("/O={name}\u{a}Wrong     nothing/CN={name}");
    let key = "-nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256";
    let words = format!(
        "req -new -x509 -utf8 -config ca.cnf -days 3000 {key} -keyout evilca.key -out evilca.pem \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -subj"
    );
    stage.pki.openssl(&words).arg(&subject).ok();
    let words = format!("req -new -utf8 -config ca.cnf {key} -keyout evil.key -out evil.csr -subj");
    stage.pki.openssl(&words).arg(&subject).ok();
    let extensions = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
        extendedKeyUsage=emailProtection\nsubjectAltName=email:alice@example.org\ncertificatePolicies=2.23.140.1.5.2.3\n";
    fs::write(stage.pki.folder().join("evil.cnf"), extensions).unwrap();
    let words =
        "x509 -req -CA evilca.pem -CAkey evilca.key -days 3000 -extfile evil.cnf -in evil.csr -out evil.pem";
    stage.pki.openssl(words).ok();
    let sign = "cms -sign -binary -outform DER -signer evil.pem -inkey evil.key -certfile evilca.pem";
    let cms = stage.pki.openssl(sign).input(CONTENT).ok();
    let letter = shell.file("evil", &detached(ALICE, CONTENT, &cms));
    let anchor = stage.pki.folder().join("evilca.pem");
    for trusted in [true, false] {
        for explain in [true, false] {
            let mut command = shell.mailseal();
            command.arg("verify");
            if trusted {
                command.arg("--anchor").arg(&anchor);
            }
            if explain {
                command.arg("--explain");
            }
            let output = command.arg(&letter).output().unwrap();
            let shown = text(&output.stdout);
            is_plain("certificate", &shown);
            let nothing =
                shown.lines().filter(|line| line.trim_start().starts_with("Wrong     nothing")).count();
            assert_eq!(nothing, usize::from(trusted), "{shown}");
            assert!(!trusted || shown.contains("title"), "the name is shown: {shown}");
        }
    }
}

#[test]
fn r_b12_names_of_files_are_escaped() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    let output = shell.verify(&["absent\u{1b}[31m\u{202e}\n2"]);
    assert_eq!(status(&output), 2);
    one_line(&output);
    is_plain("a name", &text(&output.stderr));
}

#[test]
fn signing_for_somebody_else_is_refused() {
    let Some(stage) = stage() else { return };
    let shell = Shell::new(&stage);
    shell.file("draft", b"From: alice@example.org\r\nTo: bob@example.com\r\nSubject: x\r\n\r\nHello\r\n");
    shell.file("other", b"From: ceo@bank.example\r\nTo: bob@example.com\r\nSubject: x\r\n\r\nHello\r\n");
    shell.file("two", b"From: alice@example.org, ceo@bank.example\r\nSubject: x\r\n\r\nHello\r\n");
    shell.file("password", b"secret\n");
    shell.file("wrong", b"wrong\n");
    let sign = |password: &str, arguments: &[&str]| {
        let mut command = shell.mailseal();
        command.arg("sign").arg("--key").arg(&stage.alice_leaf.pkcs12).args(["--password-file", password]);
        command.args(arguments).output().unwrap()
    };
    for draft in ["other", "two"] {
        for out in [&["--out", "letter", draft][..], &[draft]] {
            let output = sign("password", out);
            assert_eq!(status(&output), 1, "{draft}");
            one_line(&output);
            assert!(output.stdout.is_empty() && !shell.path("letter").exists(), "{draft}");
        }
    }
    for (password, draft) in
        [("wrong", "draft"), ("absent", "draft"), ("password", "absent"), ("password", ".")]
    {
        let output = sign(password, &["--out", "letter", draft]);
        assert_eq!(status(&output), 2, "{password} {draft}");
        one_line(&output);
        assert!(!shell.path("letter").exists());
    }
    assert_eq!(status(&sign("password", &["--out", "letter", "draft"])), 0);
    let now = shell.mailseal().arg("verify").arg("--anchor").arg(&shell.root).arg("letter").output().unwrap();
    assert_eq!(status(&now), 0, "{now:?}");
    let output = sign("password", &["draft"]);
    assert_eq!(status(&output), 0);
    assert!(output.stdout.starts_with(b"From: alice@example.org\r\n"));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let Some(stage) = stage() else { return };
    let Some(sh) = tool("sh") else { return };
    let shell = Shell::new(&stage);
    letters(&stage, &shell);
    let big = [b"From: alice@example.org\r\n\r\n".as_slice(), &b"line\r\n".repeat(200_000)].concat();
    shell.file("big", &big);
    shell.file("password", b"secret\n");
    let lines = [
        "\"$0\" verify good good good good | true".to_owned(),
        "\"$0\" verify --json good | true".to_owned(),
        format!(
            "\"$0\" sign --key {} --password-file password big | head -c 10",
            stage.alice_leaf.pkcs12.display()
        ),
        "\"$0\" verify good >&-".to_owned(),
        "\"$0\" verify absent 2>&-".to_owned(),
        "\"$0\" --help | true".to_owned(),
    ];
    for line in lines {
        let mut command = Command::new(&sh);
        command.arg("-c").arg(&line).arg(env!("CARGO_BIN_EXE_mailseal")).current_dir(shell.folder.path());
        command.env("MAILSEAL_TRUST", shell.path("trust"));
        let output = command.stdin(Stdio::null()).output().unwrap();
        let error = text(&output.stderr);
        assert!(!error.contains("panicked") && error.lines().count() <= 1, "{line}: {error}");
    }
}
