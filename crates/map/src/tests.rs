//! Layers over a register on both engines: what is entered, changed and approved shows in the next tile, and whoever may not see a
//! layer is told that there is none.

use std::collections::BTreeMap;
use std::sync::Arc;

use definition::{Surroundings, System};
use identity::{Caller, Identity, IdentityConfig, UnitId};
use kernel::SignedDuration;
use register::geometry::Shape;
use register::open::{self, Approval, rule_digest};
use register::record::{Act, Command, Source};
use register::{Kind, RecordId, Register};
use testkit::{ManualWorld, TestStore};

use crate::tile::TileAt;
use crate::tile::draw::{View, tile};
use crate::tile::layers::{Asked, Source as Layer};
use crate::{MIGRATIONS, Map, MapError, Settings};

const SETS: &[store::MigrationSet] = &[
    store::MIGRATIONS,
    identity::MIGRATIONS,
    register::MIGRATIONS,
    MIGRATIONS,
];

const RECORDS: &str = r#"
[tree]
geometry = "point"
key = ["tag"]
title = "{tag}"
open = { licence = "CC-BY-4.0", fields = ["health", "geometry"], rows = "health != 'dead'" }
[tree.fields]
tag    = { type = "text", required = true, max = 9, index = true }
health = { type = "choice", of = ["good", "dead"], required = true, index = true, default = "good" }
"#;

fn system() -> &'static System {
    let texts = "[system]\nname = \"Cây\"\n[record.tree]\nname = \"Cây\"\n[record.tree.field]\ntag = \"Thẻ\"\nhealth = \"Tình trạng\"\n\
                 [record.tree.choice.health]\ngood = \"Tốt\"\ndead = \"Chết\"\n";
    let head = "code = \"sample-trees\"\nsteward = \"province\"\nversion = 1\nvalid_from = 2026-01-01\n";
    let files = [
        ("system.toml", head),
        ("records.toml", RECORDS),
        ("text.vi.toml", texts),
        ("text.en.toml", texts),
    ];
    let mut around = Surroundings::new();
    around.units.insert("province".to_owned());
    let read = System::read(&files, &around).unwrap_or_else(|faults| panic!("{faults:?}"));
    Box::leak(Box::new(read))
}

struct House {
    map: Map,
    kind: Arc<Kind>,
    world: Arc<ManualWorld>,
    unit: UnitId,
    _numbering: store::outbox::Consumer,
}

impl House {
    async fn on(test: &TestStore) -> Self {
        let config = IdentityConfig {
            origin: "http://127.0.0.1:8080".to_owned(),
            secure: false,
            issuer: "Tỉnh Thử".to_owned(),
            providers: Vec::new(),
        };
        let identity = Identity::open(test.store().clone(), test.world().clone(), config);
        let identity = identity.await.expect("identity opens");
        let register = Register::open(&identity, &[system()], register::Settings::default()).await;
        let register = register.expect("the register opens");
        let settings = Settings {
            look_ms: 0,
            ..Settings::default()
        };
        let map = Map::open(&register, settings).expect("the maps open");
        Self {
            kind: map.kind("sample-trees", "tree").expect("the kind is there"),
            map,
            world: test.world().clone(),
            unit: UnitId::new(test.world().as_ref()),
            // On PostgreSQL consumers give events their positions; a served province has some.
            _numbering: test.store().consume("numbering", &[], |_| async { Ok(()) }),
        }
    }

    async fn plant(&self, tag: &str, health: &str, place: [f64; 2]) -> RecordId {
        let text = |text: &str| definition::expression::Value::Text(text.to_owned());
        let values = BTreeMap::from([("tag".to_owned(), text(tag)), ("health".to_owned(), text(health))]);
        self.write(RecordId::new(self.world.as_ref()), None, values, place)
            .await
    }

