//! What is wrong with a bureau's list, or with an import of one.

/// Code, Japanese, English; as [`super::SENTENCES`].
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "not_a_list",
        "届出受理医療機関名簿として読めませんでした。厚生局の名簿（xlsx または zip）を選んでください。",
        "This could not be read as a bureau's list. Please choose the bureau's file (xlsx or zip).",
    ),
    (
        "older_list",
        "登録済みの名簿より古い日付の名簿です。取り込んでいません。",
        "This list is older than the one that is stored. Nothing was imported.",
    ),
    (
        "register_moved_on",
        "調べたあとに、ほかの名簿が取り込まれるか、取り消されました。もう一度、内容を調べてください。",
        "Another list was imported or taken back since. Please have the file looked at again.",
    ),
    ("draft_committed", "この内容は、もう取り込まれています。", "This has been imported already."),
    (
        "nothing_to_import",
        "取り込むものがありません。登録済みの名簿と同じです。",
        "There is nothing to import: the register has it all already.",
    ),
    (
        "import_undone",
        "この取り込みは、もう取り消されています。",
        "This import has been taken back already.",
    ),
    (
        "newer_import",
        "この後に取り込んだ名簿があります。新しいものから取り消してください。",
        "A newer list of this prefecture was imported. Please take that one back first.",
    ),
    (
        "no_workbook",
        "エラーの一覧を作れませんでした。",
        "The workbook of errors could not be made.",
    ),
    (
        "wrong_prefecture",
        "この都道府県の名簿は取り込めない設定になっています。",
        "Lists of this prefecture are not imported here.",
    ),
    (
        "sudden_drop",
        "前の名簿にあったものが5％を超えて消えています。内容を確かめて、確認のうえ取り込んでください。",
        "More than 5 % of those in the list before are gone. Please check, and confirm to import.",
    ),
];
