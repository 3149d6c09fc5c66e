//! Correspondents in the tables, and as JSON.

use std::path::Path;

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::{Deserialize, Serialize};

use super::schema;
use crate::error::Error;
use crate::trust::Correspondent;

/// The tables, for as long as one reads or writes them.
pub(super) struct Book<'c> {
    pub(super) connection: &'c Connection,
    pub(super) path: &'c Path,
}

/// The last to go: the caller spoke for them.
const KEPT: i64 = 3;

/// How late somebody goes when there is no room.
fn rank(one: &Correspondent) -> i64 {
    if one.confirmed || !one.pins.is_empty() {
        return KEPT;
    }
    match (one.is_well_known(), one.certain, one.signers.len()) {
        (true, ..) => 2,
        (false, 0, 0) => 0,
        _ => 1,
    }
}

impl Book<'_> {
    pub(super) fn recall(&self, key: &str) -> Result<Option<Correspondent>, Error> {
        let question = "SELECT correspondent FROM correspondents WHERE key = ?1";
        let found: Option<String> = self.one(question, [key])?;
        found.map(|json| self.read(&json)).transpose()
    }

    pub(super) fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error> {
        let question = "SELECT correspondent FROM correspondents
            WHERE id IN (SELECT id FROM marks WHERE mark IN (SELECT value FROM json_each(?1)))
            ORDER BY rank DESC, id LIMIT ?2";
        let marks = serde_json::to_string(marks).map_err(|error| Error::misuse(error.to_string()))?;
        self.many(question, (marks, i64::try_from(most).unwrap_or(i64::MAX)))
    }

    pub(super) fn all(&self) -> Result<Vec<Correspondent>, Error> {
        self.many("SELECT correspondent FROM correspondents ORDER BY key", [])
    }

    /// In the place of what was there.
    pub(super) fn store(&self, known: &Correspondent) -> Result<(), Error> {
        let json = serde_json::to_string(known).map_err(|error| Error::misuse(error.to_string()))?;
        let key = Correspondent::key(&known.address);
        let statement =
            "INSERT INTO correspondents (key, rank, last_seen, correspondent) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (key) DO UPDATE SET rank = ?2, last_seen = ?3, correspondent = ?4 RETURNING id";
        let values = (&key, rank(known), known.last_seen.seconds(), json);
        let id: i64 = self.one(statement, values)?.unwrap_or_default();
        let marks = known.marks();
        let before: Vec<String> = self.column("SELECT mark FROM marks WHERE id = ?1 ORDER BY mark", [id])?;
        if before == marks {
            return Ok(());
        }
        self.run("DELETE FROM marks WHERE id = ?1", [id])?;
        for mark in &marks {
            self.run("INSERT INTO marks (mark, id) VALUES (?1, ?2)", (mark, id))?;
        }
        Ok(())
    }

    pub(super) fn forget(&self, key: &str) -> Result<bool, Error> {
        Ok(self.run("DELETE FROM correspondents WHERE key = ?1", [key])? > 0)
    }

    /// Whether somebody said yes to a first letter there.
    pub(super) fn knows_domain(&self, domain: &str) -> Result<bool, Error> {
        Ok(self.has_domains()?
            && self.one::<i64>("SELECT 1 FROM domains WHERE domain = ?1", [domain])?.is_some())
    }

    pub(super) fn learn_domain(&self, domain: &str, at: i64) -> Result<(), Error> {
        self.connection.execute_batch(schema::DOMAINS).map_err(|error| self.failure(error))?;
        self.run("INSERT OR IGNORE INTO domains (domain, since) VALUES (?1, ?2)", (domain, at)).map(drop)
    }

    /// All of them, and since when.
    pub(super) fn domains(&self) -> Result<Vec<(String, i64)>, Error> {
        if !self.has_domains()? {
            return Ok(Vec::new());
        }
        let domains: Vec<String> = self.column("SELECT domain FROM domains ORDER BY domain", [])?;
        let since: Vec<i64> = self.column("SELECT since FROM domains ORDER BY domain", [])?;
        Ok(domains.into_iter().zip(since).collect())
    }

    /// A file that was made by an older program has no such table until something goes into it.
    fn has_domains(&self) -> Result<bool, Error> {
        Ok(self.one::<i64>("SELECT 1 FROM sqlite_schema WHERE name = 'domains'", [])?.is_some())
    }

    /// Lets those go for whom there is no room.
    pub(super) fn prune(&self, capacity: usize) -> Result<(), Error> {
        let count: i64 = self.one("SELECT count(*) FROM correspondents", [])?.unwrap_or_default();
        let surplus = count.saturating_sub(i64::try_from(capacity).unwrap_or(i64::MAX));
        if surplus > 0 {
            let statement = "DELETE FROM correspondents WHERE id IN (SELECT id FROM correspondents
                WHERE rank < ?1 ORDER BY rank, last_seen, id LIMIT ?2)";
            self.run(statement, (KEPT, surplus))?;
        }
        Ok(())
    }

    fn read(&self, json: &str) -> Result<Correspondent, Error> {
        serde_json::from_str(json).map_err(|error| schema::malformed(self.path, &error.to_string()))
    }

    fn many(&self, question: &str, values: impl Params) -> Result<Vec<Correspondent>, Error> {
        let found: Vec<String> = self.column(question, values)?;
        found.iter().map(|json| self.read(json)).collect()
    }

    fn one<T: FromSql>(&self, statement: &str, values: impl Params) -> Result<Option<T>, Error> {
        let mut prepared = self.connection.prepare_cached(statement).map_err(|error| self.failure(error))?;
        prepared.query_row(values, first).optional().map_err(|error| self.failure(error))
    }

    fn column<T: FromSql>(&self, statement: &str, values: impl Params) -> Result<Vec<T>, Error> {
        let mut prepared = self.connection.prepare_cached(statement).map_err(|error| self.failure(error))?;
        let rows = prepared.query_map(values, first).map_err(|error| self.failure(error))?;
        rows.collect::<Result<_, _>>().map_err(|error| self.failure(error))
    }

    fn run(&self, statement: &str, values: impl Params) -> Result<usize, Error> {
        let mut prepared = self.connection.prepare_cached(statement).map_err(|error| self.failure(error))?;
        prepared.execute(values).map_err(|error| self.failure(error))
    }

    fn failure(&self, error: rusqlite::Error) -> Error {
        schema::failure(self.path, error)
    }
}

