//! What is refused of the yearly report, in words.

/// Code, Japanese, English.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "not_reported",
        "この年には、届出が有効な日がなく、報告はありません。",
        "The criterion was not in effect in this year, so there is no report.",
    ),
    (
        "report_not_ready",
        "まだ確定できません。足りない項目を先に入れてください。",
        "The report cannot be final yet. Please complete what is missing first.",
    ),
    (
        "report_unchanged",
        "確定した版から何も変わっていません。",
        "Nothing has changed since the last final version.",
    ),
];

/// Pointer and code of a field, Japanese, English.
pub(super) const FIELDS: &[(&str, &str, &str, &str)] = &[
    (
        "/months",
        "range",
        "報告の期間にない月が入っています。",
        "One of the months is not part of the report.",
    ),
    (
        "/months",
        "count",
        "件数は0以上の数で入れてください。",
        "Please give counts as whole numbers from 0.",
    ),
    ("/months", "required", "件数の行がありません。", "There is no line with counts."),
    (
        "/arrangements",
        "unknown",
        "地域のコードをお確かめください。",
        "Please check the codes of the areas.",
    ),
    (
        "/arrangements",
        "length",
        "医療機関と紹介の方法を入れてください（200字、500字まで）。",
        "Please name the institution and the way of referral (200 and 500 characters at most).",
    ),
    ("/prefecture", "unknown", "都道府県をお選びください。", "Please choose a prefecture."),
    (
        "/municipality",
        "unknown",
        "その都道府県の区市町村をお選びください。",
        "Please choose a municipality of this prefecture.",
    ),
    ("/year", "range", "その年は選べません。", "This year cannot be chosen."),
    ("", "twice", "同じ月が二度あります。", "The same month is there twice."),
];
