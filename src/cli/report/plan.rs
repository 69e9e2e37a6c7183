//! `onshin report sheet` and `onshin report reconcile`: what goes into the medical care plan.

use std::path::PathBuf;

use chrono::NaiveDate;
use serde_json::json;

use super::super::failure::Failure;
use super::super::{Context, parts, print, print_json};
use super::Language;
use crate::actions::{reconcile, sheet};
use crate::format::page::{Page, Styles};
use crate::format::pages::sheet as page;
use crate::format::table::{Bom, figures};

/// Of which day, and where it is written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SheetArgs {
    /// What was known of this day: 2025-09-01; else of today
    #[arg(long)]
    as_of: Option<NaiveDate>,
    /// The file; else it is written out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Whose register is counted: two digits
    #[arg(long, default_value = sheet::PREFECTURE)]
    prefecture: String,
    /// The language: ja or en
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    lang: Language,
}

/// Writes the sheet as one HTML file that needs nothing else.
pub(in crate::cli) async fn sheet(context: &Context, args: &SheetArgs) -> Result<(), Failure> {
    let app = parts::app(&context.config).await?;
    let made = sheet::sheet(&app, args.as_of, Some(&args.prefecture)).await;
    app.store.close().await;
    let (made, language) = (made?, args.lang.into());
    let text = Page {
        title: page::title(&made, language),
        language,
        path: None,
        body: page::body(&made, language),
        embed: true,
    }
    .render(Styles::Inline);
    let Some(path) = &args.out else { return print(&text) };
    std::fs::write(path, text)
        .map_err(|error| Failure::from(error).about(&path.display().to_string()))?;
    if context.json {
        return print_json(
            &json!({ "schema": "onshin.report.sheet/1", "file": path, "as_of": made.as_of }),
        );
    }
    print(&format!("{}\n", path.display()))
}

/// Of what, and how it is written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReconcileArgs {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// Of one prefecture only: its two digits
    #[arg(long)]
    prefecture: Option<String>,
    /// The language of titles: ja or en
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    lang: Language,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    Table,
    Json,
    Csv,
}

/// Writes published counts beside what the rows say.
pub(in crate::cli) async fn reconcile(
    context: &Context,
    args: &ReconcileArgs,
) -> Result<(), Failure> {
    let app = parts::app(&context.config).await?;
    let rows = reconcile::list(&app, args.prefecture.as_deref()).await;
    app.store.close().await;
    let rows = rows?;
    let table = || figures::reconciliation(&rows, args.lang.into());
    match if context.json { Form::Json } else { args.format } {
        Form::Table => print(&table().to_text()),
        Form::Csv => print(&table().to_csv(Bom::Without)),
        Form::Json => print_json(&json!({ "schema": "onshin.report.reconcile/1", "rows": rows })),
    }
}
