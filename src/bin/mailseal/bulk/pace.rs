//! Not more letters than a server wants.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mailseal::{BulkLetter, Delivery, DeliveryError};

use crate::words::say;

/// How long one letter waits for the other.
#[derive(Clone, Copy)]
pub(crate) struct Rate(Duration);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            say("a rate is 20/s, 600/m or 10000/h", "速度は 20/s、600/m、10000/h のように書きます").to_owned()
        };
        let (count, unit) = text.split_once('/').ok_or_else(wrong)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let count: u32 = count.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
        Duration::from_secs(seconds).checked_div(count).map(Self).ok_or_else(wrong)
    }
}

/// Lets letters through one after the other, as the rate has it.
pub(crate) struct Pace<'d> {
    inner: &'d dyn Delivery,
    gap: Option<Duration>,
    next: Mutex<Instant>,
}

impl<'d> Pace<'d> {
    pub(crate) fn new(inner: &'d dyn Delivery, rate: Option<Rate>) -> Self {
        Self { inner, gap: rate.map(|rate| rate.0), next: Mutex::new(Instant::now()) }
    }
}

impl Delivery for Pace<'_> {
    fn arrived(&self, name: &str, begun: bool) -> Result<bool, DeliveryError> {
        self.inner.arrived(name, begun)
    }

    fn stage(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        if let Some(gap) = self.gap {
            let turn = {
                let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
                let turn = (*next).max(Instant::now());
                *next = turn + gap;
                turn
            };
            thread::sleep(turn.saturating_duration_since(Instant::now()));
        }
        self.inner.stage(letter)
    }

    fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        self.inner.deliver(letter)
    }
}
