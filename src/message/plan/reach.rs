//! What each recipient of a plan gets, why in that form, and what they will see of it.

use serde::Serialize;

use super::{Person, Plan};
use crate::message::Group;
use crate::mime::Address;
use crate::protocol::{Certificate, Client, Feature, Support};
use crate::report::Protocol;
use crate::time::UnixTime;
use crate::trust::Recommendation;

/// What one recipient of a [`Plan`] gets.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// use mailseal::{Context, Plan, Policy, Scope, TrustStore, plan::Why};
/// let cx = Context::new(TrustStore::new().anchors(pem.as_bytes(), Scope::any())?);
/// let draft = b"From: bob@example.org\r\nTo: alice@example.org\r\n\r\nHello\r\n";
/// let plan = Plan::new(&cx, draft, &Policy::standard(), at)?;
/// let alice = &plan.recipients()[0];
/// assert_eq!((alice.content.as_str(), &alice.why), ("AES-256-CBC", &Why::Unknown));
/// for sentence in alice.sentences("en") {
///     println!("{}: {sentence}", alice.mailbox);
/// }
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reached {
    /// Who.
    pub mailbox: Address,
    /// By which protocol.
    pub protocol: Protocol,
    /// The fingerprint of the certificate that is encrypted to.
    pub certificate: String,
    /// They asked for that one in a signature (RFC 8551 §2.5.3).
    pub asked_for: bool,
    /// What the content is encrypted with: `AES-256-GCM`, `SEIPDv2, AES-256 with OCB`.
    pub content: String,
    /// Why with that.
    pub why: Why,
    /// How its key is: `RSAES-OAEP`, `ECDH P-256`, `X25519`.
    pub key: String,
    /// Why so, where there was a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_why: Option<Why>,
    /// What they will see of it, or not.
    pub sees: Vec<Sees>,
    /// The program they were last seen to write with: a hint, which decided nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailer: Option<Mailer>,
    /// What Autocrypt recommends, without regard to what we prefer; `None` where it knows no key of theirs. It decided
    /// nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autocrypt: Option<Recommendation>,
}

/// From what an algorithm was chosen.
///
/// ```
/// use mailseal::plan::Why;
/// assert_eq!(serde_json::to_string(&Why::Certificate)?, r#"{"kind":"certificate"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// They said in a signed letter what they read.
    Said {
        /// When they signed it.
        on: UnixTime,
    },
    /// Their certificate says what they read.
    Certificate,
    /// Nothing says what they read, so it is what every program reads.
    Unknown,
    /// They read better, others of the same letter are not known to. One letter goes to all of a protocol: whoever can
    /// read the weaker of two letters has read both (RFC 8551 §2.7.3).
    Others {
        /// What they would get alone.
        alone: String,
        /// Who is not known to read that.
        who: Vec<Address>,
    },
    /// The caller, or the policy, chose it.
    Chosen,
}

/// What a recipient will see.
///
/// ```
/// use mailseal::plan::Sees;
/// assert_eq!(Sees::Unnoticed.text("en"), "nothing tells them whether it was changed on the way");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sees {
    /// The true Subject, if their program reads protected header fields; else `[...]` (RFC 9788 §3.2.1).
    Subject {
        /// Whether it does, by its makers.
        reads: Support,
    },
    /// The content has no tag of its own: what was changed on the way decrypts to something else.
    Unnoticed,
    /// Their program, by its makers or public tests, does not read this.
    MayNotOpen {
        /// What.
        feature: Feature,
        /// Who says so.
        source: &'static str,
    },
}

/// A program that somebody was seen to write with.
///
/// ```
/// use mailseal::plan::Mailer;
/// fn print(mailer: &Mailer) {
///     println!("{} in a letter of {}", mailer.name, mailer.seen.date());
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mailer {
    /// As it called itself, unescaped.
    pub name: String,
    /// In a letter of when.
    pub seen: UnixTime,
    /// As it stands in docs/clients.md.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<&'static str>,
}

impl Plan {
    /// What each of those who can be reached gets, in the order of the letters.
    pub fn recipients(&self) -> Vec<Reached> {
        let groups = self.reachable().unwrap_or_default();
        groups.iter().flat_map(|group| self.of_group(group)).collect()
    }

