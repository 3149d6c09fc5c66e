//! The two READMEs say the same: their code is the same, and what they link to is there.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The fenced blocks; every other piece between fences.
fn blocks(text: &str) -> Vec<&str> {
    text.split("\n```").skip(1).step_by(2).collect()
}

fn links(text: &str) -> Vec<&str> {
    let prose = text.split("\n```").step_by(2);
    let ends =
        prose.flat_map(|prose| prose.split("](").skip(1)).filter_map(|rest| rest.split([')', '#']).next());
    ends.filter(|link| !link.is_empty() && !link.starts_with("http")).collect()
}

#[test]
fn both_languages_have_the_same_code() {
    let (english, japanese) = (read("README.md"), read("README.ja.md"));
    assert!(blocks(&english).len() >= 4);
    assert_eq!(blocks(&english), blocks(&japanese));
    let headings = |text: &str| text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(headings(&english), headings(&japanese));
}

/// The lines that are about letters of the repository, in one shell.
#[cfg(all(unix, feature = "cli"))]
#[test]
fn shell_lines_run() {
    let readme = read("README.md");
    let block = blocks(&readme).into_iter().find_map(|block| block.strip_prefix("sh\ncd examples/letters\n"));
    let block = block.unwrap();
    assert!(block.lines().all(|line| line.starts_with("mailseal ")), "{block}");
    let program = Path::new(env!("CARGO_BIN_EXE_mailseal"));
    let path = std::env::var("PATH").unwrap_or_default();
    let folder = tempfile::tempdir().unwrap();
    let ran = std::process::Command::new("sh")
        .args(["-exc", block])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/letters"))
        .env("PATH", format!("{}:{path}", program.parent().unwrap().display()))
        .env("MAILSEAL_TRUST", folder.path().join("trust"))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let said = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let (page, errors) = (said(&ran.stdout), said(&ran.stderr));
    assert!(ran.status.success(), "{page}\n{errors}");
    let squeezed = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "you → Example Root CA (*@example.com until=2040-12-31 for=sign) → Alice Liddell",
        "→ Heidi Weiss (depth 1) → ivan@example.com; 120 of 120",
        "(signer_revoked)",
        "not good",
    ] {
        assert!(squeezed.contains(words), "{words}\n{page}");
    }
    assert_eq!(squeezed.matches("not good").count(), 1, "{page}");
}

/// The pages for people to read.
fn pages() -> Vec<String> {
    let top =
        ["README.md", "README.ja.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
    let docs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let docs = docs.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}"));
    top.into_iter().map(Into::into).chain(docs).collect()
}

#[test]
fn links_lead_somewhere() {
    for name in pages() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
        for link in links(&read(&name)) {
            assert!(folder.parent().unwrap().join(link).exists(), "{name} links to {link}");
        }
    }
}

/// Where a page is there in Japanese too, both say as much.
#[test]
fn pages_in_both_languages_have_the_same_shape() {
    let shape = |text: &str| {
        let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        ["## ", "| ", "- ", "```"].map(count)
    };
    for name in pages().iter().filter(|name| name.ends_with(".ja.md")) {
        let english = name.replace(".ja.md", ".md");
        assert_eq!(shape(&read(name)), shape(&read(&english)), "{name}");
    }
}

#[test]
fn what_to_show_has_every_code_that_lowers_a_verdict() {
    use mailseal::report::{Code, Severity};
    for page in ["docs/what-to-show.md", "docs/what-to-show.ja.md"] {
        let text = read(page);
        for code in Code::ALL {
            let row = text.contains(&format!("\n| `{}` | ", code.as_str()));
            assert!(
                row || code.severity() == Severity::Info,
                "{page} does not say what to show for {}",
                code.as_str()
            );
        }
    }
}

#[test]
fn every_feature_is_in_the_table() {
    let manifest = read("Cargo.toml");
    let features = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    for line in features.lines().filter(|line| line.contains(" = [") && !line.starts_with("default")) {
        let name = line.split(' ').next().unwrap();
        for readme in ["README.md", "README.ja.md"] {
            assert!(read(readme).contains(&format!("| `{name}` |")), "{readme} does not name {name}");
        }
    }
}
