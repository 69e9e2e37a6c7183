//! What a list changes in the register: registry + listing → new, changed, lapsed, doubtful.
//!
//! The lists carry no end dates. What a newer list of the same prefecture no longer shows has
//! lapsed between the two as-of dates; nobody can say on which day.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::ImportId;
use crate::model::register::{
    Code10, Criterion, Institution, Listing, Notification, Warning, WarningCode,
};

/// A loss of notifications beyond this share of those stored is worth a warning: lists have been
/// published incomplete.
const LARGE_DROP: f64 = 0.05;

/// What the register holds of one prefecture from its last list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The import of that list.
    pub import: ImportId,
    /// Whether that list shows institutions without filings.
    pub all_institutions: bool,
    /// The day of that list.
    pub as_of: NaiveDate,
    /// Its institutions.
    pub institutions: Vec<Institution>,
    /// Their notifications, those in force.
    pub notifications: Vec<Notification>,
}

impl Stored {
    /// What the register holds once `listing` is kept as `import`, after what it held `before`.
    pub fn after(before: Option<&Self>, listing: &Listing, import: ImportId) -> Self {
        Self {
            import,
            all_institutions: listing.all_institutions,
            as_of: listing.as_of,
            institutions: listing.institutions.clone(),
            notifications: settled(before, listing),
        }
    }
}

/// What to do with a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Keep it, in one transaction.
    Apply(Box<Diff>),
    /// It is what is stored: the same contents of the same day. The same file read otherwise, after
    /// a symbol was configured, is not.
    Unchanged,
    /// A newer one is stored.
    Older {
        /// The day of the stored one.
        stored_as_of: NaiveDate,
    },
}

/// One kind of thing before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<T> {
    /// Not stored before.
    pub new: Vec<T>,
    /// Stored otherwise.
    pub changed: Vec<Change<T>>,
    /// Stored, and not in the list any more.
    pub lapsed: Vec<T>,
    /// As before.
    pub unchanged: Vec<T>,
}

/// One thing whose cells differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// As stored.
    pub old: T,
    /// As listed.
    pub new: T,
}

/// All that a list changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Institutions, told apart by code.
    pub institutions: Changes<Institution>,
    /// Notifications, told apart by institution and criterion.
    pub notifications: Changes<Notification>,
    /// After which day a lapsed thing lapsed: the stored list's. Nothing for a first list.
    pub lapsed_after: Option<NaiveDate>,
    /// By which day it had lapsed: this list's.
    pub lapsed_by: NaiveDate,
    /// A code that went and a code that came at the same address: probably one clinic that changed
    /// hands. Nothing is joined by this; a person decides.
    pub redesignations: Vec<Redesignation>,
    /// A loss that is too large to be believed unseen.
    pub warnings: Vec<Warning>,
}

/// A new code at the address of one that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Redesignation {
    /// The code that is gone.
    pub old: Code10,
    /// The code that came.
    pub new: Code10,
    /// Where.
    pub address: String,
}

/// A diff in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// Not stored before.
    pub new: usize,
    /// Stored otherwise.
    pub changed: usize,
    /// Not in the list any more.
    pub lapsed: usize,
    /// As before.
    pub unchanged: usize,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            changed: self.changed + other.changed,
            lapsed: self.lapsed + other.lapsed,
            unchanged: self.unchanged + other.unchanged,
        }
    }
}

impl<T> Changes<T> {
    /// How many of each.
    pub fn tally(&self) -> Tally {
        Tally {
            new: self.new.len(),
            changed: self.changed.len(),
            lapsed: self.lapsed.len(),
            unchanged: self.unchanged.len(),
        }
    }

    fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.lapsed.is_empty()
    }
}

