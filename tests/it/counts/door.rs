//! Counts through the front door: two lists of one prefecture, a month apart, before, between and
//! after, as known then and now; cards, the lists behind their numbers, data, and another process.

use axum::http::StatusCode;
use onshin::actions::counts::{self, Query};
use onshin::actions::imports::{self, How, Upload};
use onshin::engine::counts::By;
use onshin::format::cards::{self, CARDS, fill};
use onshin::format::chart::answer::Measure;
use onshin::format::dates::Style;
use onshin::format::xlsx::workbook;
use onshin::format::{Lang, seeds};
use onshin::model::ImportId;
use onshin::model::person::Actor;
use serde_json::{Value, json};

use crate::support::book::{Institution, import_lists, institution, list, title};
use crate::support::{Answer, Browser, Site, on_both_engines};

fn one(number: &str, name: &str, address: &str, beds: &str) -> Institution {
    institution(number, name, address, beds)
}

fn september() -> Vec<u8> {
    let all = [
        one("0110114", "川口診療所", "川口市本町１－１", "一般　5")
            .online("第1号", "令和 4年 4月 1日"),
        one("0110122", "大宮病院", "さいたま市大宮区大門町２－２", "一般　　20")
            .online("第2号", "令和 5年 5月 1日"),
        one("0110130", "戸田クリニック", "戸田市本町３－３", "")
            .online("第3号", "令和 6年 6月 1日"),
        one("0110148", "戸田第二医院", "戸田市新曽４－４", ""),
    ];
    list(&title("令和７年９月１日", "令和７年１０月１日"), &all)
}

/// One lapsed, one filed, one is new with a start before the list, one has moved.
fn october() -> Vec<u8> {
    let all = [
        one("0110114", "川口診療所", "蕨市中央１－１", "一般　5")
            .online("第1号", "令和 4年 4月 1日"),
        one("0110122", "大宮病院", "さいたま市大宮区大門町２－２", "一般　　20")
            .online("第2号", "令和 5年 5月 1日"),
        one("0110148", "戸田第二医院", "戸田市新曽４－４", "").online("第4号", "令和 7年10月 1日"),
        one("0110155", "草加クリニック", "草加市高砂５－５", "")
            .online("第5号", "令和 7年 8月 1日"),
    ];
    list(&title("令和７年１０月１日", "令和７年１１月１日"), &all)
}

const CONFIRMED: How = How { dry_run: false, confirm_drop: true };

async fn import(site: &Site, bytes: Vec<u8>) -> ImportId {
    let upload = Upload { name: "list.xlsx".into(), bytes };
    let done = import_lists(&site.app, vec![upload], CONFIRMED).await;
    done.unwrap().imports[0]
}

async fn both(site: &Site) {
    import(site, september()).await;
    site.app.clock.advance(chrono::TimeDelta::days(1));
    import(site, october()).await;
    site.app.clock.advance(chrono::TimeDelta::days(1));
}

async fn total(browser: &mut Browser, query: &str) -> Value {
    let answer = browser.get(&format!("/api/counts?{query}")).await.expect(StatusCode::OK);
    answer["total"].clone()
}

/// Facilities, and how many of them are uncertain.
async fn facilities(browser: &mut Browser, query: &str) -> (Value, Value) {
    let total = total(browser, query).await;
    (total["facilities"].clone(), total["uncertain"].clone())
}

fn text(answer: Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.text
}

/// The addresses of lists that a page names.
fn lists_in(page: &str) -> Vec<(String, String)> {
    page.split("<a href=\"/facilities?")
        .skip(1)
        .map(|rest| {
            let (path, rest) = rest.split_once('"').unwrap();
            let (_, rest) = rest.split_once('>').unwrap();
            let shown = rest.split("</a>").next().unwrap().to_owned();
            (format!("/facilities?{}", path.replace("&amp;", "&")), shown)
        })
        .collect()
}

