//! camt.053: versions, batches, pending entries, and XML that is made to hurt.

use super::*;

fn document(entries: &str, opening: i64, closing: i64) -> String {
    let balance = |code: &str, dong: i64| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">{dong}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd></Bal>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\"?>\n<n:Document xmlns:n=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><n:BkToCstmrStmt>\n\
         <n:Stmt><n:FrToDt><FrDt>2025-07-01</FrDt><ToDt>2025-07-31</ToDt></n:FrToDt>\
         <Acct><Id><IBAN>VN1</IBAN></Id></Acct>\n{}{}{entries}</n:Stmt></n:BkToCstmrStmt></n:Document>",
        balance("PRCD", opening),
        balance("CLBD", closing),
    )
}

const ENTRY: &str = "<Ntry><NtryRef>1</NtryRef><Amt Ccy=\"VND\">150.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>\
    <BookgDt><DtTm>2025-07-01T23:59:00+07:00</DtTm></BookgDt><AcctSvcrRef>FT1</AcctSvcrRef>\
    <AddtlNtryInf>  Lệ phí &amp; &#273;&#x1EA5;t <![CDATA[<a>]]></AddtlNtryInf></Ntry>\n";

#[test]
fn an_entry_of_version_02_is_read() {
    let pending = ENTRY.replace("BOOK", "PDNG");
    let statement = read_one(
        document(&format!("{ENTRY}{pending}"), 0, 150).as_bytes(),
        &Format::Camt053,
    )
    .unwrap();
    assert_eq!(shown(&statement), ["6|2025-07-01|150|-|Lệ phí & đất <a>|FT1"]);
    assert_eq!(
        (statement.account.as_str(), statement.to.to_string()),
        ("VN1", "2025-07-31".to_owned())
    );
    let none = read_one(document("", 7, 7).as_bytes(), &Format::Camt053).unwrap();
    assert_eq!(
        (none.lines.len(), none.from.to_string()),
        (0, "2025-07-01".to_owned()),
        "a period without bookings"
    );
}

#[test]
fn a_batch_becomes_a_line_for_each_transaction_when_they_add_up() {
    let transaction = |amount: i64, reference: &str| {
        format!(
            "<TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs><AmtDtls><TxAmt><Amt Ccy=\"VND\">{amount}</Amt></TxAmt>\
             </AmtDtls><RltdPties><Dbtr><Nm>A</Nm></Dbtr></RltdPties><RmtInf><Ustrd>x</Ustrd><Ustrd>y</Ustrd></RmtInf></TxDtls>"
        )
    };
    let batch = |second: i64| {
        let details = format!(
            "<NtryDtls>{}{}</NtryDtls></Ntry>",
            transaction(100, "T1"),
            transaction(second, "T2")
        );
        document(&ENTRY.replace("</Ntry>", &details), 0, 150)
    };
    let split = read_one(batch(50).as_bytes(), &Format::Camt053).unwrap();
    assert_eq!(shown(&split), ["6|2025-07-01|100|A|x y|T1", "6|2025-07-01|50|A|x y|T2"]);
    let whole = read_one(batch(60).as_bytes(), &Format::Camt053).unwrap();
    assert_eq!(
        shown(&whole),
        ["6|2025-07-01|150|A|x y|T1"],
        "parts that do not add up are not believed"
    );
}

#[test]
fn faults_are_told_at_once() {
    let entries = [
        ENTRY.replace("150.00", "1.50"),
        ENTRY.replace("Ccy=\"VND\"", "Ccy=\"USD\""),
        ENTRY.replace("CRDT", "BOTH"),
        ENTRY.replace("BookgDt", "Other"),
        ENTRY.replace(">150.00<", ">-1<"),
        ENTRY.replace(">150.00<", ">0<"),
    ];
    assert_eq!(
        faults(document(&entries.concat(), 0, 0).as_bytes(), &Format::Camt053),
        [
            "line 6: \"1.50\" is no whole number of đồng",
            "line 7: the currency is USD, not VND",
            "line 8: CdtDbtInd is malformed",
            "line 9: BookgDt is missing",
            "line 10: \"-1\" is no amount in the declared form",
            "line 11: there is no amount",
        ]
    );
    let without = document(ENTRY, 0, 150).replace("CLBD", "ITBD").replace("IBAN", "Other");
    assert_eq!(
        faults(without.as_bytes(), &Format::Camt053),
        ["Stmt/Acct/Id is missing", "the closing balance (CLBD) is missing"]
    );
}

#[test]
fn xml_made_to_hurt_is_refused() {
    let table = [
        (
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>".to_owned(),
            "entities or a document type",
        ),
        (
            document(&ENTRY.replace("&amp;", "&lol;"), 0, 150),
            "entities or a document type",
        ),
        (document("<Ntry b=\"&lol;\"/>", 0, 0), "entities or a document type"),
        ("<a>".repeat(10_000), "nested deeper than 32"),
        (
            document(&format!("<Ntry>{}</Ntry>", "<a/>".repeat(30_000)), 0, 0),
            "more than 20000 elements",
        ),
        (
            document(&format!("<Ntry>{}</Ntry>", "a".repeat(1_100_000)), 0, 0),
            "bytes of text",
        ),
        (document(ENTRY, 0, 150).replace("</n:Stmt>", ""), "camt.053"),
        ("<a/>".to_owned(), "no BkToCstmrStmt/Stmt"),
        (String::new(), "cut off"),
        ("just text".to_owned(), "cut off"),
    ];
    for (text, words) in table {
        let error = read(text.as_bytes(), &Format::Camt053).expect_err(words).to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
}
