//! Private keys in tokens and HSMs (PKCS #11): for both protocols, to sign and to decrypt.
//!
//! - [`Token::open`]: the one key that a URI names (RFC 7512), joined with its certificates by
//!   [`signing_key`](Token::signing_key) and [`decryption_key`](Token::decryption_key).
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mailseal::outside::tokens::Token;
//! use mailseal::{Composer, Context, Password, TrustStore};
//! let token = Token::open("pkcs11:token=office;object=alice", &Password::from("123456"))?;
//! let key = token.signing_key(&[])?; // with the certificates that lie beside it
//! let draft = mailseal::Input::file("draft.eml");
//! let now = std::time::SystemTime::now();
//! Composer::new(&Context::new(TrustStore::new())).sign(&key).save(draft, now, "signed.eml")?;
//! # Ok(())
//! # }
//! ```
//!
//! Schemes: RSA PKCS #1 v1.5 and PSS, ECDSA on P-256, P-384 and P-521, Ed25519; to decrypt, RSA PKCS #1 v1.5 and OAEP,
//! ECDH on the NIST curves and X25519: of these, what the token can. Every signature is checked before a letter goes out.
//! Not done: keys that want the PIN for each single use (CKA_ALWAYS_AUTHENTICATE).

mod objects;
mod uri;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Failure, RvError};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

pub use uri::{Uri, UriError};

use crate::crypto::algorithm::{der_octets, digest_info};
use crate::crypto::{
    Curve, DecryptionKey, HashAlgorithm, KeyAlgorithm, KeyError, PasswordRequest, PasswordSource, PublicKey,
    RsaEncryption, Secret, SignatureAlgorithm, SignatureScheme, SigningKey, ToSign, WrappedKey, ecdsa,
    private,
};
use crate::error::Error;
use crate::protocol::{Certificate, Key};

/// p11-kit's proxy: all modules that the system knows, found as the system finds libraries.
const ALL_MODULES: &str = "p11-kit-proxy.so";

/// How often a PIN is asked for. Tokens count themselves, and most lock after the third wrong one.
const ATTEMPTS: u32 = 2;

/// A file with a PIN is that long at most.
const PIN_BYTES: u64 = 1024;

/// One private key on a token. Cheap to clone; one session serves all threads, one after the other.
///
/// Login is once, when it is opened, and holds until the last key of the token is gone. A token that was pulled out is
/// [`KeyError::Unavailable`]: open it anew.
#[derive(Clone)]
pub struct Token {
    session: Arc<Mutex<Session>>,
    handle: ObjectHandle,
    label: String,
    public: PublicKey,
    schemes: Arc<[SignatureScheme]>,
    certificates: Arc<[Certificate]>,
    /// The PIN is wanted for each use.
    always_asks: bool,
}

