//! The verbs that read scenario files: `run`, `test` and `graph`. They open files, start threads and print.
//! What a file means and what becomes of it is the library's.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::watched::{Places, Shown, WriteArgs};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use vethlab::capture::ScenarioWriter;
use vethlab::scenario::report::{self, Case, CaseResult, text::Style};
use vethlab::scenario::{self, Checked, Fault, Report};
use vethlab::topology::Topology;

/// Something did not hold.
const NOT_HELD: i32 = 1;
/// The input is wrong.
const WRONG: i32 = 2;
/// A bar is shown where a run takes longer than this.
const BAR_AFTER: Duration = Duration::from_millis(700);

/// `vethlab run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// The scenario files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The seed of all random numbers, in the place of the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print a shell script that does the same on a real Linux machine as root, and run nothing
    #[arg(long)]
    commands: bool,
    #[command(flatten)]
    write: WriteArgs,
}

/// `vethlab test`.
#[derive(Args, Clone, Debug)]
pub struct TestArgs {
    /// Scenario files, and directories in which every *.yaml, *.yml and *.json file is one
    #[arg(required_unless_present = "schema", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The seed of all random numbers, in the place of the files' own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Write a JUnit file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Run each file twice: a difference fails, and its first event is named
    #[arg(long)]
    twice: bool,
    /// Only the K-th of N parts of the files
    #[arg(long, value_name = "K/N", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// So many files at a time; as many as there are processors where nothing is said
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// The paths are JUnit files of shards: join them into the one of --junit
    #[arg(long, requires = "junit", conflicts_with_all = ["twice", "shard", "seed", "pcap", "trace"])]
    join: bool,
    /// Print the JSON Schema of a scenario file, and run nothing
    #[arg(long)]
    schema: bool,
    #[command(flatten)]
    write: WriteArgs,
}

/// `vethlab graph`.
#[derive(Args, Clone, Debug)]
pub struct GraphArgs {
    /// The scenario file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Dot)]
    format: Format,
    /// After so many steps; none where nothing is said: the network as it was built
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: usize,
}

/// Draws a scenario's network.
pub fn graph(args: &GraphArgs) -> i32 {
    let file = args.file.display().to_string();
    let bytes = match bytes_of(&args.file) {
        Ok(bytes) => bytes,
        Err(error) => {
            err(&format!("{file}: error: {error}\n"));
            return WRONG;
        }
    };
    let checked = match judged(&bytes) {
        Ok(checked) => checked,
        Err(fault) => {
            let style = style(io::stderr().is_terminal());
            err(&report::text::fault(&file, &bytes, &fault, style));
            return WRONG;
        }
    };
    let (mut world, report) = scenario::run::world_after(&checked, args.after);
    if let Some(failure) = &report.setup {
        err(&format!(
            "{file}:{}: error: {}\n",
            failure.place, failure.got
        ));
        return NOT_HELD;
    }
    let topology = Topology::of(&mut world);
    out(&match args.format {
        Format::Dot => topology.dot(),
        Format::Mermaid => topology.mermaid(),
        Format::Json => topology.json(),
    });
    0
}

/// `K/N` with 1 <= K <= N.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let parse = || {
        let (part, parts) = text.split_once('/')?;
        let (part, parts) = (part.parse().ok()?, parts.parse().ok()?);
        (1..=parts).contains(&part).then_some((part, parts))
    };
    parse().ok_or_else(|| "a shard is K/N with K from 1 to N".to_owned())
}

