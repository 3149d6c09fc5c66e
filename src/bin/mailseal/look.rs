//! What `verify` and `decrypt` have in common: a letter is opened, judged, shown and perhaps written.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use mailseal::mime::PartPath;
use mailseal::outside::{EvidenceRecord, MemoryFile};
use mailseal::report::{Code, Decryption, EncryptedLayer, Layer};
use mailseal::{Context, Input, Opened, Opener, Outcome, Policy, Report, Verdict};
use serde::Serialize;
use serde_json::json;

use crate::args::VerifyArgs;
use crate::{COULD_NOT_LOOK, GOOD, NOT_GOOD, keys, terminal, wants};

/// What is given to every message.
pub(crate) struct Looking<'a> {
    pub(crate) args: &'a VerifyArgs,
    pub(crate) opener: Opener,
    pub(crate) policy: Policy,
    pub(crate) memory: Option<Arc<MemoryFile>>,
    pub(crate) decrypting: Option<Decrypting<'a>>,
    pub(crate) keeping: Option<Keeping<'a>>,
    pub(crate) detached: Option<Detached<'a>>,
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

/// Where evidence is kept. Not what was decrypted: that could be judged again only with the plaintext or the key.
pub(crate) struct Keeping<'a> {
    /// As the opener's.
    pub(crate) cx: Context,
    pub(crate) path: &'a Path,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    verdict: &'a Verdict,
    report: &'a Report,
}

impl Looking<'_> {
    pub(crate) fn run(&self) -> Result<u8, Box<dyn Error>> {
        match self.args.messages.as_slice() {
            [] => self.look(None, self.args.json),
            [one] => self.look(Some(one), self.args.json),
            many if self.args.out.is_some() => {
                Err(format!("--out takes one message, not {}", many.len()).into())
            }
            many if self.detached.is_some() => {
                Err(format!("--signature takes one message, not {}", many.len()).into())
            }
            many if self.keeping.is_some() => {
                Err(format!("--evidence takes one message, not {}", many.len()).into())
            }
            many => Ok(many.iter().map(|path| self.one_of_many(path)).max().unwrap_or(COULD_NOT_LOOK)),
        }
    }

    fn look(&self, path: Option<&Path>, json: bool) -> Result<u8, Box<dyn Error>> {
        let opened = self.open(input(path))?;
        let verdict = self.policy.judge(&opened.report);
        let passes = self.passes(&opened, &verdict);
        let writes = passes
            || self.decrypting.as_ref().is_some_and(|wanted| wanted.out_any && wanted.is_opened(&opened));
        if let (Some(out), Some(payload), true) = (self.args.out.as_deref(), opened.payload(), writes) {
            payload.save(out)?;
        }
        if json {
            self.json(path, &opened, &verdict)?;
        } else {
            self.text(&opened, &verdict)?;
        }
        if let Some(memory) = self.memory.as_ref().filter(|_| self.args.remember) {
            opened.remember(memory)?;
        }
        if let Some(decrypting) = &self.decrypting {
            decrypting.explain(path, &opened.report);
        }
        Ok(if passes { GOOD } else { NOT_GOOD })
    }

    fn open(&self, letter: Input<'static>) -> Result<Opened<'static>, Box<dyn Error>> {
        let at = self.args.trust.time();
        if let Some(part) = self.decrypting.as_ref().and_then(|decrypting| decrypting.part) {
            return Ok(self.opener.open_part(letter, part, at)?);
        }
        if let Some(Detached { signature, header }) = &self.detached {
            return Ok(self.opener.verify_detached(letter, Input::file(*signature), header, at)?);
        }
        if let Some(keeping) = &self.keeping {
            let record = EvidenceRecord::open(&keeping.cx, letter, at)?;
            record.save(&self.policy, keeping.path)?;
            return Ok(record.opened);
        }
        Ok(self.opener.open(letter, at)?)
    }

    /// One line of JSON, also where it could not be looked at.
    fn one_of_many(&self, path: &Path) -> u8 {
        self.look(Some(path), true).unwrap_or_else(|error| {
            let line =
                json!({ "version": 1, "file": path.display().to_string(), "error": error.to_string() });
            let _ = writeln!(io::stdout(), "{line}");
            COULD_NOT_LOOK
        })
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

    fn json(
        &self,
        path: Option<&Path>,
        opened: &Opened<'_>,
        verdict: &Verdict,
    ) -> Result<(), Box<dyn Error>> {
        let file = path.filter(|_| self.args.messages.len() > 1).map(|path| path.display().to_string());
        let line = serde_json::to_string(&Line { version: 1, file, verdict, report: &opened.report })?;
        Ok(writeln!(io::stdout(), "{line}")?)
    }

    fn text(&self, opened: &Opened<'_>, verdict: &Verdict) -> Result<(), Box<dyn Error>> {
        let text = verdict
            .text(&opened.report)
            .language(terminal::language())
            .explain(self.args.explain)
            .colour(terminal::colour());
        // Its last line ends like the others.
        write!(io::stdout(), "{text}")?;
        wants::tell(
            &mut io::stdout().lock(),
            &opened.report.wants,
            &self.args.trust.fetch,
            self.args.explain,
        )?;
        match &self.args.from {
            Some(sender)
                if verdict.outcome == Outcome::Good && opened.require(&self.policy, sender).is_none() =>
            {
                Ok(writeln!(io::stdout(), "  --from    it is not from {sender}")?)
            }
            _ => Ok(()),
        }
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
    fn explain(&self, path: Option<&Path>, report: &Report) {
        let mut layers = self.layers(report);
        let Some(first) = layers.next() else {
            return terminal::tell(path, "nothing to decrypt: the letter is not encrypted");
        };
        let closed = |layer: &EncryptedLayer| !layer.envelope && layer.decryption == Decryption::NotTried;
        if self.part.is_none() && closed(first) && layers.all(closed) {
            let part = &first.part;
            terminal::tell(path, &format!("only parts are encrypted; to open the first, say --part {part}"));
        }
    }
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
