//! S/MIME: certificates of every type of key, and the programs that say whether a signature holds.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

use mailseal::crypto::SignatureScheme;
use mailseal::{Key, Password};

use crate::cells::{Cells, Outcome, Seen};
use crate::letters::{ALICE, Sealed, find, lf};
use crate::support::gnupg::Gpgsm;
use crate::support::nss::Nss;
use crate::support::pki::{KeyType, Leaf, PASSWORD, Pki};
use crate::support::{Ran, tool};

/// Types of keys, each with its name in the tables.
pub const KEYS: &[(&str, KeyType)] = &[
    ("RSA-2048", KeyType::Rsa(2048)),
    ("RSA-3072", KeyType::Rsa(3072)),
    ("RSA-4096", KeyType::Rsa(4096)),
    ("RSASSA-PSS key", KeyType::RsaPss(2048)),
    ("P-256", KeyType::P256),
    ("P-384", KeyType::P384),
    ("P-521", KeyType::P521),
    ("Ed25519", KeyType::Ed25519),
];

/// The certificates, made once.
pub struct World {
    pub pki: Pki,
    pub anchors: Vec<u8>,
    pub leaves: Vec<(&'static str, Leaf)>,
    /// gpgsm has one agent, and NSS one database: one cell at a time.
    gpgsm: OnceLock<Option<Mutex<Gpgsm>>>,
    nss: OnceLock<Option<Mutex<Nss>>>,
}

impl World {
    /// None, and one line of output, if openssl is not there.
    pub fn get(cells: &Cells) -> Option<&'static Self> {
        static WORLD: OnceLock<Option<World>> = OnceLock::new();
        let world = WORLD.get_or_init(|| {
            let pki = Pki::new()?;
            let leaves = KEYS.iter().map(|(name, key)| (*name, pki.leaf(ALICE, *key))).collect();
            let anchors = fs::read(pki.root()).unwrap();
            Some(Self { pki, anchors, leaves, gpgsm: OnceLock::new(), nss: OnceLock::new() })
        });
        if world.is_none() {
            cells.missing("openssl");
        }
        world.as_ref()
    }

    pub fn leaf(&self, name: &str) -> &Leaf {
        &self.leaves.iter().find(|(own, _)| *own == name).expect("a leaf").1
    }

    /// gpgsm to verify with.
    pub fn gpgsm(&self, cells: &Cells) -> Option<&Mutex<Gpgsm>> {
        let made = self.gpgsm.get_or_init(|| Gpgsm::new(&self.pki).map(Mutex::new));
        if made.is_none() {
            cells.missing("gpgsm");
        }
        made.as_ref()
    }

    /// NSS to verify with.
    pub fn nss(&self, cells: &Cells) -> Option<&Mutex<Nss>> {
        let made = self.nss.get_or_init(|| Nss::new(&self.pki).map(Mutex::new));
        if made.is_none() {
            cells.missing("the tools of NSS");
        }
        made.as_ref()
    }
}

pub fn load(leaf: &Leaf) -> Key {
    Key::load(&fs::read(&leaf.pkcs12).unwrap(), Password::from(PASSWORD)).unwrap()
}

/// Every way to sign that a user can ask for.
pub fn ways(world: &World) -> Vec<(String, Key)> {
    let mut ways: Vec<(String, Key)> =
        world.leaves.iter().map(|(name, leaf)| ((*name).to_owned(), load(leaf))).collect();
    let schemes = [
        SignatureScheme::RsaPkcs1Sha384,
        SignatureScheme::RsaPkcs1Sha512,
        SignatureScheme::RsaPssSha256,
        SignatureScheme::RsaPssSha384,
        SignatureScheme::RsaPssSha512,
    ];
    for scheme in schemes {
        let key = load(world.leaf("RSA-2048")).scheme(scheme).unwrap();
        ways.push((format!("RSA-2048 {}", scheme.to_string().trim_start_matches("rsa-")), key));
    }
    ways
}

