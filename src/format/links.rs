//! Addresses inside the service that stand in charts, tables and pages: every number leads to the
//! facilities behind it, with the same filters and both of its times.

use url::form_urlencoded::Serializer;

use super::report::counts::instant;
use crate::engine::counts::By;
use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::members::What;
use crate::model::register::Size;

/// The list of facilities behind a number of `answer`: of one row or of the total, of one size or
/// of all.
pub fn facilities(answer: &Answer, row: Option<&Row>, what: What, size: Option<Size>) -> String {
    let asked = &answer.asked;
    let key = row.map(|row| row.key.as_str());
    let by = |by: By| key.filter(|_| asked.by == by);
    let day = row.or(answer.rows.last()).and_then(|row| row.day);
    let as_of = day.map_or(asked.as_of, |day| day.date);
    let criterion = day.map_or(answer.criterion, |day| day.criterion).code();
    let within = &asked.within;
    let size = size.or(within.size).map(Size::code);
    let mut pairs: Vec<(&str, Option<String>)> = vec![
        ("what", (what != What::Accepted).then(|| what.code().to_owned())),
        ("prefecture", by(By::Prefecture).or(within.prefecture.as_deref()).map(str::to_owned)),
        (
            "municipality",
            by(By::Municipality).or(within.municipality.as_deref()).map(str::to_owned),
        ),
        ("area", by(By::Area).or(within.area.as_deref()).map(str::to_owned)),
        ("size", by(By::Kind).or(size).map(str::to_owned)),
        ("start_year", by(By::StartYear).map(str::to_owned)),
        ("criterion", Some(by(By::Criterion).unwrap_or(criterion).to_owned())),
        ("as_of", Some(as_of.to_string())),
        ("known_on", Some(instant(asked.known))),
    ];
    if matches!(what, What::New | What::Lapsed | What::Redesignated) {
        pairs.push(("since", since(answer, row)));
    }
    query("/facilities", pairs)
}

/// The day from which what came and went is told: of a day of a row of days, the day before it.
fn since(answer: &Answer, row: Option<&Row>) -> Option<String> {
    if !answer.asked.by.is_time() {
        return answer.asked.since.map(|day| day.to_string());
    }
    let last = answer.rows.len().checked_sub(1);
    let at = row.map_or(last, |row| answer.rows.iter().position(|one| row == one))?;
    let before = answer.rows.get(at.checked_sub(1)?)?;
    before.day.map(|day| day.date.to_string())
}

/// A path with the parts of a query that are there.
pub fn query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
