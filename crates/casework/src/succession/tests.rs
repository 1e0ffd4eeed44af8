//! A commune is merged into another while its dossiers run: they go there with code, history and due date; where two units
//! follow, they stay and are told of.

use identity::Role;
use identity::audit::Actor;
use identity::session::Level;
use identity::unit::{self, Change, ChangeKind, UnitChangeId, UnitId};
use kernel::SignedDuration;

use super::jobs::{Succeeded, succeed};
use crate::journeys::{act, cast, check, citizen, file};
use crate::testing::{MIGRATIONS, Province};

async fn change(province: &Province, kind: ChangeKind) {
    let now = province.house.now();
    let change = Change {
        id: UnitChangeId::new(province.world.as_ref()),
        kind,
        on: now.local_date(),
        reason: "NQ 1/NQ-HĐND".to_owned(),
    };
    let done = province
        .house
        .store()
        .write(move |tx| unit::apply(tx, &change, Actor::System, now))
        .await;
    done.expect("the change is made");
    province.house.identity().refresh_units().await.expect("read again");
}

fn desk_of(own: &str) -> String {
    own.replace("/my/", "/desk/")
}

#[tokio::test(flavor = "multi_thread")]
async fn dossiers_follow_their_commune_into_another() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = desk_of(&own);
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let before = province.dossier(&own).await;
        assert_eq!(succeed(&province.house).await.expect("a round"), Succeeded::default());

        province.world.advance(SignedDuration::from_hours(24));
        let merge = ChangeKind::Merge {
            units: vec![province.commune],
            into: province.other,
        };
        change(&province, merge).await;
        let done = succeed(&province.house).await.expect("a round");
        assert_eq!((done.moved, done.unclear), (1, 0));
        assert_eq!(
            succeed(&province.house).await.expect("again"),
            Succeeded::default(),
            "twice is once"
        );
        let after = province.dossier(&own).await;
        assert_eq!((after.unit, after.at), (province.other, province.other));
        assert_eq!((&after.code, after.due_at), (&before.code, before.due_at));
        assert_eq!(after.assignee, None, "who worked on it does not work there");
        assert_eq!(after.state, before.state);

        let binh = province.officer("binh", Role::Specialist, province.other).await;
        let lan = province.officer("lan", Role::Leader, province.other).await;
        let mut binh = province.browser(binh, Level::Password).await;
        let mut lan = province.browser(lan, Level::Password).await;
        binh.get("/desk").await.expect(200).says("Trần T. H.");
        act(&mut binh, &desk, "claim", &[]).await;
        act(&mut binh, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut lan, &desk, "approve", &[]).await;
        let mut hoa = citizen(&province).await;
        hoa.get(&own)
            .await
            .expect(200)
            .says("Chuyển về cơ quan kế thừa")
            .says("UBND xã Thạch Hà");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_units_follow_nobody_guesses() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut hoa = citizen(&province).await;
        let own = file(&province, &mut hoa).await;
        province.world.advance(SignedDuration::from_hours(24));
        let desk = ChangeKind::Close {
            unit: province.desk,
            successors: vec![province.other_desk],
        };
        change(&province, desk).await;
        let heirs: Vec<UnitId> = vec![province.other, province.root];
        let close = ChangeKind::Close {
            unit: province.commune,
            successors: heirs,
        };
        change(&province, close).await;
        let done = succeed(&province.house).await.expect("a round");
        assert_eq!((done.moved, done.unclear), (0, 1));
        assert_eq!(province.dossier(&own).await.unit, province.commune);
    })
    .await;
}
