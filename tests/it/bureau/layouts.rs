//! The same sheet, otherwise laid out: columns moved or added, cells that a spreadsheet program made
//! into numbers and dates, broken lines, other days, all prefectures.

use onshin::format::bureau::{Error, read};
use onshin::format::seeds;
use onshin::model::register::{Listing, WarningCode as W};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::support::book::{institution, list, rows, sheets, title};

const TITLE: &str = "[令和７年９月１日 現在 ]令和７年１０月１日作成 全医療機関出力";

fn usual() -> Vec<Vec<String>> {
    let first = institution("0110114", "川口診療所", "川口市本町１－１", "一般　5");
    let second = institution(
        "0110122",
        "大宮病院",
        "さいたま市大宮区大門町２－２",
        "一般　　20／療養　　10",
    );
    rows(&[
        first
            .filed("ほかの届出", "他", "第9号", "平成29年 4月 1日")
            .online("第1号", "令和 4年 4月 1日"),
        second.online("第2号", "令和元年 5月 1日"),
        institution("0110130", "届出のない医院", "越谷市１", ""),
    ])
}

fn read_one(bytes: &[u8]) -> Listing {
    let mut reading = read("list.xlsx", bytes).unwrap();
    assert_eq!(reading.files.len(), 1);
    reading.files.remove(0).listing
}

/// What a list says, without how its columns stand.
fn said(list: &Listing) -> (String, usize, usize, String) {
    let facts = format!("{:?}{:?}", list.institutions, list.notifications);
    (list.as_of.to_string(), list.institutions.len(), list.notifications.len(), facts)
}

#[test]
fn columns_may_stand_anywhere_and_have_others_between_them() {
    let expected = said(&read_one(&sheets(&[("Sheet1", TITLE, &usual())])));
    assert_eq!((expected.1, expected.2), (3, 2));
    let reversed: Vec<Vec<String>> =
        usual().into_iter().map(|row| row.into_iter().rev().collect()).collect();
    let widened: Vec<Vec<String>> = usual()
        .into_iter()
        .map(|row| {
            let cells = row.into_iter().enumerate();
            cells.flat_map(|(at, cell)| [format!("余分{at}"), cell]).collect()
        })
        .collect();
    for rows in [reversed, widened] {
        assert_eq!(said(&read_one(&sheets(&[("Sheet1", TITLE, &rows)]))), expected);
    }
}

