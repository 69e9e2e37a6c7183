//! The letter that tells of a deadline, from `seeds/deadlines.toml`: in Japanese and then in English,
//! since nobody has said in which they read.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

use super::Lang;
use super::dates::Style;
use super::messages::filled;
use crate::model::filing::{FilingDuty, LetterStage};

#[derive(Default, Deserialize)]
struct Seed {
    subject_ja: String,
    subject_en: String,
    mail_ja: String,
    mail_en: String,
    #[serde(flatten)]
    duties: HashMap<String, Sentences>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentences {
    ahead_ja: String,
    ahead_en: String,
    passed_ja: String,
    passed_en: String,
}

static SEED: LazyLock<Seed> = LazyLock::new(|| {
    toml::from_str(include_str!("../../seeds/deadlines.toml")).unwrap_or_default()
});

/// A letter's subject and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// What is filled in.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Of what.
    pub duty: FilingDuty,
    /// Which letter.
    pub stage: LetterStage,
    /// By when it is due.
    pub due_on: NaiveDate,
    /// How many days are left.
    pub days_left: i64,
    /// To whom.
    pub name: &'a str,
    /// Where it is done.
    pub link: &'a str,
}

/// How many days are left, in words.
fn left(days: i64, lang: Lang) -> String {
    match (days, lang) {
        (0, Lang::Ja) => "今日まで".to_owned(),
        (0, Lang::En) => "today".to_owned(),
        (1.., Lang::Ja) => format!("あと{days}日"),
        (1, Lang::En) => "1 day left".to_owned(),
        (1.., Lang::En) => format!("{days} days left"),
        (_, Lang::Ja) => "期限を過ぎました".to_owned(),
        (_, Lang::En) => "it has passed".to_owned(),
    }
}

/// The letter; nothing only where the seed lacks it, which a test forbids.
pub fn letter(facts: &Facts<'_>) -> Option<Written> {
    let duty = SEED.duties.get(facts.duty.as_str())?;
    let in_language = |lang: Lang| {
        let due = Style::from(lang).date(facts.due_on);
        let left = left(facts.days_left, lang);
        let sentence = match facts.stage {
            LetterStage::Passed => lang.pick(&duty.passed_ja, &duty.passed_en),
            LetterStage::Month | LetterStage::Week => lang.pick(&duty.ahead_ja, &duty.ahead_en),
        };
        let what = filled(sentence, &[("due", &due), ("left", &left)]);
        let known =
            [("what", what.as_str()), ("name", facts.name), ("left", &left), ("link", facts.link)];
        let subject = filled(lang.pick(&SEED.subject_ja, &SEED.subject_en), &known);
        (subject, filled(lang.pick(&SEED.mail_ja, &SEED.mail_en).trim_start(), &known))
    };
    let (ja, en) = (in_language(Lang::Ja), in_language(Lang::En));
    Some(Written {
        subject: format!("{} / {}", ja.0, en.0),
        text: format!("{}\n――――――――\n\n{}", ja.1, en.1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_its_words_in_both_languages() {
        for duty in FilingDuty::ALL {
            for (stage, days_left) in
                [(LetterStage::Month, 30), (LetterStage::Week, 1), (LetterStage::Passed, -1)]
            {
                let due_on = "2027-03-31".parse().unwrap();
                let facts = Facts {
                    duty: *duty,
                    stage,
                    due_on,
                    days_left,
                    name: "夕凪医院",
                    link: "https://onshin.example/staff/filings",
                };
                let written = letter(&facts).unwrap();
                assert!(!written.text.contains(['{', '}']), "{}", written.text);
                assert!(!written.subject.contains(['{', '}']), "{}", written.subject);
                for part in ["令和9年3月31日", "31 March 2027", "夕凪医院", facts.link] {
                    assert!(written.text.contains(part), "{part} in {}", written.text);
                }
                let said =
                    written.subject.contains("あと30日 ") || written.subject.contains("30 days");
                assert_eq!(said, days_left == 30, "{}", written.subject);
            }
        }
    }
}
