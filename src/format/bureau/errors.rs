//! What was odd in a list, in words, and as a workbook for whoever corrects it: each row as it
//! stands in the list, behind the reason.

use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook, XlsxError};

use crate::format::Lang;
use crate::model::register::{OddRow, WarningCode};

/// A sentence for a kind of oddity.
pub fn reason(code: WarningCode, lang: Lang) -> &'static str {
    use WarningCode as W;
    match code {
        W::CheckDigit => lang.pick(
            "医療機関番号の検証番号が合いません",
            "The check digit of the institution's number does not fit",
        ),
        W::BadCode => lang.pick(
            "医療機関番号が7桁の数字ではありません",
            "The institution's number is not seven digits",
        ),
        W::BadPrefecture => lang.pick(
            "都道府県コードが01から47までの数字ではありません",
            "The prefecture's code is not one of 01 to 47",
        ),
        W::UnknownCategory => lang.pick(
            "区分が医科、歯科、薬局のどれでもありません",
            "The fee table is neither medicine, dentistry nor pharmacy",
        ),
        W::NoName => lang.pick("医療機関名称がありません", "The institution has no name"),
        W::ConflictingNotification => lang.pick(
            "同じ医療機関の同じ届出が、番号か算定開始日の違う行でもう一度出ています",
            "The same criterion of the institution again, with another number or start",
        ),
        W::UnknownMunicipality => {
            lang.pick("住所から市区町村が分かりません", "The address tells no municipality")
        }
        W::ImpossibleDate => {
            lang.pick("算定開始年月日が、ありえない日付です", "The start is a day that no era had")
        }
        W::StartAfterAsOf => lang
            .pick("算定開始年月日が、名簿の日より後です", "The start is after the day of the list"),
        W::DuplicateNotification => {
            lang.pick("同じ届出の行がもう一度出ています", "The same notification once more")
        }
        W::CriterionName => lang.pick(
            "受理届出名称が、受理記号の届出の名と違います",
            "The criterion's name is not the one of its symbol",
        ),
        W::OtherSymbol => lang.pick(
            "受理届出名称か受理記号の一部は届出のものですが、受理記号が違います",
            "The criterion by its name or a part of its symbol, but another symbol",
        ),
        W::ErrorCell => lang.pick(
            "セルが表計算のエラー（#N/Aなど）になっています",
            "A cell holds a spreadsheet's error, as #N/A",
        ),
        W::BareDay => lang.pick(
            "算定開始年月日が数だけで、1904年から日を数えるブックなので、日が決まりません",
            "The start is a bare number in a workbook that counts days from 1904",
        ),
        W::StartBeforeCriterion => lang.pick(
            "算定開始年月日が、この届出が始まる前の日です（開始日不明として数えます）",
            "The start is before the criterion began; it counts as unknown",
        ),
        W::UnclearBeds => lang.pick(
            "病床数がはっきりしないか、種別と合いません",
            "The number of beds is unclear, or does not fit the kind of institution",
        ),
        W::NoCreationDate
        | W::NothingAccepted
        | W::UnreadList
        | W::SkippedMember
        | W::RepeatedList
        | W::LargeDrop
        | W::More => of_list(code, lang),
    }
}

/// A sentence for what concerns a list, or what should be one, as a whole.
fn of_list(code: WarningCode, lang: Lang) -> &'static str {
    use WarningCode as W;
    match code {
        W::NoCreationDate => {
            lang.pick("名簿に作成日がありません", "The list does not say when it was made")
        }
        W::NothingAccepted => lang.pick(
            "この名簿には、数えている届出が一つもありません",
            "The list has no notification of the criterion that is counted",
        ),
        W::UnreadList => lang.pick(
            "名簿のように見えますが、読めませんでした",
            "Left out: it looks like a list and could not be read",
        ),
        W::SkippedMember => lang.pick(
            "医科の名簿として読んでいません",
            "Left out: not read as a list of medical institutions",
        ),
        W::RepeatedList => lang.pick(
            "同じ都道府県の同じ日の名簿が重なっていたので、新しい方を読みました",
            "The same list twice: the newer one was read",
        ),
        W::LargeDrop => lang.pick(
            "前の名簿にあったものが5％を超えて消えています",
            "More than 5 % of those in the list before are gone",
        ),
        _ => lang.pick("ほかにもあります", "There are more"),
    }
}

/// The odd rows of one list.
pub struct Sheet<'a> {
    /// The prefecture's name, or the file's: what the sheet is called.
    pub name: &'a str,
    /// The names of the list's columns.
    pub columns: &'a [String],
    /// Its rows.
    pub rows: &'a [OddRow],
}

/// What a spreadsheet takes for the name of a sheet at most.
const SHEET_NAME: usize = 25;

/// The workbook of odd rows, a sheet for each list that has some; one that says so where none has.
pub fn workbook(lists: &[Sheet<'_>], lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new().set_bold().set_background_color(Color::RGB(0xE8_EE_F7));
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (place, list) in lists.iter().filter(|list| !list.rows.is_empty()).enumerate() {
        let sheet = book.add_worksheet();
        let allowed = |c: &char| !"[]:*?/\\'".contains(*c);
        let name: String = list.name.chars().filter(allowed).take(SHEET_NAME).collect();
        sheet.set_name(format!("{} {name}", place + 1))?;
        let own = [
            lang.pick("行", "Row"),
            lang.pick("扱い", "What was done"),
            lang.pick("理由", "Reason"),
            lang.pick("見つけたもの", "Found"),
        ];
        for (column, title) in
            (0..).zip(own.into_iter().chain(list.columns.iter().map(String::as_str)))
        {
            sheet.write_string_with_format(0, column, title, &head)?;
        }
        for (row, odd) in (1..).zip(list.rows) {
            let done = if odd.code.is_error() {
                lang.pick("取り込まない", "left out")
            } else {
                lang.pick("取り込む（注意）", "taken, with a warning")
            };
            sheet.write_number(row, 0, odd.row)?;
            sheet.write_string(row, 1, done)?;
            sheet.write_string_with_format(row, 2, reason(odd.code, lang), &wrapped)?;
            sheet.write_string(row, 3, &odd.detail)?;
            for (column, cell) in (4..).zip(&odd.cells) {
                sheet.write_string(row, column, cell)?;
            }
        }
        sheet.set_column_width(1, 16)?.set_column_width(2, 40)?.set_column_width(3, 24)?;
        sheet.set_freeze_panes(1, 0)?;
    }
    if book.worksheets().is_empty() {
        let none = lang.pick("直すところのある行はありません", "No row needs to be corrected");
        book.add_worksheet().write_string(0, 0, none)?;
    }
    book.save_to_buffer()
}
