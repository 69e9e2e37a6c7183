//! What a patient was shown before a booking, and what they said to it: versions, answers,
//! consents, acknowledgements, the basis of a first visit.

use serde_json::{Value, json};

use crate::actions::questions::{self, Asked};
use crate::actions::{App, Error, Fault, Result};
use crate::engine::first_visit::{self, Known, Said, Verdict};
use crate::model::audit::Entry;
use crate::model::booking::Booking;
use crate::model::facility::{ServiceKind, canonical};
use crate::model::intake::{FirstVisitBasis, Intake, Source};
use crate::model::person::Actor;
use crate::model::questionnaire::answers::{self, Answers};
use crate::model::questionnaire::{self, Question, SOURCES};
use crate::model::terms::{ConsentKind, ConsentMethod, ConsentText, Given};
use crate::model::{BookingId, PatientId};
use crate::seal::token::Token;
use crate::store::{Agreed, Made, QuestionList, Tx};
use crate::time::Instant;

/// What a patient was shown, and what they said to it.
#[derive(Clone, Debug)]
pub struct Told {
    /// How they agreed.
    pub method: ConsentMethod,
    /// To which texts; nothing from a page that showed but one text and one box.
    pub consents: Option<Vec<Given>>,
    /// The version of the questionnaire that was shown.
    pub questionnaire_version: Option<i64>,
    /// Answers to it.
    pub answers: Answers,
    /// The version of the clinic's list of signs that was shown.
    pub triage_version: Option<i64>,
    /// Answers to it.
    pub triage: Answers,
    /// The version of the fees that was shown.
    pub fee_version: Option<i64>,
    /// That online care may be refused after a talk before care.
    pub refusal_acknowledged: bool,
    /// What the talk costs.
    pub fee_acknowledged: bool,
    /// What a first visit or a repeat visit rests on.
    pub said: Said,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            method: ConsentMethod::Checkbox,
            consents: None,
            questionnaire_version: None,
            answers: Answers::new(),
            triage_version: None,
            triage: Answers::new(),
            fee_version: None,
            refusal_acknowledged: false,
            fee_acknowledged: false,
            said: Said::default(),
        }
    }
}

/// What was said, without fault.
pub(super) struct Fit {
    /// Answers to the questions that were shown.
    pub(super) answers: Answers,
    /// Answers about signs that must not wait.
    pub(super) triage: Answers,
    /// What the visit rests on.
    pub(super) said: Said,
    /// The texts that were agreed to.
    texts: Vec<ConsentText>,
}

/// What a first visit rests on.
#[derive(Default)]
pub(super) struct Basis {
    /// Whether the clinic must decide first.
    pub(super) ask_clinic: bool,
    kind: Option<FirstVisitBasis>,
    talk: Option<BookingId>,
}

fn questions(list: Option<&QuestionList>) -> &[Question] {
    list.map_or(&[], |list| &list.questions)
}

/// Whether a sign that must not wait was seen in what stands now. Staff on the telephone judge for
/// themselves.
pub(super) fn red_flag(asked: &Asked, told: &Told) -> Result<bool> {
    let current = |list: &Option<QuestionList>| list.as_ref().map(|list| list.version);
    let same = told.questionnaire_version == current(&asked.list)
        && told.triage_version == current(&asked.triage);
    if !same {
        return Err(Error::Changed("questionnaire_changed"));
    }
    let flagged = answers::red_flag(questions(asked.triage.as_ref()), &told.triage)
        || answers::red_flag(questions(asked.list.as_ref()), &told.answers);
    Ok(flagged && told.method == ConsentMethod::Checkbox)
}

/// Keeps that a sign was seen, by the numbers of the lists alone; the hold stays, and the patient
/// is told to telephone.
pub(super) async fn call_the_clinic(
    tx: Tx,
    actor: &Actor,
    booking: &Booking,
    asked: &Asked,
    now: Instant,
) -> Result<Token> {
    let version = |list: &Option<QuestionList>| list.as_ref().map(|list| list.version);
    let lists = json!({
        "triage_version": version(&asked.triage), "questionnaire_version": version(&asked.list),
    });
    let entry = Entry::of(actor, "booking.red_flag", booking.id, now);
    tx.commit(entry.at_facility(booking.facility).with(lists)).await?;
    Err(Error::CallTheClinic { telephone: asked.asking.telephone.clone() })
}

