//! `onshin report counts`.

use super::failure::Failure;
use super::{Context, parts};
use crate::actions::counts as counting;
use crate::engine::counts::By;
use crate::format::chart::series;
use crate::format::report::published;
use crate::format::table::{self, Bom};
use crate::format::{Lang, seeds};

mod august;
mod own;

/// What to report.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Report {
    /// Facilities accepted for online care
    Counts(Counts),
    /// Visits of this service by month and municipality, small numbers suppressed
    Own(own::Args),
    /// Check that every booking stands as what happened to it says
    Fold,
    /// A facility's yearly report on care using ICT devices (8月報告)
    August(august::Args),
}

/// Which counts, and how they are written.
#[derive(Debug, clap::Args)]
pub(super) struct Counts {
    /// By what they are divided
    #[arg(long, value_enum)]
    by: Division,
    /// How they are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Of one prefecture only: its two digits
    #[arg(long)]
    prefecture: Option<String>,
    /// The language of titles: ja or en
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    lang: Language,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Division {
    /// The published series of Tokyo, with its break
    Year,
    /// The last lists, by prefecture
    Prefecture,
    /// The last lists, by municipality
    Municipality,
    /// The last lists, by hospital and kind of clinic
    Kind,
    /// Today's holders by the fiscal year of their start
    StartYear,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Svg,
}

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
    let counts = match report {
        Report::Counts(counts) => counts,
        Report::Own(args) => return own::run(context, args).await,
        Report::Fold => return own::fold(context).await,
        Report::August(args) => return august::run(context, args).await,
    };
    let format = if context.json { Format::Json } else { counts.format };
    let lang = counts.lang.into();
    let by = match counts.by {
        Division::Year => return year(format, lang),
        Division::Prefecture => By::Prefecture,
        Division::Municipality => By::Municipality,
        Division::Kind => By::Kind,
        Division::StartYear => By::StartYear,
    };
    let app = parts::app(&context.config).await?;
    let counted = counting::count(&app, by, counts.prefecture.as_deref()).await;
    app.store.close().await;
    let counted = counted?;
    let table = || table::counts::counts(&counted.counts, by, lang);
    match format {
        Format::Table => super::print(&table().to_text()),
        Format::Csv => super::print(&table().to_csv(Bom::Without)),
        Format::Svg => super::print(&counted.drawing(by, lang)),
        Format::Json => {
            super::print_json(&published::counts(&counted.counts, by, counted.as_of, lang))
        }
    }
}

/// The published series; it is built in and needs no database.
fn year(format: Format, lang: Lang) -> Result<(), Failure> {
    let points = seeds::series();
    match format {
        Format::Table => super::print(&table::counts::series(points, lang).to_text()),
        Format::Csv => super::print(&table::counts::series(points, lang).to_csv(Bom::Without)),
        Format::Svg => super::print(&series::svg(points, &series::Words::published(lang), lang)),
        Format::Json => super::print_json(&published::series(points, lang)),
    }
}
