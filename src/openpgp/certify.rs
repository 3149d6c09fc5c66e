//! Certifying that a certificate is somebody's (RFC 9580 §5.2.1.3, §5.2.3.21).

use sequoia_openpgp::Packet;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{Duration, SignatureType};

use super::armor::enclosed;
use super::certificate::{Certificate, addr_spec};
use super::identity::{KeyPair, SigningIdentity};
use super::public::{signature_value, to_sign, value_of};
use super::sign::{Packed, hash_of, hashed_area, salt, unwritable};
use super::{names, standing};
use crate::crypto::Provider;
use crate::error::{Error, KeyError};
use crate::mime::Address;
use crate::report::FULL_TRUST;
use crate::time::UnixTime;

/// How much is said by a certification.
///
/// ```
/// use mailseal::openpgp::Certification;
/// // "This is Bob", and no more.
/// let plain = Certification::full();
/// // "Carol says rightly who is who at example.net", and those whom she names say no more than who they are.
/// let introducer = Certification::of(120)?.depth(1).domain("example.net")?;
/// assert!(Certification::of(0).is_err());
/// # let _ = (plain, introducer);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certification {
    amount: u8,
    depth: u8,
    domain: Option<String>,
    expires: Option<UnixTime>,
    local: bool,
}

impl Certification {
    /// That a certificate is somebody's, without doubt.
    pub fn full() -> Self {
        Self { amount: FULL_TRUST, depth: 0, domain: None, expires: None, local: false }
    }

    /// The same by a part: 60 is half, 120 is all (RFC 9580 §5.2.3.21).
    pub fn of(amount: u8) -> Result<Self, Error> {
        match amount {
            1..=FULL_TRUST => Ok(Self { amount, ..Self::full() }),
            _ => Err(Error::misuse("the amount of a certification is 1 to 120")),
        }
    }

    /// How many introducers it makes in a row: with 1 its holder is believed about others, with 2 those about others
    /// again; 255 is without end. Default 0.
    #[must_use]
    pub fn depth(mut self, depth: u8) -> Self {
        self.depth = depth;
        self
    }

    /// Its holder is believed about addresses of that domain and of those below it, and about no others.
    pub fn domain(mut self, domain: &str) -> Result<Self, Error> {
        let address: Address = format!("x@{domain}").parse()?;
        self.domain = Some(address.domain().to_owned());
        Ok(self)
    }

