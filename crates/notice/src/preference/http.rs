//! The page on which somebody chooses how she is told, and the two small scripts that let a browser listen. Without scripts
//! everything works but the push, which is offered only where it can work.
//! It shows a person her own address and nobody else's.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use identity::routes::{Access, Routes, get, post};
use identity::session::http::with_notice;
use identity::{AccountId, Caller, Purpose};
use kernel::{Email, Lang, Phone, Timestamp};
use maud::html;
use uuid::Uuid;
use web::components::{self, ButtonKind};
use web::form::{Choice, Errors, Field, FieldKind, Form, Values};
use web::{Markup, Page, Reply, Shell, Submitted, format, see_other};

use super::rules::{self, DEVICES_MAX};
use super::store::{self as table, NewDevice, Wishes};
use super::{contact_context, device_context, open_contact};
use crate::channel::Channel;
use crate::channel::push::{Device, Pusher};
use crate::error::NoticeError;
use crate::house::Notices;
use crate::message::Contact;

const SETTINGS: &str = "/notices/settings";
const PUSH_SCRIPT: &str = include_str!("../../assets/push.js");
const WORKER_SCRIPT: &str = include_str!("../../assets/worker.js");

pub(crate) fn routes(routes: Routes<Notices>) -> Routes<Notices> {
    routes
        .page(get("/notices/settings", page), Access::SignedIn)
        .page(post("/notices/settings", save), Access::SignedIn)
        .page(post("/notices/push", listen), Access::Citizen)
        .page(post("/notices/push/{id}/remove", remove), Access::Citizen)
        .page(get("/notices/push.js", push_script), Access::Public)
        .page(get("/notices/worker.js", worker_script), Access::Public)
}

