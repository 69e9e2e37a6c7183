//! Notifications that are made through this service: whose they are writes them and hands them in.
//! Reviewing is in [`review`], what follows in the register in [`register`].

use chrono::NaiveDate;
use chrono_tz::Asia::Tokyo;
use serde_json::json;

use super::{App, Error, Result};
use crate::engine::filing::deadlines::{self, Deadline, Known, online_care_due};
use crate::engine::filing::{self as rules, By};
use crate::format::filings;
use crate::model::audit::Entry;
use crate::model::filing::{
    Check, Definition, Event, Filing, FilingKind, FilingState, FilingStep, Form, Reception,
};
use crate::model::person::{Account, Actor, Role};
use crate::model::questionnaire;
use crate::model::{AccountId, FacilityId, FilingId, SiteId};
use crate::store::{self, LinkRow, Tx};
use crate::time::Instant;
use crate::time::zone::date_of;

pub mod letters;
pub mod register;
pub mod review;
pub mod self_check;
mod taken;

use taken::{Taken, take};

/// The longest reason, in characters.
const REASON_MOST: usize = 1000;

/// A filing with all that is shown of it.
#[derive(Debug)]
pub struct Whole {
    /// It.
    pub filing: Filing,
    /// What its kind asks.
    pub definition: &'static Definition,
    /// The clinic's or the reception facility's name.
    pub name: String,
    /// Street address.
    pub address: String,
    /// The place that is notified.
    pub site: Option<Reception>,
    /// The institutions of that place.
    pub links: Vec<LinkRow>,
    /// What stands for its demands.
    pub checks: Vec<Check>,
    /// What was done to it.
    pub events: Vec<Event>,
    /// What the reader may do.
    pub may: Vec<FilingStep>,
    /// What stands against handing it in, while its filer can write in it.
    pub open: Vec<rules::Fault>,
}

/// What somebody has filed, and what is due.
#[derive(Debug)]
pub struct Mine {
    /// Their filings, the newest first.
    pub filings: Vec<Filing>,
    /// What is due.
    pub deadlines: Vec<Deadline>,
    /// The places that they run.
    pub sites: Vec<Reception>,
    /// What they can begin.
    pub kinds: Vec<FilingKind>,
}

/// The day in Tokyo: the law counts in it.
pub fn today(now: Instant) -> NaiveDate {
    date_of(Tokyo, now)
}

fn account(actor: &Actor) -> Result<&Account> {
    actor.account().ok_or(Error::SignedOut)
}

fn definition(kind: FilingKind) -> Result<&'static Definition> {
    filings::definition(kind).ok_or(Error::NotFound)
}

/// Faults as a problem tells them.
fn invalid(faults: Vec<rules::Fault>) -> Error {
    let fault = |(pointer, code)| questionnaire::Fault { pointer, code };
    Error::InvalidAt(faults.into_iter().map(fault).collect())
}

/// Why something is done: several lines at most.
fn reason(text: &str) -> Result<String> {
    let text = crate::model::facility::canonical(text);
    if text.is_empty() {
        return Err(Error::invalid("/reason", "required"));
    }
    if text.chars().count() > REASON_MOST {
        return Err(Error::invalid("/reason", "too_long"));
    }
    Ok(text)
}

/// A filing that the actor may write in or take back; nothing is said of others'.
async fn own(tx: &mut Tx, actor: &Actor, id: FilingId) -> Result<Filing> {
    let filing = tx.filing(id).await?.ok_or(Error::NotFound)?;
    if is_own(tx, actor, &filing).await? { Ok(filing) } else { Err(Error::NotFound) }
}

async fn is_own(tx: &mut Tx, actor: &Actor, filing: &Filing) -> Result<bool> {
    let account = account(actor)?;
    match filing.site {
        None => Ok(filing.facility.is_some() && filing.facility == account.facility),
        Some(site) => {
            let site = tx.reception(site).await?;
            Ok(site.is_some_and(|site| site.operator == account.id))
        }
    }
}

