use proptest::prelude::*;

use super::testing::{Packed, book, facility, title, zipped};
use super::*;
use crate::format::report::report;
use crate::model::register::{Criterion, Size};

fn one(bytes: &[u8]) -> FileListing {
    let mut reading = read("list.xlsx", bytes).unwrap();
    assert_eq!(reading.files.len(), 1);
    reading.files.remove(0)
}

fn codes(listing: &Listing) -> Vec<WarningCode> {
    listing.warnings.iter().map(|warning| warning.code).collect()
}

/// Three institutions of Saitama: a hospital accepted, a clinic accepted, a clinic without filing.
fn small() -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (name, symbol, start) in [
        ("情報通信機器を用いた診療に係る基準", "情報通信", "令和 4年 4月 1日"),
        ("初診料（歯科）の注16に掲げる基準", "歯情報通信", ""),
        ("情報通信機器を用いた精神療法の施設基準", "情通精", ""),
    ] {
        let mut row = facility("0110114", "川口診療所　", "川口市本町１", "");
        row.filing(name, symbol, "第1号", start);
        rows.push(row.cells());
    }
    let mut row = facility("0110122", "鶴ヶ島病院", "鶴ケ島市脚折１", "一般　　18／療養　療養　2");
    row.filing("情報通信機器を用いた診療に係る基準", "情報通信", "第2号", "令和元年 5月 1日");
    rows.push(row.cells());
    rows.push(facility("0110130", "届出なし", "越谷市１", "").cells());
    rows
}

#[test]
fn a_small_list_is_read_as_its_rows_say() {
    let file = one(&book(&[("Sheet1", &title(), &small())]));
    let listing = &file.listing;
    assert_eq!((listing.prefecture_code.as_str(), listing.prefecture.as_str()), ("11", "埼玉県"));
    assert_eq!(listing.as_of.to_string(), "2025-09-01");
    assert_eq!(listing.created_on.unwrap().to_string(), "2025-10-01");
    assert!(listing.all_institutions);
    assert_eq!((listing.rows, listing.institutions.len(), listing.without_filing()), (5, 3, 1));
    let hospital = &listing.institutions[1];
    assert_eq!((hospital.beds, hospital.size), (Some(20), Size::Hospital));
    assert_eq!(hospital.municipality.as_deref(), Some("112411"));
    assert_eq!(listing.institutions[0].name, "川口診療所");
    let found: Vec<_> = listing.notifications.iter().map(|n| n.criterion).collect();
    assert_eq!(found, [Criterion::IctCare; 2]);
    let report = report(&file);
    assert_eq!(report.online_care.by_start_fiscal_year["2022"], 1);
    // In 2019 there was no such criterion: the start is not known.
    assert_eq!(report.online_care.by_start_fiscal_year.len(), 1);
    assert_eq!(codes(listing), [WarningCode::StartBeforeCriterion]);
    assert_eq!(report.online_care.hospitals, 1);
}

#[test]
fn other_fee_tables_are_rows_and_nothing_else() {
    let mut rows = small();
    let mut dentist = facility("0330010", "歯科", "川口市本町２", "");
    dentist.filing("情報通信機器を用いた診療に係る基準", "情報通信", "第9号", "令和 7年 4月 1日");
    let mut dentist = dentist.cells();
    dentist[3] = "歯科".into();
    rows.push(dentist);
    let listing = one(&book(&[("Sheet1", &title(), &rows)])).listing;
    assert_eq!((listing.rows, listing.institutions.len(), listing.notifications.len()), (6, 3, 2));
}

