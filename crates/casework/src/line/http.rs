//! How a form goes through the line: at once where there is room, otherwise held until its turn, and after a moment the page that
//! tells the place. The page looks again by a header, so that it needs no script; looking is one look into memory. Whoever closes
//! it is not forgotten: what was sent is worked on in its turn.

pub(crate) mod held;

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use identity::Caller;
use identity::routes::{Access, Routes, get};
use kernel::ErrorKind;
use maud::{Markup, html};
use tokio::sync::oneshot;
use uuid::Uuid;
use web::{Failure, Page, Reply, Shell, Submitted, components, see_other};

use super::{Class, Line, NoTurn, Place, Turn};
use crate::Casework;
use crate::draft::http::citizen;
use held::{Answer, Asked, Look, Work};

/// How long an answer is waited for before the page is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a turn is waited for with the connection open.
const STANDS: Duration = if cfg!(test) {
    Duration::from_millis(500)
} else {
    Duration::from_secs(10)
};

/// What the store says when no more writes can wait.
const BUSY: &str = "store-busy";

/// How often one more write is tried that found no room, and how long between: all of it under a turn, so that fewer come after.
const BUSY_TRIES: u32 = 40;
const BUSY_PAUSE: Duration = Duration::from_millis(250);

/// The longest work of one turn, all tries together.
const WORK_MAX: Duration = Duration::from_secs(60);

/// Registers the page of who waits.
#[must_use]
pub(crate) fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(get("/my/line/{id}", show), Access::Citizen)
}

/// Does `work` when it is its turn: now, if there is room. Otherwise the answer is the page that tells the place.
pub(crate) async fn through(
    house: &Casework,
    shell: &Shell,
    caller: &Caller,
    (submitted, class, action): (&Submitted, Class, &str),
    work: Work,
) -> Answer {
    let line = house.line();
    if let Some(turn) = line.turn(house.now()) {
        let waited = wait_for_a_processor(house).await;
        let answer = worked(house, &work).await;
        turn.done(house.now(), waited);
        return answer;
    }
    let (once, account) = (submitted.once, citizen(caller)?.account());
    let asked = Asked {
        once,
        account,
        bytes: submitted.texts().map(|(name, value)| name.len() + value.len()).sum(),
        back: action.to_owned(),
    };
    match line.take_in(asked, class, work, house.now()) {
        Err(_) => return Ok(full(shell, action, submitted, line.behind_all())),
        Ok(None) => {}
        Ok(Some(turn)) => {
            let mut task = tokio::spawn(in_turn(house.clone(), once, turn));
            if let Some(_patient) = line.patient() {
                let _ = tokio::time::timeout(PATIENCE, &mut task).await;
            }
        }
    }
    look(line, shell, (once, account))
}

/// Does `work` in its turn while its sender waits with the connection open: for what is not held in memory, because files came with it
/// or because a program sent it, which looks at no page.
///
/// # Errors
/// Where the turn does not come in time: her place, with nothing done.
pub(crate) async fn within<T>(house: &Casework, class: Class, work: impl Future<Output = T>) -> Result<T, NoTurn> {
    let turn = match house.line().turn(house.now()) {
        Some(turn) => turn,
        None => turn_in_time(house, class).await?,
    };
    let waited = wait_for_a_processor(house).await;
    let done = work.await;
    turn.done(house.now(), waited);
    Ok(done)
}

async fn turn_in_time(house: &Casework, class: Class) -> Result<Turn, NoTurn> {
    let line = house.line();
    let Some((standing, told)) = line.stand(class, house.now()) else {
        return Err(line.behind_all().into());
    };
    match tokio::time::timeout(STANDS, told).await {
        Ok(Ok(turn)) => Ok(turn),
        // A turn that comes at this very moment goes to the next one.
        Ok(Err(_)) | Err(_) => Err(standing.place().into()),
    }
}

/// Waits for the turn and does the work, whether or not anybody looks.
async fn in_turn(house: Casework, once: Uuid, turn: oneshot::Receiver<Turn>) {
    let Ok(turn) = turn.await else { return };
    let Some(work) = house.line().begin(once) else { return };
    let waited = wait_for_a_processor(&house).await;
    let mut finish = Finish {
        house: &house,
        once,
        answer: None,
    };
    let too_long = |_| Err(Failure::new(ErrorKind::Unavailable, "timeout"));
    let answer = tokio::time::timeout(WORK_MAX, worked(&house, &work)).await;
    finish.answer = Some(answer.unwrap_or_else(too_long));
    drop(finish);
    turn.done(house.now(), waited);
}