/// What the actor has filed, and what is due.
pub async fn mine(app: &App, actor: &Actor) -> Result<Mine> {
    let account = account(actor)?;
    let mut tx = app.store.read().await?;
    let today = today(app.clock.now());
    let (filings, deadlines) = due(&mut tx, (account.id, account.facility), today).await?;
    let (sites, kinds) = match account.facility {
        None => (tx.receptions_of(account.id).await?, vec![FilingKind::ReceptionFacility]),
        Some(_) => (Vec::new(), vec![FilingKind::Criterion, FilingKind::OnlineCare]),
    };
    Ok(Mine { filings, deadlines, sites, kinds })
}

/// The filings of an account's clinic, or of who runs reception facilities, and what is due of them.
async fn due(
    tx: &mut Tx,
    (account, facility): (AccountId, Option<FacilityId>),
    today: NaiveDate,
) -> Result<(Vec<Filing>, Vec<Deadline>)> {
    let Some(facility) = facility else {
        let filings = tx.filings_of_operator(account).await?;
        let known = Known { today, accepted: &[], filings: &filings, checked: &[] };
        let deadlines = deadlines::deadlines(known);
        return Ok((filings, deadlines));
    };
    let filings = tx.filings_of(facility).await?;
    let accepted = tx.accepted_periods(facility).await?;
    let checked = tx.self_checks(facility).await?;
    let checked: Vec<i32> = checked.iter().filter_map(|one| i32::try_from(one.year).ok()).collect();
    let known = Known { today, accepted: &accepted, filings: &filings, checked: &checked };
    let deadlines = deadlines::deadlines(known);
    Ok((filings, deadlines))
}

/// Begins a filing. Where one of its kind is in effect, it is a change and will take its place; what
/// was filled in then is there already.
pub async fn begin(
    app: &App,
    actor: &Actor,
    kind: FilingKind,
    site: Option<SiteId>,
) -> Result<Whole> {
    let account = account(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let mut filing = Filing::draft(FilingId::new(), kind);
    match (kind, site, account.facility) {
        (FilingKind::ReceptionFacility, Some(site), None) => {
            let site = tx.reception(site).await?.filter(|one| one.operator == account.id);
            let site = site.ok_or(Error::NotFound)?;
            site.municipality.chars().take(2).for_each(|digit| filing.prefecture.push(digit));
            filing.site = Some(site.id);
        }
        (FilingKind::Criterion | FilingKind::OnlineCare, None, Some(id)) => {
            let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
            facility.code10.chars().take(2).for_each(|digit| filing.prefecture.push(digit));
            filing.facility = Some(id);
            filing.code10 = Some(facility.code10);
            if kind == FilingKind::OnlineCare {
                let accepted = tx.accepted_periods(id).await?;
                filing.due_on = online_care_due(&accepted, today(now));
            }
        }
        _ => return Err(Error::invalid("/kind", "unknown")),
    }
    if let Some(before) = tx.filing_in_effect(&filing).await? {
        filing.replaces = Some(before.id);
        filing.form = before.form;
    }
    tx.add_filing(&filing, now).await.map_err(|error| match error {
        store::Error::Exists(_) => Error::Refused("filing_under_way"),
        other => other.into(),
    })?;
    let read = whole(&mut tx, actor, filing, now).await?;
    let entry = entry(actor, "filing.begin", &read.filing, now);
    tx.commit(entry.with(json!({ "kind": kind, "replaces": read.filing.replaces }))).await?;
    Ok(read)
}

/// The audit entry of a deed to a filing.
fn entry(actor: &Actor, action: &'static str, filing: &Filing, now: Instant) -> Entry {
    let entry = Entry::of(actor, action, filing.id, now);
    match filing.facility {
        Some(facility) => entry.at_facility(facility),
        None => entry,
    }
}

/// A filing that the actor may see: its filer, and whoever reviews once it was handed in.
pub async fn read(app: &App, actor: &Actor, id: FilingId) -> Result<Whole> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let filing = tx.filing(id).await?.ok_or(Error::NotFound)?;
    let reviews = reviewer(actor) && filing.submitted_on.is_some();
    if !reviews && !is_own(&mut tx, actor, &filing).await? {
        return Err(Error::NotFound);
    }
    whole(&mut tx, actor, filing, now).await
}

