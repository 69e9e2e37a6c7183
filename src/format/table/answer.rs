//! The table of an answer: its parts or its days, with shares as fractions, and its notes.

use super::{Cell, Column, Table, none};
use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::members::What;
use crate::engine::counts::{By, NoGrowth, Part, UNKNOWN};
use crate::format::dates::Style;
use crate::format::{Lang, numbers, seeds};
use crate::model::register::{Criterion, Size};

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The key.
    Code,
    /// What it is called.
    Label,
    /// The criterion that was counted on the day.
    Criterion,
    /// A number of facilities: which, and of which size only.
    Number(What, Option<Size>),
    /// The share of all institutions.
    Share,
    /// Residents.
    Residents,
    /// Facilities for each 100,000 residents.
    Per100k,
    /// By how many there are more.
    Net,
    /// Moved in from other parts, less those who went.
    Moved,
    /// Against the year end before.
    Growth,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Label => "label",
            Self::Criterion => "criterion",
            Self::Number(What::Accepted, None) => "facilities",
            Self::Number(What::Accepted, Some(Size::Hospital)) => "hospitals",
            Self::Number(What::Accepted, Some(Size::BeddedClinic)) => "bedded_clinics",
            Self::Number(What::Accepted, Some(Size::ClinicWithoutBeds)) => "clinics_without_beds",
            Self::Number(What::New, _) => "accepted",
            Self::Number(what, _) => what.code(),
            Self::Share => "share",
            Self::Residents => "residents",
            Self::Per100k => "per_100k",
            Self::Net => "net",
            Self::Moved => "moved",
            Self::Growth => "growth",
        }
    }

    /// Its heading.
    pub fn title(self, by: By, lang: Lang) -> &'static str {
        match self {
            Self::Code => lang.pick("コード", "Code"),
            Self::Label if by.is_time() => lang.pick("時点", "When"),
            Self::Label => lang.pick("区分", "Part"),
            Self::Criterion => lang.pick("施設基準", "Criterion"),
            Self::Number(What::Accepted, None) => lang.pick("届出受理", "Accepted"),
            Self::Number(What::Accepted, Some(size)) => size_name(size, lang),
            Self::Number(What::Uncertain, _) => lang.pick("うち失効の可能性", "Perhaps lapsed"),
            Self::Number(What::Institutions, _) => lang.pick("医療機関", "Institutions"),
            Self::Number(What::New, _) => lang.pick("新規", "New"),
            Self::Number(What::Lapsed, _) => lang.pick("失効", "Lapsed"),
            Self::Number(What::Redesignated, _) => lang.pick("指定替え", "Re-designated"),
            Self::Share => lang.pick("割合", "Share"),
            Self::Residents => lang.pick("人口", "Residents"),
            Self::Per100k => lang.pick("人口10万対", "Per 100,000"),
            Self::Net => lang.pick("増減", "Net"),
            Self::Moved => lang.pick("転入・区分替え", "Moved"),
            Self::Growth => lang.pick("前年度比", "Growth"),
        }
    }

    fn cell(self, row: &Row, part: &Part, label: &Cell, lang: Lang) -> Cell {
        let figures = &part.figures;
        let count = |count: Option<u32>| count.map_or_else(|| nothing(lang), Cell::count);
        match self {
            Self::Code => Cell::text(&row.key),
            Self::Label => label.clone(),
            Self::Criterion => {
                let criterion = row.day.map(|day| day.criterion);
                criterion.map_or_else(
                    || Cell::text(""),
                    |criterion| Cell {
                        shown: criterion_name(criterion, lang).to_owned(),
                        data: criterion.code().to_owned(),
                    },
                )
            }
            Self::Number(What::Accepted, None) => Cell::count(figures.facilities),
            Self::Number(What::Accepted, Some(size)) => Cell::count(figures.of(size)),
            Self::Number(What::Uncertain, _) => Cell::count(figures.uncertain),
            Self::Number(What::Institutions, _) => Cell::count(figures.institutions),
            Self::Number(What::New, _) => count(part.flows.map(|flows| flows.accepted)),
            Self::Number(What::Lapsed, _) => count(part.flows.map(|flows| flows.lapsed)),
            Self::Number(What::Redesignated, _) => {
                count(part.flows.map(|flows| flows.redesignated))
            }
            Self::Share => share(part, lang),
            Self::Residents => part.residents.map_or_else(|| not_set(lang), Cell::count),
            Self::Per100k => part.per_100k().map_or_else(
                || not_set(lang),
                |rate| Cell { shown: numbers::tenth(rate), data: format!("{rate:.3}") },
            ),
            Self::Net => signed(part.flows.map(|flows| flows.net), lang),
            Self::Moved => signed(part.flows.map(|flows| flows.moved), lang),
            Self::Growth => growth(row, lang),
        }
    }
}

