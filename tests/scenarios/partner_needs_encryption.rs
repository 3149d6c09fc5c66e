use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::command::{run, said};
use crate::compiled::{self, Link, compile_with, root};
use crate::daemon::Milter;
use crate::postfix::Postfix;
use crate::smtp::Smtp;
use crate::story::Story;
use crate::support::tool;
use crate::{daemon, postfix, python};

const POLICY: &str = "tests/cases/policies/partners.toml";
const DRAFT: &str = "tests/cases/drafts/to-dave.eml";
const PARTNER: &str = "dave@example.com";
const SIGNER: &str = "examples/letters/bob.pem";
const CERTIFICATE: &str = "examples/letters/openssl-dave.pem";
/// What is not to be read on the way.
const TEXT: &str = "The parcel leaves on Monday.";

/// What came of the letter, first as it was only signed, then encrypted.
type Came = [&'static str; 2];

/// Whoever has the letter must not be able to read it.
fn came(letter: Option<&[u8]>) -> &'static str {
    match letter {
        None => "refused",
        Some(letter) if String::from_utf8_lossy(letter).contains(TEXT) => "in clear",
        Some(_) => "sent",
    }
}

#[test]
fn partner_needs_encryption() {
    let folder = tempfile::tempdir().unwrap();
    let mut shown = String::new();
    // What has no program here is said, and there is no story without it.
    let Some(python) = by_python(folder.path()) else { return };
    let Some(c) = by_driver(folder.path(), "c", "cc", "c99") else { return };
    let Some(cpp) = by_driver(folder.path(), "cpp", "c++", "c++17") else { return };
    let Some(milter) = by_milter(folder.path(), &mut shown) else { return };
    let ways = [
        ("Rust", by_rust(&mut shown)),
        ("the command", by_command(folder.path(), &mut shown)),
        ("the co-process", by_coprocess(&mut shown)),
        ("C", c),
        ("C++", cpp),
        ("Python", python),
        ("the milter", milter),
    ];
    let story = Story::of("partner_needs_encryption");
    assert_eq!(story.rows().count(), ways.len());
    for (by, came) in ways {
        story.row_ends(by, came);
    }
    story.says(&shown);
    let in_clear = ways.iter().filter(|(_, came)| came[0] != "refused" || came[1] == "in clear").count();
    story.ends([ways.len().to_string(), in_clear.to_string()]);
}

fn read(path: &str) -> Vec<u8> {
    fs::read(root().join(path)).unwrap()
}

fn by_rust(shown: &mut String) -> Came {
    use mailseal::{Certificate, Composer, Context, Group, Key, Password, TrustStore, UnixTime};
    let policy = mailseal::outside::policy_from_file(root().join(POLICY)).unwrap();
    let at = UnixTime::from_seconds(1_800_000_000);
    let key = Key::load(&read(SIGNER), Password::none()).unwrap();
    let composer = Composer::new(&Context::new(TrustStore::new()).policy(&policy)).sign(&key);
    let group = Group::to(&Certificate::load(&read(CERTIFICATE)).unwrap()[..1], at).unwrap();
    [composer.clone(), composer.encrypt(&group)].map(|composer| {
        let mut letter = Vec::new();
        match composer.compose(read(DRAFT), at, &mut letter) {
            Ok(()) => came(Some(&letter)),
            Err(error) => {
                shown.push_str(&error.to_string());
                came(None)
            }
        }
    })
}

fn by_command(folder: &Path, shown: &mut String) -> Came {
    let out = folder.join("command.eml");
    let common = format!("--policy {POLICY} --at @1800000000 --out {} {DRAFT}", out.display());
    [
        format!("sign --key {SIGNER} {common}"),
        format!("encrypt --no-trust-folder --sign {SIGNER} --to {CERTIFICATE} {common}"),
    ]
    .map(|words| {
        let output = run(root(), &words);
        shown.push_str(&said(&output));
        let letter = fs::read(&out).ok().filter(|_| output.status.success());
        came(letter.as_deref())
    })
}

fn by_coprocess(shown: &mut String) -> Came {
    let words = format!(
        "serve --stdio --no-trust-folder --policy {POLICY} --at @1800000000 --sign {SIGNER} --cert {CERTIFICATE} \
         --anchor {CERTIFICATE}"
    );
    [json!({ "do": "sign" }), json!({ "do": "seal", "sign": true })].map(|head| {
        let (head, body) = asked(&words, &head, &read(DRAFT));
        shown.push_str(&head.to_string());
        came((head["status"] == "done").then_some(body.as_slice()))
    })
}

