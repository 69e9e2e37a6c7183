//! The sentences. One for each thing that a rule can look at, for and against: a new one does not
//! compile without its words.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{About, Exception, Period, Stretch, local_date, local_time, weekday};
use crate::format::Lang;
use crate::model::booking::Status;
use crate::time::Instant;

/// What is said of `about`, where it is against the time and where it is not.
pub(super) fn sentence(about: &About, against: bool, zone: Tz, lang: Lang) -> String {
    match about {
        About::Time
        | About::Present { .. }
        | About::Notice { .. }
        | About::WorkingDays { .. }
        | About::Horizon { .. }
        | About::Offered { .. } => bounds(about, against, zone, lang),
        About::Acceptance { .. }
        | About::Training { .. }
        | About::Exception { .. }
        | About::Closure { .. }
        | About::Holiday { .. }
        | About::HolidaysUnknown { .. }
        | About::Weekly { .. } => day(about, lang),
        About::Hours { .. }
        | About::Grid { .. }
        | About::Booking { .. }
        | About::CalendarAge { .. }
        | About::CalendarReach { .. }
        | About::Outside { .. }
        | About::Seats { .. }
        | About::DayLimit { .. }
        | About::Colleague { .. }
        | About::Rooms { .. } => time(about, against, zone, lang),
    }
}

/// Of notice, horizon and who offers it.
fn bounds(about: &About, against: bool, zone: Tz, lang: Lang) -> String {
    let at = |at: &Instant| local_time(*at, zone, lang);
    let date = |date: &NaiveDate| local_date(*date, lang);
    let say = |ja: String, en: String| lang.pick(ja, en);
    match about {
        About::Present { now } if against => say(
            format!("過ぎた時刻です。今は{}です。", at(now)),
            format!("This time is in the past. It is {} now.", at(now)),
        ),
        About::Present { now } => {
            say(format!("今は{}です。", at(now)), format!("It is {} now.", at(now)))
        }
        About::Notice { earliest, minutes } if against => say(
            format!("予約は開始の{minutes}分前までです。{}から取れます。", at(earliest)),
            format!(
                "It must be booked {minutes} minutes ahead. The first time is {}.",
                at(earliest)
            ),
        ),
        About::Notice { minutes, .. } => say(
            format!("予約の締め切り（{minutes}分前）に間に合います。"),
            format!("It is early enough: {minutes} minutes ahead are needed."),
        ),
        About::WorkingDays { days, first_day } => {
            let (ja, en) = if against {
                ("より前です。", "before")
            } else {
                ("以後です。", "on or after")
            };
            say(
                format!(
                    "{days}診療日前までの予約で、取れる最初の日は{}。それ{ja}",
                    date(first_day)
                ),
                format!(
                    "It must be booked {days} working days ahead; this is {en} the first day, {}.",
                    date(first_day)
                ),
            )
        }
        About::Horizon { last, days } => {
            let (ja, en) = if against {
                ("より先です。", "after")
            } else {
                ("までに入ります。", "on or before")
            };
            say(
                format!("予約は{days}日先（{}）までです。この日はそれ{ja}", date(last)),
                format!("It can be booked {days} days ahead; this is {en} {}.", date(last)),
            )
        }
        About::Offered { name, .. } if against => say(
            format!("{name}医師はこの種類の診療を受け持っていません。"),
            format!("{name} does not offer this kind of visit."),
        ),
        About::Offered { name, .. } => say(
            format!("{name}医師が受け持つ種類の診療です。"),
            format!("{name} offers this kind of visit."),
        ),
        _ if against => say(
            "予約できる時刻の形ではありません。年と日付、5分単位の時刻をお確かめください。"
                .to_owned(),
            "This is not a time that can be booked. Please check year, date and minutes."
                .to_owned(),
        ),
        _ => say("予約できる時刻の形です。".to_owned(), "This is a valid time.".to_owned()),
    }
}

