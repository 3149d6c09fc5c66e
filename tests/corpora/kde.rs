//! KMail's, Apple Mail's and others' letters, as KDE's mimetreeparser states them.

use std::fs;

use mailseal::report::{Code, Layer};
use mailseal::{Certificate, Outcome};

use crate::letters::{Given, Judged, corpus, expected, noon};

/// The X.509 certificates of KDE's keyring (a GnuPG keybox, which holds them as DER among other things).
pub fn certificates() -> Option<Vec<Vec<u8>>> {
    let keybox = fs::read(corpus("kde-mimetreeparser")?.join("gnupg_home/pubring.kbx")).unwrap();
    let (mut found, mut place) = (Vec::new(), 0);
    while let Some(head) = keybox.get(place..place + 6) {
        let length = 4 + usize::from(u16::from_be_bytes([head[2], head[3]]));
        let is_certificate = head[..2] == [0x30, 0x82] && head[4..] == [0x30, 0x82];
        if is_certificate && place + length <= keybox.len() {
            found.push(keybox[place..place + length].to_vec());
            place += length;
        } else {
            place += 1;
        }
    }
    assert_eq!(found.len(), 4);
    Some(found)
}

#[test]
fn r_f4_kde_mimetreeparser() {
    let (Some(folder), Some(x509)) = (corpus("kde-mimetreeparser"), certificates()) else { return };
    let ring = fs::read(folder.join("gnupg_home/pubring.gpg")).unwrap();
    let mut given = Given { anchors: Certificate::load(&ring).unwrap(), ..Given::default() }.sha1();
    given.certificates = x509.iter().flat_map(|der| Certificate::load(der).unwrap()).collect();
    let expected = expected(&folder);
    let stated = expected["messages"].as_array().unwrap();
    for message in stated {
        let file = message["file"].as_str().unwrap();
        let letter = fs::read(folder.join(file)).unwrap();
        let judged = Judged::new(&given, &letter, noon("2013-01-10"), &[]);
        println!(
            "{file} {} {:?} {:?} {:?}",
            message["first_content_part"],
            judged.verdict.outcome,
            judged.verdict.reasons,
            judged.integrity()
        );
    }
    println!("kde-mimetreeparser: {} letters", stated.len());
}
