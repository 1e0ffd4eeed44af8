//! For the tests of this crate: a portal on either engine over a system read from texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use definition::{Surroundings, System};
use identity::{AccountId, Identity, IdentityConfig, UnitId};
use kernel::Bilingual;
use register::geometry::Shape;
use register::kind::Kind;
use register::record::value::parse;
use register::record::{Act, Command, Source};
use register::{By, RecordId, Register, Settings as RegisterSettings};
use testkit::{ManualWorld, TestStore};

use crate::publish::Publisher;
use crate::{Portal, Settings};

pub(super) const MIGRATIONS: &[store::MigrationSet] = &[
    store::MIGRATIONS,
    identity::MIGRATIONS,
    register::MIGRATIONS,
    crate::MIGRATIONS,
];

/// The rule that most tests publish by.
pub(super) const OPEN: &str = r#"licence = "CC-BY-4.0"
fields = ["tag", "species", "height_m", "girth_cm", "checked_on", "health", "marked", "geometry"]
rows = "health != 'dead'"
fresh_within = "7 days"
theme = "environment"
title.vi = "Cây xanh"
title.en = "Trees"
description.vi = "Cây đường phố"
description.en = "Trees of streets"
keywords.vi = ["cây xanh", "đô thị"]
keywords.en = ["trees", "city"]
"#;

const FIELDS: &str = r#"
tag        = { type = "text", required = true, max = 20 }
species    = { type = "text", index = true }
height_m   = { type = "number", unit = "m", decimals = 1, min = -90, max = 90 }
girth_cm   = { type = "integer", unit = "cm", min = 0, max = 100_000 }
checked_on = { type = "date" }
health     = { type = "choice", of = ["good", "dead", "watch"], index = true }
marked     = { type = "boolean" }
note       = { type = "text", max = 100 }
keeper     = { type = "person" }
"#;

/// A folder with one kind of record and this rule.
pub(super) fn system(open: &str) -> &'static System {
    let records = format!(
        "[tree]\ngeometry = \"point\"\nkey = [\"tag\"]\ntitle = \"{{species}} {{tag}}\"\n[tree.open]\n{open}\n[tree.fields]\n{FIELDS}"
    );
    let names = FIELDS
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()));
    let labels: String = names.map(|name| format!("{name} = \"{name}\"\n")).collect();
    let choices = "[record.tree.choice.health]\ngood = \"Tốt\"\ndead = \"Chết\"\nwatch = \"Theo dõi\"\n";
    let texts =
        format!("[system]\nname = \"Cây\"\n[record.tree]\nname = \"Cây\"\n[record.tree.field]\n{labels}{choices}");
    let head = "code = \"sample\"\nsteward = \"province\"\nversion = 1\nvalid_from = 2026-01-01\n";
    let files = [
        ("system.toml", head),
        ("records.toml", &records),
        ("text.vi.toml", &texts),
        ("text.en.toml", &texts),
    ];
    let mut around = Surroundings::new();
    around.units.insert("province".to_owned());
    let read = System::read(&files, &around).unwrap_or_else(|faults| panic!("{faults:?}"));
    Box::leak(Box::new(read))
}

pub(super) struct House {
    pub(super) portal: Portal,
    pub(super) world: Arc<ManualWorld>,
    pub(super) kind: Arc<Kind>,
    by: By,
}

impl House {
    pub(super) async fn on(test: &TestStore) -> Self {
        Self::with(test, OPEN).await
    }

    pub(super) async fn with(test: &TestStore, open: &str) -> Self {
        let config = IdentityConfig {
            origin: "http://127.0.0.1:8080".to_owned(),
            secure: false,
            issuer: "Tỉnh Thử".to_owned(),
            providers: Vec::new(),
        };
        let identity = Identity::open(test.store().clone(), test.world().clone(), config);
        let identity = identity.await.expect("identity opens");
        let register = Register::open(&identity, &[system(open)], RegisterSettings::default()).await;
        let register = register.expect("the register opens");
        let settings = Settings {
            site: Bilingual::new("Tỉnh Thử", "Test Province"),
            ..Settings::default()
        };
        let portal = Portal::open(&register, settings).await.expect("the portal opens");
        let world = test.world().clone();
        let by = By {
            account: Some(AccountId::new(world.as_ref())),
            who: "Đỗ Thị Thu".to_owned(),
            unit: UnitId::new(world.as_ref()),
        };
        let kind = register.kind("sample", "tree").expect("the kind is kept");
        Self {
            portal,
            world,
            kind,
            by,
        }
    }

    /// Enters a record; an empty text is no value.
    pub(super) async fn enter(&self, values: &[(&str, &str)], at: Option<[f64; 2]>) -> RecordId {
        let mut parsed = BTreeMap::new();
        for (name, text) in values {
            let field = self.kind.column(name).expect("a field").field;
            parsed.insert((*name).to_owned(), parse(field, text).expect("a value"));
        }
        let command = Command {
            id: RecordId::new(self.world.as_ref()),
            act: Act::Add,
            seen: None,
            valid_from: self.portal.register().today(),
            source: Source::Typed,
            origin: None,
            account: self.by.account,
            who: self.by.who.clone(),
            reason: None,
            unit: self.by.unit,
            shape: at.map(Shape::Point),
            values: parsed,
            people: BTreeMap::new(),
        };
        let done = self.portal.register().record(&self.kind, command, None).await;
        done.expect("it is entered").0
    }

    pub(super) fn publisher(&self) -> Publisher {
        Publisher {
            account: self.by.account,
            who: self.by.who.clone(),
        }
    }

    /// Approves the rule as it stands.
    pub(super) async fn approve(&self) {
        let rule = register::open::rule_digest(&self.kind).expect("a rule");
        let done = self.portal.approve(&self.kind, &rule, &self.publisher()).await;
        done.expect("it is approved");
    }
}
