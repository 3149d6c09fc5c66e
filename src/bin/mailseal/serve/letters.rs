//! What is done with a letter.

use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;

use mailseal::crypto::ContentCipher;
use mailseal::doctor;
use mailseal::mime::{Address, FromHeader, Structure};
use mailseal::outside::MemoryFile;
use mailseal::policy::{SmimeProperties, escape};
use mailseal::protocol::{Fit, Purpose, keys_for};
use mailseal::report::{Protocol, ServiceProfile};
use mailseal::{
    Composer, Context, Error as MailError, Input, Key, Limits, Opener, Plan, Policy, Report, UnixTime,
    Verdict,
};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::SpooledTempFile;

use super::request::{Allow, Check, Doctor, Open, Preference, Preflight, Recipients, Seal, Sign};
use super::{Failure, ServeArgs, frame};
use crate::args::UseArgs;
use crate::audit::Audit;
use crate::encrypt;
use crate::keys::{self, Loaded, Passwords};
use crate::outgoing::{Draft, IN_MEMORY};
use crate::words::{said, say};
use crate::world::World;

/// What was given at the start, and is the same for every request.
pub(super) struct Server<'a> {
    args: &'a ServeArgs,
    policy: Policy,
    cx: Context,
    memory: Option<Arc<MemoryFile>>,
    opener: Opener,
    signing: Vec<Key>,
    audits: [Audit; 2],
}

/// An answer with letters in its body.
pub(super) struct Done {
    pub(super) head: Value,
    pub(super) letters: SpooledTempFile,
    pub(super) length: u64,
}

/// The head of an answer that comes with a report.
#[derive(Serialize)]
struct Seen<'a> {
    id: &'a Value,
    status: &'static str,
    /// Good, and from the sender that was named.
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    payload: &'static str,
    verdict: &'a Verdict,
    jmap: SmimeProperties,
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<String>,
}

impl<'a> Server<'a> {
    pub(super) fn new(args: &'a ServeArgs) -> Result<Self, Box<dyn std::error::Error>> {
        let policy = args.trust.policy()?;
        let passwords = Passwords::new(&args.passwords)?;
        let load = |names: &[std::ffi::OsString], purpose| {
            let uses = UseArgs { token: Vec::new(), audit: args.audit.clone() };
            let certificates: &[PathBuf] = &args.trust.cert;
            keys::load(names, &uses, certificates, &passwords, purpose)
        };
        let opening: Loaded = load(&args.key, Purpose::Encrypt)?;
        let signing: Loaded = load(&args.sign, Purpose::Sign)?;
        let World { cx, memory } = World::new(&args.trust, &policy)?;
        let mut opener = args.trusted.of(Opener::new(&cx));
        if passwords.are_given() {
            // Nobody sits at the terminal while requests are answered.
            opener = opener.password(passwords);
        }
        let opener = opening.keys.into_iter().fold(opener, Opener::key);
        let audits = [opening.audit, signing.audit];
        Ok(Self { args, policy, cx, memory, opener, signing: signing.keys, audits })
    }

    fn at(&self, asked: Option<UnixTime>) -> UnixTime {
        asked.unwrap_or_else(|| self.args.trust.time())
    }

    /// No use of a key that was not written down.
    fn audited(&self) -> Result<(), Failure> {
        Ok(self.audits.iter().try_for_each(Audit::finish)?)
    }

