//! The distributions of a delay's jitter, as tables of 4096 values in 1/8192 of the deviation.
//! The tables are computed here in whole numbers: the same on every machine. They follow the definitions of the files
//! that come with `tc`, not their bytes.

use std::sync::Arc;

/// One deviation is so much in a table (`NETEM_DIST_SCALE`).
pub const SCALE: i64 = 8192;
/// Values of a table.
const SIZE: usize = 4096;
/// Bits behind the point of the numbers with which the tables are computed.
const POINT: u32 = 60;

/// A distribution that has a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Distribution {
    name: &'static str,
    table: Arc<[i16]>,
}

impl Distribution {
    /// The distribution of that name.
    pub fn named(name: &str) -> Option<Self> {
        let (name, table) = match name {
            "normal" => ("normal", normal()),
            "pareto" => ("pareto", pareto()),
            "paretonormal" => ("paretonormal", paretonormal()),
            _ => return None,
        };
        Some(Self {
            name,
            table: table.into(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The value of a drawn number.
    pub fn value(&self, drawn: u32) -> i64 {
        self.table[drawn as usize % self.table.len()].into()
    }
}

fn clamp(value: i64) -> i16 {
    let clamped = value.clamp(i16::MIN.into(), i16::MAX.into());
    i16::try_from(clamped).expect("clamped to 16 bits")
}

/// The inverse of the normal distribution's cumulative function.
///
/// The bell curve is walked from the middle outwards in steps of 1/8192 of the deviation; each factor follows from the
/// one before, as exp(-(x+h)^2/2) = exp(-x^2/2) exp(-xh) exp(-h^2/2). Where the mass that was passed reaches a value's
/// share, that is where it stands.
fn normal() -> Vec<i16> {
    let below = distances(7).into_iter().rev().map(|distance| -distance);
    below.chain(distances(1)).map(clamp).collect()
}

/// How far from the middle the values of one half stand, the nearest first: with `(8 i + eighths) / 32768` of all
/// between the middle and the `i`th.
fn distances(eighths: u128) -> Vec<i64> {
    // exp(-h^2/2) and exp(-h^2) for h = 1/8192, and h / sqrt(2 pi), with 60 bits behind the point.
    const HALF_STEP: u128 = 1_152_921_496_016_912_415;
    const STEP: u128 = 1_152_921_487_426_977_919;
    const DENSITY: u128 = 56_146_134_542_444;
    let one = 1u128 << POINT;
    let share = |index: usize| one * (8 * index as u128 + eighths) / 32_768;
    let (mut bell, mut factor, mut passed) = (one, HALF_STEP, 0);
    let mut found = Vec::with_capacity(SIZE / 2);
    for distance in 0..=4 * SCALE + SCALE / 2 {
        while found.len() < SIZE / 2 && passed >= share(found.len()) {
            found.push(distance);
        }
        // The trapezium between this step and the next.
        let next = (bell * factor) >> POINT;
        passed += (((bell + next) / 2) * DENSITY) >> POINT;
        (bell, factor) = (next, (factor * STEP) >> POINT);
    }
    found.resize(SIZE / 2, i64::MAX);
    found
}

/// The Pareto distribution of exponent 3: x^(-1/3) - 3/2 for x from 1 down to nothing, times 4/3.
fn pareto() -> Vec<i16> {
    let value = |index: usize| {
        let x = (65_536 - 16 * index) as u128;
        // The cube root of 65536 / x, with 24 bits behind the point.
        let root = i128::try_from(cube_root((65_536u128 << 72) / x)).expect("a root of 64 bits");
        let scaled = (root - (3 << 23)) * 4 * i128::from(SCALE);
        let half = if scaled < 0 { -(3 << 23) } else { 3 << 23 };
        let rounded = (scaled + half) / (3 << 24);
        clamp(i64::try_from(rounded).unwrap_or(i64::MAX))
    };
    (0..SIZE).map(value).collect()
}

/// The largest number whose cube is not above `value`.
fn cube_root(value: u128) -> u128 {
    let (mut low, mut high) = (0u128, 1 << 42);
    while low + 1 < high {
        let middle = (low + high) / 2;
        match middle * middle * middle <= value {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

/// A quarter of the normal distribution and three quarters of Pareto's.
fn paretonormal() -> Vec<i16> {
    let both = normal().into_iter().zip(pareto());
    both.map(|(normal, pareto)| clamp((i64::from(normal) + 3 * i64::from(pareto)) / 4))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean and the mean square of a table, in deviations times 1000.
    fn moments(table: &[i16]) -> (i64, i64) {
        let sum: i64 = table.iter().map(|&value| i64::from(value)).sum();
        let squares: i64 = table.iter().map(|&value| i64::from(value).pow(2)).sum();
        let size = table.len() as i64;
        (
            sum * 1000 / size / SCALE,
            squares / size * 1000 / (SCALE * SCALE),
        )
    }

    #[test]
    fn normal_table_is_that_of_the_bell_curve() {
        let table = normal();
        assert_eq!(table.len(), SIZE);
        assert!(table.is_sorted());
        let (mean, square) = moments(&table);
        assert!(mean.abs() <= 2, "{mean}");
        assert!((990..1005).contains(&square), "{square}");
        // One deviation above the middle lies 84.13 % of all, two 97.72 %.
        for (share, deviations) in [(8413, 1), (9772, 2), (1587, -1), (228, -2)] {
            let value = i64::from(table[SIZE * share / 10_000]);
            assert!(
                (value - deviations * SCALE).abs() < SCALE / 50,
                "{share}: {value}"
            );
        }
    }

    #[test]
    fn pareto_table_begins_below_and_ends_far_out() {
        let table = pareto();
        assert_eq!(table.len(), SIZE);
        assert!(table.is_sorted());
        assert_eq!(&table[..3], [-5461, -5460, -5460]);
        assert_eq!(table[SIZE - 1], i16::MAX);
        assert!(moments(&table).0.abs() < 50, "{:?}", moments(&table));
    }

    #[test]
    fn other_names_have_no_table() {
        assert_eq!(Distribution::named("uniform"), None);
        let both = Distribution::named("paretonormal").unwrap();
        assert_eq!(both.value(0), both.value(SIZE as u32));
    }
}
