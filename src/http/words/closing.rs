//! What is refused at the end of a visit, in words.

/// Code, Japanese, English.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "no_exchange_number",
        "この診察には、電子処方箋の引換番号がありません。",
        "There is no exchange number for this visit.",
    ),
    (
        "exchange_number_shown",
        "引換番号は、すでに表示しました。もう一度必要なときは、医療機関に電話してください。",
        "The exchange number was shown already. If you need it again, please telephone the clinic.",
    ),
    (
        "exchange_number_expired",
        "引換番号の期限が切れました。医療機関に電話してください。",
        "The exchange number has run out. Please telephone the clinic.",
    ),
    (
        "no_electronic_prescription",
        "この診察では、電子処方箋を出していません。",
        "No electronic prescription was issued at this visit.",
    ),
];

/// Pointer and code of a field, Japanese, English.
pub(super) const FIELDS: &[(&str, &str, &str, &str)] = &[
    (
        "/facts",
        "required",
        "診察の記録（初診・再診、処方、医師の所在）を入れてください。",
        "Please say first or repeat visit, prescription and where the doctor was.",
    ),
    (
        "/facts",
        "not_taken_place",
        "行われなかった診察には、記録を付けられません。",
        "A visit that did not take place has no record of care.",
    ),
    (
        "/facts/prescription/kind",
        "prescription_in_talk",
        "診療前相談では、処方できません。",
        "Nothing may be prescribed in a talk before care.",
    ),
    (
        "/facts/prescription/psychotropic",
        "prescription_first_visit",
        "オンラインの初診では、麻薬と向精神薬を処方できません。",
        "Narcotics and psychotropics may not be prescribed at a first visit online.",
    ),
    (
        "/facts/prescription/high_risk",
        "prescription_high_risk",
        "基礎疾患などが分からない患者には、特に安全管理が必要な薬を処方できません。",
        "Drugs that need special safety management may not be prescribed while underlying conditions are unknown.",
    ),
    (
        "/facts/prescription/days",
        "prescription_too_long",
        "基礎疾患などが分からない患者には、8日分以上を処方できません。7日分までにしてください。",
        "While underlying conditions are unknown, no more than 7 days may be prescribed.",
    ),
    (
        "/facts/prescription/days",
        "required",
        "処方の日数を入れてください。",
        "Please enter for how many days.",
    ),
    (
        "/facts/prescription/days",
        "range",
        "処方の日数は、1日から180日で入れてください。",
        "Please enter 1 to 180 days.",
    ),
    (
        "/facts/prescription/kind",
        "prescription_of_nothing",
        "処方なしのときは、日数と薬の種類を入れないでください。",
        "Days and classes belong to a prescription.",
    ),
    (
        "/facts/medications_confirmed",
        "required",
        "処方する前に、今使っている薬を確かめてください。",
        "Please confirm the patient's current medicines before prescribing.",
    ),
    (
        "/facts/onward_policy",
        "required",
        "初診では、今後の方針を患者に伝える文を入れてください。",
        "Please write for the patient what follows after this first visit.",
    ),
    (
        "/facts/conversion_reason",
        "required",
        "来院での診察へ変えた理由を選んでください。",
        "Please choose why the visit goes on in person.",
    ),
    (
        "/facts/conversion_reason",
        "not_converted",
        "オンラインで終えた診察には、変えた理由はありません。",
        "A visit that was done online was not turned into one in person.",
    ),
    (
        "/facts/referral/to",
        "required",
        "紹介先の医療機関を入れてください。",
        "Please enter the institution.",
    ),
    (
        "/facts/doctor_prefecture",
        "required",
        "医師がいた都道府県を選んでください。",
        "Please choose the prefecture in which the doctor was.",
    ),
    (
        "/facts/record_access",
        "required",
        "過去の診療録の見かたを選んでください。",
        "Please choose how past records were seen.",
    ),
    (
        "",
        "exchange_number",
        "引換番号は、数字6桁で入れてください。",
        "The exchange number has six digits.",
    ),
    (
        "/facts/exchange_number",
        "not_electronic",
        "引換番号は、電子処方箋のときだけ入れてください。",
        "Only an electronic prescription has an exchange number.",
    ),
    (
        "",
        "talk_is_no_visit",
        "診療前相談は、初診にも再診にも数えません。",
        "A talk before care is no visit.",
    ),
    (
        "/facts/next_booking_id",
        "unknown",
        "次の予約が、この患者のこのあとの予約ではありません。",
        "The next visit must be a later one of the same patient here.",
    ),
];
