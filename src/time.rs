//! Time as an argument: nothing in this crate reads a clock.

use std::fmt;
use std::time::{Duration, SystemTime};

use der::DateTime;
use serde::{Serialize, Serializer};

/// Seconds since 1970-01-01T00:00:00Z, before it negative. Shown as RFC 3339.
///
/// ```
/// use mailseal::UnixTime;
/// let time = UnixTime::from_seconds(1_574_933_400);
/// assert_eq!(time.to_string(), "2019-11-28T09:30:00Z");
/// assert!(time < std::time::SystemTime::now().into());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// From seconds since 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Seconds between two times, whichever is first.
    pub const fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// The calendar date, `2026-11-22`.
    pub fn date(self) -> String {
        self.to_string().split('T').next().unwrap_or_default().to_owned()
    }

    /// As it is shown.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if let Some(seconds) = text.strip_prefix('@') {
            return seconds.parse().ok().map(Self);
        }
        let time = text.parse::<DateTime>().ok()?;
        i64::try_from(time.unix_duration().as_secs()).ok().map(Self)
    }

    pub(crate) fn date_time(self) -> Option<DateTime> {
        DateTime::from_unix_duration(Duration::from_secs(u64::try_from(self.0).ok()?)).ok()
    }
}

impl From<SystemTime> for UnixTime {
    fn from(time: SystemTime) -> Self {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        Self(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => seconds(after),
            Err(before) => -seconds(before.duration()),
        })
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date_time() {
            Some(time) => time.fmt(f),
            None => write!(f, "@{}", self.0),
        }
    }
}

impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
