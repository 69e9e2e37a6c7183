//! `onshin report august FACILITY YEAR`.

use std::path::PathBuf;

use serde_json::json;

use super::Language;
use crate::actions::august;
use crate::cli::failure::Failure;
use crate::cli::{Context, parts, print, print_json};
use crate::engine::august::may_be_final;
use crate::format::Lang;
use crate::format::page::{Page, Styles};
use crate::format::pages::august as page;
use crate::format::table::{Bom, august as table};

/// Whose report, of which year, and how it is written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The facility: its id, or its institution's ten digits
    facility: String,
    /// The year in whose August the report is handed in
    year: i32,
    /// A final version; else the draft as it stands
    #[arg(long = "final", value_name = "VERSION")]
    version_no: Option<i64>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The language of titles: ja or en
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    lang: Language,
    /// Where to write it; else to the screen
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    /// One page laid out for A4 that needs nothing else
    Html,
}

/// Writes the report.
pub(super) async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let app = parts::app(&context.config).await?;
    let drawn = august::report_of(&app, &args.facility, args.year).await;
    app.store.close().await;
    let drawn = drawn?;
    let (report, version) = drawn.chosen(args.version_no)?;
    let lang: Lang = args.lang.into();
    let format = if context.json { Format::Json } else { args.format };
    let text = match format {
        Format::Table => table::table(report, version, lang).to_text(),
        Format::Csv => table::table(report, version, lang).to_csv(Bom::Without),
        Format::Html => Page {
            title: page::title(report, lang),
            language: lang,
            path: None,
            body: page::body(report, version, lang),
            embed: false,
        }
        .render(Styles::Inline),
        Format::Json => {
            return print_json(&json!({
                "schema": "onshin.report.august/1",
                "version": version.map(|one| one.version),
                "ready": may_be_final(report),
                "report": report,
            }));
        }
    };
    match &args.out {
        Some(path) => Ok(std::fs::write(path, text)?),
        None => print(&text),
    }
}
