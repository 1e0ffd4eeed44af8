//! Every page of the program in a real browser: as a citizen, as each kind of officer, and as nobody; on a dark telephone
//! without scripts in Vietnamese and a light desk with them in English. Each is held to axe, to the width of the screen, to
//! one title and to its language. The pages are those of the route table: each is found by following links, as a person
//! does, or is named here with its reason; a page that is neither fails the test.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use identity::account::{By, NewOfficer, NewRole};
use identity::unit::UnitKind;
use identity::{Role, UnitId};
use reqwest::StatusCode;
use tinhso::App;
use tinhso::world::RealWorld;

use crate::harness::browser::{Browser, Screen};
use crate::support::filing::{self, PDF};
use crate::support::people::{self, PASSWORD};
use crate::support::{Person, Province, Site, Staff, Visitor, html};
use crate::support::{money, petitions, processes, registers};

/// GET routes that are no pages of their own.
const NO_PAGES: &[(&str, &str)] = &[
    ("/healthz", "for machines"),
    ("/readyz", "for machines"),
    ("/metrics", "for machines"),
    ("/map/tiles/{system}/{kind}", "for machines"),
    ("/map/tiles/{system}/{kind}/{z}/{x}/{y}", "for machines"),
    ("/map/areas/{tier}/{z}/{x}/{y}", "for machines"),
    ("/map/base/{z}/{x}/{y}", "for machines"),
    ("/map/search", "for machines"),
    ("/map/records/{system}/{kind}", "for machines"),
    ("/account/stay", "an empty answer that prolongs the session"),
    ("/admin/audit/export", "a download"),
    ("/desk/export.csv", "a download"),
    ("/desk/dossiers/{id}/files/{file}", "a download"),
    ("/desk/child-dossiers/{id}/files/{file}", "a download"),
    ("/my/dossiers/{id}/files/{file}", "a download"),
    ("/my/drafts/{id}/files/{file}", "a download"),
    ("/desk/papers/{id}", "a PDF"),
    ("/my/dossiers/{id}/papers/{paper}", "a PDF"),
    ("/admin/templates/{name}/sample.pdf", "a PDF"),
    ("/desk/figures/export/{kind}", "a download"),
    ("/desk/petitions/export/{kind}", "a download"),
    ("/desk/petitions/{id}/files/{file}", "a download"),
    ("/my/petitions/{id}/files/{file}", "a download"),
    ("/desk/register/{register}/export/{kind}", "a download"),
    ("/report/export/{kind}", "a download"),
    ("/registers/{system}/{kind}/import/{batch}/faults", "a download"),
    ("/report/rows/{set}/export/{kind}", "a download"),
    ("/log/checkpoint", "for machines"),
    ("/log/tile/{*path}", "for machines"),
    ("/log/proofs/{index}", "a download"),
    ("/catalog.ttl", "for machines"),
    ("/catalog.jsonld", "for machines"),
    ("/ogc/tileMatrixSets", "for machines"),
    ("/ogc/tileMatrixSets/{tileMatrixSetId}", "for machines"),
    ("/data/{name}/dcat.ttl", "for machines"),
    ("/data/{name}/dcat.jsonld", "for machines"),
    ("/data/{name}/datapackage.json", "for machines"),
    ("/data/{name}/files/{file}", "a download"),
    ("/data/changes.atom", "a feed"),
    ("/data/sitemap.xml", "for machines"),
    ("/notices/push.js", "a script"),
    ("/notices/worker.js", "a script"),
    ("/desk/offline/worker.js", "a script"),
    ("/desk/offline/app.webmanifest", "a manifest"),
    ("/my/drafts/{id}", "leads on to the step at which one stopped"),
    ("/sign-in/oidc/{provider}", "leads on to the provider"),
    (
        "/sign-in/oidc/{provider}/callback",
        "leads on to where one wanted to go",
    ),
];

/// Pages in the middle of signing in; [`walk_sign_in`] opens them: sign-in name, page.
const IN_SIGN_IN: [(&str, &str); 3] = [
    ("motma", "/sign-in/code"),
    ("moimatkhau", "/sign-in/new-password"),
    ("chuacai", "/sign-in/second-factor"),
];

