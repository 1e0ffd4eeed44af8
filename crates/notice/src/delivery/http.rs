//! The operator's page of deliveries (how each channel fares, what failed and why, another try), and the address at which
//! providers report. The page shows codes of dossiers and no recipient; a report is believed only with its signature.
//! Refuses bodies beyond 64 KiB.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use identity::audit::{self, Actor, detail};
use identity::routes::{Access, Routes, get, post};
use identity::session::http::with_notice;
use identity::{Action, Caller};
use kernel::{Dong, SignedDuration, Timestamp};
use maud::html;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use web::components::{self, ButtonKind, Crumb, Tone};
use web::table::{Column, Filter as Choice, Paging, Row, Table, TableQuery};
use web::{Json, Markup, Page, Reply, Shell, Submitted, format, see_other};

use super::report::{self, Taken};
use super::store::{self as table, Filter};
use super::{DeliveryId, LineState, Shown, State as Stands, rules};
use crate::channel::{Channel, Line};
use crate::config::{ReportConfig, secret};
use crate::error::NoticeError;
use crate::house::Notices;

const LIST: &str = "/admin/notices";
/// Deliveries of one page.
const PAGE_ROWS: i64 = 50;
/// Largest body of a report.
const REPORT_BYTES_MAX: usize = 64 * 1024;
/// Counts are of this time.
const COUNTED_DAYS: i64 = 7;
/// A delivery that is tried again is worth telling for this time more.
const WORTH: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn routes(routes: Routes<Notices>) -> Routes<Notices> {
    routes
        .page(get("/admin/notices", page), Access::Action(Action::JobRead))
        .page(post("/admin/notices/{id}/retry", retry), Access::Action(Action::JobRun))
        .api(routes!(reported), Access::Public)
}

/// What the page shows.
struct Overview {
    counts: Vec<(Channel, Stands, i64)>,
    lines: Vec<LineState>,
    rows: Vec<Shown>,
}

async fn page(State(notices): State<Notices>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    notices.identity().require_system(&caller, Action::JobRead)?;
    let shown = table_of(&shell);
    let filter = Filter {
        channel: query.chosen(&shown, "channel").and_then(|word| word.parse().ok()),
        state: query.chosen(&shown, "state").and_then(|word| word.parse().ok()),
        after: query.after_key().and_then(key_of),
    };
    let started = filter.after.is_some();
    let (now, channels) = (
        notices.now(),
        notices.lines().iter().map(|line| line.channel).collect::<Vec<_>>(),
    );
    let mut found = notices
        .store()
        .read(move |tx| {
            let lines = channels
                .iter()
                .map(|channel| table::line(tx, *channel))
                .collect::<Result<_, _>>()?;
            let counts = table::counts(tx, now - SignedDuration::from_hours(24 * COUNTED_DAYS))?;
            Ok::<_, NoticeError>(Overview {
                counts,
                lines,
                rows: table::list(tx, &filter, PAGE_ROWS + 1)?,
            })
        })
        .await?;
    let more = found.rows.len() > usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    found.rows.truncate(usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX));
    let next = found
        .rows
        .last()
        .filter(|_| more)
        .map(|last| format!("{}_{}", last.at.as_micros(), last.id));
    let may_retry = notices.identity().policy().somewhere(&caller, Action::JobRun);
    let rows: Vec<Row> = found.rows.iter().map(|one| row(&shell, one, may_retry)).collect();
    let title = shell.text("notice-admin-title");
    let paging = Paging::Keyset {
        started,
        next,
        total: None,
    };
    Ok(Page::new(&shell, title.clone())
        .wide()
        .crumbs(vec![Crumb::new("/admin", shell.text("account-nav-admin"))])
        .body(html! {
            h1 { (title) }
            @if notices.lines().is_empty() { (components::inset(&html! { (shell.text("notice-admin-no-channel")) })) }
            @else { (lines(&shell, &notices, &found, now)) }
            (shown.render(&shell, &query, &rows, &paging))
        }))
}

