//! Holds the house of ARCHITECTURE.md: the order of its rooms, what is absent from them, and plain habits.
//! Each rule is a function from a source text to complaints, with a test beside it that shows it bites.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "architecture/tokens.rs"]
mod tokens;

use std::path::{Path, PathBuf};
use std::{fs, process::Command};

use tokens::{Token, all_tokens, paths, test_modules, tokens};

/// The rooms from the ground up. A room names rooms on lower lines only, and none on its own line but itself.
const ROOMS: &[&[&str]] = &[
    &["error", "limits", "time"],
    &["crypto"],
    &["input"],
    &["mime"],
    &["report"],
    &["policy"],
    &["x509", "openpgp"],
    &["cms"],
    &["protocol"],
    &["trust"],
    &["smime", "pgpmime"],
    &["message"],
    &["doctor"],
    &["outside"],
];

/// What a room does not name although it lies lower, and what it may name of it all the same: plain values.
const ABSENT: &[(&str, &str, &[&str])] = &[
    ("mime", "crypto", &[]),
    ("x509", "mime", &["Address"]),
    ("openpgp", "mime", &["Address", "PartPath"]),
    ("cms", "mime", &[]),
    ("smime", "trust", &[]),
    ("pgpmime", "trust", &[]),
];

/// Crates that compute. Only `src/crypto/backend` names them.
const CRYPTO_CRATES: &[&str] = &[
    "aes",
    "aes_gcm",
    "aes_kw",
    "aws_lc_rs",
    "cbc",
    "chacha20",
    "chacha20poly1305",
    "ctr",
    "curve25519_dalek",
    "des",
    "digest",
    "ecdsa",
    "ed25519",
    "ed25519_dalek",
    "ed448",
    "ed448_goldilocks",
    "elliptic_curve",
    "getrandom",
    "ghash",
    "hkdf",
    "hmac",
    "md5",
    "ml_dsa",
    "ml_kem",
    "p256",
    "p384",
    "p521",
    "pbkdf2",
    "poly1305",
    "rand",
    "rand_core",
    "rc2",
    "rsa",
    "sha1",
    "sha2",
    "sha3",
    "x25519_dalek",
];

/// What nothing in the library reads: clock, environment, network, other processes, one kind of system.
const OUTSIDE: &[&[&str]] =
    &[&["time", "Instant"], &["time", "SystemTime", "now"], &["env"], &["net"], &["process"], &["os"]];

/// Crates that open sockets or link libraries of the system. The default library depends on none of them. (SQLite,
/// which a library below the Web of Trust uses, is built from its source.)
const UNWANTED: &[&str] = &[
    "async-std",
    "bindgen",
    "curl",
    "hickory-proto",
    "hickory-resolver",
    "hyper",
    "mio",
    "native-tls",
    "nettle",
    "nettle-sys",
    "openssl",
    "openssl-sys",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "ureq",
];

const LONGEST_FILE: usize = 600;

/// A source file of the library: `path` is relative to `src/`.
struct Source {
    path: String,
    text: String,
    /// Declared for tests alone.
    is_test: bool,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into(), is_test: false }
    }

    /// The module of the file: `a/b.rs` and `a/b/mod.rs` are `[a, b]`.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        path.split('/').filter(|name| *name != "lib").collect()
    }

    fn room(&self) -> Option<&str> {
        self.module().first().copied()
    }

    /// The command stands around the library: it names the public API only.
    fn is_command(&self) -> bool {
        self.path.starts_with("bin/")
    }

    /// The modules, by their names from the root, that it declares for tests alone.
    fn test_modules(&self) -> Vec<Vec<String>> {
        let own = self.module().into_iter().map(str::to_owned);
        test_modules(&self.text).into_iter().map(|name| own.clone().chain([name]).collect()).collect()
    }

    fn complaint(&self, line: usize, words: String) -> String {
        format!("src/{}:{line}: {words}", self.path)
    }

    /// The paths that it names inside the crate, `super` resolved.
    fn inner_paths(&self) -> Vec<(Vec<String>, usize)> {
        let words = tokens(&self.text);
        let mut found = paths(&words, "crate");
        for (path, line) in paths(&words, "super") {
            let up = 1 + path.iter().take_while(|word| *word == "super").count();
            let module = self.module();
            let kept = module.len().saturating_sub(up);
            let rest = path.iter().skip(up - 1).cloned();
            found.push((module[..kept].iter().map(ToString::to_string).chain(rest).collect(), line));
        }
        found
    }
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|line| line.contains(&room))
}

