//! What a sleeping process waits for, as far as the kernel tells: a child, a pipe, a clock, a person.
//! It does not decide how the clock moves.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, FileTypeExt};

/// Whom a process waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Blocked {
    /// Nobody: it has only announced that it will sleep. A process shows as sleeping from then on
    /// (`set_current_state`), looks once more whether there is something to do, and may lose its
    /// processor in between.
    Runs,
    /// Somebody in the tree: a child, the other end of a pipe. Also where the kernel does not say.
    Inside,
    /// Perhaps the tree, perhaps the real world: a socket, a lock.
    Unsure,
    /// A person, a real clock, or whoever feeds the session's standard input.
    Outside,
}

/// The system calls that matter, by their numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    Wait,
    Read,
    Write,
    Poll,
    Select,
    Epoll,
    Sleep,
    Open,
    Other,
}

#[cfg(target_arch = "x86_64")]
fn call_of(number: u64) -> Call {
    match number {
        61 | 247 | 34 | 130 => Call::Wait,
        0 | 19 => Call::Read,
        1 | 20 => Call::Write,
        7 | 271 => Call::Poll,
        23 | 270 => Call::Select,
        232 | 281 | 441 => Call::Epoll,
        35 | 230 => Call::Sleep,
        2 | 257 => Call::Open,
        _ => Call::Other,
    }
}

/// The generic numbers (asm-generic/unistd.h) of aarch64, riscv64 and the newer ones.
#[cfg(not(target_arch = "x86_64"))]
fn call_of(number: u64) -> Call {
    match number {
        260 | 95 | 133 => Call::Wait,
        63 | 65 => Call::Read,
        64 | 66 => Call::Write,
        73 => Call::Poll,
        72 => Call::Select,
        22 | 441 => Call::Epoll,
        101 | 115 => Call::Sleep,
        56 => Call::Open,
        _ => Call::Other,
    }
}

/// What a process waits for. `is_outside` says which of its open files lead out of the session.
pub(super) fn blocked_on(pid: u32, is_outside: &dyn Fn(u64) -> bool) -> Blocked {
    // One line of numbers: nine words of at most 18 letters.
    let mut line = [0; 256];
    let file = File::open(format!("/proc/{pid}/syscall"));
    let Ok(length) = file.and_then(|file| file.read_at(&mut line, 0)) else {
        return Blocked::Inside;
    };
    let text = String::from_utf8_lossy(line.get(..length).unwrap_or_default());
    // The kernel waits until a sleeper has left its processor, and sees whether it was woken (`wait_task_inactive`).
    if text.trim_end() == "running" {
        return Blocked::Runs;
    }
    let Some((number, arguments)) = parse_syscall(&text) else {
        return Blocked::Unsure;
    };
    let any_outside = |fds: &[u64]| fds.iter().any(|fd| is_outside(*fd));
    let judge = |fds: &[u64]| match any_outside(fds) {
        true => Blocked::Outside,
        false => Blocked::Unsure,
    };
    match call_of(number) {
        Call::Wait | Call::Open => Blocked::Inside,
        Call::Sleep => Blocked::Outside,
        Call::Read | Call::Write => match any_outside(&arguments[..1]) {
            true => Blocked::Outside,
            false if is_pipe(pid, arguments[0]) => Blocked::Inside,
            false => Blocked::Unsure,
        },
        Call::Poll => judge(&polled(pid, arguments)),
        Call::Select => judge(&selected(pid, arguments)),
        Call::Epoll => judge(&registered(pid, arguments[0])),
        Call::Other => Blocked::Unsure,
    }
}

/// The number and the first arguments of `/proc/PID/syscall`; `None` for `running` and the like.
fn parse_syscall(text: &str) -> Option<(u64, [u64; 2])> {
    let mut words = text.split_ascii_whitespace();
    let number = words.next()?.parse().ok()?;
    let mut argument = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
    Some((number, [argument()?, argument()?]))
}

fn is_pipe(pid: u32, fd: u64) -> bool {
    fs::metadata(format!("/proc/{pid}/fd/{fd}")).is_ok_and(|meta| meta.file_type().is_fifo())
}

/// How many files of one call are looked at.
const FDS_MAX: usize = 256;

/// Bytes of a process's memory, where we may see it.
fn memory(pid: u32, address: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let read = File::open(format!("/proc/{pid}/mem"))
        .and_then(|memory| memory.read_exact_at(&mut bytes, address));
    match read {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}

/// The files of `poll`: an array of `struct pollfd`, of 8 bytes each, the number first.
fn polled(pid: u32, [address, count]: [u64; 2]) -> Vec<u64> {
    let count = usize::try_from(count).unwrap_or(0).min(FDS_MAX);
    memory(pid, address, count * 8)
        .chunks_exact(8)
        .filter_map(|entry| entry.first_chunk::<4>())
        .filter_map(|fd| u64::try_from(i32::from_ne_bytes(*fd)).ok())
        .collect()
}

/// The files that `select` reads from: a set of bits.
fn selected(pid: u32, [count, address]: [u64; 2]) -> Vec<u64> {
    if address == 0 {
        return Vec::new();
    }
    let count = usize::try_from(count).unwrap_or(0).min(FDS_MAX);
    let bits = memory(pid, address, count.div_ceil(64) * 8);
    (0..count)
        .filter(|fd| {
            bits.get(fd / 8)
                .is_some_and(|byte| byte >> (fd % 8) & 1 == 1)
        })
        .map(|fd| fd as u64)
        .collect()
}

/// The files of an epoll instance: the `tfd:` lines of its `fdinfo`.
fn registered(pid: u32, fd: u64) -> Vec<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.strip_prefix("tfd:"))
        .filter_map(|line| line.split_ascii_whitespace().next()?.parse().ok())
        .take(FDS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_call_line_is_read() {
        assert_eq!(
            parse_syscall("61 0xffffffff 0x7ffd 0x0 0x0 0x0 0x0 0x7ffd 0x7f03\n"),
            Some((61, [0xffff_ffff, 0x7ffd]))
        );
        assert_eq!(parse_syscall("running\n"), None);
        assert_eq!(parse_syscall("-1 0x7ffd 0x7f03\n"), None);
        assert_eq!(parse_syscall(""), None);
    }

    #[test]
    fn process_that_is_hidden_is_taken_to_wait_for_us() {
        assert_eq!(blocked_on(u32::MAX, &|_| true), Blocked::Inside);
    }
}
