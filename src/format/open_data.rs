//! Institutions as the municipalities' standard open data set 医療機関一覧 (自治体標準オープンデータ
//! セット): its columns in their order, dates and codes in its forms. What is not known stays empty.
//!
//! Sources of names and order. From 法人番号 to 備考, and the kinds 病院, 有床診療所, 無床診療所: the
//! same sheet of the edition before (推奨データセット, A 医療機関一覧), as NEC-FIWARE/smart-data-models
//! has written it down item by item (`cio/03_医療機関一覧/datamodels.md`, commit 4ae28f2). The code, ID
//! and name of the publisher, the place from `所在地_全国地方公共団体コード` to 建物名等(方書), 緯度, 経度,
//! 高度の種別, 高度の値, and the contact from 電話番号 to 郵便番号: files that municipalities publish of
//! other sheets of the present edition (公衆トイレ一覧, 指定緊急避難場所一覧, 食品等営業許可・届出一覧),
//! which have these blocks in common. The present edition's definition of this very sheet was not at
//! hand, so that where FAX番号 stands in it, and whether it has 高度, is not confirmed.

use chrono::NaiveDate;

use super::seeds;
use crate::model::public::OpenRow;

/// The licence under which they are given.
pub const LICENCE: &str = "CC BY 4.0";
/// Where it is.
pub const LICENCE_ADDRESS: &str = "https://creativecommons.org/licenses/by/4.0/deed.ja";

/// The columns.
pub const COLUMNS: [&str; 38] = [
    "全国地方公共団体コード",
    "ID",
    "地方公共団体名",
    "名称",
    "名称_カナ",
    "名称_英字",
    "医療機関の種類",
    "所在地_全国地方公共団体コード",
    "町字ID",
    "所在地_連結表記",
    "所在地_都道府県",
    "所在地_市区町村",
    "所在地_町字",
    "所在地_番地以下",
    "建物名等(方書)",
    "緯度",
    "経度",
    "高度の種別",
    "高度の値",
    "電話番号",
    "内線番号",
    "連絡先メールアドレス",
    "連絡先FormURL",
    "連絡先備考（その他、SNSなど）",
    "郵便番号",
    "FAX番号",
    "法人番号",
    "法人の名称",
    "医療機関コード",
    "診療曜日",
    "診療開始時間",
    "診療終了時間",
    "診療日時特記事項",
    "時間外における対応",
    "診療科目",
    "病床数",
    "URL",
    "備考",
];

/// The heading with the mark by which spreadsheet programs know UTF-8.
pub fn heading() -> String {
    format!("\u{feff}{}", super::table::csv_record(COLUMNS.iter().copied()))
}

/// One institution. `as_of` is the day of its prefecture's list, `site` where this service is found.
pub fn record(row: &OpenRow, as_of: Option<NaiveDate>, site: &str) -> String {
    let code = row.code10.as_str();
    let prefecture_code = code.get(..2).unwrap_or_default();
    let prefecture = seeds::prefecture(prefecture_code).unwrap_or_default();
    let place = row.municipality_code.as_deref().and_then(seeds::municipality);
    let address = if row.address.starts_with(prefecture) {
        row.address.clone()
    } else {
        format!("{prefecture}{}", row.address)
    };
    let kind = match row.size.as_str() {
        "hospital" => "病院",
        "bedded_clinic" => "有床診療所",
        _ => "無床診療所",
    };
    let publisher = publisher_code(prefecture_code);
    let postal = row.postal_code.as_deref().unwrap_or_default().replace('-', "");
    let departments = row.departments.as_deref().unwrap_or_default().replace(',', ";");
    let beds = row.beds.map_or_else(String::new, |beds| beds.to_string());
    let page = format!("{site}/facilities/{code}");
    let note = note(row, as_of);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut cells = vec![String::new(); COLUMNS.len()];
    for (column, cell) in [
        ("全国地方公共団体コード", publisher),
        ("ID", code.to_owned()),
        ("地方公共団体名", prefecture.to_owned()),
        ("名称", row.name.clone()),
        ("名称_カナ", text(&row.kana)),
        ("名称_英字", text(&row.name_en)),
        ("医療機関の種類", kind.to_owned()),
        ("所在地_全国地方公共団体コード", text(&row.municipality_code)),
        ("所在地_連結表記", address),
        ("所在地_都道府県", prefecture.to_owned()),
        ("所在地_市区町村", place.map_or_else(String::new, |place| place.name.clone())),
        ("電話番号", text(&row.telephone)),
        ("郵便番号", postal),
        ("医療機関コード", code.to_owned()),
        ("診療科目", departments),
        ("病床数", beds),
        ("URL", page),
        ("備考", note),
    ] {
        if let Some(at) = COLUMNS.iter().position(|name| *name == column) {
            cells[at] = cell;
        }
    }
    super::table::csv_record(cells.iter().map(String::as_str))
}

