//! What a public certificate authority says it checked (CA/Browser Forum S/MIME Baseline Requirements §7.1.6.1).

pub use crate::report::{Assurance, Generation};

/// 2.23.140.1.5.{1..4}.{1..3}
pub(crate) fn from_policy(oid: &str) -> Option<(Assurance, Generation)> {
    let (assurance, generation) = oid.strip_prefix("2.23.140.1.5.")?.split_once('.')?;
    let assurance = match assurance {
        "1" => Assurance::Mailbox,
        "2" => Assurance::Organization,
        "3" => Assurance::Sponsor,
        "4" => Assurance::Individual,
        _ => return None,
    };
    let generation = match generation {
        "1" => Generation::Legacy,
        "2" => Generation::Multipurpose,
        "3" => Generation::Strict,
        _ => return None,
    };
    Some((assurance, generation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_policies() {
        assert_eq!(from_policy("2.23.140.1.5.3.2"), Some((Assurance::Sponsor, Generation::Multipurpose)));
        for other in
            ["2.23.140.1.5.5.1", "2.23.140.1.5.1.4", "2.23.140.1.5.1", "2.23.140.1.2.1", "2.23.140.1.5.1.1.1"]
        {
            assert_eq!(from_policy(other), None, "{other}");
        }
    }
}
