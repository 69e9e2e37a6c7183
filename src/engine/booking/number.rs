//! The number by which people call a booking: short, sayable, and wrong when mistyped.

/// No vowels, so that no words arise; nothing that is easily taken for another: 0 O, 1 I L, 2 Z,
/// 5 S, 8 B, M N. Their count is a prime, on which the check rests.
const ALPHABET: [char; 23] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'M', 'P', 'Q', 'R',
    'T', 'V', 'W', 'X',
];

/// Characters before the check character.
const BODY: usize = 7;

/// Eight characters made of `chance`: seven of it (more than 3 thousand million numbers) and one
/// that checks them. Chance is passed in; that no two bookings share a number is for the store.
pub fn number_from(chance: u64) -> String {
    let base = ALPHABET.len() as u64;
    let mut rest = chance;
    let mut values = [0; BODY];
    for value in &mut values {
        *value = usize::try_from(rest % base).unwrap_or_default();
        rest /= base;
    }
    values.iter().chain([&check_value(&values)]).map(|value| ALPHABET[*value]).collect()
}

/// The number that somebody typed, in its one spelling; nothing when it cannot be one.
///
/// Small and full-width letters are taken, and spaces and hyphens left out. One wrong character,
/// or two exchanged, are always noticed.
pub fn parse_number(typed: &str) -> Option<String> {
    let mut values = Vec::with_capacity(BODY + 1);
    for typed in typed.chars() {
        let narrow = match typed {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(typed) - 0xfee0)?,
            '\u{3000}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' => '-',
            other => other,
        };
        if narrow == '-' || narrow == ' ' {
            continue;
        }
        let upper = narrow.to_ascii_uppercase();
        values.push(ALPHABET.iter().position(|known| *known == upper)?);
        if values.len() > BODY + 1 {
            return None;
        }
    }
    let (check, body) = values.split_last()?;
    let right = body.len() == BODY && check_value(body) == *check;
    right.then(|| values.iter().map(|value| ALPHABET[*value]).collect())
}

/// A weighted sum modulo a prime: all weights differ and none is zero, nor is the check's own.
fn check_value(body: &[usize]) -> usize {
    (2..).zip(body).map(|(weight, value)| weight * value).sum::<usize>() % ALPHABET.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn one_wrong_character_or_two_exchanged_are_noticed(
            chance: u64, at in 0usize..8, other in 0usize..8, wrong in 0usize..23,
        ) {
            let number = number_from(chance);
            prop_assert_eq!(number.len(), 8);
            prop_assert_eq!(parse_number(&number), Some(number.clone()));
            let right: Vec<char> = number.chars().collect();
            let mut changed = right.clone();
            changed[at] = ALPHABET[wrong];
            let text: String = changed.iter().collect();
            prop_assert_eq!(parse_number(&text).is_some(), changed == right);
            let mut exchanged = right.clone();
            exchanged.swap(at, other);
            let text: String = exchanged.iter().collect();
            prop_assert_eq!(parse_number(&text).is_some(), exchanged == right);
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let number = number_from(u64::MAX);
        let (head, tail) = number.split_at(4);
        let spelled = format!(" {}-{} ", head.to_lowercase(), tail);
        assert_eq!(parse_number(&spelled), Some(number.clone()));
        let wide: String =
            number.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xfee0)).collect();
        assert_eq!(parse_number(&wide), Some(number.clone()));
        for wrong in ["", "-", &number[..7], &format!("{number}2"), "AEIOU012"] {
            assert_eq!(parse_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn chance_spreads_over_the_numbers() {
        let numbers: std::collections::BTreeSet<_> = (0..50_000).map(number_from).collect();
        assert_eq!(numbers.len(), 50_000);
        assert!(!numbers.iter().any(|number| number.contains(['A', 'E', 'I', 'O', 'U'])));
    }
}
