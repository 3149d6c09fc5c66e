//! The Rust of docs/guide.md: each piece between two marks. `cargo test --features cli --test guide` runs it in a folder
//! with the letters of examples/letters and a draft.

use std::error::Error;
use std::fs;
use std::time::SystemTime;

use mailseal::trust::{FetchError, FetchRequest, Fetcher};
use mailseal::x509::RevocationData;
use mailseal::{
    Certificate, CertificatePool, Composer, Context, Input, Key, Opener, Outcome, Password, Plan, Policy,
    Scope, TrustStore,
};

type Done = Result<(), Box<dyn Error>>;

pub(crate) fn sign() -> Done {
    // [sign]
    let key = Key::load(&fs::read("bob.pem")?, Password::none())?; // or bob.asc: what the key is decides the protocol
    let draft = fs::read("draft.eml")?;
    let cx = Context::new(TrustStore::new());
    let mut mail = Vec::new();
    Composer::new(&cx).sign(&key).compose(&draft, SystemTime::now(), &mut mail)?;
    fs::write("signed.eml", &mail)?;
    // [/sign]
    Ok(())
}

pub(crate) fn verify() -> Done {
    // [verify]
    let trust = TrustStore::new().anchors(&fs::read("openssl-ca.pem")?, Scope::domain("example.com")?)?;
    let opener = Opener::new(&Context::new(trust));
    let opened = opener.open(Input::file("openssl.eml"), SystemTime::now())?; // Err: could not look
    let verdict = Policy::standard().judge(&opened.report);
    println!("{}", verdict.text(&opened.report));
    // [/verify]
    assert_eq!(verdict.outcome, Outcome::Good);
    Ok(())
}

pub(crate) fn act() -> Done {
    let trust = TrustStore::new().anchors(&fs::read("openssl-ca.pem")?, Scope::any())?;
    let opener = Opener::new(&Context::new(trust));
    // [act]
    let mail = fs::read("openssl.eml")?;
    let policy = Policy::standard();
    let opened = opener.open(&mail, SystemTime::now())?;
    match opened.require(&policy, &"alice@example.com".parse()?) {
        Some(letter) => letter.payload.save("invoice.eml")?,
        None => println!("held back: {:?}", policy.judge(&opened.report).reasons),
    }
    // [/act]
    Ok(())
}

pub(crate) fn encrypt() -> Done {
    let key = Key::load(&fs::read("bob.pem")?, Password::none())?;
    // [encrypt]
    let dave = fs::read("openssl-dave.pem")?;
    let trust = TrustStore::new().anchors(&dave, "dave@example.com".parse()?)?;
    let known: CertificatePool = Certificate::load(&dave)?.into_iter().collect();
    let cx = Context::new(trust).certificates(known);
    let (draft, now) = (fs::read("draft.eml")?, SystemTime::now());
    let plan = Plan::new(&cx, &draft, &Policy::standard(), now)?;
    println!("{plan}"); // who gets what, and who gets nothing, and why
    let composer = Composer::new(&cx).sign(&key);
    for (number, group) in plan.groups()?.iter().enumerate() {
        composer.encrypt(group).save(&draft, now, format!("encrypted-{number}.eml"))?;
    }
    // [/encrypt]
    Ok(())
}

pub(crate) fn decrypt() -> Done {
    let trust = TrustStore::new().anchors(&fs::read("openssl-dave.pem")?, Scope::any())?;
    let cx = Context::new(trust);
    // [decrypt]
    let mut opener = Opener::new(&cx);
    for path in ["bob.pem", "bob.asc"] {
        opener = opener.key(Key::load(&fs::read(path)?, Password::none())?); // every key that the user ever had
    }
    let opened = opener.open(Input::file("openssl-encrypted.eml"), SystemTime::now())?;
    match opened.payload() {
        Some(payload) => payload.save("letter.eml")?, // all of it, or no file
        None => println!("not decrypted"),
    }
    // [/decrypt]
    Ok(())
}

pub(crate) fn trust() -> Done {
    // [trust]
    let trust = TrustStore::new()
        .anchors(&fs::read("openssl-ca.pem")?, "*@example.com until=2040-12-31 for=sign".parse()?)?
        .pin(&"carol@example.net".parse()?, "4CBE56D25F8925B5FD0F42E12EEDC723E55B8957")?
        .web_of_trust_root("CBB47BAA7122FBC47C12DEAB36197707BEE93BEE", 120)?;
    let opened = Opener::new(&Context::new(trust)).open(Input::file("openssl.eml"), SystemTime::now())?;
    for evidence in opened.report.signatures().flat_map(|signature| &signature.evidence) {
        println!("{evidence}"); // you → Example Root CA (*@example.com until=2040-12-31 for=sign) → Alice Liddell
    }
    // [/trust]
    assert!(opened.report.signatures().any(|signature| !signature.evidence.is_empty()));
    Ok(())
}

// [fetch]
struct Http; // your client: what it may be asked for is in the request, with its bounds

impl Fetcher for Http {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        match request.url {
            "http://crl.example.com/strict-ca.crl" => {
                fs::read("strict-ca.crl").map_err(|_| FetchError::Unavailable)
            }
            _ => Err(FetchError::Refused),
        }
    }
}
// [/fetch]

pub(crate) fn fetch() -> Done {
    let trust = || TrustStore::new().anchors(&fs::read("strict-ca.pem").unwrap_or_default(), Scope::any());
    let mail = fs::read("eve-revoked.eml")?;
    // [fetch]
    let given = Context::new(trust()?).revocations(RevocationData::new().with(&fs::read("strict-ca.crl")?)?);
    let asked = Context::new(trust()?).fetcher(Http);
    for cx in [given, asked] {
        let opened = Opener::new(&cx).open(&mail, SystemTime::now())?;
        println!("{}", Policy::standard().judge(&opened.report).text(&opened.report)); // ✗ BAD … revoked
    }
    // [/fetch]
    Ok(())
}

pub(crate) fn gateway() -> Done {
    let trust = TrustStore::new().anchors(&fs::read("openssl-ca.pem")?, Scope::any())?;
    let cx = Context::new(trust);
    // [gateway]
    let opener = Opener::new(&cx); // one, for all threads
    let opened = opener.open(Input::file("openssl.eml"), SystemTime::now())?; // Err: later (451), never pass, never bounce
    let verdict = Policy::standard().judge(&opened.report);
    let mut stamped = fs::File::create("stamped.eml")?;
    opened.stamp(&verdict, "mx.example.org", &mut stamped)?; // forged lines in our name out, ours on top
    // [/gateway]
    Ok(())
}
