//! The driver of `mailseal serve --stdio`, which is given its settings when it starts and asked one thing then.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use super::settings::Settings;

/// The answers, a line each.
pub(crate) fn answers(lines: &str, folder: &Path) -> String {
    let mut answers = String::new();
    let mut lines = lines.lines();
    while let Some(line) = lines.next() {
        let out = folder.join(line.strip_prefix("case\t").unwrap()).to_str().unwrap().into();
        let mut case = Driven { out, ..Driven::default() };
        for step in lines.by_ref().take_while(|line| *line != "end") {
            if !case.answer.contains_key("error") {
                case.step(&step.split('\t').collect::<Vec<_>>());
            }
        }
        // What is wrong with settings it says when it starts.
        if case.unsettled && !case.answer.contains_key("error") {
            case.ask(json!({ "do": "plan" }), b"From: bob@example.org\r\nTo: bob@example.org\r\n\r\n");
        }
        answers += &(Value::Object(case.answer).to_string() + "\n");
    }
    answers
}

#[derive(Default)]
struct Driven {
    out: String,
    answer: Map<String, Value>,
    settings: Settings,
    plan: Option<(Value, Vec<u8>)>,
    written: Option<Vec<u8>>,
    /// The last question about a letter, and the letter.
    looked: Option<(Value, Vec<u8>)>,
    /// The letter that is answered.
    answered: Option<Vec<u8>>,
    /// Settings were given that it has not been started with.
    unsettled: bool,
}

impl Driven {
    fn step(&mut self, step: &[&str]) {
        let (name, words) = step.split_first().unwrap();
        self.unsettled = self.settings.take(name, words, &self.out);
        if !self.unsettled {
            self.act(name, words);
        }
    }

