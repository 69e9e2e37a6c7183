//! Imports and drafts as the API tells them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::actions::imports::drafts::{Draft, List, Pair, Rows};
use crate::actions::imports::{Past, Summary};
use crate::format::bureau::errors;
use crate::format::dates::Style;
use crate::format::report::FileReport;
use crate::format::{Lang, seeds};
use crate::model::register::{
    Code10, Criterion, Institution, Notification, OddRow, Size, Warning, WarningCode,
};
use crate::model::{DraftId, ImportId};
use crate::store::DraftRow;

/// What a criterion is called, short.
fn criterion_name(criterion: Criterion, lang: Lang) -> &'static str {
    match criterion {
        Criterion::IctCare => {
            lang.pick("情報通信機器を用いた診療", "Care by communication devices")
        }
        Criterion::OnlineCareFeeLegacy => lang.pick("オンライン診療料", "Online care fee"),
    }
}

/// A list that was read into the register.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(in crate::http) struct ImportJson {
    /// Its id.
    id: ImportId,
    /// The prefecture's two digits.
    prefecture_code: String,
    /// The prefecture's name.
    prefecture: String,
    /// The day whose state the list shows.
    as_of: NaiveDate,
    /// The file.
    file: String,
    /// SHA-256 of the file.
    sha256: String,
    /// When it was read.
    imported_at: DateTime<Utc>,
    /// When it was taken back, where it was.
    undone_at: Option<DateTime<Utc>>,
    /// Whether it is the newest of its prefecture, so that it can be taken back.
    can_undo: bool,
    /// The draft whose rows can still be opened.
    draft_id: Option<DraftId>,
    /// What was read, in figures.
    report: Value,
}

impl From<Past> for ImportJson {
    fn from(past: Past) -> Self {
        let row = past.row;
        Self {
            prefecture: seeds::prefecture(&row.prefecture_code).unwrap_or_default().to_owned(),
            id: row.id,
            prefecture_code: row.prefecture_code,
            as_of: row.as_of,
            file: row.file,
            sha256: row.sha256,
            imported_at: row.imported_at,
            undone_at: row.undone_at,
            can_undo: past.newest,
            draft_id: past.draft,
            report: serde_json::from_str(&row.report).unwrap_or_default(),
        }
    }
}

/// A draft in a list of them.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DraftBrief {
    /// Its id.
    id: DraftId,
    /// The files.
    file: String,
    /// When it was read.
    created_at: DateTime<Utc>,
    /// Until when it waits.
    expires_at: DateTime<Utc>,
    /// When it went into the register.
    committed_at: Option<DateTime<Utc>>,
}

impl From<DraftRow> for DraftBrief {
    fn from(row: DraftRow) -> Self {
        let DraftRow { id, file, created_at, expires_at, committed_at, .. } = row;
        Self { id, file, created_at, expires_at, committed_at }
    }
}

/// What lists would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportDraft)]
pub(in crate::http) struct DraftJson {
    /// The draft.
    #[serde(flatten)]
    brief: DraftBrief,
    /// Whether there is anything to keep.
    changes: bool,
    /// Whether something fell so far that keeping it needs a word.
    needs_confirmation: bool,
    /// Its lists.
    lists: Vec<DraftListJson>,
}

/// What one prefecture's list would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportDraftList)]
pub(in crate::http) struct DraftListJson {
    /// Its place in the draft.
    position: i64,
    /// The import's id, once the draft is kept.
    import_id: ImportId,
    /// Whether there is anything to keep of it.
    changes: bool,
    /// What was read, in figures.
    report: FileReport,
    /// What it changes.
    summary: Summary,
    /// What was odd, in sentences.
    warnings: Vec<WarningText>,
}

/// Something odd, in words.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct WarningText {
    /// Which kind.
    code: WarningCode,
    /// The row of the sheet.
    row: Option<u32>,
    /// A sentence for the kind.
    text: &'static str,
    /// What was found.
    detail: String,
}

fn told(warning: &Warning, lang: Lang) -> WarningText {
    let Warning { code, row, mut detail } = warning.clone();
    if code == WarningCode::LargeDrop {
        detail = detail.replace("institutions", lang.pick("医療機関", "Institutions"));
        for criterion in [Criterion::IctCare, Criterion::OnlineCareFeeLegacy] {
            detail = detail.replace(criterion.code(), criterion_name(criterion, lang));
        }
    }
    WarningText { code, row, text: errors::reason(code, lang), detail }
}

impl DraftJson {
    pub(super) fn new(draft: Draft, lang: Lang) -> Self {
        Self {
            brief: draft.row.into(),
            changes: draft.lists.iter().any(|list| list.changes),
            needs_confirmation: draft.lists.iter().any(|list| !list.summary.drops.is_empty()),
            lists: draft.lists.into_iter().map(|list| DraftListJson::new(list, lang)).collect(),
        }
    }
}

impl DraftListJson {
    fn new(list: List, lang: Lang) -> Self {
        let odd = list.summary.drops.iter().chain(&list.report.warnings);
        Self {
            warnings: odd.map(|warning| told(warning, lang)).collect(),
            position: list.position,
            import_id: list.import,
            changes: list.changes,
            report: list.report,
            summary: list.summary,
        }
    }
}

