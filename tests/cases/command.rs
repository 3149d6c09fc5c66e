//! The driver of the command: what it is told is made of the steps.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Map, Value, json};

use super::settings::Settings;

/// The answers of the command, a line each.
pub(crate) fn answers(lines: &str, folder: &Path) -> String {
    let mut answers = String::new();
    let mut lines = lines.lines();
    while let Some(line) = lines.next() {
        let mut case = Driven::new(&folder.join(line.strip_prefix("case\t").unwrap()));
        for step in lines.by_ref().take_while(|line| *line != "end") {
            if !case.answer.contains_key("error") {
                case.step(&step.split('\t').collect::<Vec<_>>());
            }
        }
        case.settle();
        answers += &(Value::Object(case.answer).to_string() + "\n");
    }
    answers
}

#[derive(Default)]
struct Driven {
    out: String,
    answer: Map<String, Value>,
    settings: Settings,
    plan: Option<Vec<String>>,
    written: Option<String>,
    /// The last letter that was looked at, with how.
    looked: Option<(Vec<String>, Option<String>)>,
    /// Settings were given that no verb has been told yet.
    unsettled: bool,
}

impl Driven {
    fn new(out: &Path) -> Self {
        Self { out: out.to_str().unwrap().into(), ..Self::default() }
    }

    fn step(&mut self, step: &[&str]) {
        let (name, words) = step.split_first().unwrap();
        self.unsettled = self.settings.take(name, words, &self.out);
        if !self.unsettled {
            self.act(name, words);
        }
    }

