//! How much work and memory one letter can ask for (threats D5).

use mailseal::{Limits, Opener};

use crate::{AT, bounded, detached, letter, limit_of, unsigned_data};

fn mixed(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut out = b"Content-Type: multipart/mixed; boundary=mixed\r\n\r\n".to_vec();
    for part in parts {
        out.extend_from_slice(b"--mixed\r\n");
        out.extend_from_slice(&part);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"--mixed--\r\n");
    out
}

fn opaque(content: &[u8]) -> Vec<u8> {
    let head = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    [head.as_slice(), &unsigned_data(content)].concat()
}

#[test]
fn d5_signatures_of_all_layers_together() {
    let layer = |number: usize| detached(b"\r\nx", b"junk", &format!("b{number}"));
    let cx = bounded(Limits::default());
    let letter = |count: usize| letter("X: y", &mixed((0..count).map(layer)));
    assert_eq!(limit_of(&cx, &letter(128)), None);
    assert_eq!(limit_of(&cx, &letter(129)), Some("all_signatures"));
}

#[test]
fn d5_layers_of_any_kind() {
    let cx = bounded(Limits::default().layers(10));
    let encrypted = b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b--".to_vec();
    let text = b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA7E9bjsLnXNCAQ\r\n\
                 -----END PGP MESSAGE-----\r\n"
        .to_vec();
    for part in [encrypted, opaque(b"\r\n"), text] {
        let letter = |count: usize| letter("X: y", &mixed(vec![part.clone(); count]));
        assert_eq!(limit_of(&cx, &letter(10)), None);
        assert_eq!(limit_of(&cx, &letter(11)), Some("layers"));
    }
}

/// Content too large for memory is decoded from its start for each part that is looked at.
#[test]
fn d5_decoding_again_and_again() {
    let texts = |count: usize| mixed(vec![b"Content-Type: text/plain\r\n\r\nx".to_vec(); count]);
    let letter = |count: usize| letter("X: y", &opaque(&texts(count)));
    let small = Limits::default().memory_bytes(100).passes(10);
    assert_eq!(limit_of(&bounded(small.clone()), &letter(6)), None);
    assert_eq!(limit_of(&bounded(small.clone()), &letter(500)), Some("passes"));
    assert_eq!(limit_of(&bounded(small.memory_bytes(100_000)), &letter(500)), None);
}

/// All opaque contents share the memory of one; the report is the same.
#[test]
fn d5_opaque_layers_share_memory() {
    let content = b"Content-Type: text/plain\r\n\r\nHello\r\n";
    let letter = letter("X: y", &mixed(vec![opaque(content); 20]));
    let json = |limits: Limits| {
        let opened = Opener::new(&bounded(limits)).open(letter.as_slice(), AT).unwrap();
        format!("{:?}", opened.report)
    };
    assert_eq!(json(Limits::default()), json(Limits::default().memory_bytes(100)));
}

#[test]
fn d4_headers_of_all_layers_together() {
    let content = [b"X: ".as_slice(), &[b'x'; 900], b"\r\n\r\nHello"].concat();
    let letter = letter("X: y", &mixed(vec![opaque(&content); 5]));
    let limits = Limits::default().all_header_bytes(4000);
    assert_eq!(limit_of(&bounded(limits), &letter), Some("all_header_bytes"));
    let limits = Limits::default().all_header_bytes(6000);
    assert_eq!(limit_of(&bounded(limits), &letter), None);
}
