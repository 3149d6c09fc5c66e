//! Letters that Python's email package writes: a foreign hand for the header, the parts and the wrapper.

use std::fs;
use std::path::Path;

use crate::cells::{Cells, Seen};
use crate::letters::{ALICE, altered, good_then_bad, lf};
use crate::opened::gpg_signs;
use crate::pgp::{self, Folder};
use crate::smime::{World, python};
use crate::support::Program;
use crate::support::gnupg::Gpgsm;

const TABLE: &str = "Letters by Python's email package: they sign, we verify";

/// `entities FOLDER` writes what is to be signed, NAME.entity; `wrap FOLDER PROTOCOL MICALG` makes NAME.mail of it and
/// NAME.signature.
const PROGRAM: &str = r#"
import sys, os, email.utils, email.encoders
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.header import Header

SMTP = policy.compat32.clone(linesep="\r\n", max_line_length=78)
folder = sys.argv[2]

def texts():
    for charset in ["us-ascii", "utf-8", "iso-2022-jp", "shift_jis", "euc-jp", "iso-8859-1"]:
        body = "meeting at nine \n\nline\n" if charset in ("us-ascii", "iso-8859-1") else "会議のお知らせ at nine\n"
        yield charset, MIMEText(body, "plain", charset)
    message = MIMEPart(policy=policy.SMTP)
    message.set_content("plain text\n\n-- \nAlice\n")
    message.add_alternative("<p>html text</p>\n", subtype="html")
    message.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="資料.bin")
    yield "attachment", message
    message = MIMEPart(policy=policy.SMTP)
    message.set_content("日本語 " * 40 + "end\n", charset="utf-8", cte="8bit")
    yield "8bit", message
    message = MIMEPart(policy=policy.SMTP)
    message.set_content("trailing  \n=3D \nFrom here\n.\n", cte="quoted-printable")
    yield "quoted-printable", message

def flat(message):
    return message.as_bytes(policy=SMTP)

def outer(name, protocol, micalg, entity, signature):
    mail = MIMEMultipart("signed", protocol=protocol, micalg=micalg)
    mail["From"] = email.utils.formataddr((str(Header("佐藤", "iso-2022-jp")), "alice@example.org"))
    mail["To"] = "bob@example.net"
    mail["Subject"] = Header("会議のお知らせ " + name, "iso-2022-jp")
    mail["Date"] = email.utils.formatdate()
    mail["Message-ID"] = email.utils.make_msgid(domain="example.org")
    mail.attach(message_from_bytes(entity, policy=SMTP))
    kind = protocol.split("/")[1]
    encoder = email.encoders.encode_7or8bit if kind == "pgp-signature" else email.encoders.encode_base64
    part = MIMEApplication(signature, kind, encoder, name="signature")
    part.add_header("Content-Disposition", "attachment", filename="signature")
    mail.attach(part)
    return flat(mail)

if sys.argv[1] == "entities":
    for name, message in texts():
        entity = flat(message)
        entity = entity.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        open(os.path.join(folder, name + ".entity"), "wb").write(entity)
else:
    for file in sorted(os.listdir(folder)):
        name, ending = os.path.splitext(file)
        if ending == ".signature":
            entity = open(os.path.join(folder, name + ".entity"), "rb").read()
            signature = open(os.path.join(folder, file), "rb").read()
            mail = outer(name, sys.argv[3], sys.argv[4], entity, signature)
            open(os.path.join(folder, name + ".mail"), "wb").write(mail)
"#;

pub fn run(cells: &Cells) {
    let Some(program) = python(cells) else { return };
    let run = |words: &str, folder: &Path, more: &str| {
        let python = Program::new(&program).arg("-c").arg(PROGRAM).words(words).arg(folder).words(more);
        python.env("PYTHONIOENCODING", "utf-8").ok();
    };
    let signed = |signer: &str, more: &str, anchors: &[u8], sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let folder = Folder::new(&[]);
        run("entities", &folder.path(""), "");
        let names = names(&folder.path(""));
        for name in &names {
            let entity = fs::read(folder.path(&format!("{name}.entity"))).unwrap();
            fs::write(folder.path(&format!("{name}.signature")), sign(&entity)).unwrap();
        }
        run("wrap", &folder.path(""), more);
        for name in &names {
            cells.cell(TABLE, signer, name, || {
                let entity = fs::read(folder.path(&format!("{name}.entity"))).unwrap();
                let mail = fs::read(folder.path(&format!("{name}.mail"))).unwrap();
                let body = entity.strip_suffix(b"\r\n").unwrap_or(&entity);
                let changed = altered(&mail, body);
                good_then_bad(anchors, &mail, &changed)?;
                good_then_bad(anchors, &lf(&mail), &lf(&changed))?;
                Ok(Seen::Accepted)
            });
        }
    };
    if let Some(world) = World::get(cells) {
        if let Some(gpgsm) = Gpgsm::new(&world.pki) {
            gpgsm.import(&world.pki, world.leaf("RSA-2048"));
            let sign = |entity: &[u8]| gpgsm.sign(&format!("<{ALICE}>"), entity);
            signed("gpgsm", "application/pkcs7-signature sha-256", &world.anchors, &sign);
        } else {
            cells.missing("gpgsm");
        }
    }
    if let Some(world) = pgp::World::get(cells) {
        let maker = world.key("gpg", "RSA-2048").expect("a key");
        for options in ["", "--textmode"] {
            let sign = |entity: &[u8]| gpg_signs(world, maker, entity, options);
            signed(
                &format!("gpg {options}"),
                "application/pgp-signature pgp-sha512",
                &maker.certificate,
                &sign,
            );
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let entities = entries.filter(|path| path.extension().is_some_and(|ending| ending == "entity"));
    let mut names: Vec<String> =
        entities.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
