//! Whether signed letters may go through a service.

use serde::Serialize;

use crate::report::{Change, ServiceProfile, Touches};

/// What a service would do to letters that are signed before it gets them, so that they arrive as not signed, altered, or
/// signed by somebody else: rewrite From, add a footer, change links. [`preflight`] makes it.
///
/// ```
/// use mailseal::doctor::preflight;
/// use mailseal::mime::PartPath;
/// use mailseal::report::{Change, ChangeKind, ServiceProfile};
/// let mut footer = Change::new(ChangeKind::FooterAdded, PartPath::root().child(1));
/// footer.breaks = true;
/// let found = preflight(&ServiceProfile::new("lists.example").with_changes(vec![footer]));
/// assert!(!found.passes());
/// println!("{}", found.text("en"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Preflight {
    /// Of this form: 1.
    pub version: u32,
    /// The service, as the one who measured calls it.
    pub service: String,
    /// What it must not do. Of each, [`ChangeKind::advice`](crate::report::ChangeKind::advice) says what to set.
    pub refused: Vec<Change>,
}

impl Preflight {
    /// Whether signed letters arrive as they were signed.
    pub fn passes(&self) -> bool {
        self.refused.is_empty()
    }
}

/// Asks what a service does whether signed letters may go through it. Where it was not measured with a signed letter, all
/// that touches the content, the parts or From counts.
///
/// See [`Preflight`].
pub fn preflight(service: &ServiceProfile) -> Preflight {
    let touches = |change: &&Change| {
        let touched = change.kind.touches();
        change.breaks
            || !service.signed && matches!(touched, Touches::Content | Touches::Structure | Touches::Identity)
    };
    let refused = service.changes.iter().filter(touches);
    let refused = refused.map(|change| Change { breaks: true, ..change.clone() }).collect();
    Preflight { version: 1, service: service.service.clone(), refused }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mime::PartPath;
    use crate::report::ChangeKind;

    #[test]
    fn what_was_not_measured_with_a_signed_letter_counts_by_what_it_touches() {
        let change = |kind| Change::new(kind, PartPath::root());
        let changes = vec![change(ChangeKind::FooterAdded), change(ChangeKind::SubjectTagged)];
        let mut service = ServiceProfile::new("s\u{1b}[2J").with_changes(changes);
        let found = preflight(&service);
        let kinds: Vec<_> = found.refused.iter().map(|change| change.kind).collect();
        assert_eq!(kinds, [ChangeKind::FooterAdded]);
        for (language, advice) in [("en", "What to set: "), ("ja", "対策：")] {
            let page = found.text(language);
            assert!(page.contains(advice) && !page.contains('\u{1b}'), "{page}");
        }
        service.signed = true;
        let found = preflight(&service);
        assert!(found.passes() && found.text("en").contains("arrive as they were signed"));
    }
}
