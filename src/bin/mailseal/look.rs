//! What `verify` and `decrypt` have in common: a letter is opened, judged, shown and perhaps written.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use mailseal::mime::{Address, PartPath};
use mailseal::outside::{EvidenceRecord, MemoryFile, Reading, StoredMessage};
use mailseal::policy::SmimeProperties;
use mailseal::report::{Code, Decryption, EncryptedLayer, Layer};
use mailseal::{Input, Opened, Opener, Outcome, Policy, Report, Verdict};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::VerifyArgs;
use crate::batch::{self, Counted, Said};
use crate::letters::{Letter, Letters, Named};
use crate::progress::Progress;
use crate::sending::Sending;
use crate::words::{said, say};
use crate::{GOOD, NOT_GOOD, keys, terminal, wants};

/// What is given to every message.
pub(crate) struct Looking<'a> {
    pub(crate) args: &'a VerifyArgs,
    pub(crate) opener: Opener,
    pub(crate) policy: Policy,
    pub(crate) memory: Option<Arc<MemoryFile>>,
    pub(crate) decrypting: Option<Decrypting<'a>>,
    /// Where evidence is kept. Not what was decrypted: that could be judged again only with the plaintext or the key.
    pub(crate) keeping: Option<&'a Path>,
    pub(crate) detached: Option<Detached<'a>>,
    pub(crate) results: Option<Results<'a>>,
    pub(crate) sending: Option<Sending>,
}

/// The verdict for other programs.
pub(crate) struct Results<'a> {
    /// The name that the receiving system goes by.
    pub(crate) id: &'a str,
    /// Where the letter goes that bears it.
    pub(crate) stamp: Option<&'a Path>,
}

impl Results<'_> {
    fn field(&self, opened: &Opened<'_>, verdict: &Verdict) -> Result<String, Box<dyn Error>> {
        if let Some(path) = self.stamp {
            opened.stamp_file(verdict, self.id, path)?;
        }
        Ok(verdict.authentication_results(&opened.report, self.id)? + "\n")
    }
}

/// A signature that lies beside what it signs, and the header of their letter.
pub(crate) struct Detached<'a> {
    signature: &'a Path,
    header: Vec<u8>,
}

impl<'a> Detached<'a> {
    pub(crate) fn read(signature: &'a Path, header: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        Ok(Self { signature, header: header.map(keys::read).transpose()?.unwrap_or_default() })
    }
}

/// What has to be decrypted for the letter to pass.
pub(crate) struct Decrypting<'a> {
    /// The part that was named; otherwise the envelope.
    pub(crate) part: Option<&'a PartPath>,
    /// The payload is written whatever it is worth.
    pub(crate) out_any: bool,
}

/// What `--json` prints for one message.
#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    /// Which letter, where there are several.
    #[serde(flatten)]
    about: Map<String, Value>,
    verdict: &'a Verdict,
    jmap: SmimeProperties,
    report: &'a Report,
}

/// How it is said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One line of JSON, of the only one.
    Json,
    /// The same of one of many.
    JsonLine,
    /// All that there is to say.
    Page,
    /// One line of many.
    Line,
}

