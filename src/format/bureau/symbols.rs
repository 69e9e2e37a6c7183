//! Rows that mean a criterion without its symbol (受理記号) in so many words: brackets around it, a
//! number behind it, several symbols in one cell, or none beside the full name (受理届出名称).

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::criteria::{Criteria, MEDICINE};

/// How many pairs of symbol and name are remembered. A real list has some hundreds.
const MOST: usize = 4_096;

/// Pairs of symbol and name that were looked at and mean no criterion: nearly all rows of a list.
#[derive(Default)]
pub(super) struct Ordinary {
    names: HashMap<String, HashSet<String>>,
    count: usize,
}

impl Ordinary {
    /// Whether a row whose symbol is no criterion's means one of those in force on `day` after all.
    pub(super) fn hides(
        &mut self,
        symbol: &str,
        name: &str,
        criteria: &Criteria,
        day: NaiveDate,
    ) -> bool {
        if self.names.get(symbol).is_some_and(|names| names.contains(name)) {
            return false;
        }
        if hides(symbol, name, criteria, day) {
            return true;
        }
        if self.count < MOST {
            self.count += 1;
            self.names.entry(symbol.to_owned()).or_default().insert(name.to_owned());
        }
        false
    }
}

fn hides(symbol: &str, name: &str, criteria: &Criteria, day: NaiveDate) -> bool {
    let (symbols, names) = (lines(symbol), lines(name));
    criteria.in_force(MEDICINE, day).any(|alias| {
        let (own, called) = (core(&alias.symbol), letters(&alias.name));
        symbols.iter().any(|line| core(line) == own)
            || names.iter().any(|line| letters(line) == called)
    })
}

/// A cell as a whole, and each of its lines.
fn lines(cell: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = cell.split(['\n', '\r', '、', ',', '，', '／', '/']).collect();
    lines.push(cell);
    lines
}

/// NFKC, letters and digits only: no spaces, brackets or dots.
fn letters(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).collect()
}

/// A symbol without a number behind it.
fn core(symbol: &str) -> String {
    let letters = letters(symbol);
    letters.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::hides;
    use crate::format::seeds::criteria;

    #[test]
    fn a_criterion_is_seen_through_other_symbols() {
        let name = "情報通信機器を用いた診療に係る基準";
        let day = "2025-09-01".parse().unwrap();
        let seen = |symbol: &str, name: &str| hides(symbol, name, criteria(), day);
        for symbol in ["（情報通信）", "情報通信１", "情報通信\n時間外", "初診、情報通信"]
        {
            assert!(seen(symbol, "ほかの届出"), "{symbol}");
        }
        for symbol in ["", "情報通信機器", "情通"] {
            assert!(seen(symbol, name), "{symbol}");
            assert!(seen(symbol, "情報通信機器を用いた\n診療に係る 基準"), "{symbol}");
        }
        assert!(seen("", &format!("ほかの届出\n{name}")));
        let other = "通院・在宅精神療法の注１２に規定する情報通信機器を用いた精神療法の施設基準";
        assert!(!seen("情通精", other) && !seen("歯情報通信", "歯科の基準") && !seen("", ""));
        assert!(!hides("（情報通信）", name, criteria(), "2022-03-31".parse().unwrap()));
    }
}
