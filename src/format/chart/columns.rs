//! Upright columns along a row of days: how many there were, or how many came (up) and went (down).

use super::bars::leads_somewhere;
use super::{
    Anchor, INK, MUTED, Named, Notes, RULE, SERIES, Svg, Type, escape, length, listed, number,
    scale,
};
use crate::format::{Lang, numbers};

const WIDTH: f64 = 900.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 876.0;
const TOP: f64 = 104.0;
const BOTTOM: f64 = 384.0;
/// Labels and numbers that stand nearer than this run into each other.
const LABEL_SPACE: f64 = 64.0;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// When.
    pub label: String,
    /// Upwards.
    pub up: u32,
    /// Downwards.
    pub down: u32,
    /// Whether it is hollow: a day that is no regular one.
    pub hollow: bool,
    /// Whether another criterion is counted from here on.
    pub breaks: bool,
    /// Where it leads; anything but a path of this site or an https address leads nowhere.
    pub href: Option<String>,
}

/// What the columns are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnChart {
    /// Prefix of the ids inside; letters, digits and hyphens.
    pub id: String,
    /// What is counted.
    pub title: String,
    /// Unit, and what up and down mean.
    pub subtitle: String,
    /// What the rule at a break says.
    pub break_label: String,
    /// In order of time.
    pub columns: Vec<Column>,
    /// Notes and source, printed below.
    pub notes: Vec<String>,
}

/// Draws `chart`.
pub fn svg(chart: &ColumnChart, lang: Lang) -> String {
    let notes = Notes::new(&chart.notes, 12.0, WIDTH - 48.0);
    let height = BOTTOM + 66.0 + notes.height();
    let desc = listed(lang, chart.columns.iter().map(told));
    let name = Named { id: &chart.id, lang, role: "group", title: &chart.title, desc: &desc };
    let mut svg = Svg::new(WIDTH, height, &name);
    svg.text(24.0, 38.0, Type::new(20.0, INK).bold(), &chart.title);
    svg.text(24.0, 62.0, Type::new(14.0, MUTED), &chart.subtitle);
    let plane = Plane::new(&chart.columns);
    plane.axis(&mut svg);
    for (at, column) in chart.columns.iter().enumerate() {
        plane.column(&mut svg, at, column, chart);
    }
    notes.write(&mut svg, 24.0, BOTTOM + 58.0);
    svg.finish()
}

fn told(column: &Column) -> String {
    let up = numbers::grouped(i64::from(column.up));
    if column.down == 0 {
        return format!("{} {up}", column.label);
    }
    format!("{} +{up} {}", column.label, numbers::grouped(-i64::from(column.down)))
}

/// From values to heights.
struct Plane {
    zero: f64,
    per_unit: f64,
    step: u32,
    top: u32,
    low: u32,
    width: f64,
    /// Every how many columns a label has room.
    every: usize,
}

impl Plane {
    fn new(columns: &[Column]) -> Self {
        let up = columns.iter().map(|column| column.up).max().unwrap_or(0);
        let down = columns.iter().map(|column| column.down).max().unwrap_or(0);
        let (step, _) = scale(up.max(down));
        let round = |most: u32| most.div_ceil(step).saturating_mul(step);
        let (top, low) = (round(up).max(if down == 0 { step } else { 0 }), round(down));
        let per_unit = (BOTTOM - TOP) / (f64::from(top) + f64::from(low)).max(1.0);
        let width = (RIGHT - LEFT) / length(columns.len().max(1));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let every = ((LABEL_SPACE / width).ceil() as usize).max(1);
        Self { zero: TOP + f64::from(top) * per_unit, per_unit, step, top, low, width, every }
    }

    fn axis(&self, svg: &mut Svg) {
        let label = Type::new(13.0, MUTED).anchor(Anchor::End);
        let mut tick = |y: f64, value: i64| {
            let (stroke, width) = if value == 0 { (INK, 1.5) } else { (RULE, 1.0) };
            svg.line((LEFT, y), (RIGHT, y), stroke, width, "");
            svg.text(LEFT - 10.0, y + 4.5, label, &numbers::grouped(value));
        };
        for value in (0..=self.top).step_by(self.step as usize) {
            tick(self.zero - f64::from(value) * self.per_unit, i64::from(value));
        }
        for value in (self.step..=self.low).step_by(self.step as usize) {
            tick(self.zero + f64::from(value) * self.per_unit, -i64::from(value));
        }
    }

