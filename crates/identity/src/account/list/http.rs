//! Pages: `/admin`, `/admin/accounts`, `/admin/accounts/new`, `/admin/roles`.
//! They list accounts of officers only; citizens are not administered here.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use kernel::{ErrorKind, Fault, Lang};
use web::components::{ButtonKind, Crumb, Tone, button_link, inset, tag};
use web::form::{Check, Choice, Errors, Field, FieldKind, Form, Values};
use web::format::{date, date_time};
use web::table::{Column, Filter, Paging, Row, Table, TableQuery};
use web::{Markup, Page, Reply, Shell, Submitted, html};

use crate::account::admin::{By, NewOfficer, NewRole, Opened};
use crate::account::approval;
use crate::account::store::{self, AccountFilter};
use crate::account::{Account, AccountError, Role, rules};
use crate::policy::Action;
use crate::routes::{Access, Routes, get, post};
use crate::session::http::role_key;
use crate::session::{Caller, OfficerCaller};
use crate::{Identity, IdentityError, UnitId};

/// Accounts of one page.
const PAGE: u32 = 50;

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/admin", overview), Access::Officer)
        .page(get("/admin/accounts", list), Access::Action(Action::AccountList))
        .page(get("/admin/accounts/new", new_page), Access::Action(Action::RoleAssign))
        .page(post("/admin/accounts/new", new), Access::Action(Action::RoleAssign))
        .page(get("/admin/roles", roles), Access::Action(Action::AccountList))
}

/// The way to an administration page.
pub(crate) fn crumbs(shell: &Shell, more: &[(&str, &str)]) -> Vec<Crumb> {
    let first = Crumb::new("/admin", shell.text("account-nav-admin"));
    let rest = more.iter().map(|(href, key)| Crumb::new(*href, shell.text(key)));
    std::iter::once(first).chain(rest).collect()
}

/// Administration pages: address, title, what one does there.
const PAGES: [(&str, &str, Action); 11] = [
    ("/admin/accounts", "account-list-title", Action::AccountList),
    ("/admin/roles", "account-roles-title", Action::AccountList),
    (approval::http::PATH, "approval-title", Action::RoleAssign),
    (crate::token::http::PATH, "token-title", Action::InterfaceManage),
    ("/admin/units", "account-nav-units", Action::UnitRead),
    ("/admin/areas", "area-list-title", Action::UnitRead),
    ("/admin/people", "person-search-title", Action::PersonDisclose),
    (
        "/admin/people/questions",
        "person-questions-title",
        Action::PersonDisclose,
    ),
    ("/admin/policies", "policy-title", Action::PolicyRead),
    ("/admin/audit", "audit-title", Action::AuditRead),
    ("/admin/people/doubles", "double-nav", Action::PersonMerge),
];

/// Every administration page the officer may reach: those of this crate, and what others have put under `/admin`.
async fn overview(State(identity): State<Identity>, shell: Shell, caller: Caller) -> Page {
    let own = PAGES
        .iter()
        .filter(|(_, _, action)| match action {
            // Who may merge only below the province may not merge at all.
            Action::PersonMerge => identity.require_system(&caller, *action).is_ok(),
            _ => identity.policy().somewhere(&caller, *action),
        })
        .map(|&(href, key, _)| (href, key));
    let others = identity
        .nav_for(&caller)
        .into_iter()
        .map(|entry| (entry.href, entry.text));
    let others = others.filter(|(href, _)| href.starts_with("/admin/") && PAGES.iter().all(|page| page.0 != *href));
    let reachable: Vec<_> = own.chain(others).collect();
    let title = shell.text("account-nav-admin");
    Page::new(&shell, title.clone()).body(html! {
        h1 { (title) }
        @if reachable.is_empty() { p { (shell.text("account-admin-none")) } }
        div.grid { @for (href, key) in reachable {
            div.card {
                h2.first { a href=(href) { (shell.text(key)) } }
                @if let Some(about) = web::i18n::maybe(shell.lang, &format!("{key}.about"), &[]) { p.muted { (about) } }
            }
        } }
    })
}

fn role_choices(shell: &Shell, roles: &[Role]) -> Vec<(String, String)> {
    roles
        .iter()
        .map(|role| (role.name().to_owned(), shell.text(role_key(*role))))
        .collect()
}

