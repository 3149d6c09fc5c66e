//! Whom one trusts, in a folder: `trust.toml` and the certificates it names.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::error::Error;
use crate::limits::Limits;
use crate::mime::Address;
use crate::outside::read_bounded;
use crate::protocol::Certificate;
use crate::report::whole_fingerprint;
use crate::trust::{Scope, TrustStore};

/// Whom one trusts, in a folder. People may edit `trust.toml`: order and comments stay.
///
/// ```toml
/// [[anchor]]
/// file = "B80E48D7….pem"                              # in this folder
/// scope = "*@partner.example until=2027-12-31"
///
/// [[root]]                                            # of the Web of Trust
/// fingerprint = "3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10"
/// amount = 120
///
/// [[pin]]
/// address = "carol@example.net"
/// fingerprint = "5BB09E0CFE33…A1D2"
///
/// [[email-roots]]                                     # the authorities that Mozilla trusts for e-mail
/// scope = "any assurance=organization"
/// ```
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// use mailseal::{Context, Scope, outside::TrustFolder};
/// # let place = tempfile::tempdir()?;
/// # let path = place.path().join("trust");
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// TrustFolder::change(&path, |trust| trust.add_anchors(pem, &Scope::domain("example.com")?))?;
///
/// let trust = TrustFolder::open(&path)?;
/// assert_eq!(trust.entries().len(), 1);
/// let cx = Context::new(trust.store()?);
/// # let _ = cx;
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TrustFolder {
    path: PathBuf,
    document: DocumentMut,
    /// Certificates that are not yet written.
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// One line of trust.
///
/// ```
/// use mailseal::outside::TrustEntry;
/// fn print(entry: &TrustEntry) {
///     match entry {
///         TrustEntry::Anchor { file, scope } => println!("{file} for {scope}"),
///         TrustEntry::Root { fingerprint, amount } => println!("{fingerprint}, {amount} of 120"),
///         TrustEntry::Pin { address, fingerprint } => println!("{address} is {fingerprint}"),
///         _ => {}
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrustEntry {
    /// Certificates, and for whom they may speak.
    Anchor {
        /// The name of the file, in the folder.
        file: String,
        /// As text; see [`Scope`].
        scope: String,
    },
    /// The authorities that Mozilla trusts for e-mail, and for whom they may speak.
    EmailRoots {
        /// As text; see [`Scope`].
        scope: String,
    },
    /// A root of the Web of Trust.
    Root {
        /// In full.
        fingerprint: String,
        /// Of 120.
        amount: u8,
    },
    /// One person's certificate.
    Pin {
        /// Whose.
        address: String,
        /// In full.
        fingerprint: String,
    },
}

const INDEX: &str = "trust.toml";

impl TrustFolder {
    /// Reads a folder. One that does not exist trusts nobody.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let index = path.join(INDEX);
        let text = match read_bounded(&index, &Limits::default()) {
            Ok(octets) => String::from_utf8(octets).map_err(|_| wrong(&index, "not UTF-8"))?,
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let document = text.parse::<DocumentMut>().map_err(|error| wrong(&index, &error.to_string()))?;
        let folder = Self { path, document, files: Vec::new() };
        folder.check()?;
        Ok(folder)
    }

    /// Opens a folder, changes it and saves it, while nobody else does. Where `change` fails, nothing is written.
    pub fn change<T>(
        path: impl Into<PathBuf>,
        change: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(Error::io(path.display().to_string()))?;
        let lock = path.join(".lock");
        let held = File::create(&lock).and_then(|file| file.lock().map(|()| file));
        let held = held.map_err(Error::io(lock.display().to_string()))?;
        let mut folder = Self::open(path)?;
        let done = change(&mut folder)?;
        folder.save()?;
        drop(held);
        Ok(done)
    }

    /// Trusts all certificates of a file, for a scope. Gives back their fingerprints.
    pub fn add_anchors(&mut self, octets: &[u8], scope: &Scope) -> Result<Vec<String>, Error> {
        let certificates = Certificate::load(octets)?;
        // What the scope does not allow is said now, not when a letter comes.
        TrustStore::new().anchors(octets, scope.clone())?;
        let names: Vec<String> = certificates.iter().map(Certificate::fingerprint).collect();
        let first = names.first().cloned().unwrap_or_default();
        let armored = octets.starts_with(b"-----");
        let name = format!("{first}.{}", if armored { "pem" } else { "cer" });
        let mut entry = Table::new();
        entry.insert("file", value(&name));
        entry.insert("scope", value(scope.to_string()));
        self.remove("anchor", |entry| text(entry, "file") == name);
        self.list("anchor")?.push(entry);
        self.files.push((self.path.join(name), octets.to_vec()));
        Ok(names)
    }

    /// Trusts the authorities that Mozilla trusts for e-mail, for this scope and no other.
    #[cfg(feature = "email-roots")]
    pub fn add_email_roots(&mut self, scope: &Scope) -> Result<(), Error> {
        let mut entry = Table::new();
        entry.insert("scope", value(scope.to_string()));
        self.remove("email-roots", |_| true);
        self.list("email-roots")?.push(entry);
        Ok(())
    }

    /// Trusts a root of the Web of Trust, with an amount of 120.
    #[cfg(feature = "web-of-trust")]
    pub fn add_root(&mut self, fingerprint: &str, amount: u8) -> Result<(), Error> {
        TrustStore::new().web_of_trust_root(fingerprint, amount)?;
        let fingerprint = whole_fingerprint(fingerprint)?;
        let mut entry = Table::new();
        entry.insert("fingerprint", value(&fingerprint));
        entry.insert("amount", value(i64::from(amount)));
        self.remove("root", |entry| is_of(entry, &fingerprint));
        self.list("root")?.push(entry);
        Ok(())
    }

    /// Ties an address to one certificate, and to no other that was pinned before.
    pub fn pin(&mut self, address: &Address, fingerprint: &str) -> Result<(), Error> {
        let mut entry = Table::new();
        entry.insert("address", value(address.to_string()));
        entry.insert("fingerprint", value(whole_fingerprint(fingerprint)?));
        self.remove("pin", |entry| text(entry, "address") == address.to_string());
        self.list("pin")?.push(entry);
        Ok(())
    }

    /// Forgets every entry of an address, a fingerprint, a file of the folder, or `email-roots`. Gives back how many
    /// there were.
    pub fn forget(&mut self, what: &str) -> usize {
        let wanted = whole_fingerprint(what).ok();
        let names = |entry: &Table| {
            let file = text(entry, "file");
            let stem = file.split('.').next().unwrap_or_default();
            text(entry, "address") == what
                || wanted.as_ref().is_some_and(|wanted| is_of(entry, wanted) || stem == wanted)
                || (!file.is_empty() && file == what)
        };
        let roots = if what == "email-roots" { self.remove(what, |_| true) } else { 0 };
        roots + ["anchor", "root", "pin"].iter().map(|kind| self.remove(kind, names)).sum::<usize>()
    }

    /// What it says, in its order.
    pub fn entries(&self) -> Vec<TrustEntry> {
        let anchors = self.tables("anchor");
        let anchors = anchors
            .map(|entry| TrustEntry::Anchor { file: text(entry, "file"), scope: text(entry, "scope") });
        let public = self.tables("email-roots");
        let public = public.map(|entry| TrustEntry::EmailRoots { scope: text(entry, "scope") });
        let roots = self.tables("root");
        let roots = roots
            .map(|entry| TrustEntry::Root { fingerprint: text(entry, "fingerprint"), amount: amount(entry) });
        let pins = self.tables("pin");
        let pins = pins.map(|entry| TrustEntry::Pin {
            address: text(entry, "address"),
            fingerprint: text(entry, "fingerprint"),
        });
        anchors.chain(public).chain(roots).chain(pins).collect()
    }

    /// The certificates of one of its anchors.
    pub fn certificates(&self, file: &str) -> Result<Vec<Certificate>, Error> {
        Certificate::load(&self.octets(file)?)
    }

    /// As a value for a [`Context`](crate::Context).
    pub fn store(&self) -> Result<TrustStore, Error> {
        let mut store = TrustStore::new();
        for entry in self.entries() {
            store = match entry {
                TrustEntry::Anchor { file, scope } => store
                    .anchors(&self.octets(&file)?, scope.parse()?)
                    .map_err(|error| self.named(&file, &error))?,
                #[cfg(feature = "email-roots")]
                TrustEntry::EmailRoots { scope } => store.email_roots(scope.parse()?),
                #[cfg(not(feature = "email-roots"))]
                TrustEntry::EmailRoots { .. } => {
                    return Err(Error::misuse("email-roots: this build has no `email-roots`"));
                }
                #[cfg(feature = "web-of-trust")]
                TrustEntry::Root { fingerprint, amount } => store.web_of_trust_root(&fingerprint, amount)?,
                #[cfg(not(feature = "web-of-trust"))]
                TrustEntry::Root { .. } => {
                    return Err(Error::misuse(
                        "a root of the Web of Trust: this build has no `web-of-trust`",
                    ));
                }
                TrustEntry::Pin { address, fingerprint } => store.pin(&address.parse()?, &fingerprint)?,
            };
        }
        Ok(store)
    }

    fn octets(&self, file: &str) -> Result<Vec<u8>, Error> {
        let path = self.path.join(file);
        match self.files.iter().find(|(fresh, _)| *fresh == path) {
            Some((_, octets)) => Ok(octets.clone()),
            None => read_bounded(&path, &Limits::default()),
        }
    }

    /// All or nothing: certificates first, then the index in place of the old one, then what nobody names any more.
    fn save(&mut self) -> Result<(), Error> {
        for (path, octets) in std::mem::take(&mut self.files) {
            write(&path, &octets)?;
        }
        write(&self.path.join(INDEX), self.document.to_string().as_bytes())?;
        let named: Vec<String> = self.tables("anchor").map(|entry| text(entry, "file")).collect();
        let orphans = fs::read_dir(&self.path).into_iter().flatten().flatten().filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            is_ours(&name) && !named.contains(&name)
        });
        for orphan in orphans {
            // It is named nowhere: whether it goes or stays changes nothing.
            let _ = fs::remove_file(orphan.path());
        }
        Ok(())
    }

    /// Nothing that is not understood: a misspelt `scope` must not be an anchor for anybody.
    fn check(&self) -> Result<(), Error> {
        let index = self.path.join(INDEX);
        for (kind, item) in self.document.iter() {
            let fields: &[&str] = match kind {
                "anchor" => &["file", "scope"],
                "root" => &["fingerprint", "amount"],
                "pin" => &["address", "fingerprint"],
                "email-roots" => &["scope"],
                _ => return Err(wrong(&index, &format!("`{kind}` is not anchor, email-roots, root or pin"))),
            };
            let tables = item.as_array_of_tables();
            let tables = tables.ok_or_else(|| wrong(&index, &format!("`{kind}` is written [[{kind}]]")))?;
            for entry in tables {
                check_entry(entry, kind, fields).map_err(|why| wrong(&index, &why))?;
            }
        }
        Ok(())
    }

    fn tables(&self, kind: &str) -> impl Iterator<Item = &Table> {
        self.document.get(kind).and_then(Item::as_array_of_tables).into_iter().flatten()
    }

    fn list(&mut self, kind: &str) -> Result<&mut ArrayOfTables, Error> {
        let item = self.document.entry(kind).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        item.as_array_of_tables_mut().ok_or_else(|| Error::misuse(format!("`{kind}` is written [[{kind}]]")))
    }

    fn remove(&mut self, kind: &str, which: impl Fn(&Table) -> bool) -> usize {
        let tables = self.document.get_mut(kind).and_then(Item::as_array_of_tables_mut);
        let Some(tables) = tables else { return 0 };
        let before = tables.len();
        tables.retain(|entry| !which(entry));
        before - tables.len()
    }

    fn named(&self, file: &str, error: &Error) -> Error {
        wrong(&self.path.join(file), &error.to_string())
    }
}

