//! R-E2: what carriers do to a letter on its way leaves the signed octets alone.

use super::*;

fn letter() -> (Vec<u8>, Vec<u8>) {
    let source = difficult();
    let draft = draft(&source).unwrap();
    let letter = signed(&draft, SignatureKind::Pkcs7, "sha-256", |_| vec![0x30, 0]);
    let entity = written(&draft);
    assert_eq!(signed_octets(&letter), entity, "what is signed is what is sent");
    (letter, entity)
}

fn each_line(letter: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let text = std::str::from_utf8(letter).unwrap();
    let lines: Vec<_> = text.split("\r\n").map(change).collect();
    lines.join("\r\n").into_bytes()
}

#[test]
fn r_e2_line_ends_through_lf_and_back() {
    let (letter, entity) = letter();
    let unix = text(letter).replace("\r\n", "\n");
    assert_eq!(signed_octets(unix.replace('\n', "\r\n").as_bytes()), entity);
}

#[test]
fn r_e2_a_cr_alone_is_taken_for_a_line_end() {
    let (letter, entity) = letter();
    let unix = text(letter).replace("\r\n", "\n").replace('\r', "\n");
    assert_eq!(signed_octets(unix.replace('\n', "\r\n").as_bytes()), entity);
}

#[test]
fn r_e2_dots_are_doubled_and_halved() {
    let (letter, entity) = letter();
    let stuffed =
        each_line(&letter, |line| if line.starts_with('.') { format!(".{line}") } else { line.into() });
    assert!(!text(stuffed.clone()).contains("\r\n.\r\n"), "nothing ends DATA early");
    let back = each_line(&stuffed, |line| line.strip_prefix('.').unwrap_or(line).into());
    assert_eq!(signed_octets(&back), entity);
}

#[test]
fn r_e2_blanks_at_line_ends_are_stripped() {
    let (letter, entity) = letter();
    assert_eq!(signed_octets(&each_line(&letter, |line| line.trim_end().into())), entity);
}

#[test]
fn r_e2_from_is_escaped_in_a_mailbox() {
    let (letter, entity) = letter();
    let escape = |line: &str| if line.starts_with("From ") { format!(">{line}") } else { line.into() };
    assert_eq!(signed_octets(&each_line(&letter, escape)), entity);
}

#[test]
fn r_e2_long_lines_are_wrapped() {
    let (letter, entity) = letter();
    let wrap = |line: &str| {
        let cut = line.len().min(998);
        if cut < line.len() { format!("{}\r\n{}", &line[..cut], &line[cut..]) } else { line.into() }
    };
    assert_eq!(signed_octets(&each_line(&letter, wrap)), entity);
}

#[test]
fn r_e2_eight_bits_become_seven() {
    let (letter, entity) = letter();
    let seven: Vec<u8> = letter.iter().map(|octet| octet & 127).collect();
    assert_eq!(signed_octets(&seven), entity);
}

#[test]
fn r_e2_the_header_above_is_refolded() {
    let (letter, entity) = letter();
    let text = text(letter);
    let (header, body) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = header.replace("\r\n ", " ");
    let refolded: Vec<_> = unfolded.split("\r\n").map(|line| line.replacen(' ', "\r\n\t", 3)).collect();
    for header in [unfolded.clone(), refolded.join("\r\n")] {
        let received = format!("Received: by mx\r\n{header}\r\nX-Added: 1\r\n\r\n{body}");
        assert_eq!(signed_octets(received.as_bytes()), entity);
    }
}

/// The same ways change a letter that was not prepared: the tests above can fail.
#[test]
fn the_carriers_here_do_change_letters() {
    let raw = text(b"a \r\nFrom b\r\n".to_vec());
    assert_ne!(each_line(raw.as_bytes(), |line| line.trim_end().into()), raw.as_bytes());
    let escape = |line: &str| if line.starts_with("From ") { format!(">{line}") } else { line.into() };
    assert_ne!(each_line(raw.as_bytes(), escape), raw.as_bytes());
}

#[test]
fn r_e1_a_content_that_holds_the_boundary_is_refused() {
    let boundary = Boundary::new([9; 16]);
    let letter = format!("Content-Type: text/plain\r\n\r\nquoted: --{}\r\n", boundary.as_str());
    let draft = draft(letter.as_bytes()).unwrap();
    let mut out =
        MultipartSigned::begin(Vec::new(), draft.outer(), SignatureKind::Pgp, "pgp-sha256", boundary)
            .unwrap();
    assert!(matches!(draft.write_entity(&mut out), Err(Error::Refused(why)) if why.contains("boundary")));
    let other = Boundary::new([8; 16]);
    let mut out =
        MultipartSigned::begin(Vec::new(), draft.outer(), SignatureKind::Pgp, "pgp-sha256", other).unwrap();
    draft.write_entity(&mut out).unwrap();
}

#[test]
fn the_frame_of_a_signed_letter() {
    let draft = draft(b"From: a@b\r\nContent-Type: text/plain\r\n\r\nHello\r\n").unwrap();
    let armor = b"-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n";
    let letter = text(signed(&draft, SignatureKind::Pgp, "pgp-sha512", |_| armor.to_vec()));
    assert!(letter.split("\r\n").all(|line| line.len() < 78 && !line.contains('\n')), "{letter}");
    assert!(
        letter.starts_with("From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed;"),
        "{letter}"
    );
    assert!(
        letter.contains("protocol=\"application/pgp-signature\"") && letter.contains("micalg=\"pgp-sha512\"")
    );
    assert!(
        letter.ends_with("-----END PGP SIGNATURE-----\r\n\r\n--=_30313233343536373839616263646566--\r\n"),
        "{letter}"
    );
    let odd = MultipartSigned::begin(
        Vec::new(),
        draft.outer(),
        SignatureKind::Pgp,
        "sha\r\nBcc: x",
        Boundary::new([0; 16]),
    );
    assert!(matches!(odd.err(), Some(Error::Refused(_))));
    let mut out = Vec::new();
    let begun = MultipartSigned::begin(
        &mut out,
        draft.outer(),
        SignatureKind::Pgp,
        "pgp-sha256",
        Boundary::new([0; 16]),
    );
    assert!(begun.unwrap().finish(b"\x30\x80").is_err(), "not armor");
}

#[test]
fn an_opaque_letter() {
    let outer = [b"From: a@b\r\n".as_slice()];
    let mut out = Pkcs7Mime::begin(Vec::new(), outer, "signed-data").unwrap();
    out.write_all(&[7; 100]).unwrap();
    let letter = out.finish().unwrap();
    let structure = structure(&letter);
    let part = &structure.parts[0];
    assert!(part.media_type.is("application", "pkcs7-mime"));
    assert_eq!(part.media_type.parameter("smime-type"), Some("signed-data"));
    assert_eq!(part.media_type.parameter("name"), Some("smime.p7m"));
    let mut body = letter[usize::try_from(part.body.start).unwrap()..].to_vec();
    body.retain(|octet| !octet.is_ascii_whitespace());
    assert_eq!(base64_simd::STANDARD.decode_to_vec(&body).unwrap(), [7; 100]);
}
