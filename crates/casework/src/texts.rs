//! The words of this crate: every key stands in both languages, also those that are put together from a word of the machine.
//! It refuses a word without words.

use crate::dossier::state::{Action, Delivery, Entered, Representation, State};

#[test]
fn every_text_stands_in_both_languages() {
    let sources = [
        crate::TEXT,
        crate::PAPERS_TEXT,
        crate::NOTICES_TEXT,
        crate::EXACT_TEXT,
        crate::INTAKE_TEXT,
        crate::FEE_TEXT,
        crate::WORK_TEXT,
        crate::OFFLINE_TEXT,
        crate::PETITION_TEXT,
    ];
    web::i18n::register(&sources);
    for source in &sources {
        assert_eq!(web::i18n::faults(source), Vec::<String>::new(), "{}", source.name);
    }
    let mut keys: Vec<String> = Vec::new();
    keys.extend(
        State::ALL
            .iter()
            .flat_map(|one| [format!("dossier-state-{one}"), format!("track-turn-{one}")]),
    );
    keys.extend(
        Action::ALL
            .iter()
            .flat_map(|one| ["track-did", "desk-do", "desk-about", "desk-done"].map(|key| format!("{key}-{one}"))),
    );
    keys.extend(Delivery::ALL.iter().flat_map(|one| {
        [
            format!("draft-by-{one}"),
            format!("draft-by-{one}-hint"),
            format!("track-way-{one}"),
        ]
    }));
    keys.extend(Entered::ALL.iter().map(|one| format!("dossier-entered-{one}")));
    keys.extend(Representation::ALL.iter().map(|one| format!("draft-as-{one}")));
    keys.extend(crate::draft::Step::ALL.iter().map(|one| format!("draft-title-{one}")));
    keys.extend(crate::desk::Tab::ALL.iter().map(|one| format!("desk-tab-{one}")));
    keys.extend(
        crate::desk::Register::ALL
            .iter()
            .flat_map(|one| [format!("desk-register-{one}"), format!("desk-register-about-{one}")]),
    );
    keys.extend(crate::notice::NoticeKind::ALL.iter().map(|one| format!("notice-{one}")));
    keys.extend(
        crate::figure::FigureKind::ALL
            .iter()
            .flat_map(|one| [format!("figure-{one}"), format!("figure-formula-{one}")]),
    );
    keys.extend(
        crate::procedure::version::What::ALL
            .iter()
            .map(|one| format!("version-what-{one}")),
    );
    keys.extend(
        crate::dossier::Proof::ALL
            .iter()
            .map(|one| format!("hand-over-proof-{one}")),
    );
    keys.extend(
        crate::dossier::Carrier::ALL
            .iter()
            .flat_map(|one| ["carrier", "track"].map(|key| format!("hand-over-{key}-{one}"))),
    );
    keys.extend(["receive", "process", "approve", "return"].map(|one| format!("track-next-{one}")));
    keys.extend(
        crate::child::ChildState::ALL
            .iter()
            .map(|one| format!("child-state-{one}")),
    );
    keys.extend(
        crate::child::StopCause::ALL
            .iter()
            .map(|one| format!("child-stop-{one}")),
    );
    keys.extend(["send", "hold", "release", "end", "succeed"].map(|one| format!("child-did-{one}")));
    for one in crate::child::ChildAction::ALL {
        keys.extend(["did", "do", "done", "about"].map(|key| format!("child-{key}-{one}")));
    }
    for key in keys {
        for texts in [
            sources.each_ref().map(|one| one.vi),
            sources.each_ref().map(|one| one.en),
        ] {
            let mut lines = texts.iter().flat_map(|text| text.lines());
            assert!(
                lines.any(|line| line.starts_with(&format!("{key} ="))),
                "{key} is missing"
            );
        }
    }
}
