//! For the tests of this crate: a house on either engine with a system read from texts, and an officer.

use std::sync::Arc;

use definition::{Surroundings, System};
use identity::{AccountId, Identity, IdentityConfig, UnitId};
use testkit::{ManualWorld, TestStore};

use crate::house::{By, Register, Settings};
use crate::kind::Kind;
use crate::record::{Act, Command, Record, RecordId, Source};

pub(crate) const MIGRATIONS: &[store::MigrationSet] = &[store::MIGRATIONS, identity::MIGRATIONS, crate::MIGRATIONS];

/// The fields of the tree that the tests know.
pub(crate) const FIELDS: &str = r#"
tag          = { type = "text", required = true, pattern = "[A-Z]{2}-[0-9]{6}", max = 9 }
species      = { type = "text", required = true, index = true }
height_m     = { type = "number", unit = "m", decimals = 1, min = 0, max = 90, index = true }
inspected_on = { type = "date", max = "today", index = true }
health       = { type = "choice", of = ["good", "dead"], required = true, index = true, default = "good" }
keeper       = { type = "person", sensitivity = "personal" }
"#;

/// A folder with one kind of record and these fields, read as a province reads it.
pub(crate) fn system(fields: &str) -> &'static System {
    system_of("point", "{species} {tag}", fields)
}

/// The same with another kind of geometry and another title.
pub(crate) fn system_of(geometry: &str, title: &str, fields: &str) -> &'static System {
    let records =
        format!("[tree]\ngeometry = \"{geometry}\"\nkey = [\"tag\"]\ntitle = \"{title}\"\n[tree.fields]\n{fields}");
    let names: Vec<&str> = fields
        .lines()
        .filter_map(|line| line.split('=').next())
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let labels: String = names.iter().map(|name| format!("{name} = \"{name}\"\n")).collect();
    let choices = if fields.contains("\"choice\"") {
        "[record.tree.choice.health]\ngood = \"Tốt\"\ndead = \"Chết\"\n"
    } else {
        ""
    };
    let texts =
        format!("[system]\nname = \"Cây\"\n[record.tree]\nname = \"Cây\"\n[record.tree.field]\n{labels}{choices}");
    let head = "code = \"sample-trees\"\nsteward = \"province\"\nversion = 1\nvalid_from = 2026-01-01\n";
    let pages = "[tree.list]\ncolumns = [\"health\"]\nfilters = [\"species\", \"health\"]\nsort = \"inspected_on\"\ndescending = true\n";
    let mut files = vec![
        ("system.toml", head),
        ("records.toml", &records),
        ("text.vi.toml", &texts),
        ("text.en.toml", &texts),
    ];
    if fields.contains("inspected_on") {
        files.push(("pages.toml", pages));
    }
    let mut around = Surroundings::new();
    around.units.insert("province".to_owned());
    let read = System::read(&files, &around).unwrap_or_else(|faults| panic!("{faults:?}"));
    Box::leak(Box::new(read))
}

pub(crate) struct House {
    pub(crate) register: Register,
    pub(crate) world: Arc<ManualWorld>,
    pub(crate) kind: Arc<Kind>,
    pub(crate) by: By,
}

impl House {
    pub(crate) async fn on(test: &TestStore) -> Self {
        Self::with(test, Settings::default()).await
    }

    /// One whose deliveries may go to this machine.
    pub(crate) async fn reaching(test: &TestStore) -> Self {
        let settings = Settings {
            hooks_inside: true,
            ..Settings::default()
        };
        Self::with(test, settings).await
    }

    pub(crate) async fn with(test: &TestStore, settings: Settings) -> Self {
        let identity = identity(test).await;
        let opened = Register::open(&identity, &[system(FIELDS)], settings).await;
        let register = opened.expect("the register opens");
        let world = test.world().clone();
        let by = By {
            account: Some(AccountId::new(world.as_ref())),
            who: "Đỗ Thị Thu".to_owned(),
            unit: UnitId::new(world.as_ref()),
        };
        let kind = register.kind("sample-trees", "tree").expect("the kind is kept");
        Self {
            register,
            world,
            kind,
            by,
        }
    }

    /// A command that enters, changes or corrects; what is not said is as `Command` has it.
    pub(crate) fn command(&self, act: Act, of: Option<&Record>, values: &[(&str, &str)]) -> Command {
        let parsed = values.iter().map(|(name, text)| {
            let field = self.kind.column(name).expect("a field of the tree").field;
            let value = crate::record::value::parse(field, text).expect("a value of the field");
            ((*name).to_owned(), value)
        });
        Command {
            id: of.map_or_else(|| RecordId::new(self.world.as_ref()), |record| record.id),
            act,
            seen: of.map(|record| record.revision),
            valid_from: self.register.today(),
            source: Source::Typed,
            origin: None,
            account: self.by.account,
            who: self.by.who.clone(),
            reason: Some("Kiểm tra tại chỗ".to_owned()),
            unit: self.by.unit,
            shape: None,
            values: parsed.collect(),
            people: std::collections::BTreeMap::new(),
        }
    }

    pub(crate) async fn last(&self, id: RecordId) -> Record {
        let versions = self.register.versions(&self.kind, id).await.expect("they are read");
        versions.into_iter().next().expect("the record is there").record
    }
}

pub(crate) async fn identity(test: &TestStore) -> Identity {
    let config = IdentityConfig {
        origin: "http://127.0.0.1:8080".to_owned(),
        secure: false,
        issuer: "Tỉnh Thử".to_owned(),
        providers: Vec::new(),
    };
    Identity::open(test.store().clone(), test.world().clone(), config)
        .await
        .expect("identity opens")
}
