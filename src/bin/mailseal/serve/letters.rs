//! What is done with a letter.

use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;

use mailseal::mime::{Address, FromHeader, Structure};
use mailseal::outside::MemoryFile;
use mailseal::policy::{SmimeProperties, escape};
use mailseal::protocol::{Fit, Purpose, keys_for};
use mailseal::report::Protocol;
use mailseal::{
    Composer, Context, Error as MailError, Input, Key, Opener, Plan, Policy, Report, UnixTime, Verdict,
};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::SpooledTempFile;

use super::request::{Check, Open, Recipients, Seal, Sign};
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
        let (draft, at) = (Draft::pipe(body, &self.cx)?, self.at(ask.at));
        let sender = self.sender(&draft)?;
        let key = self.signing_key(&sender, ask.protocol, at).ok_or_else(|| no_key(&sender))?;
        let composer = Composer::new(&self.cx).opaque(ask.opaque).sign(key).hold(ask.hold);
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
        let mut head = json!(dispatch);
        if let (Value::Object(head), Some(tag)) = (&mut head, &ask.text) {
            head.insert("text".into(), dispatch.text(tag).into());
        }
        done(head, SpooledTempFile::new(IN_MEMORY))
    }

    /// All letters one after another, or none.
    pub(super) fn seal(&self, ask: &Seal, body: &mut dyn Read) -> Result<Done, Failure> {
        let recipients = ask.recipients();
        let (draft, at) = (Draft::pipe(body, &self.cx)?, self.at(recipients.at));
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
        let mut composer = Composer::new(&self.cx).triple_wrap(ask.triple_wrap);
        composer =
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
