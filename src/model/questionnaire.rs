//! What is asked before a visit: questions as data. A list of them is a version that never
//! changes; whoever edits it makes the next. [`answers`] holds what is said to them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod answers;

/// Questions that one list may have.
pub const MOST_QUESTIONS: usize = 60;
/// Options that one question may have.
pub const MOST_OPTIONS: usize = 40;
/// Characters of a label or of an explanation.
const LABEL: usize = 300;
/// Characters that an answer may have where its question says nothing.
pub const TEXT_LENGTH: u32 = 2000;

/// The question whose options are the kinds of information of [`super::intake::Source`].
pub const SOURCES: &str = "medical_information_source";

/// What kind of answer a question takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Words.
    Text,
    /// One of its options.
    Choice,
    /// Any of its options.
    Multi,
    /// Yes or no.
    YesNo,
    /// A date.
    Date,
    /// A number.
    Number,
    /// Yes or no, always to be answered; yes means that a video visit may be too late (guideline
    /// V1(2)): the clinic is to be telephoned.
    RedFlag,
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuestionOption)]
pub struct Choice {
    /// Its id, unique in its question.
    pub id: String,
    /// As patients read it.
    pub label_ja: String,
    /// In English.
    pub label_en: String,
}

/// When a question is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The id of an earlier question of the same list.
    pub question: String,
    /// Its answer: true or false, or an option that is chosen.
    pub is: Value,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its id, unique in its list.
    pub id: String,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// Whether it must be answered where it is shown.
    #[serde(default)]
    pub required: bool,
    /// As patients read it.
    pub label_ja: String,
    /// In English.
    pub label_en: String,
    /// An explanation below it.
    #[serde(default)]
    pub help_ja: String,
    /// The same in English.
    #[serde(default)]
    pub help_en: String,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// When it is shown; always, where nothing is said.
    #[serde(default)]
    pub shown_when: Option<Condition>,
    /// The most characters of a text.
    #[serde(default)]
    pub max_length: Option<u32>,
    /// The least number.
    #[serde(default)]
    pub min: Option<f64>,
    /// The greatest number.
    #[serde(default)]
    pub max: Option<f64>,
}

impl Question {
    /// Whether it must be answered where it is shown.
    pub fn is_required(&self) -> bool {
        self.required || self.kind == QuestionKind::RedFlag
    }

    /// Whether `id` is one of its options.
    pub fn offers(&self, id: &str) -> bool {
        self.options.iter().any(|option| option.id == id)
    }
}

/// What is wrong with a part of a list or of answers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer to it, as `/questions/3/label_en`.
    pub pointer: String,
    /// Stable code, as `required`.
    pub code: &'static str,
}

/// What a list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// A service's questionnaire.
    Questions,
    /// A clinic's signs that must not wait: nothing but [`QuestionKind::RedFlag`].
    RedFlags,
}

/// Everything that is wrong with a list that somebody edited.
pub fn check(list: &[Question], of: ListOf) -> Vec<Fault> {
    if list.len() > MOST_QUESTIONS {
        return vec![Fault { pointer: "/questions".to_owned(), code: "too_long" }];
    }
    let mut faults = Vec::new();
    for (place, question) in list.iter().enumerate() {
        let mut fault = |field: &str, code| {
            faults.push(Fault { pointer: format!("/questions/{place}/{field}"), code });
        };
        let earlier = &list[..place];
        if !is_id(&question.id) {
            fault("id", "id");
        } else if earlier.iter().any(|other| other.id == question.id) {
            fault("id", "taken");
        }
        if of == ListOf::RedFlags && question.kind != QuestionKind::RedFlag {
            fault("kind", "unknown");
        }
        check_words(question, &mut fault);
        check_options(question, &mut fault);
        check_limits(question, &mut fault);
        if question.shown_when.as_ref().is_some_and(|when| !can_hold(when, earlier)) {
            fault("shown_when", "unknown");
        }
    }
    faults
}

/// Small letters, digits and underscores, a letter first: as it stands in a JSON pointer.
fn is_id(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(rest)
}