/// A program that judges a signed letter.
pub struct Peer {
    pub name: &'static str,
    pub at_hand: fn(&World, &Cells) -> bool,
    /// Accepted, or its words.
    pub verify: fn(&World, &Cells, &Sealed) -> Result<(), String>,
    /// Opaque letters as well as detached ones.
    pub opaque: bool,
}

/// For each way that openssl can be asked, and the others.
pub const PEERS: &[Peer] = &[
    openssl("openssl cms", |world, _, sealed| openssl_mail(world, "cms", &sealed.mail), true),
    openssl(
        "openssl cms, LF on disk",
        |world, _, sealed| openssl_mail(world, "cms", &lf(&sealed.mail)),
        true,
    ),
    openssl(
        "openssl cms -binary -crlfeol",
        |world, _, sealed| openssl_mail(world, "cms -binary -crlfeol", &sealed.mail),
        false,
    ),
    openssl("openssl cms, DER and content", |world, _, sealed| openssl_der(world, "cms", sealed), true),
    openssl("openssl smime", |world, _, sealed| openssl_mail(world, "smime", &sealed.mail), true),
    openssl("openssl smime, DER and content", |world, _, sealed| openssl_der(world, "smime", sealed), true),
    Peer {
        name: "gpgsm",
        at_hand: |world, cells| world.gpgsm(cells).is_some(),
        verify: by_gpgsm,
        opaque: true,
    },
    Peer {
        name: "NSS cmsutil",
        at_hand: |world, cells| world.nss(cells).is_some(),
        verify: by_nss,
        opaque: true,
    },
];

const fn openssl(
    name: &'static str,
    verify: fn(&World, &Cells, &Sealed) -> Result<(), String>,
    opaque: bool,
) -> Peer {
    Peer { name, at_hand: |_, _| true, verify, opaque }
}

/// What a program says where it does not know the algorithm; any other refusal is a failure.
fn not_known(peer: &str, way: &str, words: &str) -> bool {
    let complaints: &[&str] = match (peer.split([' ', ',']).next(), way) {
        (Some("openssl"), "Ed25519") => &["invalid digest", "not supported for this keytype"],
        // PKCS #7 (RFC 2315) as openssl has it knows no PSS.
        (Some("openssl"), way) if peer.contains("smime") && way.contains("pss") => &["invalid padding"],
        (Some("gpgsm"), "Ed25519" | "P-521") => &["DSA requires the hash length to be a multiple of 8 bits"],
        (Some("NSS"), "Ed25519") => &["status=ProcessingError"],
        // It takes PSS by ordinary RSA keys only; of these keys it also refuses what openssl signs.
        (Some("NSS"), "RSASSA-PSS key") => &["status=BadSignature"],
        _ => &[],
    };
    complaints.iter().any(|complaint| words.contains(complaint))
}

/// The whole cell: the letter accepted, the altered one refused.
pub fn accepted_then_refused(
    peer: &Peer,
    way: &str,
    verify: impl Fn(&Sealed) -> Result<(), String>,
    sealed: &Sealed,
) -> Outcome {
    match verify(sealed) {
        Err(words) if not_known(peer.name, way, &words) => return Ok(Seen::NotKnown(words)),
        Err(words) => return Err(format!("refused: {words}")),
        Ok(()) => {}
    }
    match verify(&sealed.altered()) {
        Ok(()) => Err("the altered letter is accepted".into()),
        Err(_) => Ok(Seen::Accepted),
    }
}

const CHECKS: &str = "-verify -purpose smimesign -CAfile root.pem";

fn openssl_mail(world: &World, command: &str, mail: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mail");
    fs::write(&file, mail).unwrap();
    let (command, more) = command.split_once(' ').unwrap_or((command, ""));
    let run = world.pki.openssl(command).words(CHECKS).words(more).arg("-in").arg(file);
    words(run.run())
}

/// The very octets: what is signed here is what is verified there.
pub fn openssl_der(world: &World, command: &str, sealed: &Sealed) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let (der, content) = (folder.path().join("der"), folder.path().join("content"));
    fs::write(&der, &sealed.signature).unwrap();
    fs::write(&content, &sealed.content).unwrap();
    let mut run = world.pki.openssl(command).words(CHECKS).words("-binary -inform DER -in").arg(der);
    if find(&sealed.signature, &sealed.content).is_none() {
        run = run.arg("-content").arg(content);
    }
    let ran = run.run();
    if ran.succeeded && ran.stdout != sealed.content {
        return Err("the content comes out changed".into());
    }
    words(ran)
}

