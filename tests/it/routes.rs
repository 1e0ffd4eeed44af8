//! Nobody reaches what policy does not give her: every registered route, asked as everybody there can be, against a matrix
//! that is written down here once more by hand, so that a policy that grew by mistake fails. Behind the routes, things that
//! are somebody else's are not found. (A route without an access cannot be registered; that none goes round the table is
//! read from the sources.)

use std::collections::BTreeSet;

use identity::routes::RouteEntry;
use identity::session::{Level, SessionToken};
use identity::unit::UnitKind;
use identity::{Access, AccountId, Action, Role};
use reqwest::{Method, StatusCode};
use testkit::ManualWorld;
use uuid::Uuid;
use web::csrf::Token;

use crate::harness::repository;
use crate::support::people::{citizen, officer, units_of};
use crate::support::{Answer, Province, Site, Visitor};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    Citizen,
    Officer(Role),
}

/// What each role may do somewhere. The law behind it is in the policies; this is what a person reads there.
fn may(role: Role) -> &'static [Action] {
    use Action as A;
    match role {
        Role::Desk => {
            &[A::DossierList, A::DossierRead, A::DossierSubmitFor, A::PersonDisclose, A::DossierReceive, A::DossierRequestMore, A::DossierDeliver]
        }
        Role::Specialist => &[A::DossierList, A::DossierRead, A::PersonDisclose, A::DossierProcess, A::DossierRequestMore],
        Role::Leader => &[
            A::DossierList,
            A::DossierRead,
            A::DossierReport,
            A::PersonDisclose,
            A::UnitRead,
            A::DossierAssign,
            A::DossierApprove,
            A::DossierStop,
            A::DossierRequestMore,
        ],
        Role::UnitAdmin => &[A::UnitRead, A::AccountList, A::AccountManage, A::RoleAssign],
        Role::Admin => {
            &[A::UnitRead, A::UnitManage, A::AccountList, A::AccountManage, A::RoleAssign, A::CatalogueManage, A::PolicyRead]
        }
        Role::Auditor => &[A::PolicyRead, A::AuditRead, A::AuditExport, A::AccountList, A::UnitRead, A::DossierReport],
        Role::Operator => &[A::JobRead, A::JobRun, A::SystemRead],
    }
}

const CITIZEN: &[Action] = &[Action::DossierList, Action::DossierRead, Action::DossierSubmit, Action::DossierWithdraw];

fn is_admitted(access: Access, who: Who) -> bool {
    match (access, who) {
        (Access::Public, _) => true,
        (_, Who::Nobody) => false,
        (Access::SignedIn, _) => true,
        (Access::Citizen, who) => who == Who::Citizen,
        (Access::Officer, who) => who != Who::Citizen,
        (Access::Action(action), Who::Citizen) => CITIZEN.contains(&action),
        (Access::Action(action), Who::Officer(role)) => may(role).contains(&action),
    }
}

/// An account and how it is to be treated.
struct Asker {
    who: Who,
    at: String,
    account: Option<AccountId>,
}

async fn askers(site: &Site) -> Vec<Asker> {
    let citizen = citizen(&site.app, 1).await;
    let mut all = vec![
        Asker { who: Who::Nobody, at: String::new(), account: None },
        Asker { who: Who::Citizen, at: String::new(), account: Some(citizen.account) },
    ];
    for kind in [UnitKind::Province, UnitKind::Department, UnitKind::Commune, UnitKind::Desk, UnitKind::Division] {
        let unit = units_of(&site.app, kind)[0];
        for &role in Role::ALL {
            let login = format!("{}.{kind:?}", role.name()).to_lowercase();
            let person = officer(&site.app, &login, role, unit).await;
            all.push(Asker { who: Who::Officer(role), at: format!("{kind:?}"), account: Some(person.account) });
        }
    }
    all
}

