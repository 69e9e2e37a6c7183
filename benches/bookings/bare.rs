//! The limits beside which the server is put: the same statements without the server.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::Datelike;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, SqliteConnection};

use crate::data::{CLINICIANS, Data, FREE, FreeTime, Kind, id, instant, mixed, prefix};
use crate::statements::{self, Form, Parameter, Step, is_bracket};

/// Times that a bare loop may take in a second: more than it will.
pub(crate) const RESERVED: u64 = 4000;

/// A script for pgbench that says what one booking says, each time for another one, from the free
/// time `first` on; each client `each` of them at most.
pub(crate) fn script(steps: &[Step], data: Data, first: u64, each: u64) -> String {
    // The days that are open follow each other in weeks of five.
    let day = data.open_days()[0];
    let weekday = day.weekday().num_days_from_monday();
    let (clinicians, from) = (data.clinicians(), instant(day, 17 * 60).timestamp());
    let mut script = format!(
        "\\set i :i + 1\n\\set n {first} + :client_id * {each} + :i\n\
         \\set clinician :n % {clinicians}\n\\set facility :clinician / {CLINICIANS}\n\
         \\set round :n / {clinicians}\n\\set day :round / {FREE} + {weekday}\n\
         \\set days :day / 5 * 7 + :day % 5 - {weekday}\n\
         \\set start {from} + (:round % {FREE}) * 900 + :days * 86400\n"
    );
    for step in steps {
        let mut sql = step.sql.clone();
        for (at, parameter) in step.parameters.iter().enumerate().rev() {
            let kind = step.types.get(at).map_or("text", String::as_str);
            sql = sql.replace(&format!("${}", at + 1), &expression(parameter, kind));
        }
        script += &sql;
        script += ";\n";
    }
    script
}

fn expression(parameter: &Parameter, kind: &str) -> String {
    let row = |table: Kind, number: &str| {
        let digits = uuid::Uuid::from_u128(prefix(table)).to_string();
        format!("('{}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid", &digits[..24])
    };
    let value = match parameter {
        Parameter::Null => "NULL".to_owned(),
        Parameter::Same(text) => match statements::instant(text) {
            // A colon before a name would be pgbench's.
            Some(time) => {
                format!("to_timestamp({}.{:06})", time.timestamp(), time.timestamp_subsec_micros())
            }
            None => format!("'{}'", text.replace('\'', "''")),
        },
        Parameter::Row(table @ Kind::Clinician) => row(*table, ":clinician"),
        Parameter::Row(table) => row(*table, ":facility"),
        Parameter::Time(seconds) => format!("to_timestamp(:start::bigint + {seconds})"),
        Parameter::Fresh(which, form) => {
            let hash = format!("md5(:n::text || '/{which}')");
            match form {
                Form::Id => format!("{hash}::uuid"),
                Form::Bytes(length) => {
                    let copies = length.div_ceil(16);
                    format!("substr(decode(repeat({hash}, {copies}), 'hex'), 1, {length})")
                }
                Form::Text(length) => format!("substr({hash}, 1, {length})"),
                Form::Number => ":n".to_owned(),
            }
        }
    };
    format!("({value})::{kind}")
}

