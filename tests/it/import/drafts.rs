//! A list that is looked at before it is kept: what the pages of officials do.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use calamine::{Data, Reader, Xlsx};
use onshin::actions::imports::drafts;
use onshin::format::Lang;
use serde_json::{Value, json};

use super::*;
use crate::support::{Answer, Browser, ORIGIN};

const DRAFTS: &str = "/api/admin/imports/drafts";

/// Sends files as the form of the administrators' page does.
async fn send(browser: &mut Browser, files: &[(&str, Vec<u8>)]) -> Answer {
    const EDGE: &str = "edge-of-a-part-that-no-file-holds";
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(format!("--{EDGE}--\r\n").as_bytes());
    let request = Request::post(DRAFTS)
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"));
    let answer = browser.request(request.body(Body::from(body)).unwrap()).await;
    // Whatever the answer says, it is for people and for programs.
    assert!(serde_json::from_str::<Value>(&answer.text).is_ok(), "{}", answer.text);
    answer
}

async fn looked(browser: &mut Browser, name: &str, bytes: Vec<u8>) -> (String, Value) {
    let draft = send(browser, &[(name, bytes)]).await.expect(StatusCode::OK);
    (format!("{DRAFTS}/{}", draft["id"].as_str().unwrap()), draft)
}

async fn commit(browser: &mut Browser, draft: &str, confirm_drop: bool) -> Answer {
    browser.post(&format!("{draft}/commit"), json!({ "confirm_drop": confirm_drop })).await
}

/// Codes and changed fields of the rows of one kind.
async fn rows(browser: &mut Browser, draft: &str, thing: &str, kind: &str) -> Vec<String> {
    let path = format!("{draft}/rows?list=0&thing={thing}&kind={kind}");
    let page = browser.get(&path).await.expect(StatusCode::OK);
    assert_eq!((&page["page"], &page["more"]), (&json!(1), &json!(false)));
    let rows = page["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let fields = row["fields"].as_array().unwrap().iter();
        let differing = fields.filter(|field| field["differs"] == true).map(|field| {
            let text = |side: &str| field[side].as_str().unwrap().to_owned();
            format!(" {}: {} → {}", field["field"].as_str().unwrap(), text("old"), text("new"))
        });
        format!("{}{}", row["code10"].as_str().unwrap(), differing.collect::<String>())
    })
    .collect()
}

/// The register without the audit log and the drafts' own ids.
async fn register_of(site: &Site) -> Vec<String> {
    let mut all = everything(site).await;
    all.retain(|row| !row.starts_with("audit"));
    all
}

