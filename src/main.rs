//! The command `vethlab`, and every tool that a session links to it.
//! What is asked for is read in `cli`; a tool's call goes straight to its session.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let status = run();
    ExitCode::from(u8::try_from(status & 0xff).unwrap_or(1))
}

/// The links come first: their start is short.
#[cfg(unix)]
fn run() -> i32 {
    use vethlab::session;

    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    if session::is_client(&name.to_string_lossy(), session::in_session()) {
        return session::client(std::iter::once(name).chain(arguments).collect());
    }
    cli::run()
}

#[cfg(not(unix))]
fn run() -> i32 {
    cli::run()
}
