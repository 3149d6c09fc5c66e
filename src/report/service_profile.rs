//! What a service on the way does to mail.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::report::{Change, Touches};

/// The version that is written.
const VERSION: u32 = 1;

/// What a named service does to the mail that passes through it, as it was measured with one message.
///
/// Measure with a signed message that is like those to be sent: with another one, a service may do other things.
///
/// ```
/// use mailseal::mime::PartPath;
/// use mailseal::report::{Change, ChangeKind, ServiceProfile};
/// let mut footer = Change::new(ChangeKind::FooterAdded, PartPath::root().child(1));
/// footer.breaks = true;
/// let tag = Change::new(ChangeKind::SubjectTagged, PartPath::root());
/// let profile = ServiceProfile::new("lists.example").with_changes(vec![footer, tag]);
///
/// let profile = ServiceProfile::from_json(&profile.to_json()?)?;
/// for change in profile.breaks_signatures() {
///     println!("{}: {}", profile.service, change.kind.advice("en"));
/// }
/// assert_eq!(profile.breaks_signatures().count(), 1);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceProfile {
    /// Of this form: 1.
    pub version: u32,
    /// The service, as the one who measured calls it.
    pub service: String,
    /// The message that it was measured with was signed. Where it was not, what is said of signatures is a guess from what
    /// happened to its text.
    pub signed: bool,
    /// The content of the signed part arrived octet for octet, line ends aside.
    pub content_unchanged: bool,
    /// All that it does.
    pub changes: Vec<Change>,
}

impl ServiceProfile {
    /// Of a service that changes nothing.
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            version: VERSION,
            service: service.into(),
            signed: false,
            content_unchanged: true,
            changes: Vec::new(),
        }
    }

    /// With these changes; what they say of signed content is taken over.
    #[must_use]
    pub fn with_changes(mut self, changes: Vec<Change>) -> Self {
        let inside = |change: &Change| {
            change.breaks && matches!(change.kind.touches(), Touches::Content | Touches::Structure)
        };
        self.content_unchanged = !changes.iter().any(inside);
        self.changes = changes;
        self
    }

    /// Changes after which a letter that was signed before it was handed to the service is no longer `good`: its signature
    /// no longer holds, is no longer found, or no longer speaks for From.
    pub fn breaks_signatures(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.breaks)
    }

    /// As text (JSON), for a file.
    pub fn to_json(&self) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n").map_err(|error| Error::misuse(error.to_string()))
    }

    /// Reads what [`to_json`](Self::to_json) wrote. A newer version, or a kind of change that is not known, is an error: it
    /// could be one that breaks signatures.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let malformed = |why: String| Error::malformed("a service profile", why);
        let profile: Self = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if profile.version != VERSION {
            return Err(malformed(format!(
                "it is of version {}, this reads version {VERSION}",
                profile.version
            )));
        }
        // Written by hand, it would pass.
        let broken = profile.breaks_signatures().next().is_some();
        if !profile.content_unchanged && !broken {
            return Err(malformed("the content is said to change, and no change breaks a signature".into()));
        }
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_an_error() {
        let text = ServiceProfile::new("x").to_json().unwrap();
        assert_eq!(ServiceProfile::from_json(&text).unwrap(), ServiceProfile::new("x"));
        let newer = text.replace("\"version\": 1", "\"version\": 2");
        assert!(ServiceProfile::from_json(&newer).is_err());
        let unknown = text.replace("[]", r#"[{"kind":"melted","part":"0","breaks":true}]"#);
        assert!(ServiceProfile::from_json(&unknown).is_err());
        assert!(ServiceProfile::from_json(&unknown.replace("melted", "other")).is_ok());
    }
}
