//! A panic in each export of the header: what a caller in C sees of it.

use std::ffi::c_char;
use std::mem::zeroed;

use super::PANIC;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_ERROR_PANIC, MAILSEAL_OK};
#[allow(clippy::wildcard_imports, unused_imports)]
use crate::{
    archive::*, buffer::*, cancel::*, certificate::*, claims::*, composer::*, context::*, dispatch::*,
    doctor::*, domain::*, error::*, evidence::*, external::*, finding::*, footer::*, input::*, key::*,
    layer::*, made_key::*, mailbox::*, memory::*, new_key::*, opened::*, opener::*, output::*, part::*,
    plan::*, policy::*, preflight::*, prepared::*, report::*, request::*, signature::*, stored_message::*,
    trust_store::*, verdict::*, verified::*, version::*,
};

/// What an export answers.
trait Answer {
    /// As where it is given nothing.
    fn is_empty(&self) -> bool;
}

impl<T> Answer for *mut T {
    fn is_empty(&self) -> bool {
        self.is_null()
    }
}

impl<T: Borrowed> Answer for *const T {
    fn is_empty(&self) -> bool {
        self.is_null()
    }
}

/// All but text, of which the empty one is no NULL.
trait Borrowed {}
impl<T: crate::handle::Object> Borrowed for T {}
impl Borrowed for u8 {}

impl Answer for *const c_char {
    fn is_empty(&self) -> bool {
        true
    }
}

impl Answer for mailseal_slice {
    fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Answer for mailseal_range {
    fn is_empty(&self) -> bool {
        self.start == 0 && self.end == 0
    }
}

impl Answer for bool {
    fn is_empty(&self) -> bool {
        !self
    }
}

impl Answer for () {
    fn is_empty(&self) -> bool {
        true
    }
}

macro_rules! numbers {
    ($($number:ty)*) => { $(impl Answer for $number {
        fn is_empty(&self) -> bool {
            *self == 0
        }
    })* };
}
numbers!(i32 u32 u64 usize);

impl Answer for i64 {
    /// 1970 is a time.
    fn is_empty(&self) -> bool {
        [0, i64::MIN].contains(self)
    }
}

/// An export, called with NULL and 0 alone.
trait Export {
    type Answer: Answer;
    fn called(self) -> Self::Answer;
}

macro_rules! exports {
    ($($($argument:ident)*;)*) => { $(impl<R: Answer, $($argument),*> Export for unsafe extern "C" fn($($argument),*) -> R {
        type Answer = R;
        fn called(self) -> R {
            // SAFETY: every export takes NULL and 0 for each of its arguments, and no function where one may be.
            unsafe { self($(zeroed::<$argument>()),*) }
        }
    })* };
}
exports!(; A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; A B C D E F G H I;
    A B C D E F G H I J; A B C D E F G H I J K;);

fn panicked<E: Export>(export: E) -> E::Answer {
    PANIC.set(true);
    let answer = export.called();
    PANIC.set(false);
    answer
}

macro_rules! status {
    ($name:ident $($argument:tt)*) => {
        let export: unsafe extern "C" fn($($argument),*) -> _ = $name;
        assert_eq!(panicked(export), MAILSEAL_ERROR_PANIC, "{}", stringify!($name));
    };
}

macro_rules! other {
    ($name:ident $($argument:tt)*) => {
        let export: unsafe extern "C" fn($($argument),*) -> _ = $name;
        assert!(panicked(export).is_empty(), "{}", stringify!($name));
    };
}

macro_rules! refuses {
    ($name:ident _) => {
        assert_ne!(panicked($name as unsafe extern "C" fn(_) -> _), MAILSEAL_OK);
    };
}

macro_rules! constant {
    ($name:ident) => {
        assert_eq!(panicked($name as unsafe extern "C" fn() -> _), $name());
    };
}

#[test]
fn g3_a_panic_in_every_export() {
    include!("exports.rs");
}
