//! Qualifiers and the addresses behind them: `src host a or b`, `dst net 10.0.0.0/8`.
//! What an address means under its qualifier is `addresses`'s.

use super::FilterError;
use super::lexer::Token;
use super::parser::{Parsed, Parser, join};
use super::program::Condition;
use super::qualifier::{Direction, Kind, Qualifier};
use super::words::{Keyword, Protocol};

impl Parser {
    /// The rest of a qualifier that starts with this word.
    pub(super) fn qualifier(
        &mut self,
        protocol: Option<Protocol>,
        first: Keyword,
    ) -> Parsed<Qualifier> {
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
    pub(super) fn address(&mut self, qualifier: Qualifier) -> Parsed<Condition> {
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
}
