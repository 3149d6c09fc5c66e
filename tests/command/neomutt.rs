//! examples/neomutt, as somebody at a terminal: neomutt runs in tmux, keys are typed, the screen is read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::people::{BOB, CONTENT, People, Shell, people};
use crate::support::{Program, tool};

const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with neomutt in it.
struct Screen {
    tmux: PathBuf,
    socket: PathBuf,
}

impl Screen {
    fn start(shell: &Shell) -> Option<Self> {
        let (tmux, _) = (tool("tmux")?, tool("neomutt")?);
        let screen = Self { tmux, socket: shell.path("tmux") };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/neomutt");
        let bin = Path::new(env!("CARGO_BIN_EXE_mailseal")).parent().unwrap().to_owned();
        let path = format!("{}:{}:{}", bin.display(), example.display(), std::env::var("PATH").unwrap());
        let configuration = format!(
            "set from='Alice <alice@example.org>' use_from=yes editor='cp {}' autoedit=yes fast_reply=yes sleep_time=0\n\
             set header_cache='' folder='{}' sort=subject mbox_type=Maildir use_envelope_from=no\n\
             source {}\n",
            shell.path("text").display(),
            shell.path("mail").display(),
            example.join("neomuttrc").display()
        );
        shell.file("text", b"On Monday.\n");
        let rc = shell.file("rc", configuration.as_bytes());
        let run = format!("neomutt -n -F {} -f {}", rc.display(), shell.path("mail").display());
        let mut program = screen.tmux("-f /dev/null new-session -d -x 110 -y 40");
        for (name, value) in [
            ("HOME", shell.path("").to_str().unwrap()),
            ("TMPDIR", shell.path("").to_str().unwrap()),
            ("XDG_RUNTIME_DIR", ""),
            ("MAILSEAL_NEOMUTT", shell.path("settings").to_str().unwrap()),
            ("MAILSEAL_TRUST", shell.path("trust").to_str().unwrap()),
            ("LC_ALL", "C.UTF-8"),
        ] {
            program = program.arg("-e").arg(format!("{name}={value}"));
        }
        // tmux takes this one from whoever starts it.
        program.arg(run).env("PATH", &path).env("TERM", "xterm-256color").ok();
        Some(screen)
    }

    fn tmux(&self, words: &str) -> Program {
        Program::new(&self.tmux).arg("-S").arg(&self.socket).words(words)
    }

    /// As if typed.
    fn types(&self, text: &str) {
        self.tmux("send-keys -l --").arg(text).ok();
    }

    fn presses(&self, key: &str) {
        self.tmux("send-keys").arg(key).ok();
    }

    /// Waits until all of this can be read on it.
    #[track_caller]
    fn shows(&self, words: &[&str]) -> String {
        let start = Instant::now();
        loop {
            let ran = self.tmux("capture-pane -p").run();
            let text = ran.text();
            if words.iter().all(|word| text.contains(word)) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "never showed {words:?}:\n{text}\n{}", ran.stderr);
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.tmux("kill-server").run();
    }
}

fn letter(shell: &Shell, number: usize, octets: &[u8]) {
    fs::write(shell.path(&format!("mail/cur/{number}.example:2,S")), octets).unwrap();
}

fn wait_for(path: &Path) -> Vec<u8> {
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < PATIENCE, "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(50));
    }
    fs::read(path).unwrap()
}

fn shell(people: &People) -> Shell {
    let shell = Shell::new(people);
    for folder in ["mail/cur", "mail/new", "mail/tmp", "sent"] {
        fs::create_dir_all(shell.path(folder)).unwrap();
    }
    let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/letters");
    fs::copy(letters.join("openssl-ca.pem"), shell.path("openssl-ca.pem")).unwrap();
    // Each letter that is sent, whole or not at all, with whom it is sent to.
    let sent = shell.path("sent");
    let script = format!(
        "#!/bin/sh\nset -e\nn=$(ls {0} | wc -l)\ncat >{0}/.new\nprintf '%s\\n' \"$@\" >{0}/.to\n\
         mv {0}/.to {0}/$n.to\nmv {0}/.new {0}/$n.eml\n",
        sent.display()
    );
    fs::set_permissions(shell.file("sendmail", script.as_bytes()), fs::Permissions::from_mode(0o755))
        .unwrap();
    let at = |name: &str| shell.path(name).display().to_string();
    let password = at("password");
    let settings = format!(
        "look='--anchor {} --anchor {} --cert {} --anchor {}'\nopen='--key {} --password-file {password}'\n\
         sign='--key {} --password-file {password}'\nencrypt='--sign {} --sign {} --password-file {password}'\n\
         sendmail={}\n",
        at("root.pem"),
        at("openssl-ca.pem"),
        at("bob.pem"),
        at("carol.asc"),
        at("bob.p12"),
        at("alice.p12"),
        at("alice.p12"),
        at("alice.key"),
        at("sendmail"),
    );
    shell.file("settings", settings.as_bytes());
    shell
}

