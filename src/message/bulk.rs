//! Many letters by one composer: each signed and delivered once, by several threads, and noted so that a run that was
//! ended can go on.
//!
//! - [`Bulk`]: the recipe; [`Bulk::run`] takes [`BulkDraft`]s and gives a [`BulkTally`].
//! - [`Delivery`]: where letters go. [`Journal`]: what was done, over the end of the process.
//!
//! ```text
//!  drafts ─► journal.look ─► sign ─► then ─► delivery.stage ─► journal.begin ─► delivery.deliver ─► journal.done
//!            known: passed over                                 └ killed here: delivery.arrived is asked next time
//! ```

mod draft;
mod run;
#[cfg(test)]
mod tests;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::error::Error;
use crate::input::Cancel;
use crate::message::Composer;
use crate::mime::Address;
use crate::time::UnixTime;

/// A recipe for many letters: set up once, then unchanging.
///
/// It reads no clock, no file and no network: drafts, [`Journal`] and [`Delivery`] are the caller's. `outside` has
/// those over files and mail servers. At any moment it holds one letter for each thread.
///
/// Where a service is on the way, ask `doctor::preflight` first.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
/// use std::sync::Mutex;
/// use mailseal::{Bulk, BulkDraft, BulkLetter, Composer, Context, Delivery, DeliveryError, TrustStore};
///
/// #[derive(Default)]
/// struct Outbox(Mutex<Vec<BulkLetter>>);
/// impl Delivery for Outbox {
///     fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
///         self.0.lock().unwrap().push(letter.clone());
///         Ok(())
///     }
/// }
///
/// let drafts = ["bob", "carol"].map(|name| {
///     let draft = format!("From: alice@example.org\r\nTo: {name}@example.org\r\nSubject: News\r\n\r\nDear {name}!\r\n");
///     Ok(BulkDraft { id: name.into(), octets: draft.into() })
/// });
/// let composer = Composer::new(&Context::new(TrustStore::new())).sign(&key);
/// let outbox = Outbox::default();
/// let tally = Bulk::new(&composer, "run 41", at).run(drafts, &(), &outbox, |_| ())?;
/// assert_eq!((tally.delivered, outbox.0.into_inner()?.len()), (2, 2));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Bulk {
    composer: Composer,
    run: String,
    at: UnixTime,
    jobs: NonZeroUsize,
    sender: Option<Address>,
    then: Vec<Arc<Then>>,
    cancel: Option<Cancel>,
}

/// What is done with a letter after it was signed.
type Then = dyn Fn(Vec<u8>) -> Result<Vec<u8>, Error> + Send + Sync;

impl Bulk {
    /// Letters of this run, all signed as of `at`. The same run, letter and time give the same Message-ID and Date, where
    /// the draft has none: who resumes a run gives what it began with.
    pub fn new(composer: &Composer, run: impl Into<String>, at: impl Into<UnixTime>) -> Self {
        Self {
            composer: composer.clone(),
            run: run.into(),
            at: at.into(),
            jobs: NonZeroUsize::MIN,
            sender: None,
            then: Vec::new(),
            cancel: None,
        }
    }

    /// The same for another run, or for one that is resumed.
    #[must_use]
    pub fn for_run(mut self, run: impl Into<String>, at: impl Into<UnixTime>) -> Self {
        (self.run, self.at) = (run.into(), at.into());
        self
    }

    /// Signs and delivers by so many threads. One, unless said.
    #[must_use]
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = jobs;
        self
    }

    /// Failures come back to this address (the reverse-path of RFC 5321 §4.1.1.2), not to From.
    #[must_use]
    pub fn sender(mut self, address: Address) -> Self {
        self.sender = Some(address);
        self
    }

    /// Does this with each letter after it was signed: DKIM, a header field of the service. What is signed must stay
    /// as it is. An error of kind [`Error::Refused`] leaves that letter out, any other one ends the run.
    ///
    /// ```
    /// # use mailseal::{Bulk, Composer, Context, TrustStore, UnixTime};
    /// # let composer = Composer::new(&Context::new(TrustStore::new()));
    /// # let at = UnixTime::from_seconds(1_800_000_000);
    /// let bulk = Bulk::new(&composer, "run 41", at).then(|letter| Ok([&b"X-Campaign: 41\r\n"[..], &letter].concat()));
    /// # let _ = bulk;
    /// ```
    #[must_use]
    pub fn then(mut self, act: impl Fn(Vec<u8>) -> Result<Vec<u8>, Error> + Send + Sync + 'static) -> Self {
        self.then.push(Arc::new(act));
        self
    }

    /// Ends the run when somebody says so; letters that were begun are brought to their end.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = Some(cancel.clone());
        self
    }
}