    /// What Autocrypt recommends for a letter to all recipients of the draft (Autocrypt Level 1, "Provide a recommendation
    /// for message encryption"). `we_prefer`: our own `prefer-encrypt` is `mutual`; `reply`: to an encrypted letter. It
    /// decides nothing here: whom the policy does not believe is not written to.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Context, Plan, Policy, TrustStore, trust::Recommendation};
    /// let draft = b"From: bob@example.org\r\nTo: dave@example.net\r\n\r\nHello\r\n";
    /// let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let plan = Plan::new(&Context::new(TrustStore::new()), draft, &Policy::standard(), at)?;
    /// assert_eq!(plan.autocrypt(true, false), Recommendation::Disable, "there is no memory");
    /// # Ok(())
    /// # }
    /// ```
    pub fn autocrypt(&self, we_prefer: bool, reply: bool) -> Recommendation {
        let each = self.people.iter().map(|person| person.recommendation(self.at, we_prefer, reply));
        Recommendation::of_all(each)
    }

    pub(super) fn of_group(&self, group: &Group) -> Vec<Reached> {
        let people = group.mailboxes.iter().zip(&group.certificates);
        let reached = people.filter_map(|(mailbox, certificate)| {
            let person = self.people.iter().find(|person| person.mailbox == *mailbox)?;
            Some(self.reached(person, group, certificate))
        });
        reached.collect()
    }

    fn reached(&self, person: &Person, group: &Group, certificate: &Certificate) -> Reached {
        let (content, why) = group.content(certificate, self.at);
        let (key, key_why) = group.key(certificate, self.at);
        let known = person.known.as_ref();
        let seen = known.and_then(|known| known.mailer.as_ref());
        let client = seen.and_then(|mailer| Client::of(&mailer.name));
        let mailer = seen.map(|mailer| {
            let (name, seen) = (mailer.name.clone(), mailer.seen);
            Mailer { name, seen, client: client.map(|client| client.name) }
        });
        let fingerprint = certificate.fingerprint();
        let asked = known.and_then(|known| known.reads.as_ref()?.reads.encrypt_to.as_ref());
        let has_key =
            known.is_some_and(|known| known.autocrypt.key.is_some() || known.autocrypt.gossip.is_some());
        Reached {
            mailbox: person.mailbox.clone(),
            protocol: group.protocol,
            asked_for: asked.is_some_and(|asked| *asked == fingerprint),
            certificate: fingerprint,
            sees: sees(client, &content, &key, group.protocol),
            content,
            why,
            key,
            key_why,
            mailer,
            autocrypt: has_key.then(|| person.recommendation(self.at, false, false)),
        }
    }
}

impl Person {
    fn recommendation(&self, at: UnixTime, we_prefer: bool, reply: bool) -> Recommendation {
        let Some(known) = &self.known else { return Recommendation::Disable };
        known.autocrypt.recommendation(|key| usable(&key.octets, at), we_prefer, reply)
    }
}

#[cfg(feature = "openpgp")]
fn usable(octets: &[u8], at: UnixTime) -> bool {
    let read = crate::openpgp::Certificate::load(octets).unwrap_or_default();
    read.first().is_some_and(|certificate| certificate.encryption_keys(at).is_ok())
}

#[cfg(not(feature = "openpgp"))]
fn usable(_: &[u8], _: UnixTime) -> bool {
    false
}

/// What a program that is known, or none, makes of such a letter.
fn sees(client: Option<&'static Client>, content: &str, key: &str, protocol: Protocol) -> Vec<Sees> {
    let support = |feature| client.map_or(Support::Unknown, |client| client.support(feature));
    let mut sees = vec![Sees::Subject { reads: support(Feature::HeaderProtection) }];
    if protocol == Protocol::Smime && content.ends_with("-CBC") {
        sees.push(Sees::Unnoticed);
    }
    let needed = [
        (Feature::Smime, protocol == Protocol::Smime),
        (Feature::PgpMime, protocol == Protocol::Openpgp),
        (Feature::AesGcm, content.ends_with("-GCM")),
        (Feature::Seipdv2, content.starts_with("SEIPDv2")),
        (Feature::Oaep, key == OAEP),
        (Feature::Ecdh, protocol == Protocol::Smime && key.starts_with("ECDH")),
        (Feature::Curve25519, protocol == Protocol::Smime && key == "X25519"),
    ];
    for (feature, _) in needed.into_iter().filter(|(_, needed)| *needed) {
        let denied =
            client.and_then(|client| client.fact(feature)).filter(|fact| fact.support == Support::No);
        sees.extend(denied.map(|fact| Sees::MayNotOpen { feature, source: fact.source }));
    }
    sees
}

