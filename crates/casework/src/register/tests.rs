//! Registers: narrowed by period, unit and sector, exported without formulas, bounded and logged, printed with a recorded use.

use std::io::Read as _;

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
