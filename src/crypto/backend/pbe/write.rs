//! The way back: encryption and integrity for key files that mailseal writes.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, InnerIvInit, KeyIvInit};
use const_oid::ObjectIdentifier;
use der::Encode;
use pkcs5::EncryptionScheme;
use pkcs5::pbes2::Parameters;
use sha1::Sha1;

use super::{Derivation, PBE_3DES, PBE_RC2_40, Password, mac_key};
use crate::crypto::algorithm::der_octets;
use crate::crypto::backend::portable::mac::hmac;
use crate::crypto::{HashAlgorithm, KeyError, SecureRandom};

/// How it is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// PBES2 (RFC 8018 §6.2): PBKDF2 with HMAC-SHA-256, AES-256 in CBC mode.
    Pbes2,
    /// pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C)
    TripleDes,
    /// pbeWithSHAAnd40BitRC2-CBC (RFC 7292 appendix C)
    Rc2,
}

/// AlgorithmIdentifier and ciphertext.
pub(crate) fn encrypt(
    form: Form,
    password: &Password,
    plaintext: &[u8],
    iterations: u32,
    random: &dyn SecureRandom,
) -> Result<(Vec<u8>, Vec<u8>), KeyError> {
    match form {
        Form::Pbes2 => {
            let (mut salt, mut iv) = ([0; 16], [0; 16]);
            random.fill(&mut salt)?;
            random.fill(&mut iv)?;
            let failed = |error: pkcs5::Error| KeyError::Unsupported(error.to_string());
            let parameters =
                Parameters::generate_pbkdf2_sha256_aes256cbc(iterations, &salt, iv).map_err(failed)?;
            let ciphertext = parameters.encrypt(&password.utf8[..], plaintext).map_err(failed)?;
            let identifier = EncryptionScheme::Pbes2(parameters).to_der();
            Ok((identifier.map_err(|error| KeyError::Unsupported(error.to_string()))?, ciphertext))
        }
        Form::TripleDes | Form::Rc2 => old(form, password, plaintext, iterations, random),
    }
}

fn old(
    form: Form,
    password: &Password,
    plaintext: &[u8],
    iterations: u32,
    random: &dyn SecureRandom,
) -> Result<(Vec<u8>, Vec<u8>), KeyError> {
    let mut salt = [0; 8];
    random.fill(&mut salt)?;
    let password = password.bmp.first().map_or(&[][..], |bmp| bmp);
    let derive = |id, length| Derivation { id, password, salt: &salt, iterations }.derive::<Sha1>(64, length);
    let failed = || KeyError::Unsupported("this length of a key".into());
    let iv = derive(2, 8);
    let (oid, ciphertext) = match form {
        Form::Rc2 => {
            let cipher = rc2::Rc2::new_with_eff_key_len(&derive(1, 5), 40);
            let mode = cbc::Encryptor::inner_iv_slice_init(cipher, &iv).map_err(|_| failed())?;
            (PBE_RC2_40, mode.encrypt_padded_vec::<Pkcs7>(plaintext))
        }
        _ => {
            let mode = cbc::Encryptor::<des::TdesEde3>::new_from_slices(&derive(1, 24), &iv);
            (PBE_3DES, mode.map_err(|_| failed())?.encrypt_padded_vec::<Pkcs7>(plaintext))
        }
    };
    Ok((old_identifier(oid, &salt, iterations), ciphertext))
}

/// `SEQUENCE { OID, pkcs-12PbeParams SEQUENCE { salt OCTET STRING, iterations INTEGER } }`
fn old_identifier(oid: ObjectIdentifier, salt: &[u8], iterations: u32) -> Vec<u8> {
    let parameters = [der_octets(0x04, salt), number(iterations)].concat();
    der_octets(0x30, &[der_octets(0x06, oid.as_bytes()), der_octets(0x30, &parameters)].concat())
}

/// A DER INTEGER.
pub(crate) fn number(number: u32) -> Vec<u8> {
    let octets: Vec<u8> = [0].into_iter().chain(number.to_be_bytes()).collect();
    // As short as it goes, and not negative.
    let needless = octets.windows(2).take_while(|two| matches!(two, [0, next] if *next < 0x80)).count();
    der_octets(0x02, octets.get(needless..).unwrap_or_default())
}

/// Salt and MAC over `content` (RFC 7292 appendix B.4).
pub(crate) fn mac(
    hash: HashAlgorithm,
    password: &Password,
    content: &[u8],
    iterations: u32,
    random: &dyn SecureRandom,
) -> Result<([u8; 16], Vec<u8>), KeyError> {
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let form = password.bmp.first().map_or(&[][..], |bmp| bmp);
    let unsupported = || KeyError::Unsupported(hash.to_string());
    let key = mac_key(hash, &Derivation { id: 3, password: form, salt: &salt, iterations });
    let digest = hmac(hash, &key.ok_or_else(unsupported)?, &[content]);
    Ok((salt, digest.ok_or_else(unsupported)?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_der() {
        assert_eq!(number(0), [2, 1, 0]);
        assert_eq!(number(127), [2, 1, 127]);
        assert_eq!(number(128), [2, 2, 0, 128]);
        assert_eq!(number(600_000), [2, 3, 9, 0x27, 0xc0]);
        assert_eq!(number(u32::MAX), [2, 5, 0, 255, 255, 255, 255]);
    }
}
