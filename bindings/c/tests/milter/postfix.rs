//! A Postfix of our own: in its own folder, on ports of loopback.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Program, tool};

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub struct Postfix {
    folder: PathBuf,
    pub port: u16,
}

const SERVICES: &str = include_str!("../../../../tests/support/postfix-services.cf");

/// None, and one line of output, without Postfix or the right to start it.
pub fn is_there() -> bool {
    if tool("postfix").is_none() {
        return false;
    }
    let root = Program::new("id").arg("-u").ok() == b"0\n";
    if !root {
        println!("skipped: Postfix is started by root only");
    }
    root
}

impl Postfix {
    /// With these milters, in their order, and these lines of main.cf.
    pub fn start(parent: &Path, name: &str, milters: &[String], lines: &str) -> Self {
        Self::start_with(parent, name, milters, lines, "")
    }

    /// The same with more lines of master.cf.
    pub fn start_with(parent: &Path, name: &str, milters: &[String], lines: &str, services: &str) -> Self {
        let folder = parent.join(name);
        let port = free_port();
        for inner in ["etc", "queue", "data", "mail"] {
            fs::create_dir_all(folder.join(inner)).unwrap();
        }
        let at = |inner: &str| folder.join(inner).display().to_string();
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {}\ndata_directory = {}\nmail_owner = postfix\n\
             setgid_group = postdrop\nmyhostname = {name}.test\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
             mynetworks = 127.0.0.0/8\nmydestination =\nalias_maps =\nalias_database =\nlocal_recipient_maps =\n\
             virtual_mailbox_base = {}\nvirtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\n\
             virtual_minimum_uid = 100\nsmtp_dns_support_level = disabled\nsmtp_host_lookup = native\n\
             maillog_file = {}/log\nmaillog_file_prefixes = {}\nsmtpd_milters = {}\nmilter_default_action = tempfail\n\
             milter_command_timeout = 120s\nmilter_content_timeout = 120s\n\
             smtpd_authorized_xclient_hosts = 127.0.0.0/8\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\n\
             queue_run_delay = 1s\nsmtpd_client_connection_count_limit = 0\nenable_long_queue_ids = yes\n\
             message_size_limit = 100000000\nvirtual_mailbox_limit = 0\nmailbox_size_limit = 0\n\
             smtpd_relay_restrictions = permit_mynetworks,reject\nlmtp_tls_security_level =\n{lines}\n",
            at("queue"),
            at("data"),
            at("mail"),
            at("data"),
            at("data"),
            milters.join(", "),
        );
        fs::write(folder.join("etc/main.cf"), main).unwrap();
        let master = format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}{services}");
        fs::write(folder.join("etc/master.cf"), master).unwrap();
        Program::new("chown").words("postfix").arg(folder.join("data")).ok();
        Program::new("chown").words("nobody").arg(folder.join("mail")).ok();
        let postfix = Self { folder, port };
        postfix.command("start");
        postfix.wait_for_port();
        postfix
    }

    fn command(&self, verb: &str) {
        let etc = self.folder.join("etc");
        let status = Command::new("postfix").arg("-c").arg(&etc).arg(verb).output().unwrap();
        assert!(status.status.success(), "{verb}: {status:?}\n{}", self.log());
    }

    fn wait_for_port(&self) {
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(30), "Postfix does not listen: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("data/log")).unwrap_or_default()
    }

    /// Tries what waits in the queue.
    pub fn flush(&self) {
        self.command("flush");
    }

    /// How many letters wait until somebody lets them go.
    pub fn held(&self) -> usize {
        fs::read_dir(self.folder.join("queue/hold")).map_or(0, Iterator::count)
    }

    /// Lets them go.
    pub fn release(&self) {
        let etc = self.folder.join("etc");
        let released = Command::new("postsuper").arg("-c").arg(&etc).args(["-H", "ALL"]).output().unwrap();
        assert!(released.status.success(), "{released:?}");
        self.flush();
    }

    /// Letters that have arrived for `bob`.
    pub fn arrived(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.folder.join("mail/bob/new")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Waits until so many have arrived. Their octets.
    pub fn wait_for(&self, count: usize, patience: Duration) -> Vec<Vec<u8>> {
        let start = Instant::now();
        while self.arrived().len() < count {
            assert!(
                start.elapsed() < patience,
                "{} of {count} letters have arrived\n{}",
                self.arrived().len(),
                self.tail()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        self.arrived().iter().map(|path| fs::read(path).unwrap()).collect()
    }

    fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("Postfix said:\n{}", self.tail());
        }
        let _ = Command::new("postfix").arg("-c").arg(self.folder.join("etc")).arg("stop").output();
    }
}
