//! The published series: one line for each criterion, never joined.
//!
//! The horizontal axis is time and not a row of equal steps, so a point of July stands a quarter
//! of a year behind the year end before it, and the slope to it is what it was.

use chrono::NaiveDate;

use super::{Anchor, INK, MUTED, Named, Notes, RULE, SERIES, Svg, Type, listed, number, scale};
use crate::format::seeds::{self, SeriesPoint};
use crate::format::{Lang, numbers, wareki};
use crate::model::register::Criterion;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 868.0;
const TOP: f64 = 128.0;
const BOTTOM: f64 = 420.0;
const MARKER: f64 = 6.0;
/// Points nearer than this leave no room for a number between them.
const CROWDED: f64 = 60.0;

/// The words around the points.
pub struct Words {
    /// What is counted.
    pub title: String,
    /// Notes, printed under the drawing.
    pub notes: Vec<String>,
    /// The source, printed last.
    pub source: String,
    /// What the rule at the break says.
    pub break_label: String,
    /// The unit, above the axis.
    pub unit: String,
}

impl Words {
    /// Those of the published series.
    pub fn published(lang: Lang) -> Self {
        let own = |text: &str| text.to_owned();
        Self {
            title: own(lang.pick(seeds::SERIES_TITLE_JA, seeds::SERIES_TITLE_EN)),
            notes: lang.pick(seeds::SERIES_NOTES_JA, seeds::SERIES_NOTES_EN).map(own).to_vec(),
            source: own(lang.pick(seeds::SERIES_SOURCE_JA, seeds::SERIES_SOURCE_EN)),
            break_label: own(lang.pick("基準の変更（注１）", "criterion changed (note 1)")),
            unit: own(lang.pick("施設数", "facilities")),
        }
    }
}

/// Draws `points`, which are in order of time.
pub fn svg(points: &[SeriesPoint], words: &Words, lang: Lang) -> String {
    let notes_from = BOTTOM + 78.0;
    let notes = Notes::new(words.notes.iter().chain([&words.source]), 13.0, WIDTH - 48.0);
    let height = notes_from + notes.height() + 8.0;
    let desc = describe(points, words, lang);
    let id = format!("series-{}", lang.tag());
    let name = Named { id: &id, lang, role: "img", title: &words.title, desc: &desc };
    let mut svg = Svg::new(WIDTH, height, &name);
    svg.text(24.0, 40.0, Type::new(20.0, INK).bold(), &words.title);
    let plane = Plane::new(points);
    plane.axes(&mut svg, points, words, lang);
    plane.breaks(&mut svg, points, &words.break_label);
    for (place, criterion) in criteria(points.iter()).into_iter().enumerate() {
        legend(&mut svg, place, criterion, 68.0, lang);
        plane.series(&mut svg, place, points, criterion, lang);
    }
    notes.write(&mut svg, 24.0, notes_from);
    svg.finish()
}

/// The criteria of the points, in order of their first.
pub(super) fn criteria<'a>(points: impl Iterator<Item = &'a SeriesPoint>) -> Vec<Criterion> {
    let mut found = Vec::new();
    for point in points {
        if !found.contains(&point.criterion) {
            found.push(point.criterion);
        }
    }
    found
}

fn criterion_name(criterion: Criterion, lang: Lang) -> &'static str {
    let name = seeds::CRITERION_NAMES.iter().find(|name| name.criterion == criterion);
    name.map_or(criterion.code(), |name| lang.pick(name.ja, name.en))
}

/// All that is drawn, in words.
fn describe(points: &[SeriesPoint], words: &Words, lang: Lang) -> String {
    let mut parts = Vec::new();
    for criterion in criteria(points.iter()) {
        let of = points.iter().filter(|point| point.criterion == criterion);
        let items = of.map(|point| {
            let count = numbers::grouped(i64::from(point.count));
            format!("{} {count}", lang.pick(&point.label_ja, &point.label_en))
        });
        let name = criterion_name(criterion, lang);
        parts.push(format!("{name}{}{}", lang.pick("：", ": "), listed(lang, items)));
    }
    let end = lang.pick("。", ". ");
    format!("{}{end}{}", parts.join(end), words.notes.first().map_or("", String::as_str))
}

/// Place and value to points of the drawing.
struct Plane {
    first: f64,
    per_year: f64,
    step: u32,
    top: u32,
}

