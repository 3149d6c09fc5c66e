//! The sending domain: what the DNS said is kept, and said again.

use super::malformed;
use super::manifest::Sending;
use super::record::EvidenceRecord;
use crate::error::Error;
use crate::limits::Limits;
use crate::message::{Opened, Opener};
use crate::time::UnixTime;

impl Sending {
    /// Whose word an opener trusts.
    pub(super) fn of(opener: &Opener) -> Self {
        let (trusted_hops, results) = opener.trusts();
        Self { trusted_hops, trusted_results: results.map(|name| name.as_str().to_owned()), dns: None }
    }

    /// One that trusts the same.
    pub(super) fn opener(&self, mut opener: Opener) -> Result<Opener, Error> {
        if let Some(name) = &self.trusted_results {
            let name = name.parse().map_err(|_| malformed(format!("no name of a server: {name:?}")))?;
            opener = opener.trusted_results(name);
        }
        Ok(match self.trusted_hops {
            Some(lines) => opener.trusted_hops(lines),
            None => opener,
        })
    }

    /// Looks at the sending domain again, by the answers of then.
    #[cfg(not(feature = "domain-auth"))]
    pub(super) fn add_to(&self, _: &mut Opened<'_>, _: &Limits) -> Result<(), Error> {
        match self.dns {
            Some(_) => Err(Error::misuse("what the DNS said needs the feature domain-auth")),
            None => Ok(()),
        }
    }
}

#[cfg(feature = "domain-auth")]
mod answers {
    use std::collections::HashMap;

    use super::super::manifest::{self, Arrival, Dns, Said};
    use super::*;
    use crate::outside::domain::{Answer, Connection, DnsError, DomainCheck, RecordKind, Resolver};

