//! A DNS server of our own on a loopback port: knot, with everything in one zone.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::tool;

pub(crate) struct Knot {
    child: Child,
    pub(crate) address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Knot {
    /// Serves these lines of a zone file, with names from the root on.
    pub(crate) fn start(lines: &str) -> Option<Self> {
        let program = tool("knotd")?;
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        fs::write(folder.path().join("root.zone"), zone(lines)).unwrap();
        let settings = settings(folder.path(), address);
        let file = folder.path().join("knot.conf");
        fs::write(&file, settings).unwrap();
        let child = Command::new(program)
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut running = Self { child, address, _folder: folder };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(running.child.try_wait().unwrap().is_none(), "knotd ended");
            assert!(start.elapsed() < Duration::from_secs(30), "knotd does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(running)
    }
}

/// A whole zone, of the root.
pub(crate) fn zone(lines: &str) -> String {
    format!("$TTL 60\n. SOA ns. h. 1 60 60 60 60\n. NS ns.\nns. A 127.0.0.1\n{lines}")
}

/// For a server of the file `root.zone` in a folder, where it also writes `pid`. Of `broken.test` it says SERVFAIL.
pub(crate) fn settings(folder: &Path, address: SocketAddr) -> String {
    let path = folder.display();
    format!(
        "server:\n  listen: [ {}@{} ]\n  rundir: {path}\n  pidfile: {path}/pid\ndatabase:\n  storage: {path}\n\
         log:\n  - target: stderr\n    any: critical\n\
         template:\n  - id: default\n    storage: {path}\nzone:\n  - domain: .\n    file: root.zone\n  - domain: broken.test\n    file: nowhere\n",
        address.ip(),
        address.port()
    )
}

impl Drop for Knot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free for both.
fn free_address() -> SocketAddr {
    loop {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

/// A line for a TXT record, in pieces of 255 octets.
pub(crate) fn txt(name: &str, text: &str) -> String {
    let pieces: Vec<String> =
        text.as_bytes().chunks(255).map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece))).collect();
    format!("{name}. TXT {}\n", pieces.join(" "))
}
