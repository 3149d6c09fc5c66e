//! Validity of a certificate (RFC 5280 §4.1.2.5).

use crate::time::UnixTime;
use crate::x509::der_reader::{DerError, GENERALIZED_TIME, Reader, Result, UTC_TIME, Value};

/// ```text
/// Validity ::= SEQUENCE { notBefore Time, notAfter Time }
/// Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }
/// ```
///
/// ```
/// use mailseal::x509::Certificate;
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let validity = certificate.validity();
/// if validity.contains(at) {
///     println!("{} more days", at.distance(validity.not_after) / 86_400);
/// }
/// # assert!(validity.contains(at));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second of it.
    pub not_before: UnixTime,
    /// The last second of it.
    pub not_after: UnixTime,
}

impl Validity {
    pub(crate) fn read(value: &Value<'_>) -> Result<Self> {
        let mut reader = value.reader();
        let not_before = time(&Reader::next(&mut reader)?)?;
        let not_after = time(&Reader::next(&mut reader)?)?;
        reader.finish()?;
        Ok(Self { not_before, not_after })
    }

    /// Whether a time lies in it; both ends belong to it.
    pub fn contains(&self, at: UnixTime) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

/// Time: UTCTime, with seconds or (against RFC 5280, yet met) without, or GeneralizedTime.
pub(crate) fn time(value: &Value<'_>) -> Result<UnixTime> {
    let digits = value.content.strip_suffix(b"Z").ok_or(DerError("time not in UTC"))?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(DerError("time not of digits"));
    }
    let pair = |index: usize| -> Result<i64> {
        match digits.get(2 * index..2 * index + 2) {
            Some([tens, ones]) => Ok(i64::from(tens - b'0') * 10 + i64::from(ones - b'0')),
            _ => Err(DerError("time of a wrong length")),
        }
    };
    match (value.tag, digits.len()) {
        (UTC_TIME, 10 | 12) => {
            // RFC 5280 §4.1.2.5.1: 50 and above are of the 20th century.
            let year = pair(0)? + if pair(0)? >= 50 { 1900 } else { 2000 };
            let second = if digits.len() == 12 { pair(5)? } else { 0 };
            unix_time(year, [pair(1)?, pair(2)?, pair(3)?, pair(4)?, second])
        }
        (GENERALIZED_TIME, 14) => {
            unix_time(pair(0)? * 100 + pair(1)?, [pair(2)?, pair(3)?, pair(4)?, pair(5)?, pair(6)?])
        }
        _ => Err(DerError("not a time of RFC 5280")),
    }
}

/// Seconds since 1970 of a date in the Gregorian calendar.
fn unix_time(year: i64, [month, day, hour, minute, second]: [i64; 5]) -> Result<UnixTime> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let ranges = [(month, 1, 12), (day, 1, days), (hour, 0, 23), (minute, 0, 59), (second, 0, 59)];
    if ranges.iter().any(|(value, least, most)| value < least || value > most) {
        return Err(DerError("no such time"));
    }
    // Years start in March, so that the leap day is the last of a year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let day_number = 365 * year + leap_days + day_of_year - DAYS_TO_1970;
    Ok(UnixTime::from_seconds(day_number * 86_400 + hour * 3_600 + minute * 60 + second))
}

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der_reader::encode;

    fn read(tag: u8, text: &str) -> Option<String> {
        let octets = encode(tag, &[text.as_bytes()]);
        time(&Reader::next(&mut Reader::new(&octets)).unwrap()).ok().map(|time| time.to_string())
    }

    #[test]
    fn years() {
        assert_eq!(read(UTC_TIME, "491231235959Z").unwrap(), "2049-12-31T23:59:59Z");
        assert_eq!(read(UTC_TIME, "700101000000Z").unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(read(UTC_TIME, "500101000000Z").unwrap(), "@-631152000");
        assert_eq!(read(UTC_TIME, "0002291200Z").unwrap(), "2000-02-29T12:00:00Z");
        assert_eq!(read(GENERALIZED_TIME, "99991231235959Z").unwrap(), "9999-12-31T23:59:59Z");
        assert_eq!(read(GENERALIZED_TIME, "19700301000000Z").unwrap(), "1970-03-01T00:00:00Z");
    }

    #[test]
    fn refused() {
        for text in
            ["010229000000Z", "010101240000Z", "0101010000000", "0101010000+0100", "01010100000", "Z", ""]
        {
            assert_eq!(read(UTC_TIME, text), None, "{text}");
        }
        for text in ["20010101000000.5Z", "200101010000Z", "20011301000000Z", "20010100000000Z"] {
            assert_eq!(read(GENERALIZED_TIME, text), None, "{text}");
        }
    }
}
