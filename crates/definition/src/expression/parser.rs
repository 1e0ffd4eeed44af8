//! Words to a tree, by operator strength (Pratt). It owns syntax alone and refuses what nests deeper than the bound,
//! chains of one operator included, so that everything after it may recurse.

use super::ast::{Binary, CONDITION_STRENGTH, Expr, ExprKind, Literal, Offset, UNARY_STRENGTH, Unary};
use super::lexer::{Word, words, wrong};
use super::{DEPTH_MAX, ExpressionError, Number, Wrong};
use std::str::FromStr;

/// A tree and how deep it is.
type Deep = (Expr, usize);

impl FromStr for Expr {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let mut parser = Parser {
            words: words(text)?,
            next: 0,
        };
        let (expr, _) = parser.expression(0, 0)?;
        match parser.peek() {
            Word::End => Ok(expr),
            _ => Err(parser.unexpected("an operator or the end")),
        }
    }
}

struct Parser {
    words: Vec<(Word, Offset)>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> &Word {
        self.words.get(self.next).map_or(&Word::End, |(word, _)| word)
    }

    fn at(&self) -> Offset {
        let last = self.words.last().map_or(Offset(0), |(_, at)| *at);
        self.words.get(self.next).map_or(last, |(_, at)| *at)
    }

    fn take(&mut self) -> Word {
        let word = self.peek().clone();
        self.next += 1;
        word
    }