/// Pages of the program beside the table, and pages that say no: address, who asks, what is answered.
const MORE: [(&str, &str, StatusCode); 9] = [
    (
        "citizen",
        "/my/line/00000000-0000-7000-8000-000000000000",
        StatusCode::NOT_FOUND,
    ),
    ("nobody", "/docs/api", StatusCode::OK),
    ("nobody", "/procedures?q=khong-co-gi-nhu-vay", StatusCode::OK),
    ("nobody", "/track?code=H27.1", StatusCode::UNPROCESSABLE_ENTITY),
    ("nobody", "/khong-co", StatusCode::NOT_FOUND),
    ("motcua", "/admin/audit", StatusCode::FORBIDDEN),
    ("motcua", "/desk?state=received&tab=overdue", StatusCode::OK),
    ("motcua", "/desk/intake?procedure=1.001193", StatusCode::OK),
    ("motcua", "/desk/intake?q=khai+sinh", StatusCode::OK),
];

/// Where programs are led, and people only when they ask: they find the same on the page of the collection.
const OF_PROGRAMS: &[&str] = &[
    "/ogc/collections/trees.tree/queryables",
    "/ogc/collections/trees.tree/tiles",
    "/ogc/collections/trees.tree/tiles/WebMercatorQuad",
];

/// How many addresses of one kind are asked for before it is given up: the first ones may be refused.
const TRIES: usize = 12;

/// Somebody who looks round, beginning where she begins.
struct Looker {
    name: &'static str,
    cookie: Option<String>,
    visitor: Visitor,
    begins: Vec<String>,
}

/// One page to be opened.
#[derive(Debug, Clone)]
struct Sample {
    who: usize,
    path: String,
    status: StatusCode,
}

async fn open_officer(app: &App, login: &str, role: Role, unit: UnitId, must_change: bool) -> identity::AccountId {
    let new = NewOfficer {
        login: login.to_owned(),
        name: format!("Cán bộ {login}"),
        password: Some(PASSWORD.to_owned()),
        must_change,
        role: NewRole {
            role,
            unit,
            valid_from: None,
            valid_to: None,
            reason: "QĐ 01/2026".to_owned(),
        },
    };
    app.identity.open_officer(&By::System, new).await.unwrap().account
}

/// Those who stop in the middle of signing in.
async fn open_half_way(app: &App, commune: UnitId, province: UnitId) {
    let with_code = open_officer(app, IN_SIGN_IN[0].0, Role::Desk, commune, false).await;
    app.identity.enrol_second_factor(with_code).await.unwrap();
    open_officer(app, IN_SIGN_IN[1].0, Role::Desk, commune, true).await;
    open_officer(app, IN_SIGN_IN[2].0, Role::Operator, province, false).await;
}

async fn act(who: &Visitor, id: &str, action: &str, fields: &[(&str, &str)]) {
    let files: &[(&str, &[u8])] = if action == "propose" {
        &[("ket-qua.pdf", PDF)]
    } else {
        &[]
    };
    let answer = filing::act(who, id, action, fields, files).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{action}: {}", answer.words());
}

