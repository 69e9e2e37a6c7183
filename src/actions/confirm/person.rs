//! What a person says of themselves when they book: in one form, or everything that is wrong.

use chrono::Datelike;
use unicode_normalization::UnicodeNormalization;

use super::{Answers, ForWhom};
use crate::actions::Fault;
use crate::model::facility::canonical;
use crate::time::Instant;

/// The answers in one form, and everything that is wrong with them.
pub(super) fn checked(mut a: Answers, now: Instant) -> (Answers, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut fault = |pointer, code| faults.push(Fault { pointer, code });
    let mut text = |value: &mut String, pointer: &'static str, most: usize| {
        *value = canonical(value);
        if value.is_empty() {
            fault(pointer, "required");
        } else if value.chars().count() > most {
            fault(pointer, "too_long");
        }
    };
    text(&mut a.name, "/name", 100);
    text(&mut a.kana, "/kana", 100);
    text(&mut a.symptoms, "/symptoms", 2000);
    if a.for_whom == ForWhom::Family {
        text(a.relation.get_or_insert_default(), "/relation", 50);
        text(a.booker_name.get_or_insert_default(), "/booker_name", 100);
    } else {
        (a.relation, a.booker_name) = (None, None);
    }
    if !a.kana.is_empty() && !a.kana.chars().all(is_reading) {
        fault("/kana", "kana");
    }
    // Where it is tomorrow already, somebody may have been born.
    let today = now.date_naive() + chrono::Days::new(1);
    if a.birth_date > today {
        fault("/birth_date", "in_future");
    } else if a.birth_date.year() < 1890 {
        fault("/birth_date", "too_old");
    }
    match phone(&a.phone) {
        Some(digits) => a.phone = digits,
        None => fault("/phone", "phone"),
    }
    a.email = a.email.map(|email| canonical(&email)).filter(|email| !email.is_empty());
    if a.email.as_deref().is_some_and(|email| !is_email(email)) {
        fault("/email", "email");
    }
    if !a.consent && a.told.consents.is_none() {
        fault("/consent", "required");
    }
    (a, faults)
}

/// Kana, or letters for names that have none.
fn is_reading(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ｦ'..='ﾟ' | 'ー' | '・' | ' ' | '　' | '-' | '\'' | '.')
        || c.is_alphabetic() && !is_ideograph(c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The digits of a telephone number, with a leading `+` where it has a country code.
fn phone(text: &str) -> Option<String> {
    let folded: String = text.nfkc().collect();
    let (plus, rest) = match folded.trim().strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", folded.trim()),
    };
    let separates = |c: &char| !matches!(c, '-' | ' ' | '(' | ')' | '‐' | '−' | 'ー' | '–' | '.');
    let digits: String = rest.chars().filter(separates).collect();
    let right = (10..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    // One person writes one number in both ways; as one number it is one person.
    match (plus, digits.strip_prefix("81")) {
        ("+", Some(national)) => right.then(|| format!("0{}", national.trim_start_matches('0'))),
        _ => right.then(|| format!("{plus}{digits}")),
    }
}

/// Whether a text may be a mail address.
pub(in crate::actions) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';');
    text.len() <= 254
        && !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::super::{Speech, Told};
    use super::*;

    fn answers() -> Answers {
        Answers {
            for_whom: ForWhom::Myself,
            relation: Some("母".to_owned()),
            booker_name: None,
            name: " 音無\u{202e} 花 ".to_owned(),
            kana: "オトナシ ハナ".to_owned(),
            birth_date: "1948-05-03".parse().unwrap(),
            phone: "０３（１２３４）５６７８".to_owned(),
            email: Some(String::new()),
            language: Speech::Ja,
            symptoms: "せき".to_owned(),
            consent: true,
            told: Told::default(),
        }
    }

    fn now() -> Instant {
        "2026-12-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn answers_take_one_form() {
        let (a, faults) = checked(answers(), now());
        assert_eq!(faults, []);
        assert_eq!((a.name.as_str(), a.phone.as_str()), ("音無 花", "0312345678"));
        assert_eq!((a.email, a.relation), (None, None));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let bad = Answers {
            for_whom: ForWhom::Family,
            relation: None,
            booker_name: Some("x".repeat(101)),
            name: "\u{200b}".to_owned(),
            kana: "音無".to_owned(),
            birth_date: "2026-12-03".parse().unwrap(),
            phone: "12345".to_owned(),
            email: Some("a@b\r\n.example".to_owned()),
            symptoms: "あ".repeat(2001),
            consent: false,
            ..answers()
        };
        let (_, faults) = checked(bad, now());
        let told: Vec<_> = faults.iter().map(|f| (f.pointer, f.code)).collect();
        let expected = [
            ("/name", "required"),
            ("/symptoms", "too_long"),
            ("/relation", "required"),
            ("/booker_name", "too_long"),
            ("/kana", "kana"),
            ("/birth_date", "in_future"),
            ("/phone", "phone"),
            ("/email", "email"),
            ("/consent", "required"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn addresses_and_numbers() {
        assert!(is_email("hana@mail.example") && is_email("h+1@docomo.ne.jp"));
        for bad in ["hana", "@mail.example", "hana@mail", "ha na@mail.example", "a@b.example,c@d.e"]
        {
            assert!(!is_email(bad), "{bad}");
        }
        assert_eq!(phone("+81 90-1234-5678").as_deref(), Some("09012345678"));
        assert_eq!(phone("+1 415 555 0100").as_deref(), Some("+14155550100"));
        assert_eq!(phone("090-1234-567x"), None);
    }
}
