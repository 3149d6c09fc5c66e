//! A thousand letters through two servers: none is lost, and all that were signed are good.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mailseal_core::Outcome;

use crate::daemon::build;
use crate::letters::{Fate, at_rest, letter};
use crate::smtp::Smtp;
use crate::stage::{ALICE, BOB, Beside, ID, Stage, fields};
use crate::support::tool;

const SENDERS: usize = 4;

/// Sends the letters of these numbers, over several connections that stay open.
fn send(stage: &Stage, count: usize, halfway: impl Fn() + Sync) {
    let port = stage.sender.port;
    let halfway = &halfway;
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            scope.spawn(move || {
                let mut connections: BTreeMap<&str, Smtp> = BTreeMap::new();
                for number in (sender..count).step_by(SENDERS) {
                    let letter = letter(number);
                    let smtp = connections
                        .entry(letter.login)
                        .or_insert_with(|| Smtp::connect(port, Some(letter.login)));
                    let answer = smtp.send(letter.from, BOB, &letter.octets);
                    assert_eq!(answer.code, 250, "letter {number}: {answer:?}");
                    if number % 100 == 50 {
                        halfway();
                    }
                }
            });
        }
    });
}

/// What became of one letter.
fn check(stage: &Stage, number: usize, arrived: &[u8]) {
    let text = String::from_utf8_lossy(arrived);
    let sent = letter(number);
    let (outcome, report) = stage.look(arrived);
    let results = fields(arrived, "Authentication-Results");
    assert_eq!(results.len(), 1, "letter {number}: {results:?}\n{text}");
    assert!(results[0].starts_with(&format!("{ID};")), "{}", results[0]);
    assert!(!results[0].contains("president"), "{}", results[0]);
    match sent.fate {
        Fate::Signed => {
            assert_eq!(outcome, Outcome::Good, "letter {number}: {:?}\n{text}", report.findings);
            let method = if sent.login == "carol" { "x-pgp" } else { "smime" };
            let told = format!("{method}=pass body.{method}-identifier={}", sent.from);
            assert!(results[0].contains(&told), "letter {number}: {}", results[0]);
            assert_eq!(fields(arrived, "MIME-Version").len(), 1, "letter {number}\n{text}");
            assert_eq!(fields(arrived, "Content-Type").len(), 1, "letter {number}\n{text}");
            assert!(fields(arrived, "Content-Transfer-Encoding").is_empty(), "letter {number}\n{text}");
            let head = text.split_once("\n\n").unwrap().0;
            for field in kept(&at_rest(&sent.octets)) {
                assert!(
                    format!("\n{head}\n").contains(&format!("\n{field}")),
                    "letter {number}: {field}\n{text}"
                );
            }
        }
        Fate::Sealed => {
            assert!(text.ends_with(&at_rest(&sent.octets)), "letter {number}\n{text}");
            assert!(!results[0].contains("=pass"), "these keys are not known: {}", results[0]);
        }
        Fate::Unsigned => {
            assert_eq!(outcome, Outcome::None, "letter {number}\n{text}");
            assert!(text.ends_with(&at_rest(&sent.octets)), "letter {number}\n{text}");
            assert!(results[0].contains("smime=none"), "{}", results[0]);
        }
    }
}

/// The header fields that signing leaves where they are, as they are written.
fn kept(letter: &str) -> Vec<String> {
    let head = format!("{}\n", letter.split_once("\n\n").unwrap().0);
    let octets = head.as_bytes();
    let inside = |name: &str| {
        name.to_ascii_lowercase().starts_with("content-") || name.eq_ignore_ascii_case("mime-version")
    };
    let fields = mailseal_core::mime::Headers::new(octets).fields().filter(|field| !inside(field.name));
    let kept: Vec<String> =
        fields.map(|field| String::from_utf8(octets[field.range.clone()].to_vec()).unwrap()).collect();
    assert!(kept.len() > 5);
    kept
}