/// Lower rooms only, by their own names: a re-export at the root would hide the room.
fn check_order(source: &Source) -> Vec<String> {
    let Some(room) = source.room().filter(|_| !source.is_command() && !source.is_test) else {
        return Vec::new();
    };
    let Some(own) = rank(room) else {
        return vec![source.complaint(1, format!("`{room}` has no place in ROOMS"))];
    };
    let wrong = source.inner_paths().into_iter().filter_map(|(path, line)| {
        let named = path.first()?;
        let words = match rank(named) {
            _ if named == room => return None,
            None => format!("`crate::{named}` is not a room; name the module that holds it"),
            Some(other) if other >= own && other > 0 => {
                format!("`{room}` names `{named}`, which is not below it")
            }
            Some(_) => return None,
        };
        Some(source.complaint(line, words))
    });
    wrong.collect()
}

fn check_absences(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    for (room, absent, exceptions) in ABSENT {
        if source.room() != Some(room) || source.is_test {
            continue;
        }
        for (path, line) in source.inner_paths() {
            let excepted = path.get(1).is_some_and(|name| exceptions.contains(&name.as_str()));
            if path.first().is_some_and(|name| name == absent) && !excepted {
                wrong.push(source.complaint(line, format!("`{room}` never names `{}`", path.join("::"))));
            }
        }
    }
    wrong
}

/// Foreign crates that one folder only may name.
fn check_foreign_crates(source: &Source) -> Vec<String> {
    let rooms: [(_, &[&str]); 3] = [
        ("crypto/backend/", CRYPTO_CRATES),
        ("crypto/", &["crypto_bigint"]),
        ("openpgp/", &["sequoia_openpgp", "sequoia_wot", "sequoia_cert_store"]),
    ];
    let own: Vec<String> = source.inner_paths().into_iter().filter_map(|(mut path, _)| path.pop()).collect();
    let mut wrong = Vec::new();
    for (folder, crates) in rooms {
        if source.path.starts_with(folder) || source.is_test {
            continue;
        }
        let found = foreign_crates(&tokens(&source.text), crates);
        // A module of ours may have the name of a crate, once it is imported.
        for (name, line) in found.into_iter().filter(|(name, _)| !own.iter().any(|own| own == name)) {
            wrong.push(source.complaint(line, format!("only src/{folder} names `{name}`")));
        }
    }
    wrong
}

/// Where a path begins with one of these crates, or `use` names one alone.
fn foreign_crates<'a>(words: &[Token], crates: &[&'a str]) -> Vec<(&'a str, usize)> {
    let mut found = Vec::new();
    for name in crates {
        found.extend(paths(words, name).into_iter().map(|(_, line)| (*name, line)));
        let alone = words.windows(3).filter(|three| {
            three[0].word == "use" && three[1].word == *name && [";", "as"].contains(&three[2].word.as_str())
        });
        found.extend(alone.map(|three| (*name, three[1].line)));
    }
    found
}

/// Time comes in as an argument; letters and keys come in as octets.
fn check_outside(source: &Source) -> Vec<String> {
    if source.is_command() || source.is_test || source.room() == Some("outside") {
        return Vec::new();
    }
    let words = tokens(&source.text);
    let named = paths(&words, "std").into_iter().filter(|(path, _)| {
        OUTSIDE
            .iter()
            .any(|outside| path.iter().map(String::as_str).take(outside.len()).eq(outside.iter().copied()))
    });
    let now = paths(&words, "SystemTime").into_iter().filter(|(path, _)| path[0] == "now");
    let mut wrong: Vec<String> = named
        .chain(now)
        .map(|(path, line)| source.complaint(line, format!("reads what is outside: `{}`", path.join("::"))))
        .collect();
    if source.room() != Some("policy") {
        let made = paths(&words, "Policy")
            .into_iter()
            .filter(|(path, _)| ["standard", "strict", "default", "new"].contains(&path[0].as_str()));
        wrong.extend(made.map(|(_, line)| source.complaint(line, "only the caller makes a policy".into())));
    }
    wrong
}

/// `Opened::require` is the only maker of `Verified`.
fn check_proof(source: &Source) -> Vec<String> {
    let words = all_tokens(&source.text);
    let made = words.windows(2).filter(|two| two[0].word == "Verified" && two[1].word == "{");
    let allowed = usize::from(source.path == "message/opened.rs");
    made.skip(allowed)
        .map(|two| source.complaint(two[0].line, "`Verified` is made in one place".into()))
        .collect()
}

