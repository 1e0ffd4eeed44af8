//! Attachments of a served province on an S3 server behave as in the folder: taken with a form, found by their bytes, gone
//! when they are thrown away, checked by `verify`.

use reqwest::StatusCode;
use store::{BlobConfig, EngineKind};

use crate::harness::wait;
use crate::support::bucket::Bucket;
use crate::support::filing::{self, PDF};
use crate::support::people::{citizen, units_of};
use crate::support::province::{ABSENCE, ABSENCE_CASE};
use crate::support::{Province, html};
use identity::unit::UnitKind;

#[tokio::test(flavor = "multi_thread")]
async fn attachments_on_s3_behave_as_in_the_folder() {
    let mut province = Province::make(EngineKind::Sqlite).await.unwrap();
    let bucket = Bucket::start().await;
    province.config.blobs = Some(BlobConfig::S3(bucket.settings()));
    province.save();
    let app = province.open_real().await;
    let person = citizen(&app, 1).await;
    let commune = units_of(&app, UnitKind::Commune)[0];
    app.store.close().await;
    let mut server = province.start_program().await;
    let visitor = person.at(&server.url());
    let draft = filing::begin(&visitor, ABSENCE).await;
    filing::contact(&visitor, &draft, &person.phone).await;
    filing::pass(
        &visitor,
        &draft,
        "form",
        &[ABSENCE_CASE, ("request", "Tệp ở xa")],
        "files",
    )
    .await;
    // More than one part of an upload in parts.
    let mut large = PDF[..PDF.len() - 6].to_vec();
    large.resize(12 << 20, b' ');
    large.extend(b"\n%%EOF\n");
    let added = filing::attach(&visitor, &draft, 0, &[("nho.pdf", PDF), ("lon.pdf", &large)]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.words());
    let objects = bucket.objects();
    assert!(objects.len() >= 2, "they are in the bucket");
    assert!(
        objects
            .iter()
            .all(|object| !object.windows(8).any(|window| window == b"%PDF-1.4")),
        "and sealed there"
    );
    let folder = walkdir::WalkDir::new(province.config.data.join("blobs"))
        .into_iter()
        .map(Result::unwrap);
    assert_eq!(
        folder.filter(|entry| entry.file_type().is_file()).count(),
        0,
        "and nowhere else"
    );

    // One is thrown away again: its object goes.
    let page = visitor.page(&format!("{draft}/files")).await;
    let remove = html::forms(&page.text())
        .into_iter()
        .find(|form| form.action.ends_with("/remove"))
        .unwrap()
        .action;
    assert_eq!(visitor.submit(&page, &remove, &[]).await.status, StatusCode::SEE_OTHER);
    let less = objects.len();
    wait::until("its object to be removed", wait::LONG, || async {
        let left = bucket.objects().len();
        if left < less {
            Ok(())
        } else {
            Err(format!("{left} objects"))
        }
    })
    .await;
    filing::finish(&visitor, &draft, commune).await;
    let dossier = filing::send(&visitor, &draft).await;
    let text = visitor.page(&dossier).await.text();
    let file = text
        .split(&format!("href=\"{dossier}/files/"))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    let body = visitor.page(&format!("{dossier}/files/{file}")).await.body;
    assert!(body == PDF || body == large, "{} bytes came back", body.len());
    assert!(server.stop().success());
    province.verify();

    // An object that somebody changed is found, and not sent to anybody as what it was.
    let path = bucket.paths().remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(
        !province.run(&["verify"], &[]).status.success(),
        "a changed object is found"
    );
    let mut server = province.start_program().await;
    let visitor = person.at(&server.url());
    let changed = visitor
        .try_send(visitor.request(reqwest::Method::GET, &format!("{dossier}/files/{file}")))
        .await;
    assert!(
        changed.is_err() || !changed.unwrap().status.is_success(),
        "a changed file is not sent as a whole one"
    );
    assert!(server.stop().success());
}
