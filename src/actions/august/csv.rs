//! Counts of visits in person from a facility's own system, as CSV: one line a month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::actions::{Error, Result};
use crate::model::august::{CountSource, InPerson};
use crate::model::questionnaire::Fault;

/// Lines that a file may have: more months are in no report.
const MOST: usize = 120;

#[derive(Deserialize)]
struct Line {
    month: String,
    in_person_first: i64,
    in_person_repeat: i64,
    #[serde(default)]
    no_later_visit: Option<i64>,
    #[serde(default)]
    count_source: Option<CountSource>,
}

/// Reads a file with the columns `month` (`2026-08`), `in_person_first`, `in_person_repeat` and, if
/// wanted, `no_later_visit` and `count_source` (`derived` from a system, the usual thing for a file,
/// or `manual`). What is wrong is told by its line.
pub fn read(bytes: &[u8]) -> Result<BTreeMap<NaiveDate, InPerson>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let (mut months, mut faults) = (BTreeMap::new(), Vec::new());
    for (number, line) in (2_usize..).zip(reader.deserialize::<Line>().take(MOST + 1)) {
        let fault = |code| Fault { pointer: format!("/line/{number}"), code };
        let Ok(line) = line else {
            faults.push(fault("form"));
            continue;
        };
        let Ok(month) = format!("{}-01", line.month).parse::<NaiveDate>() else {
            faults.push(fault("form"));
            continue;
        };
        let said = InPerson {
            first: line.in_person_first,
            repeat: line.in_person_repeat,
            no_later_visit: line.no_later_visit,
            source: line.count_source.unwrap_or(CountSource::Derived),
        };
        if months.insert(month, said).is_some() {
            faults.push(fault("twice"));
        }
    }
    if months.len() > MOST {
        return Err(Error::invalid("/months", "range"));
    }
    if months.is_empty() && faults.is_empty() {
        return Err(Error::invalid("/months", "required"));
    }
    if faults.is_empty() { Ok(months) } else { Err(Error::InvalidAt(faults)) }
}
