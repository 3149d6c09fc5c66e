//! How far one is, on the terminal, where it takes longer than a moment.

use std::env;
use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mailseal::Input;

/// Who is done by then is not disturbed.
const MOMENT: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(200);

/// The one that is shown, so that others can write beside it; and whether it is of one letter.
static SHOWN: Mutex<Option<(ProgressBar, bool)>> = Mutex::new(None);

/// Shown from the first second on, until it is dropped. Nothing where standard error is no terminal.
pub(crate) struct Progress(Option<Shown>);

struct Shown {
    bar: ProgressBar,
    /// Dropped: it is over.
    over: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Of so many octets; of one letter where there are none, which [`watched`] tells of.
    pub(crate) fn start(what: &str, octets: u64, quiet: bool) -> Self {
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        if quiet || dumb || !io::stderr().is_terminal() {
            return Self(None);
        }
        let (template, length) = match octets {
            0 => ("{msg}  {wide_bar} {bytes} / {total_bytes}  {elapsed}", None),
            octets => ("{msg}  {wide_bar} {percent:>3} %  {eta}", Some(octets)),
        };
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some((bar.clone(), length.is_none()));
        let (over, wait) = mpsc::channel::<()>();
        let shown = bar.clone();
        let thread = thread::spawn(move || {
            if wait.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
        });
        Self(Some(Shown { bar, over: Some(over), thread: Some(thread) }))
    }

    /// So many octets further, and so many letters done.
    pub(crate) fn advance(&self, octets: u64, done: &str) {
        if let Some(shown) = &self.0 {
            shown.bar.inc(octets);
            shown.bar.set_message(done.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let Some(mut shown) = self.0.take() else { return };
        drop(shown.over.take());
        if let Some(thread) = shown.thread.take() {
            let _ = thread.join();
        }
        shown.bar.finish_and_clear();
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Writes, or asks, while nothing is drawn.
pub(crate) fn paused<T>(act: impl FnOnce() -> T) -> T {
    let bar = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bar {
        Some((bar, _)) => bar.suspend(act),
        None => act(),
    }
}

/// Where one letter is read, the bar follows its octets. It is read several times, so each time the bar begins anew.
pub(crate) fn watched(input: Input<'static>) -> Input<'static> {
    let bar = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Some((bar, true)) = bar else { return input };
    input.progress(move |read, total| {
        if let Some(total) = total.filter(|total| *total > 0) {
            bar.set_length(total);
            bar.set_position(read % total);
        }
    })
}
