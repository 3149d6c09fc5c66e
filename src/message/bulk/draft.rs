//! What a draft of many lacks, made so that it is the same each time.

use super::{Bulk, BulkDraft, BulkLetter};
use crate::crypto::sha256;
use crate::error::Error;
use crate::input::Input;
use crate::message::recipients;
use crate::mime::write::field;
use crate::mime::{FromHeader, Headers};

impl Bulk {
    /// The name of a letter, by its id.
    pub(super) fn name(&self, id: &str) -> String {
        let digest = sha256(&[self.run.as_bytes(), b"\0", id.as_bytes()].concat());
        let most = digest.get(..16).unwrap_or_default();
        most.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Signed, and with all that comes after that.
    pub(super) fn make(&self, draft: BulkDraft, name: String) -> Result<BulkLetter, Error> {
        let headers = Headers::new(&draft.octets);
        recipients::readable(&headers)?;
        let recipients = recipients::of(&headers);
        if recipients.is_empty() {
            return Err(Error::Refused("nobody is named in To, Cc or Bcc".into()));
        }
        let from = FromHeader::read(&headers);
        let from = from
            .sole()
            .cloned()
            .ok_or_else(|| Error::Refused("the draft has not exactly one readable From address".into()))?;
        let mut missing = Vec::new();
        if headers.count("Date") == 0 {
            missing.extend(field::date(self.at));
        }
        if headers.count("Message-ID") == 0 {
            missing.extend(format!("Message-ID: <{name}@{}>\r\n", from.domain()).into_bytes());
        }
        let octets = if missing.is_empty() { draft.octets } else { with(missing, &draft.octets) };
        let mut mail = Vec::with_capacity(octets.len().saturating_add(ROOM));
        let mut input = Input::memory(octets);
        if let Some(cancel) = &self.cancel {
            input = input.cancel(cancel);
        }
        self.composer.compose(input, self.at, &mut mail)?;
        let octets = self.then.iter().try_fold(mail, |mail, act| act(mail))?;
        Ok(BulkLetter { id: draft.id, name, sender: self.sender.clone().unwrap_or(from), recipients, octets })
    }
}

/// Room for a signature and its certificates.
const ROOM: usize = 8 << 10;

/// Fields before those that are there; what a mailbox file put in front stays in front.
fn with(mut fields: Vec<u8>, draft: &[u8]) -> Vec<u8> {
    let first =
        if draft.starts_with(b"From ") { memchr::memchr(b'\n', draft).map_or(0, |end| end + 1) } else { 0 };
    fields.extend_from_slice(draft.get(first..).unwrap_or_default());
    fields
}