/// No unsafe code, nothing left open, no file that is more than one thing.
fn check_habits(source: &Source) -> Vec<String> {
    let open =
        [concat!("to", "do!"), concat!("unimple", "mented!"), concat!("FIX", "ME"), concat!("X", "XX")];
    let mut wrong = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let left = open.iter().filter(|word| line.contains(*word));
        wrong.extend(left.map(|word| source.complaint(index + 1, format!("`{word}` is left in the code"))));
    }
    let is_unsafe = |token: &&Token| token.word == "unsafe";
    let found = all_tokens(&source.text);
    wrong.extend(
        found.iter().filter(is_unsafe).map(|token| source.complaint(token.line, "unsafe code".into())),
    );
    let lines = source.text.lines().count();
    if lines > LONGEST_FILE {
        wrong.push(source.complaint(lines, format!("{lines} lines; {LONGEST_FILE} are the most")));
    }
    wrong
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn sources() -> Vec<Source> {
    let folder = root().join("src");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
        Source { path: name, text: fs::read_to_string(&path).unwrap(), is_test: false }
    };
    let mut found: Vec<Source> = rust_files(&folder).into_iter().map(read).collect();
    let tests: Vec<Vec<String>> = found.iter().flat_map(Source::test_modules).collect();
    for source in &mut found {
        source.is_test = tests
            .iter()
            .any(|test| source.module().starts_with(&test.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    found
}

fn holds(check: fn(&Source) -> Vec<String>) {
    let sources = sources();
    assert!(sources.len() > 20, "src/ was not read");
    let wrong: Vec<String> = sources.iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The rule has nothing to say about the first text, and something about each of the others.
fn bites(check: fn(&Source) -> Vec<String>, path: &str, right: &str, wrong: &[&str]) {
    assert_eq!(check(&Source::new(path, right)), Vec::<String>::new());
    for text in wrong {
        assert!(!check(&Source::new(path, text)).is_empty(), "{path} passes: {text}");
    }
}

#[test]
fn rooms_name_lower_rooms_only() {
    holds(check_order);
}

#[test]
fn rooms_name_lower_rooms_only_bites() {
    let right = "use crate::{error::Error, cms::{self, Signed}}; use crate::x509; // crate::message
        fn f() { let text = \"crate::message\"; super::verifier::g(); }
        #[cfg(test)] mod tests { use crate::message::Opener; }";
    bites(
        check_order,
        "smime/signer.rs",
        right,
        &[
            "use crate::message::Opener;",
            "use crate::{error::Error, message};",
            "use crate::{error::Error, report::{Layer, Report}, message::Opener};",
            "fn f() { crate::message::open() }",
            "use super::super::message;",
            "use super::super::{error, message::Opener};",
            "use crate::pgpmime::signer;",
            "use crate::Error;",
            "use crate::attic::Thing;",
            "#[cfg(feature = \"x\")] use crate::message;",
        ],
    );
    bites(
        check_order,
        "input.rs",
        "use super::crypto; use crate::error;",
        &["use super::mime;", "use crate::report;"],
    );
    assert!(!check_order(&Source::new("attic/mod.rs", "")).is_empty(), "a room without a place");
}

#[test]
fn modules_for_tests_are_known_by_their_declaration() {
    let text = "#[cfg(test)] mod a; #[cfg(all(test, unix))]\n#[path = \"c.rs\"] pub(crate) mod b; #[cfg(not(test))] mod c; mod tests; #[cfg(test)] mod d {}";
    assert_eq!(Source::new("x509/mod.rs", text).test_modules(), [["x509", "a"], ["x509", "b"]]);
    assert!(sources().iter().any(|source| source.is_test && source.path.ends_with("tests.rs")));
}

#[test]
fn absences_hold() {
    holds(check_absences);
}

#[test]
fn absences_bite() {
    bites(check_absences, "mime/structure.rs", "use crate::input::Input;", &["use crate::crypto::Secret;"]);
    bites(
        check_absences,
        "openpgp/mod.rs",
        "use crate::mime::Address;",
        &[
            "use crate::mime;",
            "use crate::mime::{Address, Part};",
            "use crate::mime::*;",
            "fn f(_: crate::mime::Structure) {}",
        ],
    );
    bites(check_absences, "x509/name.rs", "use crate::mime::{Address};", &["use crate::mime::Structure;"]);
    bites(check_absences, "cms/mod.rs", "use crate::x509;", &["use crate::mime::Address;"]);
    bites(check_absences, "smime/verifier.rs", "use crate::protocol;", &["use crate::trust::TrustStore;"]);
    bites(check_absences, "pgpmime/signer.rs", "use crate::openpgp;", &["use super::super::trust;"]);
}

#[test]
fn foreign_crates_stay_in_their_room() {
    holds(check_foreign_crates);
}

#[test]
fn foreign_crates_bite() {
    let right = "use crate::crypto::{backend::rsa::Key, ecdsa}; use der::Encode; fn f() { ecdsa::g(crate::crypto::sha2::h()) }";
    bites(
        check_foreign_crates,
        "cms/signed.rs",
        right,
        &[
            "use sha2::Sha256;",
            "use rsa as other;",
            "use ::sha1::Sha1;",
            "fn f() { aws_lc_rs::init() }",
            "use sequoia_openpgp as openpgp;",
            "use crypto_bigint::BoxedUint;",
            "use crate::crypto::ecdsa; fn f() { rsa::g() }",
        ],
    );
    bites(
        check_foreign_crates,
        "crypto/backend/aws_lc.rs",
        "use aws_lc_rs::digest;",
        &["use sequoia_openpgp::Cert;"],
    );
    bites(check_foreign_crates, "openpgp/cert.rs", "use sequoia_openpgp::Cert;", &["use p256::ecdsa;"]);
}

#[test]
fn nothing_outside_is_read() {
    holds(check_outside);
}

#[test]
fn nothing_outside_bites() {
    let right =
        "use std::time::SystemTime; use std::{fs, io}; fn f(_: &Policy) { env!(\"CARGO_PKG_VERSION\"); }";
    bites(
        check_outside,
        "message/open.rs",
        right,
        &[
            "fn f() { SystemTime::now() }",
            "fn f() { std::time::SystemTime::now() }",
            "use std::time::{Duration, Instant};",
            "use std::{env, fs};",
            "use std::env::var;",
            "use std::net::TcpStream;",
            "use std::process;",
            "fn f() { Policy::standard() }",
        ],
    );
    assert_eq!(check_outside(&Source::new("bin/mailseal/main.rs", "use std::env;")), Vec::<String>::new());
}

#[test]
fn proof_is_made_in_one_place() {
    holds(check_proof);
}

#[test]
fn proof_bites() {
    let made = "fn f() -> Verified<'_> { Verified { proof: () } }";
    bites(check_proof, "message/opened.rs", made, &[&format!("{made} {made}")]);
    bites(check_proof, "message/open.rs", "fn f() -> Option<Verified<'_>> { None }", &[made]);
}

#[test]
fn habits_hold() {
    holds(check_habits);
    for root_file in
        sources().iter().filter(|source| ["lib.rs", "bin/mailseal/main.rs"].contains(&&*source.path))
    {
        assert!(root_file.text.contains("#![forbid(unsafe_code)]"), "src/{}", root_file.path);
    }
}

#[test]
fn habits_bite() {
    let long = "\n".repeat(LONGEST_FILE + 1);
    let open = concat!("fn f() { to", "do!() }");
    let note = concat!("// FIX", "ME");
    bites(
        check_habits,
        "input.rs",
        "// unsafe is a word\n#![forbid(unsafe_code)]",
        &["unsafe fn f() {}", "#[cfg(test)] mod tests { fn f() { unsafe { g() } } }", &long, open, note],
    );
}

/// Names of all packages that the library depends on, along `edges`: `normal`, or `normal,build`.
fn dependencies(edges: &str, features: &[&str]) -> Vec<String> {
    let arguments = ["tree", "--offline", "--package", "mailseal", "--prefix", "none", "--edges", edges];
    let output =
        Command::new(env!("CARGO")).args(arguments).args(features).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn unwanted(dependencies: &[String]) -> Vec<&str> {
    UNWANTED.iter().copied().filter(|name| dependencies.iter().any(|found| found == name)).collect()
}

/// R-C7: nothing in the default library can reach a network, or is a library of the system.
#[test]
fn r_c7_the_default_library_opens_no_socket() {
    let found = dependencies("normal", &[]);
    assert!(found.iter().any(|name| name == "der"), "the list was not read");
    assert_eq!(unwanted(&found), Vec::<&str>::new());
}

#[test]
fn r_c7_bites() {
    assert_eq!(unwanted(&["der".into(), "socket2".into()]), ["socket2"]);
}

/// Without AWS-LC nothing needs a C compiler: no package links a foreign library or builds C.
#[test]
fn the_pure_rust_library_builds_no_c() {
    let found = dependencies("normal,build", &["--no-default-features", "--features", "smime,rust-crypto"]);
    for name in ["aws-lc-rs", "aws-lc-sys", "sequoia-openpgp", "cc"] {
        assert!(!found.iter().any(|package| package == name), "{name}");
    }
}
