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

/// Below this much a value is taken for the half that it was meant to be: 4.35 × 10 is not quite
/// 43.5 in binary. A fraction of numbers below 10⁸ that is no half is farther from one.
const NEARLY: f64 = 1e-9;

/// `6.3` for 6.25: the size of a number to one decimal, half up, as official papers round. (The
/// standard formatting rounds a half to the even digit.)
pub fn tenth(value: f64) -> String {
    let tenths = (value.abs() * 10.0 + 0.5 + NEARLY).floor();
    format!("{:.1}", tenths / 10.0)
}

/// `48.7％`; a negative share carries `▲`. `percent` is in hundredths of the whole.
pub fn percent(percent: f64) -> String {
    let text = format!("{}％", tenth(percent));
    if percent < 0.0 && text != "0.0％" { format!("▲{text}") } else { text }
}

/// `48.7％（311/638）`: the share of `part` in `whole`, half up and without a detour over binary
/// fractions; `―` where there is no whole.
pub fn share(part: u32, whole: u32) -> String {
    let doubled = u64::from(whole) * 2;
    let tenths = (u64::from(part) * 2_000 + u64::from(whole)).checked_div(doubled);
    let text = tenths
        .map_or_else(|| "―".to_owned(), |tenths| format!("{}.{}％", tenths / 10, tenths % 10));
    format!("{text}（{}/{}）", grouped(i64::from(part)), grouped(i64::from(whole)))
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
        assert_eq!(share(311, 638), "48.7％（311/638）");
        assert_eq!(share(6141, 13889), "44.2％（6,141/13,889）");
        assert_eq!(share(0, 0), "―（0/0）");
        assert_eq!([growth(0.8519), growth(-0.129), growth(0.0)], ["+85.2％", "▲12.9％", "0.0％"]);
        assert_eq!(percent(-0.04), "0.0％");
    }

    #[test]
    fn halves_go_up_as_in_official_papers() {
        assert_eq!([share(1, 16), share(1, 80)], ["6.3％（1/16）", "1.3％（1/80）"]);
        assert_eq!([share(87, 2_000), share(3, 16)], ["4.4％（87/2,000）", "18.8％（3/16）"]);
        assert_eq!([6.25, 4.35, 6.24, 0.05].map(tenth), ["6.3", "4.4", "6.2", "0.1"]);
        assert_eq!([growth(0.0625), growth(-0.0625)], ["+6.3％", "▲6.3％"]);
        for whole in 1..2_000_u32 {
            let part = whole / 3 + whole % 7;
            let exact = (u64::from(part) * 2_000 + u64::from(whole)) / (u64::from(whole) * 2);
            let shown = tenth(f64::from(part) / f64::from(whole) * 100.0);
            assert_eq!(shown, format!("{}.{}", exact / 10, exact % 10), "{part}/{whole}");
        }
    }
}
