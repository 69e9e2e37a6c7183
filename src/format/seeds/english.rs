//! Names of places in English: of prefectures, and of Tokyo's municipalities as the metropolitan
//! government writes them. Other municipalities have none here and are called by their own.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{municipalities, municipality, prefecture, rows};
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

/// What readers of a language call a municipality, by its six digits: `千代田区`, `Chiyoda City`.
pub fn municipality_in(code: &str, lang: Lang) -> Option<&'static str> {
    let own = municipality(code)?;
    let english = if lang == Lang::En { municipality_in_english(code) } else { None };
    Some(english.unwrap_or(&own.name))
}

/// A municipality's official name in English, where it is known (Tokyo).
pub fn municipality_in_english(code: &str) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct Named {
        code: String,
        name_en: String,
    }
    static ALL: LazyLock<Vec<Named>> =
        LazyLock::new(|| rows(include_str!("../../../seeds/municipalities_en.csv")));
    let at = ALL.binary_search_by(|one| one.code.as_str().cmp(code)).ok()?;
    Some(&ALL[at].name_en)
}

/// A municipality with its prefecture: `東京都千代田区`, `Chiyoda City, Tokyo`.
pub fn place_in(code: &str, lang: Lang) -> Option<String> {
    let name = municipality_in(code, lang)?;
    let of = prefecture_in(&code[..2], lang)?;
    Some(lang.pick(format!("{of}{name}"), format!("{name}, {of}")))
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

    #[test]
    fn every_municipality_of_tokyo_has_an_english_name_of_its_own() {
        let tokyo = municipalities().iter().filter(|place| place.prefecture_code == "13");
        let names: Vec<&str> =
            tokyo.map(|place| municipality_in(&place.code, Lang::En).unwrap()).collect();
        let different: std::collections::BTreeSet<&&str> = names.iter().collect();
        assert_eq!((names.len(), different.len()), (62, 62));
        for name in &names {
            let kind = name.rsplit(' ').next().unwrap();
            assert!(name.is_ascii() && ["City", "Town", "Village"].contains(&kind), "{name}");
        }
        let english = |code| municipality_in(code, Lang::En).unwrap();
        assert_eq!([english("131016"), english("132012")], ["Chiyoda City", "Hachioji City"]);
        assert_eq!([english("133035"), english("133078")], ["Mizuho Town", "Hinohara Village"]);
        assert_eq!(place_in("131016", Lang::En).unwrap(), "Chiyoda City, Tokyo");
        assert_eq!(place_in("131016", Lang::Ja).unwrap(), "東京都千代田区");
        assert_eq!(place_in("011002", Lang::En).unwrap(), "札幌市, Hokkaido");
        assert_eq!((municipality_in("x", Lang::En), place_in("é", Lang::En)), (None, None));
    }
}