async fn list(State(identity): State<Identity>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    let table = Table::new(
        "/admin/accounts",
        "account-list-caption",
        vec![
            Column::new("name", "account-name"),
            Column::new("login", "account-login"),
            Column::new("state", "account-state").plain_on_phones(),
            Column::new("used", "account-used"),
        ],
    )
    .filter(Filter::search("q", "account-search", "lan"))
    .filter(Filter::choice("role", "account-role", role_choices(&shell, Role::ALL)))
    .empty("account-list-empty");
    let filter = AccountFilter {
        text: kernel::fold::fold(query.filter("q")),
        role: query.chosen(&table, "role").and_then(|role| role.parse().ok()),
        skip: i64::try_from(query.offset(PAGE)).unwrap_or(0),
    };
    let units = identity.policy().scope_shared(&caller, Action::AccountList);
    let now = identity.now();
    let (accounts, total) = identity
        .store()
        .read(move |tx| {
            let day = now.local_date();
            let total = store::officers_count(tx, &units, &filter, day)?;
            Ok::<_, IdentityError>((store::officers(tx, &units, &filter, day, i64::from(PAGE))?, total))
        })
        .await?;
    let rows: Vec<Row> = accounts.iter().map(|account| row(&shell, account, now)).collect();
    let title = shell.text("account-list-title");
    let may_open = identity.policy().somewhere(&caller, Action::RoleAssign);
    let action = html! {
        @if may_open {
            (button_link(ButtonKind::Main, "/admin/accounts/new", &shell.text("account-new-title"))) " "
            (button_link(ButtonKind::Quiet, approval::http::PATH, &shell.text("approval-title")))
        }
    };
    let paging = Paging::Numbered {
        page: query.page(),
        size: PAGE,
        total: u64::try_from(total).unwrap_or(0),
    };
    Ok(Page::new(&shell, title.clone())
        .wide()
        .crumbs(crumbs(&shell, &[]))
        .body(html! {
            h1 { (title) }
            (table.render_with(&shell, &query, &rows, &paging, &action))
        }))
}

fn row(shell: &Shell, account: &Account, now: kernel::Timestamp) -> Row {
    let used = account
        .signed_in_at
        .map_or_else(|| shell.text("account-never"), |at| date_time(shell.lang, at));
    Row::new(vec![
        html! { (account.name) },
        html! { (account.login.as_deref().unwrap_or("")) },
        state_tag(shell, account, now),
        html! { (used) },
    ])
    .link(format!("/admin/accounts/{}", account.id))
}

/// The state of an account as a tag.
pub(crate) fn state_tag(shell: &Shell, account: &Account, now: kernel::Timestamp) -> Markup {
    if account
        .disabled
        .as_ref()
        .is_some_and(|(_, why)| why == approval::WAITING)
    {
        tag(Tone::Soon, &shell.text("account-state-waiting"))
    } else if account.disabled.is_some() {
        tag(Tone::Plain, &shell.text("account-state-disabled"))
    } else if account.is_locked(now) {
        tag(Tone::Late, &shell.text("account-state-locked"))
    } else if account.password_must_change {
        tag(Tone::Soon, &shell.text("account-state-new"))
    } else {
        tag(Tone::Ok, &shell.text("account-state-active"))
    }
}

/// The fields of a role to give, offering what the officer may give and where.
pub(crate) fn role_fields(identity: &Identity, shell: &Shell, officer: &OfficerCaller, form: Form) -> Form {
    let grantable = officer.role().map_or(&[][..], rules::grantable);
    let roles = grantable
        .iter()
        .map(|role| Choice::new(role.name(), role_key(*role)))
        .collect();
    let scope = identity
        .policy()
        .scope_shared(&Caller::Officer(officer.clone()), Action::RoleAssign);
    let units = unit_choices(identity, shell.lang, &scope);
    let day = |name: &str, label: &str| Field::new(name, label, FieldKind::Date { min: None, max: None });
    form.field(Field::select("role", "account-role", roles))
        .field(Field::select("unit", "account-unit", units))
        .field(day("from", "account-from").optional().hint("account-from-hint"))
        .field(day("to", "account-to").optional().hint("account-to-hint"))
        .field(
            Field::text("reason", "account-reason")
                .hint("account-reason-hint")
                .max_len(rules::REASON_MAX),
        )
}

