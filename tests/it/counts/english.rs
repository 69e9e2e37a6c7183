//! What English readers are shown of counts is in English, down to the names of municipalities; what
//! programs read keeps the names by which places are known.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use onshin::format::cards::CARDS;

use super::areas::import;
use crate::support::{Browser, Site, on_both_engines};

/// The first words of Japanese in a page, with what stands around them: nothing but the link to the
/// same page in Japanese may be there.
fn japanese(text: &str) -> Option<String> {
    let text = text.replace("日本語", "");
    let is = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}');
    let at = text.chars().position(is)?;
    Some(text.chars().skip(at.saturating_sub(60)).take(120).collect())
}

async fn english(browser: &mut Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    // Where a link leads is not read: areas are asked for by their own names, in percents.
    assert_eq!(japanese(&answer.text), None, "{path}");
    answer.text
}

const PLACES: [&str; 7] =
    ["municipality", "area", "prefecture", "kind", "start_year", "year", "month"];

on_both_engines! {
    async fn no_card_or_count_in_english_has_japanese_in_it(site: Site) {
        import(&site).await;
        let mut anybody = site.browser();
        english(&mut anybody, "/cards?lang=en").await;
        for card in CARDS.iter().filter(|card| card.id != "map") {
            let page = english(&mut anybody, &format!("/cards/{}?lang=en", card.id)).await;
            assert!(page.contains("<svg"), "{}", card.id);
            english(&mut anybody, &format!("/cards/{}.svg?lang=en", card.id)).await;
        }
        for by in PLACES {
            english(&mut anybody, &format!("/counts/by/{by}.svg?lang=en&prefecture=13")).await;
        }
        let page = english(&mut anybody, "/cards/municipalities?lang=en&prefecture=13").await;
        for name in ["Chiyoda City", "Chuo City", "Oshima Town"] {
            assert!(page.contains(name), "{name}: {page}");
        }
        // What is asked of a part of another prefecture says so in English as well.
        let none = english(&mut anybody, "/cards/municipalities?lang=en&prefecture=11").await;
        assert!(none.contains("Saitama"), "{none}");
    }

    async fn what_programs_read_keeps_the_names_of_places(site: Site) {
        import(&site).await;
        let mut anybody = site.browser();
        for path in ["/counts/by/municipality.csv", "/cards/municipalities.csv"] {
            let csv = anybody.get(&format!("{path}?lang=en&prefecture=13")).await.text;
            assert!(csv.contains("131016,千代田区,2,"), "{path}: {csv}");
            assert!(!csv.contains("Chiyoda"), "{path}: {csv}");
        }
        let csv = anybody.get("/counts/by/prefecture.csv?lang=en").await.text;
        assert!(csv.contains("13,東京都,4,"), "{csv}");
        // A page that asks in English gets words for people.
        let request = Request::builder().header(header::ACCEPT_LANGUAGE, "en");
        let request = request.uri("/api/counts?by=municipality&prefecture=13");
        let counts = anybody.request(request.body(Body::empty()).unwrap()).await.expect(StatusCode::OK);
        let row = |code: &str| {
            let rows = counts["rows"].as_array().unwrap();
            rows.iter().find(|row| row["code"] == code).unwrap()["label"].clone()
        };
        assert_eq!([row("131016"), row("133612")], ["Chiyoda City", "Oshima Town"]);
        let all = anybody.get("/api/municipalities?prefecture=13").await.expect(StatusCode::OK);
        let all = all["items"].as_array().unwrap();
        assert!(all.len() == 62 && all.iter().all(|one| one["name_en"].is_string()), "{all:?}");
        assert_eq!((&all[0]["name"], &all[0]["name_en"]), (&"千代田区".into(), &"Chiyoda City".into()));
    }

    async fn a_list_of_facilities_names_its_places_in_english(site: Site) {
        import(&site).await;
        let page = site.browser().get("/facilities?lang=en&prefecture=13").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        // Names and addresses of institutions are theirs; the place is ours.
        assert!(page.text.contains("<td>Chiyoda City</td>"), "{}", page.text);
        assert!(!page.text.contains("<td>千代田区</td>"), "{}", page.text);
        let one = site.browser().get("/facilities/1310110015?lang=en").await;
        assert!(one.text.contains("Chiyoda City, Tokyo (medical area: Central wards)"), "{}", one.text);
    }
}
