//! `vethlab replay`: the inputs of a trace again, and every line that comes of them compared with the file's.
//! The file is read line by line, twice at once: the inputs ahead, the lines to compare behind.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::backend::{
    Backend, ClientId, Create, FileHandle, HostError, HostIo, Invocation, Signal,
};
use super::lab::Lab;
use super::sinks::Sinks;
use crate::capture::{Header, ScenarioWriter, TRACE_VERSION};
use crate::scenario;

/// A line longer than this is no line of a trace: files that commands read are in it.
const LINE_MAX: usize = 1 << 28;

/// What a replay found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Replayed {
    /// Every line came again: this is the digest.
    Same(String),
    /// A line differs: its number, what the trace says, and what came.
    Differs {
        /// The number of the line, from 1.
        line: u64,
        /// The line of the trace.
        expected: String,
        /// What came instead.
        got: String,
    },
}

/// Replays a trace in the lab that `make` builds from its header.
///
/// # Errors
/// What is wrong with the file, with its place.
pub fn replay(
    path: &Path,
    make: impl FnOnce(&Header) -> Result<Lab, String>,
) -> Result<Replayed, String> {
    let shown = path.display().to_string();
    let mut inputs = Reader::open(path)?;
    let header = header(&mut inputs).map_err(|words| format!("{shown}:1: {words}"))?;
    if let Some(text) = &header.scenario {
        return replay_scenario(path, &header, text);
    }
    let mut lab = make(&header)?;
    let found = Arc::new(Mutex::new(Found {
        expected: Reader::open(path)?,
        differs: None,
        digest: None,
    }));
    let mut sinks = Sinks::default();
    sinks
        .trace_into(Box::new(Comparer::new(Arc::clone(&found))), &header)
        .map_err(|error| format!("{shown}: {error}"))?;
    lab.set_sinks(sinks);
    let mut next = inputs.next_value()?;
    let mut ended = false;
    while let Some(value) = next {
        let (line, mut files) = (inputs.line, BTreeMap::new());
        next = inputs.next_value()?;
        // The files that a command read follow it.
        while let Some(file) = next.as_ref().filter(|next| next.get("file").is_some()) {
            let (path, content) = file_of(file).ok_or_else(|| inputs.wrong("a broken file"))?;
            files.insert(path, content);
            next = inputs.next_value()?;
        }
        if value.get("sha256").is_some() {
            ended = true;
            continue;
        }
        if ended {
            return Err(format!("{shown}:{line}: a line behind the digest"));
        }
        act(&mut lab, &value, files).map_err(|words| format!("{shown}:{line}: {words}"))?;
        if differs(&found).is_some() {
            break;
        }
    }
    if !ended && differs(&found).is_none() {
        return Err(format!(
            "{shown}:{}: the trace ends without its digest",
            inputs.line
        ));
    }
    lab.finish()?;
    verdict(&found, &shown)
}

/// What the comparison came to, when all inputs were replayed.
fn verdict(found: &Mutex<Found>, shown: &str) -> Result<Replayed, String> {
    let mut found = found
        .lock()
        .map_err(|_| "a replay was cut short".to_owned())?;
    if let Some((line, expected, got)) = found.differs.take() {
        return Ok(Replayed::Differs {
            line,
            expected,
            got,
        });
    }
    match found.digest.take() {
        Some(digest) => Ok(Replayed::Same(digest)),
        None => Err(format!("{shown}: the trace ends without its digest")),
    }
}

/// Runs the scenario of a trace again.
fn replay_scenario(path: &Path, header: &Header, text: &str) -> Result<Replayed, String> {
    let shown = path.display().to_string();
    let wrong = |fault: scenario::Fault| format!("{shown}:1: the scenario in it: {fault}");
    let checked = scenario::read(text.as_bytes()).and_then(|read| scenario::check(&read));
    let checked = checked.map_err(wrong)?;
    let found = Arc::new(Mutex::new(Found {
        expected: Reader::open(path)?,
        differs: None,
        digest: None,
    }));
    let mut writer = ScenarioWriter::default();
    writer
        .trace_into(Box::new(Comparer::new(Arc::clone(&found))), header)
        .map_err(|error| format!("{shown}: {error}"))?;
    let options = scenario::Options {
        seed: Some(header.seed),
        keep_lines: false,
    };
    scenario::run::run_watched(&checked, options, &mut writer);
    writer.finish()?;
    verdict(&found, &shown)
}

