//! Ending a call early, and seeing how far it is.
//!
//! - [`Cancel`]: any thread says it, every reader of the letter hears it.
//! - [`Watch`]: what comes with an input: its [`Cancel`], and who is told of progress.
//! - [`Watched`]: a reader that hears and tells.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::error::Error;

/// Ends calls early, from any thread. Clones are the same switch, and it stays on.
///
/// Given with an [`Input`](crate::Input), it is looked at before every piece that is read of the letter, and between
/// layers, signers, candidates and downloads: the call, and later ones that read what it opened, end soon with
/// [`Error::Cancelled`]. A read, a password, a key or a download that somebody else is busy with is waited for.
///
/// ```
/// use mailseal::{Cancel, Context, Error, Input, Opener, TrustStore};
/// let cancel = Cancel::new();
/// let letter = Input::pipe(std::io::repeat(b'x')).cancel(&cancel); // it never ends
/// let user = cancel.clone();
/// let other = std::thread::spawn(move || user.cancel());
/// let opener = Opener::new(&Context::new(TrustStore::new()));
/// let opened = opener.open(letter, std::time::SystemTime::now());
/// assert!(matches!(opened, Err(Error::Cancelled)));
/// # other.join().unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    on: AtomicBool,
    above: Option<Cancel>,
}

impl Cancel {
    /// A switch that is off.
    pub fn new() -> Self {
        Self::default()
    }

    /// A switch of its own that is on where this one is, too: for one of many calls that this one ends.
    ///
    /// ```
    /// use mailseal::Cancel;
    /// let all = Cancel::new();
    /// let (one, other) = (all.child(), all.child());
    /// one.cancel();
    /// assert!(one.is_cancelled() && !other.is_cancelled() && !all.is_cancelled());
    /// all.cancel();
    /// assert!(other.is_cancelled());
    /// ```
    pub fn child(&self) -> Self {
        Self(Arc::new(Switch { on: AtomicBool::new(false), above: Some(self.clone()) }))
    }

    /// Ends every call that was given this one, a clone or a child of it, now or later.
    pub fn cancel(&self) {
        self.0.on.store(true, Ordering::Release);
    }

    /// Whether somebody said so.
    pub fn is_cancelled(&self) -> bool {
        let mut switch = Some(self);
        while let Some(Self(held)) = switch {
            if held.on.load(Ordering::Acquire) {
                return true;
            }
            switch = held.above.as_ref();
        }
        false
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// What watches the reading of one letter.
#[derive(Clone, Default)]
pub(crate) struct Watch<'a> {
    cancel: Option<Cancel>,
    progress: Option<Arc<dyn Tell + 'a>>,
}

impl<'a> Watch<'a> {
    pub(super) fn set_cancel(&mut self, cancel: &Cancel) {
        self.cancel = Some(cancel.clone());
    }

    pub(super) fn set_progress(&mut self, tell: impl FnMut(u64, Option<u64>) + Send + 'a) {
        let (read, told) = (AtomicU64::new(0), AtomicU64::new(0));
        let total = AtomicU64::new(UNKNOWN);
        self.progress = Some(Arc::new(Progress { read, told, total, tell: Mutex::new(tell) }));
    }

    pub(crate) fn cancel(&self) -> Option<&Cancel> {
        self.cancel.as_ref()
    }

    /// What watches content that was taken out of the letter: its octets are not the letter's.
    pub(super) fn of_content(&self) -> Self {
        Self { cancel: self.cancel.clone(), progress: None }
    }

    /// True where there is nothing to hear and nobody to tell.
    pub(super) fn is_idle(&self) -> bool {
        self.cancel.is_none() && self.progress.is_none()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.cancel.as_ref().map_or(Ok(()), Cancel::check)
    }

    /// The length of the letter is known now.
    pub(super) fn total(&self, octets: u64) {
        if let Some(progress) = &self.progress {
            progress.total(octets);
        }
    }

    pub(super) fn read(&self, octets: usize) {
        if let Some(progress) = &self.progress {
            progress.read(u64::try_from(octets).unwrap_or(0));
        }
    }
}

/// A function that is told, and its counters, without the type of the function.
trait Tell: Send + Sync {
    fn total(&self, octets: u64);
    fn read(&self, octets: u64);
}

struct Progress<F> {
    read: AtomicU64,
    told: AtomicU64,
    total: AtomicU64,
    tell: Mutex<F>,
}

/// No letter has it.
const UNKNOWN: u64 = u64::MAX;

/// Octets between two reports: some hundred a second at most.
const STEP: u64 = 1 << 20;

impl<F: FnMut(u64, Option<u64>) + Send> Tell for Progress<F> {
    fn total(&self, octets: u64) {
        self.total.store(octets, Ordering::Relaxed);
        self.tell();
    }

    fn read(&self, octets: u64) {
        let read = self.read.fetch_add(octets, Ordering::Relaxed).saturating_add(octets);
        if read.saturating_sub(self.told.load(Ordering::Relaxed)) >= STEP {
            self.tell();
        }
    }
}

impl<F: FnMut(u64, Option<u64>)> Progress<F> {
    /// One report at a time; another one would say nothing new, and a function that reads the letter meets itself here.
    fn tell(&self) {
        let Ok(mut tell) = self.tell.try_lock() else { return };
        let read = self.read.load(Ordering::Relaxed);
        self.told.store(read, Ordering::Relaxed);
        let total = self.total.load(Ordering::Relaxed);
        tell(read, (total != UNKNOWN).then_some(total));
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

/// Octets that are read before somebody who cancels is heard.
const PIECE: usize = 64 << 10;

/// Reads in pieces, listens before and tells after each.
pub(super) struct Watched<'a, R> {
    pub(super) reader: R,
    pub(super) watch: Watch<'a>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.watch.check()?;
        let room = out.len().min(PIECE);
        let count = self.reader.read(out.get_mut(..room).unwrap_or_default())?;
        self.watch.read(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Watched<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.watch.check()?;
        let octets = self.reader.fill_buf()?;
        Ok(octets.get(..octets.len().min(PIECE)).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.watch.read(count);
    }
}
