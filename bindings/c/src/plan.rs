//! Who of a draft's recipients gets what, and who gets nothing.

use std::ffi::c_char;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mailseal_core::trust::Recommendation;
use mailseal_core::{Error, Group, Plan, UnixTime};

use crate::boundary::{Failure, answer, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::composer::{mailseal_composer, write};
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::opener::address;
use crate::output::mailseal_output;
use crate::policy::mailseal_policy;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Who of a draft's recipients gets what, and who gets nothing: shown before anything is sent. Nobody is dropped
/// silently: while somebody is unreachable, no letter is written.
pub struct mailseal_plan {
    handle: Handle<Planned>,
}

object!(mailseal_plan, Planned, 19);

pub(crate) struct Planned(Mutex<State>);

/// The plan as it stands, and what C holds slices of.
struct State {
    plan: Plan,
    unreachable: Vec<Missing>,
    /// None while somebody is unreachable, or nobody is left.
    groups: Option<Vec<Letter>>,
}

struct Missing {
    mailbox: String,
    reason: String,
}

struct Letter {
    group: Group,
    mailboxes: Vec<String>,
}

impl State {
    fn new(plan: Plan) -> Self {
        let missing = |mailbox: &dyn ToString, reason: &dyn ToString| Missing {
            mailbox: mailbox.to_string(),
            reason: reason.to_string(),
        };
        let unreachable = plan.unreachable().map(|person| missing(person.mailbox, person.reason)).collect();
        let letter = |group: Group| {
            let mailboxes = group.mailboxes.iter().map(ToString::to_string).collect();
            Letter { group, mailboxes }
        };
        let groups = plan.groups().ok().map(|groups| groups.into_iter().map(letter).collect());
        Self { plan, unreachable, groups }
    }

    fn letter(&self, group: usize) -> Option<&Letter> {
        self.groups.as_ref()?.get(group)
    }
}

impl Planned {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the plan, or leaves all as it was.
    fn change(
        &self,
        change: impl FnOnce(&mut Plan) -> Result<(), Error>,
    ) -> Result<mailseal_status, Failure> {
        let mut plan = self.lock().plan.clone();
        // It may fetch, and that callback may look at the plan: not while this is locked.
        change(&mut plan)?;
        *self.lock() = State::new(plan);
        Ok(MAILSEAL_OK)
    }

    fn group(&self, index: usize) -> Result<Group, Failure> {
        let state = self.lock();
        if state.groups.is_none() {
            state.plan.groups()?;
        }
        let letter =
            state.letter(index).ok_or_else(|| Failure::misuse("there is no group of that number"))?;
        Ok(letter.group.clone())
    }
}

/// Looks for a certificate of every recipient of the draft, To, Cc and Bcc, in the context; it has to be believed by
/// the same policy that judges incoming mail. `at` is in seconds since 1970, as of `time(NULL)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_new(
    context: *const mailseal_context,
    draft: *mut mailseal_input,
    policy: *const mailseal_policy,
    at: i64,
    plan: *mut *mut mailseal_plan,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let draft = taken!(draft);
        let context = borrowed!(call, context)?;
        let draft = draft?;
        let policy = borrowed!(call, policy)?;
        let plan = out!(plan)?;
        let at = UnixTime::from_seconds(at);
        let made = Plan::new(&context.settled(), draft.letter()?, policy, at)?;
        plan.set(handle::give(Planned(Mutex::new(State::new(made)))));
        Ok(MAILSEAL_OK)
    })
}

/// How many people cannot be written to in secret.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_unreachable_count(plan: *const mailseal_plan) -> usize {
    answer(0, |call| Some(borrowed!(call, plan).ok()?.lock().unreachable.len()))
}

/// One of them; empty where there is none of that number. Lives until the plan is changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_unreachable_mailbox(
    plan: *const mailseal_plan,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let state = borrowed!(call, plan).ok()?.lock();
        Some(mailseal_slice::of(state.unreachable.get(index)?.mailbox.as_bytes()))
    })
}

/// Why, in English. Lives until the plan is changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_unreachable_reason(
    plan: *const mailseal_plan,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let state = borrowed!(call, plan).ok()?.lock();
        Some(mailseal_slice::of(state.unreachable.get(index)?.reason.as_bytes()))
    })
}

/// Leaves somebody out, by name: they get no letter. Misuse for somebody who is not in the plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_remove(
    plan: *mut mailseal_plan,
    who: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let plan = borrowed!(call, plan)?;
        let who = address(text!(who)?)?;
        plan.change(|plan| plan.remove(&who))
    })
}

