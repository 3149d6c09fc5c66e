//! What can be asked.

use clap::ValueEnum;
use mailseal::crypto::ContentCipher;
use mailseal::mime::{Address, PartPath};
use mailseal::report::Protocol;
use mailseal::{HeaderConfidentiality, UnixTime};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::args;

/// The head of a request. A word that is not known is an error: with `"form"` for `"from"` nothing would be required.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(super) enum Request {
    Open(Open),
    Sign(Sign),
    Plan(Recipients),
    Seal(Seal),
    Check(Check),
    Doctor(Doctor),
    Preflight(Preflight),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    #[serde(rename = "id")]
    _id: Option<Id>,
    #[serde(default, deserialize_with = "time")]
    pub(super) at: Option<UnixTime>,
    /// Who has to have sent it, for the letter to be verified.
    #[serde(default, deserialize_with = "address")]
    pub(super) from: Option<Address>,
    /// The content is given whatever it is worth.
    #[serde(default)]
    pub(super) any: bool,
    #[serde(default, deserialize_with = "part")]
    pub(super) part: Option<PartPath>,
    /// The language of a page for people, if one is wanted.
    pub(super) text: Option<String>,
    /// In whose name an Authentication-Results field is wanted.
    pub(super) results: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sign {
    #[serde(rename = "id")]
    _id: Option<Id>,
    #[serde(default, deserialize_with = "time")]
    pub(super) at: Option<UnixTime>,
    /// With a key of this one; otherwise with the one to take first.
    pub(super) protocol: Option<Protocol>,
    #[serde(default)]
    pub(super) opaque: bool,
    /// Of the envelope; without them, those of the draft.
    #[serde(default, deserialize_with = "addresses")]
    pub(super) recipients: Vec<Address>,
    /// Domains that somebody said yes to.
    #[serde(default)]
    pub(super) confirm: Vec<String>,
    /// Whoever asks keeps what the policy holds.
    #[serde(default)]
    pub(super) hold: bool,
    /// How long the letter that is answered is, with which the body begins.
    pub(super) reply_to: Option<u64>,
    #[serde(default = "yes")]
    pub(super) protect_headers: bool,
    pub(super) autocrypt: Option<Preference>,
    #[serde(default, deserialize_with = "ciphers")]
    pub(super) reads: Option<Vec<ContentCipher>>,
}

/// As Autocrypt calls them.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Preference {
    Nopreference,
    Mutual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Doctor {
    #[serde(rename = "id")]
    _id: Option<Id>,
    #[serde(default, deserialize_with = "time")]
    pub(super) at: Option<UnixTime>,
    /// How long the letter as it was sent is, with which the body begins; the same as it arrived follows.
    pub(super) sent: Option<u64>,
    /// What the service between them is called in a profile, if one is wanted.
    pub(super) service: Option<String>,
    /// The language of a page for people, if one is wanted.
    pub(super) text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preflight {
    #[serde(rename = "id")]
    _id: Option<Id>,
    /// The language of a page for people, if one is wanted.
    pub(super) text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    #[serde(rename = "id")]
    _id: Option<Id>,
    #[serde(default, deserialize_with = "time")]
    pub(super) at: Option<UnixTime>,
    /// Of the envelope; without them, those of the letter.
    #[serde(default, deserialize_with = "addresses")]
    pub(super) recipients: Vec<Address>,
    /// The language of a page for people, if one is wanted.
    pub(super) text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipients {
    #[serde(rename = "id")]
    _id: Option<Id>,
    #[serde(default, deserialize_with = "time")]
    pub(super) at: Option<UnixTime>,
    #[serde(default, deserialize_with = "addresses")]
    pub(super) without: Vec<Address>,
    #[serde(default, deserialize_with = "accepted")]
    pub(super) accept: Vec<(Address, String)>,
    #[serde(default)]
    pub(super) copy_to_self: bool,
    #[serde(default)]
    pub(super) confirm: Vec<String>,
    #[serde(default)]
    pub(super) hold: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seal {
    #[serde(rename = "id")]
    _id: Option<Id>,
    #[serde(default, deserialize_with = "time")]
    at: Option<UnixTime>,
    #[serde(default, deserialize_with = "addresses")]
    without: Vec<Address>,
    #[serde(default, deserialize_with = "accepted")]
    accept: Vec<(Address, String)>,
    #[serde(default)]
    copy_to_self: bool,
    #[serde(default)]
    confirm: Vec<String>,
    #[serde(default)]
    hold: bool,
    /// Signed too, or not: it is said each time.
    pub(super) sign: bool,
    #[serde(default)]
    pub(super) triple_wrap: bool,
    #[serde(default, deserialize_with = "confidentiality")]
    pub(super) header_confidentiality: HeaderConfidentiality,
    #[serde(default)]
    pub(super) legacy_display: bool,
    pub(super) reply_to: Option<u64>,
    pub(super) autocrypt: Option<Preference>,
    #[serde(default, deserialize_with = "ciphers")]
    pub(super) reads: Option<Vec<ContentCipher>>,
}

/// What an answer repeats.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(#[allow(dead_code)] i64),
    Text(#[allow(dead_code)] String),
}

/// What may be asked.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Allow {
    /// Verify and decrypt.
    Open,
    /// Sign.
    Sign,
    /// Say who of the recipients gets what.
    Plan,
    /// Encrypt, and sign if asked to.
    Seal,
    /// Say what the policy says of a letter as it is.
    Check,
    /// Say why a signature broke, or how two copies of a letter differ.
    Doctor,
    /// Say whether signed letters may go through a service.
    Preflight,
}

impl Allow {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sign => "sign",
            Self::Plan => "plan",
            Self::Seal => "seal",
            Self::Check => "check",
            Self::Doctor => "doctor",
            Self::Preflight => "preflight",
        }
    }
}

