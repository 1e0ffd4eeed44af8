//! Features on both engines: what the databases and the exact rules let through together is what a naive look at every record says;
//! pages hang together; nobody sees what is not hers. And the documents read as what they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use definition::expression::Value;
use definition::{Surroundings, System};
use identity::{AccountId, Identity, IdentityConfig, UnitId};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use register::geometry::Shape;
use register::geometry::crs::Crs;
use register::record::{Act, Command, Source, value};
use register::{By, Kind, Record, RecordId, Register, Settings, open};
use testkit::{ManualWorld, TestStore, engines};

use super::ask::{Ask, Items, Parameters};
use super::collection::{Collection, View};
use super::{OgcError, document, store};
use crate::cql::evaluate::{Facts, decide};
use crate::cql::{self, Expr};

const MIGRATIONS: &[::store::MigrationSet] = &[::store::MIGRATIONS, identity::MIGRATIONS, register::MIGRATIONS];

const RECORDS: &str = r#"
[tree]
geometry = "point"
key      = ["tag"]
title    = "{species} {tag}"
open     = { licence = "CC-BY-4.0", fields = ["species", "height_m", "geometry"], rows = "health != 'dead'" }
[tree.fields]
tag          = { type = "text", required = true, max = 9 }
species      = { type = "text", required = true, index = true }
street       = { type = "text" }
height_m     = { type = "number", unit = "m", decimals = 1, min = 0, max = 90, index = true }
girth_cm     = { type = "number", unit = "cm" }
planted_on   = { type = "date" }
inspected_on = { type = "date", index = true }
sick         = { type = "boolean" }
health       = { type = "choice", of = ["good", "dead"], index = true }
keeper       = { type = "person", sensitivity = "personal" }

[plot]
geometry = "polygon"
key      = ["number"]
title    = "{number}"
[plot.fields]
number = { type = "text", required = true }
"#;

const PAGES: &str = r#"
[tree.list]
columns    = ["health"]
filters    = ["species", "health"]
sort       = "inspected_on"
descending = true
"#;

fn system() -> &'static System {
    let fields = [
        "tag",
        "species",
        "street",
        "height_m",
        "girth_cm",
        "planted_on",
        "inspected_on",
        "sick",
        "health",
        "keeper",
    ];
    let labels: String = fields.iter().map(|name| format!("{name} = \"{name}\"\n")).collect();
    let texts = format!(
        "[system]\nname = \"Cây\"\n[record.tree]\nname = \"Cây\"\n[record.tree.field]\n{labels}\
         [record.tree.choice.health]\ngood = \"Tốt\"\ndead = \"Chết\"\n\
         [record.plot]\nname = \"Thửa\"\n[record.plot.field]\nnumber = \"Số\"\n"
    );
    let head = "code = \"sample-trees\"\nsteward = \"province\"\nversion = 1\nvalid_from = 2026-01-01\n";
    let files = [
        ("system.toml", head),
        ("records.toml", RECORDS),
        ("pages.toml", PAGES),
        ("text.vi.toml", texts.as_str()),
        ("text.en.toml", texts.as_str()),
    ];
    let mut around = Surroundings::new();
    around.units.insert("province".to_owned());
    let read = System::read(&files, &around).unwrap_or_else(|faults| panic!("{faults:?}"));
    Box::leak(Box::new(read))
}

struct House {
    register: Register,
    world: Arc<ManualWorld>,
    by: By,
    counts: Arc<store::Counts>,
}

impl House {
    async fn on(test: &TestStore) -> Self {
        let config = IdentityConfig {
            origin: "http://127.0.0.1:8080".to_owned(),
            secure: false,
            issuer: "Tỉnh Thử".to_owned(),
            providers: Vec::new(),
        };
        let identity = Identity::open(test.store().clone(), test.world().clone(), config)
            .await
            .unwrap();
        let register = Register::open(&identity, &[system()], Settings::default())
            .await
            .unwrap();
        let world = test.world().clone();
        let by = By {
            account: Some(AccountId::new(world.as_ref())),
            who: "Đỗ Thị Thu".to_owned(),
            unit: UnitId::new(world.as_ref()),
        };
        Self {
            register,
            world,
            by,
            counts: Arc::default(),
        }
    }