#[test]
fn oddities_are_warned_of_with_their_rows() {
    let mut rows = small();
    rows.insert(1, vec![String::new(); 24]);
    for (number, address, start) in
        [("0110148", "どこか", "令和30年 6月 1日"), ("0110155", "川越市１", "平成40年 6月 1日")]
    {
        let mut row = facility(number, "変", address, "");
        row.filing("別の名", "情報通信", "第3号", start);
        rows.push(row.cells());
    }
    rows.push(facility("0110149", "検査数字", "川越市１", "").cells());
    rows.push(facility("123456789", "長い", "川越市１", "").cells());
    rows.push(facility("01101A8", "字", "川越市１", "").cells());
    let listing = one(&book(&[("Sheet1", &title(), &rows)])).listing;
    // The blank row is no row of data; rows are numbered as in the sheet, header in row 4.
    assert_eq!(listing.rows, 10);
    let at = |code| listing.warnings.iter().find(|w| w.code == code).and_then(|w| w.row);
    assert_eq!(at(WarningCode::UnknownMunicipality), Some(11));
    assert_eq!(at(WarningCode::StartAfterAsOf), Some(11));
    assert_eq!(at(WarningCode::ImpossibleDate), Some(12));
    assert_eq!(at(WarningCode::BadCode), Some(14));
    assert_eq!(at(WarningCode::CheckDigit), Some(13));
    assert_eq!(at(WarningCode::CriterionName), Some(11));
    let started = |number| {
        let mut own = listing.notifications.iter();
        own.find(|n| n.institution.number() == number).unwrap().effective_from
    };
    assert_eq!(started("0110148").unwrap().to_string(), "2048-06-01");
    assert_eq!(started("0110155"), None);
}

#[test]
fn a_second_notification_of_the_same_criterion_is_not_counted() {
    let mut rows = small();
    rows.push(rows[0].clone());
    let listing = one(&book(&[("Sheet1", &title(), &rows)])).listing;
    assert_eq!(listing.notifications.len(), 2);
    let expected = [WarningCode::StartBeforeCriterion, WarningCode::DuplicateNotification];
    assert_eq!(codes(&listing), expected);
}

#[test]
fn warnings_are_cut_off_and_say_so() {
    let bad = |n: usize| facility(&format!("x{n}"), "変", "川越市１", "").cells();
    let mut rows = small();
    rows.extend((0..300).map(bad));
    let listing = one(&book(&[("Sheet1", &title(), &rows)])).listing;
    assert_eq!(listing.warnings.len(), 201);
    assert_eq!(listing.warnings[200].detail, "+101");
}

#[test]
fn each_sheet_is_a_prefecture() {
    let mut other = small();
    for row in &mut other {
        row[1] = "04".into();
        row[2] = "宮城県".into();
    }
    let bytes = book(&[
        ("埼玉", &title(), &small()),
        ("宮城", &title(), &other),
        ("説明", "この表について", &[]),
    ]);
    let reading = read("six.xlsx", &bytes);
    let files = reading.unwrap().files;
    let names: Vec<&str> = files.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(names, ["six.xlsx#宮城", "six.xlsx#埼玉"]);
}

#[test]
fn an_archive_may_have_folders_old_names_and_other_members() {
    let list = book(&[("Sheet1", &title(), &small())]);
    let mut dentists = small();
    for row in &mut dentists {
        row[3] = "歯科".into();
    }
    let dentists = book(&[("Sheet1", &title(), &dentists)]);
    let bytes = zipped(&[
        Packed::shift_jis("令和7年/11届出受理医療機関名簿（医科）埼玉.xlsx", &list),
        Packed::shift_jis("令和7年/11届出受理医療機関名簿（歯科）埼玉.xlsx", b"never opened"),
        Packed::utf8("../../etc/なにか.xlsx", &dentists),
        Packed::utf8("読んで.txt", b"hello"),
    ]);
    let reading = read("all.zip", &bytes).unwrap();
    assert_eq!(reading.files[0].file, "all.zip/令和7年/11届出受理医療機関名簿（医科）埼玉.xlsx");
    assert_eq!(reading.files.len(), 1);
    let skipped: Vec<_> = reading.skipped.iter().map(|w| (w.code, w.detail.as_str())).collect();
    assert_eq!(skipped.len(), 3);
    assert!(skipped.iter().all(|(code, _)| *code == WarningCode::SkippedMember));
    assert!(skipped[0].1.contains("（歯科）埼玉") && skipped[1].1.contains("なにか"));
    assert_eq!(reading.files[0].sha256, one(&list).sha256);
}