    impl EvidenceRecord<'_> {
        /// Checks SPF, DKIM, ARC and DMARC, as [`DomainCheck::add_to`] does, and keeps what the DNS said, which says
        /// something else when keys have changed. `asked` is when it is asked: now, also where the letter is judged as
        /// of another time.
        ///
        /// ```
        /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// # use mailseal::outside::domain::{DnsError, RecordKind, Resolver};
        /// # struct Zone;
        /// # impl Resolver for Zone {
        /// #     fn lookup(&self, name: &str, _: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        /// #         match name {
        /// #             "_dmarc.b.example" => Ok(vec![b"v=DMARC1; p=reject".to_vec()]),
        /// #             _ => Err(DnsError::NoSuchName),
        /// #         }
        /// #     }
        /// # }
        /// # let folder = tempfile::tempdir()?;
        /// # let path = folder.path().join("evidence.tar");
        /// use mailseal::outside::domain::{Connection, DomainCheck};
        /// use mailseal::outside::{EvidenceArchive, EvidenceRecord};
        /// use mailseal::report::DomainResult;
        /// use mailseal::{Context, Policy, TrustStore, UnixTime};
        /// let now = UnixTime::from_seconds(1_800_000_000);
        /// let letter = b"From: a@b.example\r\n\r\nHello\r\n";
        /// let mut record = EvidenceRecord::open(&Context::new(TrustStore::new()), letter, now)?;
        /// let connection = Connection::new("192.0.2.1".parse()?, "mail.b.example", "a@b.example");
        /// record.check_domain(&DomainCheck::new(Zone), Some(&connection), now)?;
        /// record.save(&Policy::standard(), &path)?;
        ///
        /// // Years later, without network.
        /// let report = EvidenceArchive::open(&path)?.check(&Policy::standard())?.report.unwrap();
        /// assert_eq!(report.domain.unwrap().dmarc.unwrap().result, DomainResult::Fail);
        /// # Ok(())
        /// # }
        /// ```
        pub fn check_domain(
            &mut self,
            check: &DomainCheck,
            connection: Option<&Connection>,
            asked: impl Into<UnixTime>,
        ) -> Result<(), Error> {
            let asked = asked.into();
            if UnixTime::read(&asked.to_string()) != Some(asked) {
                return Err(Error::misuse(format!("{asked} is no time of evidence")));
            }
            let answers = check.answers_to(&mut self.opened, connection)?;
            self.sending.dns = Some(Dns {
                asked: asked.to_string(),
                connection: connection.map(|one| Arrival {
                    client: one.client,
                    helo: one.helo.clone(),
                    mail_from: one.mail_from.clone(),
                }),
                answers: answers.into_iter().map(|(name, kind, answer)| said(name, kind, answer)).collect(),
            });
            Ok(())
        }
    }

    impl Sending {
        pub(in super::super) fn add_to(&self, opened: &mut Opened<'_>, limits: &Limits) -> Result<(), Error> {
            let Some(dns) = &self.dns else { return Ok(()) };
            let connection = dns.connection.as_ref();
            let connection = connection.map(|one| Connection::new(one.client, &*one.helo, &*one.mail_from));
            // As many as were asked then, whoever asked.
            let limits = limits.clone().dns_lookups(limits.dns_lookups.max(dns.answers.len()));
            let check = DomainCheck::new(Answers::of(dns)?).limits(limits);
            check.add_to(opened, connection.as_ref())
        }
    }

    /// Answers as the DNS did. What it was not asked then, nobody answers.
    struct Answers(HashMap<(String, RecordKind), Answer>);

    impl Answers {
        fn of(dns: &Dns) -> Result<Self, Error> {
            let answers = dns.answers.iter().map(|one| {
                let kind = RecordKind::ALL.into_iter().find(|kind| kind.as_str() == one.kind);
                let kind = kind.ok_or_else(|| malformed(format!("no kind of record: {:?}", one.kind)))?;
                let answer = match &one.answer {
                    manifest::Answer::NoSuchName => Err(DnsError::NoSuchName),
                    manifest::Answer::Temporary => Err(DnsError::Temporary),
                    manifest::Answer::Records(records) => {
                        Ok(records.iter().map(|text| octets(text)).collect::<Result<_, _>>()?)
                    }
                };
                Ok(((one.name.clone(), kind), answer))
            });
            answers.collect::<Result<_, _>>().map(Self)
        }
    }

    impl Resolver for Answers {
        fn lookup(&self, name: &str, kind: RecordKind) -> Answer {
            self.0.get(&(name.to_owned(), kind)).cloned().unwrap_or(Err(DnsError::Temporary))
        }
    }

    fn said(name: String, kind: RecordKind, answer: Answer) -> Said {
        let answer = match answer {
            Ok(records) => manifest::Answer::Records(records.iter().map(|record| text(record)).collect()),
            Err(DnsError::NoSuchName) => manifest::Answer::NoSuchName,
            Err(DnsError::Temporary) => manifest::Answer::Temporary,
        };
        Said { name, kind: kind.as_str().to_owned(), answer }
    }

    /// RFC 1035 §5.1
    fn text(record: &[u8]) -> String {
        let mut text = String::new();
        for octet in record {
            match octet {
                b'\\' => text.push_str("\\092"),
                b' '..=b'~' => text.push(char::from(*octet)),
                other => text.push_str(&format!("\\{other:03}")),
            }
        }
        text
    }

    fn octets(text: &str) -> Result<Vec<u8>, Error> {
        let mut octets = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            if *first != b'\\' {
                octets.push(*first);
                rest = after;
                continue;
            }
            let (digits, after) = after.split_at_checked(3).unwrap_or_default();
            let digits =
                std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|one| one.is_ascii_digit()));
            let octet = digits.and_then(|digits| digits.parse().ok());
            octets.push(octet.ok_or_else(|| malformed(format!("no record: {text:?}")))?);
            rest = after;
        }
        Ok(octets)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn any_octets_of_a_record_come_back() {
            let all: Vec<u8> = (0..=255).collect();
            assert_eq!(octets(&text(&all)).unwrap(), all);
            assert_eq!(text(b"v=spf1 \\ \xe9"), "v=spf1 \\092 \\233");
            for wrong in ["\\", "\\1", "\\256", "\\+01", "a\\x12"] {
                assert!(octets(wrong).is_err(), "{wrong}");
            }
        }
    }
}
