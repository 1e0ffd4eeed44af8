//! What expressions promise: reading back what was printed, no type error after the check, no panic on any bytes, and
//! one meaning in Rust and in SQL. The SQL side is a plain interpreter of the few nodes that the compiler uses.

use super::evaluate::evaluate;
use super::sql::{Compiler, Sql};
use super::*;
use kernel::Date;
use kernel::calendar::TimeLimit;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn environment() -> Environment {
    [
        ("flag", Type::Bool.optional()),
        ("members", Type::integer(6)),
        ("trunk_cm", Type::measure("cm", 1, 6).optional()),
        ("crown_cm", Type::measure("cm", 0, 6).optional()),
        ("capital", Type::dong().optional()),
        ("name", Type::Text.optional()),
        (
            "health",
            Type::Choice(vec!["good".to_owned(), "dead".to_owned()]).optional(),
        ),
        ("planted_on", Type::Date.optional()),
        ("lines", Type::Code("lines".to_owned()).many().optional()),
        ("photo", Type::File.optional()),
    ]
    .into_iter()
    .collect()
}

fn facts() -> Facts {
    let mut facts = Facts::new(day("2026-11-22"));
    facts.set("members", Value::Number(Number::whole(3)));
    facts.set("trunk_cm", Value::Number(Number::scaled(505, 1)));
    facts.set("health", Value::Text("dead".to_owned()));
    facts.set("lines", Value::Many(vec![Value::Text("4711".to_owned())]));
    facts
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn read(text: &str) -> Result<Formula, Wrong> {
    Formula::read(text, &environment()).map_err(|error| error.what)
}

fn value(text: &str) -> Value {
    read(text)
        .unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
        .evaluate(&facts())
}

#[test]
fn operators_mean_what_the_table_says() {
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    for (text, expected) in [
        ("trunk_cm < 50", no.clone()),
        ("trunk_cm == 50.50", yes.clone()),
        ("trunk_cm + 0.5 > 51 - 1", yes.clone()),
        ("members * 2 + 1 == 7", yes.clone()),
        ("1 + 2 * 3 == 7 && !(2 > 3)", yes.clone()),
        ("health in ['good', 'dead']", yes.clone()),
        ("'4711' in lines && size(lines) == 1", yes.clone()),
        ("has(trunk_cm) && !has(crown_cm)", yes.clone()),
        ("today - duration('1 months') == date('2026-10-22')", yes.clone()),
        ("today > date('2026-01-01') ? members > 2 : flag", yes.clone()),
        ("name == null", yes.clone()),
        ("members != null", yes),
        ("members > 3 ? 1 : 0", Value::Number(Number::whole(0))),
        ("-trunk_cm > 0", no),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn null_is_unknown_as_in_sql() {
    for text in [
        "crown_cm > 1",
        "flag",
        "!flag",
        "flag && true",
        "flag || false",
        "crown_cm + 1",
        "name in ['a']",
        "name == name",
    ] {
        assert_eq!(value(text), Value::Null, "{text}");
    }
    assert_eq!(value("flag && false"), Value::Bool(false));
    assert_eq!(value("true || flag"), Value::Bool(true));
    assert_eq!(value("flag ? 1 : 2"), Value::Number(Number::whole(2)));
    assert_eq!(value("null == null"), Value::Bool(true));
}

#[test]
fn what_means_nothing_is_refused_with_its_place() {
    let refused = |text: &str| read(text).expect_err(text);
    let near = |near: &str| Some(near.to_owned());
    let units = |left: &str, right: &str| Wrong::Units {
        left: left.to_owned(),
        right: right.to_owned(),
    };
    assert_eq!(
        refused("trunk_cn > 1"),
        Wrong::Path {
            path: "trunk_cn".to_owned(),
            near: near("trunk_cm")
        }
    );
    assert_eq!(
        refused("health == 'deed'"),
        Wrong::Choice {
            word: "deed".to_owned(),
            near: near("dead")
        }
    );
    assert_eq!(refused("capital > trunk_cm"), units("dong", "cm"));
    assert_eq!(refused("trunk_cm * crown_cm"), units("cm", "cm"));
    assert_eq!(refused("members + capital"), units("no unit", "dong"));
    assert_eq!(refused("capital * 12345"), Wrong::TooLarge);
    assert_eq!(refused("rate(1)"), Wrong::Function("rate".to_owned()));
    assert_eq!(refused("1 # 2"), Wrong::Character('#'));
    assert_eq!(refused("'a"), Wrong::Text);
    assert_eq!(refused("1234567890123456789"), Wrong::Number);
    assert!(matches!(refused("date('2026-02-30')"), Wrong::Literal(_)));
    assert!(matches!(refused("members ? 1 : 2"), Wrong::Operand { .. }));
    assert!(matches!(refused("name < 'b'"), Wrong::Operand { .. }));
    assert!(matches!(refused("photo == 'a'"), Wrong::Compare { .. }));
    assert!(matches!(
        refused("planted_on + duration('5 working_days')"),
        Wrong::Operand { .. }
    ));
    assert!(matches!(refused("flag &&"), Wrong::Expected { .. }));
    assert!(matches!(refused("name in []"), Wrong::Expected { .. }));
    assert_eq!(refused(&"(".repeat(500)), Wrong::TooDeep);
    assert_eq!(refused(&vec!["1"; 500].join("+")), Wrong::TooDeep);
    assert_eq!(refused(&" ".repeat(2_001)), Wrong::TooLong);
    let condition = Formula::condition("members + 1", &environment()).unwrap_err().what;
    assert!(matches!(condition, Wrong::Result { .. }));
    let at = Formula::read("flag && wrong_name", &environment()).unwrap_err();
    assert_eq!(format!("{at}"), "at byte 8: nothing here is called wrong_name");
}

#[test]
fn a_fact_of_another_type_is_unknown() {
    let formula = read("members > 2").unwrap();
    let mut facts = Facts::new(day("2026-11-22"));
    facts.set("members", Value::Text("many".to_owned()));
    assert_eq!(formula.evaluate(&facts), Value::Null);
}

#[test]
fn sql_is_portable_text_with_parameters() {
    let environment = environment();
    let column = |path: &str| (path != "photo").then(|| format!("r.{path}"));
    let compiled = |text: &str| {
        let formula = Formula::read(text, &environment).unwrap();
        compile(&formula, &environment, &column, 3, day("2026-11-22"))
    };
    let fragment = compiled("health == 'dead' && trunk_cm >= crown_cm && planted_on < today").unwrap();
    assert_eq!(
        fragment.text,
        r#"((("r"."health" = $3) AND ("r"."trunk_cm" >= ("r"."crown_cm" * 10))) AND ("r"."planted_on" < $4))"#
    );
    let bound = [Parameter::Text("dead".to_owned()), Parameter::Date(day("2026-11-22"))];
    assert_eq!(fragment.parameters, bound);
    let fragment = compiled("name != null ? trunk_cm in [1, 2.25] : flag").unwrap();
    assert_eq!(
        fragment.text,
        r#"(CASE WHEN ("r"."name" IS NOT NULL) THEN (("r"."trunk_cm" * 10) IN (100, 225)) ELSE "r"."flag" END)"#
    );
    assert!(matches!(compiled("has(photo)"), Err(SqlError::NoColumn { .. })));
    assert!(matches!(
        compiled("size(lines) > 1"),
        Err(SqlError::NotCountable { .. })
    ));
    assert!(matches!(
        compiled("planted_on + duration('30 days') < today"),
        Err(SqlError::NotCountable { .. })
    ));
}

/// What both engines make of a node.
fn meaning(sql: &Sql, row: &BTreeMap<String, Value>) -> Value {
    let integer = |value: &Value| match value {
        Value::Number(number) => number.units(),
        other => panic!("no integer: {other:?}"),
    };
    let whole = |units: i64| Value::Number(Number::whole(units));
    match sql {
        Sql::Null => Value::Null,
        Sql::Bool(bool) => Value::Bool(*bool),
        Sql::Integer(units) => whole(*units),
        Sql::Bound(Parameter::Text(text)) => Value::Text(text.clone()),
        Sql::Bound(Parameter::Date(date)) => Value::Date(*date),
        Sql::Column(name) => row.get(name).cloned().unwrap_or(Value::Null),
        Sql::IsNull(inner, expected) => Value::Bool((meaning(inner, row) == Value::Null) == *expected),
        Sql::Not(inner) => match meaning(inner, row) {
            Value::Bool(bool) => Value::Bool(!bool),
            other => other,
        },
        Sql::Minus(inner) => match meaning(inner, row) {
            Value::Null => Value::Null,
            other => whole(-integer(&other)),
        },
        Sql::Length(inner) => match meaning(inner, row) {
            Value::Text(text) => whole(text.chars().count() as i64),
            other => other,
        },
        Sql::Case(condition, yes, no) => meaning(if meaning(condition, row).is_true() { yes } else { no }, row),
        Sql::In(inner, list) => match meaning(inner, row) {
            Value::Null => Value::Null,
            value => Value::Bool(list.iter().any(|one| meaning(one, row) == value)),
        },
        Sql::Operator(sign, left, right) => {
            let (left, right) = (meaning(left, row), meaning(right, row));
            match (*sign, &left, &right) {
                ("AND", Value::Bool(false), _) | ("AND", _, Value::Bool(false)) => Value::Bool(false),
                ("OR", Value::Bool(true), _) | ("OR", _, Value::Bool(true)) => Value::Bool(true),
                (_, Value::Null, _) | (_, _, Value::Null) => Value::Null,
                ("AND", ..) => Value::Bool(true),
                ("OR", ..) => Value::Bool(false),
                ("=", ..) => Value::Bool(left == right),
                ("<>", ..) => Value::Bool(left != right),
                ("+", ..) => whole(integer(&left) + integer(&right)),
                ("-", ..) => whole(integer(&left) - integer(&right)),
                ("*", ..) => whole(integer(&left) * integer(&right)),
                (sign, Value::Date(left), Value::Date(right)) => Value::Bool(holds(sign, left, right)),
                (sign, ..) => Value::Bool(holds(sign, &integer(&left), &integer(&right))),
            }
        }
    }
}

fn holds<T: Ord>(sign: &str, left: &T, right: &T) -> bool {
    match sign {
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        other => panic!("unknown operator {other}"),
    }
}

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<bool>().prop_map(Literal::Bool),
        (0..1_000_000_i64, 0..3_u8).prop_map(|(units, scale)| Literal::Number(Number::scaled(units, scale))),
        prop_oneof![Just("good"), Just("dead"), Just("it's \\ \"x\"\n"), Just("")]
            .prop_map(|text| Literal::Text(text.to_owned())),
        (1_i8..13, 1_i8..29).prop_map(|(month, day)| Literal::Date(Date::constant(2026, month, day))),
        (0..50_u32).prop_map(|days| Literal::Duration(TimeLimit::Days(days))),
    ]
}

fn any_path() -> impl Strategy<Value = String> {
    let paths: Vec<String> = environment().paths().map(|(path, _)| path.to_owned()).collect();
    prop::sample::select(paths)
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let at = Offset(0);
    let node = move |kind| Expr { at, kind };
    let leaf = prop_oneof![
        any_literal().prop_map(ExprKind::Literal),
        Just(ExprKind::Literal(Literal::Null)),
        any_path().prop_map(ExprKind::Path),
        any_path().prop_map(ExprKind::Has),
        Just(ExprKind::Today),
    ]
    .prop_map(node);
    let operators = prop::sample::select(vec![
        Binary::Or,
        Binary::And,
        Binary::Equal,
        Binary::Unequal,
        Binary::Less,
        Binary::AtMost,
        Binary::More,
        Binary::AtLeast,
        Binary::Within,
        Binary::Plus,
        Binary::Minus,
        Binary::Times,
    ]);
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed.clone().prop_map(ExprKind::Size),
            (prop_oneof![Just(Unary::Not), Just(Unary::Minus)], boxed.clone())
                .prop_map(|(operator, inner)| ExprKind::Unary(operator, inner)),
            (operators.clone(), boxed.clone(), boxed.clone()).prop_map(|(o, l, r)| ExprKind::Binary(o, l, r)),
            (boxed.clone(), prop::collection::vec(any_literal(), 1..4)).prop_map(|(i, l)| ExprKind::In(i, l)),
            (boxed.clone(), boxed.clone(), boxed).prop_map(|(c, f, s)| ExprKind::Condition(c, f, s)),
        ]
        .prop_map(node)
    })
}

