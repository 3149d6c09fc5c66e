//! Every private key in the corpora that the library loads, and the same for openssl and gpg.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mailseal::{Certificate, Key, Password};

use crate::letters::files;
use crate::support;

/// PKCS#12: the folder or file, the password. Stated beside them by those who published them.
const PKCS12: &[(&str, &str)] = &[
    ("thunderbird-smime/mailnews/test/data/smime", "nss"),
    ("thunderbird-smime/mailnews/test/data/smime-interop", "nss"),
    ("thunderbird-smime/mail/test/browser/smime/data", "nss"),
    ("autocrypt-protected-headers/bob.p12", "bob"),
    ("nss-smime/tests/smime/interop-openssl", "nss"),
    ("mimekit/TestData/smime", "no.secret"),
    ("gmime/smime", "no.secret"),
    ("rfc9216/4.5-pkcs-12-object-for-alice.pkcs12.pem", "alice"),
    ("rfc9216/5.5-pkcs-12-object-for-bob.pkcs12.pem", "bob"),
    ("rfc9216/7.5-pkcs-12-object-for-carlos.pkcs12.pem", "carlos"),
    ("rfc9216/8.5-pkcs-12-object-for-dana.pkcs12.pem", "dana"),
];

/// Key and certificate, in one file or two.
const PEM: &[(&str, &str)] = &[
    ("openssl/test/smime-certs/smrsa1.pem", "openssl/test/smime-certs/smrsa1.pem"),
    ("openssl/test/smime-certs/smrsa2.pem", "openssl/test/smime-certs/smrsa2.pem"),
    ("openssl/test/smime-certs/smrsa3-key.pem", "openssl/test/smime-certs/smrsa3-cert.pem"),
    ("openssl/test/smime-certs/smec1.pem", "openssl/test/smime-certs/smec1.pem"),
    ("openssl/test/smime-certs/smec2.pem", "openssl/test/smime-certs/smec2.pem"),
    ("openssl/test/smime-certs/smec3.pem", "openssl/test/smime-certs/smec3.pem"),
    (
        "openssl/test/recipes/80-test_cms_data/ecdh-key.pem",
        "openssl/test/recipes/80-test_cms_data/ecdh-cert.pem",
    ),
    ("bc-test-data/rfc4134/BobPrivRSAEncrypt.pri", "bc-test-data/rfc4134/BobRSASignByCarl.cer"),
    ("bc-test-data/rfc4134/DianePrivRSASignEncrypt.pri", "bc-test-data/rfc4134/DianeRSASignByCarl.cer"),
];

/// Where OpenPGP secret keys are, and passwords of those that are locked.
const OPENPGP: &[&str] = &[
    "autocrypt-protected-headers",
    "gmime",
    "gnupg-openpgp/tests/openpgp",
    "gopenpgp",
    "kde-mimetreeparser/gnupg_home/secring.gpg",
    "mimekit/TestData/openpgp",
    "openpgp-pqc-draft",
    "rnp/data",
    "sequoia-openpgp",
    "thunderbird-openpgp",
];
/// Of locked keys and of messages, by where they are. Stated beside them, or in the tests of those who published them.
const PASSWORDS: &[(&str, &str)] = &[
    ("gmime", "no.secret"),
    ("gnupg-openpgp/tests/openpgp/samplekeys/ecc-sample", "ecc"),
    ("gnupg-openpgp/tests/openpgp/samplekeys/e2e-p256", "a"),
    ("gnupg-openpgp", "abc"),
    ("gopenpgp/crypto/testdata/issue11", "1234"),
    ("gopenpgp/crypto", "apple"),
    ("gopenpgp/mime/testdata/mime/", "test_passphrase"),
    ("gopenpgp/mime/testdata", "test"),
    ("mimekit", "no.secret"),
    ("rnp/data/keyrings/1", "password"),
    ("thunderbird-openpgp/mail/test/browser/openpgp/data/keys/alice", "alice-passphrase"),
    ("thunderbird-openpgp/mail/test/browser/openpgp/data/keys/bob", "bob-passphrase"),
    ("rnp", "password"),
    ("sequoia-openpgp/messages/s2k", "password"),
    ("sequoia-openpgp/crypto-refresh", "password"),
];

pub(crate) fn password_of(name: &str) -> &'static str {
    PASSWORDS.iter().find(|(place, _)| name.starts_with(place)).map_or("", |(_, password)| password)
}

/// Keys with the files that they were in.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) all: Vec<(String, Key)>,
    /// Those that the library does not load, and its words.
    pub(crate) refused: Vec<(String, String)>,
}