/// Seven dossiers of one citizen at seven places of the way, a draft and a dossier of which another agency is asked, whose paths are given, and a claim that differs from the
/// record.
async fn busy(site: &Site, staff: &Staff, citizen: &Person, citizen_at: &Visitor) -> (String, String) {
    let mut asked = String::new();
    let url = site.url();
    let (desk, specialist, leader) = (staff.desk.at(url), staff.specialist.at(url), staff.leader.at(url));
    let officer = staff.specialist.account.to_string();
    for place in 0..7 {
        let id = filing::quick(citizen_at, citizen, staff.commune, "Đi làm xa")
            .await
            .to_string();
        if place == 1 {
            act(
                &desk,
                &id,
                "ask-supplement",
                &[
                    ("what-1", "Thiếu ảnh"),
                    ("remedy-1", "Chụp lại"),
                    ("clause-1", "Điều 16"),
                    ("example-1", "Ảnh 3 × 4"),
                ],
            )
            .await;
            continue;
        }
        if place >= 2 {
            act(&desk, &id, "receive", &[("days", "3")]).await;
            act(&leader, &id, "assign", &[("officer", &officer)]).await;
        }
        if place == 6 {
            // Another agency is asked, and nothing follows yet.
            processes::ask_another(&specialist, &id).await;
            asked = format!("/desk/dossiers/{id}");
            continue;
        }
        if place == 2 || place == 3 {
            // One bill waits; the other is paid in cash.
            act(&specialist, &id, "ask-fee", &[("note", "Nộp trong tuần này")]).await;
        }
        if place == 3 {
            act(&desk, &id, "confirm-fee", &[]).await;
        }
        if place >= 3 {
            act(&specialist, &id, "propose", &[("outcome", "granted")]).await;
        }
        if place >= 4 {
            act(&leader, &id, "approve", &[]).await;
            crate::papers::issue_result(&leader, &id).await;
        }
        if place >= 5 {
            let taken = [("delivery", "pick-up"), ("taken-by", "Người nộp"), ("proof", "receipt")];
            act(&desk, &id, "return", &taken).await;
        }
    }
    crate::walk_in::take_in(&desk, staff.commune, "042190410001").await;
    crate::walk_in::take_number(&desk).await;
    let page = citizen_at.page("/my/dossiers").await;
    assert!(
        page.words().contains("chưa đọc"),
        "the masthead counts what is unread: {}",
        page.words()
    );
    a_letter_waits(site, staff, citizen).await;
    let draft = filing::begin(citizen_at, super::support::province::ABSENCE).await;
    let mut claim = people::claimed(1);
    claim.name = "Nguyễn Thị Tên Khác".to_owned();
    // Who claims another name is turned away, and an officer is asked.
    assert!(site.app.identity.open_citizen(&claim).await.is_err());
    (draft, asked)
}

/// The figures of what happened until now, and a report of them that was kept.
async fn keep_a_report(site: &Site, leader: &Visitor) {
    site.app.indicators.rebuild(|_| {}).await.unwrap();
    let page = leader.page("/report").await;
    let text = page.text();
    let action = text.split("action=\"/report/kept?").nth(1).unwrap();
    let action = action.split('"').next().unwrap().replace("&amp;", "&");
    let kept = leader.submit(&page, &format!("/report/kept?{action}"), &[]).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.words());
}

/// News of the citizen that waits to be printed at the commune.
async fn a_letter_waits(site: &Site, staff: &Staff, citizen: &Person) {
    let app = &site.app;
    let matter = citizen.account.uuid();
    let message = notice::Message {
        event: matter,
        kind: "dossier.supplement-asked".into(),
        to: notice::Recipient::account(citizen.account, None),
        matter,
        reference: "H27.15-261118-0001".to_owned(),
        unit: Some(staff.commune),
        path: "/my/dossiers".to_owned(),
        parameters: notice::Parameters::from([
            ("code".to_owned(), notice::Parameter::code("H27.15-261118-0001")),
            ("desk".to_owned(), notice::Parameter::name("Bộ phận một cửa")),
        ]),
        at: app.store.world().now(),
    };
    let notices = app.notices.clone();
    let waiting = app.store.write(move |tx| notices.post(tx, &message)).await.unwrap();
    assert_eq!(waiting, 1, "nothing but letters is set up here");
}

/// The exchange knows the open dossiers, and one of them is late.
async fn exchanged(app: &App) {
    app.exchange.sweep().await.unwrap();
    let due = app.store.world().now() - kernel::SignedDuration::from_hours(48);
    let late = app
        .store
        .write(move |tx| tx.execute("UPDATE exchange_link SET due_at = $1, cause = 'person'", &[&due]));
    assert!(late.await.unwrap() > 0, "open dossiers are known");
}