    fn act(&mut self, name: &str, words: &[&str]) {
        match (name, words) {
            ("open", [file]) => self.look(vec![self.letter(file)], None),
            ("open_part", [file, part]) => self.look(vec![self.letter(file)], Some((*part).into())),
            ("detached", [content, signature, header]) => {
                let words = ["--signature", signature, "--header", header, content];
                self.look(words.map(Into::into).to_vec(), None);
            }
            ("require", [address]) => {
                let ran = self.again(&["--from", address]);
                self.say("verified", if ran.status.success() { (*address).into() } else { Value::Null });
            }
            ("mailbox", [path]) => {
                let words = vec!["--json".into(), (*path).into()];
                let words: Vec<String> = self.settings.world.iter().cloned().chain(words).collect();
                let ran = program("verify", &words, &[]);
                for line in text(&ran.stdout).lines() {
                    let line = serde_json::from_str::<Value>(line).unwrap();
                    if line.get("verdict").is_some() {
                        self.opened(&line, "no/payload/is/written");
                    }
                }
            }
            ("archive", [file]) => {
                let path = format!("{}.evidence", self.out);
                self.looked = Some((vec![self.letter(file)], None));
                self.again(&["--evidence", &path]);
                let checked = program("evidence", &["check".into(), "--json".into(), path], &[]);
                let line: Value = serde_json::from_slice(&checked.stdout).unwrap();
                self.say("checked", line["same"].clone());
            }
            ("new_key", [protocol, address]) => self.settings.new_key(protocol, address, &self.out),
            ("remember", []) => _ = self.again(&["--remember"]),
            ("text", [language]) => {
                let page = self.again(&["--lang", language]);
                self.say("texts", text(&page.stdout));
            }
            ("evidence", [language]) => {
                let page = self.again(&["--lang", language, "--explain"]);
                self.say("evidence", text(&page.stdout));
            }
            ("results", [id]) => {
                let field = self.again(&["--authentication-results", id]);
                match field.status.code() {
                    Some(2) => _ = self.answer.insert("error".into(), "misuse".into()),
                    _ => self.say("results", text(&field.stdout)),
                }
            }
            ("smime_status", []) => {
                let line: Value = serde_json::from_slice(&self.again(&["--json"]).stdout).unwrap();
                self.say("smime", line["jmap"]["smimeStatus"].clone());
            }
            ("reply_to", []) => {
                let (letter, _) = self.looked.clone().unwrap();
                self.settings.signing.extend(["--reply-to".into(), letter[0].clone()]);
                let keys = self.settings.keys.iter().filter(|word| *word != "--key").cloned();
                let keys: Vec<String> = keys.flat_map(|key| ["--reply-key".into(), key]).collect();
                self.settings.signing.extend(keys);
            }
            ("stamp", [id]) => {
                let path = self.path("stamped");
                self.again(&["--authentication-results", id, "--stamp", &path]);
                self.say("stamped", path);
            }
            ("dkim", [letter, key, domain, selector]) => {
                let (path, letter) = (self.path("stamped"), self.letter(letter));
                let dkim = ["--dkim-key", key, "--dkim-domain", domain, "--dkim-selector", selector];
                let out = ["--json", "--out", &path, &letter];
                let words: Vec<String> = dkim.into_iter().chain(out).map(Into::into).collect();
                let ran = program("sign", &[self.settings.shared(), words].concat(), &[]);
                if self.fails(&ran).is_none() {
                    self.say("stamped", path);
                }
            }
            ("footer", [letter, text]) => {
                let (out, footer) = (self.path("composed"), self.path("footer"));
                std::fs::write(&footer, text).unwrap();
                let words = ["--text", &footer, "--out", &out, letter].map(str::to_owned);
                let ran = program("footer", &words, &[]);
                if self.fails(&ran).is_none() {
                    self.say("composed", out.clone());
                    self.written = Some(out);
                }
            }
            ("preflight", [profile]) => {
                let (journal, maildir) = (self.path("journal"), self.path("maildir"));
                let words =
                    ["--service", profile, "--json", "--key", "examples/letters/bob.pem", "--journal"];
                let words = [
                    &words[..],
                    &[journal.as_str(), "--maildir", &maildir, "tests/cases/drafts/to-dave.eml"],
                ];
                let ran =
                    program("bulk", &words.concat().into_iter().map(str::to_owned).collect::<Vec<_>>(), &[]);
                match ran.status.code() {
                    // It says nothing of a service that lets letters pass: it has sent them.
                    Some(0) => self.say("preflights", serde_json::json!({ "refused": [] })),
                    Some(1) => self.say("preflights", serde_json::from_slice::<Value>(&ran.stdout).unwrap()),
                    _ => _ = self.fails(&ran),
                }
            }
            ("check", [file]) => {
                let to = self.settings.recipients.iter().flat_map(|one| ["--to".into(), one.clone()]);
                let words: Vec<String> =
                    ["--message".into(), self.letter(file)].into_iter().chain(to).collect();
                self.explain(words);
            }
            ("explain", [from, to]) => self.explain(["--from", from, "--to", to].map(Into::into).to_vec()),
            ("doctor", [file]) => self.doctor("diagnoses", vec![self.letter(file)]),
            ("compare", [sent, received]) => {
                let words = ["--sent".into(), self.letter(sent), "--received".into(), self.letter(received)];
                self.doctor("comparisons", words.to_vec());
            }
            ("profile", [sent, received, service]) => {
                let out = self.path("profile");
                let words = [
                    "--sent",
                    sent,
                    "--received",
                    received,
                    "--service",
                    service,
                    "--force",
                    "--profile",
                    &out,
                ];
                let ran = program("doctor", &words.map(str::to_owned), &[]);
                // Its status says whether they differ, too.
                match std::fs::read(&out) {
                    Ok(profile) => self.say("profiles", serde_json::from_slice::<Value>(&profile).unwrap()),
                    Err(_) => _ = self.fails(&ran),
                }
            }
            ("compose", [draft]) => self.compose(draft),
            ("plan", [draft]) => self.plan = Some(vec![(*draft).into()]),
            ("without", [address]) => self.change_plan(["--without", address]),
            ("accept", [address, fingerprint]) => {
                self.change_plan(["--accept", &format!("{address}={fingerprint}")]);
            }
            ("copy_to_sender", []) => self.plan.as_mut().unwrap().push("--copy-to-self".into()),
            ("unreachable", []) => {
                let plan = self.planned(&["--plan"]);
                for person in plan["unreachable"].as_array().into_iter().flatten() {
                    self.say("unreachable", person["mailbox"].clone());
                }
            }
            ("plan_json", []) => {
                let plan = self.planned(&["--plan"]);
                self.say("plans", plan);
            }
            ("groups", []) => {
                let folder = format!("{}-groups", self.path("groups"));
                let done = self.planned(&["--out-dir", &folder]);
                for letter in done["letters"].as_array().into_iter().flatten() {
                    self.say("groups", letter["mailboxes"].clone());
                    self.written = letter["file"].as_str().map(Into::into);
                }
            }
            _ => panic!("{}: {name} {words:?} is not known", self.out),
        }
    }

