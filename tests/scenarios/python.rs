//! The examples in Python, as users run them, with the package of this tree.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::compiled::root;
use crate::support::{Program, tool};

/// The folder that Python imports the package from. Built as the library is; nothing is installed.
pub(crate) fn package() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let built = test.ancestors().nth(2).unwrap();
        let mut build = Command::new(std::env::var_os("CARGO").unwrap());
        build.args(["build", "--quiet", "--package", "mailseal-python", "--target-dir"]);
        build.arg(built.parent().unwrap());
        if built.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.current_dir(root()).status().unwrap().success(), "the package does not build");
        let folder = built.join("python");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("mailseal")).unwrap();
        for entry in std::fs::read_dir(root().join("bindings/python/python/mailseal")).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                symlink(entry.path(), folder.join("mailseal").join(entry.file_name())).unwrap();
            }
        }
        symlink(built.join("lib_mailseal.so"), folder.join("mailseal/_mailseal.abi3.so")).unwrap();
        folder
    })
}

/// Python about to run, with the package and the examples as modules. None, and one line of output, without Python.
pub(crate) fn python() -> Option<Program> {
    let program = Program::new(tool("python3")?).words("-X dev");
    let path = format!("{}:{}", package().display(), root().join("examples/python").display());
    Some(program.env("PYTHONPATH", path).env("PYTHONDONTWRITEBYTECODE", "1"))
}

/// An example about to run.
pub(crate) fn example(name: &str) -> Option<Program> {
    Some(python()?.arg(root().join("examples/python").join(name)))
}
