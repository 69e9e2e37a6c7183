//! What is refused around clearance, plans and emergencies, in words.

/// Code, Japanese, English.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "clearance_missing",
        "まだ済んでいない確認があります。済ませるか、理由を書いて省いてください。",
        "Something is not clear yet. Please see to it, or let it go with a reason.",
    ),
    (
        "identity_missing",
        "初診では、患者の本人確認が必要です。確かめた方法を記録してください。",
        "At a first visit the patient's identity must be checked. Please record how.",
    ),
    ("not_waivable", "この確認は、省くことができません。", "This cannot be let go."),
    (
        "not_tickable",
        "この確認は、患者の操作やほかの記録で決まります。済みにはできません。",
        "This follows from what the patient does or from other records, and cannot be ticked.",
    ),
    ("no_care_plan", "診療計画がまだありません。", "There is no plan yet."),
    (
        "too_many_partners",
        "連携先は50か所までです。先に使っていないものを消してください。",
        "A clinic can have fifty partners at most. Please remove one first.",
    ),
];

/// Pointer and code of a field, Japanese, English.
pub(super) const FIELDS: &[(&str, &str, &str, &str)] = &[
    ("/address", "required", "住所を入力してください。", "Please enter the address."),
    (
        "/municipality_code",
        "unknown",
        "市区町村を選んでください。",
        "Please choose the municipality.",
    ),
    (
        "/contact/name",
        "required",
        "緊急のときに連絡する方のお名前を入力してください。",
        "Please enter whom to call in an emergency.",
    ),
    (
        "/contact/phone",
        "phone",
        "緊急のときに連絡する方の電話番号を、市外局番から入力してください。",
        "Please enter the telephone number of that person with its area code.",
    ),
    (
        "/clearance/questionnaire",
        "required",
        "問診がまだありません。",
        "The questionnaire is not there yet.",
    ),
    (
        "/clearance/medical_information",
        "required",
        "初診の根拠を選んでください。",
        "Please say on what the first visit rests.",
    ),
    (
        "/clearance/eligibility",
        "required",
        "資格確認がまだです。",
        "The insurance was not checked yet.",
    ),
    ("/reason", "required", "省く理由を入力してください。", "Please say why it is let go."),
    ("/method", "required", "確かめた方法を選んでください。", "Please choose how it was checked."),
    ("/method", "unknown", "その方法は、この確認には使えません。", "This does not check that."),
];
