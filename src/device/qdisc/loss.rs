//! Which packets an emulator loses: at random, or by a Markov chain of four or of two states (sch_netem.c; S. Salsano et
//! al., "Definition of a general and intuitive loss model for packet networks").
//! Probabilities are parts of 2^32 - 1.

use super::prandom::Prandom;

/// A chain that loses packets in bursts, with the state it is in.
///
/// ```text
/// four states (loss state)                        two states (loss gemodel)
///
///  sent in gap --p14--> lost in gap                good --p--> bad
///     |   ^ <---------------+                        ^----r-----+
///    p13  p31                                       loses 1-k   loses 1-h
///     v   |
///  lost in burst --p32--> sent in burst
///         ^------p23----------+
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LossModel {
    /// The general and intuitive model.
    FourState {
        /// From the gap into a burst.
        p13: u32,
        /// From a burst back into the gap.
        p31: u32,
        /// From loss to sending within a burst.
        p32: u32,
        /// From sending to loss within a burst.
        p23: u32,
        /// A single loss within the gap.
        p14: u32,
        /// Where it is.
        state: FourState,
    },
    /// The model of Gilbert and Elliott.
    GilbertElliott {
        /// From good to bad.
        p: u32,
        /// From bad to good.
        r: u32,
        /// That a packet is *not* lost in the bad state.
        h: u32,
        /// That a packet is lost in the good state.
        k1: u32,
        /// Whether it is in the bad state.
        bad: bool,
    },
}

/// The states of the general model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FourState {
    /// Packets are sent, single ones are lost.
    #[default]
    SentInGap,
    /// Packets are lost, in a burst.
    LostInBurst,
    /// Packets are sent, within a burst.
    SentInBurst,
    /// A single packet has been lost.
    LostInGap,
}

impl LossModel {
    /// Goes one step on, and says whether this packet is lost.
    pub fn loses(&mut self, random: &mut Prandom) -> bool {
        match self {
            Self::FourState {
                p13,
                p31,
                p32,
                p23,
                p14,
                state,
            } => {
                let drawn = random.next_u32();
                let (next, lost) = match *state {
                    FourState::SentInGap if drawn < *p14 => (FourState::LostInGap, true),
                    FourState::SentInGap if drawn < p13.wrapping_add(*p14) => {
                        (FourState::LostInBurst, true)
                    }
                    FourState::SentInGap => (FourState::SentInGap, false),
                    FourState::SentInBurst if drawn < *p23 => (FourState::LostInBurst, true),
                    FourState::SentInBurst => (FourState::SentInBurst, false),
                    FourState::LostInBurst if drawn < *p32 => (FourState::SentInBurst, false),
                    FourState::LostInBurst if drawn < p31.wrapping_add(*p32) => {
                        (FourState::SentInGap, false)
                    }
                    FourState::LostInBurst => (FourState::LostInBurst, true),
                    FourState::LostInGap => (FourState::SentInGap, false),
                };
                *state = next;
                lost
            }
            Self::GilbertElliott { p, r, h, k1, bad } => {
                let was_bad = *bad;
                let turns = random.next_u32() < if was_bad { *r } else { *p };
                *bad = was_bad ^ turns;
                let drawn = random.next_u32();
                match was_bad {
                    true => drawn > *h,
                    false => drawn < *k1,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(part: u32) -> u32 {
        u32::MAX / 100 * part
    }

    fn runs(model: LossModel) -> (usize, usize) {
        let (mut model, mut random) = (model, Prandom::new(5));
        let lost: Vec<bool> = (0..100_000).map(|_| model.loses(&mut random)).collect();
        let bursts = lost.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        (lost.iter().filter(|&&lost| lost).count(), bursts)
    }

    #[test]
    fn gilbert_model_loses_in_bursts() {
        let (lost, bursts) = runs(LossModel::GilbertElliott {
            p: percent(1),
            r: percent(10),
            h: 0,
            k1: 0,
            bad: false,
        });
        // In the long run p / (p + r) of all, in bursts of 1 / r.
        assert!((8_000..10_500).contains(&lost), "{lost}");
        assert!((8..12).contains(&(lost / bursts)), "{lost} in {bursts}");
    }

    #[test]
    fn four_states_lose_single_packets_and_bursts() {
        let (lost, bursts) = runs(LossModel::FourState {
            p13: 0,
            p31: percent(100),
            p32: 0,
            p23: u32::MAX,
            p14: percent(5),
            state: FourState::default(),
        });
        assert!((4_300..5_200).contains(&lost), "{lost}");
        assert_eq!(lost, bursts, "never two in a row");
    }
}
