//! `make install`, and what programs find there: by pkg-config, by CMake, with other libraries beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::compiled::{STRICT, ends, library, root, soname};
use crate::support::{Program, tool};

/// The name of a released file.
const SHARED: &str = concat!("libmailseal.so.", env!("CARGO_PKG_VERSION"));

fn make(make: &Path, what: &str, prefix: &Path, more: &str) -> Program {
    let profile = if library().ends_with("release") { "release" } else { "dev" };
    Program::new(make)
        .words(&format!(
            "--silent --directory {} {what} profile={profile} {more}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .arg(format!("prefix={}", prefix.display()))
        .arg(format!("CARGO_TARGET_DIR={}", library().parent().unwrap().display()))
}

/// The prefix that the library is installed to, once for all tests.
pub fn prefix() -> Option<&'static Path> {
    static PREFIX: OnceLock<Option<PathBuf>> = OnceLock::new();
    let installed = PREFIX.get_or_init(|| {
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prefix");
        let _ = fs::remove_dir_all(&prefix);
        let (Some(program), Some(_), Some(_)) = (tool("make"), tool("ld.bfd"), tool("objcopy")) else {
            return None;
        };
        make(&program, "install", &prefix, "").ok();
        Some(prefix)
    });
    installed.as_deref()
}

fn letters() -> PathBuf {
    root().join("examples/letters")
}

/// Verifies a letter with a program that was built for it.
fn verifies(program: &Path, prefix: &Path) {
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", prefix.join("lib")).arg(letters().join("openssl-ca.pem"));
    let said = ends(command.arg(letters().join("openssl.eml")), None, 0);
    assert!(said.contains("alice@example.com"), "{said}");
}

/// The words of `pkg-config`.
fn pkg_config(program: &Path, prefix: &Path, options: &str) -> String {
    let asked = Program::new(program).env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    String::from_utf8(asked.words(options).arg("mailseal").ok()).unwrap()
}

#[test]
fn a_program_is_built_with_pkg_config() {
    let (Some(prefix), Some(cc), Some(pkg)) = (prefix(), tool("cc"), tool("pkg-config")) else { return };
    assert_eq!(pkg_config(&pkg, prefix, "--modversion").trim(), env!("CARGO_PKG_VERSION"));
    let folder = tempfile::tempdir().unwrap();
    for (name, options, static_library) in
        [("shared", "--cflags --libs", false), ("static", "--static --cflags --libs", true)]
    {
        let program = folder.path().join(name);
        let words = pkg_config(&pkg, prefix, options);
        let words = if static_library { words.replace("-lmailseal", "-l:libmailseal.a") } else { words };
        let compiling = Program::new(&cc).words(&format!("-std=c99 -D_POSIX_C_SOURCE=200809L {STRICT}"));
        let compiling = compiling.arg(root().join("examples/c/verify.c")).arg("-o").arg(&program);
        compiling.words(&words).ok();
        verifies(&program, prefix);
        if let Some(readelf) = tool("readelf") {
            let needed = Program::new(readelf).words("-d").arg(&program).ok();
            assert_eq!(String::from_utf8_lossy(&needed).contains(&soname()), !static_library);
        }
    }
}

const PROJECT: &str = "cmake_minimum_required(VERSION 3.13)\nproject(verify C)\nfind_package(mailseal 0.1 REQUIRED)\n\
    foreach(kind mailseal static)\n  add_executable(${kind} ${SOURCE})\n  target_link_libraries(${kind} mailseal::${kind})\n\
    endforeach()\nfind_package(mailseal 0.2 QUIET)\nif(mailseal_FOUND)\n  message(FATAL_ERROR \"another ABI\")\nendif()\n";

#[test]
fn a_program_is_built_with_cmake() {
    let (Some(prefix), Some(cmake), Some(_)) = (prefix(), tool("cmake"), tool("cc")) else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("CMakeLists.txt"), PROJECT).unwrap();
    let configuring = Program::new(&cmake).folder(folder.path()).words("-S . -B built");
    let source = root().join("examples/c/verify.c").canonicalize().unwrap();
    let configuring = configuring.arg(format!("-DSOURCE={}", source.display()));
    configuring.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())).ok();
    Program::new(&cmake).folder(folder.path()).words("--build built").ok();
    for kind in ["mailseal", "static"] {
        verifies(&folder.path().join("built").join(kind), prefix);
    }
}

