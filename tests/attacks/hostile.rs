//! Letters made to crash or to exhaust: looked at by the command under a limit on memory, and in a thread with hardly
//! any stack (R-D1 to R-D9).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mailseal::{Context, Key, Limits, Opener, Outcome, Password, Policy, TrustStore};

use crate::cms::{Cms, DATA, Person, Signer, algorithm, base64, detached, oid, opaque, seq, tlv};
use crate::stage::{AT, CONTENT, Stage, stage};
use crate::support::tool;

const ALICE: &str = "alice@example.org";
/// All private memory that the command may ask for, in KiB.
const MOST_KIB: &str = "65536";

fn command() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_mailseal"))
}

/// Exit status, standard output, standard error.
struct Ran {
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

/// `mailseal verify -` with bounded memory; `write` is its input.
fn verify(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Option<Ran> {
    let sh = tool("sh")?;
    let mut child = Command::new(sh)
        .arg("-c")
        .arg(format!("ulimit -d {MOST_KIB} && exec \"$0\" \"$@\""))
        .arg(command())
        .args(["verify", "--no-trust-folder", "-"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Whoever has seen enough closes its input.
    let _ = write(&mut stdin);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    Some(Ran { status: output.status.code(), stdout: output.stdout, stderr })
}

#[track_caller]
fn is_calm(what: &str, ran: &Ran) {
    match ran.status {
        Some(1) => assert!(ran.stderr.is_empty(), "{what}: {}", ran.stderr),
        Some(2) => {
            assert!(ran.stdout.is_empty(), "{what}");
            assert!(
                ran.stderr.starts_with("mailseal: ") && ran.stderr.ends_with('\n'),
                "{what}: {}",
                ran.stderr
            );
            assert_eq!(ran.stderr.lines().count(), 1, "{what}: {}", ran.stderr);
            assert!(ran.stderr.len() < 400, "{what}: {}", ran.stderr);
        }
        other => panic!("{what}: {other:?}, {}", ran.stderr),
    }
}

/// In a thread with 256 KiB of stack. A verdict, never good; or a limit by its name.
#[track_caller]
fn is_read_on_a_small_stack(what: &str, letter: Vec<u8>) {
    let what = what.to_owned();
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let thread = small.spawn(move || match Opener::new(&Context::new(TrustStore::new())).open(letter, AT) {
        Ok(opened) => {
            let verdict = Policy::standard().judge(&opened.report);
            assert_ne!(verdict.outcome, Outcome::Good, "{what}");
            let _ = verdict.text(&opened.report).to_string();
        }
        Err(mailseal::Error::Limit { name, .. }) => assert!(Limits::default().set(name, 1), "{what}: {name}"),
        Err(error) => panic!("{what}: {error}"),
    });
    thread.unwrap().join().unwrap();
}

fn signed(protocol: &str, kind: &str, body: &str) -> Vec<u8> {
    format!(
        "From: {ALICE}\r\nContent-Type: multipart/signed; protocol=\"{protocol}\"; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: {kind}\r\n\r\n{body}\r\n--b--\r\n"
    )
    .into_bytes()
}

fn signed_pgp(armor: &str) -> Vec<u8> {
    signed("application/pgp-signature", "application/pgp-signature", armor)
}

fn text(body: &str) -> Vec<u8> {
    format!("From: {ALICE}\r\nContent-Type: text/plain\r\n\r\n{body}").into_bytes()
}

fn pgp_block(label: &str, octets: &[u8]) -> String {
    format!("-----BEGIN PGP {label}-----\r\n\r\n{}-----END PGP {label}-----\r\n", base64(octets))
}

/// Elements in elements, `depth` times, of definite lengths.
fn nested(tag: u8, depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| {
        let mut octets = inner;
        let header = tlv(tag, &octets);
        octets.splice(0..0, header[..header.len() - octets.len()].iter().copied());
        octets
    })
}

/// A SignedData up to and without its signers, with these octets instead.
fn signed_data(rest: &[u8]) -> Vec<u8> {
    let digests = tlv(0x31, &algorithm("2.16.840.1.101.3.4.2.1", false));
    let body = seq(&[&tlv(2, &[1]), &digests, &seq(&[&oid(DATA)]), rest]);
    seq(&[&oid("1.2.840.113549.1.7.2"), &tlv(0xA0, &body)])
}

fn structures() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    let parts = "--b\r\n\r\nx\r\n".repeat(100_000);
    let head = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    all.push(("100,000 parts", format!("{head}{parts}--b--\r\n").into_bytes()));
    let delimiters = "--b\r\n".repeat(500_000);
    all.push(("500,000 delimiters", format!("{head}{delimiters}").into_bytes()));
    all.push(("10,000 fields", format!("{}\r\nx", "X-Y: z\r\n".repeat(10_000)).into_bytes()));
    all.push(("10,000 From fields", format!("{}\r\nx", "From: a@b.example\r\n".repeat(10_000)).into_bytes()));
    all.push(("one field of 8 MiB", format!("Subject: {}\r\n\r\nx", "y".repeat(8 << 20)).into_bytes()));
    all.push(("folds", format!("From: {}\r\n\r\nx", "\r\n x".repeat(1 << 18)).into_bytes()));
    let comments = format!("From: {}a@b.example{}\r\n\r\nx", "(".repeat(30_000), ")".repeat(30_000));
    all.push(("comments in comments", comments.into_bytes()));
    all.push(("encoded words", format!("Subject: {}\r\n\r\nx", "=?utf-8?q?=".repeat(5_000)).into_bytes()));
    let names = format!("Content-Type: multipart/signed{}\r\n\r\nx", "; boundary*0*=x".repeat(4_000));
    all.push(("parameters", names.into_bytes()));
    let multiparts: String = (0..1000)
        .map(|at| format!("Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n"))
        .collect();
    all.push(("1,000 multiparts in each other", multiparts.into_bytes()));
    let same = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(1000);
    all.push(("1,000 multiparts of one boundary", same.into_bytes()));
    let letters = "Content-Type: message/rfc822\r\n\r\n".repeat(1000);
    all.push(("1,000 letters in each other", letters.into_bytes()));
    let signed =
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n--b\r\n";
    all.push(("1,000 signed in each other", signed.repeat(1000).into_bytes()));
    all.push(("only CR", vec![b'\r'; 1 << 20]));
    all.push(("only LF", vec![b'\n'; 1 << 20]));
    all.push(("only NUL", vec![0; 1 << 20]));
    all.push(("only hyphens", [head.as_bytes(), &vec![b'-'; 1 << 20]].concat()));
    all
}

fn cms_structures() -> Vec<(&'static str, Vec<u8>)> {
    let mut all: Vec<(&str, Vec<u8>)> = Vec::new();
    let long = |length: &[u8]| [&[0x30, 0x80 | u8::try_from(length.len()).unwrap()], length].concat();
    all.push(("length 2^63", long(&[0x80, 0, 0, 0, 0, 0, 0, 0])));
    all.push(("length 2^64 - 1", long(&[0xFF; 8])));
    all.push(("length of 126 octets", long(&[0xFF; 126])));
    all.push(("length 2^31", [long(&[0x80, 0, 0, 0]), oid("1.2.840.113549.1.7.2")].concat()));
    let inside =
        [oid("1.2.840.113549.1.7.2"), vec![0xA0, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]];
    all.push(("length 2^63 inside", [vec![0x30, 0x80], inside.concat()].concat()));
    all.push(("deep, definite", nested(0x30, 5_000)));
    all.push(("deep, indefinite", [0x30, 0x80].repeat(100_000)));
    all.push(("deep, in the signers", signed_data(&tlv(0x31, &nested(0x30, 5_000)))));
    all.push((
        "deep, in the certificates",
        signed_data(&[tlv(0xA0, &nested(0x30, 5_000)), tlv(0x31, &[])].concat()),
    ));
    all.push(("deep strings", [[0x24, 0x80].repeat(50_000), vec![4, 1, 1]].concat()));
    all.push(("an OID of a MiB", tlv(0x30, &tlv(6, &vec![0x81; 1 << 20]))));
    all.push(("100,000 empty signers", signed_data(&tlv(0x31, &[0x30, 0].repeat(100_000)))));
    all.push(("100,000 digests", {
        let mut cms = Cms::new(Some(CONTENT), Vec::new(), &[]);
        cms.digests = vec![algorithm("2.16.840.1.101.3.4.2.1", false); 100_000];
        cms.der()
    }));
    all.push(("100,000 empty pieces of content", {
        let pieces = [vec![0x24, 0x80], [4, 0].repeat(100_000), vec![0, 0]].concat();
        let content = seq(&[&oid(DATA), &tlv(0xA0, &pieces)]);
        let digests = tlv(0x31, &algorithm("2.16.840.1.101.3.4.2.1", false));
        let body = seq(&[&tlv(2, &[1]), &digests, &content, &tlv(0x31, &[])]);
        seq(&[&oid("1.2.840.113549.1.7.2"), &tlv(0xA0, &body)])
    }));
    all
}

fn many(stage: &Stage) -> Vec<(&'static str, Vec<u8>)> {
    let certificate: &[u8] = &stage.alice.certificate;
    let signer = |person: &Person| Signer::new(person, CONTENT).der(CONTENT);
    let certificates = vec![certificate; 10_000];
    let mut with = Signer::new(&stage.alice, CONTENT);
    let attribute = with.attributes.clone().unwrap().remove(1);
    with.attributes.as_mut().unwrap().extend(vec![attribute; 10_000]);
    vec![
        ("10,000 signers", Cms::new(None, vec![signer(&stage.alice); 10_000], &[certificate]).der()),
        ("33 signers", Cms::new(None, vec![signer(&stage.alice); 33], &[certificate]).der()),
        ("10,000 certificates", Cms::new(None, vec![signer(&stage.alice)], &certificates).der()),
        ("10,000 attributes", Cms::new(None, vec![with.der(CONTENT)], &[certificate]).der()),
    ]
}

fn openpgp() -> Vec<(&'static str, Vec<u8>)> {
    let packet = |tag: u8, length: &[u8], body: &[u8]| [&[0xC0 | tag], length, body].concat();
    let mut all = Vec::new();
    let octets = [
        ("signature of 4 GiB", packet(2, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF], &[4, 0, 1, 8])),
        ("signature in pieces", packet(2, &[0xE0], &[0xE0, 4].repeat(10_000))),
        ("literal of 4 GiB", packet(11, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF], b"b\0")),
        ("markers", packet(10, &[3], b"PGP").repeat(100_000)),
        ("one-pass signatures", packet(4, &[13], &[3, 0, 8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).repeat(10_000)),
        ("subpackets of a lie", packet(2, &[10], &[4, 0, 1, 8, 0xFF, 0xFF, 1, 1, 1, 1])),
        ("compressed in compressed", nested_packets(2_000)),
        ("a number of 65,535 bits", packet(2, &[14], &[4, 0, 1, 8, 0, 0, 0, 0, 1, 1, 0xFF, 0xFF, 1, 1])),
    ];
    for (what, octets) in octets {
        all.push((what, signed_pgp(&pgp_block("SIGNATURE", &octets))));
        all.push((what, text(&pgp_block("MESSAGE", &octets))));
    }
    all.push(("begins", text(&"-----BEGIN PGP SIGNED MESSAGE-----\r\n".repeat(50_000))));
    all.push(("begins of messages", text(&"-----BEGIN PGP MESSAGE-----\r\n".repeat(50_000))));
    all.push((
        "hashes",
        text(&format!("-----BEGIN PGP SIGNED MESSAGE-----\r\n{}", "Hash: SHA256\r\n".repeat(50_000))),
    ));
    all.push((
        "headers of armor",
        signed_pgp(&format!("-----BEGIN PGP SIGNATURE-----\r\n{}", "X: y\r\n".repeat(50_000))),
    ));
    all
}

/// Uncompressed compressed data packets, each in another.
fn nested_packets(depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| {
        let length = u32::try_from(inner.len() + 1).unwrap().to_be_bytes();
        [&[0xC8, 0xFF], length.as_slice(), &[0], &inner].concat()
    })
}

