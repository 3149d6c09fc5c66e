//! The certificates of one person: found, believed, fit to be encrypted to.

use crate::error::Error;
use crate::message::who::{self, Asking, Claim, Unreached};
use crate::mime::Address;
use crate::policy::{Decision, Demand};
use crate::protocol::Certificate;
use crate::report::Protocol;
use crate::trust::Purpose;

/// What was found for one person.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Believed and fit; of each protocol the best.
    pub(super) usable: Vec<Certificate>,
    /// Fit, and not believed.
    pub(super) others: Vec<Certificate>,
    pub(super) problem: Option<Unreached>,
}

impl Found {
    pub(super) fn of(&self, protocol: Protocol) -> Option<&Certificate> {
        self.usable.iter().find(|one| one.protocol() == protocol)
    }
}

impl Found {
    /// Those alone that the policy lets one encrypt to.
    pub(super) fn within(mut self, decision: &Decision) -> Self {
        let allowed = |one: &Certificate| decision.allows_certificate(one.protocol(), &one.fingerprint());
        let before = self.usable.len();
        self.usable.retain(allowed);
        if self.usable.len() < before && self.usable.is_empty() {
            let asked: Vec<&Demand> = decision.demands.iter().collect();
            self.problem = Some(Unreached::Policy(decision.refusal(&asked)));
        }
        self
    }
}

impl Asking<'_> {
    pub(super) fn find(&self, who: &Address) -> Result<Found, Error> {
        let mut found = Found { usable: Vec::new(), others: Vec::new(), problem: None };
        for Claim { certificate, problem, .. } in who::ask(self, who, Purpose::Encrypt)? {
            match problem {
                None => {
                    if found.of(certificate.protocol()).is_none() {
                        found.usable.push(certificate);
                    }
                }
                Some(problem) => {
                    let fit = matches!(problem, Unreached::NotBelieved(_) | Unreached::Weak(_));
                    if fit {
                        found.others.push(certificate);
                    }
                    found.problem = found.problem.max(Some(problem));
                }
            }
        }
        found.problem.get_or_insert(Unreached::NoCertificate);
        Ok(found)
    }
}
