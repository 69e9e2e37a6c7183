//! A made list of a bureau's ten prefectures, in the form of the real ones: every cell a shared text,
//! the institution's cells repeated on each of its rows.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;

use onshin::format::bureau::HEADER;
use onshin::format::seeds;
use onshin::model::register::Code10;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Prefectures of the bureau, and how much of it each is.
const PREFECTURES: [(&str, u32); 10] = [
    ("08", 5),
    ("09", 4),
    ("10", 5),
    ("11", 12),
    ("12", 11),
    ("13", 36),
    ("14", 15),
    ("15", 4),
    ("19", 2),
    ("20", 6),
];

/// Texts of the workbook, each once.
#[derive(Default)]
struct Texts {
    places: HashMap<String, usize>,
    all: Vec<String>,
    uses: usize,
}

impl Texts {
    fn place(&mut self, text: &str) -> usize {
        self.uses += 1;
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.places.insert(text.to_owned(), self.all.len());
        self.all.push(text.to_owned());
        self.all.len() - 1
    }
}

/// Writes a list of so many rows of data.
pub(crate) fn write(path: &Path, rows: u32) {
    let partial = path.with_extension("partial");
    let mut zip = ZipWriter::new(BufWriter::new(std::fs::File::create(&partial).unwrap()));
    let options = SimpleFileOptions::default();
    for (name, text) in PARTS {
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let mut texts = Texts::default();
    zip.start_file("xl/worksheets/sheet1.xml", options.large_file(true)).unwrap();
    write!(
        zip,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><worksheet xmlns=\"{MAIN}\">\
         <dimension ref=\"A2:X{}\"/><sheetData>",
        rows + 4
    )
    .unwrap();
    let title = "[令和７年９月１日 現在 ]令和７年１０月１日作成 全医療機関出力";
    write_row(&mut zip, &mut texts, 2, &[title]);
    write_row(&mut zip, &mut texts, 4, &HEADER);
    fill(&mut zip, &mut texts, rows);
    zip.write_all(b"</sheetData></worksheet>").unwrap();
    zip.start_file("xl/sharedStrings.xml", options).unwrap();
    let (uses, unique) = (texts.uses, texts.all.len());
    write!(
        zip,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <sst xmlns=\"{MAIN}\" count=\"{uses}\" uniqueCount=\"{unique}\">"
    )
    .unwrap();
    for text in &texts.all {
        write!(zip, "<si><t xml:space=\"preserve\">{text}</t></si>").unwrap();
    }
    zip.write_all(b"</sst>").unwrap();
    zip.finish().unwrap().flush().unwrap();
    std::fs::rename(partial, path).unwrap();
}

/// All rows of data: institutions with one to sixteen filings each.
fn fill(to: &mut impl Write, texts: &mut Texts, rows: u32) {
    let shares: u32 = PREFECTURES.iter().map(|(_, share)| share).sum();
    let (mut row, mut number) = (5, 0_u32);
    for (place, (code, share)) in PREFECTURES.iter().enumerate() {
        let last = place + 1 == PREFECTURES.len();
        let end = if last { rows + 4 } else { row + rows * share / shares };
        let name = seeds::prefecture(code).unwrap();
        let towns: Vec<_> =
            seeds::municipalities().iter().filter(|town| town.prefecture_code == *code).collect();
        let mut own = 0;
        while row <= end {
            (number, own) = (number + 1, own + 1);
            let code10 = code10(code, own);
            let town = &towns[number as usize % towns.len()].name;
            let mut cells: [String; 24] = Default::default();
            for (column, text) in [
                (0, own.to_string()),
                (1, (*code).to_owned()),
                (2, name.to_owned()),
                (3, "医科".to_owned()),
                (4, code10.number().to_owned()),
                (7, format!("医療法人　第{own}{town}クリニック")),
                (8, format!("{:03}-{:04}", number % 1000, number % 9973)),
                (
                    9,
                    format!(
                        "{town}中央{}丁目{}番{}号",
                        number % 9 + 1,
                        number % 31 + 1,
                        number % 17 + 1
                    ),
                ),
                (10, format!("03-{:04}-{:04}", number % 9999, number % 9871)),
                (
                    12,
                    if number % 12 == 0 {
                        format!("一般　　{}", number % 400)
                    } else {
                        String::new()
                    },
                ),
            ] {
                cells[column] = text;
            }
            for filing in 0..=(number * 7 % 16) {
                if row > end {
                    break;
                }
                filed(&mut cells, number, filing);
                let texts_of: Vec<&str> = cells.iter().map(String::as_str).collect();
                write_row(to, texts, row, &texts_of);
                row += 1;
            }
        }
    }
}

/// The cells of one filing: every seventh institution's first is the one that is looked for.
fn filed(cells: &mut [String; 24], number: u32, filing: u32) {
    let kind = (number * 31 + filing * 7) % 180;
    let (name, symbol) = if filing == 0 && number.is_multiple_of(7) {
        ("情報通信機器を用いた診療に係る基準".to_owned(), "情報通信".to_owned())
    } else {
        (format!("施設基準その{kind}に係る届出"), format!("基準{kind}"))
    };
    cells[13] = name;
    cells[14] = symbol;
    cells[15] = format!("第{}号", number * 3 + filing);
    cells[16] = format!("令和{:2}年{:2}月 1日", number % 6 + 2, (number + filing) % 12 + 1);
    // A start of this year's autumn would lie after the list.
    cells[16] = cells[16].replace("令和 7年", "令和 6年");
    let detail = filing % 5 == 4;
    cells[18] = if detail { "届出の見出し　　　".to_owned() } else { String::new() };
    cells[19] = if detail { format!("{kind}") } else { String::new() };
}

/// The `number`th code of a prefecture, with the last digit that fits.
fn code10(prefecture: &str, number: u32) -> Code10 {
    let mut codes = (0..10)
        .map(|last| Code10::medical(prefecture, &format!("{:06}{last}", number + 10_000)).unwrap());
    codes.find(Code10::check_digit_fits).unwrap()
}

fn write_row(to: &mut impl Write, texts: &mut Texts, row: u32, cells: &[&str]) {
    let mut xml = format!("<row r=\"{row}\">");
    for (column, cell) in (b'A'..).zip(cells) {
        let (column, place) = (char::from(column), texts.place(cell));
        let _ = write!(xml, "<c r=\"{column}{row}\" s=\"1\" t=\"s\"><v>{place}</v></c>");
    }
    xml += "</row>";
    to.write_all(xml.as_bytes()).unwrap();
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

const PARTS: &[(&str, &str)] = &[
    (
        "[Content_Types].xml",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/><Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>",
    ),
    (
        "_rels/.rels",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
    ),
    (
        "xl/workbook.xml",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>",
    ),
    (
        "xl/styles.xml",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><fonts count=\"1\"><font/></fonts><fills count=\"1\"><fill/></fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"2\"><xf/><xf/></cellXfs></styleSheet>",
    ),
];
