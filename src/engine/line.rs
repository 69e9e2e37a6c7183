//! What the numbers of a line check mean. The server's own count is what makes the check honest:
//! it tells a loss on the way up from one on the way down.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Fewer probes than this prove nothing.
pub const FEWEST_PROBES: u32 = 20;
/// Share of lost probes, one way, from which voices break up (ITU-T G.1010: speech stands 3 %).
pub const LOSS_DEGRADED: f64 = 0.03;
/// Share of lost probes, one way, from which a visit cannot be held.
pub const LOSS_FAILED: f64 = 0.15;
/// Milliseconds there and back from which people talk over each other (ITU-T G.114: 150 ms one way
/// pass unnoticed, 400 ms are the limit).
pub const RTT_DEGRADED_MS: f64 = 300.0;
/// Milliseconds there and back from which a visit cannot be held.
pub const RTT_FAILED_MS: f64 = 800.0;
/// Milliseconds of jitter that a browser's buffer no longer hides without a delay to be heard.
pub const JITTER_DEGRADED_MS: f64 = 30.0;
/// Milliseconds of jitter from which a visit cannot be held.
pub const JITTER_FAILED_MS: f64 = 100.0;

/// Kilobits a second, one way, below which a picture of 360 lines does not fit (it takes 600 at its
/// best, and is still good with somewhat less).
pub const KBPS_DEGRADED: u32 = 500;
/// Kilobits a second, one way, below which there is no room for a picture beside the voice.
pub const KBPS_FAILED: u32 = 100;

/// What was counted in one check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineNumbers {
    /// On the direct way.
    pub direct: PathNumbers,
    /// Kilobits a second that the server saw arrive; nothing where that was not tried.
    pub up_kbps: Option<u32>,
    /// Kilobits a second that the browser saw arrive.
    pub down_kbps: Option<u32>,
    /// Through the relay; nothing where there is none.
    pub relay: Option<PathNumbers>,
}

/// What was counted on one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathNumbers {
    /// Probes that the browser sent.
    pub sent: u32,
    /// Different probes that reached the server, which sent each of them back.
    pub echoed: u32,
    /// Different probes that came back to the browser.
    pub received: u32,
    /// Milliseconds there and back, the median.
    pub rtt_ms: f64,
    /// Milliseconds by which the time there and back varies.
    pub jitter_ms: f64,
}

/// Whether a visit can be held over this line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineVerdict {
    /// Yes.
    Ok,
    /// Yes, but people will notice.
    Degraded,
    /// No.
    Failed,
}

/// What is wrong with a line; the worst of it, when there is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineFault {
    /// Nothing reached the server: UDP is blocked, most likely.
    NoConnection,
    /// The check was broken off before it could show anything.
    TooShort,
    /// The numbers contradict each other: more came back than went out.
    Inconsistent,
    /// Too much is lost on the way from the browser to the server.
    LossUp,
    /// Too much is lost on the way from the server to the browser.
    LossDown,
    /// The way takes too long.
    Delay,
    /// The time that the way takes varies too much.
    Jitter,
    /// Too little fits on the way from the browser to the server.
    BandwidthUp,
    /// Too little fits on the way from the server to the browser.
    BandwidthDown,
    /// Only the relay's way works.
    NoDirect,
    /// The relay's way does not work.
    NoRelay,
}

/// The judgement of one check.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineResult {
    /// Whether a visit can be held.
    pub verdict: LineVerdict,
    /// Why not, or why only just; none when all is well.
    pub reason: Option<LineFault>,
    /// Share lost from browser to server, 0 to 1.
    pub loss_up: f64,
    /// Share lost from server to browser, 0 to 1.
    pub loss_down: f64,
    /// Milliseconds there and back.
    pub rtt_ms: f64,
    /// Milliseconds of variation.
    pub jitter_ms: f64,
    /// Kilobits a second from browser to server, at most 1,500; nothing where not measured.
    pub up_kbps: Option<u32>,
    /// Kilobits a second from server to browser.
    pub down_kbps: Option<u32>,
    /// Whether the direct way works.
    pub direct_ok: bool,
    /// Whether the relay's way works; nothing where there is no relay.
    pub relay_ok: Option<bool>,
    /// Milliseconds there and back through the relay.
    pub relay_rtt_ms: Option<f64>,
    /// Share lost there and back through the relay, 0 to 1.
    pub relay_loss: Option<f64>,
}

