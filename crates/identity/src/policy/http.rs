//! The page on which an auditor reads the policies: each in plain words, then the Cedar text as it is in force.
//! It changes nothing: a policy changes with a version of the program.

use axum::extract::State;
use web::components::{Crumb, details};
use web::{Page, Reply, Shell, html};

use super::Action;
use crate::Identity;
use crate::routes::{Access, Routes, get};
use crate::session::Caller;

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity).page(get("/admin/policies", page), Access::Action(Action::PolicyRead))
}

async fn page(State(identity): State<Identity>, shell: Shell, caller: Caller) -> Reply {
    identity.require_system(&caller, Action::PolicyRead)?;
    let title = shell.text("policy-title");
    let policy = identity.policy();
    Ok(Page::new(&shell, title.clone())
        .crumbs(vec![Crumb::new("/admin", shell.text("account-nav-admin"))])
        .body(html! {
            h1 { (title) }
            p { (shell.text("policy-words")) }
            p { (shell.text("policy-version")) " " code { (policy.version()) } }
            h2 { (shell.text("policy-plain")) }
            ul {
                @for text in policy.texts() {
                    li { @if shell.lang == kernel::Lang::En { (text.en) } @else { (text.vi) } " " code { (text.id) } }
                }
            }
            h2 { (shell.text("policy-files")) }
            @for file in policy.files() {
                (details(file.name, &html! { pre tabindex="0" { code { (file.text) } } }))
            }
        }))
}
