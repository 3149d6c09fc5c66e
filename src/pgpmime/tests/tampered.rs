//! Encrypted messages that somebody changed, cut or built to do harm: nothing of them is content.

use std::ops::Range;
use std::time::Instant;

use super::decrypt::{found, key, open, open_with};
use super::encrypt::{Writing, modern, person, to};
use super::*;
use crate::Key;
use crate::crypto::Secret;
use crate::protocol::{Decrypted, Keys};
use crate::report::Decryption;

fn binary(armored: &[u8]) -> Vec<u8> {
    let lines = armored
        .split(|octet| *octet == b'\n')
        .filter(|line| !line.starts_with(b"--") && !line.starts_with(b"="));
    let text: Vec<u8> = lines.flat_map(|line| line.trim_ascii().to_vec()).collect();
    base64_simd::STANDARD.decode_to_vec(&text).unwrap()
}

/// Tags and bodies of packets of definite length.
fn packets(message: &[u8]) -> Vec<(u8, Range<usize>)> {
    let (mut at, mut found) = (0, Vec::new());
    while at < message.len() {
        let (length, start) = match message[at + 1] {
            short @ 0..=191 => (usize::from(short), at + 2),
            two @ 192..=223 => ((usize::from(two) - 192) * 256 + usize::from(message[at + 2]) + 192, at + 3),
            255 => {
                let length = u32::from_be_bytes(message[at + 2..at + 6].try_into().unwrap());
                (usize::try_from(length).unwrap(), at + 6)
            }
            other => panic!("{other}"),
        };
        found.push((message[at] & 0x3f, start..start + length));
        at = start + length;
    }
    found
}

fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xc0 | tag, 0xff][..], &length, body].concat()
}

type Outcome = (Decryption, Vec<(Code, Option<String>)>);

fn outcome(seen: &Decrypted) -> Outcome {
    let findings = seen.findings.iter().map(|finding| (finding.code, finding.detail.clone()));
    (seen.decryption, findings.collect())
}

fn failed() -> Outcome {
    (Decryption::Failed, vec![(Code::NotDecrypted, None)])
}

/// What stands before the SEIPDv2 packet, and its body as one packet of definite length has it, so that chunks can be
/// taken out.
fn in_one_packet(message: &[u8]) -> (&[u8], Vec<u8>) {
    let start = message.windows(3).position(|octets| octets == [0xd2, 0xef, 2]).unwrap();
    let (head, mut body, mut rest) = (&message[..start], Vec::new(), &message[start + 1..]);
    while rest[0] != 0xff {
        body.extend_from_slice(&rest[1..1 + 32_768]);
        rest = &rest[1 + 32_768..];
    }
    body.extend_from_slice(&rest[5..]);
    (head, body)
}

/// A message of version 1 and one of version 2, each with its key.
fn both(content: &[u8]) -> [(Vec<u8>, Vec<Key>); 2] {
    [person("alice", CipherSuite::Ed25519), modern("bob", false)].map(|(secret, certificate)| {
        let message = Writing { signers: vec![identity(&secret)], ..to(&[certificate]) }.write(content);
        (binary(&message), vec![key(&secret)])
    })
}

#[test]
fn r_a6_every_bit_counts() {
    for (message, keys) in both(b"Content-Type: text/plain\r\n\r\nsecret\r\n") {
        assert_eq!(open(&message, &keys).0.decryption, Decryption::Opened);
        let (tag, body) = packets(&message).pop().unwrap();
        // Behind version and parameters.
        let content = if message[body.start] == 1 { body.start + 1 } else { body.start + 4 };
        assert_eq!(tag, 18);
        for bit in 0..message.len() * 8 {
            let mut changed = message.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let Ok((seen, opened)) = open_with(&changed, &Keys::new(&keys, None), &[], &Fixed::default())
            else {
                assert!(bit / 8 < content);
                continue;
            };
            if bit / 8 >= content {
                assert_eq!(outcome(&seen), failed(), "bit {bit}");
            } else if seen.decryption == Decryption::Opened {
                // The lengths of numbers can be written in several ways; what is inside is the same.
                assert_eq!(opened, b"Content-Type: text/plain\r\n\r\nsecret\r\n");
            }
        }
    }
}

#[test]
fn r_a6_every_cut_is_noticed() {
    for (message, keys) in both(b"secret") {
        for length in 0..message.len() {
            let (seen, _) = open(&message[..length], &keys);
            assert_ne!(seen.decryption, Decryption::Opened, "{length}");
        }
        for more in [&b"x"[..], b"\0", b"\xd2\x01\x01", &message] {
            let (seen, _) = open(&[&message, more].concat(), &keys);
            assert_ne!(seen.decryption, Decryption::Opened, "{more:x?}");
        }
        let padded =
            [&packet(10, b"PGP"), &message[..], &packet(10, b"PGP"), &packet(21, b"anything")].concat();
        assert_eq!(open(&padded, &keys).0.decryption, Decryption::Opened);
    }
}

