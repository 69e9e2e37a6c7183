//! Cards: a figure with what must stand around it, each at an address of its own. What a card shows
//! is decided here; `pages/card.rs` writes it down.

use chrono::NaiveDate;

use super::chart::answer::{self as drawing, Measure};
use super::chart::series;
use super::dates::Style;
use super::table::answer::{Kind, kinds};
use super::table::{self, Table};
use super::xlsx::{Book, Drawn};
use super::{Lang, links, numbers, seeds};
use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::members::What;
use crate::engine::counts::{By, Flows, NoCount};
use crate::model::register::Criterion;

mod areas;
mod map;

pub use areas::areas;
pub use map::map;

/// How a card is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// As what it divides by is drawn.
    Usual,
    /// A small chart for each secondary medical area.
    Areas,
    /// A map of municipalities.
    Map,
}

/// A card.
#[derive(Debug, PartialEq, Eq)]
pub struct Card {
    /// Its word in addresses.
    pub id: &'static str,
    /// By what it divides; nothing for the published series, which no row of the register makes.
    pub by: Option<By>,
    /// How it is drawn.
    pub drawing: Drawing,
    /// What may be drawn of it; the first is what is.
    pub measures: &'static [Measure],
    /// Its title.
    pub ja: &'static str,
    /// Its title in English.
    pub en: &'static str,
}

const PLACES: &[Measure] = &[Measure::Facilities, Measure::Per100k, Measure::Share];
const PLAIN: &[Measure] = &[Measure::Facilities];

const fn card(
    id: &'static str,
    by: Option<By>,
    measures: &'static [Measure],
    ja: &'static str,
    en: &'static str,
) -> Card {
    Card { id, by, drawing: Drawing::Usual, measures, ja, en }
}

/// All cards, in order.
pub const CARDS: [Card; 11] = [
    card(
        "series",
        None,
        PLAIN,
        "届出受理医療機関数の推移（公表値）",
        "Accepted facilities by fiscal year, as published",
    ),
    card(
        "years",
        Some(By::Year),
        PLAIN,
        "年度別の届出受理医療機関数（名簿）",
        "Accepted facilities by fiscal year, from the lists",
    ),
    card(
        "months",
        Some(By::Month),
        PLAIN,
        "月別の届出受理医療機関数",
        "Accepted facilities by month",
    ),
    card(
        "changes",
        Some(By::Month),
        &[Measure::Flows],
        "月別の新規・失効",
        "Accepted and lapsed by month",
    ),
    card(
        "prefectures",
        Some(By::Prefecture),
        PLACES,
        "都道府県別の届出受理医療機関数",
        "Accepted facilities by prefecture",
    ),
    card(
        "areas",
        Some(By::Area),
        PLACES,
        "二次保健医療圏別の届出受理医療機関数",
        "Accepted facilities by secondary medical area",
    ),
    Card {
        drawing: Drawing::Areas,
        ..card(
            "area-years",
            Some(By::Year),
            PLAIN,
            "二次保健医療圏別・年度別の届出受理医療機関数",
            "Accepted facilities by secondary medical area and fiscal year",
        )
    },
    card(
        "municipalities",
        Some(By::Municipality),
        PLACES,
        "区市町村別の届出受理医療機関数",
        "Accepted facilities by municipality",
    ),
    card(
        "kinds",
        Some(By::Kind),
        PLAIN,
        "病院・診療所別の届出受理医療機関数",
        "Accepted facilities by hospital and clinic",
    ),
    card(
        "criteria",
        Some(By::Criterion),
        PLAIN,
        "施設基準別の届出受理医療機関数",
        "Accepted facilities by criterion",
    ),
    card(
        "start-years",
        Some(By::StartYear),
        PLAIN,
        "算定開始年度別の届出受理医療機関数",
        "Accepted facilities by the year of their start",
    ),
];

