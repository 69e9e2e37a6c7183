//! A bureau's list takes the place of what was filed here, and gives it back when it is undone.

use axum::http::StatusCode;
use chrono::TimeDelta;
use onshin::actions::filings::register::take_effect_due;
use onshin::actions::imports::{self, How, Upload};
use onshin::model::ImportId;
use onshin::model::person::Actor;
use serde_json::{Value, json};

use super::{CODE, accept, acceptance, bookable, check, demands, handed_in, submit, yunagi};
use crate::support::book::{Institution, import_lists, institution, list, title};
use crate::support::{Browser, Site, on_both_engines, raw};

const DEMO: &str = "demo （情報通信）見本第9990051号 2022-04-01 until 2026-10-01";
const FILED: &str = "filing 第9号 2026-12-01";
const LISTED: &str = "bureau 第9号 2026-12-01";

/// A clinic of Tokyo that every list shows.
fn other() -> Institution {
    institution("0110114", "丸の内医院", "千代田区丸の内１", "")
        .of("13", "東京都")
        .online("第1号", "令和 6年 4月 1日")
}

/// The clinic of these tests, as a list shows it.
fn listed() -> Institution {
    institution(&CODE[3..], "名簿での名前", "江東区豊洲１", "")
        .of("13", "東京都")
        .online("第9号", "令和 8年12月 1日")
}

async fn import(site: &Site, as_of: &str, all: &[Institution]) -> ImportId {
    let bytes = list(&title(as_of, "令和８年１２月２日"), all);
    let upload = Upload { name: "list.xlsx".to_owned(), bytes };
    let how = How { dry_run: false, confirm_drop: true };
    import_lists(&site.app, vec![upload], how).await.unwrap().imports[0]
}

async fn undo(site: &Site, id: ImportId) {
    imports::undo(&site.app, &Actor::Command, id).await.unwrap();
}

/// Facilities of Tokyo on a day, as known at the end of another.
async fn counted(site: &Site, as_of: &str, known_on: &str) -> Value {
    let path = format!("/api/counts?by=prefecture&prefecture=13&as_of={as_of}&known_on={known_on}");
    let answer = site.browser().get(&path).await.expect(StatusCode::OK);
    answer["total"]["facilities"].clone()
}

/// What the register knows of the clinic now, in the order of its words.
async fn registered(site: &Site) -> Vec<String> {
    let mut all = super::registered(site).await;
    all.sort();
    all
}

/// Every notification of the clinic that was ever recorded: source, number, known or not.
async fn recorded(site: &Site) -> Vec<String> {
    let sql = format!(
        "SELECT source || ' ' || acceptance_number || ' '
            || CASE WHEN superseded_at IS NULL THEN 'known' ELSE 'superseded' END
            || CASE WHEN superseded_import_id IS NULL THEN '' ELSE ' by a list' END
         FROM notification WHERE code10 = '{CODE}' AND source <> 'demo' ORDER BY recorded_at, source"
    );
    raw::texts(&site.url, &sql).await
}

/// Whose word the register takes for who the institution is.
async fn named(site: &Site) -> Vec<String> {
    let sql = format!("SELECT source || ' ' || name FROM institution WHERE code10 = '{CODE}'");
    raw::texts(&site.url, &sql).await
}

