//! CQL2 JSON: read and written. Owns the words of its operators, some of which have capitals inside.
//! Refuses members that mean nothing, and nesting beyond the limits of text.

use serde_json::{Value, json};

use super::{
    BYTES_MAX, Budget, Comparison, CqlError, Expr, Operand, Order, Place, Relation, Time, date, day_or_instant,
    instant, number, place,
};

/// Reads a filter.
///
/// # Errors
/// [`CqlError`] says what is wrong.
pub fn from_json(text: &str) -> Result<Expr, CqlError> {
    if text.len() > BYTES_MAX {
        return Err(CqlError::TooLong);
    }
    // The reader of JSON has a bound of its own for nesting, far above ours.
    let value: Value = serde_json::from_str(text).map_err(|_| CqlError::Json("it cannot be read as JSON"))?;
    let mut reader = Reader {
        budget: Budget::new(),
        positions: place::positions(),
    };
    reader.expr(&value)
}

struct Reader {
    budget: Budget,
    positions: usize,
}

/// The operator and its arguments.
fn call(value: &Value) -> Result<(String, &[Value]), CqlError> {
    let op = value
        .get("op")
        .and_then(Value::as_str)
        .ok_or(CqlError::Json("`op` is missing"))?;
    let args = value.get("args").and_then(Value::as_array);
    Ok((op.to_owned(), args.ok_or(CqlError::Json("`args` is missing"))?))
}

impl Reader {
    fn expr(&mut self, value: &Value) -> Result<Expr, CqlError> {
        if let Value::Bool(yes) = value {
            self.budget.node()?;
            return Ok(Expr::Bool(*yes));
        }
        if let Some(name) = property(value) {
            self.budget.node()?;
            return Ok(Expr::Flag(name));
        }
        let (op, args) = call(value)?;
        self.budget.enter()?;
        let expr = self.operation(&op, args)?;
        self.budget.leave();
        Ok(expr)
    }

    fn operation(&mut self, op: &str, args: &[Value]) -> Result<Expr, CqlError> {
        match (op, args) {
            ("and" | "or", [_, _, ..]) => {
                let all = args.iter().map(|one| self.expr(one)).collect::<Result<_, _>>()?;
                Ok(if op == "and" { Expr::And(all) } else { Expr::Or(all) })
            }
            ("not", [inner]) => Ok(Expr::Not(Box::new(self.expr(inner)?))),
            ("like", [value, pattern]) => Ok(Expr::Like(self.operand(value)?, self.operand(pattern)?)),
            ("between", [value, low, high]) => Ok(Expr::Between(
                self.operand(value)?,
                self.operand(low)?,
                self.operand(high)?,
            )),
            ("in", [value, Value::Array(list)]) if !list.is_empty() => {
                let value = self.operand(value)?;
                Ok(Expr::In(
                    value,
                    list.iter().map(|one| self.operand(one)).collect::<Result<_, _>>()?,
                ))
            }
            ("isNull", [value]) => {
                let name = property(value);
                name.map(Expr::IsNull)
                    .ok_or_else(|| CqlError::Unsupported("isNull of what is no property".to_owned()))
            }
            (op, [one, other]) => self.binary(op, one, other),
            ("and" | "or" | "not" | "like" | "between" | "in" | "isNull", _) => {
                Err(CqlError::Json("an operator has another number of arguments"))
            }
            (op, _) => Err(CqlError::Unsupported(op.chars().take(40).collect())),
        }
    }

    fn binary(&mut self, op: &str, one: &Value, other: &Value) -> Result<Expr, CqlError> {
        let is_lower = !op.bytes().any(|byte| byte.is_ascii_uppercase());
        if let Some(comparison) = Comparison::of(op) {
            return Ok(Expr::Compare(comparison, self.operand(one)?, self.operand(other)?));
        }
        if let Some(relation) = Relation::of(op).filter(|_| is_lower) {
            return Ok(Expr::Spatial(relation, self.place(one)?, self.place(other)?));
        }
        // Some of these are written with capitals inside: t_finishedBy.
        if let Some(order) = Order::of(op) {
            return Ok(Expr::Temporal(order, self.time(one)?, self.time(other)?));
        }
        Err(CqlError::Unsupported(op.chars().take(40).collect()))
    }

    fn operand(&mut self, value: &Value) -> Result<Operand, CqlError> {
        self.budget.node()?;
        match value {
            Value::String(text) => Ok(Operand::Text(text.clone())),
            Value::Bool(yes) => Ok(Operand::Bool(*yes)),
            Value::Number(read) => number(&read.to_string()).map(Operand::Number),
            Value::Object(_) => self.described(value),
            Value::Null | Value::Array(_) => Err(CqlError::Json("a value or a property was expected")),
        }
    }

