//! The ways in which the eight bureaus pack their lists, with made-up lists in them.

use onshin::format::bureau::{Error, Reading, read};
use onshin::model::register::WarningCode;

use crate::support::book::{Institution, institution, list, rows, sheets, title};
use crate::support::packed::{edited, shift_jis};

/// Two clinics of a prefecture, one of them with online care.
fn two(code: &str, prefecture: &str, town: &str) -> Vec<Institution> {
    let own = |number: &str, name: &str| {
        institution(number, name, &format!("{town}本町１－１"), "").of(code, prefecture)
    };
    vec![own("0112345", "一の医院").online("第1号", "令和 4年 4月 1日"), own("0112353", "二の医院")]
}

fn dentist(code: &str, prefecture: &str, town: &str) -> Institution {
    institution("0330012", "三の歯科", &format!("{town}２"), "")
        .of(code, prefecture)
        .in_table("歯科")
        .filed("歯科初診料の注１６に規定する基準", "歯情報通信", "第1号", "令和 6年 6月 1日")
}

fn pharmacy(code: &str, prefecture: &str, town: &str) -> Institution {
    institution("0440013", "四の薬局", &format!("{town}３"), "")
        .of(code, prefecture)
        .in_table("薬局")
        .filed("調剤基本料１", "調基１", "第1号", "令和 6年 6月 1日")
}

const ALL: &str = "[令和８年８月１日 現在 ]令和８年９月１日作成 全医療機関出力";
const FILED: &str = "[令和８年９月１日 現在 ]令和８年９月１日作成";

/// File, prefecture, day, institutions, notifications, whether all institutions are shown.
fn found(reading: &Reading) -> Vec<(String, String, String, usize, usize, bool)> {
    let files = reading.files.iter();
    files
        .map(|file| {
            let list = &file.listing;
            (
                file.file.clone(),
                format!("{} {}", list.prefecture_code, list.prefecture),
                list.as_of.to_string(),
                list.institutions.len(),
                list.notifications.len(),
                list.all_institutions,
            )
        })
        .collect()
}

fn one(
    file: &str,
    prefecture: &str,
    day: &str,
    all: bool,
) -> (String, String, String, usize, usize, bool) {
    (file.to_owned(), prefecture.to_owned(), day.to_owned(), 2, 1, all)
}

#[test]
fn kanto_shinetsu_has_a_workbook_for_each_prefecture_in_one_archive() {
    let tokyo = list(ALL, &two("13", "東京都", "港区"));
    let saitama = list(ALL, &two("11", "埼玉県", "川口市"));
    let archive = shift_jis(&[
        ("13届出受理医療機関名簿（医科）東京r0809.xlsx", &tokyo),
        ("11届出受理医療機関名簿（医科）埼玉r0809.xlsx", &saitama),
    ]);
    let reading = read("shisetsu_ika_r0809.zip", &archive).unwrap();
    let expected = [
        one(
            "shisetsu_ika_r0809.zip/11届出受理医療機関名簿（医科）埼玉r0809.xlsx",
            "11 埼玉県",
            "2026-08-01",
            true,
        ),
        one(
            "shisetsu_ika_r0809.zip/13届出受理医療機関名簿（医科）東京r0809.xlsx",
            "13 東京都",
            "2026-08-01",
            true,
        ),
    ];
    assert_eq!(found(&reading), expected);
    // The dentists' archive beside it is no list of ours.
    let dentists = list(ALL, &[dentist("13", "東京都", "港区")]);
    let archive = shift_jis(&[("13届出受理医療機関名簿（歯科）東京r0809.xlsx", &dentists)]);
    assert!(matches!(read("shisetsu_shika_r0809.zip", &archive), Err(Error::NotAList { .. })));
}

#[test]
fn hokkaido_has_a_bare_workbook_whose_name_says_nothing() {
    let reading =
        read("000499351.xlsx", &list(FILED, &two("01", "北海道", "札幌市中央区"))).unwrap();
    assert_eq!(found(&reading), [one("000499351.xlsx", "01 北海道", "2026-09-01", false)]);
}

