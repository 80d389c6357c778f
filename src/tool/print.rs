//! One printer for text and JSON: a dump is walked once, and comes out in the form asked for.
//! It writes to a string, never to a stream.

use std::fmt::{Arguments, Display, Write};

use super::json::{JsonWriter, Value};

/// What `print_string(PRINT_ANY, key, format, value)` and its family do in iproute2: with
/// `-j` the key and the value become a JSON field, without it the formatted text is printed.
///
/// ```
/// use vethlab::tool::print::Printer;
///
/// let mut text = Printer::text(false);
/// text.any("mtu", 1500u32, format_args!("mtu {} ", 1500));
/// assert_eq!(text.finish(), "mtu 1500 ");
///
/// let mut json = Printer::json(false);
/// json.open_object(None);
/// json.any("mtu", 1500u32, format_args!("mtu {} ", 1500));
/// json.close_object();
/// assert_eq!(json.finish(), "[{\"mtu\":1500}]\n");
/// ```
#[derive(Clone, Debug)]
pub struct Printer {
    text: String,
    json: Option<JsonWriter>,
    oneline: bool,
    palette: Option<Palette>,
}

/// Which colours `-c` prints with: the background decides (`COLORFGBG`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Palette {
    /// On a light background, and where nothing is known of it.
    Light,
    /// On a dark background: bold.
    Dark,
}

/// What a colour is for (`color_attr`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    /// A device's name.
    Ifname,
    /// A link-layer address.
    Mac,
    /// An IPv4 address.
    Inet,
    /// An IPv6 address.
    Inet6,
    /// A device that is up.
    Up,
    /// A device that is down.
    Down,
    /// Not coloured.
    Plain,
}

impl Color {
    /// The colour of an address.
    pub fn of(addr: std::net::IpAddr) -> Self {
        if addr.is_ipv4() {
            Self::Inet
        } else {
            Self::Inet6
        }
    }

    /// The last digit of the terminal's code.
    fn digit(self) -> Option<u8> {
        Some(match self {
            Self::Plain => return None,
            Self::Ifname => 6,
            Self::Mac => 3,
            Self::Inet => 5,
            Self::Inet6 => 4,
            Self::Up => 2,
            Self::Down => 1,
        })
    }
}

impl Printer {
    /// A printer of text; `oneline` is `-o`.
    pub fn text(oneline: bool) -> Self {
        Self {
            text: String::new(),
            json: None,
            oneline,
            palette: None,
        }
    }

    /// A printer of JSON, in the array that iproute2 wraps around every dump.
    pub fn json(pretty: bool) -> Self {
        let mut json = JsonWriter::new(pretty);
        json.open_array(None);
        Self {
            text: String::new(),
            json: Some(json),
            oneline: false,
            palette: None,
        }
    }

    /// The same printer with colours; JSON has none.
    pub fn with_colors(mut self, palette: Option<Palette>) -> Self {
        self.palette = palette.filter(|_| self.json.is_none());
        self
    }

    /// As [`Self::shown`], in a colour where there are colours.
    pub fn painted(&mut self, color: Color, key: &str, value: impl Display, text: Arguments<'_>) {
        let code = self.palette.and_then(|palette| {
            let bold = if palette == Palette::Dark { "1;" } else { "" };
            color.digit().map(|digit| (bold, digit))
        });
        match (&mut self.json, code) {
            (Some(json), _) => json.shown(key, value),
            (None, Some((bold, digit))) => {
                self.fp(format_args!("\x1b[{bold}3{digit}m{text}\x1b[0m"));
            }
            (None, None) => self.fp(text),
        }
    }

    /// Whether it prints JSON (`is_json_context`).
    pub fn is_json(&self) -> bool {
        self.json.is_some()
    }

    /// A field in JSON, `text` otherwise (`PRINT_ANY`).
    pub fn any<'a>(&mut self, key: &str, value: impl Into<Value<'a>>, text: Arguments<'_>) {
        match &mut self.json {
            Some(json) => json.field(key, value),
            None => self.fp(text),
        }
    }

    /// As [`Self::any`], for a value that JSON has as the string it displays as.
    pub fn shown(&mut self, key: &str, value: impl Display, text: Arguments<'_>) {
        match &mut self.json {
            Some(json) => json.shown(key, value),
            None => self.fp(text),
        }
    }

    /// An item of an array in JSON, `text` otherwise.
    pub fn item<'a>(&mut self, value: impl Into<Value<'a>>, text: Arguments<'_>) {
        match &mut self.json {
            Some(json) => json.item(value),
            None => self.fp(text),
        }
    }

    /// Text only (`PRINT_FP`).
    pub fn fp(&mut self, text: Arguments<'_>) {
        if self.json.is_none() {
            self.text
                .write_fmt(text)
                .expect("writing to a string cannot fail");
        }
    }

    /// Plain text only, as it stands.
    pub fn word(&mut self, text: &str) {
        if self.json.is_none() {
            self.text.push_str(text);
        }
    }

    /// A field of JSON only (`PRINT_JSON`).
    pub fn json_only<'a>(&mut self, key: &str, value: impl Into<Value<'a>>) {
        if let Some(json) = &mut self.json {
            json.field(key, value);
        }
    }

    /// A number: `key` in JSON, `word 7 ` otherwise.
    pub fn number<'a>(
        &mut self,
        key: &str,
        word: &str,
        value: impl Into<Value<'a>> + Display + Copy,
    ) {
        self.any(key, value, format_args!("{word} {value} "));
    }

    /// A truth value: in JSON as it is, otherwise `key on ` or `key off ` (`print_on_off`).
    pub fn on_off(&mut self, key: &str, on: bool) {
        let word = if on { "on" } else { "off" };
        self.any(key, on, format_args!("{key} {word} "));
    }

    /// A field of JSON only, with `text` as it stands (`jsonw_printf`).
    pub fn raw(&mut self, key: &str, text: &str) {
        if let Some(json) = &mut self.json {
            json.raw_field(key, text);
        }
    }

    /// `_SL_`: a newline, or a backslash with `-o`. Nothing in JSON.
    pub fn line_break(&mut self) {
        self.word(if self.oneline { "\\" } else { "\n" });
    }

    /// Opens an object in JSON.
    pub fn open_object(&mut self, key: Option<&str>) {
        if let Some(json) = &mut self.json {
            json.open_object(key);
        }
    }

    /// Closes an object in JSON.
    pub fn close_object(&mut self) {
        if let Some(json) = &mut self.json {
            json.close_object();
        }
    }

    /// Opens an array in JSON.
    pub fn open_array(&mut self, key: Option<&str>) {
        if let Some(json) = &mut self.json {
            json.open_array(key);
        }
    }

    /// Closes an array in JSON.
    pub fn close_array(&mut self) {
        if let Some(json) = &mut self.json {
            json.close_array();
        }
    }

    /// All that was printed.
    pub fn finish(self) -> String {
        match self.json {
            Some(mut json) => {
                json.close_array();
                json.finish()
            }
            None => self.text,
        }
    }
}
