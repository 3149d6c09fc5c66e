//! The checksum of armor (RFC 9580 §6.1), sixteen octets at a time.

/// Over some octets; in the upper 24 bits, so that a step is a shift and a look-up.
pub(super) struct Crc24(u32);

const START: u32 = 0x00b7_04ce << 8;
const POLYNOMIAL: u32 = 0x0086_4cfb << 8;
const STEP: usize = 16;

/// `TABLES[n][octet]`: what an octet does to the checksum when `n` more octets have followed.
static TABLES: [[u32; 256]; STEP] = tables();

#[allow(clippy::indexing_slicing, clippy::as_conversions, reason = "while compiling")]
const fn tables() -> [[u32; 256]; STEP] {
    let mut tables = [[0; 256]; STEP];
    let mut octet = 0;
    while octet < 256 {
        let (mut value, mut bit) = ((octet as u32) << 24, 0);
        while bit < 8 {
            value = (value << 1) ^ if value >> 31 == 1 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        tables[0][octet] = value;
        octet += 1;
    }
    let mut after = 1;
    while after < STEP {
        octet = 0;
        while octet < 256 {
            let before = tables[after - 1][octet];
            tables[after][octet] = (before << 8) ^ tables[0][(before >> 24) as usize];
            octet += 1;
        }
        after += 1;
    }
    tables
}

fn look_up(table: &[u32; 256], octet: u8) -> u32 {
    table.get(usize::from(octet)).copied().unwrap_or_default()
}

impl Default for Crc24 {
    fn default() -> Self {
        Self(START)
    }
}

impl Crc24 {
    pub(super) fn update(&mut self, octets: &[u8]) {
        let (blocks, rest) = octets.as_chunks::<STEP>();
        for block in blocks {
            let mut block = *block;
            block.iter_mut().zip(self.0.to_be_bytes()).for_each(|(octet, checksum)| *octet ^= checksum);
            let tables = TABLES.iter().rev();
            self.0 = block.iter().zip(tables).fold(0, |sum, (octet, table)| sum ^ look_up(table, *octet));
        }
        let [single, ..] = &TABLES;
        for octet in rest {
            let [first, ..] = self.0.to_be_bytes();
            self.0 = (self.0 << 8) ^ look_up(single, first ^ octet);
        }
    }

    /// As armor has it.
    pub(super) fn octets(&self) -> [u8; 3] {
        let [octets @ .., _] = self.0.to_be_bytes();
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The program of RFC 9580 §6.1.1 in Rust.
    fn bit_by_bit(octets: &[u8]) -> u32 {
        octets.iter().fold(0xb7_04ce, |crc, octet| {
            (0..8).fold(crc ^ (u32::from(*octet) << 16), |crc, _| {
                if crc & 0x80_0000 == 0 { crc << 1 } else { (crc << 1) ^ 0x186_4cfb }
            })
        })
    }

    fn in_pieces(octets: &[u8], size: usize) -> u32 {
        let mut checksum = Crc24::default();
        octets.chunks(size).for_each(|piece| checksum.update(piece));
        let [a, b, c] = checksum.octets();
        u32::from_be_bytes([0, a, b, c])
    }

    #[test]
    fn as_bit_by_bit_at_every_length_and_in_pieces() {
        let octets: Vec<u8> = (0..2000_u32).map(|number| ((number * number) >> 3).to_le_bytes()[0]).collect();
        for length in (0..100).chain([1999, 2000]) {
            for size in [1, 7, 16, 33, 4096] {
                let octets = &octets[..length];
                assert_eq!(in_pieces(octets, size), bit_by_bit(octets), "{length} {size}");
            }
        }
    }

    /// CRC-24/OPENPGP of the catalogue of parametrised CRC algorithms.
    #[test]
    fn the_check_value() {
        assert_eq!(in_pieces(b"123456789", 9), 0x21_cf02);
    }
}
