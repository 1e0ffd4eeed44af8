//! The checker against folders on disk: one sound system, and for each kind of fault a folder that has it. A folder of
//! `faulty` replaces files of the sound system; the line of the fault carries the mark `# fault`.

use crate::support::{folder, read, tests};
use definition::{FaultCode, Faults};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_sound_system_has_no_fault() {
    let system = read(&folder(&tests().join("sound"))).unwrap_or_else(|Faults(faults)| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", list.join("\n"));
    });
    assert_eq!(system.records[0].fields.len(), 8);
    let procedure = &system.procedures[0];
    let codes: BTreeSet<u8> = procedure
        .machine
        .states()
        .iter()
        .filter_map(|state| state.national_code)
        .collect();
    assert_eq!(
        codes,
        BTreeSet::from([1, 3, 4, 5, 6, 7, 8, 9, 10]),
        "2 is passed on receipt"
    );
    assert_eq!(system.samples.len(), 3);
}

#[test]
fn each_kind_of_fault_has_a_folder_that_shows_it() {
    let sound = folder(&tests().join("sound"));
    let mut shown = BTreeSet::new();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(tests().join("faulty")).unwrap() {
        let path = entry.unwrap().path();
        // Several folders may show one kind: what stands behind the second dash tells them apart.
        let folder_name = path.file_name().unwrap().to_str().unwrap();
        let code = folder_name.split("--").next().unwrap().to_owned();
        let mut files = sound.clone();
        for (name, text) in folder(&path) {
            if text.trim() == "# removed" {
                files.remove(&name);
            } else {
                files.insert(name, text);
            }
        }
        let faults = read(&files).err().map_or_else(Vec::new, |Faults(faults)| faults);
        let found: BTreeSet<&str> = faults.iter().map(|fault| fault.code.code()).collect();
        let marks: BTreeSet<(&str, usize)> = files
            .iter()
            .flat_map(|(name, text)| text.lines().enumerate().map(move |(line, text)| (name, line, text)))
            .filter(|(.., text)| text.ends_with("# fault"))
            .map(|(name, line, _)| (name.as_str(), line + 1))
            .collect();
        let places: BTreeSet<(&str, usize)> = faults.iter().map(|fault| (fault.file.as_str(), fault.line)).collect();
        let is_gone = code == FaultCode::FileMissing.code();
        let placed = places == marks || (is_gone && places == BTreeSet::from([("system.toml", 1)]));
        if found != BTreeSet::from([code.as_str()]) || !placed {
            let list: Vec<String> = faults.iter().map(|fault| format!("\n    {fault}")).collect();
            wrong.push(format!("{folder_name}: marked {marks:?}, found{}", list.concat()));
        }
        shown.insert(code);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let codes: BTreeSet<String> = FaultCode::ALL.iter().map(|code| code.code().to_owned()).collect();
    let missing: Vec<&String> = codes.difference(&shown).collect();
    assert!(missing.is_empty(), "kinds of fault that no folder shows: {missing:?}");
}

#[test]
fn the_reference_names_each_kind_of_fault() {
    let page = tests().join("../../../docs/definitions.md");
    let page = std::fs::read_to_string(page).unwrap();
    for code in FaultCode::ALL {
        let row = format!("| `{}` |", code.code());
        assert!(
            page.contains(&row),
            "docs/definitions.md has no row for {}",
            code.code()
        );
    }
}

#[test]
fn all_faults_come_at_once_in_both_languages() {
    let mut files = folder(&tests().join("sound"));
    for code in [
        "pattern-invalid",
        "deadline-missing",
        "index-missing",
        "quota-exceeds-time",
    ] {
        files.extend(folder(&tests().join("faulty").join(code)));
    }
    let Faults(faults) = read(&files).unwrap_err();
    let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        list,
        [
            "pages.toml:5:8: index-missing: The field “trunk_cm” needs index = true to filter or sort by it.",
            "procedures/fell-tree.toml:53:8: quota-exceeds-time: The quotas of the steps add up to 25 working hours, but the \
             time to settle has only 24.",
            "records.toml:9:51: pattern-invalid: The pattern “[A-Z” cannot be read: a class is written [A-Z0-9].",
            "workflow.toml:16:8: deadline-missing: The state “reported” needs a deadline, or to be an end.",
        ]
    );
    let vi = faults[3].words.get(kernel::Lang::Vi);
    assert_eq!(
        vi,
        "Trạng thái “reported” cần có thời hạn (deadline) hoặc là kết thúc (end)."
    );
}