/// The scripts stand at fixed addresses, because a browser asks again for the worker at the address it knows.
fn script(text: &'static str) -> Response {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

async fn push_script() -> Response {
    script(PUSH_SCRIPT)
}

async fn worker_script() -> Response {
    script(WORKER_SCRIPT)
}

fn account_of(caller: &Caller) -> Result<AccountId, NoticeError> {
    caller.account().ok_or(NoticeError::Gone)
}

/// Under which purpose somebody sees her own address. An officer's is not a citizen's data; it is her own all the same.
fn own(caller: &Caller, account: AccountId) -> Purpose {
    match caller {
        Caller::Citizen(citizen) => Purpose::own_data(citizen),
        Caller::Officer(_) | Caller::Anonymous => Purpose::for_system("notice.settings", account.uuid(), ""),
    }
}

/// The channels that the page offers: what is set up, but push, which a browser asks for, and letters for officers.
fn offered(notices: &Notices, caller: &Caller) -> Vec<Channel> {
    let set_up = notices.lines().iter().map(|line| line.channel);
    let is_officer = caller.officer().is_some();
    // Officers are reminded by e-mail; nothing is sent to their telephones.
    set_up
        .filter(|channel| *channel != Channel::Push && (!is_officer || *channel == Channel::Email))
        .collect()
}

fn form(shell: &Shell, offered: &[Channel], is_officer: bool) -> Form {
    let choice = |channel: &Channel| {
        let words = shell.text(&format!("notice-channel-{channel}"));
        Choice::named(channel.word(), words)
    };
    let languages = Lang::ALL.map(|lang| Choice::named(lang.tag(), shell.text(&format!("notice-lang-{lang}"))));
    let mut form =
        Form::new("notices", SETTINGS).field(Field::radios("lang", "notice-settings-lang", languages.to_vec()));
    if !offered.is_empty() {
        let kind = FieldKind::Checkboxes {
            choices: offered.iter().map(choice).collect(),
        };
        let field = Field::new("channels", "notice-settings-channels", kind).optional();
        form = form.field(field.hint("notice-settings-channels-hint"));
    }
    let email = Field::new("email", "notice-settings-email", FieldKind::Email).optional();
    form = form.field(email.hint("notice-settings-email-hint").autocomplete("email"));
    if !is_officer {
        let phone = Field::new("phone", "notice-settings-phone", FieldKind::Phone).optional();
        form = form.field(phone.hint("notice-settings-phone-hint").autocomplete("tel"));
    }
    form.submit("notice-settings-save")
}

/// What is known of the one who asks.
struct Known {
    wishes: Wishes,
    contact: Contact,
    devices: Vec<(Uuid, Timestamp)>,
}

async fn known(notices: &Notices, caller: &Caller) -> Result<Known, NoticeError> {
    let account = account_of(caller)?;
    let (keys, purpose) = (notices.identity().keys(), own(caller, account));
    notices
        .store()
        .read(move |tx| {
            let contact = match table::contact(tx, account)? {
                Some(sealed) => open_contact(&keys, &purpose, account, &sealed)?,
                None => Contact::default(),
            };
            Ok(Known {
                wishes: table::wishes(tx, account)?,
                contact,
                devices: table::listening(tx, account)?,
            })
        })
        .await
}

async fn page(State(notices): State<Notices>, shell: Shell, caller: Caller) -> Reply {
    let known = known(&notices, &caller).await?;
    let offered = offered(&notices, &caller);
    let ticked = rules::ticked(&offered, &known.wishes.off, &known.wishes.on);
    let mut values = Values::none()
        .with("lang", known.wishes.lang.tag())
        .with(
            "email",
            known
                .contact
                .email
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )
        .with(
            "phone",
            known.contact.phone.as_ref().map(Phone::national).unwrap_or_default(),
        );
    values.set_all(
        "channels",
        ticked
            .iter()
            .map(|channel| channel.word().to_owned())
            .collect::<Vec<_>>(),
    );
    let form = form(&shell, &offered, caller.officer().is_some());
    Ok(body(
        pusher(&notices, &caller),
        &shell,
        &form,
        &values,
        &Errors::none(),
        &known.devices,
    ))
}

/// What pushes to browsers, for whom it does: officers are told on their page and by e-mail.
fn pusher<'a>(notices: &'a Notices, caller: &Caller) -> Option<&'a Pusher> {
    notices.pusher().filter(|_| caller.citizen().is_some())
}

fn body(
    pusher: Option<&Pusher>,
    shell: &Shell,
    form: &Form,
    values: &Values,
    errors: &Errors,
    devices: &[(Uuid, Timestamp)],
) -> Page {
    let title = shell.text("notice-settings-title");
    Page::new(shell, title.clone()).errors(errors).body(html! {
        h1 { (title) }
        p { (shell.text("notice-settings-words")) }
        (form.render(shell, values, errors))
        @if let Some(pusher) = pusher { (push(shell, &pusher.public_key(), devices)) }
    })
}

/// The part about browsers: its button is shown by the script, where the browser can listen.
fn push(shell: &Shell, key: &str, devices: &[(Uuid, Timestamp)]) -> Markup {
    html! {
        h2 { (shell.text("notice-push-title")) }
        p { (shell.text("notice-push-words")) }
        @if !devices.is_empty() {
            ul { @for (id, since) in devices {
                li.row.apart {
                    span { (shell.text_with("notice-push-since", &[("at", format::date_time(shell.lang, *since).into())])) }
                    (components::post_button(shell, ButtonKind::Quiet, &format!("/notices/push/{id}/remove"), &[], &shell.text("notice-push-remove")))
                }
            } }
        }
        noscript { p.muted { (shell.text("notice-push-needs-script")) } }
        form method="post" action="/notices/push" data-push-key=(key) data-push-worker="/notices/worker.js" hidden {
            (components::form_guards(shell, "push"))
            input type="hidden" name="endpoint" value="";
            input type="hidden" name="p256dh" value="";
            input type="hidden" name="auth" value="";
            (components::button(ButtonKind::Quiet, &shell.text("notice-push-listen")))
            p.muted role="status" data-push-refused=(shell.text("notice-push-refused")) {}
        }
        script src="/notices/push.js" defer {}
    }
}

