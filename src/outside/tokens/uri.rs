//! Which objects are meant (RFC 7512).

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::crypto::Secret;

/// A PKCS #11 URI (RFC 7512 §2.3): which token, which key on it, by which module, and where the PIN is.
///
/// What it does not name is not asked for. `library-*` and `slot-manufacturer`, `slot-description` are not known, and
/// an error: they would be ignored otherwise. Neither is a PIN that a command prints (`pin-source=|command`).
///
/// ```
/// use mailseal::outside::tokens::Uri;
/// let uri: Uri = "pkcs11:token=The%20office;object=alice?module-path=/usr/lib/softhsm/libsofthsm2.so".parse()?;
/// assert_eq!((uri.token.as_deref(), uri.object.as_deref()), (Some("The office"), Some("alice")));
/// assert!("pkcs11:token=office;tokem=home".parse::<Uri>().is_err());
/// # Ok::<(), mailseal::outside::tokens::UriError>(())
/// ```
#[derive(Default)]
#[non_exhaustive]
pub struct Uri {
    /// The label of the token.
    pub token: Option<String>,
    /// Who made the token.
    pub manufacturer: Option<String>,
    /// The model of the token.
    pub model: Option<String>,
    /// The serial number of the token.
    pub serial: Option<String>,
    /// The number of the slot that the token is in.
    pub slot: Option<u64>,
    /// CKA_LABEL of the key.
    pub object: Option<String>,
    /// CKA_ID of the key and its certificate.
    pub id: Option<Vec<u8>>,
    /// The PKCS #11 library, a file. Without one, the modules of p11-kit are asked.
    pub module_path: Option<PathBuf>,
    /// The PIN itself. Who can see the URI knows it.
    pub pin_value: Option<Secret>,
    /// The file that holds the PIN.
    pub pin_source: Option<PathBuf>,
}

/// Why a URI cannot be read.
///
/// ```
/// use mailseal::outside::tokens::Uri;
/// let error = "https://example.org".parse::<Uri>().unwrap_err();
/// assert_eq!(error.to_string(), "not a PKCS #11 URI: it does not begin with pkcs11:");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a PKCS #11 URI: {0}")]
pub struct UriError(String);

/// The attributes of the query (RFC 7512 §2.4): programs that show a URI leave them out.
const IN_QUERY: [&str; 3] = ["module-path", "pin-value", "pin-source"];

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let scheme = text.split_at_checked("pkcs11:".len());
        let Some((_, rest)) = scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("pkcs11:")) else {
            return Err(UriError("it does not begin with pkcs11:".into()));
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        let mut known = Vec::new();
        let path = path.split(';').map(|attribute| (attribute, false));
        let attributes = path.chain(query.split('&').map(|attribute| (attribute, true)));
        for (attribute, in_query) in attributes.filter(|(attribute, _)| !attribute.is_empty()) {
            // No error repeats it: what follows a raw `&` in a PIN looks like an attribute.
            let (name, value) =
                attribute.split_once('=').ok_or_else(|| UriError("an attribute has no value".into()))?;
            if in_query != IN_QUERY.contains(&name) {
                return Err(UriError(format!(
                    "only {} stand behind `?`, and only there",
                    IN_QUERY.join(", ")
                )));
            }
            if known.contains(&name) {
                return Err(UriError(format!("{name:?} stands twice")));
            }
            known.push(name);
            uri.set(name, decoded(value)?)?;
        }
        Ok(uri)
    }
}

impl Uri {
    fn set(&mut self, name: &str, value: Vec<u8>) -> Result<(), UriError> {
        let text = |value: Vec<u8>| {
            String::from_utf8(value).map_err(|_| UriError(format!("the value of {name:?} is not UTF-8")))
        };
        match name {
            "id" => self.id = Some(value),
            "token" => self.token = Some(text(value)?),
            "manufacturer" => self.manufacturer = Some(text(value)?),
            "model" => self.model = Some(text(value)?),
            "serial" => self.serial = Some(text(value)?),
            "object" => self.object = Some(text(value)?),
            "slot-id" => {
                let number = text(value)?.parse();
                self.slot = Some(number.map_err(|_| UriError("slot-id is no number".into()))?);
            }
            // Private and public key and certificate belong together here.
            "type" => match text(value)?.as_str() {
                "private" | "public" | "cert" => {}
                other => return Err(UriError(format!("objects of type {other:?} are no keys"))),
            },
            "module-path" => self.module_path = Some(text(value)?.into()),
            "pin-value" => self.pin_value = Some(Secret::from(value)),
            "pin-source" => self.pin_source = Some(file(&text(value)?)?),
            other => return Err(UriError(format!("{other:?} is not known"))),
        }
        Ok(())
    }
}