impl Keys {
    /// All of them, once.
    pub(crate) fn get() -> Option<&'static Self> {
        static KEYS: OnceLock<Option<Keys>> = OnceLock::new();
        KEYS.get_or_init(|| {
            let folder = support::corpora()?;
            let mut keys = Self::default();
            for (place, password) in PKCS12 {
                for file in below(&folder.join(place)) {
                    let name = file.to_string_lossy();
                    if [".p12", ".pfx", ".pkcs12.pem"].iter().any(|end| name.ends_with(end)) {
                        let loaded = Key::load(&pkcs12(&file), Password::from(*password));
                        keys.add(&folder, &file, loaded);
                    }
                }
            }
            for (key, certificate) in PEM {
                let certificates = fs::read(folder.join(certificate)).unwrap();
                let certificates = Certificate::load(&certificates).unwrap();
                let file = folder.join(key);
                let loaded = Key::load_with(&fs::read(&file).unwrap(), &certificates, Password::none());
                keys.add(&folder, &file, loaded);
            }
            for (file, octets) in secret_keys(&folder) {
                let name = file.strip_prefix(&folder).unwrap().display().to_string();
                let loaded = Key::load(&octets, Password::from(password_of(&name)));
                keys.add(&folder, &file, loaded);
            }
            Some(keys)
        })
        .as_ref()
    }

    fn add(&mut self, folder: &Path, file: &Path, loaded: Result<Key, mailseal::Error>) {
        let name = file.strip_prefix(folder).unwrap().display().to_string();
        match loaded {
            Ok(key) => self.all.push((name, key)),
            Err(error) => self.refused.push((name, error.to_string())),
        }
    }

    /// Those whose files have this in their names.
    pub(crate) fn of(&self, name: &str) -> Vec<Key> {
        let of = self.all.iter().filter(|(file, _)| file.contains(name));
        let of: Vec<Key> = of.map(|(_, key)| key.clone()).collect();
        assert!(!of.is_empty(), "no key of {name}: {:#?}", self.refused);
        of
    }
}

fn below(place: &Path) -> Vec<PathBuf> {
    if place.is_dir() { files(place) } else { vec![place.to_owned()] }
}

/// Without the armor of RFC 9216.
pub(crate) fn pkcs12(file: &Path) -> Vec<u8> {
    let octets = fs::read(file).unwrap();
    if !octets.starts_with(b"-----BEGIN") {
        return octets;
    }
    let text = String::from_utf8_lossy(&octets).into_owned();
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    crate::splitter::decode(body.as_bytes(), "base64")
}

/// Secret keys, armored or binary, each alone.
pub(crate) fn secret_keys(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    const ARMOR: &[u8] = b"-----BEGIN PGP PRIVATE KEY BLOCK-----";
    let mut found = Vec::new();
    for place in OPENPGP {
        for file in below(&folder.join(place)) {
            let octets = fs::read(&file).unwrap();
            let armored = octets.windows(ARMOR.len()).take(4000).any(|text| text == ARMOR);
            let keys = if armored { dearmored(&octets) } else { octets };
            if keys.first().is_some_and(|first| starts_secret_key(*first)) {
                found.extend(alone(&keys).into_iter().map(|key| (file.clone(), key)));
            }
        }
    }
    found
}

fn dearmored(octets: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(octets).replace('\r', "");
    let block = text.split("-----BEGIN PGP PRIVATE KEY BLOCK-----").nth(1).unwrap_or_default();
    let body = block.split_once("\n\n").map_or("", |(_, body)| body);
    let lines = body.lines().take_while(|line| !line.starts_with(['=', '-']));
    crate::splitter::decode(lines.collect::<String>().as_bytes(), "base64")
}

/// A secret key packet (tag 5) in both formats of RFC 9580 §4.2.
fn starts_secret_key(first: u8) -> bool {
    matches!(first, 0x94..=0x96 | 0xc5)
}

/// Key rings cut before each secret key; what is cut off by the end of the file stays as it is.
fn alone(octets: &[u8]) -> Vec<Vec<u8>> {
    let (mut keys, mut place): (Vec<Vec<u8>>, usize) = (Vec::new(), 0);
    while let Some(length) = packet_length(&octets[place..]) {
        let end = (place + length).min(octets.len());
        if keys.is_empty() || starts_secret_key(octets[place]) {
            keys.push(Vec::new());
        }
        keys.last_mut().unwrap().extend_from_slice(&octets[place..end]);
        place = end;
    }
    keys
}

fn packet_length(octets: &[u8]) -> Option<usize> {
    let number = |octets: &[u8]| octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
    let first = *octets.first()?;
    let (head, length) = match (first & 0x40 != 0, first & 3) {
        (false, size @ 0..=2) => {
            let size = 1 << size;
            (1 + size, number(octets.get(1..1 + size)?))
        }
        (false, _) => (1, octets.len() - 1),
        (true, _) => match *octets.get(1)? {
            short @ 0..192 => (2, usize::from(short)),
            long @ 192..224 => (3, ((usize::from(long) - 192) << 8) + usize::from(*octets.get(2)?) + 192),
            255 => (6, number(octets.get(2..6)?)),
            _ => (1, octets.len() - 1),
        },
    };
    Some(head + length)
}

/// The keys of S/MIME in PEM, each with its certificate, written into a folder.
pub(crate) fn openssl_keys(openssl: &Path, corpora: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut keys = Vec::new();
    for (place, password) in PKCS12 {
        for file in below(&corpora.join(place)) {
            let source = folder.join("source");
            fs::write(&source, pkcs12(&file)).unwrap();
            let run = support::Program::new(openssl).words("pkcs12 -legacy -nodes -clcerts -passin");
            let ran = run.arg(format!("pass:{password}")).arg("-in").arg(source).run();
            if ran.succeeded {
                keys.push(ran.stdout);
            }
        }
    }
    for (key, certificate) in PEM {
        let as_pem = |command: &str, file: &str| {
            support::Program::new(openssl).words(command).arg("-in").arg(corpora.join(file)).ok()
        };
        keys.push([as_pem("pkey", key), as_pem("x509", certificate)].concat());
    }
    let write = |(index, pem): (usize, Vec<u8>)| {
        let file = folder.join(format!("key{index}.pem"));
        fs::write(&file, pem).unwrap();
        file
    };
    keys.into_iter().enumerate().map(write).collect()
}
