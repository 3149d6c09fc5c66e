//! What mailseal signs, others accept.

use mailseal::{Composer, Context, Key, TrustStore};

use crate::cells::{Cells, Outcome, Seen};
use crate::letters::{self, Letter, Sealed, find, good_then_bad};
use crate::pgp;
use crate::smime::{PEERS, Peer, World, accepted_then_refused, by_hand, load, ways};

const SMIME: &str = "S/MIME: we sign, they verify";
const OPENPGP: &str = "PGP/MIME: we sign, they verify";
const LETTERS: &str = "Letters: we sign, they verify";

/// Signs a letter.
pub fn seal(key: &Key, letter: &Letter, opaque: bool) -> Vec<u8> {
    let composer =
        Composer::new(&Context::new(TrustStore::new())).sign(key).opaque(opaque).allow_other_from();
    let mut mail = Vec::new();
    composer.compose(&letter.draft()[..], letters::now(), &mut mail).unwrap();
    mail
}

/// Signs a letter and takes it apart.
pub fn sealed(key: &Key, letter: &Letter, opaque: bool, anchors: &[u8]) -> Sealed {
    let mail = seal(key, letter, opaque);
    match opaque {
        true => Sealed::opaque(&mail, &content(anchors, &mail)),
        false => Sealed::detached(&mail),
    }
}

/// The payload, as mailseal itself reads it.
fn content(anchors: &[u8], mail: &[u8]) -> Vec<u8> {
    let trust = TrustStore::new().anchors(anchors, mailseal::Scope::any()).unwrap();
    let opened = mailseal::Opener::new(&Context::new(trust)).open(mail, letters::now()).unwrap();
    opened.payload().unwrap().octets(1 << 20).unwrap()
}

pub fn smime(cells: &Cells) {
    let Some(world) = World::get(cells) else { return };
    let letter = letters::plain();
    for (way, key) in &ways(world) {
        for (form, opaque) in [("detached", false), ("opaque", true)] {
            let sealed = sealed(key, &letter, opaque, &world.anchors);
            cells.cell(SMIME, &format!("mailseal, {form}"), way, || {
                good_then_bad(&world.anchors, &sealed.mail, &sealed.altered().mail)?;
                Ok(Seen::Accepted)
            });
            for peer in PEERS.iter().filter(|peer| peer.opaque || !opaque) {
                judged(cells, world, SMIME, &format!("{}, {form}", peer.name), way, peer, &sealed);
            }
        }
    }
    let leaf = world.leaf("Ed25519");
    let sealed = sealed(&load(leaf), &letter, false, &world.anchors);
    cells.cell(SMIME, "openssl pkeyutl over the attributes", "Ed25519", || {
        by_hand(world, leaf, &sealed)?;
        refused(by_hand(world, leaf, &sealed.altered()))
    });
    two_signers(cells, world, &letter);
}

fn refused(answer: Result<(), String>) -> Outcome {
    match answer {
        Ok(()) => Err("the altered letter is accepted".into()),
        Err(_) => Ok(Seen::Accepted),
    }
}

fn judged(
    cells: &Cells,
    world: &World,
    table: &'static str,
    row: &str,
    column: &str,
    peer: &Peer,
    sealed: &Sealed,
) {
    if (peer.at_hand)(world, cells) {
        let verify = |sealed: &Sealed| (peer.verify)(world, cells, sealed);
        cells.cell(table, row, column, || accepted_then_refused(peer, column, verify, sealed));
    }
}

/// One letter, two signatures: every program checks both.
fn two_signers(cells: &Cells, world: &World, letter: &Letter) {
    let composer = Composer::new(&Context::new(TrustStore::new()));
    let composer = composer.sign(&load(world.leaf("RSA-2048"))).sign(&load(world.leaf("P-384")));
    let mut mail = Vec::new();
    composer.compose(&letter.draft()[..], letters::now(), &mut mail).unwrap();
    let sealed = Sealed::detached(&mail);
    for peer in PEERS {
        judged(cells, world, SMIME, &format!("{}, detached", peer.name), "RSA-2048 and P-384", peer, &sealed);
    }
}

pub fn letters(cells: &Cells) {
    let pgp = pgp::World::get(cells);
    for letter in letters::all() {
        if let Some(world) = World::get(cells) {
            for (form, opaque, key) in [("detached", false, "P-256"), ("opaque", true, "RSA-2048")] {
                let sealed = sealed(&load(world.leaf(key)), &letter, opaque, &world.anchors);
                for peer in PEERS.iter().filter(|peer| peer.opaque || !opaque) {
                    judged(
                        cells,
                        world,
                        LETTERS,
                        &format!("{}, {form}", peer.name),
                        letter.name,
                        peer,
                        &sealed,
                    );
                }
            }
        }
        if let Some(pgp) = pgp {
            let maker = pgp.key("gpg", "Ed25519").expect("a key");
            let sealed = sealed(&maker.load(), &letter, false, &maker.certificate);
            for peer in pgp::PEERS {
                pgp.judged(cells, LETTERS, peer, letter.name, &maker.certificate, &sealed);
            }
        }
    }
}

pub fn openpgp(cells: &Cells) {
    let Some(world) = pgp::World::get(cells) else { return };
    let letter = letters::plain();
    for maker in &world.keys {
        let way = format!("{}, by {}", maker.algorithm, maker.maker);
        let sealed = sealed(&maker.load(), &letter, false, &maker.certificate);
        cells.cell(OPENPGP, "mailseal", &way, || {
            good_then_bad(&maker.certificate, &sealed.mail, &sealed.altered().mail)?;
            Ok(Seen::Accepted)
        });
        for peer in pgp::PEERS {
            world.judged(cells, OPENPGP, peer, &way, &maker.certificate, &sealed);
        }
        let text = find(&sealed.mail, b"micalg=").is_some();
        assert!(text, "no micalg");
    }
    for scheme in
        [mailseal::crypto::SignatureScheme::RsaPkcs1Sha384, mailseal::crypto::SignatureScheme::RsaPkcs1Sha512]
    {
        let maker = world.key("gpg", "RSA-2048").expect("a key");
        let sealed = sealed(&maker.load().scheme(scheme).unwrap(), &letter, false, &maker.certificate);
        for peer in pgp::PEERS {
            world.judged(
                cells,
                OPENPGP,
                peer,
                &format!("RSA-2048 {scheme}, by gpg"),
                &maker.certificate,
                &sealed,
            );
        }
    }
    version_6(cells, world, &letter);
}

/// RFC 9580 §5.2.3: the programs at hand may be older than that.
fn version_6(cells: &Cells, world: &pgp::World, letter: &Letter) {
    let Some(corpora) = crate::support::corpora() else { return cells.missing("corpora") };
    let secret = corpora.join("rnp/data/RFC9580/A.4.transferable-seckey-v6.asc");
    let public = corpora.join("rnp/data/RFC9580/A.3.transferable-pubkey-v6.asc");
    let (secret, public) = (std::fs::read(secret).unwrap(), std::fs::read(public).unwrap());
    let key = Key::load(&secret, mailseal::Password::none()).unwrap();
    let sealed = sealed(&key, letter, false, &public);
    for peer in pgp::PEERS {
        world.judged(cells, OPENPGP, peer, "Ed25519, version 6", &public, &sealed);
    }
}