fn first<T: FromSql>(row: &Row<'_>) -> rusqlite::Result<T> {
    row.get(0)
}

/// What is exported.
#[derive(Serialize, Deserialize)]
struct Export {
    mailseal: String,
    version: u32,
    correspondents: Vec<Correspondent>,
    /// To which somebody said yes, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    domains: Vec<(String, i64)>,
}

/// What is in an export: correspondents, and domains with the time of their yes.
pub(super) type Contents = (Vec<Correspondent>, Vec<(String, i64)>);

const FORMAT: (&str, u32) = ("memory", 1);

pub(super) fn to_json((correspondents, domains): Contents) -> Result<String, Error> {
    let (mailseal, version) = (FORMAT.0.to_owned(), FORMAT.1);
    let export = Export { mailseal, version, correspondents, domains };
    serde_json::to_string_pretty(&export).map_err(|error| Error::misuse(error.to_string()))
}

pub(super) fn from_json(json: &str) -> Result<Contents, Error> {
    let malformed = |why: String| Error::malformed("an export of a memory", why);
    let export: Export = serde_json::from_str(json).map_err(|error| malformed(error.to_string()))?;
    if (export.mailseal.as_str(), export.version) != FORMAT {
        return Err(malformed(format!("{} of version {}", export.mailseal, export.version)));
    }
    Ok((export.correspondents, export.domains))
}
