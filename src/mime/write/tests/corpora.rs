//! Letters of other people as drafts.

use std::path::{Path, PathBuf};

use super::canonical::contents;
use super::*;
use crate::mime::Part;
use crate::mime::write::plan::is_layer;
use crate::mime::write::scan::Facts;

fn files(folder: PathBuf) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

fn corpora() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("MAILSEAL_CORPORA").map_or(default, PathBuf::from);
    if !folder.is_dir() {
        println!("skipped: no corpora at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn tree(parts: &[Part]) -> Vec<String> {
    parts.iter().map(|part| format!("{} {}", part.path, part.media_type)).collect()
}

fn plain(content: &[u8], without_blanks: bool) -> String {
    let text = String::from_utf8_lossy(content).replace("\r\n", "\n");
    let line = |line: &str| if without_blanks { line.trim_end().to_owned() } else { line.to_owned() };
    text.trim_end_matches('\n').split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Each is refused with a sentence, or becomes a robust entity with the same parts and the same contents.
#[test]
fn r_e2_foreign_letters() {
    let Some(corpora) = corpora() else { return };
    let (mut written, mut refused) = (0, 0);
    for folder in
        ["mail-parser", "python-email", "libetpan", "mimekit", "gmime", "kde-mimetreeparser", "rub-johnny"]
    {
        for path in files(corpora.join(folder)) {
            let letter = std::fs::read(&path).unwrap();
            let Ok(structure) = Structure::read(&mut letter.as_slice(), &Limits::default()) else { continue };
            let entity = match entity(&letter) {
                Ok(entity) => entity,
                Err(Error::Refused(_) | Error::Malformed { .. }) => {
                    refused += 1;
                    continue;
                }
                Err(other) => panic!("{}: {other}", path.display()),
            };
            written += 1;
            let after = super::structure(&entity);
            assert_eq!(tree(&after.parts), tree(&structure.parts), "{}", path.display());
            let facts = Facts::of(entity.as_slice()).unwrap();
            assert!(facts.seven_bit() && !facts.bare_lf && facts.ended, "{} {facts:?}", path.display());
            assert!(facts.robust() || structure.parts.iter().any(is_layer), "{} {facts:?}", path.display());
            let leaves: Vec<_> = structure.parts.iter().filter(|part| part.children.is_empty()).collect();
            for ((before, after), leaf) in contents(&letter).iter().zip(&contents(&entity)).zip(leaves) {
                // Line ends of what is sent in lines are CR LF; blanks at the ends of lines of fields are nothing.
                let blanks = leaf.media_type.main == "message";
                let same = before == after || plain(before, blanks) == plain(after, blanks);
                assert!(same, "{} {} {} {:?}", path.display(), leaf.path, leaf.media_type, leaf.encoding);
            }
        }
    }
    println!("{written} written, {refused} refused");
    assert!(written > 300, "{written} written, {refused} refused");
}
