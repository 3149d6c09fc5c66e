//! Whether a certification is by whom it says, and stands.

use std::cell::Cell;

use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy, StandardPolicy};

use super::WebRequest;
use crate::openpgp::certificate::{Certificate, Revoked};
use crate::openpgp::names::{self, system_time};
use crate::openpgp::public::{public_key, signature_value, to_sign};
use crate::openpgp::signature::created;
use crate::openpgp::standing;
use crate::time::UnixTime;

/// Checks signatures, so many and no more.
pub(super) struct Judge<'r> {
    request: &'r WebRequest<'r>,
    policy: StandardPolicy<'static>,
    /// Revocations count whatever hash they were made with.
    lax: StandardPolicy<'static>,
    left: Cell<usize>,
    exhausted: Cell<bool>,
}

impl<'r> Judge<'r> {
    pub(super) fn new(request: &'r WebRequest<'r>) -> Self {
        Self {
            request,
            policy: standing::policy(request.at, request.sha1),
            lax: standing::policy(request.at, true),
            left: Cell::new(request.limits.web_signatures),
            exhausted: Cell::new(false),
        }
    }

    pub(super) fn exhausted(&self) -> Option<&'static str> {
        self.exhausted.get().then_some("web_signatures")
    }

    /// Made by the issuer while it was alive and not revoked, and not taken back since.
    pub(super) fn holds(
        &self,
        issuer: &Certificate,
        target: &Certificate,
        user_id: &UserID,
        signature: &Signature,
        revocations: &[&Signature],
    ) -> bool {
        let Some(made) = created(signature) else { return false };
        self.policy.signature(signature, HashAlgoSecurity::CollisionResistance).is_ok()
            && self.fits(issuer, target, user_id, signature)
            && self.could_certify(issuer, made)
            && !self.taken_back(issuer, target, user_id, made, revocations)
    }

    /// Its own signatures cost as much as one to check.
    fn could_certify(&self, issuer: &Certificate, made: UnixTime) -> bool {
        if !self.spend() {
            return false;
        }
        let (cert, at) = (issuer.cert(), system_time(self.request.at));
        let alive = |time| cert.with_policy(&self.policy, time).is_ok_and(|valid| valid.alive().is_ok());
        if cert.with_policy(&self.policy, at).is_err() || !alive(system_time(made)) {
            return false;
        }
        match standing::revoked(&cert.revocation_status(&self.lax, at)) {
            None => true,
            Some(Revoked::Hard) => false,
            Some(Revoked::Soft(from)) => made < from,
        }
    }

    fn taken_back(
        &self,
        issuer: &Certificate,
        target: &Certificate,
        user_id: &UserID,
        made: UnixTime,
        revocations: &[&Signature],
    ) -> bool {
        let handle = issuer.cert().key_handle();
        let by_issuer = |one: &&&Signature| one.get_issuers().iter().any(|named| named.aliases(&handle));
        let later =
            |one: &&&Signature| created(one).is_some_and(|time| time > made && time <= self.request.at);
        // Where the limit is reached, it counts as taken back.
        let mut of_issuer = revocations.iter().filter(by_issuer).filter(later);
        of_issuer.any(|one| {
            self.lax.signature(one, HashAlgoSecurity::SecondPreImageResistance).is_ok()
                && (self.fits(issuer, target, user_id, one) || self.exhausted.get())
        })
    }

    /// The mathematics (RFC 9580 §5.2.4).
    fn fits(
        &self,
        issuer: &Certificate,
        target: &Certificate,
        user_id: &UserID,
        signature: &Signature,
    ) -> bool {
        let key = issuer.cert().primary_key().key();
        if (signature.version() == 6) != (key.version() == 6) {
            return false;
        }
        let Some((hash, digest)) = digest(target, user_id, signature) else { return false };
        if digest.get(..2) != Some(&signature.digest_prefix()[..]) || !self.spend() {
            return false;
        }
        let Ok(public) = public_key(key) else { return false };
        let Some((algorithm, octets)) = signature_value(signature.mpis(), &public, hash) else {
            return false;
        };
        self.request.provider.verify(algorithm, &public, to_sign(&public, hash, &digest), &octets).is_ok()
    }

    fn spend(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        self.exhausted.set(self.exhausted.get() || left == 0);
        left > 0
    }
}

fn digest(
    target: &Certificate,
    user_id: &UserID,
    signature: &Signature,
) -> Option<(crate::crypto::HashAlgorithm, Vec<u8>)> {
    let hash = names::hash_algorithm(signature.hash_algo())?;
    let mut context = signature.hash_algo().context().ok()?.for_signature(signature.version());
    signature.hash_userid_binding(&mut context, target.cert().primary_key().key(), user_id).ok()?;
    Some((hash, context.into_digest().ok()?))
}
