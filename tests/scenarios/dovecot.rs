//! A Dovecot of our own: in its own folder, on ports of loopback.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::postfix::free_port;
use crate::support::{Program, tool};

/// A running one. Ended when it is dropped.
pub(crate) struct Dovecot {
    child: Child,
    folder: PathBuf,
    pub(crate) imap: u16,
    pub(crate) imaps: u16,
    pub(crate) pop3: u16,
    pub(crate) pop3s: u16,
}

impl Dovecot {
    /// With these users and their passwords, and this certificate. None, and one line of output, where it is missing.
    pub(crate) fn start(parent: &Path, users: &[(&str, &str)], server: &(PathBuf, PathBuf)) -> Option<Self> {
        let program = tool("dovecot")?;
        let folder = parent.join("dovecot");
        fs::create_dir_all(folder.join("mail")).unwrap();
        Program::new("chown").words("nobody").arg(folder.join("mail")).ok();
        let users: String =
            users.iter().map(|(user, password)| format!("{user}:{{PLAIN}}{password}\n")).collect();
        fs::write(folder.join("users"), users).unwrap();
        let [imap, imaps, pop3, pop3s] = [(); 4].map(|()| free_port());
        let at = |name: &str| folder.join(name).display().to_string();
        let configuration = format!(
            "base_dir = {run}\nstate_dir = {state}\nlog_path = {log}\nlisten = 127.0.0.1\nprotocols = imap pop3 lmtp\n\
             ssl = required\nssl_cert = <{certificate}\nssl_key = <{key}\nssl_min_protocol = TLSv1.2\n\
             mail_location = maildir:{mail}/%n\nfirst_valid_uid = 100\nauth_mechanisms = plain login\n\
             passdb {{\n driver = passwd-file\n args = username_format=%n {users}\n}}\n\
             userdb {{\n driver = static\n args = uid=65534 gid=65534 home={mail}/%n allow_all_users=yes\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {imap}\n }}\n \
             inet_listener imaps {{\n port = {imaps}\n ssl = yes\n }}\n}}\n\
             service pop3-login {{\n chroot =\n inet_listener pop3 {{\n port = {pop3}\n }}\n \
             inet_listener pop3s {{\n port = {pop3s}\n ssl = yes\n }}\n}}\n\
             service auth {{\n unix_listener {auth} {{\n mode = 0666\n }}\n}}\n\
             service lmtp {{\n unix_listener {lmtp} {{\n mode = 0666\n }}\n}}\n",
            run = at("run"),
            state = at("state"),
            log = at("log"),
            certificate = server.0.display(),
            key = server.1.display(),
            mail = at("mail"),
            users = at("users"),
            auth = at("auth"),
            lmtp = at("lmtp"),
        );
        fs::write(folder.join("dovecot.conf"), configuration).unwrap();
        let mut command = Command::new(program);
        command.arg("-F").arg("-c").arg(folder.join("dovecot.conf")).stdin(Stdio::null());
        let errors = fs::File::create(folder.join("errors")).unwrap();
        let child = command.stdout(Stdio::null()).stderr(errors).spawn().unwrap();
        let mut dovecot = Self { child, folder, imap, imaps, pop3, pop3s };
        dovecot.wait_for_ports();
        Some(dovecot)
    }

    fn wait_for_ports(&mut self) {
        let start = Instant::now();
        let closed = |port| TcpStream::connect(("127.0.0.1", port)).is_err();
        while [self.imap, self.imaps, self.pop3, self.pop3s].into_iter().any(closed) {
            assert!(self.child.try_wait().unwrap().is_none(), "Dovecot ended: {}", self.log());
            assert!(start.elapsed() < Duration::from_secs(30), "Dovecot does not listen: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn log(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        read("errors") + &read("log")
    }

    /// Where Postfix asks who has logged in.
    pub(crate) fn auth(&self) -> PathBuf {
        self.folder.join("auth")
    }

    /// Where Postfix delivers.
    pub(crate) fn lmtp(&self) -> PathBuf {
        self.folder.join("lmtp")
    }

    /// The files of the letters that lie in a user's box.
    pub(crate) fn files(&self, user: &str) -> Vec<PathBuf> {
        let folders = ["new", "cur"].map(|inner| self.folder.join("mail").join(user).join(inner));
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The letters that lie in a user's box.
    pub(crate) fn arrived(&self, user: &str) -> Vec<Vec<u8>> {
        self.files(user).iter().map(|path| fs::read(path).unwrap()).collect()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("Dovecot said:\n{}", self.log());
        }
        // Its own end, with which its children end too.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
