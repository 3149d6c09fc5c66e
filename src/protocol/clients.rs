//! What well-known mail programs read, by their manuals, release notes and sources: as a page, docs/clients.md.
//!
//! It is a hint beside what people's own programs say, and decides nothing: who writes with a program need not read with
//! it, and anyone can name any program in a header field.

mod table;

use serde::Serialize;

pub use table::known_clients;

/// A mail program, or several that share what reads encrypted mail.
///
/// ```
/// use mailseal::protocol::{Client, Feature, Support};
/// let client = Client::of("Mozilla Thunderbird").unwrap();
/// assert_eq!(client.name, "Thunderbird");
/// assert_eq!(client.support(Feature::AesGcm), Support::No);
/// assert!(client.fact(Feature::AesGcm).unwrap().source.starts_with("https://"));
/// assert!(Client::of("Some Program of Our Own 1.0").is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Client {
    /// As people call it.
    pub name: &'static str,
    /// What User-Agent or X-Mailer of its letters begins with or has in it; empty where it names itself nowhere.
    pub mailers: &'static [&'static str],
    /// What is known. Of all else nothing is.
    pub facts: &'static [Fact],
}

/// One thing that is known of a program.
///
/// ```
/// use mailseal::protocol::known_clients;
/// for client in known_clients() {
///     for fact in client.facts {
///         println!("{}: {:?} {:?} ({}, seen {})", client.name, fact.feature, fact.support, fact.source, fact.seen);
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// What.
    pub feature: Feature,
    /// Whether it reads that.
    pub support: Support,
    /// Which versions, or under what condition; may be empty.
    pub note: &'static str,
    /// Who says so: a public page.
    pub source: &'static str,
    /// When that page was read, as year and month.
    pub seen: &'static str,
}

/// What a program reads or does not read.
///
/// ```
/// use mailseal::protocol::Feature;
/// assert_eq!(Feature::AesGcm.name(), "AES-GCM (AuthEnvelopedData)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Feature {
    /// S/MIME at all (RFC 8551).
    Smime,
    /// PGP/MIME (RFC 3156).
    PgpMime,
    /// AES-GCM in AuthEnvelopedData (RFC 5083, RFC 5084).
    AesGcm,
    /// RSAES-OAEP in CMS (RFC 3560).
    Oaep,
    /// RSASSA-PSS in CMS (RFC 4056).
    Pss,
    /// ECDH on NIST curves in CMS (RFC 5753).
    Ecdh,
    /// X25519 or Ed25519 in CMS (RFC 8418, RFC 8419).
    Curve25519,
    /// SHA-512 in CMS signatures (RFC 5754).
    Sha512,
    /// ML-KEM in CMS (RFC 9936).
    MlKem,
    /// Version 2 of OpenPGP's encrypted data (RFC 9580 §5.13.2).
    Seipdv2,
    /// Protected header fields (RFC 9788).
    HeaderProtection,
    /// Protected header fields as they were before RFC 9788, `protected-headers="v1"`.
    ProtectedHeadersV1,
    /// Autocrypt header fields.
    Autocrypt,
}

impl Feature {
    /// All, in the order of the page.
    pub const ALL: [Self; 13] = [
        Self::Smime,
        Self::PgpMime,
        Self::AesGcm,
        Self::Oaep,
        Self::Pss,
        Self::Ecdh,
        Self::Curve25519,
        Self::Sha512,
        Self::MlKem,
        Self::Seipdv2,
        Self::HeaderProtection,
        Self::ProtectedHeadersV1,
        Self::Autocrypt,
    ];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smime => "S/MIME",
            Self::PgpMime => "PGP/MIME",
            Self::AesGcm => "AES-GCM (AuthEnvelopedData)",
            Self::Oaep => "RSAES-OAEP",
            Self::Pss => "RSASSA-PSS",
            Self::Ecdh => "ECDH (NIST curves)",
            Self::Curve25519 => "X25519, Ed25519 in S/MIME",
            Self::Sha512 => "SHA-512",
            Self::MlKem => "ML-KEM in S/MIME",
            Self::Seipdv2 => "OpenPGP SEIPDv2",
            Self::HeaderProtection => "protected headers (RFC 9788)",
            Self::ProtectedHeadersV1 => "protected headers (v1)",
            Self::Autocrypt => "Autocrypt",
        }
    }
}

