//! The map and the small charts of areas: of Tokyo's lists, and of boundaries made up for it.

use std::sync::Arc;

use axum::http::StatusCode;
use onshin::actions::App;
use onshin::actions::imports::{How, Upload};
use onshin::format::boundaries::Boundaries;
use onshin::format::cards::{self, areas};
use onshin::format::dates::Style;
use onshin::format::{Lang, table::Bom};
use onshin::model::register::Criterion;

use crate::support::book::{import_lists, institution, list, title};
use crate::support::{Site, on_both_engines};

/// Two wards that share a border, and an island.
const BOUNDARIES: &str = r#"{"type":"Topology","transform":{"scale":[0.1,0.1],"translate":[139,34]},
 "arcs":[[[4,15],[1,0]],[[5,15],[0,1]],[[5,16],[-1,0],[0,-1]],[[5,15],[1,0],[0,1],[-1,0]],[[3,6],[1,0],[0,1],[-1,-1]]],
 "objects":{"areas":{"type":"GeometryCollection","geometries":[
  {"type":"Polygon","arcs":[[0,1,2]],"id":"131016","properties":{"lg_code":"131016"}},
  {"type":"MultiPolygon","arcs":[[[3,-2]]],"properties":{"N03_007":"13102"}},
  {"type":"Polygon","arcs":[[4]],"id":13361},
  {"type":"Polygon","arcs":[[4]],"properties":{"name":"nobody's"}}]}}}"#;

fn wards() -> Vec<u8> {
    let one = |number, name, address| institution(number, name, address, "").of("13", "東京都");
    let all = [
        one("0110015", "架空一番町医院", "千代田区一番町１－１")
            .online("第1号", "令和 4年 4月 1日"),
        one("0110023", "架空神田医院", "千代田区神田２－２").online("第2号", "令和 4年 5月 1日"),
        one("0210013", "架空銀座医院", "中央区銀座３－３").online("第3号", "令和 5年 5月 1日"),
        one("2710018", "架空大島医院", "大島町元町４－４").online("第4号", "令和 6年 5月 1日"),
        one("2010013", "架空杉並医院", "杉並区荻窪５－５"),
    ];
    list(&title("令和７年９月１日", "令和７年１０月１日"), &all)
}

pub(super) async fn import(site: &Site) {
    let upload = Upload { name: "list.xlsx".into(), bytes: wards() };
    let how = How { dry_run: false, confirm_drop: true };
    import_lists(&site.app, vec![upload], how).await.unwrap();
}

on_both_engines! {
    async fn a_map_is_there_with_boundaries_and_leads_to_facilities(site: Site) {
        import(&site).await;
        site.browser().get("/cards/map").await.refused(StatusCode::NOT_FOUND, "not_found");
        let list = site.browser().get("/cards?lang=en").await;
        assert!(list.text.contains("no boundaries have been set up"), "{}", list.text);
        let boundaries = Arc::new(Boundaries::read(BOUNDARIES.as_bytes()).unwrap());
        let site = site.with_boundaries(boundaries);
        let mut anybody = site.browser();
        let list = anybody.get("/cards?lang=en").await;
        assert!(list.text.contains("/cards/map?lang=en") && !list.text.contains("no boundaries"));
        let page = anybody.get("/cards/map?lang=ja").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let drawn = &page.text[page.text.find("<svg").unwrap()..page.text.find("</svg>").unwrap()];
        for words in ["千代田区 2</title>", "中央区 1</title>", "大島町 1</title>", "国土数値情報（行政区域データ）", "枠ごとに縮尺", "10以上30未満"] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
        assert_eq!(drawn.matches("<path ").count(), 3, "{drawn}");
        assert!(!drawn.contains("NaN") && !drawn.contains("inf") && !drawn.contains("style="));
        // A border that two share is drawn at the same points.
        let paths: Vec<&str> = drawn.split(" d=\"").skip(1).map(|one| one.split('"').next().unwrap()).collect();
        let points = |path: &str| path.split(['M', 'L', 'Z']).filter(|one| !one.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let shared = points(paths[0]).into_iter().filter(|one| points(paths[1]).contains(one)).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(shared.len(), 2, "{paths:?}");
        // Each leads to as many facilities as it says.
        let href = drawn.split("<a href=\"").find(|one| one.contains("千代田区 2</title>")).unwrap();
        let href = href.split('"').next().unwrap().replace("&amp;", "&");
        assert!(anybody.get(&href).await.text.contains("<p class=\"great\">2 "));
        let file = anybody.get("/cards/map.svg?lang=en&measure=per_100k").await;
        assert!(file.text.contains("per 100,000 residents"), "{}", file.text);
    }

    async fn each_area_has_its_years_and_all_of_them_are_the_whole(site: Site) {
        import(&site).await;
        let mut anybody = site.browser();
        let page = anybody.get("/cards/area-years?lang=ja").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert_eq!(page.text.matches("<svg").count(), 13, "{}", page.text);
        assert!(page.text.contains("区中央部 令和7年9月1日") || page.text.contains("区中央部 R7"), "{}", page.text);
        let csv = anybody.get("/cards/area-years.csv?lang=ja").await.text;
        let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 14, "{csv}");
        let number = |row: &Vec<&str>| row.last().unwrap().parse::<u32>().unwrap();
        assert_eq!(rows[..13].iter().map(number).sum::<u32>(), number(&rows[13]));
        assert_eq!((number(&rows[13]), rows[13][0]), (4, "total"));
        let of = |name: &str| number(rows.iter().find(|row| row[0] == name).unwrap());
        assert_eq!((of("区中央部"), of("島しょ"), of("区西部")), (3, 1, 0));
        let file = anybody.get("/cards/area-years.svg?lang=en").await;
        assert_eq!(file.text.matches("<svg").count(), 1);
        assert!(file.text.contains("Central wards") && file.text.contains("all on one scale"));
        let book = anybody.get("/cards/area-years.xlsx?lang=ja").await;
        assert_eq!(book.status, StatusCode::OK);
    }
}

