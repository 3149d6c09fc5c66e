//! The driver of the library itself.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use mailseal::crypto::ContentCipher;
use mailseal::doctor;
use mailseal::mime::{Address, AuthservId, PartPath};
use mailseal::outside::domain::DkimSigner;
use mailseal::outside::{EvidenceArchive, EvidenceRecord, Mailbox, MemoryFile, policy_from_file};
use mailseal::policy::{Algorithms, path_text};
use mailseal::protocol::NewKey;
use mailseal::report::Protocol;
use mailseal::trust::{FetchError, FetchRequest, Fetcher};
use mailseal::x509::RevocationData;
use mailseal::{
    Certificate, CertificatePool, Composer, Context, Error, Group, HeaderConfidentiality, Input, Key, Limits,
    Opened, Opener, Password, Plan, Policy, Scope, TrustStore, UnixTime,
};
use serde_json::{Map, Value, json};

type Done = Result<(), Error>;

/// The answer to each case, a line each.
pub(crate) fn answers(lines: &str, folder: &Path) -> String {
    let mut answers = String::new();
    let mut lines = lines.lines();
    while let Some(line) = lines.next() {
        let name = line.strip_prefix("case\t").unwrap();
        let mut case = Driven::new(&folder.join(name));
        let mut failed = false;
        for step in lines.by_ref().take_while(|line| *line != "end") {
            if !failed && let Err(error) = case.step(&step.split('\t').collect::<Vec<_>>()) {
                case.answer.insert("error".into(), error.kind().into());
                failed = true;
            }
        }
        answers += &(Value::Object(case.answer).to_string() + "\n");
    }
    answers
}

#[derive(Clone, Default)]
struct Responses(Arc<HashMap<String, Vec<u8>>>);

impl Fetcher for Responses {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        self.0.get(request.url).cloned().ok_or(FetchError::Unavailable)
    }
}

struct Driven {
    /// Files of this case begin with it.
    out: String,
    answer: Map<String, Value>,
    trust: TrustStore,
    certificates: Vec<Certificate>,
    revocations: Vec<Vec<u8>>,
    responses: Responses,
    memory: Option<Arc<MemoryFile>>,
    limits: Limits,
    algorithms: Algorithms,
    policy: Policy,
    /// It is one of a file, which the context has too.
    rules: bool,
    recipients: Vec<Address>,
    confirmed: Vec<String>,
    holds: bool,
    at: UnixTime,
    keys: Vec<Key>,
    trusted_results: Option<AuthservId>,
    trusted_hops: Option<usize>,
    password: Option<String>,
    signers: Vec<Key>,
    to: Vec<Certificate>,
    cipher: Option<ContentCipher>,
    settings: Vec<Box<dyn Fn(Composer) -> Composer>>,
    written: Option<String>,
    opened: Option<Opened<'static>>,
    plan: Option<(Plan, Vec<u8>)>,
}

fn read(path: &str) -> Result<Vec<u8>, Error> {
    fs::read(super::table::root().join(path)).map_err(|source| Error::Io { what: path.into(), source })
}

fn key(file: &str, password: &str) -> Result<Key, Error> {
    match password {
        "" => Key::load(&read(file)?, Password::none()),
        password => Key::load(&read(file)?, Password::from(password.to_owned())),
    }
}

impl Driven {
    fn new(out: &Path) -> Self {
        Self {
            out: out.to_str().unwrap().into(),
            answer: Map::new(),
            trust: TrustStore::new(),
            certificates: Vec::new(),
            revocations: Vec::new(),
            responses: Responses::default(),
            memory: None,
            limits: Limits::default(),
            algorithms: Algorithms::standard(),
            policy: Policy::standard(),
            rules: false,
            recipients: Vec::new(),
            confirmed: Vec::new(),
            holds: false,
            at: UnixTime::from_seconds(0),
            keys: Vec::new(),
            trusted_results: None,
            trusted_hops: None,
            password: None,
            signers: Vec::new(),
            to: Vec::new(),
            cipher: None,
            settings: Vec::new(),
            written: None,
            opened: None,
            plan: None,
        }
    }

    fn set(&mut self, change: impl Fn(Composer) -> Composer + 'static) {
        self.settings.push(Box::new(change));
    }

    fn step(&mut self, step: &[&str]) -> Done {
        let trust = std::mem::take(&mut self.trust);
        match *step {
            ["anchors", file, scope] => self.trust = trust.anchors(&read(file)?, scope.parse::<Scope>()?)?,
            ["pin", address, fingerprint] => self.trust = trust.pin(&address.parse()?, fingerprint)?,
            ["root", fingerprint, amount] => {
                self.trust = trust.web_of_trust_root(fingerprint, amount.parse().unwrap())?;
            }
            ["email_roots", scope] => self.trust = trust.email_roots(scope.parse()?),
            _ => {
                self.trust = trust;
                return self.other(step);
            }
        }
        Ok(())
    }