/// When a point is, in years: the end of its fiscal year, or the month it names.
pub(super) fn time(point: &SeriesPoint) -> f64 {
    let end = f64::from(point.fiscal_year) + 1.0;
    let month = point.as_of.as_deref().and_then(|text| text.get(5..7)?.parse::<u32>().ok());
    match month {
        // The fiscal year begins in April.
        Some(month @ 1..=12) if !point.year_end => {
            f64::from(point.fiscal_year) + f64::from((month + 8) % 12) / 12.0
        }
        _ => end,
    }
}

impl Plane {
    fn new(points: &[SeriesPoint]) -> Self {
        let first = points.iter().map(time).fold(f64::INFINITY, f64::min);
        let last = points.iter().map(time).fold(f64::NEG_INFINITY, f64::max);
        let (first, last) = if points.is_empty() { (0.0, 1.0) } else { (first - 0.4, last + 0.75) };
        let (step, top) = scale(points.iter().map(|point| point.count).max().unwrap_or(0));
        Self { first, per_year: (RIGHT - LEFT) / (last - first), step, top }
    }

    fn x(&self, time: f64) -> f64 {
        LEFT + (time - self.first) * self.per_year
    }

    fn y(&self, count: u32) -> f64 {
        BOTTOM - f64::from(count) / f64::from(self.top) * (BOTTOM - TOP)
    }

    fn axes(&self, svg: &mut Svg, points: &[SeriesPoint], words: &Words, lang: Lang) {
        let label = Type::new(13.0, MUTED).anchor(Anchor::End);
        for value in (0..=self.top).step_by(self.step as usize) {
            let y = self.y(value);
            let (stroke, width) = if value == 0 { (INK, 1.5) } else { (RULE, 1.0) };
            svg.line((LEFT, y), (RIGHT, y), stroke, width, "");
            svg.text(LEFT - 10.0, y + 4.5, label, &numbers::grouped(i64::from(value)));
        }
        svg.text(24.0, TOP - 20.0, Type::new(13.0, MUTED), &words.unit);
        let label = Type::new(14.0, INK);
        for point in points {
            let x = self.x(time(point));
            svg.line((x, BOTTOM), (x, BOTTOM + 6.0), INK, 1.5, "");
            // A point within a year stands close behind one: its words go on to the right.
            let (x, anchor) =
                if point.year_end { (x, Anchor::Middle) } else { (x - 4.0, Anchor::Start) };
            svg.text(x, BOTTOM + 24.0, label.anchor(anchor), &tick(point, lang));
        }
        let axis = lang.pick(
            "各年度末の数（白抜きは年度の途中）",
            "at the end of each fiscal year (hollow: within a year)",
        );
        svg.text(RIGHT, BOTTOM + 44.0, Type::new(12.0, MUTED).anchor(Anchor::End), axis);
    }

    /// A dashed rule behind each point after which another criterion is counted: it stands at the
    /// day of the change, drawn a little later so that it does not cross the point.
    fn breaks(&self, svg: &mut Svg, points: &[SeriesPoint], label: &str) {
        for pair in points.windows(2) {
            if pair[0].criterion == pair[1].criterion {
                continue;
            }
            let x = self.x(time(&pair[0])) + 3.0 * MARKER;
            svg.line((x, TOP - 26.0), (x, BOTTOM), INK, 1.5, "6 5");
            svg.text(x + 8.0, TOP - 14.0, Type::new(13.0, INK).bold(), label);
        }
    }

    fn series(
        &self,
        svg: &mut Svg,
        place: usize,
        points: &[SeriesPoint],
        criterion: Criterion,
        lang: Lang,
    ) {
        let colour = SERIES[place % SERIES.len()];
        let own: Vec<_> = points.iter().filter(|point| point.criterion == criterion).collect();
        let at = |point: &SeriesPoint| (self.x(time(point)), self.y(point.count));
        for pair in own.windows(2) {
            let dash = if pair[1].year_end { "" } else { "7 5" };
            svg.line(at(pair[0]), at(pair[1]), colour, 2.5, dash);
        }
        let value = Type::new(15.0, colour).bold();
        let broken = points.last().is_some_and(|last| last.criterion != criterion);
        for (nth, point) in own.iter().enumerate() {
            let (x, y) = at(point);
            marker(svg, place, (x, y), colour, point.year_end);
            let count = numbers::grouped(i64::from(point.count));
            let crowded = own.get(nth + 1).is_some_and(|next| at(next).0 - x < CROWDED);
            if !point.year_end {
                svg.text(x + 14.0, y - 2.0, value, &count);
                let label = lang.pick(&point.label_ja, &point.label_en);
                svg.text(x + 14.0, y + 15.0, Type::new(12.0, colour), label);
            } else if crowded {
                // The line to a near point would strike the number through.
                svg.text(x - 14.0, y + 5.0, value.anchor(Anchor::End), &count);
            } else if broken && nth + 1 == own.len() {
                // The rule at the break stands just behind the point.
                svg.text(x + MARKER, y - 14.0, value.anchor(Anchor::End), &count);
            } else {
                svg.text(x, y - 14.0, value.anchor(Anchor::Middle), &count);
            }
        }
    }
}