/// The map, which is there only where boundaries are.
pub const MAP: Card = Card {
    drawing: Drawing::Map,
    ..card(
        "map",
        Some(By::Municipality),
        PLACES,
        "届出受理医療機関の地図（区市町村別）",
        "Map of accepted facilities by municipality",
    )
};

/// The card of this word.
pub fn find(id: &str) -> Option<&'static Card> {
    CARDS.iter().chain([&MAP]).find(|card| card.id == id)
}

/// The card that shows a division.
pub fn of(by: By) -> &'static Card {
    CARDS.iter().find(|card| card.by == Some(by)).unwrap_or(&CARDS[0])
}

impl Card {
    /// Its title.
    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick(self.ja, self.en)
    }

    /// The measure of this word that it can draw, else its first.
    pub fn measure(&self, code: Option<&str>) -> Measure {
        let found = self.measures.iter().find(|measure| Some(measure.code()) == code);
        found.or(self.measures.first()).copied().unwrap_or_default()
    }
}

/// A card, filled.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Its title, with the prefecture it is of.
    pub title: String,
    /// The great number; nothing where there is none.
    pub number: String,
    /// Its unit.
    pub unit: String,
    /// Where the number leads.
    pub number_href: Option<String>,
    /// What it compares with.
    pub comparison: Option<String>,
    /// What is counted, in a sentence.
    pub about: String,
    /// As of when.
    pub as_of: String,
    /// As known when.
    pub known_on: Option<String>,
    /// The drawing.
    pub svg: String,
    /// Its parts, each a drawing, where a page may set them as it has room.
    pub parts: Vec<String>,
    /// The table.
    pub table: Table,
    /// Where each cell of the table leads.
    pub hrefs: Vec<Vec<Option<String>>>,
    /// What a workbook draws.
    pub drawn: Drawn,
    /// The day that stands in it.
    pub made: NaiveDate,
}

/// A card of the register, filled with its answer.
pub fn fill(card: &Card, answer: &Answer, measure: Measure, style: Style) -> Filled {
    let lang = style.lang;
    let prefecture = answer.asked.within.prefecture.as_deref();
    let prefecture = prefecture.and_then(|code| seeds::prefecture_in(code, lang));
    let of = prefecture.filter(|_| card.by != Some(By::Prefecture));
    let place =
        of.map_or_else(String::new, |name| lang.pick(format!("（{name}）"), format!(" ({name})")));
    let title = format!("{}{place}", card.title(lang));
    let criterion = table::answer::criterion_name(answer.criterion, lang);
    let (number, unit, number_href, comparison) = great(answer, measure, style);
    Filled {
        number,
        unit,
        number_href,
        comparison,
        about: lang.pick(
            format!("「{criterion}」の施設基準の届出が受理されている保険医療機関（医科）の数。"),
            format!("Medical institutions whose notification of \"{criterion}\" was accepted."),
        ),
        as_of: drawing::days_of_lists(answer, style),
        known_on: Some(known(answer, style)),
        svg: drawing::svg(answer, measure, card.id, &title, style),
        parts: Vec::new(),
        hrefs: hrefs(answer),
        table: table::answer::answer(answer, style),
        drawn: drawn(answer, measure, style),
        made: answer.asked.known.date_naive(),
        title,
    }
}

fn known(answer: &Answer, style: Style) -> String {
    let day = crate::time::zone::date_of(chrono_tz::Asia::Tokyo, answer.asked.known);
    let day = style.date(day);
    style.lang.pick(format!("{day}に分かっていた内容"), format!("as known on {day}"))
}