    fn column(&self, svg: &mut Svg, at: usize, column: &Column, chart: &ColumnChart) {
        let left = LEFT + length(at) * self.width;
        let middle = left + self.width / 2.0;
        if column.breaks && at > 0 {
            svg.line((left, TOP - 12.0), (left, BOTTOM), INK, 1.5, "6 5");
            svg.text(left + 6.0, TOP - 4.0, Type::new(12.0, INK).bold(), &chart.break_label);
        }
        let href = column.href.as_deref().filter(|href| leads_somewhere(href));
        match href {
            Some(href) => svg.push(&format!("<a href=\"{}\" target=\"_top\">", escape(href))),
            None => svg.push("<g>"),
        }
        svg.push(&format!("<title>{}</title>", escape(&told(column))));
        svg.push(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#ffffff\" fill-opacity=\"0\"/>",
            number(left),
            number(TOP),
            number(self.width),
            number(BOTTOM - TOP)
        ));
        let up = f64::from(column.up) * self.per_unit;
        let down = f64::from(column.down) * self.per_unit;
        self.bar(svg, left, (self.zero - up, up), SERIES[0], column.hollow);
        self.bar(svg, left, (self.zero, down), SERIES[1], column.hollow);
        // The last always has its number and its label; those before give way to it.
        let last = at + 1 == chart.columns.len();
        let room = at.is_multiple_of(self.every) && at + self.every <= chart.columns.len();
        if last || room {
            let value = Type::new(13.0, INK).bold().anchor(Anchor::Middle);
            svg.text(middle, self.zero - up - 6.0, value, &numbers::grouped(i64::from(column.up)));
            if column.down > 0 {
                let gone = numbers::grouped(-i64::from(column.down));
                svg.text(middle, self.zero + down + 16.0, value, &gone);
            }
            let label = Type::new(12.0, INK).anchor(Anchor::Middle);
            svg.text(middle, BOTTOM + 32.0, label, &column.label);
        }
        svg.push(if href.is_some() { "</a>" } else { "</g>" });
    }

    fn bar(&self, svg: &mut Svg, left: f64, (y, height): (f64, f64), colour: &str, hollow: bool) {
        if height <= 0.0 {
            return;
        }
        let fill = if hollow { "#ffffff" } else { colour };
        let gap = (self.width * 0.2).clamp(0.5, 24.0);
        svg.push(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
            number(left + gap),
            number(y),
            number((self.width - 2.0 * gap).clamp(0.5, 72.0)),
            number(height)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[(u32, u32, bool)]) -> ColumnChart {
        let column = |(at, (up, down, hollow)): (usize, &(u32, u32, bool))| Column {
            label: format!("R7.{at}"),
            up: *up,
            down: *down,
            hollow: *hollow,
            breaks: false,
            href: Some(format!("/facilities?month={at}&x=1")),
        };
        ColumnChart {
            id: "months".into(),
            title: "<月別>".into(),
            subtitle: "施設数".into(),
            break_label: "基準の変更".into(),
            columns: values.iter().enumerate().map(column).collect(),
            notes: vec!["出典".into()],
        }
    }

    #[test]
    fn each_column_leads_somewhere_and_the_irregular_one_is_hollow() {
        let drawing = svg(&chart(&[(30, 0, false), (60, 2, false), (61, 0, true)]), Lang::Ja);
        assert_eq!(drawing.matches("<a href=\"/facilities?month=").count(), 3);
        assert!(drawing.contains("<title>R7.1 +60 ▲2</title>"), "{drawing}");
        assert_eq!(drawing.matches("fill=\"#ffffff\" stroke").count(), 1);
        assert!(drawing.contains("&lt;月別&gt;") && !drawing.contains("style="));
    }

    #[test]
    fn a_hundred_columns_have_room_for_their_labels() {
        let drawing = svg(&chart(&vec![(5, 0, false); 120]), Lang::En);
        let labels =
            drawing.lines().filter(|line| line.contains(&format!("y=\"{}\"", BOTTOM + 32.0)));
        assert!((8..=14).contains(&labels.count()));
        assert!(!svg(&chart(&[]), Lang::En).contains("NaN"));
    }
}
