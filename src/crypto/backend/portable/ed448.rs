//! Ed448 verification (RFC 8032 §5.2.7). Public values only: nothing here is constant-time.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U448};
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update};

/// Octets of a coordinate; an encoded point has one more, with the sign of x.
const OCTETS: usize = 56;

/// 2^448 - 2^224 - 1.
const P: U448 = U448::from_be_hex(
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
);
/// The order of the base point.
const ORDER: U448 = U448::from_be_hex(
    "3fffffffffffffffffffffffffffffffffffffffffffffffffffffff7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3",
);
const BASE_X: U448 = U448::from_be_hex(
    "4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e",
);
const BASE_Y: U448 = U448::from_be_hex(
    "693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14",
);
/// The curve is x² + y² = 1 + dx²y² with d = -39081.
const MINUS_D: u64 = 39081;

/// Whether the signature over the message is the key's; `None` where the key is no usable point.
///
/// Without the cofactor and by comparing R as it is encoded, so that one signature has one encoding. Keys and R of small
/// order are refused (R-B9).
pub(super) fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let field = Field::new()?;
    let point = field.decode(key)?;
    if field.is_small_order(&point) {
        return None;
    }
    let Some((r, s)) = signature.split_at_checked(OCTETS + 1) else { return Some(false) };
    let Some(s) = little_endian(s).filter(|s| *s < ORDER) else { return Some(false) };
    let mut hash = Shake256::default();
    for octets in [b"SigEd448\0\0", r, key, message] {
        hash.update(octets);
    }
    let mut wide = [0; 2 * (OCTETS + 1)];
    hash.finalize_xof_into(&mut wide);
    let k = modulo_order(&wide)?;
    let expected = field.sum_of_multiples(&s, &k, &field.negate(&point));
    Some(!field.is_small_order(&expected) && field.encode(&expected).as_deref() == Some(r))
}

/// 57 octets whose last is zero.
fn little_endian(octets: &[u8]) -> Option<U448> {
    match octets.split_last() {
        Some((0, number)) if number.len() == OCTETS => Some(U448::from_le_slice(number)),
        _ => None,
    }
}

fn modulo_order(wide: &[u8]) -> Option<U448> {
    let params = FixedMontyParams::new_vartime(Odd::new(ORDER).into_option()?);
    let base = FixedMontyForm::new(&U448::from_u32(256), &params);
    let digit = |octet: &u8| FixedMontyForm::new(&U448::from_u8(*octet), &params);
    let number =
        wide.iter().rev().fold(FixedMontyForm::zero(&params), |sum, octet| sum * base + digit(octet));
    Some(number.retrieve())
}

type Element = FixedMontyForm<{ U448::LIMBS }>;

/// Projective coordinates; (0, 1, 1) is the neutral point.
#[derive(Clone, Copy)]
struct Point {
    x: Element,
    y: Element,
    z: Element,
}

struct Field {
    params: FixedMontyParams<{ U448::LIMBS }>,
    d: Element,
    base: Point,
    neutral: Point,
}

impl Field {
    fn new() -> Option<Self> {
        let params = FixedMontyParams::new_vartime(Odd::new(P).into_option()?);
        let element = |number: &U448| Element::new(number, &params);
        let (zero, one) = (Element::zero(&params), Element::one(&params));
        let base = Point { x: element(&BASE_X), y: element(&BASE_Y), z: one };
        let d = zero - element(&U448::from_u64(MINUS_D));
        Some(Self { params, d, base, neutral: Point { x: zero, y: one, z: one } })
    }

    /// RFC 8032 §5.2.3.
    fn decode(&self, octets: &[u8]) -> Option<Point> {
        let (sign, y) = octets.split_last()?;
        if y.len() != OCTETS || sign & 0x7f != 0 {
            return None;
        }
        let y = U448::from_le_slice(y);
        if y >= P {
            return None;
        }
        let y = Element::new(&y, &self.params);
        let one = Element::one(&self.params);
        let (u, v) = (y * y - one, self.d * y * y - one);
        let cubed = u * u * u * v;
        let exponent = P.shr_vartime(2); // (p-3)/4, as p is 3 modulo 4
        let x = cubed * (cubed * u * u * v * v).pow_vartime(&exponent);
        if (v * x * x).retrieve() != u.retrieve() {
            return None;
        }
        let is_odd = |x: &Element| x.retrieve().bit_vartime(0);
        let negative = *sign == 0x80;
        if x.retrieve() == U448::ZERO && negative {
            return None;
        }
        let x = if is_odd(&x) == negative { x } else { Element::zero(&self.params) - x };
        Some(Point { x, y, z: one })
    }

    /// RFC 8032 §5.2.2.
    fn encode(&self, point: &Point) -> Option<Vec<u8>> {
        let inverse = point.z.invert_vartime().into_option()?;
        let mut octets = (point.y * inverse).retrieve().to_le_bytes().as_slice().to_vec();
        octets.push(if (point.x * inverse).retrieve().bit_vartime(0) { 0x80 } else { 0 });
        Some(octets)
    }

    fn negate(&self, point: &Point) -> Point {
        Point { x: Element::zero(&self.params) - point.x, ..*point }
    }

    /// The cofactor is 4: four times a point of small order is (0, 1).
    fn is_small_order(&self, point: &Point) -> bool {
        let double = self.add(point, point);
        let times4 = self.add(&double, &double);
        times4.x.retrieve() == U448::ZERO && times4.y.retrieve() == times4.z.retrieve()
    }

    /// sB + kA, both multiples in one walk over the bits.
    fn sum_of_multiples(&self, s: &U448, k: &U448, point: &Point) -> Point {
        let both = self.add(&self.base, point);
        (0..U448::BITS).rev().fold(self.neutral, |sum, bit| {
            let sum = self.add(&sum, &sum);
            match (s.bit_vartime(bit), k.bit_vartime(bit)) {
                (true, true) => self.add(&sum, &both),
                (true, false) => self.add(&sum, &self.base),
                (false, true) => self.add(&sum, point),
                (false, false) => sum,
            }
        })
    }

    /// RFC 8032 §5.2.4; complete, as d is no square.
    fn add(&self, p: &Point, q: &Point) -> Point {
        let a = p.z * q.z;
        let (b, c, d) = (a * a, p.x * q.x, p.y * q.y);
        let e = self.d * c * d;
        let (f, g) = (b - e, b + e);
        let h = (p.x + p.y) * (q.x + q.y);
        Point { x: a * f * (h - c - d), y: a * g * (d - c), z: f * g }
    }
}