#[test]
fn r_a6_chunks_are_bounded_and_none_may_be_missing() {
    let (secret, certificate) = modern("bob", false);
    let content = vec![7; 200_000];
    let message = binary(&to(&[certificate]).write(&content));
    let keys = [key(&secret)];
    assert_eq!(open(&message, &keys).1, content);
    let (head, body) = in_one_packet(&message);
    let with = |body: &[u8]| open(&[head, &packet(18, body)].concat(), &keys).0;
    assert_eq!(with(&body).decryption, Decryption::Opened);
    let (parameters, chunks) = body.split_at(36);
    let (chunks, last) = chunks.split_at(chunks.len() - 16);
    let whole = 65_536 + 16;
    for count in 0..=3 {
        assert_eq!(outcome(&with(&[parameters, &chunks[..count * whole]].concat())), failed());
        assert_eq!(outcome(&with(&[parameters, &chunks[..count * whole], last].concat())), failed());
    }
    let swapped =
        [parameters, &chunks[whole..2 * whole], &chunks[..whole], &chunks[2 * whole..], last].concat();
    assert_eq!(outcome(&with(&swapped)), failed());
    for size in [17, 56, 255] {
        let mut large = body.clone();
        large[3] = size;
        assert_eq!(with(&large).decryption, Decryption::NotTried);
    }
}

/// What is left after the cut is a whole message: the last tag alone tells.
#[test]
fn r_a6_a_cut_between_packets_and_chunks() {
    let (secret, certificate) = modern("bob", false);
    let literal = packet(11, &[&b"b\0\0\0\0\0"[..], &vec![7; 65_536 - 12]].concat());
    assert_eq!(literal.len(), 65_536);
    let inside = [literal, packet(10, b"PGP")].concat();
    let message = openpgp::tests::sealed_as(&certificate, &inside, openpgp::Form::Version2 { aes256: true });
    let (head, body) = in_one_packet(&message);
    let with = |body: &[u8]| open(&[head, &packet(18, body)].concat(), &[key(&secret)]).0;
    assert_eq!(with(&body).decryption, Decryption::Opened);
    let (chunk, last) = (&body[..36 + 65_536 + 16], &body[body.len() - 16..]);
    assert_eq!(outcome(&with(&[chunk, last].concat())), failed());
    assert_eq!(outcome(&with(chunk)), failed());
}

#[test]
fn r_a3_data_without_protection_is_never_decrypted() {
    let [(message, keys), _] = both(b"secret");
    let (_, body) = packets(&message).pop().unwrap();
    let head = &message[..body.start - 6];
    let inside = &message[body.start + 1..body.end];
    for octets in [inside, &inside[..inside.len() - 22], &message[body.clone()]] {
        let (seen, opened) = open(&[head, &packet(9, octets)].concat(), &keys);
        assert_eq!((seen.decryption, found(&seen)), (Decryption::NotTried, vec![Code::UnsupportedAlgorithm]));
        assert!(opened.is_empty());
    }
    let (seen, _) = open(&[head, &packet(18, &message[body.start..body.end - 22])].concat(), &keys);
    assert_eq!(outcome(&seen), failed());
}

#[test]
fn r_a4_forms_are_not_mixed() {
    let [(old, old_keys), (new, new_keys)] = both(b"secret");
    let data = |message: &[u8]| {
        let (_, body) = packets(message).pop().unwrap();
        message[body].to_vec()
    };
    let head = |message: &[u8]| message[..packets(message).pop().unwrap().1.start - 6].to_vec();
    let keys = [old_keys, new_keys].concat();
    for (head, data) in [(head(&old), data(&new)), (head(&new), data(&old))] {
        let (seen, opened) = open(&[head, packet(18, &data)].concat(), &keys);
        assert_eq!((seen.decryption, found(&seen)), (Decryption::NoKey, vec![Code::NoDecryptionKey]));
        assert_eq!((seen.recipients.len(), opened.len()), (1, 0));
    }
    // GnuPG's own packet: version 1, AES-256, OCB.
    let librepgp = [&[1, 9, 2, 16][..], &[0; 64]].concat();
    let (seen, _) = open(&[head(&old), packet(20, &librepgp)].concat(), &keys);
    assert_eq!((seen.decryption, found(&seen)), (Decryption::NotTried, vec![Code::LibrepgpEncryption]));
    // The key of version 2 with the cipher of version 1: what RFC 9580 §5.13.2 derives keys for.
    let mut crossed = data(&new);
    crossed[0] = 1;
    let (seen, _) = open(&[head(&new), packet(18, &crossed)].concat(), &keys);
    assert_ne!(seen.decryption, Decryption::Opened);
}