    pub(super) fn open(
        &self,
        id: &Value,
        ask: &Open,
        body: &mut (impl Read + Send),
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let (input, at) = (Input::pipe(body), self.at(ask.at));
        let opened = match &ask.part {
            Some(part) => self.opener.open_part(input, part, at)?,
            None => self.opener.open(input, at)?,
        };
        let verdict = self.policy.judge(&opened.report);
        // What is remembered is dated: whoever asks does not say when it was.
        if let Some(memory) = self.memory.as_ref().filter(|_| self.args.remember && ask.at.is_none()) {
            opened.remember(memory)?;
        }
        self.audited()?;
        let proof = ask.from.as_ref().and_then(|sender| opened.require(&self.policy, sender));
        let payload = match &proof {
            Some(proof) => Some(proof.payload),
            None => opened.payload().filter(|_| ask.any),
        };
        let text = ask.text.as_ref().map(|tag| verdict.text(&opened.report).language(tag).to_string());
        let results = ask.results.as_ref();
        let results = results.map(|name| verdict.authentication_results(&opened.report, name)).transpose()?;
        let seen = Seen {
            id,
            status: "opened",
            verified: proof.is_some(),
            sender: proof.as_ref().map(|proof| proof.sender.to_string()),
            payload: match (&proof, payload) {
                (Some(_), _) => "verified",
                (None, Some(_)) => "unverified",
                (None, None) => "none",
            },
            verdict: &verdict,
            jmap: verdict.smime_properties(&opened.report, ask.text.as_deref().unwrap_or("en")),
            report: &opened.report,
            text,
            results,
        };
        let head = serde_json::to_vec(&seen).map_err(|error| Failure::told("other", error.to_string()))?;
        let length = payload.map_or(0, |payload| payload.length());
        frame::begin(out, &head, length).map_err(Failure::Ended)?;
        match payload.map(|payload| payload.write(out)) {
            Some(Err(error)) => Err(Failure::Ended(error.into())),
            _ => Ok(()),
        }
    }

    pub(super) fn sign(&self, ask: &Sign, body: &mut dyn Read) -> Result<Done, Failure> {
        let at = self.at(ask.at);
        let answered = self.answered(ask.reply_to, body, at)?;
        let draft = Draft::pipe(body, &self.cx)?;
        let sender = self.sender(&draft)?;
        let key = self.signing_key(&sender, ask.protocol, at).ok_or_else(|| no_key(&sender))?;
        let composer = Composer::new(&self.cx).opaque(ask.opaque).sign(key).hold(ask.hold);
        let composer = told(composer, answered.as_ref(), ask.autocrypt, ask.reads.as_deref());
        let composer = composer.protect_headers(ask.protect_headers);
        let composer = ask.confirm.iter().fold(composer, |composer, domain| composer.confirm(domain));
        let composer = ask.recipients.iter().fold(composer, Composer::recipient);
        let mut letters = SpooledTempFile::new(IN_MEMORY);
        composer.compose(draft.input()?, at, &mut letters)?;
        self.audited()?;
        let certificate = key.certificate().fingerprint();
        let head = json!({ "protocol": key.protocol(), "certificate": certificate });
        done(head, letters)
    }

    pub(super) fn plan(&self, ask: &Recipients, body: &mut dyn Read) -> Result<Done, Failure> {
        let draft = Draft::pipe(body, &self.cx)?;
        let plan = self.planned(ask, &draft)?;
        let complete = plan.unreachable().next().is_none();
        let mut head = encrypt::planned(&plan)?;
        if let Value::Object(head) = &mut head {
            head.remove("version");
            head.insert("complete".into(), complete.into());
        }
        done(head, SpooledTempFile::new(IN_MEMORY))
    }

    /// What the policy says of a letter as it is.
    pub(super) fn check(&self, ask: &Check, body: &mut (dyn Read + Send)) -> Result<Done, Failure> {
        let draft = Draft::pipe(body, &self.cx)?;
        let to = Some(ask.recipients.as_slice()).filter(|to| !to.is_empty());
        let dispatch = self.cx.check_sending(draft.input()?, to, self.at(ask.at))?;
        page(json!(dispatch), ask.text.as_ref().map(|tag| dispatch.text(tag)))
    }

