//! Judges that no package of the system brings: a newer openssl, and Bouncy Castle behind a program of our own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::{missing, tool};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/peers");

/// The openssl that `tests/interop/peers/openssl.sh` builds. None, and one line of output, if it did not.
pub fn newer_openssl() -> Option<PathBuf> {
    let folder = std::env::var_os("MAILSEAL_PEERS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"), PathBuf::from);
    let program = folder.join("openssl");
    if program.is_file() {
        return Some(program);
    }
    missing("tests/interop/peers/openssl.sh was not run");
    None
}

/// `peers/BouncyCastle.java`, running: one job at a time.
#[derive(Debug)]
pub struct BouncyCastle(Mutex<Running>);

#[derive(Debug)]
struct Running {
    program: Child,
    jobs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl BouncyCastle {
    /// None, and one line of output, if Java or the library is not there.
    pub fn new() -> Option<Self> {
        let java = tool("java")?;
        let jars = ["bcprov", "bcutil", "bcpkix", "bcmail"].map(|jar| format!("/usr/share/java/{jar}.jar"));
        if let Some(jar) = jars.iter().find(|jar| !Path::new(jar).is_file()) {
            missing(&format!("{jar} is not installed"));
            return None;
        }
        let mut command = Command::new(java);
        command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"]).arg(jars.join(":"));
        command.arg(format!("{FOLDER}/BouncyCastle.java")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = command.spawn().unwrap();
        let (jobs, answers) = (program.stdin.take().unwrap(), program.stdout.take().unwrap());
        Some(Self(Mutex::new(Running { program, jobs, answers: BufReader::new(answers) })))
    }

    /// One job, as the head of that program describes it; or what was thrown.
    pub fn job(&self, words: &[&str]) -> Result<(), String> {
        let mut running = self.0.lock().unwrap();
        writeln!(running.jobs, "{}", words.join("\t")).unwrap();
        running.jobs.flush().unwrap();
        let mut said = String::new();
        running.answers.read_line(&mut said).unwrap();
        match said.trim_end() {
            "ok" => Ok(()),
            "" => Err("it ended".to_owned()),
            thrown => Err(thrown.to_owned()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop((self.program.kill(), self.program.wait())); // it may have ended by itself
    }
}
