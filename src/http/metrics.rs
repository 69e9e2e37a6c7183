//! Counts for whoever watches over the server, as Prometheus reads them (text format 0.0.4). They
//! are served on a listener of their own, never where the world comes in, and hold numbers only:
//! no ids, no names, no addresses.

use std::fmt::Write;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::actions::App;
use crate::actions::fold;
use crate::live::media::room::RoomCounts;
use crate::live::turn::TurnCounts;
use crate::model::event::Check;

/// The router of the listener.
pub fn router(app: App) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(app)
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let waiting = match app.store.read().await {
        Ok(mut tx) => tx.deliveries_due(app.clock.now()).await.ok(),
        Err(_) => None,
    };
    let checks = fold::last(&app).await.unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text(&app, waiting, &checks))
}

fn text(app: &App, outbox: Option<i64>, checks: &[Check]) -> String {
    let mut page = Page(String::new());
    page.now("sockets", "Signaling sockets that are open.", app.hub.connected());
    page.now("line_checks", "Line checks that are going on.", app.line_checks.count());
    if let Some(waiting) = outbox {
        page.now("outbox_waiting", "Messages that are due and not sent.", waiting);
    }
    of_checks(&mut page, checks);
    of_rooms(&mut page, app.rooms.counts());
    if let Some(counts) = app.relay.counts() {
        of_relay(&mut page, counts);
    }
    page.0
}

/// What the last checks found, the night's of all bookings and that of what changed: a check of what
/// changed says nothing of a booking that stood wrong before. None of a scope that was never checked.
fn of_checks(page: &mut Page, checks: &[Check]) {
    let scoped = |value: fn(&Check) -> i64| {
        checks.iter().map(move |check| (check.scope.as_str(), value(check)))
    };
    page.scoped(
        "booking_divergences",
        "Bookings that stood otherwise than their events say, at the last check.",
        scoped(|check| check.divergent),
    );
    page.scoped(
        "booking_check_time_seconds",
        "When the last check began, in seconds since 1970.",
        scoped(|check| check.started_at.timestamp()),
    );
}

fn of_rooms(page: &mut Page, counts: RoomCounts) {
    page.now("rooms", "Forwarding rooms that are open.", counts.rooms);
    page.now("room_members", "People in forwarding rooms.", counts.members);
    let sums = [
        ("room_packets_received", "Media packets that came.", counts.received),
        ("room_packets_forwarded", "Media packets sent on.", counts.forwarded),
        ("room_packets_dropped", "Media packets a viewer was too slow for.", counts.dropped),
        ("room_key_frames", "Requests for a key frame.", counts.key_frames),
    ];
    for (name, help, value) in sums {
        page.sum(name, help, value);
    }
}

fn of_relay(page: &mut Page, counts: TurnCounts) {
    page.now("turn_allocations", "Allocations of the relay that live.", counts.live);
    let sums = [
        ("turn_allocations_made", "Allocations made.", counts.allocations),
        ("turn_allocations_refused", "Allocations refused.", counts.allocations_refused),
        ("turn_names_refused", "Requests under a name that is not good.", counts.names_refused),
        ("turn_requests_refused", "Requests answered with an error.", counts.requests_refused),
        ("turn_challenges", "Challenges sent.", counts.challenges),
        ("turn_packets_relayed", "Packets relayed, both ways.", counts.packets_relayed),
        ("turn_bytes_relayed", "Bytes relayed, both ways.", counts.bytes_relayed),
        ("turn_peers_refused", "Packets dropped for their peer.", counts.peers_refused),
        ("turn_permissions_refused", "Permissions refused.", counts.permissions_refused),
        ("turn_over_rate", "Packets dropped as too many of one holder.", counts.over_rate),
        ("turn_throttled", "Requests dropped as too many.", counts.throttled),
        ("turn_junk", "Datagrams dropped that are not of the protocol.", counts.junk),
    ];
    for (name, help, value) in sums {
        page.sum(name, help, value);
    }
}

/// What is being written.
struct Page(String);

impl Page {
    /// How many there are now.
    fn now(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.one(name, help, "gauge", value);
    }

    /// How many there have been since the start.
    fn sum(&mut self, name: &str, help: &str, value: u64) {
        self.one(&format!("{name}_total"), help, "counter", value);
    }

    /// How many there are now, of each scope.
    fn scoped<'a>(&mut self, name: &str, help: &str, values: impl Iterator<Item = (&'a str, i64)>) {
        let mut values = values.peekable();
        if values.peek().is_none() {
            return;
        }
        let _ = writeln!(self.0, "# HELP onshin_{name} {help}\n# TYPE onshin_{name} gauge");
        for (scope, value) in values {
            let _ = writeln!(self.0, "onshin_{name}{{scope=\"{scope}\"}} {value}");
        }
    }

    fn one(&mut self, name: &str, help: &str, kind: &str, value: impl std::fmt::Display) {
        // Writing to a String does not fail.
        let _ = writeln!(
            self.0,
            "# HELP onshin_{name} {help}\n# TYPE onshin_{name} {kind}\nonshin_{name} {value}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relays_counts_are_written_as_prometheus_reads_them() {
        let mut page = Page(String::new());
        of_relay(&mut page, TurnCounts { live: 3, junk: 7, ..TurnCounts::default() });
        let lines: Vec<&str> = page.0.lines().collect();
        assert_eq!(
            lines[1..3],
            ["# TYPE onshin_turn_allocations gauge", "onshin_turn_allocations 3"]
        );
        assert!(lines.contains(&"# TYPE onshin_turn_junk_total counter"));
        assert!(lines.contains(&"onshin_turn_junk_total 7"));
        assert_eq!(lines.len() % 3, 0);
    }
}
