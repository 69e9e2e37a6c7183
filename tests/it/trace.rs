//! What the log says of a request, and what it does not.

use serde_json::Value;

use crate::support::raw;
use crate::support::served::{Served, onshin};

/// The lines of the log that are about a request.
fn lines<'a>(log: &'a str, path: &str) -> Vec<&'a str> {
    let path = format!("path=\"{path}\"");
    log.lines().filter(|line| line.contains(&path)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_leaves_its_route_in_the_log_and_nothing_personal() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = onshin(folder.path());
    command.env("ONSHIN_LOG__FILTER", "info,onshin=debug").env("NO_COLOR", "1");
    let served = Served::start(command);
    let ask = |path: &str| served.ask("GET", path, "", &Value::Null);
    let found = ask("/api/facilities?q=canary1");
    assert_eq!(found.status, 200);
    assert_eq!(ask("/api/facilities/canary2").status, 404);
    assert_eq!(ask("/canary3/canary4?canary5").status, 404);
    served.ask("CANARY6", "/livez", "", &Value::Null);
    // What goes wrong inside is said under the same number.
    let url = format!("sqlite:{}/var/onshin.db", folder.path().display());
    raw::execute(&url, "ALTER TABLE session RENAME TO gone").await.unwrap();
    let cookie = format!("__Host-onshin-staff={}", "A".repeat(43));
    let failed = served.ask("GET", "/api/session", &cookie, &Value::Null);
    assert_eq!(failed.status, 500);
    let log = String::from_utf8(served.stop()).unwrap();

    assert!(!log.to_lowercase().contains("canary"), "{log}");
    let id = found.header("x-request-id").unwrap();
    assert!(id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    let line = lines(&log, "/api/facilities").concat();
    assert!(line.contains(&format!("id=\"{id}\"")) && line.contains("DEBUG"), "{line}");
    assert!(line.contains("method=\"GET\"") && line.contains("status=200 ms="), "{line}");
    assert!(lines(&log, "/api/facilities/{id}").concat().contains("status=404"), "{log}");
    assert!(lines(&log, "-").concat().contains("status=404"), "{log}");
    assert!(lines(&log, "/livez").concat().contains("method=\"other\""), "{log}");
    let id = format!("id=\"{}\"", failed.header("x-request-id").unwrap());
    let told: Vec<_> = log.lines().filter(|line| line.contains(&id)).collect();
    assert!(told.iter().any(|line| line.contains("request failed")), "{log}");
    let answered = told.iter().find(|line| line.contains("status=500")).unwrap();
    assert!(answered.contains("INFO"), "{answered}");
}
