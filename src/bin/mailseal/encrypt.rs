//! `mailseal encrypt`

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use mailseal::mime::{Address, FromHeader, Structure};
use mailseal::protocol::Purpose;
use mailseal::report::Protocol;
use mailseal::{Certificate, Composer, Context, Group, Plan, Policy, UnixTime, Unreached};
use serde_json::{Value, json};

use crate::args::EncryptArgs;
use crate::keys::{self, Loaded, Passwords};
use crate::outgoing::{self, Draft, Outgoing};
use crate::reply;
use crate::words::{said, say};
use crate::world::World;
use crate::{GOOD, NOT_GOOD, terminal};

pub(crate) fn run(args: &EncryptArgs) -> Result<u8, Box<dyn Error>> {
    if args.json && !args.plan && args.out.is_none() && args.out_dir.is_none() {
        return Err(say(
            "--json is for --plan, --out or --out-dir: otherwise the letter is printed",
            "--json は --plan、--out、--out-dir と使います。それ以外ではメールが出力されます",
        )
        .into());
    }
    let (policy, at) = (args.trust.policy()?, args.trust.time());
    let World { cx, .. } = World::new(&args.trust, &policy)?;
    let draft = Draft::read(args.message.as_deref(), &cx)?;
    let groups = match groups(args, &cx, &draft, &policy, at)? {
        Ok(groups) => with_cipher(args, groups)?,
        Err(status) => return Ok(status),
    };
    let outgoing = Outgoing::new(args, &groups)?;
    let passwords = Passwords::new(&args.passwords)?;
    let answered = args.reply_to.as_ref().map(|path| {
        let names: Vec<_> = args.reply_key.iter().chain(&args.sign).cloned().collect();
        reply::answered(path, &names, &args.uses, &args.trust.cert, &passwords, &cx, at)
    });
    let answered = answered.transpose()?;
    let Loaded { keys, audit } =
        keys::load(&args.sign, &args.uses, &args.trust.cert, &passwords, Purpose::Sign)?;
    if args.triple_wrap && keys.is_empty() {
        return Err(say(
            "--triple-wrap needs a key that signs: --sign or --token",
            "--triple-wrap には署名する鍵が必要です: --sign または --token",
        )
        .into());
    }
    let composer = keys.iter().fold(Composer::new(&cx), |composer, key| composer.sign(key));
    let composer = args.consent.of(args.signing.of(composer.triple_wrap(args.triple_wrap)));
    let composer = composer
        .header_confidentiality(args.header_confidentiality.unwrap_or_default())
        .legacy_display(args.legacy_display);
    let composer = answered.iter().fold(composer, Composer::reply_to);
    let files = outgoing.write(&composer, &draft, at)?;
    audit.finish()?;
    if args.json {
        let letters = groups.iter().zip(&files).map(|(group, file)| letter(group, Some(file)));
        let letters = letters.collect::<Vec<_>>();
        writeln!(io::stdout(), "{}", json!({ "version": 1, "letters": letters, "unreachable": [] }))?;
        return Ok(GOOD);
    }
    files.iter().zip(&groups).try_for_each(|(path, group)| outgoing::tell(path, group))?;
    Ok(GOOD)
}

/// To whom which letter is written; otherwise the exit status, where a plan is shown, or somebody cannot be reached.
fn groups(
    args: &EncryptArgs,
    cx: &Context,
    draft: &Draft,
    policy: &Policy,
    at: UnixTime,
) -> Result<Result<Vec<Group>, u8>, Box<dyn Error>> {
    if !args.to.is_empty() {
        return Ok(Ok(outright(args, cx, draft, at)?));
    }
    let plan = plan(args, cx, draft, policy, at)?;
    let reached = plan.unreachable().next().is_none();
    let status = if reached { GOOD } else { NOT_GOOD };
    if args.json && (args.plan || !reached) {
        writeln!(io::stdout(), "{}", planned(&plan)?)?;
        return Ok(Err(status));
    }
    if args.plan {
        io::stdout().write_all(shown(&plan).as_bytes())?;
        return Ok(Err(status));
    }
    if !reached {
        refuse(&plan);
        return Ok(Err(status));
    }
    Ok(Ok(plan.groups()?))
}

/// Who gets what and who gets nothing, for programs.
pub(crate) fn planned(plan: &Plan) -> Result<Value, mailseal::Error> {
    let json = plan.json(terminal::language());
    serde_json::from_str(&json).map_err(|error| mailseal::Error::Refused(error.to_string()))
}

pub(crate) fn letter(group: &Group, file: Option<&PathBuf>) -> Value {
    let mut letter = json!({ "protocol": group.protocol(), "mailboxes": group.mailboxes });
    if let (Value::Object(fields), Some(file)) = (&mut letter, file) {
        fields.insert("file".into(), file.display().to_string().into());
    }
    letter
}

fn plan(
    args: &EncryptArgs,
    cx: &Context,
    draft: &Draft,
    policy: &Policy,
    at: UnixTime,
) -> Result<Plan, Box<dyn Error>> {
    let mut plan = Plan::new(cx, draft.input()?, policy, at)?;
    for who in &args.without {
        plan.remove(who)?;
    }
    for (who, fingerprint) in &args.accept {
        plan.accept(who, fingerprint)?;
    }
    if args.copy_to_self {
        plan.copy_to_sender()?;
    }
    args.consent.plan(&mut plan);
    Ok(plan)
}

