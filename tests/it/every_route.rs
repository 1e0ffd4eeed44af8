//! Every route, asked by every role at every kind of unit, and by nobody: what is not allowed is refused, what is allowed
//! never ends in an internal fault, and there is no route without an access. Who may do what is written down here again,
//! by hand: a policy that was widened by accident must not widen its own test.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use identity::routes::RouteEntry;
use identity::unit::UnitKind;
use identity::{Access, Action, Role};

use crate::harness::app::{Answer, Person, TestApp};

/// Officers' roles that may do an action to something. Citizens act on what is their own, on routes of their own.
fn may(action: Action) -> &'static [Role] {
    use Role::{Accountant, Admin, Auditor, Desk, Leader, Operator, Specialist, UnitAdmin};
    match action {
        Action::DossierList | Action::DossierRead => &[Desk, Specialist, Leader],
        Action::DossierSubmit | Action::DossierWithdraw => &[],
        Action::DossierSubmitFor | Action::DossierReceive | Action::DossierDeliver => &[Desk],
        Action::DossierRequestMore => &[Desk, Specialist, Leader],
        Action::DossierProcess => &[Specialist],
        Action::DossierAssign | Action::DossierApprove | Action::DossierStop => &[Leader],
        Action::DossierComment => &[Desk, Specialist, Leader],
        Action::WorkArrange | Action::RefundApprove => &[Leader],
        Action::SuccessionDecide => &[Leader, Admin],
        Action::DossierReport => &[Leader, Auditor],
        Action::PaperIssue => &[Leader],
        Action::TemplateManage => &[Admin],
        Action::PersonDisclose => &[Desk, Specialist, Leader],
        Action::PersonMerge => &[UnitAdmin, Admin],
        Action::PersonDecease => &[Leader],
        Action::PetitionFile => &[],
        Action::PetitionRegister => &[Desk],
        Action::PetitionList | Action::PetitionRead => &[Specialist, Leader],
        Action::PetitionHandle | Action::PetitionIdentity => &[Leader],
        Action::BillRead => &[Desk, Specialist, Leader, Accountant],
        Action::CashTake => &[Desk],
        Action::TillRead => &[Desk, Leader, Accountant],
        Action::BillCancel | Action::PaymentReconcile | Action::RefundOrder => &[Accountant],
        Action::PaymentSetupRead => &[Leader, Accountant, UnitAdmin, Admin],
        Action::PaymentManage => &[UnitAdmin, Admin],
        Action::RegisterRead => &[Desk, Specialist, Leader],
        Action::RegisterWrite | Action::RegisterImport => &[Specialist],
        Action::InterfaceManage => &[UnitAdmin],
        Action::OpenPublish => &[Leader],
        Action::OpenCatalogue => &[Specialist],
        Action::CatalogueManage | Action::UnitManage | Action::TariffManage => &[Admin],
        Action::UnitRead => &[Leader, UnitAdmin, Admin, Auditor],
        Action::AccountList => &[UnitAdmin, Admin, Auditor],
        Action::AccountManage | Action::RoleAssign => &[UnitAdmin, Admin],
        Action::PolicyRead => &[Admin, Auditor],
        Action::AuditRead | Action::AuditExport => &[Auditor],
        Action::JobRead | Action::JobRun | Action::SystemRead => &[Operator],
    }
}

/// Actions on the province's system as a whole: only a role at the province itself reaches so far.
fn is_of_the_whole(action: Action) -> bool {
    matches!(
        action,
        Action::PolicyRead
            | Action::PersonMerge
            | Action::TemplateManage
            | Action::AuditRead
            | Action::AuditExport
            | Action::JobRead
            | Action::JobRun
            | Action::SystemRead
    )
}

/// Who asks.
enum Who {
    Nobody,
    Citizen(Person),
    Officer(Role, UnitKind, Person),
}

impl Who {
    fn person(&self) -> Option<&Person> {
        match self {
            Who::Nobody => None,
            Who::Citizen(person) | Who::Officer(_, _, person) => Some(person),
        }
    }

    fn is_admitted(&self, access: Access) -> bool {
        match (access, self) {
            (Access::Public, _) => true,
            (_, Who::Nobody) => false,
            (Access::SignedIn, _) => true,
            (Access::Citizen, who) => matches!(who, Who::Citizen(_)),
            (Access::Officer, who) => matches!(who, Who::Officer(..)),
            (Access::Action(_), Who::Citizen(_)) => false,
            (Access::Action(action), Who::Officer(role, kind, _)) => {
                may(action).contains(role) && (*kind == UnitKind::Province || !is_of_the_whole(action))
            }
        }
    }
}

