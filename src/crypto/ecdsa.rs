//! ECDSA signatures: ECDSA-Sig-Value (RFC 3279 §2.2.3) and the two numbers in it, which OpenPGP carries bare.
//!
//! A token gives the numbers side by side; a [`SigningKey`](super::SigningKey) returns DER:
//!
//! ```
//! use mailseal::crypto::{Curve, KeyError, ecdsa};
//! fn from_token(signature: &[u8]) -> Result<Vec<u8>, KeyError> {
//!     ecdsa::from_fixed(signature, Curve::P256).ok_or_else(|| KeyError::unavailable("64 octets were expected"))
//! }
//! assert!(from_token(&[1; 64]).is_ok());
//! assert!(from_token(&[1; 70]).is_err());
//! ```

use der::asn1::UintRef;
use der::{Decode, Encode, Sequence};

use crate::crypto::Curve;

/// ```text
/// ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }
/// ```
#[derive(Sequence)]
struct SigValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// DER of two unsigned big-endian numbers, leading zeros or not. None where one is absurdly long.
///
/// ```
/// use mailseal::crypto::ecdsa;
/// let der = ecdsa::to_der(&[0x00, 0x80], &[1]).unwrap();
/// assert_eq!(der, [0x30, 7, 2, 2, 0x00, 0x80, 2, 1, 1]);
/// assert_eq!(ecdsa::from_der(&der), Some((vec![0x80], vec![1])));
/// ```
pub fn to_der(r: &[u8], s: &[u8]) -> Option<Vec<u8>> {
    SigValue { r: UintRef::new(r).ok()?, s: UintRef::new(s).ok()? }.to_der().ok()
}

/// The two numbers of strict DER (R-B9), without leading zeros.
///
/// ```
/// use mailseal::crypto::ecdsa;
/// assert_eq!(ecdsa::from_der(&[0x30, 6, 2, 1, 7, 2, 1, 9]), Some((vec![7], vec![9])));
/// assert_eq!(ecdsa::from_der(&[0x30, 0x81, 6, 2, 1, 7, 2, 1, 9]), None, "not DER");
/// ```
pub fn from_der(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let value = SigValue::from_der(der).ok()?;
    Some((value.r.as_bytes().to_vec(), value.s.as_bytes().to_vec()))
}

/// The numbers `r` and `s` of strict DER side by side, each as long as the curve's coordinates (IEEE P1363).
///
/// ```
/// use mailseal::crypto::{Curve, ecdsa};
/// let fixed = ecdsa::to_fixed(&[0x30, 6, 2, 1, 7, 2, 1, 9], Curve::P256).unwrap();
/// assert_eq!((fixed.len(), fixed[31], fixed[63]), (64, 7, 9));
/// ```
pub fn to_fixed(der: &[u8], curve: Curve) -> Option<Vec<u8>> {
    let (r, s) = from_der(der)?;
    let mut fixed = left_padded(&r, curve.octets())?;
    fixed.extend(left_padded(&s, curve.octets())?);
    Some(fixed)
}

/// DER of `r` and `s` side by side; `None` where they are not as long as two coordinates of the curve.
///
/// ```
/// use mailseal::crypto::{Curve, ecdsa};
/// assert_eq!(ecdsa::from_fixed(&[1; 96], Curve::P384).unwrap().len(), 2 + 2 * (2 + 48));
/// ```
pub fn from_fixed(fixed: &[u8], curve: Curve) -> Option<Vec<u8>> {
    let (r, s) = fixed.split_at_checked(curve.octets())?;
    if s.len() != r.len() {
        return None;
    }
    to_der(r, s)
}

/// The number in that many octets; none if it does not fit.
pub(crate) fn left_padded(number: &[u8], octets: usize) -> Option<Vec<u8>> {
    let mut padded = vec![0; octets.checked_sub(number.len())?];
    padded.extend_from_slice(number);
    Some(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_b9_lax_der_is_refused() {
        let good = [0x30, 6, 2, 1, 1, 2, 1, 2];
        assert!(from_der(&good).is_some());
        for bad in [
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 2][..], // long form of a short length
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 2],        // padded integer
            &[0x30, 6, 2, 1, 0x81, 2, 1, 2],        // negative
            &[0x30, 6, 2, 1, 1, 2, 1, 2, 0],        // trailing octet
            &[0x30, 8, 2, 1, 1, 2, 1, 2, 5, 0],     // trailing element
            &[0x30, 0x80, 2, 1, 1, 2, 1, 2, 0, 0],  // indefinite length
            &[0x30, 3, 2, 1, 1],
        ] {
            assert_eq!(from_der(bad), None, "{bad:x?}");
        }
    }

    #[test]
    fn fixed_and_back() {
        let der = to_der(&[7], &[0x80, 0]).unwrap();
        let fixed = to_fixed(&der, Curve::P521).unwrap();
        assert_eq!(fixed.len(), 132);
        assert_eq!(from_fixed(&fixed, Curve::P521), Some(der));
        assert_eq!(from_fixed(&fixed, Curve::P256), None);
    }
}
