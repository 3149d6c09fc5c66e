use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::needle::occurs;
use crate::python::example;
use crate::scripted::{Protocol, Scripted, Tls};
use crate::story::Story;
use crate::support::Ran;
use crate::support::pki::{EXPIRED, KeyType, NOT_AFTER, Pki};

const ALICE: &str = "alice@example.org";
const LOGIN: &str = "alice-in-person";
const PASSWORD: &str = "alice-and-the-tortoise";

/// A client of each protocol: its example, the scheme, when TLS begins.
const CLIENTS: [(&str, &str, Protocol, Tls); 4] = [
    ("submit.py", "submissions", Protocol::Smtp, Tls::First),
    ("submit.py", "submission", Protocol::Smtp, Tls::Offered),
    ("fetch.py", "imaps", Protocol::Imap, Tls::First),
    ("fetch.py", "pop3s", Protocol::Pop3, Tls::First),
];

/// A row: what the server shows, and where it differs when TLS begins.
type Row = ((PathBuf, PathBuf), Option<Tls>);

fn rows(ours: &Pki, others: &Pki) -> Vec<Row> {
    let good = ours.server("localhost", NOT_AFTER);
    let mail = ours.leaf("localhost@localhost", KeyType::P256);
    vec![
        (good.clone(), None),
        (ours.server("mail.example.org", NOT_AFTER), None),
        (ours.server("localhost", EXPIRED), None),
        (others.server("localhost", NOT_AFTER), None),
        ((mail.chain, mail.key), None),
        (good.clone(), Some(Tls::Never)),
        (good.clone(), Some(Tls::Refused)),
        (good, Some(Tls::Injected)),
    ]
}

fn run(folder: &Path, pki: &Pki, (name, scheme, ..): (&str, &str, Protocol, Tls), port: u16) -> Ran {
    let server = format!("{scheme}://localhost:{port}");
    let rest = if name == "submit.py" { "alice.pem draft.eml" } else { "root.pem" };
    let program = example(name).unwrap().arg(server).words(rest).folder(folder);
    program.env("NETRC", folder.join("netrc")).env("SSL_CERT_FILE", pki.root()).run()
}

#[test]
fn servers() {
    let (Some(ours), Some(others), Some(_)) = (Pki::new(), Pki::new(), example("fetch.py")) else { return };
    let story = Story::of("servers");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, octets: &[u8]| fs::write(folder.path().join(name), octets).unwrap();
    let alice = ours.leaf(ALICE, KeyType::P256);
    write("alice.pem", &[fs::read(&alice.key).unwrap(), fs::read(&alice.chain).unwrap()].concat());
    write("root.pem", &fs::read(ours.root()).unwrap());
    write(
        "draft.eml",
        format!("From: {ALICE}\r\nTo: bob@box.test\r\n\r\nThe parcel has left.\r\n").as_bytes(),
    );
    write("netrc", format!("machine localhost login {LOGIN} password {PASSWORD}\n").as_bytes());

    let (mut said, mut ends) = (String::new(), BTreeSet::new());
    for (number, (row, (server, other))) in story.rows().zip(rows(&ours, &others)).enumerate() {
        let clients = CLIENTS.into_iter().filter(|(_, _, _, usual)| {
            *usual == Tls::Offered || !matches!(other, Some(Tls::Refused | Tls::Injected))
        });
        let mut told = Vec::new();
        for client in clients {
            let (_, _, protocol, usual) = client;
            let scripted = Scripted::start(protocol, other.unwrap_or(usual), &server);
            let ran = run(folder.path(), &ours, client, scripted.port);
            let heard = scripted.heard();
            let any = |heard: &[u8]| [LOGIN, PASSWORD, "The parcel"].iter().any(|one| occurs(heard, one));
            let seen = match (any(&heard.in_clear), any(&heard.inside)) {
                (true, _) => "told in clear",
                (false, true) => "told inside TLS",
                (false, false) => "not told",
            };
            told.push(seen);
            if number == 0 {
                assert!(ran.succeeded, "{row}, {client:?}: {}", ran.stderr);
            } else {
                ends.insert([seen.to_owned(), ran.status.unwrap_or(-1).to_string()]);
                said.push_str(&ran.stderr);
            }
        }
        story.row_ends(row, told);
    }
    story.says(&said);
    story.ends(ends.into_iter().flatten());
}
