//! Keys that others made and wrote, in every form they write, are loaded and sign.

use std::fs;

use mailseal::crypto::KeyError;
use mailseal::{Certificate, Composer, Context, Error, Key, Password, TrustStore};

use crate::cells::{Cells, Outcome, Seen, must};
use crate::letters;
use crate::pgp::{self, Folder, user_id};
use crate::sealed::sealed;
use crate::smime::{World, openssl_der};
use crate::support::nss::Nss;
use crate::support::pki::{Leaf, PASSWORD};

const SMIME: &str = "Key files: S/MIME";
const OPENPGP: &str = "Key files: OpenPGP";

/// How `openssl pkcs8 -topk8` locks a key.
const PKCS8: &[(&str, &str)] = &[
    ("AES-256-CBC, HMAC-SHA-256", "-v2 aes-256-cbc"),
    ("AES-128-CBC, HMAC-SHA-1", "-v2 aes-128-cbc -v2prf hmacWithSHA1"),
    ("AES-256-CBC, HMAC-SHA-512", "-v2 aes-256-cbc -v2prf hmacWithSHA512"),
    ("3DES, PBES2", "-v2 des3"),
    ("3DES, PKCS#12", "-v1 PBE-SHA1-3DES"),
    ("AES-256-CBC, scrypt", "-scrypt"),
];

