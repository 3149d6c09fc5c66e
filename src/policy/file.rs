//! A policy as people write it into a file. The format, by example: `docs/policy.md`.
//!
//! - [`Policy::from_toml`]: all of a file, or an error with its line. Nothing that is not understood is passed over: a rule
//!   with a slip of the pen would be no rule.

mod reader;

use std::collections::BTreeMap;

use toml_edit::{Document, TableLike};

use crate::error::Error;
use crate::policy::{
    Action, Algorithms, Believed, Expectation, IncomingRule, Outcome, Party, Policy, Requirement, Sending,
    SendingRule,
};
use crate::report::{Assurance, Protocol};
use crate::time::UnixTime;

use reader::{Entry, Reader};

const KEYS: &[&str] = &["preset", "own", "lists", "exception", "sending", "incoming"];
const SENDING: &[&str] = &[
    "from",
    "to",
    "except",
    "sign",
    "encrypt",
    "sign_with",
    "encrypt_with",
    "ask_new_domain",
    "hold",
    "refuse",
    "reason",
];
const ENCRYPT_WITH: &[&str] = &["protocol", "cipher", "certificate"];
const INCOMING: &[&str] =
    &["from", "except", "outcome", "assurance", "trust", "encrypted", "otherwise", "reason"];
const EXCEPTION: &[&str] = &["algorithm", "bits", "until", "reason"];

