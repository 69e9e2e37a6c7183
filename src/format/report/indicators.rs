//! Indicators and published counts as data: what `/api/indicators` and `/api/reconciliation` give.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::indicators::{Point, changes};
use crate::engine::reconcile::{FromRows, Verdict, judge};
use crate::format::{Lang, numbers, period, seeds};
use crate::model::indicator::{Figure, Goal, Indicator, Origin, Published, Topic, Unit};
use crate::model::register::Criterion;
use crate::model::{FigureId, PublishedId};

/// An indicator and its values.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IndicatorReport {
    /// Its word in data.
    pub key: String,
    /// What it is about.
    pub topic: Topic,
    /// In what it is counted.
    pub unit: Unit,
    /// Which way it is to go, where the plan evaluates itself by it.
    pub goal: Option<Goal>,
    /// In Japanese.
    pub title_ja: String,
    /// In English.
    pub title_en: String,
    /// In order of time.
    pub points: Vec<FigureReport>,
}

/// A value at a time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FigureReport {
    /// Its id.
    pub id: FigureId,
    /// A year, a month or a day, as exactly as its source says.
    pub period: String,
    /// Whether it was projected and not counted.
    pub projection: bool,
    /// When, in Japanese.
    pub label_ja: String,
    /// When, in English.
    pub label_en: String,
    /// In the indicator's unit.
    pub value: f64,
    /// Its part, where printed.
    pub numerator: Option<i64>,
    /// Its whole, where printed.
    pub denominator: Option<i64>,
    /// As official papers print it: `48.7％（311/638）`, `1,051`.
    pub shown: String,
    /// More than the value before it of the same survey, where there is one.
    pub change: Option<f64>,
    /// The same as printed: `47`, `▲70`.
    pub change_shown: Option<String>,
    /// The survey it comes from.
    pub source: String,
    /// Where it came in.
    pub origin: Origin,
    /// When it was entered; nothing for what came with the program.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// A value as official papers print it.
pub fn shown(unit: Unit, figure: &Figure) -> String {
    let value = figure.entered.thousandths;
    match unit {
        Unit::Percent => {
            let text = numbers::thousandths(value);
            let text = if text.contains('.') { text } else { format!("{text}.0") };
            match figure.entered.fraction {
                Some((part, whole)) => {
                    format!("{text}％（{}/{}）", numbers::grouped(part), numbers::grouped(whole))
                }
                None => format!("{text}％"),
            }
        }
        Unit::TenThousandPeople | Unit::People => numbers::thousandths(value),
    }
}

/// Thousandths as a number of the unit.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn plain(thousandths: i64) -> f64 {
    thousandths as f64 / 1000.0
}

/// The indicators with those of `figures` that are theirs; both in their order.
pub fn indicators(indicators: &[Indicator], figures: &[Figure]) -> Vec<IndicatorReport> {
    let report = |one: &Indicator| {
        let own: Vec<&Figure> = figures.iter().filter(|f| f.entered.key == one.key).collect();
        let points: Vec<Point<'_>> = own
            .iter()
            .map(|figure| Point {
                thousandths: figure.entered.thousandths,
                projection: figure.entered.projection,
                source: &figure.entered.source,
            })
            .collect();
        let points = own.iter().zip(changes(&points));
        IndicatorReport {
            key: one.key.clone(),
            topic: one.topic,
            unit: one.unit,
            goal: one.goal,
            title_ja: one.title_ja.clone(),
            title_en: one.title_en.clone(),
            points: points.map(|(figure, change)| point(one.unit, figure, change)).collect(),
        }
    };
    indicators.iter().map(report).collect()
}

fn point(unit: Unit, figure: &Figure, change: Option<i64>) -> FigureReport {
    let entered = &figure.entered;
    FigureReport {
        id: figure.id,
        period: entered.period.to_string(),
        projection: entered.projection,
        label_ja: period::label(entered.period, entered.projection, Lang::Ja),
        label_en: period::label(entered.period, entered.projection, Lang::En),
        value: plain(entered.thousandths),
        numerator: entered.fraction.map(|fraction| fraction.0),
        denominator: entered.fraction.map(|fraction| fraction.1),
        shown: shown(unit, figure),
        change: change.map(plain),
        change_shown: change.map(numbers::thousandths),
        source: entered.source.clone(),
        origin: figure.origin,
        recorded_at: figure.recorded_at,
    }
}

/// A published count beside what the rows say of the same day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reconciled {
    /// Its id.
    pub id: PublishedId,
    /// The prefecture's two digits.
    pub prefecture_code: String,
    /// The prefecture's name.
    pub prefecture: String,
    /// What was counted.
    pub criterion: Criterion,
    /// A year, a month or a day, as exactly as its source says.
    pub period: String,
    /// When, in Japanese.
    pub label_ja: String,
    /// When, in English.
    pub label_en: String,
    /// Whether it stands for the end of a fiscal year.
    pub year_end: bool,
    /// The day on which the rows were counted.
    pub day: NaiveDate,
    /// As published.
    pub published: i64,
    /// Who published it.
    pub source: String,
    /// Where it came in.
    pub origin: Origin,
    /// Distinct institutions by the rows; nothing where the rows cannot say.
    pub from_rows: Option<i64>,
    /// Before the first list: how many of that list had begun by then. No count.
    pub remaining: Option<i64>,
    /// Of `from_rows`, how many may have lapsed already.
    pub uncertain: Option<i64>,
    /// Accepted by this service's filing and in no list yet; not in `from_rows`.
    pub filings: Option<i64>,
    /// Published less rows.
    pub difference: Option<i64>,
    /// What is to be said of it.
    pub verdict: Verdict,
    /// Whether somebody should look into it.
    pub flagged: bool,
    /// Why, in the words of whoever looked into it.
    pub explanation: Option<String>,
}

