//! `sysctl` of procps: reading and writing settings, from the command line and from files.
//! Which settings there are, and what they do, is the kernel floor's.

use crate::tool::call::FileError;
use crate::tool::regex::Regex;
use crate::tool::{Call, Outcome};
use crate::units::Errno;

/// What the options say.
#[derive(Default)]
struct Flags {
    all: bool,
    write: bool,
    ignore: bool,
    names: bool,
    values: bool,
    binary: bool,
    quiet: bool,
    dry: bool,
    pattern: Option<Regex>,
    /// `-p`, with the file that was joined to it.
    load: Option<Option<String>>,
}

/// Why the options end the tool.
enum Stop {
    Usage(String),
    Version,
    System,
    Exit(i32),
}

/// Runs `sysctl`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words = argv.get(1..).unwrap_or_default();
    match Flags::parse(words) {
        Ok((flags, operands)) => match flags.load.clone() {
            Some(file) => load(call, &flags, file, &operands),
            None => command_line(call, &flags, &operands),
        },
        Err(Stop::Version) => {
            call.console.out("sysctl from procps-ng 4.0.2\n");
            Outcome::Exit(0)
        }
        Err(Stop::System) => {
            call.console
                .err("vethlab: sysctl --system is not simulated\n");
            Outcome::Exit(3)
        }
        Err(Stop::Usage(why)) => {
            call.console.err(why);
            call.console.out(USAGE);
            Outcome::Exit(0)
        }
        Err(Stop::Exit(status)) => {
            call.console.out(USAGE);
            Outcome::Exit(status)
        }
    }
}

impl Flags {
    fn parse(words: &[String]) -> Result<(Self, Vec<&str>), Stop> {
        let mut flags = Self::default();
        let mut operands = Vec::new();
        let mut rest = words.iter().map(String::as_str);
        if words.is_empty() {
            return Err(Stop::Exit(1));
        }
        while let Some(word) = rest.next() {
            if word == "--" {
                operands.extend(rest.by_ref());
            } else if let Some(long) = word.strip_prefix("--") {
                flags.long(long, &mut rest)?;
            } else if word.len() > 1 && word.starts_with('-') {
                flags.short(word.get(1..).unwrap_or_default(), &mut rest)?;
            } else {
                operands.push(word);
            }
        }
        Ok((flags, operands))
    }

    fn long<'a>(
        &mut self,
        word: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), Stop> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        match name {
            "all" => self.all = true,
            "deprecated" => {}
            "dry-run" => self.dry = true,
            "binary" => self.binary = true,
            "ignore" => self.ignore = true,
            "names" => self.names = true,
            "values" => self.values = true,
            "load" => self.load = Some(value),
            "system" => return Err(Stop::System),
            "pattern" => {
                let value = value.or_else(|| rest.next().map(str::to_owned));
                self.pattern(value.as_deref())?;
            }
            "quiet" => self.quiet = true,
            "write" => self.write = true,
            "help" => return Err(Stop::Exit(0)),
            "version" => return Err(Stop::Version),
            _ => {
                let why = format!("sysctl: unrecognized option '--{word}'\n");
                return Err(Stop::Usage(why));
            }
        }
        Ok(())
    }

    fn short<'a>(
        &mut self,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), Stop> {
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'a' | 'A' | 'X' => self.all = true,
                'b' => self.binary = true,
                'e' => self.ignore = true,
                'N' => self.names = true,
                'n' => self.values = true,
                'q' => self.quiet = true,
                'w' => self.write = true,
                'o' | 'x' => {}
                'p' | 'f' => {
                    let joined = Some(letters.as_str()).filter(|joined| !joined.is_empty());
                    self.load = Some(joined.map(str::to_owned));
                    return Ok(());
                }
                'r' => {
                    let joined = Some(letters.as_str()).filter(|joined| !joined.is_empty());
                    return self.pattern(joined.or_else(|| rest.next()));
                }
                'h' | 'd' => return Err(Stop::Exit(0)),
                'V' => return Err(Stop::Version),
                _ => {
                    let why = format!("sysctl: invalid option -- '{letter}'\n");
                    return Err(Stop::Usage(why));
                }
            }
        }
        Ok(())
    }

    fn pattern(&mut self, text: Option<&str>) -> Result<(), Stop> {
        let missing = || Stop::Usage("sysctl: option requires an argument -- 'r'\n".to_owned());
        self.pattern = Some(Regex::new(text.ok_or_else(missing)?).ok_or_else(missing)?);
        Ok(())
    }

    fn selects(&self, key: &str) -> bool {
        self.pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(key))
    }

    /// A setting in the form that the options ask for.
    fn shown(&self, key: &str, value: &str) -> String {
        if self.names {
            format!("{key}\n")
        } else if self.binary {
            value.to_owned()
        } else if self.values {
            format!("{value}\n")
        } else {
            format!("{key} = {value}\n")
        }
    }
}

