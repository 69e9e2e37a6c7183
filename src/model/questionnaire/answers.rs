//! Answers, and what is wrong with them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::{Condition, Fault, Question, QuestionKind, TEXT_LENGTH};

/// What was answered, by the question's id: text, an option's id, several of them, true or false,
/// a date as `2026-12-01`, a number.
pub type Answers = BTreeMap<String, Value>;

/// Whether a sign that must not wait is among the answers.
pub fn red_flag(list: &[Question], given: &Answers) -> bool {
    let yes = |question: &Question| given.get(&question.id) == Some(&Value::Bool(true));
    list.iter().any(|question| question.kind == QuestionKind::RedFlag && yes(question))
}

/// The answers to the questions that are shown, or everything that is wrong with them. `at` is
/// where they stand in what was sent, as `/answers`. What was not asked is not repeated in a
/// fault: it may be a sentence of the patient's.
pub fn check(list: &[Question], given: &Answers, at: &str) -> Result<Answers, Vec<Fault>> {
    let mut faults = Vec::new();
    if given.keys().any(|id| !list.iter().any(|question| question.id == *id)) {
        faults.push(Fault { pointer: at.to_owned(), code: "unknown" });
    }
    let mut kept = Answers::new();
    for question in list {
        if !question.shown_when.as_ref().is_none_or(|when| holds(when, &kept)) {
            continue;
        }
        let mut fault =
            |code| faults.push(Fault { pointer: format!("{at}/{}", question.id), code });
        match given.get(&question.id).filter(|answer| !is_empty(answer)) {
            None if question.is_required() => fault("required"),
            None => {}
            Some(answer) => match fits(question, answer) {
                Ok(()) => {
                    kept.insert(question.id.clone(), answer.clone());
                }
                Err(code) => fault(code),
            },
        }
    }
    if faults.is_empty() { Ok(kept) } else { Err(faults) }
}

/// Whether a condition holds with what was answered so far.
fn holds(when: &Condition, kept: &Answers) -> bool {
    match kept.get(&when.question) {
        Some(Value::Array(chosen)) => chosen.contains(&when.is),
        Some(answer) => *answer == when.is,
        None => false,
    }
}

/// Nothing was said.
fn is_empty(answer: &Value) -> bool {
    match answer {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(chosen) => chosen.is_empty(),
        _ => false,
    }
}

/// Whether an answer is one to the question; a stable code where it is not.
fn fits(question: &Question, answer: &Value) -> Result<(), &'static str> {
    let known = |value: &Value| value.as_str().is_some_and(|id| question.offers(id));
    match (question.kind, answer) {
        (QuestionKind::Text, Value::String(text)) => {
            let most = question.max_length.unwrap_or(TEXT_LENGTH) as usize;
            if text.chars().count() > most { Err("too_long") } else { Ok(()) }
        }
        (QuestionKind::Choice, Value::String(_)) if known(answer) => Ok(()),
        (QuestionKind::Multi, Value::Array(chosen)) if chosen.iter().all(known) => {
            let twice = chosen.iter().enumerate().any(|(at, one)| chosen[..at].contains(one));
            if twice { Err("unknown") } else { Ok(()) }
        }
        (QuestionKind::Choice | QuestionKind::Multi, _) => Err("unknown"),
        (QuestionKind::YesNo | QuestionKind::RedFlag, Value::Bool(_)) => Ok(()),
        (QuestionKind::Date, Value::String(text)) => is_date(text),
        (QuestionKind::Number, Value::Number(number)) => {
            let number = number.as_f64().ok_or("range")?;
            let least = question.min.is_none_or(|least| least <= number);
            let most = question.max.is_none_or(|most| number <= most);
            if least && most { Ok(()) } else { Err("range") }
        }
        _ => Err("wrong_kind"),
    }
}

