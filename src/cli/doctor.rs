//! `onshin doctor`: looks at everything a start depends on, changes nothing, and says what is wrong.
//! Exit 0 when nothing is, else 1.

use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;

use super::Context;
use super::config::{Config, MasterKey, TurnMode};
use super::failure::{Exit, Failure};
use super::parts;
use crate::seal::Vault;
use crate::store::Store;
use crate::time::{Clock, Instant};

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Warning,
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    detail: String,
}

impl Check {
    fn new(name: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self { name, state, detail: detail.into() }
    }
}

/// Looks at everything and prints what it found.
pub(super) async fn run(context: &Context) -> Result<(), Failure> {
    let config = &context.config;
    // Before the database is opened, which may write to its file.
    let clock = clock(Clock::System.now(), config.sqlite_path().as_deref());
    let (database, proof, bookings) = database(config).await;
    let key = master_key(&config.master_key(), proof.as_deref());
    let checks = [address(config), relay(config), key, clock, database, bookings];
    if context.json {
        super::print_json(&serde_json::json!({ "schema": "onshin.doctor/1", "checks": checks }))?;
    } else {
        super::print(&checks.iter().map(line).collect::<String>())?;
    }
    let wrong: Vec<&str> =
        checks.iter().filter(|check| check.state == State::Wrong).map(|check| check.name).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let detail = format!("not in order: {}", wrong.join(", "));
    Err(Failure::new(Exit::Failure, "doctor", "Something is not in order", detail))
}

fn line(check: &Check) -> String {
    let state = match check.state {
        State::Ok => "ok",
        State::Warning => "warning",
        State::Wrong => "WRONG",
    };
    format!("{state:<8} {:<11} {}\n", check.name, check.detail)
}

/// The address in links must be one whose cookies and cameras browsers allow.
fn address(config: &Config) -> Check {
    let url = config.public_url();
    let check = |state, detail: &str| Check::new("address", state, format!("{url}: {detail}"));
    if url.starts_with("https://") {
        check(State::Ok, "by https")
    } else if is_local(&url) {
        check(State::Ok, "reachable from this machine only")
    } else {
        check(State::Wrong, "browsers give camera and cookies to https only; set public_url")
    }
}

/// Whether an address means this machine, which browsers trust without https.
fn is_local(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// A relay that listens where no patient can reach it helps nobody.
fn relay(config: &Config) -> Check {
    let turn = &config.turn;
    match turn.mode {
        TurnMode::Off => Check::new(
            "relay",
            State::Warning,
            "off: calls between strict networks will not connect",
        ),
        TurnMode::External => Check::new("relay", State::Ok, turn.urls.join(", ")),
        TurnMode::Embedded => {
            let reachable = turn.relay_ip.unwrap_or(turn.listen.ip());
            let detail = format!("embedded, on {} as {reachable}", turn.listen);
            match relay_fault(config) {
                None => Check::new("relay", State::Ok, detail),
                Some(fault) => Check::new("relay", State::Wrong, format!("{detail}: {fault}")),
            }
        }
    }
}

/// Why patients would not reach the embedded relay, as far as the settings show.
pub(super) fn relay_fault(config: &Config) -> Option<&'static str> {
    let (turn, listen) = (&config.turn, config.turn.listen.ip());
    if turn.mode != TurnMode::Embedded {
        return None;
    }
    let reachable = turn.relay_ip.unwrap_or(listen);
    let inside = reachable.is_loopback() || listen.is_loopback();
    if reachable.is_unspecified() {
        Some("no patient can reach that; set turn.relay_ip")
    } else if inside && !is_local(&config.public_url()) {
        Some("patients cannot reach it; set turn.listen")
    } else {
        None
    }
}

/// The master key must be there, readable by its owner alone, and the one that this database was
/// sealed with, as its `proof` shows.
fn master_key(place: &MasterKey, proof: Option<&[u8]>) -> Check {
    let check = |state, detail: String| Check::new("master key", state, detail);
    let key = match parts::present_key(place) {
        Ok(key) => key,
        Err(failure) => return check(State::Wrong, failure.problem.detail),
    };
    let shown = match place {
        MasterKey::Given(_) => "given by a setting".to_owned(),
        MasterKey::File { path, .. } if key.is_some() => format!("{} (mode 600)", path.display()),
        MasterKey::File { path, .. } => path.display().to_string(),
    };
    match (key, proof) {
        (None, Some(_)) => check(State::Wrong, parts::lost(place)),
        (None, None) => check(State::Ok, format!("{shown} will be made at the first start")),
        (Some(_), None) => check(State::Ok, format!("{shown}, not used yet")),
        (Some(key), Some(proof)) if Vault::new(&key).proof() == proof => {
            check(State::Ok, format!("{shown}, that of the database"))
        }
        (Some(_), Some(_)) => check(State::Wrong, format!("{shown}: {}", parts::OTHER_KEY)),
    }
}

/// A clock that runs behind what was already written makes holds that never end.
fn clock(now: Instant, database: Option<&Path>) -> Check {
    let check = |state, what: &str| {
        let zones = chrono_tz::IANA_TZDB_VERSION;
        let now = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        Check::new("clock", state, format!("{now}{what}, time zones of {zones}"))
    };
    let written = database
        .and_then(|path| path.metadata().ok())
        .and_then(|file| DateTime::<Utc>::from_timestamp(file.mtime(), 0));
    if now.year() < 2026 {
        check(State::Wrong, ": this program is younger than that")
    } else if written.is_some_and(|written| written > now + chrono::TimeDelta::minutes(1)) {
        check(State::Wrong, ": the database was written later than that")
    } else {
        check(State::Ok, "")
    }
}