/// The plan in words. Whoever is answered chose some of the addresses.
fn shown(plan: &Plan) -> String {
    plan.text(terminal::language()).lines().map(|line| terminal::line(line) + "\n").collect()
}

/// Says who is unreachable, why, and what can be done.
fn refuse(plan: &Plan) {
    let japanese = terminal::language() == "ja";
    let mut said = match japanese {
        false => {
            String::from("mailseal: not everybody can be written to in secret, so nothing was written\n")
        }
        true => String::from("mailseal: 暗号化して送れない宛先があるため、何も書き出しませんでした\n"),
    };
    said.push_str(&shown(plan));
    for person in plan.unreachable() {
        let who = terminal::line(&person.mailbox.to_string());
        let way = match (person.reason, japanese) {
            (Unreached::NoCertificate, false) => {
                "name a certificate with --cert FILE and who vouches for it with --anchor FILE".into()
            }
            (Unreached::NoCertificate, true) => {
                "証明書を --cert FILE で、それを保証するものを --anchor FILE で指定する".into()
            }
            (Unreached::NotBelieved(fingerprint), false) => {
                format!("compare the fingerprint by telephone, then --accept {who}={fingerprint}")
            }
            (Unreached::NotBelieved(fingerprint), true) => {
                format!("指紋を電話などで本人と照合してから --accept {who}={fingerprint}")
            }
            (Unreached::Policy(_), false) => "do as the policy asks".into(),
            (Unreached::Policy(_), true) => "方針に従う".into(),
            (_, false) => "ask for a new certificate".into(),
            (_, true) => "新しい証明書をもらう".into(),
        };
        said.push_str(&match japanese {
            false => format!("{who}: {way}; or --without {who}\n"),
            true => format!("{who}: {way}。または --without {who}\n"),
        });
    }
    let _ = io::stderr().write_all(said.as_bytes());
}

/// The certificates that were named, believed or not: one letter for each protocol, and one for each Bcc.
fn outright(
    args: &EncryptArgs,
    cx: &Context,
    draft: &Draft,
    at: UnixTime,
) -> Result<Vec<Group>, Box<dyn Error>> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for path in &args.to {
        let mut read = keys::certificates(path)?;
        if read.first().is_some_and(|first| first.protocol() == Protocol::Smime) {
            // The others lead from it to its authority.
            read.truncate(1);
        }
        certificates.extend(read);
    }
    let (seen, blind) = addressed(cx, draft)?;
    let names = |one: &Certificate, who: &[Address]| {
        one.addresses(at).iter().any(|own| who.iter().any(|address| own.matches(address)))
    };
    for who in seen.iter().chain(&blind) {
        if !certificates.iter().any(|one| names(one, std::slice::from_ref(who))) {
            terminal::tell(
                None,
                &said!(
                    "not encrypted to {who}: none of the certificates is theirs",
                    "{who} には暗号化しません。その人の証明書がありません"
                ),
            );
        }
    }
    let (hidden, open): (Vec<_>, Vec<_>) =
        certificates.into_iter().partition(|one| names(one, &blind) && !names(one, &seen));
    let mut groups = Vec::new();
    for protocol in [Protocol::Smime, Protocol::Openpgp] {
        let of: Vec<_> = open.iter().filter(|one| one.protocol() == protocol).cloned().collect();
        if !of.is_empty() {
            groups.push(Group::to(&of, at)?);
        }
    }
    for one in hidden {
        groups.push(Group::to(&[one], at)?);
    }
    Ok(groups)
}

/// To and Cc, and Bcc.
fn addressed(cx: &Context, draft: &Draft) -> Result<(Vec<Address>, Vec<Address>), Box<dyn Error>> {
    let structure = Structure::read(&mut *draft.reader()?, cx.bounds())?;
    let headers = structure.root().map(|root| root.headers());
    let named = |names: &[&str]| -> Vec<Address> {
        let fields =
            names.iter().flat_map(|name| headers.as_ref().map(|headers| FromHeader::of(headers, name)));
        fields.flat_map(|field| field.mailboxes).filter_map(|mailbox| mailbox.address.ok()).collect()
    };
    for name in ["To", "Cc", "Bcc"] {
        let mailboxes = headers.iter().flat_map(|headers| FromHeader::of(headers, name).mailboxes);
        if let Some(text) = mailboxes.filter_map(|mailbox| mailbox.address.err()).next() {
            let why = said!(
                "an address in {name} cannot be read: {text}",
                "{name} に読めないアドレスがあります: {text}"
            );
            return Err(mailseal::Error::Refused(why).into());
        }
    }
    Ok((named(&["To", "Cc"]), named(&["Bcc"])))
}

fn with_cipher(args: &EncryptArgs, groups: Vec<Group>) -> Result<Vec<Group>, Box<dyn Error>> {
    let Some(cipher) = args.cipher else { return Ok(groups) };
    if groups.iter().all(|group| group.protocol() != Protocol::Smime) {
        return Err(say(
            "--cipher is for S/MIME, and none of the letters is",
            "--cipher は S/MIME 用ですが、S/MIME のメールがありません",
        )
        .into());
    }
    let chosen = |group: Group| match group.protocol() {
        Protocol::Smime => group.cipher(cipher.into()),
        _ => group,
    };
    Ok(groups.into_iter().map(chosen).collect())
}
