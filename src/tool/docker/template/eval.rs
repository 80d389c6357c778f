//! A template's nodes and a value to text.
//! Values are printed as Go prints them: `map[a:1]`, `[x y]`, `<nil>`.

use serde_json::Value;

use super::{Node, Pipe, Term, compact};

/// No output of a template is longer, in bytes.
const OUTPUT_MAX: usize = 16 << 20;

struct Scope<'a> {
    root: &'a Value,
    variables: Vec<(String, Value)>,
    strict: bool,
    out: String,
}

/// Renders a value.
pub(super) fn render(nodes: &[Node], value: &Value, strict: bool) -> Result<String, String> {
    let mut scope = Scope {
        root: value,
        variables: Vec::new(),
        strict,
        out: String::new(),
    };
    scope.nodes(nodes, value)?;
    Ok(scope.out)
}

impl Scope<'_> {
    fn nodes(&mut self, nodes: &[Node], dot: &Value) -> Result<(), String> {
        let known = self.variables.len();
        for node in nodes {
            self.node(node, dot)?;
            if self.out.len() > OUTPUT_MAX {
                return Err("template: the output is too long".to_owned());
            }
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn node(&mut self, node: &Node, dot: &Value) -> Result<(), String> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Print(pipe) => {
                let value = self.pipe(pipe, dot)?;
                match &pipe.sets {
                    Some(name) => self
                        .variables
                        .push((name.clone(), value.unwrap_or(Value::Null))),
                    None => match value {
                        Some(value) => self.out.push_str(&show(&value)),
                        None => self.out.push_str("<no value>"),
                    },
                }
            }
            Node::If(pipe, body, otherwise) => {
                let value = self.pipe(pipe, dot)?;
                let nodes = if is_true(value.as_ref()) {
                    body
                } else {
                    otherwise
                };
                self.nodes(nodes, dot)?;
            }
            Node::With(pipe, body, otherwise) => match self.pipe(pipe, dot)? {
                Some(value) if is_true(Some(&value)) => self.nodes(body, &value)?,
                _ => self.nodes(otherwise, dot)?,
            },
            Node::Range(names, pipe, body, otherwise) => {
                let value = self.pipe(pipe, dot)?.unwrap_or(Value::Null);
                let items = items_of(&value)?;
                if items.is_empty() {
                    return self.nodes(otherwise, dot);
                }
                for (key, item) in items {
                    let known = self.variables.len();
                    match names.as_slice() {
                        [] => {}
                        [one] => self.variables.push((one.clone(), item.clone())),
                        [first, second, ..] => {
                            self.variables.push((first.clone(), key));
                            self.variables.push((second.clone(), item.clone()));
                        }
                    }
                    self.nodes(body, &item)?;
                    self.variables.truncate(known);
                }
            }
        }
        Ok(())
    }

    fn pipe(&self, pipe: &Pipe, dot: &Value) -> Result<Option<Value>, String> {
        let mut last: Option<Option<Value>> = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last, pipe.column)?);
        }
        Ok(last.flatten())
    }

    fn command(
        &self,
        terms: &[Term],
        dot: &Value,
        piped: Option<Option<Value>>,
        column: usize,
    ) -> Result<Option<Value>, String> {
        let Some((first, rest)) = terms.split_first() else {
            return Err("missing value for command".to_owned());
        };
        let Term::Function(name) = first else {
            if !rest.is_empty() || piped.is_some() {
                return Err(format!(
                    "template: :1:{column}: executing \"\" at <{}>: can't give argument to non-function",
                    words_of(first)
                ));
            }
            return self.term(first, dot, column);
        };
        let mut arguments = Vec::new();
        for term in rest {
            arguments.push(self.term(term, dot, column)?.unwrap_or(Value::Null));
        }
        if let Some(piped) = piped {
            arguments.push(piped.unwrap_or(Value::Null));
        }
        call(name, &arguments)
            .map(Some)
            .map_err(|fault| format!("template: :1:{column}: executing \"\" at <{name}>: {fault}"))
    }

    fn term(&self, term: &Term, dot: &Value, column: usize) -> Result<Option<Value>, String> {
        let (base, fields) = match term {
            Term::Literal(value) => return Ok(Some(value.clone())),
            Term::Function(_) => {
                return self.command(std::slice::from_ref(term), dot, None, column);
            }
            Term::Field(fields) => (dot.clone(), fields),
            Term::Variable(name, fields) if name.is_empty() => (self.root.clone(), fields),
            Term::Variable(name, fields) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                let known =
                    known.ok_or_else(|| format!("template: :1: undefined variable \"${name}\""))?;
                (known.1.clone(), fields)
            }
            Term::Group(pipe, fields) => {
                let value = self.pipe(pipe, dot)?;
                (value.unwrap_or(Value::Null), fields)
            }
        };
        self.follow(base, fields, term, column)
    }

    fn follow(
        &self,
        base: Value,
        fields: &[String],
        term: &Term,
        column: usize,
    ) -> Result<Option<Value>, String> {
        let mut value = base;
        for field in fields {
            let next = match &value {
                Value::Object(map) => map.get(field).cloned(),
                Value::Null => None,
                _ => {
                    return Err(format!(
                        "template: :1:{column}: executing \"\" at <{}>: can't evaluate field {field} in type interface {{}}",
                        words_of(term)
                    ));
                }
            };
            match next {
                Some(next) => value = next,
                None if self.strict && !value.is_null() => {
                    return Err(format!(
                        "template: :1:{column}: executing \"\" at <{}>: map has no entry for key \"{field}\"",
                        words_of(term)
                    ));
                }
                None if self.strict => {
                    return Err(format!(
                        "template: :1:{column}: executing \"\" at <{}>: nil pointer evaluating interface {{}}.{field}",
                        words_of(term)
                    ));
                }
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }
}

fn words_of(term: &Term) -> String {
    let path = |fields: &[String]| {
        fields
            .iter()
            .map(|name| format!(".{name}"))
            .collect::<String>()
    };
    match term {
        Term::Field(fields) if fields.is_empty() => ".".to_owned(),
        Term::Field(fields) => path(fields),
        Term::Variable(name, fields) => format!("${name}{}", path(fields)),
        Term::Literal(value) => value.to_string(),
        Term::Function(name) => name.clone(),
        Term::Group(_, fields) => path(fields),
    }
}

/// Whether a value counts as true: neither empty nor zero.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(on)) => *on,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
    }
}

