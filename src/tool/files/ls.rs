//! `ls` of directories and files of the network.
//! Any other listing is the real command's.

use std::collections::BTreeMap;

use super::{Entry, Fault, Node, absolute, look, namespace_link, not_simulated, real};
use crate::tool::{Call, Outcome};

/// When everything was made, as far as `ls -l` tells.
const DATE: &str = "Mar  1 10:00";

/// How a listing is asked for.
#[derive(Clone, Copy, Default)]
struct Look {
    long: bool,
    all: bool,
    one_a_line: bool,
    itself: bool,
    marks: bool,
}

impl Look {
    fn parse(options: &[&String]) -> Option<Self> {
        let mut look = Self::default();
        for option in options {
            if option.starts_with("--color") {
                continue;
            }
            for letter in option.strip_prefix('-')?.chars() {
                match letter {
                    'l' => look.long = true,
                    'a' => look.all = true,
                    '1' => look.one_a_line = true,
                    'd' => look.itself = true,
                    'F' => look.marks = true,
                    'A' => {}
                    _ => return None,
                }
            }
        }
        Some(look)
    }
}

/// Lists, or becomes the real `ls`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words = argv.get(1..).unwrap_or_default();
    let (options, mut paths): (Vec<&String>, Vec<&String>) = words
        .iter()
        .partition(|word| word.starts_with('-') && word.len() > 1);
    let here = ".".to_owned();
    if paths.is_empty() {
        paths.push(&here);
    }
    let found: Vec<_> = paths
        .iter()
        .map(|path| (path.as_str(), look(call, path)))
        .collect();
    if found.iter().all(|(_, found)| found.is_none()) {
        return real(call, "ls", argv);
    }
    let Some(shape) = Look::parse(&options) else {
        let options: Vec<&str> = options.iter().map(|option| option.as_str()).collect();
        let line = format!(
            "vethlab: ls {} of the network is not simulated\n",
            options.join(" ")
        );
        call.console.err(line);
        return Outcome::Exit(3);
    };
    list(call, shape, found)
}

fn list(
    call: &mut Call<'_>,
    shape: Look,
    found: Vec<(&str, Option<Result<Node, Fault>>)>,
) -> Outcome {
    let several = found.len() > 1;
    let (mut status, mut files, mut directories) = (0, BTreeMap::new(), BTreeMap::new());
    for (path, found) in found {
        let itself = shape.itself || shape.long && !path.ends_with('/');
        let node = match found {
            None => Err(Fault::NotSimulated),
            Some(found) => found,
        };
        let entry = entry_of(call, path);
        match (node, entry) {
            (Ok(Node::Directory(_)), Some(entry @ Entry::Link(_))) if itself => {
                drop(files.insert(path.to_owned(), entry))
            }
            (Ok(Node::Directory(_)), Some(entry)) if shape.itself => {
                drop(files.insert(path.to_owned(), entry))
            }
            (Ok(Node::Directory(entries)), _) => drop(directories.insert(path.to_owned(), entries)),
            (Ok(Node::File(_)) | Err(Fault::Errno(_)), Some(entry)) => {
                drop(files.insert(path.to_owned(), entry))
            }
            (Ok(Node::File(_)), None) => {
                drop(files.insert(path.to_owned(), Entry::File("-rw-r--r--", 0)))
            }
            (Err(Fault::Errno(errno)), None) => {
                call.console
                    .err(format!("ls: cannot access '{path}': {errno}\n"));
                status = status.max(2);
            }
            (Err(Fault::NotSimulated), _) => status = not_simulated(call, path),
        }
    }
    let mut text = block(call, shape, &files);
    for (path, mut entries) in directories {
        if several {
            text.push_str(&format!(
                "{}{path}:\n",
                if text.is_empty() { "" } else { "\n" }
            ));
        }
        if shape.all {
            for name in [".", ".."] {
                entries.insert(name.to_owned(), Entry::Directory("drwxr-xr-x", 2));
            }
        }
        if shape.long {
            text.push_str("total 0\n");
        }
        text.push_str(&block(call, shape, &entries));
    }
    call.console.out(text);
    Outcome::Exit(status)
}

/// The entry of the directory above that has this path's name.
pub(super) fn entry_of(call: &mut Call<'_>, path: &str) -> Option<Entry> {
    let path = absolute(&call.env.cwd, path);
    if let Some(to) = namespace_link(call, &path) {
        return Some(Entry::Link(to));
    }
    let (dir, name) = path.rsplit_once('/')?;
    match look(call, dir)? {
        Ok(Node::Directory(mut entries)) => entries.remove(name),
        _ => None,
    }
}

/// Entries in lines or columns.
fn block(call: &Call<'_>, shape: Look, entries: &BTreeMap<String, Entry>) -> String {
    if shape.long {
        return long(entries);
    }
    let mark = |entry: &Entry| match entry {
        _ if !shape.marks => "",
        Entry::Link(_) => "@",
        Entry::Directory(..) => "/",
        Entry::File(..) => "",
    };
    let names: Vec<String> = entries
        .iter()
        .map(|(name, entry)| format!("{name}{}", mark(entry)))
        .collect();
    let width = usize::from(call.env.columns.unwrap_or(80));
    match call.env.stdout_tty && !shape.one_a_line {
        true => columns(&names, width),
        false => names.iter().map(|name| format!("{name}\n")).collect(),
    }
}

/// In as few rows as fit, one column after another.
fn columns(names: &[String], width: usize) -> String {
    let mut rows = 1;
    let widths = loop {
        let columns = names.chunks(rows);
        let widths: Vec<usize> = columns
            .map(|column| 2 + column.iter().map(String::len).max().unwrap_or(0))
            .collect();
        if widths.iter().sum::<usize>() <= width + 2 || rows >= names.len() {
            break widths;
        }
        rows += 1;
    };
    let mut text = String::new();
    for row in 0..rows.min(names.len()) {
        let mut line = String::new();
        for (name, width) in names.iter().skip(row).step_by(rows).zip(&widths) {
            line.push_str(&format!("{name:<width$}"));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn long(entries: &BTreeMap<String, Entry>) -> String {
    let size = |entry: &Entry| match entry {
        Entry::File(_, size) => *size,
        Entry::Directory(..) | Entry::Link(_) => 0,
    };
    let widest = entries
        .values()
        .map(|entry| size(entry).to_string().len())
        .max();
    let width = widest.unwrap_or(1);
    let line = |(name, entry): (&String, &Entry)| {
        let (mode, links, to) = match entry {
            Entry::File(mode, _) => (*mode, 1, String::new()),
            Entry::Directory(mode, links) => (*mode, *links, String::new()),
            Entry::Link(to) => ("lrwxrwxrwx", 1, format!(" -> {to}")),
        };
        format!(
            "{mode} {links} root root {:>width$} {DATE} {name}{to}\n",
            size(entry)
        )
    };
    entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_filled_downwards_and_as_few_rows_as_fit() {
        let names = ["a", "bb", "ccc", "d", "e"].map(str::to_owned);
        assert_eq!(columns(&names, 80), "a  bb  ccc  d  e\n");
        assert_eq!(columns(&names, 12), "a   ccc  e\nbb  d\n");
        assert_eq!(columns(&names, 1), "a\nbb\nccc\nd\ne\n");
        assert_eq!(columns(&[], 80), "");
    }
}
