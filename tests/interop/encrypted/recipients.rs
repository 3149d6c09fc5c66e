//! Letters with several recipients, with passwords, and with keys that nobody gives to a mail program.

use mailseal::report::RecipientKind;
use mailseal::{Context, Key, Opener, TrustStore};

use super::bouncy_castle::BouncyCastle;
use super::openssl::{self, Openssl};
use super::smime::{bob, in_letter};
use super::{Opens, Seal, look, opens};
use crate::cells::{Cells, Outcome, Seen, must};
use crate::letters::{self, Letter};
use crate::pgp::Folder;
use crate::smime::{World, load};
use crate::support::Ran;
use crate::support::pki::{Leaf, PASSWORD};

const TABLE: &str = "S/MIME: they encrypt to several, to passwords, to other keys, we open";

pub fn run(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let letter = letters::plain();
    for openssl in openssl::all(cells) {
        by_openssl(cells, world, &openssl, &letter);
    }
    if let Some(java) = BouncyCastle::get(cells) {
        by_bouncy_castle(cells, world, java, &letter);
    }
}

const PEOPLE: [&str; 4] = ["RSA-2048", "P-256", "RSA-4096", "P-521"];

fn by_openssl(cells: &Cells, world: &World, openssl: &Openssl, letter: &Letter) {
    let name = openssl.name;
    for (cipher, option) in [("AES-256-CBC", "-aes256"), ("AES-128-GCM", "-aes-128-gcm")] {
        for more in ["", " -stream", " -keyid"] {
            let folder = Folder::new(&[("entity", &letter.entity)]);
            let mut run =
                openssl.run(world, "cms -encrypt -from alice@example.org").words(option).words(more);
            run = run.arg("-in").arg(folder.path("entity"));
            for person in PEOPLE {
                run = run.arg(&world.leaf(person).certificate);
            }
            let ran = run.run();
            for (place, person) in PEOPLE.iter().enumerate() {
                let row = format!("{name} cms {cipher}{more}, to four");
                cells.cell(TABLE, &row, &format!("{} opened by {person}", place + 1), || {
                    outcome(&ran, |mail| one_of_four(world, person, mail, letter, cipher))
                });
            }
        }
        for kdf in ["", " -stream"] {
            let row = format!("{name} cms {cipher}{kdf}, to a password");
            cells.cell(TABLE, &row, "the password", || {
                let ran = openssl::password(openssl, world, letter, &format!("{option}{kdf}"));
                let (with, other) = (Opens::Password(PASSWORD), Opens::Password("wrong"));
                outcome(&ran, |mail| opens(mail, &with, &other, &letter.entity, Seal::new(cipher)))
            });
        }
    }
    cells.cell(
        TABLE,
        &format!("{name} cms AES-256-CBC, to a shared key and a certificate"),
        "the certificate",
        || {
            let leaf = world.leaf("P-384");
            let ran = openssl::key_encryption_key(openssl, world, letter, leaf);
            outcome(&ran, |mail| shared_key(world, leaf, mail, letter))
        },
    );
}

fn one_of_four(
    world: &World,
    person: &str,
    mail: &[u8],
    letter: &Letter,
    cipher: &str,
) -> Result<(), String> {
    let (with, stranger) = (Opens::Key(load(world.leaf(person))), Opens::Key(load(bob(world))));
    opens(mail, &with, &stranger, &letter.entity, Seal::new(cipher))?;
    let seen = look(&opener(&[load(world.leaf(person))]), mail)?;
    must(seen.layer.recipients.len() == PEOPLE.len(), || format!("{:#?}", seen.layer.recipients))?;
    let agreed = seen.layer.recipients.iter().filter(|one| one.kind == RecipientKind::KeyAgreement).count();
    must(agreed == 2, || format!("{:#?}", seen.layer.recipients))
}

/// RFC 5652 §6.2.3: listed with its identifier, and no reason to refuse the letter.
fn shared_key(world: &World, leaf: &Leaf, mail: &[u8], letter: &Letter) -> Result<(), String> {
    let (with, stranger) = (Opens::Key(load(leaf)), Opens::Key(load(bob(world))));
    opens(mail, &with, &stranger, &letter.entity, Seal::new("AES-256-CBC"))?;
    let recipients = look(&opener(&[load(leaf)]), mail)?.layer.recipients;
    let shared = recipients.iter().find(|one| one.kind == RecipientKind::KeyEncryptionKey);
    let named =
        shared.and_then(|one| one.name.as_deref()).is_some_and(|name| name.to_uppercase().contains("C0FFEE"));
    must(named, || format!("{recipients:#?}"))
}

fn opener(keys: &[Key]) -> Opener {
    let opener = Opener::new(&Context::new(TrustStore::new()));
    keys.iter().fold(opener, |opener, key| opener.key(key.clone()))
}

fn by_bouncy_castle(cells: &Cells, world: &World, java: &BouncyCastle, letter: &Letter) {
    let people = ["RSA-2048", "P-256"];
    let to = |way: &str, person: &str| format!("{way}:{}", world.leaf(person).certificate.display());
    let recipients =
        [to("oaep-SHA-256", people[0]), to("ecdh-sha384", people[1]), format!("password:{PASSWORD}")];
    for cipher in ["AES-256-CBC", "AES-256-GCM"] {
        let row = format!("Bouncy Castle, {cipher}, to two and a password");
        let mail = java.encrypt(&letter.entity, cipher, &recipients).map(|der| in_letter(letter, &der));
        for person in people {
            cells.cell(TABLE, &row, &format!("opened by {person}"), || {
                let (with, stranger) = (Opens::Key(load(world.leaf(person))), Opens::Key(load(bob(world))));
                opens(&mail.clone()?, &with, &stranger, &letter.entity, Seal::new(cipher))?;
                Ok(Seen::Accepted)
            });
        }
        cells.cell(TABLE, &row, "the password", || {
            let (with, other) = (Opens::Password(PASSWORD), Opens::Password("wrong"));
            opens(&mail.clone()?, &with, &other, &letter.entity, Seal::new(cipher))?;
            Ok(Seen::Accepted)
        });
    }
}

fn outcome(ran: &Ran, check: impl FnOnce(&[u8]) -> Result<(), String>) -> Outcome {
    if !ran.succeeded {
        // CMS_add0_recipient_password wraps with the content cipher, which has to be a block cipher (RFC 3211 §2.3).
        let known = ["cipher parameter", "unsupported kek algorithm"];
        return match known.iter().any(|words| ran.stderr.contains(words)) {
            true => Ok(Seen::NotKnown(ran.stderr.clone())),
            false => Err(ran.stderr.clone()),
        };
    }
    check(&ran.stdout).map(|()| Seen::Accepted)
}
