//! `onshin report …`: what is counted, for paper and for other programs.

use super::Context;
use super::failure::Failure;
use crate::format::Lang;

mod counts;
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
}

/// The language of titles.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Language {
    Ja,
    En,
}

impl Language {
    fn lang(self) -> Lang {
        match self {
            Self::Ja => Lang::Ja,
            Self::En => Lang::En,
        }
    }
}

/// Reports.
pub(super) async fn run(context: &Context, report: &Report) -> Result<(), Failure> {
    match report {
        Report::Counts(counts) => counts::run(context, counts).await,
        Report::Sheet(args) => plan::sheet(context, args).await,
        Report::Reconcile(args) => plan::reconcile(context, args).await,
    }
}
