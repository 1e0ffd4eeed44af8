//! Words of made-up dossiers: answers, reasons, defects, a sheet of paper. Nothing of it is about anybody.
//! Whoever reads such a text knows it is made up; it stands for no real request.

use kernel::Date;
use serde_json::{Map, Value};
use web::form::FieldKind;

use super::Chance;
use crate::dossier::Defect;
use crate::dossier::state::Action;
use crate::draft::rules::papers;
use crate::procedure::Procedure;
use crate::procedure::form::FormSchema;

const REQUESTS: &[&str] = &[
    "Đề nghị giải quyết theo hồ sơ kèm theo.",
    "Xin cấp 02 bản để bổ túc hồ sơ đi học.",
    "Đề nghị xem xét, giải quyết sớm vì cần dùng trong tháng này.",
    "Xin cấp lại do giấy cũ bị rách, mờ.",
    "Thông tin trên giấy tờ cũ ghi sai năm sinh, đề nghị đính chính.",
];

const PLACES: &[&str] = &["Hà Tĩnh", "Thạch Hà", "Can Lộc", "Cẩm Xuyên", "Đức Thọ", "Hương Khê"];

/// Names that nobody is meant by.
const NAMES: &[&str] = &[
    "Nguyễn Văn Hòa",
    "Trần Thị Mai",
    "Lê Quang Minh",
    "Phạm Thị Lan",
    "Võ Văn Thành",
    "Hồ Thị Nga",
];

/// Answers that fit the fields.
pub(super) fn answers(schema: &FormSchema, chance: &mut Chance) -> Map<String, Value> {
    let mut answers = Map::new();
    for field in schema.fields().filter(|field| field.required && field.when.is_none()) {
        let value = match &field.kind {
            _ if field.name.ends_with("-name") => pick(NAMES, chance),
            FieldKind::Multiline { .. } => pick(REQUESTS, chance),
            FieldKind::Integer { min, .. } => min.unwrap_or(1).max(1).to_string(),
            FieldKind::Dong { .. } => (5_000_000 * (chance.below(40) + 1)).to_string(),
            FieldKind::Date { .. } => day(chance).to_string(),
            FieldKind::Radios { choices } | FieldKind::Select { choices } | FieldKind::Checkboxes { choices } => chance
                .pick(choices)
                .map(|choice| choice.value.clone())
                .unwrap_or_default(),
            FieldKind::Lookup { choices, .. } => {
                let code = chance.pick(choices).map(|choice| choice.value.clone());
                code.unwrap_or_default()
            }
            FieldKind::Decimal { decimals, min, .. } => {
                let least = min.unwrap_or(0) / 10_i64.pow(u32::from(*decimals));
                (least + i64::try_from(chance.below(100)).unwrap_or(0) + 1).to_string()
            }
            FieldKind::Phone => "0912345678".to_owned(),
            FieldKind::YesNo | FieldKind::Confirm => "yes".to_owned(),
            _ => pick(PLACES, chance),
        };
        answers.insert(field.name.clone(), Value::from(value));
    }
    answers
}

fn pick(all: &[&str], chance: &mut Chance) -> String {
    chance.pick(all).copied().unwrap_or_default().to_owned()
}

fn day(chance: &mut Chance) -> Date {
    let (month, day) = (chance.below(10) + 1, chance.below(27) + 1);
    Date::new(2026, i8::try_from(month).unwrap_or(1), i8::try_from(day).unwrap_or(1))
        .unwrap_or(Date::constant(2026, 1, 1))
}

/// What an officer writes beside an action.
pub(super) fn note(action: Action, chance: &mut Chance) -> String {
    let all: &[&str] = match action {
        Action::Refuse => &[
            "Thủ tục thuộc thẩm quyền của cơ quan công an; đề nghị nộp tại công an phường.",
            "Hồ sơ trùng với hồ sơ đã nộp tuần trước và đang được giải quyết.",
        ],
        Action::AskFee => &["Lệ phí theo nghị quyết của Hội đồng nhân dân tỉnh, nộp tại quầy hoặc chuyển khoản."],
        Action::SendBack => &["Bổ sung ý kiến về nguồn gốc giấy tờ trước khi trình lại."],
        Action::Stop => &["Toà án đang thụ lý tranh chấp liên quan; dừng giải quyết theo đề nghị của toà."],
        Action::Propose => &[
            "Hồ sơ đủ điều kiện, đề nghị ký duyệt.",
            "Đã đối chiếu sổ gốc, thông tin khớp.",
        ],
        Action::AnswerSupplement => &["Tôi gửi bổ sung như yêu cầu."],
        Action::ConfirmFee => &[
            "Đã thu đủ, biên lai thu phí, lệ phí theo quyển của đơn vị.",
            "Đã nhận chuyển khoản đủ số tiền.",
        ],
        Action::Extend => &[
            "Cơ quan xin lỗi vì chưa kịp trả kết quả: phải chờ ý kiến xác minh của đơn vị liên quan.",
            "Cơ quan xin lỗi vì chưa kịp trả kết quả: hồ sơ nhiều trong đợt cao điểm, cần thêm thời gian thẩm định.",
        ],
        _ => &[""],
    };
    pick(all, chance)
}

/// Why a request is not granted, where a step says nothing of its own.
pub(super) const DENIED: &str = "Không đủ điều kiện theo quy định; lý do nêu trong văn bản trả lời.";

/// What is missing, for a request.
pub(super) fn defects(procedure: &Procedure) -> Vec<Defect> {
    let paper = papers(procedure)
        .next()
        .map_or("giấy tờ kèm theo", |(_, paper)| paper.name.vi.as_str());
    let short: String = paper.chars().take(120).collect();
    vec![Defect {
        what: format!("Ảnh chụp bị mờ, không đọc được: {short}"),
        remedy: "Chụp lại ở nơi đủ sáng, thấy rõ bốn góc, rồi gửi lại.".to_owned(),
        clause: procedure
            .legal_basis
            .iter()
            .map(|ground| ground.number.trim())
            .find(|number| !number.is_empty())
            .map_or_else(|| format!("Thành phần hồ sơ thủ tục {}", procedure.code), str::to_owned),
        example: "Ảnh chụp thẳng, đủ bốn góc, đọc được mọi chữ và dấu.".to_owned(),
    }]
}

/// Why a dossier is not received.
pub(super) fn refusal(why: &str) -> Vec<Defect> {
    vec![Defect {
        what: why.to_owned(),
        remedy: String::new(),
        clause: "NĐ 118/2025/NĐ-CP Điều 13".to_owned(),
        example: "Hồ sơ nộp đúng cơ quan có thẩm quyền, chưa nộp lần nào trong tháng.".to_owned(),
    }]
}

/// A PDF of one page with one line, whole and valid.
pub(super) fn pdf(line: &str) -> Vec<u8> {
    let line: String = line
        .chars()
        .filter(|c| c.is_ascii_graphic() || *c == ' ')
        .filter(|c| !"()\\".contains(*c))
        .collect();
    let text = format!("BT /F1 12 Tf 60 760 Td ({line}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{text}\nendstream", text.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj{object}endobj\n", at + 1));
    }
    let start = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1));
    for place in &places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!(
        "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
        places.len() + 1
    ));
    out.into_bytes()
}
