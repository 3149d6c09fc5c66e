//! What others sign, mailseal finds good, and bad when altered.

use std::fs;

use mailseal::Outcome;

use crate::cells::{Cells, Outcome as Cell, Seen, must};
use crate::letters::{self, ALICE, Change, Letter, altered, crlf, find, good_then_bad, judge, lf, outcomes};
use crate::pgp::{self, Folder, Maker};
use crate::smime::World;
use crate::support::Program;
use crate::support::gnupg::Gpgsm;
use crate::support::nss::Nss;
use crate::support::pki::{KeyType, Leaf};

const SMIME: &str = "S/MIME: they sign, we verify";
const OPENPGP: &str = "PGP/MIME: they sign, we verify";
const LETTERS: &str = "Letters: they sign, we verify";

/// Options of `openssl cms -sign`, beside the letter, the certificate and the key.
const CMS: &[(&str, &str)] = &[
    ("detached", ""),
    ("detached -stream", "-stream"),
    ("detached -binary", "-binary"),
    ("opaque", "-nodetach"),
    ("opaque -stream", "-nodetach -stream"),
    ("-keyid", "-keyid"),
    ("-keyid opaque -stream", "-keyid -nodetach -stream"),
    ("-md sha384", "-md sha384"),
    ("-md sha512", "-md sha512"),
    ("-md sha3-256", "-md sha3-256"),
    ("-cades", "-cades"),
    ("-nosmimecap", "-nosmimecap"),
];

/// For RSA keys only.
const PSS: &[(&str, &str)] = &[
    ("PSS", "-keyopt rsa_padding_mode:pss"),
    ("PSS sha512", "-md sha512 -keyopt rsa_padding_mode:pss"),
    (
        "PSS sha384, salt as the hash",
        "-md sha384 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest",
    ),
    ("PSS opaque -stream", "-nodetach -stream -keyopt rsa_padding_mode:pss"),
];

/// `openssl smime` is PKCS #7.
const PKCS7: &[(&str, &str)] = &[
    ("detached", ""),
    ("opaque", "-nodetach"),
    ("detached -stream", "-stream"),
    ("-md sha512", "-md sha512"),
];

pub fn openssl(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let letter = letters::plain();
    for (name, leaf) in &world.leaves {
        let pss = PSS.iter().filter(|_| name.starts_with("RSA-"));
        for (variant, options) in CMS.iter().chain(pss) {
            let row = format!("openssl cms {variant}");
            cells.cell(SMIME, &row, name, || {
                openssl_signed(world, leaf, "cms", options, &letter, Outcome::Good)
            });
        }
        for (variant, options) in PKCS7 {
            let row = format!("openssl smime {variant}");
            cells.cell(SMIME, &row, name, || {
                openssl_signed(world, leaf, "smime", options, &letter, Outcome::Good)
            });
        }
        cells.cell(SMIME, "openssl cms -noattr: caution", name, || {
            openssl_signed(world, leaf, "cms", "-noattr", &letter, Outcome::Caution)
        });
        cells.cell(SMIME, "openssl cms, second signer bob", name, || {
            let bob = bob(world);
            let second = format!("-signer {} -inkey {}", bob.certificate.display(), bob.key.display());
            openssl_signed(world, leaf, "cms", &second, &letter, Outcome::Good)
        });
    }
}

fn bob(world: &World) -> &'static Leaf {
    static BOB: std::sync::OnceLock<Leaf> = std::sync::OnceLock::new();
    BOB.get_or_init(|| world.pki.leaf("bob@example.net", KeyType::P256))
}

fn openssl_signed(
    world: &World,
    leaf: &Leaf,
    command: &str,
    options: &str,
    letter: &Letter,
    wanted: Outcome,
) -> Cell {
    let only_pss = leaf.certificate == world.leaf("RSASSA-PSS key").certificate;
    let folder = Folder::new(&[("entity", &letter.entity)]);
    let sign = world.pki.openssl(command).words("-sign -certfile intermediate.pem -from").arg(ALICE);
    let sign = sign.words("-subject Meeting -in").arg(folder.path("entity"));
    let mut sign = sign.arg("-signer").arg(&leaf.certificate).arg("-inkey").arg(&leaf.key);
    if only_pss && command == "cms" && !options.contains("pss") {
        // Without it, openssl 3.0 makes a signature that it refuses itself.
        sign = sign.words("-keyopt rsa_padding_mode:pss");
    }
    let ran = sign.words(options).run();
    if !ran.succeeded {
        // openssl 3.0 makes no CMS with Ed25519, SHA-3 with ECDSA or PSS, PSS in a stream, and no PKCS #7 with PSS.
        let complaints = [
            "no default digest",
            "not supported for this key type",
            "invalid digest",
            "unsupported signature algorithm",
            "pkcs7 add signature error",
            "rsa_generate_signature_aid",
            "illegal zero content",
        ];
        return match complaints.iter().any(|complaint| ran.stderr.contains(complaint)) {
            true => Ok(Seen::NotKnown(ran.stderr)),
            false => Err(ran.stderr),
        };
    }
    for mail in [lf(&ran.stdout), crlf(&ran.stdout)] {
        outcomes(&world.anchors, &mail, &altered_by_openssl(&mail, letter), wanted)?;
    }
    Ok(Seen::Accepted)
}

