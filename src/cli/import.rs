//! `onshin import bureau FILE…`.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::json;

use super::Context;
use super::failure::Failure;
use super::{parts, progress};
use crate::actions::register::{self, Imported, Upload};
use crate::engine::import::Tally;
use crate::format::numbers::grouped;
use crate::model::person::Actor;

/// What to import.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Import {
    /// A regional bureau's lists of accepted institutions: xlsx, or zip of some
    Bureau {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Say what would change, and keep nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Imports.
pub(super) async fn run(context: &Context, import: &Import) -> Result<(), Failure> {
    let Import::Bureau { files, dry_run } = import;
    let mut uploads = Vec::with_capacity(files.len());
    for path in files {
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::from(error).about(&path.display().to_string()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        uploads.push(Upload { name, bytes });
    }
    let app = parts::app(&context.config).await?;
    let bar = progress::spinner("reading");
    let done = register::import(&app, &Actor::Command, uploads, *dry_run).await;
    bar.finish_and_clear();
    app.store.close().await;
    let done = done?;
    if context.json {
        return super::print_json(&json!({
            "schema": "onshin.import.bureau/1",
            "dry_run": dry_run,
            "imported": done.written,
            "institutions": done.institutions,
            "notifications": done.notifications,
            "files": done.files,
        }));
    }
    super::print(&told(&done, *dry_run))
}

fn told(done: &Imported, dry_run: bool) -> String {
    let mut text = String::new();
    for file in &done.files {
        let care = &file.online_care;
        _ = writeln!(
            text,
            "{} {} as of {}: {} rows, {} institutions, {} accepted for online care \
             ({} hospitals, {} clinics with beds, {} without), {} warnings",
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
        );
    }
    _ = writeln!(text, "institutions: {}", tally(&done.institutions));
    _ = writeln!(text, "notifications: {}", tally(&done.notifications));
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
