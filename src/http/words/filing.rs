//! What stands against a notification, in words.

/// Code, Japanese, English.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "filing_under_way",
        "この届出には、手続き中のものがあります。先にそれを終えるか、取り下げてください。",
        "A notification of this kind is under way already. Please finish or withdraw it first.",
    ),
    (
        "self_check_not_due",
        "この年の8月1日には、届け出た施設基準がないか、まだその日が来ていません。",
        "No criterion was in effect on 1 August of this year, or that day has not come yet.",
    ),
    (
        "self_check_done",
        "この年の自己点検は、もう記録されています。",
        "The self-check of this year is recorded already.",
    ),
    (
        "too_many_sites",
        "登録できる施設の数を超えています。",
        "These are more facilities than are allowed.",
    ),
    (
        "too_many_links",
        "連携できる医療機関の数を超えています。",
        "These are more linked clinics than are allowed.",
    ),
];

/// Pointer and code of a field, Japanese, English.
pub(super) const FIELDS: &[(&str, &str, &str, &str)] = &[
    (
        "/reception_site_id",
        "unknown",
        "この受診施設は、いま選べません。ほかの場所を選んでください。",
        "This reception facility cannot be chosen now. Please choose another place.",
    ),
    ("/form", "unknown", "この様式にない項目があります。", "The form has no such field."),
    ("/reason", "required", "理由を入れてください。", "Please say why."),
    (
        "/remarks",
        "unknown",
        "この様式にない項目への指摘があります。",
        "A remark is about no field of this form.",
    ),
    (
        "/correct_by",
        "in_past",
        "補正の期限が過ぎた日になっています。",
        "The day by which to correct is in the past.",
    ),
    (
        "/acceptance_number",
        "required",
        "受理番号を入れてください。",
        "Please enter the acceptance number.",
    ),
    (
        "/acceptance_number",
        "taken",
        "この受理番号は、同じ種類の別の届出に使われています。",
        "Another notification of this kind has this number.",
    ),
    (
        "/accepted_on",
        "in_future",
        "受理した日が先の日付になっています。",
        "The day of acceptance is in the future.",
    ),
    (
        "/accepted_on",
        "before_submission",
        "受理した日が提出より前になっています。",
        "The day of acceptance is before the day of handing in.",
    ),
    (
        "/effective_from",
        "before_submission",
        "提出した月の1日より前からは有効にできません。",
        "It cannot be in effect before the first day of the month in which it was handed in.",
    ),
    (
        "/effective_from",
        "before_law",
        "この届出の制度は2026年4月1日からです。",
        "The law knows this notification since 1 April 2026.",
    ),
    ("/ended_on", "too_early_end", "終わりの日が早すぎます。", "This last day is too early."),
    (
        "/name",
        "misleading_name",
        "病院や診療所と紛らわしい名前は使えません（医療法第3条）。",
        "The name must not make people take the place for a hospital or a clinic (Medical Care Act, article 3).",
    ),
    (
        "/site/name",
        "misleading_name",
        "施設の名前が病院や診療所と紛らわしいため、提出できません（医療法第3条）。",
        "The name of the place could be taken for that of a hospital or a clinic, so this cannot be handed in.",
    ),
    (
        "/site/links",
        "no_link",
        "連携を確かめた医療機関が、まだひとつもありません。",
        "No clinic has confirmed the place yet.",
    ),
    (
        "/facility_id",
        "unknown",
        "この医療機関は登録されていません。",
        "This clinic is not registered here.",
    ),
    ("/fitness", "required", "確かめた内容を入れてください。", "Please say what was looked at."),
    (
        "",
        "date",
        "日付は 2026-12-01 のように入れてください。",
        "Please write the date as 2026-12-01.",
    ),
];

/// Parts of what stands for a demand, wherever it is: part and code, Japanese, English.
const OF_EVIDENCE: &[(&str, &str, &str, &str)] = &[
    (
        "/evidence",
        "required",
        "基準を満たすことが分かる内容を入れてください。",
        "Please say what shows that it is met.",
    ),
    (
        "/url",
        "required",
        "掲載しているページのアドレスを入れてください。",
        "Please enter the address of the page.",
    ),
    (
        "/url",
        "page",
        "ページのアドレスは https:// から入れてください。",
        "Please enter the page's address, from https:// on.",
    ),
    (
        "/checked_on",
        "required",
        "ページを確かめた日を入れてください。",
        "Please enter the day on which the page was looked at.",
    ),
    (
        "/checked_on",
        "in_future",
        "ページを確かめた日が先の日付になっています。",
        "The day on which the page was looked at is in the future.",
    ),
    (
        "/snapshot_on",
        "required",
        "ページの控えを取った日を入れてください。",
        "Please enter the day of the copy of the page.",
    ),
    (
        "/snapshot_on",
        "in_future",
        "ページの控えの日が先の日付になっています。",
        "The day of the copy of the page is in the future.",
    ),
    (
        "",
        "not_met",
        "この基準を満たすことが、まだ示されていません。",
        "Nothing shows yet that this is met.",
    ),
];

/// The words for a part of some evidence.
pub(super) fn of_a_part(
    pointer: &str,
    code: &str,
) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    OF_EVIDENCE.iter().find(|row| row.1 == code && pointer.ends_with(row.0))
}

#[cfg(test)]
mod tests {
    use super::super::field;
    use super::*;
    use crate::format::Lang;

    #[test]
    fn everything_that_stands_against_a_filing_has_a_sentence() {
        let unsaid = field("/no such field", "no such code", Lang::En);
        for (pointer, code) in [
            ("/form", "unknown"),
            ("/form/manager", "required"),
            ("/form/manager", "one_line"),
            ("/form/manager", "too_long"),
            ("/form/outside", "unknown"),
            ("/form/since", "date"),
            ("/checks/posting", "not_met"),
            ("/checks/posting/url", "required"),
            ("/checks/posting/url", "page"),
            ("/url", "page"),
            ("/snapshot_on", "in_future"),
            ("/checks/places/evidence", "required"),
            ("/evidence", "too_long"),
            ("/acceptance_number", "taken"),
            ("/effective_from", "range"),
            ("/ended_on", "range"),
            ("/site/name", "misleading_name"),
            ("/site/links", "no_link"),
        ] {
            for language in [Lang::Ja, Lang::En] {
                assert_ne!(
                    field(pointer, code, language),
                    unsaid,
                    "no sentence for {pointer} {code}"
                );
            }
        }
        let rows = FIELDS.iter().chain(OF_EVIDENCE);
        for row in rows {
            assert!(row.2.ends_with('。') && row.3.ends_with('.'), "{row:?}");
        }
        // The part, and not the field of the same code elsewhere.
        assert!(field("/checks/posting/url", "required", Lang::En).contains("address of the page"));
    }
}
