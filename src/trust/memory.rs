//! Memory of correspondents: what was usual, so that what is not is seen; pins; look-alikes of whom one knows.
//!
//! - [`Memory`]: where it is kept. An address book of the caller's own can be one; a file is in
//!   [`outside`](crate::outside).
//! - [`Correspondent`]: what is remembered of one address. [`Correspondent::after`] says how a letter changes it.
//! - [`Lesson`]: what one letter teaches. Nothing is learned by opening a letter.
//!
//! First use is never trust: what is remembered makes findings, which lower an outcome or leave it. Only a pin, which
//! the caller sets, is trust.

mod alike;
mod correspondent;
mod findings;
mod lesson;
mod pins;
mod text;

pub use correspondent::{Correspondent, KnownSigner, Pin};
pub(crate) use findings::note;
pub use lesson::{Lesson, Proof, SeenSigner};
pub(crate) use pins::believe;

use crate::error::Error;
use crate::mime::Address;
use crate::time::UnixTime;

/// Where correspondents are remembered.
///
/// It only keeps and finds: what a letter changes is decided by [`Correspondent::after`], what is worth a word by the
/// library. So everything that implements it behaves alike.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use mailseal::mime::Address;
/// use mailseal::trust::{Correspondent, Lesson, Memory};
/// use mailseal::{Context, Error, Opener, TrustStore};
///
/// /// Remembers for as long as the program runs.
/// #[derive(Default)]
/// struct Notebook(Mutex<HashMap<String, Correspondent>>);
///
/// impl Memory for Notebook {
///     fn recall(&self, address: &Address) -> Result<Option<Correspondent>, Error> {
///         Ok(self.0.lock().unwrap().get(&Correspondent::key(address)).cloned())
///     }
///     fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error> {
///         let known = self.0.lock().unwrap();
///         let has = |one: &&Correspondent| one.marks().iter().any(|mark| marks.contains(mark));
///         Ok(known.values().filter(has).take(most).cloned().collect())
///     }
///     fn learn(&self, lesson: &Lesson) -> Result<(), Error> {
///         let mut known = self.0.lock().unwrap();
///         let key = Correspondent::key(&lesson.address);
///         let before = known.remove(&key);
///         known.insert(key, Correspondent::after(before, lesson));
///         Ok(())
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// # use mailseal::Scope;
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let anchors = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let letter = include_bytes!("../../examples/letters/openssl.eml");
/// let notebook = std::sync::Arc::new(Notebook::default());
/// let cx = Context::new(TrustStore::new().anchors(anchors, Scope::any())?).memory(notebook.clone());
/// let opened = Opener::new(&cx).open(letter, at)?;
/// assert!(opened.report.findings.iter().any(|finding| finding.code.as_str() == "first_letter"));
/// opened.remember(&*notebook)?;
/// let again = Opener::new(&cx).open(letter, at)?;
/// assert!(!again.report.findings.iter().any(|finding| finding.code.as_str() == "first_letter"));
/// # }
/// # Ok(())
/// # }
/// ```
pub trait Memory: Send + Sync {
    /// What is remembered under [`Correspondent::key`] of an address.
    fn recall(&self, address: &Address) -> Result<Option<Correspondent>, Error>;

    /// Those that have one of these as one of their [`marks`](Correspondent::marks); no more than `most`, those with
    /// pins first. An index by marks keeps this cheap: a letter asks twice, for some dozen marks.
    fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error>;

    /// Puts [`Correspondent::after`] the lesson in the place of what was remembered, at once or not at all.
    fn learn(&self, lesson: &Lesson) -> Result<(), Error>;

    /// Whether [`learn_domain`](Self::learn_domain) was called for this domain, as it stands in an
    /// [`Address`]. Nothing that comes in makes a domain known. A memory that does not keep domains knows none.
    fn knows_domain(&self, _domain: &str) -> Result<bool, Error> {
        Ok(false)
    }

    /// Somebody said yes to a first letter to this domain, and it was composed.
    fn learn_domain(&self, _domain: &str, _at: UnixTime) -> Result<(), Error> {
        Ok(())
    }
}

/// Shared by a context and the program that teaches it.
impl<M: Memory + ?Sized> Memory for std::sync::Arc<M> {
    fn recall(&self, address: &Address) -> Result<Option<Correspondent>, Error> {
        (**self).recall(address)
    }

    fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error> {
        (**self).alike(marks, most)
    }

    fn learn(&self, lesson: &Lesson) -> Result<(), Error> {
        (**self).learn(lesson)
    }

    fn knows_domain(&self, domain: &str) -> Result<bool, Error> {
        (**self).knows_domain(domain)
    }

    fn learn_domain(&self, domain: &str, at: UnixTime) -> Result<(), Error> {
        (**self).learn_domain(domain, at)
    }
}

#[cfg(test)]
mod tests;
