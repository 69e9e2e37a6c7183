//! Boundaries of municipalities, for maps: read from a `TopoJSON` file that whoever runs the service
//! names. None is built in. What fits is the administrative areas of 国土数値情報 (N03, Ministry of
//! Land, Infrastructure, Transport and Tourism), simplified and joined to one shape for each
//! municipality: `TopoJSON` keeps a border that two share once, so that no gap opens between them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Where boundaries come from, as the map says below itself.
pub const SOURCE_JA: &str =
    "境界は「国土数値情報（行政区域データ）」（国土交通省）を加工して作成。";
/// The same in English.
pub const SOURCE_EN: &str = "Boundaries: made by processing \"National Land Numerical Information \
    (administrative areas)\", Ministry of Land, Infrastructure, Transport and Tourism.";

/// The largest file that is read, in bytes: all of Japan, simplified, has about 1.3 million.
pub const LARGEST: usize = 16 << 20;

/// A place on the ground: degrees east, degrees north.
pub type Place = (f64, f64);

/// Where municipalities are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Boundaries(BTreeMap<String, Vec<Vec<Place>>>);

#[derive(Deserialize)]
struct Topology {
    arcs: Vec<Vec<Vec<f64>>>,
    transform: Option<Transform>,
    objects: BTreeMap<String, Geometry>,
}

#[derive(Deserialize)]
struct Transform {
    scale: Place,
    translate: Place,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<Value>,
    #[serde(default)]
    properties: BTreeMap<String, Value>,
    #[serde(default)]
    arcs: Value,
    #[serde(default)]
    geometries: Vec<Geometry>,
}

impl Boundaries {
    /// Reads a `TopoJSON` file. A shape's municipality is the five or six digits of its property
    /// `lg_code` or `N03_007`, else of its id; what has none is left out. Fails, saying why, where it
    /// is no `TopoJSON`, refers to arcs that are not there, or holds no municipality.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > LARGEST {
            return Err(format!("more than {LARGEST} bytes; simplify it first"));
        }
        let topology: Topology =
            serde_json::from_slice(bytes).map_err(|error| format!("no TopoJSON: {error}"))?;
        let arcs = topology.lines().ok_or("an arc has a point without two numbers")?;
        let mut found = Self::default();
        for geometry in topology.objects.values() {
            found.take(geometry, &arcs)?;
        }
        if found.0.is_empty() {
            return Err("no shape has the code of a municipality".to_owned());
        }
        Ok(found)
    }

    fn take(&mut self, geometry: &Geometry, arcs: &[Vec<Place>]) -> Result<(), String> {
        for one in &geometry.geometries {
            self.take(one, arcs)?;
        }
        let polygons = match geometry.kind.as_deref() {
            Some("Polygon") => vec![geometry.arcs.clone()],
            Some("MultiPolygon") => geometry.arcs.as_array().cloned().unwrap_or_default(),
            _ => return Ok(()),
        };
        let Some(code) = geometry.code() else { return Ok(()) };
        let rings = self.0.entry(code.clone()).or_default();
        for ring in polygons.iter().filter_map(Value::as_array).flatten() {
            let ring: Vec<i64> = serde_json::from_value(ring.clone())
                .map_err(|_| format!("{code}: a ring is no list of arcs"))?;
            rings.push(joined(&ring, arcs).ok_or(format!("{code}: an arc is not there"))?);
        }
        Ok(())
    }

    /// The rings of a municipality, by its six digits; nothing where there is no shape of it.
    pub fn of(&self, code: &str) -> Option<&[Vec<Place>]> {
        self.0.get(code.get(..5)?).map(Vec::as_slice)
    }
}

impl Topology {
    /// The arcs in degrees: each point is kept as its distance from the one before.
    fn lines(&self) -> Option<Vec<Vec<Place>>> {
        let place = |point: &Vec<f64>| Some((*point.first()?, *point.get(1)?));
        let line = |arc: &Vec<Vec<f64>>| -> Option<Vec<Place>> {
            let mut at = (0.0, 0.0);
            arc.iter()
                .map(|point| {
                    let point = place(point)?;
                    let Some(Transform { scale, translate }) = &self.transform else {
                        return Some(point);
                    };
                    at = (at.0 + point.0, at.1 + point.1);
                    Some((at.0 * scale.0 + translate.0, at.1 * scale.1 + translate.1))
                })
                .collect()
        };
        self.arcs.iter().map(line).collect()
    }
}

impl Geometry {
    /// The five digits of its municipality.
    fn code(&self) -> Option<String> {
        let named = ["lg_code", "N03_007"].iter().find_map(|name| self.properties.get(*name));
        let text = match named.or(self.id.as_ref())? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let digits = text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.get(..5).map(str::to_owned)).flatten()
    }
}

/// A ring of arcs, each of which begins where the one before ends; `!n` is arc `n` backwards.
fn joined(ring: &[i64], arcs: &[Vec<Place>]) -> Option<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    for at in ring {
        let backwards = *at < 0;
        let arc = arcs.get(usize::try_from(if backwards { !at } else { *at }).ok()?)?;
        // The first point is the last of the arc before.
        let skip = usize::from(!places.is_empty());
        if backwards {
            places.extend(arc.iter().rev().skip(skip));
        } else {
            places.extend(arc.iter().skip(skip));
        }
    }
    Some(places)
}