fn reviewer(actor: &Actor) -> bool {
    actor.account().is_some_and(|account| account.role == Role::PrefectureAdmin)
}

/// All that is shown of a filing.
async fn whole(tx: &mut Tx, actor: &Actor, filing: Filing, now: Instant) -> Result<Whole> {
    let of = definition(filing.kind)?;
    let (mut name, mut address, mut site, mut links) = (String::new(), String::new(), None, vec![]);
    if let Some(facility) = filing.facility {
        let facility = tx.facility(facility).await?.ok_or(Error::NotFound)?;
        (name, address) = (facility.name, facility.address);
    }
    if let Some(id) = filing.site {
        let found = tx.reception(id).await?.ok_or(Error::NotFound)?;
        links = tx.links_of_site(id).await?;
        (name, address) = (found.name.clone(), found.address.clone());
        site = Some(found);
    }
    let checks = tx.filing_checks(filing.id).await?;
    let events = tx.filing_events(filing.id).await?;
    let by = if reviewer(actor) { By::Reviewer } else { By::Filer };
    let may = rules::possible(filing.state, by);
    let mut whole = Whole {
        filing,
        definition: of,
        name,
        address,
        site,
        links,
        checks,
        events,
        may,
        open: vec![],
    };
    if whole.filing.state.is_open() {
        whole.open = against(&whole, today(now));
    }
    Ok(whole)
}

/// What stands against handing it in.
fn against(whole: &Whole, today: NaiveDate) -> Vec<rules::Fault> {
    let mut found = rules::faults(whole.definition, &whole.filing.form, true);
    found.extend(rules::unmet(whole.definition, &whole.checks, today));
    if let Some(site) = &whole.site {
        if filings::misleading(&site.name).is_some() {
            found.push(("/site/name".to_owned(), "misleading_name"));
        }
        if !whole.links.iter().any(|link| link.confirmed_at.is_some()) {
            found.push(("/site/links".to_owned(), "no_link"));
        }
    }
    found
}

/// Keeps what is filled in; it need not be whole yet.
pub async fn put(
    app: &App,
    actor: &Actor,
    id: FilingId,
    version: i64,
    form: Form,
) -> Result<Whole> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let mut filing = own(&mut tx, actor, id).await?;
    if !filing.state.is_open() {
        return Err(Error::Refused("wrong_status"));
    }
    let of = definition(filing.kind)?;
    let clean = |(id, text): (String, String)| (id, crate::model::facility::canonical(&text));
    let form: Form = form.into_iter().map(clean).collect();
    let faults = rules::faults(of, &form, false);
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    let form = rules::kept(of, &form);
    tx.put_filing_form(id, version, &form, now).await?;
    (filing.form, filing.version) = (form, version + 1);
    let read = whole(&mut tx, actor, filing, now).await?;
    tx.commit(entry(actor, "filing.put", &read.filing, now)).await?;
    Ok(read)
}

/// Keeps what stands for one demand.
pub async fn put_check(app: &App, actor: &Actor, id: FilingId, check: Check) -> Result<Whole> {
    let now = app.clock.now();
    let by = account(actor)?.id;
    let mut tx = app.store.begin().await?;
    let filing = own(&mut tx, actor, id).await?;
    if !filing.state.is_open() {
        return Err(Error::Refused("wrong_status"));
    }
    let check = checked(definition(filing.kind)?, check, "", today(now))?;
    tx.put_filing_check(id, &check, by, now).await?;
    let read = whole(&mut tx, actor, filing, now).await?;
    let told = json!({ "item": check.item, "met": check.met });
    tx.commit(entry(actor, "filing.check", &read.filing, now).with(told)).await?;
    Ok(read)
}