/// Mostly well-typed conditions: comparisons over the declared fields, joined by logic.
fn any_condition() -> impl Strategy<Value = String> {
    let number = prop::sample::select(vec![
        "trunk_cm",
        "crown_cm",
        "3",
        "2.25",
        "trunk_cm + crown_cm",
        "crown_cm * 2 - 1.5",
        "-trunk_cm",
        "(flag ? trunk_cm : crown_cm)",
    ]);
    let sign = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        (number.clone(), sign, number).prop_map(|(l, sign, r)| format!("{l} {sign} {r}")),
        prop::sample::select(vec![
            "flag",
            "flag == true",
            "name == 'good'",
            "health in ['good', 'dead']",
            "trunk_cm in [1, 2.25]",
            "planted_on <= today",
            "size(name) > 3",
            "has(capital)",
            "capital == null",
            "null != name",
            "members * 2 > size(name)",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l}) && ({r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l}) || ({r})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, l, r)| format!("({c}) ? ({l}) : ({r})")),
            inner.prop_map(|inner| format!("!({inner})")),
        ]
    })
}

/// Values that fit the declarations, each unknown now and then.
fn any_facts() -> impl Strategy<Value = Facts> {
    let number =
        |most: i64, scale: u8| (-most..=most).prop_map(move |units| Value::Number(Number::scaled(units, scale)));
    let text = || prop::sample::select(vec!["good", "dead"]).prop_map(|text| Value::Text(text.to_owned()));
    let maybe = |value: BoxedStrategy<Value>| prop_oneof![3 => value, 1 => Just(Value::Null)];
    let date = (1_i8..13, 1_i8..29).prop_map(|(month, day)| Value::Date(Date::constant(2026, month, day)));
    (
        maybe(any::<bool>().prop_map(Value::Bool).boxed()),
        number(999_999, 0),
        maybe(prop_oneof![number(40, 1), number(999_999, 1)].boxed()),
        maybe(prop_oneof![number(4, 0), number(999_999, 0)].boxed()),
        maybe(number(999_999_999_999_999, 0).boxed()),
        maybe(text().boxed()),
        maybe(text().boxed()),
        maybe(date.boxed()),
        maybe(prop::collection::vec(text(), 0..3).prop_map(Value::Many).boxed()),
    )
        .prop_map(|(flag, members, trunk, crown, capital, name, health, planted, lines)| {
            let mut facts = Facts::new(day("2026-06-15"));
            for (path, value) in [
                ("flag", flag),
                ("members", members),
                ("trunk_cm", trunk),
                ("crown_cm", crown),
                ("capital", capital),
                ("name", name),
                ("health", health),
                ("planted_on", planted),
                ("lines", lines),
            ] {
                facts.set(path, value);
            }
            facts
        })
}

