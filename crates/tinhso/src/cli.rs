//! The command line: what can be asked of the program, in words a technician uses. Every command that
//! works on a province takes `--data DIR`, `--database URL` or `--config FILE`.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// One program that runs a Vietnamese province's digital government.
#[derive(Debug, Parser)]
#[command(name = "tinhso", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Folder of a province when none is named.
pub const DATA: &str = "data";

/// Which province a command works on.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Folder of the province: configuration, SQLite database, attachments.
    #[arg(long, global = true, value_name = "DIR", default_value = DATA, env = "TINHSO_DATA")]
    pub data: PathBuf,
    /// Configuration file; without it, tinhso.toml in the data folder, else the packaged service's.
    #[arg(long, global = true, value_name = "FILE", env = "TINHSO_CONFIG")]
    pub config: Option<PathBuf>,
    /// PostgreSQL 15 or newer instead of SQLite: postgresql://user@host/name.
    #[arg(long, global = true, value_name = "URL", env = "TINHSO_DATABASE")]
    pub database: Option<String>,
    /// Key file, when it is not the one that the configuration names.
    #[arg(long, global = true, value_name = "FILE", env = "TINHSO_KEYS")]
    pub keys: Option<PathBuf>,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a demonstration province with people and dossiers, and serve it.
    Demo(DemoArgs),
    /// Make an empty province: keys, database, units, procedures, the first administrator.
    Init(InitArgs),
    /// Serve a province.
    Serve(ServeArgs),
    /// Typeset papers as they come in on standard input; the server starts this for itself, with limits.
    #[command(hide = true)]
    Typeset,
    /// Read a file of a stranger that is standard input; the server starts this for itself, with limits.
    #[command(hide = true)]
    ReadStranger {
        /// How it is to be read, as JSON.
        ask: String,
    },
    /// Copy a province while it is served. Keys are never in a backup.
    Backup {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// Folder to make; it must not exist.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Bring a backup back into an empty data folder.
    Restore {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// Folder that `backup` made.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Province that the backup is of, when there is no configuration yet.
        #[arg(long, value_name = "NAME")]
        province: Option<String>,
    },
    /// Check hashes, references, sums, keys and the audit chain. Changes nothing.
    Verify {
        /// Which province.
        #[command(flatten)]
        place: Place,
    },
    /// Write everything into one archive that either engine reads.
    Export {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// Archive to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Read past damaged pages of an SQLite file and list what could not be read.
        #[arg(long)]
        salvage: bool,
    },
    /// Read an archive into an empty database of either engine.
    Import {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// Archive that `export` wrote.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Background work: what waits, what failed for good.
    Jobs {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: JobsAction,
    },
    /// Keys that seal personal data.
    Keys {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: KeysAction,
    },
    /// Areas and agencies.
    Units {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: UnitsAction,
    },
    /// The catalogue of administrative procedures.
    Catalogue {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: CatalogueAction,
    },
    /// Maps: boundaries of areas.
    Map {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: MapAction,
    },
    /// Accounts of officers, for when nobody can sign in.
    Accounts {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: AccountsAction,
    },
    /// The tamper-evident record of what administrators and policies changed.
    Audit {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: AuditAction,
    },
    /// Figures: write the rows behind them for whoever wants to compute them again, or make them anew.
    Figures {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: FiguresAction,
    },
    /// Notices: try a channel, check the set-up, print the templates that Zalo has to approve.
    Notices {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: NoticesAction,
    },
    /// Hold folders of definitions against the checker: every fault with file, line and column. Changes nothing.
    Check {
        /// Folder of a system, or one with folders of systems below it.
        dir: PathBuf,
        /// Language of the words: `vi` or `en`.
        #[arg(long, default_value = "vi")]
        lang: kernel::Lang,
    },
    /// Registers: bring a file in.
    Registers {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: RegistersAction,
    },
    /// The definitions that come with the program.
    Definitions {
        /// What to do.
        #[command(subcommand)]
        action: DefinitionsAction,
    },
    /// Print the VietQR payload of a transfer, as a banking application scans it.
    Vietqr(VietqrArgs),
    /// Stand in for a system that is not at hand, with faults from a seed.
    Simulate {
        /// Which system.
        #[command(subcommand)]
        what: Simulated,
    },
    /// Verify the signed receipt of a transfer.
    Receipt {
        /// Which province, whose keys verify it.
        #[command(flatten)]
        place: Place,
        /// The receipt; it begins with TSR1.
        #[arg(value_name = "RECEIPT")]
        receipt: String,
        /// Verify with this public key (hex) instead: no province is needed.
        #[arg(long, value_name = "HEX")]
        key: Option<String>,
    },
    /// Audit a whole public log, anybody's: compute everything again and name the first thing that is wrong.
    VerifyLog(VerifyLogArgs),
    /// The public log of a province: its keys, its files.
    Log {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// What to do.
        #[command(subcommand)]
        action: LogAction,
    },
    /// Print the OpenAPI document of all interfaces.
    Openapi,
    /// Print the configuration that a command would use, with every default.
    Config {
        /// Which province.
        #[command(flatten)]
        place: Place,
    },
}

/// How much a demonstration holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scale {
    /// A few hundred dossiers in every state.
    Tour,
    /// A year at the size that provinces report: procedures, people, dossiers.
    Province,
}

