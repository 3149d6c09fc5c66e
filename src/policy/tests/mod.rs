//! Tests of the whole module, on reports made by hand.

mod authentication_results;
mod docs;
mod golden;
mod json;
mod judge;
pub(crate) mod properties;
pub(crate) mod reports;
mod schema;
mod smime_status;
mod table;

use std::path::PathBuf;

/// Compares with a file of the repository; `MAILSEAL_BLESS=1` writes it anew.
fn same_as_file(path: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("MAILSEAL_BLESS").is_some() {
        std::fs::write(&path, text).expect("writable");
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(known, text, "{} differs; MAILSEAL_BLESS=1 writes it anew", path.display());
}
