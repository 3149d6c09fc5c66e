//! Certificates for mail, made by openssl: a root, an intermediate, and whatever leaf a test asks for.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Program, tool};

/// The password of every PKCS#12 file made here.
pub const PASSWORD: &str = "secret";

/// From when until when certificates count, except those that have expired.
pub const NOT_BEFORE: &str = "20240101000000Z";
pub const NOT_AFTER: &str = "20400101000000Z";
/// The end of an expired one.
pub const EXPIRED: &str = "20250101000000Z";

#[derive(Debug, Clone, Copy)]
pub enum KeyType {
    Rsa(u32),
    /// id-RSASSA-PSS (RFC 4055 §3.1): a key for PSS only.
    RsaPss(u32),
    P256,
    P384,
    P521,
    Ed25519,
}

/// Of the next leaf: tests that share a folder ask for them at the same time.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// What is special about a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Profile {
    /// Valid, mailbox-validated, for signing.
    Mailbox,
    /// Valid, organization-validated: the subject is Example Bank, Ltd.
    Organization,
    /// Ended on [`EXPIRED`].
    Expired,
    /// For TLS clients, not for mail.
    WithoutEmailProtection,
}

/// A root and an intermediate, with a folder for all files.
#[derive(Debug)]
pub struct Pki {
    folder: tempfile::TempDir,
    openssl: PathBuf,
    /// `openssl ca` has one index and one file of extensions.
    one_at_a_time: Mutex<()>,
}

/// The files of one end entity.
#[derive(Debug, Clone)]
pub struct Leaf {
    pub address: String,
    /// PKCS#8, PEM.
    pub key: PathBuf,
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// The certificate and the intermediate, PEM.
    pub chain: PathBuf,
    /// Key, certificate and intermediate, as openssl writes it today: AES-256-CBC, SHA-256.
    pub pkcs12: PathBuf,
    /// The same for old readers: 3DES, SHA-1.
    pub pkcs12_old: PathBuf,
}

