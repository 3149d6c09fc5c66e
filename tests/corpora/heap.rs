//! Counts the octets that the heap holds for each thread, so that a test can say how much a call needed.
//!
//! - [`peak`]: runs something; the most that this thread had on the heap in it, above what it had before.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static COUNTED: Counted = Counted;

thread_local! {
    // Constant and without a destructor: reading them allocates nothing, at any time in the life of a thread.
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

/// The heap of the system, counted. What one thread allocates and another frees is not made up for.
struct Counted;

pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let done = work();
    (done, MOST.get().saturating_sub(before))
}

fn grown(size: usize) {
    let held = HELD.get().saturating_add(size);
    HELD.set(held);
    MOST.set(MOST.get().max(held));
}

fn shrunk(size: usize) {
    HELD.set(HELD.get().saturating_sub(size));
}

#[expect(
    unsafe_code,
    reason = "an allocator cannot be written without; each call goes to the system's unchanged"
)]
// SAFETY: all four hand their arguments on to `System` unchanged, which keeps the contract of `GlobalAlloc`.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        shrunk(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        shrunk(layout.size());
        grown(size);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[test]
fn counts_what_is_held_and_forgets_what_is_freed() {
    let (kept, most) = peak(|| {
        drop(Vec::<u8>::with_capacity(3 << 20));
        Vec::<u8>::with_capacity(1 << 20)
    });
    assert!(((3 << 20)..(3 << 20) + 4096).contains(&most), "{most}");
    drop(kept);
    assert!(peak(|| Vec::<u8>::with_capacity(1000)).1 < 4096);
}