fn is_date(text: &str) -> Result<(), &'static str> {
    let date: NaiveDate = text.parse().map_err(|_| "wrong_kind")?;
    let years = NaiveDate::from_ymd_opt(1890, 1, 1)..NaiveDate::from_ymd_opt(2100, 1, 1);
    // Written in its one form, so that it is read alike everywhere.
    if date.to_string() != text {
        return Err("wrong_kind");
    }
    if years.contains(&Some(date)) { Ok(()) } else { Err("range") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::question;
    use super::*;

    fn given(answers: Value) -> Answers {
        serde_json::from_value(answers).unwrap()
    }

    fn faults(list: &[Question], answers: Value) -> Vec<(String, &'static str)> {
        let faults = check(list, &given(answers), "/answers").unwrap_err();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn list() -> Vec<Question> {
        use QuestionKind::{Choice, Date, Multi, Number, Text, YesNo};
        let when =
            |question: &str, is: Value| Some(Condition { question: question.to_owned(), is });
        vec![
            question("takes", YesNo),
            Question {
                shown_when: when("takes", json!(true)),
                max_length: Some(5),
                ..question("which", Text)
            },
            Question { required: false, ..question("one", Choice) },
            Question { required: false, ..question("some", Multi) },
            Question { shown_when: when("some", json!("b")), ..question("since", Date) },
            Question {
                required: false,
                min: Some(30.0),
                max: Some(45.0),
                ..question("heat", Number)
            },
        ]
    }

    #[test]
    fn only_what_is_shown_is_asked_and_kept() {
        let kept = check(&list(), &given(json!({ "takes": false, "which": "old" })), "/answers");
        assert_eq!(kept.unwrap(), given(json!({ "takes": false })));
        let all = json!({ "takes": true, "which": "粉薬", "one": "a", "some": ["a", "b"],
            "since": "2026-11-30", "heat": 38.5 });
        assert_eq!(check(&list(), &given(all.clone()), "/answers").unwrap(), given(all));
        let blank = json!({ "takes": true, "which": " ", "one": "", "some": [], "heat": null });
        assert_eq!(faults(&list(), blank), [("/answers/which".to_owned(), "required")]);
        // A hidden question hides those that hang on it.
        let when = Some(Condition { question: "which_kind".to_owned(), is: json!("a") });
        let list = [
            question("takes", QuestionKind::YesNo),
            Question {
                shown_when: Some(Condition { question: "takes".to_owned(), is: json!(true) }),
                ..question("which_kind", QuestionKind::Choice)
            },
            Question { shown_when: when, ..question("more", QuestionKind::Text) },
        ];
        let kept = check(&list, &given(json!({ "takes": false, "which_kind": "a" })), "/answers");
        assert_eq!(kept.unwrap(), given(json!({ "takes": false })));
    }

    #[test]
    fn every_fault_is_told_and_nothing_that_was_sent_is_repeated() {
        let odd = json!({ "takes": true, "which": "六文字です。", "one": "c", "some": ["b", "b"],
            "heat": 46, "my heart hurts": true });
        let told = faults(&list(), odd);
        let expected = [
            ("/answers", "unknown"),
            ("/answers/which", "too_long"),
            ("/answers/one", "unknown"),
            ("/answers/some", "unknown"),
            ("/answers/heat", "range"),
        ];
        assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        let kinds = json!({ "takes": "yes", "one": true, "some": "a", "heat": "38" });
        let codes: Vec<_> = faults(&list(), kinds).into_iter().map(|fault| fault.1).collect();
        assert_eq!(codes, ["wrong_kind", "unknown", "unknown", "wrong_kind"]);
        for (date, code) in
            [("2026-1-1", "wrong_kind"), ("2026-02-30", "wrong_kind"), ("1850-01-01", "range")]
        {
            let answers = json!({ "takes": false, "some": ["b"], "since": date });
            assert_eq!(faults(&list(), answers)[0].1, code, "{date}");
        }
    }

    #[test]
    fn a_sign_that_must_not_wait_must_be_answered_and_is_seen() {
        let sign = Question { required: false, ..question("sign", QuestionKind::RedFlag) };
        let list = [sign, question("other", QuestionKind::YesNo)];
        let told = faults(&list, json!({ "other": true }));
        assert_eq!(told, [("/answers/sign".to_owned(), "required")]);
        assert!(red_flag(&list, &given(json!({ "sign": true }))));
        assert!(!red_flag(&list, &given(json!({ "sign": false, "other": true }))));
        assert!(!red_flag(&list, &given(json!({ "sign": "true" }))));
    }
}
