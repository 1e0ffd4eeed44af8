//! Statements of strangers: whatever text they send, the parser answers; whatever it accepts, both engines answer as a walk over the
//! rows would.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use testkit::engines;

use super::house::{House, MIGRATIONS, OPEN};
use crate::rows::{self, Cell, Sheet};
use crate::sql::plan::{By, Checked, Operand, Plan, plan};
use crate::sql::{Aggregate, Cond, Item, Literal, Op, Query, SqlError, What, parse};

/// A row of the walk: what the fields hold.
type Walked = BTreeMap<String, Cell>;

fn order(one: &Cell, other: &Cell) -> Ordering {
    match (one, other) {
        (Cell::Number(one, _), Cell::Number(other, _)) => one.cmp(other),
        (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
        (Cell::Date(one), Cell::Date(other)) => one.cmp(other),
        (Cell::Bool(one), Cell::Bool(other)) => one.cmp(other),
        (Cell::Float(one), Cell::Float(other)) => one.total_cmp(other),
        (one, other) => panic!("{one:?} beside {other:?}"),
    }
}

fn operand(operand: &Operand, cell: &Cell) -> Cell {
    match (operand, cell) {
        (Operand::Text(text), _) => Cell::Text(text.clone()),
        (Operand::Units(units), Cell::Number(_, scale)) => Cell::Number(*units, *scale),
        (Operand::Micro(micro), _) => Cell::Float(*micro as f64 / 1e6),
        (Operand::Bool(yes), _) => Cell::Bool(*yes),
        (Operand::Date(day), _) => Cell::Date(*day),
        (Operand::Id(id), _) => Cell::Text(id.to_string()),
        (operand, cell) => panic!("{operand:?} beside {cell:?}"),
    }
}

/// True, false or unknown.
fn holds(cond: &Checked, row: &Walked) -> Option<bool> {
    let value = |name: &String| match &row[name] {
        Cell::Null => None,
        cell => Some(cell),
    };
    match cond {
        Checked::And(one, other) => match (holds(one, row), holds(other, row)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Checked::Or(one, other) => match (holds(one, row), holds(other, row)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Checked::Not(inner) => holds(inner, row).map(|held| !held),
        Checked::IsNull(name, wanted) => Some(value(name).is_none() == *wanted),
        Checked::Never(name) => value(name).map(|_| false),
        Checked::Always(name) => value(name).map(|_| true),
        Checked::Compare(name, op, wanted) => {
            let cell = value(name)?;
            let order = order(cell, &operand(wanted, cell));
            Some(match op {
                Op::Eq => order.is_eq(),
                Op::Ne => order.is_ne(),
                Op::Lt => order.is_lt(),
                Op::Le => order.is_le(),
                Op::Gt => order.is_gt(),
                Op::Ge => order.is_ge(),
            })
        }
        Checked::Like(name, text, before, behind) => {
            let Cell::Text(own) = value(name)? else {
                panic!("LIKE takes texts")
            };
            Some(match (before, behind) {
                (true, true) => own.contains(text.as_str()),
                (false, true) => own.starts_with(text.as_str()),
                (true, false) => own.ends_with(text.as_str()),
                (false, false) => own == text,
            })
        }
    }
}

fn worked_out(what: &What, scale: u8, rows: &[&Walked]) -> Cell {
    let values = |name: &String| {
        let cells = rows.iter().map(|row| row[name].clone());
        cells.filter(|cell| *cell != Cell::Null).collect::<Vec<_>>()
    };
    match what {
        What::Field(name) => rows.first().map_or(Cell::Null, |row| row[name].clone()),
        What::CountAll => Cell::Number(rows.len() as i64, 0),
        What::Aggregate(Aggregate::Count, name, true) => {
            let distinct: BTreeSet<String> = values(name).iter().map(Cell::text).collect();
            Cell::Number(distinct.len() as i64, 0)
        }
        What::Aggregate(Aggregate::Count, name, false) => Cell::Number(values(name).len() as i64, 0),
        What::Aggregate(Aggregate::Min, name, _) => values(name).into_iter().min_by(order).unwrap_or(Cell::Null),
        What::Aggregate(Aggregate::Max, name, _) => values(name).into_iter().max_by(order).unwrap_or(Cell::Null),
        What::Aggregate(aggregate @ (Aggregate::Sum | Aggregate::Avg), name, _) => {
            let numbers: Vec<i64> = values(name)
                .iter()
                .map(|cell| match cell {
                    Cell::Number(units, _) => *units,
                    other => panic!("{other:?}"),
                })
                .collect();
            let sum: i64 = numbers.iter().sum();
            match (aggregate, numbers.len()) {
                (_, 0) => Cell::Null,
                (Aggregate::Sum, _) => Cell::Number(sum, scale),
                (_, count) => {
                    let mean = sum as f64 / count as f64 / 10_f64.powi(i32::from(scale));
                    Cell::Float((mean * 1e6).round() / 1e6)
                }
            }
        }
    }
}

/// The answer of a walk, before it is put in order and cut.
fn walk(plan: &Plan, all: &[Walked]) -> Vec<Vec<Cell>> {
    let found: Vec<&Walked> = all
        .iter()
        .filter(|row| plan.filter.as_ref().is_none_or(|cond| holds(cond, row) == Some(true)))
        .collect();
    let is_grouped = !plan.group.is_empty() || plan.columns.iter().any(|out| !matches!(out.what, What::Field(_)));
    let groups: Vec<Vec<&Walked>> = if is_grouped {
        let mut groups: BTreeMap<Vec<String>, Vec<&Walked>> = BTreeMap::new();
        for row in found {
            let key = plan.group.iter().map(|name| format!("{:?}", row[name])).collect();
            groups.entry(key).or_default().push(row);
        }
        if plan.group.is_empty() && groups.is_empty() {
            vec![Vec::new()]
        } else {
            groups.into_values().collect()
        }
    } else {
        found.into_iter().map(|row| vec![row]).collect()
    };
    let answer = groups.iter().map(|group| {
        let cells = plan.columns.iter().map(|out| worked_out(&out.what, out.scale, group));
        cells.collect::<Vec<_>>()
    });
    let mut answer: Vec<Vec<Cell>> = answer.collect();
    if plan.distinct {
        let mut seen = BTreeSet::new();
        answer.retain(|row| seen.insert(format!("{row:?}")));
    }
    answer
}

/// Whether rows stand in the order that was asked for: nothing last, and first from the greatest.
fn in_order(plan: &Plan, rows: &[Vec<Cell>]) -> bool {
    rows.windows(2).all(|pair| {
        for (by, descending) in &plan.order {
            let By::Column(at) = by else { return true };
            let order = match (&pair[0][*at], &pair[1][*at]) {
                (Cell::Null, Cell::Null) => Ordering::Equal,
                (Cell::Null, _) => Ordering::Greater,
                (_, Cell::Null) => Ordering::Less,
                (one, other) => order(one, other),
            };
            let order = if *descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order.is_lt();
            }
        }
        true
    })
}

fn field() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "tag",
        "species",
        "height_m",
        "girth_cm",
        "checked_on",
        "health",
        "marked",
        "lon",
    ])
    .prop_map(str::to_owned)
}