/// One octet of the content changed, in the clear or inside the base64 of the message.
fn altered_by_openssl(mail: &[u8], letter: &Letter) -> Vec<u8> {
    for entity in [letter.entity.clone(), lf(&letter.entity)] {
        if find(mail, &entity).is_some() {
            return altered(mail, &entity);
        }
    }
    let text = String::from_utf8(lf(mail)).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    let der = altered(&letters::unbase64(body.as_bytes()), b"Dear Bob,");
    [head.as_bytes(), b"\n\n", lf(letters::base64_lines(&der).as_bytes()).as_slice(), b"\n"].concat()
}

/// Each with keys of its own: those of the verifying side know several certificates of one address.
pub fn nss_and_gpgsm(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let leaf = world.leaf("RSA-2048");
    match Nss::new(&world.pki) {
        None => cells.missing("the tools of NSS"),
        Some(nss) => {
            nss.import(leaf);
            nss_letters(cells, world, &nss);
            nss_keys(cells, world);
        }
    }
    match Gpgsm::new(&world.pki) {
        None => cells.missing("gpgsm"),
        Some(gpgsm) => {
            gpgsm.import(&world.pki, leaf);
            for letter in letters::all() {
                both_forms(cells, "gpgsm", &letter, &world.anchors, || {
                    letter.with_cms("sha-256", &gpgsm.sign(&format!("<{ALICE}>"), &letter.entity))
                });
            }
        }
    }
}

fn nss_letters(cells: &Cells, world: &World, nss: &Nss) {
    for letter in letters::all() {
        both_forms(cells, "NSS cmsutil", &letter, &world.anchors, || {
            letter.with_cms("sha-256", &nss.sign(ALICE, &letter.entity))
        });
        cells.cell(LETTERS, "NSS cmsutil, opaque", letter.name, || {
            let file = nss.folder().join("to sign");
            fs::write(&file, &letter.entity).unwrap();
            let der = nss.cmsutil("-S -G -H SHA256 -N").arg(ALICE).arg("-i").arg(file).ok();
            opaque(world, &letter, &der)
        });
    }
}

/// NSS takes the first key of a name, so each has a database of its own.
fn nss_keys(cells: &Cells, world: &World) {
    let letter = letters::plain();
    for name in ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384", "P-521"] {
        cells.cell(SMIME, "NSS cmsutil, detached", name, || {
            let nss = Nss::new(&world.pki).expect("NSS");
            nss.import(world.leaf(name));
            let mail = letter.with_cms("sha-256", &nss.sign(ALICE, &letter.entity));
            good_then_bad(&world.anchors, &mail, &altered(&mail, &letter.entity))?;
            Ok(Seen::Accepted)
        });
    }
}

fn opaque(world: &World, letter: &Letter, der: &[u8]) -> Cell {
    let changed = altered(der, &letter.entity);
    good_then_bad(&world.anchors, &letter.in_cms(der), &letter.in_cms(&changed))?;
    Ok(Seen::Accepted)
}

/// The letter with CRLF and with LF on disk.
fn both_forms(cells: &Cells, signer: &str, letter: &Letter, anchors: &[u8], sign: impl Fn() -> Vec<u8>) {
    let forms: [(&str, Change); 2] = [("CRLF", crlf), ("LF", lf)];
    for (form, on_disk) in forms {
        let row = format!("{signer}, {form} on disk");
        cells.cell(LETTERS, &row, letter.name, || {
            let mail = sign();
            let changed = altered(&mail, &letter.entity);
            good_then_bad(anchors, &on_disk(&mail), &on_disk(&changed))?;
            Ok(Seen::Accepted)
        });
    }
}

pub fn letters(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    for letter in letters::all() {
        let leaf = world.leaf("P-384");
        both_forms(cells, "openssl cms", &letter, &world.anchors, || {
            let folder = Folder::new(&[("entity", &letter.entity)]);
            let sign = world.pki.openssl("cms -sign -binary -outform DER -certfile intermediate.pem -signer");
            let sign = sign.arg(&leaf.certificate).arg("-inkey").arg(&leaf.key).arg("-in");
            letter.with_cms("sha-256", &sign.arg(folder.path("entity")).ok())
        });
    }
}

/// A detached signature, as a program makes it.
type Sign<'s> = &'s dyn Fn(&Maker, &[u8]) -> Vec<u8>;

fn signed_by_all(cells: &Cells, row: &str, keys: &[&Maker], sign: Sign<'_>) {
    let letter = letters::plain();
    for maker in keys {
        cells.cell(OPENPGP, row, &format!("{}, by {}", maker.algorithm, maker.maker), || {
            let mail = letter.with_pgp("pgp-sha256", &sign(maker, &letter.entity));
            good_then_bad(&maker.certificate, &mail, &altered(&mail, &letter.entity))?;
            Ok(Seen::Accepted)
        });
    }
}

