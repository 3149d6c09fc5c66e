//! Passwords: asked for only when a key needs one.

use std::fmt;

use zeroize::Zeroizing;

/// Octets that are wiped when dropped and never printed.
///
/// ```
/// let secret = mailseal::Secret::from("correct horse");
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The octets.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Secret {
    fn from(octets: Vec<u8>) -> Self {
        Self(Zeroizing::new(octets))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a password is asked for.
///
/// ```
/// use mailseal::{PasswordRequest, Secret};
/// let ask = |request: &PasswordRequest| {
///     if request.attempt > 0 {
///         eprintln!("That was not it.");
///     }
///     eprint!("Password of {}: ", request.subject);
///     let mut line = String::new();
///     (request.attempt < 3 && std::io::stdin().read_line(&mut line).is_ok()).then(|| Secret::from(line.trim_end()))
/// };
/// # fn takes(_: impl mailseal::PasswordSource) {}
/// # takes(ask);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PasswordRequest {
    /// What it unlocks, in words.
    pub subject: String,
    /// How often it was asked for before.
    pub attempt: u32,
}

impl PasswordRequest {
    pub(crate) fn new(subject: impl Into<String>, attempt: u32) -> Self {
        Self { subject: subject.into(), attempt }
    }
}

/// Where passwords come from. Every `Fn(&PasswordRequest) -> Option<Secret>` is one; `None` gives up.
///
/// ```
/// use mailseal::{PasswordRequest, PasswordSource, Secret};
/// /// Asks an agent, under the name of the key.
/// struct Agent(std::collections::HashMap<String, String>);
///
/// impl PasswordSource for Agent {
///     fn password(&self, request: &PasswordRequest) -> Option<Secret> {
///         // The same answer again would be as wrong as before.
///         self.0.get(&request.subject).filter(|_| request.attempt == 0).map(|known| Secret::from(known.as_str()))
///     }
/// }
/// ```
pub trait PasswordSource {
    /// Answers one request.
    fn password(&self, request: &PasswordRequest) -> Option<Secret>;
}

impl<F: Fn(&PasswordRequest) -> Option<Secret>> PasswordSource for F {
    fn password(&self, request: &PasswordRequest) -> Option<Secret> {
        self(request)
    }
}

/// One password, or none.
///
/// ```
/// use mailseal::Password;
/// let known = Password::from("correct horse");
/// let unprotected = Password::none();
/// # let _ = (known, unprotected);
/// ```
#[derive(Debug)]
pub struct Password(Option<Secret>);

impl Password {
    /// For keys that are not protected.
    pub fn none() -> Self {
        Self(None)
    }
}

impl<T: Into<Secret>> From<T> for Password {
    fn from(secret: T) -> Self {
        Self(Some(secret.into()))
    }
}

impl PasswordSource for Password {
    fn password(&self, request: &PasswordRequest) -> Option<Secret> {
        let secret = self.0.as_ref().filter(|_| request.attempt == 0)?;
        Some(secret.expose().to_vec().into())
    }
}