/// Years on both sides of the change of criterion.
#[tokio::test]
async fn no_line_bridges_the_change_of_criterion() {
    let site = Site::on_sqlite().await;
    import(&site).await;
    let app: &App = &site.app;
    let query = onshin::actions::counts::Query::default();
    let by = onshin::engine::counts::By::Year;
    let mut whole = onshin::actions::counts::count(app, by, &query).await.unwrap();
    let mut first = whole.rows[0].clone();
    let day = |text: &str, criterion| {
        Some(onshin::engine::counts::answer::Day {
            date: text.parse().unwrap(),
            regular: true,
            criterion,
            growth: None,
        })
    };
    whole.rows.clear();
    for (year, end, criterion) in [
        ("2020", "2021-03-31", Criterion::OnlineCareFeeLegacy),
        ("2021", "2022-03-31", Criterion::OnlineCareFeeLegacy),
        ("2022", "2023-03-31", Criterion::IctCare),
        ("2023", "2024-03-31", Criterion::IctCare),
    ] {
        first.key = year.to_owned();
        first.day = day(end, criterion);
        whole.rows.push(first.clone());
    }
    let parts = vec![("区中央部".to_owned(), whole.clone()), ("島しょ".to_owned(), whole.clone())];
    let card = cards::find("area-years").unwrap();
    let filled = areas(card, &whole, &parts, Style::from(Lang::Ja));
    assert_eq!(filled.parts.len(), 2);
    for part in &filled.parts {
        let lines = |colour: &str| {
            part.lines().filter(|line| line.starts_with("<line") && line.contains(colour)).count()
        };
        // Four points, and two lines between them: none from R3 to R4, but a rule.
        assert_eq!((lines("#0b3fa8"), lines("#b8460e"), lines("4 4")), (1, 1, 1), "{part}");
        assert_eq!(part.matches("<a href=").count(), 4, "{part}");
    }
    let csv = filled.table.to_csv(Bom::Without);
    assert!(csv.starts_with("code,label,2020_online_care_fee_legacy,2021_online_care_fee_legacy,2022_ict_care,2023_ict_care\r\n"), "{csv}");
    let notes = filled.table.notes.join("\n");
    assert!(notes.starts_with("● オンライン診療料"), "{notes}");
    assert!(notes.contains("：令和2年度、令和3年度\n◆ "), "{notes}");
}

#[test]
fn what_is_no_boundaries_is_refused_with_a_reason() {
    let why = |text: &str| Boundaries::read(text.as_bytes()).unwrap_err();
    assert!(why("[]").starts_with("no TopoJSON"));
    assert!(why(r#"{"arcs":[],"objects":{}}"#).contains("no shape"));
    let lost = BOUNDARIES.replace("[[0,1,2]]", "[[0,1,9]]");
    assert_eq!(why(&lost), "13101: an arc is not there");
    assert!(why(&BOUNDARIES.replace("[[4,15],[1,0]]", "[[4],[1,0]]")).contains("two numbers"));
}