#[test]
fn the_static_library_shows_its_functions_only() {
    let (Some(prefix), Some(readelf)) = (prefix(), tool("readelf")) else { return };
    let symbols = Program::new(readelf).words("-sW").arg(prefix.join("lib/libmailseal.a")).ok();
    let symbols = String::from_utf8(symbols).unwrap();
    let mut count = 0;
    for line in symbols.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, _, _, _, binding, _, section, name, ..] = &*words else { continue };
        if *binding != "LOCAL"
            && *section != "UND"
            && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && *section != "Ndx"
        {
            assert!(name.starts_with("mailseal_"), "{line}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

/// With OpenSSL and with another library of Rust in one program.
#[test]
fn the_static_library_meets_nothing_of_the_programs() {
    let (Some(prefix), Some(cc)) = (prefix(), tool("cc")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/host");
    let rustc = Program::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let other = folder.path().join("libbeside.a");
    rustc.words("--edition 2024 --crate-type staticlib -o").arg(&other).arg(tests.join("beside.rs")).ok();
    let program = folder.path().join("beside");
    let compiling = Program::new(cc).words(&format!("-std=c11 {STRICT} -I")).arg(prefix.join("include"));
    let compiling = compiling.arg(tests.join("beside.c")).arg(prefix.join("lib/libmailseal.a")).arg(&other);
    let ran = compiling.words("-lcrypto -lgcc_s -lutil -lrt -lpthread -lm -ldl -o").arg(&program).run();
    if !ran.succeeded && ran.stderr.contains("openssl/evp.h") {
        println!("skipped: no headers of OpenSSL");
        assert!(std::env::var_os("MAILSEAL_REQUIRE_TOOLS").is_none());
        return;
    }
    ran.ok();
    let output = Command::new(&program).arg(letters()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // Its panics are still told by its own hook.
    assert!(said.contains("the other library's"), "{said}");
}

#[test]
fn what_is_installed_is_uninstalled() {
    let (Some(program), Some(_), Some(_)) = (tool("make"), tool("ld.bfd"), prefix()) else { return };
    let stage = tempfile::tempdir().unwrap();
    let more = format!("DESTDIR={} libdir=/opt/m/lib/x86_64 includedir=/opt/m/inc", stage.path().display());
    make(&program, "install", Path::new("/opt/m"), &more).ok();
    let at = |path: &str| stage.path().join("opt/m").join(path);
    for path in ["lib/x86_64", "inc/mailseal.h", "lib/x86_64/cmake/mailseal/mailsealConfig.cmake"] {
        assert!(at(path).exists(), "{path}");
    }
    assert!(at("lib/x86_64").join(SHARED).is_file());
    let pc = fs::read_to_string(at("lib/x86_64/pkgconfig/mailseal.pc")).unwrap();
    assert!(pc.contains("libdir=/opt/m/lib/x86_64") && !pc.contains(&*stage.path().to_string_lossy()));
    make(&program, "uninstall", Path::new("/opt/m"), &more).ok();
    let left = Program::new("/usr/bin/find").arg(stage.path()).words("! -type d").ok();
    assert_eq!(String::from_utf8_lossy(&left), "");
}

/// The process that the library is loaded into stays what it was, also where the library is let go.
#[test]
fn g7_loaded_and_let_go_a_thousand_times() {
    let (Some(prefix), Some(cc)) = (prefix(), tool("cc")) else { return };
    let program = host(&cc, prefix, "loaded", "-ldl");
    let said =
        ends(Command::new(program).arg(prefix.join("lib").join(SHARED)).arg(letters()).arg("1000"), None, 0);
    println!("{said}");
}

#[test]
fn g7_forked() {
    let (Some(prefix), Some(cc)) = (prefix(), tool("cc")) else { return };
    let program = host(&cc, prefix, "forked", "-lmailseal");
    let mut command = Command::new(program);
    ends(command.env("LD_LIBRARY_PATH", prefix.join("lib")).arg(letters()).arg("20"), None, 0);
}

fn host(cc: &Path, prefix: &Path, name: &str, libraries: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/host").join(format!("{name}.c"));
    let compiling = Program::new(cc).words("-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -g -pthread -I");
    let compiling = compiling.arg(prefix.join("include")).arg(source).arg("-o").arg(&program);
    compiling.arg("-L").arg(prefix.join("lib")).words(libraries).ok();
    program
}