fn check_entry(entry: &Table, kind: &str, fields: &[&str]) -> Result<(), String> {
    if let Some((unknown, _)) = entry.iter().find(|(name, _)| !fields.contains(name)) {
        return Err(format!("[[{kind}]] has no `{unknown}`; it has {}", fields.join(", ")));
    }
    if let Some(missing) = fields.iter().find(|name| !entry.contains_key(name)) {
        return Err(format!("[[{kind}]] needs `{missing}`"));
    }
    let file = text(entry, "file");
    if file.contains(['/', '\\']) || file.starts_with('.') {
        return Err(format!("`{file}` is not a file of this folder"));
    }
    match kind {
        "anchor" | "email-roots" => {
            text(entry, "scope").parse::<Scope>().map(drop).map_err(|error| error.to_string())
        }
        "root" if amount(entry) == 0 => Err("amount is 1 to 120".to_owned()),
        _ => Ok(()),
    }
}

fn text(entry: &Table, name: &str) -> String {
    entry.get(name).and_then(Item::as_str).unwrap_or_default().to_owned()
}

/// 0 is none that can be meant.
fn amount(entry: &Table) -> u8 {
    let amount = entry.get("amount").and_then(Item::as_integer);
    amount.and_then(|amount| u8::try_from(amount).ok()).filter(|amount| *amount <= 120).unwrap_or(0)
}

