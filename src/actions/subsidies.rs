//! The subsidy for devices of online care: applications and what becomes of them.

use chrono::NaiveDate;
use serde_json::json;

use super::sheet::today;
use super::{App, Error, Result};
use crate::engine::subsidy;
use crate::model::GrantId;
use crate::model::audit::Entry;
use crate::model::facility::canonical;
use crate::model::person::Actor;
use crate::model::questionnaire;
use crate::model::register::{Code10, fiscal_year};
use crate::model::subsidy::{Grant, Item, Paper, Status, Step};
use crate::store::{self, GrantRow};

/// A grant with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The grant and the institution's name.
    pub row: GrantRow,
    /// What it is for.
    pub items: Vec<Item>,
    /// The papers of its report.
    pub papers: Vec<Paper>,
}

/// The grants of a fiscal year or of all, the newest first.
pub async fn list(app: &App, fiscal_year: Option<i64>) -> Result<Vec<GrantRow>> {
    Ok(app.store.read().await?.grants(fiscal_year).await?)
}

/// One grant.
pub async fn get(app: &App, id: GrantId) -> Result<Whole> {
    let mut tx = app.store.read().await?;
    let row = tx.grant(id).await?.ok_or(Error::NotFound)?;
    Ok(Whole { row, items: tx.grant_items(id).await?, papers: tx.grant_papers(id).await? })
}

/// An application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Who applies: ten digits.
    pub code10: String,
    /// When it was made.
    pub applied_on: NaiveDate,
    /// How many yen are asked for.
    pub requested_yen: i64,
    /// For what.
    pub items: Vec<Item>,
    /// That it is no public body, which the programme is not for.
    pub not_public: bool,
}

/// Takes an application. An institution is granted the subsidy once, whatever the year.
pub async fn apply(app: &App, actor: &Actor, wish: Application) -> Result<Whole> {
    let code: Code10 = wish.code10.parse().map_err(|_| Error::invalid("/code10", "unknown"))?;
    let mut items = wish.items;
    for item in &mut items {
        item.name = canonical(&item.name);
    }
    let mut faults = subsidy::check(&items, wish.requested_yen, wish.applied_on, today(app));
    if !wish.not_public {
        faults.push(("/not_public".to_owned(), "required"));
    }
    if !faults.is_empty() {
        let fault = |(pointer, code)| questionnaire::Fault { pointer, code };
        return Err(Error::InvalidAt(faults.into_iter().map(fault).collect()));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let institution = tx.institution(code).await?.ok_or(Error::invalid("/code10", "unknown"))?;
    if code.as_str().as_bytes()[2] != b'1' {
        return Err(Error::invalid("/code10", "not_medical"));
    }
    if institution.gone_on.is_some() {
        return Err(Error::invalid("/code10", "gone"));
    }
    let grant = Grant {
        id: GrantId::new(),
        institution: code,
        fiscal_year: i64::from(fiscal_year(wish.applied_on)),
        status: Status::Applied,
        applied_on: wish.applied_on,
        decided_on: None,
        reported_on: None,
        paid_on: None,
        requested_yen: wish.requested_yen,
        decided_yen: None,
        spent_yen: None,
        paid_yen: None,
        reason: String::new(),
        version: 1,
    };
    tx.add_grant(&grant, &items, now).await.map_err(once)?;
    tx.commit(Entry::of(actor, "subsidy.apply", grant.id, now).with(json!({ "code10": code })))
        .await?;
    let row = GrantRow { grant, name: institution.name };
    Ok(Whole { row, items, papers: Vec::new() })
}

/// The index that lets an institution in once speaks as a rule.
fn once(error: store::Error) -> Error {
    match error {
        store::Error::Exists(_) => Error::Refused("subsidy_once"),
        other => other.into(),
    }
}

/// Takes a step with a grant that still stands at `version`.
pub async fn step(
    app: &App,
    actor: &Actor,
    (id, version): (GrantId, i64),
    step: &Step,
    on: NaiveDate,
) -> Result<Whole> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let row = tx.grant(id).await?.ok_or(Error::NotFound)?;
    if row.grant.version != version {
        return Err(Error::Refused("stale"));
    }
    let next = subsidy::step(&row.grant, step, on, today(app))
        .map_err(|refusal| Error::Refused(refusal.code()))?;
    let (name, papers): (_, &[Paper]) = match step {
        Step::Decide(_) => ("subsidy.decide", &[]),
        Step::Refuse(_) => ("subsidy.refuse", &[]),
        Step::Withdraw(_) => ("subsidy.withdraw", &[]),
        Step::Report(_, papers) => ("subsidy.report", papers),
        Step::Pay(_) => ("subsidy.pay", &[]),
    };
    if papers.len() > 100 || papers.iter().any(|p| !(1..=200).contains(&p.name.chars().count())) {
        return Err(Error::invalid("/papers", "required"));
    }
    tx.put_grant(&next, papers).await?;
    tx.commit(Entry::of(actor, name, id, now).with(json!({ "on": on }))).await?;
    get(app, id).await
}
