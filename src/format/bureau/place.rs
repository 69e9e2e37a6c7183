//! From an address to its municipality. The lists leave their column for it empty, and a code's
//! first digits do not tell it (in Tokyo 03 is Minato and all the islands).

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::format::seeds::Municipality;

/// The municipalities, arranged to be found in an address.
pub struct Municipalities(HashMap<String, Prefecture>);

struct Prefecture {
    name: String,
    /// Names as an address may write them and their codes, the longest first.
    names: Vec<(String, String)>,
}

impl Municipalities {
    /// Arranges `all`.
    pub fn new(all: &[Municipality]) -> Self {
        let mut prefectures: HashMap<String, Prefecture> = HashMap::new();
        for place in all {
            let prefecture = prefectures
                .entry(place.prefecture_code.clone())
                .or_insert_with(|| Prefecture { name: fold(&place.prefecture), names: Vec::new() });
            let name = fold(&place.name);
            if let Some(town) = without_county(&name) {
                prefecture.names.push((town.to_owned(), place.code.clone()));
            }
            prefecture.names.push((name, place.code.clone()));
        }
        for prefecture in prefectures.values_mut() {
            prefecture.names.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        }
        Self(prefectures)
    }

    /// The six digits of the municipality at `address` in the prefecture of these two digits.
    ///
    /// The longest name at the start wins, with or without the prefecture and the county (郡). Where
    /// none stands there (a building first, an island before its town), the first name anywhere
    /// that begins a word does.
    pub fn find(&self, prefecture: &str, address: &str) -> Option<&str> {
        let prefecture = self.0.get(prefecture)?;
        let address = fold(address);
        let address = address.trim();
        let rest = address.strip_prefix(prefecture.name.as_str()).unwrap_or(address).trim_start();
        prefecture.at_start(rest).or_else(|| prefecture.inside(rest))
    }
}

impl Prefecture {
    fn at_start(&self, text: &str) -> Option<&str> {
        let county = text.char_indices().skip(1).take(4).find(|(_, c)| *c == '郡');
        let town = county.map(|(at, c)| &text[at + c.len_utf8()..]);
        let whole = self.prefix(text);
        // 郡山市 begins with 郡 and 蒲郡市 holds it: the longer name of the two readings is meant.
        let town = town.and_then(|town| self.prefix(town)).filter(|(name, _)| is_town(name));
        let longest = match (whole, town) {
            (Some(a), Some(b)) if b.0.len() > a.0.len() => Some(b),
            (a, b) => a.or(b),
        };
        longest.map(|(_, code)| code)
    }

    fn prefix(&self, text: &str) -> Option<(&str, &str)> {
        let found = self.names.iter().find(|(name, _)| text.starts_with(name.as_str()))?;
        Some((&found.0, &found.1))
    }

    /// The first name behind a space, a county, an island or a prefecture.
    fn inside(&self, text: &str) -> Option<&str> {
        let mut before = ' ';
        for (at, c) in text.char_indices() {
            let begins =
                before.is_whitespace() || matches!(before, '郡' | '島' | '県' | '都' | '府' | '道');
            if at > 0
                && begins
                && let Some((_, code)) = self.prefix(&text[at..])
            {
                return Some(code);
            }
            before = c;
        }
        None
    }
}

/// Forms of one character that lists and statutes use for each other.
const VARIANTS: [(char, char); 15] = [
    ('ヶ', 'ケ'),
    ('檮', '梼'),
    ('檜', '桧'),
    ('龍', '竜'),
    ('澤', '沢'),
    ('﨑', '崎'),
    ('瀧', '滝'),
    ('濱', '浜'),
    ('櫻', '桜'),
    ('國', '国'),
    ('曾', '曽'),
    ('籠', '篭'),
    ('竈', '釜'),
    ('俱', '倶'),
    ('頸', '頚'),
];

/// NFKC, and one form of each character that has several.
fn fold(text: &str) -> String {
    let plain = |c| VARIANTS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    text.nfkc().map(plain).collect()
}

/// `杉戸町` for `北葛飾郡杉戸町`. Cities have no county, whatever their name holds.
fn without_county(name: &str) -> Option<&str> {
    let (county, town) = name.split_once('郡')?;
    (!county.is_empty() && is_town(town)).then_some(town)
}

fn is_town(name: &str) -> bool {
    name.ends_with(['町', '村'])
}

#[cfg(test)]
mod tests {
    use crate::format::seeds::{municipalities, municipality, places};

    fn name(prefecture: &str, address: &str) -> Option<&'static str> {
        let code = places().find(prefecture, address)?;
        municipality(code).map(|place| place.name.as_str())
    }

    #[test]
    fn every_municipality_is_found_by_its_own_name() {
        for place in municipalities() {
            let address = format!("{}１－２－３", place.name);
            let found = places().find(&place.prefecture_code, &address);
            assert_eq!(found, Some(place.code.as_str()), "{address}");
        }
    }

    #[test]
    fn addresses_as_the_lists_write_them() {
        for (prefecture, address, expected) in [
            ("11", "鶴ケ島市富士見２－１", Some("鶴ヶ島市")),
            ("11", "鶴ヶ島市富士見２－１", Some("鶴ヶ島市")),
            ("11", "さいたま市南区別所１", Some("さいたま市南区")),
            ("11", "埼玉県さいたま市大宮区", Some("さいたま市大宮区")),
            ("11", "北葛飾郡杉戸町大字", Some("北葛飾郡杉戸町")),
            ("11", "杉戸町大字", Some("北葛飾郡杉戸町")),
            ("13", "八丈島八丈町三根", Some("八丈町")),
            ("13", "三宅島三宅村神着", Some("三宅村")),
            ("13", "西多摩郡瑞穂町箱根ケ崎", Some("瑞穂町")),
            ("13", "青ケ島村無番地", Some("青ヶ島村")),
            ("20", "レインボーテラス内　長野市鶴賀", Some("長野市")),
            ("01", "桧山郡江差町字伏木戸町", Some("檜山郡江差町")),
            ("39", "高岡郡梼原町川西路２３２０－１", Some("高岡郡檮原町")),
            ("07", "郡山市駅前１", Some("郡山市")),
            ("23", "蒲郡市平田町", Some("蒲郡市")),
            ("29", "大和郡山市本庄町", Some("大和郡山市")),
            ("08", "鹿島市厨", None),
            ("08", "", None),
            ("99", "千代田区", None),
        ] {
            assert_eq!(name(prefecture, address), expected, "{address}");
        }
    }
}
