//! Processes and coordination as pages make them: the next version of a process that is being written, an agency that is asked
//! about a dossier.

use reqwest::StatusCode;

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
    let fields = [
        ("unit", unit),
        ("kind", "opinion"),
        ("hours", "16"),
        ("question", "Có vướng quy hoạch không?"),
    ];
    let answer = specialist.submit(&page, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
}
