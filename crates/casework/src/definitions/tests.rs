//! The embedded systems against the folder, against the catalogue, and against themselves; the version that something
//! began with against the version of today. What is shipped is proven here, so that nothing reads it with a doubt.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::{Path, PathBuf};

use kernel::{Lang, World};

use super::*;
use crate::procedure::{Channel, ChannelKind, ServiceLevel, Tier};
use definition::procedure::{Audience, Service};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems")
}

fn catalogue() -> BTreeMap<String, crate::procedure::Procedure> {
    let lines = crate::catalogue::shipped().lines();
    let read =
        |line: String| serde_json::from_str::<crate::procedure::Procedure>(&line).expect("a test reads this file");
    lines
        .map(|line| read(line.expect("the file is embedded")))
        .map(|procedure| (procedure.code.to_string(), procedure))
        .collect()
}

#[test]
fn the_embedded_files_are_those_of_the_folder() {
    fn walk(at: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(at).expect("the folder is in the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.insert(path);
            }
        }
    }
    let mut on_disk = BTreeSet::new();
    walk(&root(), &mut on_disk);
    let embedded: BTreeSet<PathBuf> = SHIPPED
        .iter()
        .flat_map(|(system, files)| files.iter().map(move |(path, _)| root().join(system).join(path)))
        .collect();
    let missing: Vec<_> = on_disk.difference(&embedded).collect();
    assert!(missing.is_empty(), "not in embedded.rs: {missing:?}");
    assert_eq!(embedded.len(), on_disk.len(), "embedded.rs names a file that is gone");
}

