//! dkimpy and pyspf beside us, over one DNS server.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use mailseal::outside::domain::{Connection, DkimSigner, DnsResolver, DomainCheck};
use mailseal::report::{DomainEvidence, DomainResult};
use serde_json::Value;

use crate::knot::{Knot, txt};
use crate::support::{Program, tool};
use crate::{crlf, now, results};

/// `sign`, `arc`, `spf`, `verify` over standard input; the DNS is at the port that is given.
const PROGRAM: &str = r#"
import sys, json, dns.resolver
verb, port = sys.argv[1], int(sys.argv[2])
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], port, 5
def text(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    try:
        answer = resolver.resolve(name, "TXT")
    except Exception:
        return None
    return b"".join(list(answer)[0].strings)
if verb == "spf":
    import spf
    def lookup(name, kind, strict=True, timeout=20):
        try:
            answer = resolver.resolve(name, kind)
        except Exception:
            return []
        out = []
        for one in answer:
            if kind == "TXT": out.append(((name, kind), tuple(one.strings)))
            elif kind == "MX": out.append(((name, kind), (one.preference, str(one.exchange).rstrip("."))))
            elif kind == "AAAA":
                import socket; out.append(((name, kind), socket.inet_pton(socket.AF_INET6, one.address)))
            elif kind == "A": out.append(((name, kind), one.address))
            else: out.append(((name, kind), str(one).rstrip(".")))
        return out
    spf.DNSLookup = lookup
    client, helo, sender = sys.argv[3:6]
    print(spf.check2(i=client, s=sender, h=helo)[0]); sys.exit()
import dkim
mail = sys.stdin.buffer.read()
if verb == "sign":
    domain, selector, algorithm, header, body, length, key = sys.argv[3:10]
    canonicalize = (header.encode(), body.encode())
    out = dkim.sign(mail, selector.encode(), domain.encode(), open(key, "rb").read(), canonicalize=canonicalize,
                    signature_algorithm=algorithm.encode(), length=length == "yes")
    sys.stdout.buffer.write(out + mail)
elif verb == "bare":
    import base64, hashlib, nacl.signing
    names, seed = sys.argv[3], base64.b64decode(open(sys.argv[4]).read())
    head, body = mail.split(b"\r\n\r\n", 1)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n"))
    value = "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.com; s=ed; h=%s; bh=%s; b=" % (
        names, base64.b64encode(hashlib.sha256(body).digest()).decode())
    signed = b"".join(name.encode() + b":" + fields[name.encode()] + b"\r\n" for name in names.split(":"))
    digest = hashlib.sha256(signed + b"dkim-signature:" + value.encode()).digest()
    b = base64.b64encode(nacl.signing.SigningKey(seed).sign(digest).signature)
    sys.stdout.buffer.write(b"DKIM-Signature: " + value.encode() + b + b"\r\n" + mail)
elif verb == "arc":
    domain, selector, key, authserv = sys.argv[3:7]
    for line in reversed(dkim.arc_sign(mail, selector.encode(), domain.encode(), open(key, "rb").read(), authserv.encode())):
        mail = line + mail
    sys.stdout.buffer.write(mail)
elif verb == "verify":
    d = dkim.DKIM(mail)
    out = []
    for index in range(8):
        try:
            out.append(bool(d.verify(idx=index, dnsfunc=text)))
        except dkim.ParameterError: break
        except Exception as e: out.append(False)
        if index + 1 >= sum(1 for h, _ in d.headers if h.lower() == b"dkim-signature"): break
    arc = dkim.arc_verify(mail, dnsfunc=text)
    print(json.dumps(dict(dkim=out, arc=arc[0].decode() if isinstance(arc[0], bytes) else arc[0])))
"#;

const LETTER: &str = "From: Joe <joe@example.com>
To: a@example.net
Subject: Is dinner
\tready?
Date: Mon, 5 Jan 2026 10:00:00 +0000
Message-ID: <1@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
List-Unsubscribe: <https://example.com/u>

Hello,  there \t
 
\ttabs and trailing blanks   
.
From here

-- 
Joe


";

/// Keys made by openssl and dkimpy's format, a zone of them, and a server.
struct Stage {
    folder: tempfile::TempDir,
    knot: Knot,
    rsa: DkimSigner,
    ed25519: DkimSigner,
}

const ZONE: &str = "
example.com. TXT \"v=spf1 ip4:192.0.2.0/28 mx include:spf.example.net exists:%{ir}.ok.example.com ptr:example.com -all\"
example.com. TXT \"spf2.0/pra +all\"
example.com. MX 10 mx.example.com.
mx.example.com. A 192.0.2.77
mx.example.com. AAAA 2001:db8::77
spf.example.net. TXT \"v=spf1 ip6:2001:db8:1::/48 ~all\"
9.100.51.198.ok.example.com. A 127.0.0.2
80.2.0.192.in-addr.arpa. PTR host.example.com.
host.example.com. A 192.0.2.80
helo.example.com. TXT \"v=spf1 a -all\"
helo.example.com. A 192.0.2.1
plus.example.com. TXT \"v=spf1 redirect=example.com\"
wrong.example.com. TXT \"v=spf1 ipv4:1.2.3.4 -all\"
twice.example.com. TXT \"v=spf1 -all\"
twice.example.com. TXT \"v=spf1 +all\"
_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine; rua=mailto:r@example.com\"
";

pub(crate) fn python() -> Option<std::path::PathBuf> {
    // The packages of Debian belong to its own Python.
    let own = Path::new("/usr/bin/python3");
    let python = if own.exists() { Some(own.to_path_buf()) } else { tool("python3") }?;
    let has = Program::new(&python).arg("-c").arg("import dkim, spf, dns.resolver, nacl").run().succeeded;
    if !has {
        println!("skipped: no python3-dkim, python3-spf, python3-dnspython, python3-nacl");
        assert!(std::env::var_os("MAILSEAL_REQUIRE_TOOLS").is_none());
    }
    has.then_some(python)
}

/// One for all tests that run at once; who holds it last ends the server.
fn stage() -> Option<Arc<Stage>> {
    static STAGE: Mutex<Weak<Stage>> = Mutex::new(Weak::new());
    let mut known = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stage) = known.upgrade() {
        return Some(stage);
    }
    let stage = Arc::new(Stage::new()?);
    *known = Arc::downgrade(&stage);
    Some(stage)
}