    fn described(&mut self, value: &Value) -> Result<Operand, CqlError> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if let Some(name) = property(value) {
            return Ok(Operand::Property(name));
        }
        if let Some(day) = text("date") {
            return date(day);
        }
        if let Some(at) = text("timestamp") {
            return instant(at);
        }
        let (op, args) = call(value)?;
        let [inner] = args else {
            return Err(CqlError::Unsupported(op.chars().take(40).collect()));
        };
        self.budget.enter()?;
        let read = match op.as_str() {
            "casei" => Operand::Casei(Box::new(self.operand(inner)?)),
            "accenti" => Operand::Accenti(Box::new(self.operand(inner)?)),
            _ => return Err(CqlError::Unsupported(op.chars().take(40).collect())),
        };
        self.budget.leave();
        Ok(read)
    }

    fn place(&mut self, value: &Value) -> Result<Place, CqlError> {
        self.budget.node()?;
        match property(value) {
            Some(name) => Ok(Place::Property(name)),
            None => place::from_json(value, &mut self.positions).map(Place::Shape),
        }
    }

    fn time(&mut self, value: &Value) -> Result<Time, CqlError> {
        let Some(ends) = value.get("interval") else {
            return self.operand(value).map(Time::At);
        };
        let Some([from, until]) = ends.as_array().map(Vec::as_slice) else {
            return Err(CqlError::Json("an interval has two ends"));
        };
        Ok(Time::Between(self.end(from)?, self.end(until)?))
    }

    fn end(&mut self, value: &Value) -> Result<Option<Operand>, CqlError> {
        match value.as_str() {
            None => self.operand(value).map(Some),
            Some(".." | "") => self.budget.node().map(|()| None),
            Some(text) => {
                self.budget.node()?;
                day_or_instant(text).map(Some)
            }
        }
    }
}

fn property(value: &Value) -> Option<String> {
    value.get("property")?.as_str().map(str::to_owned)
}

/// The filter as JSON.
#[must_use]
pub fn to_json(expr: &Expr) -> Value {
    let op = |op: &str, args: Vec<Value>| json!({ "op": op, "args": args });
    match expr {
        Expr::Bool(yes) => Value::Bool(*yes),
        Expr::Flag(name) => json!({ "property": name }),
        Expr::And(all) => op("and", all.iter().map(to_json).collect()),
        Expr::Or(all) => op("or", all.iter().map(to_json).collect()),
        Expr::Not(inner) => op("not", vec![to_json(inner)]),
        Expr::Compare(comparison, left, right) => op(comparison.word(), vec![operand(left), operand(right)]),
        Expr::Like(value, pattern) => op("like", vec![operand(value), operand(pattern)]),
        Expr::Between(value, low, high) => op("between", vec![operand(value), operand(low), operand(high)]),
        Expr::In(value, list) => op("in", vec![operand(value), list.iter().map(operand).collect()]),
        Expr::IsNull(name) => op("isNull", vec![json!({ "property": name })]),
        Expr::Spatial(relation, one, other) => op(
            &relation.word().to_ascii_lowercase(),
            vec![place_json(one), place_json(other)],
        ),
        Expr::Temporal(order, one, other) => op(order_word(*order), vec![time(one), time(other)]),
    }
}

/// The words of JSON have capitals inside.
const fn order_word(order: Order) -> &'static str {
    match order {
        Order::After => "t_after",
        Order::Before => "t_before",
        Order::Contains => "t_contains",
        Order::Disjoint => "t_disjoint",
        Order::During => "t_during",
        Order::Equals => "t_equals",
        Order::FinishedBy => "t_finishedBy",
        Order::Finishes => "t_finishes",
        Order::Intersects => "t_intersects",
        Order::Meets => "t_meets",
        Order::MetBy => "t_metBy",
        Order::OverlappedBy => "t_overlappedBy",
        Order::Overlaps => "t_overlaps",
        Order::StartedBy => "t_startedBy",
        Order::Starts => "t_starts",
    }
}

fn operand(operand: &Operand) -> Value {
    let op = |op: &str, inner: &Operand| json!({ "op": op, "args": [self::operand(inner)] });
    match operand {
        Operand::Property(name) => json!({ "property": name }),
        Operand::Text(text) => Value::String(text.clone()),
        Operand::Number(number) if number.scale() == 0 => Value::from(number.units()),
        Operand::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or_default(),
        Operand::Bool(yes) => Value::Bool(*yes),
        Operand::Date(day) => json!({ "date": day.to_string() }),
        Operand::Instant(at) => json!({ "timestamp": at.to_string() }),
        Operand::Casei(inner) => op("casei", inner),
        Operand::Accenti(inner) => op("accenti", inner),
    }
}

fn place_json(place: &Place) -> Value {
    match place {
        Place::Property(name) => json!({ "property": name }),
        Place::Shape(shape) => place::to_json(shape),
    }
}

fn time(time: &Time) -> Value {
    let end = |end: &Option<Operand>| match end {
        None => Value::from(".."),
        Some(Operand::Date(day)) => Value::from(day.to_string()),
        Some(Operand::Instant(at)) => Value::from(at.to_string()),
        Some(other) => operand(other),
    };
    match time {
        Time::At(at) => operand(at),
        Time::Between(from, until) => json!({ "interval": [end(from), end(until)] }),
    }
}
