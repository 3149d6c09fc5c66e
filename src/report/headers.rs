//! What is known of the header of a letter (RFC 9788 §4).

use serde::Serialize;

use crate::mime::PartPath;

/// Header fields that stand under the signature as well (RFC 9788).
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// let subject_is_signed = report.headers.signed.iter().any(|name| name.eq_ignore_ascii_case("Subject"));
/// assert!(!subject_is_signed);
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HeaderProtection {
    /// Whether there is any.
    pub protection: Protection,
    /// Names of the fields that are signed and say outside what the signer meant to stand there.
    pub signed: Vec<String>,
    /// Names, in lower case, of the fields whose true value is encrypted: outside stands less, or nothing.
    pub hidden: Vec<String>,
    /// Names of the fields that say something else outside.
    pub mismatched: Vec<String>,
    /// How the protected fields came to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<HeaderForm>,
    /// The part whose header they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<PartPath>,
    /// Another author is named inside than outside, and nothing ties a signature to him: the outside is to be shown, since
    /// mail servers have looked at that one (RFC 9788 §4.4.3). Answers go to the one inside all the same (§4.4.4).
    pub from_outer: bool,
    /// Field by field, in their order; at most 128 of those that readers see first and of others, and then those of
    /// the first kind that stand outside only.
    pub fields: Vec<ProtectedField>,
}

/// Whether header fields are protected.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Protection;
/// if report.headers.protection == Protection::None {
///     println!("Subject, To and Date are not signed");
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Protection {
    /// No protected header fields.
    #[default]
    None,
    /// Signed copies of header fields (`hp="clear"`).
    Signed,
    /// Copies that are encrypted, and signed by nobody.
    Encrypted,
    /// Copies that are signed and encrypted (`hp="cipher"`).
    SignedAndEncrypted,
}

/// How the protected fields came to be in the payload.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::HeaderForm;
/// if report.headers.form == Some(HeaderForm::ProtectedHeaders) {
///     println!("of a program older than RFC 9788: nobody says what was meant to stand outside");
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HeaderForm {
    /// The parameter `hp` (RFC 9788 §2.1.1).
    Hp,
    /// The parameter `protected-headers` (draft-autocrypt-lamps-protected-headers).
    ProtectedHeaders,
    /// A letter as the payload, in a `message/rfc822` (RFC 8551 §3.1).
    MessageRfc822,
}

/// What protects one field (RFC 9788 §4.3).
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::FieldProtection;
/// let secret = report.headers.fields.iter().filter(|field| field.protection.is_encrypted());
/// assert_eq!(secret.count(), 0);
/// assert_eq!(FieldProtection::SignedAndEncrypted.as_str(), "signed_and_encrypted");
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FieldProtection {
    /// Anybody on the way may have written it.
    #[default]
    Unprotected,
    /// Under an intact signature, and readable on the way.
    Signed,
    /// Readable for the recipients only, and signed by nobody.
    Encrypted,
    /// Both.
    SignedAndEncrypted,
}

impl FieldProtection {
    /// As in JSON, `signed_and_encrypted`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unprotected => "unprotected",
            Self::Signed => "signed",
            Self::Encrypted => "encrypted",
            Self::SignedAndEncrypted => "signed_and_encrypted",
        }
    }

    /// Its author kept it from those who see the outside: no answer may show it there (RFC 9788 §6.1).
    pub fn is_encrypted(self) -> bool {
        matches!(self, Self::Encrypted | Self::SignedAndEncrypted)
    }

    /// Under an intact signature. Whose, the signature says.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::SignedAndEncrypted)
    }
}

/// One field of a letter whose header is protected. Values are text: encoded words decoded, unfolded, runs of blanks as
/// one; lists of addresses as `Name <address>, …`. They may hold anything: escape them before they are shown.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for field in &report.headers.fields {
///     let name = &field.name;
///     match (&field.value, &field.outer) {
///         (Some(value), Some(outer)) if value != outer => println!("{name}: {value} (outside: {outer})"),
///         (Some(value), _) => println!("{name}: {value}"),
///         (None, outer) => println!("{name}: added on the way: {outer:?}"),
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProtectedField {
    /// `Subject`, as it is spelled there.
    pub name: String,
    /// What protects `value`.
    pub protection: FieldProtection,
    /// What its author wrote. `None` where the field stands outside only: somebody added it on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What stands outside, where anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outer: Option<String>,
    /// What its author let stand outside in place of `value` (HP-Outer); `None` where that is the value, or nothing. Of
    /// the older forms it is what stands there, if that looks like it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
}

impl HeaderProtection {
    /// What a reader is to show for a field (RFC 9788 §4): the protected values in their order, nothing of what was added
    /// outside; of From the outside where [`from_outer`](Self::from_outer) says so. Empty too where the header is not
    /// protected at all: then there is the header of the letter.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../examples/letters/report.rs");
    /// let subject = report.headers.show("Subject").next();
    /// println!("{}", subject.unwrap_or("(as it stands in the letter, unprotected)"));
    /// # }
    /// ```
    pub fn show<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let fields = self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
        let outer = self.from_outer && name.eq_ignore_ascii_case("from");
        fields.filter_map(move |field| if outer { field.outer.as_deref() } else { field.value.as_deref() })
    }
}