async fn save(State(notices): State<Notices>, shell: Shell, caller: Caller, submitted: Submitted) -> Reply<Response> {
    let account = account_of(&caller)?;
    let offered = offered(&notices, &caller);
    let form = form(&shell, &offered, caller.officer().is_some());
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let devices = known(&notices, &caller).await?.devices;
            let page = body(
                pusher(&notices, &caller),
                &shell,
                &form,
                &form.typed(&submitted),
                &errors,
                &devices,
            );
            return Ok(page.status(http::StatusCode::UNPROCESSABLE_ENTITY).into_response());
        }
    };
    let ticked: Vec<Channel> = values
        .all("channels")
        .iter()
        .filter_map(|word| word.parse().ok())
        .collect();
    let (off, on) = rules::wishes(&offered, &ticked);
    let wishes = Wishes {
        lang: values.typed("lang").unwrap_or_default(),
        off,
        on,
    };
    let contact = Contact {
        email: values.typed::<Email>("email"),
        phone: values.typed::<Phone>("phone"),
        ..Contact::default()
    };
    let sealed = (contact != Contact::default())
        .then(|| seal(&notices, account, &contact))
        .transpose()?;
    let now = notices.now();
    notices
        .store()
        .write(move |tx| table::save(tx, account, &wishes, sealed.as_ref(), now))
        .await?;
    Ok(with_notice(see_other(SETTINGS), "settings-notice-saved"))
}

fn seal(notices: &Notices, account: AccountId, contact: &Contact) -> Result<::store::keys::Sealed, NoticeError> {
    let plain = serde_json::to_vec(contact).map_err(|error| NoticeError::Config(error.to_string()))?;
    let keys = notices.identity().keys();
    Ok(keys.seal(notices.world().as_ref(), &contact_context(account), &plain))
}

async fn listen(State(notices): State<Notices>, caller: Caller, submitted: Submitted) -> Reply<Response> {
    let account = account_of(&caller)?;
    let pusher = notices.pusher().ok_or(NoticeError::NotSetUp)?;
    let id = kernel::id::uuid_v7(notices.world().as_ref());
    let device = Device {
        id,
        endpoint: submitted.text("endpoint").to_owned(),
        p256dh: submitted.text("p256dh").to_owned(),
        auth: submitted.text("auth").to_owned(),
    };
    pusher.check(&device).map_err(NoticeError::from)?;
    let keys = notices.identity().keys();
    let plain = serde_json::to_vec(&device).map_err(|error| NoticeError::Config(error.to_string()))?;
    let new = NewDevice {
        id,
        account,
        endpoint_index: keys.blind_index("notice.device", &device.endpoint),
        details: keys
            .seal(notices.world().as_ref(), &device_context(id), &plain)
            .into_bytes(),
        now: notices.now(),
    };
    notices
        .store()
        .write(move |tx| {
            if table::listening(tx, account)?.len() >= DEVICES_MAX {
                return Err(NoticeError::TooManyDevices(DEVICES_MAX));
            }
            Ok(table::add_device(tx, &new)?)
        })
        .await?;
    Ok(with_notice(see_other(SETTINGS), "push-notice-listening"))
}

async fn remove(
    State(notices): State<Notices>,
    caller: Caller,
    axum::extract::Path(id): axum::extract::Path<Uuid>,
    _form: Submitted,
) -> Reply<Response> {
    let account = account_of(&caller)?;
    let removed = notices
        .store()
        .write(move |tx| table::remove_device(tx, account, id))
        .await?;
    if !removed {
        return Err(NoticeError::Gone.into());
    }
    Ok(with_notice(see_other(SETTINGS), "push-notice-removed"))
}