/// Judges the numbers of one check. Each limit belongs to the worse side of it. The visit takes the
/// direct way where that works, else the relay's; `relay_only` says that it may take no other.
pub fn judge(numbers: LineNumbers, relay_only: bool) -> LineResult {
    let works = |path: &PathNumbers| unusable(path).is_none();
    let (direct_ok, relay) = (works(&numbers.direct), numbers.relay);
    let relay_ok = relay.map(|path| works(&path) && lost(path.sent, path.received) < LOSS_FAILED);
    let path = match relay.filter(|_| relay_ok == Some(true)) {
        Some(relay) if relay_only || !direct_ok => relay,
        _ => numbers.direct,
    };
    let (verdict, reason) = match unusable(&path) {
        Some(fault) => (LineVerdict::Failed, Some(fault)),
        None if relay_only && relay_ok != Some(true) => {
            (LineVerdict::Failed, Some(LineFault::NoRelay))
        }
        None => worst(&path, &numbers).unwrap_or(match (direct_ok, relay_ok) {
            (false, _) if !relay_only => (LineVerdict::Degraded, Some(LineFault::NoDirect)),
            (_, Some(false)) => (LineVerdict::Degraded, Some(LineFault::NoRelay)),
            _ => (LineVerdict::Ok, None),
        }),
    };
    let opened = relay.filter(|path| path.echoed > 0);
    LineResult {
        verdict,
        reason,
        loss_up: lost(path.sent, path.echoed),
        loss_down: lost(path.echoed, path.received),
        rtt_ms: path.rtt_ms,
        jitter_ms: path.jitter_ms,
        up_kbps: numbers.up_kbps,
        down_kbps: numbers.down_kbps,
        direct_ok,
        relay_ok,
        relay_rtt_ms: opened.map(|path| path.rtt_ms),
        relay_loss: opened.map(|path| lost(path.sent, path.received)),
    }
}

/// Half of the numbers come from a browser: they may be anything.
fn unusable(path: &PathNumbers) -> Option<LineFault> {
    let times = [path.rtt_ms, path.jitter_ms];
    if path.echoed > path.sent
        || path.received > path.echoed
        || times.iter().any(|ms| !ms.is_finite() || *ms < 0.0)
    {
        Some(LineFault::Inconsistent)
    } else if path.echoed == 0 {
        Some(LineFault::NoConnection)
    } else if path.sent < FEWEST_PROBES {
        Some(LineFault::TooShort)
    } else {
        None
    }
}

/// The worst of what is past a limit, and how bad that is.
fn worst(path: &PathNumbers, numbers: &LineNumbers) -> Option<(LineVerdict, Option<LineFault>)> {
    // What must not be too small is written with the sign turned.
    let room = |kbps: Option<u32>| kbps.map_or(f64::NEG_INFINITY, |kbps| -f64::from(kbps));
    let least = |kbps: u32| -f64::from(kbps) + 0.5;
    let (degraded, failed) = (least(KBPS_DEGRADED), least(KBPS_FAILED));
    let measures = [
        (LineFault::LossUp, lost(path.sent, path.echoed), LOSS_DEGRADED, LOSS_FAILED),
        (LineFault::LossDown, lost(path.echoed, path.received), LOSS_DEGRADED, LOSS_FAILED),
        (LineFault::Delay, path.rtt_ms, RTT_DEGRADED_MS, RTT_FAILED_MS),
        (LineFault::Jitter, path.jitter_ms, JITTER_DEGRADED_MS, JITTER_FAILED_MS),
        (LineFault::BandwidthUp, room(numbers.up_kbps), degraded, failed),
        (LineFault::BandwidthDown, room(numbers.down_kbps), degraded, failed),
    ];
    let first = |verdict, past: fn(f64, f64, f64) -> bool| {
        let fault =
            measures.iter().find(|(_, value, degraded, failed)| past(*value, *degraded, *failed));
        fault.map(|(fault, ..)| (verdict, Some(*fault)))
    };
    first(LineVerdict::Failed, |value, _, failed| value >= failed)
        .or_else(|| first(LineVerdict::Degraded, |value, degraded, _| value >= degraded))
}

