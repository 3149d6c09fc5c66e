//! Recipes: set up once, then unchanging, shared by all threads.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::boundary::Failure;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Takes settings until it is used for the first time. Later ones would have no effect on what was made of it.
#[derive(Debug)]
pub(crate) struct Recipe<T>(Mutex<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    value: T,
    used: bool,
}

impl<T: Clone> Recipe<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(Inner { value, used: false }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets something, or leaves all as it was.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(T) -> Result<T, Failure>,
    ) -> Result<mailseal_status, Failure> {
        let mut inner = self.lock();
        if inner.used {
            return Err(Failure::misuse("it was used already and takes no more settings"));
        }
        let changed = change(inner.value.clone())?;
        let old = std::mem::replace(&mut inner.value, changed);
        // It may end in a finalizer of the program, which may call mailseal: not while this is locked.
        drop(inner);
        drop(old);
        Ok(MAILSEAL_OK)
    }

    /// What is set so far.
    pub(crate) fn seen(&self) -> T {
        self.lock().value.clone()
    }

    /// What is set, which stays so.
    pub(crate) fn settled(&self) -> T {
        let mut inner = self.lock();
        inner.used = true;
        inner.value.clone()
    }
}
