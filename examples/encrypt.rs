//! Encrypts a draft to all its recipients: `cargo run --example encrypt -- ANCHORS CERTIFICATES DRAFT`

use std::{env, error::Error, fs, time::SystemTime};

use mailseal::{CertificatePool, Composer, Context, Plan, Policy, Scope, TrustStore};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(anchors), Some(certificates), Some(draft)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: encrypt ANCHORS CERTIFICATES DRAFT".into());
    };
    // Finding a certificate is not trusting it. An anchor is an authority, or a person's own certificate.
    let trust = TrustStore::new().anchors(&fs::read(anchors)?, Scope::any())?;
    let known = CertificatePool::new().with(&fs::read(certificates)?)?;
    let (cx, draft, now) = (Context::new(trust).certificates(known), fs::read(draft)?, SystemTime::now());

    // Whoever is written to has to be believed by the same policy that judges incoming mail.
    let plan = Plan::new(&cx, &draft, &Policy::standard(), now)?;
    print!("{plan}");

    // An error while anybody is unreachable. People of one protocol share a letter; each Bcc has one alone.
    let composer = Composer::new(&cx); // .sign(&key): once for each protocol
    for (number, group) in plan.groups()?.iter().enumerate() {
        let path = format!("letter-{number}.eml");
        composer.encrypt(group).save(&draft, now, &path)?;
        for who in &group.mailboxes {
            println!("{path} goes to {who}");
        }
    }
    Ok(())
}
