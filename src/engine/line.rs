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

/// What was counted in one check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineNumbers {
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
    /// Probes that reached the server more than once.
    pub duplicates: u32,
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
}

/// Judges the numbers of one check. Each limit belongs to the worse side of it.
pub fn judge(numbers: LineNumbers) -> LineResult {
    let (verdict, reason) = match unusable(&numbers) {
        Some(fault) => (LineVerdict::Failed, Some(fault)),
        None => worst(&numbers),
    };
    LineResult {
        verdict,
        reason,
        loss_up: lost(numbers.sent, numbers.echoed),
        loss_down: lost(numbers.echoed, numbers.received),
        rtt_ms: numbers.rtt_ms,
        jitter_ms: numbers.jitter_ms,
    }
}

/// Half of the numbers come from a browser: they may be anything.
fn unusable(numbers: &LineNumbers) -> Option<LineFault> {
    let times = [numbers.rtt_ms, numbers.jitter_ms];
    if numbers.echoed > numbers.sent
        || numbers.received > numbers.echoed
        || times.iter().any(|ms| !ms.is_finite() || *ms < 0.0)
    {
        Some(LineFault::Inconsistent)
    } else if numbers.echoed == 0 {
        Some(LineFault::NoConnection)
    } else if numbers.sent < FEWEST_PROBES {
        Some(LineFault::TooShort)
    } else {
        None
    }
}

fn worst(numbers: &LineNumbers) -> (LineVerdict, Option<LineFault>) {
    let measures = [
        (LineFault::LossUp, lost(numbers.sent, numbers.echoed), LOSS_DEGRADED, LOSS_FAILED),
        (LineFault::LossDown, lost(numbers.echoed, numbers.received), LOSS_DEGRADED, LOSS_FAILED),
        (LineFault::Delay, numbers.rtt_ms, RTT_DEGRADED_MS, RTT_FAILED_MS),
        (LineFault::Jitter, numbers.jitter_ms, JITTER_DEGRADED_MS, JITTER_FAILED_MS),
    ];
    let first = |verdict, past: fn(f64, f64, f64) -> bool| {
        let fault =
            measures.iter().find(|(_, value, degraded, failed)| past(*value, *degraded, *failed));
        fault.map(|(fault, ..)| (verdict, Some(*fault)))
    };
    first(LineVerdict::Failed, |value, _, failed| value >= failed)
        .or_else(|| first(LineVerdict::Degraded, |value, degraded, _| value >= degraded))
        .unwrap_or((LineVerdict::Ok, None))
}

fn lost(of: u32, arrived: u32) -> f64 {
    if of == 0 { 0.0 } else { f64::from(of.saturating_sub(arrived)) / f64::from(of) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: LineNumbers = LineNumbers {
        sent: 100,
        echoed: 100,
        received: 100,
        rtt_ms: 40.0,
        jitter_ms: 3.0,
        duplicates: 0,
    };

    fn says(numbers: LineNumbers) -> (LineVerdict, Option<LineFault>) {
        let result = judge(numbers);
        (result.verdict, result.reason)
    }

    #[test]
    fn a_good_line_is_ok_and_says_no_reason() {
        assert_eq!(says(GOOD), (LineVerdict::Ok, None));
        let json = serde_json::to_value(judge(GOOD)).unwrap();
        assert_eq!(json["verdict"], "ok");
        assert_eq!(json["reason"], serde_json::Value::Null);
    }

    #[test]
    fn every_limit_belongs_to_its_worse_side() {
        use LineFault::{Delay, Jitter, LossDown, LossUp};
        use LineVerdict::{Degraded, Failed, Ok};
        let cases = [
            (LineNumbers { echoed: 98, received: 98, ..GOOD }, Ok, None),
            (LineNumbers { echoed: 97, received: 97, ..GOOD }, Degraded, Some(LossUp)),
            (LineNumbers { echoed: 86, received: 86, ..GOOD }, Degraded, Some(LossUp)),
            (LineNumbers { echoed: 85, received: 85, ..GOOD }, Failed, Some(LossUp)),
            (LineNumbers { received: 98, ..GOOD }, Ok, None),
            (LineNumbers { received: 97, ..GOOD }, Degraded, Some(LossDown)),
            (LineNumbers { received: 85, ..GOOD }, Failed, Some(LossDown)),
            (LineNumbers { rtt_ms: 299.9, ..GOOD }, Ok, None),
            (LineNumbers { rtt_ms: 300.0, ..GOOD }, Degraded, Some(Delay)),
            (LineNumbers { rtt_ms: 800.0, ..GOOD }, Failed, Some(Delay)),
            (LineNumbers { jitter_ms: 29.9, ..GOOD }, Ok, None),
            (LineNumbers { jitter_ms: 30.0, ..GOOD }, Degraded, Some(Jitter)),
            (LineNumbers { jitter_ms: 100.0, ..GOOD }, Failed, Some(Jitter)),
        ];
        for (numbers, verdict, reason) in cases {
            assert_eq!(says(numbers), (verdict, reason), "{numbers:?}");
        }
    }

    #[test]
    fn the_worst_fault_is_named_not_the_first() {
        let numbers = LineNumbers { echoed: 96, received: 96, rtt_ms: 900.0, ..GOOD };
        assert_eq!(says(numbers), (LineVerdict::Failed, Some(LineFault::Delay)));
    }

    #[test]
    fn a_check_that_shows_nothing_is_never_good() {
        let none = LineNumbers { echoed: 0, received: 0, ..GOOD };
        assert_eq!(says(none), (LineVerdict::Failed, Some(LineFault::NoConnection)));
        let short = LineNumbers { sent: 19, echoed: 19, received: 19, ..GOOD };
        assert_eq!(says(short), (LineVerdict::Failed, Some(LineFault::TooShort)));
        let enough = LineNumbers { sent: 20, echoed: 20, received: 20, ..GOOD };
        assert_eq!(says(enough), (LineVerdict::Ok, None));
        for wrong in [
            LineNumbers { echoed: 101, ..GOOD },
            LineNumbers { received: 101, ..GOOD },
            LineNumbers { rtt_ms: f64::NAN, ..GOOD },
            LineNumbers { jitter_ms: -1.0, ..GOOD },
        ] {
            assert_eq!(says(wrong), (LineVerdict::Failed, Some(LineFault::Inconsistent)));
        }
    }

    #[test]
    fn losses_are_counted_for_each_way_alone() {
        let result = judge(LineNumbers { echoed: 80, received: 40, ..GOOD });
        assert!((result.loss_up - 0.2).abs() < 1e-9);
        assert!((result.loss_down - 0.5).abs() < 1e-9);
    }
}
