//! A definition against what is stored: what is added, what is refused.

use std::collections::BTreeMap;

use super::rules::{Plan, PlanFault, Stored, after, plan};

fn stored(fields: &[(&str, &str)]) -> Stored {
    Stored {
        geometry: Some("point".to_owned()),
        fields: fields
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), (*shape).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        helpers: Vec::new(),
        people: Vec::new(),
    }
}

fn planned(was: Option<&Stored>, now: &Stored, with_data: &[&str]) -> Result<Plan, Vec<PlanFault>> {
    plan(was, now, &mut |field| Ok(with_data.contains(&field))).expect("nothing is read")
}

#[test]
fn a_field_may_be_added_and_never_retyped() {
    let was = stored(&[("tag", "text"), ("height_m", "number:1")]);
    assert_eq!(planned(None, &was, &[]), Ok(Plan::Create));
    assert_eq!(planned(Some(&was), &was, &["tag"]), Ok(Plan::Keep));
    let wider = stored(&[("tag", "text"), ("height_m", "number:1"), ("crown_m", "number:1")]);
    let widened = Plan::Widen {
        fields: vec!["crown_m".to_owned()],
        helpers: Vec::new(),
    };
    assert_eq!(planned(Some(&was), &wider, &["tag"]), Ok(widened));
    // Another number of decimals is another type: the same stored integer would mean something else.
    let finer = stored(&[("tag", "text"), ("height_m", "number:2")]);
    let faults = planned(Some(&was), &finer, &[]).unwrap_err();
    assert!(
        matches!(&faults[..], [PlanFault::Retyped { field, .. }] if field == "height_m"),
        "{faults:?}"
    );
    let mut elsewhere = was.clone();
    elsewhere.geometry = None;
    assert_eq!(planned(Some(&was), &elsewhere, &[]).unwrap_err().len(), 1);
}

#[test]
fn a_field_with_values_is_not_dropped_and_one_without_keeps_its_type() {
    let was = stored(&[("tag", "text"), ("height_m", "number:1")]);
    let less = stored(&[("tag", "text")]);
    let faults = planned(Some(&was), &less, &["height_m"]).unwrap_err();
    assert_eq!(
        faults,
        [PlanFault::Dropped {
            field: "height_m".to_owned()
        }]
    );
    assert!(faults[0].to_string().contains("retired = true"));
    assert_eq!(planned(Some(&was), &less, &[]), Ok(Plan::Keep));
    let kept = after(Some(&was), &less);
    let back = stored(&[("tag", "text"), ("height_m", "text")]);
    assert!(planned(Some(&kept), &back, &[]).is_err(), "the column is still there");
}