/// A page of rows.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ImportRows {
    /// The page, from 1.
    page: i64,
    /// Whether another follows.
    more: bool,
    /// Rows of institutions or notifications.
    rows: Vec<ImportRowJson>,
    /// Rows as the list has them.
    odd: Vec<OddRowJson>,
}

/// A thing before and after.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportRow)]
pub(in crate::http) struct ImportRowJson {
    /// The institution's ten digits.
    code10: Code10,
    /// Its name.
    name: String,
    /// What the register holds, or would hold.
    fields: Vec<FieldChange>,
}

/// One field before and after.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct FieldChange {
    /// Which.
    field: &'static str,
    /// In words.
    label: &'static str,
    /// Before.
    old: Option<String>,
    /// After.
    new: Option<String>,
    /// Whether the two differ.
    differs: bool,
}

/// A row of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OddRowJson {
    /// Counted from 1, as a spreadsheet shows it.
    row: u32,
    /// Which kind.
    code: WarningCode,
    /// A sentence for the kind.
    text: &'static str,
    /// What was found.
    detail: String,
    /// The cells that are not empty.
    cells: Vec<String>,
}

impl ImportRows {
    /// Of `rows`, of which one more than a page was read.
    pub(super) fn new(rows: Rows, page: i64, size: i64, lang: Lang) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let none = Self { page, more: false, rows: Vec::new(), odd: Vec::new() };
        match rows {
            Rows::Institutions(pairs) => Self {
                more: pairs.len() > size,
                rows: pairs.iter().take(size).filter_map(|pair| institution(pair, lang)).collect(),
                ..none
            },
            Rows::Notifications(pairs) => Self {
                more: pairs.len() > size,
                rows: pairs.iter().take(size).filter_map(|pair| notification(pair, lang)).collect(),
                ..none
            },
            Rows::Odd(odd) => Self {
                more: odd.len() > size,
                odd: odd.into_iter().take(size).map(|row| odd_row(row, lang)).collect(),
                ..none
            },
        }
    }
}

fn odd_row(odd: OddRow, lang: Lang) -> OddRowJson {
    let OddRow { row, code, detail, cells } = odd;
    let cells = cells.into_iter().filter(|cell| !cell.trim().is_empty()).collect();
    OddRowJson { row, code, text: errors::reason(code, lang), detail, cells }
}

/// A field: its name, the same in words, and how it is told.
type Told<'a, T> = (&'static str, &'static str, &'a dyn Fn(&T) -> String);

/// The fields of a pair, by how each is told.
fn fields<T>(pair: &Pair<T>, told: &[Told<'_, T>]) -> Vec<FieldChange> {
    told.iter()
        .map(|(field, label, of)| {
            let (old, new) = (pair.old.as_ref().map(of), pair.new.as_ref().map(of));
            let differs = old.is_some() && new.is_some() && old != new;
            FieldChange { field, label, old, new, differs }
        })
        .collect()
}

fn institution(pair: &Pair<Institution>, lang: Lang) -> Option<ImportRowJson> {
    let code10 = pair.new.as_ref().or(pair.old.as_ref())?.code;
    let place = |i: &Institution| {
        let found = i.municipality.as_deref().and_then(|code| seeds::municipality_in(code, lang));
        found.unwrap_or(lang.pick("不明", "unknown")).to_owned()
    };
    let size = |i: &Institution| match i.size {
        Size::Hospital => lang.pick("病院", "hospital").to_owned(),
        Size::BeddedClinic => lang.pick("有床診療所", "clinic with beds").to_owned(),
        Size::ClinicWithoutBeds => lang.pick("無床診療所", "clinic without beds").to_owned(),
    };
    let filed = |i: &Institution| {
        if i.filed { lang.pick("あり", "yes") } else { lang.pick("なし", "no") }.to_owned()
    };
    let beds = |i: &Institution| i.beds.map_or_else(String::new, |beds| beds.to_string());
    let fields = fields(
        pair,
        &[
            ("name", lang.pick("名称", "Name"), &|i| i.name.clone()),
            ("postal_code", lang.pick("郵便番号", "Postal code"), &|i| {
                i.postal_code.clone().unwrap_or_default()
            }),
            ("address", lang.pick("住所", "Address"), &|i| i.address.clone()),
            ("municipality", lang.pick("市区町村", "Municipality"), &place),
            ("beds", lang.pick("病床数", "Beds"), &beds),
            ("size", lang.pick("種別", "Kind"), &size),
            ("filed", lang.pick("届出", "Any filing"), &filed),
        ],
    );
    Some(ImportRowJson { code10, name: pair.name.clone(), fields })
}

fn notification(pair: &Pair<Notification>, lang: Lang) -> Option<ImportRowJson> {
    let code10 = pair.new.as_ref().or(pair.old.as_ref())?.institution;
    let criterion = |n: &Notification| criterion_name(n.criterion, lang).to_owned();
    let from = |n: &Notification| {
        let unknown = || lang.pick("不明", "unknown").to_owned();
        n.effective_from.map_or_else(unknown, |day| Style::from(lang).date(day))
    };
    let fields = fields(
        pair,
        &[
            ("criterion", lang.pick("届出", "Criterion"), &criterion),
            ("acceptance_number", lang.pick("受理番号", "Number"), &|n| {
                n.acceptance_number.clone()
            }),
            ("effective_from", lang.pick("算定開始年月日", "In effect from"), &from),
        ],
    );
    Some(ImportRowJson { code10, name: pair.name.clone(), fields })
}