    /// It ends then. It does not by default.
    ///
    /// ```
    /// use mailseal::{UnixTime, openpgp::Certification};
    /// let for_a_year = Certification::full().expires(UnixTime::from_seconds(1_830_000_000));
    /// # let _ = for_a_year;
    /// ```
    #[must_use]
    pub fn expires(mut self, time: UnixTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// For oneself alone: it does not travel (RFC 9580 §5.2.3.19).
    ///
    /// ```
    /// use mailseal::openpgp::Certification;
    /// let mine = Certification::full().local();
    /// # let _ = mine;
    /// ```
    #[must_use]
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    fn subpackets(&self, at: UnixTime) -> Result<Vec<(SubpacketValue, bool)>, Error> {
        let mut found = Vec::new();
        if self.amount < FULL_TRUST || self.depth > 0 {
            found.push((SubpacketValue::TrustSignature { level: self.depth, trust: self.amount }, true));
        }
        if let Some(domain) = &self.domain {
            if self.depth == 0 {
                return Err(Error::misuse("a domain bounds an introducer: the depth is at least 1"));
            }
            // As gpg and sq write it (RFC 9580 §5.2.3.22).
            let expression = format!("<[^>]+[@.]{}>$", literal(domain));
            found.push((SubpacketValue::RegularExpression(expression.into_bytes()), true));
        }
        if let Some(expires) = self.expires {
            let seconds = u32::try_from(expires.seconds().saturating_sub(at.seconds())).ok();
            let seconds = seconds.filter(|seconds| *seconds > 0);
            let seconds = seconds.ok_or_else(|| Error::misuse("a certification ends after it is made"))?;
            found.push((SubpacketValue::SignatureExpirationTime(Duration::from(seconds)), true));
        }
        if self.local {
            found.push((SubpacketValue::ExportableCertification(false), true));
        }
        Ok(found)
    }
}

/// Certifies the user IDs of a certificate that have the address. The certificate comes back, armored, with the new
/// certifications. Made by the primary key, which has to be at hand; checked before it is given out.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
/// use mailseal::{Password, UnixTime, crypto::Provider, openpgp::{self, Certificate, Certification, SigningIdentity}};
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let provider = Provider::default();
/// let secret = openpgp::generate("Alice <alice@example.org>", at, openpgp::CipherSuite::Ed25519)?;
/// let alice = SigningIdentity::load(secret.expose(), Password::none(), &provider)?.remove(0);
///
/// let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?.remove(0);
/// let full = Certification::full();
/// let carol = openpgp::certify(&alice, &carol, &"carol@example.net".parse()?, &full, at, &provider)?;
/// assert!(carol.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"));
/// # }
/// # Ok(())
/// # }
/// ```
pub fn certify(
    key: &SigningIdentity,
    certificate: &Certificate,
    address: &Address,
    certification: &Certification,
    at: UnixTime,
    provider: &Provider,
) -> Result<Vec<u8>, Error> {
    let primary = key.primary().ok_or_else(|| KeyError::Unavailable("the primary key is not here".into()))?;
    usable(key.certificate(), at)?;
    let named = |text: &&String| {
        let own = addr_spec(text).and_then(|text| text.parse::<Address>().ok());
        own.is_some_and(|own| own.matches(address))
    };
    let user_ids = certificate.user_ids(at);
    let mut packets = Vec::new();
    for user_id in user_ids.iter().filter(named).map(|text| UserID::from(text.as_str())) {
        let signature = signature(primary, certificate, &user_id, certification, at, provider)?;
        packets.extend([Packet::from(user_id), Packet::from(signature)]);
    }
    if packets.is_empty() {
        return Err(Error::Refused(format!(
            "{} does not say that it is {address}",
            certificate.fingerprint()
        )));
    }
    let (cert, _) = certificate.cert().clone().insert_packets(packets).map_err(unwritable)?;
    let octets = cert.strip_secret_key_material().to_vec().map_err(unwritable)?;
    enclosed(Kind::PublicKey, &octets)
}

/// The domain as a regular expression that matches it alone: `\[192\.0\.2\.1\]` is one too.
fn literal(domain: &str) -> String {
    let mut expression = String::new();
    for character in domain.chars() {
        if !character.is_alphanumeric() && character != '-' {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression
}

/// Others would not take what an expired or revoked key certifies.
fn usable(own: &Certificate, at: UnixTime) -> Result<(), Error> {
    let validity = own
        .validity(at)
        .filter(|validity| validity.revoked.is_none() && validity.expires.is_none_or(|expires| expires > at));
    let policy = standing::policy(at, false);
    let bound = own.cert().with_policy(&policy, names::system_time(at)).is_ok();
    match validity.is_some() && bound {
        true => Ok(()),
        false => {
            Err(Error::Refused(format!("{} is expired, revoked or not bound at {at}", own.fingerprint())))
        }
    }
}

fn signature(
    key: &KeyPair,
    certificate: &Certificate,
    user_id: &UserID,
    certification: &Certification,
    at: UnixTime,
    provider: &Provider,
) -> Result<Signature, Error> {
    let hash = hash_of(key.scheme);
    let mut area = hashed_area(key, at, None, &[]).map_err(unwritable)?;
    for (value, critical) in certification.subpackets(at)? {
        area.add(Subpacket::new(value, critical).map_err(unwritable)?).map_err(unwritable)?;
    }
    let salt = salt(key, hash, provider)?;
    let kind = SignatureType::GenericCertification;
    let packed = Packed { kind, version: key.version, algorithm: key.algorithm, hash, area, salt };
    let mut context = hash.context().map_err(unwritable)?.for_signature(key.version);
    let target = certificate.cert().primary_key().key();
    packed.unsigned()?.hash_userid_binding(&mut context, target, user_id).map_err(unwritable)?;
    let digest = context.into_digest().map_err(unwritable)?;
    let hash = names::hash_algorithm(hash).ok_or_else(|| Error::misuse("no such hash"))?;
    let private = key.private.as_ref().ok_or_else(|| KeyError::Unavailable("it is not here".into()))?;
    let octets = private.sign(key.scheme, to_sign(&key.public, hash, &digest))?;
    let malformed = || KeyError::Malformed("a signature of another form than asked for".into());
    let value = value_of(key.algorithm, &octets).ok_or_else(malformed)?;
    let (algorithm, octets) = signature_value(&value, &key.public, hash).ok_or_else(malformed)?;
    let checked = provider.verify(algorithm, &key.public, to_sign(&key.public, hash, &digest), &octets);
    checked.map_err(|_| KeyError::Malformed("the key made a signature that does not fit".into()))?;
    let prefix = digest.first_chunk::<2>().ok_or_else(|| Error::misuse("a digest of no length"))?;
    packed.packet(value, *prefix)
}
