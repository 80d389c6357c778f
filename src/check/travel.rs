//! A failing case as files that travel: a scenario, which `vethlab run` replays, and a shell script, which does the same
//! on a real machine.
//! What failed is for the caller to say.

use std::fmt::Write as _;
use std::time::Duration;

/// Command lines that build a network, and those that were run in it, with what became of each.
///
/// ```
/// use vethlab::check::Travel;
///
/// let mut travel = Travel::new(vec!["ip netns add red".to_owned()]);
/// travel.ran("ip netns exec red ping -c 1 -W 1 10.0.0.1", 2);
/// let file = travel.scenario("Nobody is there", "Found by a property.");
/// assert!(file.starts_with("name: \"Nobody is there\"\n"));
/// assert!(file.contains("expect: {status: 2}"));
/// assert!(travel.script("Nobody is there").ends_with("ping -c 1 -W 1 10.0.0.1\n"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Travel {
    setup: Vec<String>,
    steps: Vec<Stage>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Stage {
    Ran { line: String, status: i32 },
    Waited(Duration),
}

impl Travel {
    /// Nothing happened yet in a network that these lines build.
    pub fn new(setup: Vec<String>) -> Self {
        let steps = Vec::new();
        Self { setup, steps }
    }

    /// A line ended with a status: that is what the scenario expects again. Give the status that you claim where
    /// the file is to fail until the claim holds.
    pub fn ran(&mut self, line: &str, status: i32) {
        let line = line.to_owned();
        self.steps.push(Stage::Ran { line, status });
    }

    /// Time passed; whole seconds and milliseconds are written.
    pub fn waited(&mut self, time: Duration) {
        match self.steps.last_mut() {
            Some(Stage::Waited(before)) => *before += time,
            _ => self.steps.push(Stage::Waited(time)),
        }
    }

    /// How many lines were run after the network stood.
    pub fn lines(&self) -> usize {
        let ran = |stage: &&Stage| matches!(stage, Stage::Ran { .. });
        self.steps.iter().filter(ran).count()
    }

    /// The scenario file: each line must end as it did.
    pub fn scenario(&self, name: &str, about: &str) -> String {
        let mut text = format!("name: {}\nabout: {}\n", quoted(name), quoted(about));
        text += "setup:\n";
        for line in &self.setup {
            let _ = writeln!(text, "  - {}", quoted(line));
        }
        text += "steps:\n";
        for stage in &self.steps {
            let _ = match stage {
                Stage::Waited(time) => writeln!(text, "  - wait: {}ms", time.as_millis()),
                Stage::Ran { line, status } => writeln!(
                    text,
                    "  - run: {}\n    expect: {{status: {status}}}",
                    quoted(line)
                ),
            };
        }
        text
    }

    /// The script, for a shell of root in namespaces of its own.
    pub fn script(&self, name: &str) -> String {
        let mut text = format!("#!/bin/sh\n# {}\n", name.replace('\n', " "));
        for line in &self.setup {
            let _ = writeln!(text, "{line}");
        }
        for stage in &self.steps {
            let _ = match stage {
                Stage::Waited(time) => {
                    writeln!(text, "sleep {}.{:03}", time.as_secs(), time.subsec_millis())
                }
                Stage::Ran { line, .. } => writeln!(text, "{line}"),
            };
        }
        text
    }
}

/// A text as a double-quoted scalar of YAML, which JSON's strings are.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
