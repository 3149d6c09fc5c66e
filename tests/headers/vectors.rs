//! The test vectors of RFC 9788, appendix C, rebuilt with the keys of RFC 9216: openssl signs and encrypts, so that none
//! of it comes from here. Payloads of some are the RFC's octet for octet: their digests stand in its signatures.

use mailseal::report::{Code, FieldProtection, HeaderForm, Integrity, Protection, Report};

use crate::people::People;
use crate::support::Program;
use crate::{AT, field, has, payload, state};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layers {
    None,
    Opaque,
    Detached,
    Sealed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scheme {
    None,
    Baseline,
    Shy,
    Rfc8551,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Vector {
    pub(crate) name: &'static str,
    complex: bool,
    layers: Layers,
    scheme: Scheme,
    legacy: bool,
    reply: Option<&'static str>,
    /// Of its date, February 20th 2021 at UTC-5.
    time: &'static str,
}

/// C.1 to C.3, in that order.
pub(crate) const VECTORS: [Vector; 31] = {
    use Layers::{Detached, None as Bare, Opaque, Sealed};
    use Scheme::{Baseline, None as Off, Rfc8551, Shy};
    const fn v(
        name: &'static str,
        complex: bool,
        layers: Layers,
        scheme: Scheme,
        legacy: bool,
        reply: Option<&'static str>,
    ) -> Vector {
        Vector { name, complex, layers, scheme, legacy, reply, time: "10:13:02" }
    }
    [
        v("no-crypto", false, Bare, Off, false, None),
        v("smime-one-part", false, Opaque, Off, false, None),
        v("smime-multipart", false, Detached, Off, false, None),
        v("smime-signed-enc", false, Sealed, Off, false, None),
        v("no-crypto-complex", true, Bare, Off, false, None),
        v("smime-one-part-complex", true, Opaque, Off, false, None),
        v("smime-multipart-complex", true, Detached, Off, false, None),
        v("smime-signed-enc-complex", true, Sealed, Off, false, None),
        v("smime-one-part-hp", false, Opaque, Baseline, false, None),
        Vector { time: "10:07:02", ..v("smime-multipart-hp", false, Detached, Baseline, false, None) },
        v("smime-one-part-complex-hp", true, Opaque, Baseline, false, None),
        v("smime-multipart-complex-hp", true, Detached, Baseline, false, None),
        v("smime-one-part-complex-rfc8551hp", true, Opaque, Rfc8551, false, None),
        v("smime-multipart-complex-rfc8551hp", true, Detached, Rfc8551, false, None),
        Vector {
            time: "10:09:02",
            ..v("smime-signed-enc-hp-baseline", false, Sealed, Baseline, false, None)
        },
        v("smime-signed-enc-hp-baseline-legacy", false, Sealed, Baseline, true, None),
        v("smime-signed-enc-hp-shy", false, Sealed, Shy, false, None),
        v("smime-signed-enc-hp-shy-legacy", false, Sealed, Shy, true, None),
        Vector {
            time: "10:15:02",
            ..v(
                "smime-signed-enc-hp-baseline-reply",
                false,
                Sealed,
                Baseline,
                false,
                Some("smime-signed-enc-hp-baseline"),
            )
        },
        v(
            "smime-signed-enc-hp-baseline-legacy-reply",
            false,
            Sealed,
            Baseline,
            true,
            Some("smime-signed-enc-hp-baseline-legacy"),
        ),
        v("smime-signed-enc-hp-shy-reply", false, Sealed, Shy, false, Some("smime-signed-enc-hp-shy")),
        v(
            "smime-signed-enc-hp-shy-legacy-reply",
            false,
            Sealed,
            Shy,
            true,
            Some("smime-signed-enc-hp-shy-legacy"),
        ),
        v("smime-signed-enc-complex-hp-baseline", true, Sealed, Baseline, false, None),
        v("smime-signed-enc-complex-hp-baseline-legacy", true, Sealed, Baseline, true, None),
        v("smime-signed-enc-complex-hp-shy", true, Sealed, Shy, false, None),
        v("smime-signed-enc-complex-hp-shy-legacy", true, Sealed, Shy, true, None),
        v(
            "smime-signed-enc-complex-hp-baseline-reply",
            true,
            Sealed,
            Baseline,
            false,
            Some("smime-signed-enc-complex-hp-baseline"),
        ),
        v(
            "smime-signed-enc-complex-hp-baseline-legacy-reply",
            true,
            Sealed,
            Baseline,
            true,
            Some("smime-signed-enc-complex-hp-baseline-legacy"),
        ),
        v(
            "smime-signed-enc-complex-hp-shy-reply",
            true,
            Sealed,
            Shy,
            false,
            Some("smime-signed-enc-complex-hp-shy"),
        ),
        v(
            "smime-signed-enc-complex-hp-shy-legacy-reply",
            true,
            Sealed,
            Shy,
            true,
            Some("smime-signed-enc-complex-hp-shy-legacy"),
        ),
        v("smime-enc-signed-complex-rfc8551hp-baseline", true, Sealed, Rfc8551, false, None),
    ]
};

type Fields = Vec<(&'static str, String)>;

impl Vector {
    fn fields(&self) -> Fields {
        let mut fields = vec![
            ("Subject", self.name.to_owned()),
            ("Message-ID", format!("<{}@example>", self.name)),
            ("From", "Alice <alice@smime.example>".to_owned()),
            ("To", "Bob <bob@smime.example>".to_owned()),
            ("Date", format!("Sat, 20 Feb 2021 {} -0500", self.time)),
            ("User-Agent", "Sample MUA Version 1.0".to_owned()),
        ];
        if let Some(parent) = self.reply {
            let id = format!("<{parent}@example>");
            fields.extend([("In-Reply-To", id.clone()), ("References", id)]);
        }
        fields
    }

    fn shown(&self) -> Fields {
        let shy = self.scheme == Scheme::Shy;
        let sealed = self.layers == Layers::Sealed && self.scheme != Scheme::None;
        let change = |(name, value): (&'static str, String)| {
            let value = match name {
                _ if !sealed => value,
                "Subject" => "[...]".to_owned(),
                "From" | "To" if shy => value.split(['<', '>']).nth(1).unwrap().to_owned(),
                "Date" if shy => {
                    value.replace(" 10:", " 15:").replace(" 12:", " 17:").replace("-0500", "+0000")
                }
                _ => value,
            };
            (name, value)
        };
        self.fields().into_iter().map(change).collect()
    }

    fn changed(&self) -> Fields {
        let pairs = self.fields().into_iter().zip(self.shown());
        pairs.filter(|(inside, outside)| inside != outside).map(|(inside, _)| inside).collect()
    }

    fn hp(&self) -> &'static str {
        match (self.scheme, self.layers) {
            (Scheme::None | Scheme::Rfc8551, _) | (_, Layers::None) => "",
            (_, Layers::Sealed) => "; hp=\"cipher\"",
            _ => "; hp=\"clear\"",
        }
    }

    /// As the RFC folds them.
    fn header(&self) -> String {
        let line = |(name, value): &(&str, String)| format!("{name}: {value}\r\n");
        let mut header: String = self.fields().iter().map(line).collect();
        if self.hp().contains("cipher") {
            for (name, value) in self.shown() {
                let line = format!("HP-Outer: {name}: {value}");
                header.push_str(&if line.len() <= 64 {
                    line
                } else {
                    format!("HP-Outer:\r\n {name}: {value}")
                });
                header.push_str("\r\n");
            }
        }
        header
    }

    fn text(&self) -> String {
        let what = match self.layers {
            Layers::Sealed => {
                "This is a signed-and-encrypted S/MIME message using PKCS#7\r\n\
                 envelopedData around signedData.  The payload is a text/plain\r\nmessage."
            }
            Layers::Detached => {
                "This is a signed-only S/MIME message via PKCS#7 detached\r\n\
                 signature (multipart/signed).  The payload is a text/plain\r\nmessage."
            }
            _ => "This is a message. The payload is text.",
        };
        let policy = if self.scheme == Scheme::Shy { "shy" } else { "baseline" };
        let scheme = match self.scheme {
            Scheme::Baseline | Scheme::Shy if self.layers == Layers::Detached => {
                " It uses the Header Protection scheme from RFC 9788".to_owned()
            }
            Scheme::Baseline | Scheme::Shy => {
                format!(
                    " It uses the Header Protection scheme from RFC 9788 with\r\nthe `hcp_{policy}` Header Confidentiality Policy"
                )
            }
            _ => String::new(),
        };
        let legacy = if self.legacy { " with a \"Legacy\r\nDisplay\" element" } else { "" };
        let end = if scheme.is_empty() { "" } else { "." };
        format!(
            "This is the\r\n{}\r\nmessage.\r\n\r\n{what}{scheme}{legacy}{end}\r\n\r\n-- \r\nAlice\r\nalice@smime.example\r\n",
            self.name
        )
    }

    fn html(&self) -> String {
        format!("<p>This is the\r\n<b>{}</b>\r\nmessage.</p>\r\n", self.name)
    }

    fn lines(&self) -> String {
        let lines = self.changed().into_iter().filter(|_| self.legacy);
        lines.map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }

    pub(crate) fn payload(&self) -> String {
        let own = if self.scheme == Scheme::None && self.layers != Layers::None {
            String::new()
        } else {
            self.header()
        };
        let (mark, hp, lines) =
            (if self.legacy { ";\r\n hp-legacy-display=\"1\"" } else { "" }, self.hp(), self.lines());
        let display = if self.legacy { format!("{lines}\r\n") } else { String::new() };
        if !self.complex {
            let (text, charset) = (self.text(), "utf-8");
            return format!(
                "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n{own}\
                 Content-Type: text/plain; charset=\"{charset}\"{mark}{hp}\r\n\r\n{display}{text}"
            );
        }
        let escaped = lines.trim_end().replace('<', "&lt;").replace('>', "&gt;");
        let element =
            format!("<div class=\"header-protection-legacy-display\">\r\n<pre>{escaped}</pre></div>\r\n");
        let element = if self.legacy { element } else { String::new() };
        let body = format!(
            "--144\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"579\"\r\n\r\n\
             --579\r\nContent-Type: text/plain; charset=\"us-ascii\"{mark}\r\n\r\n{display}{}\r\n\
             --579\r\nContent-Type: text/html; charset=\"us-ascii\"{mark}\r\n\r\n\
             <html><head><title></title></head><body>\r\n{element}{}</body></html>\r\n--579--\r\n\r\n\
             --144\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline\r\n\r\niVBORw0KGgo=\r\n\r\n--144--\r\n",
            self.text(),
            self.html(),
        );
        let entity = format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"144\"{hp}\r\n{own}\r\n{body}"
        );
        match self.scheme {
            Scheme::Rfc8551 => format!("MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n{entity}"),
            _ => entity,
        }
    }

    pub(crate) fn is_sealed(&self) -> bool {
        self.layers == Layers::Sealed
    }

    pub(crate) fn outside(&self) -> String {
        self.shown().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }

    pub(crate) fn detached(&self, payload: &str, signature: &str) -> String {
        format!(
            "{}Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n \
             boundary=\"s\"; micalg=\"sha-256\"\r\n\r\n--s\r\n{payload}\r\n--s\r\n\
             Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n{signature}\r\n--s--\r\n",
            self.outside()
        )
    }

    fn letter(&self, people: &People) -> String {
        let outside = self.outside();
        match self.layers {
            Layers::None => self.payload(),
            Layers::Opaque => outside + &opaque(people, &self.payload()),
            Layers::Detached => {
                let payload = self.payload();
                let signature = base64(&sign(people, "", &payload));
                self.detached(&payload, &signature)
            }
            Layers::Sealed => outside + &encrypted(people, &opaque(people, &self.payload())),
        }
    }
}

fn sign(people: &People, words: &str, payload: &str) -> Vec<u8> {
    let sign = Program::new(&people.openssl).words("cms -sign -binary -md sha256 -outform DER").words(words);
    let sign = sign.arg("-signer").arg(people.path("4.1")).arg("-inkey").arg(people.path("4.2"));
    sign.input(payload.as_bytes()).ok()
}

pub(crate) fn opaque(people: &People, payload: &str) -> String {
    format!(
        "Content-Type: application/pkcs7-mime; name=\"smime.p7m\"; smime-type=\"signed-data\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}",
        base64(&sign(people, "-nodetach", payload))
    )
}

/// To Alice and to Bob.
pub(crate) fn encrypted(people: &People, entity: &str) -> String {
    let encrypt = Program::new(&people.openssl).words("cms -encrypt -binary -aes-128-cbc -outform DER");
    let encrypt = encrypt.arg(people.path("4.3")).arg(people.path("5.3"));
    format!(
        "Content-Type: application/pkcs7-mime; name=\"smime.p7m\"; smime-type=\"enveloped-data\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}",
        base64(&encrypt.input(entity.as_bytes()).ok())
    )
}

pub(crate) fn base64(octets: &[u8]) -> String {
    let text = base64_simd::STANDARD.encode_to_string(octets);
    let lines = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap());
    lines.map(|line| format!("{line}\r\n")).collect()
}