fn out(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn err(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Colours where the stream is a terminal and nobody forbids them (https://no-color.org).
fn style(terminal: bool) -> Style {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    Style {
        colour: terminal && !forbidden && !dumb,
    }
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::stdin(), &mut bytes)?;
        return Ok(bytes);
    }
    // A file that is far too long is not read as a whole to say so.
    let mut bytes = Vec::new();
    let max = scenario::FILE_MAX as u64 + 1;
    io::Read::read_to_end(&mut io::Read::take(fs::File::open(path)?, max), &mut bytes)?;
    Ok(bytes)
}

fn judged(bytes: &[u8]) -> Result<Checked, Fault> {
    scenario::check(&scenario::read(bytes)?)
}

/// Runs files one after another and prints what happens.
pub fn run(args: &RunArgs) -> i32 {
    let several = args.files.len() > 1;
    let places = match Places::new(&args.write, &args.files, several) {
        Ok(places) => places,
        Err(words) => return super::fail(&words),
    };
    let statuses = args.files.iter().map(|file| run_file(file, args, &places));
    statuses.max().unwrap_or(0)
}

fn run_file(path: &Path, args: &RunArgs, places: &Places) -> i32 {
    let file = path.display().to_string();
    let bytes = match bytes_of(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            err(&format!("{file}: error: {error}\n"));
            return WRONG;
        }
    };
    let checked = match judged(&bytes) {
        Ok(checked) => checked,
        Err(fault) => {
            let style = style(io::stderr().is_terminal());
            err(&report::text::fault(&file, &bytes, &fault, style));
            return WRONG;
        }
    };
    if args.commands {
        return match report::script::script(&checked) {
            Ok(script) => {
                out(&script);
                0
            }
            Err(words) => {
                err(&format!("{file}: error: {words}\n"));
                WRONG
            }
        };
    }
    let mut writer = match places.writer(path, &bytes, &checked, args.seed) {
        Ok(writer) => writer,
        Err(words) => return super::fail(&words),
    };
    let done = run_with_bar(&checked, args.seed, &mut writer);
    let style = style(io::stdout().is_terminal());
    out(&report::text::run(
        &file,
        checked.about.as_deref(),
        &done,
        style,
    ));
    match writer.finish() {
        Err(words) => super::fail(&words),
        Ok(()) if done.held() => 0,
        Ok(()) => NOT_HELD,
    }
}

