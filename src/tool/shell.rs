//! Command lines without a session: each runs to its end in virtual time, in the calling thread.
//! There are no pipes, variables or jobs: those are a real shell's, behind `vethlab exec`.

use std::time::Duration;

use crate::docker::Engines;
use crate::engine::Exhausted;
use crate::kernel::World;
use crate::program::{Console, Piece, Poll, Program};
use crate::tool::{Call, Env, ExecRequest, Files, NoFiles, Outcome, explain, run};
use crate::units::{HostId, NetnsId, SimTime};

/// The time that a process takes on a real machine, for each command.
const COMMAND_COST: Duration = Duration::from_millis(1);
/// A program that nobody ends is ended after so much virtual time.
const PROGRAM_MAX: Duration = Duration::from_secs(3600);

/// Runs command lines in one namespace of a world.
///
/// ```
/// use vethlab::kernel::World;
/// use vethlab::tool::Shell;
///
/// let mut world = World::new(0);
/// let mut shell = Shell::new(&mut world);
/// assert_eq!(shell.run("ip netns add red").status, 0);
/// assert_eq!(shell.run("ip netns list").stdout, "red\n");
/// assert_eq!(shell.run("ip netns add red").status, 1);
/// ```
pub struct Shell<'w> {
    world: &'w mut World,
    docker: Docker<'w>,
    host: HostId,
    netns: NetnsId,
    program_max: Duration,
}

/// The container engines that a shell works on: its own, which end with it, or somebody's.
#[derive(Debug)]
pub enum Docker<'w> {
    /// The shell's own.
    Own(Box<Engines>),
    /// Lent for as long as the shell lives.
    Lent(&'w mut Engines),
}

impl Docker<'_> {
    fn engines(&mut self) -> &mut Engines {
        match self {
            Self::Own(engines) => engines,
            Self::Lent(engines) => engines,
        }
    }
}

/// What became of a command line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Finished {
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
    /// The files that it wrote, with their content.
    pub files: Vec<(String, Vec<u8>)>,
    /// Its exit status: 127 where the command is not simulated, 124 where it had to be ended.
    pub status: i32,
}

impl<'w> Shell<'w> {
    /// A shell in the root namespace of the first host.
    pub fn new(world: &'w mut World) -> Self {
        let host = world.default_host();
        let netns = world.host(host).root;
        Self::in_netns(world, host, netns)
    }

    /// A shell in another namespace.
    pub fn in_netns(world: &'w mut World, host: HostId, netns: NetnsId) -> Self {
        Self {
            world,
            docker: Docker::Own(Box::default()),
            host,
            netns,
            program_max: PROGRAM_MAX,
        }
    }

    /// The same shell with container engines that outlive it.
    pub fn with_docker(mut self, engines: &'w mut Engines) -> Self {
        self.docker = Docker::Lent(engines);
        self
    }

    /// The same shell, which ends a program after so much virtual time (of itself: an hour), with status 124.
    pub fn with_program_max(mut self, most: Duration) -> Self {
        self.program_max = most;
        self
    }

    /// The world that it works on.
    pub fn world(&mut self) -> &mut World {
        self.world
    }

    /// Runs one command line. Words are split at white space; quotes and backslashes work as in `sh`.
    pub fn run(&mut self, line: &str) -> Finished {
        match split_words(line) {
            Some(words) if words.is_empty() => Finished::default(),
            Some(words) => self.run_words(&words, &mut NoFiles),
            None => Finished {
                stderr: "vethlab: unterminated quote\n".to_owned(),
                status: 2,
                ..Finished::default()
            },
        }
    }

    /// Runs a command that is in words already, with files to read.
    pub fn run_words(&mut self, words: &[String], files: &mut dyn Files) -> Finished {
        let mut finished = Finished::default();
        let request = ExecRequest {
            host: self.host,
            netns: self.netns,
            netns_name: None,
            argv: words.to_vec(),
            failure: String::new(),
            failure_status: 127,
        };
        let status = self.execute(&request, files, &mut finished);
        finished.status = status.unwrap_or_else(|fault| {
            finished.stderr.push_str(&format!("vethlab: {fault}\n"));
            3
        });
        finished
    }

    fn execute(
        &mut self,
        request: &ExecRequest,
        files: &mut dyn Files,
        finished: &mut Finished,
    ) -> Result<i32, Exhausted> {
        let mut request = request.clone();
        let env = Env {
            ident: self.world.next_process(),
            ..Env::default()
        };
        loop {
            self.world.run_until(self.world.now() + COMMAND_COST)?;
            let mut console = Console::default();
            let probes = explain::is_probe(&request.argv);
            if probes {
                self.world.begin_story();
            }
            let mut call = Call {
                world: self.world,
                docker: self.docker.engines(),
                host: request.host,
                netns: request.netns,
                console: &mut console,
                files,
                env: &env,
            };
            let outcome = run(&mut call, &request.argv);
            finished.take(&mut console);
            match outcome {
                None => {
                    let failure = request.failure.replace("{}", "No such file or directory");
                    let name = request.argv.first().map_or("", String::as_str);
                    let plain = format!("vethlab: {name}: not a simulated command\n");
                    finished
                        .stderr
                        .push_str(if failure.is_empty() { &plain } else { &failure });
                    return Ok(request.failure_status);
                }
                Some(Outcome::Exit(status)) => {
                    self.end_probe(probes, &request, status);
                    return Ok(status);
                }
                Some(Outcome::Start(program)) => {
                    let status = self.drive(*program, finished)?;
                    self.end_probe(probes, &request, status);
                    return Ok(status);
                }
                Some(Outcome::Exec(next)) => request = next,
                Some(Outcome::Each(runs)) => {
                    for (before, next) in runs {
                        finished.stdout.push_str(&before);
                        self.execute(&next, files, finished)?;
                    }
                    return Ok(0);
                }
                Some(Outcome::Then(both)) => {
                    let [first, then] = *both;
                    let status = self.execute(&first, files, finished)?;
                    request = then.after(status);
                }
                Some(Outcome::Wait) => return Ok(2),
            }
        }
    }