on_both_engines! {
    async fn a_list_supersedes_a_filing_and_undone_gives_it_back(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let filed = format!("UPDATE institution SET source = 'filing' WHERE code10 = '{CODE}'");
        raw::execute(&site.url, &filed).await.unwrap();
        let name = named(&site).await;
        assert!(name[0].starts_with("filing "), "{name:?}");
        import(&site, "令和８年１１月１日", &[other()]).await;
        let (id, version) = handed_in(&mut desk, "criterion").await;
        let done = accept(&mut tokyo, &id, acceptance(version, "第9号", "2026-12-01")).await;
        assert_eq!(done["filing"]["state"], "in_effect");
        assert_eq!(registered(&site).await, [DEMO, FILED]);
        assert_eq!(counted(&site, "2026-12-01", "2026-12-01").await, 1, "a filing is on no list");

        site.app.clock.advance(TimeDelta::days(1));
        let second = import(&site, "令和８年１２月１日", &[other(), listed()]).await;
        assert_eq!(registered(&site).await, [LISTED, DEMO]);
        assert_eq!(recorded(&site).await, ["filing 第9号 superseded by a list", "bureau 第9号 known"]);
        assert_eq!(named(&site).await, ["bureau 名簿での名前"]);
        assert_eq!(counted(&site, "2026-12-01", "2026-12-02").await, 2);
        assert_eq!(counted(&site, "2026-11-30", "2026-12-02").await, 1, "its first day is the list's");
        assert_eq!(counted(&site, "2026-12-01", "2026-12-01").await, 1, "as was known before it");
        assert!(bookable(&site, "2026-12-03").await, "no gap between the two");

        site.app.clock.advance(TimeDelta::days(1));
        undo(&site, second).await;
        assert_eq!(registered(&site).await, [DEMO, FILED]);
        let all = ["filing 第9号 superseded by a list", "bureau 第9号 superseded", "filing 第9号 known"];
        assert_eq!(recorded(&site).await, all, "nothing is deleted");
        assert_eq!(named(&site).await, name);
        for (known_on, expected) in [("2026-12-01", 1), ("2026-12-02", 2), ("2026-12-03", 1)] {
            assert_eq!(counted(&site, "2026-12-01", known_on).await, expected, "known on {known_on}");
        }
        assert!(bookable(&site, "2026-12-08").await);
    }

    async fn what_was_given_up_under_a_list_does_not_come_back_with_its_undo(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let (id, version) = handed_in(&mut desk, "criterion").await;
        let done = accept(&mut tokyo, &id, acceptance(version, "第9号", "2026-12-01")).await;
        let import = import(&site, "令和８年１２月１日", &[other(), listed()]).await;
        let wish = json!({ "version": done["filing"]["version"], "reason": "閉院", "ended_on": "2026-12-02" });
        desk.post(&format!("/api/filings/{id}/withdraw"), wish).await.expect(StatusCode::OK);
        assert_eq!(registered(&site).await, [LISTED, DEMO], "the list speaks");
        undo(&site, import).await;
        assert_eq!(registered(&site).await, [DEMO, "filing 第9号 2026-12-01 until 2026-12-02"]);
        assert!(!bookable(&site, "2026-12-03").await);
    }

    async fn what_was_accepted_under_a_list_is_told_when_that_is_undone(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let import = import(&site, "令和８年１２月１日", &[other(), listed()]).await;
        let (id, version) = handed_in(&mut desk, "criterion").await;
        accept(&mut tokyo, &id, acceptance(version, "第10号", "2026-12-01")).await;
        assert_eq!(registered(&site).await, [LISTED, DEMO]);
        undo(&site, import).await;
        assert_eq!(registered(&site).await, [DEMO, "filing 第10号 2026-12-01"]);
        assert!(bookable(&site, "2026-12-03").await);
    }

    async fn a_list_cannot_end_what_begins_after_its_day(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        import(&site, "令和８年１２月１日", &[other(), listed()]).await;
        let (id, version) = handed_in(&mut desk, "criterion").await;
        accept(&mut tokyo, &id, acceptance(version, "第11号", "2026-12-08")).await;
        assert_eq!(registered(&site).await, [LISTED, DEMO]);
        site.app.clock.advance(TimeDelta::days(1));
        let second = import(&site, "令和８年１２月２日", &[other()]).await;
        let lapsed = "bureau 第9号 2026-12-01 until 2026-12-02";
        assert_eq!(registered(&site).await, [lapsed, DEMO, "filing 第11号 2026-12-08"]);
        assert!(!bookable(&site, "2026-12-07").await, "lapsed, and not yet again");
        assert!(bookable(&site, "2026-12-08").await);
        // Two notifications of one criterion do not stand open: the list's takes its place again.
        undo(&site, second).await;
        assert_eq!(registered(&site).await, [LISTED, DEMO]);
        assert!(bookable(&site, "2026-12-07").await);
    }

    async fn what_was_accepted_and_given_up_under_a_list_was_so_when_that_is_undone(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let import = import(&site, "令和８年１２月１日", &[other(), listed()]).await;
        let done = accepted(&mut desk, &mut tokyo, ("第10号", "2026-12-01", "2026-12-01")).await;
        site.app.clock.advance(TimeDelta::days(3));
        let mut desk = site.signed_in("yunagi").await;
        give_up(&mut desk, &done, "2026-12-04").await;
        assert_eq!(registered(&site).await, [LISTED, DEMO], "the list speaks");
        undo(&site, import).await;
        let filed = "filing 第10号 2026-12-01 until 2026-12-04";
        assert_eq!(registered(&site).await, [DEMO, filed]);
        assert!(!bookable(&site, "2026-12-07").await);
        // What never came into effect was never so, and what the register held before stays.
        site.app.clock.advance(TimeDelta::seconds(1));
        let import = self::import(&site, "令和８年１２月２日", &[other(), listed()]).await;
        let mut tokyo = site.signed_in("tokyo").await;
        let done = accepted(&mut desk, &mut tokyo, ("第11号", "2026-12-04", "2026-12-20")).await;
        give_up(&mut desk, &done, "2026-12-10").await;
        undo(&site, import).await;
        assert_eq!(registered(&site).await, [DEMO, filed]);
    }

    async fn a_change_under_a_list_is_told_in_its_order_when_that_is_undone(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        accepted(&mut desk, &mut tokyo, ("第9号", "2026-12-01", "2026-12-01")).await;
        site.app.clock.advance(TimeDelta::days(1));
        let (mut desk, mut tokyo) = (site.signed_in("yunagi").await, site.signed_in("tokyo").await);
        let import = import(&site, "令和８年１２月１日", &[other(), listed()]).await;
        let begun = desk.post("/api/filings", json!({ "kind": "criterion" })).await.expect(StatusCode::CREATED);
        let id = begun["filing"]["id"].as_str().unwrap().to_owned();
        for item in demands("criterion") {
            desk.put(&format!("/api/filings/{id}/check"), check(item)).await.expect(StatusCode::OK);
        }
        let version = submit(&mut desk, &id, 1).await;
        let days = ("2026-12-02", "2026-12-05");
        let done = accept(&mut tokyo, &id, accepted_on(version, "第10号", days)).await;
        assert_eq!(done["filing"]["state"], "accepted");
        site.app.clock.advance(TimeDelta::days(3));
        assert_eq!(take_effect_due(&site.app).await.unwrap(), 1);
        let mut desk = site.signed_in("yunagi").await;
        let read = desk.get(&format!("/api/filings/{id}")).await.expect(StatusCode::OK);
        give_up(&mut desk, &read, "2026-12-08").await;
        assert_eq!(registered(&site).await, [LISTED, DEMO]);
        undo(&site, import).await;
        let first = "filing 第9号 2026-12-01 until 2026-12-05";
        assert_eq!(registered(&site).await, [DEMO, "filing 第10号 2026-12-05 until 2026-12-08", first]);
    }

    async fn what_a_list_let_in_goes_with_its_undo_and_what_it_cannot_say_stays_told(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let before = institution(&CODE[3..], "名簿での名前", "江東区豊洲１", "")
            .of("13", "東京都")
            .online("第8号", "令和 8年10月 1日");
        let shown = "bureau 第8号 2026-10-01";
        import(&site, "令和８年１１月１日", &[other(), before]).await;
        let done = accepted(&mut desk, &mut tokyo, ("第12号", "2026-12-01", "2026-12-01")).await;
        give_up(&mut desk, &done, "2026-12-03").await;
        assert_eq!(registered(&site).await, [shown, DEMO]);
        site.app.clock.advance(TimeDelta::days(1));
        // It begins after the list's day, of which the list says nothing, and is over.
        let second = import(&site, "令和８年１１月１５日", &[other()]).await;
        let lapsed = "bureau 第8号 2026-10-01 until 2026-11-15";
        let filed = "filing 第12号 2026-12-01 until 2026-12-03";
        assert_eq!(registered(&site).await, [lapsed, DEMO, filed]);
        undo(&site, second).await;
        assert_eq!(registered(&site).await, [shown, DEMO]);
    }
}

/// A filing of the clinic that was handed in and accepted: number, day, first day.
async fn accepted(
    desk: &mut Browser,
    tokyo: &mut Browser,
    (number, on, from): (&str, &str, &str),
) -> Value {
    let (id, version) = handed_in(desk, "criterion").await;
    accept(tokyo, &id, accepted_on(version, number, (on, from))).await
}

fn accepted_on(version: i64, number: &str, (on, from): (&str, &str)) -> Value {
    json!({ "version": version, "acceptance_number": number, "accepted_on": on,
        "effective_from": from })
}

/// Gives a filing up, from a day on.
async fn give_up(desk: &mut Browser, filing: &Value, ended_on: &str) {
    let (id, version) = (filing["filing"]["id"].as_str().unwrap(), &filing["filing"]["version"]);
    let wish = json!({ "version": version, "reason": "閉院", "ended_on": ended_on });
    desk.post(&format!("/api/filings/{id}/withdraw"), wish).await.expect(StatusCode::OK);
}