/// Runs, with a bar where it takes long and standard error is a terminal.
fn run_with_bar(checked: &Checked, seed: Option<u64>, writer: &mut ScenarioWriter) -> Report {
    let options = scenario::Options {
        seed,
        keep_lines: false,
    };
    let begun = Instant::now();
    let bar = bar(0);
    bar.set_draw_target(ProgressDrawTarget::hidden());
    let shown = io::stderr().is_terminal();
    let mut progress = |step: usize, steps: usize| {
        if shown && bar.is_hidden() && begun.elapsed() > BAR_AFTER {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_length(steps as u64);
        bar.set_position(step as u64);
    };
    let mut watcher = Shown {
        writer,
        progress: &mut progress,
    };
    let report = scenario::run::run_watched(checked, options, &mut watcher);
    bar.finish_and_clear();
    report
}

fn bar(length: u64) -> ProgressBar {
    let template = "{bar:40} {pos}/{len} {msg}";
    let style = ProgressStyle::with_template(template).expect("a template with known keys");
    ProgressBar::new(length).with_style(style)
}

/// The scenario files of paths, in order; those of a directory sorted by name.
fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut files = Vec::new();
    for path in paths {
        if fs::metadata(path)
            .map_err(|error| (path.clone(), error))?
            .is_dir()
        {
            collect(path, &mut files).map_err(|error| (path.clone(), error))?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<PathBuf>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.is_symlink() {
            collect(&path, files)?;
        } else if is_scenario(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// A YAML or JSON file; a JSON Schema (`*.schema.json`) is none.
fn is_scenario(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let ending = path
        .extension()
        .is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known));
    ending && !name.ends_with(".schema.json") && !name.starts_with('.')
}

/// Runs many files as tests.
pub fn test(args: &TestArgs) -> i32 {
    if args.schema {
        out(&scenario::schema::json_schema_text());
        return 0;
    }
    if args.join {
        return join(args);
    }
    let files = match files_of(&args.paths) {
        Ok(files) => files,
        Err((path, error)) => {
            err(&format!("vethlab: {}: {error}\n", path.display()));
            return WRONG;
        }
    };
    if files.is_empty() {
        err("vethlab: no scenario files there\n");
        return WRONG;
    }
    let several = files.len() > 1 || args.paths.iter().any(|path| path.is_dir());
    let places = match Places::new(&args.write, &files, several) {
        Ok(places) => places,
        Err(words) => return super::fail(&words),
    };
    let files: Vec<PathBuf> = match args.shard {
        Some((part, parts)) => files.into_iter().skip(part - 1).step_by(parts).collect(),
        None => files,
    };
    let cases = match cases(&files, args, &places) {
        Ok(cases) => cases,
        Err(words) => return super::fail(&words),
    };
    if let Some(path) = &args.junit
        && let Err(error) = fs::write(path, report::junit::file(&cases))
    {
        return super::fail(&format!("{}: {error}", path.display()));
    }
    report::status(&cases)
}

fn join(args: &TestArgs) -> i32 {
    let mut files = Vec::new();
    for path in &args.paths {
        match fs::read_to_string(path) {
            Ok(text) => files.push(text),
            Err(error) => {
                err(&format!("vethlab: {}: {error}\n", path.display()));
                return WRONG;
            }
        }
    }
    let joined = match report::junit::join(&files) {
        Ok(joined) => joined,
        Err((index, words)) => {
            err(&format!(
                "vethlab: {}: no JUnit file: {words}\n",
                args.paths[index].display()
            ));
            return WRONG;
        }
    };
    let path = args.junit.as_deref().unwrap_or(Path::new("-"));
    match fs::write(path, joined) {
        Ok(()) => 0,
        Err(error) => super::fail(&format!("{}: {error}", path.display())),
    }
}

/// Runs the files, whole worlds in parallel, and prints each in its turn.
fn cases(files: &[PathBuf], args: &TestArgs, places: &Places) -> Result<Vec<Case>, String> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = args.jobs {
        pool = pool.num_threads(jobs.max(1));
    }
    let pool = pool.build().map_err(|error| error.to_string())?;
    let bar = bar(files.len() as u64);
    if !io::stderr().is_terminal() || io::stdout().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    out(&report::tap::plan(files.len()));
    let turns = Mutex::new(Turns::new(files.len()));
    pool.install(|| {
        files.par_iter().enumerate().for_each(|(index, path)| {
            let case = case(path, args, places);
            bar.inc(1);
            let mut turns = turns
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            turns.put(index, case);
        });
    });
    bar.finish_and_clear();
    let turns = turns
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(turns.cases.into_iter().flatten().collect())
}

/// Files that are done, printed in the order of the files.
struct Turns {
    cases: Vec<Option<Case>>,
    printed: usize,
    annotate: bool,
}

impl Turns {
    fn new(count: usize) -> Self {
        Self {
            cases: vec![None; count],
            printed: 0,
            annotate: std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
        }
    }

    fn put(&mut self, index: usize, case: Case) {
        self.cases[index] = Some(case);
        while let Some(Some(case)) = self.cases.get(self.printed) {
            self.printed += 1;
            out(&report::tap::line(self.printed, case));
            if self.annotate {
                out(&report::github::annotations(case));
            }
        }
    }
}

fn case(path: &Path, args: &TestArgs, places: &Places) -> Case {
    let begun = Instant::now();
    let result = match bytes_of(path) {
        Ok(bytes) => match judged(&bytes) {
            Ok(checked) => tested(path, &bytes, &checked, args, places)
                .map_or_else(CaseResult::Unreadable, |report| {
                    CaseResult::Ran(Box::new(report))
                }),
            Err(fault) => CaseResult::Wrong(fault),
        },
        Err(error) => CaseResult::Unreadable(error.to_string()),
    };
    Case {
        file: path.display().to_string(),
        took: begun.elapsed(),
        result,
    }
}

/// Tests one file; else why its trace or captures could not be written.
fn tested(
    path: &Path,
    bytes: &[u8],
    checked: &Checked,
    args: &TestArgs,
    places: &Places,
) -> Result<Report, String> {
    let options = scenario::Options {
        seed: args.seed,
        keep_lines: false,
    };
    let mut writer = places.writer(path, bytes, checked, args.seed)?;
    let report = match args.twice {
        true => scenario::run::run_twice_watched(checked, options, &mut writer),
        false => scenario::run::run_watched(checked, options, &mut writer),
    };
    writer.finish()?;
    Ok(report)
}

/// How a graph is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// For Graphviz
    Dot,
    /// For Mermaid, as Markdown pages show it
    Mermaid,
    /// For programs
    Json,
}
