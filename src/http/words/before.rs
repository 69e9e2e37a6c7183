//! What is wrong with what is said before a visit.

/// Code, Japanese, English; as [`super::SENTENCES`].
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "questionnaire_changed",
        "質問の内容が変わりました。新しい質問にお答えください。",
        "The questions have changed. Please answer the new ones.",
    ),
    (
        "consent_changed",
        "同意の説明が変わりました。新しい説明をお読みください。",
        "The text of the consent has changed. Please read the new one.",
    ),
    (
        "fee_changed",
        "料金が変わりました。新しい料金をお確かめください。",
        "The fees have changed. Please check the new ones.",
    ),
    (
        "call_the_clinic",
        "ビデオの診察を待たずに、医療機関へお電話ください。急いで手当てが必要なときは119番に電話してください。",
        "Please do not wait for a visit by video: telephone the clinic. In an emergency, call 119.",
    ),
    (
        "first_visit_basis_required",
        "この初診は、かかりつけの医師がいること、診療の情報があること、または診療前相談のいずれかが必要です。",
        "This first visit needs a doctor who knows you, medical records, or a talk before care.",
    ),
    (
        "no_pre_consultation",
        "この医療機関で、オンライン診療に進むと決めた診療前相談が見つかりません。",
        "We found no talk before care at this clinic after which online care was agreed.",
    ),
    (
        "first_visit_basis_missing",
        "初診をオンラインで行う根拠がまだありません。根拠を確かめてから、患者さんを入れてください。",
        "The basis of this first visit is missing. Please confirm it before letting the patient in.",
    ),
    (
        "consent_withdrawn",
        "患者さんが同意を取り消しています。オンライン診療はできません。",
        "The patient has withdrawn their consent. Online care cannot be given.",
    ),
];

/// Pointer, code, Japanese, English; as [`super::FIELDS`].
pub(super) const FIELDS: &[(&str, &str, &str, &str)] = &[
    (
        "/consents",
        "required",
        "オンライン診療と、情報の取り扱いの、両方の同意をお確かめください。",
        "Please read and tick both consents.",
    ),
    (
        "/medical_information_source",
        "required",
        "診察で見せられる記録を、1つは選んでください。",
        "Please choose at least one record that you can show.",
    ),
    (
        "/last_in_person_on",
        "required",
        "この医療機関を最後に受診した日を入力してください。",
        "Please enter when you were last seen at this clinic.",
    ),
    (
        "/refusal_acknowledged",
        "required",
        "オンライン診療をお断りすることがある旨をお確かめください。",
        "Please confirm that online care may be declined.",
    ),
    (
        "/fee_acknowledged",
        "required",
        "診療前相談の料金をお確かめください。",
        "Please confirm the fee of the talk.",
    ),
    ("", "wrong_kind", "入力の形をお確かめください。", "Please check the form of this answer."),
    ("", "in_future", "先の日付になっています。", "This date is in the future."),
    ("", "too_old", "日付をお確かめください。", "Please check the date."),
    (
        "",
        "id",
        "英小文字・数字・下線で、英小文字から始めてください。",
        "Use small letters, digits and underscores, a letter first.",
    ),
    (
        "",
        "reservation_fee",
        "保険のオンライン診療では、予約料をいただけません。",
        "Insured online care may cost no fee for the booking itself.",
    ),
];