/// A check as it is kept, or what is wrong with it.
fn checked(of: &Definition, check: Check, at: &str, today: NaiveDate) -> Result<Check> {
    let demand = of.demands.iter().find(|demand| demand.item == check.item);
    let demand = demand.ok_or(Error::NotFound)?;
    let url = check.url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
    let evidence = crate::model::facility::canonical(&check.evidence);
    let check = Check { evidence, url, ..check };
    let faults = rules::evidence_faults(at, demand, &check, today);
    if faults.is_empty() { Ok(check) } else { Err(invalid(faults)) }
}

/// Hands a filing in, for the first time or corrected. Everything must be filled in, and every
/// demand met with its evidence.
pub async fn submit(app: &App, actor: &Actor, id: FilingId, version: i64) -> Result<Whole> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let filing = own(&mut tx, actor, id).await?;
    let step =
        if filing.submitted_on.is_some() { FilingStep::Resubmit } else { FilingStep::Submit };
    if rules::next(filing.state, step, By::Filer).is_none() {
        return Err(Error::Refused("wrong_status"));
    }
    let read = whole(&mut tx, actor, filing, now).await?;
    if !read.open.is_empty() {
        return Err(invalid(read.open));
    }
    let filed = filed(&read);
    let mut filing = read.filing;
    filing.submitted_on = filing.submitted_on.or(Some(today(now)));
    filing.correct_by = None;
    filing.version = version;
    let taken = Taken { step, by: By::Filer, filed: Some(&filed), ..Taken::new(actor, now) };
    take(&mut tx, &mut filing, &taken).await?;
    finish(tx, actor, filing, &taken).await
}

/// What is handed in: the form, and what is known of the place at that moment.
fn filed(read: &Whole) -> Form {
    let mut filed = read.filing.form.clone();
    if let Some(site) = &read.site {
        let links = read.links.iter().filter(|link| link.confirmed_at.is_some());
        let links: Vec<&str> = links.map(|link| link.facility_name.as_str()).collect();
        let nurse = if site.has_nurse { "yes" } else { "no" };
        for (id, text) in [
            ("site_operator", site.operator_name.clone()),
            ("site_name", site.name.clone()),
            ("site_kind", site.kind.to_string()),
            ("site_address", site.address.clone()),
            ("site_telephone", site.telephone.clone()),
            ("site_contact_24h", site.contact_24h.clone()),
            ("site_usage_fee", site.usage_fee.to_string()),
            ("site_open_hours", site.open_hours.clone()),
            ("site_has_nurse", nurse.to_owned()),
            ("site_links", links.join("、")),
        ] {
            filed.insert(id.to_owned(), text);
        }
    }
    filed
}

/// Takes a filing back, or gives up what it brought, from `end` on.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    id: FilingId,
    version: i64,
    why: &str,
    end: Option<NaiveDate>,
) -> Result<Whole> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let mut filing = own(&mut tx, actor, id).await?;
    let draft = filing.state == FilingState::Draft;
    let why = if draft && why.trim().is_empty() { None } else { Some(reason(why)?) };
    let held = matches!(filing.state, FilingState::Accepted | FilingState::InEffect);
    let end = end.filter(|_| held).unwrap_or(today(now));
    let held_since = (filing.effective_from, filing.submitted_on);
    if let Some(code) = rules::end_fault(By::Filer, held_since, end, today(now)) {
        return Err(Error::invalid("/ended_on", code));
    }
    (filing.ended_on, filing.correct_by, filing.version) = (Some(end), None, version);
    let taken = Taken {
        step: FilingStep::Withdraw,
        by: By::Filer,
        reason: why.as_deref(),
        ..Taken::new(actor, now)
    };
    take(&mut tx, &mut filing, &taken).await?;
    register::end(&mut tx, &filing, now).await?;
    finish(tx, actor, filing, &taken).await
}

/// Keeps a step that was taken, with its entry, and shows the filing after it.
async fn finish(mut tx: Tx, actor: &Actor, filing: Filing, taken: &Taken<'_>) -> Result<Whole> {
    let read = whole(&mut tx, actor, filing, taken.now).await?;
    let entry = entry(actor, taken.action(), &read.filing, taken.now);
    tx.commit(entry.with(json!({ "to": read.filing.state, "kind": read.filing.kind }))).await?;
    Ok(read)
}
