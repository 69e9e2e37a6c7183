//! `onshin report counts`.

use std::io::Write;
use std::path::PathBuf;

use chrono::NaiveDate;

use super::Language;
use crate::actions::counts::{self as counting, KnownOn, Query};
use crate::cli::failure::Failure;
use crate::cli::{Context, parts, print, print_json};
use crate::engine::counts::By;
use crate::engine::counts::answer::Answer;
use crate::engine::counts::ask::Within;
use crate::format::cards::{self, Filled};
use crate::format::chart::answer::Measure;
use crate::format::dates::Style;
use crate::format::report::{counts as report, published};
use crate::format::table::Bom;
use crate::format::xlsx::workbook;
use crate::format::{Lang, seeds};
use crate::model::register::Criterion;

/// Which counts, and how they are written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Counts {
    /// By what they are divided
    #[arg(long, value_enum)]
    by: Division,
    /// On which day; else today. A day between two lists is answered by the one before it
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// As known when: a day (to its end in Japan) or an instant; else now
    #[arg(long, value_name = "DATE")]
    known_on: Option<String>,
    /// The day since which, without it, what came and went is told
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,
    /// Of which criterion; else of the one that was in force on the day
    #[arg(long, value_parser = criterion)]
    criterion: Option<Criterion>,
    /// What a drawing shows
    #[arg(long, value_enum, default_value_t = Drawn::Facilities)]
    measure: Drawn,
    /// Where years come from: as published, or from the lists in the register. Else published,
    /// unless a day or a prefecture is named
    #[arg(long, value_enum)]
    source: Option<Source>,
    /// How they are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Of one prefecture only: its two digits
    #[arg(long)]
    prefecture: Option<String>,
    /// The language of titles: ja or en
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    lang: Language,
    /// Western years instead of eras
    #[arg(long)]
    western: bool,
}

fn criterion(text: &str) -> Result<Criterion, String> {
    text.parse()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Division {
    /// The ends of fiscal years
    Year,
    /// The first days of months, from the first list on
    Month,
    /// By prefecture
    Prefecture,
    /// By secondary medical area
    Area,
    /// By municipality
    Municipality,
    /// By hospital and kind of clinic
    Kind,
    /// By criterion
    Criterion,
    /// Today's holders by the fiscal year of their start
    StartYear,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Source {
    /// The numbers that Tokyo has published, with their break
    Published,
    /// Counted from the lists in the register
    Lists,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Drawn {
    Facilities,
    #[value(name = "per-100k")]
    Per100k,
    Share,
    Flows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Xlsx,
    Svg,
}

impl Counts {
    fn by(&self) -> By {
        match self.by {
            Division::Year => By::Year,
            Division::Month => By::Month,
            Division::Prefecture => By::Prefecture,
            Division::Area => By::Area,
            Division::Municipality => By::Municipality,
            Division::Kind => By::Kind,
            Division::Criterion => By::Criterion,
            Division::StartYear => By::StartYear,
        }
    }

    fn measure(&self) -> Measure {
        match self.measure {
            Drawn::Facilities => Measure::Facilities,
            Drawn::Per100k => Measure::Per100k,
            Drawn::Share => Measure::Share,
            Drawn::Flows => Measure::Flows,
        }
    }

    /// Whether the published series is meant; it is built in and needs no database.
    fn is_published(&self) -> bool {
        let asked = self.as_of.is_some() || self.known_on.is_some() || self.prefecture.is_some();
        let default = if asked { Source::Lists } else { Source::Published };
        self.by == Division::Year && self.source.unwrap_or(default) == Source::Published
    }

    fn query(&self) -> Result<Query, Failure> {
        let known_on = self.known_on.as_deref().map(str::parse::<KnownOn>).transpose();
        if let Some(code) = self.prefecture.as_deref()
            && seeds::prefecture(code).is_none()
        {
            return Err(Failure::usage(format!("no prefecture has the digits {code:?}")));
        }
        Ok(Query {
            as_of: self.as_of,
            known_on: known_on
                .map_err(|_| Failure::usage("--known-on takes a day or an instant"))?,
            criterion: self.criterion,
            within: Within { prefecture: self.prefecture.clone(), ..Within::default() },
            since: self.since,
        })
    }
}

/// Writes counts.
pub(super) async fn run(context: &Context, counts: &Counts) -> Result<(), Failure> {
    let format = if context.json { Format::Json } else { counts.format };
    let lang: Lang = counts.lang.into();
    let style = Style { lang, western: counts.western || lang == Lang::En };
    if counts.is_published() {
        if format == Format::Json {
            return json(counts, &published::series(seeds::series(), lang));
        }
        return write(counts, format, &cards::published(lang), lang);
    }
    let query = counts.query()?;
    let app = parts::app(&context.config).await?;
    let answer = counting::count(&app, counts.by(), &query).await;
    app.store.close().await;
    let answer: Answer = answer?;
    if format == Format::Json {
        return json(counts, &report::counts(&answer, lang));
    }
    let filled = cards::fill(cards::of(counts.by()), &answer, counts.measure(), style);
    write(counts, format, &filled, lang)
}

fn json(counts: &Counts, report: &impl serde::Serialize) -> Result<(), Failure> {
    let Some(path) = &counts.out else { return print_json(report) };
    let text = serde_json::to_vec_pretty(report).map_err(Failure::unexpected)?;
    keep(path, &text)
}

fn write(counts: &Counts, format: Format, filled: &Filled, lang: Lang) -> Result<(), Failure> {
    let text = match format {
        Format::Table => filled.table.to_text(),
        Format::Csv => filled.table.to_csv(Bom::Without),
        Format::Svg => filled.svg.clone(),
        Format::Json | Format::Xlsx => {
            let book = workbook(&filled.book(lang));
            let bytes = book.map_err(Failure::unexpected)?;
            if let Some(path) = &counts.out {
                return keep(path, &bytes);
            }
            let mut out = std::io::stdout().lock();
            return Ok(out.write_all(&bytes).and_then(|()| out.flush())?);
        }
    };
    match &counts.out {
        Some(path) => keep(path, text.as_bytes()),
        None => print(&text),
    }
}

fn keep(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes)
        .map_err(|error| Failure::from(error).about(&path.display().to_string()))
}
