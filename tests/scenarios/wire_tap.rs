//! What goes over loopback, as tshark sees it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Program, missing, tool};

/// A capture under way.
pub(crate) struct Tap {
    child: Child,
    file: PathBuf,
}

/// What was sent: for each port, the connections, each with all octets of either direction.
pub(crate) type Captured = BTreeMap<u16, Vec<Vec<u8>>>;

impl Tap {
    /// At these ports of loopback. None, and one line of output, without tshark or the right to capture.
    pub(crate) fn start(folder: &Path, ports: &[u16]) -> Option<Self> {
        let program = tool("tshark")?;
        let (file, errors) = (folder.join("wire.pcapng"), folder.join("wire.errors"));
        let filter = ports.iter().map(|port| format!("tcp port {port}")).collect::<Vec<_>>().join(" or ");
        let mut command = Command::new(program);
        command.args(["-q", "-n", "-i", "lo", "-f", &filter, "-w"]).arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&errors).unwrap());
        let mut tap = Self { child: command.spawn().unwrap(), file };
        let start = Instant::now();
        let has_begun = |file: &Path| fs::metadata(file).is_ok_and(|of| of.len() > 0);
        while !has_begun(&tap.file) {
            if tap.child.try_wait().unwrap().is_some() || start.elapsed() > Duration::from_secs(20) {
                missing(&format!("tshark cannot capture: {}", fs::read_to_string(&errors).unwrap().trim()));
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(tap)
    }

    /// Ends it. What was sent.
    pub(crate) fn end(mut self) -> Captured {
        std::thread::sleep(Duration::from_secs(1)); // what it has not yet read from the system
        Program::new("kill").words("-INT").arg(self.child.id().to_string()).ok();
        assert!(self.child.wait().unwrap().success());
        let reading = Program::new("tshark").words("-n -r").arg(&self.file).words("-Y tcp.payload -T fields");
        let out = reading.words("-e tcp.stream -e tcp.srcport -e tcp.dstport -e tcp.payload").ok();
        read(&String::from_utf8(out).unwrap())
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of tshark: connection, ports, octets. The first to speak of a connection may be either side.
fn read(lines: &str) -> Captured {
    let mut streams: BTreeMap<u32, BTreeMap<(u16, u16), Vec<u8>>> = BTreeMap::new();
    for line in lines.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let ports = (fields[1].parse().unwrap(), fields[2].parse().unwrap());
        let octets =
            (0..fields[3].len()).step_by(2).map(|at| u8::from_str_radix(&fields[3][at..at + 2], 16).unwrap());
        streams.entry(fields[0].parse().unwrap()).or_default().entry(ports).or_default().extend(octets);
    }
    let mut captured = Captured::new();
    for directions in streams.into_values() {
        let mut ports: Vec<u16> = directions.keys().map(|(from, _)| *from).collect();
        ports.extend(directions.keys().map(|(_, to)| *to));
        ports.sort_unstable();
        ports.dedup();
        let octets: Vec<u8> = directions.into_values().flatten().collect();
        ports.into_iter().for_each(|port| captured.entry(port).or_default().push(octets.clone()));
    }
    captured
}
