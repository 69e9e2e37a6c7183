//! The machine of states, and what stands against a step.

use proptest::prelude::*;

use super::*;
use crate::model::filing::Choice;

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn field(id: &str, of: FieldType, required: bool) -> Field {
    Field {
        id: id.to_owned(),
        ja: id.to_owned(),
        en: id.to_owned(),
        of,
        required,
        options: Vec::new(),
        shown_when: None,
        source: "様式1".to_owned(),
    }
}

fn demand(item: &str, page: bool) -> Demand {
    Demand {
        item: item.to_owned(),
        letter: String::new(),
        ja: item.to_owned(),
        en: item.to_owned(),
        page,
        source: "施設基準".to_owned(),
    }
}

fn definition() -> Definition {
    let option = |id: &str| Choice { id: id.to_owned(), ja: id.to_owned(), en: id.to_owned() };
    let outside = Field {
        options: vec![option("yes"), option("no")],
        ..field("outside", FieldType::Choice, true)
    };
    let place = Field {
        shown_when: Some(["outside".to_owned(), "yes".to_owned()]),
        ..field("place", FieldType::Long, true)
    };
    Definition {
        kind: FilingKind::Criterion,
        ja: String::new(),
        en: String::new(),
        to_ja: String::new(),
        to_en: String::new(),
        fields: vec![
            field("manager", FieldType::Text, true),
            outside,
            place,
            field("since", FieldType::Date, false),
        ],
        demands: vec![demand("in_person", false), demand("posting", true)],
    }
}

fn form(entries: &[(&str, &str)]) -> Form {
    entries.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
}

fn told(form: &Form, whole: bool) -> Vec<(String, &'static str)> {
    faults(&definition(), form, whole)
}

fn at(place: &str, code: &'static str) -> (String, &'static str) {
    (place.to_owned(), code)
}

#[test]
fn every_state_but_the_first_is_reached_and_what_is_over_leads_nowhere() {
    for state in FilingState::ALL {
        let reached = WAYS.iter().any(|way| way.3 == *state);
        assert_eq!(reached, *state != S::Draft, "{state}");
        let leads = WAYS.iter().any(|way| way.0 == *state);
        assert_eq!(leads, !state.is_over(), "{state}");
    }
    for (at, way) in WAYS.iter().enumerate() {
        assert!(!WAYS[at + 1..].iter().any(|other| (other.0, other.1) == (way.0, way.1)));
    }
}

#[test]
fn nobody_accepts_their_own() {
    for way in WAYS {
        let reviews = matches!(way.1, Do::Return | Do::Accept | Do::Revoke);
        assert_eq!(reviews, way.2 == By::Reviewer, "{:?}", way.1);
    }
    assert_eq!(next(S::Submitted, Do::Accept, By::Filer), None);
    assert_eq!(possible(S::Submitted, By::Reviewer), [Do::Return, Do::Accept]);
    assert_eq!(possible(S::Submitted, By::Filer), [Do::Withdraw]);
}

fn any_step() -> impl Strategy<Value = (FilingStep, By)> {
    let steps = prop::sample::select(FilingStep::ALL);
    (steps, prop::sample::select(&[By::Filer, By::Reviewer, By::Itself][..]))
}

proptest! {
    /// Whatever is tried in whichever order: nothing is in effect that was not accepted, nothing is
    /// accepted that was not handed in, and what was returned is handed in again first.
    #[test]
    fn there_is_no_way_around_acceptance(tries in prop::collection::vec(any_step(), 0..40)) {
        let mut state = S::Draft;
        let mut taken = Vec::new();
        for (step, by) in tries {
            let Some(to) = next(state, step, by) else { continue };
            prop_assert!(!state.is_over());
            taken.push((step, by));
            state = to;
        }
        let place = |step| taken.iter().position(|one| one.0 == step);
        let (submitted, accepted) = (place(Do::Submit), place(Do::Accept));
        if matches!(state, S::InEffect | S::Changed) {
            let accepted = accepted.unwrap();
            prop_assert_eq!(taken[accepted].1, By::Reviewer);
            prop_assert!(submitted.is_some_and(|submitted| submitted < accepted));
            prop_assert!(place(Do::TakeEffect).is_some_and(|effect| accepted < effect));
        }
        // Between a return and an acceptance it was handed in again.
        for (returned, _) in taken.iter().enumerate().filter(|(_, one)| one.0 == Do::Return) {
            if let Some(accepted) = accepted.filter(|accepted| *accepted > returned) {
                prop_assert!(taken[returned..accepted].iter().any(|one| one.0 == Do::Resubmit));
            }
        }
    }
}

#[test]
fn a_form_that_is_handed_in_is_whole() {
    let empty = Form::new();
    assert_eq!(told(&empty, false), []);
    assert_eq!(
        told(&empty, true),
        [at("/form/manager", "required"), at("/form/outside", "required")]
    );
    let no = form(&[("manager", "音無"), ("outside", "no")]);
    assert_eq!(told(&no, true), []);
    // What is asked only of those who say yes.
    let yes = form(&[("manager", "音無"), ("outside", "yes")]);
    assert_eq!(told(&yes, true), [at("/form/place", "required")]);
    let stray = form(&[("manager", "音無"), ("outside", "no"), ("place", "自宅")]);
    assert_eq!(kept(&definition(), &stray), no);
}

