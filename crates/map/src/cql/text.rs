//! Reads CQL2 text. Owns the grammar: a filter is read once from left to right.
//! Refuses what is nested or longer than a bound, so no text makes it run away.

use super::lexer::{Token, tokens};
use super::{
    BYTES_MAX, Budget, Comparison, CqlError, Expr, Operand, Order, Place, Relation, Shape, Time, date, day_or_instant,
    instant, number, place,
};

/// Words that are no names unless they stand between quotes.
const WORDS: [&str; 11] = [
    "and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div",
];

/// Reads a filter.
///
/// # Errors
/// [`CqlError`] says what is wrong, and where.
pub fn from_text(text: &str) -> Result<Expr, CqlError> {
    if text.len() > BYTES_MAX {
        return Err(CqlError::TooLong);
    }
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
        budget: Budget::new(),
        positions: super::POSITIONS_MAX,
    };
    let expr = reader.either()?;
    match reader.peek() {
        Token::End => Ok(expr),
        _ => Err(reader.expected("AND, OR or the end")),
    }
}

/// Whether a name has to stand between quotes.
pub(super) fn is_word(name: &str) -> bool {
    let keywords = ["casei", "accenti", "date", "timestamp", "interval", "bbox"];
    let all = WORDS.iter().chain(&keywords).chain(&place::TAGS);
    all.into_iter().any(|word| word.eq_ignore_ascii_case(name))
}

pub(super) struct Reader {
    tokens: Vec<(Token, usize)>,
    at: usize,
    budget: Budget,
    pub(super) positions: usize,
}

impl Reader {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// The error of what stands here.
    pub(super) fn expected(&self, expected: &'static str) -> CqlError {
        let last = self.tokens.last().map_or(1, |(_, at)| *at);
        CqlError::Syntax {
            at: self.tokens.get(self.at).map_or(last, |(_, at)| *at),
            expected,
            found: self.peek().shown(),
        }
    }

    pub(super) fn sign(&mut self, sign: &'static str) -> Result<(), CqlError> {
        if self.takes_sign(sign) {
            Ok(())
        } else {
            Err(self.expected(sign))
        }
    }