fn lost(of: u32, arrived: u32) -> f64 {
    if of == 0 { 0.0 } else { f64::from(of.saturating_sub(arrived)) / f64::from(of) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: PathNumbers =
        PathNumbers { sent: 100, echoed: 100, received: 100, rtt_ms: 40.0, jitter_ms: 3.0 };
    const NONE: PathNumbers =
        PathNumbers { sent: 0, echoed: 0, received: 0, rtt_ms: 0.0, jitter_ms: 0.0 };
    const ALL: LineNumbers =
        LineNumbers { direct: GOOD, up_kbps: Some(1400), down_kbps: Some(1400), relay: Some(GOOD) };

    fn verdict(numbers: LineNumbers, relay_only: bool) -> (LineVerdict, Option<LineFault>) {
        let result = judge(numbers, relay_only);
        (result.verdict, result.reason)
    }

    fn says(direct: PathNumbers) -> (LineVerdict, Option<LineFault>) {
        verdict(LineNumbers { direct, relay: None, ..ALL }, false)
    }

    #[test]
    fn what_fits_is_judged_each_way() {
        use LineFault::{BandwidthDown, BandwidthUp};
        use LineVerdict::{Degraded, Failed, Ok};
        let of = |up_kbps, down_kbps| verdict(LineNumbers { up_kbps, down_kbps, ..ALL }, false);
        assert_eq!(of(Some(500), Some(500)), (Ok, None));
        assert_eq!(of(Some(499), Some(500)), (Degraded, Some(BandwidthUp)));
        assert_eq!(of(Some(500), Some(499)), (Degraded, Some(BandwidthDown)));
        assert_eq!(of(Some(99), Some(499)), (Failed, Some(BandwidthUp)));
        assert_eq!(of(Some(100), Some(0)), (Failed, Some(BandwidthDown)));
        assert_eq!(of(None, None), (Ok, None), "what was not measured is no fault");
    }

    #[test]
    fn the_way_that_the_visit_takes_is_the_one_that_is_judged() {
        use LineFault::{Delay, NoConnection, NoDirect, NoRelay};
        use LineVerdict::{Degraded, Failed, Ok};
        let of = |direct, relay, only| verdict(LineNumbers { direct, relay, ..ALL }, only);
        let slow = PathNumbers { rtt_ms: 900.0, ..GOOD };
        assert_eq!(of(GOOD, Some(slow), false), (Ok, None));
        assert_eq!(of(GOOD, Some(slow), true), (Failed, Some(Delay)));
        assert_eq!(of(GOOD, Some(NONE), false), (Degraded, Some(NoRelay)));
        assert_eq!(of(GOOD, Some(NONE), true), (Failed, Some(NoRelay)));
        assert_eq!(of(GOOD, None, true), (Failed, Some(NoRelay)), "relay only, and there is none");
        assert_eq!(of(NONE, Some(GOOD), false), (Degraded, Some(NoDirect)));
        assert_eq!(of(NONE, Some(GOOD), true), (Ok, None), "it would not be taken anyway");
        assert_eq!(of(NONE, Some(slow), false), (Failed, Some(Delay)));
        assert_eq!(of(NONE, Some(NONE), false), (Failed, Some(NoConnection)));
        assert_eq!(of(NONE, None, false), (Failed, Some(NoConnection)));
        let lossy = PathNumbers { echoed: 90, received: 84, ..GOOD };
        assert_eq!(of(GOOD, Some(lossy), false), (Degraded, Some(NoRelay)));
        let result = judge(LineNumbers { direct: NONE, ..ALL }, false);
        assert_eq!((result.direct_ok, result.relay_ok), (false, Some(true)));
        assert_eq!((result.rtt_ms, result.relay_rtt_ms), (40.0, Some(40.0)));
    }

    #[test]
    fn a_good_line_is_ok_and_says_no_reason() {
        assert_eq!(says(GOOD), (LineVerdict::Ok, None));
        let json = serde_json::to_value(judge(ALL, false)).unwrap();
        assert_eq!(json["verdict"], "ok");
        assert_eq!(json["reason"], serde_json::Value::Null);
    }

    #[test]
    fn every_limit_belongs_to_its_worse_side() {
        use LineFault::{Delay, Jitter, LossDown, LossUp};
        use LineVerdict::{Degraded, Failed, Ok};
        let cases = [
            (PathNumbers { echoed: 98, received: 98, ..GOOD }, Ok, None),
            (PathNumbers { echoed: 97, received: 97, ..GOOD }, Degraded, Some(LossUp)),
            (PathNumbers { echoed: 86, received: 86, ..GOOD }, Degraded, Some(LossUp)),
            (PathNumbers { echoed: 85, received: 85, ..GOOD }, Failed, Some(LossUp)),
            (PathNumbers { received: 98, ..GOOD }, Ok, None),
            (PathNumbers { received: 97, ..GOOD }, Degraded, Some(LossDown)),
            (PathNumbers { received: 85, ..GOOD }, Failed, Some(LossDown)),
            (PathNumbers { rtt_ms: 299.9, ..GOOD }, Ok, None),
            (PathNumbers { rtt_ms: 300.0, ..GOOD }, Degraded, Some(Delay)),
            (PathNumbers { rtt_ms: 800.0, ..GOOD }, Failed, Some(Delay)),
            (PathNumbers { jitter_ms: 29.9, ..GOOD }, Ok, None),
            (PathNumbers { jitter_ms: 30.0, ..GOOD }, Degraded, Some(Jitter)),
            (PathNumbers { jitter_ms: 100.0, ..GOOD }, Failed, Some(Jitter)),
        ];
        for (numbers, verdict, reason) in cases {
            assert_eq!(says(numbers), (verdict, reason), "{numbers:?}");
        }
    }

    #[test]
    fn the_worst_fault_is_named_not_the_first() {
        let numbers = PathNumbers { echoed: 96, received: 96, rtt_ms: 900.0, ..GOOD };
        assert_eq!(says(numbers), (LineVerdict::Failed, Some(LineFault::Delay)));
    }

    #[test]
    fn a_check_that_shows_nothing_is_never_good() {
        let none = PathNumbers { echoed: 0, received: 0, ..GOOD };
        assert_eq!(says(none), (LineVerdict::Failed, Some(LineFault::NoConnection)));
        let short = PathNumbers { sent: 19, echoed: 19, received: 19, ..GOOD };
        assert_eq!(says(short), (LineVerdict::Failed, Some(LineFault::TooShort)));
        let enough = PathNumbers { sent: 20, echoed: 20, received: 20, ..GOOD };
        assert_eq!(says(enough), (LineVerdict::Ok, None));
        for wrong in [
            PathNumbers { echoed: 101, ..GOOD },
            PathNumbers { received: 101, ..GOOD },
            PathNumbers { rtt_ms: f64::NAN, ..GOOD },
            PathNumbers { jitter_ms: -1.0, ..GOOD },
        ] {
            assert_eq!(says(wrong), (LineVerdict::Failed, Some(LineFault::Inconsistent)));
        }
    }

    #[test]
    fn losses_are_counted_for_each_way_alone() {
        let direct = PathNumbers { echoed: 80, received: 40, ..GOOD };
        let result = judge(LineNumbers { direct, ..ALL }, false);
        assert!((result.loss_up - 0.2).abs() < 1e-9);
        assert!((result.loss_down - 0.5).abs() < 1e-9);
    }
}
