//! `onshin report own` and `onshin report fold`.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::json;

use super::Language;
use crate::actions::{fold, own};
use crate::cli::failure::{Exit, Failure};
use crate::cli::{Context, parts, print, print_json};
use crate::engine::own::ALL;
use crate::format::pages::own::{self as pages, Own, drawing, table};
use crate::format::table::Bom;
use crate::format::xlsx::workbook;
use crate::model::person::Actor;

/// Of which year, and how it is written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The year; else the present one
    #[arg(long)]
    year: Option<i32>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The language of titles: ja or en
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    lang: Language,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Xlsx,
    Svg,
}

/// Writes the counts that the last check of all left.
pub(super) async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let app = parts::app(&context.config).await?;
    let found = own::counts(&app, args.year).await;
    app.store.close().await;
    let found = found?;
    let (published, lang) = (&found.published, args.lang.into());
    let format = if context.json { Format::Json } else { args.format };
    match format {
        Format::Table => print(&table(published, lang).to_text()),
        Format::Csv => print(&table(published, lang).to_csv(Bom::Without)),
        Format::Xlsx => {
            let (table, check) = (pages::wide(published, lang), found.check.as_ref());
            let subtitle = pages::subtitle(published, check, lang);
            let named = (pages::title(lang), subtitle.as_str());
            let bytes = workbook(&pages::book(published, &table, check, named, lang));
            let mut out = std::io::stdout().lock();
            let bytes = bytes.map_err(Failure::unexpected)?;
            Ok(out.write_all(&bytes).and_then(|()| out.flush())?)
        }
        Format::Svg => {
            let check = found.check.as_ref();
            let own = Own { published, check, years: &found.years, place: ALL };
            print(&drawing(&own, lang))
        }
        Format::Json => {
            let counts = published.figures().map(|(place, period, measure, visits)| {
                json!({ "place": place, "period": period, "measure": measure, "visits": visits,
                    "suppressed": visits.is_none() })
            });
            print_json(&json!({
                "schema": "onshin.report.own/1",
                "year": published.year,
                "months": published.months,
                "counted_at": found.check.as_ref().map(|check| check.started_at),
                "counts": counts.collect::<Vec<_>>(),
            }))
        }
    }
}

/// Checks all bookings now; fails where one stands otherwise than its events say.
pub(super) async fn fold(context: &Context) -> Result<(), Failure> {
    let app = parts::app(&context.config).await?;
    let done = fold::whole(&app, &Actor::Command, None).await;
    app.store.close().await;
    let Some(done) = done? else { return Ok(()) };
    let check = &done.check;
    if context.json {
        let found = done.divergences.iter().map(
            |one| json!({ "booking_id": one.booking_id, "code": one.code, "detail": one.detail }),
        );
        print_json(&json!({
            "schema": "onshin.report.fold/1",
            "bookings": check.bookings,
            "events": check.events,
            "divergent": check.divergent,
            "divergences": found.collect::<Vec<_>>(),
        }))?;
    } else {
        let mut text = format!(
            "{} bookings, {} events, {} differ\n",
            check.bookings, check.events, check.divergent
        );
        for one in &done.divergences {
            _ = writeln!(text, "{} {} {}", one.booking_id, one.code, one.detail);
        }
        print(&text)?;
    }
    if check.divergent == 0 {
        return Ok(());
    }
    let detail = format!("{} bookings stand otherwise than their events say", check.divergent);
    Err(Failure::new(Exit::Failure, "diverged", "Bookings and their record differ", detail))
}