/// The number, its unit, where it leads, and what it compares with.
fn great(
    answer: &Answer,
    measure: Measure,
    style: Style,
) -> (String, String, Option<String>, Option<String>) {
    let lang = style.lang;
    let unit = lang.pick("施設", "facilities").to_owned();
    let Some(total) = answer.total else {
        return (lang.pick("設定なし", "not set").to_owned(), why(answer, style), None, None);
    };
    let lead = |what| Some(links::facilities(answer, None, what, None));
    let whole = numbers::grouped(i64::from(total.figures.facilities));
    let share = total
        .share()
        .zip(total.denominator)
        .map(|(_, of)| numbers::share(total.figures.facilities, of));
    let compared = share.map(|share| {
        lang.pick(
            format!("名簿の医療機関に占める割合 {share}"),
            format!("share of the institutions on the list {share}"),
        )
    });
    match measure {
        Measure::Per100k => {
            let rate = total.per_100k().map(numbers::tenth);
            let unit = lang.pick("施設（人口10万対）", "for each 100,000 residents");
            let missing = || lang.pick("設定なし", "not set").to_owned();
            (
                rate.unwrap_or_else(missing),
                unit.to_owned(),
                lead(What::Accepted),
                Some(format!("{whole} {}", lang.pick("施設", "facilities"))),
            )
        }
        Measure::Flows => {
            // Nobody knows what came and went before there are two lists: that is not nought.
            let Some(flows) = changes(answer) else {
                let missing = lang.pick("設定なし", "not set").to_owned();
                let why = lang.pick(
                    "増減は、名簿が2回分になると分かります",
                    "changes are known once there are two lists",
                );
                return (missing, why.to_owned(), None, None);
            };
            let net = flows.net;
            let sign = if net > 0 { "+" } else { "" };
            let text = format!("{sign}{}", numbers::grouped(i64::from(net)));
            // A balance is nobody's number: what came and what went lead to their lists.
            (text, unit, None, Some(told(answer, flows, style)))
        }
        Measure::Facilities | Measure::Share => {
            let told = changes(answer).map(|flows| told(answer, flows, style)).or(compared);
            (whole, unit, lead(What::Accepted), told)
        }
    }
}

/// What came and went: of days since the one before the last, of parts since the day that was asked.
fn changes(answer: &Answer) -> Option<Flows> {
    if answer.asked.by.is_time() {
        return answer.rows.last().and_then(|row| row.part.flows);
    }
    answer.total.and_then(|total| total.flows)
}

fn told(answer: &Answer, flows: Flows, style: Style) -> String {
    let [new, lapsed] = [flows.accepted, flows.lapsed].map(|n| numbers::grouped(i64::from(n)));
    let since = answer.asked.since.filter(|_| !answer.asked.by.is_time());
    let (ja, en) = match since.map(|day| style.date(day)) {
        Some(day) => (format!("{day}から"), format!("since {day}")),
        None => ("直前の時点から".to_owned(), "since the point before".to_owned()),
    };
    style.lang.pick(
        format!("{ja} 新規 {new}、失効 {lapsed}"),
        format!("{en}: {new} new, {lapsed} lapsed"),
    )
}

/// Why there is no number.
fn why(answer: &Answer, style: Style) -> String {
    let lang = style.lang;
    let text = match answer.reason {
        Some(NoCount::BeforeFirstList) => {
            lang.pick("最初の名簿より前の日です", "the day lies before the first list")
        }
        Some(NoCount::NotInForce) => {
            lang.pick("この日に施設基準はありません", "the criterion was not in force on the day")
        }
        _ => lang.pick("名簿がまだありません", "there is no list yet"),
    };
    text.to_owned()
}

/// Every number leads to the facilities that it counts.
fn hrefs(answer: &Answer) -> Vec<Vec<Option<String>>> {
    let kinds = kinds(answer);
    let total = answer.total.filter(|_| !answer.asked.by.is_time()).map(|_| None);
    let rows = answer.rows.iter().map(Some).chain(total);
    let of = |row: Option<&Row>| {
        let lead = |kind: &Kind| match kind {
            Kind::Number(what @ (What::New | What::Lapsed | What::Redesignated), size) => {
                let there = row.is_none_or(|row| row.part.flows.is_some());
                there.then(|| links::facilities(answer, row, *what, *size))
            }
            Kind::Number(what, size) => Some(links::facilities(answer, row, *what, *size)),
            _ => None,
        };
        kinds.iter().map(lead).collect()
    };
    rows.map(of).collect()
}

