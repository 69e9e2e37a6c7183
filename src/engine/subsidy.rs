//! The subsidy for devices of online care: what may be applied for, and which step follows which.
//! The rules are those of the programme's announcements: once for each institution; dedicated
//! devices and no smartphones; a report with receipts and photographs in February; not for dentists
//! and not for public bodies.

use chrono::NaiveDate;

use crate::model::facility::folded;
use crate::model::register::fiscal_year;
use crate::model::subsidy::{Grant, Item, PaperKind, Status, Step};

/// What is wrong: a JSON pointer within what was sent, and a stable code.
pub type Fault = (String, &'static str);

/// Names by which a smartphone goes.
const SMARTPHONES: [&str; 6] =
    ["スマートフォン", "スマホ", "smartphone", "iphone", "アイフォン", "pixel"];

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not follow from where the grant stands.
    Order,
    /// Earlier than the step before it, or in the future.
    Day,
    /// More than was asked for, granted or spent.
    Amount,
    /// A reason is needed.
    Reason,
    /// Receipts and photographs are needed.
    Papers,
}

impl Refusal {
    /// The word for it in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Order => "subsidy_order",
            Self::Day => "subsidy_day",
            Self::Amount => "subsidy_amount",
            Self::Reason => "subsidy_reason",
            Self::Papers => "subsidy_papers",
        }
    }
}

/// The last day for the report of a grant of a fiscal year: the end of its February.
pub fn report_due(fiscal_year: i64) -> Option<NaiveDate> {
    let year = i32::try_from(fiscal_year).ok()?.checked_add(1)?;
    NaiveDate::from_ymd_opt(year, 3, 1)?.pred_opt()
}

/// What is wrong with an application made on `on`; `today` is the present day.
pub fn check(items: &[Item], requested_yen: i64, on: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, code| faults.push((pointer.to_owned(), code));
    if on > today || fiscal_year(on) < 2018 {
        fault("/applied_on", "range");
    }
    if items.is_empty() || items.len() > 50 {
        fault("/items", "required");
    }
    let cost: i64 = items.iter().map(|item| item.yen.clamp(0, 1_000_000_000)).sum();
    if !(1..=100_000_000).contains(&requested_yen) || requested_yen > cost {
        fault("/requested_yen", "range");
    }
    for (at, item) in items.iter().enumerate() {
        let name = folded(&item.name);
        let length = item.name.trim().chars().count();
        if !(1..=100).contains(&length) {
            fault(&format!("/items/{at}/name"), "required");
        } else if SMARTPHONES.iter().any(|word| name.contains(&folded(word))) {
            fault(&format!("/items/{at}/name"), "smartphone");
        }
        if !(1..=100).contains(&item.quantity) {
            fault(&format!("/items/{at}/quantity"), "range");
        }
        if !(1..=100_000_000).contains(&item.yen) {
            fault(&format!("/items/{at}/yen"), "range");
        }
    }
    faults
}