/// The database must answer, and keep what it was given through a power cut. With what its master
/// key answers, where it has one, and how its bookings stand.
async fn database(config: &Config) -> (Check, Option<Vec<u8>>, Check) {
    let shown = config.database_shown();
    let check = |state, detail: &str| Check::new("database", state, format!("{shown}: {detail}"));
    let unchecked = || Check::new("bookings", State::Ok, "not compared with their record yet");
    if config.sqlite_path().is_some_and(|path| !path.exists()) {
        return (check(State::Ok, "will be made at the first start"), None, unchecked());
    }
    let store = match Store::connect(config.database()).await {
        Ok(store) => store,
        Err(error) => return (check(State::Wrong, &error.to_string()), None, unchecked()),
    };
    let (found, proof) = (store.durability().await, store.proof().await);
    let bookings = bookings(&store).await.unwrap_or_else(unchecked);
    store.close().await;
    let (found, proof) = match (found, proof) {
        (Err(error), _) | (_, Err(error)) => {
            return (check(State::Wrong, &error.to_string()), None, bookings);
        }
        (Ok(found), Ok(proof)) => (found, proof),
    };
    let check = match found {
        Ok(()) => check(State::Ok, "answers, and keeps what it was given"),
        Err(weak) => check(State::Wrong, &weak),
    };
    (check, proof, bookings)
}

/// What the last check of bookings found; nothing before the first, or in an older schema.
async fn bookings(store: &Store) -> Option<Check> {
    let last = store.read().await.ok()?.checks(None, 1).await.ok()?.pop()?;
    let at = last.started_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let (all, differ) = (last.bookings, last.divergent);
    let state = if differ == 0 { State::Ok } else { State::Wrong };
    let detail = format!("{differ} of {all} stood otherwise than their record says at {at}");
    Some(Check::new("bookings", state, detail))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::seal::Key;

    #[test]
    fn an_address_of_this_machine_needs_no_https() {
        for url in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1/x"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["http://127.example.jp", "http://0.0.0.0:8080", "http://localhost.example.jp"] {
            assert!(!is_local(url), "{url}");
        }
    }

    #[test]
    fn a_relay_that_patients_cannot_reach_is_a_fault() {
        let fault = |url: &str, listen: &str, ip: &str| {
            let env = [
                ("ONSHIN_PUBLIC_URL", url),
                ("ONSHIN_TURN__LISTEN", listen),
                ("ONSHIN_TURN__RELAY_IP", ip),
            ];
            let env = env.into_iter().filter(|(_, text)| !text.is_empty());
            let env = env.map(|(name, text)| (name.to_owned(), text.to_owned()));
            let folder = tempfile::tempdir().unwrap();
            let config = Config::load(None, folder.path(), env, &[]).unwrap();
            assert_eq!(relay(&config).state == State::Ok, relay_fault(&config).is_none());
            relay_fault(&config).is_some()
        };
        let (site, inside, all) = ("https://care.example", "127.0.0.1:3478", "0.0.0.0:3478");
        assert!(fault(site, inside, ""));
        assert!(fault(site, all, ""));
        assert!(fault(site, inside, "203.0.113.7"));
        assert!(!fault(site, all, "203.0.113.7"));
        assert!(!fault(site, "203.0.113.7:3478", ""));
        assert!(!fault("", inside, ""));
        assert!(!fault("https://localhost", inside, ""));
    }

    #[test]
    fn a_key_that_others_can_read_is_wrong_and_a_missing_one_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let file = |may_create| MasterKey::File { path: path.clone(), may_create };
        let proof = |byte| Vault::new(&Key::from_slice(&[byte; 32]).unwrap()).proof();
        let state =
            |place: &MasterKey, proof: Option<Vec<u8>>| master_key(place, proof.as_deref()).state;
        assert_eq!(state(&file(true), None), State::Ok);
        assert_eq!(state(&file(true), Some(proof(7))), State::Wrong);
        assert_eq!(state(&file(false), None), State::Wrong);
        assert!(!path.exists());
        std::fs::write(&path, STANDARD.encode([7; 32])).unwrap();
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
        mode(0o600).unwrap();
        assert_eq!(state(&file(true), None), State::Ok);
        assert_eq!(state(&file(true), Some(proof(7))), State::Ok);
        assert_eq!(state(&file(true), Some(proof(8))), State::Wrong);
        mode(0o640).unwrap();
        assert_eq!(state(&file(true), Some(proof(7))), State::Wrong);
        assert_eq!(state(&MasterKey::Given("short".to_owned().into()), None), State::Wrong);
    }

    #[test]
    fn a_clock_behind_the_database_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("onshin.db");
        let now = Clock::System.now();
        std::fs::write(&path, "x").unwrap();
        assert_eq!(clock(now, Some(&path)).state, State::Ok);
        assert_eq!(clock(now - chrono::TimeDelta::hours(1), Some(&path)).state, State::Wrong);
        assert_eq!(clock(now, None).state, State::Ok);
    }
}
