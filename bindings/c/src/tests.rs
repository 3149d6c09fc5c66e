//! What C programs cannot make happen: panics inside; and what the compiler can hold: threads.

use std::cell::Cell;

thread_local! {
    /// The next exports of this thread panic after their work.
    pub(crate) static PANIC: Cell<bool> = const { Cell::new(false) };
}
