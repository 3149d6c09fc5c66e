//! Where the parts of a letter lie, and which layers speak for them: what a program with its own MIME parser cuts by.

use mailseal::mime::PartPath;
use mailseal::report::{Layer, PartSummary};
use mailseal::{Composer, Group, Key, Report};

use super::*;

const MIXED: &str = "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n--m\r\nContent-Type: image/png\r\n\
    Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.PNG\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    iVBORw0K\r\n--m--\r\n";

fn opener() -> Opener {
    Opener::new(&Context::new(TrustStore::new()))
}

fn part<'r>(report: &'r Report, path: &str) -> &'r PartSummary {
    let path: PartPath = path.parse().unwrap();
    report.parts.iter().find(|part| part.part == path).unwrap_or_else(|| panic!("no part {path}"))
}

fn cut(octets: &[u8], (start, end): (u64, u64)) -> &[u8] {
    &octets[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]
}

#[test]
fn of_a_signed_part_beside_another() {
    let alice = Person::new("Alice <alice@example.org>");
    let signed = alice.signs(MIXED.as_bytes(), "s");
    let head = b"From: alice@example.org\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n";
    let letter = [head.as_slice(), &signed, b"\r\n--o\r\n\r\nfooter\r\n--o--\r\n"].concat();
    let report = Opener::new(&trusting(&[&alice])).open(&letter, AT).unwrap().report;
    let root = PartPath::root();
    assert_eq!(report.payload.as_ref(), Some(&root));
    assert!(report.parts.iter().all(|part| part.content == root));
    for (path, octets) in
        [("0", letter.as_slice()), ("1", &signed), ("1.1", MIXED.as_bytes()), ("2", b"\r\nfooter")]
    {
        assert_eq!(cut(&letter, part(&report, path).range), octets, "{path}");
    }
    let text = part(&report, "1.1.1");
    assert_eq!(cut(&letter, (text.body, text.range.1)), b"Gr=C3=BC=C3=9Fe");
    assert!(cut(&letter, (text.range.0, text.body)).ends_with(b"quoted-printable\r\n\r\n"));
    assert_eq!((text.charset.as_deref(), text.encoding.name()), (Some("utf-8"), "quoted-printable"));
    let picture = part(&report, "1.1.2");
    assert_eq!((picture.file_name.as_deref(), picture.encoding.name()), (Some("Grüße.PNG"), "base64"));
    assert_eq!(cut(&letter, report.layers[0].range()), signed);
    for (path, layers) in [("0", 0), ("1", 0), ("1.1", 1), ("1.1.1", 1), ("1.1.2", 1), ("1.2", 0), ("2", 0)] {
        let part = part(&report, path);
        assert_eq!((part.layers.len(), part.is_signed(&report)), (layers, layers == 1), "{path}");
        assert!(!part.is_encrypted(&report));
    }
}

#[test]
fn of_parts_inside_encryption() {
    let secret = openpgp::generate("Alice <alice@example.org>", AT, openpgp::CipherSuite::Ed25519).unwrap();
    let key = Key::load(secret.expose(), Password::none()).unwrap();
    let cx = Context::new(TrustStore::new().anchor(key.certificate(), Scope::any()));
    let group = Group::to(&[key.certificate()], AT).unwrap();
    let draft = format!("From: alice@example.org\r\nTo: alice@example.org\r\n{MIXED}");
    let mut letter = Vec::new();
    Composer::new(&cx).sign(&key).encrypt(&group).compose(draft.as_bytes(), AT, &mut letter).unwrap();
    let opened = Opener::new(&cx).key(key).open(&letter, AT).unwrap();
    let (report, inside) = (&opened.report, opened.payload().unwrap().octets(10_000).unwrap());
    let payload = part(report, &report.payload.as_ref().unwrap().to_string());
    assert_eq!((payload.part.to_string().as_str(), payload.content.to_string().as_str()), ("2.1", "2.1"));
    assert_eq!(cut(&inside, payload.range), inside);
    let text = part(report, "2.1.1");
    assert_eq!(cut(&inside, (text.body, text.range.1)), b"Gr=C3=BC=C3=9Fe");
    let sealed = |path| (part(report, path).is_encrypted(report), part(report, path).is_signed(report));
    assert_eq!([sealed("0"), sealed("1"), sealed("2")], [(false, false); 3]);
    assert_eq!([sealed("2.1"), sealed("2.1.1"), sealed("2.1.2")], [(true, true); 3]);
    let kinds: Vec<&str> = text.layers.iter().map(|number| kind(&report.layers[*number])).collect();
    assert_eq!(kinds, ["encrypted", "signed"]);
    // To somebody else it is one closed part.
    let report = opener().open(&letter, AT).unwrap().report;
    assert_eq!((report.payload, report.parts.len()), (None, 3));
    assert!(report.parts.iter().all(|part| part.layers.is_empty()));
}

fn kind(layer: &Layer) -> &'static str {
    match layer {
        Layer::Signed(_) => "signed",
        Layer::Encrypted(_) => "encrypted",
        _ => "other",
    }
}