impl Token {
    /// The one private key that the URI names. The PIN is in the URI, in the file that it names, or asked for: twice at
    /// most, and not again where the next wrong one would lock the token.
    ///
    /// A wrong PIN is [`KeyError::WrongPassword`], a locked one [`KeyError::Locked`], no such token
    /// [`KeyError::Unavailable`], several keys [`KeyError::Malformed`] with their names.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::crypto::KeyError;
    /// use mailseal::outside::tokens::Token;
    /// use mailseal::{Error, PasswordRequest, Secret};
    /// let ask = |request: &PasswordRequest| {
    ///     eprintln!("PIN of {}:", request.subject);
    ///     let mut line = String::new();
    ///     std::io::stdin().read_line(&mut line).ok().map(|_| Secret::from(line.trim_end()))
    /// };
    /// match Token::open("pkcs11:token=office;object=alice", &ask) {
    ///     Ok(token) => println!("{:?}", token.public()),
    ///     Err(Error::Key(KeyError::Locked)) => println!("ask your administrator to unblock the card"),
    ///     Err(other) => println!("{other}"),
    /// }
    /// # use mailseal::crypto::SigningKey;
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(uri: &str, pin: &dyn PasswordSource) -> Result<Self, Error> {
        let mut found = Self::all(uri, pin)?;
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (None, _) => Err(unavailable("the token has no such private key").into()),
            (Some(last), false) => {
                let mut names: Vec<String> =
                    found.iter().map(|one| format!("object={}", one.label)).collect();
                names.push(format!("object={}", last.label));
                let names = names.join(", ");
                Err(KeyError::Malformed(format!("several private keys are meant: {names}")).into())
            }
        }
    }

    /// All private keys that the URI names, of the one token that it names.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Password, crypto::SigningKey, outside::tokens::Token};
    /// for key in Token::all("pkcs11:token=office", &Password::from("123456"))? {
    ///     println!("{}: {:?}, {} certificates", key.label(), key.public(), key.certificates().len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn all(uri: &str, pin: &dyn PasswordSource) -> Result<Vec<Self>, Error> {
        let uri: Uri = uri.parse().map_err(|error: UriError| KeyError::Malformed(error.to_string()))?;
        let module = module(uri.module_path.as_deref().unwrap_or(Path::new(ALL_MODULES)))?;
        let (slot, info) = slot(&module, &uri)?;
        let session = module.open_ro_session(slot).map_err(said)?;
        if info.login_required() {
            login(&session, &module, slot, &uri, pin)?;
        }
        let keys = objects::private_keys(&session, &uri)?;
        let on_token = objects::certificates(&session)?;
        let session = Arc::new(Mutex::new(session));
        let token = |found: objects::Found| {
            // Its own certificate first.
            let fits =
                |one: &&crate::x509::Certificate| one.public_key().is_ok_and(|key| *key == found.public);
            let own = on_token.iter().filter(fits);
            let others = on_token.iter().filter(|one| !fits(one));
            let certificates = own.chain(others).cloned().map(Certificate::X509).collect();
            let schemes = match found.always_asks {
                true => Vec::new(),
                false => private::schemes(&found.public),
            };
            Self {
                session: Arc::clone(&session),
                handle: found.handle,
                label: found.label,
                schemes: schemes.into(),
                always_asks: found.always_asks,
                public: found.public,
                certificates,
            }
        };
        Ok(keys.into_iter().map(token).collect())
    }

    /// CKA_LABEL of the key.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The X.509 certificates on the token, that of the key first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The key joined with certificates, to sign. Those on the token are taken where none is given; an OpenPGP
    /// certificate never lies there.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Certificate, Password, outside::tokens::Token};
    /// let certificates = Certificate::load(&std::fs::read("alice.asc")?)?; // OpenPGP, of the same public key
    /// let key = Token::open("pkcs11:token=office;object=alice", &Password::from("123456"))?.signing_key(&certificates)?;
    /// # let _ = key;
    /// # Ok(())
    /// # }
    /// ```
    pub fn signing_key(&self, certificates: &[Certificate]) -> Result<Key, Error> {
        Key::external(self.clone(), self.known(certificates))
    }

    /// The same, to decrypt.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::outside::tokens::Token;
    /// use mailseal::{Context, Input, Opener, Password, TrustStore};
    /// let key = Token::open("pkcs11:token=office;object=alice", &Password::from("123456"))?.decryption_key(&[])?;
    /// let opener = Opener::new(&Context::new(TrustStore::new())).key(key);
    /// let opened = opener.open(Input::file("letter.eml"), std::time::SystemTime::now())?;
    /// # let _ = opened;
    /// # Ok(())
    /// # }
    /// ```
    pub fn decryption_key(&self, certificates: &[Certificate]) -> Result<Key, Error> {
        Key::external_decryption(self.clone(), self.known(certificates))
    }

    fn known<'a>(&'a self, given: &'a [Certificate]) -> &'a [Certificate] {
        if given.is_empty() { &self.certificates } else { given }
    }

    fn session(&self) -> Result<MutexGuard<'_, Session>, KeyError> {
        self.session.lock().map_err(|_| unavailable("a thread that used it has panicked"))
    }

    fn shared(&self, public: &[u8]) -> Result<Secret, KeyError> {
        let session = self.session()?;
        let length = self.public.bits().div_ceil(8);
        // The point, or in an OCTET STRING: tokens differ (PKCS #11 §6.3.18 wants either).
        let wrapped = der_octets(0x04, public);
        let derive = |public: &[u8]| {
            let mechanism = Mechanism::Ecdh1Derive(Ecdh1DeriveParams::new(EcKdf::null(), public));
            let template = [
                Attribute::Class(ObjectClass::SECRET_KEY),
                Attribute::KeyType(KeyType::GENERIC_SECRET),
                Attribute::Token(false),
                Attribute::Sensitive(false),
                Attribute::Extractable(true),
                Attribute::ValueLen(u64::try_from(length).unwrap_or_default().into()),
            ];
            session.derive_key(&mechanism, self.handle, &template)
        };
        let handle = derive(public).or_else(|_| derive(&wrapped)).map_err(said)?;
        let value = session.get_attributes(handle, &[AttributeType::Value]).map_err(said);
        let forgotten = session.destroy_object(handle).map_err(said);
        let secret = value?.into_iter().find_map(|one| match one {
            Attribute::Value(octets) => Some(Secret::from(octets)),
            _ => None,
        });
        forgotten?;
        let fits =
            |secret: &Secret| secret.expose().len() == length && secret.expose().iter().any(|one| *one != 0);
        secret.filter(fits).ok_or_else(|| KeyError::Malformed("the shared secret of the token".into()))
    }
}