/// Whatever is wrong inside, nobody can tell what.
#[test]
fn r_a12_one_failure_for_all_of_them() {
    let (secret, certificate) = person("alice", CipherSuite::Ed25519);
    let keys = [key(&secret)];
    let literal = packet(11, b"b\0\0\0\0\0secret");
    let bomb = openpgp::tests::compressed(4 << 20, 1);
    let inside: [(&str, Vec<u8>); 8] = [
        ("garbage", b"garbage".to_vec()),
        ("nothing", vec![]),
        ("two literals", literal.repeat(2)),
        (
            "a signature too few",
            [&packet(4, &[3, 0, 8, 22, 1, 2, 3, 4, 5, 6, 7, 8, 1])[..], &literal].concat(),
        ),
        ("a marker only", packet(10, b"PGP")),
        ("compression of an unknown kind", packet(8, &[9, 1, 2, 3])),
        ("broken compression", packet(8, &[1, 0xff, 0xff, 0xff])),
        ("encryption in encryption", to(std::slice::from_ref(&certificate)).write(b"x")),
    ];
    for (what, packets) in inside {
        let message = openpgp::tests::sealed(&certificate, &packets);
        let (seen, _) = open(&message, &keys);
        assert_eq!(outcome(&seen), failed(), "{what}");
    }
    assert_eq!(open(&openpgp::tests::sealed(&certificate, &literal), &keys).1, b"secret");
    // A bound that is reached is an error, but not before the message is known to be whole.
    let mut message = openpgp::tests::sealed(&certificate, &bomb);
    let broken = open_with(&message, &Keys::new(&keys, None), &[], &Fixed::default());
    assert!(matches!(broken, Err(Error::Limit { name: "expanded_bytes", .. })));
    *message.last_mut().unwrap() ^= 1;
    assert_eq!(outcome(&open(&message, &keys).0), failed());
    // The two octets of the prefix that are there twice.
    let good = openpgp::tests::sealed(&certificate, &literal);
    let (_, body) = packets(&good).pop().unwrap();
    let mut quick = good.clone();
    quick[body.start + 1 + 17] ^= 1;
    assert_eq!(outcome(&open(&quick, &keys).0), failed());
}

#[test]
fn r_a13_wrapped_keys_of_every_length() {
    for (message, keys) in both(b"secret") {
        let mut parts = packets(&message);
        let (_, data) = parts.pop().unwrap();
        let (_, entry) = parts.pop().unwrap();
        let entry = &message[entry];
        let data = packet(18, &message[data]);
        // The wrapped key is the last field, its length in front of it.
        let wrapped = if entry[0] == 3 { 49 } else { 25 };
        let at = entry.iter().rposition(|octet| usize::from(*octet) + 1 == wrapped).unwrap_or(0);
        let at = (0..entry.len()).find(|at| usize::from(entry[*at]) == entry.len() - at - 1).unwrap_or(at);
        for length in 0..=255_u8 {
            let mut changed = entry[..at].to_vec();
            changed.push(length);
            changed.extend(vec![0x41; usize::from(length)]);
            let (seen, _) = open(&[packet(1, &changed), data.clone()].concat(), &keys);
            assert_ne!(seen.decryption, Decryption::Opened, "{length}");
        }
    }
}

#[test]
fn r_a14_elgamal_is_listed_only() {
    let (secret, _) = person("alice", CipherSuite::Ed25519);
    let hidden = [&[3][..], &[0; 8], &[16], &[0, 8, 0xff], &[0, 8, 0xff]].concat();
    let [(message, _), _] = both(b"secret");
    let (_, data) = packets(&message).pop().unwrap();
    let (seen, _) = open(&[packet(1, &hidden), packet(18, &message[data])].concat(), &[key(&secret)]);
    assert_eq!((seen.decryption, seen.recipients[0].algorithm.as_str()), (Decryption::NoKey, "ElGamal"));
}