impl Looking<'_> {
    pub(crate) fn run(&self) -> Result<u8, Box<dyn Error>> {
        let args = self.args;
        let letters = match self.named() {
            Named::One(letter) => {
                let what = letter.name().unwrap_or_else(|| "-".into());
                let progress = Progress::start(&terminal::line(&what), 0, args.batch.quiet);
                let said = self.look(&letter, if args.json { Form::Json } else { Form::Page })?;
                drop(progress);
                io::stdout().write_all(said.text.as_bytes())?;
                if let Some(note) = &said.note {
                    terminal::tell(None, note);
                }
                return Ok(said.status);
            }
            Named::Many(letters) => letters,
        };
        let alone = [
            ("--out", args.out.is_some()),
            ("--signature", self.detached.is_some()),
            ("--evidence", self.keeping.is_some()),
            ("--stamp", self.results.as_ref().is_some_and(|results| results.stamp.is_some())),
        ];
        if let Some((option, _)) = alone.iter().find(|(_, given)| *given) {
            let why = said!("{option} takes one message, not many", "{option} は 1 通にだけ使えます");
            return Err(why.into());
        }
        let form = if args.json { Form::JsonLine } else { Form::Line };
        let look = |letter: &Letter| self.look(letter, form);
        batch::run(&args.messages, letters, &args.batch, args.json, look)
    }

    fn look(&self, letter: &Letter, form: Form) -> Result<Said, Box<dyn Error>> {
        let (mut opened, reading) = self.open(letter)?;
        // Evidence has it already.
        if let Some(sending) = self.sending.as_ref().filter(|_| self.keeping.is_none()) {
            sending.add_to(&mut opened)?;
        }
        let verdict = self.policy.judge(&opened.report);
        let passes = self.passes(&opened, &verdict);
        let writes = passes
            || self.decrypting.as_ref().is_some_and(|wanted| wanted.out_any && wanted.is_opened(&opened));
        if let (Some(out), Some(payload), true) = (self.args.out.as_deref(), opened.payload(), writes) {
            payload.save(out)?;
        }
        let text = match form {
            _ if let Some(results) = &self.results => results.field(&opened, &verdict)?,
            Form::Json => json(letter.in_mbox(reading), &opened, &verdict)?,
            Form::JsonLine => {
                let about = letter.json().into_iter().chain(letter.in_mbox(reading));
                json(about.collect(), &opened, &verdict)?
            }
            Form::Page => self.page(reading, &opened, &verdict)?,
            Form::Line => self.line(letter, reading, &opened, &verdict)?,
        };
        if let Some(memory) = self.memory.as_ref().filter(|_| self.args.remember) {
            opened.remember(memory)?;
        }
        let about = letter.name().map(|name| format!("{name}: ")).unwrap_or_default();
        let note = self.decrypting.as_ref().and_then(|decrypting| decrypting.explain(&opened.report));
        let counted = Counted {
            outcome: verdict.outcome,
            reasons: verdict.reasons.iter().map(|reason| reason.code.as_str()).collect(),
        };
        Ok(Said {
            text,
            note: note.map(|note| about + &note),
            status: if passes { GOOD } else { NOT_GOOD },
            outcome: Some(counted),
        })
    }

    /// What a signature lies beside is taken as it is.
    fn named(&self) -> Named<'_> {
        match (&self.detached, self.args.messages.as_slice()) {
            (Some(_), [one]) if one != Path::new("-") => Named::One(Letter::Stored(StoredMessage::file(one))),
            (_, many) => Letters::named(many),
        }
    }

    fn open(&self, letter: &Letter) -> Result<(Opened<'static>, Reading), Box<dyn Error>> {
        let at = self.args.trust.time();
        if let Some(part) = self.decrypting.as_ref().and_then(|decrypting| decrypting.part) {
            return Ok((self.opener.open_part(letter.input()?, part, at)?, Reading::AsItLies));
        }
        if let Some(Detached { signature, header }) = &self.detached {
            let signature = Input::file(*signature);
            let opened = self.opener.verify_detached(letter.input()?, signature, header, at)?;
            return Ok((opened, Reading::AsItLies));
        }
        if let Some(path) = self.keeping {
            let mut record = EvidenceRecord::open_as(&self.opener, letter.input()?, at)?;
            if let Some(sending) = &self.sending {
                sending.keep_in(&mut record)?;
            }
            record.save(&self.policy, path)?;
            return Ok((record.opened, Reading::AsItLies));
        }
        Ok(letter.open(&self.opener, at)?)
    }

    fn passes(&self, opened: &Opened<'_>, verdict: &Verdict) -> bool {
        let good = match &self.args.from {
            Some(sender) => opened.require(&self.policy, sender).is_some(),
            None => verdict.outcome == Outcome::Good,
        };
        let Some(decrypting) = &self.decrypting else { return good };
        let unsigned = self.args.from.is_none()
            && self.policy.lets_unsigned_pass()
            && is_unsigned(verdict)
            && decrypting.is_opened_throughout(&opened.report);
        decrypting.is_opened(opened) && (good || unsigned)
    }

    fn page(
        &self,
        reading: Reading,
        opened: &Opened<'_>,
        verdict: &Verdict,
    ) -> Result<String, Box<dyn Error>> {
        let text = verdict
            .text(&opened.report)
            .language(terminal::language())
            .explain(self.args.explain)
            .colour(terminal::colour());
        // Its last line ends like the others.
        let mut page = text.to_string().into_bytes();
        wants::tell(&mut page, &opened.report.wants, &self.args.trust.fetch, self.args.explain)?;
        if reading != Reading::AsItLies {
            let why = say("without the escapes of the mbox file", "mbox のエスケープを外して確認");
            writeln!(page, "  {reading:<8}  {why}")?;
        }
        if let Some(sender) = self.is_from_another(opened, verdict) {
            let text = said!("it is not from {sender}", "差出人は {sender} ではありません");
            writeln!(page, "  --from    {text}")?;
        }
        Ok(String::from_utf8(page)?)
    }

    /// `✓ GOOD      inbox.mbox:3: Signed by …`; with --explain all of the page.
    fn line(
        &self,
        letter: &Letter,
        reading: Reading,
        opened: &Opened<'_>,
        verdict: &Verdict,
    ) -> Result<String, Box<dyn Error>> {
        let name = terminal::line(&letter.to_string());
        let page = self.page(reading, opened, verdict)?;
        if self.args.explain {
            return Ok(format!("{name}\n{page}\n"));
        }
        let headline = page.lines().next().unwrap_or_default();
        // The word stands in columns of its own.
        let (word, sentence) = headline.split_once("  ").unwrap_or(("", headline));
        let blanks = sentence.len() - sentence.trim_start_matches(' ').len() + 2;
        let mut line = format!("{word}{:blanks$}{name}: {}", "", sentence.trim_start_matches(' '));
        if reading != Reading::AsItLies {
            line.push_str(&format!(" ({reading})"));
        }
        if let Some(sender) = self.is_from_another(opened, verdict) {
            let text = said!("it is not from {sender}", "差出人は {sender} ではありません");
            line.push_str(&format!(" (--from: {text})"));
        }
        Ok(line + "\n")
    }

    fn is_from_another(&self, opened: &Opened<'_>, verdict: &Verdict) -> Option<&Address> {
        let sender = self.args.from.as_ref().filter(|_| verdict.outcome == Outcome::Good)?;
        opened.require(&self.policy, sender).is_none().then_some(sender)
    }
}