/// Puts a value for each part of a path that is nothing of anybody's.
fn concrete(path: &str, world: &ManualWorld) -> String {
    let parts = path.split('/').map(|part| match part {
        "{code}" | "{procedure}" => "1.003677".to_owned(),
        "{provider}" => "khong-co".to_owned(),
        "{step}" => "who".to_owned(),
        "{action}" => "receive".to_owned(),
        "{register}" => "received".to_owned(),
        part if part.starts_with('{') => kernel::id::uuid_v7(world).to_string(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Asks with a session of its own, whose form token is right: what is refused is refused for want of rights.
async fn ask(site: &Site, world: &ManualWorld, asker: &Asker, route: &RouteEntry) -> Answer {
    let (visitor, csrf) = match asker.account {
        Some(account) => {
            let token = site.app.identity.mint_session(account, Level::PasswordTotp).await.unwrap();
            (Visitor::signed_in(site.url(), &token), form_token(&token, world))
        }
        None => {
            let visitor = site.visitor();
            let page = visitor.page("/sign-in").await;
            let hidden = page.form("/sign-in").hidden;
            (visitor, hidden.iter().find(|(name, _)| name == "_csrf").unwrap().1.clone())
        }
    };
    let path = concrete(&route.path, world);
    let method: Method = if route.method == "ANY" { Method::POST } else { route.method.parse().unwrap() };
    let request = visitor.request(method.clone(), &path);
    let once = kernel::id::uuid_v7(world).to_string();
    visitor
        .send(match (method == Method::GET, path.starts_with("/api/")) {
            (true, _) => request,
            (false, true) => request.header("content-type", "application/json").body("{}"),
            (false, false) => request.form(&[("_csrf", csrf), ("_once", once)]),
        })
        .await
}

fn form_token(token: &SessionToken, world: &ManualWorld) -> String {
    Token::of(&hex::decode(token.reveal()).unwrap()).mask(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_every_route_as_everybody_at_every_kind_of_unit() {
    let province = Province::sqlite().await;
    let world = ManualWorld::new();
    let site = province.serve(world.clone()).await;
    let table = site.app.identity.route_table();
    assert!(table.len() > 60, "only {} routes are in the table", table.len());
    let mut wrong = Vec::new();
    let (mut asked, mut refused) = (0, 0);
    for asker in askers(&site).await {
        for route in &table {
            let answer = ask(&site, &world, &asker, route).await;
            asked += 1;
            let admitted = is_admitted(route.access, asker.who);
            refused += usize::from(!admitted);
            let fits = match admitted {
                // 403 may come from the thing itself; being sent to sign in may not, unless that is what the page does.
                true => answer.status != StatusCode::UNAUTHORIZED && (asker.who == Who::Nobody || !sent_to_sign_in(&answer, route)),
                false => answer.is_refused(),
            };
            if !fits || answer.status.is_server_error() {
                let ends = (route.method.as_str(), route.path.as_str());
                wrong.push(format!("{:?} {} {ends:?} {:?}: {}", asker.who, asker.at, route.access, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    testkit::say(&format!("{asked} requests to {} routes, {refused} of them to be refused", table.len()));
    site.close().await;
}

fn sent_to_sign_in(answer: &Answer, route: &RouteEntry) -> bool {
    let own = route.path.starts_with("/sign-in") || route.path == "/sign-out" || route.access == Access::Public;
    !own && answer.status.is_redirection() && answer.location().starts_with("/sign-in?")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_all_there_is() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let table: BTreeSet<(String, String)> =
        site.app.identity.route_table().into_iter().map(|route| (route.method, route.path)).collect();
    assert_eq!(table.len(), site.app.identity.route_table().len(), "no route is registered twice");
    // Each operation of the published document is guarded by a row of the table, and each row below /api is published.
    let document = site.visitor().page("/openapi.json").await.json();
    let mut published = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| ["get", "post", "put", "patch", "delete"].contains(&key.as_str())) {
            published.insert((method.to_uppercase(), path.clone()));
        }
    }
    assert!(published.len() >= 5, "{published:?}");
    assert!(published.is_subset(&table), "published and not guarded: {:?}", published.difference(&table));
    let api: BTreeSet<_> = table.iter().filter(|(_, path)| path.starts_with("/api/")).cloned().collect();
    assert!(api.is_subset(&published), "guarded and not published: {:?}", api.difference(&published));
    let visitor = site.visitor();
    for path in ["/khong-co", "/admin/khong-co", "/api/khong-co", "/desk/a/b/c/d", "/.git/config", "/my/../../etc/passwd"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // Methods that a route was not registered for.
    for (method, path) in [(Method::DELETE, "/my/dossiers"), (Method::PUT, "/desk"), (Method::PATCH, "/")] {
        let answer = visitor.send(visitor.request(method, path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    site.close().await;
}

/// Where an axum router may be built by hand, and why.
const BY_HAND: &[(&str, &str)] = &[
    ("crates/identity/src/routes/http.rs", "the guarded router itself"),
    ("crates/identity/src/routes/tests.rs", "its tests"),
    ("crates/identity/src/simulated_provider/", "mounted in the demo alone, where everybody may be anybody"),
    ("crates/web/src/assets.rs", "style sheets, scripts and fonts"),
    ("crates/web/src/gallery/", "a page of samples that the program does not mount"),
    ("crates/web/src/frame.rs", "the answer to unknown paths"),
];

#[test]
fn no_route_goes_round_the_table() {
    let root = repository();
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root.join("crates")) {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let is_ours = ["identity", "casework", "web", "tinhso"].iter().any(|room| name.starts_with(&format!("crates/{room}/src/")));
        if !is_ours || !name.ends_with(".rs") || BY_HAND.iter().any(|(place, _)| name.starts_with(place)) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        // Tests at the end of a file build what they like.
        let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for call in [".route(", ".route_service(", ".nest(", ".nest_service(", ".fallback("] {
            if program.contains(call) {
                found.push(format!("{name}: {call}"));
            }
        }
    }
    assert!(found.is_empty(), "register these with `Routes`, which asks for an access: {found:#?}");
    for (place, _) in BY_HAND {
        assert!(root.join(place).exists(), "{place} is gone; so must its exception be");
    }
}

#[test]
fn an_unknown_id_is_an_unknown_id() {
    // `concrete` must put something into every part: a route asked with a brace in it proves nothing.
    let world = ManualWorld::with_seed(1);
    let path = concrete("/my/drafts/{id}/{step}", &world);
    let parts: Vec<&str> = path.split('/').collect();
    assert!(parts[3].parse::<Uuid>().is_ok() && parts[4] == "who", "{path}");
}