/// The columns that an answer has.
pub fn kinds(answer: &Answer) -> Vec<Kind> {
    let by = answer.asked.by;
    let mut kinds = vec![Kind::Code, Kind::Label];
    if by.is_time() {
        kinds.push(Kind::Criterion);
    }
    kinds.push(Kind::Number(What::Accepted, None));
    if by != By::Kind {
        kinds.extend(Size::ALL.map(|size| Kind::Number(What::Accepted, Some(size))));
    }
    kinds.push(Kind::Number(What::Uncertain, None));
    if !matches!(by, By::Criterion | By::StartYear) {
        kinds.extend([Kind::Number(What::Institutions, None), Kind::Share]);
    }
    if matches!(by, By::Prefecture | By::Municipality | By::Area) {
        kinds.extend([Kind::Residents, Kind::Per100k]);
    }
    if answer.rows.iter().any(|row| row.part.flows.is_some()) {
        let flows = [What::New, What::Lapsed, What::Redesignated];
        kinds.extend(flows.map(|what| Kind::Number(what, None)));
        kinds.extend([Kind::Moved, Kind::Net]);
    }
    if by == By::Year {
        kinds.push(Kind::Growth);
    }
    kinds
}

/// The table.
pub fn answer(answer: &Answer, style: Style) -> Table {
    let (by, lang) = (answer.asked.by, style.lang);
    let kinds = kinds(answer);
    let column = |kind: &Kind| {
        let title = kind.title(by, lang);
        match kind {
            Kind::Code | Kind::Label | Kind::Criterion => Column::text(kind.key(), title),
            _ => Column::number(kind.key(), title),
        }
    };
    let cells = |row: &Row, label: &Cell| {
        kinds.iter().map(|kind| kind.cell(row, &row.part, label, lang)).collect::<Vec<Cell>>()
    };
    let mut rows: Vec<Vec<Cell>> =
        answer.rows.iter().map(|row| cells(row, &label(by, row, style))).collect();
    if let Some(total) = answer.total.filter(|_| !by.is_time()) {
        let row = Row { key: "total".to_owned(), part: total, day: None };
        rows.push(cells(&row, &Cell::text(lang.pick("計", "Total"))));
    }
    let mut notes = notes(answer, style);
    notes.push(lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN).to_owned());
    Table { columns: kinds.iter().map(column).collect(), rows, notes }
}

/// What a row is called. As data a place keeps its own name, whoever reads it.
fn label(by: By, row: &Row, style: Style) -> Cell {
    let shown = row_label(by, row, style);
    let place = matches!(by, By::Prefecture | By::Municipality | By::Area) && row.key != UNKNOWN;
    let data = if place { part_label(by, &row.key, Lang::Ja) } else { shown.clone() };
    Cell { shown, data }
}

fn share(part: &Part, lang: Lang) -> Cell {
    match part.share().zip(part.denominator) {
        Some((share, whole)) => Cell {
            shown: numbers::share(part.figures.facilities, whole),
            data: format!("{share:.4}"),
        },
        None => not_set(lang),
    }
}

/// A change of a number: `▲3`, `+3`, `0`.
fn signed(number: Option<i32>, lang: Lang) -> Cell {
    number.map_or_else(
        || nothing(lang),
        |number| {
            let shown = numbers::grouped(i64::from(number));
            let shown = if number > 0 { format!("+{shown}") } else { shown };
            Cell { shown, data: number.to_string() }
        },
    )
}

fn growth(row: &Row, lang: Lang) -> Cell {
    match row.day.and_then(|day| day.growth) {
        Some(Ok(ratio)) => Cell { shown: numbers::growth(ratio), data: format!("{ratio:.4}") },
        Some(Err(NoGrowth::SeriesBreak)) => Cell {
            shown: format!("{}{}", none(lang), lang.pick("（基準の変更）", " (criterion changed)")),
            data: String::new(),
        },
        Some(Err(_)) | None => nothing(lang),
    }
}

fn nothing(lang: Lang) -> Cell {
    Cell { shown: none(lang).to_owned(), data: String::new() }
}

/// What is not there is not 0.
fn not_set(lang: Lang) -> Cell {
    Cell { shown: lang.pick("設定なし", "not set").to_owned(), data: String::new() }
}

/// What a row is called: a place, a kind, a year, a day.
pub fn row_label(by: By, row: &Row, style: Style) -> String {
    match (row.day, by) {
        (Some(day), _) if !day.regular => style.as_of(day.date),
        (Some(day), By::Month) => {
            let month = style.month(day.date);
            style.lang.pick(format!("{month}1日"), format!("1 {month}"))
        }
        (Some(_), _) | (None, By::StartYear) => match row.key.parse() {
            Ok(year) => style.fiscal_year(year),
            Err(_) => unknown(style.lang),
        },
        (None, _) => part_label(by, &row.key, style.lang),
    }
}

fn unknown(lang: Lang) -> String {
    lang.pick("不明", "unknown").to_owned()
}

/// What a part of a day is called.
pub fn part_label(by: By, key: &str, lang: Lang) -> String {
    if key == UNKNOWN {
        return unknown(lang);
    }
    let known = match by {
        By::Prefecture => seeds::prefecture_in(key, lang).map(str::to_owned),
        By::Municipality => seeds::municipality_in(key, lang).map(str::to_owned),
        By::Area => {
            let english = seeds::area_in_english(key);
            Some(lang.pick(key, english.unwrap_or(key)).to_owned())
        }
        By::Kind => {
            let size = Size::ALL.into_iter().find(|size| size.code() == key);
            size.map(|size| size_name(size, lang).to_owned())
        }
        By::Criterion => key.parse().ok().map(|one| criterion_name(one, lang).to_owned()),
        By::Year | By::Month | By::StartYear => {
            key.parse().ok().map(|year| Style::from(lang).fiscal_year(year))
        }
    };
    known.unwrap_or_else(|| key.to_owned())
}