/// The digests of C.3.1, C.3.4 and C.3.5 as they stand in the signed attributes of the RFC.
#[test]
fn rebuilt_payloads_are_those_of_the_rfc() {
    let Some(people) = People::get() else { return };
    for (name, wanted) in [
        ("smime-signed-enc-hp-baseline", "f73b3e4f4a34f5f23184e148f94f595d909bc091e2fc1cc67a88a0e8e4754b4c"),
        (
            "smime-signed-enc-hp-shy-legacy",
            "921ff56c8464de71726315aeee71a2eee4de61f975990e84511738cf4df3e3a9",
        ),
        (
            "smime-signed-enc-hp-baseline-reply",
            "27ff912e7b2e78cc43cc4d64e2e83d45ccc3d76723e628b7a1c221d4bbded423",
        ),
    ] {
        let vector = VECTORS.iter().find(|vector| vector.name == name).unwrap();
        let digest =
            Program::new(&people.openssl).words("dgst -sha256 -r").input(vector.payload().as_bytes()).ok();
        assert_eq!(
            String::from_utf8(digest).unwrap().split(' ').next(),
            Some(wanted),
            "{name}: {}",
            vector.payload()
        );
    }
}

/// Each as RFC 9788 §4.3.1, §4.5.3 and §4.10 say.
#[test]
fn every_vector_is_read_as_the_rfc_says() {
    let Some(people) = People::get() else { return };
    let opener = people.opener();
    for vector in VECTORS {
        let letter = vector.letter(&people);
        let opened = opener.open(letter.as_bytes(), AT).unwrap();
        let (name, report) = (vector.name, &opened.report);
        assert!(!has(report, Code::HeaderMismatch) && !has(report, Code::FromDiffers), "{name}: {report:#?}");
        let intact = report.signatures().map(|one| one.integrity).collect::<Vec<_>>();
        let signed = vector.layers != Layers::None;
        assert_eq!(intact, if signed { vec![Integrity::Intact] } else { vec![] }, "{name}");
        if !signed || vector.scheme == Scheme::None {
            assert_eq!((report.headers.protection, report.headers.form), (Protection::None, None), "{name}");
            assert!(report.headers.fields.is_empty(), "{name}");
            continue;
        }
        assert!(payload(&opened).contains(vector.name), "{name}");
        check(&vector, report);
        displays(&vector, report, &payload(&opened));
    }
}

