//! Charts as SVG, drawn once on the server for page, embed, command line and print alike.
//!
//! The shapes are few and drawn by hand. The crates that draw charts (plotters, charts-rs) write
//! neither `<title>` and `<desc>` nor links, and know neither a break in a series nor a hollow
//! point; what they would save is less than what would have to be written around them. Every
//! drawing here has a name and a description for those who do not see it, real text that can be
//! searched and copied, and no style attribute, so that a strict content policy lets it stand
//! inside a page. It uses the reader's own fonts.

use std::fmt::Write as _;

pub mod answer;
pub mod bars;
pub mod columns;
pub mod map;
pub mod months;
pub mod multiples;
pub mod series;

/// Fonts that Japanese systems have; none is fetched.
const FONTS: &str = "system-ui, 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', \
    'Yu Gothic', Meiryo, sans-serif";
/// Text and axis: 15:1 and 7:1 on white.
const INK: &str = "#1a1a1c";
const MUTED: &str = "#4d4d4d";
const RULE: &str = "#d8d8db";
/// Two hues far apart in lightness too, so that they differ in print: 8.3:1 and 5.3:1 on white.
const SERIES: [&str; 2] = ["#0b3fa8", "#b8460e"];

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy)]
struct Type {
    size: f64,
    bold: bool,
    fill: &'static str,
    anchor: Anchor,
}

impl Type {
    const fn new(size: f64, fill: &'static str) -> Self {
        Self { size, bold: false, fill, anchor: Anchor::Start }
    }

    const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    const fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// What a drawing is called, for those who hear it.
struct Named<'a> {
    /// Prefix of the ids inside, so that several drawings can stand in one page.
    id: &'a str,
    lang: super::Lang,
    /// `img` for a drawing without links, `group` for one with.
    role: &'a str,
    title: &'a str,
    desc: &'a str,
}

/// An SVG document while it is written.
struct Svg(String);

impl Svg {
    fn new(width: f64, height: f64, name: &Named<'_>) -> Self {
        let Named { id, lang, role, title, desc } = name;
        let (id, title, desc) = (escape(id), escape(title), escape(desc));
        let (width, height) = (number(width), number(height));
        let mut svg = Self(String::with_capacity(8 * 1024));
        svg.push(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"{role}\" lang=\"{}\" \
             aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{FONTS}\">",
            lang.tag()
        ));
        svg.push(&format!("<title id=\"{id}-title\">{title}</title>"));
        svg.push(&format!("<desc id=\"{id}-desc\">{desc}</desc>"));
        svg.push(&format!("<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"));
        svg
    }

    fn push(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn text(&mut self, x: f64, y: f64, kind: Type, text: &str) {
        let anchor = match kind.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if kind.bold { " font-weight=\"700\"" } else { "" };
        self.push(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight}{anchor} fill=\"{}\">{}</text>",
            number(x),
            number(y),
            number(kind.size),
            kind.fill,
            escape(text)
        ));
    }

    /// A straight line; `dash` as in `stroke-dasharray`, empty for none.
    fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &str, width: f64, dash: &str) {
        let dash =
            if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        self.push(&format!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{stroke}\" stroke-width=\"{}\"{dash}/>",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            number(width)
        ));
    }

    fn finish(mut self) -> String {
        self.push("</svg>");
        self.0
    }
}

/// At most two decimals, and none where they are zero.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Text as XML holds it: the five special characters as entities, what XML forbids left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(' '),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {}
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A step of 1, 2 or 5 times a power of ten that reaches `most` in about five steps, and the
/// multiple of it that is not below `most`.
fn scale(most: u32) -> (u32, u32) {
    let most = most.max(1);
    let mut step = 1_u32;
    let mut factors = [2_u32, 5, 10].into_iter().cycle();
    let mut base = 1_u32;
    while most.div_ceil(step) > 5 {
        let Some(factor) = factors.next() else { break };
        let Some(next) = base.checked_mul(factor) else { break };
        step = next;
        if factor == 10 {
            base = next;
        }
    }
    (step, most.div_ceil(step).saturating_mul(step))
}

/// What is said below a drawing: its notes and its source, in lines of small text.
struct Notes {
    lines: Vec<String>,
    kind: Type,
}

impl Notes {
    /// Broken into lines of this width.
    fn new<'a>(texts: impl IntoIterator<Item = &'a String>, size: f64, width: f64) -> Self {
        let kind = Type::new(size, MUTED);
        // A full-width character is as wide as it is high; half of that is one column.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred")]
        let columns = (width / (size / 2.0)).max(2.0) as usize;
        let lines = texts.into_iter().flat_map(|text| super::width::wrap(text, columns)).collect();
        Self { lines, kind }
    }

    /// From the first line to where one more would stand.
    fn height(&self) -> f64 {
        length(self.lines.len()) * self.kind.size * 1.6
    }

    /// Writes them from `y` down.
    fn write(&self, svg: &mut Svg, x: f64, mut y: f64) {
        for line in &self.lines {
            svg.text(x, y, self.kind, line);
            y += self.kind.size * 1.6;
        }
    }
}

/// A number of things as a length.
#[expect(clippy::cast_precision_loss, reason = "some thousand at most")]
fn length(count: usize) -> f64 {
    count as f64
}

/// The list `a、b、c` or `a, b, c`, written to describe what is drawn.
fn listed(lang: super::Lang, items: impl IntoIterator<Item = String>) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(lang.pick("、", ", "));
        }
        // Writing to a String does not fail.
        let _ = write!(text, "{item}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<a href='x'>&\"\u{0}\u{8}"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    }

    #[test]
    fn scales_end_on_round_numbers_in_at_most_five_steps() {
        assert_eq!(
            [0, 1, 5, 6, 54, 669, 1715].map(scale),
            [(1, 1), (1, 1), (1, 5), (2, 6), (20, 60), (200, 800), (500, 2000)]
        );
        for most in (0..4_000_000).step_by(997) {
            let (step, top) = scale(most);
            assert!(top >= most && top.is_multiple_of(step) && top / step <= 5, "{most}");
        }
        assert!(scale(u32::MAX).1 >= 4_000_000_000);
    }
}