fn key_of(text: &str) -> Option<(Timestamp, DeliveryId)> {
    let (at, id) = text.split_once('_')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

fn table_of(shell: &Shell) -> Table {
    let channels = Channel::ALL
        .iter()
        .map(|one| (one.word().to_owned(), shell.text(&format!("notice-channel-{one}"))));
    let states = Stands::ALL
        .iter()
        .map(|one| (one.word().to_owned(), shell.text(&format!("notice-state-{one}"))));
    Table::new(
        LIST,
        "notice-admin-caption",
        vec![
            Column::new("at", "notice-admin-at"),
            Column::new("channel", "notice-admin-channel"),
            Column::new("kind", "notice-admin-kind"),
            Column::new("state", "notice-admin-state").plain_on_phones(),
            Column::new("tries", "notice-admin-tries").numeric(),
            Column::new("do", "").plain_on_phones(),
        ],
    )
    .filter(Choice::choice("channel", "notice-admin-channel", channels.collect()))
    .filter(Choice::choice("state", "notice-admin-state", states.collect()))
    .empty("notice-admin-empty")
}

/// How each channel fares, one row a channel: what stands where in the last seven days, what today costs, what is wrong.
fn lines(shell: &Shell, notices: &Notices, found: &Overview, now: Timestamp) -> Markup {
    let count = |channel: Channel, state: Stands| {
        let found = found.counts.iter().find(|(of, at, _)| *of == channel && *at == state);
        format::number(shell.lang, found.map_or(0, |(_, _, n)| *n))
    };
    let mut columns = vec![Column::new("channel", "notice-admin-channel")];
    columns.extend(
        Stands::ALL
            .iter()
            .map(|state| Column::new(state.word(), state_key(*state)).numeric()),
    );
    columns.extend([
        Column::new("cost", "notice-admin-cost").numeric(),
        Column::new("how", "notice-admin-how"),
    ]);
    let rows: Vec<Row> = notices
        .lines()
        .iter()
        .zip(&found.lines)
        .map(|(line, state)| {
            let mut cells = vec![html! { (shell.text(&format!("notice-channel-{}", line.channel))) }];
            cells.extend(Stands::ALL.iter().map(|at| html! { (count(line.channel, *at)) }));
            cells.push(cost(shell, line, state, now));
            cells.push(how(shell, line, state, now));
            Row::new(cells)
        })
        .collect();
    let shown = Table::new(LIST, "notice-admin-lines", columns);
    shown.render(shell, &TableQuery::default(), &rows, &Paging::All)
}

fn cost(shell: &Shell, line: &Line, state: &LineState, now: Timestamp) -> Markup {
    let spent = format::dong(shell.lang, Dong::new(rules::counted(state, now).spent_dong));
    match line.limits.per_day_dong_max {
        Some(most) => {
            let most = format::dong(shell.lang, Dong::new(most));
            html! { (shell.text_with("notice-admin-cost-of", &[("spent", spent.into()), ("most", most.into())])) }
        }
        None => html! { (spent) },
    }
}

fn how(shell: &Shell, line: &Line, state: &LineState, now: Timestamp) -> Markup {
    let counted = rules::counted(state, now);
    let over = line
        .limits
        .per_day_dong_max
        .is_some_and(|most| counted.spent_dong + line.limits.cost_dong > most);
    html! {
        @if let Some(until) = state.paused_until.filter(|until| now < *until) {
            (components::tag(Tone::Late, &shell.text("notice-admin-down"))) " "
            (shell.text_with("notice-admin-down-until", &[("at", format::time(until).into())]))
            @if let Some(error) = &state.last_error { br; span.small.muted lang="en" { (error) } }
        } @else if over {
            (components::tag(Tone::Soon, &shell.text("notice-admin-capped")))
        } @else {
            (components::tag(Tone::Ok, &shell.text("notice-admin-fine")))
        }
    }
}

const fn state_key(state: Stands) -> &'static str {
    match state {
        Stands::Queued => "notice-state-queued",
        Stands::Sending => "notice-state-sending",
        Stands::Sent => "notice-state-sent",
        Stands::Delivered => "notice-state-delivered",
        Stands::Failed => "notice-state-failed",
        Stands::Refused => "notice-state-refused",
        Stands::Skipped => "notice-state-skipped",
    }
}

