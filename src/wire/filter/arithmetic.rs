//! Comparisons of computed numbers: `ip[6:2] & 0x1fff = 0`.
//! How close operators bind is libpcap's, and not always C's.

use super::FilterError;
use super::lexer::Token;
use super::numbers::Arithmetic;
use super::parser::{Parsed, Parser};
use super::program::{Condition, Operation, Relation};
use super::words::Keyword;

impl Parser {
    /// Two numbers compared.
    pub(super) fn relation(&mut self) -> Parsed<Condition> {
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
pub(super) fn continues_arithmetic(token: &Token) -> bool {
    let Token::Symbol(symbol) = token else {
        return false;
    };
    operator(symbol).is_some() || matches!(*symbol, "=" | ">" | "<" | ">=" | "<=" | "!=")
}