impl fmt::Debug for Bulk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { composer, run, at, jobs, sender, then, cancel: _ } = self;
        let mut shown = f.debug_struct("Bulk");
        shown.field("composer", composer).field("run", run).field("at", at).field("jobs", jobs);
        shown.field("sender", sender).field("then", &then.len()).finish_non_exhaustive()
    }
}

/// A finished letter that is not signed, one of many. Whom it goes to stands in its To, Cc and Bcc.
///
/// ```
/// use mailseal::BulkDraft;
/// let octets = b"From: news@example.org\r\nTo: bob@example.org\r\nSubject: News\r\n\r\nHello\r\n".to_vec();
/// let draft = BulkDraft { id: "bob@example.org".into(), octets };
/// # let _ = draft;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkDraft {
    /// What tells it from the others of its run; the same each time the run is resumed.
    pub id: String,
    /// RFC 5322, from any mail builder. Date and Message-ID are added where they are missing.
    pub octets: Vec<u8>,
}

/// A letter that was signed, one of many.
///
/// ```
/// use mailseal::{BulkLetter, Delivery, DeliveryError};
/// struct Shown;
/// impl Delivery for Shown {
///     fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
///         println!("{} from {} to {:?}: {} octets", letter.id, letter.sender, letter.recipients, letter.octets.len());
///         Ok(())
///     }
/// }
/// # let _ = Shown;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkLetter {
    /// As its draft has it.
    pub id: String,
    /// Letters and digits, made of the run and the id: the same each time, and of no other letter. It is in the
    /// Message-ID where the draft had none, and serves as the name of a file.
    pub name: String,
    /// To whom failures are told.
    pub sender: Address,
    /// Whom it goes to, each once.
    pub recipients: Vec<Address>,
    /// The letter.
    pub octets: Vec<u8>,
}

/// Where letters go. Called by all threads of [`Bulk::run`].
///
/// Exactly once takes a place that can be asked: [`arrived`](Self::arrived). One that cannot, such as a mail server,
/// may get the letter twice whose answer was lost (RFC 1047), with the same Message-ID.
///
/// ```
/// use std::path::PathBuf;
/// use mailseal::{BulkLetter, Delivery, DeliveryError};
/// struct Folder(PathBuf);
/// impl Delivery for Folder {
///     fn arrived(&self, name: &str, _begun: bool) -> Result<bool, DeliveryError> {
///         Ok(self.0.join(name).exists())
///     }
///     fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
///         let away = |error: std::io::Error| DeliveryError::Away(error.to_string());
///         let unfinished = self.0.join(format!("{}.tmp", letter.name));
///         std::fs::write(&unfinished, &letter.octets).map_err(away)?;
///         std::fs::rename(&unfinished, self.0.join(&letter.name)).map_err(away)
///     }
/// }
/// # let _ = Folder(PathBuf::new());
/// ```
pub trait Delivery: Sync {
    /// Whether this letter is there from an earlier run. `begun`: its delivery was begun, and no end of it was noted.
    fn arrived(&self, name: &str, begun: bool) -> Result<bool, DeliveryError> {
        let _ = (name, begun);
        Ok(false)
    }

    /// Brings it near, before the journal says that its delivery is begun.
    fn stage(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        let _ = letter;
        Ok(())
    }

    /// Takes it. Where it says so, the letter is no longer anybody else's to keep.
    fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError>;
}

/// Why a letter was not taken.
///
/// ```
/// use mailseal::DeliveryError;
/// assert_eq!(DeliveryError::Refused("550 no such user".into()).to_string(), "550 no such user");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// Not now; whether it arrived may be unknown. Tried again when the run is resumed.
    #[error("{0}")]
    Deferred(String),
    /// Never: tried no more.
    #[error("{0}")]
    Refused(String),
    /// Nothing can be delivered there now. Ends the run.
    #[error("{0}")]
    Away(String),
}