fn fits(value: &Value, ty: &Type) -> bool {
    match (value, ty.known()) {
        (Value::Null, (known, optional)) => optional || *known == Type::Null,
        (Value::Number(number), (Type::Number(ty), _)) => number.digits() <= ty.digits && number.scale() <= ty.scale,
        (Value::Bool(_), (Type::Bool, _))
        | (Value::Text(_), (Type::Text | Type::Choice(_) | Type::Code(_), _))
        | (Value::Date(_), (Type::Date, _))
        | (Value::Duration(_), (Type::Duration, _))
        | (Value::Many(_), (Type::Many(_), _)) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_printed_is_read_back(expr in any_expr()) {
        prop_assert_eq!(expr.to_string().parse::<Expr>(), Ok(expr));
    }

    #[test]
    fn what_is_checked_evaluates_to_its_type(expr in any_expr(), facts in any_facts()) {
        if let Ok(formula) = Formula::read(&expr.to_string(), &environment()) {
            let value = evaluate(formula.expr(), &facts);
            prop_assert!(value.is_ok_and(|value| fits(&value, formula.ty())), "{} is no {:?}", formula, formula.ty());
        }
    }

    #[test]
    fn conditions_evaluate_to_truth(text in any_condition(), facts in any_facts()) {
        let formula = Formula::condition(&text, &environment()).unwrap();
        let value = evaluate(formula.expr(), &facts);
        prop_assert!(value.is_ok_and(|value| fits(&value, formula.ty())), "{}", text);
    }

    #[test]
    fn sql_means_the_same(text in any_condition(), facts in any_facts()) {
        let environment = environment();
        let formula = Formula::condition(&text, &environment).unwrap();
        let column = |path: &str| Some(path.to_owned());
        let mut compiler = Compiler { environment: &environment, column: &column, today: facts.today };
        let sql = compiler.tree(formula.expr()).unwrap();
        let stored = |value: Value| match value {
            Value::Number(number) => Value::Number(Number::whole(number.units())),
            other => other,
        };
        let row = environment.paths().map(|(path, _)| (path.to_owned(), stored(facts.get(path)))).collect();
        prop_assert_eq!(meaning(&sql, &row), formula.evaluate(&facts), "{}", text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = Formula::read(&text, &environment());
    }

    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "trunk_cm", "flag", "(", ")", "[", "]", "in", "has", "size", "date", "'a'", "1.5", "-", "!", "?", ":", "&&", "==", ",", ".", "null",
    ]), 0..24)) {
        let _ = Formula::read(&words.join(" "), &environment());
    }
}