fn literal_of(name: &str) -> BoxedStrategy<Literal> {
    let text = |all: &[&str]| {
        prop::sample::select(all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).prop_map(Literal::Text)
    };
    match name {
        "height_m" | "girth_cm" | "lon" => (-2_000_i64..2_000, 0_u8..4)
            .prop_map(|(units, scale)| Literal::Number(units, scale))
            .boxed(),
        "marked" => any::<bool>().prop_map(Literal::Bool).boxed(),
        "checked_on" => text(&["2026-01-01", "2026-02-10", "2026-02-11"]).boxed(),
        "health" => text(&["good", "watch", "nothing"]).boxed(),
        _ => text(&["T1", "T2", "Sao đen", "Sấu", "sao", ""]).boxed(),
    }
}

fn comparison() -> BoxedStrategy<Cond> {
    let ops = vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];
    let compare = (field(), prop::sample::select(ops)).prop_flat_map(|(name, op)| {
        let op = match (name.as_str(), op) {
            ("marked", op) if !matches!(op, Op::Eq | Op::Ne) => Op::Eq,
            ("lon", Op::Eq) => Op::Le,
            ("lon", Op::Ne) => Op::Gt,
            (_, op) => op,
        };
        literal_of(&name).prop_map(move |literal| Cond::Compare(name.clone(), op, literal))
    });
    let within = field().prop_filter("degrees are not compared for being the same", |name| name != "lon");
    let within = within.prop_flat_map(|name| {
        prop::collection::vec(literal_of(&name), 1..4).prop_map(move |all| Cond::In(name.clone(), all))
    });
    let like = (
        prop::sample::select(vec!["Sa", "o đ", "đen", "u", ""]),
        any::<bool>(),
        any::<bool>(),
    );
    let like = like.prop_map(|(text, before, behind)| Cond::Like {
        field: "species".to_owned(),
        text: text.to_owned(),
        before: before || text.is_empty(),
        behind: behind || text.is_empty(),
    });
    let is_null = (field(), any::<bool>()).prop_map(|(name, yes)| Cond::IsNull(name, yes));
    prop_oneof![4 => compare, 1 => within, 1 => like, 1 => is_null].boxed()
}