/// Settings of the machine, not of a namespace, that can be read here.
fn host_setting(call: &Call<'_>, key: &str) -> Option<String> {
    match key {
        "kernel.hostname" => Some(call.world.host(call.host).name.clone()),
        "kernel.domainname" => Some("(none)".to_owned()),
        "kernel.ostype" => Some("Linux".to_owned()),
        "kernel.osrelease" => Some("6.18.0".to_owned()),
        _ => None,
    }
}

const HOST_KEYS: [&str; 4] = [
    "kernel.domainname",
    "kernel.hostname",
    "kernel.osrelease",
    "kernel.ostype",
];

fn read(call: &Call<'_>, key: &str) -> Result<String, Errno> {
    match host_setting(call, key) {
        Some(value) => Ok(value),
        None => call.world.sysctl_read(call.netns, key),
    }
}

fn write(call: &mut Call<'_>, key: &str, value: &str) -> Result<(), Errno> {
    match key {
        "kernel.hostname" => {
            call.world.rename_host(call.host, value);
            Ok(())
        }
        key if HOST_KEYS.contains(&key) => Err(Errno::Eacces),
        key => call.world.sysctl_write(call.netns, key, value),
    }
}

fn keys(call: &Call<'_>) -> Vec<String> {
    let mut keys: Vec<String> = HOST_KEYS.map(str::to_owned).into();
    keys.extend(call.world.sysctl_keys(call.netns));
    keys
}

/// A key with dots between its parts: where the first separator is a slash the slashes are dots,
/// and the dots within a part are slashes.
fn canonical(key: &str) -> String {
    match key.find(['.', '/']).and_then(|at| key.get(at..)) {
        Some(from) if from.starts_with('/') => key
            .trim_matches('/')
            .chars()
            .map(|c| match c {
                '/' => '.',
                '.' => '/',
                c => c,
            })
            .collect(),
        _ => key.to_owned(),
    }
}

/// Where the setting is in `/proc/sys`.
fn path(key: &str) -> String {
    let swapped: String = key
        .chars()
        .map(|c| match c {
            '/' => '.',
            '.' => '/',
            c => c,
        })
        .collect();
    format!("/proc/sys/{swapped}")
}

fn cannot_stat(call: &mut Call<'_>, flags: &Flags, key: &str) -> bool {
    if !flags.ignore {
        let path = path(key);
        call.console.err(format!(
            "sysctl: cannot stat {path}: No such file or directory\n"
        ));
    }
    !flags.ignore
}

fn command_line(call: &mut Call<'_>, flags: &Flags, operands: &[&str]) -> Outcome {
    if flags.all {
        for key in keys(call) {
            show(call, flags, &key);
        }
        return Outcome::Exit(0);
    }
    if operands.is_empty() {
        call.console
            .err("sysctl: no variables specified\nTry `sysctl --help' for more information.\n");
        return Outcome::Exit(1);
    }
    let mut status = 0;
    for word in operands {
        if flags.write || word.contains('=') {
            match Setting::parse(word) {
                Parsed::Setting(setting) => {
                    if !assign(call, flags, &setting) {
                        status |= 1;
                    }
                }
                Parsed::Nothing => status = 1,
                Parsed::Malformed => {
                    status = 1;
                    call.console
                        .err("sysctl: command line(0): invalid syntax, continuing...\n");
                }
            }
        } else if !list(call, flags, word) {
            status += 1;
        }
    }
    Outcome::Exit(status)
}

/// Shows one setting, where it is selected and can be read.
fn show(call: &mut Call<'_>, flags: &Flags, key: &str) {
    if let (true, Ok(value)) = (flags.selects(key), read(call, key)) {
        call.console.out(flags.shown(key, &value));
    }
}

/// Shows a setting, or all settings below a directory. Gives whether there is such a one.
fn list(call: &mut Call<'_>, flags: &Flags, word: &str) -> bool {
    let key = canonical(word);
    if read(call, &key).is_ok() {
        show(call, flags, &key);
        return true;
    }
    let below = format!("{key}.");
    let found: Vec<String> = keys(call)
        .into_iter()
        .filter(|key| key.starts_with(&below))
        .collect();
    for key in &found {
        show(call, flags, key);
    }
    !found.is_empty() || !cannot_stat(call, flags, &key)
}

/// A line `key = value`.
struct Setting {
    key: String,
    value: String,
    /// The line began with `-`: a value that is refused is no error.
    lenient: bool,
}

enum Parsed {
    Setting(Setting),
    /// Too short, empty or a comment.
    Nothing,
    /// No `=`.
    Malformed,
}