/// dkimpy takes no signature from the future of its clock.
fn made() -> mailseal::UnixTime {
    mailseal::UnixTime::from_seconds(1_790_000_000)
}

fn base64(octets: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(octets)
}

impl Stage {
    fn new() -> Option<Self> {
        let openssl = tool("openssl")?;
        let folder = tempfile::tempdir().unwrap();
        let run = |words: &str| Program::new(&openssl).folder(folder.path()).words(words).ok();
        run("genrsa -out rsa.pem 2048");
        // As older tools write keys.
        run("rsa -in rsa.pem -traditional -out rsa1.pem");
        run("genpkey -algorithm ed25519 -out ed.pem");
        let seed = run("pkey -in ed.pem -outform DER");
        std::fs::write(folder.path().join("ed.seed"), base64(&seed[16..48])).unwrap();
        let load = |name: &str, selector: &str| {
            DkimSigner::load(&std::fs::read(folder.path().join(name)).unwrap(), "example.com", selector)
                .unwrap()
        };
        let (rsa, ed25519) = (load("rsa1.pem", "rsa"), load("ed.pem", "ed"));
        let mut zone = ZONE.to_owned();
        zone += &txt("rsa._domainkey.example.com", &rsa.record());
        zone += &txt("ed._domainkey.example.com", &ed25519.record());
        zone += &txt("arc._domainkey.forward.example", &rsa.record());
        let knot = Knot::start(&zone)?;
        Some(Self { folder, knot, rsa, ed25519 })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn python(&self, python: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (verb, rest) = arguments.split_first().unwrap();
        let mut program =
            Program::new(python).arg("-c").arg(PROGRAM).arg(verb).arg(self.knot.address.port().to_string());
        for argument in rest {
            program = program.arg(argument);
        }
        program.input(input).ok()
    }

    fn check(&self, letter: &[u8], connection: Option<&Connection>) -> DomainEvidence {
        let resolver = DnsResolver::at(self.knot.address).unwrap();
        DomainCheck::new(resolver).check(letter, connection, now()).unwrap()
    }
}

/// All that dkimpy can sign with; then each letter altered in one place.
#[test]
fn dkimpy_signs_we_verify() {
    let (Some(python), Some(stage)) = (python(), stage()) else { return };
    let letter = crlf(LETTER);
    for (algorithm, selector, key) in [("rsa-sha256", "rsa", "rsa1.pem"), ("ed25519-sha256", "ed", "ed.seed")]
    {
        for (header, body, length) in [
            ("relaxed", "relaxed", "no"),
            ("simple", "simple", "no"),
            ("relaxed", "simple", "no"),
            ("simple", "relaxed", "yes"),
            ("relaxed", "simple", "yes"),
        ] {
            let key = stage.path(key);
            let signed = stage.python(
                &python,
                &["sign", "example.com", selector, algorithm, header, body, length, &key],
                &letter,
            );
            let name = format!("{algorithm} {header}/{body} {length}");
            let evidence = stage.check(&signed, None);
            assert_eq!(results(&evidence.dkim), ["pass"], "{name}: {:?}", evidence.dkim);
            assert_eq!(evidence.dmarc.unwrap().result, DomainResult::Pass, "{name}");
            assert!(evidence.sender_id, "spf2.0 is published");
            assert_eq!(evidence.dkim[0].unsigned_octets, None, "{name}");
            let text = String::from_utf8(signed.clone()).unwrap();
            for (from, to) in [("Hello,", "Hallo,"), ("Subject: Is", "Subject: Was"), ("b=", "b=A")] {
                let altered = text.replacen(from, to, 1);
                let evidence = stage.check(altered.as_bytes(), None);
                assert_ne!(evidence.dkim[0].result, DomainResult::Pass, "{name}: {from}");
            }
            let longer = [signed.as_slice(), b"Pay me.\r\n"].concat();
            let evidence = stage.check(&longer, None);
            let (result, octets) = (evidence.dkim[0].result, evidence.dkim[0].unsigned_octets);
            match length {
                // What stands behind is told, with the empty lines that were dropped before.
                "yes" => assert!(result == DomainResult::Pass && octets >= Some(9), "{name}: {octets:?}"),
                _ => assert_eq!((result, octets), (DomainResult::Fail, None), "{name}"),
            }
        }
    }
}

/// `l=0`: a good signature that says nothing of the body.
#[test]
fn a_length_of_zero_covers_nothing() {
    let (Some(python), Some(stage)) = (python(), stage()) else { return };
    let (head, _) = LETTER.split_once("\n\n").unwrap();
    let empty = [crlf(head).as_slice(), b"\r\n\r\n"].concat();
    let key = stage.path("rsa1.pem");
    let arguments = ["sign", "example.com", "rsa", "rsa-sha256", "relaxed", "relaxed", "yes", key.as_str()];
    let signed = stage.python(&python, &arguments, &empty);
    assert!(String::from_utf8_lossy(&signed).contains(" l=0;"));
    for (body, unsigned) in [("", None), ("\r\n\r\n", None), ("Pay me.\r\n", Some(9))] {
        let letter = [signed.as_slice(), body.as_bytes()].concat();
        let seen: Value = serde_json::from_slice(&stage.python(&python, &["verify"], &letter)).unwrap();
        assert_eq!(seen["dkim"], serde_json::json!([true]), "{body}");
        let evidence = stage.check(&letter, None);
        assert_eq!(results(&evidence.dkim), ["pass"], "{body}: {:?}", evidence.dkim);
        assert_eq!(evidence.dkim[0].unsigned_octets, unsigned, "{body}");
        let opener = mailseal::Opener::new(&mailseal::Context::new(mailseal::TrustStore::new()));
        let mut opened = opener.open(letter.as_slice(), now()).unwrap();
        opened.add_domain(evidence);
        let mut codes = opened.report.findings.iter().map(|finding| finding.code);
        assert_eq!(
            codes.any(|code| code == mailseal::report::Code::DkimBodyLength),
            unsigned.is_some(),
            "{body}"
        );
    }
    // Another length at the same place is another signature.
    let longer = String::from_utf8(signed).unwrap().replacen(" l=0;", " l=00;", 1);
    assert_eq!(results(&stage.check(longer.as_bytes(), None).dkim), ["fail"]);
}

/// RFC 6376 §6.1.1
#[test]
fn a_signature_without_from_is_none() {
    let (Some(python), Some(stage)) = (python(), stage()) else { return };
    let letter = b"From: joe@example.com\r\nSubject: hi\r\n\r\nHello\r\n";
    let key = stage.path("ed.seed");
    for (names, result) in [("from:subject", "pass"), ("subject", "permerror")] {
        let signed = stage.python(&python, &["bare", names, &key], letter);
        let evidence = stage.check(&signed, None);
        assert_eq!(results(&evidence.dkim), [result], "{names}: {:?}", evidence.dkim);
        let wanted = if result == "pass" { DomainResult::Pass } else { DomainResult::Neutral };
        assert_eq!(evidence.dmarc.unwrap().result, wanted, "{names}");
    }
}

#[test]
fn we_sign_dkimpy_verifies() {
    let (Some(python), Some(stage)) = (python(), stage()) else { return };
    let bodies =
        ["", "\r\n\r\n", " \r\n", "\t\r\n \r\n", "x", " \r\n\t \r\nx  y\r\n", "no end", "a\r\n\r\n\r\n"];
    let (head, _) = LETTER.split_once("\n\n").unwrap();
    let letters = bodies.iter().map(|body| [&crlf(head), b"\r\n\r\n".as_slice(), body.as_bytes()].concat());
    for letter in letters.chain([crlf(LETTER)]) {
        let mut signed = letter.clone();
        for signer in [&stage.rsa, &stage.ed25519] {
            let mut out = Vec::new();
            signer.sign(signed.as_slice(), made(), &mut out).unwrap();
            signed = out;
        }
        let seen: Value = serde_json::from_slice(&stage.python(&python, &["verify"], &signed)).unwrap();
        assert_eq!(seen["dkim"], serde_json::json!([true, true]), "{}", String::from_utf8_lossy(&signed));
        assert_eq!(results(&stage.check(&signed, None).dkim), ["pass", "pass"]);
        // Sealed: a field that was not there cannot be added.
        let added = [b"Reply-To: mallory@example.org\r\n".as_slice(), &signed].concat();
        let seen: Value = serde_json::from_slice(&stage.python(&python, &["verify"], &added)).unwrap();
        assert_eq!(seen["dkim"], serde_json::json!([false, false]));
        assert_eq!(results(&stage.check(&added, None).dkim), ["fail", "fail"]);
    }
    // A letter with bare line feeds has its signature with them, and passes when a server has put CRLF.
    let mut out = Vec::new();
    stage.rsa.sign(LETTER.as_bytes(), made(), &mut out).unwrap();
    assert!(!out.contains(&b'\r'));
    let seen: Value =
        serde_json::from_slice(&stage.python(&python, &["verify"], &crlf(&String::from_utf8(out).unwrap())))
            .unwrap();
    assert_eq!(seen["dkim"], serde_json::json!([true]));
}

#[test]
fn dkimpy_seals_we_verify_the_chain() {
    let (Some(python), Some(stage)) = (python(), stage()) else { return };
    let mut mail = Vec::new();
    stage.rsa.sign(crlf(LETTER).as_slice(), made(), &mut mail).unwrap();
    let mut stamped = b"Authentication-Results: forward.example; dkim=pass header.d=example.com\r\n".to_vec();
    stamped.extend(&mail);
    let key = stage.path("rsa1.pem");
    let seal = |mail: &[u8]| {
        stage.python(&python, &["arc", "forward.example", "arc", &key, "forward.example"], mail)
    };
    let once = seal(&stamped);
    let arc = stage.check(&once, None).arc.unwrap();
    assert_eq!(
        (arc.result, arc.sealers.as_slice()),
        (DomainResult::Pass, &["forward.example".to_owned()][..]),
        "{arc:?}"
    );
    let next = [
        b"Authentication-Results: forward.example; arc=pass; dkim=pass header.d=example.com\r\n".as_slice(),
        &once,
    ];
    let twice = seal(&next.concat());
    let evidence = stage.check(&twice, None);
    assert_eq!(evidence.arc.as_ref().unwrap().sealers.len(), 2);
    assert_eq!(evidence.arc.unwrap().result, DomainResult::Pass);
    for (from, to) in [
        ("Hello,", "Hullo,"),
        ("cv=none", "cv=pass"),
        ("ARC-Seal: i=1", "X-Seal: i=1"),
        ("dkim=pass", "dkim=fail"),
    ] {
        let text = String::from_utf8(twice.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        let arc = stage.check(text.replacen(from, to, 1).as_bytes(), None).arc.unwrap();
        let seen: Value = serde_json::from_slice(&stage.python(
            &python,
            &["verify"],
            text.replacen(from, to, 1).as_bytes(),
        ))
        .unwrap();
        assert_eq!(arc.result, DomainResult::Fail, "{from}: {}", seen["arc"]);
    }
}

#[test]
fn pyspf_says_the_same() {
    let (Some(python), Some(stage)) = (python(), stage()) else { return };
    let mut seen = std::collections::BTreeSet::new();
    for sender in [
        "joe@example.com",
        "joe@plus.example.com",
        "joe@wrong.example.com",
        "joe@twice.example.com",
        "joe@none.example.com",
    ] {
        for client in [
            "192.0.2.1",
            "192.0.2.77",
            "192.0.2.80",
            "198.51.100.9",
            "203.0.113.1",
            "2001:db8:1::1",
            "2001:db8::77",
            "2001:db8:2::1",
        ] {
            let theirs = stage.python(&python, &["spf", client, "helo.example.com", sender], b"");
            let connection = Connection::new(client.parse().unwrap(), "helo.example.com", sender);
            let evidence = stage.check(LETTER.as_bytes(), Some(&connection));
            let ours = evidence.spf.last().unwrap();
            assert_eq!(
                ours.result.as_str(),
                String::from_utf8(theirs).unwrap().trim(),
                "{sender} from {client}"
            );
            seen.insert(ours.result.as_str());
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
    let connection = Connection::new("192.0.2.1".parse().unwrap(), "helo.example.com", "joe@example.com");
    let evidence = stage.check(LETTER.as_bytes(), Some(&connection));
    assert_eq!(evidence.spf[0].result, DomainResult::Pass, "HELO");
    assert!(evidence.spf[1].aligned);
    assert_eq!(evidence.dmarc.unwrap().result, DomainResult::Pass);
    let other = Connection::new("203.0.113.1".parse().unwrap(), "[203.0.113.1]", "x@other.example");
    let evidence = stage.check(LETTER.as_bytes(), Some(&other));
    assert_eq!(evidence.dmarc.unwrap().result, DomainResult::Fail);
}

/// A server that hears and never answers.
#[test]
fn a_silent_server_is_temporary() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let resolver = DnsResolver::at(silent.local_addr().unwrap()).unwrap();
    let check = DomainCheck::new(resolver.patience(std::time::Duration::from_millis(200)));
    let connection = Connection::new("192.0.2.1".parse().unwrap(), "helo.example.com", "joe@example.com");
    let letter = format!(
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; h=from; bh=g3zLYH4xKxcPrHOD18z9YfpQcnk/GaJedfustWU5uGs=; b=AAAA\r\n{}",
        "From: joe@example.com\r\n\r\nx\r\n"
    );
    let evidence = check.check(letter.as_bytes(), Some(&connection), now()).unwrap();
    assert_eq!(evidence.spf[0].result, DomainResult::Temperror);
    assert_eq!(evidence.spf[1].result, DomainResult::Temperror);
    assert_eq!(evidence.dmarc.as_ref().unwrap().result, DomainResult::Temperror);
    assert!(evidence.is_temporary());
}
