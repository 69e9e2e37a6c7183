//! `onshin report …`: what is counted, for paper and for other programs.

use super::Context;
use super::failure::Failure;
use crate::format::Lang;

mod august;
mod counts;
mod own;
mod plan;

/// What to report.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Report {
    /// Facilities accepted for online care
    Counts(counts::Counts),
    /// The planning sheet of the medical care plan, as one HTML file laid out for A4
    Sheet(plan::SheetArgs),
    /// Published counts beside counts from the register
    Reconcile(plan::ReconcileArgs),
    /// Visits of this service by month and municipality, small numbers suppressed
    Own(own::Args),
    /// Check that every booking stands as what happened to it says
    Fold,
    /// A facility's yearly report on care using ICT devices (8月報告)
    August(august::Args),
}

/// The language of titles.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Language {
    Ja,
    En,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::Ja => Self::Ja,
            Language::En => Self::En,
        }
    }
}

/// Reports.
pub(super) async fn run(context: &Context, report: &Report) -> Result<(), Failure> {
    match report {
        Report::Counts(counts) => counts::run(context, counts).await,
        Report::Sheet(args) => plan::sheet(context, args).await,
        Report::Reconcile(args) => plan::reconcile(context, args).await,
        Report::Own(args) => own::run(context, args).await,
        Report::Fold => own::fold(context).await,
        Report::August(args) => august::run(context, args).await,
    }
}