    /// A command that probes the network has ended: where it failed, `explain` can tell why.
    fn end_probe(&mut self, probes: bool, request: &ExecRequest, status: i32) {
        if probes {
            explain::end_probe(self.world, request, status);
        }
    }

    /// Lets a program run to its end.
    fn drive(&mut self, mut program: Program, finished: &mut Finished) -> Result<i32, Exhausted> {
        let end = self.world.now() + self.program_max;
        let mut woken = Vec::new();
        loop {
            let mut console = Console::default();
            let poll = program.poll(self.world, &mut console);
            finished.take(&mut console);
            let wake = match poll {
                Poll::Exit(status) => {
                    program.close(self.world);
                    return Ok(status);
                }
                Poll::Wait(wake) => wake,
            };
            let mine = program.sockets();
            if !self.run_to_news(&mine, wake, end, &mut woken)? {
                program.close(self.world);
                return Ok(124);
            }
        }
    }

    /// Runs the world until one of the sockets has news or the time has come; says whether either did.
    fn run_to_news(
        &mut self,
        sockets: &[crate::units::SockId],
        wake: Option<SimTime>,
        end: SimTime,
        woken: &mut Vec<crate::units::SockId>,
    ) -> Result<bool, Exhausted> {
        let until = wake.unwrap_or(end).min(end);
        loop {
            woken.clear();
            self.world.take_woken(woken);
            let engines = self.docker.engines();
            engines.poll_servers(self.world, woken);
            let served = engines.next_wake().filter(|&wake| wake <= until);
            if woken.iter().any(|socket| sockets.contains(socket)) {
                return Ok(true);
            }
            let next = self.world.next_event();
            if let Some(wake) = served
                && next.is_none_or(|next| next > wake)
            {
                self.world.run_until(wake)?;
                continue;
            }
            match next {
                Some(next) if next <= until => {
                    self.world.step()?;
                }
                Some(_) | None => {
                    self.world.run_until(until)?;
                    return Ok(until < end);
                }
            }
        }
    }
}

impl Finished {
    fn take(&mut self, console: &mut Console) {
        for piece in console.take() {
            match piece {
                Piece::Out(bytes) => self.stdout.push_str(&String::from_utf8_lossy(&bytes)),
                Piece::Err(bytes) => self.stderr.push_str(&String::from_utf8_lossy(&bytes)),
                Piece::File { path, bytes, .. } => {
                    match self.files.iter_mut().find(|(known, _)| *known == path) {
                        Some((_, content)) => content.extend_from_slice(&bytes),
                        None => self.files.push((path, bytes)),
                    }
                }
            }
        }
    }
}

/// Splits a line into words as `sh` does without expansions; nothing where a quote is not closed.
pub fn split_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(chars.next()?),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => quoted(&mut chars, word.get_or_insert_default())?,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// What stands in double quotes: a backslash keeps its special meaning before `$`, backtick, `"` and itself only.
fn quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => match chars.next()? {
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_split_as_in_sh() {
        for (line, words) in [
            ("ip link  show", Some(vec!["ip", "link", "show"])),
            (
                "alias \"uplink to b\" 'a  b' c\\ d",
                Some(vec!["alias", "uplink to b", "a  b", "c d"]),
            ),
            ("x '' \"\"", Some(vec!["x", "", ""])),
            ("say \"a\\\"b\\n\"", Some(vec!["say", "a\"b\\n"])),
            ("open 'quote", None),
            ("", Some(vec![])),
        ] {
            let words = words.map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(split_words(line), words, "{line}");
        }
    }

    #[test]
    fn a_program_ends_after_the_time_that_it_may_have() {
        let mut world = World::new(0);
        let most = Duration::from_secs(5);
        let mut shell = Shell::new(&mut world).with_program_max(most);
        assert_eq!(shell.run("ping -q 127.0.0.1").status, 124);
        assert_eq!(world.now().as_millis() / 1000, 5);
    }

    #[test]
    fn two_pings_have_identifiers_of_their_own() {
        let mut world = World::new(0);
        let mut ident = || {
            let finished = Shell::new(&mut world).run("ping -v -c 1 127.0.0.1");
            let (_, after) = finished.stdout.split_once(" ident=").unwrap();
            after.split(' ').next().unwrap().to_owned()
        };
        assert_ne!(ident(), ident());
    }

    #[test]
    fn what_is_not_simulated_says_so() {
        let mut world = World::new(0);
        let finished = Shell::new(&mut world).run("frobnicate --now");
        assert_eq!(finished.status, 127);
        assert!(finished.stderr.contains("frobnicate"));
    }
}
