//! From tokens to a [`Query`]. Recursive descent with a bounded depth; every list is bounded.
//! Refuses whatever the grammar of `docs/open-data.md` does not have, with its place.

use super::lexer::{Token, tokens};
use super::{Aggregate, Cond, DEPTH_MAX, Item, LIST_MAX, Literal, Op, Query, ROWS_MAX, SqlError, What};

/// Words that are no names unless they are quoted.
const RESERVED: [&str; 22] = [
    "select", "distinct", "from", "where", "group", "by", "order", "limit", "offset", "and", "or", "not", "in", "is",
    "null", "like", "between", "as", "asc", "desc", "true", "false",
];

/// Reads a statement.
///
/// # Errors
/// [`SqlError::Expected`] with the place; [`SqlError::TooLarge`].
pub fn parse(text: &str) -> Result<Query, SqlError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0 };
    let query = parser.query()?;
    parser.sign(";");
    match parser.tokens.get(parser.at) {
        None => Ok(query),
        Some(_) => Err(parser.expected("the end of the statement")),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
}

impl Parser {
    fn expected(&self, expected: &'static str) -> SqlError {
        let last = self.tokens.last().map_or(1, |(_, at)| at + 1);
        let at = self.tokens.get(self.at).map_or(last, |(_, at)| *at);
        SqlError::Expected { at, expected }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// Takes a word of the language if it stands here.
    fn word(&mut self, word: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Word(here)) if here == word);
        self.at += usize::from(here);
        here
    }

    fn needed(&mut self, word: &str, expected: &'static str) -> Result<(), SqlError> {
        if self.word(word) {
            Ok(())
        } else {
            Err(self.expected(expected))
        }
    }

    fn sign(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Sign(here)) if *here == sign);
        self.at += usize::from(here);
        here
    }

    fn needed_sign(&mut self, sign: &str, expected: &'static str) -> Result<(), SqlError> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.expected(expected))
        }
    }

    fn name(&mut self) -> Result<String, SqlError> {
        let name = match self.peek() {
            Some(Token::Name(name)) if !name.is_empty() => name.clone(),
            Some(Token::Word(word)) if !RESERVED.contains(&word.as_str()) => word.clone(),
            _ => return Err(self.expected("a name")),
        };
        self.at += 1;
        Ok(name)
    }

    /// One or more, parted by commas.
    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, SqlError>) -> Result<Vec<T>, SqlError> {
        let mut all = vec![one(self)?];
        while self.sign(",") {
            if all.len() >= LIST_MAX {
                return Err(SqlError::TooLarge);
            }
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn query(&mut self) -> Result<Query, SqlError> {
        self.needed("select", "SELECT")?;
        let mut query = Query {
            distinct: self.word("distinct"),
            ..Query::default()
        };
        if !self.sign("*") {
            query.items = self.list(Self::item)?;
        }
        self.needed("from", "FROM")?;
        query.from = self.name()?;
        if self.word("where") {
            query.filter = Some(self.or(0)?);
        }
        if self.word("group") {
            self.needed("by", "BY")?;
            query.group = self.list(Self::name)?;
        }
        if self.word("order") {
            self.needed("by", "BY")?;
            query.order = self.list(Self::ordered)?;
        }
        // LIMIT and OFFSET in either order, each once.
        let mut offset = None;
        for _ in 0..2 {
            if query.limit.is_none() && self.word("limit") {
                query.limit = Some(self.whole()?.min(ROWS_MAX));
            } else if offset.is_none() && self.word("offset") {
                offset = Some(self.whole()?);
            }
        }
        query.offset = offset.unwrap_or(0);
        Ok(query)
    }

    fn whole(&mut self) -> Result<u64, SqlError> {
        match self.peek() {
            Some(Token::Number(units, 0)) => {
                let whole = units.unsigned_abs();
                self.at += 1;
                Ok(whole)
            }
            _ => Err(self.expected("a whole number")),
        }
    }

    fn ordered(&mut self) -> Result<(String, bool), SqlError> {
        let name = self.name()?;
        let descending = self.word("desc");
        if !descending {
            self.word("asc");
        }
        Ok((name, descending))
    }

    fn item(&mut self) -> Result<Item, SqlError> {
        let aggregate = match (self.peek(), self.tokens.get(self.at + 1)) {
            (Some(Token::Word(word)), Some((Token::Sign("("), _))) => Some(
                word.parse::<Aggregate>()
                    .map_err(|_| self.expected("count, sum, min, max or avg"))?,
            ),
            _ => None,
        };
        let what = match aggregate {
            None => What::Field(self.name()?),
            Some(aggregate) => {
                self.at += 2;
                let what = if aggregate == Aggregate::Count && self.sign("*") {
                    What::CountAll
                } else {
                    let once = aggregate == Aggregate::Count && self.word("distinct");
                    What::Aggregate(aggregate, self.name()?, once)
                };
                self.needed_sign(")", ")")?;
                what
            }
        };
        let alias = if self.word("as") { Some(self.name()?) } else { None };
        Ok(Item { what, alias })
    }

    fn or(&mut self, depth: usize) -> Result<Cond, SqlError> {
        let mut left = self.and(depth)?;
        let mut links = 0;
        while self.word("or") {
            links += 1;
            if links > LIST_MAX {
                return Err(SqlError::TooLarge);
            }
            left = Cond::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Ok(left)
    }

    fn and(&mut self, depth: usize) -> Result<Cond, SqlError> {
        let mut left = self.not(depth)?;
        let mut links = 0;
        while self.word("and") {
            links += 1;
            if links > LIST_MAX {
                return Err(SqlError::TooLarge);
            }
            left = Cond::And(Box::new(left), Box::new(self.not(depth)?));
        }
        Ok(left)
    }

    fn not(&mut self, depth: usize) -> Result<Cond, SqlError> {
        if depth >= DEPTH_MAX {
            return Err(SqlError::TooLarge);
        }
        if self.word("not") {
            return Ok(Cond::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.sign("(") {
            let inner = self.or(depth + 1)?;
            self.needed_sign(")", ")")?;
            return Ok(inner);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Cond, SqlError> {
        let field = self.name()?;
        if self.word("is") {
            let is_not = self.word("not");
            self.needed("null", "NULL")?;
            return Ok(Cond::IsNull(field, !is_not));
        }
        let is_not = self.word("not");
        let cond = if self.word("in") {
            self.needed_sign("(", "(")?;
            let all = self.list(Self::literal)?;
            self.needed_sign(")", ")")?;
            Cond::In(field, all)
        } else if self.word("between") {
            let low = self.literal()?;
            self.needed("and", "AND")?;
            let high = self.literal()?;
            Cond::And(
                Box::new(Cond::Compare(field.clone(), Op::Ge, low)),
                Box::new(Cond::Compare(field, Op::Le, high)),
            )
        } else if self.word("like") {
            self.like(field)?
        } else if is_not {
            return Err(self.expected("IN, BETWEEN or LIKE"));
        } else {
            let op = self.operator()?;
            Cond::Compare(field, op, self.literal()?)
        };
        Ok(if is_not { Cond::Not(Box::new(cond)) } else { cond })
    }

    /// A text with `%` at its ends alone: what both engines answer alike.
    fn like(&mut self, field: String) -> Result<Cond, SqlError> {
        let refused = self.expected("a text with % at its beginning, its end or both, and no _");
        let Literal::Text(pattern) = self.literal()? else {
            return Err(refused);
        };
        let (before, behind) = (pattern.starts_with('%'), pattern.ends_with('%'));
        let text = pattern.strip_prefix('%').unwrap_or(&pattern);
        let text = text.strip_suffix('%').unwrap_or(text);
        if text.contains(['%', '_', '\\']) {
            return Err(refused);
        }
        Ok(Cond::Like {
            field,
            text: text.to_owned(),
            before,
            behind,
        })
    }

    fn operator(&mut self) -> Result<Op, SqlError> {
        let op = match self.peek() {
            Some(Token::Sign("=")) => Op::Eq,
            Some(Token::Sign("<>" | "!=")) => Op::Ne,
            Some(Token::Sign("<")) => Op::Lt,
            Some(Token::Sign("<=")) => Op::Le,
            Some(Token::Sign(">")) => Op::Gt,
            Some(Token::Sign(">=")) => Op::Ge,
            _ => return Err(self.expected("a comparison")),
        };
        self.at += 1;
        Ok(op)
    }

    fn literal(&mut self) -> Result<Literal, SqlError> {
        let negative = self.sign("-");
        let literal = match self.peek() {
            Some(Token::Number(units, decimals)) => {
                let units = if negative { -units } else { *units };
                Literal::Number(units, *decimals)
            }
            Some(Token::Text(text)) if !negative => Literal::Text(text.clone()),
            Some(Token::Word(word)) if !negative && word == "true" => Literal::Bool(true),
            Some(Token::Word(word)) if !negative && word == "false" => Literal::Bool(false),
            _ => return Err(self.expected("a number, a text, TRUE or FALSE")),
        };
        self.at += 1;
        Ok(literal)
    }
}
