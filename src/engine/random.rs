//! Random numbers that one seed decides, in streams named by stable labels.
//! No stream depends on how often another was asked.

use rand_core::Rng;
use rand_pcg::Pcg32;

use crate::units::MacAddr;

/// The seed of a world, from which every stream is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seed(pub u64);

/// One stream of random numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(Pcg32);

impl Seed {
    /// The stream of a label. The same seed and label give the same numbers,
    /// whichever other streams there are.
    ///
    /// ```
    /// use vethlab::engine::Seed;
    ///
    /// let mut a = Seed(7).stream("mac veth1");
    /// let mut b = Seed(7).stream("mac veth1");
    /// assert_eq!(a.next_u32(), b.next_u32());
    /// assert_ne!(a.next_u32(), Seed(7).stream("mac veth2").next_u32());
    /// ```
    pub fn stream(self, label: &str) -> Random {
        self.label().text(label).stream()
    }

    /// A label that is put together from parts, without a string to hold it.
    ///
    /// ```
    /// use vethlab::engine::Seed;
    ///
    /// let mut parts = Seed(7).label().text("mac veth").number(1).stream();
    /// assert_eq!(parts.next_u32(), Seed(7).stream("mac veth1").next_u32());
    /// ```
    pub const fn label(self) -> Label {
        Label {
            seed: self,
            hash: 0xcbf2_9ce4_8422_2325,
        }
    }
}

/// The label of a stream, as far as it has been put together.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    seed: Seed,
    /// FNV-1a over the text so far.
    hash: u64,
}

impl Label {
    /// Goes on with a text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// Goes on with the bytes of a text.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let hash = bytes.iter().fold(self.hash, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self { hash, ..self }
    }

    /// Goes on with a number, in decimal.
    #[must_use]
    pub fn number(self, number: u32) -> Self {
        let mut digits = [0; 10];
        let mut rest = number;
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.bytes(&digits[first..])
    }

    /// The stream of the label.
    pub fn stream(self) -> Random {
        // The finaliser of SplitMix64 over label and seed.
        let low = mix(self.hash ^ mix(self.seed.0));
        let high = mix(low ^ self.hash);
        // As `from_seed` makes it, which sets the lowest bit of the increment: `new` puts that bit behind the stream.
        Random(Pcg32::new(low, high >> 1))
    }
}

fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Random {
    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`, by multiplication (the bias is below 2^-32); 0 for a bound of 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let product = u64::from(self.next_u32()) * u64::from(bound);
        u32::try_from(product >> 32).expect("32 of 64 bits")
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub fn below_u64(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).expect("64 of 128 bits")
    }

    /// A locally administered station address, as `eth_random_addr` draws it.
    pub fn mac(&mut self) -> MacAddr {
        let [a, b, c, d, e, f, _, _] = self.next_u64().to_be_bytes();
        MacAddr([(a & 0xfe) | 0x02, b, c, d, e, f])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_address_is_a_local_station() {
        let mut random = Seed(1).stream("test");
        for _ in 0..100 {
            let mac = random.mac();
            assert!(mac.is_local() && mac.is_station(), "{mac}");
        }
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut random = Seed(1).stream("test");
        assert_eq!(random.below(0), 0);
        assert!((0..1000).all(|_| random.below(7) < 7));
        assert!((0..1000).all(|_| random.below_u64(1 << 40) < 1 << 40));
    }

    #[test]
    fn the_numbers_of_a_stream_never_change() {
        let mut random = Seed(0).stream("pinned");
        let drawn = [random.next_u32(), random.next_u32()];
        assert_eq!(drawn, PINNED, "recorded sessions would replay differently");
    }

    const PINNED: [u32; 2] = [1_134_103_064, 2_645_113_623];
}
