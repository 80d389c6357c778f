//! The command that the words make, once all of them are read (`do_parse` and `do_command4` of iptables).
//! What becomes of it is in `tables`.

use super::Builder;
use crate::netns::filter::rule::{Family, Maybe, Net, Rule, Target};
use crate::netns::filter::tables::{Change, TableName};
use crate::netns::filter::words::{Action, Command, WordsError, check_devices};

impl<'w> Builder<'w> {
    /// The command, where the words are enough for one.
    pub(in crate::netns::filter::words) fn finish(mut self) -> Result<Command, WordsError> {
        let (letter, chain, more) = self
            .command
            .take()
            .ok_or_else(|| WordsError::problem("no command specified"))?;
        if self.wait_interval && !self.waits {
            return Err(WordsError {
                named: false,
                ..WordsError::problem(format_args!(
                    "Ignoring deprecated --wait-interval option.\n{} v1.8.9 (nf_tables): \
                     --wait-interval only makes sense with --wait\n",
                    match self.family {
                        Family::V4 => "iptables",
                        Family::V6 => "ip6tables",
                    }
                ))
            });
        }
        let shown = [
            (self.numeric, 'n'),
            (self.exact, 'x'),
            (self.line_numbers, '0'),
        ];
        let odd = shown.into_iter().find(|(given, _)| *given && letter != 'L');
        if let Some((_, odd)) = odd.filter(|_| letter != 'S' && letter != 'Z') {
            return Err(illegal(odd));
        }
        if let (Some(&given), true) = (self.given.first(), matches!(letter, 'L' | 'S')) {
            return Err(illegal(given));
        }
        let number = match letter {
            'E' | 'P' => None,
            _ => match more.first() {
                Some(number) => Some(rule_number(number)?),
                None => None,
            },
        };
        let named = |chain: &str| Some(chain.to_owned()).filter(|chain| !chain.is_empty());
        let action = match letter {
            'h' => Action::Help,
            'V' => Action::Version,
            'L' => Action::List(named(chain), number),
            'S' => Action::ListRules(named(chain), number),
            'A' | 'C' | 'I' | 'R' => self.rule_changes(letter, chain, number)?,
            'D' if number.is_none() => self.rule_changes(letter, chain, number)?,
            _ => {
                let given = self.given.iter().find(|given| **given != 'j');
                if let Some(&given) = given {
                    return Err(illegal(given));
                }
                let chain = chain.to_owned();
                Action::Change(vec![match letter {
                    'D' => Change::DeleteAt {
                        chain,
                        at: number.unwrap_or(0),
                    },
                    'F' => Change::Flush(named(&chain)),
                    'Z' => Change::Zero(named(&chain), number),
                    'N' => Change::NewChain(chain),
                    'X' => Change::DeleteChain(named(&chain)),
                    'E' => Change::Rename {
                        from: chain,
                        to: more.first().copied().unwrap_or("").to_owned(),
                    },
                    _ => Change::Policy {
                        chain,
                        policy: more.first().copied().unwrap_or("").to_owned(),
                        counters: None,
                    },
                }])
            }
        };
        Ok(Command {
            family: self.family,
            table: self.table,
            action,
            zero: self.zero,
            numeric: self.numeric,
            verbose: self.verbose,
            exact: self.exact,
            line_numbers: self.line_numbers,
            warnings: self.warnings,
        })
    }

    /// One change for each pair of addresses.
    fn rule_changes(
        &mut self,
        letter: char,
        chain: &str,
        number: Option<usize>,
    ) -> Result<Action, WordsError> {
        let protocol = self.rule.protocol;
        for one in std::mem::take(&mut self.matches) {
            self.rule.matches.push(one.finish(protocol)?);
        }
        if let Some(target) = self.target.take() {
            self.rule.target = Some(target.finish(protocol)?);
        }
        check_devices(chain, &self.rule)?;
        if self.table == TableName::Nat && self.rule.target == Some(Target::Drop) {
            return Err(WordsError::problem(
                "\nThe \"nat\" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n",
            ));
        }
        let many = self.sources.len() > 1 || self.destinations.len() > 1;
        if many && (self.inverted[0] || self.inverted[1]) {
            return Err(WordsError::problem(
                "! not allowed with multiple source or destination IP addresses",
            ));
        }
        if many && letter == 'R' {
            return Err(WordsError::problem(
                "Replacement rule does not specify a unique address",
            ));
        }
        let net = |net: &Option<Net>, not: bool| {
            net.map(|value| Maybe { not, value })
                .filter(|net| net.not || net.value.mask != 0)
        };
        let or_any = |nets: &[Net]| match nets {
            [] => vec![None],
            nets => nets.iter().copied().map(Some).collect(),
        };
        let mut changes = Vec::new();
        for src in or_any(&self.sources) {
            for dst in or_any(&self.destinations) {
                let mut rule = self.rule.clone();
                rule.src = net(&src, self.inverted[0]);
                rule.dst = net(&dst, self.inverted[1]);
                changes.push(self.change(letter, chain, number, rule));
            }
        }
        Ok(Action::Change(changes))
    }

    fn change(&self, letter: char, chain: &str, number: Option<usize>, rule: Rule) -> Change {
        let (chain, counters) = (chain.to_owned(), self.counters);
        match letter {
            'A' => Change::Append {
                chain,
                rule,
                counters,
            },
            'I' => Change::Insert {
                chain,
                at: number.unwrap_or(1),
                rule,
                counters,
            },
            'R' => Change::Replace {
                chain,
                at: number.unwrap_or(0),
                rule,
                counters,
            },
            'C' => Change::Check { chain, rule },
            _ => Change::Delete { chain, rule },
        }
    }
}

/// An option that says nothing to a command.
fn illegal(option: char) -> WordsError {
    let name = if option == '0' {
        "-line-numbers".to_owned()
    } else {
        option.to_string()
    };
    WordsError::problem(format_args!("Illegal option `-{name}' with this command"))
}

/// A number of a rule, from 1 on.
pub(super) fn rule_number(text: &str) -> Result<usize, WordsError> {
    let number = text.parse::<u32>().ok().filter(|&number| number > 0);
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| WordsError::problem(format_args!("Invalid rule number `{text}'")))
}
