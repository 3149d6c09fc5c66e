//! What a pointer of the C ABI points to.
//!
//! - [`Handle`]: a tag, whether it is poisoned, and the state.
//! - [`Object`]: one type of the header, with its tag; `object!` makes a struct one.
//! - [`give`], [`borrow`], [`take`], [`free`]: the ways in and out. All that reads a foreign pointer stands here.
//! - [`Borrowed`]: an object stays where it is until every call that looks at it is over, also where a callback of the
//!   program frees it meanwhile. What a call has consumed leaves its tag behind for as long.
//!
//! The tag finds another type's object, and with luck one that is gone: freed memory is the allocator's, and may say
//! anything. What any thread may be given is `Send`, and what two may look at is `Sync`: the compiler holds that.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::boundary::Failure;
use crate::quiet;

/// What every object begins with.
#[repr(C)]
pub(crate) struct Head {
    tag: AtomicU32,
    poisoned: AtomicBool,
    /// Whether it is the program's to free. Otherwise it is a part of something, or there for one callback.
    given: bool,
    /// The calls that look at it, and the program until it frees it: who is last takes it away.
    users: AtomicU32,
}

/// No object has it.
const GONE: u32 = 0x676F_6E65;

impl Head {
    /// Later calls with the object fail: a panic left it in an unknown state.
    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        self.tag.store(GONE, Ordering::Release);
    }
}

#[repr(C)]
pub(crate) struct Handle<T> {
    pub(crate) head: Head,
    pub(crate) state: T,
}

/// One type of the header.
pub(crate) trait Object: Sized + 'static {
    type State: Send + 'static;
    const TAG: u32;
    const NAME: &'static str;
    fn from_handle(handle: Handle<Self::State>) -> Self;
    fn into_handle(self) -> Handle<Self::State>;
    fn handle(&self) -> &Handle<Self::State>;

    /// One that is lent: C cannot free it.
    fn new(state: Self::State) -> Self {
        Self::made(state, false)
    }

    fn made(state: Self::State, given: bool) -> Self {
        let (tag, poisoned) = (AtomicU32::new(Self::TAG), AtomicBool::new(false));
        let head = Head { tag, poisoned, given, users: AtomicU32::new(1) };
        Self::from_handle(Handle { head, state })
    }
}

/// Makes a struct with the one field `handle` an [`Object`]; the number is its own.
macro_rules! object {
    ($name:ident, $state:ty, $number:literal) => {
        const _: () = assert!(std::mem::offset_of!($name, handle) == 0);

        impl $crate::handle::Object for $name {
            type State = $state;
            const TAG: u32 = 0x6D73_0000 + $number;
            const NAME: &'static str = stringify!($name);

            fn from_handle(handle: $crate::handle::Handle<$state>) -> Self {
                Self { handle }
            }

            fn into_handle(self) -> $crate::handle::Handle<$state> {
                self.handle
            }

            fn handle(&self) -> &$crate::handle::Handle<$state> {
                &self.handle
            }
        }
    };
}

/// A new object, for C to free.
pub(crate) fn give<T: Object>(state: T::State) -> *mut T {
    Box::into_raw(Box::new(T::made(state, true)))
}

/// The head, if there is an object of that type.
///
/// # Safety
///
/// `pointer` is NULL or points to memory that can be read for as long as `'h`.
unsafe fn head<'h, T: Object>(pointer: *const T, name: &str) -> Result<&'h Head, Failure> {
    if pointer.is_null() {
        return Err(Failure::null(name));
    }
    if !pointer.is_aligned() {
        return Err(Failure::bad_handle(name, T::NAME));
    }
    // SAFETY: not NULL, aligned, readable; every object begins with a tag, and any octets are one.
    let tag = unsafe { &*pointer.cast::<AtomicU32>() };
    if tag.load(Ordering::Acquire) != T::TAG {
        return Err(Failure::bad_handle(name, T::NAME));
    }
    // SAFETY: the tag says that it is a T, which begins with a head.
    Ok(unsafe { &*pointer.cast::<Head>() })
}

/// An object that a call looks at.
pub(crate) struct Borrowed<'h> {
    pub(crate) head: &'h Head,
    release: unsafe fn(*const Head),
}

impl Borrowed<'_> {
    /// The call is over.
    ///
    /// # Safety
    ///
    /// Nothing of the object is looked at any more.
    pub(crate) unsafe fn release(self) {
        // SAFETY: one of the users that `borrow` counted.
        unsafe { (self.release)(self.head) }
    }
}

/// One user less. The last takes the object away.
///
/// # Safety
///
/// The caller is one of the users of a T, and does not look at it afterwards.
unsafe fn release<T: Object>(head: *const Head) {
    // SAFETY: there is a user, so it is there.
    let last = unsafe { &(*head).users }.fetch_sub(1, Ordering::AcqRel) == 1;
    if last {
        // SAFETY: made by `give`, as what is lent is never given back; nobody else has it.
        drop(unsafe { Box::from_raw(head.cast_mut().cast::<T>()) });
    }
}