/// However people wrote it.
fn is_of(entry: &Table, fingerprint: &str) -> bool {
    whole_fingerprint(&text(entry, "fingerprint")).is_ok_and(|own| own == fingerprint)
}

/// A certificate that was put here by us: named by its fingerprint.
fn is_ours(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, end)| {
        ["pem", "cer"].contains(&end) && stem.len() >= 40 && stem.bytes().all(|one| one.is_ascii_hexdigit())
    })
}

fn write(path: &Path, octets: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(octets)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    write().map(drop).map_err(Error::io(path.display().to_string()))
}

fn wrong(path: &Path, why: &str) -> Error {
    Error::malformed("a trust folder", format!("{}: {why}", path.display()))
}

#[cfg(test)]
#[cfg(feature = "smime")]
mod tests {
    use super::*;

    const PEM: &[u8] = include_bytes!("../../examples/letters/openssl-ca.pem");
    const PIN: &str = "5BB0 9E0C FE33 A1D2 5BB0 9E0C FE33 A1D2 5BB0 9E0C";

    fn carol() -> Address {
        "carol@example.net".parse().unwrap()
    }

    #[test]
    fn what_is_added_is_there_and_what_is_forgotten_is_not() {
        let place = tempfile::tempdir().unwrap();
        let scope: Scope = "*@example.com until=2027-12-31".parse().unwrap();
        let names = TrustFolder::change(place.path(), |trust| {
            trust.pin(&carol(), PIN)?;
            trust.add_anchors(PEM, &scope)
        });
        let names = names.unwrap();
        let trust = TrustFolder::open(place.path()).unwrap();
        let anchor = TrustEntry::Anchor { file: format!("{}.pem", names[0]), scope: scope.to_string() };
        let pin =
            TrustEntry::Pin { address: carol().to_string(), fingerprint: whole_fingerprint(PIN).unwrap() };
        assert_eq!(trust.entries(), [anchor, pin]);
        trust.store().unwrap();
        assert_eq!(trust.certificates(&format!("{}.pem", names[0])).unwrap().len(), 1);

        let gone = TrustFolder::change(place.path(), |trust| Ok(trust.forget(&names[0]))).unwrap();
        let also = TrustFolder::change(place.path(), |trust| Ok(trust.forget("carol@example.net"))).unwrap();
        assert_eq!((gone, also), (1, 1));
        assert!(TrustFolder::open(place.path()).unwrap().entries().is_empty());
        assert!(!place.path().join(format!("{}.pem", names[0])).exists(), "nobody names it");
    }