/// RFC 7512 §2.4: a file by its path or as a file URI.
fn file(source: &str) -> Result<PathBuf, UriError> {
    let path = source.strip_prefix("file:").unwrap_or(source);
    let path = path.strip_prefix("//localhost").or_else(|| path.strip_prefix("//")).unwrap_or(path);
    match path.starts_with('|') || path.is_empty() {
        true => Err(UriError("pin-source is the name of a file".into())),
        false => Ok(path.into()),
    }
}

fn decoded(value: &str) -> Result<Vec<u8>, UriError> {
    let wrong = || UriError("after % stand two hexadecimal digits".into());
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes().iter();
    while let Some(octet) = rest.next() {
        if *octet != b'%' {
            octets.push(*octet);
            continue;
        }
        let mut digit = || {
            let digit = char::from(*rest.next()?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (high, low) = digit().zip(digit()).ok_or_else(wrong)?;
        octets.push(high << 4 | low);
    }
    Ok(octets)
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uri({})", self.subject())
    }
}

impl Uri {
    /// What a PIN is asked for; never with the PIN.
    pub(super) fn subject(&self) -> String {
        let token = self.token.as_ref().or(self.serial.as_ref()).map(|name| format!(" {name}"));
        format!("the token{}", token.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_rfc_7512() {
        let uri: Uri = "pkcs11:".parse().unwrap();
        assert!(uri.token.is_none() && uri.object.is_none());
        let uri: Uri = "pkcs11:object=my-pubkey;type=public".parse().unwrap();
        assert_eq!(uri.object.as_deref(), Some("my-pubkey"));
        let uri: Uri =
            "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;\
                        model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=\
                        ?pin-source=file:/etc/token_pin"
                .parse()
                .unwrap();
        assert_eq!(uri.token.as_deref(), Some("The Software PKCS#11 Softtoken"));
        assert_eq!(uri.id.as_deref(), Some(&b"\x69\x95\x3e\x5c\xf4\xbd\xec\x91"[..]));
        assert_eq!(uri.pin_source, Some("/etc/token_pin".into()));
        let uri: Uri = "pkcs11:slot-id=327?module-path=/lib/x.so&pin-value=the-pin".parse().unwrap();
        assert_eq!(
            (uri.slot, uri.pin_value.map(|pin| pin.expose().to_vec())),
            (Some(327), Some(b"the-pin".into()))
        );
    }

    #[test]
    fn what_is_not_understood_is_not_ignored() {
        for wrong in [
            "pkcs12:",
            "pkcs11:object",
            "pkcs11:object=%4",
            "pkcs11:object=%zz",
            "pkcs11:object=%ff",
            "pkcs11:object=a;object=b",
            "pkcs11:slot-id=one",
            "pkcs11:type=data",
            "pkcs11:library-version=3",
            "pkcs11:?pin-source=|cat",
            "ключ",
        ] {
            assert!(wrong.parse::<Uri>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn e_the_pin_is_not_printed() {
        let uri: Uri = "pkcs11:token=office?pin-value=1234".parse().unwrap();
        assert_eq!(format!("{uri:?}"), "Uri(the token office)");
        // RFC 7512 §2.4: behind the question mark, where programs that show a URI cut it off.
        for wrong in ["pkcs11:token=office;pin-value=1234", "pkcs11:pin-source=pin", "pkcs11:?token=office"] {
            assert!(wrong.parse::<Uri>().is_err(), "{wrong}");
        }
        // A PIN with an ampersand in it that nobody encoded.
        for text in ["pkcs11:?pin-value=12&3456", "pkcs11:?pin-value=12&3456=7", "pkcs11:?pin-value=%3456%"] {
            let error = text.parse::<Uri>().unwrap_err().to_string();
            assert!(!error.contains("3456"), "{error}");
        }
    }
}
