//! The grammar of filter expressions, read from left to right with one word of foresight where libpcap needs one.
//! What the pieces mean is `generate`'s.

use super::generate::{Arithmetic, Generator};
use super::lexer::{Keyword, Protocol, Token, tokens};
use super::program::{Condition, Operation, Relation};
use super::{FilterError, Source};

type Parsed<T> = Result<T, FilterError>;

/// Deeper parentheses are refused.
const DEPTH_MAX: usize = 100;
/// Longer expressions are refused.
const TERMS_MAX: usize = 1_000;

/// What is said in front of an address, and carried over to addresses without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Qualifier {
    pub(super) protocol: Option<Protocol>,
    pub(super) direction: Direction,
    pub(super) kind: Kind,
}

/// Which end of a packet is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Unsaid,
    Source,
    Destination,
    Either,
    Both,
}

/// What kind of address follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing can follow: there was no qualifier to carry over.
    Undefined,
    Unsaid,
    Host,
    Net,
    Port,
    PortRange,
    Gateway,
    Proto,
    ProtoChain,
}

const NONE: Qualifier = Qualifier {
    protocol: None,
    direction: Direction::Unsaid,
    kind: Kind::Undefined,
};

/// The condition that an expression stands for.
pub(super) fn parse(expression: &str, source: Source) -> Parsed<Condition> {
    let tokens = tokens(expression);
    if tokens.is_empty() {
        return Ok(Condition::Constant(true));
    }
    let mut parser = Parser {
        closing: closing(&tokens),
        tokens,
        at: 0,
        depth: 0,
        terms: 0,
        generator: Generator::new(source),
    };
    let (condition, _) = parser.expression(NONE)?;
    match parser.peek()? {
        None => Ok(condition),
        Some(_) => Err(FilterError::Syntax),
    }
}

/// For each opening parenthesis the place of its closing one.
fn closing(tokens: &[Parsed<Token>]) -> Vec<Option<usize>> {
    let mut closing = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Ok(Token::Symbol("(")) => open.push(at),
            Ok(Token::Symbol(")")) => {
                if let Some(start) = open.pop() {
                    closing[start] = Some(at);
                }
            }
            _ => {}
        }
    }
    closing
}

struct Parser {
    tokens: Vec<Parsed<Token>>,
    closing: Vec<Option<usize>>,
    at: usize,
    depth: usize,
    terms: usize,
    generator: Generator,
}

impl Parser {
    // --- Words -----------------------------------------------------------------------------

    fn peek(&self) -> Parsed<Option<&Token>> {
        match self.tokens.get(self.at) {
            None => Ok(None),
            Some(Ok(token)) => Ok(Some(token)),
            Some(Err(error)) => Err(error.clone()),
        }
    }