/// Everybody, and where each begins. Who comes first is shown the pages that several may see.
async fn everybody(site: &Site, staff: &Staff) -> Vec<Looker> {
    let app = &site.app;
    let (province, commune) = (people::units_of(app, UnitKind::Province)[0], staff.commune);
    open_half_way(app, commune, province).await;
    let citizen = people::citizen(app, 1).await;
    let unit_admin = people::officer(app, "quantri", Role::UnitAdmin, commune).await;
    let admin = people::officer(app, "admin", Role::Admin, province).await;
    let accountant = people::officer(app, "ketoan", Role::Accountant, commune).await;
    let account = money::account(&unit_admin.at(site.url()), commune).await;
    money::tariff(&admin.at(site.url())).await;
    processes::begin(&admin.at(site.url()), super::support::province::ABSENCE).await;
    processes::versions(app, super::support::province::ABSENCE).await;
    let (draft, asked) = busy(site, staff, &citizen, &citizen.at(site.url())).await;
    exchanged(app).await;
    money::statement(&accountant.at(site.url()), &account).await;
    petitions::suggest(&citizen.at(site.url()), commune).await;
    keep_a_report(site, &staff.leader.at(site.url())).await;
    let tree = registers::plant(&staff.specialist.at(site.url()), "TS-000001").await;
    registers::change_many(&staff.specialist.at(site.url())).await;
    let cells = "tag,Loài cây,lon,lat\nTS-000077,Sao đen,105.9,18.3\n";
    registers::hand_in(&staff.specialist.at(site.url()), "cay.csv", cells.as_bytes()).await;
    registers::publish(app).await;
    let deceased = petitions::double(app, &citizen).await;
    // One that writes a record when it is granted, before that.
    let writes = filing::pavement(&citizen.at(site.url()), &citizen, commune)
        .await
        .to_string();
    act(&staff.desk.at(site.url()), &writes, "receive", &[("days", "5")]).await;
    let writes = format!("/desk/dossiers/{writes}");
    let first_step = format!("{draft}/who");
    let operator = people::officer(app, "operator", Role::Operator, province).await;
    let auditor = people::officer(app, "auditor", Role::Auditor, province).await;
    let mut lookers = vec![Looker {
        name: "nobody",
        cookie: None,
        visitor: site.visitor(),
        begins: [
            "/",
            "/procedures",
            "/sign-in",
            "/track",
            "/verify",
            "/figures/on-time",
            "/exchange/receipts",
            "/log",
            "/data",
            "/ogc",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("/procedures/{}", super::support::province::ABSENCE)])
        .collect(),
    }];
    for (name, person, begins) in [
        (
            "citizen",
            &citizen,
            &[
                "/",
                "/my/dossiers",
                "/my/notices",
                "/my/data-use",
                "/my/petitions",
                "/my/petitions/new",
                first_step.as_str(),
            ][..],
        ),
        (
            "motcua",
            &staff.desk,
            &["/desk", "/petitions", "/account", "/account/acting"],
        ),
        (
            "chuyenvien",
            &staff.specialist,
            &[
                "/desk",
                asked.as_str(),
                writes.as_str(),
                registers::TREES,
                tree.as_str(),
            ],
        ),
        (
            "lanhdao",
            &staff.leader,
            &["/desk", "/desk/petitions", deceased.as_str(), "/admin"],
        ),
        (
            "admin",
            &admin,
            &[
                "/admin",
                "/admin/people/doubles",
                "/admin/units/tree",
                "/account",
                "/admin/processes",
                "/admin/processes?q=khai",
                "/admin/procedures",
            ],
        ),
        ("quantri", &unit_admin, &["/admin"]),
        ("ketoan", &accountant, &["/payments", "/payments?tab=over"]),
        ("operator", &operator, &["/admin/jobs", "/admin/exchange"]),
        ("auditor", &auditor, &["/admin"]),
    ] {
        let visitor = person.at(site.url());
        lookers.push(Looker {
            name,
            cookie: visitor.cookie(),
            visitor,
            begins: begins.iter().chain(OF_PROGRAMS).map(|&path| path.to_owned()).collect(),
        });
    }
    lookers
}

/// The citizen begins a draft while the line is held up, and is shown her place.
async fn somebody_waits(lookers: &[Looker]) -> Sample {
    let who = lookers.iter().position(|looker| looker.name == "citizen").unwrap();
    let (citizen, start) = (
        &lookers[who].visitor,
        format!("/procedures/{}/start", super::support::province::ABSENCE),
    );
    let answer = citizen.submit(&citizen.page(&start).await, &start, &[]).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.words());
    let refresh = answer.headers["refresh"].to_str().unwrap();
    Sample {
        who,
        path: refresh.split_once("; url=").unwrap().1.to_owned(),
        status: StatusCode::ACCEPTED,
    }
}

