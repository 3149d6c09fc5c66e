//! SPF by the test suite of openspf.org for RFC 7208, which Debian has beside pyspf.

use std::net::IpAddr;
use std::path::Path;

use mailseal::outside::domain::{Connection, DnsError, DomainCheck, RecordKind, Resolver};
use mailseal::report::SpfIdentity;
use serde_json::Value;

use crate::now;
use crate::support::{Program, tool};

const SUITE: &str = "/usr/share/doc/python3-spf/rfc7208-tests.yml.gz";

/// The suite as JSON: of each name its records, as the suite means them.
const PROGRAM: &str = r#"
import gzip, json, sys, yaml
out = []
for scenario in yaml.safe_load_all(gzip.open(sys.argv[1])):
    if not scenario: continue
    zone = {}
    for name, entries in scenario["zonedata"].items():
        records, spf, own = [], [], False
        for entry in entries:
            if not isinstance(entry, dict):
                records.append(["*", str(entry)])
                continue
            for kind, value in entry.items():
                if kind in ("TXT", "SPF"):
                    texts = [value] if isinstance(value, str) else value
                    if kind == "TXT": own = True
                    if value == "NONE": continue
                    value = "".join(texts)
                    if kind == "SPF":
                        spf.append(["TXT", value]); continue
                if kind == "MX": value = "%s %s" % (value[0], value[1])
                records.append([kind, str(value)])
        zone[name.lower().rstrip(".")] = records if own else spf + records
    tests = [dict(name=name, helo=str(t["helo"]), host=str(t["host"]), mailfrom=str(t["mailfrom"]),
                  result=t["result"] if isinstance(t["result"], list) else [t["result"]])
             for name, t in scenario["tests"].items()]
    out.append(dict(zone=zone, tests=tests, description=scenario["description"]))
print(json.dumps(out))
"#;

struct Suite(Value);

impl Resolver for Suite {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        let mut name = name.to_owned();
        for _ in 0..2 {
            let Some(records) = self.0.get(&name).and_then(Value::as_array) else {
                return Err(if name.starts_with("error.") {
                    DnsError::Temporary
                } else {
                    DnsError::NoSuchName
                });
            };
            let of = |wanted: &str| {
                let same = |one: &&Value| one[0].as_str() == Some(wanted);
                records.iter().filter(same).map(|one| one[1].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let found = of(kind.as_str());
            if found.iter().any(|one| one == "TIMEOUT")
                || (found.is_empty() && of("*").contains(&"TIMEOUT".into()))
            {
                return Err(DnsError::Temporary);
            }
            match of("CNAME").first() {
                Some(other) if found.is_empty() => name = other.to_lowercase(),
                _ => return Ok(found.into_iter().map(String::into_bytes).collect()),
            }
        }
        Ok(Vec::new())
    }
}

#[test]
fn the_suite_of_openspf() {
    let Some(python) = tool("python3") else { return };
    // The packages of Debian belong to its own Python.
    let python = if Path::new("/usr/bin/python3").exists() { "/usr/bin/python3".into() } else { python };
    if !Path::new(SUITE).exists() {
        println!("skipped: no {SUITE} (python3-spf)");
        assert!(std::env::var_os("MAILSEAL_REQUIRE_TOOLS").is_none());
        return;
    }
    let text = Program::new(python).arg("-c").arg(PROGRAM).arg(SUITE).ok();
    let scenarios: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let (mut count, mut wrong) = (0, Vec::new());
    for scenario in &scenarios {
        for test in scenario["tests"].as_array().unwrap() {
            let text = |name: &str| test[name].as_str().unwrap();
            let client: IpAddr = text("host").parse().unwrap();
            let connection = Connection::new(client, text("helo"), text("mailfrom"));
            let check = DomainCheck::new(Suite(scenario["zone"].clone()));
            let evidence = check.check(b"From: a@b.example\r\n\r\n", Some(&connection), now()).unwrap();
            // With an empty envelope sender, HELO stands for it; a name that is none has no result.
            let wanted =
                if text("mailfrom").contains('@') { SpfIdentity::Mailfrom } else { SpfIdentity::Helo };
            let found = evidence
                .spf
                .iter()
                .find(|one| one.identity == wanted)
                .map_or("none", |one| one.result.as_str());
            count += 1;
            let right = test["result"].as_array().unwrap().iter().any(|one| one.as_str() == Some(found));
            if !right {
                wrong.push(format!("{}: {found}, not {}", text("name"), test["result"]));
            }
        }
    }
    println!("{count} cases of the suite, {} differ", wrong.len());
    assert!(count > 190 && wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
