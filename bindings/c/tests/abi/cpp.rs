//! mailseal.hpp: what compilers say of it, that it has all of the C ABI, and that its objects keep their promises.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::compiled::{
    Link, SANITIZED, STRICT, compile, compile_with, ends, library, root, run, run_checked,
};
use crate::examples::DRAFT;
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, Pki};
use crate::support::{Program, tool};

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cpp").join(name)
}

/// The headers of C++, the umbrella first.
fn headers() -> Vec<PathBuf> {
    let include = root().join("include");
    let each = fs::read_dir(include.join("mailseal")).unwrap().map(|entry| entry.unwrap().path());
    let headers: Vec<_> = [include.join("mailseal.hpp")].into_iter().chain(each).collect();
    assert!(headers.len() > 10);
    headers
}

#[test]
fn each_header_stands_alone() {
    let Some(compiler) = tool("c++") else { return };
    let parse = |header: &Path, standard: &str| {
        let words = format!("{standard} {STRICT} -Wshadow -Wconversion -fsyntax-only -x c++ -include");
        let compiling = Program::new(&compiler).words(&words).arg(header);
        compiling.arg("-I").arg(root().join("include")).arg("/dev/null").ok();
    };
    headers().iter().for_each(|header| parse(header, "-std=c++17"));
    for standard in ["-std=c++20", "-std=c++17 -fno-exceptions -fno-rtti"] {
        parse(&headers()[0], standard);
    }
}

/// Two units that know the header, one program; without exceptions and without type information.
#[test]
fn without_exceptions_and_in_two_units() {
    let Some(compiler) = tool("c++") else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("no_exceptions");
    let words = format!("-std=c++17 {STRICT} -fno-exceptions -fno-rtti -o");
    let compiling = Program::new(compiler).words(&words).arg(&program).arg("-I").arg(root().join("include"));
    let compiling = compiling.arg(source("no_exceptions.cpp")).arg(source("second_unit.cpp"));
    compiling.arg("-L").arg(library()).arg("-lmailseal").ok();
    let letters = root().join("examples/letters");
    let [pem, mail] = ["openssl-ca.pem", "openssl.eml"].map(|name| letters.join(name));
    ends(run(&program).arg(&pem).arg(&mail), None, 0);
    ends(run(&program).arg(letters.join("strict-ca.pem")).arg(&mail), None, 1);
    for words in [[&*pem, Path::new("not there")], [Path::new("not there"), &*mail]] {
        let said = ends(run(&program).args(words), None, 2);
        assert!(said.starts_with("could not look: not there"), "{said}");
    }
}

/// The C++ of the README is a program but for its frame.
#[test]
fn the_readme_compiles() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let snippets: Vec<&str> =
        readme.split("```cpp\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(snippets.len(), 1);
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("readme.cpp");
    let frame = "#include <mailseal.hpp>\n#include <iostream>\nint main()\n{\n";
    fs::write(&source, format!("{frame}{}}}\n", snippets[0])).unwrap();
    compile(&source, folder.path(), "c++", "c++17", Link::Shared);
}

/// Functions of C that C++ says in another way.
const NOT_WRAPPED: [(&str, &str); 1] = [("mailseal_verify", "Opener::open and Opened::require, in one")];

#[test]
fn everything_of_c_is_in_cpp() {
    let mut all = String::new();
    for header in headers() {
        all += &fs::read_to_string(header).unwrap();
    }
    let words: std::collections::BTreeSet<&str> =
        all.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for function in crate::matrix::functions(&root().join("include/mailseal.h")) {
        let excepted = NOT_WRAPPED.iter().any(|(name, _)| *name == function.name);
        assert_ne!(words.contains(&*function.name), excepted, "{} in mailseal.hpp", function.name);
    }
    let header = fs::read_to_string(root().join("include/mailseal.h")).unwrap();
    for constant in header.lines().filter_map(|line| line.strip_prefix("#define ")) {
        let name = constant.split([' ', '(']).next().unwrap();
        let apart =
            ["MAILSEAL_H", "MAILSEAL_VERSION_MAJOR", "MAILSEAL_VERSION_MINOR", "MAILSEAL_VERSION_PATCH"];
        assert!(apart.contains(&name) || words.contains(name), "{name} in mailseal.hpp");
    }
}