/// The grant after a step that was taken on `on`.
pub fn step(grant: &Grant, step: &Step, on: NaiveDate, today: NaiveDate) -> Result<Grant, Refusal> {
    let last = grant.reported_on.or(grant.decided_on).unwrap_or(grant.applied_on);
    let mut next = Grant { version: grant.version + 1, ..grant.clone() };
    let given = |reason: &str| {
        let reason = reason.trim();
        let fits = (1..=1000).contains(&reason.chars().count());
        if fits { Ok(reason.to_owned()) } else { Err(Refusal::Reason) }
    };
    match (grant.status, step) {
        (Status::Applied, Step::Decide(yen)) => {
            if !(1..=grant.requested_yen).contains(yen) {
                return Err(Refusal::Amount);
            }
            next.status = Status::Decided;
            (next.decided_on, next.decided_yen) = (Some(on), Some(*yen));
        }
        (Status::Applied, Step::Refuse(reason)) => {
            next.status = Status::Refused;
            (next.decided_on, next.reason) = (Some(on), given(reason)?);
        }
        (Status::Applied | Status::Decided, Step::Withdraw(reason)) => {
            (next.status, next.reason) = (Status::Withdrawn, given(reason)?);
        }
        (Status::Decided, Step::Report(yen, papers)) => {
            if !(0..=1_000_000_000).contains(yen) {
                return Err(Refusal::Amount);
            }
            let has = |kind| papers.iter().any(|paper| paper.kind == kind);
            if !has(PaperKind::Receipt) || !has(PaperKind::Photo) {
                return Err(Refusal::Papers);
            }
            next.status = Status::Reported;
            (next.reported_on, next.spent_yen) = (Some(on), Some(*yen));
        }
        (Status::Reported, Step::Pay(yen)) => {
            let most = grant.decided_yen.min(grant.spent_yen).unwrap_or(0);
            if !(0..=most).contains(yen) {
                return Err(Refusal::Amount);
            }
            next.status = Status::Paid;
            (next.paid_on, next.paid_yen) = (Some(on), Some(*yen));
        }
        _ => return Err(Refusal::Order),
    }
    if on < last || on > today { Err(Refusal::Day) } else { Ok(next) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::GrantId;
    use crate::model::subsidy::{Device, Paper};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn applied() -> Grant {
        Grant {
            id: GrantId::new(),
            institution: "1310529818".parse().unwrap(),
            fiscal_year: 2026,
            status: Status::Applied,
            applied_on: day("2026-06-01"),
            decided_on: None,
            reported_on: None,
            paid_on: None,
            requested_yen: 300_000,
            decided_yen: None,
            spent_yen: None,
            paid_yen: None,
            reason: String::new(),
            version: 1,
        }
    }

    fn papers() -> Vec<Paper> {
        let paper = |kind, name: &str| Paper { kind, name: name.to_owned() };
        vec![paper(PaperKind::Receipt, "領収書"), paper(PaperKind::Photo, "写真")]
    }

    #[test]
    fn the_report_is_due_in_february() {
        assert_eq!(report_due(2026), Some(day("2027-02-28")));
        assert_eq!(report_due(2027), Some(day("2028-02-29")));
    }

    #[test]
    fn a_smartphone_is_not_paid_for() {
        let item = |name: &str| Item {
            kind: Device::Other,
            name: name.to_owned(),
            quantity: 1,
            yen: 80_000,
        };
        let of = |name| check(&[item(name)], 80_000, day("2026-06-01"), day("2026-06-01"));
        assert_eq!(of("ノートパソコン"), []);
        for name in ["iPhone 17", "ｽﾏｰﾄﾌｫﾝ", "業務用すまほ"] {
            assert_eq!(of(name), [("/items/0/name".to_owned(), "smartphone")], "{name}");
        }
        let late = check(&[item("PC")], 80_001, day("2026-06-02"), day("2026-06-01"));
        let codes: Vec<&str> = late.iter().map(|fault| &*fault.0).collect();
        assert_eq!(codes, ["/applied_on", "/requested_yen"]);
    }

    #[test]
    fn no_more_is_paid_than_was_granted_and_spent() {
        let today = day("2027-03-31");
        let decided = step(&applied(), &Step::Decide(250_000), day("2026-07-01"), today).unwrap();
        let more = step(&applied(), &Step::Decide(300_001), day("2026-07-01"), today);
        assert_eq!(more, Err(Refusal::Amount));
        let bare = step(&decided, &Step::Report(240_000, Vec::new()), day("2027-02-01"), today);
        assert_eq!(bare, Err(Refusal::Papers));
        let reported =
            step(&decided, &Step::Report(240_000, papers()), day("2027-02-01"), today).unwrap();
        let pay = |yen, on| step(&reported, &Step::Pay(yen), day(on), today);
        assert_eq!(pay(250_000, "2027-03-01"), Err(Refusal::Amount));
        assert_eq!(pay(240_000, "2027-01-31"), Err(Refusal::Day));
        assert_eq!(pay(240_000, "2027-03-01").unwrap().status, Status::Paid);
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let yen = 0..400_000_i64;
        prop_oneof![
            yen.clone().prop_map(Step::Decide),
            Just(Step::Refuse("対象外".into())),
            Just(Step::Withdraw("取下げ".into())),
            yen.clone().prop_map(|yen| Step::Report(yen, papers())),
            yen.prop_map(Step::Pay),
        ]
    }

    proptest! {
        /// Whatever is tried in whatever order, what comes out is what the schema lets stand.
        #[test]
        fn every_way_keeps_days_and_amounts_in_order(
            tried in prop::collection::vec((any_step(), 0..400_u64), 0..12),
        ) {
            let today = day("2028-12-31");
            let mut grant = applied();
            for (one, after) in tried {
                let on = grant.applied_on + chrono::Days::new(after);
                if let Ok(next) = step(&grant, &one, on, today) {
                    prop_assert_eq!(next.version, grant.version + 1);
                    grant = next;
                }
            }
            let days = [Some(grant.applied_on), grant.decided_on, grant.reported_on, grant.paid_on];
            prop_assert!(days.iter().flatten().is_sorted());
            prop_assert!(grant.decided_yen.is_none_or(|yen| yen <= grant.requested_yen));
            prop_assert!(grant.paid_yen.is_none_or(|yen| Some(yen) <= grant.decided_yen
                && Some(yen) <= grant.spent_yen));
            prop_assert_eq!(grant.status == Status::Paid, grant.paid_on.is_some());
        }
    }
}
