//! Settings, as options of the command.

use std::process::Command;

use serde_json::Value;

pub(crate) struct Settings {
    /// Options of every verb that judges.
    pub(crate) world: Vec<String>,
    /// Keys and passwords that open.
    pub(crate) keys: Vec<String>,
    pub(crate) passwords: Vec<String>,
    /// Keys that sign, and the options of `sign` and `encrypt`.
    pub(crate) signers: Vec<String>,
    pub(crate) signing: Vec<String>,
    /// Options of `encrypt` alone.
    pub(crate) sealing: Vec<String>,
    /// What somebody says to a policy, and about whom it is asked.
    pub(crate) confirmed: Vec<String>,
    pub(crate) holds: bool,
    pub(crate) recipients: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let none = Vec::new;
        let world = vec!["--no-trust-folder".into()];
        let (keys, passwords, signers, signing, sealing) = (none(), none(), none(), none(), none());
        let (confirmed, recipients) = (none(), none());
        Self { world, keys, passwords, signers, signing, sealing, confirmed, holds: false, recipients }
    }
}

impl Settings {
    /// Whether the step is one. Files of the case begin with `out`.
    pub(crate) fn take(&mut self, name: &str, words: &[&str], out: &str) -> bool {
        match (name, words) {
            ("anchors", [file, scope]) => self.set(["--anchor", &format!("{file}={scope}")]),
            ("pin", [address, fingerprint]) => self.set(["--pin", &format!("{address}={fingerprint}")]),
            ("root", [fingerprint, amount]) => self.set(["--trust-root", &format!("{fingerprint}={amount}")]),
            ("email_roots", [scope]) => self.world.push(format!("--email-roots={scope}")),
            ("certificates", [file]) => self.set(["--cert", file]),
            ("revocations", [file]) => self.set(["--crl", file]),
            ("trusted_results", [name]) => self.set(["--trust-results", name]),
            ("trusted_hops", [lines]) => self.set(["--trusted-hops", lines]),
            ("memory", []) => self.set(["--memory", &format!("{out}.db")]),
            ("limit", [name, number]) => self.set(["--limit", &format!("{name}={number}")]),
            ("policy", [name]) => self.set(["--policy", name]),
            ("at", [seconds]) => self.set(["--at", &format!("@{seconds}")]),
            ("key", [file, password]) => {
                self.keys.extend(["--key".into(), (*file).into()]);
                self.passwords.push((*password).into());
            }
            ("password", [text]) => self.passwords.push((*text).into()),
            ("signer", [file, _]) => self.signers.push((*file).into()),
            ("encrypt_to", [file]) => self.sealing.extend(["--to".into(), (*file).into()]),
            ("cipher", [name]) => self.sealing.extend(["--cipher".into(), name.to_lowercase()]),
            ("header_confidentiality", [name]) => {
                self.sealing.extend(["--header-confidentiality".into(), (*name).into()]);
            }
            ("legacy_display", []) => self.sealing.push("--legacy-display".into()),
            ("triple_wrap", []) => self.sealing.push("--triple-wrap".into()),
            ("opaque", []) => self.signing.push("--opaque".into()),
            ("protect_headers", []) => {}
            ("reads", [names]) => self.signing.push(format!("--reads={}", names.to_lowercase())),
            ("autocrypt", [preference]) => self.signing.push(format!("--autocrypt={preference}")),
            ("no_protect_headers", []) => self.signing.push("--no-protect-headers".into()),
            ("confirm", [domain]) => self.confirmed.push((*domain).into()),
            ("hold", []) => self.holds = true,
            ("recipient", [address]) => self.recipients.push((*address).into()),
            ("allow_other_from", []) => self.signing.push("--allow-other-from".into()),
            _ => return false,
        }
        true
    }

    /// Makes a key that signs from here, and whose certificate is an anchor.
    pub(crate) fn new_key(&mut self, protocol: &str, address: &str, out: &str) {
        let words =
            ["key", "new", &format!("--{protocol}"), "--no-password", "--json", "--out", out, address];
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
        command.args(words).args((protocol == "smime").then_some("--self-signed"));
        let made: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let file = |name: &str| made["files"][name].as_str().unwrap().to_owned();
        self.take("signer", &[&file("key"), ""], out);
        self.take("anchors", &[&file("certificate"), "any"], out);
    }

    /// What somebody says to a policy.
    pub(crate) fn consent(&self) -> Vec<String> {
        let confirmed = self.confirmed.iter().flat_map(|domain| ["--confirm".to_owned(), domain.clone()]);
        confirmed.chain(self.holds.then(|| "--hold".to_owned())).collect()
    }

    /// Those options of verbs that judge that `sign` and `policy explain` have too.
    pub(crate) fn shared(&self) -> Vec<String> {
        let pairs =
            self.world.windows(2).filter(|two| ["--at", "--policy", "--memory"].contains(&two[0].as_str()));
        pairs.flatten().cloned().collect()
    }

    fn set(&mut self, option: [&str; 2]) {
        self.world.extend(option.map(Into::into));
    }
}
