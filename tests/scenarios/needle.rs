//! A secret in what went over a wire: as it is, or in base64.

/// Whether it stands there. In base64 it may begin at any of three places of a group of four letters.
pub(crate) fn occurs(wire: &[u8], secret: &str) -> bool {
    let found = |needle: &[u8]| wire.windows(needle.len()).any(|window| window == needle);
    found(secret.as_bytes()) || (0..3).any(|before| found(in_base64(secret, before).as_bytes()))
}

/// The letters that the secret alone decides, after that many other octets.
fn in_base64(secret: &str, before: usize) -> String {
    let octets = [vec![0; before], secret.as_bytes().to_vec()].concat();
    let letters = base64_simd::STANDARD_NO_PAD.encode_to_string(&octets);
    let first = [0, 2, 3][before];
    let after = octets.len() * 8 / 6; // the last letter may hold bits of what follows
    letters[first..after].to_owned()
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    let secret = "correct horse battery";
    assert!(occurs(b"a LOGIN bob \"correct horse battery\"\r\n", secret));
    for before in 0..6 {
        for after in 0..3 {
            let octets = [vec![b'x'; before], secret.as_bytes().to_vec(), vec![b'y'; after]].concat();
            let wire = format!("AUTH PLAIN {}\r\n", base64_simd::STANDARD.encode_to_string(octets));
            assert!(occurs(wire.as_bytes(), secret), "{wire}");
        }
    }
    assert!(!occurs(b"AUTH PLAIN Y29ycmVjdCBob3JzZQ==", secret));
}