    fn other(&mut self, step: &[&str]) -> Done {
        match *step {
            ["certificates", file] => self.certificates.extend(Certificate::load(&read(file)?)?),
            ["revocations", file] => self.revocations.push(read(file)?),
            ["response", url, file] => {
                Arc::make_mut(&mut self.responses.0).insert(url.into(), read(file)?);
            }
            ["memory"] => self.memory = Some(Arc::new(MemoryFile::open(format!("{}.db", self.out))?)),
            ["limit", name, number] => {
                if !self.limits.set(name, number.parse().unwrap()) {
                    return Err(Error::Misuse(name.into()));
                }
            }
            ["algorithms", "strict"] => self.algorithms = Algorithms::strict(),
            ["policy", "standard"] => self.policy = Policy::standard(),
            ["policy", "strict"] => self.policy = Policy::strict(),
            ["policy", file] => {
                self.policy = policy_from_file(super::table::root().join(file))?;
                self.rules = true;
            }
            ["recipient", address] => self.recipients.push(address.parse()?),
            ["confirm", domain] => self.confirmed.push(domain.into()),
            ["hold"] => self.holds = true,
            ["at", seconds] => self.at = UnixTime::from_seconds(seconds.parse().unwrap()),
            ["key", file, password] => self.keys.push(key(file, password)?),
            ["trusted_results", name] => self.trusted_results = Some(name.parse().unwrap()),
            ["trusted_hops", lines] => self.trusted_hops = Some(lines.parse().unwrap()),
            ["password", text] => self.password = Some(text.into()),
            ["signer", file, password] => self.signers.push(key(file, password)?),
            ["encrypt_to", file] => self.to.extend(Certificate::load(&read(file)?)?),
            ["cipher", name] => self.cipher = name.parse().ok(),
            ["opaque"] => self.set(|composer| composer.opaque(true)),
            ["protect_headers"] => self.set(|composer| composer.protect_headers(true)),
            ["no_protect_headers"] => self.set(|composer| composer.protect_headers(false)),
            ["triple_wrap"] => self.set(|composer| composer.triple_wrap(true)),
            ["header_confidentiality", name] => {
                let policy: HeaderConfidentiality = name.parse()?;
                self.set(move |composer| composer.header_confidentiality(policy));
            }
            ["legacy_display"] => self.set(|composer| composer.legacy_display(true)),
            ["reply_to"] => {
                let report = self.opened.as_ref().unwrap().report.clone();
                self.set(move |composer| composer.reply_to(&report));
            }
            ["reads", names] => {
                let ciphers: Vec<ContentCipher> =
                    names.split(',').map(|name| name.parse().unwrap()).collect();
                self.set(move |composer| composer.reads(&ciphers));
            }
            ["autocrypt", preference] => {
                let mutual = preference == "mutual";
                self.set(move |composer| composer.autocrypt(mutual));
            }
            ["allow_other_from"] => self.set(Composer::allow_other_from),
            _ => return self.act(step),
        }
        Ok(())
    }