    /// All letters one after another, or none.
    pub(super) fn seal(&self, ask: &Seal, body: &mut dyn Read) -> Result<Done, Failure> {
        let recipients = ask.recipients();
        let at = self.at(recipients.at);
        let answered = self.answered(ask.reply_to, body, at)?;
        let draft = Draft::pipe(body, &self.cx)?;
        let plan = self.planned(&recipients, &draft)?;
        if plan.unreachable().next().is_some() {
            let error = plan.groups().err().map(Failure::from);
            let mut failure = error.unwrap_or_else(|| Failure::told("unreachable", String::new()));
            if let Failure::Told { more, .. } = &mut failure {
                let mut planned = encrypt::planned(&plan)?;
                *more = planned.get_mut("unreachable").map(|people| ("unreachable", people.take()));
            }
            return Err(failure);
        }
        let composer = Composer::new(&self.cx).triple_wrap(ask.triple_wrap);
        let composer = told(composer, answered.as_ref(), ask.autocrypt, ask.reads.as_deref());
        let mut composer =
            composer.header_confidentiality(ask.header_confidentiality).legacy_display(ask.legacy_display);
        let groups = plan.groups()?;
        if ask.sign {
            let sender = self.sender(&draft)?;
            for protocol in [Protocol::Smime, Protocol::Openpgp] {
                if groups.iter().any(|group| group.protocol() == protocol) {
                    let key = self.signing_key(&sender, Some(protocol), at);
                    composer = composer.sign(key.ok_or_else(|| no_key(&sender))?);
                }
            }
        }
        let mut letters = SpooledTempFile::new(IN_MEMORY);
        let (mut said, mut before) = (Vec::new(), 0);
        for group in &groups {
            composer.encrypt(group).compose(draft.input()?, at, &mut letters)?;
            let end = letters.stream_position()?;
            let mut one = encrypt::letter(group, None);
            if let Value::Object(one) = &mut one {
                one.insert("length".into(), end.saturating_sub(before).into());
            }
            said.push(one);
            before = end;
        }
        self.audited()?;
        if said.is_empty() {
            return Err(MailError::Refused(
                say("there is nobody to encrypt to", "暗号化する相手がいません").into(),
            )
            .into());
        }
        done(json!({ "letters": said }), letters)
    }

    /// What was done to a letter, or how two copies of it differ.
    pub(super) fn doctor(&self, ask: &Doctor, body: &mut (dyn Read + Send)) -> Result<Done, Failure> {
        let limits = self.cx.bounds();
        let language = ask.text.as_deref();
        let Some(length) = ask.sent else {
            let seen = doctor::diagnose(&self.cx, Input::pipe(body), self.at(ask.at))?;
            return page(json!(seen), language.map(|tag| seen.text(tag)));
        };
        let sent = octets(first(length, body, &self.cx)?.input()?, limits)?;
        let received = octets(Input::pipe(body), limits)?;
        let seen = doctor::compare(&sent, &received, limits)?;
        let mut head = json!(seen);
        if let (Value::Object(head), Some(service)) = (&mut head, &ask.service) {
            head.insert("profile".into(), json!(seen.profile(service)));
        }
        page(head, language.map(|tag| seen.text(tag)))
    }

    /// Whether signed letters may go through the service of a profile.
    pub(super) fn preflight(&self, ask: &Preflight, body: &mut (dyn Read + Send)) -> Result<Done, Failure> {
        let profile = octets(Input::pipe(body), self.cx.bounds())?;
        let profile = ServiceProfile::from_json(&String::from_utf8_lossy(&profile))?;
        let seen = doctor::preflight(&profile);
        let mut head = json!(seen);
        if let Value::Object(head) = &mut head {
            head.insert("passes".into(), seen.passes().into());
        }
        page(head, ask.text.as_ref().map(|tag| seen.text(tag)))
    }

    /// What was seen in the letter that is answered. Whoever asks learns of it what `open` tells, and has to be allowed that.
    fn answered(
        &self,
        length: Option<u64>,
        body: &mut dyn Read,
        at: UnixTime,
    ) -> Result<Option<Report>, Failure> {
        let Some(length) = length else { return Ok(None) };
        if !self.args.allows(Allow::Open) {
            let why = say(
                "reply_to opens a letter, and open is not among --allow",
                "reply_to はメールを開きますが、open は --allow にありません",
            );
            return Err(Failure::told("not_allowed", why));
        }
        let letter = first(length, body, &self.cx)?;
        let opened = self.opener.open(letter.input()?, at)?;
        if opened.payload().is_none() {
            let why = say(
                "the letter that is answered could not be opened, so nobody knows what it hides",
                "返信元のメールを開けないため、何が隠されているか分かりません",
            );
            return Err(MailError::Refused(why.into()).into());
        }
        Ok(Some(opened.report))
    }

