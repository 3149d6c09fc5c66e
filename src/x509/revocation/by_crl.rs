//! What CRLs say of a certificate (RFC 5280 §6.3.3).

use std::cmp::Reverse;

use crate::crypto::HashAlgorithm;
use crate::report::RevocationSource;
use crate::time::UnixTime;
use crate::x509::Certificate;
use crate::x509::revocation::check::{Backing, Checker, What, together, weaker};
use crate::x509::revocation::crl::{Crl, Entry};
use crate::x509::revocation::scope::{DistributionPoint, Reasons, reasons_covered};
use crate::x509::revocation::{Doubt, Reason, Status};

/// The numbers of the place that a CRL comes from, and of the CRL itself.
type Source = (usize, usize);

/// What was heard so far about one certificate.
struct Heard {
    covered: Reasons,
    doubt: Doubt,
    not_revoked: Option<Status>,
    /// Revoked, but only on hold: a later word may say otherwise.
    hold: Option<Status>,
    /// CRLs that are what they say.
    seen: Vec<Crl>,
}

/// What a CRL says of a certificate, its delta included.
struct Reading {
    entry: Option<Entry>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    backing: Backing,
}

impl Heard {
    fn doubt(&mut self, doubt: Doubt) {
        self.doubt = self.doubt.max(doubt);
    }

    /// Several CRLs make one answer: it is as old as the oldest, and lasts as the shortest.
    fn add(&mut self, reasons: Reasons, status: Status) {
        self.covered = self.covered.or(reasons);
        let older = match (&self.not_revoked, &status) {
            (
                Some(Status::NotRevoked { this_update: known, .. }),
                Status::NotRevoked { this_update: new, .. },
            ) => new < known,
            _ => true,
        };
        if older {
            self.not_revoked = Some(status);
        }
    }

    fn status(self) -> Status {
        let status = match self.not_revoked {
            Some(status) if Reasons::ALL.within(self.covered) => status,
            Some(_) => Status::Unknown(self.doubt.max(Doubt::SomeReasons)),
            None => Status::Unknown(self.doubt),
        };
        match self.hold {
            Some(hold) => together([hold, status]),
            None => status,
        }
    }
}

