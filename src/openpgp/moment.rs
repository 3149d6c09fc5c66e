//! What a signing identity is at some time: asked for each letter, worked out once a second.

use std::sync::{Arc, Mutex};

use crate::mime::Address;
use crate::time::UnixTime;

/// All of it depends on the identity and the time only.
pub(super) struct Moment {
    pub(super) at: UnixTime,
    /// Index of the key that signs.
    pub(super) key: Option<usize>,
    pub(super) user_id: Option<String>,
    pub(super) addresses: Vec<Address>,
}

/// The last answer, of one identity, which never changes.
#[derive(Default)]
pub(super) struct LastMoment(Mutex<Option<Arc<Moment>>>);

impl LastMoment {
    pub(super) fn at(&self, at: UnixTime, look: impl FnOnce() -> Moment) -> Arc<Moment> {
        // Where a thread panicked with the lock in hand, the answer is worked out anew.
        let known = self.0.lock().ok().and_then(|last| last.clone());
        if let Some(moment) = known.filter(|moment| moment.at == at) {
            return moment;
        }
        let moment = Arc::new(look());
        if let Ok(mut last) = self.0.lock() {
            *last = Some(Arc::clone(&moment));
        }
        moment
    }
}
