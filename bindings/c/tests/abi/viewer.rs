//! examples/cpp/viewer, built by CMake as its README says, shows a Maildir.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compiled::{ends, root, run};
use crate::installed::prefix;
use crate::support::{Program, tool};

fn built(folder: &Path) -> Option<PathBuf> {
    let (cmake, prefix) = (tool("cmake")?, prefix()?);
    let build = folder.join("build");
    let configuring =
        Program::new(&cmake).arg("-S").arg(root().join("examples/cpp/viewer")).arg("-B").arg(&build);
    configuring.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())).ok();
    Program::new(&cmake).arg("--build").arg(&build).ok();
    Some(build.join("viewer"))
}

fn viewed(program: &Path, maildir: &Path, words: &str, input: &str) -> String {
    let typed = maildir.join("typed");
    fs::write(&typed, input).unwrap();
    let mut command: Command = run(program);
    command.current_dir(root()).args(words.split(' ')).arg(maildir);
    ends(&mut command, Some(&typed), 0)
}

#[test]
fn a_maildir_with_verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let Some(viewer) = built(folder.path()) else { return };
    let maildir = folder.path().join("Maildir");
    for name in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(name)).unwrap();
    }
    let letters = ["openssl.eml", "gpg.eml", "gpg-encrypted.eml", "openssl-encrypted.eml"];
    for (number, letter) in letters.iter().enumerate() {
        let from = root().join("examples/letters").join(letter);
        fs::copy(from, maildir.join("cur").join(format!("{number}.host:2,S"))).unwrap();
    }
    let altered = fs::read_to_string(root().join("examples/letters/openssl.eml")).unwrap();
    fs::write(maildir.join("new/4.host"), altered.replacen("Monday", "Tuesday", 1)).unwrap();
    fs::write(
        maildir.join("new/5.host"),
        "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nSubject: =?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=\r\n \
            =?utf-8?b?5LiW55WM?= \x1b[31m red\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nhi\r\n",
    )
    .unwrap();

    let anchors =
        "--anchors examples/letters/openssl-ca.pem=*@example.com --anchors examples/letters/gpg-dave.asc";
    let keys = "--key examples/letters/bob.pem --key examples/letters/bob.asc";
    let said = viewed(&viewer, &maildir, &format!("{anchors} {keys} --threads 4"), "1\n7\n");
    let lines: Vec<&str> = said.lines().collect();
    for (line, (mark, words)) in lines.iter().zip([
        ("✓ GOOD", "alice@example.com          Your parcel"),
        ("! CAUTION", "carol@example.net          Your parcel"),
        ("✓ GOOD", "dave@example.com"),
        ("! CAUTION", "dave@example.com"),
        ("✗ BAD", "alice@example.com"),
        ("- NONE", "2026-11-22 10:00  j@example.org              こんにちは世界 ?[31m red"),
    ]) {
        assert!(line.contains(mark) && line.contains(words), "{line}");
    }
    assert!(lines[6].starts_with("✓ GOOD      Signed by Alice Liddell."), "{said}");
    assert!(lines.iter().any(|line| line.starts_with("  Why       you → Example Root CA")), "{said}");
    assert!(said.ends_with("there is no letter of that number\n"), "{said}");
    for threads in [1, 8] {
        let again = viewed(&viewer, &maildir, &format!("{anchors} {keys} --threads {threads}"), "1\n7\n");
        assert_eq!(again, said);
    }

    let said = viewed(&viewer, &maildir, &format!("{anchors} --lang ja"), "5\n");
    assert!(said.contains("5   ✗ 異常") && said.contains("  問題      "), "{said}");
    assert!(said.lines().nth(2).unwrap().contains("- なし"), "no key: {said}");
}
