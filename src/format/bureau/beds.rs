//! The cell of beds (病床数): `種別　区分　数`, joined by a full-width slash.

use unicode_normalization::UnicodeNormalization;

use crate::model::register::Size;

/// What a cell says of beds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beds {
    /// All that it states, of whatever kind; nothing where it states no number at all.
    pub(super) total: Option<u32>,
    /// Whether it holds a number that was not taken, so that the total may be another.
    pub(super) unclear: bool,
}

/// Reads the cell.
///
/// `一般　　378／一般（感染）　感染　9` is 387; `一般　　` has no number, which is not the same as 0
/// to its writer but is to us: no bed is known.
pub(super) fn read(cell: &str) -> Beds {
    let mut beds = Beds::default();
    for part in cell.split(['／', '/', '\n', '\r']) {
        let part: String = part.nfkc().filter(|c| *c != ',').collect();
        let part = part.trim().trim_end_matches('床');
        let numbers = part.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
        let numbers = numbers.count();
        let last = part.rsplit(|c: char| !c.is_ascii_digit()).next();
        let number = last.and_then(|digits| digits.parse::<u32>().ok());
        beds.unclear |= numbers > 1 || (numbers > 0 && number.is_none());
        if let Some(number) = number {
            beds.total = Some(beds.total.unwrap_or_default().saturating_add(number));
        }
    }
    beds
}

/// The size by the code of the kind (種別コード: 22 病院, 23 診療所) where the list fills it, and by
/// the beds otherwise; and whether the two contradict each other. A clinic has 19 beds at most.
pub(super) fn size(kind: &str, total: Option<u32>) -> (Size, bool) {
    let by_beds = Size::of(total);
    let kind: String = kind.nfkc().filter(|c| !c.is_whitespace()).collect();
    match (kind.as_str(), by_beds) {
        ("22", other) => (Size::Hospital, other != Size::Hospital),
        ("23", Size::Hospital) => (Size::BeddedClinic, true),
        (_, other) => (other, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_seen_in_the_lists() {
        for (cell, beds) in [
            ("一般　　378／一般（感染）　感染　9", Some(387)),
            ("精神　　258／療養　　24", Some(282)),
            ("　一般　5", Some(5)),
            ("一般　　", None),
            ("一般　一般　／療養　療養　", None),
            ("一般　一般　／療養　療養　7", Some(7)),
            ("一般　　５０４／結核　　10／一般（感染）　　4", Some(518)),
            ("", None),
            ("一般　1,204床", Some(1_204)),
            ("一般　　10\n療養　　9\r\n結核　　1", Some(20)),
            ("一般 4294967295／療養 4294967295", Some(u32::MAX)),
        ] {
            assert_eq!(read(cell), Beds { total: beds, unclear: false }, "{cell:?}");
        }
    }

    #[test]
    fn numbers_that_were_not_taken_are_told() {
        for (cell, beds) in [
            ("一般　　120（うち療養　60）", None),
            ("一般 10 療養 20", Some(20)),
            ("一般　5／療養　3〜4", Some(9)),
            ("一般　　99999999999", None),
        ] {
            assert_eq!(read(cell), Beds { total: beds, unclear: true }, "{cell:?}");
        }
    }

    #[test]
    fn the_code_of_the_kind_goes_before_the_beds() {
        assert_eq!(size("22", Some(60)), (Size::Hospital, false));
        assert_eq!(size("２２", None), (Size::Hospital, true));
        assert_eq!(size("23", Some(20)), (Size::BeddedClinic, true));
        assert_eq!(size("23", None), (Size::ClinicWithoutBeds, false));
        assert_eq!(size("", Some(20)), (Size::Hospital, false));
    }
}