#[test]
fn every_embedded_system_is_sound_with_its_cases_and_samples() {
    let folders: Vec<(&str, Folder<'_>)> = SHIPPED.iter().map(|(name, files)| (*name, files.to_vec())).collect();
    let mut wrong = Vec::new();
    for (name, read) in check(&folders) {
        match read {
            Ok(system) => {
                assert!(
                    !system.cases.is_empty() && !system.samples.is_empty(),
                    "{name} proves nothing of itself"
                );
            }
            Err(Faults(faults)) => wrong.extend(faults.iter().map(|fault| format!("{name}/{fault}"))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all().count() >= 40, "{} procedures are defined", all().count());
}

#[test]
fn each_definition_agrees_with_the_catalogue() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    for defined in all() {
        let definition = defined.procedure;
        let code = definition.code.to_string();
        let Some(entry) = catalogue.get(&code) else {
            wrong.push(format!("{code} is not in the shipped catalogue"));
            continue;
        };
        let mut same = |what: &str, defined: String, listed: String| {
            if defined != listed {
                wrong.push(format!("{code} {what}: {defined} here, {listed} in the catalogue"));
            }
        };
        same("name", definition.title.vi.clone(), entry.name.vi.clone());
        let settle = Some(definition.settle);
        same(
            "time",
            format!("{settle:?}"),
            format!("{:?}", entry.time_limit(ChannelKind::Online)),
        );
        let service = match definition.service {
            Service::Full => ServiceLevel::Full,
            Service::Partial => ServiceLevel::Partial,
            Service::Information => ServiceLevel::Information,
        };
        same("service", format!("{service:?}"), format!("{:?}", entry.service));
        let tier = if definition.tier == "commune" {
            Tier::Commune
        } else {
            Tier::Province
        };
        same("tier", entry.tiers.contains(&tier).to_string(), true.to_string());
        let is_for_people = entry.audience.iter().any(|word| word.contains("Công dân"));
        if definition.audience.contains(&Audience::Citizen) {
            same("audience", true.to_string(), is_for_people.to_string());
        }
        let listed = entry.main_channel().and_then(Channel::single_fee);
        let is_the_councils = entry
            .main_channel()
            .is_some_and(|channel| channel.fees.iter().any(|fee| fee.text.contains("Hội đồng nhân dân")));
        if !is_the_councils {
            // Silence stays silence: what the catalogue does not price has no price here.
            let fee = definition.fee.as_ref().map(|fee| fee.online);
            same("online fee", format!("{fee:?}"), format!("{listed:?}"));
        }
        for ground in &definition.basis {
            let number = ground.split(' ').find(|word| word.contains('/')).unwrap_or(ground);
            let is_listed = entry.legal_basis.iter().any(|basis| basis.number.contains(number));
            same(&format!("ground {ground}"), true.to_string(), is_listed.to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn everything_that_is_shown_is_named_in_both_languages() {
    for defined in all() {
        let procedure = defined.procedure;
        let fields = procedure.form.iter().map(|field| format!("field.{}", field.name));
        let papers = procedure
            .components
            .iter()
            .map(|paper| format!("component.{}", paper.name));
        let steps = procedure.steps.iter().map(|step| format!("step.{}", step.name));
        let document = format!("document.{}", procedure.outcome.document);
        for key in fields.chain(papers).chain(steps).chain([document]) {
            let label = defined.label(&key);
            assert!(
                label.get(Lang::Vi).len() > 1 && label.en.is_some(),
                "{}: {key}",
                procedure.name
            );
        }
    }
}

#[test]
fn a_variant_of_a_province_is_settled_as_the_national_one() {
    let national: ProcedureCode = "1.001193".parse().expect("code");
    let defined = definition_of(&national).expect("births are defined");
    assert_eq!(defined.system.code, "civil-status");
    assert!(definition_of(&"1.999999".parse().expect("code")).is_none());
    assert!(text_of("civil-status", "procedures/register-birth.toml").is_some_and(|text| text.contains("1.001193")));
    assert!(text_of("civil-status", "nothing.toml").is_none() && text_of("nothing", "system.toml").is_none());
}

#[test]
fn lists_hold_each_code_once_with_both_names() {
    for (name, count) in [("ethnic-groups", 54), ("economic-activities", 88)] {
        let codes = list(name).expect("the list is embedded");
        let unique: BTreeSet<&str> = codes.iter().map(|code| code.code.as_str()).collect();
        assert_eq!((codes.len(), unique.len()), (count, count), "{name}");
        assert!(codes.iter().all(|code| code.name.en.is_some()), "{name}");
    }
    assert!(list("species").is_none(), "a list that a register will keep");
    assert_eq!(
        register_name("population-register").vi,
        "Cơ sở dữ liệu quốc gia về dân cư"
    );
    assert_eq!(register_name("household-business").vi, "Hộ kinh doanh");
}

#[tokio::test]
async fn what_was_begun_keeps_its_definition() {
    testkit::engines(&[identity::MIGRATIONS, crate::MIGRATIONS], async |store| {
        let code: ProcedureCode = "1.001193".parse().expect("code");
        let today = Pin::of(definition_of(&code).expect("defined")).expect("shipped");
        // As an older program kept it: the same system with another form.
        let (_, files) = SHIPPED
            .iter()
            .find(|(name, _)| *name == "civil-status")
            .expect("shipped");
        let content: serde_json::Map<String, serde_json::Value> = files
            .iter()
            .map(|(path, text)| {
                let text = text
                    .replace("Nơi sinh", "Nơi sinh (mẫu cũ)")
                    .replace("version    = 1", "version    = 7");
                ((*path).to_owned(), serde_json::Value::from(text))
            })
            .collect();
        let older = Pin {
            digest: "ab".repeat(32),
            version: 7,
            ..today.clone()
        };
        let (kept, now) = (older.clone(), store.world().now());
        store
            .write(move |tx| super::store::keep(tx, &kept, &content.clone().into(), now))
            .await
            .expect("kept");
        let label = |defined: Defined| defined.label("field.child_birthplace").vi;
        let found = Pin::find(Some(&older), &code, store)
            .await
            .expect("read")
            .expect("defined");
        assert_eq!((found.system.version, label(found).as_str()), (7, "Nơi sinh (mẫu cũ)"));
        let again = Pin::find(Some(&older), &code, store)
            .await
            .expect("read")
            .expect("defined");
        assert_eq!(again, found, "it is read once");
        let current = Pin::find(Some(&today), &code, store)
            .await
            .expect("read")
            .expect("defined");
        assert_eq!(label(current), "Nơi sinh");
        let lost = Pin {
            digest: "cd".repeat(32),
            ..today
        };
        assert!(
            Pin::find(Some(&lost), &code, store).await.is_err(),
            "nothing is guessed"
        );
    })
    .await;
}
