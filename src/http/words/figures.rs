//! What is refused of figures of the plan and of the subsidy, in words.

/// Code, Japanese, English.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "subsidy_once",
        "この医療機関には、この補助金がすでに申請または交付されています。補助は一つの医療機関に一度だけです。",
        "This institution has applied for or been granted this subsidy already. It is granted once.",
    ),
    (
        "subsidy_order",
        "いまの状態では、この手続きはできません。",
        "This step does not follow from where the grant stands.",
    ),
    (
        "subsidy_day",
        "日付は、前の手続きの日から今日までにしてください。",
        "The day must lie between the step before and today.",
    ),
    (
        "subsidy_amount",
        "金額は、申請額・決定額・支出額を超えられません。",
        "The amount must not exceed what was asked for, granted or spent.",
    ),
    ("subsidy_reason", "理由を入力してください。", "Please give the reason."),
    (
        "subsidy_papers",
        "実績報告には、領収書と写真が必要です。",
        "A report needs receipts and photographs.",
    ),
];

/// Pointer and code of a field, Japanese, English. An empty pointer stands for any field.
pub(super) const FIELDS: &[(&str, &str, &str, &str)] = &[
    ("", "number", "数字で入力してください。", "Please enter a number."),
    (
        "",
        "period",
        "時点は 2026、2026-03、2026-03-01 のいずれかの形で入力してください。",
        "Please write the time as 2026, 2026-03 or 2026-03-01.",
    ),
    ("", "flag", "○か空欄、または true か false にしてください。", "Please write true or false."),
    (
        "",
        "not_the_fraction",
        "割合が、分子÷分母と合いません（小数第1位まで）。",
        "The share is not its part divided by its whole (to a tenth of a per cent).",
    ),
    (
        "",
        "no_share",
        "分子と分母は、割合の指標だけに付けられます。",
        "Only shares have a part and a whole.",
    ),
    (
        "/file",
        "encoding",
        "文字コードはUTF-8かShift_JISにしてください。",
        "The file must be UTF-8 or Shift_JIS.",
    ),
    ("/file", "not_csv", "CSVとして読めません。", "This is not CSV."),
    ("/file", "empty", "行がありません。", "The file has no rows."),
    ("/file", "too_many", "一度に読めるのは1,000行までです。", "A thousand rows at most."),
    ("", "no_column", "この列がありません。", "This column is missing."),
    ("", "unknown", "知られていない値です。", "This is not known."),
    ("", "too_long", "長すぎます。", "This is too long."),
    (
        "/code10",
        "unknown",
        "この医療機関コードは名簿にありません。",
        "No institution has this code.",
    ),
    (
        "/code10",
        "not_medical",
        "歯科は、この補助の対象ではありません。",
        "Dentists are not eligible.",
    ),
    (
        "/code10",
        "gone",
        "この医療機関は、いまの名簿にありません。",
        "This institution is not in the present list.",
    ),
    (
        "/not_public",
        "required",
        "公的機関でないことを確かめてください。",
        "Please confirm that it is no public body.",
    ),
    (
        "/requested_yen",
        "range",
        "申請額は1円以上で、機器の費用の合計を超えられません。",
        "The amount must be at least one yen and no more than the devices cost.",
    ),
    (
        "",
        "smartphone",
        "スマートフォンは、この補助の対象ではありません。",
        "Smartphones are not paid for.",
    ),
];