    fn kind(&self, name: &str) -> Arc<Kind> {
        self.register.kind("sample-trees", name).unwrap()
    }

    /// Enters a record and gives it as it is kept.
    async fn enter(&self, kind: &Arc<Kind>, unit: UnitId, values: &[(&str, String)], shape: Option<Shape>) -> Record {
        let parsed = values.iter().map(|(name, text)| {
            let field = kind.column(name).unwrap().field;
            ((*name).to_owned(), value::parse(field, text).unwrap())
        });
        let command = Command {
            id: RecordId::new(self.world.as_ref()),
            act: Act::Add,
            seen: None,
            valid_from: self.register.today(),
            source: Source::Typed,
            origin: None,
            account: self.by.account,
            who: self.by.who.clone(),
            reason: None,
            unit,
            shape,
            values: parsed.filter(|(_, value)| *value != Value::Null).collect(),
            people: BTreeMap::new(),
        };
        let (id, _) = self.register.record(kind, command, None).await.unwrap();
        self.register.versions(kind, id).await.unwrap().remove(0).record
    }

    async fn page(
        &self,
        kind: &Arc<Kind>,
        units: Option<Vec<UnitId>>,
        query: &[(&str, &str)],
    ) -> Result<(Collection, store::Page), OgcError> {
        let pairs = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let items = Items::read(&Parameters(pairs))?;
        let (kind, today, counts) = (kind.clone(), self.register.today(), self.counts.clone());
        self.register
            .store()
            .read(move |tx| {
                let collection = Collection::open(tx, &kind, units.as_deref())?.ok_or(OgcError::NotFound)?;
                let ask = items.of(&collection)?;
                let counts = items.is_first().then_some(counts.as_ref());
                let page = store::page(tx, &collection, &ask, today, counts)?;
                Ok((collection, page))
            })
            .await
    }
}

/// Trees around one place, with every kind of gap.
async fn forest(house: &House, count: usize) -> Vec<Record> {
    let kind = house.kind("tree");
    let species = ["Bằng lăng", "bang lang", "Sao đen", "SAO ĐEN", "Phượng vĩ"];
    let streets = ["", "Trần Phú", "Đường 3/2", "tran phu", "100%"];
    let mut all = Vec::new();
    for at in 0..count {
        let pick = |list: &[&str], step: usize| list[(at * step + at / 7) % list.len()].to_owned();
        let or_none = |every: usize, text: String| if at % every == 0 { String::new() } else { text };
        let values = [
            ("tag", format!("T{at}")),
            ("species", pick(&species, 1)),
            ("street", pick(&streets, 3)),
            ("height_m", or_none(4, format!("{}.{}", at % 9, at % 10))),
            ("girth_cm", or_none(3, (at % 6).to_string())),
            (
                "planted_on",
                or_none(5, format!("20{:02}-0{}-11", 10 + at % 9, 1 + at % 9)),
            ),
            ("inspected_on", or_none(6, format!("2025-0{}-1{}", 1 + at % 3, at % 10))),
            ("sick", or_none(3, (at % 2 == 0).to_string())),
            (
                "health",
                or_none(
                    8,
                    if at % 3 == 0 {
                        "dead".to_owned()
                    } else {
                        "good".to_owned()
                    },
                ),
            ),
        ];
        let unit = if at % 2 == 0 {
            house.by.unit
        } else {
            UnitId::from_uuid(uuid::Uuid::from_u128(9))
        };
        let step = |n: usize| f64::from(u32::try_from(n % 8).unwrap()) * 0.25;
        let shape = (at % 9 != 0).then(|| Shape::point(105.0 + step(at), 18.0 + step(at / 8)).unwrap());
        all.push(house.enter(&kind, unit, &values, shape).await);
    }
    all
}

