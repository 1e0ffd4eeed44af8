//! `/admin/hooks`: which programs are told of changes in which register, how their deliveries fare; making and ending a
//! subscription, and trying again after the other side was mended. The secret is shown to who looks after the unit.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, Caller, OfficerCaller, Resource, UnitId, audit};
use maud::{Markup, html};
use web::components::{self, ButtonKind, Crumb, SummaryRow, Tone};
use web::form::{Choice, Errors, Field, Form, Values};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::{Hook, HookId, State as Stand, job_now, reach, secret, store};
use crate::error::RegisterError;
use crate::feed;
use crate::house::Register;

const PATH: &str = "/admin/hooks";

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::InterfaceManage);
    routes
        .page(get(PATH, page), access)
        .page(post(PATH, open), access)
        .page(post("/admin/hooks/{id}/{act}", act), access)
}

fn units(register: &Register, officer: &OfficerCaller) -> Vec<UnitId> {
    let policy = register.identity().policy();
    policy.scope(&Caller::Officer(officer.clone()), Action::InterfaceManage)
}

fn form(register: &Register, officer: &OfficerCaller, shell: &Shell) -> Form {
    let kinds = register.kinds().iter().map(|kind| {
        let name = format!(
            "{} · {}",
            kind.system_name().get(shell.lang),
            kind.words(shell.lang, "name")
        );
        Choice::named(format!("{}/{}", kind.system.code, kind.record.name), name)
    });
    let mut named: Vec<(Vec<u8>, Choice)> = units(register, officer)
        .into_iter()
        .map(|unit| {
            let name = register.unit_name(unit, shell.lang);
            (kernel::fold::sort_key(&name), Choice::named(unit.to_string(), name))
        })
        .collect();
    named.sort_by(|one, other| one.0.cmp(&other.0));
    Form::new("hook", PATH)
        .submit("reg-hook-open")
        .field(Field::select("kind", "reg-hook-kind", kinds.collect()))
        .field(Field::select(
            "unit",
            "reg-hook-unit",
            named.into_iter().map(|(_, choice)| choice).collect(),
        ))
        .field(
            Field::text("url", "reg-hook-url")
                .hint("reg-hook-url-hint")
                .max_len(500),
        )
}

async fn page(State(register): State<Register>, shell: Shell, officer: OfficerCaller) -> Reply {
    drawn(&register, &officer, &shell, &Values::none(), &Errors::none()).await
}

async fn drawn(register: &Register, officer: &OfficerCaller, shell: &Shell, values: &Values, errors: &Errors) -> Reply {
    let units = units(register, officer);
    let hooks = register.store().read(move |tx| store::of_units(tx, &units)).await?;
    let title = shell.text("reg-hook-title");
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text("reg-hook-words")) }
        @if hooks.iter().any(|hook| hook.state == Stand::Disabled) {
            (components::notification(shell.lang, Tone::Late, &shell.text("reg-hook-some-disabled")))
        }
        @if hooks.is_empty() { (components::empty(&shell.text("reg-hook-none"), None)) }
        @for hook in &hooks { (one(register, hook, shell)) }
        h2 { (shell.text("reg-hook-new")) }
        (form(register, officer, shell).render(shell, values, errors))
    };
    let crumbs = vec![Crumb::new("/admin", shell.text("account-nav-admin"))];
    Ok(Page::new(shell, title).crumbs(crumbs).errors(errors).body(body))
}

fn one(register: &Register, hook: &Hook, shell: &Shell) -> Markup {
    let name = register.kind(&hook.system, &hook.kind).map_or_else(
        |_| format!("{}/{}", hook.system, hook.kind),
        |kind| {
            format!(
                "{} · {}",
                kind.system_name().get(shell.lang),
                kind.words(shell.lang, "name")
            )
        },
    );
    let mut rows = vec![
        SummaryRow::markup(shell.text("reg-hook-url"), html! { code { (hook.url) } }),
        SummaryRow::new(shell.text("reg-hook-unit"), register.unit_name(hook.unit, shell.lang)),
        SummaryRow::new(
            shell.text("reg-hook-told"),
            hook.told_at
                .map_or_else(|| shell.text("reg-hook-never"), |at| format::date_time(shell.lang, at)),
        ),
        SummaryRow::new(
            shell.text("reg-hook-made"),
            format!("{}, {}", hook.who, format::date_time(shell.lang, hook.created_at)),
        ),
    ];
    if let Some(why) = &hook.last_error {
        let words = shell.text_with(
            "reg-hook-failed-of",
            &[("n", hook.failures.into()), ("why", why.as_str().into())],
        );
        rows.push(SummaryRow::new(shell.text("reg-hook-failed"), words));
    }
    let secret = html! { code { (secret(register, hook.id)) } };
    let (tone, key) = match hook.state {
        Stand::Active => (Tone::Ok, "reg-hook-active"),
        Stand::Disabled | Stand::Ended => (Tone::Late, "reg-hook-disabled"),
    };
    let button = |kind: ButtonKind, act: &str, key: &str| {
        components::post_button(shell, kind, &format!("{PATH}/{}/{act}", hook.id), &[], &shell.text(key))
    };
    html! {
        section.card {
            h2.first { (name) " " (components::tag(tone, &shell.text(key))) }
            (components::summary_list(&rows))
            (components::details(&shell.text("reg-hook-secret"), &secret))
            div.row.actions {
                (button(ButtonKind::Quiet, "again", "reg-hook-again"))
                (button(ButtonKind::Danger, "end", "reg-hook-end"))
            }
        }
    }
}

