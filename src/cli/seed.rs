//! `onshin seed demo`.

use super::Context;
use super::failure::Failure;
use super::parts;
use crate::actions::demo;
use crate::model::person::Actor;

/// What to fill the database with.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Seed {
    /// Invented clinics and accounts, the same every time; only into an empty database
    Demo,
}

/// Fills the database.
pub(super) async fn run(context: &Context, seed: &Seed) -> Result<(), Failure> {
    let Seed::Demo = seed;
    let app = parts::app(&context.config).await?;
    let filled = demo::fill(&app, &Actor::Command).await;
    app.store.close().await;
    if filled? {
        super::print("the demo is there\n")
    } else {
        Err(Failure::conflict("there are facilities already; the demo needs an empty database"))
    }
}