#[test]
fn r_d4_structures_by_the_command_and_on_a_small_stack() {
    for (what, letter) in structures() {
        let Some(ran) = verify(|input| input.write_all(&letter)) else { return };
        is_calm(what, &ran);
        is_read_on_a_small_stack(what, letter);
    }
}

#[test]
fn r_d1_asn1_by_the_command_and_on_a_small_stack() {
    for (what, cms) in cms_structures() {
        for letter in [detached(ALICE, CONTENT, &cms), opaque(ALICE, &cms)] {
            let Some(ran) = verify(|input| input.write_all(&letter)) else { return };
            is_calm(what, &ran);
            is_read_on_a_small_stack(what, letter);
        }
        // As a file of keys it is none.
        let small = std::thread::Builder::new().stack_size(256 << 10);
        let loaded = small.spawn(move || Key::load(&cms, Password::from("x")).is_err());
        assert!(loaded.unwrap().join().unwrap(), "{what}");
    }
}

#[test]
fn r_d5_many_by_the_command_and_on_a_small_stack() {
    let Some(stage) = stage() else { return };
    for (what, cms) in many(&stage) {
        let letter = detached(ALICE, CONTENT, &cms);
        let Some(ran) = verify(|input| input.write_all(&letter)) else { return };
        is_calm(what, &ran);
        assert_eq!(ran.status, Some(2), "{what} is beyond a limit");
        assert!(ran.stderr.contains("limit of"), "{what}: {}", ran.stderr);
        is_read_on_a_small_stack(what, letter);
    }
}