impl Checker<'_> {
    /// Asks all CRLs about the first certificate of a path, through all its distribution points.
    pub(super) fn by_crls(&mut self, path: &[&Certificate]) -> Status {
        let Some(certificate) = path.first() else { return Status::NotApplicable };
        let mut heard = Heard {
            covered: Reasons::NONE,
            doubt: Doubt::Nothing,
            not_revoked: None,
            hold: None,
            seen: Vec::new(),
        };
        let named = &certificate.extensions().distribution_points;
        for point in named.iter().chain([&DistributionPoint::implied(certificate)]) {
            if let Some(revoked) = self.by_point(path, point, &mut heard) {
                return revoked;
            }
        }
        heard.status()
    }

    /// The later CRLs of a scope first, so that the earlier ones have nothing to add.
    fn by_point(
        &mut self,
        path: &[&Certificate],
        point: &DistributionPoint,
        heard: &mut Heard,
    ) -> Option<Status> {
        let certificate = path.first()?;
        let all = self.request.revocations.crls();
        let mut fitting: Vec<(Source, &Crl, Reasons)> = Vec::new();
        for (index, (place, crl)) in all.enumerate() {
            let Some(reasons) = reasons_covered(certificate, point, crl.issuer(), crl.scope()) else {
                continue;
            };
            if crl.is_delta() {
                heard.doubt(Doubt::NoBase);
            } else if !self.has_begun(crl.this_update()) {
                heard.doubt(Doubt::Future);
            } else {
                fitting.push(((place, index), crl, reasons));
            }
        }
        fitting.sort_by_key(|(_, crl, _)| Reverse(crl.age()));
        for (source, crl, reasons) in fitting {
            // Never back to an earlier one, except for what it lists where the later cannot be read. One of another scope may
            // know more even where all reasons are covered: its number says nothing of who is later.
            let later = heard.seen.iter().find(|later| later.has_scope_of(crl) && later.age() > crl.age());
            let known = heard.seen.iter().any(|seen| seen.is_same(crl)) && reasons.within(heard.covered);
            if known || later.is_some_and(|later| !later.is_beyond_us()) {
                continue;
            }
            let late = later.map(|_| Doubt::Critical);
            match self.backing(source, crl, path) {
                Ok(backing) => {
                    let backing = Backing { doubt: backing.doubt.or(late), ..backing };
                    heard.seen.push(crl.clone());
                    match self.ask(path, (crl, reasons), backing, heard) {
                        Some(hold @ Status::Revoked { reason: Some(Reason::CertificateHold), .. }) => {
                            heard.hold = Some(match heard.hold.take() {
                                Some(known) => together([known, hold]),
                                None => hold,
                            });
                        }
                        Some(revoked) => return Some(revoked),
                        None => {}
                    }
                }
                Err(doubt) => heard.doubt(doubt),
            }
        }
        None
    }

    /// Asks one CRL that is what it says, and the delta that adds to it.
    fn ask(
        &mut self,
        path: &[&Certificate],
        (crl, reasons): (&Crl, Reasons),
        backing: Backing,
        heard: &mut Heard,
    ) -> Option<Status> {
        if crl.is_beyond_us() {
            heard.doubt(Doubt::Critical);
            return None;
        }
        let Reading { entry, this_update, next_update, backing } = self.read(path, crl, backing)?;
        let by = RevocationSource::Crl;
        let current = next_update.is_some_and(|next| self.is_current(next));
        // What a revoked authority says counts neither way.
        if let Some(Entry { at, reason }) = entry.filter(|entry| entry.at <= self.request.at)
            && (current || reason != Some(Reason::CertificateHold))
            && backing.doubt != Some(Doubt::SignerRevoked)
        {
            return Some(Status::Revoked { by, at, reason, this_update });
        }
        match backing.doubt {
            Some(doubt) => heard.doubt(doubt),
            None if !current => heard.doubt(Doubt::Stale),
            None => {
                let hash = backing.hash;
                heard.add(reasons, Status::NotRevoked { by, this_update, next_update, hash });
            }
        }
        None
    }

    /// What a CRL and its delta say together ((i), (j), (k)).
    fn read(&mut self, path: &[&Certificate], crl: &Crl, backing: Backing) -> Option<Reading> {
        let certificate = path.first()?;
        let find = |crl: &Crl| crl.find(certificate.issuer(), certificate.serial());
        let delta = self.delta(crl, path);
        let current = delta.as_ref().and_then(|(delta, _)| delta.next_update());
        let current = current.is_some_and(|next| self.is_current(next));
        let newer = delta.as_ref().and_then(|(delta, _)| find(delta));
        // A delta that is out of date still tells what was revoked for good.
        let lasting =
            |entry: &Entry| !matches!(entry.reason, Some(Reason::CertificateHold | Reason::RemoveFromCrl));
        let entry = newer.filter(|entry| current || lasting(entry)).or_else(|| find(crl));
        let entry = entry.filter(|entry| entry.reason != Some(Reason::RemoveFromCrl));
        let last = delta.as_ref().filter(|_| current);
        let (this_update, next_update) = match last {
            Some((delta, _)) => (delta.this_update(), delta.next_update()),
            None => (crl.this_update(), crl.next_update()),
        };
        let of_delta = last.map(|(_, backing)| *backing);
        let backing = Backing {
            hash: weaker(backing.hash, of_delta.and_then(|of_delta| of_delta.hash)),
            doubt: backing.doubt.or(of_delta.and_then(|of_delta| of_delta.doubt)),
        };
        Some(Reading { entry, this_update, next_update, backing })
    }

    /// The latest delta that adds to a CRL and is what it says (§5.2.4).
    fn delta(&mut self, base: &Crl, path: &[&Certificate]) -> Option<(Crl, Backing)> {
        let all = self.request.revocations.crls();
        let all = all.enumerate().map(|(index, (place, delta))| ((place, index), delta));
        let mut deltas: Vec<(Source, &Crl)> = all.collect();
        deltas.retain(|(_, delta)| {
            base.is_completed_by(delta) && self.has_begun(delta.this_update()) && !delta.is_beyond_us()
        });
        deltas.sort_by_key(|(_, delta)| Reverse(delta.age()));
        deltas
            .into_iter()
            .find_map(|(source, delta)| Some((delta.clone(), self.backing(source, delta, path).ok()?)))
    }

    /// Who signed a CRL: the issuer of the certificate with the key of the path, or another certificate of the CRL's
    /// issuer that has a path to the same anchor.
    fn backing(&mut self, source: Source, crl: &Crl, path: &[&Certificate]) -> Result<Backing, Doubt> {
        let (Some(issuer), Some(anchor)) = (path.get(1), path.last()) else { return Err(Doubt::Signer) };
        let mut why = Doubt::Nothing;
        if issuer.subject() == crl.issuer() {
            match self.crl_signature(source, crl, issuer) {
                // It is part of the path, and asked about as such.
                Ok(hash) => return Ok(Backing { hash, doubt: None }),
                Err(doubt) => why = doubt,
            }
        }
        let mut best = None;
        for other in self.named(crl.issuer()) {
            if other == *issuer {
                continue;
            }
            let signed = self.crl_signature(source, crl, other);
            match signed.and_then(|hash| Ok((hash, self.issuer_path(source.0, other, anchor)?))) {
                Ok((hash, above)) => {
                    let own =
                        (0..above.certificates.len()).filter_map(|at| above.algorithm(at)?.hash()).min();
                    let above: Vec<&Certificate> = above.certificates.iter().collect();
                    let backing = Backing { hash: weaker(hash, own), doubt: self.doubt(&above) };
                    if backing.doubt.is_none() {
                        return Ok(backing);
                    }
                    best = Some(backing);
                }
                Err(doubt) => why = why.max(doubt),
            }
        }
        best.ok_or(why.max(Doubt::Signer))
    }

    /// A signature by a certificate that may sign CRLs (§4.2.1.3, §6.3.3 (f)).
    fn crl_signature(
        &mut self,
        (place, index): Source,
        crl: &Crl,
        signer: &Certificate,
    ) -> Result<Option<HashAlgorithm>, Doubt> {
        if signer.extensions().key_usage.is_some_and(|usage| !usage.crl_sign()) {
            return Err(Doubt::Signer);
        }
        self.signature((place, What::Crl(index)), crl.signed(), signer)
    }
}
