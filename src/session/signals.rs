//! Signals of the operating system: caught into flags and a pipe, raised, named.
//! What a signal means is decided by who caught it.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts;

use super::backend::Signal;

impl Signal {
    /// The system's number of the signal.
    pub(super) fn number(self) -> i32 {
        match self {
            Self::Hangup => consts::SIGHUP,
            Self::Interrupt => consts::SIGINT,
            Self::Quit => consts::SIGQUIT,
            Self::Alarm => consts::SIGALRM,
            Self::Terminate => consts::SIGTERM,
            Self::User1 => consts::SIGUSR1,
            Self::User2 => consts::SIGUSR2,
        }
    }
}

/// Signals that are caught instead of ending the process.
pub(super) struct Caught {
    wake: UnixStream,
    counts: Vec<(i32, Arc<AtomicUsize>)>,
    raise: UnixStream,
}

impl Caught {
    /// Catches nothing yet.
    pub(super) fn new() -> io::Result<Self> {
        let (wake, raise) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        raise.set_nonblocking(true)?;
        Ok(Self {
            wake,
            counts: Vec::new(),
            raise,
        })
    }

    /// Catches one more signal.
    pub(super) fn add(&mut self, number: i32) -> io::Result<()> {
        if self.counts.iter().any(|(known, _)| *known == number) {
            return Ok(());
        }
        // One of these states it, the other wakes whoever polls, in this order.
        let count = Arc::new(AtomicUsize::new(0));
        signal_hook::flag::register_usize(number, Arc::clone(&count), 1)?;
        signal_hook::low_level::pipe::register(number, self.raise.try_clone()?)?;
        self.counts.push((number, count));
        Ok(())
    }

    /// The signals that came since the last call, each once, in the order in which they were added.
    pub(super) fn take(&mut self) -> Vec<i32> {
        let mut bytes = [0; 64];
        while matches!(self.wake.read(&mut bytes), Ok(1..)) {}
        let came = |count: &Arc<AtomicUsize>| count.swap(0, Ordering::SeqCst) > 0;
        self.counts
            .iter()
            .filter(|(_, count)| came(count))
            .map(|(number, _)| *number)
            .collect()
    }
}

impl AsFd for Caught {
    /// Readable when a signal came.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

/// Ends the process as the signal would have.
pub(super) fn die(number: i32) -> ! {
    let _ = signal_hook::low_level::emulate_default_handler(number);
    std::process::exit(128 + number)
}

/// Whether the process was started with this signal ignored, as `nohup` does.
/// Where the system does not say, it was not.
pub(super) fn was_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

/// The number of a signal as `kill` and `timeout` take it: `TERM`, `SIGTERM`, `15`.
pub(super) fn parse(word: &str) -> Option<i32> {
    if let Ok(number) = word.parse::<i32>() {
        return (0..=64).contains(&number).then_some(number);
    }
    let upper = word.to_ascii_uppercase();
    let short = upper.strip_prefix("SIG").unwrap_or(&upper);
    NAMES
        .iter()
        .find(|(name, _)| *name == short)
        .map(|(_, number)| *number)
}

/// The name of a signal without `SIG`; its number where it has none.
pub(super) fn name(number: i32) -> String {
    NAMES
        .iter()
        .find(|(_, known)| *known == number)
        .map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned())
}

const NAMES: [(&str, i32); 27] = [
    ("HUP", consts::SIGHUP),
    ("INT", consts::SIGINT),
    ("QUIT", consts::SIGQUIT),
    ("ILL", consts::SIGILL),
    ("TRAP", consts::SIGTRAP),
    ("ABRT", consts::SIGABRT),
    ("BUS", consts::SIGBUS),
    ("FPE", consts::SIGFPE),
    ("KILL", consts::SIGKILL),
    ("USR1", consts::SIGUSR1),
    ("SEGV", consts::SIGSEGV),
    ("USR2", consts::SIGUSR2),
    ("PIPE", consts::SIGPIPE),
    ("ALRM", consts::SIGALRM),
    ("TERM", consts::SIGTERM),
    ("CHLD", consts::SIGCHLD),
    ("CONT", consts::SIGCONT),
    ("STOP", consts::SIGSTOP),
    ("TSTP", consts::SIGTSTP),
    ("TTIN", consts::SIGTTIN),
    ("TTOU", consts::SIGTTOU),
    ("URG", consts::SIGURG),
    ("XCPU", consts::SIGXCPU),
    ("XFSZ", consts::SIGXFSZ),
    ("VTALRM", consts::SIGVTALRM),
    ("PROF", consts::SIGPROF),
    ("WINCH", consts::SIGWINCH),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signal_is_known_by_name_and_number() {
        assert_eq!(parse("TERM"), Some(15));
        assert_eq!(parse("SIGKILL"), Some(9));
        assert_eq!(parse("int"), Some(2));
        assert_eq!(parse("9"), Some(9));
        assert_eq!(parse("NOPE"), None);
        assert_eq!(parse("65"), None);
        assert_eq!(name(15), "TERM");
    }

    #[test]
    fn caught_signal_is_taken_once() {
        let mut caught = Caught::new().unwrap();
        caught.add(consts::SIGURG).unwrap();
        assert!(caught.take().is_empty());
        signal_hook::low_level::raise(consts::SIGURG).unwrap();
        assert_eq!(caught.take(), [consts::SIGURG]);
        assert!(caught.take().is_empty());
    }
}