    fn look(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)?.as_ref().ok()
    }

    fn next(&mut self) -> Parsed<Token> {
        let token = self.peek()?.cloned().ok_or(FilterError::Syntax)?;
        self.at += 1;
        Ok(token)
    }

    fn takes(&mut self, wanted: &Token) -> Parsed<bool> {
        let found = self.peek()? == Some(wanted);
        self.at += usize::from(found);
        Ok(found)
    }

    fn takes_symbol(&mut self, symbol: &'static str) -> Parsed<bool> {
        self.takes(&Token::Symbol(symbol))
    }

    fn expect_symbol(&mut self, symbol: &'static str) -> Parsed<()> {
        if self.takes_symbol(symbol)? {
            Ok(())
        } else {
            Err(FilterError::Syntax)
        }
    }

    fn number(&mut self) -> Parsed<u32> {
        match self.next()? {
            Token::Number(value) => Ok(value),
            Token::Symbol("(") => {
                let value = self.nested(Self::number)?;
                self.expect_symbol(")")?;
                Ok(value)
            }
            _ => Err(FilterError::Syntax),
        }
    }

    /// Whether what follows `and` or `or` is an address without a qualifier, rather than a term.
    fn starts_address(&self) -> bool {
        let mut at = self.at;
        while matches!(self.look(at), Some(Token::Symbol("!" | "("))) {
            at += 1;
        }
        match self.look(at) {
            Some(Token::Name(_) | Token::Ipv4(_) | Token::Ipv6(..) | Token::Mac(_)) => true,
            Some(Token::Number(_)) => {
                at += 1;
                while matches!(self.look(at), Some(Token::Symbol(")"))) {
                    at += 1;
                }
                !self.look(at).is_some_and(continues_arithmetic)
            }
            _ => false,
        }
    }

    // --- Nesting ---------------------------------------------------------------------------

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_MAX {
            return Err(FilterError::TooComplex);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn count(&mut self) -> Parsed<()> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(FilterError::TooComplex);
        }
        Ok(())
    }

    // --- Conditions ------------------------------------------------------------------------

    /// Terms joined from left to right; `and` binds no closer than `or`.
    fn expression(&mut self, carried: Qualifier) -> Parsed<(Condition, Qualifier)> {
        let (mut condition, mut qualifier) = self.term(carried)?;
        while let Some(joins_and) = self.joint()? {
            let (next, qualified) = if self.starts_address() {
                (self.address(qualifier)?, qualifier)
            } else {
                self.term(qualifier)?
            };
            condition = join(condition, joins_and, next);
            qualifier = qualified;
        }
        Ok((condition, qualifier))
    }

    /// Takes `and` (true) or `or` (false).
    fn joint(&mut self) -> Parsed<Option<bool>> {
        let joint = match self.peek()? {
            Some(Token::Keyword(Keyword::And)) => Some(true),
            Some(Token::Keyword(Keyword::Or)) => Some(false),
            _ => None,
        };
        self.at += usize::from(joint.is_some());
        Ok(joint)
    }

    fn term(&mut self, carried: Qualifier) -> Parsed<(Condition, Qualifier)> {
        self.count()?;
        match self.peek()?.ok_or(FilterError::Syntax)? {
            Token::Symbol("!") => {
                self.at += 1;
                let (condition, qualifier) = self.nested(|parser| parser.term(carried))?;
                Ok((condition.not(), qualifier))
            }
            Token::Symbol("(") if !self.parenthesis_is_arithmetic() => {
                self.at += 1;
                let (condition, _) = self.nested(|parser| parser.expression(carried))?;
                self.expect_symbol(")")?;
                Ok((condition, carried))
            }
            Token::Symbol("(" | "-") | Token::Number(_) | Token::Keyword(Keyword::Length) => {
                Ok((self.relation()?, NONE))
            }
            Token::Protocol(protocol) => {
                let protocol = *protocol;
                self.protocol_term(protocol)
            }
            Token::Keyword(keyword) => {
                let keyword = *keyword;
                self.keyword_term(None, keyword)
            }
            _ => Err(FilterError::Syntax),
        }
    }

    fn parenthesis_is_arithmetic(&self) -> bool {
        self.closing
            .get(self.at)
            .copied()
            .flatten()
            .and_then(|end| self.look(end + 1))
            .is_some_and(continues_arithmetic)
    }

    /// A protocol alone, its bytes, or what it qualifies.
    fn protocol_term(&mut self, protocol: Protocol) -> Parsed<(Condition, Qualifier)> {
        if self.look(self.at + 1) == Some(&Token::Symbol("[")) {
            return Ok((self.relation()?, NONE));
        }
        self.at += 1;
        let qualifies = |keyword| {
            matches!(
                keyword,
                Keyword::Source
                    | Keyword::Destination
                    | Keyword::Host
                    | Keyword::Net
                    | Keyword::Port
                    | Keyword::PortRange
                    | Keyword::Proto
                    | Keyword::ProtoChain
                    | Keyword::Gateway
                    | Keyword::Broadcast
                    | Keyword::Multicast
            )
        };
        match self.peek()? {
            Some(Token::Keyword(keyword)) if qualifies(*keyword) => {
                let keyword = *keyword;
                self.keyword_term(Some(protocol), keyword)
            }
            None | Some(Token::Keyword(Keyword::And | Keyword::Or)) | Some(Token::Symbol(")")) => {
                Ok((self.generator.protocol(protocol)?, NONE))
            }
            Some(_) => Err(FilterError::Syntax),
        }
    }

    fn keyword_term(
        &mut self,
        protocol: Option<Protocol>,
        keyword: Keyword,
    ) -> Parsed<(Condition, Qualifier)> {
        self.at += 1;
        let condition = match keyword {
            Keyword::Broadcast => self.generator.broadcast(protocol)?,
            Keyword::Multicast => self.generator.multicast(protocol)?,
            Keyword::Less => {
                let length = self.plain_number()?;
                Condition::not(self.generator.longer_than(length))
            }
            Keyword::Greater => {
                let length = self.plain_number()?;
                self.generator.at_least(length)
            }
            Keyword::Byte => self.byte_operation()?,
            Keyword::Inbound => self.generator.inbound(true)?,
            Keyword::Outbound => self.generator.inbound(false)?,
            Keyword::IfIndex => {
                let index = self.plain_number()?;
                self.generator.interface_index(index)?
            }
            Keyword::Vlan => self.vlan()?,
            Keyword::Foreign(word) => return Err(FilterError::NotSimulated(word)),
            Keyword::Mask | Keyword::And | Keyword::Or | Keyword::Length => {
                return Err(FilterError::Syntax);
            }
            Keyword::Source
            | Keyword::Destination
            | Keyword::Host
            | Keyword::Net
            | Keyword::Port
            | Keyword::PortRange
            | Keyword::Proto
            | Keyword::ProtoChain
            | Keyword::Gateway => {
                let qualifier = self.qualifier(protocol, keyword)?;
                return Ok((self.address(qualifier)?, qualifier));
            }
        };
        Ok((condition, NONE))
    }

    fn plain_number(&mut self) -> Parsed<u32> {
        match self.next()? {
            Token::Number(value) => Ok(value),
            _ => Err(FilterError::Syntax),
        }
    }

    fn vlan(&mut self) -> Parsed<Condition> {
        let numbered = match self.peek()? {
            Some(Token::Number(_)) => true,
            Some(Token::Symbol("(")) => matches!(self.look(self.at + 1), Some(Token::Number(_))),
            _ => false,
        };
        let number = if numbered { Some(self.number()?) } else { None };
        self.generator.vlan(number)
    }

    /// `byte 12 = 8`: one byte of the frame.
    fn byte_operation(&mut self) -> Parsed<Condition> {
        let at = self.plain_number()?;
        let Token::Symbol(operator) = self.next()? else {
            return Err(FilterError::Syntax);
        };
        let value = self.plain_number()?;
        let (relation, negated) = match operator {
            "=" => (Relation::Equal, false),
            ">" => (Relation::Greater, false),
            "<" => (Relation::GreaterOrEqual, true),
            "&" => (Relation::Intersect, false),
            _ => return Err(FilterError::Syntax),
        };
        let test = Condition::compare(at, 1, relation, value);
        Ok(if negated { test.not() } else { test })
    }

    // --- Addresses -------------------------------------------------------------------------

    /// The rest of a qualifier that starts with this word.
    fn qualifier(&mut self, protocol: Option<Protocol>, first: Keyword) -> Parsed<Qualifier> {
        let direction = match first {
            Keyword::Source => self.direction(Direction::Source, Keyword::Destination)?,
            Keyword::Destination => self.direction(Direction::Destination, Keyword::Source)?,
            _ => Direction::Unsaid,
        };
        let kind_word = if direction == Direction::Unsaid {
            Some(first)
        } else {
            self.address_kind()?
        };
        let kind = match kind_word {
            Some(Keyword::Host) => Kind::Host,
            Some(Keyword::Net) => Kind::Net,
            Some(Keyword::Port) => Kind::Port,
            Some(Keyword::PortRange) => Kind::PortRange,
            Some(Keyword::Gateway) => Kind::Gateway,
            Some(Keyword::Proto) => Kind::Proto,
            Some(Keyword::ProtoChain) => Kind::ProtoChain,
            _ => Kind::Unsaid,
        };
        Ok(Qualifier {
            protocol,
            direction,
            kind,
        })
    }

    /// `src`, or `src or dst`, or `src and dst`.
    fn direction(&mut self, alone: Direction, other: Keyword) -> Parsed<Direction> {
        let Some(both) = self.joint()? else {
            return Ok(alone);
        };
        if !self.takes(&Token::Keyword(other))? {
            return Err(FilterError::Syntax);
        }
        Ok(if both {
            Direction::Both
        } else {
            Direction::Either
        })
    }

    fn address_kind(&mut self) -> Parsed<Option<Keyword>> {
        match self.peek()? {
            Some(Token::Keyword(
                keyword @ (Keyword::Host | Keyword::Net | Keyword::Port | Keyword::PortRange),
            )) => {
                let keyword = *keyword;
                self.at += 1;
                Ok(Some(keyword))
            }
            _ => Ok(None),
        }
    }

    /// An address, not one, or several in parentheses, all under one qualifier.
    fn address(&mut self, qualifier: Qualifier) -> Parsed<Condition> {
        self.count()?;
        match self.next()? {
            Token::Symbol("!") => {
                let inner = self.nested(|parser| parser.address(qualifier))?;
                Ok(inner.not())
            }
            Token::Symbol("(") => self.nested(|parser| parser.addresses(qualifier)),
            Token::Name(name) => self.generator.named(&name, qualifier),
            Token::Number(value) => self.generator.numbered(value, qualifier),
            Token::Ipv4(text) => self.ipv4(&text, qualifier),
            Token::Ipv6(address, text) => {
                let prefix = self.prefix()?.unwrap_or(128);
                self.generator.ipv6(address, &text, prefix, qualifier)
            }
            Token::Mac(address) => self.generator.mac(address, qualifier),
            _ => Err(FilterError::Syntax),
        }
    }

    fn addresses(&mut self, qualifier: Qualifier) -> Parsed<Condition> {
        let mut condition = self.address(qualifier)?;
        while let Some(joins_and) = self.joint()? {
            condition = join(condition, joins_and, self.address(qualifier)?);
        }
        self.expect_symbol(")")?;
        Ok(condition)
    }

    fn prefix(&mut self) -> Parsed<Option<u32>> {
        if self.takes_symbol("/")? {
            return self.plain_number().map(Some);
        }
        Ok(None)
    }

    fn ipv4(&mut self, text: &str, qualifier: Qualifier) -> Parsed<Condition> {
        if let Some(prefix) = self.prefix()? {
            return self.generator.network_with_prefix(text, prefix, qualifier);
        }
        if self.takes(&Token::Keyword(Keyword::Mask))? {
            let Token::Ipv4(mask) = self.next()? else {
                return Err(FilterError::Syntax);
            };
            return self.generator.masked_network(text, &mask, qualifier);
        }
        self.generator.ipv4(text, qualifier)
    }

    // --- Arithmetic ------------------------------------------------------------------------

    /// Two numbers compared.
    fn relation(&mut self) -> Parsed<Condition> {
        let left = self.arithmetic(0)?;
        let Token::Symbol(operator) = self.next()? else {
            return Err(FilterError::Syntax);
        };
        let (relation, negated) = match operator {
            "=" => (Relation::Equal, false),
            ">" => (Relation::Greater, false),
            ">=" => (Relation::GreaterOrEqual, false),
            "!=" => (Relation::Equal, true),
            "<=" => (Relation::Greater, true),
            "<" => (Relation::GreaterOrEqual, true),
            _ => return Err(FilterError::Syntax),
        };
        let right = self.arithmetic(0)?;
        Ok(left.compare(relation, right, negated))
    }

    /// Operators that bind at least as close as `least`.
    fn arithmetic(&mut self, least: u8) -> Parsed<Arithmetic> {
        self.count()?;
        let mut left = self.nested(Self::operand)?;
        loop {
            let Some(Token::Symbol(symbol)) = self.peek()? else {
                return Ok(left);
            };
            let Some((operation, binds, right_binds)) = operator(symbol) else {
                return Ok(left);
            };
            if binds < least {
                return Ok(left);
            }
            self.at += 1;
            let right = self.nested(|parser| parser.arithmetic(right_binds))?;
            left = left.operate(operation, right)?;
        }
    }

    fn operand(&mut self) -> Parsed<Arithmetic> {
        match self.next()? {
            Token::Number(value) => Ok(Arithmetic::constant(value)),
            Token::Keyword(Keyword::Length) => Ok(Arithmetic::length()),
            Token::Symbol("-") => {
                let inner = self.arithmetic(UNARY)?;
                Arithmetic::constant(0).operate(Operation::Subtract, inner)
            }
            Token::Symbol("(") => {
                let inner = self.arithmetic(0)?;
                self.expect_symbol(")")?;
                Ok(inner)
            }
            Token::Protocol(protocol) => {
                self.expect_symbol("[")?;
                let index = self.arithmetic(0)?;
                let size = if self.takes_symbol(":")? {
                    self.plain_number()?
                } else {
                    1
                };
                self.expect_symbol("]")?;
                self.generator.load(protocol, index, size)
            }
            _ => Err(FilterError::Syntax),
        }
    }
}

