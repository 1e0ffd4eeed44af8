//! Processes and coordination as pages make them: the next version of a process that is being written, an agency that is asked
//! about a dossier.

use casework::procedure::import::{Extent, Terms, import_under};
use reqwest::StatusCode;
use tinhso::App;

use super::Visitor;

/// Begins the next version of a procedure's process; gives the path of its form.
pub async fn begin(admin: &Visitor, procedure: &str) -> String {
    let path = format!("/admin/processes/{procedure}");
    let page = admin.page(&path).await;
    let answer = admin.submit(&page, &path, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    answer.location()
}

/// Asks the first agency of the list about a dossier.
pub async fn ask_another(specialist: &Visitor, dossier: &str) {
    let path = format!("/desk/dossiers/{dossier}/coordinate");
    let page = specialist.page(&path).await;
    let text = page.text();
    let select = text.split("name=\"unit\"").nth(1).unwrap_or_default();
    let units = select.split("<option").skip(1);
    let unit = units
        .filter_map(|option| option.split("value=\"").nth(1)?.split('"').next())
        .find(|value| !value.is_empty())
        .expect("an agency that can be asked");
    // An opinion, and work that the other agency takes over as a child dossier.
    for kind in ["opinion", "hand-over"] {
        let page = specialist.page(&path).await;
        let fields = [
            ("unit", unit),
            ("kind", kind),
            ("hours", "16"),
            ("question", "Có vướng quy hoạch không?"),
        ];
        let answer = specialist.submit(&page, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    }
}

/// Two more versions of a procedure: one that holds from today, and one that waits for somebody's approval.
pub async fn versions(app: &App, code: &str) {
    let code = code.parse().unwrap();
    let (store, world) = (&app.store, app.store.world().clone());
    let today = app.casework.now().local_date();
    for waits in [false, true] {
        let (found, version) = app.casework.catalogue().find(&code, None).await.unwrap().unwrap();
        let mut next = found.as_ref().clone();
        next.decision = format!("Quyết định {}/QĐ-UBND", version + 1);
        for fee in next.channels.iter_mut().flat_map(|channel| &mut channel.fees) {
            fee.amount = Some(kernel::Dong::new(7_000));
        }
        let line = serde_json::to_string(&next).unwrap();
        let terms = Terms {
            valid_from: Some(today),
            made_by: "Cán bộ danh mục".to_owned(),
            waits,
        };
        let report = import_under(store, world.as_ref(), line.as_bytes(), Extent::Partial, &terms, |_| {}).await;
        assert_eq!(
            report.unwrap().changed,
            1,
            "a decision of another number is another version"
        );
        app.casework.catalogue().look_again();
    }
}
