//! What one request says to the database: PostgreSQL's own log of statements, read once.
//!
//! The statements of one booking become a script that says the same for another one: values that
//! differ between two bookings are made anew, those that do not are kept. So the bare loops beside
//! the server run what the server runs, without anybody copying SQL by hand.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use crate::data::{FreeTime, Kind, id};

/// Marks the beginning of an entry of the log.
const PREFIX: &str = "@@";

/// One statement with the texts of its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    parameters: Vec<Option<String>>,
}

/// A statement whose parameters can be made for any booking.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Parameter>,
    /// PostgreSQL's names of their types.
    pub(crate) types: Vec<String>,
}

/// Where a parameter comes from.
#[derive(Clone, Debug)]
pub(crate) enum Parameter {
    Null,
    /// The same for every booking.
    Same(String),
    /// The row of the facility, the clinician or the service.
    Row(Kind),
    /// So many seconds after the start.
    Time(i64),
    /// Made by chance for the booking: which, and of what kind.
    Fresh(usize, Form),
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Id,
    Text(usize),
    Bytes(usize),
    Number,
}

impl Statement {
    /// Whether it begins or ends a transaction.
    pub(crate) fn is_bracket(&self) -> bool {
        is_bracket(&self.sql)
    }
}

pub(crate) fn is_bracket(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| sql.starts_with(word))
}

/// PostgreSQL's log, from now on.
pub(crate) struct Log {
    path: std::path::PathBuf,
    from: usize,
}