async fn open(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let form = form(&register, &officer, &shell);
    let again = |errors: Errors| (form.typed(&submitted), errors);
    let (typed, errors) = match form.parse(&submitted) {
        Err(errors) => again(errors),
        Ok(values) => match subscribe(&register, &officer, &values, submitted.once).await {
            Ok(()) => return Ok(see_other(PATH)),
            Err(error @ RegisterError::Address(_)) => {
                let mut errors = Errors::none();
                errors.add_fault("url", &error);
                again(errors)
            }
            Err(error) => return Err(error.into()),
        },
    };
    Ok(drawn(&register, &officer, &shell, &typed, &errors)
        .await?
        .into_response())
}

/// Makes a subscription that begins now.
async fn subscribe(
    register: &Register,
    officer: &OfficerCaller,
    values: &Values,
    once: uuid::Uuid,
) -> Result<(), RegisterError> {
    let unit: UnitId = values.text("unit").parse().map_err(|_| RegisterError::NotFound)?;
    let (system, kind) = values.text("kind").split_once('/').ok_or(RegisterError::NotFound)?;
    let hook = Hook {
        id: HookId::from_uuid(once),
        unit,
        system: system.to_owned(),
        kind: kind.to_owned(),
        url: values.text("url").trim().to_owned(),
        state: Stand::Active,
        place: String::new(),
        failures: 0,
        last_error: None,
        told_at: None,
        account: Some(officer.account()),
        who: officer.name().to_owned(),
        created_at: register.now(),
    };
    register.subscribe(officer, hook).await
}

impl Register {
    /// Adds a subscription, unless it is there.
    pub(super) async fn subscribe(&self, officer: &OfficerCaller, hook: Hook) -> Result<(), RegisterError> {
        let caller = Caller::Officer(officer.clone());
        let resource = Resource::at(hook.unit);
        self.identity()
            .policy()
            .require(&caller, Action::InterfaceManage, &resource)?;
        self.kind(&hook.system, &hook.kind)?;
        reach::address(&hook.url, self.private_hooks()).map_err(|why| RegisterError::Address(why.to_string()))?;
        self.store()
            .write(move |tx| {
                if store::get(tx, hook.id)?.is_some() {
                    return Ok(());
                }
                let begun = Hook {
                    place: feed::head(tx)?.to_string(),
                    ..hook.clone()
                };
                store::insert(tx, &begun)?;
                let detail = audit::detail([("system", hook.system.clone()), ("kind", hook.kind.clone())]);
                let actor = hook.account.map_or(audit::Actor::System, audit::Actor::Account);
                audit::append(tx, actor, "hook.open", &hook.id.to_string(), detail, hook.created_at)?;
                Ok::<_, RegisterError>(())
            })
            .await
    }
}

async fn act(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path((id, act)): Path<(String, String)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let id: HookId = id.parse().map_err(|_| RegisterError::NotFound)?;
    let found = register.store().read(move |tx| store::get(tx, id)).await?;
    let hook = found.ok_or(RegisterError::NotFound)?;
    if !units(&register, &officer).contains(&hook.unit) {
        return Err(RegisterError::NotFound.into());
    }
    let ends = match act.as_str() {
        "end" => true,
        "again" => false,
        _ => return Err(RegisterError::NotFound.into()),
    };
    let (now, by) = (register.now(), officer.account());
    let job = job_now(id, kernel::id::uuid_v7(register.world().as_ref()), now);
    register
        .store()
        .write(move |tx| {
            let state = if ends { Stand::Ended } else { Stand::Active };
            store::set_state(tx, id, state)?;
            if !ends {
                tx.enqueue(&job)?;
            }
            let act = if ends { "hook.end" } else { "hook.again" };
            audit::append(
                tx,
                audit::Actor::Account(by),
                act,
                &id.to_string(),
                audit::Detail::new(),
                now,
            )?;
            Ok::<_, RegisterError>(())
        })
        .await?;
    Ok(see_other(PATH))
}