#[test]
fn neomutt_shows_what_letters_are_worth_and_sends_signed_ones() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let good = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/letters/openssl.eml")).unwrap();
    let good = String::from_utf8(good).unwrap();
    letter(&shell, 1, good.as_bytes());
    let subject = good.lines().find(|line| line.starts_with("Subject: ")).unwrap();
    letter(&shell, 2, good.replace("Monday", "Friday").replace(subject, "Subject: zz forged").as_bytes());
    let sealed = people.openssl("-aes-256-gcm", &[&people.bob], &people.signed(&people.alice, CONTENT));
    let sealed = String::from_utf8(sealed).unwrap().replace("Subject: Your parcel", "Subject: zzz sealed");
    letter(&shell, 3, sealed.as_bytes());
    let Some(screen) = Screen::start(&shell) else { return };
    screen.shows(&["zz forged", "zzz sealed"]);

    screen.types("1\n,v");
    screen.shows(&["✓ GOOD", "Alice Liddell", "Press any key"]);
    screen.types(" ");
    screen.shows(&["zz forged", "q:Quit"]);
    screen.types("2\n,v");
    screen.shows(&["✗ BAD", "(altered)", "Press any key"]);
    screen.types(" ");
    screen.shows(&["zz forged", "q:Quit"]);

    // Opened, and read in a neomutt of its own.
    screen.types("3\n,o");
    screen.shows(&["✓ GOOD", "opened with the key of", "Enter shows"]);
    screen.presses("Enter");
    screen.shows(&["The parcel leaves on Monday."]);
    screen.types("qq");
    screen.shows(&["Press any key"]);
    screen.types(" ");
    screen.shows(&["zz forged", "q:Quit"]);
    assert!(shell.names("").iter().all(|name| !name.starts_with("mailseal.")), "{:?}", shell.names(""));

    // Signed: openssl verifies what sendmail got.
    screen.types("m");
    screen.shows(&["To:"]);
    screen.types(&format!("{BOB}\n"));
    screen.shows(&["Subject:"]);
    screen.types("Parcel\n");
    screen.shows(&["y:Send"]);
    screen.types("y");
    let sent = wait_for(&shell.path("sent/0.eml"));
    assert!(
        String::from_utf8_lossy(&sent).contains("multipart/signed"),
        "{}",
        String::from_utf8_lossy(&sent)
    );
    let verified = people.pki.openssl("cms -verify -purpose any -CAfile").arg(people.pki.root());
    let content = verified.input(&sent).ok();
    assert!(String::from_utf8_lossy(&content).contains("On Monday."));
    assert_eq!(shell.read("sent/0.to"), format!("--\n{BOB}\n").into_bytes());

    // Encrypted to people of either protocol: gpg opens the one, openssl the other.
    screen.shows(&["zz forged", "q:Quit"]);
    screen.types("m");
    screen.shows(&["To:"]);
    screen.types(&format!("{BOB}, carol@example.net\n"));
    screen.shows(&["Subject:"]);
    screen.types("Both\n");
    screen.shows(&["y:Send"]);
    screen.types(",ey");
    let letters = [wait_for(&shell.path("sent/2.eml")), wait_for(&shell.path("sent/4.eml"))];
    let of = |word: &str| {
        letters
            .iter()
            .find(|letter| String::from_utf8_lossy(letter).contains(word))
            .unwrap_or_else(|| panic!("{word}"))
    };
    let decrypt = people
        .pki
        .openssl("cms -decrypt -inkey")
        .arg(&people.bob.key)
        .words("-recip")
        .arg(&people.bob.certificate);
    assert!(
        String::from_utf8_lossy(&decrypt.input(of("application/pkcs7-mime")).ok())
            .contains("multipart/signed")
    );
    let text = String::from_utf8_lossy(of("multipart/encrypted")).into_owned();
    let from = text.find("-----BEGIN PGP MESSAGE-----").unwrap();
    let opened = people.gpg.words("--decrypt").input(&text.as_bytes()[from..]).run();
    assert!(opened.text().contains("On Monday."), "{}", opened.stderr);
    assert!(opened.stderr.contains("Good signature"), "{}", opened.stderr);

    // Somebody who cannot be written to in secret: nothing is sent, and neomutt says why.
    screen.shows(&["zz forged", "q:Quit"]);
    screen.types("m");
    screen.shows(&["To:"]);
    screen.types(&format!("{BOB}, dave@example.net\n"));
    screen.shows(&["Subject:"]);
    screen.types("Nobody\n");
    screen.shows(&["y:Send"]);
    screen.types(",ey");
    screen.shows(&["dave@example.net", "nothing was written"]);
    assert_eq!(shell.names("sent").len(), 6, "{:?}", shell.names("sent"));
}