/// Tells the line what was answered, even when the work broke off.
struct Finish<'a> {
    house: &'a Casework,
    once: Uuid,
    answer: Option<Answer>,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let broken = || Err(Failure::internal("the work of a held submission broke off"));
        let answer = self.answer.take().unwrap_or_else(broken);
        self.house.line().finish(self.once, answer, self.house.now());
    }
}

/// Goes to the end of the tasks that want a processor; says how long that took.
async fn wait_for_a_processor(house: &Casework) -> kernel::SignedDuration {
    let from = house.now();
    tokio::task::yield_now().await;
    house.now().since(from)
}

/// Does the work, again when the engine had no room for one more write.
async fn worked(house: &Casework, work: &Work) -> Answer {
    for _ in 0..BUSY_TRIES {
        match work().await {
            Err(failure) if failure.code() == BUSY => {
                house.line().choke();
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            answer => return answer,
        }
    }
    work().await
}

/// What became of it: its answer, the page of the place, or that nobody knows it.
fn look(line: &Line, shell: &Shell, (once, account): (Uuid, identity::AccountId)) -> Answer {
    Ok(match line.look(once, account) {
        Look::Answered(answer) => return answer,
        Look::Led(to) => see_other(&to),
        Look::Waits(ticket) => waiting(shell, once, line.place(ticket)),
        Look::Works => {
            let now = Place {
                before: 0,
                again_s: 1,
                about_s: Some(0),
            };
            waiting(shell, once, now)
        }
        Look::Unknown => over(shell).into_response(),
    })
}

async fn show(State(house): State<Casework>, shell: Shell, caller: Caller, Path(id): Path<String>) -> Reply<Response> {
    let account = citizen(&caller)?.account();
    let once = id.parse().map_err(|_| Failure::not_found())?;
    look(house.line(), &shell, (once, account))
}

/// The page of who waits.
fn waiting(shell: &Shell, once: Uuid, place: Place) -> Response {
    let path = format!("/my/line/{once}");
    let page = Page::new(shell, shell.text("line-wait-title")).body(told(shell, &path, place));
    let mut response = page.status(StatusCode::ACCEPTED).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&format!("{}; url={path}", place.again_s)) {
        headers.insert(header::REFRESH, value);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from(place.again_s));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn told(shell: &Shell, path: &str, place: Place) -> Markup {
    html! {
        h1 { (shell.text("line-wait-title")) }
        p.lead role="status" { strong { (before(shell, place)) } }
        @if let Some(about) = place.about_s.filter(|_| place.before > 0) { p { (about_words(shell, about)) } }
        (components::inset(&html! {
            p { (shell.text("line-held")) }
            p { (shell.text("line-may-leave")) }
        }))
        p { a.btn.quiet href=(path) { (shell.text("line-look")) } }
        p.hint { (shell.text_with("line-by-itself", &[("seconds", i64::from(place.again_s).into())])) }
    }
}

fn before(shell: &Shell, place: Place) -> String {
    let before = i64::try_from(place.before).unwrap_or(i64::MAX);
    shell.text_with("line-before", &[("count", before.into())])
}

fn about_words(shell: &Shell, seconds: u32) -> String {
    let minutes = i64::from(seconds.div_ceil(60));
    shell.text_with("line-about", &[("minutes", minutes.into())])
}

/// The page of who comes while the line is full: nothing is held, so that the page carries what was typed.
fn full(shell: &Shell, action: &str, submitted: &Submitted, place: Place) -> Response {
    let typed = submitted
        .texts()
        .filter(|(name, _)| !matches!(*name, "_csrf" | "_once"));
    let body = html! {
        h1 { (shell.text("line-full-title")) }
        p.lead role="status" { (before(shell, place)) }
        p { (shell.text("line-kept")) }
        form method="post" action=(action) data-again=(place.again_s) {
            input type="hidden" name="_csrf" value=(shell.csrf);
            input type="hidden" name="_once" value=(submitted.once);
            @for (name, value) in typed { input type="hidden" name=(name) value=(value); }
            button.btn type="submit" { (shell.text("line-again")) }
        }
    };
    let page = Page::new(shell, shell.text("line-full-title")).body(body);
    let mut response = page.status(StatusCode::SERVICE_UNAVAILABLE).into_response();
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(place.again_s));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page of who asks for a place that nobody knows any more: the answer was fetched long ago, or the program began anew.
fn over(shell: &Shell) -> Page {
    let body = html! {
        h1 { (shell.text("line-over-title")) }
        p.lead { (shell.text("line-over")) }
        ul {
            li { a href="/my/dossiers" { (shell.text("line-over-dossiers")) } }
            li { a href="/my/drafts" { (shell.text("line-over-drafts")) } }
        }
    };
    Page::new(shell, shell.text("line-over-title"))
        .status(StatusCode::NOT_FOUND)
        .body(body)
}