fn literal(field: &'static str) -> impl Strategy<Value = String> {
    let texts = vec![
        "'Bằng lăng'",
        "'bang lang'",
        "'Sao đen'",
        "''",
        "'Trần Phú'",
        "'100%'",
        "'b%'",
        "'%l_ng'",
        "'%en'",
        "'100\\%'",
    ];
    let numbers = vec!["0", "3.3", "4.44", "5", "-1", "8.8", "1e1", "900000000000000000"];
    let dates = vec![
        "DATE('2025-02-14')",
        "DATE('2015-06-11')",
        "TIMESTAMP('2025-02-13T18:00:00Z')",
        "'2025-01-10'",
    ];
    let all = match field {
        "species" | "street" | "health" | "tag" => texts,
        "height_m" | "girth_cm" => numbers,
        "sick" => vec!["TRUE", "FALSE"],
        _ => dates,
    };
    prop::sample::select(all).prop_map(str::to_owned)
}

fn leaf() -> impl Strategy<Value = String> {
    let fields = vec![
        "species",
        "street",
        "height_m",
        "girth_cm",
        "planted_on",
        "inspected_on",
        "sick",
        "health",
    ];
    let compare = prop::sample::select(fields).prop_flat_map(|field| {
        let comparisons = if field == "sick" {
            vec!["=", "<>"]
        } else {
            vec!["=", "<>", "<", "<=", ">", ">="]
        };
        (prop::sample::select(comparisons), literal(field)).prop_map(move |(is, value)| format!("{field} {is} {value}"))
    });
    let text = || prop::sample::select(vec!["species", "street"]);
    let fold = || prop::sample::select(vec!["", "CASEI", "ACCENTI", "CASEI(ACCENTI"]);
    let folded = (
        text(),
        fold(),
        fold(),
        prop::sample::select(vec!["=", "<>", "LIKE", "<"]),
        literal("species"),
    );
    let folded = folded.prop_map(|(field, left, right, is, value)| {
        let wrap = |fold: &str, inner: &str| {
            let close = ")".repeat(1 + fold.matches('(').count());
            if fold.is_empty() {
                inner.to_owned()
            } else {
                format!("{fold}({inner}{close}")
            }
        };
        format!("{} {is} {}", wrap(left, field), wrap(right, &value))
    });
    let spatial = (
        prop::sample::select(vec!["S_INTERSECTS", "S_DISJOINT", "S_WITHIN", "S_EQUALS", "S_TOUCHES"]),
        prop::sample::select(vec![
            "BBOX(105.25, 18.25, 106, 19)",
            "BBOX(106, 18, 105.25, 20)",
            "POINT(105.5 18.25)",
            "POLYGON((105 18, 107 18, 105 20, 105 18))",
            "MULTIPOLYGON(((105 18, 105.5 18, 105.5 18.5, 105 18)), ((106 19, 107 19, 107 20, 106 19)))",
            "LINESTRING(105 18, 107 20)",
        ]),
    );
    prop_oneof![
        4 => compare,
        3 => folded,
        3 => spatial.prop_map(|(relation, shape)| format!("{relation}(geometry, {shape})")),
        1 => prop::sample::select(vec!["height_m", "geometry", "street", "sick"]).prop_map(|field| format!("{field} IS NULL")),
        1 => Just("sick".to_owned()),
        1 => Just("height_m BETWEEN 2.5 AND 6".to_owned()),
        1 => Just("species IN ('Sao đen', 'x')".to_owned()),
        1 => Just("planted_on < inspected_on".to_owned()),
        1 => Just("height_m > girth_cm".to_owned()),
        1 => Just("T_DURING(planted_on, INTERVAL('2012-01-01', '..'))".to_owned()),
        1 => Just("known_at > DATE('2020-01-01')".to_owned()),
    ]
}

fn filter() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) AND ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) OR ({b})")),
            inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