const UNARY: u8 = 6;

/// What an operator does, how close it binds, and how close its right side must.
///
/// `%` and `^` have no rank in libpcap's grammar: they bind at once, and take all that follows.
fn operator(symbol: &str) -> Option<(Operation, u8, u8)> {
    Some(match symbol {
        "|" => (Operation::Or, 1, 2),
        "&" => (Operation::And, 2, 3),
        "<<" => (Operation::ShiftLeft, 3, 4),
        ">>" => (Operation::ShiftRight, 3, 4),
        "+" => (Operation::Add, 4, 5),
        "-" => (Operation::Subtract, 4, 5),
        "*" => (Operation::Multiply, 5, 6),
        "/" => (Operation::Divide, 5, 6),
        "%" => (Operation::Modulo, u8::MAX, 0),
        "^" => (Operation::Xor, u8::MAX, 0),
        _ => return None,
    })
}

/// Whether a number or a parenthesis in front of this word is one side of a comparison.
fn continues_arithmetic(token: &Token) -> bool {
    let Token::Symbol(symbol) = token else {
        return false;
    };
    operator(symbol).is_some() || matches!(*symbol, "=" | ">" | "<" | ">=" | "<=" | "!=")
}

fn join(first: Condition, joins_and: bool, second: Condition) -> Condition {
    if joins_and {
        first.and(second)
    } else {
        first.or(second)
    }
}
