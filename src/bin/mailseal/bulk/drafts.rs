//! Drafts: of a template and a table, or finished ones from files, folders and standard input.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use mailseal::crypto::{HashAlgorithm, Provider};
use mailseal::outside::{Reading, Recipients, Template};
use mailseal::{BulkDraft, Context, Error as MailError, Limits};
use tempfile::NamedTempFile;

use crate::keys;
use crate::letters::{Letter, Letters};

pub(crate) enum Source {
    Template { octets: Vec<u8>, template: Box<Template>, recipients: Recipients },
    Letters { paths: Vec<PathBuf>, stdin: Option<NamedTempFile> },
}

type Drafts<'s> = Box<dyn Iterator<Item = Result<BulkDraft, MailError>> + Send + 's>;

impl Source {
    pub(crate) fn new(
        template: Option<&Path>,
        recipients: Option<&Path>,
        messages: &[PathBuf],
    ) -> Result<Self, Box<dyn Error>> {
        if let (Some(path), Some(recipients)) = (template, recipients) {
            let octets = keys::read(path)?;
            let template = Template::read(&octets, &Limits::default());
            let template = template.map_err(|error| keys::named(path, error))?;
            return Ok(Self::Template {
                octets,
                template: Box::new(template),
                recipients: Recipients::file(recipients),
            });
        }
        let is_stdin = |path: &PathBuf| path == Path::new("-");
        let mut paths = if messages.is_empty() { vec!["-".into()] } else { messages.to_vec() };
        let mut stdin = None;
        if let Some(path) = paths.iter_mut().find(|path| is_stdin(path)) {
            // It may be an mbox, and is counted before it is read.
            let mut file = NamedTempFile::new()?;
            io::copy(&mut io::stdin().lock(), &mut file)?;
            *path = file.path().to_owned();
            stdin = Some(file);
        }
        Ok(Self::Letters { paths, stdin })
    }

    /// How many there are, and all of them.
    pub(crate) fn drafts(&self, cx: &Context) -> Result<(u64, Drafts<'_>), MailError> {
        match self {
            Self::Template { template, recipients, .. } => {
                let drafts = template.drafts(recipients)?;
                let mut count = 0;
                recipients.rows()?.for_each(|_| count += 1);
                Ok((count, Box::new(drafts)))
            }
            Self::Letters { paths, stdin } => {
                let mut count = 0;
                Letters::of(paths).for_each(|_| count += 1);
                let stdin = stdin.as_ref().map(NamedTempFile::path);
                let most = cx.bounds().memory_bytes;
                Ok((count, Box::new(Letters::of(paths).map(move |letter| draft(letter, stdin, most)))))
            }
        }
    }

    /// Of the template: with another one it is another run.
    pub(crate) fn template_digest(&self) -> Option<String> {
        let Self::Template { octets, .. } = self else { return None };
        let digest = Provider::default().hash(HashAlgorithm::Sha256, octets)?;
        Some(digest.iter().map(|octet| format!("{octet:02x}")).collect())
    }
}

fn draft(letter: Letter, stdin: Option<&Path>, most: usize) -> Result<BulkDraft, MailError> {
    let message = match letter {
        Letter::Stored(message) => message,
        Letter::Unreadable(_, error) => return Err(error),
        Letter::Stdin => return Err(MailError::Misuse("standard input is read once".into())),
    };
    // Programs that put drafts into an mbox escape lines of theirs.
    let reading = message.readings().get(1).copied().unwrap_or(Reading::AsItLies);
    let octets = message.input(reading)?.octets("memory_bytes", most)?;
    let mut id = if stdin == Some(message.path()) { "-".to_owned() } else { base(message.path()) };
    if let Some(number) = message.number() {
        id = format!("{id}:{number}");
    }
    Ok(BulkDraft { id, octets })
}

/// The name of a file in a Maildir stays when its letter is moved or read: what follows the colon are flags.
fn base(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split(':').next().unwrap_or_default().to_owned()
}
