//! What is remembered of one address, and how letters change it.

use serde::{Deserialize, Serialize};

use super::lesson::{Lesson, Proof, SeenSigner};
use super::{AutocryptPeer, KnownMailer, KnownReads, alike, text};
use crate::error::Error;
use crate::mime::Address;
use crate::report::{Protocol, whole_fingerprint};
use crate::time::UnixTime;

/// So many letters make a habit: signed ones, or ones by the same authority.
pub(super) const HABIT: u64 = 3;

/// So many certain letters make an address well known, so that others can be told from it.
const WELL_KNOWN: u64 = 2;

/// Display names, certificates and their anchors that are kept of one correspondent. People have two or three.
const KEPT: usize = 8;

/// Seconds by which clocks differ without anybody lying: beyond it, a time is in the future (RFC 8551 §2.7.1).
const SKEW: i64 = 300;

/// Letters of a display name that are kept; no program shows more.
const NAME: usize = 128;

/// What is remembered of one address. Bounded, whatever letters come.
///
/// Strangers cannot make it look worse: anyone can write any From, so a letter that proves nothing changes nothing here
/// but how many came, and a certificate that nobody vouches for counts only where it came with the very first letter.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../../examples/letters/report.rs");
/// use mailseal::trust::{Correspondent, Lesson};
/// let lesson = Lesson::of(&report).unwrap();
/// let alice = Correspondent::after(None, &lesson);
/// let alice = Correspondent::after(Some(alice), &lesson);
/// assert_eq!((alice.letters, alice.signed_in_row, alice.signers.len()), (2, 2, 1));
/// assert!(alice.is_well_known());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Correspondent {
    /// The address, as it was spelled first.
    #[serde(with = "text::address")]
    pub address: Address,
    /// The first letter, or pin.
    #[serde(with = "text::time")]
    pub first_seen: UnixTime,
    /// The last one.
    #[serde(with = "text::time")]
    pub last_seen: UnixTime,
    /// Letters in all, whoever wrote them.
    pub letters: u64,
    /// Of them, those that are certainly theirs.
    pub certain: u64,
    /// How many of theirs, up to the last, were signed; all of them, where it is not known that one was not.
    pub signed_in_row: u64,
    /// Since when it is known well.
    #[serde(with = "text::optional_time")]
    pub known_since: Option<UnixTime>,
    /// The caller vouched for a letter.
    pub confirmed: bool,
    /// Display names in certain letters.
    pub names: Vec<String>,
    /// Certificates they sign with.
    pub signers: Vec<KnownSigner>,
    /// Certificates that the caller tied to an address.
    pub pins: Vec<Pin>,
    /// What they said in their last certain signature to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<KnownReads>,
    /// Autocrypt's state of them.
    #[serde(default)]
    pub autocrypt: AutocryptPeer,
    /// The program they write with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailer: Option<KnownMailer>,
}

/// A certificate that a correspondent signs with.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../../examples/letters/report.rs");
/// use mailseal::trust::{Correspondent, Lesson};
/// let alice = Correspondent::after(None, &Lesson::of(&report).unwrap());
/// for signer in &alice.signers {
///     println!("{} {} since {}", signer.protocol.name(), signer.fingerprint, signer.first_seen.date());
/// }
/// # assert_eq!(alice.signers.len(), 1);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KnownSigner {
    /// S/MIME or OpenPGP.
    pub protocol: Protocol,
    /// As [`CertificateSummary::fingerprint`](crate::report::CertificateSummary::fingerprint).
    pub fingerprint: String,
    /// X.509: the issuer. Empty for OpenPGP.
    pub issuer: String,
    /// Fingerprints of the anchors or roots that led to it.
    pub anchors: Vec<String>,
    /// Its first letter.
    #[serde(with = "text::time")]
    pub first_seen: UnixTime,
    /// Its last one.
    #[serde(with = "text::time")]
    pub last_seen: UnixTime,
    /// How many.
    pub letters: u64,
    /// It was trusted at least once, or vouched for by the caller.
    pub certain: bool,
}

/// A certificate that the caller tied to an address by its fingerprint. This is trust, for exactly this address.
///
/// ```
/// use mailseal::UnixTime;
/// use mailseal::trust::Pin;
/// let since = UnixTime::from_seconds(1_800_000_000);
/// let spaced = "9c4e 11b7 d0e7 5b86 a1f2 c93d 5e6b 7a80 914c 7d10";
/// let pin = Pin::new(&"carol@example.net".parse()?, spaced, since)?;
/// assert_eq!(pin.fingerprint, "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D10");
/// assert!(Pin::new(&"carol@example.net".parse()?, "914C7D10", since).is_err(), "all of it, not its end");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub struct Pin {
    /// The address, octet by octet.
    #[serde(with = "text::address")]
    pub address: Address,
    /// Upper-case hexadecimal: SHA-256 of an X.509 certificate, or the fingerprint of an OpenPGP one.
    pub fingerprint: String,
    /// Since when.
    #[serde(with = "text::time")]
    pub since: UnixTime,
}