fn differs(found: &Arc<Mutex<Found>>) -> Option<u64> {
    let found = found.lock().ok()?;
    found.differs.as_ref().map(|(line, _, _)| *line)
}

/// Does what a line says: an input, a signal, the end; other lines are for the comparison.
fn act(lab: &mut Lab, value: &Value, files: BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    if let Some(client) = number("in") {
        let at = number("t").ok_or("an input without a time")?;
        let call = invocation(value)?;
        advance(lab, at)?;
        lab.start(ClientId(client), &call, &mut Recorded { files });
        lab.drain();
    } else if let Some(client) = number("signal") {
        let at = number("t").ok_or("a signal without a time")?;
        advance(lab, at)?;
        match value.get("name").and_then(Value::as_str) {
            Some("gone") => lab.hang_up(ClientId(client)),
            Some(word) => {
                let signal = Signal::ALL
                    .into_iter()
                    .find(|signal| format!("{signal:?}") == word);
                lab.signal(ClientId(client), signal.ok_or("an unknown signal")?);
            }
            None => return Err("a signal without a name".to_owned()),
        }
        lab.drain();
    } else if let Some(client) = number("stdin") {
        let at = number("t").ok_or("standard input without a time")?;
        let part = bytes_of(value).ok_or("standard input that is broken")?;
        advance(lab, at)?;
        lab.stdin(ClientId(client), &part);
        lab.drain();
    } else if let Some(at) = number("end") {
        advance(lab, at)?;
    } else if value.get("frame").is_none() && value.get("out").is_none() {
        return Err("no line of a trace".to_owned());
    }
    Ok(())
}

/// Lets time pass up to `at`; whatever the programs print is not looked at.
fn advance(lab: &mut Lab, at: u64) -> Result<(), String> {
    if at < lab.now_ns() {
        // An input begins while the one before spends its time: it is served behind it.
        return Ok(());
    }
    lab.drain();
    while lab.now_ns() < at {
        lab.advance(at);
        lab.drain();
    }
    lab.settle_instant();
    lab.drain();
    Ok(())
}

fn invocation(value: &Value) -> Result<Invocation, String> {
    let words = |key: &str| -> Option<Vec<String>> {
        let list = value.get(key)?.as_array()?;
        list.iter()
            .map(|word| Some(word.as_str()?.to_owned()))
            .collect()
    };
    let argv = words("argv").ok_or("an input without its words")?;
    let env = words("env").unwrap_or_default();
    let env = env.iter().filter_map(|pair| pair.split_once('='));
    Ok(Invocation {
        argv,
        env: env
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        ..Invocation::default()
    })
}

fn file_of(value: &Value) -> Option<(String, Vec<u8>)> {
    let path = value.get("path")?.as_str()?.to_owned();
    Some((path, bytes_of(value)?))
}

/// The bytes of a line, written as text or as hexadecimal digits.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    if let Some(text) = value.get("text").and_then(Value::as_str) {
        return Some(text.as_bytes().to_vec());
    }
    let hex = value.get("hex")?.as_str()?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = hex.chunks_exact(2);
    let bytes = pairs.map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok());
    bytes.collect()
}

