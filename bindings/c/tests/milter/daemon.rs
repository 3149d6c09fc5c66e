//! mailseal-milter: built from its Makefile, started, reloaded, ended.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::compiled::{library, root};
use crate::support::{Program, tool};

/// The user that mail is treated as.
pub const USER: &str = "nobody";

/// The program. None, and one line of output, without libmilter or a compiler.
pub fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| build("milter", "-O1 -g")).as_deref()
}

/// Built into a folder beside the library.
pub fn build(name: &str, flags: &str) -> Option<PathBuf> {
    let (make, _) = (tool("make")?, tool("cc")?);
    if !Path::new("/usr/include/libmilter/mfapi.h").exists() {
        println!("skipped: libmilter-dev is not installed");
        assert!(std::env::var_os("MAILSEAL_REQUIRE_TOOLS").is_none(), "libmilter-dev is not installed");
        return None;
    }
    let into = library().join(name);
    let set = |name: &str, value: String| format!("{name}={value}");
    Program::new(make)
        .words("-s -C")
        .arg(root().join("milter"))
        .arg(set("build", into.display().to_string()))
        .arg(set("CFLAGS", flags.to_owned()))
        .arg(set("MAILSEAL_CFLAGS", format!("-I{}", root().join("include").display())))
        .arg(set("MAILSEAL_LIBS", format!("-L{} -lmailseal", library().display())))
        .ok();
    Some(into.join("mailseal-milter"))
}

/// A running one. Ended when it is dropped.
pub struct Milter {
    child: Child,
    log: PathBuf,
    /// Where it listens, as Postfix says it.
    pub address: String,
    socket: PathBuf,
    configuration: PathBuf,
}

impl Milter {
    /// With these lines, beside the socket and the user. `wrapper`: the words before the program, such as valgrind.
    pub fn start(program: &Path, folder: &Path, name: &str, lines: &str, wrapper: &[&str]) -> Self {
        let own = folder.join(format!("{name}.run"));
        fs::create_dir(&own).unwrap();
        Program::new("chown").arg(USER).arg(&own).ok();
        let socket = own.join("socket");
        let (configuration, log) = (folder.join(format!("{name}.conf")), folder.join(format!("{name}.log")));
        write(&configuration, &socket, lines);
        let words: Vec<&str> = wrapper.iter().copied().chain([program.to_str().unwrap()]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg("-f").arg("-c").arg(&configuration).env("LD_LIBRARY_PATH", library());
        let child = command.stdin(Stdio::null()).stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
        let address = format!("unix:{}", socket.display());
        let mut milter = Self { child, log, address, socket, configuration };
        milter.wait_for_socket();
        milter
    }

    fn wait_for_socket(&mut self) {
        let start = Instant::now();
        while std::os::unix::net::UnixStream::connect(&self.socket).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the milter ended: {}", self.log());
            assert!(start.elapsed() < Duration::from_secs(60), "the milter does not listen: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn log_file(&self) -> PathBuf {
        self.log.clone()
    }

    /// A new configuration, and what the milter says to it.
    pub fn reload(&self, lines: &str) -> String {
        write(&self.configuration, &self.socket, lines);
        self.hang_up()
    }

    /// SIGHUP; what it says.
    pub fn hang_up(&self) -> String {
        let mut log = fs::File::open(&self.log).unwrap();
        log.seek(SeekFrom::End(0)).unwrap();
        self.signal("HUP");
        let (start, mut said) = (Instant::now(), String::new());
        while !said.contains("reload: ") || !said.ends_with('\n') {
            assert!(start.elapsed() < Duration::from_secs(60), "no word of a reload: {said}");
            std::thread::sleep(Duration::from_millis(10));
            log.read_to_string(&mut said).unwrap();
        }
        said
    }

    fn signal(&self, name: &str) {
        Program::new("kill").words(&format!("-{name} {}", self.child.id())).ok();
    }

    /// Ends it; its exit status.
    pub fn end(mut self) -> i32 {
        self.signal("TERM");
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Milter {
    fn drop(&mut self) {
        // The process for mail ends by itself when the first one is gone; libmilter takes seconds for that.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the milter said:\n{}", self.log());
        }
    }
}

fn write(path: &Path, socket: &Path, lines: &str) {
    let socket = socket.display();
    let text = format!("socket unix:{socket}\nsocket-mode 666\nuser {USER}\n{lines}\n");
    fs::write(path, text).unwrap();
}

/// What `mailseal-milter -t` says of a configuration, and whether it is good.
pub fn checked(program: &Path, configuration: &Path) -> (bool, String) {
    let check = Program::new(program).arg("-t").arg("-c").arg(configuration);
    let ran = check.env("LD_LIBRARY_PATH", library()).run();
    (ran.succeeded, ran.text() + &ran.stderr)
}
