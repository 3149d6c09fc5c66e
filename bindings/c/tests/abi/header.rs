//! The header is the one that the sources give, and every compiler takes it.

use std::fs;
use std::path::Path;

use crate::compiled::{Link, STRICT, compile, root};
use crate::support::{Program, tool};

fn generated() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new().with_crate(folder).with_config(config).generate().unwrap();
    let mut octets = Vec::new();
    bindings.write(&mut octets);
    String::from_utf8(octets).unwrap()
}

#[test]
fn the_header_is_up_to_date() {
    let path = root().join("include/mailseal.h");
    let generated = generated();
    if std::env::var_os("MAILSEAL_BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/mailseal.h is old: MAILSEAL_BLESS=1 cargo test -p mailseal-capi header"
    );
}

#[test]
fn every_compiler_takes_the_header() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("header.c");
    fs::write(&source, "#include <mailseal.h>\n#include <mailseal.h>\nint main(void) { return 0; }\n")
        .unwrap();
    for (compiler, words) in [("cc", "-std=c99 -x c"), ("cc", "-std=c11 -x c"), ("c++", "-std=c++17 -x c++")]
    {
        let Some(compiler) = tool(compiler) else { return };
        let include = root().join("include");
        let compiling = Program::new(compiler).words(&format!("-fsyntax-only {STRICT} {words}"));
        compiling.arg("-I").arg(include).arg(&source).ok();
    }
}

/// Whoever learns from them may write C++.
#[test]
fn the_examples_are_cpp_too() {
    let Some(compiler) = tool("c++") else { return };
    let examples: Vec<_> = fs::read_dir(root().join("examples/c")).unwrap().collect();
    assert!(examples.len() >= 4);
    for example in examples {
        let words = format!("-fsyntax-only {STRICT} -std=c++17 -D_POSIX_C_SOURCE=200809L -x c++ -I");
        let compiling = Program::new(&compiler).words(&words).arg(root().join("include"));
        compiling.arg(example.unwrap().path()).ok();
    }
}

/// The C of the README is a program but for its frame.
#[test]
fn the_readme_compiles() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let snippets: Vec<&str> =
        readme.split("```c\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(snippets.len(), 2);
    let fetch = "static int32_t fetch(void *folder, const mailseal_request *request, mailseal_buffer *response)\n\
        { (void)folder; (void)request; (void)response; return MAILSEAL_DECLINED; }\n";
    for (snippet, before, last) in [(snippets[0], "", "letter == NULL"), (snippets[1], fetch, "cx == NULL")] {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("readme.c");
        let frame = format!("#include <mailseal.h>\n#include <time.h>\n{before}int main(void)\n{{\n");
        fs::write(&source, format!("{frame}{snippet}return {last} || status;\n}}\n")).unwrap();
        compile(&source, folder.path(), "cc", "c99", Link::Shared);
    }
}

#[test]
fn every_function_and_object_is_documented() {
    let header = generated();
    let lines: Vec<&str> = header.lines().collect();
    for pair in lines.windows(2) {
        let declares = pair[1].contains(" mailseal_") || pair[1].contains(" *mailseal_");
        let begins = declares && pair[1].chars().next().is_some_and(char::is_alphabetic);
        assert!(!begins || pair[0].starts_with("//"), "without a word: {}", pair[1]);
    }
}
