//! Whom to believe, and where certificates are: what `verify`, `decrypt`, `encrypt` and `trust explain` ask alike.

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use clap::{Args as ClapArgs, ValueEnum};
use mailseal::mime::Address;
use mailseal::outside::{self, HttpFetcher, MemoryFile, TrustFolder};
use mailseal::report::FetchPurpose;
use mailseal::x509::RevocationData;
use mailseal::{CertificatePool, Context, Limits, Policy, Scope, TrustStore, UnixTime};

use crate::args::{accepted, time};
use crate::keys::{named, read};
use crate::policy::PolicyArgs;
use crate::words::{said, say};

/// Where it is written down whom one trusts.
#[derive(ClapArgs)]
pub(crate) struct FolderArgs {
    /// The folder of those you trust; otherwise $MAILSEAL_TRUST, or `mailseal/trust` in your folder of settings
    /// (~/.config).
    #[arg(long = "trust", value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl FolderArgs {
    pub(crate) fn path(&self) -> Result<PathBuf, Box<dyn Error>> {
        let set = || std::env::var_os("MAILSEAL_TRUST").filter(|value| !value.is_empty()).map(PathBuf::from);
        let usual = || Some(dirs::config_dir()?.join("mailseal").join("trust"));
        let path = self.folder.clone().or_else(set).or_else(usual);
        path.ok_or_else(|| {
            say(
                "there is no folder of those you trust: say --trust DIR",
                "信頼のフォルダーがありません。--trust DIR で指定してください",
            )
            .into()
        })
    }
}

/// Whom to trust, beside those in the folder.
#[derive(ClapArgs)]
pub(crate) struct WhomArgs {
    /// Trust these certificates: PEM or DER of certificate authorities, or OpenPGP certificates; or all in a folder.
    /// With a scope, for nothing else: `ca.pem=*@partner.example until=2027-12-31`; without one for any sender.
    #[arg(long, value_name = "FILE[=SCOPE]")]
    anchor: Vec<OsString>,
    /// The address has this certificate and no other, by its fingerprint in full.
    #[arg(long, value_name = "ADDRESS=FINGERPRINT", value_parser = accepted)]
    pub(crate) pin: Vec<(Address, String)>,
    /// Trust this OpenPGP key to say who others are (Web of Trust), by its fingerprint in full; of 120, which is
    /// without doubt.
    #[arg(long, value_name = "FINGERPRINT[=AMOUNT]", value_parser = root)]
    trust_root: Vec<(String, u8)>,
    /// Trust the owners of keys as GnuPG does: what `gpg --export-ownertrust` wrote.
    #[arg(long, value_name = "FILE")]
    ownertrust: Vec<PathBuf>,
    /// Trust the certificate authorities that Mozilla trusts for e-mail, for this scope; without one for any sender.
    #[arg(long, value_name = "SCOPE", num_args = 0..=1, require_equals = true, default_missing_value = "any")]
    email_roots: Option<Scope>,
}

impl WhomArgs {
    /// Nobody is named.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { anchor, pin, trust_root, ownertrust, email_roots } = self;
        let certificates = anchor.is_empty() && email_roots.is_none();
        certificates && pin.is_empty() && trust_root.is_empty() && ownertrust.is_empty()
    }

    /// Those of a store too.
    pub(crate) fn with(&self, mut trust: TrustStore) -> Result<TrustStore, Box<dyn Error>> {
        for anchor in &self.anchor {
            trust = add(trust, anchor)?;
        }
        for (address, fingerprint) in &self.pin {
            trust = trust.pin(address, fingerprint)?;
        }
        for (fingerprint, amount) in &self.trust_root {
            trust = with_root(trust, fingerprint, *amount)?;
        }
        for path in &self.ownertrust {
            trust = with_owner_trust(trust, path)?;
        }
        Ok(match &self.email_roots {
            Some(scope) => trust.email_roots(scope.clone()),
            None => trust,
        })
    }
}