/// Decides over `listing` against what is stored of its prefecture.
pub fn decide(stored: Option<&Stored>, listing: &Listing) -> Decision {
    let Some(stored) = stored else {
        return Decision::Apply(Box::new(diff(None, listing)));
    };
    if listing.as_of < stored.as_of {
        return Decision::Older { stored_as_of: stored.as_of };
    }
    let diff = diff(Some(stored), listing);
    let same = diff.institutions.is_empty() && diff.notifications.is_empty();
    // A later list without a change still moves the day up to which the register is known.
    if same && stored.as_of == listing.as_of {
        Decision::Unchanged
    } else {
        Decision::Apply(Box::new(diff))
    }
}

/// What `listing` changes in what is stored.
pub fn diff(stored: Option<&Stored>, listing: &Listing) -> Diff {
    let institutions =
        changes(stored.map_or(&[], |s| &s.institutions), &listing.institutions, |institution| {
            institution.code
        });
    let shown = settled(stored, listing);
    let notifications = changes(stored.map_or(&[], |s| &s.notifications), &shown, |notification| {
        (notification.institution, notification.criterion)
    });
    let mut diff = Diff {
        redesignations: redesignations(&institutions),
        warnings: Vec::new(),
        institutions,
        notifications,
        lapsed_after: stored.map(|s| s.as_of),
        lapsed_by: listing.as_of,
    };
    diff.warnings = stored.map_or_else(Vec::new, |stored| drops(stored, listing, &diff));
    diff
}

/// The notifications of `listing` with starts that can be: one after the list's own day is unknown,
/// as an unreadable one is, since what the list shows is in effect; what is known from before of a
/// start that a list does not tell stays.
fn settled(stored: Option<&Stored>, listing: &Listing) -> Vec<Notification> {
    let before = stored.map_or(&[][..], |stored| &stored.notifications);
    let before: HashMap<_, _> =
        before.iter().map(|n| ((n.institution, n.criterion), n.effective_from)).collect();
    let possible = |start: &NaiveDate| *start <= listing.as_of;
    let settle = |n: &Notification| {
        let known = || before.get(&(n.institution, n.criterion)).copied().flatten();
        let start = n.effective_from.filter(possible).or_else(|| known().filter(possible));
        Notification { effective_from: start, ..n.clone() }
    };
    listing.notifications.iter().map(settle).collect()
}

fn changes<T: Clone + PartialEq, K: Ord>(
    old: &[T],
    new: &[T],
    key: impl Fn(&T) -> K,
) -> Changes<T> {
    let mut gone: BTreeMap<K, &T> = old.iter().map(|thing| (key(thing), thing)).collect();
    let mut changes =
        Changes { new: Vec::new(), changed: Vec::new(), lapsed: Vec::new(), unchanged: Vec::new() };
    for thing in new {
        match gone.remove(&key(thing)) {
            None => changes.new.push(thing.clone()),
            Some(old) if old == thing => changes.unchanged.push(thing.clone()),
            Some(old) => changes.changed.push(Change { old: old.clone(), new: thing.clone() }),
        }
    }
    changes.lapsed = gone.into_values().cloned().collect();
    changes
}

/// Pairs of a lapsed and a new institution at one address. Where several share it (a building of
/// clinics), pairing by address says nothing, so none is made.
fn redesignations(changes: &Changes<Institution>) -> Vec<Redesignation> {
    let by_address = |institutions: &[Institution]| {
        let mut found: HashMap<String, Vec<Code10>> = HashMap::new();
        for institution in institutions {
            found.entry(place(&institution.address)).or_default().push(institution.code);
        }
        found
    };
    let lapsed = by_address(&changes.lapsed);
    let mut found = Vec::new();
    for (place, new) in by_address(&changes.new) {
        if let ([new], Some([old])) = (new.as_slice(), lapsed.get(&place).map(Vec::as_slice)) {
            let stated = changes.new.iter().find(|institution| institution.code == *new);
            let address = stated.map_or(place, |institution| institution.address.clone());
            found.push(Redesignation { old: *old, new: *new, address });
        }
    }
    found.sort_by_key(|pair| pair.new);
    found
}

