//! A map of municipalities: each has the colour of its class, its number printed in it, and leads to
//! the facilities behind that number. Islands that lie far out stand below, each in a frame and at
//! a scale of its own: drawn where they are, they would leave everything else too small to hit.

use super::bars::leads_somewhere;
use super::{Anchor, INK, MUTED, Named, Notes, RULE, Svg, Type, escape, length, listed, number};
use crate::format::boundaries::Place;
use crate::format::{Lang, width};

const WIDTH: f64 = 900.0;
const MARGIN: f64 = 24.0;
const TOP: f64 = 112.0;
/// The most that the mainland may take of the height.
const HIGHEST: f64 = 640.0;
const FRAMES: f64 = 9.0;
const FRAME: f64 = 84.0;
/// Shapes of less than this are left out where others of the municipality are drawn: in square
/// units of the drawing.
const SPECK: f64 = 1.5;
/// Pale to dark; the first is for nobody. Text is dark on the first four and white on the others,
/// at 4.5:1 or more.
const CLASSES: [&str; 6] = ["#ffffff", "#e1e9fb", "#b5c9f5", "#86a6ee", "#3460c9", "#0b2f80"];

/// A municipality.
#[derive(Clone, Debug, PartialEq)]
pub struct Area<'a> {
    /// Its name.
    pub label: String,
    /// Its number; nothing where there is none.
    pub value: Option<f64>,
    /// How that is printed.
    pub shown: String,
    /// Where it leads; anything but a path of this site or an https address leads nowhere.
    pub href: Option<String>,
    /// Whether it stands in a frame of its own.
    pub apart: bool,
    /// Its shape.
    pub rings: &'a [Vec<Place>],
}

/// What the map is of.
#[derive(Clone, Debug, PartialEq)]
pub struct MapChart<'a> {
    /// Prefix of the ids inside; letters, digits and hyphens.
    pub id: String,
    /// What is counted.
    pub title: String,
    /// As of when, and in which unit.
    pub subtitle: String,
    /// Where the classes above nobody's begin, after the first, which begins above 0.
    pub breaks: [u32; 4],
    /// The municipalities.
    pub areas: Vec<Area<'a>>,
    /// Notes and source, printed below.
    pub notes: Vec<String>,
}

/// Draws `chart`.
pub fn svg(chart: &MapChart<'_>, lang: Lang) -> String {
    let (apart, near): (Vec<_>, Vec<_>) = chart.areas.iter().partition(|area| area.apart);
    let plane = Plane::around(near.iter().flat_map(|area| area.rings.iter().flatten().copied()));
    let plane = plane.fit(MARGIN, TOP, WIDTH - 2.0 * MARGIN, HIGHEST);
    let mut below = TOP + plane.height + 20.0;
    let frames = below;
    if !apart.is_empty() {
        below += (length(apart.len()) / FRAMES).ceil() * (FRAME + 24.0) + 12.0;
    }
    let notes = Notes::new(&chart.notes, 12.0, WIDTH - 2.0 * MARGIN);
    let height = below + 16.0 + notes.height();
    let desc = listed(lang, chart.areas.iter().map(told));
    let name = Named { id: &chart.id, lang, role: "group", title: &chart.title, desc: &desc };
    let mut svg = Svg::new(WIDTH, height, &name);
    svg.text(MARGIN, 38.0, Type::new(20.0, INK).bold(), &chart.title);
    svg.text(MARGIN, 62.0, Type::new(14.0, MUTED), &chart.subtitle);
    legend(&mut svg, chart, lang);
    for area in near {
        shape(&mut svg, chart, area, &plane, true);
    }
    for (at, area) in apart.into_iter().enumerate() {
        frame(&mut svg, chart, area, at, frames);
    }
    notes.write(&mut svg, MARGIN, below + 8.0);
    svg.finish()
}

fn told(area: &Area<'_>) -> String {
    format!("{} {}", area.label, area.shown)
}

