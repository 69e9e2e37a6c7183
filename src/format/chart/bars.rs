//! Sorted horizontal bars: by prefecture, municipality or kind. Every bar may lead to the list of
//! facilities behind it.

use super::{
    Anchor, INK, MUTED, Named, Notes, RULE, SERIES, Svg, Type, escape, length, listed, number,
    scale,
};
use crate::format::{Lang, numbers, width};

const WIDTH: f64 = 900.0;
const RIGHT: f64 = 812.0;
const TOP: f64 = 96.0;
const ROW: f64 = 28.0;
const BAR: f64 = 18.0;
const LABEL: f64 = 14.0;
/// Columns that a label may take before it is cut; all of it stands in the row's own title.
const LABEL_COLUMNS: usize = 28;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How many, in the chart's unit.
    pub value: u32,
    /// How that is printed; else as a count.
    pub shown: Option<String>,
    /// Where it leads: a path of this site or an https address; anything else leads nowhere.
    pub href: Option<String>,
}

/// What the bars are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarChart {
    /// Prefix of the ids inside; letters, digits and hyphens.
    pub id: String,
    /// What is counted.
    pub title: String,
    /// As of when, and in which unit.
    pub subtitle: String,
    /// The bars.
    pub bars: Vec<Bar>,
    /// Whether the greatest stands first, equal ones as they came; else all stand as they came.
    pub sorted: bool,
    /// Values are tenths: the axis prints a tenth of them.
    pub tenths: bool,
    /// Notes and source, printed below.
    pub notes: Vec<String>,
}

/// Draws `chart`.
pub fn svg(chart: &BarChart, lang: Lang) -> String {
    let mut bars: Vec<&Bar> = chart.bars.iter().collect();
    if chart.sorted {
        bars.sort_by_key(|bar| std::cmp::Reverse(bar.value));
    }
    let bottom = TOP + length(bars.len()) * ROW;
    let notes = Notes::new(&chart.notes, 12.0, WIDTH - 48.0);
    let height = bottom + 34.0 + notes.height();
    let desc = listed(lang, bars.iter().map(|bar| told(bar)));
    let name = Named { id: &chart.id, lang, role: "group", title: &chart.title, desc: &desc };
    let mut svg = Svg::new(WIDTH, height, &name);
    svg.text(24.0, 38.0, Type::new(20.0, INK).bold(), &chart.title);
    svg.text(24.0, 62.0, Type::new(14.0, MUTED), &chart.subtitle);
    let plane = Plane::new(&bars, chart.tenths);
    plane.axis(&mut svg, bottom);
    for (place, bar) in bars.iter().enumerate() {
        plane.bar(&mut svg, TOP + length(place) * ROW, bar);
    }
    notes.write(&mut svg, 24.0, bottom + 34.0);
    svg.finish()
}

fn told(bar: &Bar) -> String {
    format!("{} {}", bar.label, printed(bar))
}

fn printed(bar: &Bar) -> String {
    bar.shown.clone().unwrap_or_else(|| numbers::grouped(i64::from(bar.value)))
}

/// From values to lengths.
struct Plane {
    left: f64,
    step: u32,
    top: u32,
    tenths: bool,
}

impl Plane {
    fn new(bars: &[&Bar], tenths: bool) -> Self {
        let columns = bars.iter().map(|bar| width::of(&bar.label)).max().unwrap_or(0);
        let left = 36.0 + length(columns.min(LABEL_COLUMNS)) * LABEL / 2.0;
        let (step, top) = scale(bars.iter().map(|bar| bar.value).max().unwrap_or(0));
        Self { left, step, top, tenths }
    }

    fn x(&self, value: u32) -> f64 {
        self.left + f64::from(value) / f64::from(self.top) * (RIGHT - self.left)
    }

    fn axis(&self, svg: &mut Svg, bottom: f64) {
        let label = Type::new(12.0, MUTED).anchor(Anchor::Middle);
        for value in (0..=self.top).step_by(self.step as usize) {
            let x = self.x(value);
            let (stroke, width) = if value == 0 { (INK, 1.5) } else { (RULE, 1.0) };
            svg.line((x, TOP - 4.0), (x, bottom), stroke, width, "");
            let tick = if self.tenths {
                number(f64::from(value) / 10.0)
            } else {
                numbers::grouped(i64::from(value))
            };
            svg.text(x, TOP - 10.0, label, &tick);
        }
    }

