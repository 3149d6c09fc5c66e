//! The file: how it is made, and how it is known again.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::error::Error;

/// The version of the tables (`user_version`).
const VERSION: i64 = 1;

/// Whose file it is (`application_id`): "mlsl".
const APPLICATION: i64 = 0x6d6c_736c;

/// How long one waits for others who write. A write takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Columns are what is looked for; the correspondent itself is JSON.
const TABLES: &str = "
    CREATE TABLE correspondents (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        correspondent TEXT NOT NULL
    ) STRICT;
    CREATE INDEX who_goes_first ON correspondents (rank, last_seen);
    CREATE TABLE marks (
        mark TEXT NOT NULL,
        id INTEGER NOT NULL REFERENCES correspondents ON DELETE CASCADE,
        PRIMARY KEY (mark, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX marks_of ON marks (id);
";

/// Domains to which somebody said yes. Made when the first comes, in files of older programs too.
pub(super) const DOMAINS: &str = "
    CREATE TABLE IF NOT EXISTS domains (
        domain TEXT PRIMARY KEY,
        since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    create(path)?;
    let failed = |error| failure(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    // A rollback journal, and each commit on the disk (synchronous): one file that can be copied, nothing lost.
    let rules = "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;
                 PRAGMA trusted_schema = OFF;";
    connection.execute_batch(rules).map_err(failed)?;
    if !is_ours(&connection, path)? {
        make(&connection, path)?;
    }
    Ok(connection)
}

/// Makes an empty file for its owner alone. SQLite gives its journal the same permissions.
fn create(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(Error::io(path.display().to_string()))
}

/// True if the tables are there; false if nothing is.
fn is_ours(connection: &Connection, path: &Path) -> Result<bool, Error> {
    let number = |question: &str| {
        connection.query_row(question, [], |row| row.get::<_, i64>(0)).map_err(|error| failure(path, error))
    };
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, version) {
        (APPLICATION, VERSION) => Ok(true),
        (APPLICATION, other) => {
            Err(malformed(path, &format!("its tables are of version {other}, not {VERSION}")))
        }
        (0, 0) if tables == 0 => Ok(false),
        _ => Err(malformed(path, "it belongs to another program")),
    }
}

fn make(connection: &Connection, path: &Path) -> Result<(), Error> {
    let failed = |error| failure(path, error);
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
    // Another program may have been faster.
    if !is_ours(&transaction, path)? {
        let marks = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};");
        transaction.execute_batch(&format!("{TABLES}{marks}")).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

pub(super) fn malformed(path: &Path, why: &str) -> Error {
    Error::malformed("a memory of correspondents", format!("{}: {why}", path.display()))
}

pub(super) fn failure(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => malformed(path, &error.to_string()),
        _ => Error::Io { what: path.display().to_string(), source: io::Error::other(error) },
    }
}