    fn act(&mut self, step: &[&str]) -> Done {
        match *step {
            ["open", file] => {
                let opened = self.opener()?.open(self.letter(file), self.at)?;
                self.looked(opened)
            }
            ["mailbox", path] => {
                let opener = self.opener()?;
                for message in Mailbox::open(super::table::root().join(path))?.unwrap() {
                    let (opened, _) = message?.open(&opener, self.at)?;
                    self.looked(opened)?;
                }
                Ok(())
            }
            ["archive", file] => {
                let path = format!("{}.evidence", self.out);
                EvidenceRecord::open(&self.context()?, self.letter(file), self.at)?
                    .save(&self.policy, &path)?;
                let checked = EvidenceArchive::open(path)?.check(&self.policy)?;
                self.say("checked", checked.is_same());
                Ok(())
            }
            ["new_key", protocol, address] => self.new_key(protocol, address),
            ["open_part", file, part] => {
                let part: PartPath = part.parse().map_err(|_| Error::Misuse(part.into()))?;
                let opened = self.opener()?.open_part(self.letter(file), &part, self.at)?;
                self.looked(opened)
            }
            ["detached", content, signature, header] => {
                let (content, signature) = (self.letter(content), self.letter(signature));
                let opened = self.opener()?.verify_detached(content, signature, &read(header)?, self.at)?;
                self.looked(opened)
            }
            ["require", address] => {
                let sender = address.parse()?;
                let letter = self.opened.as_ref().unwrap().require(&self.policy, &sender);
                let sender = letter.map_or(Value::Null, |letter| letter.sender.to_string().into());
                self.say("verified", sender);
                Ok(())
            }
            ["check", file] => {
                let to = Some(self.recipients.as_slice()).filter(|to| !to.is_empty());
                let dispatch = self.context()?.check_sending(self.letter(file), to, self.at)?;
                self.say("sending", serde_json::to_value(&dispatch).unwrap());
                Ok(())
            }
            ["explain", from, to] => {
                let dispatch = self.context()?.decide_sending(Some(&from.parse()?), &[to.parse()?])?;
                self.say("sending", serde_json::to_value(&dispatch).unwrap());
                Ok(())
            }
            ["doctor", file] => {
                let seen = doctor::diagnose(&self.context()?, self.letter(file), self.at)?;
                self.say("diagnoses", serde_json::to_value(&seen).unwrap());
                Ok(())
            }
            ["compare", sent, received] => {
                let cx = self.context()?;
                let seen = doctor::compare(&self.octets(sent), &self.octets(received), cx.bounds())?;
                self.say("comparisons", serde_json::to_value(&seen).unwrap());
                Ok(())
            }
            ["profile", sent, received, service] => {
                let cx = self.context()?;
                let seen = doctor::compare(&self.octets(sent), &self.octets(received), cx.bounds())?;
                self.say(
                    "profiles",
                    serde_json::from_str::<Value>(&seen.profile(service).to_json()?).unwrap(),
                );
                Ok(())
            }
            ["remember"] => self.opened.as_ref().unwrap().remember(self.memory.as_ref().unwrap()),
            ["text", language] => {
                let report = &self.opened.as_ref().unwrap().report;
                let verdict = self.policy.judge(report);
                let text = verdict.text(report).language(language).to_string();
                self.say("texts", text);
                Ok(())
            }
            ["evidence", language] => {
                let report = &self.opened.as_ref().unwrap().report;
                let evidence = report.signatures().flat_map(|signature| &signature.evidence).next().unwrap();
                let text = path_text(evidence, report.at, language);
                self.say("evidence", text);
                Ok(())
            }
            ["results", id] => {
                let report = &self.opened.as_ref().unwrap().report;
                let field = self.policy.judge(report).authentication_results(report, id)?;
                self.say("results", field);
                Ok(())
            }
            ["smime_status"] => {
                let report = &self.opened.as_ref().unwrap().report;
                let status = self.policy.judge(report).smime_status(report);
                self.say("smime", json!(status));
                Ok(())
            }
            ["stamp", id] => {
                let opened = self.opened.as_ref().unwrap();
                let verdict = self.policy.judge(&opened.report);
                let path = self.path("stamped");
                opened.stamp(&verdict, id, &mut fs::File::create(&path).unwrap())?;
                self.say("stamped", path);
                Ok(())
            }
            ["dkim", file, key, domain, selector] => {
                let signer = DkimSigner::load(&read(key)?, domain, selector)?;
                let path = self.path("stamped");
                signer.save(self.letter(file), self.at, &path)?;
                self.say("stamped", path);
                Ok(())
            }
            ["preflight", file] => {
                let profile = String::from_utf8(read(file)?).unwrap();
                let found =
                    mailseal::doctor::preflight(&mailseal::report::ServiceProfile::from_json(&profile)?);
                self.say("preflights", serde_json::to_value(&found).unwrap());
                Ok(())
            }
            ["footer", file, text] => {
                let mut letter = Vec::new();
                self.context()?.append_footer(&read(file)?, text, &mut letter)?;
                self.wrote(&letter);
                Ok(())
            }
            ["compose", file] => {
                let mut composer = self.composer()?;
                if !self.to.is_empty() {
                    let group = Group::to(&self.to, self.at)?;
                    let group = match self.cipher {
                        Some(cipher) => group.cipher(cipher),
                        None => group,
                    };
                    composer = composer.encrypt(&group);
                }
                let mut letter = Vec::new();
                composer.compose(&read(file)?, self.at, &mut letter)?;
                self.wrote(&letter);
                Ok(())
            }
            _ => self.planned(step),
        }
    }

    /// Signs from here, and its certificate is an anchor.
    fn new_key(&mut self, protocol: &str, address: &str) -> Done {
        let protocol = if protocol == "smime" { Protocol::Smime } else { Protocol::Openpgp };
        let new = NewKey::new(protocol, &[address.parse()?])?;
        let new = if protocol == Protocol::Smime { new.self_signed() } else { new };
        let made = new.make(None, self.at, &mailseal::crypto::Provider::default())?;
        self.signers.push(Key::load(made.key.expose(), Password::none())?);
        self.trust = std::mem::take(&mut self.trust).anchor(made.certificate.unwrap(), Scope::any());
        Ok(())
    }