    fn bar(&self, svg: &mut Svg, y: f64, bar: &Bar) {
        let href = bar.href.as_deref().filter(|href| leads_somewhere(href));
        match href {
            // In somebody else's frame a list must open outside of it.
            Some(href) => svg.push(&format!("<a href=\"{}\" target=\"_top\">", escape(href))),
            None => svg.push("<g>"),
        }
        svg.push(&format!("<title>{}</title>", escape(&told(bar))));
        // All of the row can be hit, not only what is inked.
        let whole = number(WIDTH - 48.0);
        svg.push(&format!("<rect x=\"24\" y=\"{}\" width=\"{whole}\" height=\"{ROW}\" fill=\"#ffffff\" fill-opacity=\"0\"/>", number(y)));
        let middle = y + ROW / 2.0 + 5.0;
        let label = Type::new(LABEL, INK).anchor(Anchor::End);
        svg.text(self.left - 10.0, middle, label, &width::cut(&bar.label, LABEL_COLUMNS));
        svg.push(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{BAR}\" fill=\"{}\"/>",
            number(self.left),
            number(y + (ROW - BAR) / 2.0),
            number(self.x(bar.value) - self.left),
            SERIES[0]
        ));
        let value = Type::new(LABEL, INK).bold();
        svg.text(self.x(bar.value) + 8.0, middle, value, &printed(bar));
        svg.push(if href.is_some() { "</a>" } else { "</g>" });
    }
}

/// Whether a link stays here or goes to the web: no script is ever a link.
pub(super) fn leads_somewhere(href: &str) -> bool {
    let own = href.starts_with('/') && !href.starts_with("//") || href.starts_with('#');
    own || href.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(bars: &[(&str, u32, Option<&str>)]) -> BarChart {
        let bar = |&(label, value, href): &(&str, u32, Option<&str>)| Bar {
            label: label.to_owned(),
            value,
            shown: None,
            href: href.map(str::to_owned),
        };
        BarChart {
            id: "by-municipality".into(),
            title: "市区町村別".into(),
            subtitle: "令和7年9月1日現在".into(),
            bars: bars.iter().map(bar).collect(),
            sorted: true,
            tenths: false,
            notes: vec!["出典".into()],
        }
    }

    #[test]
    fn the_greatest_stands_first_and_leads_to_its_facilities() {
        let bars =
            [("川越市", 35, Some("/a?x=1&y=2")), ("川口市", 54, Some("/b")), ("越谷市", 35, None)];
        let drawing = svg(&chart(&bars), Lang::Ja);
        let order: Vec<usize> = ["川口市 54</title>", "川越市 35</title>", "越谷市 35</title>"]
            .map(|title| drawing.find(title).unwrap())
            .to_vec();
        assert!(order.is_sorted());
        assert!(
            drawing.contains("<a href=\"/a?x=1&amp;y=2\" target=\"_top\">")
                && drawing.contains("role=\"group\"")
        );
        assert_eq!(drawing.matches("<a ").count(), 2);
        assert_eq!(drawing.matches("</a>").count(), 2);
    }

    #[test]
    fn a_script_is_no_link_and_a_label_no_markup() {
        let bad = ["javascript:alert(1)", "//elsewhere", "data:text/html,x", " /x"];
        for href in bad {
            assert!(!svg(&chart(&[("x", 1, Some(href))]), Lang::En).contains("<a "), "{href}");
        }
        assert!(!svg(&chart(&[("<b>", 1, None)]), Lang::En).contains("<b>"));
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let drawing = svg(&chart(&[("a", 60, None), ("b", 30, None), ("c", 0, None)]), Lang::En);
        let bars =
            drawing.lines().filter(|line| line.starts_with("<rect") && line.contains(SERIES[0]));
        let lengths: Vec<f64> = bars
            .map(|line| {
                line.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
            })
            .collect();
        assert!(
            (lengths[0] - 2.0 * lengths[1]).abs() < 0.02 && lengths[2].abs() < 0.01,
            "{lengths:?}"
        );
        assert!(!svg(&chart(&[]), Lang::En).contains("NaN"));
    }
}
