//! What somebody tells of how they can be written to, as it is kept: SMIMECapabilities, Autocrypt, the mail program.

use serde::{Deserialize, Serialize};

use super::text;
use crate::report::{KeyOffer, Reads};
use crate::time::UnixTime;

/// Older than that, a key was perhaps lost (Autocrypt Level 1, "Preliminary Recommendation").
const STALE: u64 = 35 * 86_400;

/// What a correspondent said in a signature to read. Only certain letters teach it, and a newer one takes the place of an
/// older one, never the other way round (RFC 8551 §2.7.1).
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../../examples/letters/report.rs");
/// use mailseal::trust::{Correspondent, Lesson};
/// let alice = Correspondent::after(None, &Lesson::of(&report).unwrap());
/// let known = alice.reads.unwrap();
/// println!("{}: {}", known.signed_at.date(), known.reads.ciphers.join(", "));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KnownReads {
    /// What they said.
    pub reads: Reads,
    /// When they signed it, as the signature says.
    #[serde(with = "text::time")]
    pub signed_at: UnixTime,
    /// The fingerprint of the certificate they signed with.
    pub signer: String,
}

/// The program that certain letters were written with, as it called itself. A hint: it lowers nothing.
///
/// ```
/// use mailseal::trust::Correspondent;
/// fn print(known: &Correspondent) {
///     if let Some(mailer) = &known.mailer {
///         println!("{} since {}", mailer.name, mailer.seen.date());
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KnownMailer {
    /// User-Agent or X-Mailer, unescaped.
    pub name: String,
    /// The letter it was in last.
    #[serde(with = "text::time")]
    pub seen: UnixTime,
}

/// The state of an Autocrypt peer (Autocrypt Level 1, "Communication Peers"). Its keys are candidates: they make nobody
/// trusted, and nothing is encrypted to them that is not believed otherwise.
///
/// ```
/// use mailseal::trust::{AutocryptPeer, Recommendation};
/// let peer = AutocryptPeer::default();
/// assert_eq!(peer.recommendation(|_| true, true, false), Recommendation::Disable);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AutocryptPeer {
    /// `last_seen`: the latest effective date of their letters.
    #[serde(default, with = "text::optional_time", skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<UnixTime>,
    /// `public_key`, `autocrypt_timestamp`, `prefer_encrypt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PeerKey>,
    /// `gossip_key`, `gossip_timestamp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gossip: Option<PeerKey>,
}

/// A key of an Autocrypt peer.
///
/// ```
/// use mailseal::trust::AutocryptPeer;
/// fn print(peer: &AutocryptPeer) {
///     for key in peer.key.iter().chain(&peer.gossip) {
///         println!("{} in a letter of {}", key.fingerprint, key.since.date());
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PeerKey {
    /// Of its primary key, upper-case hexadecimal.
    pub fingerprint: String,
    /// The effective date of the letter that it came with.
    #[serde(with = "text::time")]
    pub since: UnixTime,
    /// `prefer-encrypt=mutual`; never of gossip.
    pub prefers_encryption: bool,
    /// The OpenPGP certificate, binary; at most 10 KiB, because larger fields are not read.
    #[serde(with = "text::octets")]
    pub octets: Vec<u8>,
}

/// What Autocrypt recommends to a mail program (Autocrypt Level 1, "Recommendation structure"). It is said beside a plan
/// and decides nothing in it.
///
/// ```
/// use mailseal::trust::Recommendation::{Available, Disable, Discourage, Encrypt};
/// use mailseal::trust::Recommendation;
/// // For several people (Autocrypt Level 1, "Recommendations for messages to multiple addresses").
/// assert_eq!(Recommendation::of_all([Encrypt, Encrypt]), Encrypt);
/// assert_eq!(Recommendation::of_all([Encrypt, Available]), Available);
/// assert_eq!(Recommendation::of_all([Encrypt, Discourage, Available]), Discourage);
/// assert_eq!(Recommendation::of_all([Encrypt, Disable]), Disable);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Recommendation {
    /// There is no usable key.
    #[default]
    Disable,
    /// It may be that they cannot read it: the key is old, or somebody else told it.
    Discourage,
    /// Possible.
    Available,
    /// Expected: both prefer it, or it answers an encrypted letter.
    Encrypt,
}

impl Recommendation {
    /// Of a letter to several people; [`Disable`](Self::Disable) for nobody.
    pub fn of_all(each: impl IntoIterator<Item = Self>) -> Self {
        let each: Vec<Self> = each.into_iter().collect();
        let any = |one: Self| each.contains(&one);
        if each.is_empty() || any(Self::Disable) {
            Self::Disable
        } else if each.iter().all(|one| *one == Self::Encrypt) {
            Self::Encrypt
        } else if any(Self::Discourage) {
            Self::Discourage
        } else {
            Self::Available
        }
    }
}