fn row(shell: &Shell, one: &Shown, may_retry: bool) -> Row {
    let tone = match one.state {
        Stands::Delivered => Tone::Ok,
        Stands::Failed | Stands::Refused => Tone::Late,
        Stands::Queued | Stands::Sending | Stands::Sent | Stands::Skipped => Tone::Info,
    };
    Row::new(vec![
        html! { (format::date_time(shell.lang, one.at)) },
        html! { (shell.text(&format!("notice-channel-{}", one.channel))) },
        html! { code { (one.kind) } br; span.small.muted.whole { (one.reference) } },
        html! {
            (components::tag(tone, &shell.text(state_key(one.state))))
            @if let Some(reason) = one.reason { br; span.small { (shell.text(&format!("notice-reason-{reason}"))) } }
            @if let Some(detail) = &one.detail { br; span.small.muted lang="en" { (detail) } }
        },
        html! { (one.attempts) },
        html! { @if may_retry && rules::may_retry(one.state) {
            (components::post_button(shell, ButtonKind::Quiet, &format!("{LIST}/{}/retry", one.id), &[], &shell.text("notice-admin-retry")))
        } },
    ])
}

async fn retry(
    State(notices): State<Notices>,
    caller: Caller,
    Path(id): Path<Uuid>,
    _form: Submitted,
) -> Reply<Response> {
    notices.identity().require_system(&caller, Action::JobRun)?;
    let (id, now) = (DeliveryId::from_uuid(id), notices.now());
    let who = caller.account().map_or(Actor::Nobody, Actor::Account);
    notices
        .store()
        .write(move |tx| {
            let Some(channel) = table::retry(tx, id, now, now + WORTH)? else {
                return Err(NoticeError::Gone);
            };
            let words = detail([("channel", channel.word().to_owned())]);
            audit::append(tx, who, "notice.retry", &id.to_string(), words, now)?;
            Ok(())
        })
        .await?;
    Ok(with_notice(see_other(LIST).into_response(), "sending-notice-retried"))
}

/// What became of a call of reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedBody {
    /// Deliveries that it changed.
    changed: u32,
    /// Reports of what was known, or of nothing final.
    unchanged: u32,
    /// Reports about messages that are not ours.
    unknown: u32,
}

/// Report what became of messages that a provider took.
///
/// The body is the provider's own; the operator configures where id and state stand. It is signed: a header holds the
/// HMAC-SHA256 of time, dot and body under the shared secret. The same report again changes nothing.
#[utoipa::path(post, path = "/api/notices/reports/{channel}", tag = "notices",
    params(("channel" = String, Path, description = "`sms` or `zalo`")),
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = ReportedBody), (status = 403, description = "The signature does not hold, or is older than five minutes"),
        (status = 404, description = "No such channel, or none of the messages is known; send it again later")))]
async fn reported(
    State(notices): State<Notices>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply<Json<ReportedBody>> {
    let (channel, config) = set_up(&notices, &channel)?;
    if body.len() > REPORT_BYTES_MAX {
        return Err(NoticeError::Report.into());
    }
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let key = secret(&config.secret_file).map_err(NoticeError::Config)?;
    let now = notices.now();
    report::verify(
        &key,
        header(&config.timestamp_header),
        header(&config.signature_header),
        &body,
        now,
    )?;
    let reports = report::read(config, &body)?;
    let asked = reports.len();
    let taken: Taken = notices
        .store()
        .write(move |tx| report::take(tx, channel, &reports, now))
        .await?;
    // A report may overtake the row that says "sent"; who sends it again later finds it.
    if asked > 0 && usize::try_from(taken.unknown).unwrap_or(0) == asked {
        return Err(NoticeError::UnknownMessages.into());
    }
    let Taken {
        changed,
        unchanged,
        unknown,
    } = taken;
    Ok(Json(ReportedBody {
        changed,
        unchanged,
        unknown,
    }))
}

fn set_up<'a>(notices: &'a Notices, channel: &str) -> Result<(Channel, &'a ReportConfig), NoticeError> {
    let config = notices.config();
    let (channel, gateway) = match channel {
        "sms" => (Channel::Sms, &config.sms),
        "zalo" => (Channel::Zalo, &config.zalo),
        _ => return Err(NoticeError::NotSetUp),
    };
    let report = gateway
        .as_ref()
        .and_then(|gateway| gateway.report.as_ref())
        .ok_or(NoticeError::NotSetUp)?;
    Ok((channel, report))
}
