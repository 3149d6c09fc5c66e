//! The programs of `examples/c` do what they say, and other people's programs agree.

use std::fs;
use std::path::{Path, PathBuf};

use crate::compiled::{Link, compile, root, run, run_checked};
use crate::support::Program;
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, PASSWORD, Pki};

const DRAFT: &[u8] = b"From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: Hi\r\n\
    Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nHello Bob\r\n";

struct Examples {
    sign: PathBuf,
    verify: PathBuf,
    folder: tempfile::TempDir,
}

impl Examples {
    fn new(link: Link) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let built = |name: &str| {
            let source = root().join("examples/c").join(name);
            compile(&source, folder.path(), "cc", "c99", link)
        };
        Some(Self { sign: built("sign.c")?, verify: built("verify.c")?, folder })
    }

    fn write(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    fn signed(&self, key: &Path) -> PathBuf {
        let mail = run(&self.sign).arg(key).arg(PASSWORD).input(DRAFT).ok();
        self.write("signed.eml", &mail)
    }
}

/// What it says, and whether its exit status is that one.
fn says(program: Program, status: i32) -> String {
    let ran = Program::new("sh").words("-c").arg(r#""$@"; test $? = "$0""#).arg(status.to_string());
    let ran = program.after(ran).run();
    let text = format!("{}{}", ran.text(), ran.stderr);
    assert!(ran.succeeded, "not {status}: {text}");
    text
}
