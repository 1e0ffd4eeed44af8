//! Rows of a register: as they are, as they were, filtered, with people only as it is allowed.

use testkit::engines;

use crate::export::{Format, People, Wanted};
use crate::record::Act;
use crate::tests::house::{House, MIGRATIONS};

async fn table(house: &House, wanted: Wanted) -> Vec<Vec<String>> {
    let made = house
        .register
        .export(&house.kind, Format::Csv, wanted)
        .await
        .expect("a file");
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(made.path())
        .expect("a file");
    let rows = reader
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    let rows: Vec<Vec<String>> = rows.collect();
    assert_eq!(made.rows as usize + 1, rows.len());
    rows
}

/// The cells of a column by its heading.
fn column<'r>(rows: &'r [Vec<String>], name: &str) -> Vec<&'r str> {
    let at = rows[0].iter().position(|head| head == name).expect("a column");
    rows[1..].iter().map(|row| row[at].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_leave_as_they_are_and_as_they_were() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let plant = |tag: &'static str, health: &'static str| {
            house.command(
                Act::Add,
                None,
                &[
                    ("tag", tag),
                    ("species", "Sao đen"),
                    ("health", health),
                    ("height_m", "12.5"),
                ],
            )
        };
        let mut first = plant("TS-000001", "good");
        first.valid_from = jiff::civil::date(2026, 1, 10);
        let (id, _) = house.register.record(&house.kind, first, None).await.expect("entered");
        // Ids begin with their time: the second one is later.
        house.world.advance(kernel::SignedDuration::from_secs(1));
        house
            .register
            .record(&house.kind, plant("TS-000002", "dead"), None)
            .await
            .expect("entered");
        let seen = house.last(id).await;
        let change = house.command(Act::Change, Some(&seen), &[("health", "dead")]);
        house.register.record(&house.kind, change, None).await.expect("changed");

        let now = table(&house, Wanted::all(&house.kind)).await;
        assert_eq!(column(&now, "tag"), ["TS-000001", "TS-000002"]);
        assert_eq!(column(&now, "health"), ["dead", "dead"]);
        assert_eq!(column(&now, "height_m"), ["12.5", "12.5"]);
        assert_eq!(column(&now, "revision"), ["2", "1"]);
        assert!(!now[0].iter().any(|head| head == "keeper"), "people are left out");

        // In spring there was one tree, and it was well.
        let health = house
            .kind
            .columns
            .iter()
            .position(|column| column.field.name == "health")
            .expect("a field");
        let mut then = Wanted::all(&house.kind);
        then.on = Some(jiff::civil::date(2026, 3, 1));
        let spring = table(&house, then.clone()).await;
        assert_eq!(
            (column(&spring, "tag"), column(&spring, "health")),
            (vec!["TS-000001"], vec!["good"])
        );
        // A filter looks at what held on that day.
        let of = |word: &str| vec![(health, definition::expression::Value::Text(word.to_owned()))];
        then.asked.filters = of("dead");
        assert_eq!(table(&house, then.clone()).await.len(), 1);
        then.asked.filters = of("good");
        assert_eq!(table(&house, then).await.len(), 2);
        let mut dead = Wanted::all(&house.kind);
        dead.asked.filters = of("good");
        assert_eq!(table(&house, dead).await.len(), 1);

        // Only some columns, only some units.
        let mut narrow = Wanted::all(&house.kind);
        narrow.fields.truncate(1);
        (narrow.about, narrow.geometry) = (false, false);
        assert_eq!(table(&house, narrow).await[0], ["tag"]);
        let mut elsewhere = Wanted::all(&house.kind);
        elsewhere.units = Some(vec![identity::UnitId::new(house.world.as_ref())]);
        assert_eq!(table(&house, elsewhere).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_leave_masked() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let mut command = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000001"), ("species", "Lim"), ("health", "good")],
        );
        let claim = crate::record::form::claim(&house.register, "Nguyễn Văn Chăm", "").expect("a name");
        command.people.insert("keeper".to_owned(), vec![claim]);
        house
            .register
            .record(&house.kind, command, None)
            .await
            .expect("entered");
        let mut wanted = Wanted::all(&house.kind);
        let keeper = house
            .kind
            .columns
            .iter()
            .position(|column| column.field.name == "keeper")
            .expect("a field");
        wanted.fields.push(keeper);
        wanted.people = People::Masked;
        let rows = table(&house, wanted.clone()).await;
        let name = column(&rows, "keeper")[0];
        assert!(name.contains('*') && !name.contains("Chăm"), "{name}");
        wanted.people = People::LeftOut;
        assert_eq!(column(&table(&house, wanted).await, "keeper"), [""]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_rows_than_a_page_leave_once_each() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("many.csv");
        let mut text = String::from("tag,species,health\n");
        for at in 0..4_500 {
            text.push_str(&format!("TS-{at:06},Lim,good\n"));
        }
        std::fs::write(&path, text).expect("written");
        let done = house
            .register
            .import(
                &house.kind,
                &path,
                "many.csv",
                house.by.clone(),
                std::sync::Arc::new(|_, _| {}),
            )
            .await
            .expect("it comes in");
        assert!(matches!(done, crate::import::Done::In { rows: 4_500, .. }), "{done:?}");
        let rows = table(&house, Wanted::all(&house.kind)).await;
        let mut tags = column(&rows, "tag");
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), 4_500);
    })
    .await;
}
