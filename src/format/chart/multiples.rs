//! Small charts of one kind beside each other, one for each part, all on the same two axes, so that
//! they can be compared. As in the published series, points of two criteria are never joined.

use super::bars::leads_somewhere;
use super::series::{criteria, legend, marker, tick, time};
use super::{
    Anchor, INK, MUTED, Named, Notes, RULE, SERIES, Svg, Type, escape, length, listed, number,
    scale,
};
use crate::format::seeds::SeriesPoint;
use crate::format::{Lang, numbers, width};

const WIDTH: f64 = 900.0;
const ACROSS: usize = 3;
const TOP: f64 = 104.0;
/// One small chart, and where its plane lies in it.
const CELL: (f64, f64) = (284.0, 176.0);
const LEFT: f64 = 52.0;
const RIGHT: f64 = 252.0;
const HIGH: f64 = 54.0;
const LOW: f64 = 140.0;

/// One part over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called.
    pub label: String,
    /// In order of time.
    pub points: Vec<SeriesPoint>,
    /// Where each point leads; anything but a path of this site or an https address leads nowhere.
    pub hrefs: Vec<Option<String>>,
}

/// What the charts are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multiples {
    /// Prefix of the ids inside; letters, digits and hyphens.
    pub id: String,
    /// What is counted.
    pub title: String,
    /// As of when, and in which unit.
    pub subtitle: String,
    /// The parts.
    pub parts: Vec<Part>,
    /// Notes and source, printed below.
    pub notes: Vec<String>,
}

/// All of them as one drawing, in rows of three.
pub fn svg(chart: &Multiples, lang: Lang) -> String {
    let notes = Notes::new(&chart.notes, 12.0, WIDTH - 48.0);
    let below = TOP + length(chart.parts.len().div_ceil(ACROSS)) * CELL.1;
    let height = below + 24.0 + notes.height();
    let desc = listed(lang, chart.parts.iter().map(|part| told(part, lang)));
    let name = Named { id: &chart.id, lang, role: "group", title: &chart.title, desc: &desc };
    let mut svg = Svg::new(WIDTH, height, &name);
    svg.text(24.0, 34.0, Type::new(20.0, INK).bold(), &chart.title);
    svg.text(24.0, 56.0, Type::new(14.0, MUTED), &chart.subtitle);
    let kinds = criteria(chart.parts.iter().flat_map(|part| &part.points));
    for (place, criterion) in kinds.iter().enumerate() {
        legend(&mut svg, place, *criterion, 82.0, lang);
    }
    let plane = Plane::new(chart);
    for (at, part) in chart.parts.iter().enumerate() {
        let origin = (24.0 + length(at % ACROSS) * CELL.0, TOP + length(at / ACROSS) * CELL.1);
        plane.part(&mut svg, origin, part, lang);
    }
    notes.write(&mut svg, 24.0, below + 16.0);
    svg.finish()
}

/// Each as a drawing of its own, for a page that sets as many beside each other as it has room for.
pub fn each(chart: &Multiples, lang: Lang) -> Vec<String> {
    let plane = Plane::new(chart);
    let one = |(at, part): (usize, &Part)| {
        let (id, desc) = (format!("{}-{at}", chart.id), told(part, lang));
        let name = Named { id: &id, lang, role: "group", title: &part.label, desc: &desc };
        let mut svg = Svg::new(CELL.0, CELL.1, &name);
        plane.part(&mut svg, (0.0, 0.0), part, lang);
        svg.finish()
    };
    chart.parts.iter().enumerate().map(one).collect()
}

fn point_told(point: &SeriesPoint, lang: Lang) -> String {
    let count = numbers::grouped(i64::from(point.count));
    format!("{} {count}", lang.pick(&point.label_ja, &point.label_en))
}

fn told(part: &Part, lang: Lang) -> String {
    let points = listed(lang, part.points.iter().map(|point| point_told(point, lang)));
    format!("{}{}{points}", part.label, lang.pick("：", ": "))
}

/// The two axes that all have in common.
struct Plane<'a> {
    first: f64,
    per_year: f64,
    top: u32,
    kinds: Vec<crate::model::register::Criterion>,
    ends: [Option<&'a SeriesPoint>; 2],
}