#[test]
fn a_header_may_be_broken_and_stand_lower_and_lack_its_first_column() {
    let expected = said(&read_one(&sheets(&[("Sheet1", TITLE, &usual())])));
    let mut rows = usual();
    rows[0][9] = "医療機関所在地\r\n（住所）".to_owned();
    rows[0][13] = "受理\n届出名称 ".to_owned();
    for row in &mut rows {
        row.remove(0);
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 2, "令和７年９月１日現在").unwrap();
    for (row, cells) in (9..).zip(&rows) {
        for (column, cell) in (1..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    let list = read_one(&book.save_to_buffer().unwrap());
    assert_eq!(said(&list), expected);
    assert!(!list.all_institutions && list.created_on.is_none());
}

#[test]
fn numbers_and_dates_of_a_spreadsheet_are_read_as_what_they_were() {
    let expected = said(&read_one(&sheets(&[("Sheet1", TITLE, &usual())])));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, TITLE).unwrap();
    let date = Format::new().set_num_format("yyyy/m/d");
    for (row, cells) in (2..).zip(usual()) {
        for (column, cell) in (0..).zip(&cells) {
            let day = match cell.as_str() {
                "令和 4年 4月 1日" => Some((2022, 4, 1)),
                "令和元年 5月 1日" => Some((2019, 5, 1)),
                "平成29年 4月 1日" => Some((2017, 4, 1)),
                _ => None,
            };
            if let Some((year, month, day)) = day {
                let day = ExcelDateTime::from_ymd(year, month, day).unwrap();
                sheet.write_datetime_with_format(row, column, &day, &date).unwrap();
            } else if let ([1 | 4], Ok(number)) = ([column], cell.parse::<f64>()) {
                // The leading zeros of codes are lost on the way.
                sheet.write_number(row, column, number).unwrap();
            } else {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    assert_eq!(said(&read_one(&book.save_to_buffer().unwrap())), expected);
}

#[test]
fn broken_lines_in_cells_are_spaces() {
    let mut rows = usual();
    rows[2][7] = "医療法人\r\n川口診療所".to_owned();
    rows[2][14] = "情報\r\n通信".to_owned();
    rows[1][7] = "医療法人\r\n川口診療所\n".to_owned();
    rows[1][9] = "\u{3000}川口市\r\n本町１－１ ".to_owned();
    let list = read_one(&sheets(&[("Sheet1", TITLE, &rows)]));
    assert_eq!(list.institutions[0].name, "医療法人 川口診療所");
    assert_eq!(list.institutions[0].municipality.as_deref(), Some("112038"));
    assert_eq!(list.notifications.len(), 2);
}

#[test]
fn a_list_may_be_of_any_day_and_of_any_prefecture() {
    let mut all = Vec::new();
    let mut towns = Vec::new();
    for number in 1..=47 {
        let code = format!("{number:02}");
        let town =
            seeds::municipalities().iter().find(|town| town.prefecture_code == code).unwrap();
        let one = institution("0112345", "一の医院", &format!("{}１－１", town.name), "");
        all.push(one.of(&code, &town.prefecture).online("第1号", "令和 8年 4月 1日"));
        towns.push(town.code.clone());
    }
    let reading =
        read("japan.xlsx", &list(&title("令和１２年１月１日", "令和１２年２月１日"), &all))
            .unwrap();
    assert_eq!(reading.files.len(), 47);
    for (file, town) in reading.files.iter().zip(&towns) {
        let list = &file.listing;
        assert_eq!(list.as_of.to_string(), "2030-01-01");
        assert_eq!(list.institutions[0].municipality.as_ref(), Some(town));
        assert_eq!(list.institutions[0].code.as_str(), format!("{}10112345", list.prefecture_code));
        assert_eq!(list.notifications.len(), 1);
    }
    // Before the criterion there was another, under another symbol.
    let before = institution("0110114", "川口診療所", "川口市１", "")
        .filed("オンライン診療料", "オン診", "第1号", "令和 2年 4月 1日")
        .online("第2号", "令和 4年 4月 1日");
    let list = read_one(&list(&title("令和３年９月１日", "令和３年１０月１日"), &[before]));
    let found: Vec<_> = list.notifications.iter().map(|n| n.criterion.code()).collect();
    assert_eq!(found, ["online_care_fee_legacy"]);
}

#[test]
fn rows_of_nobody_are_errors_and_the_others_are_read() {
    let mut rows = usual();
    let mut stray = rows[3].clone();
    stray[1] = "99".to_owned();
    rows.push(stray);
    let mut table = rows[3].clone();
    table[3] = "眼科".to_owned();
    rows.push(table);
    let mut nameless = rows[4].clone();
    nameless[4] = "0110999".to_owned();
    nameless[7] = "　".to_owned();
    rows.push(nameless);
    let mut by_name = rows[4].clone();
    (by_name[1], by_name[4]) = (String::new(), "0110148".to_owned());
    rows.push(by_name);
    let list = read_one(&sheets(&[("Sheet1", TITLE, &rows)]));
    assert_eq!((list.institutions.len(), list.rows), (4, 8));
    assert_eq!((list.errors.institutions, list.errors.notifications), (3, 0));
    let errors = list.odd.iter().filter(|odd| odd.code.is_error());
    let errors: Vec<_> = errors.map(|odd| (odd.row, odd.code)).collect();
    assert_eq!(errors, [(9, W::BadPrefecture), (10, W::UnknownCategory), (11, W::NoName)]);
    assert_eq!(list.odd.iter().find(|odd| odd.row == 9).unwrap().cells[7], "大宮病院");
    assert_eq!(list.columns[7], "医療機関名称");
}

#[test]
fn other_tables_of_the_bureaus_are_no_lists() {
    // Extracts by item and lists of designations have other columns.
    let header =
        ["項番", "医療機関番号", "医療機関名称", "医療機関所在地", "電話番号", "開設者氏名"];
    let rows = vec![header.map(str::to_owned).to_vec(), vec!["1".to_owned(); 6]];
    let refused = read("shitei_ika_r0709.xlsx", &sheets(&[("Sheet1", TITLE, &rows)]));
    let Err(Error::NotAList { expected, .. }) = refused else { panic!("{refused:?}") };
    assert!(expected.contains("受理記号"), "{expected}");
}