/// An address by which two spellings of one place are the same: no spaces, one kind of dash, one
/// kind of small ケ. Lists are retyped, not copied.
fn place(address: &str) -> String {
    let plain = |c| match c {
        '‐' | '‑' | '–' | '—' | '―' | '−' | 'ー' | '－' | 'ｰ' => '-',
        'ヶ' => 'ケ',
        other => other,
    };
    address.chars().filter(|c| !c.is_whitespace()).map(plain).collect()
}

/// A warning for each criterion of whose notifications too many lapsed, and one for the institutions
/// where both lists show all of them. What came does not make up for what went: a list of altered
/// codes has as many as before. Only codes that probably became others are none lost, while these
/// are few too.
fn drops(stored: &Stored, listing: &Listing, diff: &Diff) -> Vec<Warning> {
    let mut falls = Vec::new();
    if stored.all_institutions && listing.all_institutions {
        falls.push(Fall {
            what: "institutions",
            before: stored.institutions.len(),
            after: listing.institutions.len(),
            lapsed: diff.institutions.lapsed.len(),
            others: diff.redesignations.len(),
        });
    }
    falls.extend(Criterion::ALL.into_iter().map(|criterion| {
        let of = |all: &[Notification]| all.iter().filter(|n| n.criterion == criterion).count();
        let came: HashSet<Code10> = diff
            .notifications
            .new
            .iter()
            .filter(|n| n.criterion == criterion)
            .map(|n| n.institution)
            .collect();
        let goes_on: HashSet<Code10> = diff
            .redesignations
            .iter()
            .filter(|pair| came.contains(&pair.new))
            .map(|pair| pair.old)
            .collect();
        let lapsed = || diff.notifications.lapsed.iter().filter(|n| n.criterion == criterion);
        Fall {
            what: criterion.code(),
            before: of(&stored.notifications),
            after: of(&listing.notifications),
            lapsed: lapsed().count(),
            others: lapsed().filter(|n| goes_on.contains(&n.institution)).count(),
        }
    }));
    falls.into_iter().filter(Fall::is_large).map(|fall| fall.warning()).collect()
}

/// How many of something there were, are, and are no more.
struct Fall {
    what: &'static str,
    before: usize,
    after: usize,
    lapsed: usize,
    /// Of those that lapsed: the ones that probably go on under another code.
    others: usize,
}

impl Fall {
    fn is_large(&self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a prefecture has some thousands")]
        let large = |part: usize| part as f64 > self.before as f64 * LARGE_DROP;
        large(self.lapsed - self.others) || large(self.others)
    }