on_both_engines! {
    async fn what_is_shown_is_what_is_kept(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        import(&site, september()).await.unwrap();
        let before = register_of(&site).await;
        let (draft, shown) = looked(&mut tokyo, "o.xlsx", october()).await;
        assert_eq!((&shown["changes"], &shown["needs_confirmation"]), (&json!(true), &json!(true)));
        let list = &shown["lists"][0];
        assert_eq!(list["summary"]["institutions"], json!(tally(1, 1, 1, 2)));
        assert_eq!(list["summary"]["notifications"], json!(tally(2, 1, 1, 1)));
        assert_eq!(list["report"]["as_of"], "2025-10-01");
        for (thing, kind, expected) in [
            ("institution", "new", vec!["1110110155"]),
            ("institution", "changed", vec!["1110110148 filed: なし → あり"]),
            ("institution", "lapsed", vec!["1110110130"]),
            ("institution", "unchanged", vec!["1110110114", "1110110122"]),
            ("institution", "error", vec![]),
            ("notification", "new", vec!["1110110148", "1110110155"]),
            ("notification", "changed", vec!["1110110122 acceptance_number: 第2号 → 第20号"]),
            ("notification", "lapsed", vec!["1110110130"]),
            ("notification", "unchanged", vec!["1110110114"]),
        ] {
            assert_eq!(rows(&mut tokyo, &draft, thing, kind).await, expected, "{thing} {kind}");
        }
        assert_eq!(register_of(&site).await, before, "looking keeps nothing");
        let open = tokyo.get(DRAFTS).await.expect(StatusCode::OK);
        assert_eq!(open["items"][0]["id"], shown["id"]);
        // It waits on the server: another page, or another process, goes on with it.
        let other = site.another().await;
        let again = tokyo.at(&other).get(&draft).await.expect(StatusCode::OK);
        assert_eq!(again["lists"], shown["lists"]);

        let done = commit(&mut tokyo, &draft, true).await.expect(StatusCode::OK);
        assert!(done["committed_at"].is_string());
        commit(&mut tokyo, &draft, true).await.refused(StatusCode::CONFLICT, "draft_committed");
        let listed = tokyo.get("/api/admin/imports").await.expect(StatusCode::OK);
        assert_eq!(listed["items"][0]["id"], list["import_id"]);
        assert_eq!(listed["items"][0]["draft_id"], shown["id"]);
        assert_eq!(listed["items"][0]["report"], list["report"]);
        assert_eq!((&listed["items"][0]["can_undo"], &listed["items"][1]["can_undo"]), (&json!(true), &json!(false)));
        // The same as the command line keeps.
        let by_pages = register_of(&site).await;
        let command = Site::on_sqlite().await;
        import(&command, september()).await.unwrap();
        import(&command, october()).await.unwrap();
        assert_eq!(plain(by_pages), plain(register_of(&command).await));
        // Anybody may read the counts, and they are those of the upload.
        let counts = site.browser().get("/api/counts?by=kind").await.expect(StatusCode::OK);
        assert_eq!((&counts["total"]["facilities"], &counts["as_of"]), (&json!(4), &json!("2025-10-01")));
        let who = "SELECT actor_kind FROM audit_entry WHERE action = 'register.import' ORDER BY at, id";
        assert_eq!(raw::texts(&site.url, who).await, ["command", "account"]);
    }

    async fn what_was_looked_at_before_somebody_else_is_not_kept(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let (first, _) = looked(&mut tokyo, "s.xlsx", september()).await;
        let (second, _) = looked(&mut tokyo, "o.xlsx", october()).await;
        let (third, _) = looked(&mut tokyo, "t.xlsx", tochigi()).await;
        commit(&mut tokyo, &first, true).await.expect(StatusCode::OK);
        let kept = register_of(&site).await;
        commit(&mut tokyo, &second, true).await.refused(StatusCode::CONFLICT, "register_moved_on");
        assert_eq!(register_of(&site).await, kept);
        // Of another prefecture nothing has moved.
        commit(&mut tokyo, &third, true).await.expect(StatusCode::OK);
        // An undo moves the register too.
        let (draft, _) = looked(&mut tokyo, "o.xlsx", october()).await;
        let items = tokyo.get("/api/admin/imports").await.expect(StatusCode::OK);
        let all = items["items"].as_array().unwrap();
        let saitama = all.iter().find(|item| item["prefecture_code"] == "11").unwrap();
        let undo = format!("/api/admin/imports/{}/undo", saitama["id"].as_str().unwrap());
        tokyo.post(&undo, json!({})).await.expect(StatusCode::OK);
        commit(&mut tokyo, &draft, true).await.refused(StatusCode::CONFLICT, "register_moved_on");
    }

    async fn a_fall_needs_a_word_and_a_new_code_at_an_old_address_is_pointed_out(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let (first, _) = looked(&mut tokyo, "s.xlsx", september()).await;
        commit(&mut tokyo, &first, false).await.expect(StatusCode::OK);
        // Toda's clinic has a new code; the hospital and another are gone.
        let again = institution("0110163", "戸田クリニック", "戸田市本町３ー３", "")
            .online("第31号", "令和 7年10月 1日");
        let fewer = list(&title("令和７年１０月１日", "令和７年１１月１日"), &[kawaguchi(), again]);
        let (draft, shown) = looked(&mut tokyo, "f.xlsx", fewer).await;
        assert_eq!(shown["needs_confirmation"], json!(true));
        let summary = &shown["lists"][0]["summary"];
        assert_eq!(summary["drops"].as_array().unwrap().len(), 2, "{summary}");
        let pair = json!([{ "old": "1110110130", "new": "1110110163", "address": "戸田市本町3ー3" }]);
        assert_eq!(summary["redesignations"], pair);
        let before = register_of(&site).await;
        commit(&mut tokyo, &draft, false).await.refused(StatusCode::CONFLICT, "sudden_drop");
        assert_eq!(register_of(&site).await, before);
        commit(&mut tokyo, &draft, true).await.expect(StatusCode::OK);
        let pairs = "SELECT old_code10 || new_code10 FROM redesignation WHERE superseded_at IS NULL";
        assert_eq!(raw::texts(&site.url, pairs).await, ["11101101301110110163"]);
    }

    async fn rows_with_errors_are_left_out_and_told(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let bad = institution("01101X4", "番号の字の医院", "川口市本町２", "").online("第7号", "令和 7年 9月 1日");
        let odd = toda().online("第33号", "令和 7年 1月 1日");
        let nowhere = institution("0110171", "どこかの医院", "どこか１－１", "").online("第8号", "平成40年 1月 1日");
        let all = [kawaguchi(), bad, odd, nowhere];
        let bytes = list(&title("令和７年９月１日", "令和７年１０月１日"), &all);
        let (draft, shown) = looked(&mut tokyo, "b.xlsx", bytes).await;
        let summary = &shown["lists"][0]["summary"];
        assert_eq!(summary["errors"], json!({ "institutions": 1, "notifications": 1 }));
        assert_eq!(summary["institutions"], json!(tally(3, 0, 0, 0)));
        let page = tokyo.get(&format!("{draft}/rows?list=0&thing=institution&kind=error")).await.expect(StatusCode::OK);
        assert_eq!((&page["odd"][0]["row"], &page["odd"][0]["code"]), (&json!(7), &json!("bad_code")));
        assert!(page["odd"][0]["cells"].as_array().unwrap().contains(&json!("番号の字の医院")), "{page}");
        let page = tokyo.get(&format!("{draft}/rows?list=0&thing=notification&kind=error")).await.expect(StatusCode::OK);
        assert_eq!(page["odd"][0]["code"], "conflicting_notification");
        let texts: Vec<&Value> = shown["lists"][0]["warnings"].as_array().unwrap().iter().map(|w| &w["text"]).collect();
        assert!(texts.contains(&&json!("算定開始年月日が、ありえない日付です")), "{texts:?}");

        let answer = tokyo.get(&format!("{draft}/errors.xlsx")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("import-errors.xlsx"));
        let id = shown["id"].as_str().unwrap().parse().unwrap();
        let book = drafts::workbook(&site.app, id, Lang::Ja).await.unwrap();
        let mut book = Xlsx::new(std::io::Cursor::new(book)).unwrap();
        let sheet = book.worksheet_range("1 埼玉県").unwrap();
        let cell = |row, column| sheet.get_value((row, column)).unwrap_or(&Data::Empty).to_string();
        let head: Vec<String> = (0..6).map(|column| cell(0, column)).collect();
        assert_eq!(head, ["行", "扱い", "理由", "見つけたもの", "項番", "都道府県コード"]);
        let reasons: Vec<[String; 4]> = (1..5).map(|row| [0, 1, 2, 11].map(|column| cell(row, column))).collect();
        // The misfit of a check digit, of a town and of a date are told and taken.
        assert_eq!(reasons[0], ["7", "取り込まない", "医療機関番号が7桁の数字ではありません", "番号の字の医院"]);
        assert_eq!((reasons[1][0].as_str(), reasons[1][1].as_str()), ("9", "取り込まない"));
        assert!(reasons[2..].iter().all(|row| row[1] == "取り込む（注意）"), "{reasons:?}");

        commit(&mut tokyo, &draft, false).await.expect(StatusCode::OK);
        let kept = "SELECT code10 || COALESCE(acceptance_number, '-') FROM notification WHERE source = 'bureau' ORDER BY code10";
        assert_eq!(raw::texts(&site.url, kept).await, ["1110110114第1号", "1110110130第3号", "1110110171第8号"]);
    }

    async fn a_draft_ends_by_itself_by_a_word_or_with_nothing_to_keep(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let (draft, _) = looked(&mut tokyo, "s.xlsx", september()).await;
        tokyo.delete(&draft).await.expect(StatusCode::NO_CONTENT);
        tokyo.get(&draft).await.refused(StatusCode::NOT_FOUND, "not_found");
        commit(&mut tokyo, &draft, false).await.refused(StatusCode::NOT_FOUND, "not_found");
        let (kept, _) = looked(&mut tokyo, "s.xlsx", september()).await;
        commit(&mut tokyo, &kept, false).await.expect(StatusCode::OK);
        let (same, shown) = looked(&mut tokyo, "s.xlsx", september()).await;
        assert_eq!(shown["changes"], json!(false));
        commit(&mut tokyo, &same, false).await.refused(StatusCode::CONFLICT, "nothing_to_import");
        tokyo.delete(&kept).await.refused(StatusCode::NOT_FOUND, "not_found");

        let (late, _) = looked(&mut tokyo, "o.xlsx", october()).await;
        site.app.clock.advance(chrono::TimeDelta::hours(25));
        drafts::forget(&site.app).await.unwrap();
        let mut tokyo = site.signed_in("tokyo").await;
        commit(&mut tokyo, &late, false).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(raw::texts(&site.url, "SELECT file FROM import_draft").await, ["s.xlsx"]);
        // The rows of what was kept can still be opened, for a month.
        assert_eq!(rows(&mut tokyo, &kept, "institution", "new").await.len(), 4);
        site.app.clock.advance(chrono::TimeDelta::days(30));
        drafts::forget(&site.app).await.unwrap();
        assert!(raw::texts(&site.url, "SELECT body FROM import_draft_row").await.is_empty());
    }

    async fn what_is_no_list_is_refused_with_its_reason(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let half = [("t.xlsx", tochigi()), ("x.xlsx", b"no list".to_vec())];
        let refused = send(&mut tokyo, &half).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "not_a_list");
        assert!(refused["detail"].as_str().unwrap().starts_with("x.xlsx："), "{refused}");
        send(&mut tokyo, &[]).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        import(&site, september()).await.unwrap();
        send(&mut tokyo, &[("a.xlsx", august())]).await.refused(StatusCode::CONFLICT, "older_list");
        let path = format!("{DRAFTS}/0d300100-0000-0000-0000-4ead72fa0000/rows?list=0&thing=cat&kind=new");
        tokyo.get(&path).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "malformed");
    }

    async fn two_months_of_one_upload_follow_each_other(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let both = [("o.xlsx", october()), ("s.xlsx", september())];
        // As files they come in any order; a list that is older than one before it is refused.
        send(&mut tokyo, &both).await.refused(StatusCode::CONFLICT, "older_list");
        let both = [("s.xlsx", september()), ("o.xlsx", october())];
        let draft = send(&mut tokyo, &both).await.expect(StatusCode::OK);
        assert_eq!(draft["lists"][1]["summary"]["institutions"], json!(tally(1, 1, 1, 2)));
        let path = format!("{DRAFTS}/{}", draft["id"].as_str().unwrap());
        commit(&mut tokyo, &path, true).await.expect(StatusCode::OK);
        assert_eq!(counted(&site, By::Prefecture).await, parts(&[("11", 4)]));
    }
}

/// Rows as both engines and all days write them: without the instants at their end.
fn plain(rows: Vec<String>) -> Vec<String> {
    let mut rows: Vec<String> = rows
        .into_iter()
        .map(|row| match row.split_once("2026-12-0") {
            Some((head, _)) => head.to_owned(),
            None => row.replace("true", "1").replace("false", "0"),
        })
        .collect();
    rows.sort();
    rows
}
