//! Where two transcripts of one script differ, step by step.
//! What may differ is not its business: that is blanked before.

use std::fmt;

use super::Step;

/// A step that did not print the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The step's number, from 0.
    pub index: usize,
    /// The step as the kernel ran it; `None` where it did not come so far.
    pub kernel: Option<Step>,
    /// The step as the simulator ran it; `None` where it did not come so far.
    pub simulator: Option<Step>,
}

/// All steps of two transcripts that differ, in order.
///
/// ```
/// use vethlab::transcript::{blank, differences};
///
/// let kernel = blank("$ ip link del x\nCannot find device \"x\"\n[exit 1]\n");
/// let simulator = blank("$ ip link del x\n");
/// assert_eq!(differences(&kernel, &simulator)[0].index, 0);
/// assert!(differences(&kernel, &kernel).is_empty());
/// ```
pub fn differences(kernel: &[Step], simulator: &[Step]) -> Vec<Difference> {
    let steps = 0..kernel.len().max(simulator.len());
    let differing = steps.filter(|index| kernel.get(*index) != simulator.get(*index));
    differing
        .map(|index| Difference {
            index,
            kernel: kernel.get(index).cloned(),
            simulator: simulator.get(index).cloned(),
        })
        .collect()
}

impl fmt::Display for Difference {
    /// Both outputs, behind the name of who printed them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (who, step) in [("kernel", &self.kernel), ("simulator", &self.simulator)] {
            writeln!(f, "  {who}:")?;
            match step {
                None => writeln!(f, "    (the step was not run)")?,
                Some(step) if step.output.is_empty() => writeln!(f, "    (nothing)")?,
                Some(step) => {
                    for line in &step.output {
                        writeln!(f, "    {line}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::blank;
    use super::*;

    #[test]
    fn a_transcript_that_ends_early_differs_at_its_end() {
        let (long, short) = (blank("$ a\n$ b\n1\n"), blank("$ a\n"));
        for (kernel, simulator) in [(&long, &short), (&short, &long)] {
            let found = differences(kernel, simulator);
            assert_eq!((found.len(), found[0].index), (1, 1));
        }
    }

    #[test]
    fn both_outputs_are_shown() {
        let shown = differences(&blank("$ a\nx\n"), &blank("$ a\n"))[0].to_string();
        assert_eq!(shown, "  kernel:\n    x\n  simulator:\n    (nothing)\n");
    }
}