fn cond() -> BoxedStrategy<Cond> {
    comparison()
        .prop_recursive(3, 12, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(one, other)| Cond::And(Box::new(one), Box::new(other))),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| Cond::Or(Box::new(one), Box::new(other))),
                inner.prop_map(|one| Cond::Not(Box::new(one))),
            ]
        })
        .boxed()
}

fn aggregate() -> BoxedStrategy<What> {
    let number = prop::sample::select(vec!["height_m", "girth_cm"]);
    prop_oneof![
        Just(What::CountAll),
        (field(), any::<bool>()).prop_map(|(name, once)| What::Aggregate(Aggregate::Count, name, once)),
        number
            .clone()
            .prop_map(|name| What::Aggregate(Aggregate::Sum, name.to_owned(), false)),
        number.prop_map(|name| What::Aggregate(Aggregate::Avg, name.to_owned(), false)),
        prop::sample::select(vec!["tag", "species", "checked_on", "height_m"]).prop_map(|name| What::Aggregate(
            Aggregate::Min,
            name.to_owned(),
            false
        )),
        prop::sample::select(vec!["health", "checked_on", "girth_cm"]).prop_map(|name| What::Aggregate(
            Aggregate::Max,
            name.to_owned(),
            false
        )),
    ]
    .boxed()
}

fn query() -> BoxedStrategy<Query> {
    let plain = (
        prop::collection::vec(field(), 1..4),
        any::<bool>(),
        prop::option::of(cond()),
        prop::collection::vec(any::<bool>(), 0..2),
    );
    let plain = plain.prop_map(|(fields, distinct, filter, order)| Query {
        order: order
            .iter()
            .map(|descending| (fields[0].clone(), *descending))
            .collect(),
        items: fields.iter().map(|name| Item::field(name)).collect(),
        distinct,
        filter,
        ..Query::default()
    });
    let grouped = (
        prop::collection::btree_set(field(), 0..2),
        prop::collection::vec(aggregate(), 1..3),
        prop::option::of(cond()),
        prop::option::of(any::<bool>()),
    );
    let grouped = grouped.prop_map(|(group, aggregates, filter, order)| {
        let mut items: Vec<Item> = group.iter().map(|name| Item::field(name)).collect();
        items.extend(aggregates.into_iter().enumerate().map(|(at, what)| Item {
            what,
            alias: Some(format!("a{at}")),
        }));
        Query {
            items,
            filter,
            group: group.into_iter().collect(),
            order: order
                .map(|descending| ("a0".to_owned(), descending))
                .into_iter()
                .collect(),
            ..Query::default()
        }
    });
    prop_oneof![plain, grouped].boxed()
}

