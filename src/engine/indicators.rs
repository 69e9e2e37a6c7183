//! Whether a value of an indicator can be so, and what it is against the value before.

use crate::model::indicator::{Entered, Indicator, Unit};

/// What is wrong with a value: the field, and a stable code.
pub type Fault = (&'static str, &'static str);

/// The longest name of a source.
const SOURCE: usize = 200;

/// What is wrong with a value of `indicator`, which is nothing where there is no such.
pub fn check(indicator: Option<&Indicator>, entered: &Entered) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(indicator) = indicator else { return vec![("key", "unknown")] };
    let source = entered.source.chars().count();
    if source == 0 {
        faults.push(("source", "required"));
    } else if source > SOURCE {
        faults.push(("source", "too_long"));
    }
    if indicator.unit == Unit::Percent && entered.thousandths > 100_000 {
        faults.push(("value", "range"));
    }
    match entered.fraction {
        Some(_) if indicator.unit != Unit::Percent => faults.push(("numerator", "no_share")),
        Some((part, whole)) if whole < 1 || part < 0 || part > whole => {
            faults.push(("numerator", "range"));
        }
        // As printed, to a tenth of a per cent.
        Some((part, whole))
            if (entered.thousandths * whole - part * 100_000).abs() > 50 * whole =>
        {
            faults.push(("value", "not_the_fraction"));
        }
        _ => {}
    }
    faults
}

/// A value as far as others are compared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point<'a> {
    /// In thousandths of the unit.
    pub thousandths: i64,
    /// Whether it was projected.
    pub projection: bool,
    /// Who says so.
    pub source: &'a str,
}

/// What each value is more than the one before it, in thousandths. Values are compared only within
/// one survey: another asked other institutions, and a projection is no continuation of a count.
pub fn changes(points: &[Point<'_>]) -> Vec<Option<i64>> {
    let alike = |a: &Point<'_>, b: &Point<'_>| a.projection == b.projection && a.source == b.source;
    (0..points.len())
        .map(|at| {
            let before = points[..at].last().filter(|before| alike(before, &points[at]))?;
            Some(points[at].thousandths - before.thousandths)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::indicator::Topic;

    fn share() -> Indicator {
        Indicator {
            key: "emr_hospital".into(),
            topic: Topic::Records,
            unit: Unit::Percent,
            goal: None,
            title_ja: String::new(),
            title_en: String::new(),
        }
    }

    fn entered(thousandths: i64, fraction: Option<(i64, i64)>) -> Entered {
        let period = "2024".parse().unwrap();
        let (key, source) = ("emr_hospital".to_owned(), "調査".to_owned());
        Entered { key, period, projection: false, thousandths, fraction, source }
    }

    #[test]
    fn a_share_must_be_its_fraction() {
        let of = |thousandths, fraction| check(Some(&share()), &entered(thousandths, fraction));
        assert_eq!(of(48_700, Some((311, 638))), []);
        assert_eq!(of(48_700, None), []);
        assert_eq!(of(49_000, Some((311, 638))), [("value", "not_the_fraction")]);
        assert_eq!(of(100_100, None), [("value", "range")]);
        assert_eq!(of(50_000, Some((2, 1))), [("numerator", "range")]);
        assert_eq!(check(None, &entered(1, None)), [("key", "unknown")]);
        let people = Indicator { unit: Unit::People, ..share() };
        let fraction = entered(48_700, Some((311, 638)));
        assert_eq!(check(Some(&people), &fraction), [("numerator", "no_share")]);
    }

    #[test]
    fn only_values_of_one_survey_are_compared() {
        let point = |thousandths, projection, source| Point { thousandths, projection, source };
        let found = changes(&[
            point(319, false, "a"),
            point(334, true, "a"),
            point(381, true, "a"),
            point(390, true, "b"),
        ]);
        assert_eq!(found, [None, None, Some(47), None]);
    }
}
