//! The texts of messages to patients, from `seeds/messages.toml`, filled in.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::Datelike;
use chrono_tz::Tz;
use serde::Deserialize;

use super::Lang;
use crate::model::message::Kind;
use crate::time::Instant;

/// What is filled in.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The clinic's name.
    pub clinic: &'a str,
    /// When the visit is.
    pub starts_at: Instant,
    /// Whose clock the patient reads.
    pub zone: Tz,
    /// What people call the booking.
    pub number: &'a str,
    /// Where to go.
    pub link: &'a str,
    /// The clinic's telephone.
    pub telephone: &'a str,
}

/// The texts of one message.
#[derive(Clone, PartialEq, Eq)]
pub struct Texts {
    /// The subject of a mail.
    pub subject: String,
    /// A mail.
    pub mail: String,
    /// A short message.
    pub sms: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    subject_ja: String,
    #[serde(default)]
    subject_en: String,
    mail_ja: String,
    mail_en: String,
    #[serde(default)]
    sms_ja: String,
    #[serde(default)]
    sms_en: String,
}

static CATALOGUE: LazyLock<HashMap<String, Entry>> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/messages.toml")).unwrap_or_default());

/// Whether a message of this kind leads somewhere: what is called off needs no link.
pub fn has_link(kind: Kind) -> bool {
    !matches!(kind, Kind::Declined | Kind::Cancelled)
}

/// The texts of a message; nothing where the catalogue lacks it, which a test forbids.
pub fn texts(kind: Kind, language: Lang, facts: &Facts<'_>) -> Option<Texts> {
    let (entry, footer) = (CATALOGUE.get(kind.as_str())?, CATALOGUE.get("footer")?);
    let when = when(facts.starts_at, facts.zone, language);
    let known = [
        ("clinic", facts.clinic),
        ("when", &when),
        ("number", facts.number),
        ("link", facts.link),
        ("telephone", facts.telephone),
    ];
    let mail = language.pick(&entry.mail_ja, &entry.mail_en).trim_start().to_owned()
        + language.pick(&footer.mail_ja, &footer.mail_en);
    Some(Texts {
        subject: filled(language.pick(&entry.subject_ja, &entry.subject_en), &known),
        mail: filled(&mail, &known),
        sms: filled(language.pick(&entry.sms_ja, &entry.sms_en), &known),
    })
}

/// The text with each `{name}` replaced once: what is filled in is not looked at again.
pub(super) fn filled(text: &str, known: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 100);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { return out + after };
        out.push_str(known.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = behind;
    }
    out + rest
}

/// A time as people write it: 12月1日（火）12:00.
fn when(instant: Instant, zone: Tz, language: Lang) -> String {
    let local = instant.with_timezone(&zone);
    match language {
        Lang::Ja => {
            let days = ['月', '火', '水', '木', '金', '土', '日'];
            let day = days[local.weekday().num_days_from_monday() as usize];
            let date = format!("{}月{}日（{day}）", local.month(), local.day());
            date + &local.format("%-H:%M").to_string()
        }
        Lang::En => {
            let place = if zone == chrono_tz::Asia::Tokyo { "Japan time" } else { zone.name() };
            format!("{} {place}", local.format("%a %-d %b %Y, %H:%M"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts<'static> {
        Facts {
            clinic: "おとなし夜間休日オンライン診療所",
            starts_at: "2026-12-01T03:05:00Z".parse().unwrap(),
            zone: chrono_tz::Asia::Tokyo,
            number: "9QFX-QM74",
            link: "https://onshin.example/visit#abc",
            telephone: "03-0000-0000",
        }
    }

    #[test]
    fn every_kind_has_its_texts_in_both_languages() {
        for kind in Kind::ALL.iter().copied() {
            for language in [Lang::Ja, Lang::En] {
                let all = texts(kind, language, &facts()).unwrap();
                for text in [&all.subject, &all.mail, &all.sms] {
                    assert!(text.chars().count() > 10, "{kind} {language:?}");
                    assert!(!text.contains(['{', '}']), "{text}");
                    let clinic_apart = text.replace(facts().clinic, "");
                    let kana = |c| matches!(c, 'ぁ'..='ん');
                    assert_eq!(language == Lang::Ja, clinic_apart.contains(kana), "{text}");
                }
                for text in [&all.mail, &all.sms] {
                    assert!(text.contains("03-0000-0000"), "{text}");
                    assert!(text.contains(facts().clinic), "{text}");
                    assert_eq!(text.contains(facts().link), has_link(kind), "{text}");
                }
                assert!(!all.subject.contains(facts().clinic) && !all.subject.contains('\n'));
                // Nothing of a locked screen tells what it is about.
                for word in ["診", "医", "doctor", "clinic", "visit", "care"] {
                    assert!(!all.subject.to_lowercase().contains(word), "{}", all.subject);
                }
            }
        }
    }

    #[test]
    fn a_mail_reads_like_this() {
        let all = texts(Kind::Booked, Lang::Ja, &facts()).unwrap();
        assert_eq!(all.subject, "予約を受け付けました（12月1日（火）12:05）");
        assert!(
            all.mail.starts_with("おとなし夜間休日オンライン診療所 の予約を受け付けました。\n")
        );
        let english = texts(Kind::Moved, Lang::En, &facts()).unwrap();
        let subject = "Your appointment has a new time (Tue 1 Dec 2026, 12:05 Japan time)";
        assert_eq!(english.subject, subject);
    }

    #[test]
    fn what_is_filled_in_is_not_filled_in_again() {
        let known = [("clinic", "{link}"), ("link", "https://x")];
        assert_eq!(filled("{clinic} {link} {other} {", &known), "{link} https://x  ");
    }
}
