//! Every type that can be stored comes back as it was, on both engines; what does not fit is refused in words.

use kernel::{AreaCode, Date, Dong, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::SAMPLE;
use crate::{
    StoreError, ToValue,
    sql::{IntList, TextList, UuidList, like_prefix},
    testing::on_both,
};

const INSERT: &str = "INSERT INTO kinds (id, yes, whole, real, words, raw, at, day, doc) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

on_both!(the_smallest_and_the_largest_time_come_back_and_bound_all_others, |db| {
    let store = db.open(&[SAMPLE]).await;
    let now: Timestamp = "2026-02-28T17:30:00Z".parse().unwrap();
    let times = [Timestamp::MIN, now, Timestamp::MAX];
    store
        .write(move |tx| {
            for (n, at) in times.iter().enumerate() {
                tx.execute(
                    "INSERT INTO kinds (id, at) VALUES ($1, $2)",
                    &[&Uuid::from_u128(n as u128), at],
                )?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let between: Vec<Timestamp> = store
        .read(|tx| {
            tx.all(
                "SELECT at FROM kinds WHERE at >= $1 AND at <= $2 ORDER BY at",
                &[&Timestamp::MIN, &Timestamp::MAX],
                |row| row.get(0),
            )
        })
        .await
        .map_err(|error: StoreError| error)
        .unwrap();
    assert_eq!(between, times);
});

on_both!(every_type_comes_back, |db| {
    let store = db.open(&[SAMPLE]).await;
    let id = Uuid::from_u128(0x0190_163d_8694_739b_aea5_966c_26f8_ad91);
    let at: Timestamp = "2026-02-28T17:30:00.123456Z".parse().unwrap();
    let day = Date::constant(2024, 2, 29);
    let doc = json!({"b": [1, 2.5, null], "a": "đường", "nested": {"x": true}});
    let text = "Nguyễn Thị Hồng 🌾 e\u{301}";
    let (written, doc_again) = (doc.clone(), doc.clone());
    store
        .write(move |tx| {
            tx.execute(
                INSERT,
                &[
                    &id,
                    &true,
                    &i64::MIN,
                    &-0.5_f64,
                    &text,
                    &[0_u8, 255, 7],
                    &at,
                    &day,
                    &written,
                ],
            )?;
            tx.execute(
                "INSERT INTO kinds (id, yes, words, whole) VALUES ($1, $2, $3, $4)",
                &[&Uuid::nil(), &None::<bool>, &Some("x"), &Dong::new(15_000)],
            )
        })
        .await
        .unwrap();
    store
        .read(move |tx| -> Result<(), StoreError> {
            tx.one(
                "SELECT yes, whole, real, words, raw, at, day, doc, id FROM kinds WHERE id = $1",
                &[&id],
                |row| {
                    assert!(row.get::<bool>(0)?);
                    assert_eq!(row.get::<i64>(1)?, i64::MIN);
                    assert_eq!(row.get::<f64>(2)?.to_bits(), (-0.5_f64).to_bits());
                    assert_eq!(row.get::<String>(3)?, text);
                    assert_eq!(row.get::<Vec<u8>>(4)?, [0, 255, 7]);
                    assert_eq!(row.get::<[u8; 3]>(4)?, [0, 255, 7]);
                    assert_eq!(row.get::<Timestamp>(5)?, at);
                    assert_eq!(row.get::<Date>(6)?, day);
                    assert_eq!(row.get::<serde_json::Value>(7)?, doc_again);
                    assert_eq!(row.get::<Uuid>(8)?, id);
                    assert_eq!(row.get::<Option<bool>>(0)?, Some(true));
                    Ok(())
                },
            )?;
            tx.one(
                "SELECT yes, words, raw, doc, whole FROM kinds WHERE id = $1",
                &[&Uuid::nil()],
                |row| {
                    assert_eq!(row.get::<Option<bool>>(0)?, None);
                    assert_eq!(row.get::<Option<String>>(1)?.as_deref(), Some("x"));
                    assert_eq!(row.get::<Option<Vec<u8>>>(2)?, None);
                    assert_eq!(row.get::<Option<serde_json::Value>>(3)?, None);
                    assert_eq!(row.get::<Dong>(4)?, Dong::new(15_000));
                    Ok(())
                },
            )
        })
        .await
        .unwrap();
});

on_both!(what_does_not_fit_is_refused_in_words, |db| {
    let store = db.open(&[SAMPLE]).await;
    let wrong = store
        .read(|tx| tx.one("SELECT count(*) FROM note", &[], |row| row.get::<String>(0)))
        .await;
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "column 0: the stored value is not a Text"
    );
    let null = store
        .read(|tx| tx.one("SELECT max(name) FROM note", &[], |row| row.get::<String>(0)))
        .await;
    assert_eq!(null.unwrap_err().to_string(), "column 0: the value is null");
    let code = store
        .read(|tx| tx.one("SELECT 'x'", &[], |row| row.get::<AreaCode>(0)))
        .await;
    assert!(
        code.unwrap_err()
            .to_string()
            .starts_with("column 0: the stored value is no AreaCode")
    );
    let none = store
        .read(|tx| tx.one("SELECT name FROM note", &[], |row| row.get::<String>(0)))
        .await;
    assert!(matches!(none, Err(StoreError::NoRow { .. })));
    let beyond = store.read(|tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(3))).await;
    assert!(matches!(beyond, Err(StoreError::Column { column: 3, .. })));
});

on_both!(portable_words_mean_the_same, |db| {
    let store = db.open(&[SAMPLE]).await;
    store
        .write(|tx| {
            for (id, name, weight) in [
                (1_i64, "Ba_1", 5_i64),
                (2, "ba_2", 7),
                (3, "ca%", 0),
                (4, "Đa", 1),
                (5, "bax", 2),
            ] {
                tx.execute(
                    "INSERT INTO note (id, name, weight) VALUES ($1, $2, $3)",
                    &[&id, &name, &weight],
                )?;
            }
            let late: Timestamp = "2026-10-31T17:30:00Z".parse().expect("an instant");
            tx.execute(
                "INSERT INTO kinds (id, at) VALUES ($1, $2)",
                &[&Uuid::from_u128(1), &late],
            )
        })
        .await
        .unwrap();
    store
        .read(|tx| -> Result<(), StoreError> {
            let names = |rows: Vec<String>| rows.join(" ");
            let name = |row: &crate::Row<'_>| row.get::<String>(0);
            assert_eq!(
                names(tx.all("SELECT name FROM note ORDER BY name", &[], name)?),
                "Ba_1 ba_2 bax ca% Đa"
            );
            let like = "SELECT name FROM note WHERE name LIKE $1 ESCAPE '\\' ORDER BY name";
            assert_eq!(names(tx.all(like, &[&like_prefix("ba_")], name)?), "ba_2");
            assert_eq!(names(tx.all(like, &[&like_prefix("ca%")], name)?), "ca%");
            let ids = "SELECT name FROM note WHERE id IN (SELECT value FROM int_list($1)) ORDER BY id";
            assert_eq!(names(tx.all(ids, &[&IntList::new([5, 1, 99])], name)?), "Ba_1 bax");
            let texts = "SELECT name FROM note WHERE name IN (SELECT value FROM text_list($1)) ORDER BY id";
            assert_eq!(names(tx.all(texts, &[&TextList::new(["Đa", "x"])], name)?), "Đa");
            let uuids = "SELECT month_of(at) FROM kinds WHERE id IN (SELECT value FROM uuid_list($1))";
            assert_eq!(
                names(tx.all(uuids, &[&UuidList::new([Uuid::from_u128(1)])], name)?),
                "2026-11"
            );
            assert!(tx.all(uuids, &[&UuidList::new([])], name)?.is_empty());
            let day = tx.one("SELECT day_of(at) FROM kinds", &[], |row| row.get::<Date>(0))?;
            assert_eq!(day, Date::constant(2026, 11, 1));
            let sum = "SELECT sum_int(weight), sum_int(parent) FROM note";
            assert_eq!(
                tx.one(sum, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?,
                (15, 0)
            );
            let optional = "SELECT count(*) FROM note WHERE (CAST($1 AS TEXT) IS NULL OR name = $2)";
            let none: Option<&str> = None;
            assert_eq!(tx.one(optional, &[&none, &none], |row| row.get::<i64>(0))?, 5);
            assert_eq!(tx.one(optional, &[&"bax", &"bax"], |row| row.get::<i64>(0))?, 1);
            Ok(())
        })
        .await
        .unwrap();
});

on_both!(built_statements_run, |db| {
    use sea_query::{Alias, ColumnDef, Expr, ExprTrait as _, Order, Query, Table};
    let store = db.open(&[]).await;
    let tree = || Alias::new("tree\"s");
    let at: Timestamp = "2026-10-31T17:30:00Z".parse().unwrap();
    let id = Uuid::from_u128(9);
    store
        .write(move |tx| {
            let table = Table::create()
                .table(tree())
                .col(ColumnDef::new(Alias::new("id")).uuid().not_null().primary_key())
                .col(ColumnDef::new(Alias::new("select")).text().not_null())
                .col(ColumnDef::new(Alias::new("height")).big_integer())
                .col(ColumnDef::new(Alias::new("at")).timestamp_with_time_zone())
                .to_owned();
            tx.execute_built(table)?;
            let wider = Table::alter()
                .table(tree())
                .add_column(ColumnDef::new(Alias::new("felled")).date())
                .to_owned();
            tx.execute_built(wider)?;
            let columns = ["id", "select", "height", "at"].map(Alias::new);
            let insert = Query::insert()
                .into_table(tree())
                .columns(columns)
                .values_panic([id.into(), "cây đa".into(), 12_i64.into(), at.jiff().into()])
                .to_owned();
            tx.execute_built(insert)
        })
        .await
        .unwrap();
    let found = store
        .read(move |tx| {
            let select = Query::select()
                .columns(["select", "height", "at"].map(Alias::new))
                .from(tree())
                .and_where(Expr::col(Alias::new("height")).gte(10_i64))
                .order_by(Alias::new("height"), Order::Desc)
                .limit(5)
                .to_owned();
            tx.all_built(select, |row| {
                Ok((row.get::<String>(0)?, row.get::<i64>(1)?, row.get::<Timestamp>(2)?))
            })
        })
        .await
        .unwrap();
    assert_eq!(found, [("cây đa".to_owned(), 12, at)]);
});

#[test]
#[should_panic(expected = "$2 is used before $1")]
fn parameters_out_of_order_are_found() {
    crate::sql::check::parameters_in_order("UPDATE note SET name = $2 WHERE id = $1", 2);
}

#[test]
#[should_panic(expected = "1 parameters are given and 2 are used")]
fn missing_parameters_are_found() {
    crate::sql::check::parameters_in_order("UPDATE note SET name = $1 WHERE id = $2", 1);
}

proptest! {
    #[test]
    fn a_list_is_one_parameter(numbers in prop::collection::vec(any::<i64>(), 0..20)) {
        let list = IntList::new(numbers.clone());
        let crate::Value::Json(doc) = list.scalar() else { panic!("a list is a document") };
        prop_assert_eq!(serde_json::from_value::<Vec<i64>>(doc.into_owned()).unwrap(), numbers);
    }
}
