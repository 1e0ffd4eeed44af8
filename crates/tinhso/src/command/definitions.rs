//! `tinhso check DIR` and `tinhso definitions …`: holds folders of definitions against the checker, lists what the program
//! brings, and writes it out as it is stored: none of that needs a province. `apply` lets a province's own folders hold.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use casework::definitions::apply::{self as applying, ApplyError, Change, Part};
use casework::definitions::{self, Folder};
use kernel::Lang;
use store::Mode;

use crate::Error;
use crate::cli::{DefinitionsAction, Place};
use crate::console::say;
use crate::place::{open_alone, open_store};

/// How deep folders are looked into.
const DEPTH_MAX: usize = 8;
/// Folders of systems that one run takes.
const SYSTEMS_MAX: usize = 1_000;
/// Files that one folder is read of: the checker says what is one too many.
const FILES_MAX: usize = 1_000;
/// Bytes that one file is read of: the checker says what is too long.
const BYTES_MAX: u64 = 2_000_000;

/// A folder with a `system.toml`: its path, and its files by their path inside it.
type Found = (PathBuf, BTreeMap<String, String>);

/// `tinhso check DIR`.
///
/// # Errors
/// Every fault is printed first; then the count is the error, with exit code 1.
pub fn check(dir: &Path, lang: Lang) -> Result<(), Error> {
    let found = folders(dir)?;
    if found.is_empty() {
        let dir = dir.display();
        return Err(Error::Config(format!("no folder in {dir} holds a system.toml")));
    }
    let report = report(&found, lang);
    for line in &report.lines {
        say(line);
    }
    if report.faults > 0 {
        let (faults, systems) = (report.faults, found.len());
        return Err(Error::Found(format!("{faults} faults in {systems} systems")));
    }
    Ok(())
}

/// What a check says, line by line.
struct Report {
    lines: Vec<String>,
    faults: usize,
}

fn report(found: &[Found], lang: Lang) -> Report {
    let named: Vec<(&str, Folder<'_>)> = found
        .iter()
        .map(|(path, files)| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
            (name, files.collect())
        })
        .collect();
    let (mut lines, mut faults) = (Vec::new(), 0);
    let mut counts = [0_usize; 4];
    for ((_, read), (path, _)) in definitions::check(&named).into_iter().zip(found) {
        match read {
            Ok(system) => {
                let sizes = [1, system.procedures.len(), system.cases.len(), system.samples.len()];
                counts.iter_mut().zip(sizes).for_each(|(count, size)| *count += size);
            }
            Err(wrong) => {
                faults += wrong.0.len();
                lines.extend(wrong.0.iter().map(|fault| {
                    let (file, line, column) = (path.join(&fault.file), fault.line, fault.column);
                    let words = fault.words.get(lang);
                    format!("{}:{line}:{column}: {}: {words}", file.display(), fault.code.code())
                }));
            }
        }
    }
    if faults == 0 {
        let [systems, procedures, cases, samples] = counts;
        lines.push(match lang {
            Lang::Vi => {
                format!("{systems} hệ thống, {procedures} thủ tục, {cases} tình huống, {samples} mẫu: không có lỗi")
            }
            Lang::En => {
                format!("{systems} systems, {procedures} procedures, {cases} cases, {samples} samples: no fault")
            }
        });
    }
    Report { lines, faults }
}

/// Every folder below `dir`, itself included, that holds a `system.toml`.
fn folders(dir: &Path) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    let mut open = vec![(dir.to_owned(), 0)];
    while let Some((at, depth)) = open.pop() {
        if at.join("system.toml").is_file() {
            let mut files = BTreeMap::new();
            read(&at, &at, depth, &mut files)?;
            found.push((at, files));
            if found.len() > SYSTEMS_MAX {
                return Err(Error::Config(format!("more than {SYSTEMS_MAX} systems")));
            }
        } else if depth < DEPTH_MAX {
            open.extend(
                entries(&at)?
                    .into_iter()
                    .filter(|(_, is_dir)| *is_dir)
                    .map(|(path, _)| (path, depth + 1)),
            );
        }
    }
    found.sort();
    Ok(found)
}

/// What stands in a folder, hidden files left out; a link is a file, so that no folder is its own.
fn entries(at: &Path) -> Result<Vec<(PathBuf, bool)>, Error> {
    let failed = || format!("cannot read the folder {}", at.display());
    let mut all = Vec::new();
    for entry in std::fs::read_dir(at).map_err(Error::io(failed()))? {
        let entry = entry.map_err(Error::io(failed()))?;
        let kind = entry.file_type().map_err(Error::io(failed()))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            all.push((entry.path(), kind.is_dir()));
        }
    }
    Ok(all)
}

