//! OpenPGP keys that letters are encrypted to, made by each program.

use std::sync::OnceLock;

use crate::cells::Cells;
use crate::pgp::{self, Maker, user_id};
use crate::support::gnupg::Gpg;

/// gpg's names of the primary key and the subkey, and ours.
const GPG: &[(&str, &str, &str)] = &[
    ("rsa2048", "rsa2048", "RSA-2048"),
    ("rsa3072", "rsa3072", "RSA-3072"),
    ("rsa4096", "rsa4096", "RSA-4096"),
    ("nistp256", "nistp256", "P-256"),
    ("nistp384", "nistp384", "P-384"),
    ("nistp521", "nistp521", "P-521"),
    ("ed25519", "cv25519", "Curve25519"),
];

/// The keys, in the key ring of gpg, and everybody's programs.
pub struct Keys {
    pub all: Vec<Maker>,
    pub gpg: Gpg,
    /// A key that no letter is encrypted to.
    pub stranger: Maker,
    pub world: &'static pgp::World,
}

impl Keys {
    pub fn get(cells: &Cells) -> Option<&'static Self> {
        static MADE: OnceLock<Option<Keys>> = OnceLock::new();
        let world = pgp::World::get(cells)?;
        MADE.get_or_init(|| {
            let gpg = Gpg::new()?;
            let mut all: Vec<Maker> = GPG.iter().map(|made| by_gpg(&gpg, *made)).collect();
            let stranger = by_gpg(&gpg, ("ed25519", "cv25519", "Curve25519"));
            // sq and rnp make a subkey that encrypts with every key.
            for key in world.keys.iter().filter(|key| key.maker != "gpg") {
                gpg.import(&key.secret);
                all.push(Maker {
                    maker: key.maker,
                    algorithm: if key.algorithm == "Ed25519" { "Curve25519" } else { key.algorithm },
                    fingerprint: fingerprint(&gpg, &key.secret),
                    secret: key.secret.clone(),
                    certificate: key.certificate.clone(),
                });
            }
            Some(Self { all, gpg, stranger, world })
        })
        .as_ref()
    }

    pub fn key(&self, maker: &str, algorithm: &str) -> &Maker {
        let found = self.all.iter().find(|key| key.maker == maker && key.algorithm == algorithm);
        found.expect("a key")
    }
}

impl Maker {
    pub fn column(&self) -> String {
        format!("{}, by {}", self.algorithm, self.maker)
    }
}

fn by_gpg(gpg: &Gpg, (primary, subkey, algorithm): (&str, &str, &'static str)) -> Maker {
    let fingerprint = gpg.make_key_with(&user_id(), primary, subkey);
    let (secret, certificate) = (gpg.secret_key(&fingerprint), gpg.certificate(&fingerprint));
    Maker { maker: "gpg", algorithm, fingerprint, secret, certificate }
}

fn fingerprint(gpg: &Gpg, key: &[u8]) -> String {
    let shown = gpg.words("--with-colons --import-options show-only --import").input(key).ok();
    let shown = String::from_utf8(shown).unwrap();
    let line = shown.lines().find(|line| line.starts_with("fpr:")).expect("a fingerprint");
    line.split(':').nth(9).expect("a fingerprint").to_owned()
}
