//! `openssl cms`, of the system and a newer one: every kind of recipient that it has.

use std::path::PathBuf;

use super::smime::{KEYS, bob, in_letter};
use super::{Opens, Seal, body, opener, opens, refused};
use crate::cells::{Cells, Outcome, Seen};
use crate::letters::{self, ALICE, Letter, crlf, lf};
use crate::pgp::Folder;
use crate::smime::{World, load};
use crate::support::peers::newer_openssl;
use crate::support::pki::{Leaf, PASSWORD};
use crate::support::{Program, Ran};

const TABLE: &str = "S/MIME: they encrypt, we open";
const LETTERS: &str = "Letters: they encrypt, we open";
const BOTH: &str = "S/MIME: they sign and encrypt, we open and verify";

/// One of the two.
#[derive(Debug, Clone)]
pub struct Openssl {
    pub name: &'static str,
    /// None: that of the system.
    program: Option<PathBuf>,
}

pub fn all(cells: &Cells) -> Vec<Openssl> {
    let newer = newer_openssl();
    if newer.is_none() {
        cells.missing("a newer openssl");
    }
    let newer = newer.map(|program| Openssl { name: "openssl 4", program: Some(program) });
    [Openssl { name: "openssl", program: None }].into_iter().chain(newer).collect()
}

/// Option, the cipher as mailseal names it.
const CIPHERS: &[(&str, &str)] = &[
    ("-aes128", "AES-128-CBC"),
    ("-aes192", "AES-192-CBC"),
    ("-aes256", "AES-256-CBC"),
    ("-des3", "3DES-CBC"),
    ("-rc2-40 -provider default -provider legacy", "RC2-40-CBC"),
    ("-rc2-64 -provider default -provider legacy", "RC2-64-CBC"),
    ("-rc2-128 -provider default -provider legacy", "RC2-128-CBC"),
    ("-aes-128-gcm", "AES-128-GCM"),
    ("-aes-192-gcm", "AES-192-GCM"),
    ("-aes-256-gcm", "AES-256-GCM"),
];

/// What is asked for beside the cipher: of all keys, of RSA keys, of elliptic curves.
const OPTIONS: &[(&str, &str)] = &[
    ("-stream", "-stream"),
    ("-keyid", "-keyid"),
    ("-keyid -stream", "-keyid -stream"),
    ("-binary", "-binary"),
];
const RSA: &[(&str, &str)] = &[
    ("OAEP", "-keyopt rsa_padding_mode:oaep"),
    ("OAEP SHA-224", "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha224"),
    ("OAEP SHA-256", "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256"),
    ("OAEP SHA-384", "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha384"),
    ("OAEP SHA-512", "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha512"),
    (
        "OAEP SHA-256, mask SHA-1",
        "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1",
    ),
    ("OAEP -keyid -stream", "-keyid -stream -keyopt rsa_padding_mode:oaep"),
];
const CURVES: &[(&str, &str)] = &[
    ("KDF SHA-224", "-keyopt ecdh_kdf_md:sha224"),
    ("KDF SHA-256", "-keyopt ecdh_kdf_md:sha256"),
    ("KDF SHA-384", "-keyopt ecdh_kdf_md:sha384"),
    ("KDF SHA-512", "-keyopt ecdh_kdf_md:sha512"),
    ("cofactor", "-keyopt ecdh_cofactor_mode:1"),
    ("cofactor, KDF SHA-256", "-keyopt ecdh_cofactor_mode:1 -keyopt ecdh_kdf_md:sha256"),
    ("-aes128-wrap", "-aes128-wrap"),
    ("-aes192-wrap", "-aes192-wrap"),
    ("-aes256-wrap", "-aes256-wrap"),
];

/// What openssl says where it cannot: AES key wrap takes two blocks of 64 bits or more (RFC 3394 §2), which RC2 keys of
/// 40 and 64 bits are not.
const NOT_KNOWN: &[&str] = &["aes_wrap_cipher_internal"];

impl Openssl {
    pub fn run(&self, world: &World, words: &str) -> Program {
        match &self.program {
            None => world.pki.openssl(words),
            Some(program) => world.pki.other_openssl(program, words),
        }
    }