/// Units by name, below their nearest agency.
pub(crate) fn unit_choices(identity: &Identity, lang: Lang, scope: &[UnitId]) -> Vec<Choice> {
    let (book, day) = (identity.units(), identity.now().local_date());
    let mut units: Vec<(Vec<u8>, String, UnitId)> = scope
        .iter()
        .map(|unit| {
            let mut name = book.name(*unit, lang, day).to_owned();
            if let Some(above) = book.ancestors(*unit, day).first() {
                name = format!("{name} ({})", above.name_on(day).get(lang));
            }
            (kernel::fold::sort_key(&name), name, *unit)
        })
        .collect();
    units.sort();
    units
        .into_iter()
        .map(|(_, name, unit)| Choice::named(unit.to_string(), name))
        .collect()
}

/// Reads the fields of a role.
pub(crate) fn read_role(values: &Values) -> Result<NewRole, AccountError> {
    let unit = values.text("unit").parse().map_err(|_| AccountError::UnitUnknown)?;
    let role = values
        .text("role")
        .parse::<Role>()
        .map_err(|_| AccountError::AssignmentUnknown)?;
    Ok(NewRole {
        role,
        unit,
        valid_from: values.date("from"),
        valid_to: values.date("to"),
        reason: values.text("reason").to_owned(),
    })
}

/// Puts a fault beside the field it is about; what no field can mend goes on as a failure.
pub(crate) fn beside(error: IdentityError) -> Result<Errors, IdentityError> {
    let field = match &error {
        IdentityError::Account(AccountError::LoginTaken | AccountError::LoginInvalid) => "login",
        IdentityError::Account(AccountError::NameInvalid) => "name",
        IdentityError::Account(
            AccountError::RoleNotGrantable(_) | AccountError::RoleHeld(_) | AccountError::WaitsAlready,
        ) => "role",
        IdentityError::Account(AccountError::UnitUnknown) => "unit",
        IdentityError::Account(AccountError::DatesReversed) => "to",
        IdentityError::Account(AccountError::ReasonNeeded) => "reason",
        IdentityError::Policy(_) if error.kind() == ErrorKind::Forbidden => "unit",
        _ => return Err(error),
    };
    let mut errors = Errors::none();
    errors.add_fault(field, &error);
    Ok(errors)
}

fn new_form(identity: &Identity, shell: &Shell, officer: &OfficerCaller) -> Form {
    let form = Form::new("account", "/admin/accounts/new")
        .section("account-new-who")
        .field(
            Field::text("name", "account-name")
                .autocomplete("off")
                .max_len(rules::NAME_MAX),
        )
        .field(
            Field::checked("login", "account-login", Check::Login)
                .hint("account-login-hint")
                .autocomplete("off"),
        )
        .section("account-new-role");
    role_fields(identity, shell, officer, form)
        .submit("account-new-submit")
        .cancel("/admin/accounts")
}

fn new_view(identity: &Identity, shell: &Shell, officer: &OfficerCaller, values: &Values, errors: &Errors) -> Page {
    let title = shell.text("account-new-title");
    let form = new_form(identity, shell, officer);
    Page::new(shell, title.clone())
        .errors(errors)
        .crumbs(crumbs(shell, &[("/admin/accounts", "account-list-title")]))
        .body(html! {
            h1 { (title) }
            (form.render(shell, values, errors))
        })
}

async fn new_page(State(identity): State<Identity>, shell: Shell, officer: OfficerCaller) -> Page {
    new_view(&identity, &shell, &officer, &Values::none(), &Errors::none())
}

async fn new(
    State(identity): State<Identity>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let form = new_form(&identity, &shell, &officer);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let page = new_view(&identity, &shell, &officer, &form.typed(&submitted), &errors);
            return Ok(page.into_response());
        }
    };
    let by = By::Officer(Caller::Officer(officer.clone()));
    let opened = match read_role(&values) {
        Ok(role) => {
            let (login, name) = (values.text("login").to_owned(), values.text("name").to_owned());
            identity
                .open_officer(
                    &by,
                    NewOfficer {
                        login,
                        name,
                        password: None,
                        must_change: true,
                        role,
                    },
                )
                .await
        }
        Err(error) => Err(error.into()),
    };
    match opened {
        Ok(opened) => Ok(opened_page(&shell, &opened).into_response()),
        Err(error) => {
            let errors = beside(error)?;
            Ok(new_view(&identity, &shell, &officer, &values, &errors).into_response())
        }
    }
}

fn opened_page(shell: &Shell, opened: &Opened) -> Page {
    handover_page(
        shell,
        "account-opened-title",
        &opened.password,
        &format!("/admin/accounts/{}", opened.account),
        opened.waits,
    )
}