    #[test]
    fn people_keep_their_comments_and_their_files() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("theirs.pem"), PEM).unwrap();
        let text = "# by contract\n[[anchor]]\nfile = \"theirs.pem\" # Example\nscope = \"any\"\n";
        fs::write(place.path().join(INDEX), text).unwrap();
        TrustFolder::change(place.path(), |trust| trust.pin(&carol(), PIN)).unwrap();
        let after = fs::read_to_string(place.path().join(INDEX)).unwrap();
        assert!(after.starts_with(text), "{after}");
        TrustFolder::change(place.path(), |trust| Ok(trust.forget("theirs.pem"))).unwrap();
        assert!(place.path().join("theirs.pem").exists(), "not ours to remove");
    }

    #[test]
    fn what_is_not_understood_is_nobodys_trust() {
        let place = tempfile::tempdir().unwrap();
        for (text, word) in [
            ("[[anchor]]\nfile = \"a.pem\"\n", "scope"),
            ("[[anchor]]\nfile = \"a.pem\"\nscpe = \"any\"\n", "scpe"),
            ("[[anchor]]\nfile = \"../a.pem\"\nscope = \"any\"\n", "../a.pem"),
            ("[[anchor]]\nfile = \"a.pem\"\nscope = \"all\"\n", "all"),
            ("[[root]]\nfingerprint = \"00\"\namount = 121\n", "amount"),
            ("[anchor]\nfile = \"a.pem\"\nscope = \"any\"\n", "[[anchor]]"),
            ("[[friend]]\n", "friend"),
            ("[[anchor]\n", "trust.toml"),
        ] {
            fs::write(place.path().join(INDEX), text).unwrap();
            let error = TrustFolder::open(place.path()).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let failed = TrustFolder::change(place.path(), |trust| {
            trust.add_anchors(PEM, &Scope::any())?;
            trust.pin(&carol(), "A1D2")
        });
        assert!(failed.is_err());
        assert!(TrustFolder::open(place.path()).unwrap().entries().is_empty());
    }

    /// Several at once: each finds what those before it left.
    #[test]
    fn nobody_overwrites_another() {
        let place = tempfile::tempdir().unwrap();
        std::thread::scope(|threads| {
            for number in 0..8 {
                let path = place.path();
                threads.spawn(move || {
                    let who = format!("p{number}@example.net").parse().unwrap();
                    TrustFolder::change(path, |trust| trust.pin(&who, PIN)).unwrap();
                });
            }
        });
        assert_eq!(TrustFolder::open(place.path()).unwrap().entries().len(), 8);
    }
}