    /// Encrypted to these recipients, each with options of its own; a letter with fields.
    fn encrypt(&self, world: &World, letter: &[u8], options: &str, to: &[(&Leaf, &str)]) -> Ran {
        let folder = Folder::new(&[("entity", letter)]);
        let command = if options.starts_with("smime") { "smime" } else { "cms" };
        let options = options.strip_prefix("smime").unwrap_or(options);
        let mut run = self.run(world, command).words("-encrypt -from").arg(ALICE);
        run = run.words("-subject Secret").words(options).arg("-in").arg(folder.path("entity"));
        for (leaf, own) in to {
            run = match command {
                "cms" => run.arg("-recip").arg(&leaf.certificate).words(own),
                _ => run.arg(&leaf.certificate),
            };
        }
        run.run()
    }

    pub fn decrypt(&self, world: &World, leaf: &Leaf, mail: &[u8]) -> Result<Vec<u8>, String> {
        let folder = Folder::new(&[("mail", mail)]);
        let run = self.run(world, "cms -decrypt -recip").arg(&leaf.certificate).arg("-inkey").arg(&leaf.key);
        let ran = run.arg("-in").arg(folder.path("mail")).run();
        if ran.succeeded { Ok(ran.stdout) } else { Err(ran.stderr) }
    }
}

fn outcome(ran: Ran, check: impl FnOnce(&[u8]) -> Result<(), String>) -> Outcome {
    if !ran.succeeded {
        return match NOT_KNOWN.iter().any(|words| ran.stderr.contains(words)) {
            true => Ok(Seen::NotKnown(ran.stderr)),
            false => Err(ran.stderr),
        };
    }
    check(&ran.stdout).map(|()| Seen::Accepted)
}

pub fn run(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let letter = letters::plain();
    let stranger = Opens::Key(load(bob(world)));
    for openssl in all(cells) {
        for name in KEYS {
            let leaf = world.leaf(name);
            let with = Opens::Key(load(leaf));
            let of_key = if name.starts_with("RSA") { RSA } else { CURVES };
            let mut ways: Vec<(String, String, &str)> = Vec::new();
            for (option, cipher) in CIPHERS {
                ways.push((format!("cms {cipher}"), (*option).to_owned(), cipher));
            }
            for (cipher_option, cipher) in [("-aes256", "AES-256-CBC"), ("-aes-256-gcm", "AES-256-GCM")] {
                for (words, option) in OPTIONS.iter().chain(of_key) {
                    ways.push((format!("cms {cipher} {words}"), format!("{cipher_option} {option}"), cipher));
                }
            }
            if name.starts_with("RSA") {
                for (option, cipher) in [("-aes256", "AES-256-CBC"), ("-des3", "3DES-CBC")] {
                    ways.push((format!("smime {cipher}"), format!("smime {option}"), cipher));
                    ways.push((format!("smime {cipher} -stream"), format!("smime {option} -stream"), cipher));
                }
            }
            for (row, options, cipher) in ways {
                cells.cell(TABLE, &format!("{} {row}", openssl.name), name, || {
                    let (own, options) = per_recipient(&options);
                    let ran = openssl.encrypt(world, &letter.entity, &options, &[(leaf, &own)]);
                    outcome(ran, |mail| match by_aws_lc(&row) {
                        true => opens(mail, &with, &stranger, &letter.entity, Seal::new(cipher)),
                        false => refused(&opener(&with), mail, "by AWS-LC"),
                    })
                });
            }
        }
    }
}

/// AWS-LC has RSAES-OAEP with one hash for both of its uses, and not with SHA-224.
pub fn by_aws_lc(row: &str) -> bool {
    let never = ["OAEP SHA-224", "mask SHA-1", "SHA-256,SHA-1"];
    cfg!(feature = "rust-crypto-private-rsa") || !never.iter().any(|words| row.contains(words))
}

/// `-keyopt` speaks of the recipient before it.
fn per_recipient(options: &str) -> (String, String) {
    let words: Vec<&str> = options.split(' ').collect();
    let (mut own, mut rest, mut index): (Vec<&str>, Vec<&str>, usize) = (Vec::new(), Vec::new(), 0);
    while let Some(word) = words.get(index) {
        if *word == "-keyopt" {
            own.extend(&words[index..index + 2]);
            index += 2;
        } else {
            rest.push(*word);
            index += 1;
        }
    }
    (own.join(" "), rest.join(" "))
}

pub fn letters(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let stranger = Opens::Key(load(bob(world)));
    for openssl in all(cells) {
        for letter in letters::all() {
            for (key, option, cipher) in
                [("P-384", "-aes-256-gcm", "AES-256-GCM"), ("RSA-2048", "-aes128 -stream", "AES-128-CBC")]
            {
                cells.cell(LETTERS, &format!("{} cms {key} {option}", openssl.name), letter.name, || {
                    let leaf = world.leaf(key);
                    let options = format!("-binary {option}");
                    let ran = openssl.encrypt(world, &letter.entity, &options, &[(leaf, "")]);
                    let with = Opens::Key(load(leaf));
                    outcome(ran, |mail| opens(mail, &with, &stranger, &letter.entity, Seal::new(cipher)))
                });
            }
        }
        signed(cells, world, &openssl);
    }
}

