//! `onshin slots explain`: why a time is free, or is not.

use super::failure::{Exit, Failure};
use super::{Context, parts};
use crate::actions::calendar::Wished;
use crate::actions::{self, App, explain};
use crate::format::Lang;
use crate::format::why::local_time;
use crate::http::Why;
use crate::model::ServiceId;

/// What to ask about free times.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Slots {
    /// Say why a time can or cannot be booked, rule by rule
    Explain(Explain),
}

/// Which time.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The facility's ten digits, or its id
    #[arg(long, value_name = "CODE10")]
    facility: String,
    /// The kind of visit: its id, or its name
    #[arg(long, value_name = "ID")]
    service: String,
    /// When it would start, with its offset: 2026-12-01T10:30+09:00
    #[arg(long, value_name = "TIME")]
    at: String,
    /// The doctor's id or name; else each of the facility
    #[arg(long, value_name = "ID")]
    clinician: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The language of the sentences: ja or en
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    lang: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Language {
    Ja,
    En,
}

/// Explains.
pub(super) async fn run(context: &Context, slots: &Slots) -> Result<(), Failure> {
    let Slots::Explain(asked) = slots;
    let start = explain::instant(&asked.at).map_err(|error| no_time(&error))?;
    let app = parts::app(&context.config).await?;
    let done = tell(&app, context, asked, start).await;
    app.store.close().await;
    done
}

fn no_time(error: &actions::Error) -> Failure {
    let naive = matches!(error, actions::Error::Invalid(faults)
        if faults.iter().any(|fault| fault.code == "no_zone"));
    let detail = if naive {
        "--at has no offset: write a local time with its zone, as 2026-12-01T10:30+09:00"
    } else {
        "--at is no time: write it as 2026-12-01T10:30+09:00"
    };
    Failure::new(Exit::Invalid, "invalid", "The input has errors", detail)
}

async fn tell(
    app: &App,
    context: &Context,
    asked: &Explain,
    start: crate::time::Instant,
) -> Result<(), Failure> {
    let missing = |what: &str, name: &str| {
        let detail = format!("no {what} {name}");
        move |error: actions::Error| match error {
            actions::Error::NotFound => Failure::not_found(detail),
            other => other.into(),
        }
    };
    let name = &asked.facility;
    let facility = explain::find_facility(app, name).await.map_err(missing("facility", name))?;
    let name = &asked.service;
    let service =
        explain::find_service(app, facility, name).await.map_err(missing("service", name))?;
    let clinician = match &asked.clinician {
        Some(name) => Some(
            explain::find_clinician(app, facility, name).await.map_err(missing("doctor", name))?,
        ),
        None => None,
    };
    let wished = Wished { facility, clinician, start };
    let answer = explain::explain(app, service, &wished).await?;
    if context.json || asked.format == Format::Json {
        return json(&wished, service, answer);
    }
    let lang = match asked.lang {
        Language::Ja => Lang::Ja,
        Language::En => Lang::En,
    };
    super::print(&text(&answer, start, lang))
}

fn json(wished: &Wished, service: ServiceId, answer: explain::Answer) -> Result<(), Failure> {
    let mut value =
        serde_json::to_value(Why::new(wished, service, answer)).map_err(Failure::unexpected)?;
    value["schema"] = "onshin.slots.explain/1".into();
    super::print_json(&value)
}

/// A line for each rule that was asked: `x` is against, `+` is not.
fn text(answer: &explain::Answer, start: crate::time::Instant, lang: Lang) -> String {
    let mut text = format!("{} ({})\n", local_time(start, answer.zone, lang), answer.zone);
    for told in &answer.clinicians {
        let verdict = match told.code {
            None => lang.pick("予約できます".to_owned(), "can be booked".to_owned()),
            Some(code) => {
                lang.pick(format!("予約できません：{code}"), format!("cannot be booked: {code}"))
            }
        };
        text.extend([told.clinician.name.as_str(), "  ", &verdict, "\n"]);
        for finding in &told.findings {
            let mark = if finding.against { "  x " } else { "  + " };
            text.extend([mark, finding.sentence(lang), "\n"]);
        }
    }
    text
}
