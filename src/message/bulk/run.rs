//! One letter after the other, by several threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::{Became, Bulk, BulkDraft, BulkTally, Delivery, DeliveryError, Handled, Journal, Noted};
use crate::crypto::sha256;
use crate::error::Error;

impl Bulk {
    /// Signs and delivers all letters, in no certain order. `told` learns what became of each, one after the other.
    ///
    /// An error ends the run: of the drafts, the journal, a key that is away, a place that takes nothing
    /// ([`DeliveryError::Away`]). What was done by then is noted. A letter that cannot be signed or is not taken ends
    /// nothing.
    pub fn run<D>(
        &self,
        drafts: D,
        journal: &dyn Journal,
        delivery: &dyn Delivery,
        told: impl FnMut(&Handled) + Send,
    ) -> Result<BulkTally, Error>
    where
        D: IntoIterator<Item = Result<BulkDraft, Error>>,
        D::IntoIter: Send,
    {
        let run = Run {
            bulk: self,
            drafts: Mutex::new(drafts.into_iter().fuse()),
            journal,
            delivery,
            told: Mutex::new((BulkTally::default(), told)),
            ended: AtomicBool::new(false),
            error: Mutex::new(None),
        };
        thread::scope(|scope| {
            for _ in 1..self.jobs.get() {
                scope.spawn(|| run.work());
            }
            run.work();
        });
        match run.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(run.told.into_inner().unwrap_or_else(PoisonError::into_inner).0),
        }
    }
}

struct Run<'r, D, T> {
    bulk: &'r Bulk,
    drafts: Mutex<D>,
    journal: &'r dyn Journal,
    delivery: &'r dyn Delivery,
    told: Mutex<(BulkTally, T)>,
    ended: AtomicBool,
    error: Mutex<Option<Error>>,
}

impl<D, T> Run<'_, D, T>
where
    D: Iterator<Item = Result<BulkDraft, Error>>,
    T: FnMut(&Handled),
{
    fn work(&self) {
        while !self.ended.load(Ordering::Acquire) {
            let Some(done) = self.next() else { return };
            match done {
                Ok(handled) => {
                    let mut told = lock(&self.told);
                    told.0.count(&handled.became);
                    told.1(&handled);
                }
                Err(error) => {
                    self.ended.store(true, Ordering::Release);
                    lock(&self.error).get_or_insert(error);
                }
            }
        }
    }

    fn next(&self) -> Option<Result<Handled, Error>> {
        if let Some(Err(error)) = self.bulk.cancel.as_ref().map(crate::input::Cancel::check) {
            return Some(Err(error));
        }
        let draft = lock(&self.drafts).next()?;
        Some(draft.and_then(|draft| {
            let id = draft.id.clone();
            self.one(draft).map(|became| Handled { id, became })
        }))
    }

    fn one(&self, draft: BulkDraft) -> Result<Became, Error> {
        let (id, digest) = (draft.id.clone(), sha256(&draft.octets));
        let name = self.bulk.name(&id);
        let noted = self.journal.look(&id, &digest)?;
        match noted {
            Noted::Done => return Ok(Became::Before),
            Noted::Refused => return Ok(Became::RefusedBefore),
            Noted::Nothing | Noted::Begun => {}
        }
        if self.delivery.arrived(&name, noted == Noted::Begun).map_err(away)? {
            self.journal.note(&id, &digest, Noted::Done, "")?;
            return Ok(Became::Before);
        }
        let letter = match self.bulk.make(draft, name) {
            Ok(letter) => letter,
            Err(error) if is_of_the_letter(&error) => return Ok(Became::Unsigned(error.to_string())),
            Err(error) => return Err(error),
        };
        let delivered =
            self.delivery.stage(&letter).map(|()| self.journal.note(&id, &digest, Noted::Begun, ""));
        let delivered = match delivered {
            Ok(noted) => noted.map(|()| self.delivery.deliver(&letter))?,
            Err(error) => Err(error),
        };
        match delivered {
            Ok(()) => self.journal.note(&id, &digest, Noted::Done, "").map(|()| Became::Delivered),
            Err(DeliveryError::Refused(why)) => {
                self.journal.note(&id, &digest, Noted::Refused, &why)?;
                Ok(Became::Refused(why))
            }
            Err(DeliveryError::Deferred(why)) => Ok(Became::Deferred(why)),
            Err(error) => Err(away(error)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Another letter may fare better.
fn is_of_the_letter(error: &Error) -> bool {
    matches!(error, Error::Refused(_) | Error::Malformed { .. } | Error::Unreachable(_) | Error::Limit { .. })
}

fn away(error: DeliveryError) -> Error {
    Error::Io { what: "delivering".into(), source: std::io::Error::other(error.to_string()) }
}