/// How `openssl pkcs12 -export` locks a file.
const PKCS12: &[(&str, &str)] = &[
    ("today's", ""),
    ("-legacy", "-legacy"),
    ("3DES, SHA-1", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1"),
    ("certificates in the clear", "-certpbe NONE"),
    ("SHA-512, many rounds", "-macalg sha512 -iter 20000"),
    ("for signing", "-keysig"),
];

pub fn smime(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    for (name, leaf) in &world.leaves {
        for (how, options) in PKCS12 {
            cells.cell(SMIME, &format!("PKCS#12, {how}"), name, || {
                let folder = Folder::new(&[]);
                let export = world.pki.openssl("pkcs12 -export -certfile intermediate.pem").words(options);
                let export =
                    export.arg("-passout").arg(format!("pass:{PASSWORD}")).arg("-inkey").arg(&leaf.key);
                export.arg("-in").arg(&leaf.certificate).arg("-out").arg(folder.path("p12")).ok();
                locked(world, name, &fs::read(folder.path("p12")).unwrap(), &[])
            });
        }
        for (how, options) in PKCS8 {
            cells.cell(SMIME, &format!("PKCS#8 in PEM, {how}"), name, || {
                let lock = world.pki.openssl("pkcs8 -topk8").words(options).arg("-in").arg(&leaf.key);
                let pem = lock.arg("-passout").arg(format!("pass:{PASSWORD}")).ok();
                locked(world, name, &[pem, fs::read(&leaf.chain).unwrap()].concat(), &[])
            });
        }
        in_the_clear(cells, world, name, leaf);
    }
    by_nss(cells, world);
}

fn in_the_clear(cells: &Cells, world: &World, name: &str, leaf: &Leaf) {
    let (key, chain) = (fs::read(&leaf.key).unwrap(), fs::read(&leaf.chain).unwrap());
    let signs = |octets: &[u8], certificates: &[Certificate]| {
        signs(world, name, &Key::load_with(octets, certificates, Password::none()).map_err(words)?)
    };
    cells.cell(SMIME, "PKCS#8 in PEM, then the chain", name, || signs(&[&key[..], &chain].concat(), &[]));
    cells.cell(SMIME, "the chain, then PKCS#8 in PEM", name, || signs(&[&chain[..], &key].concat(), &[]));
    cells.cell(SMIME, "PKCS#8 in DER, the chain apart", name, || {
        let der = world.pki.openssl("pkcs8 -topk8 -nocrypt -outform DER -in").arg(&leaf.key).ok();
        signs(&der, &Certificate::load(&chain).map_err(words)?)
    });
    if name.starts_with("RSA-") || name.starts_with("P-") {
        let old =
            |more: &str| world.pki.openssl("pkey -traditional").words(more).arg("-in").arg(&leaf.key).ok();
        cells.cell(SMIME, "traditional PEM", name, || signs(&[&old("")[..], &chain].concat(), &[]));
        cells.cell(SMIME, "traditional PEM, locked by MD5: refused", name, || {
            let locked = [&old("-aes128 -passout pass:secret")[..], &chain].concat();
            match Key::load(&locked, Password::from(PASSWORD)) {
                Err(Error::Key(KeyError::Unsupported(_))) => Ok(Seen::Accepted),
                other => Err(format!("{other:?}")),
            }
        });
    }
}

/// What `pk12util` writes.
fn by_nss(cells: &Cells, world: &World) {
    for name in ["RSA-2048", "P-256", "P-384"] {
        let Some(nss) = Nss::new(&world.pki) else { return cells.missing("the tools of NSS") };
        let Some(pk12util) = crate::support::tool("pk12util") else { return };
        cells.cell(SMIME, "PKCS#12, by NSS", name, || {
            let leaf = world.leaf(name);
            nss.import(leaf);
            let file = nss.folder().join("out.p12");
            let export =
                crate::support::Program::new(&pk12util).arg("-o").arg(&file).arg("-n").arg(&leaf.address);
            let export = export.arg("-d").arg(format!("sql:{}", nss.folder().display())).arg("-K").arg("");
            export.arg("-W").arg(PASSWORD).ok();
            locked(world, name, &fs::read(file).unwrap(), &[])
        });
    }
}

/// The right password opens it, a wrong one and none do not; then it signs.
fn locked(world: &World, name: &str, octets: &[u8], certificates: &[Certificate]) -> Outcome {
    for password in [Password::from("wrong"), Password::none()] {
        let refused = Key::load_with(octets, certificates, password);
        let wrong = matches!(refused, Err(Error::Key(KeyError::WrongPassword)));
        must(wrong, || format!("without the password: {refused:?}"))?;
    }
    signs(world, name, &Key::load_with(octets, certificates, Password::from(PASSWORD)).map_err(words)?)
}

/// openssl accepts what it signs, chain and all; where openssl does not know the algorithm, mailseal does.
fn signs(world: &World, name: &str, key: &Key) -> Outcome {
    let sealed = sealed(key, &letters::plain(), false, &world.anchors);
    if name != "Ed25519" {
        openssl_der(world, "cms", &sealed)?;
        must(openssl_der(world, "cms", &sealed.altered()).is_err(), || "altered is accepted".into())?;
    }
    letters::good_then_bad(&world.anchors, &sealed.mail, &sealed.altered().mail)?;
    Ok(Seen::Accepted)
}

fn words(error: Error) -> String {
    error.to_string()
}

pub fn openpgp(cells: &Cells) {
    let Some(world) = pgp::World::get(cells) else { return };
    for maker in &world.keys {
        let column = format!("{}, by {}", maker.algorithm, maker.maker);
        cells.cell(OPENPGP, "armored", &column, || accepted(world, &maker.secret, "", &maker.certificate));
        cells.cell(OPENPGP, "binary", &column, || {
            let binary = world.gpg.words("--output - --status-fd 2 --dearmor").input(&maker.secret).ok();
            accepted(world, &binary, "", &maker.certificate)
        });
    }
    for (name, column) in
        [("rsa2048", "RSA-2048, by gpg"), ("nistp256", "P-256, by gpg"), ("ed25519", "Ed25519, by gpg")]
    {
        by_gpg(cells, world, name, column);
    }
    if let Some(rnp) = &world.rnp {
        for (menu, column) in
            [("1\n2048\n", "RSA-2048, by rnp"), ("19\n1\n", "P-256, by rnp"), ("22\n", "Ed25519, by rnp")]
        {
            cells.cell(OPENPGP, "locked", column, || {
                let (_, secret, certificate) = rnp.make_locked_key(menu, PASSWORD);
                accepted(world, &secret, PASSWORD, &certificate)
            });
        }
    }
}

/// Locked, with a subkey that signs, and with nothing but that subkey.
fn by_gpg(cells: &Cells, world: &pgp::World, name: &str, column: &str) {
    let gpg = |words: &str| world.gpg.words("--passphrase").arg(PASSWORD).words(words);
    let export =
        |command: &str, of: &str| gpg("--armor --output - --status-fd 2").words(command).arg(of).ok();
    let make = |usage: &str| {
        let made = gpg("--quick-generate-key").arg(user_id()).words(name).words(usage).words("never").run();
        let text = made.text();
        made.ok();
        let line = text.lines().find(|line| line.contains("KEY_CREATED")).expect("a key").to_owned();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    cells.cell(OPENPGP, "locked", column, || {
        let key = make("cert,sign");
        accepted(world, &export("--export-secret-keys", &key), PASSWORD, &export("--export", &key))
    });
    if name.starts_with("nistp") {
        return; // gpg 2.2 adds no ECDSA subkeys without being asked questions
    }
    cells.cell(OPENPGP, "locked, a subkey signs", column, || {
        let key = make("cert");
        gpg("--quick-add-key").words(&key).words(name).words("sign never").ok();
        accepted(world, &export("--export-secret-keys", &key), PASSWORD, &export("--export", &key))
    });
    cells.cell(OPENPGP, "locked, the primary key elsewhere", column, || {
        let key = make("cert");
        gpg("--quick-add-key").words(&key).words(name).words("sign never").ok();
        accepted(world, &export("--export-secret-subkeys", &key), PASSWORD, &export("--export", &key))
    });
}

/// It opens with its password only, and gpg accepts what it signs.
fn accepted(world: &pgp::World, secret: &[u8], password: &str, certificate: &[u8]) -> Outcome {
    if !password.is_empty() {
        // It is unlocked when it first signs.
        let locked = Key::load(secret, Password::from("wrong")).map_err(words)?;
        let context = Context::new(TrustStore::new());
        let draft = letters::plain().draft();
        let at = std::time::SystemTime::now();
        let refused = Composer::new(&context).sign(&locked).compose(draft.as_slice(), at, &mut Vec::new());
        let wrong = matches!(refused, Err(Error::Key(KeyError::WrongPassword)));
        must(wrong, || format!("without the password: {refused:?}"))?;
    }
    let key = Key::load(secret, Password::from(password)).map_err(words)?;
    let sealed = sealed(&key, &letters::plain(), false, certificate);
    let gpg = |sealed: &letters::Sealed| {
        (pgp::PEERS[0].verify)(world, certificate, &sealed.signature, &sealed.content)
    };
    gpg(&sealed)?;
    must(gpg(&sealed.altered()).is_err(), || "altered is accepted".into())?;
    letters::good_then_bad(certificate, &sealed.mail, &sealed.altered().mail)?;
    Ok(Seen::Accepted)
}