impl Log {
    /// The settings under which statements are logged as [`Log::read`] reads them.
    pub(crate) const ON: [&'static str; 3] = [
        "ALTER SYSTEM SET log_line_prefix = '@@%p '",
        "ALTER SYSTEM SET log_statement = 'all'",
        "SELECT pg_reload_conf()",
    ];
    /// And under which they are not.
    pub(crate) const OFF: [&'static str; 2] =
        ["ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()"];

    pub(crate) fn from_here(path: &Path) -> Self {
        let from = std::fs::read(path).map_or(0, |bytes| bytes.len());
        Self { path: path.to_owned(), from }
    }

    /// The statements of the database `onshin` since, in order: one caller asks at a time, so that
    /// the order of the log is that of the request.
    pub(crate) async fn read(&self) -> Vec<Statement> {
        // What is written last may be a moment late.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let bytes = std::fs::read(&self.path).unwrap();
        let text = String::from_utf8_lossy(&bytes[self.from.min(bytes.len())..]).into_owned();
        let mut found: Vec<Statement> = Vec::new();
        for entry in text.split(&format!("\n{PREFIX}")) {
            let entry = entry.trim_start_matches(PREFIX);
            let Some((_, entry)) = entry.split_once(' ') else { continue };
            if let Some(rest) = entry.strip_prefix("LOG:  execute ") {
                let sql = rest.split_once(": ").map_or(rest, |(_, sql)| sql);
                found.push(Statement { sql: one_line(sql), parameters: Vec::new() });
            } else if let Some(sql) = entry.strip_prefix("LOG:  statement: ") {
                found.push(Statement { sql: one_line(sql), parameters: Vec::new() });
            } else if let Some(list) = entry.strip_prefix("DETAIL:  parameters: ")
                && let Some(last) = found.last_mut()
            {
                last.parameters = parameters(list);
            }
        }
        found
    }
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `$1 = 'a', $2 = NULL`, as PostgreSQL writes it.
fn parameters(list: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = list.trim();
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(after) = value.strip_prefix("NULL") {
            found.push(None);
            rest = after.strip_prefix(", ").unwrap_or_default();
            continue;
        }
        let (mut text, mut quoted) = (String::new(), value.char_indices().skip(1).peekable());
        let mut end = value.len();
        while let Some((at, c)) = quoted.next() {
            if c != '\'' {
                text.push(c);
            } else if quoted.next_if(|(_, next)| *next == '\'').is_some() {
                text.push('\'');
            } else {
                end = at + 1;
                break;
            }
        }
        found.push(Some(text));
        rest = value[end..].strip_prefix(", ").unwrap_or_default();
    }
    found
}

/// The statements of a booking of `time`, so that they can be said for others: what is the same in
/// `other`, a second booking, is kept.
pub(crate) fn steps(one: &[Statement], other: &[Statement], time: &FreeTime) -> Vec<Step> {
    assert_eq!(one.len(), other.len(), "two bookings say a different number of statements");
    let mut fresh = HashMap::new();
    let step = |(a, b): (&Statement, &Statement)| {
        assert_eq!(a.sql, b.sql, "two bookings say different statements");
        let pairs = a.parameters.iter().zip(&b.parameters);
        let parameters = pairs.map(|(a, b)| parameter(a.as_ref(), b.as_ref(), time, &mut fresh));
        Step { sql: a.sql.clone(), parameters: parameters.collect(), types: Vec::new() }
    };
    one.iter().zip(other).map(step).collect()
}

fn parameter(
    one: Option<&String>,
    other: Option<&String>,
    time: &FreeTime,
    fresh: &mut HashMap<String, usize>,
) -> Parameter {
    let Some(one) = one else { return Parameter::Null };
    let rows = [
        (Kind::Facility, time.facility),
        (Kind::Clinician, time.clinician),
        (Kind::Service, time.facility),
    ];
    if let Some((kind, _)) = rows.into_iter().find(|(k, n)| *one == id(*k, *n).to_string()) {
        return Parameter::Row(kind);
    }
    if let Some(seconds) = seconds_after(one, time) {
        return Parameter::Time(seconds);
    }
    // The present is kept as it was: what ran out then has run out.
    if Some(one) == other || is_instant(one) {
        return Parameter::Same(one.clone());
    }
    let next = fresh.len();
    let mut symbol = |text: &str| *fresh.entry(text.to_owned()).or_insert(next);
    if Uuid::parse_str(one).is_ok() {
        // A text that is an id is the same id.
        return Parameter::Fresh(symbol(one), Form::Id);
    }
    if let Some(digits) = one.strip_prefix("\\x") {
        return Parameter::Fresh(symbol(one), Form::Bytes(digits.len() / 2));
    }
    if one.parse::<i64>().is_ok() {
        return Parameter::Fresh(symbol(one), Form::Number);
    }
    Parameter::Fresh(symbol(one), Form::Text(one.len()))
}

fn is_instant(text: &str) -> bool {
    instant(text).is_some() || text.parse::<chrono::NaiveDate>().is_ok()
}

pub(crate) fn instant(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let parsed = chrono::DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
    Some(parsed.to_utc())
}

/// How long after the start an instant is that belongs to the booking's own times.
fn seconds_after(text: &str, time: &FreeTime) -> Option<i64> {
    let seconds = (instant(text)? - time.start).num_seconds();
    (-3600..=4 * 3600).contains(&seconds).then_some(seconds)
}

/// Asks PostgreSQL of which type each parameter is: an id may stand in a column of text. Where it
/// cannot tell from the statement, the value says.
pub(crate) async fn learn_types(steps: &mut [Step], db: &mut sqlx::PgConnection) {
    for step in steps.iter_mut().filter(|step| !is_bracket(&step.sql)) {
        let mut known = vec!["unknown"; step.parameters.len()];
        while let Err(untold) = prepare(&known, &step.sql, db).await {
            let digits: String = untold.chars().take_while(char::is_ascii_digit).collect();
            let at: usize = digits.parse().unwrap_or_else(|_| panic!("{untold}: {}", step.sql));
            assert_eq!(known[at - 1], "unknown", "{}", step.sql);
            known[at - 1] = looks(&step.parameters[at - 1]);
        }
        let sql = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'asked'";
        step.types = sqlx::query_scalar(sql).fetch_one(&mut *db).await.unwrap();
        sqlx::raw_sql("DEALLOCATE asked").execute(&mut *db).await.unwrap();
    }
}

/// Prepares a statement, or says which of its parameters must be named.
async fn prepare(known: &[&str], sql: &str, db: &mut sqlx::PgConnection) -> Result<(), String> {
    let list = if known.is_empty() { String::new() } else { format!("({})", known.join(", ")) };
    let sql = format!("PREPARE asked{list} AS {sql}");
    let prepared = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(db).await;
    let told = prepared.err().map(|error| error.to_string());
    told.map_or(Ok(()), |told| {
        Err(told.rsplit_once('$').map_or(told.clone(), |(_, n)| n.to_owned()))
    })
}

/// The type that a value seems to have.
fn looks(parameter: &Parameter) -> &'static str {
    match parameter {
        Parameter::Row(_) | Parameter::Fresh(_, Form::Id) => "uuid",
        Parameter::Time(_) => "timestamptz",
        Parameter::Fresh(_, Form::Bytes(_)) => "bytea",
        Parameter::Fresh(_, Form::Number) => "bigint",
        Parameter::Same(text) if instant(text).is_some() => "timestamptz",
        Parameter::Null | Parameter::Same(_) | Parameter::Fresh(_, Form::Text(_)) => "text",
    }
}
