//! Every template of the country with its sample through a real child: the PDF is read back by poppler, all fonts are inside,
//! Vietnamese comes out as it went in, the code is read by a decoder. Then templates that mean harm: each ends in one clear
//! error within its time, and the next paper prints.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kernel::Fault as _;
use press::{DATA_FILE, Order, Press, PressError, Program};
use serde_json::Value;

const PAPERS: [&str; 8] = [
    "receipt",
    "supplement",
    "refusal",
    "apology",
    "stop",
    "control-slip",
    "register",
    "result",
];

/// What the code on the paper holds.
const ADDRESS: &str = "https://dichvu.hatinh.gov.vn/verify/4M7Q-T0ZK-93XB-HC5E";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../provinces/_country/templates")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn press() -> Press {
    Press::new(Program {
        path: env!("CARGO_BIN_EXE_typeset").into(),
        arguments: Vec::new(),
    })
}

fn order(main: &str, files: &[(&str, &str)]) -> Order {
    let files: BTreeMap<String, String> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    Order {
        main: main.to_owned(),
        files,
        date: "2026-11-22".to_owned(),
    }
}

/// A code as an SVG of its own.
fn drawn(text: &str) -> String {
    let code = qrcode::QrCode::new(text).unwrap();
    code.render::<qrcode::render::svg::Color<'_>>().build()
}

fn sample(name: &str) -> Value {
    let mut data: Value = serde_json::from_str(&text(&format!("samples/{name}.json"))).unwrap();
    data["verify"]["qr"] = drawn(ADDRESS).into();
    data
}

fn paper(name: &str, data: &Value) -> Order {
    let main = format!("{name}.typ");
    order(
        &main,
        &[
            (&main, &text(&main)),
            ("layout.typ", &text("layout.typ")),
            (DATA_FILE, &data.to_string()),
        ],
    )
}

/// Where the file stands among the arguments of a program.
const PDF: &str = "PDF";

/// Runs a program of poppler on a PDF.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, pdf).unwrap();
    let mut command = Command::new(program);
    for word in arguments {
        if *word == PDF {
            command.arg(&path);
        } else {
            command.arg(word);
        }
    }
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; install poppler-utils"));
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// What a PDF says, with spaces and line breaks made one.
fn words(pdf: &[u8]) -> String {
    let text = String::from_utf8(poppler("pdftotext", &["-layout", PDF, "-"], pdf)).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first code on a page drawn at 200 dots an inch.
fn code(pdf: &[u8]) -> String {
    let page = poppler("pdftoppm", &["-r", "200", "-gray", "-singlefile", PDF], pdf);
    let mut at = 0;
    let mut next = || {
        let start = at + page[at..].iter().position(|byte| !byte.is_ascii_whitespace()).unwrap();
        at = start + page[start..].iter().position(u8::is_ascii_whitespace).unwrap();
        std::str::from_utf8(&page[start..at]).unwrap().to_owned()
    };
    assert_eq!(next(), "P5");
    let (width, height): (usize, usize) = (next().parse().unwrap(), next().parse().unwrap());
    assert_eq!(next(), "255");
    let pixels = &page[at + 1..];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    grids.first().expect("a code on the page").decode().unwrap().1
}

#[tokio::test]
async fn every_paper_reads_back_as_it_was_written() {
    let press = press();
    for name in PAPERS {
        let data = sample(name);
        let pdf = press
            .print(&paper(name, &data))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            pdf.starts_with(b"%PDF-1.") && pdf.len() < 400_000,
            "{name}: {} bytes",
            pdf.len()
        );
        let fonts = String::from_utf8(poppler("pdffonts", &[PDF], &pdf)).unwrap();
        for line in fonts.lines().skip(2) {
            assert!(line.contains("LiberationSerif"), "{name}: {line}");
            let columns: Vec<&str> = line.split_whitespace().collect();
            let from_end = |at: usize| columns[columns.len() - at];
            assert_eq!(
                [from_end(5), from_end(4), from_end(3)],
                ["yes", "yes", "yes"],
                "{name}: {line}"
            );
        }
        let words = words(&pdf);
        for expected in [
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "ngày 22 tháng 11 năm 2026",
            "4M7Q-T0ZK-93XB-HC5E",
        ] {
            assert!(words.contains(expected), "{name}: {expected} is not in {words}");
        }
        assert_eq!(code(&pdf), ADDRESS, "{name}");
    }
    assert_eq!(press.idle().len(), 1, "one warm child printed them all");
}

#[tokio::test]
async fn the_parts_of_a_decision_stand_in_their_order() {
    let pdf = press().print(&paper("result", &sample("result"))).await.unwrap();
    let words = words(&pdf);
    let parts = [
        "ỦY BAN NHÂN DÂN TỈNH HÀ TĨNH",
        "Số: 05/QĐ-UBND",
        "QUYẾT ĐỊNH",
        "Về việc cho phép",
        "Căn cứ Luật",
        "QUYẾT ĐỊNH:",
        "Điều 1.",
        "Điều 3.",
        "Nơi nhận:",
        "Phạm Thị Thu",
    ];
    let mut after = 0;
    for part in parts {
        let found = words[after..]
            .find(part)
            .unwrap_or_else(|| panic!("{part} does not follow in {words}"));
        after += found + part.len();
    }
}

#[tokio::test]
async fn what_people_type_is_text_and_nothing_else() {
    let mut data = sample("receipt");
    let name = "#panic(\"x\") *Hoa* _a_ $1$ <b> // @lan \\ \"";
    data["applicant"]["name"] = name.into();
    data["components"] = vec!["#read(\"/etc/passwd\")"].into();
    let words = words(&press().print(&paper("receipt", &data)).await.unwrap());
    assert!(words.contains("#panic(\"x\") *Hoa* _a_ $1$ <b>"), "{words}");
    assert!(words.contains("#read(\"/etc/passwd\")"), "{words}");
}