/// What a look at every record says.
fn naive(collection: &Collection, expr: &Expr, all: &[Record]) -> Vec<RecordId> {
    let node = cql::check(expr, &collection.fields, Crs::stored()).unwrap();
    let holds = |record: &&Record| {
        let (values, place) = (
            collection.values(record),
            record.shape.as_ref().map(super::feature::geometry),
        );
        decide(
            &node,
            &Facts {
                values: &values,
                place: place.as_ref(),
            },
        ) == Some(true)
    };
    let mut found: Vec<RecordId> = all.iter().filter(holds).map(|record| record.id).collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_and_exact_rules_agree_with_a_look_at_every_record() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let all = forest(&house, 90).await;
        let kind = house.kind("tree");
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let mut hits = 0;
        for _ in 0..250 {
            let text = filter().new_tree(&mut runner).unwrap().current();
            let expr = cql::from_text(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let (collection, page) = house
                .page(&kind, None, &[("filter", &text), ("limit", "1000")])
                .await
                .unwrap();
            let mut found: Vec<RecordId> = page.records.iter().map(|record| record.id).collect();
            found.sort();
            let wanted = naive(&collection, &expr, &all);
            assert_eq!(found, wanted, "{text}");
            assert_eq!(page.matched, Some(wanted.len() as u64), "{text}");
            hits += usize::from(!wanted.is_empty() && wanted.len() < all.len());
        }
        assert!(hits > 100, "only {hits} filters told records apart");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hang_together_and_counts_are_exact() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let all = forest(&house, 70).await;
        let kind = house.kind("tree");
        let queries: [&[(&str, &str)]; 6] = [
            &[],
            &[("bbox", "105,18,107,20")],
            &[("species", "Bằng lăng")],
            &[("bbox", "105,18,106,20"), ("health", "good")],
            &[("filter", "CASEI(species) LIKE CASEI('%LĂNG') OR height_m > 4")],
            &[("datetime", "2000-01-01/..")],
        ];
        for query in queries {
            let mut whole = query.to_vec();
            whole.push(("limit", "1000"));
            let (_, once) = house.page(&kind, None, &whole).await.unwrap();
            let ids = |page: &store::Page| page.records.iter().map(|record| record.id).collect::<Vec<_>>();
            let (mut walked, mut cursor, mut first) = (Vec::new(), None, None);
            for _ in 0..100 {
                let mut part = query.to_vec();
                part.push(("limit", "7"));
                let text: String;
                if let Some(at) = &cursor {
                    text = super::ask::Cursor::text(at);
                    part.push(("cursor", &text));
                }
                let (_, page) = house.page(&kind, None, &part).await.unwrap();
                first = first.or(page.matched);
                walked.extend(ids(&page));
                cursor = page.next.clone();
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(walked, ids(&once), "{query:?}");
            assert_eq!(first, Some(walked.len() as u64), "{query:?}");
            assert!(!walked.is_empty(), "{query:?}");
        }
        let (_, everything) = house.page(&kind, None, &[("limit", "1000")]).await.unwrap();
        assert_eq!(
            everything.records.len(),
            all.len(),
            "records without a place are features too"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_remembered_until_a_record_changes() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        forest(&house, 20).await;
        let kind = house.kind("tree");
        let count = async || {
            house
                .page(&kind, None, &[("limit", "1"), ("species", "Sao đen")])
                .await
                .unwrap()
                .1
                .matched
        };
        let before = count().await.unwrap();
        assert_eq!(count().await, Some(before));
        let values = [("tag", "X1".to_owned()), ("species", "Sao đen".to_owned())];
        house.enter(&kind, house.by.unit, &values, None).await;
        assert_eq!(count().await, Some(before + 1));
        // Another kind changes nothing here.
        house
            .enter(&house.kind("plot"), house.by.unit, &[("number", "9".to_owned())], None)
            .await;
        assert_eq!(count().await, Some(before + 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_the_rule_lets_out_and_officers_what_is_theirs() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let all = forest(&house, 30).await;
        let kind = house.kind("tree");
        let public = async |query: &[(&str, &str)]| house.page(&kind, Some(Vec::new()), query).await;
        assert!(
            matches!(public(&[]).await, Err(OgcError::NotFound)),
            "nothing is approved yet"
        );

        let approval = open::Approval {
            id: uuid::Uuid::from_u128(1),
            rule: open::rule_digest(&kind).unwrap(),
            rows_seen: 0,
            account: None,
            who: "Lê Lan".to_owned(),
            approved_at: house.register.now(),
            withdrawn: None,
        };
        let approved = kind.clone();
        let done = house
            .register
            .store()
            .write(move |tx| open::approve(tx, &approved, &approval))
            .await;
        done.unwrap();

        let (collection, page) = public(&[("limit", "100")]).await.unwrap();
        let alive = |record: &&Record| {
            record
                .values
                .get("health")
                .is_some_and(|value| *value == Value::Text("good".to_owned()))
        };
        assert_eq!(page.records.len(), all.iter().filter(alive).count());
        let mut out = String::new();
        super::feature::write(&mut out, &collection, &page.records[0], Crs::stored(), None);
        let feature: serde_json::Value = serde_json::from_str(&out).unwrap();
        let names: Vec<&String> = feature["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["species", "height_m", "valid_from"]);
        // What is not shown cannot be asked for: an answer would tell it.
        for hidden in [
            "health = 'good'",
            "tag = 'T1'",
            "keeper IS NULL",
            "known_at IS NULL",
            "unit IS NULL",
        ] {
            let refused = public(&[("filter", hidden)]).await;
            assert!(
                matches!(refused, Err(OgcError::Filter(cql::CqlError::Property(_)))),
                "{hidden}"
            );
        }
        assert!(matches!(public(&[("health", "good")]).await, Err(OgcError::Unknown(_))));

        // Lists are sorted by a field that is not published: neither the order nor a cursor tells it.
        let (_, part) = public(&[("limit", "5")]).await.unwrap();
        assert!(
            matches!(part.next, Some(super::ask::Cursor::List(ref key, _)) if key.is_empty()),
            "{:?}",
            part.next
        );
        assert!(page.records.is_sorted_by_key(|record| record.id));

        // An officer sees the rows of her units, dead trees among them, and never people.
        let (collection, own) = house
            .page(&kind, Some(vec![house.by.unit]), &[("limit", "100")])
            .await
            .unwrap();
        assert!(own.records.iter().all(|record| record.unit == house.by.unit) && own.records.len() == 15);
        assert!(collection.shown().all(|column| column.field.name != "keeper"));
        assert!(matches!(collection.view, View::Own(Some(_))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn areas_are_held_against_a_box_by_their_edges() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let kind = house.kind("plot");
        let triangle = vec![[105.0, 18.0], [106.0, 18.0], [105.0, 19.0], [105.0, 18.0]];
        let across = vec![[105.0, 18.0], [106.0, 19.0], [105.5, 19.0], [105.0, 18.0]];
        for (number, ring) in [("1", triangle), ("2", across)] {
            let values = [("number", number.to_owned())];
            house
                .enter(&kind, house.by.unit, &values, Some(Shape::Polygon(vec![ring])))
                .await;
        }
        let count = async |bbox: &str| house.page(&kind, None, &[("bbox", bbox)]).await.unwrap().1.matched;
        assert_eq!(count("105,18,106,19").await, Some(2));
        // The bounds of the first meet this corner, its area does not.
        assert_eq!(count("105.8,18.9,106,19").await, Some(1));
        assert_eq!(count("107,18,108,19").await, Some(0));
        assert_eq!(count("170,-10,105.2,80").await, Some(2), "across the antimeridian");
    })
    .await;
}

#[test]
fn every_operation_reads_as_part_of_the_document() {
    for (_, schema) in document::schemas() {
        serde_json::from_value::<utoipa::openapi::RefOr<utoipa::openapi::Schema>>(schema).unwrap();
    }
    for path in [
        "",
        "/collections/{collectionId}/items",
        "/collections/{collectionId}/items/{featureId}",
    ] {
        serde_json::from_value::<utoipa::openapi::path::Operation>(document::operation(path)).unwrap();
    }
}

#[test]
fn an_ask_is_what_the_box_and_the_filter_say() {
    let pairs = [
        ("bbox", "105,18,106,19"),
        ("filter", "S_INTERSECTS(geometry, POINT(105 18))"),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let items = Items::read(&Parameters(pairs)).unwrap();
    let kind = Arc::new(Kind::of(system(), &system().records[0]).unwrap());
    let collection = Collection::new(&kind, View::Own(None), (0..9).collect());
    let ask: Ask = items.of(&collection).unwrap();
    assert_eq!(ask.bounds, Some([105.0, 18.0, 106.0, 19.0]));
    assert!(ask.filter.is_some() && ask.after.is_none() && ask.limit == super::LIMIT_USUAL);
}
