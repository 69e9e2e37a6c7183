//! What is wrong with a calendar's file.

/// Pointer, code, Japanese, English; as [`super::FIELDS`].
pub(super) const FIELDS: &[(&str, &str, &str, &str)] = &[
    (
        "/file",
        "calendar_too_large",
        "カレンダーのファイルが大きすぎます（2 MBまで）。期間を区切って書き出してください。",
        "The calendar file is too large (2 MB at most). Please export a shorter period.",
    ),
    (
        "/file",
        "calendar_too_many",
        "カレンダーの予定が多すぎます（10,000件まで）。期間を区切って書き出してください。",
        "The calendar has too many entries (10,000 at most). Please export a shorter period.",
    ),
    (
        "/file",
        "calendar_unreadable",
        "カレンダー（.ics）のファイルとして読めません。",
        "This cannot be read as a calendar file (.ics).",
    ),
    (
        "/file",
        "calendar_rule_too_often",
        "繰り返しが細かすぎる、または多すぎる予定があります。1日単位より細かい繰り返しは読み込めません。",
        "An entry repeats too often. Repetitions finer than days, or of more than 10,000 times, are not read.",
    ),
    (
        "/file",
        "calendar_too_much",
        "繰り返しの予定が多すぎて読み込めません。期間を区切って書き出してください。",
        "The entries repeat too many times to be read. Please export a shorter period.",
    ),
    (
        "/file",
        "hours_none",
        "ファイルに診療時間（VAVAILABILITY）がありません。",
        "The file holds no hours (VAVAILABILITY).",
    ),
    (
        "/file",
        "hours_too_many",
        "ファイルの診療時間が多すぎます（400件まで）。",
        "The file holds too many hours (400 at most).",
    ),
    (
        "/file",
        "hours_overlap",
        "ファイルの診療時間が重なっています。",
        "Hours in the file overlap.",
    ),
    (
        "/file",
        "hours_differ",
        "毎週の時間と例外の日では、ファイルと同じ診療時間になりません。",
        "Weekly hours and exceptions cannot say the same as this file.",
    ),
    (
        "/file",
        "hours_times",
        "始まりか終わりの時刻を読めない診療時間があります。",
        "The start or end of some hours cannot be read.",
    ),
    (
        "/file",
        "hours_zone",
        "時差の異なる地域の時刻で書かれた診療時間があります。",
        "Some hours are given in another time zone than the clinic's.",
    ),
    (
        "/file",
        "hours_minutes",
        "診療時間は同じ日のうちに、5分単位で始まり、終わる必要があります。",
        "Hours must begin and end on one day, in steps of 5 minutes.",
    ),
    (
        "/file",
        "hours_rule",
        "毎週、隔週、第何曜日のほかの繰り返しは、診療時間にできません。",
        "Hours can recur every week, every other week, or on weekdays of the month only.",
    ),
    (
        "/file",
        "hours_date",
        "除く日か加える日を読めない診療時間があります。",
        "A date that some hours leave out or add cannot be read.",
    ),
    (
        "",
        "too_many",
        "これ以上は登録できません。使わないものを消してください。",
        "No more can be added. Please remove one that is not used.",
    ),
];