    fn warning(&self) -> Warning {
        let Self { what, before, after, lapsed, .. } = self;
        let detail = format!("{what}: {before} → {after} (−{lapsed})");
        Warning { code: WarningCode::LargeDrop, row: None, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::register::Size;

    fn institution(number: u32, address: &str) -> Institution {
        Institution {
            code: Code10::medical("13", &number.to_string()).unwrap(),
            name: format!("診療所{number}"),
            postal_code: None,
            address: address.to_owned(),
            municipality: None,
            beds: None,
            size: Size::ClinicWithoutBeds,
            filed: true,
        }
    }

    fn notification(number: u32) -> Notification {
        Notification {
            institution: Code10::medical("13", &number.to_string()).unwrap(),
            criterion: Criterion::IctCare,
            acceptance_number: format!("第{number}号"),
            effective_from: "2024-04-01".parse().ok(),
        }
    }

    fn listing(as_of: &str, numbers: impl IntoIterator<Item = u32> + Clone) -> Listing {
        Listing {
            prefecture_code: "13".into(),
            prefecture: "東京都".into(),
            as_of: as_of.parse().unwrap(),
            created_on: None,
            all_institutions: true,
            institutions: numbers
                .clone()
                .into_iter()
                .map(|n| institution(n, &format!("千代田区{n}")))
                .collect(),
            notifications: numbers.into_iter().map(notification).collect(),
            ..Listing::default()
        }
    }

    fn stored(listing: &Listing) -> Stored {
        Stored::after(None, listing, ImportId::new())
    }

    fn applied(decision: Decision) -> Diff {
        let Decision::Apply(diff) = decision else { panic!("{decision:?}") };
        *diff
    }

    #[test]
    fn a_first_list_is_all_new() {
        let diff = applied(decide(None, &listing("2025-09-01", 1..=3)));
        assert_eq!(diff.notifications.tally(), Tally { new: 3, ..Tally::default() });
        assert_eq!((diff.lapsed_after, diff.warnings.len()), (None, 0));
    }

    #[test]
    fn the_same_contents_change_nothing() {
        let list = listing("2025-09-01", 1..=3);
        assert_eq!(decide(Some(&stored(&list)), &list), Decision::Unchanged);
    }

    #[test]
    fn an_older_list_is_refused_even_where_its_contents_are_the_same() {
        let old = listing("2025-08-01", 1..=3);
        let stored = stored(&listing("2025-09-01", 1..=3));
        let expected = Decision::Older { stored_as_of: "2025-09-01".parse().unwrap() };
        assert_eq!(decide(Some(&stored), &old), expected);
    }

    #[test]
    fn a_later_list_without_changes_moves_the_day() {
        let stored = stored(&listing("2025-09-01", 1..=3));
        let diff = applied(decide(Some(&stored), &listing("2025-10-01", 1..=3)));
        assert_eq!(diff.institutions.tally(), Tally { unchanged: 3, ..Tally::default() });
    }

    #[test]
    fn what_a_newer_list_lacks_lapsed_between_the_two_days() {
        let stored = stored(&listing("2025-09-01", 1..=40));
        let mut newer = listing("2025-10-01", 2..=41);
        newer.institutions[0].name = "改名".into();
        let diff = applied(decide(Some(&stored), &newer));
        let expected = Tally { new: 1, changed: 1, lapsed: 1, unchanged: 38 };
        assert_eq!(diff.institutions.tally(), expected);
        assert_eq!(diff.institutions.changed[0].old.name, "診療所2");
        assert_eq!(diff.institutions.changed[0].new.name, "改名");
        assert_eq!(diff.notifications.lapsed, [notification(1)]);
        assert_eq!(diff.lapsed_after, "2025-09-01".parse().ok());
        assert_eq!(diff.lapsed_by.to_string(), "2025-10-01");
        assert!(diff.warnings.is_empty());
    }

    #[test]
    fn a_new_code_at_the_address_of_a_lapsed_one_is_pointed_out() {
        let mut before = listing("2025-09-01", 1..=4);
        let mut after = listing("2025-10-01", [1, 12, 13, 14]);
        after.institutions[1].address = "千代田区 2".into();
        // Two clinics of one building: nobody knows which became which.
        for (list, places) in [(&mut before, [2, 3]), (&mut after, [2, 3])] {
            for place in places {
                list.institutions[place].address = "同じビル".into();
            }
        }
        let diff = diff(Some(&stored(&before)), &after);
        let pairs: Vec<_> =
            diff.redesignations.iter().map(|r| (r.old.number(), r.new.number())).collect();
        assert_eq!(pairs, [("0000002", "0000012")]);
    }

    #[test]
    fn a_fall_by_more_than_a_twentieth_is_warned_of() {
        let before = stored(&listing("2025-09-01", 1..=100));
        let warned = |last| diff(Some(&before), &listing("2025-10-01", 1..=last)).warnings.len();
        // Of institutions and of notifications: both fell.
        assert_eq!((warned(95), warned(94)), (0, 2));
        let mut some = listing("2025-10-01", 1..=94);
        some.all_institutions = false;
        let found = diff(Some(&before), &some).warnings;
        assert_eq!(found.len(), 1, "a list of filings alone has no number of institutions");
        assert_eq!(found[0].detail, "ict_care: 100 → 94 (−6)");
    }
}