fn read(root: &Path, at: &Path, depth: usize, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    for (path, is_dir) in entries(at)? {
        if is_dir && depth < DEPTH_MAX {
            read(root, &path, depth + 1, files)?;
        } else if !is_dir && files.len() < FILES_MAX {
            let failed = format!("cannot read {}", path.display());
            let file = std::fs::File::open(&path).map_err(Error::io(failed.clone()))?;
            let mut bytes = Vec::new();
            file.take(BYTES_MAX)
                .read_to_end(&mut bytes)
                .map_err(Error::io(failed))?;
            let inside = path.strip_prefix(root).unwrap_or(&path);
            let inside = inside.to_string_lossy().replace('\\', "/");
            files.insert(inside, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(())
}

/// `tinhso definitions …`.
///
/// # Errors
/// A folder that is there already, or cannot be written.
pub async fn run(action: DefinitionsAction) -> Result<(), Error> {
    match action {
        DefinitionsAction::Apply {
            place,
            dir,
            check,
            lang,
        } => apply(&place, &dir, check, lang).await,
        DefinitionsAction::List => {
            for system in definitions::systems() {
                let (code, version) = (&system.code, system.version);
                let (procedures, cases) = (system.procedures.len(), system.cases.len());
                say(format_args!(
                    "{code}\tversion {version}\t{procedures} procedures\t{cases} cases"
                ));
            }
            Ok(())
        }
        DefinitionsAction::Export { dir, system } => {
            let written = export(&dir, system.as_deref())?;
            say(format_args!("{written} files in {}", dir.display()));
            Ok(())
        }
    }
}

/// Checks the folders below `dir`, shows what they change, and stores them unless only that was asked.
async fn apply(place: &Place, dir: &Path, check: bool, lang: Lang) -> Result<(), Error> {
    let found = folders(dir)?;
    if found.is_empty() {
        return Err(Error::Config(format!(
            "no folder in {} holds a system.toml",
            dir.display()
        )));
    }
    let systems: Vec<applying::Files> = found
        .iter()
        .map(|(path, files)| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let files = files.iter().map(|(path, text)| (path.clone(), text.clone()));
            (name.to_owned(), files.collect())
        })
        .collect();
    let config = place.configuration()?;
    let done = if check {
        let store = open_store(&config, Mode::Beside).await?;
        let refused = refused(&store, &found).await?;
        let done = applying::plan(&store, &systems, store.world().now().local_date()).await;
        stop_at(&refused)?;
        store.close().await;
        done
    } else {
        let beside = "with --check the folders are checked and compared beside it, and nothing is stored";
        let store = open_alone(&config, beside).await?;
        stop_at(&refused(&store, &found).await?)?;
        let done = applying::apply(&store, &systems, store.world().now()).await;
        store.close().await;
        done
    };
    match done {
        Ok(changes) => {
            for line in told(&changes) {
                say(line);
            }
            Ok(())
        }
        Err(ApplyError::Faulty(_)) => {
            let report = report(&found, lang);
            for line in &report.lines {
                say(line);
            }
            Err(Error::Found(format!("{} faults: nothing was applied", report.faults)))
        }
        Err(ApplyError::Store(error)) => Err(error.into()),
    }
}

/// What the stored records do not allow: a field of another type, or gone while records have values of it. A faulty folder says
/// its own faults later.
async fn refused(store: &store::Store, found: &[Found]) -> Result<Vec<String>, Error> {
    let named: Vec<(&str, Folder<'_>)> = found
        .iter()
        .map(|(path, files)| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
            (name, files.collect())
        })
        .collect();
    let sound = definitions::check(&named).into_iter().filter_map(|(_, read)| read.ok());
    // They live as long as this command.
    let systems: Vec<&'static definition::System> = sound.map(|system| &*Box::leak(Box::new(system))).collect();
    Ok(register::refusals(store, &systems).await?)
}

fn stop_at(refused: &[String]) -> Result<(), Error> {
    if refused.is_empty() {
        return Ok(());
    }
    refused.iter().for_each(say);
    Err(Error::Found(format!(
        "{} fields that records need: nothing was applied",
        refused.len()
    )))
}

/// What applying changes, line by line.
fn told(changes: &[Change]) -> Vec<String> {
    if changes.is_empty() {
        return vec!["nothing changes: these folders hold already".to_owned()];
    }
    let mut lines = Vec::new();
    for change in changes {
        let from = change
            .from
            .map_or_else(|| "new".to_owned(), |from| format!("version {from}"));
        let (system, to, day) = (&change.system, change.to, change.valid_from);
        lines.push(format!(
            "{system}: {from} -> version {to}, holds from {day}; {} drafts will be told",
            change.drafts
        ));
        lines.extend(change.procedures.iter().map(|one| {
            let what: Vec<&str> = one.what.iter().map(|part| word(*part)).collect();
            format!("  {} {}: {}", one.code, one.name, what.join(", "))
        }));
    }
    lines
}

const fn word(part: Part) -> &'static str {
    match part {
        Part::Added => "new",
        Part::Removed => "no longer defined",
        Part::Time => "time to settle",
        Part::Fee => "fee",
        Part::Papers => "papers",
        Part::Form => "form",
        Part::Steps => "steps",
        Part::Words => "words",
    }
}

/// Writes the folders as they are stored, text for text.
fn export(dir: &Path, only: Option<&str>) -> Result<usize, Error> {
    let wanted = definitions::SHIPPED
        .iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name));
    let mut written = 0;
    for (name, files) in wanted {
        let folder = dir.join(name);
        if folder.exists() {
            return Err(Error::Taken(format!("{} is there already", folder.display())));
        }
        for (path, text) in *files {
            let path = folder.join(path);
            let parent = path.parent().unwrap_or(&folder);
            let failed = format!("cannot write {}", path.display());
            std::fs::create_dir_all(parent).map_err(Error::io(failed.clone()))?;
            std::fs::write(&path, text).map_err(Error::io(failed))?;
            written += 1;
        }
    }
    match (written, only) {
        (0, Some(only)) => Err(Error::Config(format!("no system is called {only}"))),
        _ => Ok(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn lines(dir: &Path, lang: Lang) -> (Vec<String>, usize) {
        let report = report(&folders(dir).unwrap(), lang);
        (report.lines, report.faults)
    }

    #[test]
    fn what_is_exported_is_sound_and_text_for_text_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let systems = folder.path().join("a/systems");
        let written = export(&systems, None).unwrap();
        for (name, files) in definitions::SHIPPED {
            for (path, text) in *files {
                assert_eq!(std::fs::read_to_string(systems.join(name).join(path)).unwrap(), *text);
            }
        }
        assert!(written > 100);
        check(folder.path(), Lang::En).unwrap();
        let (lines, faults) = lines(folder.path(), Lang::Vi);
        assert_eq!(faults, 0);
        let procedures = definitions::all().count();
        assert!(
            lines[0].contains(&format!("{procedures} thủ tục")) && lines[0].contains("không có lỗi"),
            "{lines:?}"
        );
        assert!(
            matches!(export(&systems, None), Err(Error::Taken(_))),
            "nothing is overwritten"
        );
        assert!(matches!(export(&systems, Some("nothing")), Err(Error::Config(_))));
    }

    #[test]
    fn each_fault_is_said_with_its_place_in_the_chosen_language() {
        let folder = tempfile::tempdir().unwrap();
        export(folder.path(), Some("mediation")).unwrap();
        let path = folder.path().join("mediation/procedures/pay-mediators.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(
            &path,
            text.replace("by    = \"leader@commune\"", "by    = \"leeder@commune\""),
        )
        .unwrap();
        std::fs::write(folder.path().join("mediation/notes.txt"), [0xff, 0x00]).unwrap();
        let (en, faults) = lines(folder.path(), Lang::En);
        let (vi, _) = lines(folder.path(), Lang::Vi);
        assert_eq!(faults, 2, "{en:?}");
        let place = format!("{}:", path.display());
        let of = |lines: &[String]| lines.iter().find(|line| line.starts_with(&place)).cloned().unwrap();
        assert!(
            of(&en).contains(": role-unknown: No role is called “leeder”. Did you mean “leader”?"),
            "{en:?}"
        );
        assert!(of(&vi).contains(": role-unknown: ") && of(&vi) != of(&en), "{vi:?}");
        let error = check(folder.path(), Lang::Vi).unwrap_err();
        assert_eq!(
            (error.exit_code(), error.to_string().as_str()),
            (1, "2 faults in 1 systems")
        );
    }

    #[test]
    fn the_command_line_names_folder_and_language() {
        let cli = Cli::try_parse_from(["tinhso", "check", "systems", "--lang", "en"]).unwrap();
        assert!(matches!(cli.command, Command::Check { dir, lang: Lang::En } if dir == Path::new("systems")));
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(check(empty.path(), Lang::Vi).unwrap_err().exit_code(), 78);
        assert!(Cli::try_parse_from(["tinhso", "check", "systems", "--lang", "fr"]).is_err());
        let cli = Cli::try_parse_from(["tinhso", "definitions", "export", "out", "--system", "trees"]).unwrap();
        assert!(matches!(
            cli.command,
            Command::Definitions {
                action: DefinitionsAction::Export { .. }
            }
        ));
    }
}
