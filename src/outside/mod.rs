//! What a program may want and a library must not do by itself: the network, files of a store, tokens, agents.
//!
//! Everything here implements a trait of the house or fills one of its types; nothing in the house names it.
//!
//! - [`anchors_from_folder`]: trusts the certificates of a folder.
//! - [`system_store`]: trusts what the system trusts for mail, where it says so.
//! - `TrustFolder` (feature `trust-folder`): whom one trusts, as people may edit it.
//! - `domain` (feature `domain-auth`): SPF, DKIM, ARC and DMARC.
//! - `policy_from_file` (feature `policy-file`): reads a policy.
//! - [`CertD`]: the certificate directory that sq and others share.
//! - [`gnupg`]: keyrings and owner trust of GnuPG.
//! - `EvidenceRecord`, `EvidenceArchive` (feature `archive`): a judgement with all that it needed, in one file.
//! - `JournalFile`, `MaildirDelivery`, `Template`, `Recipients` (feature `bulk`): newsletters.
//! - `Submission` (feature `submission`): hands letters to a mail server.
//! - `HttpFetcher` (feature `fetch`): fetches issuers, CRLs and OCSP answers.
//! - `Mailbox` (feature `mailbox`): the messages of an mbox file, a Maildir, a folder.
//! - `MemoryFile` (feature `memory`): remembers correspondents.
//! - [`named_keys`]: keys on tokens and in an agent by a name, as they are configured.
//! - `tokens` (feature `pkcs11`), `agent` (feature `gpg-agent`): private keys that live elsewhere.

#[cfg(all(unix, feature = "gpg-agent"))]
pub mod agent;
mod anchors;
#[cfg(feature = "archive")]
mod archive;
#[cfg(feature = "bulk")]
mod bulk;
#[cfg(feature = "openpgp")]
mod certd;
#[cfg(feature = "domain-auth")]
pub mod domain;
#[cfg(feature = "fetch")]
mod fetch;
#[cfg(feature = "openpgp")]
pub mod gnupg;
#[cfg(feature = "mailbox")]
mod mailbox;
#[cfg(feature = "memory")]
mod memory;
mod named;
#[cfg(feature = "policy-file")]
mod policy_file;
#[cfg(feature = "submission")]
mod submission;
#[cfg(feature = "smime")]
mod system;
#[cfg(feature = "pkcs11")]
pub mod tokens;
#[cfg(feature = "trust-folder")]
mod trust_folder;

pub use anchors::anchors_from_folder;
#[cfg(feature = "archive")]
pub use archive::{Checked, Difference, EvidenceArchive, EvidenceRecord, WhoseTrust};
#[cfg(feature = "bulk")]
pub use bulk::{JournalFile, MaildirDelivery, Recipient, Recipients, Template};
#[cfg(feature = "openpgp")]
pub use certd::CertD;
#[cfg(feature = "fetch")]
pub use fetch::HttpFetcher;
#[cfg(feature = "mailbox")]
pub use mailbox::{Mailbox, Reading, StoredMessage};
#[cfg(feature = "memory")]
pub use memory::MemoryFile;
pub use named::named_keys;
#[cfg(feature = "policy-file")]
pub use policy_file::policy_from_file;
#[cfg(feature = "submission")]
pub use submission::{Submission, Tls};
#[cfg(feature = "smime")]
pub use system::{SystemRoots, system_store};
#[cfg(feature = "trust-folder")]
pub use trust_folder::{TrustEntry, TrustFolder};

/// A file of keys or certificates, and no more of it than the limit.
fn read_bounded(
    path: &std::path::Path,
    limits: &crate::limits::Limits,
) -> Result<Vec<u8>, crate::error::Error> {
    use std::io::Read;
    let failed = || crate::error::Error::io(path.display().to_string());
    let limit = u64::try_from(limits.key_file_bytes).unwrap_or(u64::MAX);
    let mut octets = Vec::new();
    // A pipe would be waited for.
    if !std::fs::metadata(path).map_err(failed())?.is_file() {
        let error = std::io::Error::from(std::io::ErrorKind::InvalidInput);
        return Err(failed()(error));
    }
    let file = std::fs::File::open(path).map_err(failed())?;
    file.take(limit.saturating_add(1)).read_to_end(&mut octets).map_err(failed())?;
    if octets.len() > limits.key_file_bytes {
        return Err(crate::error::Error::Limit { name: "key_file_bytes", limit });
    }
    Ok(octets)
}