/// Whether a program reads something.
///
/// ```
/// use mailseal::protocol::Support;
/// assert_eq!(Support::default(), Support::Unknown);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Support {
    /// Nobody we found says.
    #[default]
    Unknown,
    /// It does.
    Yes,
    /// It does not.
    No,
}

impl Client {
    /// The program that a User-Agent or X-Mailer names; `None` where it is not in the table.
    pub fn of(mailer: &str) -> Option<&'static Self> {
        let mailer = mailer.to_ascii_lowercase();
        let names = |client: &&Self| client.mailers.iter().any(|name| mailer.contains(name));
        known_clients().iter().find(names)
    }

    /// Whether it reads something.
    pub fn support(&self, feature: Feature) -> Support {
        self.fact(feature).map_or(Support::Unknown, |fact| fact.support)
    }

    /// What is known of that.
    pub fn fact(&self, feature: Feature) -> Option<&'static Fact> {
        self.facts.iter().find(|fact| fact.feature == feature)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::{env, fs};

    use super::*;

    const HEAD: &str = include_str!("clients/page.md");

    fn page() -> String {
        let mut page = HEAD.to_owned();
        for client in known_clients() {
            writeln!(page, "\n## {}\n", client.name).unwrap();
            match client.mailers {
                [] => writeln!(page, "Nothing in a header field tells it for certain.").unwrap(),
                names => {
                    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                    writeln!(page, "Known by {} in User-Agent or X-Mailer.", names.join(", ")).unwrap();
                }
            }
            if client.facts.is_empty() {
                writeln!(page, "No public page was found that says what it reads: all of it is unknown.")
                    .unwrap();
                continue;
            }
            writeln!(page, "\n| reads | | which | source | seen |\n|---|---|---|---|---|").unwrap();
            for feature in Feature::ALL {
                let Some(fact) = client.fact(feature) else { continue };
                let support = if fact.support == Support::Yes { "yes" } else { "no" };
                let (name, note, source, seen) = (feature.name(), fact.note, fact.source, fact.seen);
                writeln!(page, "| {name} | {support} | {note} | <{source}> | {seen} |").unwrap();
            }
        }
        page
    }

    #[test]
    fn the_page_is_written_from_the_table() {
        let path = format!("{}/docs/clients.md", env!("CARGO_MANIFEST_DIR"));
        if env::var_os("MAILSEAL_BLESS").is_some() {
            fs::write(&path, page()).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap();
        assert!(written == page(), "{path} differs; MAILSEAL_BLESS=1 writes it anew");
    }

    #[test]
    fn each_fact_has_a_dated_public_source_and_stands_once() {
        for client in known_clients() {
            assert!(client.mailers.iter().all(|name| *name == name.to_ascii_lowercase()), "{}", client.name);
            for fact in client.facts {
                assert!(fact.source.starts_with("http") && fact.support != Support::Unknown, "{fact:?}");
                let month = fact.seen.split_once('-').map(|(year, month)| (year.len(), month.len()));
                assert_eq!(month, Some((4, 2)), "{fact:?}");
                assert_eq!(
                    client.facts.iter().filter(|one| one.feature == fact.feature).count(),
                    1,
                    "{fact:?}"
                );
            }
        }
    }

    #[test]
    fn programs_are_told_apart() {
        let name = |mailer: &str| Client::of(mailer).map(|client| client.name);
        assert_eq!(name("Mozilla Thunderbird"), Some("Thunderbird"));
        assert_eq!(
            name("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0"),
            Some("Thunderbird")
        );
        assert_eq!(
            name("Thunderbird for Android"),
            Some("Thunderbird for Android, K-9 Mail (with OpenKeychain)")
        );
        assert_eq!(name("NeoMutt/20180323"), Some("NeoMutt"));
        assert_eq!(name("Mutt/2.2.12 (2023-09-09)"), Some("Mutt"));
        assert_eq!(name("Microsoft Outlook 16.0"), Some("Outlook for Windows, classic"));
        assert_eq!(name("Apple Mail (2.3774.600.62)"), Some("Apple Mail (macOS, iOS)"));
        assert_eq!(name("iPhone Mail (23B85)"), Some("Apple Mail (macOS, iOS)"));
        assert_eq!(name("ProtonMail"), Some("Proton Mail"));
        assert_eq!(name("nobody's"), None);
    }
}
