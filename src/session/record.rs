//! `--record`: the commands of a session as a scenario, with the time between them.
//! Commands that ran at the same time are written one after the other; what no simulated tool did is not written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::sinks::Ending;
use crate::capture::Input;
use crate::docker::Era;
use crate::units::SimTime;

/// What a command costs before it acts, in nanoseconds.
const COST_NS: u64 = super::TOOL_COST_NS;

/// A scenario that is being written.
#[derive(Debug)]
pub(super) struct Recorder {
    out: BufWriter<File>,
    open: BTreeMap<u64, Open>,
    /// The processes that became a simulated tool: the command that they were called with says it all.
    becoming: BTreeMap<u32, u64>,
    /// The time that the scenario has reached.
    reached: SimTime,
    steps: u64,
}

/// A command that runs.
#[derive(Debug)]
struct Open {
    pid: u32,
    at: SimTime,
    input: Input,
}

impl Recorder {
    pub(super) fn new(path: &Path, seed: u64, era: Era, hosts: Option<&str>) -> io::Result<Self> {
        let mut out = BufWriter::new(File::create(path)?);
        writeln!(out, "name: A recorded session")?;
        writeln!(out, "seed: {seed}")?;
        if era != Era::default() {
            writeln!(out, "docker_era: {era}")?;
        }
        if let Some(hosts) = hosts {
            // The file with the hosts has the keys of a scenario.
            writeln!(out, "{}", hosts.trim_end())?;
        }
        Ok(Self {
            out,
            open: BTreeMap::new(),
            becoming: BTreeMap::new(),
            reached: SimTime::ZERO,
            steps: 0,
        })
    }

    pub(super) fn input(&mut self, at: SimTime, pid: u32, input: &Input) {
        let begun = self.becoming.remove(&pid);
        let open = match begun.and_then(|number| self.open.remove(&number)) {
            Some(mut outer) => {
                outer.input.number = input.number;
                outer
            }
            None => Open {
                pid,
                at,
                input: input.clone(),
            },
        };
        self.open.insert(input.number, open);
    }

    pub(super) fn output(&mut self, at: SimTime, number: u64, how: Ending) -> io::Result<()> {
        match how {
            Ending::Becomes { simulated: true } => {
                if let Some(open) = self.open.get(&number) {
                    self.becoming.insert(open.pid, number);
                }
                Ok(())
            }
            Ending::Becomes { simulated: false } => {
                self.open.remove(&number);
                Ok(())
            }
            Ending::Listens => match self.open.remove(&number) {
                Some(open) => writeln!(self.out, "  # Beside the others ran: {}", line_of(&open)),
                None => Ok(()),
            },
            Ending::Status(status) => match self.open.remove(&number) {
                Some(open) => self.step(&open, at, status),
                None => Ok(()),
            },
        }
    }

    fn step(&mut self, open: &Open, at: SimTime, status: i32) -> io::Result<()> {
        if self.steps == 0 {
            writeln!(self.out, "steps:")?;
        }
        self.steps += 1;
        let idle = open.at.since(self.reached).as_nanos();
        if idle > 0 {
            writeln!(self.out, "  - wait: {idle}ns")?;
        }
        match batch(&open.input) {
            Some(lines) => writeln!(self.out, "  - run: {}", yaml(&lines))?,
            None => writeln!(self.out, "  - run: {}", yaml(&line_of(open)))?,
        }
        let place = match (open.input.host.as_str(), open.input.netns.as_str()) {
            ("" | "host", "") => None,
            ("" | "host", netns) => Some(netns.to_owned()),
            (host, netns) => Some(format!("{host}:{netns}")),
        };
        if let Some(place) = place {
            writeln!(self.out, "    in: {}", yaml(&place))?;
        }
        if status != 0 {
            writeln!(self.out, "    expect: {{status: {status}}}")?;
        }
        let least = open.at + std::time::Duration::from_nanos(COST_NS);
        self.reached = self.reached.max(at).max(least);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.steps == 0 {
            writeln!(self.out, "steps: []")?;
        }
        self.out.flush()
    }
}

/// A command as it was typed, in one line.
fn line_of(open: &Open) -> String {
    let words: Vec<String> = open.input.argv.iter().map(|word| quoted(word)).collect();
    words.join(" ").replace(['\n', '\r'], " ")
}

/// The commands of `ip -batch`, whose file a scenario has not: one `ip` for each line.
fn batch(input: &Input) -> Option<String> {
    let [tool, option, file] = input.argv.as_slice() else {
        return None;
    };
    if tool.rsplit('/').next() != Some("ip") || !matches!(option.as_str(), "-b" | "-batch") {
        return None;
    }
    let (_, content) = input.files.iter().find(|(path, _)| path == file)?;
    let text = String::from_utf8_lossy(content);
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<String> = lines.map(|line| format!("ip {line}")).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=./:,@%^".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// A string of YAML: what JSON writes is YAML too.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        for word in ["ip", "a b", "it's", "", "$x", "a;b"] {
            let split = crate::tool::split_words(&quoted(word));
            assert_eq!(split, Some(vec![word.to_owned()]));
        }
    }
}