fn drawn(answer: &Answer, measure: Measure, style: Style) -> Drawn {
    match (answer.asked.by, measure) {
        (By::Year, _) => {
            let days = || answer.rows.iter().filter_map(|row| row.day);
            let name = |criterion: Criterion| table::answer::criterion_name(criterion, style.lang);
            Drawn::Lines {
                value: "facilities",
                groups: days().map(|day| name(day.criterion).to_owned()).collect(),
                hollow: days().map(|day| !day.regular).collect(),
                hollow_name: style.lang.pick("年度末でない時点", "no year end").to_owned(),
            }
        }
        (_, Measure::Flows) => Drawn::Columns(vec!["accepted".to_owned(), "lapsed".to_owned()]),
        (By::Month, _) => Drawn::Columns(vec!["facilities".to_owned()]),
        (_, Measure::Per100k) => Drawn::Bars("per_100k"),
        (_, Measure::Share) => Drawn::Bars("share"),
        (_, Measure::Facilities) => Drawn::Bars("facilities"),
    }
}

/// The published series, which is printed as it was published.
pub fn published(lang: Lang) -> Filled {
    let points = seeds::series();
    let last = points.last();
    let table = table::counts::series(points, lang);
    let label = last.map_or("", |point| lang.pick(&point.label_ja, &point.label_en));
    let name = |criterion| table::answer::criterion_name(criterion, lang).to_owned();
    let words = series::Words::published(lang);
    Filled {
        title: words.title.clone(),
        number: last.map_or_else(String::new, |point| numbers::grouped(i64::from(point.count))),
        unit: lang.pick("施設", "facilities").to_owned(),
        number_href: None,
        comparison: Some(format!("{label} {}", lang.pick("（年度末ではない）", "(no year end)"))),
        about: lang.pick(
            "東京都が公表した数。名簿の行から数えたものではないため、一覧はない。",
            "As published by Tokyo; not counted from rows of a list, so there is no list behind it.",
        )
        .to_owned(),
        as_of: label.to_owned(),
        known_on: None,
        svg: series::svg(points, &words, lang),
        parts: Vec::new(),
        hrefs: vec![vec![None; table.columns.len()]; table.rows.len()],
        table,
        drawn: Drawn::Lines {
            value: "facilities",
            groups: points.iter().map(|point| name(point.criterion)).collect(),
            hollow: points.iter().map(|point| !point.year_end).collect(),
            hollow_name: lang.pick("R5.7時点", "July 2023").to_owned(),
        },
        made: NaiveDate::from_ymd_opt(2023, 7, 1).unwrap_or_default(),
    }
}

impl Filled {
    /// What a workbook of it holds.
    pub fn book(&self, lang: Lang) -> Book<'_> {
        Book {
            title: &self.title,
            subtitle: &self.as_of,
            table: &self.table,
            drawn: self.drawn.clone(),
            made: self.made,
            lang,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_have_names_of_their_own_and_draw_what_they_can() {
        let mut ids: Vec<&str> = CARDS.iter().map(|card| card.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), CARDS.len());
        let towns = find("municipalities").unwrap();
        assert_eq!(towns.measure(Some("per_100k")), Measure::Per100k);
        assert_eq!(towns.measure(Some("flows")), Measure::Facilities);
        assert_eq!(find("nothing"), None);
    }

    #[test]
    fn the_published_card_has_a_link_for_nothing() {
        let card = published(Lang::Ja);
        assert_eq!((card.number.as_str(), card.unit.as_str()), ("1,715", "施設"));
        assert!(card.hrefs.iter().flatten().all(Option::is_none));
    }
}