/// One line of words before each public item.
#[test]
fn everything_is_documented() {
    for header in headers() {
        let text = fs::read_to_string(&header).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (before, line) in lines.iter().zip(&lines[1..]) {
            let begins = line.starts_with("class ") || line.starts_with("enum class ");
            let begins = begins && !line.ends_with(';');
            assert!(!begins || before.starts_with("///") || before.starts_with("template"), "{line}");
        }
    }
}

#[test]
fn g2_objects_keep_their_promises() {
    let letters = root().join("examples/letters");
    let folder = tempfile::tempdir().unwrap();
    let build = |words: &str| {
        compile_with(words, &source("objects.cpp"), folder.path(), "c++", "c++17", Link::Shared)
    };
    let Some(program) = build(&format!("{SANITIZED} -pthread")) else { return };
    ends(run(&program).arg(&letters), None, 0);
    let Some(program) = build("-pthread") else { return };
    if let Some(mut checked) = run_checked(&program) {
        ends(checked.arg(&letters), None, 0);
    }
}

/// The words that usage begins with, each tried, under ASan.
struct Usage {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Usage {
    fn new(name: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let program = compile_with(SANITIZED, &source(name), folder.path(), "c++", "c++17", Link::Shared)?;
        Some(Self::of(program, folder))
    }

    /// The program of all tasks, compiled once.
    fn tasks() -> Option<Self> {
        static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
        let built = PROGRAM.get_or_init(|| {
            let into = Path::new(env!("CARGO_TARGET_TMPDIR"));
            compile_with(SANITIZED, &source("usage.cpp"), into, "c++", "c++17", Link::Shared)
        });
        Some(Self::of(built.clone()?, tempfile::tempdir().unwrap()))
    }

    fn of(program: PathBuf, folder: tempfile::TempDir) -> Self {
        fs::write(folder.path().join("draft.eml"), DRAFT).unwrap();
        Self { program, folder }
    }

    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.folder.path().join(name), content).unwrap();
        self
    }

    fn copy(&self, name: &str, from: impl AsRef<Path>) -> &Self {
        self.with(name, fs::read(from).unwrap())
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join(name)).unwrap_or_default()).into_owned()
    }

    fn says(&self, words: &[&str], status: i32) -> String {
        ends(run(&self.program).current_dir(self.folder.path()).args(words), None, status)
    }
}

#[test]
fn usage_of_keys_and_plans() {
    let (Some(pki), Some(gpg), Some(usage)) = (Pki::new(), Gpg::new(), Usage::tasks()) else {
        return;
    };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let bob = pki.leaf("bob@example.net", KeyType::Rsa(2048));
    let make = |user_id: &str| {
        let fingerprint = gpg.make_key(user_id, "ed25519");
        gpg.words(&format!("--quick-add-key {fingerprint} cv25519 encr never")).ok();
        (gpg.secret_key(&fingerprint), gpg.certificate(&fingerprint))
    };
    let (carol_key, carol) = make("Carol <carol@example.net>");
    let (alice_key, alice_pgp) = make("Alice <alice@example.org>");
    usage.copy("alice.p12", &alice.pkcs12).copy("anchors.pem", pki.root());
    let said = usage.says(&["sign"], 0);
    assert_eq!(said, "bob@example.org\n");
    pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in")
        .arg(usage.folder.path().join("1.eml"))
        .ok();

    let draft = "From: alice@example.org\r\nTo: bob@example.net, carol@example.net, dave@example.net\r\nSubject: Hi\r\n\r\nHello\r\n";
    usage.with("draft.eml", draft).with("alice.asc", alice_key).copy("certificates.pem", &bob.chain);
    usage.with("anchors.asc", [carol, alice_pgp].concat());
    let said = usage.says(&["encrypt"], 0);
    assert!(said.starts_with("bob@example.net\ncarol@example.net\n"), "{said}");
    assert!(said.contains("dave@example.net: "), "{said}");
    usage.copy("work.p12", &bob.pkcs12).with("private-2019.asc", carol_key);
    for mail in ["1.eml", "2.eml"] {
        usage.with("letter.eml", "").with("in.eml", usage.read(mail));
        usage.says(&["decrypt"], 0);
        assert!(usage.read("letter.eml").ends_with("Hello\r\n"), "{mail}");
    }
}