impl AutocryptPeer {
    /// What Autocrypt recommends for a letter to this peer alone. `usable`: the key can be encrypted to now;
    /// `we_prefer`: our own `prefer-encrypt` is `mutual`; `reply`: to an encrypted letter.
    pub fn recommendation(
        &self,
        usable: impl Fn(&PeerKey) -> bool,
        we_prefer: bool,
        reply: bool,
    ) -> Recommendation {
        let own = self.key.as_ref().filter(|key| usable(key));
        let told = self.gossip.as_ref().filter(|key| usable(key));
        let stale = |key: &PeerKey| {
            self.last_seen.is_some_and(|seen| seen > key.since && seen.distance(key.since) > STALE)
        };
        let preliminary = match (own, told) {
            (None, None) => return Recommendation::Disable,
            (None, Some(_)) => Recommendation::Discourage,
            (Some(key), _) if stale(key) => Recommendation::Discourage,
            (Some(_), _) => Recommendation::Available,
        };
        let mutual = we_prefer && own.is_some_and(|key| key.prefers_encryption);
        match reply || (mutual && preliminary == Recommendation::Available) {
            true => Recommendation::Encrypt,
            false => preliminary,
        }
    }

    /// Autocrypt Level 1, "Updating Autocrypt Peer State".
    pub(super) fn after_letter(&mut self, sent: UnixTime, offer: Option<&KeyOffer>) {
        if self.key.as_ref().is_some_and(|key| sent < key.since) {
            return;
        }
        self.last_seen = self.last_seen.max(Some(sent));
        if let Some(offer) = offer {
            self.key = Some(PeerKey::new(offer, sent));
        }
    }

    /// Autocrypt Level 1, "Updating Autocrypt Peer State from Key Gossip".
    pub(super) fn after_gossip(&mut self, sent: UnixTime, offer: &KeyOffer) {
        if self.gossip.as_ref().is_none_or(|known| known.since <= sent) {
            self.gossip = Some(PeerKey { prefers_encryption: false, ..PeerKey::new(offer, sent) });
        }
    }
}

impl PeerKey {
    fn new(offer: &KeyOffer, since: UnixTime) -> Self {
        let KeyOffer { prefers_encryption, fingerprint, key, .. } = offer.clone();
        Self { fingerprint, since, prefers_encryption, octets: key }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> UnixTime {
        UnixTime::from_seconds(day * 86_400)
    }

    fn offer(fingerprint: &str, prefers_encryption: bool) -> KeyOffer {
        let (address, key) = ("carol@example.net".parse().unwrap(), fingerprint.into());
        KeyOffer { address, prefers_encryption, fingerprint: fingerprint.into(), key }
    }

    fn key(peer: &AutocryptPeer) -> &str {
        peer.key.as_ref().map_or("", |key| &key.fingerprint)
    }

    #[test]
    fn the_youngest_field_counts_in_whatever_order_letters_come() {
        let letters = [(10, Some(offer("A", true))), (30, Some(offer("B", false))), (40, None), (20, None)];
        let mut states = Vec::new();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let mut peer = AutocryptPeer::default();
            for index in order {
                let (sent, offer): &(i64, Option<KeyOffer>) = &letters[index];
                peer.after_letter(day(*sent), offer.as_ref());
            }
            assert_eq!((key(&peer), peer.last_seen), ("B", Some(day(40))), "{order:?}");
            states.push(peer);
        }
        assert!(states.iter().all(|peer| *peer == states[0]));
    }

    #[test]
    fn recommendations() {
        let all = |_: &PeerKey| true;
        let mut peer = AutocryptPeer::default();
        peer.after_gossip(day(5), &offer("G", true));
        peer.after_gossip(day(4), &offer("H", true));
        assert_eq!(
            peer.gossip.as_ref().map(|key| (&*key.fingerprint, key.prefers_encryption)),
            Some(("G", false))
        );
        assert_eq!(peer.recommendation(all, true, false), Recommendation::Discourage);
        assert_eq!(peer.recommendation(all, false, true), Recommendation::Encrypt);
        peer.after_letter(day(10), Some(&offer("A", true)));
        assert_eq!(peer.recommendation(all, false, false), Recommendation::Available);
        assert_eq!(peer.recommendation(all, true, false), Recommendation::Encrypt);
        let gossip_alone = |key: &PeerKey| key.fingerprint == "G";
        assert_eq!(peer.recommendation(gossip_alone, true, false), Recommendation::Discourage);
        assert_eq!(peer.recommendation(|_| false, true, true), Recommendation::Disable);
        peer.after_letter(day(45), None);
        assert_eq!(
            peer.recommendation(all, true, false),
            Recommendation::Encrypt,
            "35 days are not more than 35"
        );
        peer.after_letter(day(46), None);
        assert_eq!(peer.recommendation(all, true, false), Recommendation::Discourage);
        peer.after_letter(day(47), Some(&offer("A", false)));
        assert_eq!(peer.recommendation(all, true, false), Recommendation::Available);
    }
}