/// `tinhso demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Which province.
    #[command(flatten)]
    pub place: Place,
    /// Province to make.
    #[arg(long, default_value = "ha-tinh", value_name = "NAME")]
    pub province: String,
    /// Port on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Throw the demonstration away that is in the data folder, and start over.
    #[arg(long)]
    pub fresh: bool,
    /// Make the province and stop.
    #[arg(long)]
    pub no_serve: bool,
    /// How much of a province: `tour` for a look around, `province` for a whole year.
    #[arg(long, value_enum, default_value_t = Scale::Tour)]
    pub scale: Scale,
    /// How many dossiers to make; 240 for a tour, 500,000 for a year.
    #[arg(long)]
    pub dossiers: Option<u32>,
    /// How many people live in the province, for a year.
    #[arg(long, default_value_t = 150_000)]
    pub people: u32,
    /// Seed of the made-up people and dossiers: the same seed gives the same province.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Public pages: `full` or `guide`.
    #[arg(long, default_value = "full", value_parser = portal_mode)]
    pub mode: casework::PortalMode,
}

/// `tinhso init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Which province.
    #[command(flatten)]
    pub place: Place,
    /// Province to make: a name from the built-in profiles, or a folder with a profile.
    #[arg(long, value_name = "NAME")]
    pub province: String,
    /// Sign-in name of the first administrator.
    #[arg(long, default_value = "admin")]
    pub admin: String,
    /// File of procedures to load instead of the built-in ones (JSON Lines).
    #[arg(long, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
}

/// `tinhso simulate`
#[derive(Debug, Subcommand)]
pub enum Simulated {
    /// The national portal: takes dossiers, files some itself, and errs as the seed decides. It listens on this machine alone.
    NationalPortal(SimulatedPortalArgs),
}

/// `tinhso simulate national-portal`
#[derive(Debug, Args)]
pub struct SimulatedPortalArgs {
    /// Port to listen on; 0 takes a free one and prints it.
    #[arg(long, value_name = "N", default_value_t = 8090)]
    pub port: u16,
    /// The same seed gives the same faults.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Kinds of faults, by commas: lost, doubled, reordered, delayed, wrong-answer, garbled, skew, outage; or all.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub fault: Vec<String>,
    /// How often each kind strikes, of a thousand exchanges.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub permille: u64,
    /// Forget the keys of transfers, as a portal may that never heard of them.
    #[arg(long)]
    pub forget_keys: bool,
    /// Address of the province that is told what is filed here: http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    pub province: Option<String>,
    /// Name by which the portal speaks to the province.
    #[arg(long, value_name = "NAME", default_value = "cong-quoc-gia")]
    pub user: String,
    /// File with the password by which it speaks to the province.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// `tinhso vietqr`
#[derive(Debug, Args)]
pub struct VietqrArgs {
    /// BIN of the bank: six digits.
    #[arg(long, value_name = "BIN")]
    pub bin: payment::vietqr::BankBin,
    /// Number of the account that is paid.
    #[arg(
        long,
        value_name = "NUMBER",
        required_unless_present = "card",
        conflicts_with = "card"
    )]
    pub account: Option<payment::vietqr::AccountNumber>,
    /// Number of the card that is paid, instead of an account.
    #[arg(long, value_name = "NUMBER")]
    pub card: Option<payment::vietqr::CardNumber>,
    /// Amount in đồng; without it the payer types one.
    #[arg(long, value_name = "DONG", value_parser = code_amount)]
    pub amount: Option<kernel::Dong>,
    /// Text of the transfer; it loses its diacritics. A payment reference, never a name.
    #[arg(long, value_name = "TEXT")]
    pub purpose: Option<String>,
    /// Draw the code as well, for a terminal with a dark ground.
    #[arg(long)]
    pub qr: bool,
}

