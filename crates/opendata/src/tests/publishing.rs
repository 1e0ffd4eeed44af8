//! Publishing by rule: nothing before an approval, exactly the rule after it, nothing when it is taken back or changed; small counts.

use axum::body::to_bytes;
use serde_json::{Value as Json, json};
use testkit::engines;

use super::house::{House, MIGRATIONS, OPEN};
use crate::dataset::{Freshness, Search};
use crate::feed::http::files::{Form, download};
use crate::publish::Standing;
use crate::{OpenError, Portal};

async fn file(portal: &Portal, name: &str, form: Form) -> Result<String, OpenError> {
    let dataset = portal.dataset_of(name).await?;
    let (house, of) = (portal.clone(), dataset.clone());
    let sheet = portal.store().read(move |tx| house.sheet(tx, &of)).await?;
    let answer = download(portal, dataset, &sheet, form)?;
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a whole file");
    Ok(String::from_utf8(body.to_vec()).expect("UTF-8"))
}

async fn titles(portal: &Portal, text: &str) -> Vec<String> {
    let search = Search {
        text: text.to_owned(),
        limit: 10,
        ..Search::default()
    };
    let (_, datasets) = portal.search(&search).await.expect("a search");
    datasets.into_iter().map(|one| one.about.title.vi).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_before_somebody_approves_and_exactly_the_rule_after() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let portal = &house.portal;
        house
            .enter(
                &[
                    ("tag", "A1"),
                    ("species", "Sao đen"),
                    ("height_m", "12.5"),
                    ("health", "good"),
                    ("note", "bí mật"),
                ],
                Some([105.9, 18.3]),
            )
            .await;
        house.enter(&[("tag", "A2"), ("health", "dead")], None).await;
        house.enter(&[("tag", "A3"), ("species", "=1+1")], None).await;
        assert!(matches!(
            portal.dataset_of("sample-tree").await,
            Err(OpenError::NotFound)
        ));
        assert_eq!(titles(portal, "").await, Vec::<String>::new());
        let preview = portal.preview(&house.kind).await.unwrap();
        assert_eq!(
            (preview.standing, preview.measured.rows),
            (Standing::Waiting, 1),
            "only health != dead is known of one"
        );

        let other = portal.approve(&house.kind, "another rule", &house.publisher()).await;
        assert!(matches!(other, Err(OpenError::RuleChanged)));
        house.approve().await;
        assert_eq!(titles(portal, "cay xanh").await, ["Cây xanh"]);
        let dataset = portal.dataset_of("sample-tree").await.unwrap();
        assert_eq!(dataset.freshness(portal.now()), Freshness::Fresh);
        assert_eq!(dataset.about.rows, Some(1));

        let csv = file(portal, "sample-tree", Form::Csv).await.unwrap();
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(
            lines[0],
            "_id,tag,species,height_m,girth_cm,checked_on,health,marked,lon,lat"
        );
        assert_eq!(lines.len(), 2, "{csv}");
        assert!(lines[1].ends_with(",A1,Sao đen,12.5,,,good,,105.9,18.3"), "{csv}");
        assert!(!csv.contains("bí mật") && !csv.contains("keeper"), "{csv}");
        let geojson: Json = serde_json::from_str(&file(portal, "sample-tree", Form::GeoJson).await.unwrap()).unwrap();
        assert_eq!(
            geojson["features"][0]["geometry"],
            json!({ "type": "Point", "coordinates": [105.9, 18.3] })
        );
        assert_eq!(geojson["features"][0]["properties"]["height_m"], 12.5);
        let all: Json = serde_json::from_str(&file(portal, "sample-tree", Form::Json).await.unwrap()).unwrap();
        assert_eq!(all["records"].as_array().unwrap().len(), 1);

        // A late dataset says so; taking back needs a reason, and ends everything at once.
        house.world.advance(kernel::SignedDuration::from_hours(24 * 8));
        portal.sync().await.unwrap();
        let dataset = portal.dataset_of("sample-tree").await.unwrap();
        assert_eq!(dataset.freshness(portal.now()), Freshness::Late);
        let silent = portal.take_back(&house.kind, " ", &house.publisher()).await;
        assert!(matches!(silent, Err(OpenError::ReasonMissing)));
        portal
            .take_back(&house.kind, "Rà soát", &house.publisher())
            .await
            .unwrap();
        assert!(matches!(
            file(portal, "sample-tree", Form::Csv).await,
            Err(OpenError::NotFound)
        ));
        assert_eq!(titles(portal, "").await, Vec::<String>::new());
        let preview = portal.preview(&house.kind).await.unwrap();
        assert_eq!((preview.standing, preview.history.len()), (Standing::Waiting, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_rule_waits_for_another_approval() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        house.enter(&[("tag", "A1"), ("health", "good")], None).await;
        house.approve().await;
        let changed = OPEN.replace("\"species\", ", "");
        let after = House::with(test, &changed).await;
        assert_eq!(
            after.portal.standing(&after.kind).await.unwrap(),
            Some(Standing::Changed)
        );
        assert!(matches!(
            after.portal.dataset_of("sample-tree").await,
            Err(OpenError::NotFound)
        ));
        after.approve().await;
        let csv = file(&after.portal, "sample-tree", Form::Csv).await.unwrap();
        assert!(!csv.contains("species"), "{csv}");
        let changes = after
            .portal
            .store()
            .read(|tx| crate::dataset::store::changes(tx, 10))
            .await
            .unwrap();
        let acts: Vec<&str> = changes.iter().map(|change| change.act.word()).collect();
        assert_eq!(acts, ["published", "withdrawn", "published"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_groups_have_no_count() {
    let rule = "licence = \"CC0-1.0\"\nfields = [\"health\", \"marked\"]\ncount = true\nsuppress_below = 3\n";
    engines(MIGRATIONS, async |test| {
        let house = House::with(test, rule).await;
        for n in 0..3 {
            house
                .enter(&[("tag", &format!("G{n}")), ("health", "good")], Some([105.0, 18.0]))
                .await;
        }
        for n in 0..2 {
            house
                .enter(&[("tag", &format!("D{n}")), ("health", "dead")], None)
                .await;
        }
        house.approve().await;
        let csv = file(&house.portal, "sample-tree", Form::Csv).await.unwrap();
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(
            lines,
            ["health,marked,count", "dead,,", "good,,3"],
            "two are too few to be counted"
        );
        assert!(matches!(
            file(&house.portal, "sample-tree", Form::GeoJson).await,
            Err(OpenError::NotFound)
        ));
        let dataset = house.portal.dataset_of("sample-tree").await.unwrap();
        assert_eq!(
            dataset.about.charts,
            [("health".to_owned(), vec![("good".to_owned(), 3)])]
        );
        // Not even a sum of groups says how many there are.
        let open = house
            .portal
            .store()
            .read({
                let kind = house.kind.clone();
                move |tx| register::open::published(tx, &kind)
            })
            .await
            .unwrap();
        assert!(
            open.is_none(),
            "single records are never published by a rule that counts"
        );
    })
    .await;
}