    pub(super) fn takes_sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.at += usize::from(is_it);
        is_it
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_it = self.is_word(word);
        self.at += usize::from(is_it);
        is_it
    }

    /// Whether an opening bracket follows what stands here: a call, not a name.
    fn is_call(&self) -> bool {
        matches!(self.tokens.get(self.at + 1), Some((Token::Sign("("), _)))
    }

    fn either(&mut self) -> Result<Expr, CqlError> {
        self.budget.enter()?;
        let mut all = vec![self.both()?];
        while self.takes("or") {
            all.push(self.both()?);
        }
        self.budget.leave();
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::Or(all) })
    }

    fn both(&mut self) -> Result<Expr, CqlError> {
        let mut all = vec![self.factor()?];
        while self.takes("and") {
            all.push(self.factor()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::And(all) })
    }

    fn factor(&mut self) -> Result<Expr, CqlError> {
        if self.takes("not") {
            self.budget.enter()?;
            let inner = self.factor()?;
            self.budget.leave();
            return Ok(Expr::Not(Box::new(inner)));
        }
        if self.takes_sign("(") {
            let inner = self.either()?;
            self.sign(")")?;
            return Ok(inner);
        }
        self.budget.node()?;
        if let Token::Word(word) = self.peek()
            && self.is_call()
        {
            if let Some(relation) = Relation::of(word) {
                return self.spatial(relation);
            }
            if let Some(order) = Order::of(word) {
                return self.temporal(order);
            }
            let upper = word.to_ascii_uppercase();
            if upper.starts_with("A_") {
                return Err(CqlError::Unsupported(upper));
            }
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, CqlError> {
        let left = self.operand()?;
        if self.takes("is") {
            let negated = self.takes("not");
            if !self.takes("null") {
                return Err(self.expected("NULL"));
            }
            let Operand::Property(name) = left else {
                return Err(CqlError::Unsupported("IS NULL of what is no property".to_owned()));
            };
            return Ok(turned(negated, Expr::IsNull(name)));
        }
        let negated = self.takes("not");
        if self.takes("like") {
            let pattern = self.operand()?;
            return Ok(turned(negated, Expr::Like(left, pattern)));
        }
        if self.takes("between") {
            let low = self.operand()?;
            if !self.takes("and") {
                return Err(self.expected("AND"));
            }
            return Ok(turned(negated, Expr::Between(left, low, self.operand()?)));
        }
        if self.takes("in") {
            return Ok(turned(negated, Expr::In(left, self.list()?)));
        }
        if negated {
            return Err(self.expected("LIKE, BETWEEN or IN"));
        }
        self.compared(left)
    }

    fn compared(&mut self, left: Operand) -> Result<Expr, CqlError> {
        if let Token::Sign(sign) = self.peek() {
            if let Some(comparison) = Comparison::of(sign) {
                self.at += 1;
                return Ok(Expr::Compare(comparison, left, self.operand()?));
            }
            if matches!(*sign, "+" | "-" | "*" | "/" | "%" | "^") {
                return Err(CqlError::Unsupported("arithmetic".to_owned()));
            }
        }
        match left {
            Operand::Property(name) => Ok(Expr::Flag(name)),
            Operand::Bool(yes) => Ok(Expr::Bool(yes)),
            _ => Err(self.expected("a comparison")),
        }
    }

    fn list(&mut self) -> Result<Vec<Operand>, CqlError> {
        self.sign("(")?;
        let mut all = vec![self.operand()?];
        while self.takes_sign(",") {
            all.push(self.operand()?);
        }
        self.sign(")")?;
        Ok(all)
    }

    fn operand(&mut self) -> Result<Operand, CqlError> {
        self.budget.node()?;
        match self.peek().clone() {
            Token::Text(text) => {
                self.at += 1;
                Ok(Operand::Text(text))
            }
            Token::Name(name) => {
                self.at += 1;
                Ok(Operand::Property(name))
            }
            Token::Number(_) | Token::Sign("-" | "+") => {
                let written = self.written()?;
                number(&written).map(Operand::Number)
            }
            Token::Word(word) => self.named(word),
            Token::Sign("(") => Err(CqlError::Unsupported("arithmetic".to_owned())),
            _ => Err(self.expected("a value or a property")),
        }
    }

    /// A number with its sign.
    fn written(&mut self) -> Result<String, CqlError> {
        let sign = if self.takes_sign("-") { "-" } else { "" };
        if sign.is_empty() {
            self.takes_sign("+");
        }
        match self.peek().clone() {
            Token::Number(digits) => {
                self.at += 1;
                Ok(format!("{sign}{digits}"))
            }
            _ => Err(self.expected("a number")),
        }
    }

    /// A number of a shape.
    pub(super) fn coordinate(&mut self) -> Result<f64, CqlError> {
        let written = self.written()?;
        let read = written.parse::<f64>().ok().filter(|number| number.is_finite());
        read.ok_or(CqlError::Number(written.chars().take(40).collect()))
    }

    /// Whether one more coordinate of a position stands here.
    pub(super) fn has_number(&self) -> bool {
        matches!(self.peek(), Token::Number(_) | Token::Sign("-" | "+"))
    }

    pub(super) fn takes_dimension(&mut self) {
        let _ = self.takes("z") || self.takes("m") || self.takes("zm");
    }

    /// The tag of a shape, when one stands here.
    pub(super) fn tag(&mut self) -> Option<String> {
        let Token::Word(word) = self.peek() else { return None };
        let upper = word.to_ascii_uppercase();
        let known = place::TAGS.contains(&upper.as_str());
        self.at += usize::from(known);
        known.then_some(upper)
    }

    pub(super) fn is_empty_shape(&mut self) -> bool {
        self.takes("empty")
    }

    pub(super) fn enter(&mut self) -> Result<(), CqlError> {
        self.budget.enter()
    }

    pub(super) fn leave(&mut self) {
        self.budget.leave();
    }

    fn named(&mut self, word: String) -> Result<Operand, CqlError> {
        let lower = word.to_ascii_lowercase();
        if self.is_call() {
            self.at += 2;
            self.budget.enter()?;
            let value = match lower.as_str() {
                "casei" => Operand::Casei(Box::new(self.operand()?)),
                "accenti" => Operand::Accenti(Box::new(self.operand()?)),
                "date" => date(&self.text()?)?,
                "timestamp" => instant(&self.text()?)?,
                _ => return Err(CqlError::Unsupported(word.chars().take(40).collect())),
            };
            self.budget.leave();
            self.sign(")")?;
            return Ok(value);
        }
        match lower.as_str() {
            "true" => self.at += 1,
            "false" => {
                self.at += 1;
                return Ok(Operand::Bool(false));
            }
            _ if WORDS.contains(&lower.as_str()) => return Err(self.expected("a value or a property")),
            _ => {
                self.at += 1;
                return Ok(Operand::Property(word));
            }
        }
        Ok(Operand::Bool(true))
    }

    fn text(&mut self) -> Result<String, CqlError> {
        match self.next() {
            Token::Text(text) => Ok(text),
            _ => {
                self.at -= 1;
                Err(self.expected("a text between single quotes"))
            }
        }
    }

    fn spatial(&mut self, relation: Relation) -> Result<Expr, CqlError> {
        self.at += 2;
        let one = self.place()?;
        self.sign(",")?;
        let other = self.place()?;
        self.sign(")")?;
        Ok(Expr::Spatial(relation, one, other))
    }

    fn place(&mut self) -> Result<Place, CqlError> {
        self.budget.node()?;
        if let Token::Name(name) = self.peek().clone() {
            self.at += 1;
            return Ok(Place::Property(name));
        }
        if self.is_word("bbox") && self.is_call() {
            self.at += 2;
            return Ok(Place::Shape(Shape::Box(place::read_box(self)?)));
        }
        if let Some(tag) = self.tag() {
            let shape = place::read_tagged(self, &tag)?;
            return place::checked(shape).map(Place::Shape);
        }
        match self.peek().clone() {
            Token::Word(word) if !self.is_call() => {
                self.at += 1;
                Ok(Place::Property(word))
            }
            _ => Err(self.expected("a shape or a property")),
        }
    }

    fn temporal(&mut self, order: Order) -> Result<Expr, CqlError> {
        self.at += 2;
        let one = self.time()?;
        self.sign(",")?;
        let other = self.time()?;
        self.sign(")")?;
        Ok(Expr::Temporal(order, one, other))
    }

    fn time(&mut self) -> Result<Time, CqlError> {
        if !(self.is_word("interval") && self.is_call()) {
            return self.operand().map(Time::At);
        }
        self.at += 2;
        let from = self.end()?;
        self.sign(",")?;
        let until = self.end()?;
        self.sign(")")?;
        Ok(Time::Between(from, until))
    }

    /// An end of an interval: `'..'` is none.
    fn end(&mut self) -> Result<Option<Operand>, CqlError> {
        let Token::Text(text) = self.peek().clone() else {
            return self.operand().map(Some);
        };
        self.budget.node()?;
        self.at += 1;
        if matches!(text.as_str(), ".." | "") {
            return Ok(None);
        }
        day_or_instant(&text).map(Some)
    }
}

fn turned(negated: bool, expr: Expr) -> Expr {
    if negated { Expr::Not(Box::new(expr)) } else { expr }
}
