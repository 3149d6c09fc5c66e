//! Every cell of the table.

use super::reports::*;
use crate::policy::table::*;
use crate::policy::{Outcome, Policy};
use crate::report::{Code, Coverage, Integrity, Report, Trust};

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for &integrity in INTEGRITY {
        for &identity in IDENTITY {
            for &trust in TRUST {
                for &reach in REACH {
                    cells.push(Cell { integrity, identity, trust, reach });
                }
            }
        }
    }
    cells
}

/// The rules in other words than the table's.
fn expected(cell: Cell) -> Outcome {
    let broken = matches!(cell.integrity, Integrity::Altered | Integrity::Malformed);
    let ideal = Cell {
        integrity: Integrity::Intact,
        identity: Identity::From,
        trust: Trust::Trusted,
        reach: Reach::Whole,
    };
    if broken || cell.trust == Trust::Revoked {
        Outcome::Bad
    } else if cell == ideal {
        Outcome::Good
    } else {
        Outcome::Caution
    }
}

#[test]
fn every_cell() {
    assert_eq!(cells().len(), 180);
    for cell in cells() {
        assert!(cell.row().is_some(), "{cell:?}");
        assert_eq!(cell.outcome(), expected(cell), "{cell:?}");
        assert_eq!(cell.codes().is_empty(), cell.outcome() == Outcome::Good, "{cell:?}");
    }
}

#[test]
fn every_row_is_reached() {
    for (index, row) in ROWS.iter().enumerate() {
        let first = |cell: &Cell| cell.row().is_some_and(|known| std::ptr::eq(known, row));
        assert!(cells().iter().any(first), "row {index}");
    }
}

/// A letter with one signature in this cell.
fn letter(cell: Cell) -> Option<Report> {
    let mut report = good();
    let layer = signed(&mut report, 0);
    match cell.reach {
        Reach::Whole => {}
        Reach::Partial => layer.envelope = false,
        Reach::Nothing => layer.covers = Coverage::Nothing,
    }
    let signature = &mut layer.signatures[0];
    signature.integrity = cell.integrity;
    signature.trust = cell.trust;
    match cell.identity {
        Identity::From => {}
        Identity::Other => signature.signer.as_mut()?.is_from = false,
        Identity::Missing => signature.signer = None,
    }
    Some(report)
}

#[test]
fn judge_uses_the_table() {
    for cell in cells() {
        let report = letter(cell).unwrap();
        let verdict = Policy::standard().judge(&report);
        assert_eq!(verdict.outcome, expected(cell), "{cell:?}");
        assert_eq!(verdict.decided_by(&report).unwrap().2, cell);
        let codes: Vec<Code> = verdict.reasons.iter().map(|reason| reason.code).collect();
        assert!(cell.codes().iter().all(|code| codes.contains(code)), "{cell:?} {codes:?}");
        assert_eq!(
            cell.codes().first(),
            codes.iter().find(|code| **code != Code::RevocationUnknown),
            "{cell:?}"
        );
    }
}
