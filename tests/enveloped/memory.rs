//! Memory does not grow with the content.

use std::io::{self, Read, Write};

use mailseal::crypto::{ContentCipher, Provider};
use mailseal::policy::Algorithms;
use mailseal::protocol::{Decryptor, Encryptor as _, Inputs, Keys, NoCertificates, SharedKey};
use mailseal::report::Decryption;
use mailseal::smime::{self, EncryptionOptions, Encryptor, Recipient};
use mailseal::{Error, Limits};

use crate::desk::AT;
use crate::heap::peak;

const MOST: usize = 1 << 20;

#[test]
fn d2_a_large_letter_takes_no_more_than_a_small_one() {
    let shared = [SharedKey::new(b"k", vec![7; 32]).unwrap()];
    let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
    let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, AT);
    let piece = [0x5a; 10_000];
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305, ContentCipher::Aes256Cbc] {
        let options = EncryptionOptions::new(cipher);
        let encryptor = Encryptor::new(&[Recipient::shared(&shared[0])], &options, &provider).unwrap();
        let write = |out: &mut dyn Write| {
            let mut encrypting = encryptor.begin(out, AT).unwrap();
            for _ in 0..800 {
                encrypting.write_all(&piece).unwrap();
            }
            encrypting.finish().unwrap();
        };
        let ((), most) = peak(|| write(&mut io::sink()));
        assert!(most < MOST, "{cipher}: {most} to write");
        let mut message = Vec::new();
        write(&mut message);
        let body = || -> Result<Box<dyn Read + Send + '_>, Error> { Ok(Box::new(message.as_slice())) };
        let keys = Keys::new(&[], None).shared(&shared);
        let (seen, most) = peak(|| smime::Decryptor.decrypt(&body, &mut io::sink(), &keys, &inputs).unwrap());
        assert_eq!(seen.decryption, Decryption::Opened);
        assert!(most < MOST, "{cipher}: {most} to open");
        let again = seen.again.unwrap();
        let read = || {
            let mut reader = smime::Decryptor.again(body().unwrap(), &again, &inputs).unwrap();
            io::copy(&mut reader, &mut io::sink()).unwrap()
        };
        let (count, most) = peak(read);
        assert_eq!(count, 8_000_000);
        assert!(most < MOST, "{cipher}: {most} to read again");
    }
}