#[tokio::test]
async fn every_letter_of_vietnamese_is_in_the_fonts() {
    let vowels = "aăâeêioôơuưy";
    let marks = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
    let mut all: String = "đĐ₫".to_owned();
    for vowel in vowels.chars().chain(vowels.to_uppercase().chars()) {
        for mark in marks {
            all.push_str(&kernel::fold::nfc(&format!("{vowel}{mark}")));
        }
        all.push(' ');
    }
    let source = format!("#set text(font: \"Liberation Serif\", fallback: false)\n{all}");
    let words = words(&press().print(&order("a.typ", &[("a.typ", &source)])).await.unwrap());
    let missing: String = all
        .chars()
        .filter(|letter| *letter != ' ' && !words.contains(*letter))
        .collect();
    assert_eq!(missing, "");
}

/// Templates that mean harm or are wrong, and the code and words of what they are answered with.
#[tokio::test]
async fn a_bad_template_ends_in_one_clear_error() {
    let table = [
        ("Xin\nchào #ten", "press-template", "a.typ:2:7: unknown variable: ten"),
        ("#read(\"/etc/passwd\")", "press-template", "no such file"),
        ("#read(\"../../etc/passwd\")", "press-template", "a.typ:1:"),
        (
            "#import \"@preview/tablex:0.0.8\": *",
            "press-template",
            "no packages here",
        ),
        ("#image(\"http://127.0.0.1/a.png\")", "press-template", "no such file"),
        ("#include \"other.typ\"", "press-template", "no such file"),
        (
            "#let f(n) = f(n + 1)\n#f(0)",
            "press-template",
            "maximum function call depth exceeded",
        ),
        ("#while true { }", "press-template", "condition is always true"),
        ("#let n = 0\n#while n < 1 { n += 0 }", "press-template", "infinite"),
        ("#plugin(\"a.wasm\")", "press-template", "no such file"),
        ("#eval(\"read(\\\"/etc/passwd\\\")\")", "press-template", "a.typ:1"),
    ];
    let press = press();
    for (source, code, expected) in table {
        let error = press
            .print(&order("a.typ", &[("a.typ", source)]))
            .await
            .expect_err(source);
        assert_eq!(error.code(), code, "{source}: {error}");
        assert!(error.to_string().contains(expected), "{source}: {error}");
    }
    press.print(&order("a.typ", &[("a.typ", "Xin chào")])).await.unwrap();
}

#[tokio::test]
async fn an_endless_template_is_ended_and_the_next_paper_prints() {
    let press = press();
    let endless =
        "#let go(n) = { for i in range(1000000) { for j in range(1000000) { if i * j == -1 { return 1 } } } }\n#go(1)";
    let began = Instant::now();
    let error = press
        .print(&order("a.typ", &[("a.typ", endless)]))
        .await
        .expect_err("it never ends");
    assert!(
        matches!(error, PressError::TooSlow | PressError::TooMuchMemory),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    press.print(&order("a.typ", &[("a.typ", "Xin chào")])).await.unwrap();
}

#[tokio::test]
async fn a_memory_hog_is_ended_and_the_next_paper_prints() {
    let press = press();
    let hog = "#range(40).fold(\"x\", (all, _) => all + all).len()";
    let error = press
        .print(&order("a.typ", &[("a.typ", hog)]))
        .await
        .expect_err("it wants a terabyte");
    assert!(matches!(error, PressError::TooMuchMemory), "{error}");
    press.print(&order("a.typ", &[("a.typ", "Xin chào")])).await.unwrap();
}

#[tokio::test]
async fn a_child_may_open_nothing() {
    let press = press();
    press.print(&order("a.typ", &[("a.typ", "Xin chào")])).await.unwrap();
    let child = press.idle()[0];
    let limits = std::fs::read_to_string(format!("/proc/{child}/limits")).unwrap();
    let of = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..]
            .split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(of("Max open files"), "3 3");
    assert_eq!(of("Max file size"), "0 0");
    assert_eq!(of("Max core file size"), "0 0");
    assert_eq!(of("Max data size"), "536870912 536870912");
    assert_ne!(of("Max cpu time").split(' ').next(), Some("unlimited"));
    let descriptors = std::fs::read_dir(format!("/proc/{child}/fd")).unwrap().count();
    // What this test was started with and any child inherits, and for `ls` the folder that it lists.
    let plain = Command::new("ls")
        .arg("/proc/self/fd")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let plain = String::from_utf8(plain.stdout).unwrap().lines().count() - 1;
    assert_eq!(descriptors, plain, "three pipes and nothing of its own");
    let environment = std::fs::read_to_string(format!("/proc/{child}/environ")).unwrap();
    let mut names: Vec<&str> = environment
        .split('\0')
        .filter_map(|one| one.split('=').next())
        .collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    assert_eq!(names, ["MIMALLOC_ARENA_EAGER_COMMIT", "RAYON_NUM_THREADS"]);
}

#[tokio::test]
async fn papers_wait_their_turn() {
    let press = press();
    let data = sample("receipt");
    let order = paper("receipt", &data);
    let (a, b, c, d) = tokio::join!(
        press.print(&order),
        press.print(&order),
        press.print(&order),
        press.print(&order)
    );
    for pdf in [&a, &b, &c, &d] {
        assert!(pdf.as_ref().is_ok_and(|pdf| pdf.starts_with(b"%PDF")), "{pdf:?}");
    }
    assert_eq!(a.unwrap(), b.unwrap(), "the same values make the same bytes");
    assert!(press.idle().len() <= 2);
}