/// A statement written out, so that the parser is part of what is tried.
fn written(query: &Query) -> String {
    let item = |item: &Item| {
        let what = match &item.what {
            What::Field(name) => format!("\"{name}\""),
            What::CountAll => "count(*)".to_owned(),
            What::Aggregate(aggregate, name, once) => {
                format!("{aggregate}({}{name})", if *once { "DISTINCT " } else { "" })
            }
        };
        item.alias
            .as_ref()
            .map_or(what.clone(), |alias| format!("{what} AS {alias}"))
    };
    let items: Vec<String> = query.items.iter().map(item).collect();
    let mut text = format!(
        "SELECT {}{} FROM \"x\"",
        if query.distinct { "DISTINCT " } else { "" },
        items.join(", ")
    );
    if let Some(filter) = &query.filter {
        text.push_str(&format!(" WHERE {}", written_cond(filter)));
    }
    if !query.group.is_empty() {
        text.push_str(&format!(" GROUP BY {}", query.group.join(", ")));
    }
    if let Some((name, descending)) = query.order.first() {
        text.push_str(&format!(" ORDER BY {name}{}", if *descending { " DESC" } else { "" }));
    }
    text + " LIMIT 1000;"
}

fn written_cond(cond: &Cond) -> String {
    let literal = |literal: &Literal| match literal {
        Literal::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Literal::Number(units, scale) => rows::decimal(*units, *scale),
        Literal::Bool(yes) => yes.to_string().to_uppercase(),
    };
    match cond {
        Cond::And(one, other) => format!("({} AND {})", written_cond(one), written_cond(other)),
        Cond::Or(one, other) => format!("({} OR {})", written_cond(one), written_cond(other)),
        Cond::Not(inner) => format!("NOT ({})", written_cond(inner)),
        Cond::IsNull(name, yes) => format!("{name} IS {}NULL", if *yes { "" } else { "NOT " }),
        Cond::In(name, all) => {
            let all: Vec<String> = all.iter().map(literal).collect();
            format!("{name} IN ({})", all.join(", "))
        }
        Cond::Compare(name, op, value) => {
            let op = match op {
                Op::Eq => "=",
                Op::Ne => "<>",
                Op::Lt => "<",
                Op::Le => "<=",
                Op::Gt => ">",
                Op::Ge => ">=",
            };
            format!("{name} {op} {}", literal(value))
        }
        Cond::Like {
            field,
            text,
            before,
            behind,
        } => format!(
            "{field} LIKE '{}{text}{}'",
            if *before { "%" } else { "" },
            if *behind { "%" } else { "" }
        ),
    }
}