#[test]
fn usage_of_a_key_elsewhere() {
    let (Some(pki), Some(usage)) = (Pki::new(), Usage::tasks()) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    usage.copy("alice.pem", &alice.chain).copy("alice.key", &alice.key);
    assert_eq!(usage.says(&["elsewhere"], 0), "one phase\necdsa-p256-sha256\ntwo phases\n");
    for mail in ["1.eml", "2.eml"] {
        let mail = usage.folder.path().join(mail);
        pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in").arg(mail).ok();
    }
}

#[test]
fn usage_of_letters() {
    let letters = root().join("examples/letters");
    let Some(usage) = Usage::tasks() else { return };
    usage.copy("anchors.pem", letters.join("openssl-ca.pem")).copy("in.eml", letters.join("openssl.eml"));
    let said = usage.says(&["require"], 0);
    assert_eq!(said, "held: revocation_unknown\n", "not from invoices@supplier.example");
    assert!(usage.says(&["refused", "in.eml"], 0).starts_with("show ✓ GOOD"));
    assert_eq!(usage.says(&["refused", "not there"], 0), "later\n");
    assert!(usage.says(&["refused", ""], 0).starts_with("bug: "));

    usage.says(&["gateway", "in.eml"], 0);
    let stamped = usage.read("stamped.eml");
    assert!(stamped.starts_with("Authentication-Results: mx.example.org;"), "{stamped}");
    assert!(stamped.ends_with(&usage.read("in.eml")) && stamped.contains("smime=pass"), "{stamped}");

    usage.copy("partner-ca.pem", letters.join("openssl-ca.pem"));
    assert_eq!(usage.says(&["trust"], 0), "", "another domain");
    usage
        .copy("partner-ca.pem", letters.join("strict-ca.pem"))
        .copy("in.eml", letters.join("eve-revoked.eml"));
    usage.copy("partner-ca.crl", letters.join("strict-ca.crl"));
    let said = usage.says(&["fetch"], 0);
    assert!(
        said.starts_with("asked for http://crl.example.com/strict-ca.crl, 0, ") && said.contains("BAD"),
        "{said}"
    );
}

#[test]
fn usage_of_somebody_named() {
    let (Some(pki), Some(usage)) = (Pki::new(), Usage::tasks()) else { return };
    let supplier = pki.leaf("invoices@supplier.example", KeyType::P256);
    usage
        .copy("alice.p12", &supplier.pkcs12)
        .copy("anchors.pem", pki.root())
        .copy("partner-ca.pem", pki.root());
    usage.with("draft.eml", "From: invoices@supplier.example\r\nTo: bob@example.net\r\n\r\nPay.\r\n");
    usage.says(&["sign"], 0);
    usage.with("in.eml", usage.read("1.eml"));
    let said = usage.says(&["require"], 0);
    assert!(said.starts_with("booked ") && said.ends_with("Pay.\r\n"), "{said}");
    let altered = usage.read("1.eml").replace("Pay.", "Pay!");
    usage.with("in.eml", altered);
    assert_eq!(usage.says(&["require"], 0), "held: altered\n");
}

#[test]
fn usage_as_a_whole_program() {
    let letters = root().join("examples/letters");
    let Some(usage) = Usage::new("whole.cpp") else { return };
    assert!(usage.says(&[], 2).starts_with("could not look: anchors.pem"));
    usage.copy("anchors.pem", letters.join("openssl-ca.pem")).copy("in.eml", letters.join("openssl.eml"));
    let said = usage.says(&[], 0);
    assert!(said.contains("GOOD") && said.ends_with("\nalice@example.com\n"), "{said}");
    usage.copy("other.eml", letters.join("gpg.eml"));
    assert!(usage.says(&["other.eml"], 1).contains("CAUTION"));
}

/// The static library does as well.
#[test]
fn links_with_the_static_library() {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compile(&source("objects.cpp"), folder.path(), "c++", "c++20", Link::Static) else {
        return;
    };
    ends(run(&program).arg(root().join("examples/letters")), None, 0);
}