/// Milliseconds that a milter took for all its mail.
fn spent(log: &str) -> u64 {
    log.lines().filter_map(|line| line.rsplit_once(" ms=")?.1.parse::<u64>().ok()).sum()
}

fn run(stage: &Stage, count: usize, halfway: impl Fn() + Sync) {
    let start = Instant::now();
    send(stage, count, halfway);
    let letters = stage.receiver.wait_for(count, Duration::from_secs(300));
    let seconds = start.elapsed().as_secs_f64();
    let (signing, verifying) = (spent(&stage.signs.log()), spent(&stage.verifies.log()));
    println!(
        "{count} letters in {seconds:.1} s; {signing} ms in the one milter, {verifying} ms in the other"
    );
    assert_eq!(letters.len(), count, "none twice");
    let mut numbers = BTreeMap::new();
    for arrived in &letters {
        let number: usize = fields(arrived, "X-Number")[0].parse().unwrap();
        assert!(numbers.insert(number, ()).is_none(), "letter {number} arrived twice");
        check(stage, number, arrived);
    }
    let log = stage.signs.log();
    assert_eq!(log.matches(" ms=").count(), count, "one line for each mail");
    assert!(
        log.contains("from=president@example.org left: not a From that this sender may sign for"),
        "{log}"
    );
}

#[test]
fn a_thousand_letters_arrive_and_are_good() {
    let Some(stage) = Stage::new(&Beside::default()) else { return };
    run(&stage, 1000, || {
        let said = stage.signs.hang_up();
        assert!(said.contains("reload: done"), "{said}");
    });
    assert_eq!(stage.signs.log().matches("reload: done").count(), 10);
}

/// Fifty letters, a reload, and an orderly end, with nothing to complain of.
fn without_a_finding(stage: Stage) {
    run(&stage, 52, || {
        stage.signs.hang_up();
    });
    let Stage { signs, verifies, sender, receiver, .. } = stage;
    drop((sender, receiver));
    for milter in [signs, verifies] {
        let log = milter.log_file();
        let status = milter.end();
        let log = std::fs::read_to_string(log).unwrap();
        assert!(status == 0 && !log.contains("=="), "{log}");
    }
}

#[test]
fn valgrind_finds_nothing() {
    let Some(valgrind) = tool("valgrind") else { return };
    let valgrind = valgrind.to_str().unwrap();
    // The threads that libmilter waits for mail with are there to the end: what they hold is not lost.
    let words = "--quiet --vgdb=no --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite";
    let wrapper: Vec<&str> = [valgrind].into_iter().chain(words.split(' ')).collect();
    let Some(stage) = Stage::new(&Beside { wrapper: &wrapper, ..Beside::default() }) else { return };
    without_a_finding(stage);
}

#[test]
fn the_sanitizers_find_nothing() {
    let flags = "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all";
    let Some(program) = build("milter-sanitized", flags) else { return };
    let Some(stage) = Stage::new(&Beside { program: Some(&program), ..Beside::default() }) else { return };
    without_a_finding(stage);
}

/// More than is held in memory, in lines that have to be encoded.
#[test]
fn a_long_letter_comes_through() {
    let Some(stage) = Stage::new(&Beside::default()) else { return };
    let line = format!("{}ü\r\n", "0123456789 ".repeat(60));
    let head = format!("From: {ALICE}\r\nTo: {BOB}\r\nSubject: long\r\nMIME-Version: 1.0\r\n");
    let kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    let letter = head + kind + &line.repeat((20 << 20) / line.len());
    let mut alice = Smtp::connect(stage.sender.port, Some("alice"));
    let answer = alice.send(ALICE, BOB, letter.as_bytes());
    assert_eq!(answer.code, 250, "{answer:?}");
    let arrived = stage.receiver.wait_for(1, Duration::from_secs(120));
    assert!(arrived[0].len() > 20 << 20);
    assert_eq!(stage.look(&arrived[0]).0, Outcome::Good);
    assert!(fields(&arrived[0], "Authentication-Results")[0].contains("smime=pass"));
}
