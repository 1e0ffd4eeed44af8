//! A withdrawal at the portal is carried out here by the rules of dossiers, or answered with why not; the applicant reads on her own page
//! how each system has her dossier.

use casework::dossier::DossierId;
use exchange::portal::Settings;
use kernel::{SignedDuration, World as _};

use super::Both;
use crate::harness::wait;
use crate::support::people;

impl Both {
    /// Lets the clock run until the applicant's own page of a dossier says all of this.
    pub(crate) async fn own_page_says(&self, citizen: u32, id: &str, words: &[&str]) {
        let visitor = self.at(&people::citizen(&self.site.app, citizen).await);
        wait::until(&format!("her page says {words:?}"), wait::LONG, || async {
            self.world.advance(SignedDuration::from_millis(500));
            let text = visitor.page(&format!("/my/dossiers/{id}")).await.words();
            if words.iter().all(|word| text.contains(word)) {
                Ok(())
            } else {
                Err(text)
            }
        })
        .await;
    }
}

impl Both {
    /// Writes for whom a dossier is said to be filed, past the program.
    async fn represents(&self, dossier: uuid::Uuid, word: &'static str) {
        let written = self.site.app.store.write(move |tx| {
            tx.execute(
                "UPDATE dossier SET representation = $1 WHERE id = $2",
                &[&word, &dossier],
            )
        });
        written.await.map_err(|error: store::StoreError| error).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_at_the_portal_is_carried_out_here() {
    Both::on_both(Settings::default(), async |both, _| {
        let (id, code) = both.file(1).await;
        both.agrees(&code, 1).await;
        both.own_page_says(
            1,
            &id.to_string(),
            &["Các hệ thống đang ghi giống nhau", "Cổng Dịch vụ công quốc gia"],
        )
        .await;
        both.act(&both.staff.desk, &id.to_string(), "receive", &[("days", "3")])
            .await;
        let now = both.world.now();
        both.portal.with(|portal| assert!(portal.take_back(&code, now)));
        both.agrees(&code, 7).await;
        let dossier = both.site.app.casework.dossier(DossierId::from_uuid(id)).await.unwrap();
        assert_eq!(dossier.state.national_code(), 7);
        let steps = both.site.app.store.read(move |tx| {
            tx.all(
                "SELECT capacity, action FROM dossier_event WHERE dossier = $1 ORDER BY seq",
                &[&id],
                |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
            )
        });
        let steps = steps.await.unwrap();
        let withdrawn = ("applicant".to_owned(), "withdraw".to_owned());
        assert_eq!(steps.last(), Some(&withdrawn), "it is her own step: {steps:?}");
        assert_eq!(steps.iter().filter(|step| **step == withdrawn).count(), 1);
        both.own_page_says(1, &id.to_string(), &["Đã rút", "Người nộp rút hồ sơ trên Cổng"])
            .await;
        let late = both.site.app.store.read(|tx| {
            tx.one(
                "SELECT count(*) FROM exchange_link WHERE drift IS NOT NULL",
                &[],
                |row| row.get::<i64>(0),
            )
        });
        assert_eq!(late.await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_comes_too_late_is_answered_with_why_not() {
    Both::on_both(Settings::default(), async |both, _| {
        let (id, code) = both.file(1).await;
        both.settle(&id.to_string()).await;
        both.agrees(&code, 9).await;
        let now = both.world.now();
        both.portal.with(|portal| assert!(portal.take_back(&code, now)));
        wait::until("the portal is told why not", wait::LONG, || async {
            both.world.advance(SignedDuration::from_millis(500));
            let held = both.portal.with(|portal| portal.dossiers()[&code].clone());
            if held.state == 9 && held.sync.note.contains("Không rút được") {
                Ok(())
            } else {
                Err(format!("{} {}", held.state, held.sync.note))
            }
        })
        .await;
        both.agrees(&code, 9).await;
        let dossier = both.site.app.casework.dossier(DossierId::from_uuid(id)).await.unwrap();
        assert_eq!(dossier.state.national_code(), 9, "nothing happened to it here");
        both.own_page_says(1, &id.to_string(), &["Hồ sơ chưa được rút", "đã có kết quả giải quyết"])
            .await;
        let operator = both.operator().await;
        let page = operator.page(&format!("/admin/exchange/dossiers/{id}")).await.words();
        assert!(page.contains("Trả lời yêu cầu rút hồ sơ"), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_a_message_of_ours_went_over_is_still_carried_out() {
    Both::on_both(Settings::default(), async |both, _| {
        let (id, code) = both.file(1).await;
        both.agrees(&code, 1).await;
        let now = both.world.now();
        both.portal.with(|portal| {
            assert!(portal.take_back(&code, now));
            // What was under way from here arrives after it.
            portal.dossier_mut(&code).unwrap().set(2, now);
        });
        both.agrees(&code, 7).await;
        let dossier = both.site.app.casework.dossier(DossierId::from_uuid(id)).await.unwrap();
        assert_eq!(dossier.state.national_code(), 7);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_cannot_be_decided_keeps_no_other_one_waiting() {
    Both::on_both(Settings::default(), async |both, _| {
        let ((broken, first), (_, second)) = (both.file(1).await, both.file(2).await);
        both.agrees(&first, 1).await;
        both.agrees(&second, 1).await;
        // Somebody spoils a row past the program: this dossier cannot be read.
        both.represents(broken, "nobody").await;
        let take_back = |code: &str| {
            let now = both.world.now();
            both.portal.with(|portal| assert!(portal.take_back(code, now)));
        };
        take_back(&first);
        wait::until("the first one is heard", wait::LONG, || async {
            both.world.advance(SignedDuration::from_millis(500));
            let link = both.link(&first).await.unwrap();
            link.taken_back_at.map(|_| ()).ok_or_else(|| format!("{link:?}"))
        })
        .await;
        take_back(&second);
        both.agrees(&second, 7).await;
        both.site
            .app
            .exchange
            .round()
            .await
            .expect("a round goes on to its end");
        let link = both.link(&first).await.unwrap();
        assert!(link.taken_back_at.is_some(), "it still waits: {link:?}");
        both.represents(broken, "own").await;
        wait::until("it is carried out after a pause", wait::LONG, || async {
            both.world.advance(SignedDuration::from_mins(1));
            let link = both.link(&first).await.unwrap();
            match link.track.ours {
                7 => Ok(()),
                _ => Err(format!("{link:?}")),
            }
        })
        .await;
    })
    .await;
}