impl Setting {
    fn parse(line: &str) -> Parsed {
        let line = line.trim();
        if line.len() < 2 || line.starts_with(['#', ';']) {
            return Parsed::Nothing;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Parsed::Malformed;
        };
        let key = key.trim();
        let (key, lenient) = match key.strip_prefix('-') {
            Some(key) => (key.trim_start(), true),
            None => (key, false),
        };
        Parsed::Setting(Self {
            key: canonical(key),
            value: value.trim().to_owned(),
            lenient,
        })
    }
}

/// Writes a setting and shows it. Gives whether that went well.
fn assign(call: &mut Call<'_>, flags: &Flags, setting: &Setting) -> bool {
    let (key, value) = (&setting.key, &setting.value);
    let written = match read(call, key) {
        Err(_) => return !cannot_stat(call, flags, key),
        Ok(_) if flags.dry => Ok(()),
        Ok(_) if value.is_empty() => Err(Errno::Einval),
        Ok(_) => write(call, key, value),
    };
    match written {
        Ok(()) if flags.quiet => true,
        Ok(()) => {
            call.console.out(flags.shown(key, value));
            true
        }
        Err(errno) => {
            let ignoring = if setting.lenient { ", ignoring" } else { "" };
            call.console.err(format!(
                "sysctl: setting key \"{key}\"{ignoring}: {errno}\n"
            ));
            setting.lenient
        }
    }
}

/// `-p FILE..`: all files are read first, then the settings are made.
fn load(call: &mut Call<'_>, flags: &Flags, file: Option<String>, operands: &[&str]) -> Outcome {
    let mut files: Vec<String> = file.into_iter().collect();
    files.extend(operands.iter().map(|word| (*word).to_owned()));
    if files.is_empty() {
        files.push("/etc/sysctl.conf".to_owned());
    }
    let mut contents = Vec::new();
    for file in files {
        let content = match file.as_str() {
            "-" => call.files.stdin(),
            file => call.files.read(file),
        };
        if content == Err(FileError::Wait) {
            return Outcome::Wait;
        }
        contents.push((file, content));
    }
    let mut status = 0;
    let mut settings = Vec::new();
    for (file, content) in contents {
        match content {
            Ok(content) => settings.extend(lines(call, &file, &content)),
            Err(error) => {
                status = 1;
                call.console
                    .err(format!("sysctl: cannot open \"{file}\": {error}\n"));
            }
        }
    }
    for setting in settings
        .iter()
        .filter(|setting| flags.selects(&setting.key))
    {
        if !assign(call, flags, setting) {
            status = 1;
        }
    }
    Outcome::Exit(status)
}

fn lines(call: &mut Call<'_>, file: &str, content: &[u8]) -> Vec<Setting> {
    let content = String::from_utf8_lossy(content);
    let mut settings = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        match Setting::parse(line) {
            Parsed::Setting(setting) => settings.push(setting),
            Parsed::Nothing => {}
            Parsed::Malformed => {
                let text = format!("sysctl: {file}({number}): invalid syntax, continuing...\n");
                call.console.err(text);
            }
        }
    }
    settings
}

const USAGE: &str = "
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -A                   alias of -a
  -X                   alias of -a
      --deprecated     include deprecated parameters to listing
      --dry-run        Print the key and values but do not write
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
      --system         read values from all system directories
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable
  -o                   does nothing
  -x                   does nothing
  -d                   alias of -h

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn settings_are_read_and_written_with_dots_and_with_slashes() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let done = shell.run("sysctl -w net/ipv4/ip_forward=1 net.ipv4.conf.lo.rp_filter=2");
        assert_eq!(
            done.stdout,
            "net.ipv4.ip_forward = 1\nnet.ipv4.conf.lo.rp_filter = 2\n"
        );
        assert_eq!(shell.run("sysctl -n net.ipv4.ip_forward").stdout, "1\n");
        assert_eq!(shell.run("sysctl net.ipv4.route").status, 0);
        assert_eq!(
            canonical("net/ipv4/conf/v.b/rp_filter"),
            "net.ipv4.conf.v/b.rp_filter"
        );
        assert_eq!(
            path("net.ipv4.conf.v/b.rp_filter"),
            "/proc/sys/net/ipv4/conf/v.b/rp_filter"
        );
    }

    #[test]
    fn every_key_that_is_missing_adds_to_the_status() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let done = shell.run("sysctl net.a net.b");
        assert_eq!(done.status, 2);
        assert!(
            done.stderr
                .starts_with("sysctl: cannot stat /proc/sys/net/a: No such file")
        );
        assert_eq!(shell.run("sysctl -w net.ipv4.ip_forward = 1").status, 1);
        assert_eq!(shell.run("sysctl -e net.a").status, 0);
        let done = shell.run("sysctl -w net.ipv4.ip_forward=abc");
        assert_eq!(
            done.stderr,
            "sysctl: setting key \"net.ipv4.ip_forward\": Invalid argument\n"
        );
    }
}
