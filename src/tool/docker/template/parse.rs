//! A template's text to its nodes.
//! Whether a field is there is known only when it is rendered.

use serde_json::Value;

use super::{Node, Pipe, Term};

/// How deep actions may be nested.
const DEPTH_MAX: usize = 64;

/// Reads a template.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    let text = text.replace("\\t", "\t").replace("\\n", "\n");
    let pieces = split(&text)?;
    let mut reader = Reader {
        pieces: &pieces,
        at: 0,
        depth: 0,
    };
    let (nodes, end) = reader.block()?;
    match end {
        None => Ok(nodes),
        Some(word) => Err(complain(&format!("unexpected {{{{{word}}}}}"))),
    }
}

fn complain(words: &str) -> String {
    format!("template: :1: {words}")
}

/// Text, or the inside of an action with its column.
enum Piece {
    Text(String),
    Action(String, usize),
}

fn split(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let (mut rest, mut trim) = (text, false);
    loop {
        let (before, after) = match rest.find("{{") {
            Some(at) => (&rest[..at], Some(&rest[at + 2..])),
            None => (rest, None),
        };
        let before = if trim { before.trim_start() } else { before };
        let Some(after) = after else {
            pieces.push(Piece::Text(before.to_owned()));
            return Ok(pieces);
        };
        let cut = after.starts_with("- ");
        let before = if cut { before.trim_end() } else { before };
        pieces.push(Piece::Text(before.to_owned()));
        let end = end_of_action(after).ok_or_else(|| complain("unclosed action"))?;
        let inside = &after[..end];
        let inside = inside.strip_prefix("- ").unwrap_or(inside);
        trim = inside.ends_with(" -");
        let inside = inside.strip_suffix(" -").unwrap_or(inside);
        let column = text.len() - after.len();
        let blank = after.len() - after.trim_start_matches(['-', ' ']).len();
        pieces.push(Piece::Action(inside.trim().to_owned(), column + blank));
        rest = &after[end + 2..];
    }
}

