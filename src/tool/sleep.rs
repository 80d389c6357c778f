//! `sleep` of the GNU coreutils, for command lines without a session: the sum of its arguments.
//! In a session the clock is the session's, and so is its `sleep`.

use std::time::Duration;

use super::getopt::{Opt, getopt};
use super::iputils::strtod;
use super::{Call, Failure, Outcome};
use crate::program::Program;
use crate::program::sleep::Sleep;

const TRY: &str = "Try 'sleep --help' for more information.";

/// Runs `sleep`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let (options, spans) = getopt(argv, "");
    if let Some(Opt::Bad(said)) = options.first() {
        return Failure::line(1, format_args!("sleep: {said}{TRY}")).report(call.console);
    }
    if spans.is_empty() {
        return Failure::line(1, format_args!("sleep: missing operand\n{TRY}"))
            .report(call.console);
    }
    let (mut sum, mut for_ever, mut wrong) = (Duration::ZERO, false, String::new());
    for word in spans {
        match span(word) {
            Some(Some(span)) => sum = sum.saturating_add(span),
            Some(None) => for_ever = true,
            None => wrong += &format!("sleep: invalid time interval '{word}'\n"),
        }
    }
    if !wrong.is_empty() {
        return Failure::line(1, format_args!("{wrong}{TRY}")).report(call.console);
    }
    let span = (!for_ever).then_some(sum);
    Outcome::Start(Box::new(Program::Sleep(Sleep::start(call.world, span))))
}

/// A number with its unit, seconds without one; `Some(None)` is for ever.
#[expect(
    clippy::option_option,
    reason = "wrong, for ever, and so long are three answers"
)]
fn span(word: &str) -> Option<Option<Duration>> {
    let (number, rest) = strtod(word);
    let unit = match rest {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    if word.is_empty() || rest.len() == word.len() || number.is_nan() || number < 0.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(number * unit).ok())
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;
    use std::time::Duration;

    #[test]
    fn the_clock_moves_by_the_sum_of_the_arguments() {
        let mut world = World::new(0);
        let start = world.now();
        assert_eq!(Shell::new(&mut world).run("sleep 1 0.5 1m").status, 0);
        let slept = world.now().since(start);
        assert!(
            slept >= Duration::from_millis(61_500) && slept < Duration::from_secs(62),
            "{slept:?}"
        );
    }

    #[test]
    fn each_wrong_argument_is_named() {
        let mut world = World::new(0);
        let mut said = |line: &str| Shell::new(&mut world).run(line).stderr;
        let end = "Try 'sleep --help' for more information.\n";
        let named = "sleep: invalid time interval 'a'\nsleep: invalid time interval '1x'\n";
        assert_eq!(said("sleep a 1 1x"), format!("{named}{end}"));
        assert_eq!(said("sleep"), format!("sleep: missing operand\n{end}"));
        assert_eq!(
            said("sleep -1"),
            format!("sleep: invalid option -- '1'\n{end}")
        );
    }
}