impl Decrypting<'_> {
    /// The encrypted layers that are asked for.
    fn layers<'r>(&self, report: &'r Report) -> impl Iterator<Item = &'r EncryptedLayer> {
        let part = self.part.cloned().unwrap_or_default();
        report.layers.iter().filter_map(move |layer| match layer {
            Layer::Encrypted(layer) if part.contains(&layer.part) => Some(layer),
            _ => None,
        })
    }

    /// Something was decrypted, and its content came out.
    fn is_opened(&self, opened: &Opened<'_>) -> bool {
        let open = |layer: &EncryptedLayer| layer.decryption == Decryption::Opened;
        opened.payload().is_some() && self.layers(&opened.report).any(open)
    }

    /// Nothing in it stayed encrypted.
    fn is_opened_throughout(&self, report: &Report) -> bool {
        self.layers(report).all(|layer| layer.decryption == Decryption::Opened)
    }

    /// Why nothing was decrypted, where the page does not say so: there was nothing to decrypt.
    fn explain(&self, report: &Report) -> Option<String> {
        let mut layers = self.layers(report);
        let Some(first) = layers.next() else {
            let nothing = say(
                "nothing to decrypt: the letter is not encrypted",
                "復号するものがありません。メールは暗号化されていません",
            );
            return Some(nothing.to_owned());
        };
        let closed = |layer: &EncryptedLayer| !layer.envelope && layer.decryption == Decryption::NotTried;
        let parts = self.part.is_none() && closed(first) && layers.all(closed);
        let part = &first.part;
        parts.then(|| {
            said!(
                "only parts are encrypted; to open the first, say --part {part}",
                "一部のパートだけが暗号化されています。最初のものを開くには --part {part}"
            )
        })
    }
}

fn json(about: Map<String, Value>, opened: &Opened<'_>, verdict: &Verdict) -> Result<String, Box<dyn Error>> {
    let jmap = verdict.smime_properties(&opened.report, terminal::language());
    let line = Line { version: 1, about, verdict, jmap, report: &opened.report };
    Ok(serde_json::to_string(&line)? + "\n")
}

/// Nobody signed, and it does not look as if somebody had.
fn is_unsigned(verdict: &Verdict) -> bool {
    let first = verdict.reasons.first().map(|reason| reason.code);
    verdict.outcome == Outcome::None && first == Some(Code::NotSigned)
}

/// A file, or standard input.
pub(crate) fn input(path: Option<&Path>) -> Input<'static> {
    match path {
        Some(path) if path != Path::new("-") => Input::file(path),
        _ => Input::pipe(io::stdin()),
    }
}