pub(crate) fn check(vector: &Vector, report: &Report) {
    let name = vector.name;
    let form = if vector.scheme == Scheme::Rfc8551 { HeaderForm::MessageRfc822 } else { HeaderForm::Hp };
    assert_eq!(report.headers.form, Some(form), "{name}");
    assert!(!report.headers.from_outer, "{name}");
    for ((field_name, inside), (_, outside)) in vector.fields().into_iter().zip(vector.shown()) {
        let wanted =
            if inside == outside { FieldProtection::Signed } else { FieldProtection::SignedAndEncrypted };
        assert_eq!(state(report, field_name), wanted, "{name}: {field_name}");
        let seen = field(report, field_name);
        assert_eq!(
            (seen.value.as_deref(), seen.outer.as_deref()),
            (Some(&*inside), Some(&*outside)),
            "{name}"
        );
        assert_eq!(seen.told, (inside != outside).then_some(outside), "{name}: {field_name}");
        assert_eq!(report.headers.show(field_name).collect::<Vec<_>>(), [inside], "{name}");
    }
    let sealed = vector.layers == Layers::Sealed;
    let wanted = if sealed { Protection::SignedAndEncrypted } else { Protection::Signed };
    assert_eq!(report.headers.protection, wanted, "{name}");
}

/// Without the element, the text is that of the vector without it.
fn displays(vector: &Vector, report: &Report, payload: &str) {
    let name = vector.name;
    let marked: Vec<_> = report.parts.iter().filter(|part| !part.legacy_display.is_empty()).collect();
    assert_eq!(marked.len(), usize::from(vector.legacy) * if vector.complex { 2 } else { 1 }, "{name}");
    for part in marked {
        let start =
            report.parts.iter().find(|one| Some(&one.part) == report.payload.as_ref()).unwrap().range.0;
        let at = |place: u64| usize::try_from(place - start).unwrap();
        let body = &payload[at(part.body)..at(part.range.1)];
        let (from, to) = part.legacy_display[0];
        let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
        let element = &body[from..to];
        assert!(element.contains(&format!("Subject: {name}")), "{name}: {element}");
        let rest = [&body[..from], &body[to..]].concat();
        assert!(!rest.contains("Subject:") && !rest.contains("header-protection"), "{name}: {rest}");
        let wanted = if part.media_type == "text/html" { vector.html() } else { vector.text() };
        assert!(rest.contains(wanted.trim_end()), "{name}: {rest}");
    }
}