#[test]
fn tohoku_has_a_sheet_for_each_prefecture() {
    let towns = [
        ("02", "青森県", "青森市"),
        ("03", "岩手県", "盛岡市"),
        ("04", "宮城県", "仙台市青葉区"),
        ("05", "秋田県", "秋田市"),
        ("06", "山形県", "山形市"),
        ("07", "福島県", "郡山市"),
    ];
    let lists: Vec<_> =
        towns.iter().map(|(code, name, town)| rows(&two(code, name, town))).collect();
    let all: Vec<(&str, &str, &[Vec<String>])> =
        towns.iter().zip(&lists).map(|(town, rows)| (town.1, FILED, rows.as_slice())).collect();
    let reading = read("shisetsu-touhoku-ika-r0808..xlsx", &sheets(&all)).unwrap();
    let expected = towns.map(|(code, name, _)| {
        one(
            &format!("shisetsu-touhoku-ika-r0808..xlsx#{name}"),
            &format!("{code} {name}"),
            "2026-09-01",
            false,
        )
    });
    assert_eq!(found(&reading), expected);
    assert!(
        reading.files.iter().all(|file| file
            .listing
            .warnings
            .iter()
            .all(|w| w.code == WarningCode::CheckDigit))
    );
}

#[test]
fn tokai_hokuriku_names_the_table_in_brackets() {
    let aichi = list(FILED, &two("23", "愛知県", "蒲郡市"));
    let archive = shift_jis(&[("2605（愛知医科）届出受理医療機関名簿.xlsx", &aichi)]);
    let reading = read("2609-06_01-01.zip", &archive).unwrap();
    let name = "2609-06_01-01.zip/2605（愛知医科）届出受理医療機関名簿.xlsx";
    assert_eq!(found(&reading), [one(name, "23 愛知県", "2026-09-01", false)]);
}

#[test]
fn kinki_issues_a_corrected_list_beside_the_first() {
    let osaka = two("27", "大阪府", "大阪市北区");
    let first = list(ALL, &osaka[..1]);
    let corrected = list(&ALL.replace("９月１日作成", "９月８日作成"), &osaka);
    for (a, b) in [(&first, &corrected), (&corrected, &first)] {
        let archive = shift_jis(&[
            ("2026.5_sisetukijun_osaka_ika.xlsx", a),
            ("s2026.5_sisetukijun_osaka_ika.xlsx", b),
        ]);
        let reading = read("2026.9_sisetukijun_ika.zip", &archive).unwrap();
        assert_eq!(reading.files.len(), 1);
        assert_eq!(reading.files[0].listing.institutions.len(), 2, "the corrected one counts");
        assert_eq!(reading.skipped[0].code, WarningCode::RepeatedList);
    }
}

#[test]
fn kinkis_corrected_list_counts_though_both_were_made_on_one_day() {
    let osaka = two("27", "大阪府", "大阪市北区");
    let (first, corrected) = (list(ALL, &osaka[..1]), list(ALL, &osaka));
    let archive = shift_jis(&[
        ("医科/s2026.5_sisetukijun_osaka_ika.xlsx", &corrected),
        ("医科/2026.5_sisetukijun_osaka_ika.xlsx", &first),
    ]);
    let reading = read("2026.9_sisetukijun_ika.zip", &archive).unwrap();
    assert_eq!(reading.files.len(), 1);
    assert_eq!(reading.files[0].listing.institutions.len(), 2);
    // Two that contradict each other without such a name cannot be settled.
    let archive = shift_jis(&[("a.xlsx", &corrected), ("b.xlsx", &first)]);
    assert!(matches!(read("x.zip", &archive), Err(Error::Contradiction { .. })));
}