/// Signed, then encrypted: the signature is judged as if nothing were around it.
fn signed(cells: &Cells, world: &World, openssl: &Openssl) {
    let letter = letters::plain();
    let leaf = world.leaf("RSA-2048");
    for (cipher, option) in [("AES-256-CBC", "-aes256"), ("AES-256-GCM", "-aes-256-gcm")] {
        for (form, options) in
            [("beside", ""), ("around", "-nodetach"), ("around -stream", "-nodetach -stream")]
        {
            for signer in ["RSA-2048", "P-384"] {
                let row = format!("{} cms {cipher}, signed {form}", openssl.name);
                cells.cell(BOTH, &row, &format!("signed by {signer}"), || {
                    let signer = world.leaf(signer);
                    let inner = sign(openssl, world, signer, options, &letter);
                    let ran = openssl.encrypt(world, &inner, option, &[(leaf, "")]);
                    outcome(ran, |mail| signed_inside(world, leaf, &letter, mail))
                });
            }
        }
    }
}

fn sign(openssl: &Openssl, world: &World, signer: &Leaf, options: &str, letter: &Letter) -> Vec<u8> {
    let folder = Folder::new(&[("entity", &letter.entity)]);
    let run = openssl.run(world, "cms -sign -certfile intermediate.pem -signer").arg(&signer.certificate);
    let run = run.arg("-inkey").arg(&signer.key).words(options).arg("-in").arg(folder.path("entity"));
    run.ok()
}

/// From and trust are right, so the letter is good where its ciphertext cannot be changed, signed as it is inside.
fn signed_inside(world: &World, leaf: &Leaf, letter: &Letter, mail: &[u8]) -> Result<(), String> {
    use mailseal::{Context, Opener, Outcome as Verdict, Policy, Scope, TrustStore};
    let trust = TrustStore::new().anchors(&world.anchors, Scope::any()).unwrap();
    let opener = Opener::new(&Context::new(trust)).key(load(leaf));
    for mail in [lf(mail), crlf(mail)] {
        let opened = opener.open(&mail, letters::now()).map_err(|error| error.to_string())?;
        let verdict = Policy::standard().judge(&opened.report);
        let text = verdict.text(&opened.report).explain(true).to_string();
        crate::cells::must(verdict.outcome == Verdict::Good, || {
            format!("we say {:?}: {text}", verdict.outcome)
        })?;
        let payload = opened.payload().map(|payload| payload.octets(1 << 20).unwrap());
        crate::cells::must(payload.is_some_and(|payload| crlf(&payload) == letter.entity), || {
            "the content comes out changed".into()
        })?;
    }
    // In CBC the end of the multipart can be changed, which nobody signed; what is good is what was signed.
    for changed in [super::changed(mail), super::changed_at(mail, body(mail).len() / 2)] {
        let opened = opener.open(&changed, letters::now()).map_err(|error| error.to_string())?;
        let good = Policy::standard().judge(&opened.report).outcome == Verdict::Good;
        let payload = opened.payload().map(|payload| payload.octets(1 << 20).unwrap());
        let same = payload.is_some_and(|payload| crlf(&payload) == letter.entity);
        crate::cells::must(!good || same, || "the changed letter is good".into())?;
    }
    Ok(())
}

/// A CMS message for a password, and for keys besides.
pub fn password(openssl: &Openssl, world: &World, letter: &Letter, options: &str) -> Ran {
    let folder = Folder::new(&[("entity", &letter.entity)]);
    let run = openssl.run(world, "cms -encrypt -outform DER -pwri_password").arg(PASSWORD).words(options);
    let mut ran = run.arg("-in").arg(folder.path("entity")).run();
    ran.stdout = in_letter(letter, &ran.stdout);
    ran
}

/// A CMS message for a key that both sides have, with this identifier.
pub fn key_encryption_key(openssl: &Openssl, world: &World, letter: &Letter, to: &Leaf) -> Ran {
    let folder = Folder::new(&[("entity", &letter.entity)]);
    let run = openssl.run(world, "cms -encrypt -aes256 -from").arg(ALICE);
    let run = run.words("-secretkey 000102030405060708090A0B0C0D0E0F -secretkeyid C0FFEE -in");
    run.arg(folder.path("entity")).arg(&to.certificate).run()
}