    fn act(&mut self, name: &str, words: &[&str]) {
        match (name, words) {
            ("open", [file]) => self.look(json!({ "do": "open" }), file),
            ("open_part", [file, part]) => self.look(json!({ "do": "open", "part": part }), file),
            ("require", [address]) => {
                let sender = self.again("from", *address).filter(|(head, _)| head["verified"] == true);
                self.say("verified", sender.map_or(Value::Null, |(head, _)| head["sender"].clone()));
            }
            ("remember", []) => {
                self.settings.world.push("--remember".into());
                self.again("any", true);
                self.settings.world.pop();
            }
            ("smime_status", []) => {
                let (head, _) = self.again("any", true).unwrap();
                self.say("smime", head["jmap"]["smimeStatus"].clone());
            }
            ("text" | "evidence", [language]) => {
                let page = self.again("text", *language).unwrap().0["text"].clone();
                self.say(if name == "text" { "texts" } else { "evidence" }, page);
            }
            // Its keys are given when it starts: the command makes them.
            ("new_key", [protocol, address]) => self.settings.new_key(protocol, address, &self.out),
            ("results", [id]) => {
                if let Some((head, _)) = self.again("results", *id) {
                    self.say("results", head["results"].clone());
                }
            }
            ("reply_to", []) => self.answered = Some(self.looked.clone().unwrap().1),
            ("doctor", [file]) => {
                let letter = self.letter(file).unwrap();
                if let Some((head, _)) = self.ask(json!({ "do": "doctor" }), &letter) {
                    self.say("diagnoses", head);
                }
            }
            ("compare", [sent, received]) => {
                let (sent, received) = (self.letter(sent).unwrap(), self.letter(received).unwrap());
                let head = json!({ "do": "doctor", "sent": sent.len() });
                if let Some((head, _)) = self.ask(head, &[sent, received].concat()) {
                    self.say("comparisons", head);
                }
            }
            ("profile", [sent, received, service]) => {
                let (sent, received) = (self.letter(sent).unwrap(), self.letter(received).unwrap());
                let head = json!({ "do": "doctor", "sent": sent.len(), "service": service });
                if let Some((head, _)) = self.ask(head, &[sent, received].concat()) {
                    self.say("profiles", head["profile"].clone());
                }
            }
            ("preflight", [file]) => {
                let profile = self.letter(file).unwrap();
                if let Some((head, _)) = self.ask(json!({ "do": "preflight" }), &profile) {
                    assert_eq!(head["passes"], head["refused"].as_array().unwrap().is_empty());
                    self.say("preflights", head);
                }
            }
            ("compose", [file]) => {
                let protocol = match self.settings.signers.iter().any(|key| key.ends_with(".asc")) {
                    true => "openpgp",
                    false => "smime",
                };
                let opaque = self.settings.signing.iter().any(|option| option == "--opaque");
                let head = json!({ "do": "sign", "protocol": protocol, "opaque": opaque,
                    "recipients": self.settings.recipients, "confirm": self.settings.confirmed,
                    "hold": self.settings.holds });
                if let Some(draft) = self.letter(file) {
                    let (head, body) = self.writing(head, &draft);
                    if let Some((_, letter)) = self.ask(head, &body) {
                        self.say("composed", "");
                        self.written = Some(letter);
                    }
                }
            }
            ("check", [file]) => {
                let head = json!({ "do": "check", "recipients": self.settings.recipients });
                if let Some(letter) = self.letter(file)
                    && let Some((head, _)) = self.ask(head, &letter)
                {
                    self.say("sending", head);
                }
            }
            ("plan", [file]) => {
                let draft = self.letter(file).unwrap();
                let (confirmed, holds) = (&self.settings.confirmed, self.settings.holds);
                self.plan = Some((json!({ "do": "plan", "confirm": confirmed, "hold": holds }), draft));
                self.unsettled = false;
                self.planned(&json!({}));
            }
            ("without", [address]) => {
                let before = self.plan.as_ref().unwrap().0.get("without").cloned();
                let mut all = before.unwrap_or_else(|| json!([]));
                all.as_array_mut().unwrap().push((*address).into());
                self.change("without", all);
            }
            ("accept", [address, fingerprint]) => {
                self.change("accept", json!([format!("{address}={fingerprint}")]))
            }
            ("copy_to_sender", []) => self.change("copy_to_self", json!(true)),
            ("unreachable", []) => {
                let (head, _) = self.planned(&json!({})).unwrap();
                for person in head["unreachable"].as_array().into_iter().flatten() {
                    self.say("unreachable", person["mailbox"].clone());
                }
            }
            ("plan_json", []) => {
                let (head, _) = self.planned(&json!({})).unwrap();
                self.say("plans", head);
            }
            ("groups", []) => self.groups(),
            _ => panic!("{}: {name} {words:?} is not known", self.out),
        }
    }

    fn groups(&mut self) {
        let sign = !self.settings.signers.is_empty();
        let (mut head, draft) = self.plan.clone().unwrap();
        head["do"] = "seal".into();
        head["sign"] = sign.into();
        let (head, body) = self.writing(head, &draft);
        let Some((head, mut letters)) = self.ask(head, &body) else { return };
        for letter in head["letters"].as_array().unwrap() {
            self.say("groups", letter["mailboxes"].clone());
            let rest = letters.split_off(usize::try_from(letter["length"].as_u64().unwrap()).unwrap());
            self.written = Some(std::mem::replace(&mut letters, rest));
        }
        assert!(letters.is_empty());
    }

    /// What requests to sign and to seal have in common.
    fn writing(&self, mut head: Value, draft: &[u8]) -> (Value, Vec<u8>) {
        let options = self.settings.signing.iter().chain(&self.settings.sealing);
        let options = options.map(String::as_str).collect::<Vec<_>>();
        for (place, option) in options.iter().enumerate() {
            match option.split_once('=').unwrap_or((option, "")) {
                ("--reads", names) => head["reads"] = names.split(',').collect(),
                ("--autocrypt", preference) => head["autocrypt"] = preference.into(),
                ("--no-protect-headers", _) => head["protect_headers"] = false.into(),
                ("--header-confidentiality", _) => head["header_confidentiality"] = options[place + 1].into(),
                ("--legacy-display", _) => head["legacy_display"] = true.into(),
                _ => {}
            }
        }
        let answered = self.answered.as_deref().unwrap_or_default();
        if self.answered.is_some() {
            head["reply_to"] = answered.len().into();
        }
        (head, [answered, draft].concat())
    }