fn class(chart: &MapChart<'_>, value: f64) -> usize {
    if value <= 0.0 {
        return 0;
    }
    1 + chart.breaks.iter().filter(|from| value >= f64::from(**from)).count()
}

fn legend(svg: &mut Svg, chart: &MapChart<'_>, lang: Lang) {
    let mut x = MARGIN;
    let [lowest, .., highest] = chart.breaks;
    let mut texts =
        vec!["0".to_owned(), lang.pick(format!("{lowest}未満"), format!("under {lowest}"))];
    texts.extend(chart.breaks.windows(2).map(|pair| {
        let (from, to) = (pair[0], pair[1]);
        lang.pick(format!("{from}以上{to}未満"), format!("{from} to under {to}"))
    }));
    texts.push(lang.pick(format!("{highest}以上"), format!("{highest} or more")));
    for (text, fill) in texts.iter().zip(CLASSES) {
        svg.push(&format!(
            "<rect x=\"{}\" y=\"76\" width=\"18\" height=\"14\" fill=\"{fill}\" stroke=\"{MUTED}\"/>",
            number(x)
        ));
        svg.text(x + 24.0, 88.0, Type::new(13.0, INK), text);
        x += 44.0 + length(width::of(text)) * 7.0;
    }
}

/// From places on the ground to the drawing: equal distances, north above.
struct Plane {
    west: f64,
    north: f64,
    /// How much shorter a degree of longitude is than one of latitude here.
    narrow: f64,
    wide: f64,
    high: f64,
    scale: f64,
    x: f64,
    y: f64,
    height: f64,
}

impl Plane {
    fn around(places: impl Iterator<Item = Place>) -> Self {
        let start = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        let (west, south, east, north) = places.fold(start, |(w, s, e, n), (lon, lat)| {
            (w.min(lon), s.min(lat), e.max(lon), n.max(lat))
        });
        let (west, south, east, north) =
            if west.is_finite() { (west, south, east, north) } else { (0.0, 0.0, 1.0, 1.0) };
        let narrow = f64::midpoint(south, north).to_radians().cos();
        let wide = ((east - west) * narrow).max(1e-9);
        let high = (north - south).max(1e-9);
        Self { west, north, narrow, wide, high, scale: 1.0, x: 0.0, y: 0.0, height: 0.0 }
    }

    /// Fills a box, in its middle.
    fn fit(self, x: f64, y: f64, width: f64, height: f64) -> Self {
        let scale = (width / self.wide).min(height / self.high);
        let x = x + (width - self.wide * scale) / 2.0;
        Self { scale, x, y, height: self.high * scale, ..self }
    }

    /// In tenths of a unit: two that share a border are rounded alike.
    fn at(&self, (lon, lat): Place) -> (f64, f64) {
        let tenths = |value: f64| (value * 10.0).round() / 10.0;
        let x = self.x + (lon - self.west) * self.narrow * self.scale;
        (tenths(x), tenths(self.y + (self.north - lat) * self.scale))
    }

    fn ring(&self, ring: &[Place]) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = ring.iter().map(|place| self.at(*place)).collect();
        points.dedup();
        points
    }
}

/// Twice the signed area, and the point in the middle of it.
fn middle(ring: &[(f64, f64)]) -> (f64, (f64, f64)) {
    let Some(origin) = ring.first().copied() else { return (0.0, (0.0, 0.0)) };
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for pair in ring.windows(2) {
        let (ax, ay) = (pair[0].0 - origin.0, pair[0].1 - origin.1);
        let (bx, by) = (pair[1].0 - origin.0, pair[1].1 - origin.1);
        let cross = ax * by - bx * ay;
        area += cross;
        x += (ax + bx) * cross;
        y += (ay + by) * cross;
    }
    if area.abs() < f64::EPSILON {
        return (0.0, origin);
    }
    (area, (origin.0 + x / (3.0 * area), origin.1 + y / (3.0 * area)))
}

