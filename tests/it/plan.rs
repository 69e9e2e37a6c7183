//! Figures of the medical care plan: indicators by form and file, the seed's table cell by cell, the
//! sheet, published counts beside the rows.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use onshin::actions::imports::{How, Upload};
use onshin::actions::sheet;
use onshin::format::Lang;
use onshin::format::pages::sheet as page;
use serde_json::{Value, json};

use crate::support::book::{import_lists, institution, list, title};
use crate::support::served::onshin;
use crate::support::{Answer, Browser, ORIGIN, Site, on_both_engines, raw};

/// Half of a small list is gone at once: that is meant.
const CONFIRMED: How = How { dry_run: false, confirm_drop: true };

/// The cells of the table with this id, row by row, as a reader sees them.
fn cells(html: &str, id: &str) -> Vec<Vec<String>> {
    let start = html.find(&format!("<table id=\"{id}\"")).unwrap();
    let table = &html[start..start + html[start..].find("</table>").unwrap()];
    let rows = table.split("<tr").skip(1);
    rows.map(|row| {
        let parts = row.split("</th>").flat_map(|part| part.split("</td>"));
        let cells = parts.filter(|part| part.contains("<th") || part.contains("<td"));
        cells.map(|cell| text_of(&cell[cell.find("<t").unwrap()..])).collect()
    })
    .collect()
}

/// What stands between the tags.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.trim().to_owned()
}

async fn sheet_of(site: &Site) -> String {
    let made = sheet::sheet(&site.app, None, None).await.unwrap();
    page::body(&made, Lang::Ja).into_string()
}

async fn csv(browser: &mut Browser, path: &str, text: &str) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "text/csv");
    browser.request(request.body(Body::from(text.to_owned())).unwrap()).await
}

/// The values of an indicator as they are shown.
async fn shown(browser: &mut Browser, key: &str) -> Vec<String> {
    let all = browser.get("/api/indicators").await.expect(StatusCode::OK);
    let one = all["items"].as_array().unwrap().iter().find(|one| one["key"] == key).unwrap();
    let points = one["points"].as_array().unwrap().iter();
    points.map(|point| point["shown"].as_str().unwrap().to_owned()).collect()
}

/// Of each file of a planning sheet that is at hand, its text; none is part of this repository.
fn seed() -> Option<String> {
    let shared = std::env::var_os("ONSHIN_SHARED").map_or_else(
        || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        std::path::PathBuf::from,
    );
    let folder = shared.join("seed");
    let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut texts =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "txt"));
    let text = texts.find_map(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        eprintln!(
            "skipped: no planning sheet at {}; set ONSHIN_SHARED to try it",
            folder.display()
        );
    }
    text
}