/// The items of a list by number, of a map by key in order.
fn items_of(value: &Value) -> Result<Vec<(Value, Value)>, String> {
    Ok(match value {
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered
                .map(|(at, item)| (at.into(), item.clone()))
                .collect()
        }
        Value::Object(map) => {
            let mut items: Vec<_> = map.iter().collect();
            items.sort_by_key(|(key, _)| key.as_str());
            let item =
                |(key, value): (&String, &Value)| (Value::String(key.clone()), value.clone());
            items.into_iter().map(item).collect()
        }
        Value::Null => Vec::new(),
        other => return Err(format!("range can't iterate over {}", show(other))),
    })
}

/// A value as Go's `%v` prints it.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(show).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(map) if is_port(map) => {
            let values: Vec<String> = map.values().map(show).collect();
            format!("{{{}}}", values.join(" "))
        }
        Value::Object(map) => {
            let mut items: Vec<_> = map.iter().collect();
            items.sort_by_key(|(key, _)| key.as_str());
            let items: Vec<String> = items
                .iter()
                .map(|(key, value)| format!("{key}:{}", show(value)))
                .collect();
            format!("map[{}]", items.join(" "))
        }
    }
}

/// A published port is a struct, which Go prints without names.
fn is_port(map: &serde_json::Map<String, Value>) -> bool {
    map.len() == 2 && map.contains_key("HostIp") && map.contains_key("HostPort")
}

fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let text = |value: &Value| show(value);
    Ok(match (name, arguments) {
        ("json", [value]) => Value::String(compact(value)),
        ("len", [value]) => length(value)?.into(),
        ("index", [value, keys @ ..]) => index(value, keys)?,
        ("join", [Value::Array(items), separator]) => {
            let items: Vec<String> = items.iter().map(show).collect();
            Value::String(items.join(&text(separator)))
        }
        ("split", [value, separator]) => {
            let (value, separator) = (text(value), text(separator));
            let parts = value.split(separator.as_str());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        }
        ("upper", [value]) => Value::String(text(value).to_uppercase()),
        ("lower", [value]) => Value::String(text(value).to_lowercase()),
        ("title", [value]) => Value::String(title(&text(value))),
        ("truncate", [value, length]) => {
            let length = length
                .as_u64()
                .and_then(|length| usize::try_from(length).ok());
            Value::String(text(value).chars().take(length.unwrap_or(0)).collect())
        }
        ("slice", [value, from]) => slice(value, from, None)?,
        ("slice", [value, from, to]) => slice(value, from, Some(to))?,
        ("pad", [value, before, after]) => {
            let blank = |count: &Value| " ".repeat(count.as_u64().unwrap_or(0).min(1000) as usize);
            Value::String(format!("{}{}{}", blank(before), text(value), blank(after)))
        }
        ("println", values) => {
            Value::String(values.iter().map(show).collect::<Vec<_>>().join(" ") + "\n")
        }
        ("print", values) => Value::String(values.iter().map(show).collect::<Vec<_>>().concat()),
        ("printf", [format, values @ ..]) => Value::String(printf(&text(format), values)),
        ("not", [value]) => Value::Bool(!is_true(Some(value))),
        ("and", [first, rest @ ..]) => {
            let stop = std::iter::once(first)
                .chain(rest)
                .find(|value| !is_true(Some(value)));
            stop.or(rest.last()).unwrap_or(first).clone()
        }
        ("or", [first, rest @ ..]) => {
            let stop = std::iter::once(first)
                .chain(rest)
                .find(|value| is_true(Some(value)));
            stop.or(rest.last()).unwrap_or(first).clone()
        }
        ("eq", [first, rest @ ..]) if !rest.is_empty() => Value::Bool(rest.contains(first)),
        ("ne", [first, second]) => Value::Bool(first != second),
        ("lt", [a, b]) => Value::Bool(order(a, b).is_lt()),
        ("le", [a, b]) => Value::Bool(order(a, b).is_le()),
        ("gt", [a, b]) => Value::Bool(order(a, b).is_gt()),
        ("ge", [a, b]) => Value::Bool(order(a, b).is_ge()),
        (
            "json" | "len" | "index" | "join" | "split" | "upper" | "lower" | "title" | "truncate"
            | "slice" | "pad" | "printf" | "not" | "and" | "or" | "eq" | "ne" | "lt" | "le" | "gt"
            | "ge",
            _,
        ) => {
            return Err(format!(
                "wrong number of args for {name}: got {}",
                arguments.len()
            ));
        }
        _ => return Err(format!("function \"{name}\" not defined")),
    })
}

