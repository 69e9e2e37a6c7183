//! Names of prefectures in English.

use super::{municipalities, prefecture};
use crate::format::Lang;

/// In order of their digits, from `01`.
const PREFECTURES: [&str; 47] = [
    "Hokkaido",
    "Aomori",
    "Iwate",
    "Miyagi",
    "Akita",
    "Yamagata",
    "Fukushima",
    "Ibaraki",
    "Tochigi",
    "Gunma",
    "Saitama",
    "Chiba",
    "Tokyo",
    "Kanagawa",
    "Niigata",
    "Toyama",
    "Ishikawa",
    "Fukui",
    "Yamanashi",
    "Nagano",
    "Gifu",
    "Shizuoka",
    "Aichi",
    "Mie",
    "Shiga",
    "Kyoto",
    "Osaka",
    "Hyogo",
    "Nara",
    "Wakayama",
    "Tottori",
    "Shimane",
    "Okayama",
    "Hiroshima",
    "Yamaguchi",
    "Tokushima",
    "Kagawa",
    "Ehime",
    "Kochi",
    "Fukuoka",
    "Saga",
    "Nagasaki",
    "Kumamoto",
    "Oita",
    "Miyazaki",
    "Kagoshima",
    "Okinawa",
];

/// What readers of a language call a prefecture, by its two digits.
pub fn prefecture_in(code: &str, lang: Lang) -> Option<&'static str> {
    if lang == Lang::Ja {
        return prefecture(code);
    }
    let at = code.parse::<usize>().ok()?.checked_sub(1)?;
    PREFECTURES.get(at).copied().filter(|_| code.len() == 2)
}

/// The same of a prefecture that is known by its Japanese name; what is none is said as it is.
pub fn prefecture_called(name: &str, lang: Lang) -> &str {
    let known = municipalities().iter().find(|place| place.prefecture == name);
    known.and_then(|place| prefecture_in(&place.prefecture_code, lang)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefectures_have_english_names() {
        let names = ["01", "13", "31", "47"].map(|code| prefecture_in(code, Lang::En).unwrap());
        assert_eq!(names, ["Hokkaido", "Tokyo", "Tottori", "Okinawa"]);
        assert_eq!(prefecture_in("13", Lang::Ja), Some("東京都"));
        assert_eq!(prefecture_called("埼玉県", Lang::En), "Saitama");
        assert_eq!(prefecture_called("nowhere", Lang::En), "nowhere");
        assert_eq!(["00", "48", "1", "x"].map(|code| prefecture_in(code, Lang::En)), [None; 4]);
    }
}
