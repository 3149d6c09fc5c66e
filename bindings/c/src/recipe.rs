//! Recipes: set up once, then unchanging, shared by all threads.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::boundary::Failure;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Takes settings until it is used for the first time. Later ones would have no effect on what was made of it. Threads
/// that use it do not wait for each other.
#[derive(Debug)]
pub(crate) struct Recipe<T> {
    taking: Mutex<T>,
    settled: OnceLock<T>,
}

impl<T: Clone> Recipe<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { taking: Mutex::new(value), settled: OnceLock::new() }
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets something, or leaves all as it was.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(T) -> Result<T, Failure>,
    ) -> Result<mailseal_status, Failure> {
        let mut value = self.lock();
        if self.settled.get().is_some() {
            return Err(Failure::misuse("it was used already and takes no more settings"));
        }
        let changed = change(value.clone())?;
        let old = std::mem::replace(&mut *value, changed);
        // It may end in a finalizer of the program, which may call mailseal: not while this is locked.
        drop(value);
        drop(old);
        Ok(MAILSEAL_OK)
    }

    /// What is set so far.
    pub(crate) fn seen(&self) -> T {
        self.settled.get().cloned().unwrap_or_else(|| self.lock().clone())
    }

    /// What is set, which stays so.
    pub(crate) fn settled(&self) -> T {
        if let Some(value) = self.settled.get() {
            return value.clone();
        }
        let value = self.lock();
        self.settled.get_or_init(|| value.clone()).clone()
    }
}