    fn planned(&self, ask: &Recipients, draft: &Draft) -> Result<Plan, Failure> {
        let mut plan = Plan::new(&self.cx, draft.input()?, &self.policy, self.at(ask.at))?;
        for who in &ask.without {
            plan.remove(who)?;
        }
        for (who, fingerprint) in &ask.accept {
            plan.accept(who, fingerprint)?;
        }
        if ask.copy_to_self {
            plan.copy_to_sender()?;
        }
        ask.confirm.iter().for_each(|domain| plan.confirm(domain));
        plan.hold(ask.hold);
        Ok(plan)
    }

    /// The one From.
    fn sender(&self, draft: &Draft) -> Result<Address, Failure> {
        let structure = Structure::read(&mut *draft.reader()?, self.cx.bounds())?;
        let from = structure.root().map(|root| FromHeader::read(&root.headers()));
        let sole = from.as_ref().and_then(FromHeader::sole).cloned();
        Ok(sole.ok_or_else(|| {
            MailError::Refused(
                say("the draft is not from one address", "差出人が 1 つのアドレスではありません").into(),
            )
        })?)
    }

    fn signing_key(&self, sender: &Address, protocol: Option<Protocol>, at: UnixTime) -> Option<&Key> {
        let choices = keys_for(&self.signing, sender, Purpose::Sign, at).into_iter();
        let mut fitting = choices.filter(|choice| choice.fit == Fit::Fits).map(|choice| choice.key);
        fitting.find(|key| protocol.is_none_or(|protocol| key.protocol() == protocol))
    }
}

/// Reads the letter with which a body begins.
fn first(length: u64, body: &mut dyn Read, cx: &Context) -> Result<Draft, Failure> {
    let mut letter = body.take(length);
    let draft = Draft::pipe(&mut letter, cx)?;
    match letter.limit() {
        0 => Ok(draft),
        // One octet too many is told by whoever reads it; otherwise the body has ended.
        _ if letter.read(&mut [0])? > 0 => Ok(draft),
        _ => Err(Failure::told(
            "request",
            say(
                "the body is shorter than the letter it begins with",
                "本文が先頭のメールより短くなっています",
            ),
        )),
    }
}

fn octets(letter: Input<'_>, limits: &Limits) -> Result<Vec<u8>, MailError> {
    letter.octets("memory_bytes", limits.memory_bytes)
}

/// What requests to sign and to seal have in common.
fn told(
    composer: Composer,
    answered: Option<&Report>,
    autocrypt: Option<Preference>,
    reads: Option<&[ContentCipher]>,
) -> Composer {
    let composer = answered.into_iter().fold(composer, Composer::reply_to);
    let composer = reads.into_iter().fold(composer, Composer::reads);
    autocrypt.into_iter().fold(composer, |composer, one| composer.autocrypt(one == Preference::Mutual))
}

/// An answer without letters, with a page for people.
fn page(mut head: Value, text: Option<String>) -> Result<Done, Failure> {
    if let (Value::Object(head), Some(text)) = (&mut head, text) {
        head.insert("text".into(), text.into());
    }
    done(head, SpooledTempFile::new(IN_MEMORY))
}

fn done(head: Value, mut letters: SpooledTempFile) -> Result<Done, Failure> {
    let length = letters.stream_position()?;
    letters.rewind()?;
    Ok(Done { head, letters, length })
}

fn no_key(sender: &Address) -> Failure {
    let sender = escape(&sender.to_string());
    MailError::Refused(said!(
        "none of the keys may sign for {sender}",
        "{sender} のために署名できる鍵がありません"
    ))
    .into()
}