    async fn write(
        &self,
        id: RecordId,
        seen: Option<i64>,
        values: BTreeMap<String, definition::expression::Value>,
        place: [f64; 2],
    ) -> RecordId {
        self.world.advance(SignedDuration::from_secs(1));
        let command = Command {
            id,
            act: if seen.is_some() { Act::Correct } else { Act::Add },
            seen,
            valid_from: self.map.register().today(),
            source: Source::Typed,
            origin: None,
            account: None,
            who: "Đỗ Thị Thu".to_owned(),
            reason: Some("Kiểm tra tại chỗ".to_owned()),
            unit: self.unit,
            shape: Some(Shape::point(place[0], place[1]).expect("a point")),
            values,
            people: BTreeMap::new(),
        };
        self.map
            .register()
            .record(&self.kind, command, None)
            .await
            .expect("it is recorded")
            .0
    }

    async fn tile(&self, view: &View) -> String {
        let source = Layer::Records(self.kind.clone());
        let Asked::Drawn(drawn) = self.map.layers().get(&self.map, &source).await.expect("it is read") else {
            panic!("it fits into memory");
        };
        let at = TileAt::new(0, 0, 0).expect("a tile");
        String::from_utf8_lossy(&tile("tree", &drawn.sheets(), view, at)).into_owned()
    }

