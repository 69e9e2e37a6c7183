//! What one request says to the database, by PostgreSQL's own log and the server's, read once.
//!
//! The statements of one booking become a script that says the same for another one: values that
//! differ between two bookings are made anew, those that do not are kept. So the bare loops beside
//! the server run what the server runs, without anybody copying SQL by hand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::data::{FreeTime, Kind, id};

/// Marks the beginning of an entry of the log.
const PREFIX: &str = "@@";

/// One statement with the texts of its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// The backend that ran it.
    backend: u32,
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

/// Whether it begins or ends a transaction.
pub(crate) fn is_bracket(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| sql.starts_with(word))
}

/// The settings under which PostgreSQL logs statements as [`Log::read`] reads them.
pub(crate) const ON: [&str; 3] = [
    "ALTER SYSTEM SET log_line_prefix = '@@%p '",
    "ALTER SYSTEM SET log_statement = 'all'",
    "SELECT pg_reload_conf()",
];
/// And under which it does not.
pub(crate) const OFF: [&str; 2] = ["ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()"];
/// What lets the server log each statement with the request that it belongs to.
pub(crate) const FILTER: &str = "warn,onshin=info,sqlx::query=debug";

/// Two logs from now on: PostgreSQL's has the parameters, the server's tells which statements are a
/// request's and which are work that goes on beside it.
pub(crate) struct Log {
    postgres: (PathBuf, usize),
    server: (PathBuf, usize),
}

fn rest((path, from): &(PathBuf, usize)) -> String {
    let bytes = std::fs::read(path).unwrap();
    String::from_utf8_lossy(&bytes[*from.min(&bytes.len())..]).into_owned()
}

impl Log {
    pub(crate) fn from_here(postgres: &Path, server: &Path) -> Self {
        let here =
            |path: &Path| (path.to_owned(), std::fs::read(path).map_or(0, |bytes| bytes.len()));
        Self { postgres: here(postgres), server: here(server) }
    }

    /// The statements of the one request that was served since, in order, those that begin and end
    /// its transactions among them. Nothing where the server did the same beside the request, as it
    /// does every few seconds: then both cannot be told apart.
    pub(crate) async fn read(&self) -> Option<Vec<Statement>> {
        // What is written last may be a moment late.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let own = of_requests(&rest(&self.server));
        let mut found: Vec<Statement> = Vec::new();
        let said = statements(&rest(&self.postgres)).into_iter();
        for transaction in transactions(said.filter(|one| !is_of_types(&one.sql)).collect()) {
            let mut said = transaction.iter().filter(|one| !is_bracket(&one.sql)).peekable();
            if said.peek().is_some() && said.all(|one| own.contains(&one.sql)) {
                found.extend(transaction);
            }
        }
        let heard = found.iter().filter(|one| !is_bracket(&one.sql)).count();
        assert!(heard >= own.len(), "PostgreSQL: {found:#?}\nthe server: {own:#?}");
        (heard == own.len()).then_some(found)
    }
}

/// The statements that the server logged within a request.
fn of_requests(log: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let own =
        lines.filter(|line| line["target"] == "sqlx::query" && line["span"]["name"] == "request");
    let text = |line: Value| {
        let whole = line["db.statement"].as_str().filter(|sql| !sql.is_empty());
        one_line(whole.or(line["summary"].as_str()).unwrap_or_default())
    };
    own.map(text).filter(|sql| !is_of_types(sql) && !is_bracket(sql)).collect()
}

/// Whether it is what a new connection asks about the types of columns, once.
fn is_of_types(sql: &str) -> bool {
    sql.starts_with("SELECT pg_type.")
}

/// What PostgreSQL logged.
fn statements(log: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for entry in format!("\n{log}").split(&format!("\n{PREFIX}")) {
        let Some((backend, entry)) = entry.split_once(' ') else { continue };
        let Ok(backend) = backend.parse() else { continue };
        let mut add = |sql: &str| {
            found.push(Statement { backend, sql: one_line(sql), parameters: Vec::new() });
        };
        if let Some(rest) = entry.strip_prefix("LOG:  execute ") {
            add(rest.split_once(": ").map_or(rest, |(_, sql)| sql));
        } else if let Some(sql) = entry.strip_prefix("LOG:  statement: ") {
            add(sql);
        } else if let Some(list) = entry.strip_prefix("DETAIL:  parameters: ") {
            let last = found.iter_mut().rfind(|last| last.backend == backend);
            if let Some(last) = last {
                last.parameters = parameters(list);
            }
        }
    }
    found
}

/// The same by transaction, in the order of their beginnings.
fn transactions(statements: Vec<Statement>) -> Vec<Vec<Statement>> {
    let mut found: Vec<Vec<Statement>> = Vec::new();
    let mut open: HashMap<u32, usize> = HashMap::new();
    for statement in statements {
        let backend = statement.backend;
        let begins = statement.sql.starts_with("BEGIN");
        let ends = !begins && is_bracket(&statement.sql);
        match open.get(&backend).filter(|_| !begins) {
            Some(at) => found[*at].push(statement),
            None => found.push(vec![statement]),
        }
        if begins {
            open.insert(backend, found.len() - 1);
        } else if ends {
            open.remove(&backend);
        }
    }
    found
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