/// What was said, or everything that is wrong with it, `faults` of the person first.
pub(super) fn fit(
    asked: &Asked,
    told: &Told,
    faults: &[Fault],
    app: &App,
    booking: &Booking,
) -> Result<Fit> {
    let owned = |fault: &Fault| questionnaire::Fault {
        pointer: fault.pointer.to_owned(),
        code: fault.code,
    };
    let mut faults: Vec<_> = faults.iter().map(owned).collect();
    let mut read = |list: Option<&QuestionList>, given: &Answers, at| {
        let given = given.iter().map(|(id, answer)| (id.clone(), cleaned(answer))).collect();
        answers::check(questions(list), &given, at).unwrap_or_else(|wrong| {
            faults.extend(wrong);
            Answers::new()
        })
    };
    let triage = read(asked.triage.as_ref(), &told.triage, "/triage");
    let answers = read(asked.list.as_ref(), &told.answers, "/answers");
    let mut need = |is: bool, pointer: &str| {
        if !is {
            let pointer = pointer.to_owned();
            faults.push(questionnaire::Fault { pointer, code: "required" });
        }
    };
    if asked.asking.kind == ServiceKind::PreConsultation {
        need(told.refusal_acknowledged, "/refusal_acknowledged");
        need(told.fee_acknowledged, "/fee_acknowledged");
    }
    let agreed = |kind| told.consents.iter().flatten().any(|given| given.kind == kind);
    let all = told.consents.is_none() || ConsentKind::ALL.into_iter().all(agreed);
    need(all, "/consents");
    let said = Said { sources: sources(told, &answers), ..told.said.clone() };
    // What is wrong whatever the facility knows of the patient.
    let best = Known { talk: Some(booking.id), seen_before: true };
    if let Verdict::Fault(pointer, code) = verdict(app, asked, &said, best) {
        faults.push(questionnaire::Fault { pointer: pointer.to_owned(), code });
    }
    if !faults.is_empty() {
        return Err(Error::InvalidAt(faults));
    }
    if told.fee_version != asked.fees.as_ref().map(|fees| fees.version) {
        return Err(Error::Changed("fee_changed"));
    }
    Ok(Fit { answers, triage, said, texts: texts(asked, told)? })
}

/// An answer without what only steers how others are shown.
fn cleaned(answer: &Value) -> Value {
    match answer {
        Value::String(text) => Value::String(canonical(text)),
        other => other.clone(),
    }
}

/// Which information there is: said apart, or answered among the questions.
fn sources(told: &Told, answers: &Answers) -> Vec<Source> {
    let answered = answers.get(SOURCES).cloned().unwrap_or(Value::Null);
    let answered: Vec<Source> = serde_json::from_value(answered).unwrap_or_default();
    let mut all = told.said.sources.clone();
    all.extend(answered);
    all.sort();
    all.dedup();
    all
}

/// The texts that were agreed to, if they are those that stand now.
fn texts(asked: &Asked, told: &Told) -> Result<Vec<ConsentText>> {
    let current = |text: &ConsentText| match &told.consents {
        Some(given) => {
            given.iter().any(|given| given.kind == text.kind && given.version == text.version)
        }
        // A page without versions shows the house's first text of one kind, and one box for it.
        None => !text.own && text.version == 1,
    };
    if !asked.texts.iter().all(current) {
        return Err(Error::Changed("consent_changed"));
    }
    let shown =
        |text: &&ConsentText| told.consents.is_some() || text.kind == ConsentKind::OnlineCare;
    Ok(asked.texts.iter().filter(shown).cloned().collect())
}

fn verdict(app: &App, asked: &Asked, said: &Said, known: Known) -> Verdict {
    let today = asked.today(app.clock.now());
    first_visit::judge(asked.asking.visit, said, known, asked.asking.without_basis, today)
}

/// What the visit rests on, with what the facility knows of the patient.
pub(super) async fn judge(
    app: &App,
    tx: &mut Tx,
    asked: &Asked,
    fit: &Fit,
    patient: PatientId,
    booking: &Booking,
) -> Result<Basis> {
    let known = Known {
        talk: tx.agreed_talk(patient, booking.facility).await?,
        seen_before: tx.seen_before(patient, booking.facility, booking.id).await?,
    };
    let ask_clinic = match verdict(app, asked, &fit.said, known) {
        Verdict::Sound => false,
        Verdict::AskClinic => true,
        Verdict::Fault(pointer, code) => return Err(Error::invalid(pointer, code)),
        Verdict::Refuse(code) => return Err(Error::Refused(code)),
    };
    let kind = fit.said.basis;
    let talk = known.talk.filter(|_| kind == Some(FirstVisitBasis::PreConsultation));
    Ok(Basis { ask_clinic, kind, talk })
}

/// Keeps what the booking was made with.
pub(super) async fn keep(
    tx: &mut Tx,
    actor: &Actor,
    booking: &Booking,
    asked: &Asked,
    (told, fit, basis): (&Told, &Fit, &Basis),
    now: Instant,
) -> Result<()> {
    let made = Made { facility: booking.facility, version: 1, account: None, at: now };
    let intake = Intake {
        booking: booking.id,
        facility: booking.facility,
        questionnaire_id: questions::keep_list(tx, asked, made).await?,
        triage_id: asked.triage.as_ref().map(|list| list.id),
        fee_version_id: asked.fees.as_ref().map(|fees| fees.id),
        refusal_acknowledged_at: told.refusal_acknowledged.then_some(now),
        fee_acknowledged_at: told.fee_acknowledged.then_some(now),
        first_visit_basis: basis.kind,
        pre_consultation_id: basis.talk,
        confirmed_at: None,
        confirmed_by: None,
        version: 1,
    };
    tx.add_intake(&intake).await?;
    let witness = actor.account().map(|account| account.id);
    let agreed = Agreed { method: told.method, witness, at: now };
    for text in &fit.texts {
        tx.add_consent(booking.id, booking.facility, text, agreed).await?;
    }
    Ok(())
}
