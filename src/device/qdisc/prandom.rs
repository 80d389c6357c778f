//! The kernel's generator of random numbers for emulation: LFSR113 (P. L'Ecuyer, "Tables of maximally
//! equidistributed combined LFSR generators", 1999), seeded as `prandom_seed_state` does.
//! With the same `seed` the numbers, and so the losses, are those of a real `netem`.

/// The state of a generator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prandom([u32; 4]);

/// For each of the four registers: its smallest seed, and the shifts and mask of a step.
const REGISTERS: [(u32, u32, u32, u32, u32); 4] = [
    (2, 6, 13, 0xffff_fffe, 18),
    (8, 2, 27, 0xffff_fff8, 2),
    (16, 13, 21, 0xffff_fff0, 7),
    (128, 3, 12, 0xffff_ff80, 13),
];

impl Prandom {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        let mixed = ((seed >> 32) ^ (seed << 10) ^ seed) & 0xffff_ffff;
        let word = u32::try_from(mixed).expect("masked to 32 bits");
        Self(REGISTERS.map(|(least, ..)| match word < least {
            true => word + least,
            false => word,
        }))
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        let mut all = 0;
        for (register, (_, left, right, mask, shift)) in self.0.iter_mut().zip(REGISTERS) {
            let feedback = ((*register << left) ^ *register) >> right;
            *register = ((*register & mask) << shift) ^ feedback;
            all ^= *register;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_seed_are_those_of_the_published_generator() {
        // The first step from s = (2, 8, 16, 128), worked out by hand: nothing is fed back yet.
        let mut random = Prandom::new(0);
        assert_eq!(random.0, [2, 8, 16, 128]);
        let first = random.next_u32();
        assert_eq!(first, (2 << 18) ^ (8 << 2) ^ (16 << 7) ^ (128 << 13));
    }

    #[test]
    fn bits_are_balanced() {
        let mut random = Prandom::new(7);
        let ones: u32 = (0..10_000).map(|_| random.next_u32().count_ones()).sum();
        assert!((158_000..162_000).contains(&ones), "{ones}");
        assert_ne!(Prandom::new(1), Prandom::new(2));
    }
}