/// Whom to believe, when, and how easily.
#[derive(ClapArgs)]
pub(crate) struct TrustArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Leave out the folder of those you trust; only what is named here counts.
    #[arg(long, conflicts_with = "folder")]
    no_trust_folder: bool,
    #[command(flatten)]
    pub(crate) whom: WhomArgs,
    /// Certificates that may be needed and are not in the letter. They are not trusted.
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Vec<PathBuf>,
    /// The same for a keyring of GnuPG (pubring.kbx, pubring.gpg), its folder, or a shared certificate directory
    /// (pgp.cert.d).
    #[arg(long, value_name = "PATH")]
    keyring: Vec<PathBuf>,
    /// A CRL (RFC 5280), which says who is revoked.
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// An OCSP response (RFC 6960), which says the same of one certificate.
    #[arg(long, value_name = "FILE")]
    ocsp: Vec<PathBuf>,
    /// Ask the network where a certificate says: for CRLs, OCSP responses, certificates of issuers (aia). Without it
    /// nothing is fetched.
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    pub(crate) fetch: Vec<Fetch>,
    /// Compare with what this file remembers of the senders, and trust the pins in it.
    #[arg(long, value_name = "FILE")]
    memory: Option<PathBuf>,
    /// Judge at this time instead of now: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<UnixTime>,
    /// Set a limit by its name, as in `message_bytes=50000000` or `depth=8`: the fields of `Limits` in the documentation.
    #[arg(long, value_name = "NAME=NUMBER", value_parser = limit)]
    limit: Vec<(String, u64)>,
    #[command(flatten)]
    policy: PolicyArgs,
}

/// What the network may be asked for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fetch {
    /// CRLs (RFC 5280).
    Crl,
    /// OCSP responses (RFC 6960).
    Ocsp,
    /// Certificates of issuers (RFC 5280, authority information access).
    Aia,
}

impl From<Fetch> for FetchPurpose {
    fn from(what: Fetch) -> Self {
        match what {
            Fetch::Crl => Self::Crl,
            Fetch::Ocsp => Self::Ocsp,
            Fetch::Aia => Self::Aia,
        }
    }
}

impl TrustArgs {
    /// The time to judge at.
    pub(crate) fn time(&self) -> UnixTime {
        self.at.unwrap_or_else(|| SystemTime::now().into())
    }

    pub(crate) fn policy(&self) -> Result<Policy, Box<dyn Error>> {
        self.policy.policy()
    }

    /// The folder of those one trusts, unless it is left out.
    pub(crate) fn folder(&self) -> Result<Option<TrustFolder>, Box<dyn Error>> {
        if self.no_trust_folder {
            return Ok(None);
        }
        match self.folder.path() {
            Ok(path) => Ok(Some(TrustFolder::open(path)?)),
            // Nobody has a home here, and nobody named a folder.
            Err(_) => Ok(None),
        }
    }

    /// Certificates that are at hand and not trusted.
    pub(crate) fn pool(&self) -> Result<CertificatePool, Box<dyn Error>> {
        let mut pool = CertificatePool::new();
        for path in &self.cert {
            pool = pool.with(&read(path)?).map_err(|error| named(path, error))?;
        }
        Ok(pool)
    }

    fn store(&self) -> Result<TrustStore, Box<dyn Error>> {
        self.whom.with(match self.folder()? {
            Some(folder) => folder.store()?,
            None => TrustStore::new(),
        })
    }

    pub(crate) fn limits(&self) -> Result<Limits, Box<dyn Error>> {
        let mut limits = Limits::default();
        for (name, number) in &self.limit {
            if !limits.set(name, *number) {
                return Err(said!(
                    "there is no limit `{name}` that can be {number}",
                    "{number} にできる制限 `{name}` はありません"
                )
                .into());
            }
        }
        Ok(limits)
    }

    fn revocations(&self, limits: &Limits) -> Result<RevocationData, Box<dyn Error>> {
        let mut data = RevocationData::new();
        for path in self.crl.iter().chain(&self.ocsp) {
            data = data.within(&read(path)?, limits).map_err(|error| named(path, error))?;
        }
        Ok(data)
    }
}

/// All that a call may know.
pub(crate) struct World {
    pub(crate) cx: Context,
    pub(crate) memory: Option<Arc<MemoryFile>>,
}

impl World {
    /// What the policy, the folder and all that was named make of the world.
    pub(crate) fn new(args: &TrustArgs, policy: &Policy) -> Result<Self, Box<dyn Error>> {
        let limits = args.limits()?;
        let pool = args.pool()?;
        let mut cx = Context::new(args.store()?)
            .certificates(pool)
            .revocations(args.revocations(&limits)?)
            .limits(limits)
            .policy(policy);
        for path in &args.keyring {
            cx = with_keyring(cx, path)?;
        }
        if !args.fetch.is_empty() {
            cx = cx.fetcher(
                args.fetch.iter().fold(HttpFetcher::new(), |fetcher, what| fetcher.allow((*what).into())),
            );
        }
        let memory = args.memory.as_ref().map(MemoryFile::open).transpose()?.map(Arc::new);
        if let Some(memory) = &memory {
            cx = cx.memory(Arc::clone(memory));
        }
        Ok(Self { cx, memory })
    }
}