/// A pin as it was written.
#[derive(Deserialize)]
struct Written {
    #[serde(with = "text::address")]
    address: Address,
    fingerprint: String,
    #[serde(with = "text::time")]
    since: UnixTime,
}

impl TryFrom<Written> for Pin {
    type Error = Error;

    fn try_from(pin: Written) -> Result<Self, Error> {
        Self::new(&pin.address, &pin.fingerprint, pin.since)
    }
}

impl Pin {
    /// A pin by the whole fingerprint: 40 or 64 hexadecimal digits, in any case, with blanks or colons between.
    pub fn new(address: &Address, fingerprint: &str, since: UnixTime) -> Result<Self, Error> {
        Ok(Self { address: address.clone(), fingerprint: whole_fingerprint(fingerprint)?, since })
    }
}

/// How a certificate stands next to those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is none to compare with.
    First,
    /// One that came with so many letters.
    Same(u64),
    /// A new one, from where the old ones came or from the caller.
    Renewed,
    /// Trusted, but by another authority than those before.
    OtherIssuer,
    /// A new one that nothing ties to the old ones.
    Changed,
}

impl Correspondent {
    /// Under which name an address is kept: case is folded before the `@` too. By [`Address`] these are different
    /// mailboxes; but for a finding, which only ever lowers, a letter in other case is not to pass as a stranger's.
    ///
    /// ```
    /// use mailseal::trust::Correspondent;
    /// assert_eq!(Correspondent::key(&"Alice@Example.org".parse()?), "alice@example.org");
    /// # Ok::<(), mailseal::mime::AddressError>(())
    /// ```
    pub fn key(address: &Address) -> String {
        address.to_string().to_lowercase()
    }

    /// Of whom nothing is known yet.
    ///
    /// ```
    /// use mailseal::UnixTime;
    /// use mailseal::trust::{Correspondent, Pin};
    /// let (carol, at) = ("carol@example.net".parse()?, UnixTime::from_seconds(1_800_000_000));
    /// let mut known = Correspondent::new(&carol, at);
    /// known.pin(Pin::new(&carol, "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D10", at)?);
    /// assert!(known.is_well_known());
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn new(address: &Address, at: UnixTime) -> Self {
        Self {
            address: address.clone(),
            first_seen: at,
            last_seen: at,
            letters: 0,
            certain: 0,
            signed_in_row: 0,
            known_since: None,
            confirmed: false,
            names: Vec::new(),
            signers: Vec::new(),
            pins: Vec::new(),
            reads: None,
            autocrypt: AutocryptPeer::default(),
            mailer: None,
        }
    }

    /// What is known after a letter.
    #[must_use]
    pub fn after(before: Option<Self>, lesson: &Lesson) -> Self {
        let mut known = before.unwrap_or_else(|| Self::new(&lesson.address, lesson.at));
        known.apply(lesson);
        known
    }

    /// Ties a certificate to an address that has this [`key`](Self::key); again is once.
    pub fn pin(&mut self, pin: Pin) {
        let same = |known: &Pin| known.address == pin.address && known.fingerprint == pin.fingerprint;
        if Self::key(&pin.address) == Self::key(&self.address) && !self.pins.iter().any(same) {
            self.known_since.get_or_insert(pin.since);
            self.pins.push(pin);
        }
    }

    /// Takes a pin away. False if there is none.
    ///
    /// ```
    /// use mailseal::UnixTime;
    /// use mailseal::trust::{Correspondent, Pin};
    /// let (carol, at) = ("carol@example.net".parse()?, UnixTime::from_seconds(1_800_000_000));
    /// let fingerprint = "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D10";
    /// let mut known = Correspondent::new(&carol, at);
    /// known.pin(Pin::new(&carol, fingerprint, at)?);
    /// assert!(known.unpin(&carol, fingerprint));
    /// assert!(!known.is_well_known());
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn unpin(&mut self, address: &Address, fingerprint: &str) -> bool {
        let before = self.pins.len();
        self.pins.retain(|pin| pin.address != *address || !pin.fingerprint.eq_ignore_ascii_case(fingerprint));
        if !self.has_earned_it() && self.pins.is_empty() {
            self.known_since = None;
        }
        self.pins.len() < before
    }

    /// Known well without a pin.
    fn has_earned_it(&self) -> bool {
        self.certain >= WELL_KNOWN || self.confirmed
    }

    /// Two certain letters, a letter that the caller vouched for, or a pin: others are told from it. What anybody can
    /// write, however often, is not enough.
    pub fn is_well_known(&self) -> bool {
        self.known_since.is_some()
    }

    /// Under which words others find it that look like it: none unless it [is well known](Self::is_well_known).
    pub fn marks(&self) -> Vec<String> {
        if self.is_well_known() { alike::marks(&self.address, &self.names) } else { Vec::new() }
    }

    /// The caller itself said who this is.
    pub(super) fn is_settled(&self) -> bool {
        self.confirmed || !self.pins.is_empty()
    }

