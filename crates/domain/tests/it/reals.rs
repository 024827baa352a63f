//! Numbers of 38 digits against a library of numbers of any length: whatever the engine reckons with them, annuities
//! and yearly rates, comes out the same to the thirty-fourth digit.

use crate::any::config;
use astro_float::{BigFloat, Consts, Radix, RoundingMode};
use proptest::prelude::*;
use std::cmp::Ordering;
use tawi_domain::credit_ops::schedule::Real;

const BITS: usize = 512;
const NEAR: RoundingMode = RoundingMode::ToEven;

fn big(number: i128) -> BigFloat {
    BigFloat::from_i128(number, BITS)
}

fn ratio(of: (i128, i128)) -> (Real, BigFloat) {
    (Real::ratio(of.0, of.1), big(of.0).div(&big(of.1), BITS, NEAR))
}

/// The first 37 digits of a long number, as one of ours: less than a unit of its own last place away.
fn ours(long: &BigFloat, constants: &mut Consts) -> Real {
    let text = long.format(Radix::Dec, NEAR, constants).unwrap();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let negative = mantissa.starts_with('-');
    let (whole, part) =
        mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa.trim_start_matches('-'), ""));
    let figures: String = whole.chars().chain(part.chars()).take(37).collect();
    let places = i32::try_from(figures.len() - whole.len()).unwrap() - exponent.parse::<i32>().unwrap();
    let ten = Real::whole(10).power(places.unsigned_abs());
    let number = Real::whole(figures.parse().unwrap());
    let number = if places < 0 { number.times(ten) } else { number.over(ten).unwrap() };
    if negative { number.negated() } else { number }
}

/// Equal to 34 digits, or, near nothing, to as many places.
fn same(found: Real, long: &BigFloat) -> Result<(), TestCaseError> {
    let mut constants = Consts::new().unwrap();
    let expected = ours(long, &mut constants);
    let least = Real::ONE.over(Real::whole(10).power(34)).unwrap();
    let scale =
        if expected.size().compare(Real::ONE) == Ordering::Less { Real::ONE } else { expected.size() };
    let apart = found.minus(expected).size();
    prop_assert_ne!(apart.compare(least.times(scale)), Ordering::Greater, "{:?} for {}", found, long);
    Ok(())
}

fn any_ratio() -> impl Strategy<Value = (i128, i128)> {
    (1_i128..1_000_000_000_000, 1_i128..1_000_000_000_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases.min(500), ..config() })]

    #[test]
    fn sums_products_and_quotients(a in any_ratio(), b in any_ratio()) {
        let ((a, long_a), (b, long_b)) = (ratio(a), ratio(b));
        same(a.plus(b), &long_a.add(&long_b, BITS, NEAR))?;
        same(a.minus(b), &long_a.sub(&long_b, BITS, NEAR))?;
        same(a.times(b), &long_a.mul(&long_b, BITS, NEAR))?;
        same(a.over(b).unwrap(), &long_a.div(&long_b, BITS, NEAR))?;
    }

    /// The growth of a loan: one and a period's rate, over its periods.
    #[test]
    fn growth(rate in 1_i128..200_000, periods in 1_u32..1_200) {
        let of = (10_000_000 + rate, 10_000_000);
        let (growth, long) = ratio(of);
        let long = long.powi(usize::try_from(periods).unwrap(), BITS, NEAR);
        let mut constants = Consts::new().unwrap();
        let expected = ours(&long, &mut constants);
        let least = Real::ONE.over(Real::whole(10).power(33)).unwrap();
        let apart = growth.power(periods).minus(expected).size();
        prop_assert_ne!(apart.compare(least.times(expected)), Ordering::Greater, "{:?}", of);
    }

    #[test]
    fn logarithms_and_powers(a in any_ratio(), b in (1_i128..2_000, 1_i128..1_000)) {
        let mut constants = Consts::new().unwrap();
        let (a, long_a) = ratio(a);
        let (b, long_b) = ratio(b);
        same(a.logarithm().unwrap(), &long_a.ln(BITS, NEAR, &mut constants))?;
        let small = Real::ratio(1, 97).times(b);
        let long_small = big(1).div(&big(97), BITS, NEAR).mul(&long_b, BITS, NEAR);
        let found = small.exponential().unwrap();
        let long = long_small.exp(BITS, NEAR, &mut constants);
        let expected = ours(&long, &mut constants);
        let least = Real::ONE.over(Real::whole(10).power(32)).unwrap();
        prop_assert_ne!(found.minus(expected).size().compare(least.times(expected)), Ordering::Greater);
    }
}