impl<'a> Plane<'a> {
    fn new(chart: &'a Multiples) -> Self {
        let all = || chart.parts.iter().flat_map(|part| &part.points);
        let first = all().map(time).fold(f64::INFINITY, f64::min);
        let last = all().map(time).fold(f64::NEG_INFINITY, f64::max);
        // One point alone stands in the middle.
        let (first, last) = if last > first { (first, last) } else { (first - 0.5, first + 0.5) };
        let (_, top) = scale(all().map(|point| point.count).max().unwrap_or(0));
        let earliest = all().min_by(|a, b| time(a).total_cmp(&time(b)));
        let latest = all().max_by(|a, b| time(a).total_cmp(&time(b)));
        let ends = [earliest, latest.filter(|_| earliest.map(time) != latest.map(time))];
        Self { first, per_year: (RIGHT - LEFT) / (last - first), top, kinds: criteria(all()), ends }
    }

    fn at(&self, (x, y): (f64, f64), point: &SeriesPoint) -> (f64, f64) {
        let high = f64::from(point.count) / f64::from(self.top) * (LOW - HIGH);
        (x + LEFT + (time(point) - self.first) * self.per_year, y + LOW - high)
    }

    fn part(&self, svg: &mut Svg, origin: (f64, f64), part: &Part, lang: Lang) {
        let (x, y) = origin;
        svg.text(x + 8.0, y + 24.0, Type::new(14.0, INK).bold(), &width::cut(&part.label, 34));
        let label = Type::new(11.0, MUTED).anchor(Anchor::End);
        for (value, stroke) in [(0, INK), (self.top, RULE)] {
            let at = y + if value == 0 { LOW } else { HIGH };
            svg.line((x + LEFT - 8.0, at), (x + RIGHT + 12.0, at), stroke, 1.0, "");
            svg.text(x + LEFT - 12.0, at + 4.0, label, &numbers::grouped(i64::from(value)));
        }
        for end in self.ends.into_iter().flatten() {
            let (at, _) = self.at(origin, end);
            svg.text(
                at,
                y + LOW + 18.0,
                Type::new(11.0, MUTED).anchor(Anchor::Middle),
                &tick(end, lang),
            );
        }
        for pair in part.points.windows(2) {
            let (from, to) = (self.at(origin, &pair[0]), self.at(origin, &pair[1]));
            if pair[0].criterion == pair[1].criterion {
                let dash = if pair[1].year_end { "" } else { "5 4" };
                svg.line(from, to, self.colour(&pair[0]), 2.0, dash);
            } else {
                let between = f64::midpoint(from.0, to.0);
                svg.line((between, y + HIGH - 8.0), (between, y + LOW), INK, 1.0, "4 4");
            }
        }
        for (at, point) in part.points.iter().enumerate() {
            let href = part.hrefs.get(at).and_then(Option::as_deref);
            self.point(
                svg,
                origin,
                point,
                href.filter(|href| leads_somewhere(href)),
                &part.label,
                lang,
            );
        }
        if let Some(last) = part.points.last() {
            let (at, high) = self.at(origin, last);
            let value = Type::new(13.0, self.colour(last)).bold().anchor(Anchor::Middle);
            svg.text(at, high - 10.0, value, &numbers::grouped(i64::from(last.count)));
        }
    }

    fn place(&self, point: &SeriesPoint) -> usize {
        self.kinds.iter().position(|one| *one == point.criterion).unwrap_or(0)
    }

    fn colour(&self, point: &SeriesPoint) -> &'static str {
        SERIES[self.place(point) % SERIES.len()]
    }

    fn point(
        &self,
        svg: &mut Svg,
        origin: (f64, f64),
        point: &SeriesPoint,
        href: Option<&str>,
        part: &str,
        lang: Lang,
    ) {
        let at = self.at(origin, point);
        match href {
            Some(href) => svg.push(&format!("<a href=\"{}\" target=\"_top\">", escape(href))),
            None => svg.push("<g>"),
        }
        svg.push(&format!("<title>{} {}</title>", escape(part), escape(&point_told(point, lang))));
        // Larger than what is inked, so that a finger hits it.
        svg.push(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"12\" fill=\"#ffffff\" fill-opacity=\"0\"/>",
            number(at.0),
            number(at.1)
        ));
        marker(svg, self.place(point), at, self.colour(point), point.year_end);
        svg.push(if href.is_some() { "</a>" } else { "</g>" });
    }
}