impl Pki {
    /// None, and one line of output, if openssl is not there.
    pub fn new() -> Option<Self> {
        let (folder, one_at_a_time) = (tempfile::tempdir().unwrap(), Mutex::default());
        let pki = Self { openssl: tool("openssl")?, folder, one_at_a_time };
        fs::write(pki.path("index.txt"), "").unwrap();
        fs::write(pki.path("ca.cnf"), CONFIGURATION).unwrap();
        pki.request("root", KeyType::P256, "/O=Example/CN=Example Root CA");
        pki.certify(
            "root",
            "root",
            NOT_AFTER,
            "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
        );
        pki.request("intermediate", KeyType::P256, "/O=Example/CN=Example Mail CA");
        pki.certify("intermediate", "root", NOT_AFTER, INTERMEDIATE);
        Some(pki)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The anchor, PEM.
    pub fn root(&self) -> PathBuf {
        self.path("root.pem")
    }

    pub fn intermediate(&self) -> PathBuf {
        self.path("intermediate.pem")
    }

    /// A mailbox-validated certificate.
    pub fn leaf(&self, address: &str, key: KeyType) -> Leaf {
        self.leaf_with(address, key, Profile::Mailbox)
    }

    pub fn leaf_with(&self, address: &str, key: KeyType, profile: Profile) -> Leaf {
        let name = format!("leaf{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let subject = match profile {
            Profile::Organization => "/C=JP/L=Tokyo/O=Example Bank, Ltd./CN=Example Bank".to_owned(),
            _ => format!("/CN={}", address.replace('/', " ")),
        };
        self.request(&name, key, &subject);
        let end = if profile == Profile::Expired { EXPIRED } else { NOT_AFTER };
        self.certify(&name, "intermediate", end, &leaf_extensions(address, key, profile));
        self.bundle(&name, address)
    }

    /// Certificate and key of a TLS server, certified by the root until then. PEM.
    pub fn server(&self, host: &str, end: &str) -> (PathBuf, PathBuf) {
        let name = format!("server{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.request(&name, KeyType::P256, &format!("/CN={host}"));
        let extensions = format!(
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n\
             subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nsubjectAltName=DNS:{host}\n"
        );
        self.certify(&name, "root", end, &extensions);
        (self.path(&format!("{name}.pem")), self.path(&format!("{name}.key")))
    }

    /// Runs `openssl WORDS` in the folder of the files.
    pub fn openssl(&self, words: &str) -> Program {
        Program::new(&self.openssl).folder(self.folder()).words(words)
    }

    /// Another openssl than the system's, in the same folder.
    pub fn other_openssl(&self, program: &Path, words: &str) -> Program {
        Program::new(program).folder(self.folder()).words(words)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn request(&self, name: &str, key: KeyType, subject: &str) {
        let algorithm = match key {
            KeyType::Rsa(bits) => format!("RSA -pkeyopt rsa_keygen_bits:{bits}"),
            KeyType::RsaPss(bits) => format!("RSA-PSS -pkeyopt rsa_keygen_bits:{bits}"),
            KeyType::P256 => "EC -pkeyopt ec_paramgen_curve:P-256".into(),
            KeyType::P384 => "EC -pkeyopt ec_paramgen_curve:P-384".into(),
            KeyType::P521 => "EC -pkeyopt ec_paramgen_curve:P-521".into(),
            KeyType::Ed25519 => "ED25519".into(),
        };
        self.openssl(&format!("genpkey -algorithm {algorithm} -out {name}.key")).ok();
        let request = format!("req -new -utf8 -config ca.cnf -key {name}.key -out {name}.csr -subj");
        self.openssl(&request).arg(subject).ok();
    }

    fn certify(&self, name: &str, issuer: &str, end: &str, extensions: &str) {
        let _held = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        fs::write(self.path("extensions.cnf"), extensions).unwrap();
        let signed_by = if name == issuer { "-selfsign".into() } else { format!("-cert {issuer}.pem") };
        self.openssl(&format!(
            "ca -batch -config ca.cnf -notext -utf8 -preserveDN {signed_by} -keyfile {issuer}.key \
             -startdate {NOT_BEFORE} -enddate {end} -extfile extensions.cnf -in {name}.csr -out {name}.pem"
        ))
        .ok();
    }

    fn bundle(&self, name: &str, address: &str) -> Leaf {
        let read = |name: &str| fs::read_to_string(self.path(&format!("{name}.pem"))).unwrap();
        fs::write(self.path(&format!("{name}.chain.pem")), read(name) + &read("intermediate")).unwrap();
        let leaf = Leaf {
            address: address.to_owned(),
            key: self.path(&format!("{name}.key")),
            certificate: self.path(&format!("{name}.pem")),
            chain: self.path(&format!("{name}.chain.pem")),
            pkcs12: self.path(&format!("{name}.p12")),
            pkcs12_old: self.path(&format!("{name}.old.p12")),
        };
        self.export(&leaf).arg("-out").arg(&leaf.pkcs12).ok();
        self.write_old_pkcs12(&leaf);
        leaf
    }

    /// Writes it anew, with another salt.
    pub fn write_old_pkcs12(&self, leaf: &Leaf) {
        let old = "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1";
        self.export(leaf).words(old).arg("-out").arg(&leaf.pkcs12_old).ok();
    }

    fn export(&self, leaf: &Leaf) -> Program {
        let words = format!("pkcs12 -export -certfile intermediate.pem -passout pass:{PASSWORD}");
        let export = self.openssl(&words).arg("-name").arg(&leaf.address);
        export.arg("-inkey").arg(&leaf.key).arg("-in").arg(&leaf.certificate)
    }
}

/// The policies are those of the CA/Browser Forum's S/MIME Baseline Requirements, strict generation (§7.1.6.1).
fn leaf_extensions(address: &str, key: KeyType, profile: Profile) -> String {
    // Dual use, as most certificates for mail are; NSS signs with no other.
    let usage = match key {
        KeyType::Rsa(_) => "digitalSignature,keyEncipherment",
        KeyType::P256 | KeyType::P384 | KeyType::P521 => "digitalSignature,keyAgreement",
        KeyType::RsaPss(_) | KeyType::Ed25519 => "digitalSignature",
    };
    let purpose = match profile {
        Profile::WithoutEmailProtection => "clientAuth",
        _ => "emailProtection",
    };
    let policy = match profile {
        Profile::Organization => "2.23.140.1.5.2.3",
        _ => "2.23.140.1.5.1.3",
    };
    let name = match address.is_ascii() {
        true => format!("email:{address}"),
        false => format!("otherName:1.3.6.1.5.5.7.8.9;UTF8:{address}"), // SmtpUTF8Mailbox, RFC 9598 §3
    };
    format!(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,{usage}\nextendedKeyUsage={purpose}\n\
         certificatePolicies={policy}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n\
         subjectAltName={name}\n"
    )
}

const INTERMEDIATE: &str = "basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
extendedKeyUsage=emailProtection,clientAuth
certificatePolicies=2.5.29.32.0
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
";

const CONFIGURATION: &str = "[ca]
default_ca = ca
[ca]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = default
policy = any
unique_subject = no
[any]
countryName = optional
localityName = optional
organizationName = optional
commonName = optional
[req]
distinguished_name = name
string_mask = utf8only
[name]
";