impl SigningKey for Token {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        if !self.schemes.contains(&scheme) {
            return Err(KeyError::Unsupported(scheme.to_string()));
        }
        let octets = input.octets(scheme)?;
        let unsupported = || KeyError::Unsupported(scheme.to_string());
        let sign = |mechanism: Mechanism<'_>, octets: &[u8]| {
            self.session()?.sign(&mechanism, self.handle, octets).map_err(said)
        };
        match (scheme.algorithm(), self.public.algorithm()) {
            (SignatureAlgorithm::RsaPkcs1(hash), _) => sign(Mechanism::RsaPkcs, &digest_info(hash, &octets)),
            (SignatureAlgorithm::RsaPss { hash, mgf, salt }, _) => {
                let parameters = PkcsPssParams {
                    hash_alg: hash_mechanism(hash).ok_or_else(unsupported)?,
                    mgf: mask(mgf).ok_or_else(unsupported)?,
                    s_len: u64::try_from(salt).map_err(|_| unsupported())?.into(),
                };
                sign(Mechanism::RsaPkcsPss(parameters), &octets)
            }
            (SignatureAlgorithm::Ecdsa(_), KeyAlgorithm::Ec(curve)) => {
                let fixed = sign(Mechanism::Ecdsa, &octets)?;
                let wrong = || unavailable("it signed with numbers of the wrong length");
                ecdsa::from_fixed(&fixed, *curve).ok_or_else(wrong)
            }
            (SignatureAlgorithm::Ed25519, _) => {
                sign(Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)), &octets)
            }
            _ => Err(unsupported()),
        }
    }
}

impl DecryptionKey for Token {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
        if self.always_asks {
            return Some(Err(KeyError::Unsupported("it wants its PIN for each use".into())));
        }
        match (wrapped, self.public.algorithm()) {
            (WrappedKey::Rsa { scheme, octets }, KeyAlgorithm::Rsa { .. }) => {
                let mechanism = match scheme {
                    RsaEncryption::Pkcs1 => Mechanism::RsaPkcs,
                    RsaEncryption::Oaep { hash, mgf } => {
                        let parameters = hash_mechanism(*hash)
                            .zip(mask(*mgf))
                            .map(|(hash, mgf)| PkcsOaepParams::new(hash, mgf, PkcsOaepSource::empty()))?;
                        Mechanism::RsaPkcsOaep(parameters)
                    }
                };
                let decrypt = |session: MutexGuard<'_, Session>| {
                    session.decrypt(&mechanism, self.handle, octets).map(Secret::from).map_err(said)
                };
                Some(self.session().and_then(decrypt))
            }
            (
                WrappedKey::Agreement { public },
                KeyAlgorithm::Ec(Curve::P256 | Curve::P384 | Curve::P521) | KeyAlgorithm::X25519,
            ) => Some(self.shared(public)),
            _ => None,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?}, {})", self.label, self.public.algorithm())
    }
}

/// The library, ready. It stays so to the end of the process: others in it may use it as well.
fn module(path: &Path) -> Result<Pkcs11, KeyError> {
    let module = Pkcs11::new(path).map_err(|error| unavailable(format!("{}: {error}", path.display())))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Failure::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(error) => Err(said(error)),
    }
}

/// The one token that the URI names.
fn slot(module: &Pkcs11, uri: &Uri) -> Result<(Slot, TokenInfo), KeyError> {
    let is = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
    let mut fitting = Vec::new();
    for slot in module.get_slots_with_token().map_err(said)? {
        let Ok(info) = module.get_token_info(slot) else { continue };
        let numbered = uri.slot.is_none_or(|wanted| wanted == slot.id());
        let named = is(&uri.token, info.label())
            && is(&uri.manufacturer, info.manufacturer_id())
            && is(&uri.model, info.model())
            && is(&uri.serial, info.serial_number());
        if numbered && named && info.token_initialized() {
            fitting.push((slot, info));
        }
    }
    match (fitting.pop(), fitting.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(unavailable("there is no such token")),
        (Some((_, last)), false) => {
            let labels: Vec<_> = fitting.iter().map(|(_, info)| info.label()).chain([last.label()]).collect();
            Err(KeyError::Malformed(format!("several tokens are meant: {}", labels.join(", "))))
        }
    }
}

