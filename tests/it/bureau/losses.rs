//! What a list may not lose without a word: filings under other symbols, sheets that cannot be read,
//! cells with errors, days and beds that cannot be told.

use onshin::format::bureau::{Error, Limits, Reader, Reading, read};
use onshin::format::report::reports;
use onshin::format::seeds;
use onshin::model::register::{Listing, Size, WarningCode as W};
use rust_xlsxwriter::{Formula, Workbook};

use crate::support::book::{Institution, institution, list, rows, sheets, title};
use crate::support::packed::{edited, shift_jis};

const NAME: &str = "情報通信機器を用いた診療に係る基準";
const TITLE: &str = "[令和７年９月１日 現在 ]令和７年１０月１日作成 全医療機関出力";

fn clinic(number: &str, beds: &str) -> Institution {
    institution(number, "川口診療所", "川口市本町１－１", beds)
}

fn accepted() -> Institution {
    clinic("0110114", "一般　5").online("第1号", "令和 4年 4月 1日")
}

/// The usual list of one accepted clinic with others behind it.
fn with(others: &[Institution]) -> Listing {
    let mut all = vec![accepted()];
    all.extend_from_slice(others);
    one(&list(TITLE, &all))
}

fn one(bytes: &[u8]) -> Listing {
    let mut reading = read("list.xlsx", bytes).unwrap();
    assert_eq!(reading.files.len(), 1);
    reading.files.remove(0).listing
}

fn codes(listing: &Listing) -> Vec<W> {
    let own = listing.warnings.iter().map(|warning| warning.code);
    own.filter(|code| *code != W::CheckDigit).collect()
}

#[test]
fn a_criterion_under_another_symbol_is_an_error_of_its_row() {
    let other = "時間外対応加算１";
    for (name, symbol) in [
        (NAME, "（情報通信）"),
        (NAME, "情報通信機器"),
        (NAME, "情報通信１"),
        (NAME, ""),
        ("情報通信機器を用いた 診療に係る\n基準", "情通"),
        (other, "［情報通信］"),
        (other, "情報通信\n時間外１"),
        (other, "時間外１\r\n情報通信"),
        ("時間外対応加算１\n情報通信機器を用いた診療に係る基準", ""),
    ] {
        let filed = clinic("0110122", "").filed(name, symbol, "第2号", "令和 5年 4月 1日");
        let list = with(&[filed]);
        assert_eq!(codes(&list), [W::OtherSymbol], "{symbol} {name}");
        assert_eq!((list.errors.notifications, list.errors.institutions), (1, 0), "{symbol}");
        assert_eq!((list.institutions.len(), list.notifications.len()), (2, 1), "{symbol}");
        let odd = list.odd.iter().find(|odd| odd.code == W::OtherSymbol).unwrap();
        assert_eq!((odd.row, odd.cells[15].as_str()), (6, "第2号"));
    }
    for (name, symbol) in [
        ("初診料（歯科）の注16及び再診料（歯科）の注12に掲げる基準", "歯情報通信"),
        ("通院・在宅精神療法の注１２に規定する情報通信機器を用いた精神療法の施設基準", "情通精"),
        (other, "時間外１"),
    ] {
        let list = with(&[clinic("0110122", "").filed(name, symbol, "第2号", "令和 5年 4月 1日")]);
        assert_eq!(codes(&list), [], "{symbol}");
        assert_eq!(list.notifications.len(), 1);
    }
}

#[test]
fn a_list_without_the_criterion_is_warned_of() {
    let none = clinic("0110114", "").filed("他", "他", "第1号", "令和 4年 4月 1日");
    let listing = one(&list(TITLE, std::slice::from_ref(&none)));
    assert_eq!(codes(&listing), [W::NothingAccepted]);
    assert_eq!(codes(&with(&[none])), []);
    // Before 2018 there was no criterion that could be in force.
    let early = title("平成２９年９月１日", "平成２９年１０月１日");
    let before = clinic("0110114", "").filed("他", "他", "第1号", "平成28年 4月 1日");
    assert_eq!(codes(&one(&list(&early, &[before]))), []);
}

#[test]
fn a_cell_with_an_error_is_an_error_of_its_row() {
    let all = rows(&[accepted(), clinic("0110122", "").online("第2号", "令和 5年 4月 1日")]);
    for (column, error) in
        [(1, "#N/A"), (4, "#REF!"), (7, "#N/A"), (12, "#VALUE!"), (14, "#NAME?"), (16, "#DIV/0!")]
    {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, TITLE).unwrap();
        for (row, cells) in (3..).zip(&all) {
            for (at, cell) in (0..).zip(cells) {
                if (row, at) == (5, column) {
                    sheet.write_formula(row, at, Formula::new("NA()").set_result(error)).unwrap();
                } else {
                    sheet.write_string(row, at, cell).unwrap();
                }
            }
        }
        let list = one(&book.save_to_buffer().unwrap());
        let expected = if column == 1 { W::BadPrefecture } else { W::ErrorCell };
        assert_eq!(codes(&list), [expected], "{error} in column {column}");
        assert_eq!((list.errors.institutions, list.institutions.len()), (1, 1), "{error}");
        assert_eq!(list.odd.iter().find(|odd| odd.code == expected).unwrap().row, 6);
    }
}