    /// A setting that nothing was done with is told to a verb all the same: it says what is wrong with it.
    fn settle(&mut self) {
        if !self.answer.contains_key("error") && (self.unsettled || self.plan.is_some()) {
            let plan = self.plan.clone();
            let _ = match plan {
                Some(_) => self.planned(&["--plan"]),
                None => self.ran(&["verify", "--json", "examples/letters/gpg.eml"], &[]),
            };
        }
    }

    fn change_plan(&mut self, option: [&str; 2]) {
        self.plan.as_mut().unwrap().extend(option.map(Into::into));
    }

    fn planned(&mut self, options: &[&str]) -> Value {
        let plan = self.plan.clone().unwrap();
        let mut words = vec!["encrypt".to_owned(), "--json".into()];
        words.extend(options.iter().map(|word| (*word).into()));
        words.extend(plan);
        for signer in &self.settings.signers {
            words.extend(["--sign".into(), signer.clone()]);
        }
        if !options.contains(&"--plan") {
            words.extend(self.settings.signing.iter().chain(&self.settings.sealing).cloned());
        }
        words.extend(self.settings.consent());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = self.ran(&words, &[]);
        // The plan that was asked for with letters, and lacks somebody.
        if !options.contains(&"--plan")
            && answer["unreachable"].as_array().is_some_and(|list| !list.is_empty())
        {
            self.answer.insert("error".into(), "unreachable".into());
            return Value::Null;
        }
        answer
    }

    fn explain(&mut self, mut words: Vec<String>) {
        words.extend(["explain".into(), "--json".into()]);
        words.rotate_right(2);
        words.extend(self.settings.shared());
        let ran = program("policy", &words, &[]);
        let line: Value = serde_json::from_slice(&ran.stdout).unwrap();
        match line.get("error") {
            Some(error) => _ = self.answer.insert("error".into(), error["kind"].clone()),
            None => self.say("sending", line),
        }
    }

    fn doctor(&mut self, key: &str, mut words: Vec<String>) {
        words.push("--json".into());
        words.extend(self.settings.world.iter().cloned());
        let ran = program("doctor", &words, &[]);
        let line: Value = serde_json::from_slice(&ran.stdout).unwrap();
        match line.get("error") {
            Some(error) => _ = self.answer.insert("error".into(), error["kind"].clone()),
            None => self.say(key, line),
        }
    }

    fn compose(&mut self, draft: &str) {
        let out = self.path("composed");
        let mut words: Vec<String> = self.settings.signing.clone();
        words.extend(["--json".into(), "--out".into(), out.clone(), draft.into()]);
        let seals = !self.settings.sealing.is_empty();
        for signer in &self.settings.signers {
            words.extend([if seals { "--sign".into() } else { "--key".into() }, signer.clone()]);
        }
        let verb = if seals { "encrypt" } else { "sign" };
        words.extend(self.settings.consent());
        if !seals {
            let recipients = self.settings.recipients.iter();
            words.extend(recipients.flat_map(|one| ["--recipient".into(), one.clone()]));
        }
        let world = if seals { self.settings.world.clone() } else { self.settings.shared() };
        words.extend(world.into_iter().chain(self.settings.sealing.clone()));
        let ran = program(verb, &words, &[]);
        if self.fails(&ran).is_none() {
            self.say("composed", out.clone());
            self.written = Some(out);
        }
    }

