//! A draft that is read several times, and letters that appear all or not at all.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use mailseal::report::Protocol;
use mailseal::{Composer, Context, Error as MailError, Group, Input, UnixTime};
use tempfile::{NamedTempFile, SpooledTempFile};

use crate::args::EncryptArgs;
use crate::terminal;
use crate::words::{said, say};

/// A finished letter. It is read once for the plan and once for each group.
pub(crate) enum Draft {
    File(PathBuf),
    Memory(Vec<u8>),
    /// Without a name: it is gone when the process is.
    Spool(File),
}

impl Draft {
    pub(crate) fn read(path: Option<&Path>, cx: &Context) -> Result<Self, Box<dyn Error>> {
        match path.filter(|path| *path != Path::new("-")) {
            Some(path) => Ok(Self::File(path.to_owned())),
            None => Self::pipe(&mut io::stdin().lock(), cx),
        }
    }

    /// All of what can be read only once.
    pub(crate) fn pipe(reader: &mut dyn Read, cx: &Context) -> Result<Self, Box<dyn Error>> {
        let limits = cx.bounds();
        let (mut octets, most) = (Vec::new(), u64::try_from(limits.memory_bytes)?);
        (&mut *reader).take(most).read_to_end(&mut octets)?;
        if u64::try_from(octets.len())? < most {
            return Ok(Self::Memory(octets));
        }
        let mut spool = tempfile::tempfile()?;
        spool.write_all(&octets)?;
        // One octet too many is told by whoever reads it.
        io::copy(&mut reader.take(limits.message_bytes), &mut spool)?;
        Ok(Self::Spool(spool))
    }

    pub(crate) fn input(&self) -> io::Result<Input<'_>> {
        Ok(match self {
            Self::File(path) => Input::file(path),
            Self::Memory(octets) => Input::memory(octets.as_slice()),
            Self::Spool(spool) => Input::pipe(rewound(spool)?),
        })
    }

    pub(crate) fn reader(&self) -> Result<Box<dyn BufRead + '_>, Box<dyn Error>> {
        Ok(match self {
            Self::Memory(octets) => Box::new(octets.as_slice()),
            Self::File(path) => {
                let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
                Box::new(BufReader::new(file))
            }
            Self::Spool(spool) => Box::new(BufReader::new(rewound(spool)?)),
        })
    }
}

/// From its start. Nobody else reads it meanwhile.
fn rewound(mut spool: &File) -> io::Result<&File> {
    spool.rewind()?;
    Ok(spool)
}

/// Where the letters go.
pub(crate) enum Outgoing<'a> {
    Folder(&'a Path, &'a [Group]),
    File(&'a Path, &'a Group),
    Stdout(&'a Group),
}

impl<'a> Outgoing<'a> {
    pub(crate) fn new(args: &'a EncryptArgs, groups: &'a [Group]) -> Result<Self, Box<dyn Error>> {
        match (&args.out_dir, &args.out, groups) {
            (_, _, []) => Err(say("there is nobody to encrypt to", "暗号化する相手がいません").into()),
            (Some(folder), _, groups) => Ok(Self::Folder(folder, groups)),
            (None, Some(file), [one]) => Ok(Self::File(file, one)),
            (None, None, [one]) => Ok(Self::Stdout(one)),
            (None, _, many) => {
                let count = many.len();
                Err(said!(
                    "these recipients need {count} letters: say --out-dir DIR instead of one file",
                    "宛先のために {count} 通が必要です。1 つのファイルではなく --out-dir DIR を指定してください"
                )
                .into())
            }
        }
    }

    /// All letters, or none. Their files come back.
    pub(crate) fn write(
        &self,
        composer: &Composer,
        draft: &Draft,
        at: UnixTime,
    ) -> Result<Vec<PathBuf>, Box<dyn Error>> {
        match self {
            Self::Folder(folder, groups) => {
                let made = make(folder)?;
                let written = into_folder(folder, groups, composer, draft, at);
                if written.is_err() && made {
                    let _ = fs::remove_dir(folder);
                }
                written
            }
            Self::File(path, group) => {
                composer.encrypt(group).save(draft.input()?, at, path)?;
                Ok(vec![path.to_path_buf()])
            }
            Self::Stdout(group) => {
                // Whoever reads it gets nothing of a letter that fails in the middle.
                let mut whole = SpooledTempFile::new(IN_MEMORY);
                composer.encrypt(group).compose(draft.input()?, at, &mut whole)?;
                whole.rewind()?;
                io::copy(&mut whole, &mut io::stdout().lock())?;
                Ok(Vec::new())
            }
        }
    }
}

pub(crate) const IN_MEMORY: usize = 8 << 20;

/// Says whether the folder is new.
fn make(folder: &Path) -> Result<bool, MailError> {
    match fs::create_dir(folder) {
        Ok(()) => Ok(true),
        Err(_) if folder.is_dir() => Ok(false),
        Err(source) => Err(MailError::Io { what: folder.display().to_string(), source }),
    }
}

/// Every letter is finished before the first gets its name.
fn into_folder(
    folder: &Path,
    groups: &[Group],
    composer: &Composer,
    draft: &Draft,
    at: UnixTime,
) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let failed = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    let paths: Vec<PathBuf> =
        (1..).zip(groups).map(|(number, group)| folder.join(name(number, groups.len(), group))).collect();
    let mut finished = Vec::new();
    for (path, group) in paths.iter().zip(groups) {
        if path.symlink_metadata().is_ok() {
            let path = path.display();
            return Err(said!("{path}: is there already", "{path}: すでにあります").into());
        }
        let mut file = NamedTempFile::new_in(folder).map_err(|error| failed(folder, error))?;
        composer.encrypt(group).compose(draft.input()?, at, &mut file)?;
        file.as_file().sync_all().map_err(|error| failed(path, error))?;
        finished.push(file);
    }
    for (number, (file, path)) in finished.into_iter().zip(&paths).enumerate() {
        if let Err(error) = file.persist_noclobber(path) {
            for path in paths.iter().take(number) {
                let _ = fs::remove_file(path);
            }
            return Err(failed(path, error.error).into());
        }
    }
    Ok(paths)
}

/// `01-smime-bob@example.org-and-2-more.eml`: sorts as in the plan, and tells whom it is for.
fn name(number: usize, of: usize, group: &Group) -> String {
    const LONGEST: usize = 80;
    let width = of.to_string().len().max(2);
    let protocol = match group.protocol() {
        Protocol::Smime => "smime",
        _ => "pgp",
    };
    let first = group.mailboxes.first().map(ToString::to_string).unwrap_or_default();
    let plain = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' | '+' | '@' => letter,
        _ => '_',
    };
    let first: String = first.chars().take(LONGEST).map(plain).collect();
    match group.mailboxes.len().saturating_sub(1) {
        0 => format!("{number:0width$}-{protocol}-{first}.eml"),
        more => format!("{number:0width$}-{protocol}-{first}-and-{more}-more.eml"),
    }
}

/// The file, and whom it goes to: the recipients of its envelope, apart by tabs.
pub(crate) fn tell(path: &Path, group: &Group) -> Result<(), io::Error> {
    let mut said = terminal::line(&path.display().to_string());
    for who in &group.mailboxes {
        said.push('\t');
        said.push_str(&terminal::line(&who.to_string()));
    }
    writeln!(io::stdout(), "{said}")
}
