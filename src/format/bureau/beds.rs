//! The cell of beds (病床数): `種別　区分　数`, joined by a full-width slash.

use unicode_normalization::UnicodeNormalization;

/// All beds that the cell states, of whatever kind; nothing where it states no number at all.
///
/// `一般　　378／一般（感染）　感染　9` is 387; `一般　　` has no number, which is not the same as 0
/// to its writer but is to us: no bed is known.
pub(super) fn total(cell: &str) -> Option<u32> {
    let numbers: Vec<u32> = cell.split(['／', '/']).filter_map(number).collect();
    let sum = numbers.iter().fold(0_u32, |sum, number| sum.saturating_add(*number));
    (!numbers.is_empty()).then_some(sum)
}

/// The number at the end of one part.
fn number(part: &str) -> Option<u32> {
    let part: String = part.nfkc().collect();
    let last = part.split_whitespace().next_back()?.replace(',', "");
    let digits = last.trim_end_matches('床').rsplit(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

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
            ("一般　　99999999999", None),
            ("一般 4294967295／療養 4294967295", Some(u32::MAX)),
        ] {
            assert_eq!(total(cell), beds, "{cell:?}");
        }
    }
}
