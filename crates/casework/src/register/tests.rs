//! Registers: narrowed by period, unit and sector, exported without formulas, bounded and logged, printed with a recorded use.

use std::io::Read as _;

use crate::dossier::store as dossiers;
use crate::journeys::{act, cast, citizen};
use crate::testing::{MIGRATIONS, Province, filed};

use super::sheet::{Cell, Sheet};

fn sheet(text: &str) -> Sheet {
    Sheet {
        name: "Sổ [1]: a/b".to_owned(),
        headings: vec!["Mã".to_owned(), "Số".to_owned(), "Ngày".to_owned()],
        rows: vec![vec![
            Cell::Text(text.to_owned()),
            Cell::Number(7),
            Cell::Time(Some("2026-11-22T08:05:00+07:00".parse().expect("a time"))),
        ]],
    }
}

/// A part of a workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    archive
        .by_name(name)
        .expect(name)
        .read_to_string(&mut text)
        .expect("text");
    text
}

#[test]
fn no_cell_of_a_workbook_is_a_formula() {
    for text in ["=1+1", "+A1", "@SUM(A1)", "-2", "\t=1", "=HYPERLINK(\"http://x\")"] {
        let bytes = sheet(text)
            .xlsx("2026-11-22T09:00:00+07:00".parse().expect("a time"))
            .expect("a workbook");
        let cells = part(&bytes, "xl/worksheets/sheet1.xml");
        assert!(!cells.contains("<f>") && !cells.contains("hyperlink"), "{cells}");
        assert!(cells.contains("t=\"s\"") && cells.contains("<v>7</v>"), "{cells}");
        // A plain number stays one: no spreadsheet reads more in it.
        assert!(text == "-2" || sheet(text).csv().text().contains('\''), "{text}");
    }
}

#[test]
fn a_workbook_is_the_same_each_time() {
    let at = "2026-11-22T09:00:00+07:00".parse().expect("a time");
    let both = [sheet("a").xlsx(at), sheet("a").xlsx(at)].map(|bytes| bytes.expect("a workbook"));
    for name in ["xl/worksheets/sheet1.xml", "docProps/core.xml", "xl/sharedStrings.xml"] {
        assert_eq!(part(&both[0], name), part(&both[1], name));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_is_narrowed_exported_and_printed() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        let day = province.house.now().local_date();

        let report = cast.desk.get("/desk/figures").await.expect(200);
        report
            .says("Hộ tịch")
            .says("/desk/register/received?")
            .says("UBND phường Thành Sen");
        let here = format!("/desk/register/received?from={day}&to={day}&sector=ho-tich");
        cast.desk.get(&here).await.expect(200).says("Trần T. H.");
        let there = format!("/desk/register/received?from={day}&to={day}&sector=chung-thuc");
        cast.desk.get(&there).await.expect(200).hides("Trần T. H.");
        cast.desk
            .get("/desk/register/received?day=2026-01-01")
            .await
            .expect(200)
            .hides("Trần T. H.");
        let other = format!("/desk/register/received?unit={}", province.other);
        cast.desk.get(&other).await.expect(200).hides("Trần T. H.");
        cast.stranger
            .get("/desk/register/received")
            .await
            .expect(200)
            .hides("Trần T. H.");

        let csv = cast.desk.get("/desk/register/received/export/csv").await.expect(200);
        csv.says("Trần T. H.").hides("Trần Thị Hoa").says("Hộ tịch");
        cast.desk
            .get("/desk/register/received/export/xlsx")
            .await
            .expect(200)
            .says("PK");
        cast.desk.get("/desk/register/received/export/doc").await.expect(404);
        cast.desk
            .get("/desk/figures/export/csv")
            .await
            .expect(200)
            .says("Hộ tịch");
        cast.desk.get("/desk/figures/export/xlsx").await.expect(200).says("PK");
        let all = province
            .house
            .store()
            .read(|tx| identity::audit::export_page(tx, 0, 1_000))
            .await
            .expect("read");
        let logged: Vec<_> = all.iter().filter(|entry| entry.action == "register.export").collect();
        assert_eq!(logged.len(), 2, "{logged:?}");
        assert_eq!(logged[0].detail.get("rows").map(String::as_str), Some("1"));

        let page = format!("/desk/register/received?from={day}&to={day}");
        let print = format!("/desk/register/received/print?from={day}&to={day}");
        let paper = cast.desk.post(&page, &print, &[]).await.expect(303).location;
        let printed = cast.desk.get(&paper).await.expect(200);
        printed.says("register.typ").says("Trần Thị Hoa").says("Tổ 3");
        cast.leader.get(&paper).await.expect(404);
        let id: crate::dossier::DossierId = own.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let uses = province.house.store().read(move |tx| {
            let person = crate::dossier::store::find(tx, id)?.person;
            Ok::<_, crate::dossier::DossierError>(identity::useof::page(tx, person, false, None, 50)?)
        });
        let uses = uses.await.expect("read");
        assert!(uses.iter().any(|one| one.reference == super::BASIS), "{uses:?}");
    })
    .await;
}

/// Copies of a dossier under codes of their own, so many that no export holds them all.
async fn crowd(province: &Province, like: &str, count: u32) {
    let like = province.dossier(like).await;
    let id = like.id;
    let ids: Vec<_> = (0..count)
        .map(|_| crate::dossier::DossierId::new(province.world.as_ref()))
        .collect();
    province
        .house
        .store()
        .write(move |tx| {
            let content = dossiers::content(tx, id)?;
            for (at, id) in ids.iter().enumerate() {
                let new = dossiers::NewDossier {
                    dossier: crate::dossier::Dossier {
                        id: *id,
                        ..like.clone()
                    },
                    content: content.clone(),
                    person_index: [0; 32],
                    check_person: [0; 32],
                    check_phone: None,
                };
                let day = kernel::Date::constant(2026, 1, 1);
                let number = i64::try_from(at).unwrap_or(0) + 1;
                let code = crate::dossier::submit::code_of(&"H27.15".parse().expect("a code"), day, number)?;
                dossiers::insert(tx, &new, &code)?;
            }
            Ok::<_, crate::dossier::DossierError>(())
        })
        .await
        .expect("the crowd is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_bounded_and_says_how_much_went_out() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let most = u32::try_from(super::EXPORT_ROWS).expect("a number of rows");
        crowd(&province, &own, most + 7).await;
        cast.desk
            .get("/desk/register/submitted")
            .await
            .expect(200)
            .says("5.000");
        for path in ["/desk/register/submitted/export/csv", "/desk/export.csv"] {
            let csv = cast.desk.get(path).await.expect(200);
            let rows = csv.body.lines().filter(|line| line.contains("H27.15-")).count();
            assert_eq!(rows, usize::try_from(most).expect("a number"), "{path}");
            csv.hides("Trần Thị Hoa").hides("042190001234");
        }
        let all = province
            .house
            .store()
            .read(|tx| identity::audit::export_page(tx, 0, 1_000))
            .await
            .expect("read");
        let logged: Vec<_> = all
            .iter()
            .filter(|entry| entry.action.contains("export"))
            .map(|entry| entry.detail.get("rows").cloned())
            .collect();
        assert_eq!(logged, [Some("5000".to_owned()), Some("5000".to_owned())]);
    })
    .await;
}
