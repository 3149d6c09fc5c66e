//! What is unusual in a letter, by what is remembered.

use std::cmp::Reverse;

use super::Memory;
use super::alike::{self, Resemblance};
use super::correspondent::{Correspondent, HABIT, Standing};
use super::lesson::{is_by, is_closed, reads, seen};
use crate::crypto::ContentCipher;
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::{Address, PartPath};
use crate::report::{Code, Finding, Integrity, Layer, Report, Signature};

/// Adds findings to the report. Nothing else in it changes, and none of them raises an outcome.
pub(crate) fn note(memory: &dyn Memory, limits: &Limits, report: &mut Report) -> Result<(), Error> {
    let from = match report.from.mailboxes.as_slice() {
        [only] => only.clone(),
        _ => return Ok(()),
    };
    let readable = !report.findings.iter().any(|finding| finding.code == Code::FromUnreadable);
    let address = from.parse::<Address>().ok().filter(|_| readable);
    let known = match &address {
        Some(address) => memory.recall(address)?,
        None => None,
    };
    let mut found = Vec::new();
    match (&address, &known) {
        (Some(address), Some(known)) => {
            signers(report, address, known);
            found.extend(unsigned(report, address, known));
            found.extend(other_offer(report, known));
            found.extend((!known.has_written()).then(|| finding(Code::FirstLetter)));
        }
        (Some(_), None) => found.push(finding(Code::FirstLetter)),
        (None, _) => {}
    }
    if !known.as_ref().is_some_and(Correspondent::is_settled) {
        let asked = Asked {
            text: &from,
            address: address.as_ref(),
            name: report.from.name.as_deref(),
            known: known.as_ref(),
        };
        found.extend(asked.look_alikes(memory, limits)?);
        if address.as_ref().is_some_and(alike::mixes_scripts) {
            found.push(finding(Code::MixedScripts));
        }
    }
    report.findings.extend(found);
    Ok(())
}

fn finding(code: Code) -> Finding {
    Finding::new(code, PartPath::root())
}

/// On each signature that speaks as From: how its certificate stands next to those that are known.
fn signers(report: &mut Report, from: &Address, known: &Correspondent) {
    let layers = report.layers.iter_mut().filter_map(|layer| match layer {
        Layer::Signed(layer) => Some(layer),
        Layer::Encrypted(_) | Layer::Compressed(_) => None,
    });
    for layer in layers {
        let (protocol, part) = (layer.protocol, layer.part.clone());
        for signature in &mut layer.signatures {
            let counts = signature.integrity.holds() && is_by(signature, from);
            let Some(signer) = seen(signature, protocol).filter(|_| counts) else { continue };
            let (code, letters) = match known.standing(&signer) {
                Standing::First => continue,
                Standing::Same(letters) => (Code::SameSigner, Some(letters)),
                Standing::Renewed => (Code::KeyRenewed, None),
                Standing::Changed => (Code::KeyChanged, None),
                Standing::OtherIssuer => (Code::IssuerChanged, None),
            };
            let less = reads_less(signature, known);
            let less = less.map(|lost| Finding::new(Code::ReadsLess, part.clone()).with_detail(lost));
            signature.findings.extend(less);
            let finding = Finding::new(code, part.clone());
            signature.findings.push(match letters {
                Some(letters) => finding.with_detail(letters.to_string()),
                None => finding,
            });
        }
    }
}

/// Anyone can write such a field; the newest counts for Autocrypt.
fn other_offer(report: &Report, known: &Correspondent) -> Option<Finding> {
    let (offer, before) = (report.told.autocrypt.as_ref()?, known.autocrypt.key.as_ref()?);
    let newer = report.told.sent.is_some_and(|sent| sent >= before.since);
    (newer && offer.fingerprint != before.fingerprint).then(|| finding(Code::AutocryptChanged))
}