on_both_engines! {
    async fn the_table_of_the_planning_sheet_stands_cell_by_cell(site: Site) {
        let html = sheet_of(&site).await;
        let table = cells(&html, "facilities");
        assert_eq!(table[0], ["施設基準", "H30", "R1", "R2", "R3", "R4", "R5.7"]);
        let legacy = ["オンライン診療料（再診のみ）", "108", "200", "593", "1,051", "", ""];
        assert_eq!(table[1], legacy);
        let ict = ["情報通信機器を用いた診療（初・再診）", "", "", "", "", "915", "1,715"];
        assert_eq!(table[2], ict);
        assert_eq!(table.len(), 3);
        let people = cells(&html, "population");
        assert_eq!(people[0], ["区分", "令和2年", "2030年", "2040年", "対2030年増減"]);
        assert_eq!(people[1], ["高齢者人口（65歳以上）", "319", "334", "381", "47"]);
        assert_eq!(people[2], ["生産年齢人口", "928", "945", "875", "▲70"]);
        for figure in [
            "48.7％（311/638）", "44.2％（6,141/13,889）", "66.4％（235/354）", "53.0％（4,671/8,817）",
            "12.9％（82/638）", "17.5％（62/354）", "10.5％（37/354）", "72.0％", "設定なし",
        ] {
            assert!(html.contains(figure), "{figure}");
        }
        // The sheet at hand says the same, in its own order.
        if let Some(seed) = seed() {
            let seed: String = seed.split_whitespace().collect();
            for row in [legacy, ict] {
                let numbers: String = row[1..].concat();
                assert!(seed.contains(&numbers), "{numbers}");
            }
            for row in &people[1..] {
                assert!(seed.contains(&row[1..].concat()), "{row:?}");
            }
        }
    }

    async fn a_new_value_is_entered_corrected_and_taken_back(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let path = "/api/admin/indicators";
        let wish = |value: &str, part: i64| json!({
            "key": "emr_hospital", "period": "2026-03", "value": value,
            "numerator": part, "denominator": 400, "source": "東京都「医療機能実態調査（令和８年３月）」",
        });
        let kept = tokyo.post(path, wish("75.0", 300)).await.expect(StatusCode::OK);
        assert_eq!(kept, json!({ "new": 1, "changed": 0, "unchanged": 0 }));
        let again = tokyo.post(path, wish("75.0", 300)).await.expect(StatusCode::OK);
        assert_eq!(again["unchanged"], 1);
        let corrected = tokyo.post(path, wish("77.5", 310)).await.expect(StatusCode::OK);
        assert_eq!(corrected["changed"], 1);
        let all = ["48.7％（311/638）", "66.4％（235/354）", "77.5％（310/400）"];
        assert_eq!(shown(&mut tokyo, "emr_hospital").await, all);
        // What was known stays, superseded; who entered it is in the audit log.
        let rows = "SELECT count(*) FROM indicator_value WHERE period = '2026-03'";
        assert_eq!(raw::numbers(&site.url, rows).await, [2]);
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'indicators.enter'";
        assert_eq!(raw::numbers(&site.url, entries).await, [2]);
        // The sheet shows it at once.
        assert!(sheet_of(&site).await.contains("最新 77.5％（310/400）"));
        let items = tokyo.get("/api/indicators").await.expect(StatusCode::OK);
        let id = items["items"][0]["points"][2]["id"].as_str().unwrap().to_owned();
        let gone = tokyo.delete(&format!("{path}/{id}")).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        assert_eq!(shown(&mut tokyo, "emr_hospital").await, all[..2]);
        tokyo.delete(&format!("{path}/{id}")).await.refused(StatusCode::NOT_FOUND, "not_found");
        let wrong = tokyo.post(path, wish("80.0", 310)).await;
        let wrong = wrong.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(wrong["errors"][0]["pointer"], "/value");
        assert_eq!(wrong["errors"][0]["code"], "not_the_fraction");
    }

    async fn a_correction_of_what_came_with_the_program_outlives_the_next_start(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let wish = json!({
            "key": "network_not_planned", "period": "2023-03", "value": "71.9",
            "source": "東京都「医療機能実態調査（令和５年３月）」",
        });
        let kept = tokyo.post("/api/admin/indicators", wish).await.expect(StatusCode::OK);
        assert_eq!(kept["changed"], 1);
        site.app.store.migrate().await.unwrap();
        assert_eq!(shown(&mut tokyo, "network_not_planned").await, ["71.9％"]);
    }

    async fn a_file_is_kept_whole_or_not_at_all(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let path = "/api/admin/indicators/file";
        let bad = "指標,時点,値,分子,分母,出典\n\
            電子カルテを導入している病院,2026-03,75.0,300,400,都調査\n\
            電子カルテを導入している診療所,2026-13,60.0,,,都調査\n\
            emr_clinic,2026-03,60.1,6000,10000,\n";
        let answer = csv(&mut tokyo, path, bad).await;
        let problem = answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let told = |error: &Value| {
            assert_ne!(error["detail"], "内容をお確かめください。", "{error}");
            format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
        };
        let found: Vec<String> = problem["errors"].as_array().unwrap().iter().map(told).collect();
        let expected = [
            "/rows/3/period period",
            "/rows/4/source required",
            "/rows/4/value not_the_fraction",
        ];
        assert_eq!(found, expected);
        assert_eq!(shown(&mut tokyo, "emr_hospital").await.len(), 2);
        let good = "key,period,projection,value,numerator,denominator,source\n\
            emr_hospital,2026-03,,75.0,300,400,都調査\nemr_clinic,2026-03,,60.0,6000,10000,都調査\n";
        let look = csv(&mut tokyo, &format!("{path}?dry_run=true"), good).await;
        assert_eq!(look.expect(StatusCode::OK)["new"], 2);
        assert_eq!(shown(&mut tokyo, "emr_hospital").await.len(), 2);
        assert_eq!(csv(&mut tokyo, path, good).await.expect(StatusCode::OK)["new"], 2);
        assert_eq!(shown(&mut tokyo, "emr_hospital").await[2], "75.0％（300/400）");
        // What is given out can be brought back as it is.
        let out = tokyo.get("/indicators.csv").await;
        assert_eq!(out.status, StatusCode::OK);
        let back = csv(&mut tokyo, path, &out.text).await.expect(StatusCode::OK);
        assert_eq!(back, json!({ "new": 0, "changed": 0, "unchanged": 17 }));
        let mut doctor = site.signed_in("doctor").await;
        csv(&mut doctor, path, good).await.refused(StatusCode::FORBIDDEN, "forbidden");
    }

    async fn published_counts_stand_beside_the_rows_and_are_never_joined(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let path = "/api/reconciliation";
        let seeds = tokyo.get(path).await.expect(StatusCode::OK);
        let seeds = seeds["items"].as_array().unwrap().clone();
        assert_eq!(seeds.len(), 6);
        assert!(seeds.iter().all(|one| one["verdict"] == "no_list" && one["from_rows"].is_null()));
        let row = |number: &str, start: &str| {
            institution(number, &format!("医院{number}"), "川口市本町１－１", "").online("第1号", start)
        };
        let first = [
            row("0110114", "令和 4年 4月 1日"), row("0110122", "令和 5年 5月 1日"), row("0110130", "令和 7年 8月 1日"),
        ];
        for (days, rows) in [
            (("令和７年９月１日", "令和７年１０月１日"), &first[..]),
            (("令和７年１０月１日", "令和７年１１月１日"), &first[..2]),
        ] {
            let bytes = list(&title(days.0, days.1), rows);
            let upload = Upload { name: "list.xlsx".into(), bytes };
            import_lists(&site.app, vec![upload], CONFIRMED).await.unwrap();
        }
        let text = "都道府県,施設基準,時点,年度末,施設数,出典\n\
            埼玉県,情報通信機器を用いた診療,2023-03,○,1,厚生局\n\
            埼玉県,情報通信機器を用いた診療,2024-03,○,1,厚生局\n\
            11,ict_care,2025-09-01,,3,厚生局\n\
            11,ict_care,2025-09-15,,2,厚生局\n\
            11,ict_care,2025-10-01,,5,厚生局\n";
        let kept = csv(&mut tokyo, "/api/admin/published-counts/file", text).await;
        assert_eq!(kept.expect(StatusCode::OK)["new"], 5);
        let found = tokyo.get("/api/reconciliation?prefecture=11").await.expect(StatusCode::OK);
        let found = found["items"].as_array().unwrap().clone();
        let of = |at: usize| {
            let one = &found[at];
            let figure = |key: &str| one[key].as_i64();
            let verdict = one["verdict"].as_str().unwrap().to_owned();
            (figure("published").unwrap(), figure("from_rows"), figure("remaining"), figure("difference"), verdict)
        };
        // Before the first list the rows say nothing but who remained.
        assert_eq!(of(0), (1, None, Some(1), None, "before_first_list".into()));
        assert_eq!(of(1), (1, None, Some(2), None, "more_remain".into()));
        assert_eq!(of(2), (3, Some(3), None, Some(0), "equal".into()));
        // One lapsed on an unknown day between the lists.
        assert_eq!(of(3), (2, Some(3), None, Some(-1), "within_uncertain".into()));
        assert_eq!(of(4), (5, Some(2), None, Some(3), "unexplained".into()));
        let id = found[4]["id"].as_str().unwrap();
        let told = json!({ "explanation": "公表値は歯科を含む" });
        let address = format!("/api/admin/published-counts/{id}/explanation");
        assert_eq!(tokyo.put(&address, told).await.status, StatusCode::NO_CONTENT);
        let page = site.browser().get("/reconciliation?lang=ja").await;
        assert!(page.text.contains("公表値は歯科を含む") && page.text.contains("理由あり"), "{}", page.text);
        assert!(page.text.contains("要確認が1件"), "the one that remains: {}", page.text);
        let file = site.browser().get("/reconciliation.csv?lang=ja").await;
        assert!(file.text.contains("11,2025-10-01,ict_care,5,2,3,,explained,厚生局\r\n"), "{}", file.text);
        // The sheet of that prefecture holds what its last list says, in the only column.
        let made = sheet::sheet(&site.app, Some("2025-09-20".parse().unwrap()), Some("11")).await.unwrap();
        let table = cells(&page::body(&made, Lang::Ja).into_string(), "facilities");
        assert_eq!((table[2].len(), table[2][1].as_str()), (2, "3"));
        assert!(table[0][1].ends_with("R7.9"), "{:?}", table[0]);
    }

    async fn no_prefecture_has_the_figures_or_the_words_of_another(site: Site) {
        // What Tokyo's sheet says of Tokyo; one with a list, one without any.
        let rows = [institution("0110114", "医院", "川口市本町１－１", "").online("第1号", "令和 4年 4月 1日")];
        let bytes = list(&title("令和７年９月１日", "令和７年１０月１日"), &rows);
        import_lists(&site.app, vec![Upload { name: "list.xlsx".into(), bytes }], CONFIRMED).await.unwrap();
        let of_tokyo = ["東京", "Tokyo", "48.7", "311/638", "14,002,534", "1,715", "1,051", "<svg", "標準型電子カルテ"];
        for (code, name, value) in [("11", "埼玉県", true), ("19", "山梨県", false)] {
            for lang in [Lang::Ja, Lang::En] {
                let made = sheet::sheet(&site.app, None, Some(code)).await.unwrap();
                let html = page::body(&made, lang).into_string();
                for word in of_tokyo {
                    assert!(!html.contains(word), "{word} in the sheet of {name}: {html}");
                }
                assert!(html.matches(lang.pick("設定なし", "Not set")).count() >= 5, "{html}");
                assert_eq!(html.contains("<table id=\"facilities\""), value, "{html}");
            }
            let page = site.browser().get(&format!("/sheet?prefecture={code}&lang=ja")).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text.contains(&format!("（{name}）")), "{}", page.text);
            for word in ["医療機能実態調査", "48.7％", "14,002,534"] {
                assert!(!page.text.contains(word), "{word}");
            }
        }
        // Tokyo's has them all.
        let own = sheet_of(&site).await;
        for word in ["48.7", "311/638", "14,002,534", "1,715", "1,051", "<svg", "標準型電子カルテ"] {
            assert!(own.contains(word), "{word}");
        }
    }

    /// Rows that no way of the service makes, tried on the database itself.
    async fn the_database_refuses_figures_that_cannot_be(site: Site) {
        let id = raw::id(&site.url, "0d3a0000-0000-0000-0000-000000000002");
        let row = |values: &str| {
            let sql = format!(
                "INSERT INTO indicator_value (id, indicator_key, period, projection, thousandths,
                    numerator, denominator, source, origin, recorded_at) VALUES ({id}, {values})"
            );
            [sql, format!("DELETE FROM indicator_value WHERE id = {id}")]
        };
        let no = if site.url.starts_with("sqlite:") { "0" } else { "false" };
        let at = "'2026-12-01T00:00:00+00:00'";
        let rows = [
            row(&format!("'emr_clinic', '2026', {no}, 33300, 1, 3, 's', 'form', {at}")),
            row(&format!("'emr_clinic', '2026', {no}, 33400, 1, 3, 's', 'form', {at}")),
            row(&format!("'emr_clinic', '2026', {no}, 100100, 3, 3, 's', 'form', {at}")),
            row(&format!("'emr_clinic', '2026', {no}, 33300, 1, NULL, 's', 'form', {at}")),
            row(&format!("'nobody', '2026', {no}, 33300, 1, 3, 's', 'form', {at}")),
            // Entered by somebody, but when; and the same time and source a second time.
            row(&format!("'emr_clinic', '2026', {no}, 33300, 1, 3, 's', 'form', NULL")),
            row(&format!("'emr_clinic', '2020', {no}, 44200, NULL, NULL, '厚生労働省「令和２年医療施設調査」', 'form', {at}")),
        ];
        let accepted = raw::each_accepted(&site.url, &rows).await;
        assert_eq!(accepted, [true, false, false, false, false, false, false]);
    }
}

