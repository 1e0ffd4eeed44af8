//! Files of officers' forms through the real router, on both engines: what was chosen survives a fault, is taken over once, and what is
//! gone meanwhile is told.

use kernel::{SignedDuration, World};

use crate::journeys::{act, cast, check, citizen, file};
use crate::testing::{MIGRATIONS, PNG, Province, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_action_survive_its_faults() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;

        // A result alone: one of two files is none, the good one is kept and is enough the second time.
        let attach = format!("{desk}/attach-result");
        let form = cast.specialist.get(&attach).await.expect(200).body;
        let (revision, with) = (hidden(&form, "revision"), hidden(&form, "kept-with"));
        let mut fields = vec![("revision", revision.as_str()), ("kept-with", with.as_str())];
        let files: [(&str, &str, &[u8]); 2] = [("file", "Kết quả.png", PNG), ("file", "virus.exe", b"MZ\x90\0\x03")];
        let page = cast
            .specialist
            .send_form(&form, &attach, &fields, &files)
            .await
            .expect(422);
        page.says("virus.exe").says("Kết quả.png");
        let token = hidden(&page.body, "kept-file");
        fields.push(("kept-file", token.as_str()));
        cast.specialist
            .send_form(&page.body, &attach, &fields, &[])
            .await
            .expect(303);
        cast.specialist.get(&desk).await.expect(200).says("Kết quả.png");

        // A proposal without its outcome; then the kept file's day is over: told, with everything typed still there.
        let propose = format!("{desk}/propose");
        let form = cast.specialist.get(&propose).await.expect(200).body;
        let (revision, with) = (hidden(&form, "revision"), hidden(&form, "kept-with"));
        let mut fields = vec![
            ("revision", revision.as_str()),
            ("kept-with", with.as_str()),
            ("note", "Đủ <điều kiện>"),
        ];
        let files: [(&str, &str, &[u8]); 1] = [("file", "Dự thảo.png", PNG)];
        let page = cast
            .specialist
            .send_form(&form, &propose, &fields, &files)
            .await
            .expect(422);
        page.says("Dự thảo.png").says("Đủ &lt;điều kiện&gt;");
        let token = hidden(&page.body, "kept-file");
        let later = province.world.now() + SignedDuration::from_hours(25);
        assert_eq!(crate::file::kept::sweep(test.store(), later).await.expect("swept"), 1);
        fields.extend([("outcome", "granted"), ("kept-file", token.as_str())]);
        let told = cast
            .specialist
            .send_form(&page.body, &propose, &fields, &[])
            .await
            .expect(422);
        told.says("Hãy đính kèm lại").says("Đủ &lt;điều kiện&gt;");
        assert_eq!(
            province.dossier(&own).await.outcome,
            None,
            "nothing is proposed without it"
        );
        fields.pop();
        cast.specialist
            .send_form(&told.body, &propose, &fields, &files)
            .await
            .expect(303);
        cast.specialist.get(&desk).await.expect(200).says("Dự thảo.png");
        // What another officer kept is nobody's else: her token is none of this form.
        let approve = format!("{desk}/approve");
        let form = cast.leader.get(&approve).await.expect(200).body;
        let (revision, with) = (hidden(&form, "revision"), hidden(&form, "kept-with"));
        let stolen = [
            ("revision", revision.as_str()),
            ("kept-with", with.as_str()),
            ("note", ""),
            ("kept-file", token.as_str()),
        ];
        cast.leader.send_form(&form, &approve, &stolen, &[]).await.expect(422);
        act(&mut cast.leader, &desk, "approve", &[]).await;
        check(&province).await;
    })
    .await;
}
