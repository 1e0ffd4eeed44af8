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

/// The shipped folder of civil status as a province changes it: another label, another time, from a day.
fn changed(day: &str) -> super::apply::Files {
    let (name, files) = SHIPPED
        .iter()
        .find(|(name, _)| *name == "civil-status")
        .expect("shipped");
    let files = files.iter().map(|(path, text)| {
        let mut text = text.replace("Nơi sinh", "Nơi sinh (tỉnh)");
        if *path == "system.toml" {
            text = text.replace("version    = 1", "version    = 2");
            let from = text
                .lines()
                .find(|line| line.starts_with("valid_from"))
                .expect("a first day")
                .to_owned();
            text = text.replace(&from, &format!("valid_from = {day}"));
        }
        if *path == "procedures/register-birth.toml" {
            text = text.replace("quota = \"4 working_hours\"", "quota = \"3 working_hours\"");
        }
        ((*path).to_owned(), text)
    });
    ((*name).to_owned(), files.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_applies_its_own_folder_and_keeps_it() {
    use crate::testing::{MIGRATIONS, Province};

    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (store, code) = (
            province.house.store(),
            "1.001193".parse::<ProcedureCode>().expect("code"),
        );
        crate::process::seed_shipped(&province.house).await.expect("seeded");
        let own = [changed("2026-11-20")];
        let today = province.house.now().local_date();
        let plan = super::apply::plan(store, &own, today).await.expect("sound");
        assert_eq!((plan[0].from, plan[0].to), (Some(1), 2));
        let birth = plan[0].procedures.iter().find(|one| one.name == "register-birth");
        let what = &birth.expect("it changes").what;
        assert!(
            what.contains(&super::apply::Part::Steps) && what.contains(&super::apply::Part::Words),
            "{what:?}"
        );
        let now = province.house.now();
        super::apply::apply(store, &own, now).await.expect("applied");
        assert_eq!(
            super::apply::apply(store, &own, now).await.expect("again"),
            [],
            "twice is once"
        );
        let label = async |house: &crate::Casework| {
            let (defined, pin) = house.definitions().of(&code).await.expect("read").expect("defined");
            (defined.label("field.child_birthplace").vi, pin.expect("a name").version)
        };
        assert_eq!(
            label(&province.house).await,
            ("Nơi sinh".to_owned(), 1),
            "its day has not come"
        );
        let quota = async |house: &crate::Casework| {
            let day = house.now().local_date();
            let process = house.processes().current(&code, None, day).await.expect("read");
            process.steps().nth(1).map(|(step, _)| step.quota.to_string())
        };
        assert_eq!(quota(&province.house).await.as_deref(), Some("4 working_hours"));
        province
            .world
            .set(kernel::Timestamp::start_of_day(kernel::Date::constant(2026, 11, 20)));
        assert_eq!(
            label(&province.house).await,
            ("Nơi sinh (tỉnh)".to_owned(), 2),
            "at its midnight"
        );
        assert_eq!(quota(&province.house).await.as_deref(), Some("3 working_hours"));
        // A second start of the same program keeps what the province applied.
        let again = crate::Casework::new(province.house.identity(), province.house.settings().clone());
        assert_eq!(crate::process::seed_shipped(&again).await.expect("nothing new"), 0);
        assert_eq!(label(&again).await, ("Nơi sinh (tỉnh)".to_owned(), 2));
        assert_eq!(quota(&again).await.as_deref(), Some("3 working_hours"));
        // What another system defines is what the program brings.
        let other = "1.004873".parse().expect("code");
        assert!(again.definitions().of(&other).await.expect("read").is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_folder_is_not_applied_and_the_next_draft_is_told_of_a_sound_one() {
    use crate::journeys::citizen;
    use crate::testing::{MIGRATIONS, Province};

    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (store, now) = (province.house.store(), province.house.now());
        let mut faulty = changed("2026-11-18");
        for (path, text) in &mut faulty.1 {
            if path == "procedures/register-birth.toml" {
                *text = text.replace("specialist@commune", "specalist@commune");
            }
        }
        let refused = super::apply::apply(store, &[faulty], now).await;
        assert!(matches!(refused, Err(super::apply::ApplyError::Faulty(all)) if all.len() == 1));
        let none = store.read(super::store::applied).await.expect("read");
        assert!(none.is_empty(), "nothing was stored");

        let mut hoa = citizen(&province).await;
        let start = "/procedures/1.001193/start";
        let who = hoa.post(start, start, &[]).await.expect(303).location;
        hoa.get(&who).await.expect(200).hides("Thủ tục đã thay đổi");
        super::apply::apply(store, &[changed("2026-11-18")], now)
            .await
            .expect("applied");
        province.world.advance(kernel::SignedDuration::from_secs(3));
        hoa.get(&who)
            .await
            .expect(200)
            .says("Thủ tục đã thay đổi")
            .says("Biểu mẫu");
        let contact = [
            ("representation", "own"),
            ("applicant", "person"),
            ("phone", "0912345678"),
            ("address", "Tổ 3"),
            ("email", ""),
        ];
        let form = hoa.post(&who, &who, &contact).await.expect(303).location;
        hoa.get(&form)
            .await
            .expect(200)
            .says("Nơi sinh (tỉnh)")
            .says("Thủ tục đã thay đổi");
    })
    .await;
}
