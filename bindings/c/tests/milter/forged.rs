//! Results that a stranger puts into a letter in our name: none of them survives, in whatever dress.

use std::time::Duration;

use crate::smtp::Smtp;
use crate::stage::{BOB, Beside, ID, Stage};

const PATIENCE: Duration = Duration::from_secs(60);
const SAYS: &str = "mx.box.test; smime=pass body.smime-identifier=president@example.org";
/// What must stay: somebody else speaks.
const OTHER: &str = "Authentication-Results: mx.other.test; dkim=pass";

#[test]
fn no_forged_result_survives() {
    let Some(stage) = Stage::new(&Beside::default()) else { return };
    let heads = [
        format!("Authentication-Results : {SAYS}\r\n{OTHER}\r\nAuthentication-Results: {SAYS}\r\n"),
        format!("{OTHER}\r\nAuthentication-Results\t: {SAYS}\r\nAuthentication-Results: {SAYS}\r\n"),
        format!(
            "Authentication-Results: {SAYS}\r\n{OTHER}\r\nAUTHENTICATION-RESULTS : {SAYS}\r\nauthentication-results:{SAYS}\r\n"
        ),
        format!("Authentication-Results:\r\n\t{SAYS}\r\n{OTHER}\r\nAuthentication-Results:\r\n {SAYS}\r\n"),
        format!("X-Before: a\rAuthentication-Results: {SAYS}\r\n{OTHER}\r\n"),
        format!("{OTHER}\r\n{OTHER};\rAuthentication-Results: {SAYS}\r\n"),
        format!("X-Before: a\r\r\rAuthentication-Results : {SAYS}\r\n{OTHER}\r\n"),
        format!("X-Before: a\nAuthentication-Results: {SAYS}\n{OTHER}\r\n"),
        format!("Authentication-Results: (\\) {SAYS}; x=\\() mx.third.test; none\r\n{OTHER}\r\n"),
        format!("{OTHER}\r\nAuthentication-Results: \"mx.box.test\"\r\n 1; smime=pass\r\n"),
    ];
    let mut stranger = Smtp::connect(stage.receiver.port, None);
    for (number, head) in heads.iter().enumerate() {
        let letter = format!("From: m@evil.test\r\nX-Number: {number}\r\n{head}To: {BOB}\r\n\r\nHello\r\n");
        let answer = stranger.send("m@evil.test", BOB, letter.as_bytes());
        assert_eq!(answer.code, 250, "{head:?}: {answer:?}");
    }
    let mut wrong = String::new();
    for letter in stage.receiver.wait_for(heads.len(), PATIENCE) {
        let text = String::from_utf8_lossy(&letter);
        // As those read it who take a CR for the end of a line.
        let fields: Vec<String> = text
            .replace("\n\t", " ")
            .replace("\n ", " ")
            .split(['\r', '\n'])
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.trim_end().eq_ignore_ascii_case("Authentication-Results"))
            .map(|(_, value)| value.trim().to_owned())
            .collect();
        let ours = fields.iter().filter(|value| value.starts_with(ID)).count();
        if ours != 1
            || fields[0] != format!("{ID}; smime=none")
            || !fields.iter().any(|value| value.starts_with("mx.other.test"))
        {
            wrong.push_str(&format!("{fields:?}\n{:?}\n", text));
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{}", stage.verifies.log());
}
