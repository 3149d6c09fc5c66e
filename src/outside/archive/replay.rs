//! What was said once is said again.

use std::collections::BTreeMap;

use super::manifest::{Fetched, Remembered};
use super::{FETCHED, MEMORY, digest, malformed};
use crate::error::Error;
use crate::mime::Address;
use crate::report::FetchPurpose;
use crate::trust::{Correspondent, FetchError, FetchRequest, Fetcher, Lesson, Memory};

/// In one word, as in reports.
pub(super) fn purpose(purpose: FetchPurpose) -> String {
    let word = serde_json::to_value(purpose).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Answers as the network did; what it was not asked then, it does not have.
pub(super) struct Network(Vec<(Fetched, Option<Vec<u8>>)>);

impl Network {
    pub(super) fn of(members: &BTreeMap<String, Vec<u8>>) -> Result<Self, Error> {
        let Some(index) = members.get(FETCHED) else { return Ok(Self(Vec::new())) };
        let index: Vec<Fetched> =
            serde_json::from_slice(index).map_err(|error| malformed(format!("{FETCHED}: {error}")))?;
        let with_octets = index.into_iter().map(|one| {
            let octets = one.file.as_ref().and_then(|name| members.get(name)).cloned();
            (one, octets)
        });
        Ok(Self(with_octets.collect()))
    }
}

impl Fetcher for Network {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        let body = digest(&mut &*request.body).map_err(|_| FetchError::Unavailable)?;
        let purpose = purpose(request.purpose);
        let same = |one: &Fetched| one.purpose == purpose && one.url == request.url && one.body == body;
        let known = self.0.iter().find(|(one, _)| same(one));
        known.and_then(|(_, octets)| octets.clone()).ok_or(FetchError::Unavailable)
    }
}

/// Says what a memory said.
pub(super) struct Recollection(Remembered);

impl Recollection {
    /// Without its pins, which are trust, where the trust of somebody else is asked.
    pub(super) fn of(members: &BTreeMap<String, Vec<u8>>, pins: bool) -> Result<Option<Self>, Error> {
        let Some(octets) = members.get(MEMORY) else { return Ok(None) };
        let mut said: Remembered =
            serde_json::from_slice(octets).map_err(|error| malformed(format!("{MEMORY}: {error}")))?;
        if !pins {
            let recalled = said.recalled.iter_mut().filter_map(|one| one.found.as_mut());
            let alike = said.alike.iter_mut().flat_map(|one| &mut one.found);
            recalled.chain(alike).for_each(|one| one.pins.clear());
        }
        Ok(Some(Self(said)))
    }
}

impl Memory for Recollection {
    fn recall(&self, address: &Address) -> Result<Option<Correspondent>, Error> {
        let key = Correspondent::key(address);
        Ok(self.0.recalled.iter().find(|one| one.key == key).and_then(|one| one.found.clone()))
    }

    fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error> {
        let said = self.0.alike.iter().find(|one| one.marks == marks && one.most == most);
        Ok(said.map(|one| one.found.clone()).unwrap_or_default())
    }

    fn learn(&self, _: &Lesson) -> Result<(), Error> {
        Ok(())
    }
}
