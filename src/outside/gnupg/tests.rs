//! Keyboxes and databases made to order; those of gpg itself are in `tests/stores.rs`.

use super::*;

const CAROL: &[u8] = include_bytes!("../../../examples/letters/gpg-carol.asc");

fn blob(kind: u8, flags: u16, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + content.len()).unwrap();
    let head = [&length.to_be_bytes()[..], &[kind, 1], &flags.to_be_bytes(), &16_u32.to_be_bytes()].concat();
    [&head[..], &u32::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
}

fn keybox(blobs: &[Vec<u8>]) -> Vec<u8> {
    let head = [&32_u32.to_be_bytes()[..], &[1, 1, 0, 0], b"KBXf", &[0; 20]].concat();
    [vec![head], blobs.to_vec()].concat().concat()
}

#[test]
fn blobs_of_either_kind_are_read_and_others_passed_over() {
    let mut blobs =
        vec![blob(2, 0, CAROL), blob(0, 0, CAROL), blob(2, 2, CAROL), blob(9, 0, b"?"), blob(2, 0, b"?")];
    let wanted = 1 + usize::from(cfg!(feature = "smime"));
    blobs.push(blob(3, 0, include_bytes!("../../../examples/letters/openssl-ca.pem")));
    let found = keyring(&keybox(&blobs)).unwrap();
    assert_eq!(found.len(), wanted);
    assert_eq!(keyring(CAROL).unwrap(), found[..1]);
    // Offsets that lead out of the blob.
    blobs[0][8..12].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(keyring(&keybox(&blobs)).unwrap().len(), wanted - 1);
    assert!(keyring(&keybox(&[])).unwrap().is_empty());
}

#[test]
fn a_keybox_that_is_cut_off_is_an_error() {
    let whole = keybox(&[blob(2, 0, CAROL)]);
    for length in 33..whole.len() {
        assert!(keyring(&whole[..length]).is_err(), "{length}");
    }
    // A blob of no length would never end.
    assert!(keyring(&[whole, vec![0; 8]].concat()).is_err());
}

#[test]
fn owner_trust_is_text_or_a_database() {
    let fingerprint = [0xab; 20];
    let record = |kind: u8, number: u8| {
        let mut record = [vec![kind, 0], fingerprint.to_vec(), vec![number]].concat();
        record.resize(40, 0);
        record
    };
    let version = |number: u8| {
        let mut record = [b"\x01gpg".to_vec(), vec![number]].concat();
        record.resize(40, 0);
        record
    };
    let database =
        [version(3), record(10, 6), record(12, 6), record(12, 0x85), record(12, 0), record(13, 6)].concat();
    let read = owner_trust(&database).unwrap();
    let name = "AB".repeat(20);
    assert_eq!(read, [(name.clone(), OwnerTrust::Ultimate), (name.clone(), OwnerTrust::Full)]);
    assert!(owner_trust(&version(2)).is_err());
    assert!(owner_trust(&database[..50]).is_err());
    assert!(owner_trust(&database[..4]).is_err());

    let text = format!("# made by gpg\n\n{name}:4:\n{name}:3:\n{name}:9:\n");
    let read = owner_trust(text.as_bytes()).unwrap();
    assert_eq!(read, [(name.clone(), OwnerTrust::Marginal), (name.clone(), OwnerTrust::Never)]);
    for wrong in [name.as_str(), "ABCD:6:", &format!("{name}:x:"), &format!("{name}:600:"), "\u{fffd}"] {
        assert!(owner_trust(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(owner_trust(b"\xff").is_err());
}