/// Where `}}` is, outside of quotes.
fn end_of_action(text: &str) -> Option<usize> {
    if text.trim_start_matches(['-', ' ']).starts_with("/*") {
        return Some(text.find("*/")? + text.get(text.find("*/")?..)?.find("}}")?);
    }
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some('"') if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`' | '\'') => quote = Some(c),
            None if text[at..].starts_with("}}") => return Some(at),
            None => {}
        }
    }
    None
}

struct Reader<'a> {
    pieces: &'a [Piece],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    /// Nodes up to the end or to a word that ends a block: `end`, `else`, `else if ..`.
    fn block(&mut self) -> Result<(Vec<Node>, Option<String>), String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(complain("too deeply nested"));
        }
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.get(self.at) {
            self.at += 1;
            let (inside, column) = match piece {
                Piece::Text(text) if text.is_empty() => continue,
                Piece::Text(text) => {
                    nodes.push(Node::Text(text.clone()));
                    continue;
                }
                Piece::Action(inside, column) => (inside.as_str(), *column),
            };
            let (word, rest) = inside
                .split_once(char::is_whitespace)
                .unwrap_or((inside, ""));
            match word {
                "end" | "else" => {
                    self.depth -= 1;
                    return Ok((nodes, Some(inside.to_owned())));
                }
                "if" | "with" | "range" => nodes.push(self.control(word, rest, column)?),
                _ if inside.starts_with("/*") => {}
                "" => return Err(complain("missing value for command")),
                _ => nodes.push(Node::Print(pipe(inside, column)?)),
            }
        }
        self.depth -= 1;
        Ok((nodes, None))
    }

    fn control(&mut self, word: &str, rest: &str, column: usize) -> Result<Node, String> {
        let (names, rest) = match (word, rest.split_once(":=")) {
            ("range", Some((names, rest))) => {
                let names = names
                    .split(',')
                    .map(|name| name.trim().trim_start_matches('$'));
                (names.map(str::to_owned).collect(), rest)
            }
            _ => (Vec::new(), rest),
        };
        if rest.trim().is_empty() {
            return Err(complain(&format!("missing value for {word}")));
        }
        let pipe = pipe(rest, column + word.len() + 1)?;
        let (body, end) = self.block()?;
        let otherwise = match end.as_deref() {
            Some("end") => Vec::new(),
            Some("else") => match self.block()? {
                (nodes, Some(end)) if end == "end" => nodes,
                _ => return Err(complain("unexpected EOF")),
            },
            Some(end) => match end.strip_prefix("else").map(str::trim) {
                Some(next) => {
                    let (word, rest) = next.split_once(' ').unwrap_or((next, ""));
                    vec![self.control(word, rest, column)?]
                }
                None => return Err(complain("unexpected EOF")),
            },
            None => return Err(complain("unexpected EOF")),
        };
        Ok(match word {
            "if" => Node::If(pipe, body, otherwise),
            "with" => Node::With(pipe, body, otherwise),
            _ => Node::Range(names, pipe, body, otherwise),
        })
    }
}

/// A pipeline, which may set a variable.
fn pipe(text: &str, column: usize) -> Result<Pipe, String> {
    let (sets, body) = match text.split_once(":=") {
        Some((name, body)) if name.trim().starts_with('$') => {
            (Some(name.trim().trim_start_matches('$').to_owned()), body)
        }
        _ => (None, text),
    };
    let mut words = Words {
        rest: body,
        depth: 0,
    };
    let commands = words.commands()?;
    match words.rest.trim() {
        "" => Ok(Pipe {
            sets,
            commands,
            column,
        }),
        _ => Err(complain("unexpected right paren")),
    }
}

/// The words of an action.
struct Words<'a> {
    rest: &'a str,
    depth: usize,
}

impl Words<'_> {
    fn commands(&mut self) -> Result<Vec<Vec<Term>>, String> {
        let mut commands = vec![Vec::new()];
        loop {
            self.rest = self.rest.trim_start();
            let Some(first) = self.rest.chars().next() else {
                break;
            };
            match first {
                ')' => break,
                '|' => {
                    self.rest = &self.rest[1..];
                    commands.push(Vec::new());
                }
                _ => {
                    let term = self.term(first)?;
                    if let Some(last) = commands.last_mut() {
                        last.push(term);
                    }
                }
            }
        }
        if commands.iter().any(Vec::is_empty) {
            return Err(complain("missing value for command"));
        }
        Ok(commands)
    }

    fn term(&mut self, first: char) -> Result<Term, String> {
        match first {
            '(' => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(complain("too deeply nested"));
                }
                self.rest = &self.rest[1..];
                let column = 0;
                let commands = self.commands()?;
                let closed = self.rest.strip_prefix(')');
                self.rest = closed.ok_or_else(|| complain("unclosed left paren"))?;
                self.depth -= 1;
                let fields = self.fields();
                let pipe = Pipe {
                    sets: None,
                    commands,
                    column,
                };
                Ok(Term::Group(Box::new(pipe), fields))
            }
            '"' => self.quoted(),
            '`' => {
                let end = self.rest[1..].find('`');
                let end = end.ok_or_else(|| complain("unterminated raw quoted string"))?;
                let text = self.rest[1..=end].to_owned();
                self.rest = &self.rest[end + 2..];
                Ok(Term::Literal(Value::String(text)))
            }
            '.' => Ok(Term::Field(self.fields())),
            '$' => {
                self.rest = &self.rest[1..];
                let name = self.name();
                Ok(Term::Variable(name, self.fields()))
            }
            _ => {
                let word = self.word();
                if word.is_empty() {
                    return Err(complain(&format!("unexpected {first:?} in command")));
                }
                Ok(match word.as_str() {
                    "true" => Term::Literal(Value::Bool(true)),
                    "false" => Term::Literal(Value::Bool(false)),
                    "nil" => Term::Literal(Value::Null),
                    word => match word.parse::<i64>() {
                        Ok(number) => Term::Literal(number.into()),
                        Err(_) => Term::Function(word.to_owned()),
                    },
                })
            }
        }
    }

    /// `.A.B`; the dot alone has no fields.
    fn fields(&mut self) -> Vec<String> {
        let mut fields = Vec::new();
        while let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            let name = self.name();
            if name.is_empty() {
                break;
            }
            fields.push(name);
        }
        fields
    }

    fn name(&mut self) -> String {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        name.to_owned()
    }

    fn word(&mut self) -> String {
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|' | '"' | '`');
        let (word, rest) = self
            .rest
            .split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        word.to_owned()
    }

    fn quoted(&mut self) -> Result<Term, String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(Term::Literal(Value::String(text)));
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(c) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err(complain("unterminated quoted string"))
    }
}