/// Looks at an object that C keeps.
///
/// # Safety
///
/// As [`head`]; and nobody else frees the object at this moment.
pub(crate) unsafe fn borrow<'h, T: Object<State: Sync>>(
    pointer: *const T,
    name: &str,
) -> Result<(&'h T::State, Borrowed<'h>), Failure> {
    // SAFETY: the caller's promise.
    let head = unsafe { head(pointer, name) }?;
    if head.poisoned.load(Ordering::Acquire) {
        return Err(Failure::poisoned(name));
    }
    head.users.fetch_add(1, Ordering::AcqRel);
    // SAFETY: the tag says that it is a T, and that it is alive; it is counted.
    let handle = unsafe { &*pointer }.handle();
    Ok((&handle.state, Borrowed { head, release: release::<T> }))
}

/// Ends the program's use of an object. One of two that try it at once may, and nobody of what is lent.
///
/// # Safety
///
/// As [`head`].
unsafe fn end<'h, T: Object>(pointer: *mut T, name: &str) -> Result<&'h Head, Failure> {
    // SAFETY: the caller's promise.
    let head = unsafe { head(pointer.cast_const(), name) }?;
    if !head.given || head.tag.compare_exchange(T::TAG, GONE, Ordering::AcqRel, Ordering::Acquire).is_err() {
        return Err(Failure::bad_handle(name, T::NAME));
    }
    Ok(head)
}

/// Takes an object from C, which must not use it any more.
///
/// # Safety
///
/// As [`head`]; and no other thread uses the object.
pub(crate) unsafe fn take<T: Object>(pointer: *mut T, name: &str) -> Result<T::State, Failure> {
    // SAFETY: the caller's promise.
    let head = unsafe { end(pointer, name) }?;
    if head.users.load(Ordering::Acquire) != 1 {
        // SAFETY: the program was one of its users, and has it no more.
        unsafe { release::<T>(head) };
        return Err(Failure::bad_handle(name, T::NAME));
    }
    let poisoned = head.poisoned.load(Ordering::Acquire);
    // SAFETY: the tag said that it is a T made by `give`, as `given` says, and nobody else has it. What is left in its
    // place is never dropped.
    let object = unsafe { pointer.read() };
    // SAFETY: the same box, of something that needs no drop and has the tag of what is gone.
    let place = unsafe { Box::from_raw(pointer.cast::<MaybeUninit<T>>()) };
    // A callback may give it again, or free it.
    quiet::keep(place);
    match poisoned {
        true => Err(Failure::poisoned(name)),
        false => Ok(object.into_handle().state),
    }
}

/// Frees an object. NULL, what is lent, and what is not such an object, is left alone. Where a call looks at it, in which
/// a callback frees it, it goes when that is over.
///
/// # Safety
///
/// As [`head`]; and no other thread uses the object.
pub(crate) unsafe fn free<T: Object>(pointer: *mut T) {
    crate::boundary::answer((), |_| {
        // SAFETY: the caller's promise.
        let head = unsafe { end(pointer, "") }.ok()?;
        // SAFETY: the program was one of its users, and has it no more.
        unsafe { release::<T>(head) };
        None
    });
}

/// Where C wants a result. Written on success only.
pub(crate) struct Out<T>(ptr::NonNull<T>);

impl<T> Out<T> {
    /// # Safety
    ///
    /// `pointer` is NULL or can be written until the call ends.
    pub(crate) unsafe fn new(pointer: *mut T, name: &str) -> Result<Self, Failure> {
        let pointer = ptr::NonNull::new(pointer).ok_or_else(|| Failure::null(name))?;
        match pointer.as_ptr().is_aligned() {
            true => Ok(Self(pointer)),
            false => Err(Failure::bad_handle(name, "an aligned pointer")),
        }
    }

    pub(crate) fn set(self, value: T) {
        // SAFETY: not NULL, aligned, and writable by the promise of `new`.
        unsafe { self.0.as_ptr().write(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::Object;
    use crate::buffer::{Octets, mailseal_buffer, mailseal_buffer_append, mailseal_buffer_free};
    use crate::status::MAILSEAL_OK;

    /// The password of a callback, the other certificates of a file: not the program's to free, and it may try.
    #[test]
    fn what_is_lent_is_not_freed() {
        let mut lent = mailseal_buffer::new(Octets::default());
        let pointer = &raw mut lent;
        // SAFETY: it lives until the test ends.
        let status = unsafe {
            mailseal_buffer_free(pointer);
            mailseal_buffer_append(pointer, b"x".as_ptr(), 1)
        };
        assert_eq!(status, MAILSEAL_OK);
    }
}