/// `FILE`, or `FILE=SCOPE`; a file may have `=` in its name.
fn add(trust: TrustStore, anchor: &OsString) -> Result<TrustStore, Box<dyn Error>> {
    let whole = Path::new(anchor);
    if !whole.exists()
        && let Some((path, scope)) = anchor.to_str().and_then(split)
    {
        return with_anchor(trust, Path::new(path), scope.parse()?);
    }
    with_anchor(trust, whole, Scope::any())
}

/// At the first `=` before which there is a file, or at the first.
fn split(text: &str) -> Option<(&str, &str)> {
    let cut = |(at, _)| Some((text.get(..at)?, text.get(at..)?.strip_prefix('=')?));
    let mut cuts = text.match_indices('=').filter_map(cut);
    cuts.clone().find(|(path, _)| Path::new(path).exists()).or_else(|| cuts.next())
}

fn with_anchor(trust: TrustStore, path: &Path, scope: Scope) -> Result<TrustStore, Box<dyn Error>> {
    if path.is_dir() {
        return Ok(outside::anchors_from_folder(trust, path, &scope)?);
    }
    Ok(trust.anchors(&read(path)?, scope).map_err(|error| named(path, error))?)
}

#[cfg(feature = "web-of-trust")]
fn with_root(trust: TrustStore, fingerprint: &str, amount: u8) -> Result<TrustStore, Box<dyn Error>> {
    Ok(trust.web_of_trust_root(fingerprint, amount)?)
}

#[cfg(not(feature = "web-of-trust"))]
fn with_root(_: TrustStore, _: &str, _: u8) -> Result<TrustStore, Box<dyn Error>> {
    Err(crate::words::unbuilt("web-of-trust"))
}

#[cfg(feature = "openpgp")]
fn with_owner_trust(mut trust: TrustStore, path: &Path) -> Result<TrustStore, Box<dyn Error>> {
    for (fingerprint, owner) in
        outside::gnupg::owner_trust(&read(path)?).map_err(|error| named(path, error))?
    {
        if let Some(amount) = owner.amount() {
            trust = with_root(trust, &fingerprint, amount)?;
        }
    }
    Ok(trust)
}

#[cfg(not(feature = "openpgp"))]
fn with_owner_trust(_: TrustStore, _: &Path) -> Result<TrustStore, Box<dyn Error>> {
    Err(crate::words::unbuilt("openpgp"))
}

#[cfg(feature = "openpgp")]
fn with_keyring(cx: Context, path: &Path) -> Result<Context, Box<dyn Error>> {
    use mailseal::outside::{CertD, gnupg};
    if !path.is_dir() {
        let found = gnupg::keyring(&read(path)?).map_err(|error| named(path, error))?;
        return Ok(cx.certificates(found.into_iter().collect::<CertificatePool>()));
    }
    if ["pubring.kbx", "pubring.gpg"].iter().any(|name| path.join(name).is_file()) {
        return Ok(cx.certificates(gnupg::Home::open(path)?));
    }
    let known = CertD::open(path)?;
    if let Some(first) = known.unreadable().first() {
        let count = known.unreadable().len();
        let what = first.display();
        let what = said!("not read, {count} in all: {what}", "読めないもの {count} 件: {what}");
        crate::terminal::tell(Some(path), &what);
    }
    Ok(cx.certificates(known))
}

#[cfg(not(feature = "openpgp"))]
fn with_keyring(_: Context, _: &Path) -> Result<Context, Box<dyn Error>> {
    Err(crate::words::unbuilt("openpgp"))
}

/// `NAME=NUMBER`.
fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, number) = text.split_once('=').ok_or("say NAME=NUMBER")?;
    Ok((
        name.to_owned(),
        number.parse().map_err(|_| say("a limit is a whole number", "制限は整数で指定します"))?,
    ))
}

/// `FINGERPRINT`, or `FINGERPRINT=AMOUNT`.
fn root(text: &str) -> Result<(String, u8), String> {
    let (fingerprint, amount) = text.split_once('=').unwrap_or((text, "120"));
    let amount = amount.parse().ok().filter(|amount| (1..=120).contains(amount));
    Ok((fingerprint.to_owned(), amount.ok_or(say("an amount is 1 to 120", "量は 1 から 120 までです"))?))
}
