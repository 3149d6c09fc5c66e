//! Panics that end at the boundary are told to the program as an error, and not to its standard error.
//!
//! - [`inside`]: does something of which panics are ours. [`place`]: where the last one of this thread was. [`keep`]: until
//!   the export that this thread is in is over.
//!
//! The hook is that of the `std` inside this library: a program's own Rust has another. Where a linker has made them
//! one, panics of others go on to the hook that was there before.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// How many exports this thread is in: a callback may call again.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
    /// With the depth of the export that keeps it.
    static KEPT: RefCell<Vec<(u32, Box<dyn Any>)>> = const { RefCell::new(Vec::new()) };
}

/// Runs it. `look` must not let a panic out.
pub(crate) fn inside<T>(look: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    if !HOOK.is_completed() && !std::thread::panicking() {
        HOOK.call_once(|| {
            let others = take_hook();
            set_hook(Box::new(move |info| told(info, &*others)));
        });
    }
    DEPTH.set(DEPTH.get().saturating_add(1));
    let value = look();
    let depth = DEPTH.get();
    // A thread that ends may have none any more.
    let _ = KEPT.try_with(|kept| kept.borrow_mut().retain(|(of, _)| *of < depth));
    DEPTH.set(depth.saturating_sub(1));
    value
}

/// Keeps something whose end runs nothing of anybody's.
pub(crate) fn keep(what: Box<dyn Any>) {
    let _ = KEPT.try_with(|kept| kept.borrow_mut().push((DEPTH.get(), what)));
}

/// `" at src/message/open.rs:12"`, once.
pub(crate) fn place() -> String {
    // A thread that ends may have none any more.
    PLACE.try_with(|place| place.try_borrow_mut().ok()?.take()).ok().flatten().unwrap_or_default()
}

fn told(info: &PanicHookInfo<'_>, others: &(dyn Fn(&PanicHookInfo<'_>) + Send + Sync)) {
    if DEPTH.get() == 0 {
        return others(info);
    }
    let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
    // Not while the place is read: a panic inside a panic ends the program.
    PLACE.try_with(|last| last.try_borrow_mut().map(|mut last| *last = place)).ok();
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    /// The harness of the tests has no say in what a child writes.
    #[test]
    fn g3_a_panic_is_not_printed() {
        let Ok(tests) = std::env::current_exe() else { return };
        let run = |name: &str| Command::new(&tests).args(["--exact", "--nocapture", name]).output();
        let Ok(ours) = run("tests::g3_a_panic_is_a_status_and_poisons_the_object") else { return };
        assert!(ours.status.success());
        let said = String::from_utf8_lossy(&ours.stderr);
        assert!(!said.contains("panicked"), "{said}");
        let Ok(others) = run("quiet::tests::a_panic_of_others") else { return };
        let said = String::from_utf8_lossy(&others.stderr);
        assert!(said.contains("panicked") && said.contains("not ours"), "{said}");
    }

    #[test]
    #[should_panic(expected = "not ours")]
    fn a_panic_of_others() {
        super::inside(|| ());
        std::panic::panic_any("not ours");
    }
}
