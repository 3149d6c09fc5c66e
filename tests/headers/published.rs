//! Signatures that stand in RFC 9788, appendix C, over payloads as they are rebuilt here: numbers of its SignerInfos, which
//! are put together with the certificates of RFC 9216.

use mailseal::report::Integrity;

use crate::AT;
use crate::people::People;
use crate::support::Program;
use crate::vectors::{VECTORS, Vector, base64, check, encrypted};

/// The SET of SignerInfo (RFC 5652 §5.3) in base64.
const SIGNATURES: [(&str, &str); 2] = [
    (
        "smime-multipart-hp",
        "MYICADCCAfwCAQEwbDBVMQ0wCwYDVQQKEwRJRVRGMREwDwYDVQQLEwhMQU1QUyBXRzExMC8GA1UEAxMoU2FtcGxlIExBTVBTIFJT\
         QSBDZXJ0aWZpY2F0aW9uIEF1dGhvcml0eQITN0EFee11f0Kpolw69Phqzpqp1zALBglghkgBZQMEAgGgaTAYBgkqhkiG9w0BCQMx\
         CwYJKoZIhvcNAQcBMBwGCSqGSIb3DQEJBTEPFw0yMTAyMjAxNTA3MDJaMC8GCSqGSIb3DQEJBDEiBCAfybSsej+1D6r16hb18Fcq\
         V4ucPU0CgwMlVVH7gTaP3TANBgkqhkiG9w0BAQEFAASCAQBwlRSGR8OZHFa+8cUc5th58+DiNkwKWqz4pWWX0QP9uuxRZjE8Dtg7\
         b88d0HtZWL98qAp+bjFK8ElktpuBiS5Nuiy+Zm3XnMU5GhCMywIPUAPJA6jvibT5fzYvMGV11RBmrTFNBZxxrJOAWfGfqf96vx9V\
         ajBVbyXdXnV7hnQCx8wsbIOrbRUUVJHBGqpx+j+bIoUmg3uKxOYkZFz9IShmq8fzsW/CVTBMLfoTqle2y+4H+RlGioqz8Mvs+XXb\
         L5MG1r5PGjgpa9hHxPKdbFQCoWIJMA6xJNKgeuoNrA3kHbrX/5Gn9eK8vE5eI6rpEurDGYkws6A9Z/tvsR7Gm9Ia",
    ),
    (
        "smime-signed-enc-hp-baseline",
        "MYICADCCAfwCAQEwbDBVMQ0wCwYDVQQKEwRJRVRGMREwDwYDVQQLEwhMQU1QUyBXRzExMC8GA1UEAxMoU2FtcGxlIExBTVBTIFJT\
         QSBDZXJ0aWZpY2F0aW9uIEF1dGhvcml0eQITN0EFee11f0Kpolw69Phqzpqp1zALBglghkgBZQMEAgGgaTAYBgkqhkiG9w0BCQMx\
         CwYJKoZIhvcNAQcBMBwGCSqGSIb3DQEJBTEPFw0yMTAyMjAxNTA5MDJaMC8GCSqGSIb3DQEJBDEiBCD3Oz5PSjT18jGE4Uj5T1ld\
         kJvAkeL8HMZ6iKDo5HVLTDANBgkqhkiG9w0BAQEFAASCAQAOEGCMmT5kKSljVIVNpyXOxa9Toeus/fdq8x9jk6cUh3oUQaOXSWEq\
         pvafxDlgdFyzrifLPe3FW3WJdRKhI8fc76dZHS7b6LLqJzRh5kJQj1SkhX6Qb6uA1S+2HGZAEIF7ozdmdRfjA5VE2KOq3g2tittc\
         z6mugiV++c3q7BW9cUt62hUWjQLKVlEWrU6SaYH9hOxd/aO/JERrG1Mbq7c5uUEzRyFQKo7+C7nTUhlTh/vlU5pDEeYCyd15thO7\
         c/0yw5Rg4vpeu7WJ4t3/rDIMlt/XQOPyJpFVdywo0+k17ikcLw5y3YpNbnodB7PyyyOowifNhwwQn4Bn2yfC36nZ",
    ),
];

#[test]
fn signatures_of_the_rfc_hold_over_what_is_rebuilt() {
    let Some(people) = People::get() else { return };
    let opener = people.opener();
    for (name, signers) in SIGNATURES {
        let vector = VECTORS.iter().find(|vector| vector.name == name).unwrap();
        let letter = letter(&people, vector, signers);
        let report = opener.open(letter.as_bytes(), AT).unwrap().report;
        let intact = report.signatures().map(|one| one.integrity).collect::<Vec<_>>();
        assert_eq!(intact, [Integrity::Intact], "{name}");
        check(vector, &report);
    }
}

fn letter(people: &People, vector: &Vector, signers: &str) -> String {
    let payload = vector.payload();
    if !vector.is_sealed() {
        return vector.detached(&payload, &base64(&signed_data(people, signers, None)));
    }
    let entity = format!(
        "Content-Transfer-Encoding: base64\r\n\
         Content-Type: application/pkcs7-mime; name=\"smime.p7m\"; smime-type=\"signed-data\"\r\n\r\n{}",
        base64(&signed_data(people, signers, Some(payload.as_bytes())))
    );
    vector.outside() + &encrypted(people, &entity)
}

/// ContentInfo with SignedData (RFC 5652 §5.1), by Alice.
fn signed_data(people: &People, signers: &str, content: Option<&[u8]>) -> Vec<u8> {
    let oid = |last: &[u8]| element(6, &[b"\x2a\x86\x48\x86\xf7\x0d\x01\x07".as_slice(), last].concat());
    let sha256 = element(0x30, b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01");
    let content = content.map(|octets| element(0xa0, &element(4, octets))).unwrap_or_default();
    let certificates = ["4.3", "4.1"]
        .map(|file| Program::new(&people.openssl).words("x509 -outform DER -in").arg(people.path(file)).ok());
    let signers = base64_simd::STANDARD.decode_to_vec(signers).unwrap();
    let body = [
        element(2, &[1]),
        element(0x31, &sha256),
        element(0x30, &[oid(&[1]), content].concat()),
        element(0xa0, &certificates.concat()),
        signers,
    ];
    element(0x30, &[oid(&[2]), element(0xa0, &element(0x30, &body.concat()))].concat())
}

fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap().to_be_bytes();
    let size = match value.len() {
        0..128 => vec![length[3]],
        _ => {
            let octets = length.iter().skip_while(|octet| **octet == 0).copied().collect::<Vec<_>>();
            [vec![0x80 | u8::try_from(octets.len()).unwrap()], octets].concat()
        }
    };
    [vec![tag], size, value.to_vec()].concat()
}