/// A key, and what takes those it names.
type Whom<R> = (&'static str, fn(R, Party) -> R);
/// A name, and the policy of that name.
type Preset = (&'static str, fn() -> Policy);

const PRESETS: &[Preset] = &[
    ("standard", Policy::standard),
    ("standard-2026-11", Policy::standard),
    ("strict", Policy::strict),
    ("strict-2026-11", Policy::strict),
];
const OUTCOMES: &[(&str, Outcome)] =
    &[("good", Outcome::Good), ("caution", Outcome::Caution), ("none", Outcome::None)];
const ASSURANCES: &[(&str, Assurance)] = &[
    ("mailbox", Assurance::Mailbox),
    ("individual", Assurance::Individual),
    ("sponsor", Assurance::Sponsor),
    ("organization", Assurance::Organization),
];
const OTHERWISE: &[(&str, Action)] =
    &[("caution", Action::Pass), ("hold", Action::Hold), ("refuse", Action::Refuse)];
const PROTOCOLS: &[(&str, Protocol)] = &[("smime", Protocol::Smime), ("openpgp", Protocol::Openpgp)];
const ALGORITHMS: &[(&str, bool)] = &[("sha1", true), ("rsa", false)];

impl Policy {
    /// Reads a policy that was written into a file; `name` is what the file is called in errors and reasons.
    /// [`Error::Malformed`] says in which line something is not understood, and what may have been meant: then there is no
    /// policy, and whoever was told to use it stops.
    ///
    /// ```
    /// # fn main() -> Result<(), mailseal::Error> {
    /// use mailseal::Policy;
    /// let text = "preset = \"standard\"\n\n[[sending]]\nto = \"*@partner.example\"\nencrypt = true\n";
    /// let policy = Policy::from_toml(text, "policy.toml")?;
    /// let bob = policy.sending().decide(None, &"bob@partner.example".parse()?);
    /// assert_eq!(bob.demands[0].rule, "policy.toml:5");
    ///
    /// let wrong = Policy::from_toml(&text.replace("encrypt", "encrpyt"), "policy.toml").unwrap_err();
    /// assert!(wrong.to_string().ends_with(
    ///     "policy.toml:5: unknown key \"encrpyt\" in [[sending]]; did you mean \"encrypt\"?"
    /// ));
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_toml(text: &str, name: &str) -> Result<Self, Error> {
        let document = Document::parse(text).map_err(|error| {
            let at = Reader { text, name };
            at.wrong(error.span(), error.message())
        })?;
        File { reader: Reader { text, name }, own: Vec::new(), lists: BTreeMap::new() }
            .read(document.as_table())
    }
}

/// A file on its way to a policy.
struct File<'t> {
    reader: Reader<'t>,
    own: Vec<Party>,
    lists: BTreeMap<String, Vec<Party>>,
}

impl File<'_> {
    fn read(mut self, root: &dyn TableLike) -> Result<Policy, Error> {
        self.reader.known(root, KEYS, "a policy")?;
        let mut policy = match self.reader.entry(root, "preset") {
            Some(entry) => (entry.one_of(PRESETS)?)(),
            None => Policy::standard(),
        };
        let name = format!("{}+{}", policy.name(), self.reader.name);
        if let Some(entry) = self.reader.entry(root, "own") {
            self.own = entry.texts()?.into_iter().map(|one| one.parsed()).collect::<Result<_, _>>()?;
        }
        if let Some(entry) = self.reader.entry(root, "lists") {
            self.lists(entry.table()?)?;
        }
        let mut algorithms = policy.algorithms().clone();
        for table in self.reader.tables(root, "exception")? {
            algorithms = self.exception(algorithms, table)?;
        }
        policy = policy.with_algorithms(algorithms);
        let mut sending = Sending::new();
        for table in self.reader.tables(root, "sending")? {
            sending = sending.rule(self.sending(table)?);
        }
        for table in self.reader.tables(root, "incoming")? {
            policy = policy.incoming(self.incoming(table)?);
        }
        Ok(policy.with_sending(sending).named(name))
    }

    fn lists(&mut self, lists: &dyn TableLike) -> Result<(), Error> {
        for (name, _) in lists.iter() {
            let Some(entry) = self.reader.entry(lists, name) else { continue };
            if ["any", "outside"].contains(&name) || name.contains('@') {
                return Err(entry.wrong_key(&format!("a list cannot be called \"{name}\"")));
            }
            let parties = entry.texts()?.into_iter().map(|one| one.parsed()).collect::<Result<_, _>>()?;
            self.lists.insert(name.to_owned(), parties);
        }
        Ok(())
    }

    /// Those that a text, or an array of texts, names.
    fn parties(&self, entry: &Entry<'_>) -> Result<Vec<Party>, Error> {
        let mut parties = Vec::new();
        for one in entry.texts()? {
            let name = one.text()?;
            if let Some(list) = self.lists.get(name) {
                parties.extend(list.iter().cloned());
            } else if name == "outside" {
                let outside = Party::outside(self.own.iter().cloned());
                parties.push(outside.map_err(|_| {
                    one.wrong("\"outside\" needs `own`: which addresses are yours, own = [\"*@example.org\"]")
                })?);
            } else if let Some(meant) = reader::meant(name, self.lists.keys().map(String::as_str)) {
                return Err(one.wrong(&format!("there is no list \"{name}\"; did you mean \"{meant}\"?")));
            } else {
                parties.push(one.parsed()?);
            }
        }
        Ok(parties)
    }

    fn sending(&self, table: &dyn TableLike) -> Result<SendingRule, Error> {
        const KIND: &str = "[[sending]]";
        let reader = &self.reader;
        reader.known(table, SENDING, KIND)?;
        let mut rule = SendingRule::new(reader.place(table));
        let whom: [Whom<SendingRule>; 3] =
            [("from", SendingRule::from), ("to", SendingRule::to), ("except", SendingRule::except)];
        for (key, with) in whom {
            if let Some(entry) = reader.entry(table, key) {
                rule = self.parties(&entry)?.into_iter().fold(rule, with);
            }
        }
        for (key, requirement) in [
            ("refuse", Requirement::Refuse),
            ("hold", Requirement::Hold),
            ("ask_new_domain", Requirement::Ask),
            ("sign", Requirement::Sign),
            ("encrypt", Requirement::Encrypt),
        ] {
            if let Some(entry) = reader.entry(table, key) {
                entry.yes()?;
                rule = rule.require_by(entry.place(), requirement);
            }
        }
        if let Some(entry) = reader.entry(table, "sign_with") {
            let names = entry.texts()?.iter().map(Entry::key_name).collect::<Result<_, _>>()?;
            rule = rule.require_by(entry.place(), Requirement::SignWith(names));
        }
        if let Some(entry) = reader.entry(table, "encrypt_with") {
            rule = self.encrypt_with(rule, entry.table()?)?;
        }
        if let Some(entry) = reader.entry(table, "reason") {
            rule = rule.because(entry.text()?);
        }
        match rule.asks_nothing() {
            true => Err(reader.wrong_table(
                table,
                "the rule asks nothing: sign, encrypt, sign_with, encrypt_with, \
                                                   ask_new_domain, hold or refuse",
            )),
            false => Ok(rule),
        }
    }

    fn encrypt_with(&self, mut rule: SendingRule, table: &dyn TableLike) -> Result<SendingRule, Error> {
        let reader = &self.reader;
        reader.known(table, ENCRYPT_WITH, "encrypt_with")?;
        if let Some(entry) = reader.entry(table, "protocol") {
            let protocols =
                entry.texts()?.iter().map(|one| one.one_of(PROTOCOLS)).collect::<Result<_, _>>()?;
            rule = rule.require_by(entry.place(), Requirement::Protocols(protocols));
        }
        if let Some(entry) = reader.entry(table, "cipher") {
            let ciphers = entry.texts()?.iter().map(Entry::cipher).collect::<Result<_, _>>()?;
            rule = rule.require_by(entry.place(), Requirement::Ciphers(ciphers));
        }
        if let Some(entry) = reader.entry(table, "certificate") {
            let all = entry.texts()?.iter().map(Entry::fingerprint).collect::<Result<_, _>>()?;
            rule = rule.require_by(entry.place(), Requirement::Certificates(all));
        }
        Ok(rule)
    }

    fn incoming(&self, table: &dyn TableLike) -> Result<IncomingRule, Error> {
        const KIND: &str = "[[incoming]]";
        let reader = &self.reader;
        reader.known(table, INCOMING, KIND)?;
        let mut rule = IncomingRule::new(reader.place(table));
        let whom: [Whom<IncomingRule>; 2] = [("from", IncomingRule::from), ("except", IncomingRule::except)];
        for (key, with) in whom {
            if let Some(entry) = reader.entry(table, key) {
                rule = self.parties(&entry)?.into_iter().fold(rule, with);
            }
        }
        if let Some(entry) = reader.entry(table, "outcome") {
            rule = rule.expect_by(entry.place(), Expectation::Outcome(entry.one_of(OUTCOMES)?));
        }
        if let Some(entry) = reader.entry(table, "assurance") {
            rule = rule.expect_by(entry.place(), Expectation::Assurance(entry.one_of(ASSURANCES)?));
        }
        if let Some(entry) = reader.entry(table, "trust") {
            let reasons =
                entry.texts()?.iter().map(|one| one.one_of(Believed::WORDS)).collect::<Result<_, _>>()?;
            rule = rule.expect_by(entry.place(), Expectation::Trust(reasons));
        }
        if let Some(entry) = reader.entry(table, "encrypted") {
            entry.yes()?;
            rule = rule.expect_by(entry.place(), Expectation::Encrypted);
        }
        if let Some(entry) = reader.entry(table, "otherwise") {
            rule = rule.otherwise(entry.one_of(OTHERWISE)?);
        }
        if let Some(entry) = reader.entry(table, "reason") {
            rule = rule.because(entry.text()?);
        }
        match rule.expects_nothing() {
            true => Err(reader
                .wrong_table(table, "the rule requires nothing: outcome, assurance, trust or encrypted")),
            false => Ok(rule),
        }
    }

    fn exception(&self, algorithms: Algorithms, table: &dyn TableLike) -> Result<Algorithms, Error> {
        let reader = &self.reader;
        reader.known(table, EXCEPTION, "[[exception]]")?;
        let need = |key: &str| {
            let missing = || reader.wrong_table(table, &format!("the exception needs `{key}`"));
            reader.entry(table, key).ok_or_else(missing)
        };
        let is_sha1 = need("algorithm")?.one_of(ALGORITHMS)?;
        let until: UnixTime = need("until")?.last_second()?;
        match (is_sha1, reader.entry(table, "bits")) {
            (true, None) => Ok(algorithms.insecurely_allow_sha1_until(until)),
            (true, Some(bits)) => Err(bits.wrong_key("SHA-1 has no `bits`")),
            (false, _) => Ok(algorithms.insecurely_allow_rsa_until(need("bits")?.bits()?, until)),
        }
    }
}

#[cfg(test)]
mod tests;