#[test]
fn the_rules_of_a_record_are_kept() {
    let system = read(&folder(&tests().join("sound"))).unwrap();
    let today = "2026-11-22".parse().unwrap();
    let violations = system.records[0].violations(&BTreeMap::new(), today);
    assert_eq!(violations.len(), 1, "the tag is missing, and nothing else is required");
    assert_eq!(violations[0].name(), "tag");
}

#[test]
fn fees_know_their_exemptions() {
    use definition::expression::{Facts, Number, Value};
    use definition::procedure::Channel;
    let system = read(&folder(&tests().join("sound"))).unwrap();
    let fee = system.procedures[0].fee.as_ref().unwrap();
    let mut facts = Facts::new("2026-11-22".parse().unwrap());
    let due = |facts: &Facts, channel| fee.due(channel, facts).get();
    assert_eq!(due(&facts, Channel::Desk), 100_000, "an unknown fact exempts nobody");
    facts.set("form.trees", Value::Number(Number::whole(4)));
    assert_eq!(due(&facts, Channel::Online), 25_000);
    assert_eq!(due(&facts, Channel::Post), 50_000);
    facts.set("applicant.poor_household", Value::Bool(true));
    assert_eq!(due(&facts, Channel::Desk), 0);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// Any one line of any file replaced by any text: read or refused, never a panic, and every fault lies in the file.
    #[test]
    fn any_damage_is_a_list_of_faults(file in 0_usize..9, line in 0_usize..60, text in "\\PC{0,60}", cut in 0_usize..3) {
        let mut files = folder(&tests().join("sound"));
        let name = files.keys().nth(file % files.len()).unwrap().clone();
        let mut lines: Vec<String> = files[&name].lines().map(str::to_owned).collect();
        let at = line % lines.len();
        lines[at] = match cut {
            0 => text,
            1 => format!("{}{text}", lines[at].chars().take(text.len()).collect::<String>()),
            _ => lines[at].replace(['"', '=', '1'], &text),
        };
        files.insert(name, lines.join("\n"));
        if let Err(Faults(faults)) = read(&files) {
            for fault in &faults {
                let lines = files.get(&fault.file).map(|text| text.split('\n').count());
                proptest::prop_assert!(lines.is_some_and(|lines| fault.line <= lines), "{}", fault);
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(3_000))]

    /// Any file of a real system with pieces cut out, doubled, moved or put in, whatever lines they run over.
    #[test]
    fn any_damaged_file_is_read_or_a_list_of_faults(
        file in 0_usize..9,
        edits in proptest::collection::vec((0_usize..100_000, 0_usize..40, 0_u8..4, "[\\x00\"'=\\[\\]{}#.,0-9a-zà-ỹ\n -]{0,12}"), 1..5),
    ) {
        let mut files = folder(&tests().join("sound"));
        let name = files.keys().nth(file % files.len()).unwrap().clone();
        let mut letters: Vec<char> = files[&name].chars().collect();
        for (at, len, how, text) in edits {
            let at = at % (letters.len() + 1);
            let until = (at + len).min(letters.len());
            match how {
                0 => drop(letters.drain(at..until)),
                1 => { let piece = letters[at..until].to_vec(); letters.splice(at..at, piece); }
                2 => { letters.splice(at..until, text.chars()); }
                _ => letters.truncate(at),
            }
        }
        files.insert(name, letters.into_iter().collect());
        if let Err(Faults(faults)) = read(&files) {
            proptest::prop_assert!(!faults.is_empty());
            for fault in &faults {
                let lines = files.get(&fault.file).map(|text| text.split('\n').count());
                proptest::prop_assert!(lines.is_some_and(|lines| fault.line <= lines), "{}", fault);
            }
        }
    }
}