    pub(super) fn standing(&self, signer: &SeenSigner) -> Standing {
        if let Some(known) = self.signers.iter().find(|known| known.fingerprint == signer.fingerprint) {
            return Standing::Same(known.letters);
        }
        if !self.pins.is_empty() {
            // Or in another place where the caller keeps pins; against those in here trust speaks for itself.
            let pinned = signer.tied || self.pins.iter().any(|pin| pin.fingerprint == signer.fingerprint);
            return match (pinned, self.signers.is_empty()) {
                (false, _) => Standing::Changed,
                (true, true) => Standing::First,
                (true, false) => Standing::Renewed,
            };
        }
        if self.signers.is_empty() {
            return Standing::First;
        }
        if signer.tied {
            return Standing::Renewed;
        }
        if signer.anchors.is_empty() {
            return Standing::Changed;
        }
        let certain = self.signers.iter().filter(|known| known.certain && known.protocol == signer.protocol);
        let (mut letters, mut same) = (0_u64, false);
        for known in certain.filter(|known| !known.anchors.is_empty()) {
            letters = letters.saturating_add(known.letters);
            same |= known.anchors.iter().any(|anchor| signer.anchors.contains(anchor));
        }
        if same || letters < HABIT { Standing::Renewed } else { Standing::OtherIssuer }
    }

    /// There was a letter from them, or the caller named them: not only somebody else's gossip.
    pub(super) fn has_written(&self) -> bool {
        self.letters > 0 || !self.pins.is_empty()
    }

    fn apply(&mut self, lesson: &Lesson) {
        let sent = lesson.told.sent.unwrap_or(lesson.at);
        if lesson.hearsay {
            lesson.told.gossip.iter().for_each(|offer| self.autocrypt.after_gossip(sent, offer));
            return;
        }
        if !lesson.told.automatic {
            self.autocrypt.after_letter(sent, lesson.told.autocrypt.as_ref());
        }
        let first = self.letters == 0;
        self.letters = self.letters.saturating_add(1);
        self.last_seen = self.last_seen.max(lesson.at);
        self.confirmed |= lesson.vouched;
        let theirs = match &lesson.signer {
            Some(signer) => self.learn_signer(signer, lesson, first),
            None => lesson.vouched,
        };
        if theirs && lesson.proof == Proof::Certain {
            self.certain = self.certain.saturating_add(1);
            self.learn_name(lesson.name.as_deref());
            self.learn_reach(lesson);
        }
        if theirs && lesson.signer.is_some() {
            self.signed_in_row = self.signed_in_row.saturating_add(1);
        } else if theirs {
            self.signed_in_row = 0;
        }
        if self.has_earned_it() {
            self.known_since.get_or_insert(lesson.at);
        }
    }

    /// Whether the letter counts as theirs. A certificate that breaks a habit does not, until the caller says so: or the
    /// second letter of whoever got hold of one would pass.
    fn learn_signer(&mut self, signer: &SeenSigner, lesson: &Lesson, first: bool) -> bool {
        let certain = lesson.proof == Proof::Certain;
        let accepted = lesson.vouched
            || match self.standing(signer) {
                Standing::Same(_) => true,
                Standing::First | Standing::Renewed => certain || first,
                Standing::OtherIssuer | Standing::Changed => false,
            };
        if !accepted {
            return false;
        }
        let at = lesson.at;
        let index = self.signers.iter().position(|known| known.fingerprint == signer.fingerprint);
        let mut known = match index {
            Some(index) => self.signers.remove(index),
            None => KnownSigner {
                protocol: signer.protocol,
                fingerprint: signer.fingerprint.clone(),
                issuer: signer.issuer.clone(),
                anchors: Vec::new(),
                first_seen: at,
                last_seen: at,
                letters: 0,
                certain: false,
            },
        };
        known.letters = known.letters.saturating_add(1);
        known.last_seen = known.last_seen.max(at);
        known.certain |= certain;
        for anchor in signer.anchors.iter().filter(|_| certain) {
            keep(&mut known.anchors, anchor.clone());
        }
        keep(&mut self.signers, known);
        true
    }

    /// What they said last; an older letter that comes late, or comes again, changes nothing.
    fn learn_reach(&mut self, lesson: &Lesson) {
        if let Some(said) = &lesson.reads
            && said.signed_at.seconds() <= lesson.at.seconds().saturating_add(SKEW)
            && self.reads.as_ref().is_none_or(|known| known.signed_at < said.signed_at)
        {
            self.reads = Some(said.clone());
        }
        let sent = lesson.told.sent.unwrap_or(lesson.at);
        if let Some(name) = lesson.told.mailer.clone().filter(|_| !lesson.told.automatic)
            && self.mailer.as_ref().is_none_or(|known| known.seen <= sent)
        {
            self.mailer = Some(KnownMailer { name, seen: sent });
        }
    }

    fn learn_name(&mut self, name: Option<&str>) {
        let name: String = name.unwrap_or_default().trim().chars().take(NAME).collect();
        if !name.is_empty() {
            self.names.retain(|known| *known != name);
            keep(&mut self.names, name);
        }
    }
}

/// The newest last; the oldest goes.
fn keep<T: PartialEq>(list: &mut Vec<T>, new: T) {
    if !list.contains(&new) {
        list.push(new);
    }
    if list.len() > KEPT {
        list.remove(0);
    }
}
