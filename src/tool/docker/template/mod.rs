//! Templates as `--format` takes them: the part of Go's `text/template` that people use.
//! Data are JSON values; a template has no methods, and defines no templates.

mod eval;
mod parse;

use serde_json::Value;

/// A template that has been read.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    nodes: Vec<Node>,
}

/// A piece of a template.
#[derive(Clone, PartialEq, Debug)]
enum Node {
    Text(String),
    Print(Pipe),
    If(Pipe, Vec<Node>, Vec<Node>),
    Range(Vec<String>, Pipe, Vec<Node>, Vec<Node>),
    With(Pipe, Vec<Node>, Vec<Node>),
}

/// Commands, each of which gets the value of the one before as its last argument; or a variable to set.
#[derive(Clone, PartialEq, Debug)]
struct Pipe {
    sets: Option<String>,
    commands: Vec<Vec<Term>>,
    /// Where it begins, for complaints: the column after the line's beginning.
    column: usize,
}

/// A word of a command.
#[derive(Clone, PartialEq, Debug)]
enum Term {
    /// `.A.B`, of the dot.
    Field(Vec<String>),
    /// `$x.A`.
    Variable(String, Vec<String>),
    /// `"text"`, `7`, `true`.
    Literal(Value),
    /// `json`, `index`, ...
    Function(String),
    /// `(index .A 0).B`.
    Group(Box<Pipe>, Vec<String>),
}

impl Template {
    /// Reads a template; `\t` and `\n` in it stand for a tab and a newline, as on docker's command line.
    ///
    /// # Errors
    /// The words of the complaint.
    pub fn parse(text: &str) -> Result<Self, String> {
        let nodes = parse::parse(text)?;
        Ok(Self { nodes })
    }

    /// What the template makes of a value.
    ///
    /// # Errors
    /// A field that there is not, where `strict`; a function that does not fit.
    pub fn render(&self, value: &Value, strict: bool) -> Result<String, String> {
        eval::render(&self.nodes, value, strict)
    }
}

/// A value as `json` prints it: compact, with `<`, `>` and `&` escaped as Go escapes them.
pub fn compact(value: &Value) -> String {
    let text = value.to_string();
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn data() -> Value {
        json!({
            "Id": "0123456789abcdef",
            "State": {"Pid": 42, "Running": true, "Error": ""},
            "Nets": {"b": {"IP": "10.0.0.2"}, "a": {"IP": "10.0.0.1"}},
            "List": ["x", "y"],
            "None": null,
            "Config": [{"Subnet": "10.0.0.0/8"}],
        })
    }

    fn render(text: &str) -> Result<String, String> {
        Template::parse(text)?.render(&data(), true)
    }

    #[test]
    fn templates_that_people_write_give_what_go_gives() {
        for (text, want) in [
            ("{{.State.Pid}}", "42"),
            ("{{ .Id }} {{.State.Running}}", "0123456789abcdef true"),
            ("{{json .List}}", "[\"x\",\"y\"]"),
            ("{{.List}} {{len .List}}", "[x y] 2"),
            ("{{range .Nets}}{{.IP}} {{end}}", "10.0.0.1 10.0.0.2 "),
            (
                "{{range $k, $v := .Nets}}{{$k}}={{$v.IP}};{{end}}",
                "a=10.0.0.1;b=10.0.0.2;",
            ),
            ("{{range $i, $x := .List}}{{$i}}{{$x}}{{end}}", "0x1y"),
            ("{{(index .Config 0).Subnet}}", "10.0.0.0/8"),
            ("{{index .Nets \"a\" \"IP\"}}", "10.0.0.1"),
            ("{{(index .Nets.a).IP}}", "10.0.0.1"),
            ("{{if .State.Running}}up{{else}}down{{end}}", "up"),
            (
                "{{if .State.Error}}bad{{else if .None}}x{{else}}good{{end}}",
                "good",
            ),
            ("{{with .Nets.a}}{{.IP}}{{end}}", "10.0.0.1"),
            ("{{printf \"%s-%d\" .Id .State.Pid}}", "0123456789abcdef-42"),
            ("{{printf \"%.4s\" .Id}}|{{truncate .Id 3}}", "0123|012"),
            (
                "{{upper \"ab\"}} {{join .List \",\"}} {{.List | len}}",
                "AB x,y 2",
            ),
            (
                "{{if and .State.Running (eq .State.Pid 42)}}yes{{end}}",
                "yes",
            ),
            ("{{if not (eq .Id \"x\" \"y\")}}other{{end}}", "other"),
            ("a  {{- .State.Pid -}}  b", "a42b"),
            ("{{println .Id}}", "0123456789abcdef\n"),
            ("{{.None}}", "<nil>"),
            ("{{.Id}}\\t{{.State.Pid}}\\n", "0123456789abcdef\t42\n"),
            ("{{$x := .Id}}{{slice $x 0 4}}", "0123"),
            ("{{range .Empty2}}{{end}}{{/* no */}}", "ERROR"),
            ("{{$.State.Pid}}", "42"),
            ("{{split \"a/b\" \"/\" | len}}", "2"),
            ("{{lower \"AB\"}}{{title \"ab\"}}", "abAb"),
            ("{{.Nets}}", "map[a:map[IP:10.0.0.1] b:map[IP:10.0.0.2]]"),
        ] {
            match render(text) {
                Ok(got) => assert_eq!(got, want, "{text}"),
                Err(error) => assert_eq!(want, "ERROR", "{text}: {error}"),
            }
        }
    }

    #[test]
    fn a_field_that_there_is_not_is_named() {
        assert_eq!(
            render("{{.Foo}}"),
            Err(
                "template: :1:2: executing \"\" at <.Foo>: map has no entry for key \"Foo\""
                    .to_owned()
            )
        );
        let loose = Template::parse("{{.Foo}}").unwrap().render(&data(), false);
        assert_eq!(loose.as_deref(), Ok("<no value>"));
    }

    #[test]
    fn malformed_templates_are_refused() {
        for text in [
            "{{.Id",
            "{{if .Id}}x",
            "{{end}}",
            "{{nope .Id}}",
            "{{.Id | }}",
            "{{\"x}}",
            "{{(.Id}}",
            "{{range}}{{end}}",
            "{{index}}",
        ] {
            assert!(render(text).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_templates_end() {
        let deep = "{{".to_owned() + &"(".repeat(5000) + ".Id" + &")".repeat(5000) + "}}";
        assert!(render(&deep).is_err());
        let nested = "{{if .Id}}".repeat(5000) + &"{{end}}".repeat(5000);
        assert!(render(&nested).is_err());
    }
}