/// Runs `script` with pgbench: transactions per second.
pub(crate) fn pgbench(url: &str, script: &Path, clients: u64, time: Duration) -> f64 {
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--define=i=0"])
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", time.as_secs()))
        .arg(format!("--file={}", script.display()))
        .arg(url)
        .output()
        .unwrap();
    let (told, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && !errors.contains("ERROR"), "pgbench: {errors}\n{told}");
    let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap_or_else(|| {
        panic!("pgbench said no rate: {told}");
    });
    rate.split(' ').next().and_then(|rate| rate.parse().ok()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The same statements on SQLite in a bare loop, `group` bookings to a commit: bookings a second.
/// One connection writes and one reads, as many as there are processors here, and the slower counts.
pub(crate) async fn sqlite(
    path: &Path,
    steps: &[Step],
    group: f64,
    data: Data,
    first: u64,
    time: Duration,
) -> f64 {
    let (kept, looked_up) = parted(steps);
    let options = SqliteConnectOptions::new().filename(path).pragma("synchronous", "FULL");
    let options = options.pragma("temp_store", "memory").foreign_keys(true);
    let mut writer: SqliteConnection = options.clone().connect().await.unwrap();
    let mut reader: SqliteConnection = options.read_only(true).connect().await.unwrap();
    let until = Instant::now() + time;
    let reading = tokio::spawn(async move {
        let mut number = first;
        while Instant::now() < until {
            for deed in &looked_up {
                execute(&mut reader, "BEGIN").await;
                say(&mut reader, deed, &data.free(number), number).await;
                execute(&mut reader, "ROLLBACK").await;
            }
            number += 1;
        }
        number - first
    });
    let (mut number, mut open, mut due) = (first, 0.0, group);
    while Instant::now() < until || open > 0.0 {
        for deed in &kept {
            if open == 0.0 {
                execute(&mut writer, "BEGIN IMMEDIATE").await;
            }
            say(&mut writer, deed, &data.free(number), number).await;
            open += 1.0;
            if open >= due {
                execute(&mut writer, "COMMIT").await;
                // A group of 2.5 is one of two and one of three.
                due = group + (due - open);
                open = 0.0;
            }
        }
        number += 1;
    }
    let (written, read) = (number - first, reading.await.unwrap());
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
    let rate = written.min(read) as f64 / time.as_secs_f64();
    rate
}

/// The deeds that write and those that only read, each without its brackets, and without the locks
/// that SQLite needs none of.
fn parted(steps: &[Step]) -> (Vec<Vec<Step>>, Vec<Vec<Step>>) {
    let (mut writes, mut reads) = (Vec::new(), Vec::new());
    let mut deed: Vec<Step> = Vec::new();
    for step in steps {
        if !is_bracket(&step.sql) {
            if !step.sql.contains("pg_advisory") {
                deed.push(step.clone());
            }
        } else if !deed.is_empty() {
            let kept = std::mem::take(&mut deed);
            if step.sql == "COMMIT" { writes.push(kept) } else { reads.push(kept) }
        }
    }
    (writes, reads)
}

async fn execute(db: &mut SqliteConnection, sql: &'static str) {
    sqlx::query(sql).execute(db).await.unwrap();
}

async fn say(db: &mut SqliteConnection, deed: &[Step], time: &FreeTime, number: u64) {
    for step in deed {
        let mut arguments = SqliteArguments::default();
        for (parameter, kind) in step.parameters.iter().zip(&step.types) {
            bind(&mut arguments, parameter, kind, time, number);
        }
        let query = sqlx::query_with(AssertSqlSafe(step.sql.as_str()), arguments);
        query.fetch_all(&mut *db).await.unwrap_or_else(|error| panic!("{error}: {}", step.sql));
    }
}

fn bind(
    arguments: &mut SqliteArguments,
    parameter: &Parameter,
    kind: &str,
    time: &FreeTime,
    number: u64,
) {
    let salt = |which: &usize| mixed(number << 8 | *which as u64);
    let done = match parameter {
        Parameter::Null => arguments.add(None::<String>),
        Parameter::Row(table @ Kind::Clinician) => arguments.add(id(*table, time.clinician)),
        Parameter::Row(table) => arguments.add(id(*table, time.facility)),
        Parameter::Time(after) => arguments.add(time.start + chrono::TimeDelta::seconds(*after)),
        Parameter::Fresh(which, Form::Id) => {
            let value = uuid::Uuid::from_u64_pair(salt(which), number);
            if kind == "text" { arguments.add(value.to_string()) } else { arguments.add(value) }
        }
        Parameter::Fresh(which, Form::Bytes(length)) => {
            let words = (0..).map(|nth| mixed(salt(which) + nth).to_be_bytes());
            arguments.add(words.flatten().take(*length).collect::<Vec<u8>>())
        }
        Parameter::Fresh(which, Form::Text(length)) => {
            let digits = format!("{:016x}", salt(which));
            arguments.add(digits.chars().cycle().take(*length).collect::<String>())
        }
        Parameter::Fresh(_, Form::Number) => arguments.add(number.cast_signed()),
        Parameter::Same(text) => same(arguments, text, kind),
    };
    done.unwrap();
}

fn same(
    arguments: &mut SqliteArguments,
    text: &str,
    kind: &str,
) -> Result<(), sqlx::error::BoxDynError> {
    match kind {
        "bigint" | "integer" => arguments.add(text.parse::<i64>()?),
        "boolean" => arguments.add(text == "t"),
        "uuid" => arguments.add(text.parse::<uuid::Uuid>()?),
        "timestamp with time zone" => arguments.add(statements::instant(text)),
        "bytea" => {
            let digits = text.trim_start_matches("\\x");
            let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16);
            let bytes: Result<Vec<u8>, _> = (0..digits.len()).step_by(2).map(byte).collect();
            arguments.add(bytes?)
        }
        _ => arguments.add(text.to_owned()),
    }
}