fn header(reader: &mut Reader) -> Result<Header, String> {
    let value = reader.next_value()?.ok_or("an empty file")?;
    let version = value.get("vethlab_trace").and_then(Value::as_u64);
    match version {
        Some(version) if version == u64::from(TRACE_VERSION) => {}
        Some(version) => {
            return Err(format!(
                "a trace of version {version}; this is for version {TRACE_VERSION}"
            ));
        }
        None => return Err("this is no trace: it begins without vethlab_trace".to_owned()),
    }
    let made_by = value.get("version").and_then(Value::as_str);
    if made_by != Some(env!("CARGO_PKG_VERSION")) {
        let made_by = made_by.unwrap_or("an unknown version");
        return Err(format!(
            "the trace was made by vethlab {made_by}; this is {}",
            env!("CARGO_PKG_VERSION")
        ));
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(Header {
        seed: value
            .get("seed")
            .and_then(Value::as_u64)
            .ok_or("a header without a seed")?,
        docker_era: text("docker_era").unwrap_or_default(),
        hosts: text("hosts"),
        scenario: text("scenario"),
    })
}

/// A trace, line by line.
#[derive(Debug)]
struct Reader {
    shown: String,
    lines: Lines<BufReader<File>>,
    line: u64,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, String> {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|error| format!("failed to read {shown}: {error}"))?;
        Ok(Self {
            lines: BufReader::new(file).lines(),
            shown,
            line: 0,
        })
    }

    fn wrong(&self, words: &str) -> String {
        format!("{}:{}: {words}", self.shown, self.line)
    }

    fn next_line(&mut self) -> Result<Option<String>, String> {
        let Some(line) = self.lines.next() else {
            return Ok(None);
        };
        self.line += 1;
        match line {
            Ok(line) if line.len() <= LINE_MAX => Ok(Some(line)),
            Ok(_) => Err(self.wrong("a line that is too long")),
            Err(error) => Err(self.wrong(&error.to_string())),
        }
    }

    fn next_value(&mut self) -> Result<Option<Value>, String> {
        let Some(line) = self.next_line()? else {
            return Ok(None);
        };
        let value = serde_json::from_str(&line).map_err(|error| self.wrong(&error.to_string()))?;
        Ok(Some(value))
    }
}

/// What the comparison has found so far.
#[derive(Debug)]
struct Found {
    expected: Reader,
    differs: Option<(u64, String, String)>,
    digest: Option<String>,
}

/// A writer that compares line by line.
struct Comparer {
    found: Arc<Mutex<Found>>,
    partial: Vec<u8>,
}

impl Comparer {
    fn new(found: Arc<Mutex<Found>>) -> Self {
        Self {
            found,
            partial: Vec::new(),
        }
    }
}

impl Found {
    fn compare(&mut self, got: &str) {
        if self.differs.is_some() {
            return;
        }
        let expected = self.expected.next_line().ok().flatten();
        if expected.as_deref() != Some(got) {
            let expected = expected.unwrap_or_else(|| "(the end of the trace)".to_owned());
            self.differs = Some((self.expected.line, expected, got.to_owned()));
            return;
        }
        if let Some(digest) = got.strip_prefix("{\"sha256\":\"") {
            self.digest = digest.strip_suffix("\"}").map(str::to_owned);
        }
    }
}

impl Write for Comparer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.partial.extend_from_slice(bytes);
        let Some(end) = self.partial.iter().rposition(|&byte| byte == b'\n') else {
            return Ok(bytes.len());
        };
        let whole: Vec<u8> = self.partial.drain(..=end).collect();
        if let Ok(mut found) = self.found.lock() {
            for line in String::from_utf8_lossy(&whole).lines() {
                found.compare(line);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The files that a command read when it was recorded; it writes none.
struct Recorded {
    files: BTreeMap<String, Vec<u8>>,
}

impl HostIo for Recorded {
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, HostError> {
        self.files.get(path).cloned().ok_or(HostError::Os(2))
    }

    fn read_stdin(&mut self) -> Result<Vec<u8>, HostError> {
        Ok(self.files.get("-").cloned().unwrap_or_default())
    }

    fn create_file(&mut self, _path: &str, _how: Create) -> Result<FileHandle, HostError> {
        Ok(FileHandle(0))
    }
}