/// Saitama's list, and one of Nagano whose symbol's column is called `column`.
fn two_sheets(column: &str) -> Vec<u8> {
    let saitama = rows(&[accepted()]);
    let mut nagano = rows(&[accepted().of("20", "長野県")]);
    column.clone_into(&mut nagano[0][14]);
    sheets(&[("埼玉", TITLE, &saitama), ("長野", TITLE, &nagano)])
}

fn skipped(reading: &Reading) -> Vec<(W, &str)> {
    reading.skipped.iter().map(|one| (one.code, one.detail.as_str())).collect()
}

#[test]
fn a_sheet_that_cannot_be_read_is_told() {
    let reading = read("two.xlsx", &two_sheets("記号")).unwrap();
    assert_eq!(reading.files.len(), 1);
    let [(W::UnreadList, detail)] = skipped(&reading)[..] else { panic!("{:?}", reading.skipped) };
    assert!(detail.starts_with("two.xlsx#長野: ") && detail.contains("受理記号"), "{detail}");
    let report = reports(&reading).remove(0);
    assert_eq!((report.errors.lists, report.errors.all()), (1, 1));
    assert!(report.warnings.iter().any(|one| one.code == W::UnreadList));
    assert_eq!(read("two.xlsx", &two_sheets("受理記号")).unwrap().files.len(), 2);
    // Without its first column too, and below where a header is looked for.
    let usual = rows(&[accepted()]);
    let mut low: Vec<Vec<String>> = (0..30).map(|_| vec!["説明".to_owned()]).collect();
    low.extend(usual.clone());
    let mut unnamed = usual.clone();
    (unnamed[0][0], unnamed[0][14]) = ("番号".to_owned(), "記号".to_owned());
    for other in [low, unnamed] {
        let reading = read("x.xlsx", &sheets(&[("一", TITLE, &usual), ("二", TITLE, &other)]));
        assert_eq!(skipped(&reading.unwrap())[0].0, W::UnreadList);
    }
    // Explanations are no list, and are told.
    let words = [vec!["この表について".to_owned()]];
    let reading = read("x.xlsx", &sheets(&[("一", TITLE, &usual), ("説明", "", &words)])).unwrap();
    let [(W::SkippedMember, detail)] = skipped(&reading)[..] else { panic!() };
    assert!(detail.starts_with("x.xlsx#説明: "), "{detail}");
    assert_eq!(reports(&reading)[0].errors.all(), 0);
}

#[test]
fn a_member_that_cannot_be_read_is_told() {
    let good = list(TITLE, &[accepted()]);
    let mut nagano = rows(&[accepted().of("20", "長野県")]);
    "記号".clone_into(&mut nagano[0][14]);
    let bad = sheets(&[("Sheet1", TITLE, &nagano)]);
    let reading = read("x.zip", &shift_jis(&[("11.xlsx", &good), ("20.xlsx", &bad)])).unwrap();
    let [(W::UnreadList, detail)] = skipped(&reading)[..] else { panic!("{:?}", reading.skipped) };
    assert!(detail.starts_with("x.zip/20.xlsx: "), "{detail}");
    assert_eq!(reading.files[0].listing.errors.lists, 1);
}

#[test]
fn errors_of_a_prefecture_without_institutions_are_kept() {
    let good = rows(&[accepted()]);
    let bad = rows(&[accepted().of("20", "長野県"), clinic("x-2", "").of("20", "長野県")]);
    let bad: Vec<Vec<String>> = bad
        .into_iter()
        .map(|mut row| {
            row[4] = row[4].replace("0110114", "20-0110114-1");
            row
        })
        .collect();
    let reading = read("two.xlsx", &sheets(&[("埼玉", TITLE, &good), ("長野", TITLE, &bad)]));
    let reading = reading.unwrap();
    let [(W::UnreadList, detail)] = skipped(&reading)[..] else { panic!("{:?}", reading.skipped) };
    assert!(detail.starts_with("two.xlsx#長野: ") && detail.ends_with(": 2"), "{detail}");
    // In one sheet they are errors of the prefecture that the sheet is most about.
    let mut mixed = good;
    mixed.extend_from_slice(&bad[1..]);
    let list = one(&sheets(&[("Sheet1", TITLE, &mixed)]));
    assert_eq!((list.errors.institutions, list.rows), (2, 3));
    assert_eq!(codes(&list), [W::BadCode, W::BadCode]);
}