const OAEP: &str = "RSAES-OAEP";

impl Group {
    /// What is known of the owner of a certificate, and from where.
    #[cfg(feature = "smime")]
    fn known_by(&self, certificate: &Certificate) -> Why {
        match (self.learned(certificate), certificate.capabilities()) {
            (Some(known), _) => Why::Said { on: known.signed_at },
            (None, Some(_)) => Why::Certificate,
            (None, None) => Why::Unknown,
        }
    }

    fn content(&self, certificate: &Certificate, at: UnixTime) -> (String, Why) {
        match certificate {
            #[cfg(feature = "smime")]
            Certificate::X509(_) => self.smime_content(certificate, at),
            #[cfg(feature = "openpgp")]
            Certificate::Openpgp(openpgp) => self.openpgp_content(openpgp, at),
        }
    }

    #[cfg(feature = "smime")]
    fn smime_content(&self, certificate: &Certificate, at: UnixTime) -> (String, Why) {
        use crate::x509::Capabilities;

        let cipher = self.content_cipher();
        if self.is_chosen() {
            return (cipher.to_string(), Why::Chosen);
        }
        let list = self.reads(certificate);
        let alone = Capabilities::strongest(std::iter::once(list.as_ref()));
        if alone == cipher {
            return (cipher.to_string(), self.known_by(certificate));
        }
        let others =
            self.others(certificate, at, |other| !Capabilities::takes(self.reads(other).as_ref(), alone));
        (cipher.to_string(), Why::Others { alone: alone.to_string(), who: others })
    }

    #[cfg(feature = "openpgp")]
    fn openpgp_content(&self, certificate: &crate::openpgp::Certificate, at: UnixTime) -> (String, Why) {
        let aes256 = self.openpgp_certificates().iter().all(|one| one.prefers_aes256_ocb(at));
        let version2 = if aes256 { "SEIPDv2, AES-256 with OCB" } else { "SEIPDv2, AES-128 with OCB" };
        let version1 = "SEIPDv1, AES-256";
        match (self.reads_seipdv2(at), certificate.reads_seipdv2(at)) {
            (true, _) => (version2.into(), Why::Certificate),
            (false, false) => (version1.into(), Why::Unknown),
            (false, true) => {
                let own = Certificate::Openpgp(certificate.clone());
                let reads = |one: &Certificate| one.as_openpgp().is_some_and(|one| one.reads_seipdv2(at));
                let who = self.others(&own, at, |other| !reads(other));
                (version1.into(), Why::Others { alone: "SEIPDv2".into(), who })
            }
        }
    }

    /// Whose certificates are like that.
    fn others(&self, own: &Certificate, at: UnixTime, like: impl Fn(&Certificate) -> bool) -> Vec<Address> {
        let named = self.certificates.iter().enumerate().filter(|(_, one)| *one != own && like(one));
        // The sender's own copy has no mailbox of the letter.
        let mailbox = |(index, one): (usize, &Certificate)| {
            self.mailboxes.get(index).cloned().or_else(|| one.addresses(at).into_iter().next())
        };
        named.filter_map(mailbox).collect()
    }

    fn key(&self, certificate: &Certificate, at: UnixTime) -> (String, Option<Why>) {
        match certificate {
            #[cfg(feature = "smime")]
            Certificate::X509(x509) => self.smime_key(certificate, x509),
            #[cfg(feature = "openpgp")]
            Certificate::Openpgp(openpgp) => {
                let keys = openpgp.encryption_keys(at).unwrap_or_default();
                (keys.first().map(crate::openpgp::EncryptionKey::algorithm).unwrap_or_default(), None)
            }
        }
    }

    #[cfg(feature = "smime")]
    fn smime_key(&self, certificate: &Certificate, x509: &crate::x509::Certificate) -> (String, Option<Why>) {
        use crate::crypto::KeyAlgorithm;

        match x509.public_key().map(crate::crypto::PublicKey::algorithm) {
            Ok(KeyAlgorithm::Rsa { .. }) => {
                let oaep = self.reads(certificate).is_some_and(|known| known.oaep);
                let name = if oaep { OAEP } else { "RSAES-PKCS1-v1_5" };
                (name.into(), Some(self.known_by(certificate)))
            }
            Ok(KeyAlgorithm::Ec(curve)) => (format!("ECDH {curve}"), None),
            Ok(other) => (other.to_string(), None),
            Err(_) => (String::new(), None),
        }
    }
}
