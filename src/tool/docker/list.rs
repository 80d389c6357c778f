//! Lists of things: as a table, by a template, as ids alone, as JSON; and `--filter`.
//! Which things and which columns there are is said by the verb.

use serde_json::{Map, Value};

use super::table::align;
use super::template::{Template, compact};
use crate::tool::{Call, Failure, Outcome};

/// One kind of list: its columns by the names that templates have for them.
pub(super) struct Columns {
    /// Each field with its heading.
    pub headings: &'static [(&'static str, &'static str)],
    /// The template of the plain table, without the word `table`.
    pub plain: &'static str,
    /// The field that `-q` prints.
    pub quiet: &'static str,
}

/// A row: the fields of [`Columns::headings`] by name.
pub(super) type Row = Map<String, Value>;

/// Makes a row of texts.
pub(super) fn row<const N: usize>(fields: [(&str, String); N]) -> Row {
    let field = |(name, value): (&str, String)| (name.to_owned(), Value::String(value));
    fields.into_iter().map(field).collect()
}

/// Whether a text meets the pattern of a filter by name: `^`, `$`, `.` and `.*` as in a regular expression, all else itself.
pub(super) fn meets(pattern: &str, text: &str) -> bool {
    let (pattern, from_start) = match pattern.strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let parts: Vec<&str> = pattern.split(".*").collect();
    let mut starts = vec![0];
    if !from_start {
        starts = (0..=text.len()).collect();
    }
    starts
        .into_iter()
        .any(|start| follows(text.as_bytes(), start, &parts, to_end))
}

/// Whether the parts follow one another from a place on, with anything between them.
fn follows(text: &[u8], start: usize, parts: &[&str], to_end: bool) -> bool {
    let mut at = start;
    for (number, part) in parts.iter().enumerate() {
        let fits = |at: &usize| {
            let piece = text.get(*at..*at + part.len());
            piece.is_some_and(|piece| {
                let mut pairs = piece.iter().zip(part.bytes());
                pairs.all(|(have, want)| want == b'.' || *have == want)
            })
        };
        let last = number + 1 == parts.len();
        let found = match (number, last && to_end) {
            (0, true) => Some(at).filter(|at| at + part.len() == text.len() && fits(at)),
            (0, false) => Some(at).filter(fits),
            (_, true) => text
                .len()
                .checked_sub(part.len())
                .filter(|end| *end >= at && fits(end)),
            (_, false) => (at..=text.len()).find(fits),
        };
        match found {
            Some(found) => at = found + part.len(),
            None => return false,
        }
    }
    true
}