on_both_engines! {
    async fn two_lists_are_counted_before_between_and_after_as_known_then_and_now(site: Site) {
        both(&site).await;
        let mut anybody = site.browser();
        let at = |as_of: &str, known: &str| format!("by=kind&prefecture=11&as_of={as_of}{known}");
        // Before the first list there is nothing, and why.
        let before = anybody.get("/api/counts?by=kind&prefecture=11&as_of=2025-08-31").await;
        let before = before.expect(StatusCode::OK);
        assert_eq!((&before["total"], &before["reason"]), (&Value::Null, &json!("before_first_list")));
        assert_eq!(before["missing"][0]["first_list"], "2025-09-01");
        // On the first list's day: three as known then, four since the second list told of an
        // earlier start.
        let then = "&known_on=2026-12-01";
        assert_eq!(facilities(&mut anybody, &at("2025-09-01", then)).await, (json!(3), json!(0)));
        assert_eq!(facilities(&mut anybody, &at("2025-09-01", "")).await, (json!(4), json!(0)));
        // Between the lists nobody knows when one lapsed.
        assert_eq!(facilities(&mut anybody, &at("2025-09-20", "")).await, (json!(4), json!(1)));
        assert_eq!(facilities(&mut anybody, &at("2025-09-20", then)).await, (json!(3), json!(0)));
        assert_eq!(facilities(&mut anybody, &at("2025-10-01", "")).await, (json!(4), json!(0)));
        assert_eq!(facilities(&mut anybody, &at("2025-10-01", then)).await, (json!(3), json!(0)));
        // Before anything was recorded.
        let never = anybody.get("/api/counts?by=kind&prefecture=11&known_on=2026-11-30").await;
        assert_eq!(never.expect(StatusCode::OK)["reason"], "no_list");
        // To the instant.
        let exact = at("2025-10-01", "&known_on=2026-12-02T09%3A00%3A00%2B09%3A00");
        assert_eq!(facilities(&mut anybody, &exact).await.0, json!(4));
        let exact = at("2025-10-01", "&known_on=2026-12-02T08%3A59%3A59%2B09%3A00");
        assert_eq!(facilities(&mut anybody, &exact).await.0, json!(3));
    }

    async fn parts_follow_their_facilities_and_what_came_and_went_is_told(site: Site) {
        both(&site).await;
        let mut anybody = site.browser();
        let query = "/api/counts?by=municipality&prefecture=11&as_of=2025-10-01&since=2025-09-01";
        let report = anybody.get(query).await.expect(StatusCode::OK);
        let rows = report["rows"].as_array().unwrap();
        let row = |code: &str| rows.iter().find(|row| row["code"] == code).unwrap();
        // All municipalities stand there, those with nobody too.
        assert!(rows.len() > 60, "{}", rows.len());
        assert_eq!(row("112241")["facilities"], 1);
        assert_eq!((&row("112241")["flows"]["accepted"], &row("112241")["flows"]["lapsed"]), (&json!(1), &json!(1)));
        // Who moved from one to the other is in neither's coming and going.
        let (left, came) = (&row("112038")["flows"], &row("112232")["flows"]);
        assert_eq!((&left["net"], &left["moved"], &left["lapsed"]), (&json!(-1), &json!(-1), &json!(0)));
        assert_eq!((&came["net"], &came["moved"], &came["accepted"]), (&json!(1), &json!(1), &json!(0)));
        let flows = &report["total"]["flows"];
        assert_eq!((&flows["accepted"], &flows["lapsed"], &flows["net"]), (&json!(1), &json!(1), &json!(0)));
        assert_eq!((&report["total"]["institutions"], &report["total"]["share"]), (&json!(4), &json!(1.0)));
        assert!(report["total"]["residents"].as_u64().unwrap() > 7_000_000);
        let months = anybody.get("/api/counts?by=month&prefecture=11").await.expect(StatusCode::OK);
        let months: Vec<_> = months["rows"].as_array().unwrap().iter()
            .map(|row| (row["code"].as_str().unwrap().to_owned(), row["facilities"].as_u64().unwrap())).collect();
        assert_eq!(months, [("2025-09".to_owned(), 4), ("2025-10".to_owned(), 4)]);
        for wrong in ["by=month&as_of=tomorrow", "by=month&known_on=x", "by=kind&prefecture=99", "by=kind&size=huge"] {
            anybody.get(&format!("/api/counts?{wrong}")).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        }
    }

    async fn nowhere_are_more_accepted_than_there_are(site: Site) {
        both(&site).await;
        let mut anybody = site.browser();
        // Accepted since August, on no list before October's.
        let query = "/api/counts?by=municipality&prefecture=11&as_of=2025-09-15";
        let report = anybody.get(query).await.expect(StatusCode::OK);
        let rows = report["rows"].as_array().unwrap();
        let new = rows.iter().find(|row| row["code"] == "112216").unwrap();
        assert_eq!((&new["facilities"], &new["institutions"], &new["share"]), (&json!(1), &json!(1), &json!(1.0)));
        let mut looked = 0;
        for by in By::ALL {
            for within in ["", "&size=hospital", "&size=clinic_without_beds", "&municipality=112216", "&municipality=112241"] {
                for day in ["2025-09-01", "2025-09-15", "2025-10-01", "2026-12-01"] {
                    let query = format!("/api/counts?by={}&prefecture=11&as_of={day}{within}", by.code());
                    let report = anybody.get(&query).await.expect(StatusCode::OK);
                    for part in report["rows"].as_array().unwrap().iter().chain([&report["total"]]) {
                        let Some(share) = part["share"].as_f64() else { continue };
                        let [of, all] = ["facilities", "institutions"].map(|key| part[key].as_u64().unwrap());
                        assert!(share <= 1.0 && of <= all, "{query}: {part}");
                        looked += 1;
                    }
                }
            }
        }
        assert!(looked > 200, "{looked}");
    }

    async fn every_number_of_every_card_leads_to_as_many_facilities(site: Site) {
        both(&site).await;
        let mut anybody = site.browser();
        let mut followed = 0;
        for card in &CARDS {
            let page = text(anybody.get(&format!("/cards/{}?since=2025-09-01&lang=ja", card.id)).await);
            assert!(page.contains("<svg") && page.contains("<table>") && page.contains("rel=\"bookmark\""), "{}", card.id);
            assert!(!page.contains("<script") && !page.contains("style="), "{}", card.id);
            let links = lists_in(&page);
            assert_eq!(links.is_empty(), card.by.is_none(), "{}", card.id);
            for (path, shown) in links {
                // Bars name what they are before their number.
                let shown = shown.split("</title>").next().unwrap();
                let number = shown.rsplit(['>', ' ']).next().unwrap().replace([',', '+'], "");
                let Ok(number) = number.parse::<u32>() else { continue };
                if number == 0 && followed > 40 {
                    continue; // the towns with nobody are all alike
                }
                let list = text(anybody.get(&path).await);
                assert!(list.contains(&format!("<p class=\"great\">{number} ")), "{number} at {path}");
                followed += 1;
            }
        }
        assert!(followed > 60, "{followed}");
    }

    async fn a_permalink_says_tomorrow_what_it_said_today(site: Site) {
        import(&site, september()).await;
        let mut anybody = site.browser();
        let page = text(anybody.get("/cards/kinds?prefecture=11").await);
        let permalink = page.split("class=\"permalink\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let permalink = permalink.replace("&amp;", "&");
        let number = |page: &str| page.split("<p class=\"great\">").nth(1).unwrap().split("</a>").next().unwrap().rsplit('>').next().unwrap().to_owned();
        let before = number(&text(anybody.get(&permalink).await));
        site.app.clock.advance(chrono::TimeDelta::days(1));
        import(&site, october()).await;
        assert_eq!(number(&text(anybody.get(&permalink).await)), before);
        assert_ne!(number(&text(anybody.get("/cards/kinds?prefecture=11").await)), before);
    }

    async fn a_frame_of_others_may_show_a_card_and_nothing_else(site: Site) {
        let mut anybody = site.browser();
        let policy = |answer: &Answer| {
            answer.headers["content-security-policy"].to_str().unwrap().to_owned()
        };
        let framed = anybody.get("/cards/series?embed=true").await;
        assert!(policy(&framed).contains("frame-ancestors *"));
        assert!(!text(framed).contains("<header"));
        let alone = anybody.get("/cards/series").await;
        assert!(policy(&alone).contains("frame-ancestors 'none'"));
        assert!(text(alone).contains("&lt;iframe src=&quot;http://onshin.test/cards/series?"));
        assert!(policy(&anybody.get("/facilities").await).contains("frame-ancestors 'none'"));
        let nothing = anybody.get("/cards/nothing").await;
        nothing.refused(StatusCode::NOT_FOUND, "not_found");
    }

    async fn data_are_series_by_time_and_area_with_why_they_are_missing(site: Site) {
        both(&site).await;
        let mut anybody = site.browser();
        let list = anybody.get("/api/data").await.expect(StatusCode::OK);
        assert_eq!(list["items"].as_array().unwrap().len(), 8);
        let path = "/api/data/facilities?time=2025-08-31,2025-09,2025-09-20&by=municipality&prefecture=11&area=all,112241";
        let data = anybody.get(path).await.expect(StatusCode::OK);
        let found: Vec<_> = data["values"].as_array().unwrap().iter()
            .map(|v| [&v["time"], &v["area"], &v["value"], &v["status"], &v["reason"]].map(ToString::to_string).join(" ").replace('"', ""))
            .collect();
        assert_eq!(found, [
            "2025-08-31 11 null missing before_first_list",
            "2025-09-01 112241 1.0 final null",
            "2025-09-01 11 4.0 final null",
            "2025-09-20 112241 1.0 uncertain null",
            "2025-09-20 11 4.0 uncertain null",
        ]);
        let csv = text(anybody.get("/api/data/share?time=2025-10-01&prefecture=11&format=csv").await);
        assert!(csv.contains("share,2025-10-01,11,埼玉県,1,fraction,final,,ict_care,2025-10-01\r\n"), "{csv}");
        let published = anybody.get("/api/data/published").await.expect(StatusCode::OK);
        assert_eq!(published["values"][5]["value"], 1715.0);
        anybody.get("/api/data/nothing").await.refused(StatusCode::NOT_FOUND, "not_found");
        anybody.get("/api/data/share?time=soon").await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }

    async fn another_process_sees_an_import_at_once(site: Site) {
        let other = site.another().await;
        let (mut here, mut there) = (site.browser(), other.browser());
        assert_eq!(total(&mut there, "by=kind").await, Value::Null);
        import(&site, september()).await;
        assert_eq!(total(&mut there, "by=kind").await["facilities"], 3);
        site.app.clock.advance(chrono::TimeDelta::days(1));
        import(&other, october()).await;
        assert_eq!(total(&mut here, "by=kind").await["facilities"], 4);
    }

    async fn what_was_taken_back_is_counted_only_as_known_meanwhile(site: Site) {
        import(&site, september()).await;
        site.app.clock.advance(chrono::TimeDelta::days(1));
        let second = import(&site, october()).await;
        site.app.clock.advance(chrono::TimeDelta::days(1));
        let mut anybody = site.browser();
        // Both are asked before and after, so that what is kept in memory must notice the undoing.
        let october = "by=kind&as_of=2025-10-01";
        assert_eq!(facilities(&mut anybody, october).await, (json!(4), json!(0)));
        imports::undo(&site.app, &Actor::Command, second).await.unwrap();
        assert_eq!(facilities(&mut anybody, october).await, (json!(3), json!(0)));
        let meanwhile = format!("{october}&known_on=2026-12-02");
        assert_eq!(facilities(&mut anybody, &meanwhile).await, (json!(4), json!(0)));
        let answer = anybody.get(&format!("/api/counts?{october}")).await.expect(StatusCode::OK);
        assert_eq!(answer["as_of_until"], "2025-09-01");
        let months = anybody.get("/api/counts?by=month").await.expect(StatusCode::OK);
        assert_eq!(months["rows"].as_array().unwrap().len(), 1);
    }

    async fn a_workbook_holds_the_numbers_of_the_card_and_a_chart_of_its_own(site: Site) {
        both(&site).await;
        for card in &CARDS {
            let filled = match card.by {
                None => cards::published(Lang::Ja),
                Some(by) => {
                    let answer = counts::count(&site.app, by, &Query::default()).await.unwrap();
                    fill(card, &answer, card.measure(None), Style::from(Lang::Ja))
                }
            };
            check_book(card.id, &workbook(&filled.book(Lang::Ja)).unwrap(), &filled.table);
        }
        // The published series is two lines and a point, and nothing joins them.
        let series = cards::published(Lang::Ja);
        let chart = part(&workbook(&series.book(Lang::Ja)).unwrap(), "xl/charts/chart1.xml");
        assert_eq!(chart.matches("<c:ser>").count(), 3, "{chart}");
        assert_eq!(chart.matches("<c:lineChart>").count(), 1);
        let by = By::Prefecture;
        let answer = counts::count(&site.app, by, &Query::default()).await.unwrap();
        let share = fill(cards::of(by), &answer, Measure::Share, Style::from(Lang::En));
        assert!(part(&workbook(&share.book(Lang::En)).unwrap(), "xl/charts/chart1.xml").contains("<c:barChart>"));
        assert_eq!(seeds::series().len(), 6);
    }
}

/// One file of a workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name(name).unwrap(), &mut text).unwrap();
    text
}