#[test]
fn hidden_sheets_are_not_read_as_lists() {
    let (shown, hidden) = (rows(&[accepted()]), rows(&[accepted().of("20", "長野県")]));
    let bytes = sheets(&[("埼玉", TITLE, &shown), ("長野", TITLE, &hidden)]);
    for state in ["hidden", "veryHidden"] {
        let bytes = edited(&bytes, "xl/workbook.xml", |xml| {
            assert!(xml.contains("name=\"長野\""), "{xml}");
            xml.replace("name=\"長野\"", &format!("name=\"長野\" state=\"{state}\""))
        });
        let reading = read("x.xlsx", &bytes).unwrap();
        assert_eq!(reading.files.len(), 1);
        assert_eq!(reading.files[0].listing.prefecture_code, "11");
        let [(W::SkippedMember, detail)] = skipped(&reading)[..] else { panic!() };
        assert!(detail.starts_with("x.xlsx#長野: 非表示"), "{detail}");
    }
}

#[test]
fn a_list_of_a_day_to_come_is_refused() {
    let reading = read("x.xlsx", &list(TITLE, &[accepted()])).unwrap();
    assert_eq!(reading.until("2025-09-01".parse().unwrap()), Ok(()));
    let refused = reading.until("2025-08-31".parse().unwrap());
    assert!(matches!(refused, Err(Error::Future { .. })), "{refused:?}");
}

#[test]
fn a_start_before_the_criterion_is_not_known() {
    let early = clinic("0110122", "").online("第2号", "平成29年 4月 1日");
    let reading = read("x.xlsx", &list(TITLE, &[accepted(), early])).unwrap();
    assert_eq!(codes(&reading.files[0].listing), [W::StartBeforeCriterion]);
    let care = &reports(&reading)[0].online_care;
    assert_eq!(care.facilities, 2);
    assert_eq!(care.by_start_fiscal_year.iter().collect::<Vec<_>>(), [(&"2022".to_owned(), &1)]);
}

#[test]
fn bare_days_of_a_workbook_from_1904_are_refused() {
    let bytes = list(TITLE, &[accepted(), clinic("0110122", "").online("第2号", "45383")]);
    let usual = one(&bytes);
    assert_eq!(usual.notifications[1].effective_from, "2024-04-01".parse().ok());
    let later = one(&edited(&bytes, "xl/workbook.xml", |xml| {
        assert!(xml.contains("<workbookPr"), "{xml}");
        xml.replace("<workbookPr", "<workbookPr date1904=\"1\"")
    }));
    assert_eq!(codes(&later), [W::BareDay]);
    assert_eq!((later.notifications.len(), later.errors.notifications), (1, 1));
}

#[test]
fn beds_that_cannot_be_told_are_warned_of() {
    let of = |beds: &str, kind: &str| {
        let mut rows = rows(&[accepted(), clinic("0110122", beds)]);
        rows[2][22] = kind.to_owned();
        let list = one(&sheets(&[("Sheet1", TITLE, &rows)]));
        let own = list.institutions[1].clone();
        (own.beds, own.size, codes(&list))
    };
    assert_eq!(of("一般　　10\n療養　　9\r\n結核　1", ""), (Some(20), Size::Hospital, vec![]));
    let unclear = vec![W::UnclearBeds];
    let none = Size::ClinicWithoutBeds;
    assert_eq!(of("一般　　120（うち療養　60）", ""), (None, none, unclear.clone()));
    assert_eq!(of("一般　　120（うち療養　60）", "22"), (None, Size::Hospital, unclear.clone()));
    assert_eq!(of("一般　10　療養　20", ""), (Some(20), Size::Hospital, unclear.clone()));
    assert_eq!(of("一般　20", "23"), (Some(20), Size::BeddedClinic, unclear));
    assert_eq!(of("一般　20", "22"), (Some(20), Size::Hospital, vec![]));
    assert_eq!(of("一般　", "23"), (None, none, vec![]));
}

#[test]
fn odd_rows_of_all_prefectures_share_one_room() {
    let mut all = vec![accepted()];
    for code in ["11", "20"] {
        for number in 0..40 {
            all.push(clinic(&format!("x{number}"), "").of(code, "県"));
        }
        all.push(accepted().of(code, "県"));
    }
    let bytes = list(TITLE, &all);
    let kept = |limits: Limits| {
        let reader = Reader { criteria: seeds::criteria(), places: seeds::places(), limits };
        let reading = reader.read("x.xlsx", &bytes).unwrap();
        let lists = reading.files.iter().map(|file| &file.listing);
        let errors: usize = lists.clone().map(|list| list.errors.institutions).sum();
        assert_eq!(errors, 80, "each is counted, kept or not");
        lists.map(|list| list.odd.len()).sum::<usize>()
    };
    assert!(kept(Limits::default()) >= 80);
    assert_eq!(kept(Limits { odd_rows: 50, ..Limits::default() }), 50);
    let few = kept(Limits { odd_bytes: 5_000, ..Limits::default() });
    assert!((1..20).contains(&few), "{few}");
}