    fn planned(&mut self, step: &[&str]) -> Done {
        if let ["plan", file] = *step {
            let draft = read(file)?;
            let mut plan = Plan::new(&self.context()?, &draft, &self.policy, self.at)?;
            self.confirmed.iter().for_each(|domain| plan.confirm(domain));
            plan.hold(self.holds);
            self.plan = Some((plan, draft));
            return Ok(());
        }
        let Some((mut plan, draft)) = self.plan.take() else { panic!("{step:?}") };
        match *step {
            ["without", address] => plan.remove(&address.parse()?)?,
            ["accept", address, fingerprint] => plan.accept(&address.parse()?, fingerprint)?,
            ["copy_to_sender"] => plan.copy_to_sender()?,
            ["unreachable"] => {
                for person in plan.unreachable() {
                    self.say("unreachable", person.mailbox.to_string());
                }
            }
            ["plan_json"] => {
                self.say("plans", serde_json::from_str::<serde_json::Value>(&plan.json("en")).unwrap())
            }
            ["groups"] => {
                let composer = self.composer()?;
                for group in plan.groups()? {
                    let mut letter = Vec::new();
                    composer.encrypt(&group).compose(&draft, self.at, &mut letter)?;
                    self.wrote(&letter);
                    let people: Vec<_> = group.mailboxes.iter().map(ToString::to_string).collect();
                    self.say("groups", people);
                }
            }
            _ => panic!("{step:?} is not known"),
        }
        self.plan = Some((plan, draft));
        Ok(())
    }

    fn context(&self) -> Result<Context, Error> {
        let pool: CertificatePool = self.certificates.iter().cloned().collect();
        let mut revocations = RevocationData::new();
        for octets in &self.revocations {
            revocations = revocations.with(octets)?;
        }
        let cx = Context::new(self.trust.clone()).certificates(pool).revocations(revocations);
        let cx = cx.limits(self.limits.clone()).algorithms(self.algorithms.clone());
        let cx = if self.rules { cx.policy(&self.policy) } else { cx };
        let cx = match &self.memory {
            Some(memory) => cx.memory(Arc::clone(memory)),
            None => cx,
        };
        Ok(match self.responses.0.is_empty() {
            true => cx,
            false => cx.fetcher(self.responses.clone()),
        })
    }

    fn opener(&self) -> Result<Opener, Error> {
        let mut opener = Opener::new(&self.context()?);
        for key in &self.keys {
            opener = opener.key(key.clone());
        }
        if let Some(name) = &self.trusted_results {
            opener = opener.trusted_results(name.clone());
        }
        if let Some(lines) = self.trusted_hops {
            opener = opener.trusted_hops(lines);
        }
        Ok(match &self.password {
            Some(password) => opener.password(Password::from(password.clone())),
            None => opener,
        })
    }

    fn composer(&self) -> Result<Composer, Error> {
        let composer =
            self.signers.iter().fold(Composer::new(&self.context()?), |composer, key| composer.sign(key));
        let composer = self.recipients.iter().fold(composer.hold(self.holds), Composer::recipient);
        let composer = self.confirmed.iter().fold(composer, |composer, domain| composer.confirm(domain));
        Ok(self.settings.iter().fold(composer, |composer, setting| setting(composer)))
    }

    fn letter(&self, file: &str) -> Input<'static> {
        match file {
            "=" => Input::file(self.written.as_ref().unwrap()),
            file => Input::file(super::table::root().join(file)),
        }
    }

    fn octets(&self, file: &str) -> Vec<u8> {
        match file {
            "=" => fs::read(self.written.as_ref().unwrap()).unwrap(),
            file => fs::read(super::table::root().join(file)).unwrap(),
        }
    }

    fn looked(&mut self, opened: Opened<'static>) -> Done {
        let verdict = self.policy.judge(&opened.report);
        let reasons: Vec<_> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
        let path = self.path("opened");
        let payload = match opened.payload() {
            Some(payload) => payload.save(&path).map(|()| Value::from(path))?,
            None => Value::Null,
        };
        let report = serde_json::to_value(&opened.report).unwrap();
        self.say(
            "opened",
            json!({ "outcome": verdict.outcome, "action": verdict.action, "reasons": reasons, "report": report,
                "payload": payload }),
        );
        self.opened = Some(opened);
        Ok(())
    }

    fn wrote(&mut self, letter: &[u8]) {
        let path = self.path("composed");
        fs::write(&path, letter).unwrap();
        self.say("composed", path.clone());
        self.written = Some(path);
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
