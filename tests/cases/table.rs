//! The table of cases, and what an answer to each has to be. Its form is in `README.md`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) features: Vec<String>,
    pub(crate) steps: Vec<Vec<String>>,
    pub(crate) expect: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) not_in: BTreeMap<String, String>,
}

/// The root of the repository, wherever the test that uses this stands.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|folder| folder.join("tests/cases/cases.json").is_file()).unwrap().to_owned()
}

pub(crate) fn cases() -> Vec<Case> {
    serde_json::from_slice(&fs::read(root().join("tests/cases/cases.json")).unwrap()).unwrap()
}

/// The cases for a driver, as it reads them.
pub(crate) fn lines(driver: &str) -> String {
    let mut lines = String::new();
    for case in cases().iter().filter(|case| !case.not_in.contains_key(driver)) {
        lines += &format!("case\t{}\n", case.name);
        for step in &case.steps {
            assert!(step.iter().all(|word| !word.contains(['\t', '\n'])), "{}", case.name);
            lines += &(step.join("\t") + "\n");
        }
        lines += "end\n";
    }
    lines
}

/// Runs a driver over the table, and compares.
pub(crate) fn run(driver: &str, command: &mut Command, folder: &Path) {
    let mut child = command
        .arg(folder)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{driver}: {error}"));
    let mut input = child.stdin.take().unwrap();
    let lines = lines(driver);
    let writing = std::thread::spawn(move || {
        let _ = input.write_all(lines.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success(), "{driver}: {}", output.status);
    compare(driver, &String::from_utf8(output.stdout).unwrap());
}

/// Every case is answered, in the order of the table, as it has to be.
pub(crate) fn compare(driver: &str, answers: &str) {
    let mut answers = answers.lines();
    let mut wrong = Vec::new();
    for case in cases() {
        if let Some(reason) = case.not_in.get(driver) {
            println!("not asked: {driver}: {}: {reason}", case.name);
            continue;
        }
        let Some(line) = answers.next() else {
            wrong.push(format!("{}: no answer", case.name));
            break;
        };
        match serde_json::from_str(line) {
            Ok(answer) => wrong.extend(case.departures(&answer)),
            Err(error) => wrong.push(format!("{}: {error}: {line}", case.name)),
        }
    }
    wrong.extend(answers.next().map(|line| format!("nobody asked: {line}")));
    assert!(wrong.is_empty(), "{driver}:\n{}", wrong.join("\n"));
}

impl Case {
    /// What of the answer is not as expected.
    fn departures(&self, answer: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut differs = |place: String, wanted: &Value, got: &Value| {
            if wanted != got {
                wrong.push(format!("{}: {place}: {got}, not {wanted}", self.name));
            }
        };
        for key in [
            "opened",
            "verified",
            "texts",
            "evidence",
            "results",
            "smime",
            "stamped",
            "checked",
            "sending",
            "diagnoses",
            "comparisons",
            "profiles",
            "unreachable",
            "groups",
            "plans",
            "preflights",
            "error",
        ] {
            let got = answer.get(key).filter(|got| got.as_array().is_none_or(|list| !list.is_empty()));
            let wanted = self.expect.get(key);
            let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
            match key {
                "opened" => {}
                "stamped" => {
                    let (wanted, got) = (list(wanted), list(got));
                    differs("letters stamped".into(), &wanted.len().into(), &got.len().into());
                    for (wanted, got) in wanted.iter().zip(&got) {
                        let letter = fs::read_to_string(root().join(got.as_str().unwrap())).unwrap();
                        let there = letter.starts_with(wanted.as_str().unwrap());
                        differs(
                            "stamped".into(),
                            wanted,
                            &if there { wanted.clone() } else { letter.into() },
                        );
                    }
                    continue;
                }
                "plans" | "sending" | "diagnoses" | "comparisons" | "profiles" | "preflights" => {
                    let (wanted, got) = (list(wanted), list(got));
                    differs(format!("how many {key}"), &wanted.len().into(), &got.len().into());
                    for (wanted, got) in wanted.iter().zip(&got) {
                        for (pointer, wanted) in wanted.as_object().unwrap() {
                            let got = got.pointer(pointer).unwrap_or(&Value::Null);
                            differs(format!("{key} {pointer}"), wanted, got);
                        }
                    }
                    continue;
                }
                "texts" | "evidence" | "results" => {
                    let (wanted, got) = (list(wanted), list(got));
                    differs(format!("how many {key}"), &wanted.len().into(), &got.len().into());
                    for (wanted, got) in wanted.iter().zip(&got) {
                        let there = got.as_str().unwrap_or_default().contains(wanted.as_str().unwrap());
                        differs(key.into(), wanted, if there { wanted } else { got });
                    }
                    continue;
                }
                _ => {
                    differs(key.into(), wanted.unwrap_or(&Value::Null), got.unwrap_or(&Value::Null));
                    continue;
                }
            }
            let (wanted, got) = (list(wanted), list(got));
            differs("letters opened".into(), &wanted.len().into(), &got.len().into());
            for (index, (wanted, got)) in wanted.iter().zip(&got).enumerate() {
                let got = got.as_object().unwrap();
                for (key, wanted) in wanted.as_object().unwrap() {
                    match key.as_str() {
                        "outcome" | "action" | "reasons" => {
                            differs(format!("opened {index} {key}"), wanted, &got[key])
                        }
                        // The command does not write all.
                        "payload" | "contains" if !got.contains_key("payload") => {}
                        "payload" => {
                            differs(format!("opened {index} payload"), wanted, &got[key].is_string().into());
                        }
                        "contains" => {
                            let path = got["payload"].as_str().map(|path| root().join(path));
                            let payload = path.map(|path| fs::read(path).unwrap()).unwrap_or_default();
                            let text = String::from_utf8_lossy(&payload);
                            let there = text.contains(wanted.as_str().unwrap());
                            differs(format!("opened {index}: what is in it"), &true.into(), &there.into());
                        }
                        "report" => {
                            for (pointer, wanted) in wanted.as_object().unwrap() {
                                let got = got["report"].pointer(pointer).unwrap_or(&Value::Null);
                                differs(format!("opened {index} {pointer}"), wanted, got);
                            }
                        }
                        other => panic!("{}: `{other}` is not known", self.name),
                    }
                }
            }
        }
        wrong
    }
}