#[test]
fn d5_floods_of_entries_are_bounded() {
    let (secret, certificate) = person("alice", CipherSuite::Ed25519);
    let message = binary(&to(std::slice::from_ref(&certificate)).write(b"secret"));
    let mut parts = packets(&message);
    let (_, data) = parts.pop().unwrap();
    let (_, entry) = parts.pop().unwrap();
    let (entry, data) = (&message[entry], packet(18, &message[data]));
    let mut other = entry.to_vec();
    other[1] ^= 1;
    let mut hidden = entry.to_vec();
    hidden[1..9].fill(0);
    let last = hidden.len() - 1;
    hidden[last] ^= 1;
    let flood = |entries: &[u8], count: usize| [&packet(1, entries).repeat(count), &data[..]].concat();
    let keys = [key(&secret)];
    let start = Instant::now();
    let look = |message: &[u8]| open_with(message, &Keys::new(&keys, None), &[], &Fixed::default());
    let (seen, _) = look(&[packet(1, &other).repeat(9_999), message.clone()].concat()).unwrap();
    assert_eq!((seen.decryption, seen.recipients.len()), (Decryption::Opened, 10_000));
    let limit = |result: Result<(Decrypted, Vec<u8>), Error>| match result {
        Err(Error::Limit { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(limit(look(&flood(&other, 10_001))), "recipients");
    assert_eq!(limit(look(&flood(&hidden, 17))), "trial_decryptions");
    assert_eq!(limit(look(&packet(21, &vec![0; (12 << 20) + 1]))), "memory_bytes");
    assert_eq!(look(&flood(&hidden, 16)).unwrap().0.decryption, Decryption::Failed);
    assert!(start.elapsed().as_secs() < 60);
}

#[test]
fn d6_passwords_do_not_buy_work() {
    let [(message, _), (new, _)] = both(b"secret");
    let data = |message: &[u8]| packet(18, &message[packets(message).pop().unwrap().1]);
    let asked = std::cell::Cell::new(0);
    let ask = |_: &crate::PasswordRequest| {
        asked.set(asked.get() + 1);
        Some(Secret::from("guess"))
    };
    let start = Instant::now();
    // Argon2 with 2^31 KiB, and with 255 passes over 1 GiB.
    for (passes, memory) in [(1, 31), (255, 20)] {
        let entry = [&[4, 9, 4][..], &[1; 16], &[passes, 4, memory]].concat();
        let message = [packet(3, &entry), data(&message)].concat();
        let (seen, _) = open_with(&message, &Keys::new(&[], Some(&ask)), &[], &Fixed::default()).unwrap();
        assert_eq!(outcome(&seen), failed());
    }
    // A hundred entries of small cost, each of which wants its own derivation.
    let entry = [&[4, 9, 3, 8][..], &[1; 8], &[96]].concat();
    let many = [packet(3, &entry).repeat(100), data(&message)].concat();
    asked.set(0);
    let (seen, _) = open_with(&many, &Keys::new(&[], Some(&ask)), &[], &Fixed::default()).unwrap();
    assert_eq!((outcome(&seen), asked.get()), (failed(), 1));
    // R-A4: entries of version 4 do not go with data of version 2.
    asked.set(0);
    let crossed = [packet(3, &entry), data(&new)].concat();
    let (seen, _) = open_with(&crossed, &Keys::new(&[], Some(&ask)), &[], &Fixed::default()).unwrap();
    assert_eq!((seen.decryption, asked.get()), (Decryption::NoKey, 0));
    assert!(start.elapsed().as_secs() < 60);
}

/// R-A10: where several entries are for one key, content of none stands before that of the one that fits.
#[test]
fn content_of_a_wrong_key_does_not_come_out() {
    let (secret, certificate) = person("alice", CipherSuite::Ed25519);
    let literal = packet(11, b"b\0\0\0\0\0secret");
    let first = openpgp::tests::sealed(&certificate, &literal);
    let second = openpgp::tests::sealed(&certificate, &literal);
    let entry = |message: &[u8]| packet(1, &message[packets(message).remove(0).1]);
    let both = [entry(&first), second].concat();
    let (seen, opened) = open(&both, &[key(&secret)]);
    assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, &b"secret"[..]));
}

/// Entries for passwords with every bit changed: no panic, no other content, no work beyond the limits.
#[test]
fn r_a6_every_bit_of_an_entry_for_a_password() {
    let literal = packet(11, b"b\0\0\0\0\0secret");
    let ask = |request: &crate::PasswordRequest| (request.attempt == 0).then(|| Secret::from("p"));
    let limits = crate::Limits::default().kdf_memory_kib(1 << 10);
    let fixed = Fixed { limits, ..Fixed::default() };
    let look = |message: &[u8]| open_with(message, &Keys::new(&[], Some(&ask)), &[], &fixed);
    for form in [openpgp::Form::Version1, openpgp::Form::Version2 { aes256: true }] {
        let message = openpgp::tests::sealed_by_password(&literal, form);
        let (seen, opened) = look(&message).unwrap();
        assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, &b"secret"[..]));
        for bit in 0..message.len() * 8 {
            let mut changed = message.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok((seen, _)) = look(&changed) {
                assert_ne!(seen.decryption, Decryption::Opened, "{form:?} {bit}");
            }
        }
        for length in 0..message.len() {
            assert_ne!(look(&message[..length]).unwrap().0.decryption, Decryption::Opened);
        }
    }
}
