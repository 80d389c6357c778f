//! The grammar of filter expressions, read from left to right with one word of foresight where libpcap needs one.
//! What the pieces mean is `generate`'s.

use super::arithmetic::continues_arithmetic;
use super::generate::Generator;
use super::lexer::{Token, tokens};
use super::program::{Condition, Relation};
use super::qualifier::{NONE, Qualifier};
use super::words::{Keyword, Protocol};
use super::{FilterError, Source};

pub(super) type Parsed<T> = Result<T, FilterError>;

/// Deeper parentheses are refused.
const DEPTH_MAX: usize = 100;
/// Longer expressions are refused.
const TERMS_MAX: usize = 1_000;

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

pub(super) struct Parser {
    tokens: Vec<Parsed<Token>>,
    closing: Vec<Option<usize>>,
    pub(super) at: usize,
    depth: usize,
    terms: usize,
    pub(super) generator: Generator,
}

impl Parser {
    // --- Words -----------------------------------------------------------------------------

    pub(super) fn peek(&self) -> Parsed<Option<&Token>> {
        match self.tokens.get(self.at) {
            None => Ok(None),
            Some(Ok(token)) => Ok(Some(token)),
            Some(Err(error)) => Err(error.clone()),
        }
    }

    fn look(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)?.as_ref().ok()
    }

    pub(super) fn next(&mut self) -> Parsed<Token> {
        let token = self.peek()?.cloned().ok_or(FilterError::Syntax)?;
        self.at += 1;
        Ok(token)
    }

    pub(super) fn takes(&mut self, wanted: &Token) -> Parsed<bool> {
        let found = self.peek()? == Some(wanted);
        self.at += usize::from(found);
        Ok(found)
    }

    pub(super) fn takes_symbol(&mut self, symbol: &'static str) -> Parsed<bool> {
        self.takes(&Token::Symbol(symbol))
    }

    pub(super) fn expect_symbol(&mut self, symbol: &'static str) -> Parsed<()> {
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

    pub(super) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_MAX {
            return Err(FilterError::TooComplex);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    pub(super) fn count(&mut self) -> Parsed<()> {
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
    pub(super) fn joint(&mut self) -> Parsed<Option<bool>> {
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

    pub(super) fn plain_number(&mut self) -> Parsed<u32> {
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
}

pub(super) fn join(first: Condition, joins_and: bool, second: Condition) -> Condition {
    if joins_and {
        first.and(second)
    } else {
        first.or(second)
    }
}