/// Prints a list.
pub(super) fn print(
    call: &mut Call<'_>,
    columns: &Columns,
    rows: &[Row],
    format: Option<&str>,
    quiet: bool,
) -> Result<Outcome, Failure> {
    let text = text(
        call.docker.era.facts().column_min,
        columns,
        rows,
        format,
        quiet,
    )?;
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

fn text(
    column_min: usize,
    columns: &Columns,
    rows: &[Row],
    format: Option<&str>,
    quiet: bool,
) -> Result<String, Failure> {
    let format = format.filter(|format| !format.is_empty());
    if quiet && format.is_none() {
        let ids = rows
            .iter()
            .filter_map(|row| row.get(columns.quiet)?.as_str());
        return Ok(ids.map(|id| format!("{id}\n")).collect());
    }
    let format = format.unwrap_or("table");
    if format == "json" {
        let line = |row: &Row| compact(&sorted(row)) + "\n";
        return Ok(rows.iter().map(line).collect());
    }
    let Some(table) = format.strip_prefix("table") else {
        let template = Template::parse(format).map_err(|error| bad(&error))?;
        let mut out = String::new();
        for row in rows {
            out.push_str(
                &template
                    .render(&sorted(row), true)
                    .map_err(|error| bad(&error))?,
            );
            out.push('\n');
        }
        return Ok(out);
    };
    let table = match (table.trim_start(), quiet) {
        ("", true) => format!("{{{{.{}}}}}", columns.quiet),
        ("", false) => columns.plain.to_owned(),
        (table, _) => table.to_owned(),
    };
    let template = Template::parse(&table).map_err(|error| bad(&error))?;
    let headings = columns.headings.iter();
    let headings =
        headings.map(|(name, heading)| ((*name).to_owned(), Value::String((*heading).to_owned())));
    let mut lines = template
        .render(&Value::Object(headings.collect()), false)
        .map_err(|error| bad(&error))?;
    lines.push('\n');
    for row in rows {
        lines.push_str(
            &template
                .render(&sorted(row), true)
                .map_err(|error| bad(&error))?,
        );
        lines.push('\n');
    }
    Ok(align(&lines, column_min))
}

fn sorted(row: &Row) -> Value {
    let mut fields: Vec<_> = row.iter().collect();
    fields.sort_by_key(|(name, _)| name.as_str());
    let field = |(name, value): (&String, &Value)| (name.clone(), value.clone());
    Value::Object(fields.into_iter().map(field).collect())
}

fn bad(error: &str) -> Failure {
    Failure::line(1, format_args!("template parsing error: {error}"))
}

/// Filters of the form `name=web`: a thing has to pass one of each name.
pub(super) struct Filters(Vec<(String, String)>);

impl Filters {
    /// Reads them; `known` are the names that the list has.
    pub(super) fn read<'a>(
        words: impl Iterator<Item = &'a str>,
        known: &[&str],
    ) -> Result<Self, Failure> {
        let mut filters = Vec::new();
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                return Err(Failure::line(
                    125,
                    format_args!(
                        "invalid argument \"{word}\" for \"-f, --filter\" flag: invalid filter '{word}'"
                    ),
                ));
            };
            let name = name.trim().to_lowercase();
            if !known.contains(&name.as_str()) {
                return Err(Failure::line(
                    1,
                    format_args!("Error response from daemon: invalid filter '{name}'"),
                ));
            }
            filters.push((name, value.to_owned()));
        }
        Ok(Self(filters))
    }

    /// Whether one of the values of `name` fits, or there is none.
    pub(super) fn pass(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        let mut values = self.0.iter().filter(|(known, _)| known == name).peekable();
        values.peek().is_none() || values.any(|(_, value)| fits(value))
    }
}

/// Whether a label is as a filter wants it: `key` or `key=value`.
pub(super) fn has_label(labels: &std::collections::BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => labels.get(key).is_some_and(|known| known == value),
        None => labels.contains_key(wanted),
    }
}

/// Labels as lists show them.
pub(super) fn labels(labels: &std::collections::BTreeMap<String, String>) -> String {
    let one = |(key, value): (&String, &String)| format!("{key}={value}");
    labels.iter().map(one).collect::<Vec<_>>().join(",")
}

/// The order of names in which `web2` comes before `web10`.
pub(super) fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (in_a, in_b) = (digits(a), digits(b));
        if in_a > 0 && in_b > 0 {
            let (number_a, number_b) = (
                a[..in_a].trim_start_matches('0'),
                b[..in_b].trim_start_matches('0'),
            );
            let order = number_a
                .len()
                .cmp(&number_b.len())
                .then(number_a.cmp(number_b));
            if order.is_ne() {
                return order;
            }
            (a, b) = (&a[in_a..], &b[in_b..]);
            continue;
        }
        let (mut rest_a, mut rest_b) = (a.chars(), b.chars());
        match (rest_a.next(), rest_b.next()) {
            (None, None) => return std::cmp::Ordering::Equal,
            (x, y) if x != y => return x.cmp(&y),
            _ => (a, b) = (rest_a.as_str(), rest_b.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_names_are_met_as_by_a_regular_expression() {
        for (pattern, text, met) in [
            ("web", "my-web-1", true),
            ("^web", "my-web-1", false),
            ("^web$", "web", true),
            ("^web$", "webs", false),
            ("1$", "my-web-1", true),
            ("^my.*1$", "my-web-1", true),
            ("^my.*2$", "my-web-1", false),
            ("w.b", "my-web-1", true),
            ("", "x", true),
            ("^$", "x", false),
        ] {
            assert_eq!(meets(pattern, text), met, "{pattern} {text}");
        }
    }
}