/// What was done with the letters of a run, over the end of the process. Called by all threads of [`Bulk::run`].
///
/// `()` is one that remembers nothing: for runs that need not be resumed.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use mailseal::{Error, Journal, Noted};
/// /// In memory, and gone with it.
/// #[derive(Default)]
/// struct Notes(Mutex<HashMap<String, Noted>>);
/// impl Journal for Notes {
///     fn look(&self, id: &str, _digest: &[u8; 32]) -> Result<Noted, Error> {
///         Ok(self.0.lock().unwrap().get(id).copied().unwrap_or_default())
///     }
///     fn note(&self, id: &str, _digest: &[u8; 32], noted: Noted, _why: &str) -> Result<(), Error> {
///         self.0.lock().unwrap().insert(id.into(), noted);
///         Ok(())
///     }
/// }
/// ```
pub trait Journal: Sync {
    /// What is noted of a letter. Refuses one that stood there with other octets, by the SHA-256 of its draft, and
    /// one that it was asked about before in this run: two letters would be taken for one.
    fn look(&self, id: &str, digest: &[u8; 32]) -> Result<Noted, Error>;

    /// Notes it, so that the end of the process does not take it away. `why` is for people.
    fn note(&self, id: &str, digest: &[u8; 32], noted: Noted, why: &str) -> Result<(), Error>;
}

impl Journal for () {
    fn look(&self, _: &str, _: &[u8; 32]) -> Result<Noted, Error> {
        Ok(Noted::Nothing)
    }

    fn note(&self, _: &str, _: &[u8; 32], _: Noted, _: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// What a [`Journal`] knows of a letter.
///
/// ```
/// assert_eq!(mailseal::Noted::default(), mailseal::Noted::Nothing);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Noted {
    /// It was not begun.
    #[default]
    Nothing,
    /// Its delivery was begun; it may have arrived.
    Begun,
    /// It was delivered.
    Done,
    /// It was refused for good.
    Refused,
}

/// What became of one letter.
///
/// ```
/// use mailseal::{Became, Handled};
/// fn tell(handled: &Handled) {
///     if let Became::Refused(why) | Became::Deferred(why) | Became::Unsigned(why) = &handled.became {
///         eprintln!("{}: {why}", handled.id);
///     }
/// }
/// # let _ = tell;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handled {
    /// As its draft has it.
    pub id: String,
    /// What became of it.
    pub became: Became,
}

/// See [`Handled`].
///
/// ```
/// assert!(mailseal::Became::Delivered.is_there() && !mailseal::Became::Deferred("later".into()).is_there());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Became {
    /// It was delivered now.
    Delivered,
    /// An earlier run delivered it.
    Before,
    /// It was refused now, for good.
    Refused(String),
    /// An earlier run was told so.
    RefusedBefore,
    /// It was not taken now.
    Deferred(String),
    /// It is not a letter that can be signed; nothing is noted of it.
    Unsigned(String),
}

impl Became {
    /// Whether it is where it shall be.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::Delivered | Self::Before)
    }
}

/// How many letters became what.
///
/// ```
/// assert!(mailseal::BulkTally::default().is_complete());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct BulkTally {
    /// Delivered now.
    pub delivered: u64,
    /// Delivered by an earlier run.
    pub before: u64,
    /// Refused for good, now or in an earlier run.
    pub refused: u64,
    /// Not taken now; the run should be resumed.
    pub deferred: u64,
    /// Not signed.
    pub unsigned: u64,
}

impl BulkTally {
    /// Whether every letter is where it shall be.
    pub fn is_complete(&self) -> bool {
        self.refused == 0 && self.deferred == 0 && self.unsigned == 0
    }

    /// How many letters were looked at.
    pub fn all(&self) -> u64 {
        [self.delivered, self.before, self.refused, self.deferred, self.unsigned].iter().sum()
    }

    fn count(&mut self, became: &Became) {
        *match became {
            Became::Delivered => &mut self.delivered,
            Became::Before => &mut self.before,
            Became::Refused(_) | Became::RefusedBefore => &mut self.refused,
            Became::Deferred(_) => &mut self.deferred,
            Became::Unsigned(_) => &mut self.unsigned,
        } += 1;
    }
}
