//! `onshin import bureau FILE…`, and `--undo ID`.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::json;

use super::Context;
use super::failure::{Exit, Failure};
use super::{parts, progress};
use crate::actions::App;
use crate::actions::imports::{self, How, Imported, Upload};
use crate::engine::import::Tally;
use crate::format::Lang;
use crate::format::bureau::errors;
use crate::format::numbers::grouped;
use crate::model::ImportId;
use crate::model::person::Actor;

/// What to import.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Import {
    /// A regional bureau's lists of accepted institutions: xlsx, or zip of some
    Bureau(Bureau),
}

/// Which lists, and how.
#[derive(Debug, clap::Args)]
pub(super) struct Bureau {
    /// The files
    #[arg(required_unless_present = "undo", conflicts_with = "undo")]
    files: Vec<PathBuf>,
    /// Say what would change, and keep nothing
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
    /// Keep lists although more than 5 % of something are gone
    #[arg(long, conflicts_with = "undo")]
    confirm_drop: bool,
    /// Take an import back, the newest of its prefecture; `--json` of an import tells its id
    #[arg(long, value_name = "ID")]
    undo: Option<ImportId>,
}

/// Imports, or takes an import back.
pub(super) async fn run(context: &Context, import: &Import) -> Result<(), Failure> {
    let Import::Bureau(bureau) = import;
    if let Some(id) = bureau.undo {
        let app = parts::app(&context.config).await?;
        let done = undo(&app, context, id).await;
        app.store.close().await;
        return done;
    }
    let mut uploads = Vec::with_capacity(bureau.files.len());
    for path in &bureau.files {
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::from(error).about(&path.display().to_string()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        uploads.push(Upload { name, bytes });
    }
    let how = How { dry_run: bureau.dry_run, confirm_drop: bureau.confirm_drop };
    let bar = progress::spinner("reading");
    let lists = imports::read(parts::criteria(&context.config)?, uploads);
    // Neither needs the other, and both take their time.
    let (lists, app) = tokio::join!(lists, parts::app(&context.config));
    let app = app?;
    let done = match lists {
        Ok(lists) => imports::import(&app, &Actor::Command, lists, how).await,
        Err(refused) => Err(refused),
    };
    bar.finish_and_clear();
    app.store.close().await;
    let done = done?;
    if context.json {
        super::print_json(&json!({
            "schema": "onshin.import.bureau/1",
            "dry_run": bureau.dry_run,
            "imported": done.written,
            "imports": done.imports,
            "institutions": done.summary.institutions,
            "notifications": done.summary.notifications,
            "errors": done.summary.errors,
            "drops": done.summary.drops,
            "redesignations": done.summary.redesignations,
            "files": done.files,
        }))?;
    } else {
        super::print(&told(&done, bureau.dry_run))?;
    }
    left_out(&done)
}

async fn undo(app: &App, context: &Context, id: ImportId) -> Result<(), Failure> {
    let row = imports::undo(app, &Actor::Command, id).await?;
    if context.json {
        return super::print_json(&json!({
            "schema": "onshin.import.undo/1",
            "import": row.id,
            "prefecture_code": row.prefecture_code,
            "as_of": row.as_of,
            "undone_at": row.undone_at,
        }));
    }
    let text = format!(
        "taken back: the list of {} as of {}; the register is as it was before\n",
        row.prefecture_code, row.as_of
    );
    super::print(&text)
}

/// Rows that were left out are told by the exit code too.
fn left_out(done: &Imported) -> Result<(), Failure> {
    let errors = done.summary.errors;
    let rows = errors.institutions + errors.notifications;
    if errors.all() == 0 {
        return Ok(());
    }
    let title = "Some rows were left out";
    let lists = match errors.lists {
        0 => String::new(),
        count => format!(" and {count} sheets or files could not be read"),
    };
    let detail = format!("{rows} rows have errors and were left out{lists}; the rest is done");
    Err(Failure::new(Exit::Partly, "rows_left_out", title, detail))
}

fn told(done: &Imported, dry_run: bool) -> String {
    let mut text = String::new();
    for file in &done.files {
        let care = &file.online_care;
        _ = writeln!(
            text,
            "{} {} as of {}: {} rows, {} institutions, {} accepted for online care \
             ({} hospitals, {} clinics with beds, {} without), {} warnings, {} rows left out",
            file.prefecture_code,
            file.prefecture,
            file.as_of,
            number(file.rows as usize),
            number(file.institutions),
            number(care.facilities),
            number(care.hospitals),
            number(care.bedded_clinics),
            number(care.clinics_without_beds),
            file.warnings.len(),
            number(file.errors.institutions + file.errors.notifications),
        );
        // What concerns a list, sheet or file as a whole is told with all errors of rows.
        for warning in file.warnings.iter().filter(|warning| warning.row.is_none()) {
            let reason = errors::reason(warning.code, Lang::En);
            _ = writeln!(text, "  {reason}: {}", warning.detail);
        }
        let of_rows = file.warnings.iter().filter_map(|warning| Some((warning.row?, warning)));
        for (row, warning) in of_rows.filter(|(_, warning)| warning.code.is_error()).take(20) {
            let reason = errors::reason(warning.code, Lang::En);
            _ = writeln!(text, "  row {row}: {reason}: {}", warning.detail);
        }
    }
    let summary = &done.summary;
    _ = writeln!(text, "institutions: {}", tally(&summary.institutions));
    _ = writeln!(text, "notifications: {}", tally(&summary.notifications));
    for drop in &summary.drops {
        _ = writeln!(text, "more than 5 % of those before are gone: {}", drop.detail);
    }
    for pair in &summary.redesignations {
        _ = writeln!(text, "probably {} became {} ({})", pair.old, pair.new, pair.address);
    }
    for import in &done.imports {
        _ = writeln!(text, "import {import}");
    }
    text += match (dry_run, done.written) {
        (true, _) => "dry run: nothing was kept\n",
        (false, true) => "imported\n",
        (false, false) => "the register has it all already; nothing was changed\n",
    };
    text
}

fn tally(t: &Tally) -> String {
    format!(
        "{} new, {} changed, {} lapsed, {} unchanged",
        number(t.new),
        number(t.changed),
        number(t.lapsed),
        number(t.unchanged)
    )
}

fn number(count: usize) -> String {
    grouped(i64::try_from(count).unwrap_or(i64::MAX))
}
