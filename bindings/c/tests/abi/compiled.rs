//! Building the library, and programs against it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::support::{Program, tool};

pub const STRICT: &str = "-Wall -Wextra -Wpedantic -Werror";
/// What the static library needs of the system.
#[cfg(target_os = "linux")]
const NATIVE: &str = "-lpthread -ldl -lm -lrt -lutil -lgcc_s";
#[cfg(not(target_os = "linux"))]
const NATIVE: &str = "-lpthread -lm";

/// The root of the repository.
pub fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().find(|folder| folder.join("include/mailseal.h").exists()).unwrap()
}

/// The folder with libmailseal.so and libmailseal.a: cargo does not build them for tests by itself.
pub fn library() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).unwrap().to_owned();
        let mut build = Command::new(std::env::var_os("CARGO").unwrap());
        build
            .args(["build", "--quiet", "--package", "mailseal-capi", "--target-dir"])
            .arg(folder.parent().unwrap());
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let built = build.current_dir(root()).status().unwrap();
        assert!(built.success(), "the library does not build");
        // As installed: the linker wants one name, the loader another.
        let named = folder.join(soname());
        let _ = fs::remove_file(&named);
        fs::hard_link(folder.join("libmailseal.so"), &named).unwrap();
        folder
    })
}

/// The name of the shared library: while the major version is 0, the minor one counts.
pub fn soname() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let parts: Vec<&str> = version.split('.').collect();
    match parts[0] {
        "0" => format!("libmailseal.so.0.{}", parts[1]),
        major => format!("libmailseal.so.{major}"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    Shared,
    Static,
}

/// Watches memory and undefined behaviour while a program runs.
pub const SANITIZED: &str = "-fsanitize=address,undefined -fno-sanitize-recover=all";

/// Whether programs are built with AddressSanitizer and UndefinedBehaviorSanitizer, instead of run under valgrind:
/// `MAILSEAL_SANITIZED` is set.
fn sanitized(link: Link) -> bool {
    link == Link::Shared && std::env::var_os("MAILSEAL_SANITIZED").is_some()
}

/// Compiles a program. None, and one line of output, if there is no compiler.
pub fn compile(source: &Path, into: &Path, compiler: &str, standard: &str, link: Link) -> Option<PathBuf> {
    compile_with("", source, into, compiler, standard, link)
}

/// The same with more words for the compiler.
pub fn compile_with(
    words: &str,
    source: &Path,
    into: &Path,
    compiler: &str,
    standard: &str,
    link: Link,
) -> Option<PathBuf> {
    let compiler = tool(compiler)?;
    let program = into.join(source.file_stem().unwrap());
    let compiling = Program::new(compiler)
        .words(&format!("-std={standard} -D_POSIX_C_SOURCE=200809L {STRICT} -g {words}"))
        .arg("-I")
        .arg(root().join("include"))
        .arg(source)
        .arg("-o")
        .arg(&program);
    let compiling = match sanitized(link) {
        true => compiling.words(SANITIZED),
        false => compiling,
    };
    match link {
        Link::Shared => compiling.arg("-L").arg(library()).arg("-lmailseal"),
        Link::Static => compiling.arg(library().join("libmailseal.a")).words(NATIVE),
    }
    .ok();
    Some(program)
}

/// A compiled program about to be run.
pub fn run(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", library());
    command
}

/// The same under valgrind, which fails it for an error or a leak. None, and one line of output, without valgrind.
pub fn run_checked(program: &Path) -> Option<Command> {
    if sanitized(Link::Shared) {
        return None;
    }
    let mut valgrind = Command::new(tool("valgrind")?);
    valgrind.args([
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
    ]);
    valgrind.arg(program).env("LD_LIBRARY_PATH", library());
    Some(valgrind)
}

/// Runs it with a file as its input; it has to end with that status. What it says.
pub fn ends(command: &mut Command, input: Option<&Path>, status: i32) -> String {
    let input = input.map_or_else(Stdio::null, |path| fs::File::open(path).unwrap().into());
    let output = command.stdin(input).output().unwrap();
    let said = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{command:?}\n{stderr}\n{stdout}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    stdout + &stderr
}