/// Of what closes a whole day.
fn day(about: &About, lang: Lang) -> String {
    let date = |date: &NaiveDate| local_date(*date, lang);
    let say = |ja: String, en: String| lang.pick(ja, en);
    match about {
        About::Acceptance { date: day, periods } => {
            let known = periods_of(periods, lang);
            say(
                format!(
                    "{}は、情報通信機器を用いた診療の届出が有効ではありません。{known}",
                    date(day)
                ),
                format!(
                    "The acceptance for online care is not in effect on {}. {known}",
                    date(day)
                ),
            )
        }
        About::Training { date: day, completed_on: Some(on) } => say(
            format!("担当医の研修の修了日（{}）が{}より後です。", date(on), date(day)),
            format!(
                "The doctor completed the training for online care on {}, after {}.",
                date(on),
                date(day)
            ),
        ),
        About::Training { completed_on: None, .. } => say(
            "担当医のオンライン診療研修の修了が登録されていません。".to_owned(),
            "The doctor's training for online care is not recorded.".to_owned(),
        ),
        About::Exception { date: day, exception } => closed(*day, exception, lang),
        About::Closure { name, date: day, .. } => say(
            format!("{}は「{name}」の期間で休みです。", date(day)),
            format!("Closed on {}: {name}.", date(day)),
        ),
        About::Holiday { name, date: day } => say(
            format!("{}は祝日（{name}）で休診です。", date(day)),
            format!("{} is a public holiday ({name}), on which the clinic is closed.", date(day)),
        ),
        About::HolidaysUnknown { date: day } => say(
            format!(
                "{}が祝日かどうか、まだ公表されていません。祝日は休診のため予約を受けません。",
                date(day)
            ),
            format!(
                "Whether {} is a public holiday is not published yet, and the clinic closes on those.",
                date(day)
            ),
        ),
        About::Weekly { date: day, weekday: number } => say(
            format!(
                "{}は、{}曜日のこの診療の時間がありません。",
                date(day),
                weekday(*number, lang)
            ),
            format!(
                "There are no hours for this kind of visit on {} ({}).",
                date(day),
                weekday(*number, lang)
            ),
        ),
        _ => String::new(),
    }
}

fn closed(date: NaiveDate, exception: &Exception, lang: Lang) -> String {
    let (whom_ja, whom_en) = match exception.clinician_id {
        None => ("医療機関", "The clinic"),
        Some(_) => ("担当医", "The doctor"),
    };
    let date = local_date(date, lang);
    let note = noted(std::slice::from_ref(exception), lang);
    lang.pick(
        format!("{date}は{whom_ja}の休みとして登録されています{note}。"),
        format!("{whom_en} is closed on {date}{note}."),
    )
}

/// The notes of exceptions, in brackets; nothing where there are none.
fn noted(exceptions: &[Exception], lang: Lang) -> String {
    let notes = exceptions.iter().map(|one| one.note.trim()).filter(|note| !note.is_empty());
    let notes: Vec<_> = notes.collect();
    if notes.is_empty() {
        return String::new();
    }
    lang.pick(format!("（{}）", notes.join("、")), format!(" ({})", notes.join(", ")))
}

fn periods_of(periods: &[Period], lang: Lang) -> String {
    if periods.is_empty() {
        return lang.pick("届出がありません。", "None is on record.").to_owned();
    }
    let end = |date: Option<NaiveDate>| date.map(|d| d.to_string()).unwrap_or_default();
    let told = |one: &Period| match lang {
        Lang::Ja => format!(
            "{}から{}",
            end(one.from),
            one.until.map_or_else(String::new, |d| format!("{d}の前日まで"))
        ),
        Lang::En => format!(
            "from {}{}",
            end(one.from),
            one.until.map_or_else(String::new, |d| format!(" until before {d}"))
        ),
    };
    let all: Vec<_> = periods.iter().map(told).collect();
    lang.pick(
        format!("有効な期間：{}。", all.join("、")),
        format!("In effect: {}.", all.join(", ")),
    )
}