#[test]
fn each_answer_is_of_its_kind() {
    let odd = form(&[
        ("manager", "音\n無"),
        ("outside", "perhaps"),
        ("since", "2026-02-30"),
        ("who knows", "x"),
    ]);
    let expected = [
        at("/form", "unknown"),
        at("/form/manager", "one_line"),
        at("/form/outside", "unknown"),
        at("/form/since", "date"),
    ];
    assert_eq!(told(&odd, false), expected);
    let long = |length: usize| form(&[("manager", "あ".repeat(length).as_str())]);
    assert_eq!(told(&long(200), false), []);
    assert_eq!(told(&long(201), false), [at("/form/manager", "too_long")]);
}

#[test]
fn each_demand_is_met_with_its_evidence() {
    let check = |item: &str, url: Option<&str>, days: [&str; 2]| Check {
        item: item.to_owned(),
        met: true,
        evidence: "院内掲示".to_owned(),
        url: url.map(str::to_owned),
        checked_on: Some(on(days[0])),
        snapshot_on: Some(on(days[1])),
    };
    let today = on("2026-12-01");
    let of = |checks: &[Check]| unmet(&definition(), checks, today);
    assert_eq!(of(&[]), [at("/checks/in_person", "not_met"), at("/checks/posting", "not_met")]);
    let days = ["2026-11-30", "2026-12-01"];
    let person = check("in_person", None, days);
    let page = check("posting", Some("https://otonashi.example/online"), days);
    assert_eq!(of(&[person.clone(), page.clone()]), []);
    // A page that nobody looked at, or of which there is no copy, shows nothing.
    let without = Check { url: None, checked_on: None, snapshot_on: None, ..page.clone() };
    let missing = |part: &str| at(&format!("/checks/posting/{part}"), "required");
    let expected = [missing("url"), missing("checked_on"), missing("snapshot_on")];
    assert_eq!(of(&[person.clone(), without]), expected);
    let tomorrow = check("posting", page.url.as_deref(), ["2026-12-02", "2026-12-01"]);
    assert_eq!(of(&[person.clone(), tomorrow]), [at("/checks/posting/checked_on", "in_future")]);
    for bad in [
        "otonashi.example",
        "ftp://otonashi.example",
        "https://",
        "https://a b.example",
        "https://me@otonashi.example",
    ] {
        let odd = check("posting", Some(bad), days);
        assert_eq!(of(&[person.clone(), odd]), [at("/checks/posting/url", "page")], "{bad}");
    }
    let blank = Check { evidence: " ".to_owned(), ..person };
    assert_eq!(of(&[blank, page]), [at("/checks/in_person/evidence", "required")]);
}

#[test]
fn days_of_an_acceptance_are_in_order() {
    let accepted = |accepted: &str, from: &str| Acceptance {
        number: "（情報通信）第1号".to_owned(),
        accepted_on: on(accepted),
        effective_from: on(from),
    };
    let told =
        |kind, a: &Acceptance| acceptance_faults(kind, on("2026-11-20"), a, on("2026-12-01"));
    let criterion = FilingKind::Criterion;
    assert_eq!(told(criterion, &accepted("2026-11-20", "2026-11-01")), []);
    assert_eq!(told(criterion, &accepted("2026-12-01", "2026-12-01")), []);
    assert_eq!(
        told(criterion, &accepted("2026-11-19", "2026-11-01")),
        [("/accepted_on", "before_submission")]
    );
    assert_eq!(
        told(criterion, &accepted("2026-12-02", "2026-12-02")),
        [("/accepted_on", "in_future")]
    );
    assert_eq!(
        told(criterion, &accepted("2026-11-20", "2026-10-31")),
        [("/effective_from", "before_submission")]
    );
    assert_eq!(
        told(criterion, &accepted("2026-11-20", "2027-12-01")),
        [("/effective_from", "range")]
    );
    let nameless = Acceptance { number: " ".to_owned(), ..accepted("2026-11-20", "2026-11-20") };
    assert_eq!(told(criterion, &nameless), [("/acceptance_number", "required")]);
    // The law knows the other kinds since April 2026, the criterion is older.
    let march = |kind| {
        let a = accepted("2026-03-20", "2026-03-31");
        acceptance_faults(kind, on("2026-03-20"), &a, on("2026-12-01"))
    };
    assert_eq!(march(criterion), []);
    for kind in [FilingKind::OnlineCare, FilingKind::ReceptionFacility] {
        assert_eq!(march(kind), [("/effective_from", "before_law")]);
    }
}

#[test]
fn nobody_gives_up_the_past() {
    let today = on("2026-12-01");
    let from = (Some(on("2026-06-01")), Some(on("2026-05-20")));
    assert_eq!(end_fault(By::Filer, from, today, today), None);
    assert_eq!(end_fault(By::Filer, from, on("2026-11-30"), today), Some("too_early_end"));
    // Who accepted it may say that it never held, and no earlier.
    assert_eq!(end_fault(By::Reviewer, from, on("2026-06-01"), today), None);
    assert_eq!(end_fault(By::Reviewer, from, on("2026-05-31"), today), Some("too_early_end"));
    assert_eq!(end_fault(By::Filer, from, on("2027-12-03"), today), Some("range"));
    // It may count from a day before it was handed in, but it ends no earlier than that.
    let handed_in = (Some(on("2026-06-01")), Some(on("2026-06-10")));
    assert_eq!(end_fault(By::Reviewer, handed_in, on("2026-06-10"), today), None);
    let early = end_fault(By::Reviewer, handed_in, on("2026-06-09"), today);
    assert_eq!(early, Some("too_early_end"));
}
