//! Webs made to order, of keys that are made once.

use std::sync::{Arc, OnceLock};

use super::*;
use crate::crypto::Password;
use crate::openpgp::tests::Workshop;
use crate::openpgp::{Certification, CipherSuite, SigningIdentity, certify, generate};

pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_790_000_000);

/// Key `n` is `kN@dN.example`.
pub(super) fn address(key: usize) -> String {
    format!("k{key}@d{key}.example")
}

struct Own {
    secret: Vec<u8>,
    identity: SigningIdentity,
}

fn own(key: usize) -> Arc<Own> {
    static KEYS: OnceLock<Vec<Arc<Own>>> = OnceLock::new();
    let make = |key: usize| {
        let name = format!("Key {key} <{}>", address(key));
        let secret = generate(&name, AT, CipherSuite::Ed25519).unwrap().expose().to_vec();
        let identity =
            SigningIdentity::load(&secret, Password::none(), &Provider::default()).unwrap().remove(0);
        Arc::new(Own { secret, identity })
    };
    Arc::clone(&KEYS.get_or_init(|| (0..12).map(make).collect())[key])
}

pub(super) struct Maker {
    pub(super) keys: Vec<Certificate>,
}

impl Maker {
    pub(super) fn new(keys: usize) -> Self {
        Self { keys: (0..keys).map(|key| own(key).identity.certificate().clone()).collect() }
    }

    pub(super) fn certifies(&mut self, issuer: usize, target: usize, what: &Certification) {
        self.certifies_at(issuer, target, what, AT);
    }

    pub(super) fn certifies_at(&mut self, issuer: usize, target: usize, what: &Certification, at: UnixTime) {
        let address = address(target).parse().unwrap();
        let octets =
            certify(&own(issuer).identity, &self.keys[target], &address, what, at, &Provider::default());
        self.keys[target] = Certificate::load(&octets.unwrap()).unwrap().remove(0);
    }

    /// With numbers that nobody should write.
    pub(super) fn certifies_raw(&mut self, issuer: usize, target: usize, depth: u8, amount: u8) {
        let issuer = Workshop::new(&own(issuer).secret, AT);
        self.keys[target] = issuer.certifying(&self.keys[target], depth, amount, &[]);
    }

    pub(super) fn workshop(key: usize, at: UnixTime) -> Workshop {
        Workshop::new(&own(key).secret, at)
    }

    pub(super) fn roots(&self, roots: &[(usize, u8)]) -> Vec<(String, u8)> {
        roots.iter().map(|(key, amount)| (self.keys[*key].fingerprint(), *amount)).collect()
    }

    pub(super) fn ask(&self, roots: &[(usize, u8)], target: usize) -> Web {
        Question::new(&self.keys, &self.roots(roots)).ask(&self.keys[target], &address(target))
    }

    pub(super) fn total(&self, roots: &[(usize, u8)], target: usize) -> u8 {
        self.ask(roots, target).total
    }
}