/// 病院, 有床診療所, 無床診療所.
pub fn size_name(size: Size, lang: Lang) -> &'static str {
    match size {
        Size::Hospital => lang.pick("病院", "Hospitals"),
        Size::BeddedClinic => lang.pick("有床診療所", "Clinics with beds"),
        Size::ClinicWithoutBeds => lang.pick("無床診療所", "Clinics without beds"),
    }
}

/// The same of one institution.
pub fn size_of_one(size: Size, lang: Lang) -> &'static str {
    match size {
        Size::Hospital => lang.pick("病院", "Hospital"),
        Size::BeddedClinic => lang.pick("有床診療所", "Clinic with beds"),
        Size::ClinicWithoutBeds => lang.pick("無床診療所", "Clinic without beds"),
    }
}

/// What a criterion is called.
pub fn criterion_name(criterion: Criterion, lang: Lang) -> &'static str {
    let name = seeds::CRITERION_NAMES.iter().find(|name| name.criterion == criterion);
    name.map_or(criterion.code(), |name| lang.pick(name.ja, name.en))
}

/// What must be known to read an answer rightly.
pub fn notes(answer: &Answer, style: Style) -> Vec<String> {
    let (by, lang) = (answer.asked.by, style.lang);
    let mut notes = Vec::new();
    let mut note = |ja: String, en: String| notes.push(lang.pick(ja, en));
    let figures = answer.rows.iter().map(|row| row.part.figures.uncertain);
    if figures.max().unwrap_or(0) > 0 {
        note(
            "「失効の可能性」は、後の名簿に載っておらず、その間のいつ失効したか分からないもの。届出受理に含む。".to_owned(),
            "\"Perhaps lapsed\": a later list does not show them, and nobody knows on which day between the lists they lapsed. They are counted as accepted.".to_owned(),
        );
    }
    if answer.rows.iter().any(|row| row.part.denominator.is_none())
        && kinds(answer).contains(&Kind::Share)
    {
        note(
            "割合は、届出のない医療機関も載る名簿（全医療機関出力）でだけ求められる。".to_owned(),
            "Shares exist only where the list shows institutions without notifications too."
                .to_owned(),
        );
    }
    if kinds(answer).contains(&Kind::Per100k) {
        note(
            "人口は住民基本台帳（令和7年1月1日）。".to_owned(),
            "Residents: basic resident register, 1 January 2025.".to_owned(),
        );
    }
    if by == By::StartYear {
        note(
            "現在の届出を算定開始年度で分けたもので、過去の届出数ではない（廃止した医療機関は含まない）。".to_owned(),
            "Today's holders by the year of their start, not the numbers of the past: closed clinics are not among them.".to_owned(),
        );
    }
    if by.is_time() {
        note(
            "白抜きは年度末・月初でない時点。施設基準が変わった前後の数は比べられない。".to_owned(),
            "Hollow: a day that is no year end or month's beginning. Numbers of different criteria cannot be compared.".to_owned(),
        );
    }
    for missing in &answer.missing {
        let name = seeds::prefecture_in(&missing.prefecture, lang).unwrap_or(&missing.prefecture);
        match missing.first_list {
            Some(first) => note(
                format!("{name}は最初の名簿（{}）より前のため数えられない。", style.date(first)),
                format!("{name}: the day lies before the first list ({}).", style.date(first)),
            ),
            None => {
                note(format!("{name}の名簿はまだない。"), format!("{name}: there is no list yet."));
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names() {
        assert_eq!(part_label(By::Municipality, "131016", Lang::Ja), "千代田区");
        assert_eq!(part_label(By::Municipality, "131016", Lang::En), "Chiyoda City");
        assert_eq!(part_label(By::Kind, "hospital", Lang::En), "Hospitals");
        assert_eq!(part_label(By::StartYear, "2022", Lang::Ja), "令和4年度");
        assert_eq!(part_label(By::Area, "島しょ", Lang::En), "Islands");
        assert_eq!(part_label(By::Area, UNKNOWN, Lang::Ja), "不明");
    }

    #[test]
    fn what_is_not_there_is_not_zero_and_less_is_a_triangle() {
        let figures = crate::engine::counts::Figures { facilities: 669, ..Default::default() };
        let mut part = Part { figures, ..Part::default() };
        assert_eq!(share(&part, Lang::Ja).shown, "設定なし");
        part.denominator = Some(4305);
        assert_eq!(share(&part, Lang::Ja).shown, "15.5％（669/4,305）");
        let shown = [Some(-70), Some(3), Some(0), None].map(|n| signed(n, Lang::Ja).shown);
        assert_eq!(shown, ["▲70", "+3", "0", "―"]);
    }
}