#[test]
fn chugoku_shikoku_mixes_all_fee_tables_in_one_sheet() {
    let mut all = two("34", "広島県", "広島市中区");
    all.insert(1, dentist("34", "広島県", "広島市中区"));
    all.push(pharmacy("34", "広島県", "広島市中区"));
    let archive = shift_jis(&[("34_広島_届出受理医療機関名簿.xlsx", &list(FILED, &all))]);
    let reading = read("000123456.zip", &archive).unwrap();
    let name = "000123456.zip/34_広島_届出受理医療機関名簿.xlsx";
    assert_eq!(found(&reading), [one(name, "34 広島県", "2026-09-01", false)]);
    // Rows of every table are counted, institutions of one.
    assert_eq!(reading.files[0].listing.rows, 4);
    assert_eq!(reading.files[0].listing.errors, onshin::model::register::Errors::default());
}

#[test]
fn shikoku_has_spaces_in_names_and_folders_around_them() {
    let kagawa = list(FILED, &two("37", "香川県", "高松市"));
    let archive = shift_jis(&[
        ("医科/02_01 香川 医科 届出受理医療機関名簿.xlsx", &kagawa),
        ("歯科/02_01 香川 歯科 届出受理医療機関名簿.xlsx", b"never opened"),
        ("読んでください.txt", b"hello"),
    ]);
    let reading = read("000234567.zip", &archive).unwrap();
    let name = "000234567.zip/医科/02_01 香川 医科 届出受理医療機関名簿.xlsx";
    assert_eq!(found(&reading), [one(name, "37 香川県", "2026-09-01", false)]);
    assert_eq!(reading.skipped.len(), 2);
}

#[test]
fn kyushu_has_all_tables_of_an_office_in_one_archive() {
    let saga = list(FILED, &two("41", "佐賀県", "佐賀市"));
    let dentists = list(FILED, &[dentist("41", "佐賀県", "佐賀市")]);
    let pharmacies = list(FILED, &[pharmacy("41", "佐賀県", "佐賀市")]);
    let archive = shift_jis(&[
        ("r7_10_shisetsu_saga_ika_02.xlsx", &saga),
        ("r7_10_shisetsu_saga_shika_02.xlsx", &dentists),
        // Even under a name that does not say it.
        ("r7_10_shisetsu_saga_03.xlsx", &pharmacies),
    ]);
    let reading = read("000345678.zip", &archive).unwrap();
    assert_eq!(
        found(&reading),
        [one("000345678.zip/r7_10_shisetsu_saga_ika_02.xlsx", "41 佐賀県", "2026-09-01", false)]
    );
    assert_eq!(reading.skipped.len(), 2);
}

#[test]
fn furigana_and_runs_of_a_workbook_saved_again_are_no_part_of_a_name() {
    let bytes =
        list(&title("令和８年８月１日", "令和８年９月１日"), &two("11", "埼玉県", "川口市"));
    let bytes = edited(&bytes, "xl/sharedStrings.xml", |xml| {
        let plain = "<t>一の医院</t>";
        assert!(xml.contains(plain), "{xml}");
        xml.replace(
            plain,
            "<r><t>一の</t></r><r><rPr><b/></rPr><t>医院</t></r>\
             <rPh sb=\"0\" eb=\"1\"><t>イチノ</t></rPh><phoneticPr fontId=\"1\"/>",
        )
    });
    let reading = read("saved.xlsx", &bytes).unwrap();
    assert_eq!(reading.files[0].listing.institutions[0].name, "一の医院");
}

#[test]
fn paths_of_an_archive_are_names_and_nothing_else() {
    let tokyo = list(ALL, &two("13", "東京都", "港区"));
    for path in ["../../../etc/cron.d/13.xlsx", "/etc/13.xlsx", "C:\\13.xlsx", "a/../../13.xlsx"] {
        let reading = read("x.zip", &shift_jis(&[(path, &tokyo)])).unwrap();
        assert_eq!(reading.files.len(), 1, "{path}");
        assert_eq!(reading.files[0].file, format!("x.zip/{path}"));
    }
    // An archive in an archive is not opened.
    let inner = shift_jis(&[("13.xlsx", &tokyo)]);
    assert!(matches!(
        read("x.zip", &shift_jis(&[("inner.zip", &inner)])),
        Err(Error::NotAList { .. })
    ));
}