/// A published count beside what the rows say.
pub fn reconciled(published: &Published, rows: FromRows) -> Reconciled {
    let count = &published.count;
    let explained = published.explanation.is_some();
    let (difference, verdict) = judge(count.facilities, count.criterion, rows, explained);
    let (from_rows, remaining, uncertain, filings) = match rows {
        FromRows::NoList => (None, None, None, None),
        FromRows::BeforeFirstList { remaining, .. } => (None, Some(remaining), None, None),
        FromRows::Counted { facilities, uncertain, filings } => {
            (Some(facilities), None, Some(uncertain), Some(filings))
        }
    };
    Reconciled {
        id: published.id,
        prefecture_code: count.prefecture.clone(),
        prefecture: seeds::prefecture(&count.prefecture).unwrap_or_default().to_owned(),
        criterion: count.criterion,
        period: count.period.to_string(),
        label_ja: when(published, Lang::Ja),
        label_en: when(published, Lang::En),
        year_end: count.year_end,
        day: count.day(),
        published: count.facilities,
        source: count.source.clone(),
        origin: published.origin,
        from_rows,
        remaining,
        uncertain,
        filings,
        difference,
        verdict,
        flagged: verdict.is_flagged(),
        explanation: published.explanation.clone(),
    }
}

/// `令和4年度末`, `令和5年7月`.
fn when(published: &Published, lang: Lang) -> String {
    let count = &published.count;
    if !count.year_end {
        return period::label(count.period, false, lang);
    }
    let year = crate::model::register::fiscal_year(count.day());
    match lang {
        Lang::Ja => format!("{}末", crate::format::wareki::format_fiscal_year(year)),
        Lang::En => format!("end of FY{year}"),
    }
}

/// What a verdict says, for people.
pub fn verdict(verdict: Verdict, lang: Lang) -> &'static str {
    let (ja, en) = match verdict {
        Verdict::Equal => ("一致", "The same"),
        Verdict::WithinUncertain => (
            "差は、二つの名簿の間で失効した日の分からない施設の数以内",
            "Within those that lapsed on an unknown day between two lists",
        ),
        Verdict::WithinFilings => (
            "差は、届出済みでまだ名簿にない施設の数以内",
            "Within the filings that are in no list yet",
        ),
        Verdict::Explained => ("理由あり", "Explained"),
        Verdict::Unexplained => ("要確認：差の理由が分からない", "To be looked into: unexplained"),
        Verdict::NoList => {
            ("比べられない：この都道府県の名簿がない", "No comparison: no list of this prefecture")
        }
        Verdict::BeforeFirstList => (
            "比べられない：最初の名簿より前の日（名簿には、その日に届出のある施設しかない）",
            "No comparison: before the first list (a list shows only those of its own day)",
        ),
        Verdict::CriterionEnded => (
            "比べられない：この施設基準は最初の名簿より前に廃止された",
            "No comparison: this criterion ended before the first list",
        ),
        Verdict::MoreRemain => (
            "要確認：後の名簿に残る施設だけで公表値を超える",
            "To be looked into: those that remain are already more than were published",
        ),
    };
    lang.pick(ja, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::seeds::plan;

    fn figures() -> Vec<Figure> {
        let figure = |entered: &crate::model::indicator::Entered| Figure {
            id: FigureId::new(),
            entered: entered.clone(),
            origin: Origin::Seed,
            recorded_at: None,
        };
        plan::indicator_values().iter().map(figure).collect()
    }

    #[test]
    fn figures_are_printed_as_official_papers_do() {
        let reports = indicators(plan::indicators(), &figures());
        let of = |key: &str, at: usize| {
            let report = reports.iter().find(|report| report.key == key).unwrap();
            (report.points[at].label_ja.as_str(), report.points[at].shown.as_str())
        };
        assert_eq!(of("emr_hospital", 0), ("令和2年", "48.7％（311/638）"));
        assert_eq!(of("emr_clinic", 1), ("令和5年3月", "53.0％（4,671/8,817）"));
        assert_eq!(of("network_not_planned", 0), ("令和5年3月", "72.0％"));
        assert_eq!(of("population_working_age", 2), ("2040年", "875"));
        assert_eq!(of("residents", 0), ("令和7年1月1日", "14,002,534"));
        let people = reports.iter().find(|report| report.key == "population_working_age").unwrap();
        let changes: Vec<_> = people.points.iter().map(|p| p.change_shown.as_deref()).collect();
        assert_eq!(changes, [None, None, Some("▲70")]);
    }
}
