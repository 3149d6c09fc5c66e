//! Of the command, as a process, with SIGKILL. `MAILSEAL_BULK_LETTERS` says how many letters; 200 otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::postfix::{Postfix, free_port, is_there};
use crate::story::Story;
use crate::support::pki::{KeyType, NOT_AFTER, Pki};

const KILLS: usize = 10;
const ALICE: &str = "alice@example.org";

#[test]
fn newsletter_killed() {
    let Some(pki) = Pki::new() else { return };
    if !is_there() {
        return;
    }
    let story = Story::of("newsletter_killed");
    let mut ends = Vec::new();
    let cases: [(&str, Play); 2] = [("a Maildir", into_maildir), ("a mail server", into_server)];
    for (row, play) in cases {
        let letters = std::env::var("MAILSEAL_BULK_LETTERS").map_or(200, |number| number.parse().unwrap());
        let run = Run::new(&pki, letters);
        let (seen, end) = play(&run, &pki);
        story.row_ends(row, seen);
        ends.push(end);
    }
    assert_eq!(ends[0], ends[1]);
    story.ends(ends.pop().unwrap());
}

/// What stands in a row, and in the result.
type Play = fn(&Run, &Pki) -> ([String; 3], [&'static str; 2]);

/// A newsletter and whom it goes to.
pub(crate) struct Run {
    folder: tempfile::TempDir,
    pub(crate) letters: usize,
}

impl Run {
    pub(crate) fn new(pki: &Pki, letters: usize) -> Self {
        let run = Self { folder: tempfile::tempdir().unwrap(), letters };
        fs::set_permissions(run.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let alice = pki.leaf(ALICE, KeyType::Rsa(2048));
        let key = [&alice.key, &alice.chain].map(|path| fs::read(path).unwrap()).concat();
        fs::write(run.path("alice.pem"), key).unwrap();
        fs::copy(pki.root(), run.path("root.pem")).unwrap();
        let letter = format!(
            "From: {ALICE}\nTo: {{{{name}}}} <{{{{email}}}}>\nSubject: For {{{{name}}}}\n\nDear {{{{name}}}},\n{}",
            "our parcels leave on Mondays.\n".repeat(60)
        );
        fs::write(run.path("letter.eml"), letter).unwrap();
        let mut people = String::from("email,name\n");
        for number in 0..letters {
            writeln!(people, "p{number}@box.test,Person {number}").unwrap();
        }
        fs::write(run.path("people.csv"), people).unwrap();
        run
    }

    /// The same, of which nothing was begun.
    pub(crate) fn again(&self) -> Self {
        let again = Self { folder: tempfile::tempdir().unwrap(), letters: self.letters };
        for name in ["alice.pem", "root.pem", "letter.eml", "people.csv"] {
            fs::copy(self.path(name), again.path(name)).unwrap();
        }
        again
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As the last words of a program, such as one that watches.
    pub(crate) fn command(&self, program: &[&str], place: &str) -> Command {
        let program: Vec<&str> = program.iter().copied().chain([env!("CARGO_BIN_EXE_mailseal")]).collect();
        let mut command = Command::new(program[0]);
        command.current_dir(self.folder.path()).env("LC_ALL", "C.UTF-8").stdout(Stdio::piped());
        let words =
            "bulk --key alice.pem --journal run.journal --template letter.eml --recipients people.csv";
        command.args(program[1..].iter().copied().chain(words.split(' ')).chain(place.split(' ')));
        command
    }

    /// The letters that were begun and of which no end was noted.
    pub(crate) fn open(&self) -> BTreeSet<String> {
        let mut open = BTreeSet::new();
        for line in fs::read_to_string(self.path("run.journal")).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let letter = || line["letter"].as_str().unwrap().to_owned();
            match line["note"].as_str().unwrap() {
                "begun" => drop(open.insert(letter())),
                "done" => drop(open.remove(&letter())),
                _ => {}
            }
        }
        open
    }

    /// Says it, and kills it somewhere before the end.
    fn kill(&self, place: &str) -> BTreeSet<String> {
        let noted = || {
            fs::read(self.path("run.journal"))
                .map_or(0, |text| text.iter().filter(|one| **one == b'\n').count())
        };
        let most = 2 * self.letters / (KILLS + 1);
        let enough = noted() + 1 + random(most);
        let mut child = self.command(&[], place).spawn().unwrap();
        let start = Instant::now();
        while noted() < enough {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
            assert!(start.elapsed() < Duration::from_secs(120));
            std::thread::sleep(Duration::from_micros(300));
        }
        std::thread::sleep(Duration::from_micros(random(3000) as u64));
        child.kill().unwrap();
        assert!(child.wait().unwrap().code().is_none(), "killed");
        self.open()
    }

    /// Says it twice more: what the first and the second tell.
    pub(crate) fn finish(&self, place: &str) -> [&'static str; 2] {
        let say = || {
            let output = self.command(&[], place).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let (first, second) = (say(), say());
        assert!(first.contains(" delivered") && !first.contains("refused"), "{first}");
        assert_eq!(second, format!("{} delivered before\n", self.letters));
        ["all delivered", "all delivered before"]
    }
}

fn random(below: usize) -> usize {
    RandomState::new().hash_one(0) as usize % below
}

fn into_maildir(run: &Run, _: &Pki) -> ([String; 3], [&'static str; 2]) {
    let place = "--jobs 2 --maildir Maildir";
    fs::create_dir(run.path("taken")).unwrap();
    for _ in 0..KILLS {
        run.kill(place);
        read_some(&run.path("Maildir"), &run.path("taken"));
    }
    let end = run.finish(place);
    let copies = in_maildir(run);
    let twice = copies.values().filter(|count| **count > 1).count();
    ([run.letters - copies.len(), twice, 0].map(|count| count.to_string()), end)
}

/// How many copies of each letter there are, with those that a mail reader moved or took.
pub(crate) fn in_maildir(run: &Run) -> BTreeMap<String, usize> {
    let mut copies = BTreeMap::new();
    for path in ["Maildir/new", "Maildir/cur", "taken"].iter().flat_map(|folder| files(&run.path(folder))) {
        *copies.entry(recipient(&fs::read(path).unwrap())).or_default() += 1;
    }
    assert!(files(&run.path("Maildir/tmp")).is_empty());
    copies
}

/// What a mail reader does: looks at some letters, takes others away.
fn read_some(maildir: &Path, taken: &Path) {
    for (number, path) in files(&maildir.join("new")).into_iter().enumerate() {
        let name = path.file_name().unwrap().to_str().unwrap();
        match number % 3 {
            0 => fs::rename(&path, maildir.join("cur").join(format!("{name}:2,S"))).unwrap(),
            1 => fs::rename(&path, taken.join(name)).unwrap(),
            _ => {}
        }
    }
}

fn into_server(run: &Run, pki: &Pki) -> ([String; 3], [&'static str; 2]) {
    let server = pki.server("localhost", NOT_AFTER);
    let lines = format!(
        "smtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\nvirtual_mailbox_domains = box.test\n\
         virtual_mailbox_maps = inline:{{ {{ @box.test = bob/ }} }}\n",
        server.0.display(),
        server.1.display()
    );
    let port = free_port();
    let ports = format!("127.0.0.1:{port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n");
    let postfix = Postfix::start_with(run.folder.path(), "news", &[], &lines, &ports);
    let place = format!("--jobs 2 --send smtps://localhost:{port} --server-ca root.pem");
    let open: BTreeSet<String> = (0..KILLS).flat_map(|_| run.kill(&place)).collect();
    let end = run.finish(&place);
    let mut copies: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for letter in arrived(&postfix, run.letters) {
        copies.entry(recipient(&letter)).or_default().push(letter);
    }
    let twice: Vec<_> = copies.iter().filter(|(_, letters)| letters.len() > 1).collect();
    let heard = twice.iter().filter(|(who, _)| !open.contains(*who)).count();
    for (who, letters) in &twice {
        println!("{} copies for {who}", letters.len());
        assert!(letters.iter().all(|letter| message_id(letter) == message_id(&letters[0])), "{who}");
    }
    let some = copies.values().take(3).chain(twice.iter().map(|(_, letters)| *letters)).flatten();
    some.for_each(|letter| drop(pki.openssl(VERIFY).input(letter).ok()));
    let lost = (run.letters - copies.len()).to_string();
    ([lost, "some or none".to_owned(), heard.to_string()], end)
}

const VERIFY: &str = "cms -verify -CAfile root.pem -out /dev/null";

/// All that are on their way: so many, and no more of them for a while.
fn arrived(postfix: &Postfix, letters: usize) -> Vec<Vec<u8>> {
    postfix.wait_for(letters, Duration::from_secs(120));
    loop {
        let before = postfix.arrived().len();
        std::thread::sleep(Duration::from_secs(2));
        if postfix.arrived().len() == before {
            return postfix.arrived().iter().map(|path| fs::read(path).unwrap()).collect();
        }
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn field(letter: &[u8], name: &str) -> String {
    let headers = mailseal::mime::Headers::new(letter);
    assert_eq!(headers.count(name), 1);
    headers.get(name).unwrap().text()
}

pub(crate) fn recipient(letter: &[u8]) -> String {
    let to = field(letter, "To");
    to.split(['<', '>']).nth(1).unwrap().to_owned()
}

pub(crate) fn message_id(letter: &[u8]) -> String {
    field(letter, "Message-ID")
}