/// Another reader finds the numbers, as numbers, and each chart's cells.
fn check_book(id: &str, book: &[u8], table: &onshin::format::table::Table) {
    use calamine::{Data, Reader, Xlsx};
    let mut found: Xlsx<_> = Xlsx::new(std::io::Cursor::new(book.to_vec())).unwrap();
    let sheet = found.worksheet_range("データ").unwrap();
    let value = |row: usize, at: usize| {
        let (row, at) = (u32::try_from(row).unwrap(), u32::try_from(at).unwrap());
        sheet.get_value((row, at)).cloned().unwrap_or(Data::Empty)
    };
    for (at, row) in table.rows.iter().enumerate() {
        for (place, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            match (value(4 + at, place), cell.data.parse::<f64>()) {
                (Data::Float(number), Ok(expected)) if column.number => {
                    assert!((number - expected).abs() < 1e-9, "{id} {number} {expected}");
                }
                (Data::String(shown), _) => assert_eq!(shown, cell.shown, "{id}"),
                (Data::Empty, _) => assert_eq!(cell.shown, "", "{id}"),
                (other, _) => panic!("{id}: {other:?} for {cell:?}"),
            }
        }
    }
    let chart = part(book, "xl/charts/chart1.xml");
    assert!(chart.contains("<c:barChart>") || chart.contains("<c:lineChart>"), "{id}");
    assert!(chart.contains("データ") || chart.contains("グラフ"), "{id}: {chart}");
}