/// Of the hours and what is in them.
fn time(about: &About, against: bool, zone: Tz, lang: Lang) -> String {
    let at = |at: &Instant| local_time(*at, zone, lang);
    let say = |ja: String, en: String| lang.pick(ja, en);
    match about {
        About::Hours { stretches, exceptions } => hours(stretches, exceptions, against, zone, lang),
        About::Grid { before, after, step_min } if against => {
            let near: Vec<_> = before.iter().chain([after]).map(clock(zone)).collect();
            say(
                format!("開始は{step_min}分おきです。近い開始は{}です。", near.join("、")),
                format!(
                    "Visits start every {step_min} minutes; near it at {}.",
                    near.join(" and ")
                ),
            )
        }
        About::Grid { step_min, .. } => say(
            format!("{step_min}分おきの開始時刻に合っています。"),
            format!("Visits start at this minute (every {step_min} minutes)."),
        ),
        About::Booking { .. } => booking(about, zone, lang),
        About::CalendarAge { as_of, .. } if against => say(
            format!(
                "担当医のほかの予定表を{}から読み込めていないため、空き時間を出していません。「カレンダーの連携」でご確認ください。",
                at(as_of)
            ),
            format!(
                "The doctor's other calendar was last read on {}, too long ago to offer times. Please look at the calendars page.",
                at(as_of)
            ),
        ),
        About::CalendarAge { as_of, .. } => say(
            format!("担当医のほかの予定表は{}に読み込んだ内容です。", at(as_of)),
            format!("The doctor's other calendar was last read on {}.", at(as_of)),
        ),
        About::CalendarReach { known_until } => say(
            format!(
                "担当医のほかの予定表は{}までしか分かりません。新しいファイルを読み込むと、その先も予約を受けられます。",
                at(known_until)
            ),
            format!(
                "The doctor's other calendar is known until {} only. Reading a newer file opens later times.",
                at(known_until)
            ),
        ),
        About::Outside { start, end } => say(
            format!("ほかの予定表の予定があります：{}から{}。", at(start), at(end)),
            format!("Another calendar has something from {} to {}.", at(start), at(end)),
        ),
        About::Seats { taken, of } => say(
            format!("定員{of}人のうち{taken}人が予約しています。"),
            format!("{taken} of {of} seats are taken."),
        ),
        About::DayLimit { used, most } => say(
            format!("この日のこの診療は{most}件までで、{used}件入っています。"),
            format!("{used} of at most {most} visits of this kind are booked on that day."),
        ),
        About::Colleague { name, .. } if against => say(
            format!("同席する{name}さんの予定が空いていません。"),
            format!("{name}, who must be there too, is not free."),
        ),
        About::Colleague { name, .. } => say(
            format!("同席する{name}さんの予定は空いています。"),
            format!("{name}, who must be there too, is free."),
        ),
        About::Rooms { free, of } => say(
            format!("受診に使う部屋は{of}室のうち{free}室が空いています。"),
            format!("{free} of {of} rooms are free."),
        ),
        _ => String::new(),
    }
}

fn clock(zone: Tz) -> impl Fn(&Instant) -> String {
    move |at| at.with_timezone(&zone).format("%H:%M").to_string()
}

fn hours(
    stretches: &[Stretch],
    exceptions: &[Exception],
    against: bool,
    zone: Tz,
    lang: Lang,
) -> String {
    let clock = clock(zone);
    let told = |one: &Stretch| format!("{}–{}", clock(&one.start), clock(&one.end));
    let all: Vec<_> = stretches.iter().map(told).collect();
    let note = noted(exceptions, lang);
    let (by_ja, by_en) = if exceptions.is_empty() {
        ("毎週の診療時間", "The weekly hours")
    } else {
        ("この日だけの診療時間", "The hours of this date")
    };
    let (ja, en) =
        if against { ("の外です", "do not hold it") } else { ("の中です", "hold it") };
    lang.pick(
        format!("{by_ja}{note} {} {ja}。", all.join("、")),
        format!("{by_en}{note}, {}, {en}.", all.join(", ")),
    )
}

fn booking(about: &About, zone: Tz, lang: Lang) -> String {
    let About::Booking { number, status, start, end, hold_expires_at, .. } = about else {
        return String::new();
    };
    let clock = clock(zone);
    let (from, to) = (local_time(*start, zone, lang), clock(end));
    if *status == Some(Status::Held) {
        let until = hold_expires_at.as_ref().map(&clock).unwrap_or_default();
        return lang.pick(
            format!("ほかの方が{until}まで仮押さえ中です：{from}–{to}（前後の空き時間を含む）。"),
            format!("Held for somebody until {until}: {from}–{to}, with what is kept free around."),
        );
    }
    let number = number.as_deref().unwrap_or("–");
    lang.pick(
        format!("予約 {number} が入っています：{from}–{to}（前後の空き時間を含む）。"),
        format!("Booking {number} has it: {from}–{to}, with what is kept free around."),
    )
}