fn shape(svg: &mut Svg, chart: &MapChart<'_>, area: &Area<'_>, plane: &Plane, numbered: bool) {
    let rings: Vec<Vec<(f64, f64)>> = area.rings.iter().map(|ring| plane.ring(ring)).collect();
    let largest =
        rings.iter().map(|ring| middle(ring)).max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    let (most, centre) = largest.unwrap_or_default();
    let mut path = String::new();
    for ring in &rings {
        let size = middle(ring).0.abs();
        if ring.len() < 3 || size < 2.0 * SPECK && size < most.abs() {
            continue;
        }
        for (at, (x, y)) in ring.iter().enumerate() {
            path.push(if at == 0 { 'M' } else { 'L' });
            path.push_str(&number(*x));
            path.push(' ');
            path.push_str(&number(*y));
        }
        path.push('Z');
    }
    let class = area.value.map_or(0, |value| class(chart, value));
    let href = area.href.as_deref().filter(|href| leads_somewhere(href));
    match href {
        Some(href) => svg.push(&format!("<a href=\"{}\" target=\"_top\">", escape(href))),
        None => svg.push("<g>"),
    }
    svg.push(&format!("<title>{}</title>", escape(&told(area))));
    let dash = if area.value.is_none() { " stroke-dasharray=\"2 2\"" } else { "" };
    svg.push(&format!(
        "<path d=\"{path}\" fill=\"{}\" stroke=\"{MUTED}\" stroke-width=\"0.7\"{dash}/>",
        CLASSES[class]
    ));
    let ink = if class < 4 { INK } else { "#ffffff" };
    if numbered && area.value.is_some() {
        let kind = Type::new(11.0, ink).anchor(Anchor::Middle);
        svg.text(centre.0, centre.1 + 4.0, kind, &area.shown);
    }
    svg.push(if href.is_some() { "</a>" } else { "</g>" });
}

/// The largest ring, and those that begin within its own width and height of it.
fn near(rings: &[Vec<Place>]) -> Vec<Vec<Place>> {
    let size = |ring: &&Vec<Place>| middle(ring).0.abs();
    let Some(most) = rings.iter().max_by(|a, b| size(a).total_cmp(&size(b))) else {
        return Vec::new();
    };
    let whole = Plane::around(most.iter().copied());
    let (wide, high) = (whole.wide / whole.narrow, whole.high);
    let (east, south) = (whole.west + wide, whole.north - high);
    let within = |ring: &&Vec<Place>| {
        ring.first().is_some_and(|(lon, lat)| {
            (whole.west - wide..=east + wide).contains(lon)
                && (south - high..=whole.north + high).contains(lat)
        })
    };
    rings.iter().filter(within).cloned().collect()
}

/// An island in its frame, with its name.
fn frame(svg: &mut Svg, chart: &MapChart<'_>, area: &Area<'_>, at: usize, top: f64) {
    let across = (WIDTH - 2.0 * MARGIN) / FRAMES;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "nine")]
    let columns = FRAMES as usize;
    let x = MARGIN + length(at % columns) * across;
    let y = top + length(at / columns) * (FRAME + 24.0);
    svg.push(&format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{FRAME}\" fill=\"none\" stroke=\"{RULE}\"/>",
        number(x),
        number(y),
        number(across - 8.0)
    ));
    // Of islands that lie far apart the frame shows the largest and what is near it.
    let near = near(area.rings);
    let area = &Area { rings: &near, ..area.clone() };
    let plane = Plane::around(near.iter().flatten().copied());
    let plane = plane.fit(x + 8.0, y + 8.0, across - 24.0, FRAME - 30.0);
    // The number stands at the foot of the frame: on a scatter of islands there is no middle.
    shape(svg, chart, area, &plane, false);
    let foot = Type::new(12.0, INK).anchor(Anchor::Middle);
    svg.text(x + (across - 8.0) / 2.0, y + FRAME - 8.0, foot.bold(), &area.shown);
    svg.text(x + (across - 8.0) / 2.0, y + FRAME + 15.0, foot, &width::cut(&area.label, 14));
}