pub fn gpg(cells: &Cells) {
    let Some(world) = pgp::World::get(cells) else { return };
    let by_gpg: Vec<&Maker> = world.keys.iter().filter(|key| key.maker == "gpg").collect();
    for (row, options) in [
        ("gpg", ""),
        ("gpg --textmode", "--textmode"),
        ("gpg --digest-algo SHA384", "--digest-algo SHA384"),
        ("gpg --digest-algo SHA512", "--digest-algo SHA512"),
    ] {
        // gpg makes no hash that is shorter than the curve (FIPS 186-5 §6.1).
        let able = |key: &&&Maker| key.algorithm != "P-521" || !options.contains("SHA384");
        let able: Vec<&Maker> = by_gpg.iter().filter(able).copied().collect();
        signed_by_all(cells, row, &able, &|maker, content| gpg_signs(world, maker, content, options));
    }
    let maker = world.key("gpg", "Ed25519").expect("a key");
    for letter in letters::all() {
        for (row, options) in [("gpg", ""), ("gpg --textmode", "--textmode")] {
            both_forms(cells, row, &letter, &maker.certificate, || {
                letter.with_pgp("pgp-sha512", &gpg_signs(world, maker, &letter.entity, options))
            });
        }
    }
    for maker in by_gpg {
        cells.cell(OPENPGP, "gpg --clearsign: caution", &format!("{}, by gpg", maker.algorithm), || {
            clearsigned(world, maker)
        });
    }
}

pub fn gpg_signs(world: &pgp::World, maker: &Maker, content: &[u8], options: &str) -> Vec<u8> {
    let sign = world.gpg.words("--armor --local-user").words(&maker.fingerprint).words(options);
    sign.words("--output - --status-fd 2 --detach-sign").input(content).ok()
}

/// Inline, in the body of a text (RFC 9580 §7): it covers itself and nothing else.
fn clearsigned(world: &pgp::World, maker: &Maker) -> Cell {
    let sign = world
        .gpg
        .words("--local-user")
        .words(&maker.fingerprint)
        .words("--output - --status-fd 2 --clearsign");
    let text = sign.input(b"Dear Bob,\n\n- at nine.\nFrom Alice\n").ok();
    let fields = letters::plain().fields;
    let mail = [&fields[..], b"Content-Type: text/plain\r\n\r\n", &crlf(&text)].concat();
    let changed = altered(&mail, b"Dear Bob,");
    for mail in [mail.clone(), lf(&mail)] {
        let (verdict, words) = judge(&maker.certificate, &mail);
        must(verdict.outcome == Outcome::Caution, || format!("we say {:?}: {words}", verdict.outcome))?;
        let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
        must(codes.contains(&"inline_signature"), || format!("{codes:?}"))?;
        must(!codes.contains(&"altered"), || format!("{codes:?}"))?;
    }
    let (verdict, words) = judge(&maker.certificate, &changed);
    must(verdict.outcome == Outcome::Bad, || format!("altered, we say {:?}: {words}", verdict.outcome))?;
    Ok(Seen::Accepted)
}

pub fn sq_and_rnp(cells: &Cells) {
    let Some(world) = pgp::World::get(cells) else { return };
    if let Some(sq) = &world.sq {
        let sign = |maker: &Maker, content: &[u8]| {
            let folder = Folder::new(&[("key", &maker.secret), ("content", content)]);
            let sign = Program::new(sq).words("sign --detached --signer-key").arg(folder.path("key"));
            sign.arg(folder.path("content")).ok()
        };
        signed_by_all(cells, "sq", &world.keys.iter().collect::<Vec<_>>(), &sign);
        let maker = world.key("sq", "Ed25519").expect("a key");
        for letter in letters::all() {
            both_forms(cells, "sq", &letter, &maker.certificate, || {
                letter.with_pgp("pgp-sha512", &sign(maker, &letter.entity))
            });
        }
    }
    if let Some(rnp) = &world.rnp {
        let sign = |maker: &Maker, content: &[u8], options: &str| {
            let folder = Folder::new(&[("content", content)]);
            let sign =
                rnp.rnp("").words("--sign --detach --armor -u").words(&maker.fingerprint).words(options);
            sign.arg("--output").arg(folder.path("signature")).arg(folder.path("content")).ok();
            fs::read(folder.path("signature")).unwrap()
        };
        let own: Vec<&Maker> = world.keys.iter().filter(|key| key.maker == "rnp").collect();
        signed_by_all(cells, "rnp", &own, &|maker, content| sign(maker, content, ""));
        signed_by_all(cells, "rnp --hash SHA512", &own, &|maker, content| {
            sign(maker, content, "--hash SHA512")
        });
        let maker = world.key("rnp", "P-256").expect("a key");
        for letter in letters::all() {
            both_forms(cells, "rnp", &letter, &maker.certificate, || {
                letter.with_pgp("pgp-sha256", &sign(maker, &letter.entity, ""))
            });
        }
    }
}
