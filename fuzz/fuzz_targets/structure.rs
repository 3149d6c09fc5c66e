//! Any octets as a MIME entity: every part lies inside the octets, and inside the part that holds it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::{Limits, mime::Structure};

fuzz_target!(|octets: &[u8]| {
    let Ok(structure) = Structure::read(&mut &octets[..], &Limits::default()) else { return };
    for part in &structure.parts {
        assert!(part.entity().end <= octets.len() as u64);
        for child in structure.children(part) {
            assert!(part.entity().start <= child.entity().start && child.entity().end <= part.entity().end);
        }
    }
});