async fn planted(house: &House) {
    let rows: [[&str; 7]; 7] = [
        ["T1", "Sao đen", "12.5", "80", "2026-01-01", "good", "true"],
        ["T2", "Sấu", "-3", "", "2026-02-10", "watch", "false"],
        ["T3", "", "", "95", "", "good", ""],
        ["T4", "Sao đen", "12.5", "80", "2026-02-11", "watch", "true"],
        ["T5", "sao", "0.1", "0", "2026-01-01", "good", ""],
        ["T6", "Xà cừ", "90", "100000", "", "dead", "true"],
        ["T7", "Sấu", "7", "80", "2026-02-10", "good", "false"],
    ];
    let names = [
        "tag",
        "species",
        "height_m",
        "girth_cm",
        "checked_on",
        "health",
        "marked",
    ];
    for (at, row) in rows.iter().enumerate() {
        let values: Vec<(&str, &str)> = names.iter().copied().zip(row.iter().copied()).collect();
        let place = (at % 2 == 0).then_some([105.0 + at as f64 / 8.0, 18.25]);
        house.enter(&values, place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_answer_as_a_walk_over_the_rows() {
    engines(MIGRATIONS, async |test| {
        let house = House::with(test, OPEN).await;
        planted(&house).await;
        house.approve().await;
        let dataset = house.portal.dataset_of("sample-tree").await.unwrap();
        let (portal, today) = (house.portal.clone(), house.portal.register().today());
        let sheet: Sheet = portal
            .store()
            .read({
                let portal = portal.clone();
                move |tx| portal.sheet(tx, &dataset)
            })
            .await
            .unwrap();
        let read = sheet.clone();
        let all = portal
            .store()
            .read(move |tx| rows::page(tx, &read, None, 0, 100, today))
            .await
            .unwrap();
        let names: Vec<String> = sheet.fields.iter().map(|field| field.name.clone()).collect();
        let all: Vec<Walked> = all
            .into_iter()
            .map(|row| names.iter().cloned().zip(row).collect())
            .collect();
        assert_eq!(all.len(), 6, "the dead tree is no open data");
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let strategy = query();
        for _ in 0..250 {
            let asked = strategy.new_tree(&mut runner).unwrap().current();
            let text = written(&asked);
            let parsed = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let plan = plan(&parsed, &sheet).unwrap_or_else(|error| panic!("{text}: {error}"));
            let (read, asked) = (sheet.clone(), plan.clone());
            let answer = portal.store().read(move |tx| rows::run(tx, &read, &asked, today)).await;
            let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(in_order(&plan, &answer), "{text}: {answer:?}");
            let sorted = |rows: &[Vec<Cell>]| {
                let mut all: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
                all.sort();
                all
            };
            assert_eq!(sorted(&answer), sorted(&walk(&plan, &all)), "{text}");
        }
    })
    .await;
}

#[test]
fn what_is_not_in_the_grammar_is_refused_with_its_place() {
    for text in [
        "",
        "SELECT",
        "SELECT * FROM a, b",
        "SELECT * FROM a; DROP TABLE a",
        "SELECT * FROM a -- x",
        "SELECT * FROM a /* x */",
        "SELECT pg_sleep(10) FROM a",
        "SELECT * FROM (SELECT 1)",
        "SELECT * FROM a JOIN b",
        "SELECT * FROM a WHERE x = y",
        "SELECT * FROM a WHERE x LIKE '%a_b%'",
        "SELECT * FROM a UNION SELECT * FROM b",
        "SELECT * FROM a WHERE x = 'open",
        "SELECT * FROM a WHERE x = 1234567890123456789",
        "SELECT x y FROM a",
        "INSERT INTO a VALUES (1)",
    ] {
        assert!(matches!(parse(text), Err(SqlError::Expected { .. })), "{text}");
    }
    let deep = format!("SELECT * FROM a WHERE {}x = 1{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(parse(&deep), Err(SqlError::TooLarge));
    assert_eq!(parse(&"x".repeat(4_001)), Err(SqlError::TooLarge));
    let many = vec!["1"; 101].join(",");
    assert_eq!(
        parse(&format!("SELECT * FROM a WHERE x IN ({many})")),
        Err(SqlError::TooLarge)
    );
}

proptest! {
    #![proptest_config(Config::with_cases(600))]

    /// The fuzz target of the parser: any text at all, and any text of its own words.
    #[test]
    fn any_text_is_read_or_refused(
        any in "\\PC{0,200}",
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "select", "distinct", "*", "from", "where", "group by", "order by", "limit", "offset", "and", "or", "not", "in",
                "is", "null", "like", "between", "as", "asc", "desc", "count", "sum", "(", ")", ",", ";", "=", "<>", "<=", "-",
                "'a'", "'%a%'", "\"x\"", "x", "1", "1.50", "true", "'", "\"", "--", "\0",
            ]),
            0..40,
        ),
    ) {
        let _ = parse(&any);
        if let Ok(query) = parse(&pieces.join(" ")) {
            prop_assert!(query.limit.is_none_or(|limit| limit <= crate::sql::ROWS_MAX));
        }
    }
}