    /// Waits until the tile says something: events on PostgreSQL get their position a moment after the commit.
    async fn until(&self, view: &View, fits: impl Fn(&str) -> bool) -> String {
        for _ in 0..200 {
            let tile = self.tile(view).await;
            if fits(&tile) {
                return tile;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the tile never said so: {:?}", self.tile(view).await);
    }

    async fn approve(&self) {
        let approval = Approval {
            id: RecordId::new(self.world.as_ref()).uuid(),
            rule: rule_digest(&self.kind).expect("there is a rule"),
            rows_seen: 0,
            account: None,
            who: "Lê Văn Hòa".to_owned(),
            approved_at: self.world.now_timestamp(),
            withdrawn: None,
        };
        let kind = self.kind.clone();
        let done = self
            .map
            .store()
            .write(move |tx| open::approve(tx, &kind, &approval))
            .await;
        done.expect("it is approved");
    }
}

trait Now {
    fn now_timestamp(&self) -> kernel::Timestamp;
}

impl Now for ManualWorld {
    fn now_timestamp(&self) -> kernel::Timestamp {
        kernel::World::now(self)
    }
}

fn officer() -> View {
    View {
        units: None,
        public: false,
        filters: Vec::new(),
    }
}

fn public() -> View {
    View {
        units: Some(Arc::from(Vec::new())),
        public: true,
        filters: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_follows_what_is_entered_and_corrected() {
    testkit::engines(SETS, async |test| {
        let house = House::on(test).await;
        let first = house.plant("A-000001", "good", [105.8, 18.3]).await;
        house.until(&officer(), |tile| tile.contains("A-000001")).await;
        house.plant("A-000002", "good", [105.9, 18.3]).await;
        house.until(&officer(), |tile| tile.contains("A-000002")).await;
        let text = |text: &str| definition::expression::Value::Text(text.to_owned());
        let values = BTreeMap::from([
            ("tag".to_owned(), text("A-000009")),
            ("health".to_owned(), text("dead")),
        ]);
        house.write(first, Some(1), values, [105.7, 18.3]).await;
        let tile = house.until(&officer(), |tile| tile.contains("A-000009")).await;
        assert!(!tile.contains("A-000001") && tile.contains("A-000002"), "{tile}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_was_approved_and_nothing_before() {
    testkit::engines(SETS, async |test| {
        let house = House::on(test).await;
        house.plant("A-000001", "good", [105.8, 18.3]).await;
        house.plant("A-000002", "dead", [105.9, 18.3]).await;
        let blind = house.map.sight(&Caller::Anonymous, &house.kind).await;
        assert!(matches!(blind, Err(MapError::NotFound)));
        let empty = house.until(&public(), |_| true).await;
        assert!(empty.is_empty(), "{empty}");
        house.approve().await;
        house.world.advance(SignedDuration::from_secs(1));
        let sight = house
            .map
            .sight(&Caller::Anonymous, &house.kind)
            .await
            .expect("it is seen");
        assert!(sight.public.is_some() && !sight.is_own());
        // Not the tag, and not the dead tree: the rule leaves both out.
        let tile = house.until(&public(), |tile| tile.contains("good")).await;
        assert!(!tile.contains("A-00000") && !tile.contains("dead"), "{tile}");
        let kind = house.kind.clone();
        let now = house.world.now_timestamp();
        let gone = house
            .map
            .store()
            .write(move |tx| open::withdraw(tx, &kind, None, "Lê Văn Hòa", "sai", now))
            .await;
        assert!(gone.expect("it is withdrawn"));
        house.until(&public(), str::is_empty).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_does_not_fit_is_drawn_near_and_refused_far() {
    let test = testkit::engines::sqlite(SETS).await;
    let house = House::on(&test).await;
    for at in 0..5_000_u32 {
        let place = [105.8 + f64::from(at % 100) * 1e-4, 18.3 + f64::from(at / 100) * 1e-4];
        if at % 500 == 0 {
            house.plant(&format!("A-{at:06}"), "good", place).await;
        }
    }
    let at = TileAt::new(10, 813, 459).expect("a tile");
    let far = crate::tile::layers::unkept(&house.map, &house.kind, at).await;
    assert!(matches!(far, Err(MapError::TooLarge { from: 12 })));
    let [x, y] = crate::tile::mercator::to_world(105.8, 18.3);
    let at = TileAt::new(12, x >> 20, y >> 20).expect("a tile");
    let near = crate::tile::layers::unkept(&house.map, &house.kind, at)
        .await
        .expect("it is drawn");
    assert!(!tile("tree", &near.sheets(), &officer(), at).is_empty());
    test.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_place_give_each_record_once_and_counts_agree() {
    use register::place::store::{count, records};
    use register::place::{Place, Reach};
    testkit::engines(SETS, async |test| {
        let house = House::on(test).await;
        for at in 0..40_u32 {
            let place = [105.0 + f64::from(at % 8) * 0.1, 18.0 + f64::from(at / 8) * 0.1];
            house.plant(&format!("A-{at:06}"), "good", place).await;
        }
        for (bounds, wanted) in [
            (None, 40),
            (Some([104.95, 17.95, 105.35, 18.15]), 8),
            (Some([-180.0, -90.0, 180.0, 90.0]), 40),
            (Some([105.1, 18.1, 105.1, 18.1]), 1),
            // Across the antimeridian: everything west of 105.25 is in it.
            (Some([170.0, -90.0, 105.25, 90.0]), 15),
            (Some([0.0, 0.0, 1.0, 1.0]), 0),
        ] {
            let (mut found, mut after) = (Vec::new(), None::<Place>);
            loop {
                let (kind, reach) = (
                    house.kind.clone(),
                    Reach {
                        bounds,
                        after,
                        limit: 3,
                        ..Reach::default()
                    },
                );
                let page = house
                    .map
                    .store()
                    .read(move |tx| records(tx, &kind, &reach))
                    .await
                    .expect("it is read");
                let Some(last) = page.last() else { break };
                after = Some(last.place);
                found.extend(page.into_iter().map(|one| one.record.id));
            }
            let kind = house.kind.clone();
            let reach = Reach {
                bounds,
                ..Reach::default()
            };
            let counted = house
                .map
                .store()
                .read(move |tx| count(tx, &kind, &reach, 1_000))
                .await
                .expect("it is counted");
            let mut once = found.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(
                (found.len(), once.len(), counted),
                (wanted, wanted, wanted as u64),
                "{bounds:?}"
            );
        }
    })
    .await;
}