impl Request {
    /// What the answer is to repeat, as far as it can be read, and the request.
    pub(super) fn read(head: &[u8]) -> (Value, Result<Self, serde_json::Error>) {
        let id = serde_json::from_slice::<Value>(head).ok();
        let id = id.and_then(|head| head.get("id").cloned());
        let id = id.filter(|id| id.is_string() || id.is_i64()).unwrap_or_default();
        (id, serde_json::from_slice(head))
    }

    pub(super) fn allow(&self) -> Allow {
        match self {
            Self::Open(_) => Allow::Open,
            Self::Sign(_) => Allow::Sign,
            Self::Plan(_) => Allow::Plan,
            Self::Seal(_) => Allow::Seal,
            Self::Check(_) => Allow::Check,
            Self::Doctor(_) => Allow::Doctor,
            Self::Preflight(_) => Allow::Preflight,
        }
    }
}

impl Seal {
    pub(super) fn recipients(&self) -> Recipients {
        Recipients {
            _id: None,
            at: self.at,
            without: self.without.clone(),
            accept: self.accept.clone(),
            copy_to_self: self.copy_to_self,
            confirm: self.confirm.clone(),
            hold: self.hold,
        }
    }
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<UnixTime>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| args::time(&text)).transpose().map_err(de::Error::custom)
}

const fn yes() -> bool {
    true
}

fn ciphers<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<ContentCipher>>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    let unknown = |name: &String| de::Error::custom(format!("nothing is encrypted with `{name}`"));
    names.iter().map(|name| name.parse().map_err(|_| unknown(name))).collect::<Result<_, _>>().map(Some)
}

fn confidentiality<'de, D: Deserializer<'de>>(from: D) -> Result<HeaderConfidentiality, D::Error> {
    String::deserialize(from)?.parse().map_err(de::Error::custom)
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Address>, D::Error> {
    // Nothing at all would require nobody: whoever writes `"from": null` forgot somebody.
    let text = String::deserialize(from)?;
    args::address(&text).map(Some).map_err(de::Error::custom)
}

fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Address>, D::Error> {
    let all = Vec::<String>::deserialize(from)?;
    all.iter().map(|text| args::address(text)).collect::<Result<_, _>>().map_err(de::Error::custom)
}

fn accepted<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Address, String)>, D::Error> {
    let all = Vec::<String>::deserialize(from)?;
    all.iter().map(|text| args::accepted(text)).collect::<Result<_, _>>().map_err(de::Error::custom)
}

fn part<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PartPath>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| args::part(&text)).transpose().map_err(de::Error::custom)
}
