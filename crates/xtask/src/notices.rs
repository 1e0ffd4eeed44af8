//! `THIRD-PARTY.md`: everything by others that goes into the binary, with version and licence: crates from the graph of
//! dependencies, fonts and scripts from their manifests, data from its statement of provenance. Generated; `--check`
//! says whether the file is current.

use std::fmt::Write as _;
use std::path::Path;

use crate::assets;
use crate::metadata::Metadata;

const FILE: &str = "THIRD-PARTY.md";

const HEAD: &str = "# What others made\n\n\
    `cargo xtask notices` writes this file. tinhso itself is under the Apache License 2.0 (see LICENSE). The program\n\
    contains, or is built with, the following; each remains under its own licence, whose text is in the source package\n\
    of that version. Where a licence offers a choice, tinhso takes MIT or Apache-2.0.\n";

const DATA: &str = "\n## Data\n\n\
    The lists of administrative units, the procedure catalogue and the calendar are made from acts and publications of\n\
    Vietnamese state bodies (not protected by copyright: Article 15 of the Law on Intellectual Property). Each data\n\
    folder says in its PROVENANCE.md where its files come from, when, and how they were changed.\n";

/// Writes the notices, or compares.
///
/// # Errors
/// That the file is not current.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), String> {
    let text = render(root)?;
    let path = root.join(FILE);
    if check {
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        if old == text {
            crate::say("notices: current");
            return Ok(());
        }
        return Err(format!("{FILE}:1: is not current: run cargo xtask notices [notices]"));
    }
    std::fs::write(&path, text).map_err(|error| format!("{FILE}: {error}"))?;
    crate::say(&format!("notices: wrote {FILE}"));
    Ok(())
}

fn render(root: &Path) -> Result<String, String> {
    let metadata = Metadata::read(root)?;
    let mut text = String::from(HEAD);
    let mut line = |parts: std::fmt::Arguments<'_>| text.write_fmt(parts).map_err(|error| error.to_string());
    line(format_args!(
        "\n## Scripts, styles and fonts\n\n| package | version | licence | files |\n|---|---|---|---|\n"
    ))?;
    for asset in assets::manifests(root)? {
        let files: Vec<&str> = asset.file.iter().map(|file| file.to.as_str()).collect();
        line(format_args!(
            "| {} | {} | {} | {} |\n",
            asset.name,
            asset.version,
            asset.licence,
            files.join(", ")
        ))?;
    }
    line(format_args!(
        "\n## Crates in the binary\n\n| crate | version | licence | source |\n|---|---|---|---|\n"
    ))?;
    for package in metadata.reached_by("tinhso") {
        let licence = match (&package.license, &package.license_file) {
            (Some(expression), _) => expression.replace('/', " OR "),
            (None, Some(file)) => format!("see its {file}"),
            (None, None) => "none named".to_owned(),
        };
        let source = package.repository.as_deref().unwrap_or("");
        line(format_args!(
            "| {} | {} | {licence} | {source} |\n",
            package.name, package.version
        ))?;
    }
    text.push_str(DATA);
    Ok(text)
}