#[test]
fn r_d2_openpgp_by_the_command_and_on_a_small_stack() {
    for (what, letter) in openpgp() {
        let Some(ran) = verify(|input| input.write_all(&letter)) else { return };
        is_calm(what, &ran);
        is_read_on_a_small_stack(what, letter);
    }
}

/// Octets that no one keeps.
fn pour(input: &mut dyn Write, head: &[u8], piece: &[u8], times: usize) -> std::io::Result<()> {
    input.write_all(head)?;
    (0..times).try_for_each(|_| input.write_all(piece))
}

#[test]
fn r_d2_large_letters_by_the_command() {
    let (head, piece) = (b"From: a@b.example\r\n\r\n".as_slice(), vec![b'x'; 1 << 20]);
    let armor = signed_pgp("-----BEGIN PGP SIGNATURE-----\r\n\r\n");
    let armor = armor.strip_suffix(b"\r\n--b--\r\n".as_slice()).unwrap();
    let lines = "QUJD".repeat(16).into_bytes();
    let lines = [lines.as_slice(), b"\r\n"].concat().repeat(15_888);
    let kind = b"From: a@b.example\r\nContent-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let begun = base64(&[
        0x30, 0x80, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2, 0xA0, 0x80, 0x30, 0x80, 2, 1, 1,
    ]);
    let opaque = [kind.as_slice(), begun.trim_end().as_bytes()].concat();
    let cases: [(&str, &[u8], &[u8], usize); 5] = [
        ("one line of 256 MiB", head, &piece, 256),
        ("a header without end", b"Subject: ", &piece, 100),
        ("armor of 100 MiB", armor, &lines, 100),
        ("CMS of 100 MiB", &opaque, &lines, 100),
        ("100 MiB of boundaries", b"Content-Type: multipart/mixed; boundary=x\r\n\r\n", &piece, 100),
    ];
    for (what, head, piece, times) in cases {
        let Some(ran) = verify(|input| pour(input, head, piece, times)) else { return };
        is_calm(what, &ran);
        // By a limit of its own, not by that of the system.
        assert!(ran.status == Some(1) || ran.stderr.contains("limit of"), "{what}: {}", ran.stderr);
    }
}

