//! A table of recipients: CSV, or one JSON object a line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Lines, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::error::Error;

/// A table of recipients in a file, read row by row: CSV (RFC 4180) whose first row names the columns, or, where the
/// name of the file ends with `.jsonl` or `.ndjson`, one JSON object a line. UTF-8.
///
/// The column `id` tells rows apart, or else the first column; of JSON it is `id` or `email`. A row has 16 MiB at most.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::outside::Recipients;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("people.csv");
/// std::fs::write(&path, "email,name\nbob@example.org,\"Bob, jr.\"\n").unwrap();
/// let rows = Recipients::file(&path).rows()?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!((rows[0].id.as_str(), rows[0].get("name")), ("bob@example.org", Some("Bob, jr.")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Recipients {
    path: PathBuf,
}

/// One row of [`Recipients`].
///
/// ```
/// use mailseal::outside::Recipient;
/// let row = Recipient::new("bob@example.org", [("name".into(), "Bob".into())]);
/// assert_eq!((row.get("name"), row.get("city")), (Some("Bob"), None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// What tells it from others.
    pub id: String,
    values: BTreeMap<String, String>,
}

impl Recipient {
    /// A row of names and values.
    pub fn new(id: impl Into<String>, values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { id: id.into(), values: values.into_iter().collect() }
    }

    /// The value of a column.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The columns that it has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

impl Recipients {
    /// Those of a file, which is opened where it is read.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its rows, from the first on. Whoever fills a template reads them more than once: a pipe is refused.
    pub fn rows(&self) -> Result<impl Iterator<Item = Result<Recipient, Error>> + Send + use<>, Error> {
        let failed = || Error::io(self.path.display().to_string());
        let file = File::open(&self.path).map_err(failed())?;
        let path: Arc<Path> = self.path.as_path().into();
        if !file.metadata().map_err(failed())?.is_file() {
            return Err(wrong(&path, &"it is no file, and has to be read more than once"));
        }
        let ending = self.path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let read = Arc::<AtomicU64>::default();
        let file = OneRow { file, read: Arc::clone(&read) };
        let rows = match ending.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Format::Json { lines: BufReader::new(file).lines(), number: 0 },
            _ => {
                let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
                let columns = reader.headers().map_err(|error| wrong(&path, &error))?.clone();
                let mut names = BTreeSet::new();
                if let Some(twice) = columns.iter().find(|name| !name.is_empty() && !names.insert(*name)) {
                    return Err(wrong(&path, &format!("two columns are called {twice}")));
                }
                Format::Csv { columns, rows: reader.into_records() }
            }
        };
        Ok(Rows { rows, path, read })
    }
}

/// What is read ahead and what one row has: where a quotation mark is missing, a row would be all the rest.
const LONGEST_ROW: u64 = 16 << 20;

struct OneRow {
    file: File,
    /// Since the last row.
    read: Arc<AtomicU64>,
}

impl Read for OneRow {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(octets)?;
        let more = u64::try_from(length).unwrap_or(u64::MAX);
        if self.read.fetch_add(more, Ordering::Relaxed).saturating_add(more) > LONGEST_ROW {
            let why = "a row is longer than 16 MiB; is a quotation mark missing?";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(length)
    }
}

struct Rows {
    rows: Format,
    path: Arc<Path>,
    read: Arc<AtomicU64>,
}

enum Format {
    Csv { columns: csv::StringRecord, rows: csv::StringRecordsIntoIter<OneRow> },
    Json { lines: Lines<BufReader<OneRow>>, number: u64 },
}

impl Iterator for Rows {
    type Item = Result<Recipient, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read.store(0, Ordering::Relaxed);
        let path = &self.path;
        match &mut self.rows {
            Format::Csv { columns, rows } => {
                let row = rows.next()?;
                Some(row.map_err(|error| wrong(path, &error)).map(|row| of_csv(columns, &row)))
            }
            Format::Json { lines, number } => loop {
                let line = lines.next()?;
                *number += 1;
                let line = match line {
                    Ok(line) => line,
                    Err(error) => return Some(Err(wrong(path, &format!("line {number}: {error}")))),
                };
                let line = line.strip_prefix('\u{feff}').filter(|_| *number == 1).unwrap_or(&line);
                if !line.trim().is_empty() {
                    let row = of_json(line);
                    return Some(row.map_err(|why| wrong(path, &format!("line {number}: {why}"))));
                }
            },
        }
    }
}

fn of_csv(columns: &csv::StringRecord, row: &csv::StringRecord) -> Recipient {
    let column = columns.iter().position(|name| name == "id").unwrap_or(0);
    let values = columns.iter().zip(row).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Recipient::new(row.get(column).unwrap_or_default(), values)
}

fn of_json(line: &str) -> Result<Recipient, String> {
    let row: BTreeMap<String, Value> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let mut values = BTreeMap::new();
    for (name, value) in row {
        let text = match value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(format!("{name} is neither text nor a number")),
        };
        values.insert(name, text);
    }
    let id = values.get("id").or_else(|| values.get("email")).ok_or("neither id nor email is there")?;
    Ok(Recipient { id: id.clone(), values })
}

fn wrong(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::malformed("a table of recipients", format!("{}: {why}", path.display()))
}