    fn look(&mut self, words: Vec<String>, part: Option<String>) {
        self.looked = Some((words, part));
        let payload = self.path("opened");
        let detached = self.looked.as_ref().is_some_and(|(words, _)| words.len() > 1);
        let mut options = vec!["--json", "--out", &payload];
        if !detached {
            options.push("--out-any");
        }
        let ran = self.again(&options);
        let Some(line) = self.fails(&ran) else {
            let line: Value = serde_json::from_slice(&ran.stdout).unwrap();
            return self.opened(&line, &payload);
        };
        if line.get("verdict").is_some() {
            self.answer.remove("error");
            self.opened(&line, &payload);
        }
    }

    fn opened(&mut self, line: &Value, payload: &str) {
        let reasons: Vec<_> =
            line["verdict"]["reasons"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        let mut opened = json!({ "outcome": line["verdict"]["outcome"], "action": line["verdict"]["action"], "reasons": reasons,
                "report": line["report"] });
        // What is not good, and not encrypted, the command does not write.
        let outer = &line["report"]["layers"][0];
        let closed =
            outer["kind"] == "encrypted" && outer["envelope"] == true && outer["decryption"] != "opened";
        if Path::new(payload).exists() || closed {
            opened["payload"] = if Path::new(payload).exists() { payload.into() } else { Value::Null };
        }
        self.say("opened", opened);
    }

    /// Looks at the last letter once more, with further options.
    fn again(&self, options: &[&str]) -> Output {
        let (letter, part) = self.looked.as_ref().unwrap();
        let mut words: Vec<String> = options.iter().map(|word| (*word).into()).collect();
        let detached = letter.len() > 1;
        if let Some(part) = part {
            words.extend(["--part".into(), part.clone()]);
        }
        words.extend(self.settings.world.iter().chain(letter).cloned());
        // `verify` opens nothing; where there is no key both say the same.
        let decrypts =
            part.is_some() || !self.settings.keys.is_empty() || !self.settings.passwords.is_empty();
        if detached || !decrypts {
            words.retain(|word| word != "--out-any");
            return program("verify", &words, &[]);
        }
        words.extend(self.settings.keys.iter().cloned());
        program("decrypt", &words, &self.settings.passwords)
    }

    fn ran(&mut self, words: &[&str], passwords: &[String]) -> Value {
        let (verb, words) = words.split_first().unwrap();
        let words: Vec<String> =
            words.iter().map(|word| (*word).into()).chain(self.settings.world.clone()).collect();
        let ran = program(verb, &words, passwords);
        match self.fails(&ran) {
            Some(line) => {
                if line.get("error").is_none() {
                    self.answer.remove("error");
                }
                line
            }
            None => serde_json::from_slice(&ran.stdout).unwrap_or(Value::Null),
        }
    }

    /// What it says where it does not end with 0; the kind of the error is noted.
    fn fails(&mut self, ran: &Output) -> Option<Value> {
        if ran.status.success() {
            return None;
        }
        let said = text(&ran.stdout);
        let line: Value = serde_json::from_str(said.lines().last().unwrap_or_default())
            .unwrap_or_else(|error| panic!("{}: {error}: {said} {}", self.out, text(&ran.stderr)));
        self.answer.insert("error".into(), line["error"]["kind"].clone());
        Some(line)
    }

    fn letter(&self, file: &str) -> String {
        match file {
            "=" => self.written.clone().unwrap(),
            file => file.into(),
        }
    }

    fn path(&self, key: &str) -> String {
        let before = self.answer.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        format!("{}-{key}-{before}.eml", self.out)
    }

    fn say(&mut self, key: &str, value: impl Into<Value>) {
        let list = self.answer.entry(key).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(value.into());
    }
}

fn program(verb: &str, words: &[String], passwords: &[String]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
    command
        .arg(verb)
        .args(words)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("NO_COLOR")
        .current_dir(super::table::root());
    let file = tempfile::NamedTempFile::new().unwrap();
    if !passwords.is_empty() {
        fs::write(file.path(), passwords.join("\n")).unwrap();
        command.arg("--password-file").arg(file.path());
    }
    command.output().unwrap()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
