//! MT940: fields of banks, pages, reversals, years that turn, and faults with their lines.

use super::*;

const WHOLE: &str = "{1:F01X}{2:O940}{4:\n:20:REF1\n:25:BFTVVNVX/1017595600VND\n:28C:182/1\n:60F:C250630VND1000000,\n\
    :61:2507010701C150000,NTRFH30.1//FT2501\n:86:LE PHI H30.1-250701-0001 cua\nNGUYEN VAN A\n\
    :61:250701D55000,00NCHGNONREF\nphi thang\n\
    :61:2507020702RC1000,NTRFNONREF//FT2503\n:86:166?00CK?20HOAN ?21TRA?32TRAN ?33B\n\
    :61:2507020702RDD2000,FTRFABC\n:62F:C250702VND1096000,\n:64:C250702VND1096000,\n:86:bang ke\n-}";

#[test]
fn a_message_is_read() {
    let statement = read_one(WHOLE.as_bytes(), &Format::Mt940).unwrap();
    assert_eq!(statement.account, ACCOUNT);
    assert_eq!(
        shown(&statement),
        [
            "6|2025-07-01|150000|-|LE PHI H30.1-250701-0001 cua NGUYEN VAN A|FT2501",
            "9|2025-07-01|-55000|-|phi thang|-",
            "11|2025-07-02|-1000|TRAN B|HOAN TRA|FT2503",
            "13|2025-07-02|2000|-||ABC",
        ]
    );
    assert_eq!(
        (statement.from.to_string(), statement.to.to_string()),
        ("2025-06-30".into(), "2025-07-02".into())
    );
}

#[test]
fn pages_are_put_together_and_gaps_found() {
    let pages = ":20:A\n:25:1\n:28C:1/1\n:60F:C250701VND100,\n:61:250701C5,NTRFX//1\n:62M:C250701VND105,\n\
        :20:A\n:25:1\n:28C:1/2\n:60M:C250701VND105,\n:61:250702C5,NTRFX//2\n:62F:C250702VND110,\n\
        :20:B\n:25:2\n:60F:D250702VND7,\n:62F:D250702VND7,\n";
    let all = read(pages.as_bytes(), &Format::Mt940).unwrap();
    let seen: Vec<_> = all
        .iter()
        .map(|one| (one.account.as_str(), one.lines.len(), one.closing.unwrap().get()))
        .collect();
    assert_eq!(seen, [("1", 2, 110), ("2", 0, -7)]);
    let gap = pages.replace(":60M:C250701VND105,", ":60M:C250701VND106,");
    assert_eq!(
        faults(gap.as_bytes(), &Format::Mt940),
        ["line 10: this page does not go on where the page before ended"]
    );
    let cut = &pages[..pages.find(":20:A\n:25:1\n:28C:1/2").unwrap()];
    let found = faults(cut.as_bytes(), &Format::Mt940);
    assert!(found.iter().any(|line| line.contains("does not go on")), "{found:?}");
}

#[test]
fn the_day_of_entry_may_lie_in_another_year() {
    let text = ":20:A\n:25:1\n:60F:C251231VND0,\n:61:2512310102C5,NTRFX//1\n:62F:C260102VND5,\n";
    let statement = read_one(text.as_bytes(), &Format::Mt940).unwrap();
    assert_eq!(shown(&statement), ["4|2026-01-02|5|-||1"]);
}

#[test]
fn faults_are_told_at_once() {
    let text = ":20:A\n:25:1\n:60F:C250701VND0,\n:61:250701C1,5NTRFX\n:61:250701X1,NTRFX\n:61:250701C12NTRFX\n\
        :61:250701C0,NTRFX\n:62F:C250799VND5,\n";
    assert_eq!(
        faults(text.as_bytes(), &Format::Mt940),
        [
            ":62F: (closing balance) is missing",
            "line 4: \"1,5\" is no whole number of đồng",
            "line 5: :61: is malformed",
            "line 6: \"12\" is no amount in the declared form",
            "line 7: there is no amount",
            "line 8: the balance is malformed",
        ]
    );
    assert_eq!(
        faults(b"hello", &Format::Mt940),
        ["the file is no MT940: there is no field :20: at the start of a line"]
    );
    let before = format!(":61:250701C5,NTRFX\n{}", &WHOLE[WHOLE.find(":20:").unwrap()..]);
    assert_eq!(
        faults(before.as_bytes(), &Format::Mt940),
        ["line 1: :20: before this field is missing"],
        "no booking is passed over"
    );
    let dollars = ":20:A\n:25:1\n:60F:C250701USD0,\n:62F:C250701USD0,\n";
    assert!(faults(dollars.as_bytes(), &Format::Mt940).contains(&"line 3: the currency is USD, not VND".to_owned()));
    let found = faults(
        WHOLE
            .replace("62F:C250702VND1096000", "62F:C250702VND1096001")
            .as_bytes(),
        &Format::Mt940,
    );
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("the closing balance is 1.096.001"), "{found:?}");
    assert!(
        faults(
            "{4:\n:20:Ph\u{ed}\n"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>()
                .as_slice(),
            &Format::Mt940
        )[0]
        .contains("UTF-16")
    );
}