fn order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => show(a).cmp(&show(b)),
    }
}

fn length(value: &Value) -> Result<usize, String> {
    match value {
        Value::String(text) => Ok(text.len()),
        Value::Array(items) => Ok(items.len()),
        Value::Object(map) => Ok(map.len()),
        other => Err(format!("error calling len: len of type {}", show(other))),
    }
}

fn index(value: &Value, keys: &[Value]) -> Result<Value, String> {
    let mut found = value.clone();
    for key in keys {
        found = match (&found, key) {
            (Value::Object(map), Value::String(key)) => {
                map.get(key).cloned().unwrap_or(Value::Null)
            }
            (Value::Array(items), key) => {
                let at = key.as_u64().and_then(|at| usize::try_from(at).ok());
                let item = at.and_then(|at| items.get(at)).cloned();
                item.ok_or_else(|| {
                    format!("error calling index: index out of range: {}", show(key))
                })?
            }
            (Value::Null, _) => return Err("error calling index: index of untyped nil".to_owned()),
            (other, _) => {
                return Err(format!(
                    "error calling index: can't index item of {}",
                    show(other)
                ));
            }
        };
    }
    Ok(found)
}

fn slice(value: &Value, from: &Value, to: Option<&Value>) -> Result<Value, String> {
    let number = |value: &Value| {
        value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
    };
    let from = number(from);
    let out = || "error calling slice: slice index out of range".to_owned();
    match value {
        Value::String(text) => {
            let to = to.map_or(Some(text.len()), number);
            let part = from.zip(to).and_then(|(from, to)| text.get(from..to));
            part.map(|part| Value::String(part.to_owned()))
                .ok_or_else(out)
        }
        Value::Array(items) => {
            let to = to.map_or(Some(items.len()), number);
            let part = from.zip(to).and_then(|(from, to)| items.get(from..to));
            part.map(|part| Value::Array(part.to_vec())).ok_or_else(out)
        }
        other => Err(format!(
            "error calling slice: can't slice item of {}",
            show(other)
        )),
    }
}

fn title(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// `%s`, `%d`, `%v`, `%q`, with width and precision.
fn printf(format: &str, values: &[Value]) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest
            .find(|c: char| c.is_alphabetic() || c == '%')
            .unwrap_or(rest.len());
        let (spec, tail) = rest.split_at(end);
        let mut chars = tail.chars();
        let verb = chars.next();
        rest = chars.as_str();
        if verb == Some('%') {
            out.push('%');
            continue;
        }
        let Some(value) = values.next() else {
            out.push_str(&format!("%!{}(MISSING)", verb.unwrap_or(' ')));
            continue;
        };
        let mut text = match verb {
            Some('q') => format!("{:?}", show(value)),
            _ => show(value),
        };
        let (width, precision) = spec.split_once('.').unwrap_or((spec, ""));
        if let Ok(precision) = precision.parse::<usize>() {
            text = text.chars().take(precision).collect();
        }
        let left = width.starts_with('-');
        let width: usize = width.trim_start_matches('-').parse().unwrap_or(0);
        let blank = " ".repeat(width.min(1000).saturating_sub(text.chars().count()));
        match left {
            true => out.extend([text, blank]),
            false => out.extend([blank, text]),
        }
    }
    out + rest
}
