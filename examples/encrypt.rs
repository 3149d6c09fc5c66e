//! Encrypts a draft to all its recipients: `cargo run --example encrypt -- ANCHORS DRAFT`

use std::{env, error::Error, fs, time::SystemTime};

use mailseal::{Composer, Context, Plan, Policy, Scope, TrustStore};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(anchors), Some(draft)) = (args.next(), args.next()) else {
        return Err("usage: encrypt ANCHORS DRAFT".into());
    };
    // Authorities, or people's own certificates: X.509 and OpenPGP. Other certificates: Context::certificates.
    let trust = TrustStore::new().anchors(&fs::read(anchors)?, Scope::any())?;
    let (cx, draft, now) = (Context::new(trust), fs::read(draft)?, SystemTime::now());

    // Whoever is written to has to be believed by the same policy that judges incoming mail.
    let plan = Plan::new(&cx, &draft, &Policy::standard(), now)?;
    print!("{plan}");

    // An error while anybody is unreachable. People of one protocol share a letter; each Bcc has one alone.
    let composer = Composer::new(&cx); // .sign(&key): once for each protocol
    for (number, group) in plan.groups()?.iter().enumerate() {
        let path = format!("letter-{number}.eml");
        composer.encrypt(group).save(&draft, now, &path)?;
        println!("{path} goes to {:?}", group.mailboxes);
    }
    Ok(())
}