#[test]
fn a_reissue_replaces_what_it_corrects_and_a_contradiction_is_refused() {
    let first = book(&[("Sheet1", &title(), &small())]);
    let second = book(&[("Sheet1", &title(), &small()[3..])]);
    let later = title().replace("１０月１日作成", "１０月９日作成");
    let corrected = book(&[("Sheet1", &later, &small()[3..])]);
    let both = |a: &[u8], b: &[u8]| {
        read("k.zip", &zipped(&[Packed::utf8("a.xlsx", a), Packed::utf8("b.xlsx", b)]))
    };
    let reading = both(&corrected, &first).unwrap();
    assert_eq!(reading.files[0].file, "k.zip/a.xlsx");
    assert_eq!(reading.skipped[0].code, WarningCode::RepeatedList);
    assert!(matches!(both(&first, &second), Err(Error::Contradiction { .. })));
    assert_eq!(both(&first, &first).unwrap().files.len(), 1);
}

#[test]
fn what_is_no_list_is_refused_with_what_was_expected() {
    let expected = |bytes: &[u8]| match read("x", bytes) {
        Err(Error::NotAList { expected, .. }) => expected,
        other => panic!("{other:?}"),
    };
    assert!(expected(b"").contains("届出受理医療機関名簿"));
    assert!(expected(b"%PDF-1.7").contains("届出受理医療機関名簿"));
    assert!(expected(&zipped(&[Packed::utf8("a.txt", b"x")])).contains("届出受理医療機関名簿"));
    let rows = [vec!["a".to_owned()]];
    assert!(expected(&testing::raw_book(&rows)).contains("項番"));
    let header: Vec<String> =
        HEADER.iter().filter(|h| **h != "病床数").map(|h| (*h).to_owned()).collect();
    assert!(expected(&testing::raw_book(&[header])).contains("病床数"));
    let mut dentists = small();
    for row in &mut dentists {
        row[3] = "歯科".into();
    }
    assert!(expected(&book(&[("Sheet1", &title(), &dentists)])).contains("医科"));
}

#[test]
fn errors_speak_both_languages_and_name_the_file() {
    let file = || "名簿.xlsx".to_owned();
    let as_of = "2025-09-01".parse().unwrap();
    for error in [
        Error::NotAList { file: file(), expected: "x".into() },
        Error::TooLarge { file: file(), what: "x".into() },
        Error::BadArchive { file: file(), reason: "x".into() },
        Error::NoAsOf { file: file() },
        Error::Future { file: file(), as_of },
        Error::Contradiction { file: file(), prefecture: "東京都".into(), as_of },
    ] {
        let (ja, en) = (error.message(Lang::Ja), error.message(Lang::En));
        assert!(ja.starts_with("名簿.xlsx：") && en.starts_with("名簿.xlsx: "), "{ja} {en}");
    }
}

#[test]
fn a_title_without_its_day_is_refused() {
    for title in ["", "令和７年１０月１日作成", "[令和７年１３月１日 現在]"] {
        let bytes = book(&[("Sheet1", title, &small())]);
        assert!(matches!(read("x.xlsx", &bytes), Err(Error::NoAsOf { .. })), "{title}");
    }
}

#[test]
fn a_cell_without_end_is_cut() {
    let mut rows = small();
    rows[0][7] = "長".repeat(30_000);
    let listing = one(&book(&[("Sheet1", &title(), &rows)])).listing;
    assert_eq!(listing.institutions[0].name.chars().count(), 200);
}

#[test]
fn furigana_is_not_part_of_a_name() {
    let list = book(&[("Sheet1", &title(), &small())]);
    let with = testing::edited(&list, "xl/sharedStrings.xml", |xml| {
        let to = "<t>鶴ヶ島病院</t><rPh sb=\"0\" eb=\"3\"><t>ツルガシマ</t></rPh>";
        assert!(xml.contains("<t>鶴ヶ島病院</t>"));
        xml.replace("<t>鶴ヶ島病院</t>", to)
    });
    assert_eq!(one(&with).listing.institutions[1].name, "鶴ヶ島病院");
}