fn by_gpgsm(world: &World, cells: &Cells, sealed: &Sealed) -> Result<(), String> {
    let gpgsm = world.gpgsm(cells).unwrap().lock().unwrap();
    let ran = match find(&sealed.signature, &sealed.content) {
        None => gpgsm.verify(&sealed.signature, &sealed.content),
        Some(_) => gpgsm.words("--verify").input(&sealed.signature).run(),
    };
    let text = ran.text();
    let good = ran.succeeded && text.contains("GOODSIG") && text.contains("TRUST_FULLY");
    if good { Ok(()) } else { Err(text + &ran.stderr) }
}

fn by_nss(world: &World, cells: &Cells, sealed: &Sealed) -> Result<(), String> {
    let nss = world.nss(cells).unwrap().lock().unwrap();
    let ran = match find(&sealed.signature, &sealed.content) {
        None => nss.verify(&sealed.signature, &sealed.content),
        Some(_) => {
            let file = nss.folder().join("opaque.der");
            fs::write(&file, &sealed.signature).unwrap();
            nss.cmsutil("-D -h 0 -u 4 -i").arg(file).run()
        }
    };
    let good = ran.text().contains("GoodSignature");
    if good { Ok(()) } else { Err(ran.text() + &ran.stderr) }
}

fn words(ran: Ran) -> Result<(), String> {
    if ran.succeeded { Ok(()) } else { Err(ran.stderr) }
}

/// Where openssl can do no more than the arithmetic: the signed attributes (RFC 5652 §5.4) and the signature cut out of
/// the message, `openssl pkeyutl` over them, and the digest of the content by `openssl dgst` (RFC 8419 §2.3: SHA-512).
pub fn by_hand(world: &World, leaf: &Leaf, sealed: &Sealed) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let signed_data = inside(inside(&sealed.signature, 1), 0);
    let signer_info = inside(last(signed_data), 0);
    let attributes = inside(signer_info, 3);
    fs::write(path("attributes"), [&[0x31], &attributes[1..]].concat()).unwrap();
    fs::write(path("signature"), contents(inside(signer_info, 5))).unwrap();
    fs::write(path("content"), &sealed.content).unwrap();
    let digest = world.pki.openssl("dgst -sha512 -binary").arg(path("content")).ok();
    let fits = find(attributes, &[&[0x04, 0x40], &digest[..]].concat()).is_some();
    let verify = world.pki.openssl("pkeyutl -verify -rawin -certin -inkey").arg(&leaf.certificate);
    let ran = verify.arg("-sigfile").arg(path("signature")).arg("-in").arg(path("attributes")).run();
    match fits {
        true => words(ran),
        false => Err("the digest of the content is another".into()),
    }
}

/// The contents of the element at this place among the elements of a constructed one.
fn inside(der: &[u8], place: usize) -> &[u8] {
    element(contents(der), place)
}

fn element(contents: &[u8], place: usize) -> &[u8] {
    elements(contents).nth(place).expect("an element")
}

fn last(constructed: &[u8]) -> &[u8] {
    elements(contents(constructed)).last().expect("an element")
}

fn elements(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (head, length) = measure(rest)?;
        let (element, after) = rest.split_at(head + length);
        rest = after;
        Some(element)
    })
}

fn contents(element: &[u8]) -> &[u8] {
    let (head, length) = measure(element).expect("an element");
    &element[head..head + length]
}

/// Octets of identifier and length, and the length: DER (X.690 §8.1.3) with tags of one octet.
fn measure(der: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*der.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let more = first - 0x80;
    let length = der[2..2 + more].iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    Some((2 + more, length))
}

/// Python, where it is needed.
pub fn python(cells: &Cells) -> Option<PathBuf> {
    let found = tool("python3");
    if found.is_none() {
        cells.missing("python3");
    }
    found
}
