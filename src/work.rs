//! What happens later, by itself: holds that run out, sessions that are over. Every loop is
//! tracked and ends when it is told to.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::{App, people};

/// Starts the loops; they end when `stop` is cancelled.
pub fn start(app: &App, tracker: &TaskTracker, stop: &CancellationToken) {
    tracker.spawn(every(Duration::from_secs(15), stop.clone(), app.clone(), holds));
    tracker.spawn(every(Duration::from_secs(5), stop.clone(), app.clone(), rooms));
    tracker.spawn(every(Duration::from_mins(10), stop.clone(), app.clone(), sessions));
}

/// Does `job` now and then, until told to stop. A failure is logged, and the next round tries
/// again.
async fn every<F>(pause: Duration, stop: CancellationToken, app: App, job: fn(App) -> F)
where
    F: Future<Output = Result<(), crate::actions::Error>>,
{
    let mut rounds = tokio::time::interval(pause);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if let Err(error) = job(app.clone()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "work that waits for its next round"
            );
        }
    }
}

/// Holds that ran out no longer occupy their time for anybody who looks at the table alone.
async fn holds(app: App) -> Result<(), crate::actions::Error> {
    crate::actions::booking::expire_holds(&app).await?;
    crate::actions::approval::expire_requests(&app).await?;
    Ok(())
}

async fn sessions(app: App) -> Result<(), crate::actions::Error> {
    people::forget_sessions(&app).await?;
    app.limits.forget_idle();
    Ok(())
}

/// Gives up the places of those who left a visit and did not come back.
async fn rooms(app: App) -> Result<(), crate::actions::Error> {
    app.hub.sweep(app.clock.now());
    std::future::ready(Ok(())).await
}
