//! Observations with codes that never change.

use serde::Serialize;

use crate::mime::PartPath;

/// One observation.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Code;
/// let sha1 = report.signatures().flat_map(|signature| &signature.findings).find(|one| one.code == Code::WeakAlgorithm);
/// if let Some(finding) = sha1 {
///     println!("part {}: {}", finding.part, finding.detail.as_deref().unwrap_or_default());
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was observed.
    pub code: Code,
    /// The least it does to a verdict; a [`Policy`](crate::Policy) may be stricter.
    pub severity: Severity,
    /// The part it was observed at.
    pub part: PartPath,
    /// Words or values from the letter, unescaped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Finding {
    /// A finding with the severity that belongs to its code.
    pub fn new(code: Code, part: PartPath) -> Self {
        Self { code, severity: code.severity(), part, detail: None }
    }

    /// The same with a detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// What a finding does to a verdict.
///
/// ```
/// use mailseal::report::{Code, Severity};
/// assert!(Code::Altered.severity() > Code::PartialCoverage.severity());
/// assert_eq!(Code::EightBit.severity(), Severity::Info);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Lowers nothing.
    Info,
    /// At most `caution`.
    Caution,
    /// `bad`.
    Bad,
}

/// Declares each code once: name, severity, meaning.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $severity:ident;)*) => {
        /// What was observed. The names in JSON and C are the texts here; they never change.
        ///
        /// ```
        /// use mailseal::report::Code;
        /// // From a log or from JSON back to the code.
        /// let code = Code::ALL.iter().find(|code| code.as_str() == "partial_coverage");
        /// assert_eq!(code, Some(&Code::PartialCoverage));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, `partial_coverage`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The severity that belongs to it.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    // The letter.
    /// No signature at all.
    NotSigned "not_signed" Info;
    /// A signature structure without a single signer (R-B2).
    NoSigners "no_signers" Caution;
    /// The signature covers a part of the letter only (R-B10).
    PartialCoverage "partial_coverage" Caution;
    /// Text before or after the parts of a signed multipart, which no reader shows.
    UnsignedExtra "unsigned_extra" Info;
    /// No From field.
    FromMissing "from_missing" Caution;
    /// Several From fields or several addresses in it (R-B15).
    FromAmbiguous "from_ambiguous" Caution;
    /// A From field that is not an address.
    FromUnreadable "from_unreadable" Caution;
    /// A Sender that is not the From.
    SenderDiffers "sender_differs" Caution;
    /// Date and signing time more than an hour apart, or a Date that stands twice or cannot be read (R-B16).
    DateDiffers "date_differs" Caution;
    /// A header field says something else outside than under the signature (R-B16).
    HeaderMismatch "header_mismatch" Caution;
    /// Another From inside than outside, and no signature that is tied to it (RFC 9788 §4.4.2).
    FromDiffers "from_differs" Caution;
    /// A field that decides what is signed stands twice, or cannot be read in one way only (R-E3).
    AmbiguousStructure "ambiguous_structure" Caution;
    /// The micalg parameter is not what the signature uses.
    MicalgMismatch "micalg_mismatch" Info;
    /// The smime-type or the media type is not what the content is (R-E4).
    TypeMismatch "type_mismatch" Info;
    /// A key was tried, and nothing came of it; why is not said (R-A10).
    NotDecrypted "not_decrypted" Caution;
    /// It is encrypted to others: none of the keys given is named.
    NoDecryptionKey "no_decryption_key" Caution;
    /// An encrypted part that does not wrap the whole letter; it is opened only by its place (R-A1, R-A8).
    EncryptedPart "encrypted_part" Caution;
    /// It was not opened, because nothing would tell whether it was changed and the caller asked for better.
    EncryptionWithheld "encryption_withheld" Caution;
    /// Decrypted, but nothing tells whether the content was changed on the way (R-A2).
    NotAuthenticated "not_authenticated" Caution;
    /// A key of yours is named, and too small for this build to use.
    KeyTooSmall "key_too_small" Caution;
    /// It was opened by a key whose certificate is no longer valid.
    OldDecryptionKey "old_decryption_key" Info;
    /// GnuPG's own OCB packet (LibrePGP), which RFC 9580 does not have.
    LibrepgpEncryption "librepgp_encryption" Caution;
    /// A multipart/encrypted that a mail server rewrote; it was read as it was before.
    EncryptionRepaired "encryption_repaired" Info;
    /// The signature is around the encryption: whoever made it need not know what is inside (R-B18).
    SignedCiphertext "signed_ciphertext" Caution;
    /// Nothing under the signature says whom the letter was written to (R-B17).
    NoRecipientBinding "no_recipient_binding" Info;
    /// The signature names other recipients than the one whose key opened it (R-B17).
    NotForYou "not_for_you" Bad;
    /// A rule of the policy requires more of mail from this sender.
    PolicyNotMet "policy_not_met" Caution;
    /// Compressed content.
    Compressed "compressed" Info;
    /// Certificates without a signature.
    CertificatesOnly "certificates_only" Info;
    /// An inline OpenPGP signature: it covers itself, not the part around it (R-B11).
    InlineSignature "inline_signature" Caution;
    /// Octets above 127 in signed content, which mail servers may rewrite.
    EightBit "eight_bit" Info;

    /// The domain of From does not stand behind the letter (DMARC, RFC 9989). Mailing lists do this to good letters, so it
    /// lowers nothing by itself; nor does a pass raise anything.
    DomainFailed "domain_failed" Info;
    /// The DNS gave no answer: what the sending domain says may be another later.
    DomainUndecided "domain_undecided" Info;
    /// A DKIM signature covers only the beginning of the body (`l=`, RFC 6376 §8.2).
    DkimBodyLength "dkim_body_length" Info;
    /// Somebody still speaks of Sender ID (RFC 4406), which is historic and means nothing.
    SenderId "sender_id" Info;

    /// Memory: the first letter from this address.
    FirstLetter "first_letter" Info;
    /// Memory: letters from this address are always signed, and this one is not.
    UsuallySigned "usually_signed" Caution;
    /// Memory: the address looks like that of somebody else who is known well (R-B15).
    LookAlike "lookalike" Caution;
    /// Memory: the display name is that, or shows the address, of somebody else who is known well (R-B15).
    NameOfAnother "name_of_another" Caution;
    /// Memory: letters of scripts stand together in the address that nobody writes together (R-B15).
    MixedScripts "mixed_scripts" Caution;

    // One signature.
    /// The content or the signed attributes do not match the signature.
    Altered "altered" Bad;
    /// The signature cannot be read, or breaks a rule that it must keep.
    Malformed "malformed" Bad;
    /// An algorithm that is not known or refused.
    UnsupportedAlgorithm "unsupported_algorithm" Caution;
    /// The certificate of the signer is neither in the letter nor among those given.
    SignerMissing "signer_missing" Caution;
    /// Nothing ties the certificate to anyone you trust.
    SignerUnknown "signer_unknown" Caution;
    /// The signer is not the From address.
    SignerNotFrom "signer_not_from" Caution;
    /// The certificate, or one above it, was not valid at the time.
    SignerExpired "signer_expired" Caution;
    /// The certificate, or one above it, is revoked.
    SignerRevoked "signer_revoked" Bad;
    /// The certificate may not be used to sign mail.
    SignerNotForMail "signer_not_for_mail" Caution;
    /// Two certificates of different people fit the signature (R-B19).
    SignerAmbiguous "signer_ambiguous" Caution;
    /// The caller pinned the address to another certificate.
    PinMismatch "pin_mismatch" Caution;
    /// An algorithm too weak to rely on: SHA-1, or another that the policy names.
    WeakAlgorithm "weak_algorithm" Caution;
    /// A key too small to rely on.
    WeakKey "weak_key" Caution;
    /// No signed attributes, so nothing says what kind of content was signed (R-B4).
    SignedAttributesMissing "signed_attributes_missing" Caution;
    /// Whether the certificate is revoked was not looked at.
    RevocationUnknown "revocation_unknown" Info;
    /// A certificate on the path is not written as RFC 5280 §4 asks, without harm to the path.
    CertificateProfile "certificate_profile" Info;
    /// Line ends were changed on the way; the signature fits their canonical form.
    LineEndsRepaired "line_ends_repaired" Info;
    /// Octets after the end of the signature.
    TrailingOctets "trailing_octets" Info;
    /// Signed attributes in another order than DER asks; they match as DER.
    AttributesReordered "attributes_reordered" Info;
    /// The claimed time of signing is later than the time given.
    SignedInFuture "signed_in_future" Caution;
    /// The signature has an expiry that has passed.
    SignatureExpired "signature_expired" Caution;
    /// Memory: the certificate came with earlier letters from this address; how many.
    SameSigner "same_signer" Info;
    /// Memory: another certificate than before, by the same authority or named by the caller.
    KeyRenewed "key_renewed" Info;
    /// Memory: another certificate than before, and nothing ties it to those (R-C10).
    KeyChanged "key_changed" Caution;
    /// Memory: another authority than before vouches for this address (R-C10).
    IssuerChanged "issuer_changed" Caution;
}
