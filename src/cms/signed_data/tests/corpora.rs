//! What others collected: real messages, RFC examples, and what fuzzers found.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("MAILSEAL_CORPORA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"));
    if !folder.is_dir() {
        println!("skipped: no corpora at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// All files below, whatever they are.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The octets, out of PEM or base64 if need be.
fn octets(path: &Path) -> Vec<u8> {
    let octets = fs::read(path).unwrap();
    let Ok(text) = std::str::from_utf8(&octets) else { return octets };
    let Some((_, inner)) = text.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split_once("-----"))
    else {
        return octets;
    };
    let base64: Vec<u8> = inner
        .split("-----")
        .next()
        .unwrap_or_default()
        .bytes()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    base64_simd::STANDARD.decode_to_vec(&base64).unwrap_or(octets)
}

/// Reads and verifies with everything at hand, in a small stack.
fn look(octets: Vec<u8>) -> Option<(SignedData, Vec<Outcome>)> {
    let run = move || {
        let seen = read(&octets, TEXT).ok()?;
        Some((seen.data.clone(), seen.verify_with_own()))
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().expect("no panic")
}

#[test]
fn d1_d9_any_octets_are_read_or_refused() {
    let Some(corpora) = corpora() else { return };
    let (mut all, mut readable, mut intact) = (0, 0, Vec::new());
    for folder in [
        "openssl-fuzz-corpora/cms",
        "openssl-fuzz-corpora/smime",
        "openssl",
        "bc-test-data",
        "pyca-vectors",
        "lamps-cms-ml-dsa",
        "rustcrypto-formats",
    ] {
        for path in files(&corpora.join(folder)) {
            let name = path.to_string_lossy();
            if fs::metadata(&path).unwrap().len() > 1 << 20 {
                continue;
            }
            all += 1;
            if let Some((_, outcomes)) = look(octets(&path)) {
                readable += 1;
                if outcomes.contains(&Outcome::Intact) {
                    intact.push(name.into_owned());
                }
            }
        }
    }
    println!("{all} files, {readable} of them SignedData, {} intact", intact.len());
    assert!(all > 100 && readable > 10, "{all} {readable}");
    assert!(intact.iter().all(|name| !name.contains("fuzz")), "{intact:#?}");
}

#[test]
fn rfc_4134_examples() {
    let Some(corpora) = corpora() else { return };
    let all = files(&corpora.join("bc-test-data"));
    let find = |name: &str| all.iter().find(|path| path.ends_with(name)).unwrap_or_else(|| panic!("{name}"));
    let content = fs::read(find("ExContent.bin")).unwrap();
    for number in [1, 2, 3, 4, 5, 6, 7, 10, 11] {
        let seen = read(&octets(find(&format!("4.{number}.bin"))), &content).unwrap();
        let outcomes = seen.verify_with_own();
        match number {
            // Signed with RSA; all others with DSS, which is not supported.
            2 | 5 => assert_eq!(outcomes, [Outcome::Intact], "4.{number}"),
            11 => assert!(outcomes.is_empty() && seen.data.detached),
            _ => assert!(
                outcomes.iter().all(|one| matches!(one, Outcome::Unsupported(_))),
                "4.{number}: {outcomes:?}"
            ),
        }
        assert_eq!(outcomes.len(), [1, 2, 0][usize::from(number == 6) + 2 * usize::from(number == 11)]);
        assert_eq!(seen.data.detached, number == 3 || number == 11, "4.{number}");
        let kept = seen.content.as_ref().is_none_or(|octets| *octets == content);
        assert!(kept || matches!(number, 7 | 10), "4.{number}");
    }
}