#[test]
fn the_program_writes_the_sheet_and_the_reconciliation() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let done = onshin(folder.path()).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    let told = run(&["--json", "report", "sheet", "--as-of", "2023-12-31", "--out", "sheet.html"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["file"], &told["as_of"]), (&json!("sheet.html"), &json!("2023-12-31")));
    let html = std::fs::read_to_string(folder.path().join("sheet.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<style>"));
    // It needs nothing else: no file, no address, no script. The drawing names only its language.
    for word in ["<link", "<script", "src=", "url(", "@import"] {
        assert!(!html.contains(word), "{word}");
    }
    assert_eq!(cells(&html, "facilities")[2][6], "1,715");
    // What was counted in 2025 was not known in 2023.
    assert!(!html.contains("14,002,534"));
    assert!(run(&["report", "sheet", "--lang", "en"]).contains("Planning sheet"));
    let table = run(&["report", "reconcile"]);
    assert!(table.contains("令和3年度末") && table.contains("1,051"), "{table}");
    let rows: Value = serde_json::from_str(&run(&["--json", "report", "reconcile"])).unwrap();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 6);
    let csv = run(&["report", "reconcile", "--format", "csv", "--prefecture", "11"]);
    assert_eq!(csv.lines().count(), 1);
    let wrong = onshin(folder.path()).args(["report", "sheet", "--prefecture", "99"]).output();
    assert_eq!(wrong.unwrap().status.code(), Some(5));
}
