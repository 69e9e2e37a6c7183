//! Numbers as official Japanese papers print them: `1,051`, `▲70`, `48.7％（311/638）`.

/// `1,051`; a negative number carries `▲`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    if number < 0 {
        text.push('▲');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `48.7％`; a negative share carries `▲`. `percent` is in hundredths of the whole.
pub fn percent(percent: f64) -> String {
    let text = format!("{:.1}％", percent.abs());
    if percent < 0.0 && text != "0.0％" { format!("▲{text}") } else { text }
}

/// `48.7％（311/638）`, and without the fraction where a source prints none.
pub fn share(percent_value: f64, fraction: Option<(u32, u32)>) -> String {
    let text = percent(percent_value);
    match fraction {
        Some((part, whole)) => {
            format!("{text}（{}/{}）", grouped(i64::from(part)), grouped(i64::from(whole)))
        }
        None => text,
    }
}

/// `48.7`, `334`, `▲70`: thousandths of a unit, without decimals that say nothing.
pub fn thousandths(number: i64) -> String {
    let (whole, rest) = (number.unsigned_abs() / 1000, number.unsigned_abs() % 1000);
    let sign = if number < 0 { "▲" } else { "" };
    let whole = grouped(i64::try_from(whole).unwrap_or(i64::MAX));
    let decimals = format!("{rest:03}");
    match decimals.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        decimals => format!("{sign}{whole}.{decimals}"),
    }
}

/// `+85.2％`, `▲12.9％`: a change as a fraction of what was before (0.852 is 85.2 %).
pub fn growth(ratio: f64) -> String {
    let text = percent(ratio * 100.0);
    if ratio > 0.0 { format!("+{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_and_losses_marked() {
        let printed = [0, 70, -70, 999, 1051, -1_051_000].map(grouped);
        assert_eq!(printed, ["0", "70", "▲70", "999", "1,051", "▲1,051,000"]);
        assert_eq!(grouped(i64::MIN), "▲9,223,372,036,854,775,808");
    }

    #[test]
    fn thousandths_show_no_empty_decimals() {
        let printed = [48_700, 334_000, -70_000, 1_051_001, 5, 0].map(thousandths);
        assert_eq!(printed, ["48.7", "334", "▲70", "1,051.001", "0.005", "0"]);
    }

    #[test]
    fn a_share_shows_its_fraction() {
        assert_eq!(share(48.7, Some((311, 638))), "48.7％（311/638）");
        assert_eq!(share(44.2, Some((6141, 13889))), "44.2％（6,141/13,889）");
        assert_eq!(share(72.0, None), "72.0％");
        assert_eq!([growth(0.8519), growth(-0.129), growth(0.0)], ["+85.2％", "▲12.9％", "0.0％"]);
        assert_eq!(percent(-0.04), "0.0％");
    }
}