fn check_words(question: &Question, fault: &mut impl FnMut(&str, &'static str)) {
    let q = question;
    for (field, text) in [("label_ja", &q.label_ja), ("label_en", &q.label_en)] {
        if text.trim().is_empty() {
            fault(field, "required");
        }
    }
    for (field, text) in [
        ("label_ja", &q.label_ja),
        ("label_en", &q.label_en),
        ("help_ja", &q.help_ja),
        ("help_en", &q.help_en),
    ] {
        if text.chars().count() > LABEL {
            fault(field, "too_long");
        }
    }
}

fn check_options(question: &Question, fault: &mut impl FnMut(&str, &'static str)) {
    let chooses = matches!(question.kind, QuestionKind::Choice | QuestionKind::Multi);
    let count = question.options.len();
    if chooses == (count == 0) || count > MOST_OPTIONS {
        fault("options", if count == 0 { "required" } else { "range" });
    }
    for (place, option) in question.options.iter().enumerate().take(MOST_OPTIONS) {
        if !is_id(&option.id) {
            fault(&format!("options/{place}/id"), "id");
        } else if question.options[..place].iter().any(|other| other.id == option.id) {
            fault(&format!("options/{place}/id"), "taken");
        }
        for (field, text) in [("label_ja", &option.label_ja), ("label_en", &option.label_en)] {
            if text.trim().is_empty() {
                fault(&format!("options/{place}/{field}"), "required");
            } else if text.chars().count() > LABEL {
                fault(&format!("options/{place}/{field}"), "too_long");
            }
        }
    }
}

fn check_limits(question: &Question, fault: &mut impl FnMut(&str, &'static str)) {
    let text = question.kind == QuestionKind::Text;
    if question.max_length.is_some_and(|most| !text || !(1..=TEXT_LENGTH).contains(&most)) {
        fault("max_length", "range");
    }
    let number = question.kind == QuestionKind::Number;
    let odd = |limit: Option<f64>| limit.is_some_and(|limit| !number || !limit.is_finite());
    if odd(question.min) {
        fault("min", "range");
    }
    let crossed = question.min.zip(question.max).is_some_and(|(least, most)| least > most);
    if odd(question.max) || crossed {
        fault("max", "range");
    }
}

/// Whether there is an earlier question that can be answered so.
fn can_hold(when: &Condition, earlier: &[Question]) -> bool {
    let Some(asked) = earlier.iter().find(|other| other.id == when.question) else { return false };
    match (asked.kind, &when.is) {
        (QuestionKind::YesNo, Value::Bool(_)) => true,
        (QuestionKind::Choice | QuestionKind::Multi, Value::String(option)) => asked.offers(option),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn question(id: &str, kind: QuestionKind) -> Question {
        let choice = |id: &str| Choice {
            id: id.to_owned(),
            label_ja: "はい".to_owned(),
            label_en: "Yes".to_owned(),
        };
        let chooses = matches!(kind, QuestionKind::Choice | QuestionKind::Multi);
        Question {
            id: id.to_owned(),
            kind,
            required: true,
            label_ja: "質問".to_owned(),
            label_en: "Question".to_owned(),
            help_ja: String::new(),
            help_en: String::new(),
            options: if chooses { vec![choice("a"), choice("b")] } else { Vec::new() },
            shown_when: None,
            max_length: None,
            min: None,
            max: None,
        }
    }

    fn told(list: &[Question], of: ListOf) -> Vec<(String, &'static str)> {
        check(list, of).into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn each_fault_of_a_list_is_told_with_its_place() {
        use QuestionKind::{Choice as One, Multi, Number, RedFlag, Text, YesNo};
        let mut list = vec![question("a", YesNo), question("a", Text), question("B", One)];
        list[1].max_length = Some(0);
        list[1].label_en = " ".to_owned();
        list[2].options[1].id = "a".to_owned();
        list.push(Question { min: Some(2.0), max: Some(1.0), ..question("c", Number) });
        list.push(Question { options: Vec::new(), ..question("d", Multi) });
        list.push(Question { label_ja: "あ".repeat(301), ..question("e", YesNo) });
        let expected = [
            ("/questions/1/id", "taken"),
            ("/questions/1/label_en", "required"),
            ("/questions/1/max_length", "range"),
            ("/questions/2/id", "id"),
            ("/questions/2/options/1/id", "taken"),
            ("/questions/3/max", "range"),
            ("/questions/4/options", "required"),
            ("/questions/5/label_ja", "too_long"),
        ];
        assert_eq!(told(&list, ListOf::Questions), expected.map(|(p, c)| (p.to_owned(), c)));
        let list = [question("a", RedFlag), question("b", YesNo)];
        assert_eq!(told(&list, ListOf::Questions), []);
        assert_eq!(told(&list, ListOf::RedFlags), [("/questions/1/kind".to_owned(), "unknown")]);
        let many = vec![question("a", YesNo); MOST_QUESTIONS + 1];
        assert_eq!(told(&many, ListOf::Questions), [("/questions".to_owned(), "too_long")]);
    }

    #[test]
    fn a_question_depends_on_an_earlier_one_that_can_be_answered_so() {
        use QuestionKind::{Choice as One, RedFlag, Text, YesNo};
        let asked = [question("yes", YesNo), question("one", One), question("flag", RedFlag)];
        let with = |question: &str, is: Value| {
            let when = Condition { question: question.to_owned(), is };
            let hanging = Question { shown_when: Some(when), ..super::tests::question("z", Text) };
            let all: Vec<_> = asked.iter().cloned().chain([hanging]).collect();
            told(&all, ListOf::Questions).is_empty()
        };
        assert!(with("yes", true.into()) && with("one", "b".into()));
        assert!(!with("yes", "a".into()) && !with("one", "c".into()) && !with("one", true.into()));
        // Not on itself, on nothing, or on what ends the booking anyway.
        assert!(!with("z", "a".into()) && !with("none", true.into()));
        assert!(!with("flag", true.into()));
    }
}
