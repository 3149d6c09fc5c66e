//! Object identifiers by name, and as text.

use const_oid::ObjectIdentifier;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($dotted);)*
    };
}

identifiers! {
    // Attributes of names (RFC 5280 appendix A, RFC 4519, RFC 2985)
    COMMON_NAME = "2.5.4.3";
    SURNAME = "2.5.4.4";
    SERIAL_NUMBER = "2.5.4.5";
    COUNTRY = "2.5.4.6";
    LOCALITY = "2.5.4.7";
    STATE = "2.5.4.8";
    STREET = "2.5.4.9";
    ORGANIZATION = "2.5.4.10";
    ORGANIZATIONAL_UNIT = "2.5.4.11";
    TITLE = "2.5.4.12";
    GIVEN_NAME = "2.5.4.42";
    PSEUDONYM = "2.5.4.65";
    ORGANIZATION_IDENTIFIER = "2.5.4.97";
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";
    USER_ID = "0.9.2342.19200300.100.1.1";

    // Extensions (RFC 5280 §4.2)
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    KEY_USAGE = "2.5.29.15";
    SUBJECT_ALT_NAME = "2.5.29.17";
    BASIC_CONSTRAINTS = "2.5.29.19";
    NAME_CONSTRAINTS = "2.5.29.30";
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    CERTIFICATE_POLICIES = "2.5.29.32";
    POLICY_MAPPINGS = "2.5.29.33";
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    POLICY_CONSTRAINTS = "2.5.29.36";
    EXT_KEY_USAGE = "2.5.29.37";
    INHIBIT_ANY_POLICY = "2.5.29.54";
    /// RFC 4262 §2.
    SMIME_CAPABILITIES = "1.2.840.113549.1.9.15";
    /// RFC 3739 §3.2.6.
    QC_STATEMENTS = "1.3.6.1.5.5.7.1.3";
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    FRESHEST_CRL = "2.5.29.46";
    /// RFC 9608 §2.
    NO_REV_AVAIL = "2.5.29.56";
    /// RFC 6960 §4.2.2.2.1.
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";

    // Extensions of CRLs and their entries (RFC 5280 §5.2, §5.3)
    CRL_NUMBER = "2.5.29.20";
    REASON_CODE = "2.5.29.21";
    INVALIDITY_DATE = "2.5.29.24";
    DELTA_CRL_INDICATOR = "2.5.29.27";
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    CERTIFICATE_ISSUER = "2.5.29.29";

    /// RFC 2985 §5.4.2.
    EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
    /// RFC 5280 §4.2.1.12.
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";

    // Their values
    OCSP = "1.3.6.1.5.5.7.48.1";
    CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    /// RFC 5940 §2.1.
    RI_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2";
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// RFC 9598 §3.
    SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9";

    SHA_1 = "1.3.14.3.2.26";

    // Keys
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";

    // PKCS#12 (RFC 7292 §4, appendix D) and PKCS#7 (RFC 2315)
    DATA = "1.2.840.113549.1.7.1";
    ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
    KEY_BAG = "1.2.840.113549.1.12.10.1.1";
    SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2";
    CERT_BAG = "1.2.840.113549.1.12.10.1.3";
    SAFE_CONTENTS_BAG = "1.2.840.113549.1.12.10.1.6";
    X509_CERTIFICATE = "1.2.840.113549.1.9.22.1";
    FRIENDLY_NAME = "1.2.840.113549.1.9.20";
    LOCAL_KEY_ID = "1.2.840.113549.1.9.21";
}

/// Dotted, or hexadecimal where it is too long or not an identifier (X.690 §8.19).
pub(crate) fn text(content: &[u8]) -> String {
    match ObjectIdentifier::<39>::from_bytes(content) {
        Ok(oid) => oid.to_string(),
        Err(_) => format!("#{}", hex(content.get(..LONGEST).unwrap_or(content))),
    }
}

/// Octets as hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Octets of an identifier that are shown (threats D1).
const LONGEST: usize = 128;