/// The page that shows a temporary password once.
pub(crate) fn handover_page(shell: &Shell, title: &str, password: &str, onward: &str, waits: bool) -> Page {
    let title = shell.text(title);
    Page::new(shell, title.clone())
        .crumbs(crumbs(shell, &[("/admin/accounts", "account-list-title")]))
        .body(html! {
            h1 { (title) }
            p { (shell.text("account-handover-words")) }
            @if waits { p { (tag(Tone::Soon, &shell.text("account-state-waiting"))) " " (shell.text("approval-handover-words")) } }
            (inset(&html! { p { code { (password) } } }))
            p { (button_link(ButtonKind::Main, onward, &shell.text("account-handover-onward"))) }
        })
}

/// How many hold each role, and who.
async fn roles(State(identity): State<Identity>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    let units = identity.policy().scope_shared(&caller, Action::AccountList);
    let chosen = query.filter("role").parse::<Role>().ok();
    let (day, skip) = (
        identity.now().local_date(),
        i64::try_from(query.offset(100)).unwrap_or(0),
    );
    let (counts, holders) = identity
        .store()
        .read(move |tx| {
            let counts = store::role_counts(tx, &units, day)?;
            let holders = match chosen {
                Some(role) => store::holders(tx, &units, role, day, skip)?,
                None => Vec::new(),
            };
            Ok::<_, IdentityError>((counts, holders))
        })
        .await?;
    let title = shell.text("account-roles-title");
    let count = |role: Role| {
        counts
            .iter()
            .find(|(one, _)| *one == role)
            .map_or(0, |(_, count)| *count)
    };
    Ok(Page::new(&shell, title.clone())
        .crumbs(crumbs(&shell, &[]))
        .body(html! {
            h1 { (title) }
            p { (shell.text("account-roles-words")) }
            (role_table(&shell, &query, &count))
            @if let Some(role) = chosen {
                h2 { (shell.text(role_key(role))) }
                (holder_table(&identity, &shell, &query, &holders, count(role)))
            }
        }))
}

/// Key of what a role may do, in a sentence.
const fn does_key(role: Role) -> &'static str {
    match role {
        Role::Desk => "account-role-desk-does",
        Role::Specialist => "account-role-specialist-does",
        Role::Leader => "account-role-leader-does",
        Role::Accountant => "account-role-accountant-does",
        Role::UnitAdmin => "account-role-unit-admin-does",
        Role::Admin => "account-role-admin-does",
        Role::Auditor => "account-role-auditor-does",
        Role::Operator => "account-role-operator-does",
    }
}

fn role_table(shell: &Shell, query: &TableQuery, count: &dyn Fn(Role) -> i64) -> Markup {
    let columns = vec![
        Column::new("role", "account-role"),
        Column::new("does", "account-role-does"),
        Column::new("count", "account-role-count").numeric(),
    ];
    let rows: Vec<Row> = Role::ALL
        .iter()
        .map(|role| {
            let does = does_key(*role);
            Row::new(vec![
                html! { (shell.text(role_key(*role))) },
                html! { (shell.text(does)) },
                html! { (count(*role)) },
            ])
            .link(format!("/admin/roles?role={}", role.name()))
        })
        .collect();
    Table::new("/admin/roles", "account-roles-caption", columns).render(shell, query, &rows, &Paging::All)
}

type Holder = (crate::AccountId, String, UnitId, kernel::Date);

fn holder_table(identity: &Identity, shell: &Shell, query: &TableQuery, holders: &[Holder], total: i64) -> Markup {
    let columns = vec![
        Column::new("name", "account-name"),
        Column::new("unit", "account-unit"),
        Column::new("from", "account-from"),
    ];
    let rows: Vec<Row> = holders
        .iter()
        .map(|(account, name, unit, from)| {
            Row::new(vec![
                html! { (name) },
                html! { (identity.unit_name(*unit, shell.lang)) },
                html! { (date(shell.lang, *from)) },
            ])
            .link(format!("/admin/accounts/{account}"))
        })
        .collect();
    let paging = Paging::Numbered {
        page: query.page(),
        size: 100,
        total: u64::try_from(total).unwrap_or(0),
    };
    Table::new("/admin/roles", "account-list-caption", columns)
        .keep(&["role"])
        .render(shell, query, &rows, &paging)
}
