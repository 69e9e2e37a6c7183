//! Bars that stand, one for each month in order: how many were agreed, and how many of those took
//! place. Where a number must not be shown, a mark stands in the bar's place.

use super::{Anchor, INK, MUTED, Named, RULE, SERIES, Svg, Type, length, listed, number, scale};
use crate::format::{Lang, numbers};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 876.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 316.0;

/// One month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthBar {
    /// As it stands below the bar.
    pub label: String,
    /// All of them; nothing where the number must not be shown.
    pub whole: Option<i64>,
    /// The part that is inked; nothing where it must not be shown.
    pub part: Option<i64>,
}

/// What the bars are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthChart {
    /// Prefix of the ids inside; letters, digits and hyphens.
    pub id: String,
    /// What is counted.
    pub title: String,
    /// What the whole bar is, and its inked part.
    pub legend: [String; 2],
    /// What stands where a number must not be shown.
    pub hidden: String,
    /// In order.
    pub bars: Vec<MonthBar>,
}

/// Draws `chart`.
pub fn svg(chart: &MonthChart, lang: Lang) -> String {
    let desc = listed(lang, chart.bars.iter().map(|bar| told(chart, bar)));
    let name = Named { id: &chart.id, lang, role: "img", title: &chart.title, desc: &desc };
    let mut svg = Svg::new(WIDTH, HEIGHT, &name);
    svg.text(24.0, 34.0, Type::new(18.0, INK).bold(), &chart.title);
    legend(&mut svg, chart);
    let most = chart.bars.iter().filter_map(|bar| bar.whole.max(bar.part)).max().unwrap_or(0);
    let (step, top) = scale(u32::try_from(most).unwrap_or(u32::MAX));
    let y = |value: f64| BOTTOM - value / f64::from(top) * (BOTTOM - TOP);
    let label = Type::new(12.0, MUTED).anchor(Anchor::End);
    for value in (0..=top).step_by(step as usize) {
        let (stroke, width) = if value == 0 { (INK, 1.5) } else { (RULE, 1.0) };
        let at = y(f64::from(value));
        svg.line((LEFT, at), (RIGHT, at), stroke, width, "");
        svg.text(LEFT - 8.0, at + 4.0, label, &numbers::grouped(i64::from(value)));
    }
    let space = (RIGHT - LEFT) / length(chart.bars.len().max(1));
    for (place, bar) in chart.bars.iter().enumerate() {
        let left = LEFT + length(place) * space;
        svg.push("<g>");
        svg.push(&format!("<title>{}</title>", super::escape(&told(chart, bar))));
        let middle = Type::new(12.0, INK).anchor(Anchor::Middle);
        svg.text(left + space / 2.0, BOTTOM + 20.0, middle, &bar.label);
        let bar_of = |svg: &mut Svg, value: i64, fill: &str, more: &str| {
            let value = f64::from(i32::try_from(value).unwrap_or(i32::MAX));
            svg.push(&format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"{more}/>",
                number(left + space * 0.2),
                number(y(value)),
                number(space * 0.6),
                number(BOTTOM - y(value))
            ));
        };
        if let Some(whole) = bar.whole {
            bar_of(
                &mut svg,
                whole,
                "#ffffff",
                &format!(" stroke=\"{}\" stroke-width=\"1.5\"", SERIES[0]),
            );
        }
        if let Some(part) = bar.part {
            bar_of(&mut svg, part, SERIES[0], "");
        }
        let most = bar.whole.max(bar.part);
        #[expect(clippy::cast_precision_loss, reason = "a number of visits")]
        let above = most.map_or(BOTTOM, |value| y(value as f64));
        let text = bar.whole.map_or(chart.hidden.clone(), numbers::grouped);
        svg.text(left + space / 2.0, above - 6.0, middle.bold(), &text);
        svg.push("</g>");
    }
    svg.finish()
}

fn legend(svg: &mut Svg, chart: &MonthChart) {
    let mut x = 24.0;
    for (text, fill) in chart.legend.iter().zip(["#ffffff", SERIES[0]]) {
        svg.push(&format!(
            "<rect x=\"{}\" y=\"50\" width=\"14\" height=\"14\" fill=\"{fill}\" stroke=\"{}\" stroke-width=\"1.5\"/>",
            number(x),
            SERIES[0]
        ));
        svg.text(x + 20.0, 62.0, Type::new(13.0, INK), text);
        x += 44.0 + length(crate::format::width::of(text)) * 7.0;
    }
}

fn told(chart: &MonthChart, bar: &MonthBar) -> String {
    let shown = |value: Option<i64>| value.map_or(chart.hidden.clone(), numbers::grouped);
    let [whole, part] = &chart.legend;
    format!("{}: {whole} {}, {part} {}", bar.label, shown(bar.whole), shown(bar.part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_shown_has_a_mark_and_no_bar() {
        let bar = |label: &str, whole, part| MonthBar { label: label.into(), whole, part };
        let chart = MonthChart {
            id: "own".into(),
            title: "診察".into(),
            legend: ["予約".into(), "実施".into()],
            hidden: "―".into(),
            bars: vec![bar("1月", Some(40), Some(30)), bar("2月", None, None)],
        };
        let drawing = svg(&chart, Lang::Ja);
        assert!(drawing.contains("<title>1月: 予約 40, 実施 30</title>"), "{drawing}");
        assert!(drawing.contains("<title>2月: 予約 ―, 実施 ―</title>"));
        let bars = drawing.lines().filter(|line| line.starts_with("<rect x=\"1")).count();
        assert_eq!(bars, 2, "{drawing}");
        assert!(!svg(&MonthChart { bars: vec![], ..chart }, Lang::En).contains("NaN"));
    }
}
