//! The operator's page of background work: how much waits, which jobs were laid aside and why, and the two
//! things that can be done about one. Payloads are not shown: they are for handlers.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::audit::{self, Actor, detail};
use identity::routes::{get, post};
use identity::session::{Caller, http::with_notice};
use identity::{Access, Action, Identity, Routes};
use kernel::{ErrorKind, Fault};
use store::StoreError;
use store::jobs::{DeadJob, JobId};
use uuid::Uuid;
use web::components::{ButtonKind, Crumb, post_button};
use web::components::{Fact, facts};
use web::format::{date_time, number};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, Submitted, html, see_other};

/// Dead jobs on the page; more are behind these once they are dealt with.
const SHOWN_MAX: u32 = 100;

/// What the page refuses.
#[derive(Debug, thiserror::Error)]
enum JobsPageError {
    /// The job was run or removed meanwhile, or never was.
    #[error("no dead job has this id")]
    Gone,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for JobsPageError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Gone => ErrorKind::Gone,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Gone => "job-gone",
            Self::Store(error) => error.code(),
        }
    }
}

/// The routes of the page.
pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/admin/jobs", page), Access::Action(Action::JobRead))
        .page(post("/admin/jobs/{id}/rerun", rerun), Access::Action(Action::JobRun))
        .page(post("/admin/jobs/{id}/drop", drop_job), Access::Action(Action::JobRun))
}

async fn page(State(identity): State<Identity>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    identity.require_system(&caller, Action::JobRead)?;
    let (counts, dead) = identity
        .store()
        .read(|tx| Ok::<_, StoreError>((tx.job_counts()?, tx.dead_jobs(SHOWN_MAX)?)))
        .await?;
    let count = |n: u64| number(shell.lang, i64::try_from(n).unwrap_or(i64::MAX));
    let title = shell.text("tinhso-jobs");
    let table = Table::new(
        "/admin/jobs",
        "tinhso-jobs-caption",
        vec![
            Column::new("kind", "tinhso-jobs-kind"),
            Column::new("failed", "tinhso-jobs-failed"),
            Column::new("attempts", "tinhso-jobs-attempts").numeric(),
            Column::new("error", "tinhso-jobs-error"),
            Column::new("do", "").plain_on_phones(),
        ],
    )
    .empty("tinhso-jobs-empty");
    let rows: Vec<Row> = dead.iter().map(|job| row(&shell, job)).collect();
    Ok(Page::new(&shell, title.clone())
        .wide()
        .crumbs(vec![Crumb::new("/admin", shell.text("account-nav-admin"))])
        .body(html! {
            h1 { (title) }
            (facts(&[
                Fact::new(shell.text("tinhso-jobs-ready"), count(counts.ready)),
                Fact::new(shell.text("tinhso-jobs-running"), count(counts.running)),
                Fact::new(shell.text("tinhso-jobs-dead"), count(counts.dead)),
            ]))
            (table.render(&shell, &query, &rows, &Paging::All))
        }))
}

fn row(shell: &Shell, job: &DeadJob) -> Row {
    let failed = job.failed_at.map_or_else(String::new, |at| date_time(shell.lang, at));
    let button = |kind, act: &str, words: &str| {
        post_button(
            shell,
            kind,
            &format!("/admin/jobs/{}/{act}", job.id),
            &[],
            &shell.text(words),
        )
    };
    Row::new(vec![
        html! { code { (job.kind) } },
        html! { (failed) },
        html! { (job.attempts) },
        html! { (job.last_error) },
        html! { div.row {
            (button(ButtonKind::Main, "rerun", "tinhso-jobs-rerun"))
            (button(ButtonKind::Quiet, "drop", "tinhso-jobs-drop"))
        } },
    ])
}

async fn rerun(
    State(identity): State<Identity>,
    caller: Caller,
    Path(id): Path<Uuid>,
    _form: Submitted,
) -> Reply<Response> {
    act(&identity, &caller, JobId::from_uuid(id), "job.rerun").await
}

async fn drop_job(
    State(identity): State<Identity>,
    caller: Caller,
    Path(id): Path<Uuid>,
    _form: Submitted,
) -> Reply<Response> {
    act(&identity, &caller, JobId::from_uuid(id), "job.drop").await
}

/// Runs a job again or removes it, with an audit row in the same transaction.
async fn act(identity: &Identity, caller: &Caller, id: JobId, what: &'static str) -> Reply<Response> {
    identity.require_system(caller, Action::JobRun)?;
    let (now, who) = (identity.now(), caller.account().map_or(Actor::Nobody, Actor::Account));
    identity
        .store()
        .write(move |tx| {
            let done = if what == "job.rerun" {
                tx.rerun_job(id, now)?
            } else {
                tx.drop_dead_job(id)?
            };
            if !done {
                return Err(JobsPageError::Gone);
            }
            audit::append(tx, who, what, &id.to_string(), detail([]), now)?;
            Ok(())
        })
        .await?;
    Ok(with_notice(
        see_other("/admin/jobs").into_response(),
        "tinhso-notice-jobs-done",
    ))
}