/// Whether the address is one of the route's.
fn fits(route: &str, path: &str) -> bool {
    let (mut pieces, mut parts) = (route.split('/'), path.split('/'));
    loop {
        match (pieces.next(), parts.next()) {
            (None, None) => return true,
            (Some(piece), Some(part)) if piece == part || (piece.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

/// What tells one kind of page from another on the same route: an id is any id, a word (an action, a step, a figure) is not.
fn kind_of(route: &str, path: &str) -> String {
    let part = |(piece, part): (&str, &str)| {
        let is_word = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if piece.starts_with('{') && !is_word {
            piece.to_owned()
        } else {
            part.to_owned()
        }
    };
    route
        .split('/')
        .zip(path.split('/'))
        .map(part)
        .collect::<Vec<_>>()
        .join("/")
}

/// Addresses of this site that a page leads to, without fragments.
fn links(page: &str) -> Vec<String> {
    let links = page
        .split("<a ")
        .skip(1)
        .filter_map(|rest| html::attribute(rest.split_once('>')?.0, "href"));
    let own = links.filter(|href| href.starts_with('/') && !href.starts_with("//") && !href.contains("lang="));
    own.map(|href| href.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

/// Follows links from page to page as everybody, until no link leads to a kind of page that was not seen: one sample of each.
async fn look_round(routes: &[String], lookers: &[Looker]) -> BTreeMap<String, Sample> {
    let mut samples = BTreeMap::new();
    let mut tries: BTreeMap<String, usize> = BTreeMap::new();
    for (who, looker) in lookers.iter().enumerate() {
        let mut seen = BTreeSet::new();
        let mut queue: VecDeque<String> = looker.begins.iter().cloned().collect();
        while let Some(path) = queue.pop_front() {
            let bare = path.split('?').next().unwrap_or_default();
            if NO_PAGES.iter().any(|(path, _)| *path == bare) {
                continue;
            }
            // A literal route wins over one with parts, as in the router.
            let Some(route) = routes
                .iter()
                .filter(|route| fits(route, bare))
                .min_by_key(|route| route.contains('{'))
            else {
                continue;
            };
            let kind = kind_of(route, bare);
            let tried = tries.entry(format!("{} {kind}", looker.name)).or_default();
            if *tried >= TRIES || !seen.insert(path.clone()) {
                continue;
            }
            *tried += 1;
            let answer = looker.visitor.get(&path).await;
            if answer.status != StatusCode::OK {
                continue;
            }
            queue.extend(links(&answer.text()));
            samples.entry(kind).or_insert(Sample {
                who,
                path,
                status: StatusCode::OK,
            });
        }
    }
    samples
}

/// The pages that the table knows.
fn page_routes(app: &App) -> Vec<String> {
    let table = app.identity.route_table();
    let pages = table
        .iter()
        .filter(|route| route.method == "GET" && !route.path.starts_with("/api/"));
    let pages: Vec<String> = pages.map(|route| route.path.clone()).collect();
    for (path, _) in NO_PAGES {
        assert!(
            pages.iter().any(|page| page == path),
            "{path} is no route; take it from the list"
        );
    }
    pages
        .into_iter()
        .filter(|page| NO_PAGES.iter().all(|(path, _)| path != page) && IN_SIGN_IN.iter().all(|(_, path)| path != page))
        .collect()
}

/// What is wrong with the page that is open.
async fn faults(browser: &Browser, lang: &str) -> Vec<String> {
    let mut faults: Vec<String> = Vec::new();
    for violation in browser.axe().await {
        let places: Vec<&str> = violation.nodes.iter().map(|node| node.html.as_str()).collect();
        faults.push(format!(
            "{}: {}\n    {}",
            violation.id,
            violation.help,
            places.join("\n    ")
        ));
    }
    let wide = browser.too_wide_px().await;
    if wide > 0 {
        faults.push(format!("{wide} px wider than the screen"));
    }
    let titles = browser.all("h1").await.len();
    if titles != 1 {
        faults.push(format!("{titles} titles"));
    }
    if !browser.has(&format!("html[lang={lang}]")).await {
        faults.push(format!("not in {lang}"));
    }
    let text = browser.text().await;
    faults.extend(
        text.lines()
            .filter(|line| line.contains('⟦'))
            .map(|line| format!("a text is missing: {line}")),
    );
    faults
}

/// By keyboard, the first thing that is reached leads past the masthead, and can be seen.
async fn first_is_the_skip_link(browser: &Browser) {
    let body = browser.find("body").await;
    body.send_keys(thirtyfour::Key::Tab + "").await.unwrap();
    let skip = browser.driver().active_element().await.unwrap();
    assert_eq!(skip.class_name().await.unwrap().as_deref(), Some("skip"));
    assert!(
        skip.rect().await.unwrap().x >= 0.0,
        "the skip link is on the screen when it has the focus"
    );
}

/// Opens every sample as its person, and says what is wrong with which.
async fn walk(site: &Site, lookers: &[Looker], samples: &[Sample], screen: Screen) -> Vec<String> {
    let Some(browser) = Browser::start(screen).await else {
        return Vec::new();
    };
    browser.open(site.url()).await;
    first_is_the_skip_link(&browser).await;
    let mut all = Vec::new();
    let mut signed_in = usize::MAX;
    for sample in samples {
        let looker = &lookers[sample.who];
        if signed_in != sample.who {
            browser.wear(looker.cookie.as_deref()).await;
            signed_in = sample.who;
        }
        browser.open(&format!("{}{}", site.url(), sample.path)).await;
        let mut found = faults(&browser, screen.lang).await;
        let noted = browser.console_faults().await;
        // The browser notes refused pages itself.
        found.extend(noted.into_iter().filter(|_| sample.status == StatusCode::OK));
        let what = format!("{} as {} at {} px", sample.path, looker.name, screen.width);
        all.extend(found.into_iter().map(|fault| format!("{what}: {fault}")));
    }
    browser.wear(None).await;
    all.extend(walk_sign_in(site, &browser, screen.lang).await);
    browser.quit().await;
    all
}

async fn walk_sign_in(site: &Site, browser: &Browser, lang: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (login, page) in IN_SIGN_IN {
        browser.open(&format!("{}/sign-in", site.url())).await;
        browser.fill("login", login).await;
        browser.fill("password", PASSWORD).await;
        browser.press("form[action^=\"/sign-in\"] button:not(.hidden)").await;
        browser.arrives_at(page).await;
        all.extend(
            faults(browser, lang)
                .await
                .into_iter()
                .map(|fault| format!("{page}: {fault}")),
        );
        browser.wear(None).await;
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_every_page_is_accessible() {
    let province = Province::sqlite().await;
    let (site, staff) = Site::staffed(&province, std::sync::Arc::new(RealWorld::new())).await;
    let lookers = everybody(&site, &staff).await;
    let routes = page_routes(&site.app);
    let found = look_round(&routes, &lookers).await;
    // Until the end of the test somebody waits in the line.
    let _held_up = site.app.casework.hold_up_submissions();
    let waiting = somebody_waits(&lookers).await;
    let is_found = |route: &&String| {
        if fits(route, &waiting.path) {
            return true;
        }
        found
            .values()
            .any(|sample| fits(route, sample.path.split('?').next().unwrap_or("")))
    };
    let missing: Vec<_> = routes.iter().filter(|route| !is_found(route)).collect();
    assert!(
        missing.is_empty(),
        "nobody finds these pages by links; give somebody a beginning, or name them with a reason: {missing:#?}"
    );
    let mut samples: Vec<Sample> = found.into_values().collect();
    samples.sort_by_key(|sample| sample.who);
    samples.push(waiting);
    for (name, path, status) in MORE {
        let who = lookers.iter().position(|looker| looker.name == name).unwrap();
        assert_eq!(lookers[who].visitor.get(path).await.status, status, "{path} as {name}");
        samples.push(Sample {
            who,
            path: path.to_owned(),
            status,
        });
    }
    let (phone, desk) = tokio::join!(
        walk(&site, &lookers, &samples, Screen::PHONE.dark().without_scripts()),
        walk(&site, &lookers, &samples, Screen::DESK.english()),
    );
    let faults = [phone, desk].concat();
    assert!(
        faults.is_empty(),
        "{} faults on {} pages:\n{}",
        faults.len(),
        samples.len(),
        faults.join("\n")
    );
    site.close().await;
}