fn note(row: &OpenRow, as_of: Option<NaiveDate>) -> String {
    let mut parts = Vec::new();
    if row.accepted {
        let since = row.effective_from.map_or_else(|| "不明".to_owned(), |day| day.to_string());
        parts.push(format!("情報通信機器を用いた診療の届出受理（算定開始年月日 {since}）"));
    } else {
        parts.push("情報通信機器を用いた診療の届出なし".to_owned());
    }
    if let Some(as_of) = as_of {
        parts.push(format!("{as_of}現在の届出受理医療機関名簿"));
    }
    parts.join("；")
}

/// The code of a prefecture as a local government: six digits, the last of which checks the others
/// (JIS X 0402). `130001` for Tokyo.
fn publisher_code(prefecture: &str) -> String {
    let digits: Vec<u32> = prefecture.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits.iter().zip([6, 5]).map(|(digit, weight)| digit * weight).sum();
    format!("{prefecture}000{}", (11 - sum % 11) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> OpenRow {
        OpenRow {
            code10: "1310529818".into(),
            name: "=架空,診療所".into(),
            postal_code: Some("100-0001".into()),
            address: "千代田区架空1-1".into(),
            municipality_code: Some("131016".into()),
            beds: None,
            size: "clinic_without_beds".into(),
            effective_from: Some("2022-04-01".parse().unwrap()),
            accepted: true,
            kana: None,
            name_en: None,
            telephone: None,
            departments: Some("内科,小児科".into()),
            facility_id: None,
        }
    }

    #[test]
    fn a_record_has_the_columns_of_the_standard() {
        let text = format!("{}{}", heading(), record(&row(), None, "https://onshin.example"));
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let headings = reader.headers().unwrap().clone();
        let heading = text.trim_start_matches('\u{feff}').lines().next().unwrap();
        assert_eq!(
            heading,
            "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,名称_英字,医療機関の種類,\
             所在地_全国地方公共団体コード,町字ID,所在地_連結表記,所在地_都道府県,所在地_市区町村,\
             所在地_町字,所在地_番地以下,建物名等(方書),緯度,経度,高度の種別,高度の値,電話番号,\
             内線番号,連絡先メールアドレス,連絡先FormURL,連絡先備考（その他、SNSなど）,郵便番号,\
             FAX番号,法人番号,法人の名称,医療機関コード,診療曜日,診療開始時間,診療終了時間,\
             診療日時特記事項,時間外における対応,診療科目,病床数,URL,備考"
        );
        let record = reader.records().next().unwrap().unwrap();
        let cell =
            |name: &str| record.get(headings.iter().position(|h| h == name).unwrap()).unwrap();
        assert_eq!(cell("全国地方公共団体コード"), "130001");
        assert_eq!(cell("所在地_連結表記"), "東京都千代田区架空1-1");
        assert_eq!(cell("所在地_市区町村"), "千代田区");
        assert_eq!((cell("郵便番号"), cell("診療科目")), ("1000001", "内科;小児科"));
        assert_eq!(cell("医療機関の種類"), "無床診療所");
        // No spreadsheet computes a name.
        assert_eq!(cell("名称"), "'=架空,診療所");
        assert_eq!((cell("病床数"), cell("緯度")), ("", ""));
        assert_eq!(cell("URL"), "https://onshin.example/facilities/1310529818");
    }

    #[test]
    fn the_code_of_a_prefecture_checks_itself() {
        assert_eq!(
            ["01", "13", "31", "47"].map(publisher_code),
            ["010006", "130001", "310000", "470007"]
        );
    }
}