/// `tinhso verify-log`
#[derive(Debug, Args)]
pub struct VerifyLogArgs {
    /// Folder or address of the log: what lies before `/checkpoint`.
    #[arg(value_name = "DIR|URL")]
    pub log: String,
    /// Key of the log, from elsewhere than the log: NAME+ID+BASE64. Without it the signature is not verified.
    #[arg(long, value_name = "KEY")]
    pub key: Option<ledger::note::VerifierKey>,
    /// Key of a witness, whose cosignature is verified; may be repeated.
    #[arg(long, value_name = "KEY")]
    pub witness: Vec<ledger::note::VerifierKey>,
    /// File with the checkpoint of an earlier audit: the log must continue it. It is written anew when nothing is wrong.
    #[arg(long, value_name = "FILE")]
    pub seen: Option<PathBuf>,
}

/// `tinhso log …`
#[derive(Debug, Subcommand)]
pub enum LogAction {
    /// Print the keys by which others verify the log and what this province cosigns.
    Keys,
    /// Write the log as files that any web server can give out; what is there already stays.
    Write {
        /// Folder to write into.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// `tinhso serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Which province.
    #[command(flatten)]
    pub place: Place,
    /// Listen on this port instead of the configured one.
    #[arg(long)]
    pub port: Option<u16>,
}

/// `tinhso jobs …`
#[derive(Debug, Subcommand)]
pub enum JobsAction {
    /// Counts by queue and state.
    List,
    /// Jobs that failed for good, with the last error.
    Dead,
    /// Give a dead job another round of attempts.
    Rerun {
        /// Id as `dead` prints it.
        id: uuid::Uuid,
    },
    /// Remove a dead job.
    Drop {
        /// Id as `dead` prints it.
        id: uuid::Uuid,
    },
}

/// `tinhso figures …`
#[derive(Debug, Subcommand)]
pub enum FiguresAction {
    /// Write rows, formulas and figures of a period: `docs/recompute/recompute.py DIR` computes each of them again.
    Export {
        /// Folder to make; it must not exist.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// First day; the first of this year unless given.
        #[arg(long, value_name = "DAY")]
        from: Option<jiff::civil::Date>,
        /// Last day, at most a year after the first; today unless given.
        #[arg(long, value_name = "DAY")]
        to: Option<jiff::civil::Date>,
        /// One unit alone, by its code: `H27.15`.
        #[arg(long, value_name = "CODE")]
        unit: Option<kernel::AgencyCode>,
    },
    /// Make facts and cells anew from the dossiers: after `verify` found them wrong.
    Rebuild,
}

/// `tinhso notices …`
#[derive(Debug, Subcommand)]
pub enum NoticesAction {
    /// Check channels, secrets and templates; connects nowhere and sends nothing.
    Check,
    /// Send one test message, past the queue and the caps.
    Test {
        /// Channel: `email`, `sms` or `zalo`.
        #[arg(long)]
        channel: notice::Channel,
        /// An e-mail address, or a mobile number.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// Language: `vi` or `en`.
        #[arg(long, default_value = "vi")]
        lang: kernel::Lang,
    },
    /// The words of a channel in both languages, with their parameters: what is laid before Zalo for approval.
    Templates {
        /// Channel.
        #[arg(long, default_value = "zalo")]
        channel: notice::Channel,
    },
    /// Make the key that web push is signed with.
    PushKey {
        /// File to write; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// `tinhso definitions …`
#[derive(Debug, Subcommand)]
pub enum DefinitionsAction {
    /// Systems with their version and what they hold.
    List,
    /// Check a province's own folders, show what they change, and let them hold from their day instead of those that come
    /// with the program.
    Apply {
        /// Which province.
        #[command(flatten)]
        place: Place,
        /// Folder of a system, or one with folders of systems below it.
        dir: PathBuf,
        /// Check and show only; store nothing.
        #[arg(long)]
        check: bool,
        /// Language of the words: `vi` or `en`.
        #[arg(long, default_value = "vi")]
        lang: kernel::Lang,
    },
    /// Write the folders as they are stored.
    Export {
        /// Folder to write into; no system may be in it yet.
        dir: PathBuf,
        /// One system alone.
        #[arg(long, value_name = "NAME")]
        system: Option<String>,
    },
}

/// `tinhso registers …`
#[derive(Debug, Subcommand)]
pub enum RegistersAction {
    /// Bring a file into a register by the rules of its page: CSV, XLSX, GeoJSON, GeoPackage or a zipped shapefile. The same
    /// command goes on where a killed one stood.
    Import {
        /// Code of the system: `trees`.
        system: String,
        /// Kind of record: `tree`.
        kind: String,
        /// The file.
        file: PathBuf,
        /// Code of the agency that keeps the records; the province itself without one.
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// Who answers for it.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Take the good rows in and list the others, instead of taking all or nothing.
        #[arg(long)]
        good_rows: bool,
        /// Coordinate system: `EPSG:9209`, or the central meridian of a zone, `105-30`. What the file says without one.
        #[arg(long, value_name = "SYSTEM")]
        crs: Option<String>,
        /// Encoding: utf8, utf16-le, utf16-be, windows1258, tcvn3, vni. Found out without one.
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
        /// Sheet, layer or shapefile; the first without one.
        #[arg(long, value_name = "NAME")]
        layer: Option<String>,
        /// Where the faulty rows are written with what is wrong with them.
        #[arg(long, value_name = "FILE")]
        faults: Option<PathBuf>,
    },
}

/// `tinhso keys …`
#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// Key ids, which is active, since when. Never the keys.
    List,
    /// Make a new active key; the old ones stay for reading. Then `reseal`.
    Rotate,
    /// Seal again under the active key what is sealed under older ones.
    Reseal,
}

/// `tinhso units …`
#[derive(Debug, Subcommand)]
pub enum UnitsAction {
    /// Load or correct areas and agencies from the profile, and print how codes resolve.
    Import,
    /// What a code named on a day.
    Resolve {
        /// Code of a province, district or commune.
        code: String,
        /// Day, as 2025-06-30.
        #[arg(long)]
        on: jiff::civil::Date,
    },
}

/// What can be done to maps.
#[derive(Debug, Subcommand)]
pub enum MapAction {
    /// Load boundaries of areas from GeoJSON (.geojson, .geojson.gz), with the server stopped. Each feature has the
    /// properties tier, code, name and from, and may have name_en and to.
    Boundaries {
        /// File to read.
        file: PathBuf,
        /// What it is, as the map page will say; the file's name unless given.
        #[arg(long)]
        source: Option<String>,
    },
}

/// `tinhso catalogue …`
#[derive(Debug, Subcommand)]
pub enum CatalogueAction {
    /// Load procedures: JSON Lines of ours, or the two published source forms (.jsonl, .jsonl.gz).
    Import {
        /// Files to read.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// What the copy is of, as the pages will say; the file's name unless given.
        #[arg(long)]
        source: Option<String>,
        /// Day of the copy, as 2026-07-20; no version of a procedure is older than what is known of it.
        #[arg(long)]
        copied_on: jiff::civil::Date,
        /// First day on which what comes holds, as 2027-01-01; until then the earlier versions do. Today unless given.
        #[arg(long)]
        valid_from: Option<jiff::civil::Date>,
        /// Who brings it: somebody else approves it under Setup, Versions of procedures.
        #[arg(long, value_name = "NAME", default_value = "tinhso catalogue import")]
        by: String,
        /// Read and report only; store nothing. Beside a province it also says which drafts and running dossiers are touched.
        #[arg(long)]
        check: bool,
    },
}

/// `tinhso accounts …`
#[derive(Debug, Subcommand)]
pub enum AccountsAction {
    /// Set a one-time password for an officer and lift a lock.
    Reset {
        /// Sign-in name.
        name: String,
    },
    /// Open an administrator of the whole province, without a second one: for the first two, who then approve each other's acts.
    OpenAdmin {
        /// Sign-in name.
        name: String,
        /// Name at work.
        #[arg(long)]
        full_name: String,
        /// Why: number of the decision.
        #[arg(long)]
        reason: String,
    },
}

/// `tinhso audit …`
#[derive(Debug, Subcommand)]
pub enum AuditAction {
    /// Write the record as JSON Lines; the last line carries the head hash.
    Export {
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

fn portal_mode(text: &str) -> Result<casework::PortalMode, String> {
    match text {
        "full" => Ok(casework::PortalMode::Full),
        "guide" => Ok(casework::PortalMode::Guide),
        _ => Err("use full (submit here) or guide (submit at the national portal)".to_owned()),
    }
}

/// An amount that a code can carry; anything else is said at once, as every other wrong argument is.
fn code_amount(text: &str) -> Result<kernel::Dong, String> {
    let amount = kernel::Dong::parse_text(text).map_err(|error| error.to_string())?;
    payment::vietqr::check_amount(amount).map_err(|error| error.to_string())?;
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use std::path::Path;

    /// What operators read: where it lies, and how a command stands in it.
    const TEXTS: &[&str] = &[
        "README.md",
        "README.vi.md",
        "docs/conformance/procedure-system.md",
        "docs/definitions.md",
        "docs/operations.md",
        "docs/security.md",
        "packaging/tinhso.service",
        "packaging/debian/postinst",
        "crates/store/src/error.rs",
        "crates/store/src/archive/error.rs",
        "crates/store/src/keys/error.rs",
        "crates/tinhso/src/command/init.rs",
        "crates/tinhso/src/command/jobs.rs",
        "crates/tinhso/src/config.rs",
    ];
    /// What stands before a command: the start of a code span or line, another user, a path, words of a message.
    const BEFORE: &[&str] = &["`", "-u tinhso ", "/usr/bin/", "with: ", "first (", "; ", "\n"];

    /// The commands that `text` names, as the words behind the program's name.
    fn named(text: &str) -> Vec<Vec<&str>> {
        let is_command = |at: usize| BEFORE.iter().any(|before| text[..at].ends_with(before));
        text.match_indices("tinhso ")
            .filter(|(at, _)| is_command(*at))
            .map(|(at, name)| {
                let rest = text[at + name.len()..].lines().next().unwrap_or_default();
                let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
                let trimmed = rest
                    .split(['`', '(', ',', ';', '.', '"', ':'])
                    .next()
                    .unwrap_or_default();
                trimmed.split(' ').take_while(is_word).take(2).collect()
            })
            .filter(|words: &Vec<&str>| !words.is_empty())
            .collect()
    }

    #[test]
    fn every_command_that_a_text_names_exists() {
        let program = Cli::command();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut seen = 0;
        for path in TEXTS {
            let text = std::fs::read_to_string(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
            for words in named(&text) {
                if matches!(words[0], "help" | "is" | "tinhso") {
                    continue;
                }
                seen += 1;
                let command = program.find_subcommand(words[0]);
                let command = command.unwrap_or_else(|| panic!("{path} names tinhso {}", words.join(" ")));
                if let (true, Some(action)) = (command.has_subcommands(), words.get(1)) {
                    assert!(
                        command.find_subcommand(action).is_some(),
                        "{path} names tinhso {}",
                        words.join(" ")
                    );
                }
            }
        }
        assert!(
            seen > 20,
            "only {seen} commands were found: are they written otherwise now?"
        );
    }

    #[test]
    fn commands_are_found_where_texts_name_them() {
        let text = "run `tinhso jobs dead`, then\ntinhso serve --data x\nsudo -u tinhso tinhso init --province p; the tinhso key";
        assert_eq!(named(text), [vec!["jobs", "dead"], vec!["serve"], vec!["init"]]);
    }
}