/// Every role at every kind of unit, a citizen, nobody.
async fn everybody(app: &TestApp) -> Vec<Who> {
    let mut all = vec![
        Who::Nobody,
        Who::Citizen(app.citizen("Trần Thị Bưởi", "042190000017").await),
    ];
    // A province of today has no districts.
    let today = app.app.identity.now().local_date();
    for kind in UnitKind::ALL.into_iter().filter(|kind| kind.is_opened_on(today)) {
        let unit = app.unit(kind);
        for role in Role::ALL {
            let name = format!("{}.{}", role.name(), kind.as_str());
            all.push(Who::Officer(*role, kind, app.officer(&name, *role, unit).await));
        }
    }
    all
}

/// The path with something in place of each part: ids of nothing, codes of nothing.
fn filled(path: &str) -> String {
    let piece = |piece: &str| match piece.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        None => piece.to_owned(),
        Some("code") => "1.000000".to_owned(),
        Some("step") => "1".to_owned(),
        Some(rest) if rest.starts_with('*') => "nothing".to_owned(),
        Some(_) => "0197e0a0-0000-7000-8000-000000000000".to_owned(),
    };
    path.split('/').map(piece).collect::<Vec<_>>().join("/")
}

/// Asks with a form token of nobody, which the guard never sees; where a handler decides for itself, it comes after the
/// token is checked, and the request is made again with the right one.
async fn ask(app: &TestApp, who: &Who, route: &RouteEntry) -> Answer {
    let answer = ask_with(app, who, route, "").await;
    if answer.code().as_deref() != Some("form-token") || who.is_admitted(route.access) {
        return answer;
    }
    let token = app.form_token(who.person()).await;
    ask_with(app, who, route, &format!("&_csrf={token}")).await
}

async fn ask_with(app: &TestApp, who: &Who, route: &RouteEntry, token: &str) -> Answer {
    let method: Method = route.method.parse().unwrap();
    let request = Request::builder()
        .method(method)
        .uri(filled(&route.path))
        .header(header::ACCEPT, "application/problem+json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, app.app.config.base_url())
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(format!("_once=0197e0a0-0000-7000-8000-000000000001{token}")))
        .unwrap();
    app.send(who.person(), request).await
}

/// Whether the guard refused: a handler's own refusals carry other codes.
fn is_refused(answer: &Answer) -> bool {
    let to_sign_in = answer.status.is_redirection() && answer.location().starts_with("/sign-in");
    let by_policy = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        && answer.code().is_some_and(|code| code.starts_with("policy-"));
    to_sign_in || by_policy
}

/// Signing in sends on to where one wanted to go, by itself.
fn sends_to_sign_in_by_itself(route: &RouteEntry) -> bool {
    route.path.starts_with("/sign-in") || route.path.starts_with("/sign-out") || route.path.starts_with("/simulated")
}

async fn walk(engine: ::store::EngineKind) {
    let Some(app) = TestApp::start(engine).await else {
        return;
    };
    let table = app.app.identity.route_table();
    assert!(table.len() > 40, "only {} routes are in the table", table.len());
    let everybody = everybody(&app).await;
    let mut faults = Vec::new();
    for route in table.iter().filter(|route| !sends_to_sign_in_by_itself(route)) {
        for who in &everybody {
            let answer = ask(&app, who, route).await;
            let name = who.person().map_or("nobody", |person| person.name.as_str());
            let wanted = who.is_admitted(route.access);
            let line = format!(
                "{} {} ({:?}) as {name}: {}",
                route.method, route.path, route.access, answer.status
            );
            if answer.status.is_server_error() {
                faults.push(format!("{line}, an internal fault: {}", answer.text()));
            } else if wanted == is_refused(&answer) {
                let what = if wanted {
                    "refused, should be admitted"
                } else {
                    "admitted, should be refused"
                };
                faults.push(format!("{line}, {what} (code {:?})", answer.code()));
            }
        }
    }
    let shown = faults.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        faults.is_empty(),
        "{} of {} answers are wrong:\n{shown}",
        faults.len(),
        table.len() * everybody.len()
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_as_every_role_on_sqlite() {
    walk(::store::EngineKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_as_every_role_on_postgres() {
    walk(::store::EngineKind::Postgres).await;
}

/// What the program serves and what the table knows must be the same: a handler that was mounted beside the table would
/// answer without a guard. Paths of the table are known by their guard; anything else must not exist.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_mounted_beside_the_table() {
    let Some(app) = TestApp::start(::store::EngineKind::Sqlite).await else {
        return;
    };
    for path in [
        "/admin",
        "/api",
        "/internal",
        "/debug",
        "/.env",
        "/.git/config",
        "/data/",
        "/static/../Cargo.toml",
    ] {
        let answer = app.get(None, path).await;
        let known = app.app.identity.route_table().iter().any(|route| route.path == path);
        assert!(
            known || answer.status == StatusCode::NOT_FOUND || is_refused(&answer),
            "{path}: {}",
            answer.status
        );
    }
    for route in app.app.identity.route_table() {
        let answer = app
            .send(
                None,
                Request::builder()
                    .method("TRACE")
                    .uri(filled(&route.path))
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        assert!(
            !answer.status.is_success(),
            "TRACE {} answers {}",
            route.path,
            answer.status
        );
    }
    app.stop().await;
}