#[test]
fn the_limit_on_memory_bites() {
    // The command alone fits in it; what would hold a letter of that size does not.
    let Some(sh) = tool("sh") else { return };
    let folder = tempfile::tempdir().unwrap();
    let big = folder.path().join("big");
    std::fs::File::create(&big).unwrap().set_len(100 << 20).unwrap();
    let run = |kib: &str, arguments: &[&Path]| {
        let line = format!("ulimit -d {kib} && exec \"$0\" \"$@\"");
        let mut command_line = Command::new(&sh);
        command_line.arg("-c").arg(line).arg(command()).args(["verify", "--no-trust-folder", "--anchor"]);
        command_line.args(arguments).stderr(Stdio::null()).stdout(Stdio::null()).status().unwrap()
    };
    // A file of anchors is read whole: it does not fit, and the system's allocator says so.
    let status = run(MOST_KIB, &[&big, Path::new("/dev/null")]);
    assert!(!status.success());
}

#[test]
fn r_d9_what_is_no_mail() {
    let folder = tempfile::tempdir().unwrap();
    let png =
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0, 0, 1, 0, 0, 0, 1, 0, 8, 6, 0, 0, 0]].concat();
    let mut noise = vec![0_u8; 65_536];
    let mut state = 0x9E37_79B9_u32;
    for octet in &mut noise {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *octet = state.to_be_bytes()[0];
    }
    for (what, octets) in [("PNG", png), ("noise", noise), ("empty", Vec::new()), ("one octet", vec![b'F'])] {
        let Some(ran) = verify(|input| input.write_all(&octets)) else { return };
        is_calm(what, &ran);
        is_read_on_a_small_stack(what, octets);
    }
    for path in [folder.path().to_owned(), folder.path().join("absent")] {
        let output =
            Command::new(command()).args(["verify", "--no-trust-folder"]).arg(&path).output().unwrap();
        let (status, stdout) = (output.status.code(), output.stdout);
        let ran = Ran { status, stdout, stderr: String::from_utf8(output.stderr).unwrap() };
        assert_eq!(ran.status, Some(2), "{}", path.display());
        is_calm("no file", &ran);
        assert!(ran.stderr.contains(&*path.to_string_lossy()), "{}", ran.stderr);
    }
}
