//! What tests of the whole product share: other people's programs, other people's letters, and what they need.
//!
//! - [`tool`], [`corpora`]: are they there? If not, one line says so and the test returns.
//! - [`Program`]: runs one, with input, a time limit, and clear words when it fails.
//! - [`pki`]: certificates by openssl. [`gnupg`]: homes for gpg and gpgsm. [`nss`]: a database for cmsutil.
//! - [`peers`]: programs that are built for the tests.
#![allow(dead_code, unreachable_pub)] // each test takes what it needs

pub mod gnupg;
pub mod nss;
pub mod peers;
pub mod pki;

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any program here takes on a loaded machine; a program that asks at a terminal would never end.
const PATIENCE: Duration = Duration::from_secs(120);

/// Finds a program. With `MAILSEAL_REQUIRE_TOOLS` set, a missing one fails the test.
pub fn tool(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        missing(&format!("{name} is not installed"));
    }
    found
}

/// The folder of other projects' letters, keys and certificates: `MAILSEAL_CORPORA`, or `../shared/corpora`.
pub fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("MAILSEAL_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no corpora at {}", folder.display());
    None
}

/// Says that something is not there; with `MAILSEAL_REQUIRE_TOOLS` set, that fails the test.
pub fn missing(what: &str) {
    println!("skipped: {what}");
    assert!(std::env::var_os("MAILSEAL_REQUIRE_TOOLS").is_none(), "{what}");
}

/// A program about to be run.
#[derive(Debug)]
pub struct Program {
    command: Command,
    input: Vec<u8>,
}

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    pub succeeded: bool,
    /// Its exit status, unless a signal ended it.
    pub status: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
    line: String,
}

impl Program {
    pub fn new(path: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(path);
        command.env("LC_ALL", "C.UTF-8").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, input: Vec::new() }
    }

    /// Adds the words of a line, apart by blanks.
    pub fn words(mut self, line: &str) -> Self {
        self.command.args(line.split_ascii_whitespace());
        self
    }

    /// Adds one argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub fn input(mut self, octets: &[u8]) -> Self {
        self.input = octets.to_vec();
        self
    }

    /// Runs it to its end, which may be a failure.
    pub fn run(mut self) -> Ran {
        let line = format!("{:?}", self.command);
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
        let (mut stdin, input) = (child.stdin.take().unwrap(), self.input);
        // A program that has seen enough closes its input: that is its own affair.
        let writer = thread::spawn(move || stdin.write_all(&input).unwrap_or_default());
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > PATIENCE {
                let _ = child.kill();
                panic!("{line}: did not end");
            }
            thread::sleep(Duration::from_millis(5));
        };
        writer.join().unwrap();
        let stderr = String::from_utf8_lossy(&stderr.join().unwrap()).into_owned();
        Ran {
            succeeded: status.success(),
            status: status.code(),
            stdout: stdout.join().unwrap(),
            stderr,
            line,
        }
    }

    /// Runs it; it has to succeed. Its standard output.
    pub fn ok(self) -> Vec<u8> {
        self.run().ok()
    }
}

impl Ran {
    /// It had to succeed. Its standard output.
    pub fn ok(self) -> Vec<u8> {
        assert!(self.succeeded, "{}\n{}\n{}", self.line, self.stderr, self.text());
        self.stdout
    }

    /// Its standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

fn collect(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).unwrap();
        all
    })
}
