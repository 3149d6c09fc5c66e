//! G5: the ABI is the one on record, in `bindings/c/abi/mailseal.abi`; `MAILSEAL_BLESS=1` records another on purpose.
//!
//! libabigail reads types from debug information, and Rust's does not say what C sees. So a library of empty functions is
//! made of the header, with an array for each constant, as long as its value says. That the real library exports the same, `exports` says, and
//! that the header is that of the sources, `header`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::compiled::{root, soname};
use crate::matrix::functions;
use crate::support::{Program, tool};

fn header() -> PathBuf {
    root().join("include/mailseal.h")
}

/// Constants by name, as C writes them. Those of the version change with each.
fn constants(header: &str) -> Vec<&str> {
    let names = header.lines().filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    names.map(|(name, _)| name).filter(|name| !name.contains("_VERSION_")).collect()
}

fn stub(header: &Path) -> String {
    let text = fs::read_to_string(header).unwrap();
    let mut code = format!("#include \"{}\"\n", header.display());
    for name in constants(&text) {
        writeln!(code, "char IS_{name}[{name} + 1];").unwrap();
    }
    for function in functions(header) {
        let arguments: Vec<String> =
            function.arguments.iter().map(|it| format!("{} {}", it.kind, it.name)).collect();
        let arguments = if arguments.is_empty() { "void".into() } else { arguments.join(", ") };
        let (name, returns) = (&function.name, &function.returns);
        let body = if returns == "void" { String::new() } else { format!("static {returns} r; return r;") };
        writeln!(code, "{returns} {name}({arguments}) {{ {body} }}").unwrap();
    }
    code
}

/// The library of empty functions of a header.
fn built(header: &Path, folder: &Path) -> Option<PathBuf> {
    let compiler = tool("cc")?;
    let (source, library) = (folder.join("stub.c"), folder.join("libmailseal.so"));
    fs::write(&source, stub(header)).unwrap();
    let compiling = Program::new(compiler).words("-std=c11 -g -O0 -w -fPIC -shared").arg(&source);
    compiling.arg(format!("-Wl,-soname,{}", soname())).arg("-o").arg(&library).ok();
    Some(library)
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("abi/mailseal.abi")
}

/// What abidiff has to say of a header; empty where nothing has changed.
fn difference(header: &Path) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let (abidiff, library) = (tool("abidiff")?, built(header, folder.path())?);
    let ran = Program::new(abidiff).words("--harmless --no-corpus-path").arg(recorded()).arg(library).run();
    Some(if ran.succeeded { String::new() } else { format!("{}{}", ran.text(), ran.stderr) })
}

#[test]
fn g5_the_abi_is_the_one_on_record() {
    if std::env::var_os("MAILSEAL_BLESS").is_some() {
        let folder = tempfile::tempdir().unwrap();
        let (Some(abidw), Some(library)) = (tool("abidw"), built(&header(), folder.path())) else { return };
        let dump =
            Program::new(abidw).words("--no-comp-dir-path --no-corpus-path --no-show-locs").arg(library);
        fs::create_dir_all(recorded().parent().unwrap()).unwrap();
        // The same on every machine, and each time.
        let dump = String::from_utf8(dump.ok()).unwrap();
        fs::write(recorded(), dump.replace(&format!("{}/", folder.path().display()), "")).unwrap();
    }
    let Some(said) = difference(&header()) else { return };
    assert!(said.is_empty(), "{said}\non purpose? MAILSEAL_BLESS=1 cargo test -p mailseal-capi g5");
}

#[test]
fn g5_changes_are_seen() {
    let text = fs::read_to_string(header()).unwrap();
    for (from, to, told) in [
        ("void mailseal_policy_free(mailseal_policy *policy);", "", "mailseal_policy_free"),
        (
            "size_t mailseal_buffer_length(const mailseal_buffer *buffer);",
            "int mailseal_buffer_length(const mailseal_buffer *buffer, int more);",
            "mailseal_buffer_length",
        ),
        ("#define MAILSEAL_OUTCOME_GOOD 1", "#define MAILSEAL_OUTCOME_GOOD 2", "MAILSEAL_OUTCOME_GOOD"),
        ("#define MAILSEAL_ERROR_IO 200", "#define MAILSEAL_ERROR_IO 299", "MAILSEAL_ERROR_IO"),
        ("#define MAILSEAL_OPENED 1\n", "", "MAILSEAL_OPENED"),
        (
            "    size_t length;\n} mailseal_slice;",
            "    uint32_t length;\n} mailseal_slice;",
            "mailseal_slice",
        ),
        (
            "typedef int32_t (*mailseal_write_callback)(void *userdata, mailseal_slice octets);",
            "typedef int32_t (*mailseal_write_callback)(mailseal_slice octets, void *userdata);",
            "mailseal_write_callback",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let folder = tempfile::tempdir().unwrap();
        let changed = folder.path().join("mailseal.h");
        fs::write(&changed, text.replace(from, to)).unwrap();
        let Some(said) = difference(&changed) else { return };
        assert!(said.contains(told), "{from} became {to}: {said:?}");
    }
}

/// Debian's list says since when each function has been there.
#[test]
fn the_symbols_of_debian_are_those_of_the_header() {
    let path = root().join("debian/libmailseal0.1.symbols");
    let names: BTreeSet<String> = functions(&header()).into_iter().map(|function| function.name).collect();
    let text = fs::read_to_string(&path).unwrap_or_default();
    let since = |line: &str| {
        let (name, version) = line.trim().split_once(&format!("@{} ", soname()))?;
        name.starts_with("mailseal_").then(|| (name.to_owned(), version.to_owned()))
    };
    let known: BTreeMap<String, String> = text.lines().filter_map(since).collect();
    if std::env::var_os("MAILSEAL_BLESS").is_some() {
        let mut list = format!(
            "{0} {1} #MINVER#\n* Build-Depends-Package: libmailseal-dev\n {0}@{0} 0.1.0\n",
            soname(),
            "libmailseal0.1"
        );
        for name in &names {
            let version = known.get(name).map_or(env!("CARGO_PKG_VERSION"), String::as_str);
            writeln!(list, " {name}@{} {version}", soname()).unwrap();
        }
        fs::write(&path, list).unwrap();
        return;
    }
    let listed: BTreeSet<String> = known.into_keys().collect();
    assert_eq!(listed, names, "MAILSEAL_BLESS=1 cargo test -p mailseal-capi symbols");
}
