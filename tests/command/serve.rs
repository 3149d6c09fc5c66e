//! `mailseal serve --stdio`: frames that are right, wrong and random; what is answered is what other verbs say.

use std::io::{ErrorKind, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::people::{AT, CAROL, People, Shell, expect, people};
use crate::support::tool;

const ALICE_COM: &str = "alice@example.com";
const JUDGED: &str = "@1800000000";

struct Client {
    child: Child,
    to: Option<ChildStdin>,
    from: ChildStdout,
}

impl Client {
    fn start(shell: &Shell, words: &str) -> Self {
        let mut command = shell.command(&format!("serve --stdio {words}"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take(), child.stdout.take().unwrap());
        Self { child, to, from }
    }

    fn greeted(shell: &Shell, words: &str) -> Self {
        let mut client = Self::start(shell, words);
        let (greeting, body) = client.read();
        assert_eq!((greeting["protocol"].as_i64(), body.len()), (Some(1), 0), "{greeting}");
        assert_eq!(greeting["mailseal"], env!("CARGO_PKG_VERSION"));
        client
    }

    fn send(&mut self, octets: &[u8]) {
        let to = self.to.as_mut().unwrap();
        to.write_all(octets).unwrap();
        to.flush().unwrap();
    }

    fn ask(&mut self, head: &Value, body: &[u8]) -> (Value, Vec<u8>) {
        self.send(&frame(head.to_string().as_bytes(), body));
        self.read()
    }

    fn read(&mut self) -> (Value, Vec<u8>) {
        self.try_read().unwrap()
    }

    fn try_read(&mut self) -> std::io::Result<(Value, Vec<u8>)> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length)?;
        let head = self.exactly(u64::from(u32::from_be_bytes(length)))?;
        let mut length = [0; 8];
        self.from.read_exact(&mut length)?;
        Ok((serde_json::from_slice(&head).unwrap(), self.exactly(u64::from_be_bytes(length))?))
    }

    fn exactly(&mut self, length: u64) -> std::io::Result<Vec<u8>> {
        let mut octets = Vec::new();
        (&mut self.from).take(length).read_to_end(&mut octets)?;
        if octets.len() as u64 == length { Ok(octets) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    /// Closes its input. Its status, and what it still says on both.
    fn end(mut self) -> (i32, Vec<u8>, String) {
        drop(self.to.take());
        let mut rest = Vec::new();
        self.from.read_to_end(&mut rest).unwrap();
        let output = self.child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap_or_else(|| panic!("ended by a signal: {said}")), rest, said)
    }
}

fn frame(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut frame = (head.len() as u32).to_be_bytes().to_vec();
    frame.extend(head);
    frame.extend((body.len() as u64).to_be_bytes());
    frame.extend(body);
    frame
}

fn forged(letter: &[u8]) -> Vec<u8> {
    String::from_utf8(letter.to_vec()).unwrap().replace("Monday", "Friday").into_bytes()
}

#[track_caller]
fn is_error(answer: &(Value, Vec<u8>), kind: &str) {
    let (head, body) = answer;
    assert_eq!((&head["status"], &head["error"]["kind"]), (&json!("error"), &json!(kind)), "{head}");
    assert!(body.is_empty() && head["error"]["message"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(head.get("verified").is_none() && head["error"]["temporary"].is_boolean());
}

#[test]
fn a_letter_comes_out_only_if_it_is_proven() {
    let shell = Shell::with_letters();
    let letter = shell.read("openssl.eml");
    let mut client = Client::greeted(&shell, "--anchor openssl-ca.pem");
    let open = |words: Value| {
        let mut head = json!({ "do": "open", "at": JUDGED, "id": 7 });
        head.as_object_mut().unwrap().extend(words.as_object().unwrap().clone());
        head
    };
    let (head, body) = client.ask(&open(json!({ "from": ALICE_COM })), &letter);
    assert_eq!(
        (&head["id"], &head["status"], &head["verified"]),
        (&json!(7), &json!("opened"), &json!(true))
    );
    assert_eq!((&head["payload"], &head["sender"]), (&json!("verified"), &json!(ALICE_COM)));
    expect(0, &shell.run(&format!("verify --at {JUDGED} --anchor openssl-ca.pem --out whole openssl.eml")));
    assert_eq!(body, shell.read("whole"));
    // The verdict and the report are those of `verify --json`.
    let said = shell.json(0, &format!("verify --json --at {JUDGED} --anchor openssl-ca.pem openssl.eml"));
    assert_eq!((&head["verdict"], &head["report"]), (&said[0]["verdict"], &said[0]["report"]));

    let forged = forged(&letter);
    for (what, words, letter) in [
        ("another sender", json!({ "from": "mallory@example.com" }), &letter),
        ("nobody is named", json!({}), &letter),
        ("altered", json!({ "from": ALICE_COM }), &forged),
        ("empty", json!({ "from": ALICE_COM }), &Vec::new()),
    ] {
        let (head, body) = client.ask(&open(words), letter);
        assert_eq!((&head["verified"], &head["payload"]), (&json!(false), &json!("none")), "{what}: {head}");
        assert!(body.is_empty() && head.get("sender").is_none(), "{what}");
        assert_eq!(head["verdict"]["outcome"] == "good", letter.len() > 100 && letter != &forged, "{what}");
    }
    // Whatever it is worth, and it says so.
    let (head, body) = client.ask(&open(json!({ "from": ALICE_COM, "any": true, "text": "ja" })), &forged);
    assert_eq!((&head["verified"], &head["payload"]), (&json!(false), &json!("unverified")));
    assert!(String::from_utf8(body).unwrap().contains("Friday"));
    assert!(head["text"].as_str().unwrap().starts_with("✗ 異常"), "{head}");
    assert_eq!(client.end(), (0, Vec::new(), String::new()));
}

/// Who asks does not say when it was.
#[test]
fn a_request_with_a_time_of_its_own_teaches_nothing() {
    let shell = Shell::with_letters();
    let letter = shell.read("openssl.eml");
    let words = format!("--anchor openssl-ca.pem --memory known --remember --at {JUDGED}");
    let mut client = Client::greeted(&shell, &words);
    let mut is_first = |head: Value| {
        let (head, _) = client.ask(&head, &letter);
        let findings = head["report"]["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["code"] == "first_letter")
    };
    assert!(is_first(json!({ "do": "open", "at": JUDGED })));
    assert!(is_first(json!({ "do": "open" })), "the first one taught something");
    assert!(!is_first(json!({ "do": "open" })));
}

#[test]
fn what_is_not_understood_or_not_allowed_is_an_error_and_the_next_is_answered() {
    let shell = Shell::with_letters();
    let letter = shell.read("openssl.eml");
    let mut client = Client::greeted(&shell, "--anchor openssl-ca.pem --allow open");
    for head in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"do":"fly"}"#,
        r#"{"do":"open","form":"alice@example.com"}"#,
        r#"{"do":"open","from":null}"#,
        r#"{"do":"open","from":"alice"}"#,
        r#"{"do":"open","from":"mallory@example.com","from":"alice@example.com"}"#,
        r#"{"do":"open","do":"open"}"#,
        r#"{"do":"open","any":"yes"}"#,
        r#"{"do":"open","at":"soon"}"#,
        r#"{"do":"open","part":"0.0"}"#,
        r#"{"do":"open","id":[1]}"#,
        r#"{"do":"open","opaque":true}"#,
        r#"{"do":"seal"}"#,
        "{\"do\":\"op\u{fffd}en\"}",
    ] {
        client.send(&frame(head.as_bytes(), &letter));
        is_error(&client.read(), "request");
    }
    client.send(&frame(b"{\"id\": \"x\xff\", \"do\": \"open\"}", &letter));
    is_error(&client.read(), "request");
    for head in [
        json!({ "do": "sign", "id": "s" }),
        json!({ "do": "plan", "id": "s" }),
        json!({ "do": "seal", "sign": true, "id": "s" }),
    ] {
        let answer = client.ask(&head, &letter);
        is_error(&answer, "not_allowed");
        assert_eq!(answer.0["id"], "s");
    }
    // Deep nesting, and the longest head there may be.
    client.send(&frame("[".repeat(60_000).as_bytes(), b""));
    is_error(&client.read(), "request");
    let open = json!({ "do": "open", "at": JUDGED, "from": ALICE_COM }).to_string();
    let longest = open.clone() + &" ".repeat((64 << 10) - open.len());
    client.send(&frame(longest.as_bytes(), &letter));
    assert_eq!(client.read().0["verified"], true);
    assert_eq!(client.end().0, 0);
}

#[test]
fn frames_that_end_early_or_have_no_end_are_the_end() {
    let shell = Shell::with_letters();
    let whole = frame(br#"{"do":"open"}"#, b"From: a@example.org\r\n\r\nHello\r\n");
    for cut in [1, 3, 4, 10, 17, 20, 24, 25, whole.len() - 1] {
        let mut client = Client::greeted(&shell, "");
        client.send(&whole[..cut]);
        let (status, rest, said) = client.end();
        assert_eq!((status, rest.len()), (2, 0), "{cut}: {said}");
        assert_eq!(said, "mailseal: the input ends inside a frame\n", "{cut}");
    }
    let mut client = Client::greeted(&shell, "");
    client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let answer = client.read();
    is_error(&answer, "frame");
    assert_eq!(answer.0["id"], Value::Null);
    let (status, rest, _) = client.end();
    assert_eq!((status, rest.len()), (2, 0));
}

/// Anybody's sequence of numbers (xorshift), the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[test]
fn a_thousand_random_frames_get_a_thousand_answers() {
    let shell = Shell::with_letters();
    let letters = ["openssl.eml", "gpg.eml", "openssl-encrypted.eml", "gpg-encrypted.eml", "eve-revoked.eml"];
    let letters = letters.map(|name| shell.read(name));
    let mut client = Client::greeted(&shell, "--anchor openssl-ca.pem --anchor gpg-carol.asc");
    let mut dice = Dice(0x6d61_696c_7365_616c);
    let mut kinds = std::collections::BTreeMap::new();
    for number in 0..1000 {
        let verb = ["open", "open", "open", "sign", "plan", "seal"][dice.roll(6) as usize];
        let mut head = json!({ "do": verb, "id": number, "at": JUDGED });
        for (word, value) in
            [("from", json!(ALICE_COM)), ("any", json!(true)), ("sign", json!(false)), ("x", json!(1))]
        {
            if dice.roll(6) == 0 {
                head[word] = value;
            }
        }
        let (mut head, mut body) = (head.to_string().into_bytes(), letters[dice.roll(5) as usize].clone());
        for (octets, times) in [(&mut head, 1), (&mut body, 20)] {
            for _ in 0..dice.roll(3) * times {
                let at = dice.roll(octets.len() as u64) as usize;
                octets[at] = dice.roll(256) as u8;
            }
            if dice.roll(8) == 0 {
                octets.truncate(dice.roll(octets.len() as u64) as usize);
            }
        }
        client.send(&frame(&head, &body));
        let (answer, body) = client.try_read().unwrap_or_else(|error| panic!("{number}: {error}"));
        let asked: Option<Value> = serde_json::from_slice(&head).ok();
        let status = answer["status"].as_str().unwrap();
        *kinds.entry(format!("{status} {} {}", answer["error"]["kind"], answer["payload"])).or_insert(0) += 1;
        if let Some(asked) = asked.filter(|asked| asked["id"].is_i64()) {
            assert_eq!(answer["id"], asked["id"], "{number}");
        }
        let given = status == "done"
            || ["verified", "unverified"].contains(&answer["payload"].as_str().unwrap_or("none"));
        assert!(given || body.is_empty(), "{number}: {answer}");
        if answer["verified"] == true {
            assert!(answer["verdict"]["outcome"] == "good", "{number}");
        }
    }
    assert!(kinds.len() >= 4, "{kinds:?}");
    assert_eq!(client.end(), (0, Vec::new(), String::new()));
}

#[test]
fn a_client_that_goes_away_ends_it_quietly() {
    let shell = Shell::with_letters();
    let letter = shell.read("openssl.eml");
    let mut client = Client::greeted(&shell, "--anchor openssl-ca.pem");
    let Client { child, to, from } = &mut client;
    drop(std::mem::replace(from, {
        // Nobody reads its answers any more.
        let mut other = std::process::Command::new("true").stdout(Stdio::piped()).spawn().unwrap();
        let stdout = other.stdout.take().unwrap();
        other.wait().unwrap();
        stdout
    }));
    let head = json!({ "do": "open", "any": true }).to_string();
    let to = to.as_mut().unwrap();
    for _ in 0..100 {
        if to.write_all(&frame(head.as_bytes(), &letter)).is_err() {
            break;
        }
    }
    let _ = child;
    let (status, _, said) = client.end();
    assert_eq!((status, said.as_str()), (2, ""));
}

fn everybody(people: &People) -> Shell {
    let shell = Shell::new(people);
    let both = format!(
        "From: alice@example.org\r\nTo: bob@example.org, {CAROL}\r\nSubject: Parcel\r\n\r\nOn Monday.\r\n"
    );
    shell.file("both", both.as_bytes());
    shell
}

const ALICES: &str = "--sign alice.p12 --sign alice.key --password-file password --anchor root.pem --cert bob.pem --anchor carol.asc --anchor alice.asc";

#[test]
fn what_it_signs_and_seals_others_open() {
    let Some(people) = people() else { return };
    let shell = everybody(&people);
    let draft = shell.read("both");
    let mut client = Client::greeted(&shell, &format!("{ALICES} --audit uses"));
    for protocol in ["smime", "openpgp"] {
        let (head, body) = client.ask(&json!({ "do": "sign", "at": AT, "protocol": protocol }), &draft);
        assert_eq!((&head["status"], &head["protocol"]), (&json!("done"), &json!(protocol)), "{head}");
        shell.file("signed", &body);
        expect(
            0,
            &shell.run(&format!(
                "verify --at {AT} --from alice@example.org --anchor root.pem --anchor alice.asc signed"
            )),
        );
        if protocol == "smime" {
            let verified = people
                .pki
                .openssl("cms -verify -attime 1900000000 -purpose any -CAfile")
                .arg(people.pki.root());
            verified.arg("-in").arg(shell.path("signed")).ok();
        }
    }
    let (head, _) = client.ask(&json!({ "do": "plan", "at": AT }), &draft);
    assert_eq!((&head["complete"], head["letters"].as_array().unwrap().len()), (&json!(true), 2), "{head}");

    let (head, body) = client.ask(&json!({ "do": "seal", "at": AT, "sign": true }), &draft);
    let mut at = 0;
    for letter in head["letters"].as_array().unwrap() {
        let end = at + letter["length"].as_u64().unwrap() as usize;
        let whose = if letter["mailboxes"][0] == CAROL {
            "--key carol.key"
        } else {
            "--key bob.p12 --password-file password"
        };
        shell.file("sealed", &body[at..end]);
        let words = format!(
            "decrypt --at {AT} --from alice@example.org {whose} --anchor root.pem --anchor alice.asc sealed"
        );
        expect(0, &shell.run(&words));
        at = end;
    }
    assert_eq!((head["letters"].as_array().unwrap().len(), at), (2, body.len()));
    // Two letters signed, then two sealed with a signature inside.
    assert_eq!(shell.read("uses").split(|octet| *octet == b'\n').filter(|line| !line.is_empty()).count(), 4);

    // It opens what others wrote.
    let mut reader = Client::greeted(&shell, "--key bob.p12 --password-file password --anchor root.pem");
    let sealed =
        people.openssl("-aes-256-gcm", &[&people.bob], &people.signed(&people.alice, crate::people::CONTENT));
    let (head, body) = reader.ask(&json!({ "do": "open", "at": AT, "from": "alice@example.org" }), &sealed);
    assert_eq!((&head["verified"], body.as_slice()), (&json!(true), crate::people::CONTENT), "{head}");
    assert_eq!((client.end().0, reader.end().0), (0, 0));
}

/// What the answer hides tells what the letter says: who may not open letters does not learn it that way.
#[test]
fn the_letter_that_is_answered_is_opened_for_those_who_may_open() {
    let Some(people) = people() else { return };
    let shell = everybody(&people);
    let draft =
        b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Re: Parcel\r\n\r\nThank you.\r\n";
    let sealed = people.openssl("-aes-256-gcm", &[&people.alice], crate::people::CONTENT);
    let body = [sealed.as_slice(), draft].concat();
    let ask = |what: &str| json!({ "do": what, "at": AT, "reply_to": sealed.len() });
    let seal = |length: usize| json!({ "do": "seal", "sign": true, "at": AT, "reply_to": length });
    let opens = "--key alice.p12 --key alice.key";
    let mut client = Client::greeted(&shell, &format!("{ALICES} {opens} --allow sign,seal"));
    is_error(&client.ask(&ask("sign"), &body), "not_allowed");
    is_error(&client.ask(&seal(sealed.len()), &body), "not_allowed");
    assert_eq!(client.end().0, 0);

    let mut client = Client::greeted(&shell, &format!("{ALICES} {opens}"));
    is_error(&client.ask(&ask("sign"), &body), "refused"); // not in clear
    assert_eq!(client.ask(&seal(sealed.len()), &body).0["status"], "done");
    assert_eq!(client.ask(&json!({ "do": "sign", "at": AT }), draft).0["status"], "done");
    is_error(&client.ask(&seal(body.len() + 1), &body), "request");
    is_error(&client.ask(&seal(body.len()), &body), "refused"); // nothing is left for the draft
    is_error(&client.ask(&json!({ "do": "doctor", "sent": 99 }), b"short"), "request");
    for wrong in [json!(-1), json!("1"), json!(true)] {
        is_error(&client.ask(&json!({ "do": "sign", "reply_to": wrong }), &body), "request");
    }
    assert_eq!(client.end().0, 0);

    let mut client = Client::greeted(&shell, ALICES); // nobody who could open it
    is_error(&client.ask(&seal(sealed.len()), &body), "refused");
    assert_eq!(client.end().0, 0);
}

#[test]
fn a_comparison_is_a_profile_that_a_preflight_reads() {
    let shell = Shell::with_letters();
    let mut client = Client::greeted(&shell, "");
    let sent = b"From: a@b.example\r\n\r\nHello\r\n".as_slice();
    let received =
        b"From: a@b.example\r\n\r\nHello\r\nTo unsubscribe: https://lists.example/leave\r\n".as_slice();
    for (arrived, passes) in [(sent, true), (received, false)] {
        let ask = json!({ "do": "doctor", "sent": sent.len(), "service": "lists.example", "text": "ja" });
        let (head, _) = client.ask(&ask, &[sent, arrived].concat());
        assert_eq!(head["profile"]["service"], "lists.example", "{head}");
        let ask = json!({ "do": "preflight", "text": "en" });
        let (answer, _) = client.ask(&ask, head["profile"].to_string().as_bytes());
        assert_eq!(answer["passes"], passes, "{answer}");
        assert!(!answer["text"].as_str().unwrap().is_empty() && head["text"].is_string());
    }
    is_error(&client.ask(&json!({ "do": "preflight" }), b"{}"), "malformed");
    assert_eq!(client.end().0, 0);
}

#[test]
fn nobody_is_left_out_and_nobody_signs_for_others() {
    let Some(people) = people() else { return };
    let shell = everybody(&people);
    let draft = String::from_utf8(shell.read("both")).unwrap();
    let mut client = Client::greeted(&shell, ALICES);
    let seal = json!({ "do": "seal", "at": AT, "sign": false });
    let unknown = draft.replace(CAROL, "dave@example.net");
    let answer = client.ask(&seal, unknown.as_bytes());
    is_error(&answer, "unreachable");
    assert_eq!(answer.0["unreachable"][0]["mailbox"], "dave@example.net");
    assert_eq!(answer.0["unreachable"][0]["reason"]["kind"], "no_certificate");
    let (head, body) = client.ask(&json!({ "do": "plan", "at": AT }), unknown.as_bytes());
    assert_eq!(
        (&head["complete"], body.len(), head["letters"].as_array().unwrap().len()),
        (&json!(false), 0, 1)
    );
    let mut without = seal.clone();
    without["without"] = json!(["dave@example.net"]);
    let (head, body) = client.ask(&without, unknown.as_bytes());
    assert_eq!((head["letters"].as_array().unwrap().len(), body.is_empty()), (1, false), "{head}");

    let mallory = draft.replace("From: alice", "From: mallory");
    is_error(&client.ask(&json!({ "do": "sign", "at": AT }), mallory.as_bytes()), "refused");
    // Nor with a key that has ended.
    let late = json!({ "do": "sign", "at": "2050-01-01T00:00:00Z", "protocol": "smime" });
    let answer = client.ask(&late, draft.as_bytes());
    is_error(&answer, "refused");
    assert!(answer.0["error"]["message"].as_str().unwrap().contains("may sign"), "{}", answer.0);
    let mut signed = seal.clone();
    signed["sign"] = json!(true);
    is_error(&client.ask(&signed, mallory.as_bytes()), "refused");
    is_error(&client.ask(&json!({ "do": "sign", "at": AT }), b""), "refused");
    is_error(&client.ask(&seal, b"From: alice@example.org\r\n\r\nto nobody\r\n"), "refused");
    assert_eq!(client.end().0, 0);
}

#[test]
fn a_large_letter_goes_through_and_memory_does_not_grow_with_it() {
    let Some(people) = people() else { return };
    let shell = everybody(&people);
    let mut draft = shell.read("both");
    let line = [b"x".repeat(76).as_slice(), b"\r\n"].concat();
    draft.extend(line.repeat(40 << 20 >> 6));
    let mut client = Client::greeted(&shell, ALICES);
    let (head, body) = client.ask(&json!({ "do": "sign", "at": AT }), &draft);
    assert_eq!(head["status"], "done", "{head}");
    let (head, opened) = client.ask(&json!({ "do": "open", "at": AT, "from": "alice@example.org" }), &body);
    assert_eq!((&head["verified"], opened.len() > 40 << 20), (&json!(true), true));
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string(format!("/proc/{}/status", client.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
        println!("at most {peak} KiB for {} octets", draft.len());
        assert!(peak < 100 << 10, "{peak} KiB");
    }
    assert_eq!(client.end().0, 0);
}

/// The page has a client in Python.
#[test]
fn the_client_of_the_page_works() {
    let Some(python) = tool("python3") else { return };
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/serve.md")).unwrap();
    let blocks = page.split("```python\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let code = blocks.collect::<String>();
    let shell = Shell::with_letters();
    shell.file("client.py", code.as_bytes());
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_mailseal")).parent().unwrap().to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let run = || {
        crate::support::Program::new(&python)
            .arg("client.py")
            .env("PATH", &path)
            .folder(&shell.path(""))
            .run()
    };
    let ran = run();
    assert_eq!(ran.text(), "from alice@example.com 98 octets\n", "{}", ran.stderr);
    let letter = shell.read("openssl.eml");
    shell.file("openssl.eml", &forged(&letter));
    assert_eq!(run().text(), "held back\n");
}