/// The strongest cipher of those before, where none that notices changes is left. An older letter takes nothing away.
fn reads_less(signature: &Signature, known: &Correspondent) -> Option<String> {
    let (now, before) = (reads(signature)?, known.reads.as_ref()?);
    let noticing = |name: &&String| name.parse().is_ok_and(ContentCipher::is_authenticated);
    let lost = before.reads.ciphers.iter().find(noticing)?;
    let less = now.signed_at > before.signed_at && !now.reads.ciphers.iter().any(|name| noticing(&name));
    less.then(|| lost.clone())
}

/// They always sign, and this one is not signed by them.
fn unsigned(report: &Report, from: &Address, known: &Correspondent) -> Option<Finding> {
    // What is broken is told as such; and what a list added to is still by them.
    let theirs = |integrity: Integrity| integrity != Integrity::Unverified;
    let signed = report.signatures().any(|one| theirs(one.integrity) && is_by(one, from));
    if signed || is_closed(report) || known.signed_in_row < HABIT {
        return None;
    }
    Some(finding(Code::UsuallySigned))
}

/// From, as it is compared with those who are known well.
struct Asked<'a> {
    /// The address, or what stands in its place.
    text: &'a str,
    address: Option<&'a Address>,
    name: Option<&'a str>,
    /// What is known of the address itself.
    known: Option<&'a Correspondent>,
}

impl Asked<'_> {
    fn look_alikes(&self, memory: &dyn Memory, limits: &Limits) -> Result<Vec<Finding>, Error> {
        let mut marks = alike::address_marks(self.text, self.address);
        marks.extend(self.name.map(alike::display_marks).unwrap_or_default());
        let mut others = memory.alike(&marks, limits.look_alikes)?;
        others.truncate(limits.look_alikes);
        // Asked apart: those who share a domain must not crowd out the others.
        let marks = self.address.map(alike::neighbour_marks).unwrap_or_default();
        let neighbours = memory.alike(&marks, limits.look_alikes)?;
        others.extend(neighbours.into_iter().take(limits.look_alikes));
        let own = self.address.map(Correspondent::key);
        others.retain(|other| {
            other.is_well_known() && own.as_ref() != Some(&Correspondent::key(&other.address))
        });
        // Whom the caller itself knows first, then who came first.
        others.sort_by_key(|other| (Reverse(other.is_settled()), other.known_since));
        let by_address = others.iter().filter_map(|other| Some((self.resembles(other)?, other)));
        let address = by_address.min_by_key(|(how, _)| *how).map(|(_, other)| (Code::LookAlike, other));
        let name =
            others.iter().find(|other| self.borrows_name(other)).map(|other| (Code::NameOfAnother, other));
        let found = address.into_iter().chain(name);
        Ok(found.map(|(code, other)| finding(code).with_detail(other.address.to_string())).collect())
    }

    fn resembles(&self, other: &Correspondent) -> Option<Resemblance> {
        let how = alike::resemblance(self.text, self.address, &other.address)?;
        let excused = match how {
            Resemblance::Eye | Resemblance::Domain => self.was_known_before(other),
            // Colleagues have names alike.
            Resemblance::Local => self.is_well_known(),
        };
        (!excused).then_some(how)
    }

    /// People have several addresses.
    fn borrows_name(&self, other: &Correspondent) -> bool {
        let taken = |name: &str| alike::takes_name(name, &other.address, &other.names);
        !self.is_well_known() && self.name.is_some_and(taken)
    }

    fn is_well_known(&self) -> bool {
        self.known.is_some_and(Correspondent::is_well_known)
    }

    /// Of two that look alike, the one that came later is the look-alike, however many letters it writes; only the
    /// caller can say that it is not.
    fn was_known_before(&self, other: &Correspondent) -> bool {
        let known = self.known.and_then(|known| known.known_since);
        !other.is_settled() && known.is_some_and(|since| other.known_since.is_none_or(|other| since <= other))
    }
}
