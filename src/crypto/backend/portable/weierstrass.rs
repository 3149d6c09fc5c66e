//! ECDSA verification on any short Weierstrass curve of prime order (FIPS 186-5 §6.4.2). Public values only: nothing here
//! is constant-time.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, Uint};

use super::curves::{self, Domain};
use crate::crypto::{Curve, ecdsa};

/// Whether the signature `r`, `s` over this digest is the key's. `point` is the uncompressed key.
pub(super) fn verify(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> Option<bool> {
    let (r, s) = ecdsa::from_der(signature)?;
    match curve {
        Curve::P256 => verify_on(&curves::P256, point, digest, &r, &s),
        Curve::P384 => verify_on(&curves::P384, point, digest, &r, &s),
        Curve::P521 => verify_on(&curves::P521, point, digest, &r, &s),
        Curve::BrainpoolP256r1 => verify_on(&curves::BRAINPOOL_P256R1, point, digest, &r, &s),
        Curve::BrainpoolP384r1 => verify_on(&curves::BRAINPOOL_P384R1, point, digest, &r, &s),
        Curve::BrainpoolP512r1 => verify_on(&curves::BRAINPOOL_P512R1, point, digest, &r, &s),
    }
}

/// `None` where the key is no point of the curve.
fn verify_on<const L: usize>(
    domain: &Domain<L>,
    point: &[u8],
    digest: &[u8],
    r: &[u8],
    s: &[u8],
) -> Option<bool> {
    let field = Field::new(domain)?;
    let key = field.point(domain, point)?;
    let order = FixedMontyParams::new_vartime(Odd::new(domain.n).into_option()?);
    let (Some(r), Some(s)) = (below(r, &domain.n), below(s, &domain.n)) else { return Some(false) };
    // The leftmost bits of the digest (FIPS 186-5 §6.4.2 step 2): all orders but P-521's are whole octets, and no digest
    // is longer than that one.
    let z = FixedMontyForm::new(&number(digest.get(..domain.octets).unwrap_or(digest))?, &order);
    let Some(w) = FixedMontyForm::new(&s, &order).invert_vartime().into_option() else { return Some(false) };
    let u = (z * w).retrieve();
    let v = (FixedMontyForm::new(&r, &order) * w).retrieve();
    let Some(x) = field.sum_of_multiples(&u, &v, &key) else { return Some(false) };
    Some(FixedMontyForm::new(&x, &order).retrieve() == r)
}

/// A number from big-endian octets that fit.
pub(super) fn number<const L: usize>(octets: &[u8]) -> Option<Uint<L>> {
    Some(Uint::from_be_slice(&ecdsa::left_padded(octets, Uint::<L>::BYTES)?))
}

/// 1 <= number < bound (R-B9).
fn below<const L: usize>(octets: &[u8], bound: &Uint<L>) -> Option<Uint<L>> {
    number(octets).filter(|number| *number != Uint::ZERO && number < bound)
}

type Element<const L: usize> = FixedMontyForm<L>;

/// A point in projective coordinates; (0, 1, 0) is the neutral one.
#[derive(Clone, Copy)]
struct Point<const L: usize> {
    x: Element<L>,
    y: Element<L>,
    z: Element<L>,
}

struct Field<const L: usize> {
    params: FixedMontyParams<L>,
    a: Element<L>,
    b: Element<L>,
    b3: Element<L>,
    generator: Point<L>,
}

impl<const L: usize> Field<L> {
    fn new(domain: &Domain<L>) -> Option<Self> {
        let params = FixedMontyParams::new_vartime(Odd::new(domain.p).into_option()?);
        let element = |number| Element::new(number, &params);
        let b = element(&domain.b);
        let generator = Point { x: element(&domain.x), y: element(&domain.y), z: Element::one(&params) };
        Some(Self { a: element(&domain.a), b, b3: b + b + b, generator, params })
    }

    /// An uncompressed point with coordinates below p, on the curve. The order being prime, it is in the one group.
    fn point(&self, domain: &Domain<L>, octets: &[u8]) -> Option<Point<L>> {
        let (x, y) = octets.strip_prefix(&[4])?.split_at_checked(domain.octets)?;
        let coordinate = |octets| number(octets).filter(|number| *number < domain.p);
        let x = Element::new(&coordinate(x)?, &self.params);
        let y = Element::new(&coordinate(y)?, &self.params);
        let on_curve = (y * y).retrieve() == ((x * x + self.a) * x + self.b).retrieve();
        on_curve.then(|| Point { x, y, z: Element::one(&self.params) })
    }

    /// The affine x of uG + vQ, both multiples in one walk over the bits; none for the neutral point.
    fn sum_of_multiples(&self, u: &Uint<L>, v: &Uint<L>, key: &Point<L>) -> Option<Uint<L>> {
        let both = self.add(&self.generator, key);
        let (zero, one) = (Element::zero(&self.params), Element::one(&self.params));
        let mut sum = Point { x: zero, y: one, z: zero };
        for bit in (0..Uint::<L>::BITS).rev() {
            sum = self.add(&sum, &sum);
            match (u.bit_vartime(bit), v.bit_vartime(bit)) {
                (true, true) => sum = self.add(&sum, &both),
                (true, false) => sum = self.add(&sum, &self.generator),
                (false, true) => sum = self.add(&sum, key),
                (false, false) => {}
            }
        }
        Some((sum.x * sum.z.invert_vartime().into_option()?).retrieve())
    }

    /// Complete addition: right for any two points of a curve of odd order, also equal, opposite or neutral ones.
    /// Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves" (2016), §3.
    fn add(&self, p: &Point<L>, q: &Point<L>) -> Point<L> {
        let (xx, yy, zz) = (p.x * q.x, p.y * q.y, p.z * q.z);
        let xy = (p.x + p.y) * (q.x + q.y) - xx - yy;
        let xz = (p.x + p.z) * (q.x + q.z) - xx - zz;
        let yz = (p.y + p.z) * (q.y + q.z) - yy - zz;
        let azz = self.a * zz;
        let w = self.a * xz + self.b3 * zz;
        let (minus, plus) = (yy - w, yy + w);
        let t = self.b3 * xz + self.a * (xx - azz);
        let s = xx + xx + xx + azz;
        Point { x: xy * minus - yz * t, y: plus * minus + s * t, z: yz * plus + xy * s }
    }
}

/// The order of the generator, as long as a coordinate.
pub(crate) fn order(curve: Curve) -> Vec<u8> {
    fn tail<const L: usize>(domain: &Domain<L>) -> Vec<u8> {
        let wide = domain.n.to_be_bytes();
        let wide = wide.as_slice();
        wide.split_at_checked(wide.len().saturating_sub(domain.octets))
            .map_or(Vec::new(), |(_, n)| n.to_vec())
    }
    match curve {
        Curve::P256 => tail(&curves::P256),
        Curve::P384 => tail(&curves::P384),
        Curve::P521 => tail(&curves::P521),
        Curve::BrainpoolP256r1 => tail(&curves::BRAINPOOL_P256R1),
        Curve::BrainpoolP384r1 => tail(&curves::BRAINPOOL_P384R1),
        Curve::BrainpoolP512r1 => tail(&curves::BRAINPOOL_P512R1),
    }
}