    fn takes(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Word::Sign(found) if *found == sign);
        self.next += usize::from(here);
        here
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), ExpressionError> {
        if self.takes(sign) {
            Ok(())
        } else {
            Err(self.unexpected(sign))
        }
    }

    fn unexpected(&self, expected: &'static str) -> ExpressionError {
        let found = self.peek().shown();
        wrong(self.at().0, Wrong::Expected { expected, found })
    }

    /// Everything that binds at least as strongly as `strength`. `outer` counts the levels around it.
    fn expression(&mut self, strength: u8, outer: usize) -> Result<Deep, ExpressionError> {
        if outer >= DEPTH_MAX {
            return Err(wrong(self.at().0, Wrong::TooDeep));
        }
        let mut left = self.prefix(outer)?;
        loop {
            let at = self.at();
            if let Some(operator) = self.operator().filter(|op| op.strength() >= strength.max(2)) {
                self.next += 1;
                left = self.right_side(left, operator, outer, at)?;
            } else if strength <= CONDITION_STRENGTH && self.takes("?") {
                let first = self.expression(CONDITION_STRENGTH, outer + 1)?;
                self.expect(":")?;
                let second = self.expression(CONDITION_STRENGTH, outer + 1)?;
                let depth = left.1.max(first.1).max(second.1);
                let kind = ExprKind::Condition(Box::new(left.0), Box::new(first.0), Box::new(second.0));
                return deeper(kind, at, depth, outer);
            } else {
                return Ok(left);
            }
        }
    }

    fn right_side(&mut self, left: Deep, operator: Binary, outer: usize, at: Offset) -> Result<Deep, ExpressionError> {
        if operator == Binary::Within && self.takes("[") {
            let list = self.list()?;
            return deeper(ExprKind::In(Box::new(left.0), list), at, left.1, outer);
        }
        let right = self.expression(operator.strength() + 1, outer + 1)?;
        let depth = left.1.max(right.1);
        deeper(
            ExprKind::Binary(operator, Box::new(left.0), Box::new(right.0)),
            at,
            depth,
            outer,
        )
    }

    fn operator(&self) -> Option<Binary> {
        Some(match self.peek() {
            Word::Name(name) if name == "in" => Binary::Within,
            Word::Sign(sign) => match *sign {
                "||" => Binary::Or,
                "&&" => Binary::And,
                "==" => Binary::Equal,
                "!=" => Binary::Unequal,
                "<" => Binary::Less,
                "<=" => Binary::AtMost,
                ">" => Binary::More,
                ">=" => Binary::AtLeast,
                "+" => Binary::Plus,
                "-" => Binary::Minus,
                "*" => Binary::Times,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn prefix(&mut self, outer: usize) -> Result<Deep, ExpressionError> {
        let at = self.at();
        let unary = |sign: &str| match sign {
            "!" => Some(Unary::Not),
            "-" => Some(Unary::Minus),
            _ => None,
        };
        match self.peek() {
            Word::Sign(sign) if unary(sign).is_some() => {
                let operator = unary(sign).unwrap_or(Unary::Not);
                self.next += 1;
                let (inner, depth) = self.expression(UNARY_STRENGTH, outer + 1)?;
                deeper(ExprKind::Unary(operator, Box::new(inner)), at, depth, outer)
            }
            Word::Sign("(") => {
                self.next += 1;
                let inner = self.expression(0, outer + 1)?;
                self.expect(")")?;
                Ok(inner)
            }
            Word::Number(_) | Word::Text(_) => Ok((literal_at(self.literal()?, at), 1)),
            Word::Name(_) => self.named(outer, at),
            _ => Err(self.unexpected("a value, a field or `(`")),
        }
    }

    fn named(&mut self, outer: usize, at: Offset) -> Result<Deep, ExpressionError> {
        let called = matches!(self.words.get(self.next + 1), Some((Word::Sign("("), _)));
        let Word::Name(name) = self.peek().clone() else {
            return Err(self.unexpected("a name"));
        };
        match name.as_str() {
            "true" | "false" | "null" => Ok((literal_at(self.literal()?, at), 1)),
            "date" | "duration" if called => Ok((literal_at(self.literal()?, at), 1)),
            "in" => Err(self.unexpected("a value, a field or `(`")),
            "has" if called => {
                self.next += 2;
                let path = self.path()?;
                self.expect(")")?;
                deeper(ExprKind::Has(path), at, 0, outer)
            }
            "size" if called => {
                self.next += 2;
                let (inner, depth) = self.expression(0, outer + 1)?;
                self.expect(")")?;
                deeper(ExprKind::Size(Box::new(inner)), at, depth, outer)
            }
            _ if called => Err(wrong(at.0, Wrong::Function(name))),
            _ => {
                let path = self.path()?;
                let kind = if path == "today" {
                    ExprKind::Today
                } else {
                    ExprKind::Path(path)
                };
                deeper(kind, at, 0, outer)
            }
        }
    }

    fn path(&mut self) -> Result<String, ExpressionError> {
        let mut path = String::new();
        loop {
            match self.peek() {
                Word::Name(name) if !matches!(name.as_str(), "true" | "false" | "null" | "in") => path.push_str(name),
                _ => return Err(self.unexpected("the name of a field")),
            }
            self.next += 1;
            if !self.takes(".") {
                return Ok(path);
            }
            path.push('.');
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, ExpressionError> {
        let mut list = Vec::new();
        loop {
            let literal = self.literal()?;
            if literal == Literal::Null {
                self.next -= 1;
                return Err(self.unexpected("a value that is not null"));
            }
            list.push(literal);
            if self.takes("]") {
                return Ok(list);
            }
            self.expect(",")?;
        }
    }

    fn literal(&mut self) -> Result<Literal, ExpressionError> {
        let at = self.at().0;
        let literal = match self.take() {
            Word::Number(number) => Literal::Number(number),
            Word::Text(text) => Literal::Text(text),
            Word::Name(name) => match name.as_str() {
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                "null" => Literal::Null,
                "date" => Literal::Date(self.argument(at, "date('2026-01-31')")?),
                "duration" => Literal::Duration(self.argument(at, "duration('30 days')")?),
                _ => {
                    self.next -= 1;
                    return Err(self.unexpected("a literal"));
                }
            },
            _ => {
                self.next -= 1;
                return Err(self.unexpected("a literal"));
            }
        };
        Ok(literal)
    }

    /// The quoted argument of `date` and `duration`.
    fn argument<T: FromStr>(&mut self, at: usize, example: &'static str) -> Result<T, ExpressionError> {
        self.expect("(")?;
        let Word::Text(text) = self.take() else {
            return Err(wrong(at, Wrong::Literal(example)));
        };
        self.expect(")")?;
        text.parse().map_err(|_| wrong(at, Wrong::Literal(example)))
    }
}

fn literal_at(literal: Literal, at: Offset) -> Expr {
    Expr {
        at,
        kind: ExprKind::Literal(literal),
    }
}

/// One level around a tree of `depth` levels.
fn deeper(kind: ExprKind, at: Offset, depth: usize, outer: usize) -> Result<Deep, ExpressionError> {
    let depth = depth + 1;
    if depth + outer > DEPTH_MAX {
        return Err(wrong(at.0, Wrong::TooDeep));
    }
    Ok((Expr { at, kind }, depth))
}

/// A number without its sign, for trees made by hand.
impl From<Number> for Literal {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}