/// `H30`, `R5.7`; in English `FY2018`, `Jul 2023`.
pub(super) fn tick(point: &SeriesPoint, lang: Lang) -> String {
    let month = point.as_of.as_deref().and_then(|text| text.get(5..7)?.parse::<u32>().ok());
    let month = month.filter(|_| !point.year_end);
    match (lang, month) {
        (Lang::Ja, None) => wareki::short_fiscal_year(point.fiscal_year),
        (Lang::Ja, Some(month)) => {
            format!("{}.{month}", wareki::short_fiscal_year(point.fiscal_year))
        }
        (Lang::En, None) => format!("FY{}", point.fiscal_year),
        (Lang::En, Some(month)) => {
            let year = point.fiscal_year + i32::from(month < 4);
            NaiveDate::from_ymd_opt(year, month, 1)
                .map_or_else(String::new, |day| day.format("%b %Y").to_string())
        }
    }
}

/// A circle for the first criterion, a square on its corner for the second; hollow where the point
/// is no year end.
pub(super) fn marker(svg: &mut Svg, place: usize, (x, y): (f64, f64), colour: &str, solid: bool) {
    let inside = if solid { colour } else { "#ffffff" };
    let look = format!("fill=\"{inside}\" stroke=\"{colour}\" stroke-width=\"2.5\"");
    if place.is_multiple_of(2) {
        svg.push(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {look}/>",
            number(x),
            number(y),
            number(MARKER)
        ));
    } else {
        let (r, x0, y0) = (MARKER * 1.3, number(x), number(y));
        let (left, right) = (number(x - r), number(x + r));
        let (above, below) = (number(y - r), number(y + r));
        svg.push(&format!(
            "<path d=\"M{x0} {above}L{right} {y0}L{x0} {below}L{left} {y0}Z\" {look}/>"
        ));
    }
}

/// The `place`th criterion, its line in the middle at `y`.
pub(super) fn legend(svg: &mut Svg, place: usize, criterion: Criterion, y: f64, lang: Lang) {
    let colour = SERIES[place % SERIES.len()];
    #[expect(clippy::cast_precision_loss, reason = "two criteria")]
    let x = 24.0 + place as f64 * lang.pick(300.0, 350.0);
    svg.line((x, y), (x + 36.0, y), colour, 2.5, "");
    marker(svg, place, (x + 18.0, y), colour, true);
    svg.text(x + 46.0, y + 5.0, Type::new(14.0, INK), criterion_name(criterion, lang));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lang: Lang) -> String {
        svg(seeds::series(), &Words::published(lang), lang)
    }

    #[test]
    fn the_published_series_as_drawn() {
        insta::assert_snapshot!("series_ja", drawn(Lang::Ja));
        insta::assert_snapshot!("series_en", drawn(Lang::En));
    }

    #[test]
    fn no_line_joins_the_two_criteria() {
        let drawing = drawn(Lang::Ja);
        let joined = drawing.lines().filter(|line| line.starts_with("<line")).filter(|line| {
            SERIES.iter().any(|colour| line.contains(colour)) && !line.contains("y1=\"68\"")
        });
        // Three segments between four points, one between two: one fewer than six points have.
        assert_eq!(joined.count(), 4);
        assert_eq!(drawing.matches("stroke-dasharray=\"6 5\"").count(), 1);
        assert_eq!(drawing.matches("fill=\"#ffffff\" stroke").count(), 1, "one hollow point");
    }

    #[test]
    fn it_speaks_to_those_who_do_not_see_it() {
        let drawing = drawn(Lang::Ja);
        assert!(drawing.contains("role=\"img\""));
        for words in
            ["平成30年度 108", "R5.7時点 1,715", "注１　施設基準は", "（備考）関東信越厚生局"]
        {
            assert!(drawing.contains(words), "{words}");
        }
        assert!(!drawing.contains("style="));
    }

    #[test]
    fn words_are_escaped_and_nothing_to_draw_is_drawn() {
        let words = Words { title: "<script>".into(), ..Words::published(Lang::En) };
        let drawing = svg(&[], &words, Lang::En);
        assert!(drawing.contains("&lt;script&gt;") && !drawing.contains("<script"));
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
    }
}