#[test]
fn nothing_unpacks_without_bound() {
    let limits = Limits {
        entry: 50_000,
        total: 60_000,
        entries: 12,
        shared_texts: 20_000,
        institutions: 6,
        ..Limits::default()
    };
    let reader = Reader {
        criteria: crate::format::seeds::criteria(),
        places: crate::format::seeds::places(),
        limits,
    };
    let too_large = |bytes: &[u8]| matches!(reader.read("x", bytes), Err(Error::TooLarge { .. }));
    let list = book(&[("Sheet1", &title(), &small())]);
    assert!(reader.read("x", &list).is_ok());
    let zeros = vec![b' '; 50_001];
    assert!(too_large(&zipped(&[Packed::utf8("a.xlsx", &zeros)])), "an entry of an archive");
    let part = |name, size: usize| {
        testing::edited(&list, name, |xml| format!("{xml}{}", " ".repeat(size)))
    };
    assert!(too_large(&part("xl/worksheets/sheet1.xml", 50_000)), "an entry of a workbook");
    assert!(too_large(&part("xl/sharedStrings.xml", 20_000)), "shared texts");
    let half = part("xl/worksheets/sheet1.xml", 30_000);
    assert!(reader.read("x", &half).is_ok());
    let twice = [Packed::utf8("a.xlsx", &half), Packed::utf8("b.xlsx", &half)];
    assert!(too_large(&zipped(&twice)), "all workbooks together");
    let names: Vec<String> = (0..13).map(|n| format!("{n:02}.txt")).collect();
    let many: Vec<Packed<'_>> = names.iter().map(|name| Packed::utf8(name, b"")).collect();
    assert!(too_large(&zipped(&many)), "too many entries");
    let own = |n: usize| facility(&format!("011{n:04}"), "名", "川越市１", "").cells();
    let rows = |count| book(&[("Sheet1", &title(), &(0..count).map(own).collect::<Vec<_>>())]);
    assert!(reader.read("x", &rows(6)).is_ok());
    assert!(too_large(&rows(7)), "too many institutions");
}

#[test]
fn announced_sizes_are_not_believed() {
    let list = book(&[("Sheet1", &title(), &small())]);
    let bad = |bytes: &[u8]| matches!(read("x", bytes), Err(Error::BadArchive { .. }));
    let claims = testing::edited(&list, "xl/sharedStrings.xml", |xml| {
        let (before, after) = xml.split_once("uniqueCount=\"").unwrap();
        format!("{before}uniqueCount=\"9000000000000{after}")
    });
    assert!(bad(&claims));
    let foreign =
        testing::edited(&list, "xl/sharedStrings.xml", |xml| xml.replacen("UTF-8", "UTF-16", 1));
    assert!(bad(&foreign));
    let column = testing::edited(&list, "xl/worksheets/sheet1.xml", |xml| {
        xml.replacen("r=\"A5\"", "r=\"ZZZZZZZZZZZZ5\"", 1)
    });
    assert!(bad(&column));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever becomes of its bytes, a list is read or refused.
    #[test]
    fn damaged_bytes_are_refused_and_never_fatal(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = testing::cached();
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        let _ = read("x.xlsx", &bytes);
    }

    /// The same for its XML, which a checksum would otherwise protect.
    #[test]
    fn damaged_xml_is_refused_and_never_fatal(
        part in prop::sample::select(vec![
            "xl/worksheets/sheet1.xml",
            "xl/sharedStrings.xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/styles.xml",
        ]),
        at in any::<prop::sample::Index>(),
        length in 0..12_usize,
        new in "[<>/\"=a-zA-Z0-9 &;:]{0,12}",
    ) {
        let bytes = testing::edited(&testing::cached(), part, |xml| {
            let mut chars: Vec<char> = xml.chars().collect();
            let at = at.index(chars.len());
            let end = (at + length).min(chars.len());
            chars.splice(at..end, new.chars());
            chars.into_iter().collect()
        });
        let _ = read("x.xlsx", &bytes);
    }
}