/// Takes a certificate that was found for somebody but is not believed, by its fingerprint in full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_accept(
    plan: *mut mailseal_plan,
    who: *const c_char,
    fingerprint: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let plan = borrowed!(call, plan)?;
        let (who, fingerprint) = (text!(who)?, text!(fingerprint)?);
        let who = address(who)?;
        plan.change(|plan| plan.accept(&who, fingerprint))
    })
}

/// Encrypts every letter to the sender as well, so that the copy in the outbox can be read.
/// `MAILSEAL_ERROR_UNREACHABLE` where no certificate of the sender is believed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_copy_to_sender(
    plan: *mut mailseal_plan,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| borrowed!(call, plan)?.change(Plan::copy_to_sender))
}

/// Somebody has said yes to the first letter to this domain, where the policy asks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_confirm(
    plan: *mut mailseal_plan,
    domain: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let plan = borrowed!(call, plan)?;
        let domain = text!(domain)?;
        plan.change(|plan| {
            plan.confirm(domain);
            Ok(())
        })
    })
}

/// Plans for those, too, to whom the policy holds mail: the program keeps it until somebody lets it go.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_hold(
    plan: *mut mailseal_plan,
    holds: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        borrowed!(call, plan)?.change(|plan| {
            plan.hold(holds);
            Ok(())
        })
    })
}

/// How many letters are to be written: people of one protocol together, each Bcc alone. 1 while somebody is
/// unreachable, or nobody is left: a loop over the groups meets the error that composing then gives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_group_count(plan: *const mailseal_plan) -> usize {
    answer(0, |call| Some(borrowed!(call, plan).ok()?.lock().groups.as_ref().map_or(1, Vec::len)))
}

/// How many people a letter goes to: the recipients of its envelope.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_group_mailbox_count(
    plan: *const mailseal_plan,
    group: usize,
) -> usize {
    answer(0, |call| Some(borrowed!(call, plan).ok()?.lock().letter(group)?.mailboxes.len()))
}

/// One of them; empty where there is none of that number. Lives until the plan is changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_group_mailbox(
    plan: *const mailseal_plan,
    group: usize,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let state = borrowed!(call, plan).ok()?.lock();
        Some(mailseal_slice::of(state.letter(group)?.mailboxes.get(index)?.as_bytes()))
    })
}

/// Writes the letter of one group: the draft that was planned, signed by those keys of the composer that are of the
/// group's protocol, and encrypted. `MAILSEAL_ERROR_UNREACHABLE` while anybody is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_compose(
    plan: *const mailseal_plan,
    group: usize,
    composer: *const mailseal_composer,
    draft: *mut mailseal_input,
    at: i64,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let (draft, output) = (taken!(draft), taken!(output));
        let plan = borrowed!(call, plan)?;
        let composer = borrowed!(call, composer)?;
        let (draft, output) = (draft?.letter()?, output?);
        let group = plan.group(group)?;
        let composer = composer.settled().composer_for(group)?;
        write(&composer, draft, UnixTime::from_seconds(at), output)
    })
}

/// Who gets what, and who gets nothing and why, each in one line. `language` is a tag: `"en"`, `"ja"`; English for all
/// that is not known. NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_text(
    plan: *const mailseal_plan,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let plan = borrowed!(call, plan).ok()?;
        let text = plan.lock().plan.text(text!(language).ok()?);
        Some(filled(text.as_bytes()))
    })
}

/// All of it as JSON, in one line: for each recipient also with what it is encrypted, why, what they will see, and what
/// is known of their program (docs/json.md). `language` is that of the sentences in it. NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_json(
    plan: *const mailseal_plan,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let plan = borrowed!(call, plan).ok()?;
        let json = plan.lock().plan.json(text!(language).ok()?);
        Some(filled(json.as_bytes()))
    })
}

/// What Autocrypt recommends for a letter to all recipients of the draft: 0 there is no usable key, 1 they may not be able
/// to read it, 2 encryption is possible, 3 it is expected. `we_prefer`: our own prefer-encrypt is mutual; `reply`: to an
/// encrypted letter. It decides nothing. 0 of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_autocrypt(
    plan: *const mailseal_plan,
    we_prefer: bool,
    reply: bool,
) -> i32 {
    answer(0, |call| {
        let plan = borrowed!(call, plan).ok()?;
        let advice = plan.lock().plan.autocrypt(we_prefer, reply);
        Some(match advice {
            Recommendation::Discourage => 1,
            Recommendation::Available => 2,
            Recommendation::Encrypt => 3,
            _ => 0,
        })
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_plan_free(plan: *mut mailseal_plan) {
    freed!(plan);
}