fn login(
    session: &Session,
    module: &Pkcs11,
    slot: Slot,
    uri: &Uri,
    pins: &dyn PasswordSource,
) -> Result<(), KeyError> {
    for attempt in 0..ATTEMPTS {
        let info = module.get_token_info(slot).map_err(said)?;
        if info.user_pin_locked() {
            return Err(KeyError::Locked);
        }
        if attempt > 0 && info.user_pin_final_try() {
            break;
        }
        let pin = match (info.protected_authentication_path(), given_pin(uri)?) {
            // It has keys of its own to type on.
            (true, _) => None,
            (false, Some(_)) if attempt > 0 => break,
            (false, Some(given)) => Some(given),
            (false, None) => {
                let request = PasswordRequest::new(uri.subject(), attempt);
                Some(pins.password(&request).ok_or(KeyError::WrongPassword)?)
            }
        };
        let pin = match &pin {
            Some(pin) => {
                let text = std::str::from_utf8(pin.expose()).map_err(|_| KeyError::WrongPassword)?;
                Some(AuthPin::from(text.to_owned()))
            }
            None => None,
        };
        match session.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Failure::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => return Ok(()),
            Err(Failure::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {}
            Err(error) => return Err(said(error)),
        }
    }
    Err(KeyError::WrongPassword)
}

/// The PIN of the URI.
fn given_pin(uri: &Uri) -> Result<Option<Secret>, KeyError> {
    use std::io::Read;
    if let Some(pin) = &uri.pin_value {
        return Ok(Some(Secret::from(pin.expose().to_vec())));
    }
    let Some(path) = &uri.pin_source else { return Ok(None) };
    let failed = |error| unavailable(format!("{}: {error}", path.display()));
    let mut octets = Vec::with_capacity(64);
    std::fs::File::open(path)
        .and_then(|file| file.take(PIN_BYTES).read_to_end(&mut octets))
        .map_err(failed)?;
    let read = Secret::from(octets);
    let line = read.expose().split(|octet| matches!(octet, b'\r' | b'\n')).next().unwrap_or_default();
    Ok(Some(Secret::from(line.to_vec())))
}

fn hash_mechanism(hash: HashAlgorithm) -> Option<MechanismType> {
    Some(match hash {
        HashAlgorithm::Sha1 => MechanismType::SHA1,
        HashAlgorithm::Sha224 => MechanismType::SHA224,
        HashAlgorithm::Sha256 => MechanismType::SHA256,
        HashAlgorithm::Sha384 => MechanismType::SHA384,
        HashAlgorithm::Sha512 => MechanismType::SHA512,
        _ => return None,
    })
}

fn mask(hash: HashAlgorithm) -> Option<PkcsMgfType> {
    Some(match hash {
        HashAlgorithm::Sha1 => PkcsMgfType::MGF1_SHA1,
        HashAlgorithm::Sha224 => PkcsMgfType::MGF1_SHA224,
        HashAlgorithm::Sha256 => PkcsMgfType::MGF1_SHA256,
        HashAlgorithm::Sha384 => PkcsMgfType::MGF1_SHA384,
        HashAlgorithm::Sha512 => PkcsMgfType::MGF1_SHA512,
        _ => return None,
    })
}

fn unavailable(why: impl Into<String>) -> KeyError {
    KeyError::Unavailable(why.into())
}

/// What a token said, in the words of this crate. What it says of a ciphertext is told from what it says of itself: the
/// former may only ever look like a wrong key (R-A10).
fn said(error: Failure) -> KeyError {
    use RvError as R;
    match &error {
        Failure::Pkcs11(R::PinLocked, _) => KeyError::Locked,
        Failure::Pkcs11(
            R::PinIncorrect | R::PinInvalid | R::PinLenRange | R::UserNotLoggedIn | R::PinExpired,
            _,
        ) => KeyError::WrongPassword,
        Failure::Pkcs11(
            R::MechanismInvalid
            | R::MechanismParamInvalid
            | R::CurveNotSupported
            | R::FunctionNotSupported
            | R::KeyFunctionNotPermitted
            | R::KeyTypeInconsistent
            | R::KeySizeRange,
            _,
        )
        | Failure::NotSupported
        | Failure::NullFunctionPointer => KeyError::Unsupported(format!("the token: {error}")),
        Failure::Pkcs11(
            R::EncryptedDataInvalid
            | R::EncryptedDataLenRange
            | R::DataInvalid
            | R::DataLenRange
            | R::ArgumentsBad
            | R::GeneralError
            | R::FunctionFailed
            | R::BufferTooSmall,
            _,
        ) => KeyError::Malformed(format!("the token: {error}")),
        _ => KeyError::Unavailable(format!("the token: {error}")),
    }
}
