//! Whether any frame can match: a filter that rejects all is an error, as it is for libpcap's optimiser.
//! Only equalities are reasoned about; what is not understood counts as possible.

use super::program::{Condition, Relation, Value};

/// Beyond so many branches the answer is yes.
const BRANCHES_MAX: usize = 2_000;

/// What is assumed about a value on the way to a match.
#[derive(Clone)]
struct Fact<'a> {
    value: &'a Value,
    relation: Relation,
    with: &'a Value,
    holds: bool,
}

/// Whether some frame may match.
pub(super) fn satisfiable(condition: &Condition) -> bool {
    let mut branches = 0;
    search(vec![(condition, true)], Vec::new(), &mut branches)
}

/// Whether all goals can be met, given the facts.
fn search<'a>(
    mut goals: Vec<(&'a Condition, bool)>,
    mut facts: Vec<Fact<'a>>,
    branches: &mut usize,
) -> bool {
    while let Some((condition, wanted)) = goals.pop() {
        match condition {
            Condition::Constant(value) => {
                if *value != wanted {
                    return false;
                }
            }
            Condition::Not(inner) => goals.push((inner, !wanted)),
            Condition::OffloadedTag(_) => {}
            Condition::And(first, second) | Condition::Or(first, second) => {
                let joined = matches!(condition, Condition::And(..)) == wanted;
                goals.push((second, wanted));
                if joined {
                    goals.push((first, wanted));
                    continue;
                }
                *branches += 1;
                if *branches > BRANCHES_MAX {
                    return true;
                }
                let mut one = goals.clone();
                one.pop();
                one.push((first, wanted));
                if search(one, facts.clone(), branches) {
                    return true;
                }
                goals.push((first, !wanted));
            }
            Condition::Test(value, relation, with) => {
                let fact = Fact {
                    value,
                    relation: *relation,
                    with,
                    holds: wanted,
                };
                if facts.iter().any(|known| known.contradicts(&fact)) {
                    return false;
                }
                facts.push(fact);
            }
        }
    }
    true
}

impl Fact<'_> {
    fn contradicts(&self, other: &Self) -> bool {
        if self.value != other.value {
            return false;
        }
        if self.relation == other.relation && self.with == other.with {
            return self.holds != other.holds;
        }
        self.rules_out(other) || other.rules_out(self)
    }

    /// A known value decides every other test of it.
    fn rules_out(&self, other: &Self) -> bool {
        if self.relation != Relation::Equal || !self.holds {
            return false;
        }
        match (self.with.constant(), other.with.constant()) {
            (Some(known), Some(with)) => other.relation.holds(known, with) != other.holds,
            _ => false,
        }
    }
}
