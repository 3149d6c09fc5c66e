//! Postfix, which hands letters on to servers of several kinds; `smtp-sink`, of Postfix too, keeps what it was given.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::Program;

/// What the next server cannot, or what is done to letters for it, by the options of Postfix's own client.
pub const WAYS: &[(&str, &str)] = &[
    ("seven", "-o smtp_discard_ehlo_keywords=8bitmime,smtputf8,chunking"),
    ("narrow", "-o smtp_line_length_limit=500"),
    ("inside", "-o smtp_mime_header_checks=regexp:$P/inside"),
    ("body", "-o smtp_body_checks=regexp:$P/body"),
    ("above", "-o smtp_header_checks=regexp:$P/above"),
];

pub struct Postfix {
    folder: tempfile::TempDir,
    sink: Child,
    port: u16,
}

impl Postfix {
    /// None where it is not installed, or not allowed.
    pub fn start() -> Option<Self> {
        let sink = ["/usr/sbin/smtp-sink", "/usr/libexec/postfix/smtp-sink"]
            .iter()
            .find(|path| Path::new(path).exists())?;
        if !Path::new("/usr/sbin/postfix").exists() || !is_root() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("postfix").tempdir().unwrap();
        let (port, sink_port) = (free_port(), free_port());
        let path = folder.path().to_owned();
        let path = path.as_path();
        set_mode(path, 0o755);
        for name in ["queue", "data", "etc", "sunk"] {
            fs::create_dir(path.join(name)).unwrap();
        }
        for name in ["data", "sunk"] {
            Program::new("chown").words("postfix").arg(path.join(name)).ok();
        }
        let text = |name: &str, words: &str| {
            fs::write(path.join(name), words.replace("$P", &path.display().to_string())).unwrap();
        };
        text("inside", "/^Content-Type: text/ PREPEND X-Inspected: yes\n");
        text(
            "body",
            "/^(.*)https:\\/\\/example\\.org(.*)$/ REPLACE $1https://click.example.net/?u=https%3A%2F%2Fexample.org$2\n",
        );
        text("above", "/^Subject: (.*)$/ REPLACE Subject: [list] $1\n");
        text("etc/main.cf", &MAIN.replace("$SINK", &sink_port.to_string()));
        let mut master = MASTER.replace("$PORT", &port.to_string());
        for (name, options) in WAYS {
            master.push_str(&format!("way_{name} unix - - n - - smtp {options}\n"));
        }
        text("etc/master.cf", &master);
        let sink = Command::new(sink)
            .current_dir(path)
            .args(["-u", "postfix", "-D", "sunk/%M."])
            .arg(format!("127.0.0.1:{sink_port}"))
            .arg("10")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let postfix = Self { folder, sink, port };
        // Its master closes all descriptors that there may be, one by one.
        let start = format!("ulimit -n 1024; exec /usr/sbin/postfix -c {} start", path.join("etc").display());
        let started = Program::new("sh").arg("-c").arg(start).run();
        if !started.succeeded {
            println!("postfix did not start: {}", started.stderr);
            return None;
        }
        Some(postfix)
    }

    fn command(&self, word: &str) -> Program {
        Program::new("/usr/sbin/postfix").arg("-c").arg(self.folder.path().join("etc")).arg(word)
    }

    /// What arrives there of a letter.
    pub fn through(&self, way: &str, letter: &[u8]) -> Option<Vec<u8>> {
        let sunk = self.folder.path().join("sunk");
        for old in files(&sunk) {
            fs::remove_file(old).unwrap();
        }
        let script = "import smtplib,sys\ns=smtplib.SMTP('127.0.0.1',int(sys.argv[1]),timeout=20)\ns.ehlo('me.example')\n\
             s.sendmail('alice@example.org',['bob@'+sys.argv[2]+'.test'],sys.stdin.buffer.read(),mail_options=['BODY=8BITMIME'])\ns.quit()\n";
        let sent = Program::new("python3")
            .arg("-c")
            .arg(script)
            .arg(self.port.to_string())
            .arg(way)
            .input(letter)
            .run();
        if !sent.succeeded {
            println!("postfix: {}", sent.stderr.lines().last().unwrap_or_default());
            return None;
        }
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            if let Some(path) = files(&sunk).first() {
                let mail = fs::read(path).unwrap();
                if mail.ends_with(b"\n\n")
                    || mail.ends_with(b"--\n")
                    || start.elapsed() > Duration::from_secs(3)
                {
                    return Some(without_envelope(&mail));
                }
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = self.command("abort").run();
        let _ = self.sink.kill();
        let _ = self.sink.wait();
    }
}

/// smtp-sink writes `X-Client-…` and the like on top, and an empty line at the end.
fn without_envelope(mail: &[u8]) -> Vec<u8> {
    let text: Vec<&[u8]> = mail.split_inclusive(|octet| *octet == b'\n').collect();
    let own = |line: &&&[u8]| line.starts_with(b"X-") && !line.starts_with(b"X-Inspected");
    let head = text.iter().take_while(own).count();
    let mut rest: Vec<u8> = text[head..].concat();
    if rest.ends_with(b"\n\n") {
        rest.pop();
    }
    rest
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    Program::new("id").words("-u").ok() == b"0\n"
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const MAIN: &str = "compatibility_level = 3.6
queue_directory = $P/queue
data_directory = $P/data
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost =
smtpd_peername_lookup = no
transport_maps = inline:{ { seven.test = way_seven:[127.0.0.1]:$SINK }, { narrow.test = way_narrow:[127.0.0.1]:$SINK }, { inside.test = way_inside:[127.0.0.1]:$SINK }, { body.test = way_body:[127.0.0.1]:$SINK }, { above.test = way_above:[127.0.0.1]:$SINK } }
maillog_file_prefixes = $P
maillog_file = $P/data/log
";

const MASTER: &str =
    concat!("127.0.0.1:$PORT inet n - n - - smtpd\n", include_str!("../support/postfix-services.cf"));