/// The second frame: the first is its greeting.
fn asked(words: &str, head: &Value, body: &[u8]) -> (Value, Vec<u8>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailseal"))
        .args(words.split_ascii_whitespace())
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let head = head.to_string();
    let mut frame = u32::try_from(head.len()).unwrap().to_be_bytes().to_vec();
    frame.extend_from_slice(head.as_bytes());
    frame.extend_from_slice(&u64::try_from(body.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(body);
    child.stdin.take().unwrap().write_all(&frame).unwrap();
    let mut octets = child.wait_with_output().unwrap().stdout;
    let mut next = || {
        let length = usize::try_from(u32::from_be_bytes(octets[..4].try_into().unwrap())).unwrap();
        let head = serde_json::from_slice(&octets[4..4 + length]).unwrap();
        let rest = octets.split_off(4 + length);
        let length = usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap();
        octets = rest[8 + length..].to_vec();
        (head, rest[8..8 + length].to_vec())
    };
    let _ = next();
    next()
}

/// As a driver of the table of cases is asked.
fn steps(name: &str, encrypted: bool) -> String {
    let to = if encrypted { format!("encrypt_to\t{CERTIFICATE}\n") } else { String::new() };
    format!("case\t{name}\nat\t1800000000\npolicy\t{POLICY}\nsigner\t{SIGNER}\t\n{to}compose\t{DRAFT}\nend\n")
}

fn answers(mut driver: Command, folder: &Path) -> Came {
    let mut child =
        driver.arg(folder).current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = steps("signed", false) + &steps("sealed", true);
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    [0, 1].map(|index| {
        let answer = &answers[index];
        if answer["error"] == "refused" {
            return came(None);
        }
        let path = answer["composed"][0].as_str().unwrap_or_else(|| panic!("{answer}"));
        came(Some(&fs::read(path).unwrap()))
    })
}

fn by_driver(folder: &Path, name: &str, compiler: &str, standard: &str) -> Option<Came> {
    let source = root().join("tests/cases").join(format!("{name}.{name}"));
    let program = compile_with("", &source, folder, compiler, standard, Link::Shared)?;
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", compiled::library());
    let own = folder.join(format!("by-{name}"));
    fs::create_dir(&own).unwrap();
    Some(answers(command, &own))
}

fn by_python(folder: &Path) -> Option<Came> {
    tool("python3")?;
    let mut command = Command::new("python3");
    command.arg(root().join("tests/cases/python.py")).env("PYTHONPATH", python::package());
    let own = folder.join("by-python");
    fs::create_dir(&own).unwrap();
    Some(answers(command, &own))
}

/// A mail server with the milter: what leaves is signed there, and what a client encrypted passes.
fn by_milter(folder: &Path, shown: &mut String) -> Option<Came> {
    let program = daemon::program()?;
    if !postfix::is_there() {
        return None;
    }
    let place = tempfile::tempdir_in(folder).unwrap();
    for open in [folder, place.path()] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let at = |name: &str| place.path().join(name);
    fs::write(at("partners.toml"), read(POLICY)).unwrap();
    fs::write(at("bob.pem"), read(SIGNER)).unwrap();
    let lines = format!(
        "verify no\nauthserv-id mx.example.org\nkey bob {}\nsign login bob from bob@example.org key bob\npolicy {}\n",
        at("bob.pem").display(),
        at("partners.toml").display()
    );
    let milter = Milter::start(program, place.path(), "milter", &lines, &[]);
    let server = Postfix::start(
        place.path(),
        "sender",
        std::slice::from_ref(&milter.address),
        "default_transport = discard:\n",
    );
    let sealed = folder.join("by-c/sealed-composed-0.eml");
    let crlf =
        |octets: Vec<u8>| String::from_utf8(octets).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    Some([crlf(read(DRAFT)), crlf(fs::read(sealed).unwrap())].map(|letter| {
        let answer =
            Smtp::connect(server.port, Some("bob")).send("bob@example.org", PARTNER, letter.as_bytes());
        shown.push_str(&answer.text);
        match answer.code {
            250 => came(Some(letter.as_bytes())),
            550 => came(None),
            _ => panic!("{answer:?}\n{}", milter.log()),
        }
    }))
}
