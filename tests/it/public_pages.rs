//! What anybody reads of facilities: their pages, what they post, the open data.

use axum::http::StatusCode;
use onshin::actions::imports::{How, Upload};
use serde_json::json;

use crate::support::book::{import_lists, institution, list, title};
use crate::support::{Site, on_both_engines, raw};

/// The clinic of the demo that is always open.
const NIGHT: &str = "1319990010";

/// Half of a small list is gone at once: that is meant.
const CONFIRMED: How = How { dry_run: false, confirm_drop: true };

async fn import(site: &Site, days: (&str, &str), rows: &[crate::support::book::Institution]) {
    let upload = Upload { name: "list.xlsx".into(), bytes: list(&title(days.0, days.1), rows) };
    import_lists(&site.app, vec![upload], CONFIRMED).await.unwrap();
}

const SEPTEMBER: (&str, &str) = ("令和７年９月１日", "令和７年１０月１日");
const OCTOBER: (&str, &str) = ("令和７年１０月１日", "令和７年１１月１日");

on_both_engines! {
    async fn a_facility_has_a_page_in_two_languages(site: Site) {
        let mut anybody = site.browser();
        let page = anybody.get(&format!("/facilities/{NIGHT}?lang=ja")).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in [
            "おとなし夜間休日オンライン診療所", "東京都新宿区架空町1-2-3", "新宿区", "0120-000-101", "音無 静",
            "2009年", "令和4年3月1日 修了", "情報通信機器を用いた診療（初・再診）", "0:00–24:00", "祝日も診療",
            "オンライン診療を予約する", &format!("/facilities/{NIGHT}/posting"), "/clinics/0d300100-",
        ] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
        // Numbers of the doctors' register are not shown (guideline V1(4)).
        assert!(!page.text.contains("医籍番号") && !page.text.contains("<script"));
        let english = anybody.get(&format!("/facilities/{NIGHT}?lang=en")).await;
        assert!(english.text.contains("Otonashi Night and Holiday Online Clinic"), "{}", english.text);
        assert!(english.text.contains("completed on 1 March 2022"), "{}", english.text);
        for nothing in ["1300000000", "x", "131999001"] {
            let answer = anybody.get(&format!("/facilities/{nothing}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
        }
    }

    async fn the_history_is_told_in_both_times(site: Site) {
        let one = || institution("0110114", "川口診療所", "川口市本町１－１", "").online("第1号", "令和 4年 4月 1日");
        let other = institution("0110122", "大宮病院", "さいたま市大宮区大門町２－２", "一般　30");
        import(&site, SEPTEMBER, &[one(), other.clone()]).await;
        let mut anybody = site.browser();
        let before = anybody.get("/facilities/1110110114?lang=ja").await;
        assert!(before.text.contains("令和4年4月1日から") && before.text.contains("今も"), "{}", before.text);
        assert!(!before.text.contains("失効"), "{}", before.text);
        import(&site, OCTOBER, &[other]).await;
        let after = anybody.get("/facilities/1110110114?lang=ja").await;
        assert!(after.text.contains("令和7年9月1日より後、令和7年10月1日までに失効"), "{}", after.text);
        assert!(after.text.contains("令和7年10月1日現在の名簿には載っていません"), "{}", after.text);
        assert!(after.text.contains("届出はありません"), "{}", after.text);
        // Nobody works with the service there: nothing is posted for them.
        let none = anybody.get("/facilities/1110110114/posting").await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
    }

    async fn a_clinic_posts_what_it_has_declared_and_nothing_else(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let mut anybody = site.browser();
        let path = format!("/facilities/{NIGHT}/posting?lang=ja");
        let guideline = "オンライン診療の適切な実施に関する指針";
        let psychotropics = "オンラインの初診では、向精神薬を処方しません";
        let posted = anybody.get(&path).await;
        assert!(posted.text.contains(guideline) && posted.text.contains(psychotropics), "{}", posted.text);
        assert!(posted.text.contains("保険診療") && posted.text.contains("0120-000-101"), "{}", posted.text);
        let now = desk.get("/api/clinic/posting").await.expect(StatusCode::OK);
        assert_eq!(now["page"], format!("/facilities/{NIGHT}/posting"));
        let wish = json!({ "follows_guideline": true, "no_psychotropics": false, "note_ja": "土曜は<午前>のみ" });
        let changed = desk.put("/api/clinic/posting", wish).await.expect(StatusCode::OK);
        assert_eq!(changed["no_psychotropics"], false);
        let posted = anybody.get(&path).await;
        assert!(posted.text.contains(guideline) && !posted.text.contains(psychotropics), "{}", posted.text);
        assert!(posted.text.contains("土曜は&lt;午前&gt;のみ"), "{}", posted.text);
        // What was declared before stays in the database.
        let rows = "SELECT count(*) FROM facility_posting WHERE declared_by IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, rows).await, [1]);
        let mut tokyo = site.signed_in("tokyo").await;
        tokyo.get("/api/clinic/posting").await.refused(StatusCode::FORBIDDEN, "forbidden");
    }

    async fn the_open_data_are_the_accepted_institutions_in_the_standards_columns(site: Site) {
        let rows = [
            institution("0110114", "川口診療所", "川口市本町１－１", "一般　5").online("第1号", "令和 4年 4月 1日"),
            institution("0110122", "大宮,病院", "さいたま市大宮区大門町２－２", "一般　30").online("第2号", "令和 5年 5月 1日"),
            institution("0110130", "戸田クリニック", "戸田市本町３－３", ""),
        ];
        import(&site, SEPTEMBER, &rows).await;
        let mut anybody = site.browser();
        let answer = anybody.get("/open-data/medical-institutions.csv?prefecture=11").await;
        assert_eq!(answer.status, StatusCode::OK);
        let name = answer.headers["content-disposition"].to_str().unwrap();
        assert_eq!(name, "attachment; filename=\"medical_institutions_11_2025-09-01.csv\"");
        assert!(answer.headers["link"].to_str().unwrap().contains("creativecommons.org/licenses/by/4.0"));
        let read = |text: &str| -> Vec<Vec<String>> {
            let text = text.strip_prefix('\u{feff}').unwrap().to_owned();
            let lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
            lines.collect()
        };
        let lines = read(&answer.text);
        assert_eq!(lines[0].len(), 38);
        assert_eq!(&lines[0][..4], ["全国地方公共団体コード", "ID", "地方公共団体名", "名称"]);
        assert_eq!(lines.len(), 3, "{}", answer.text);
        assert_eq!(&lines[1][..4], ["110001", "1110110114", "埼玉県", "川口診療所"]);
        assert!(answer.text.contains("埼玉県川口市本町1-1") && answer.text.contains(",112038,"), "{}", answer.text);
        assert!(answer.text.contains("\"大宮,病院\"") && answer.text.contains(",病院,"), "{}", answer.text);
        assert!(answer.text.contains("算定開始年月日 2022-04-01）；2025-09-01現在の届出受理医療機関名簿"), "{}", answer.text);
        let all = anybody.get("/open-data/medical-institutions.csv?prefecture=11&all=true").await;
        assert_eq!(read(&all.text).len(), 4);
        // The demo's invented clinics are no open data.
        let tokyo = anybody.get("/open-data/medical-institutions.csv?prefecture=13&all=true").await;
        assert_eq!(read(&tokyo.text).len(), 1, "{}", tokyo.text);
        let page = anybody.get("/open-data?lang=ja").await;
        assert!(page.text.contains("CC BY 4.0") && page.text.contains("令和7年9月1日"), "{}", page.text);
    }

    async fn the_open_data_of_many_come_page_by_page_and_whole(site: Site) {
        let one = |number: u32| {
            institution(&format!("{number:07}"), &format!("第{number}医院"), "川口市本町１－１", "")
                .online(&format!("第{number}号"), "令和 4年 4月 1日")
        };
        let rows: Vec<_> = (1..=4_500).map(one).collect();
        import(&site, SEPTEMBER, &rows).await;
        let answer = site.browser().get("/open-data/medical-institutions.csv").await;
        let codes: Vec<&str> = answer.text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
        assert_eq!(codes.len(), 4_500);
        assert!(codes.is_sorted_by(|a, b| a < b));
    }
}