    fn change(&mut self, word: &str, value: Value) {
        self.plan.as_mut().unwrap().0[word] = value;
        self.planned(&json!({}));
    }

    fn planned(&mut self, further: &Value) -> Option<(Value, Vec<u8>)> {
        let (mut head, draft) = self.plan.clone().unwrap();
        head.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        self.ask(head, &draft)
    }

    fn look(&mut self, head: Value, file: &str) {
        let Some(letter) = self.letter(file) else { return };
        self.looked = Some((head, letter));
        let Some((head, body)) = self.again("any", true) else { return };
        let reasons: Vec<_> =
            head["verdict"]["reasons"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        let payload = match head["payload"].as_str() {
            Some("none") => Value::Null,
            _ => self.save(&body),
        };
        let outcome = &head["verdict"]["outcome"];
        self.say(
            "opened",
            json!({ "outcome": outcome, "action": head["verdict"]["action"], "reasons": reasons,
                "report": head["report"], "payload": payload }),
        );
    }

    /// Asks of the last letter once more.
    fn again(&mut self, word: &str, value: impl Into<Value>) -> Option<(Value, Vec<u8>)> {
        let (mut head, letter) = self.looked.clone().unwrap();
        head[word] = value.into();
        self.ask(head, &letter)
    }

    /// One question; an error is noted.
    fn ask(&mut self, head: Value, body: &[u8]) -> Option<(Value, Vec<u8>)> {
        let (head, body) = asked(&self.settings, &head, body);
        if head["status"] == "error" {
            self.answer.insert("error".into(), head["error"]["kind"].clone());
            return None;
        }
        Some((head, body))
    }

    fn letter(&mut self, file: &str) -> Option<Vec<u8>> {
        if file == "=" {
            return self.written.clone();
        }
        let read = fs::read(super::table::root().join(file));
        if read.is_err() {
            self.answer.insert("error".into(), "io".into());
        }
        read.ok()
    }

    fn save(&self, body: &[u8]) -> Value {
        let path = format!(
            "{}-{}.eml",
            self.out,
            self.answer.get("opened").and_then(Value::as_array).map_or(0, Vec::len)
        );
        fs::write(&path, body).unwrap();
        path.into()
    }

    fn say(&mut self, key: &str, value: impl Into<Value>) {
        let list = self.answer.entry(key).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(value.into());
    }
}

/// Starts it and asks. Where it does not start, it says so in place of its greeting.
fn asked(settings: &Settings, head: &Value, body: &[u8]) -> (Value, Vec<u8>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), settings.passwords.join("\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
    command.args(["serve", "--stdio"]).args(&settings.world).args(&settings.keys);
    command
        .args(settings.signers.iter().flat_map(|key| ["--sign", key]))
        .arg("--password-file")
        .arg(file.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir(super::table::root());
    let mut child = command.spawn().unwrap();
    let head = head.to_string();
    let length = u32::try_from(head.len()).unwrap().to_be_bytes();
    let body_length = u64::try_from(body.len()).unwrap().to_be_bytes();
    let frame = [length.as_slice(), head.as_bytes(), &body_length, body].concat();
    // It may have ended.
    let _ = child.stdin.take().unwrap().write_all(&frame);
    let output = child.wait_with_output().unwrap();
    let mut frames = output.stdout.as_slice();
    let (greeting, _) = frame_of(&mut frames);
    match greeting["status"] == "error" {
        true => (greeting, Vec::new()),
        false => frame_of(&mut frames),
    }
}

fn frame_of(octets: &mut &[u8]) -> (Value, Vec<u8>) {
    let mut length = [0; 4];
    octets.read_exact(&mut length).unwrap();
    let mut head = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    octets.read_exact(&mut head).unwrap();
    let mut length = [0; 8];
    octets.read_exact(&mut length).unwrap();
    let mut body = vec![0; usize::try_from(u64::from_be_bytes(length)).unwrap()];
    octets.read_exact(&mut body).unwrap();
    (serde_json::from_slice(&head).unwrap(), body)
}
