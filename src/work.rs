//! What happens later, by itself: holds that run out, sessions and kept answers that are over. Every loop is
//! tracked and ends when it is told to.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::{App, filings, imports, messages, once, outside, people, quota, visit};
use crate::model::message::Channel;

/// Starts the loops; they end when `stop` is cancelled.
pub fn start(app: &App, tracker: &TaskTracker, stop: &CancellationToken) {
    tracker.spawn(every(Duration::from_secs(15), stop.clone(), app.clone(), holds));
    tracker.spawn(every(Duration::from_secs(1), stop.clone(), app.clone(), rooms));
    tracker.spawn(every(Duration::from_secs(10), stop.clone(), app.clone(), places));
    tracker.spawn(forwarding(app.clone(), stop.clone()));
    tracker.spawn(every(Duration::from_secs(1), stop.clone(), app.clone(), unwelcome));
    tracker.spawn(every(Duration::from_secs(5), stop.clone(), app.clone(), elsewhere));
    tracker.spawn(every(Duration::from_secs(5), stop.clone(), app.clone(), waitlist));
    tracker.spawn(every(Duration::from_secs(5), stop.clone(), app.clone(), summary));
    tracker.spawn(every(Duration::from_secs(5), stop.clone(), app.clone(), counts));
    tracker.spawn(every(Duration::from_mins(10), stop.clone(), app.clone(), sessions));
    tracker.spawn(every(Duration::from_mins(5), stop.clone(), app.clone(), filed));
    tracker.spawn(every(Duration::from_hours(1), stop.clone(), app.clone(), links));
    tracker.spawn(every(Duration::from_hours(1), stop.clone(), app.clone(), letters));
    tracker.spawn(every(Duration::from_mins(5), stop.clone(), app.clone(), folds));
    tracker.spawn(calendars(app.clone(), stop.clone()));
    // Each way on its own: one that hangs holds up no other.
    for channel in Channel::ALL {
        tracker.spawn(post(app.clone(), *channel, stop.clone()));
    }
}

/// Sends what is due by one way, whenever the bell rings and every few seconds, until told to stop;
/// what is being sent then is sent.
async fn post(app: App, channel: Channel, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = messages::send_due(&app, channel, || stop.is_cancelled()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                %channel,
                "messages that wait for the next round"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = messages::wait(&app, Duration::from_secs(2)) => {}
        }
    }
}

/// Passes on what forwarding rooms say, until told to stop.
async fn forwarding(app: App, stop: CancellationToken) {
    let Some(mut heard) = app.rooms.heard() else { return };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            said = heard.recv() => match said {
                Some((visit, said)) => app.hub.heard(visit, said),
                None => return,
            }
        }
    }
}

/// Reads others' calendars when it is their turn, until told to stop.
async fn calendars(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let more = outside::fetch_due(&app).await.unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "calendars that wait for the next round"
            );
            false
        });
        if more {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
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

/// What became free goes to those who wait for it.
async fn waitlist(app: App) -> Result<(), crate::actions::Error> {
    crate::actions::waitlist::offer_round(&app).await?;
    Ok(())
}

/// The rules of all facilities are in memory before anybody asks: the first search after the start
/// need not read them, nor need a deed that must not keep what it reads.
async fn summary(app: App) -> Result<(), crate::actions::Error> {
    crate::actions::summary::keep_ready(&app).await
}

/// So is the register, for those who count.
async fn counts(app: App) -> Result<(), crate::actions::Error> {
    crate::actions::counts::keep_ready(&app).await
}

/// Links to visits that are long over, and numbers for pharmacies that have run out.
async fn links(app: App) -> Result<(), crate::actions::Error> {
    messages::forget(&app).await?;
    visit::closing::erase_expired(&app).await
}

/// Bookings stand as what happened to them says: what changed now, all of it at night.
async fn folds(app: App) -> Result<(), crate::actions::Error> {
    crate::actions::fold::round(&app).await
}

/// Filings take effect when their day has come.
async fn filed(app: App) -> Result<(), crate::actions::Error> {
    filings::register::take_effect_due(&app).await?;
    Ok(())
}

/// Deadlines that come near are told to those who file.
async fn letters(app: App) -> Result<(), crate::actions::Error> {
    filings::letters::plan(&app).await?;
    Ok(())
}

async fn sessions(app: App) -> Result<(), crate::actions::Error> {
    people::forget_sessions(&app).await?;
    once::forget_answers(&app).await?;
    quota::forget_origins(&app).await?;
    imports::drafts::forget(&app).await?;
    app.limits.forget_idle();
    Ok(())
}

/// Those who wait are told their places as time goes on.
async fn places(app: App) -> Result<(), crate::actions::Error> {
    crate::actions::waiting::round(&app).await
}

/// Gives up the places of those who left a visit and did not come back.
async fn rooms(app: App) -> Result<(), crate::actions::Error> {
    visit::sweep(&app).await?;
    visit::keep_epochs(&app).await
}

/// Sends away from visits who was sent out or is signed out.
async fn unwelcome(app: App) -> Result<(), crate::actions::Error> {
    visit::send_out(&app).await
}

/// Ends visits that are over for another server, and leaves those that it moved.
async fn elsewhere(app: App) -> Result<(), crate::actions::Error> {
    visit::catch_up(&app).await
}
