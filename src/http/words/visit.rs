//! What is wrong with who is to take part in a visit.

/// Code, Japanese, English; as [`super::SENTENCES`].
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "visit_full",
        "診察に入れる人数、または招待できる人数を超えています。",
        "As many people as possible take part, or are invited, already.",
    ),
    (
        "patient_here",
        "患者さんの画面は開いています。そのまま呼べます。",
        "The patient's page is open: you can let them in.",
    ),
    (
        "called_just_now",
        "呼び出しを送ったばかりです。1分ほど待ってから、もう一度お試しください。",
        "The patient was called just now. Please wait a minute.",
    ),
    (
        "invite_used",
        "このリンクはもう使われています。医療機関に新しいリンクを頼んでください。",
        "This link was used already. Please ask the clinic for a new one.",
    ),
    (
        "invite_expired",
        "このリンクの期限が切れています。医療機関に新しいリンクを頼んでください。",
        "This link is no longer good. Please ask the clinic for a new one.",
    ),
    ("not_waiting", "この方は、今は待っていません。", "This person is not waiting now."),
];
