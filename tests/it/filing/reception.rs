//! Reception facilities: who runs one, what the law asks of it, and the clinics whose patients are
//! received there.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{accept, acceptance, submit, written};
use crate::support::{Browser, NIGHT, Site, on_both_engines, raw};

fn wish(name: &str) -> Value {
    json!({ "version": 0, "operator_name": "株式会社えきなか", "name": name, "kind": "booth",
        "address": "東京都新宿区仮想町1-1", "municipality_code": "131041", "telephone": "03-0000-0001",
        "contact_24h": "0120-000-024", "usage_fee": 550, "open_hours": "毎日 7時から22時", "has_nurse": true })
}

async fn added(station: &mut Browser) -> String {
    let place = station
        .post("/api/reception/sites", wish("えきなか受診ブース"))
        .await
        .expect(StatusCode::CREATED);
    place["site"]["id"].as_str().unwrap().to_owned()
}

on_both_engines! {
    async fn a_place_goes_from_its_operator_to_everybody(site: Site) {
        let (mut station, mut desk, mut tokyo) =
            (site.signed_in("station").await, site.signed_in("desk").await, site.signed_in("tokyo").await);
        for name in ["えきなかクリニック", "駅前オンライン診療所", "EKINAKA Clinic"] {
            let refused = station.post("/api/reception/sites", wish(name)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/name"), &json!("misleading_name")));
        }
        let id = added(&mut station).await;
        let path = format!("/api/reception/sites/{id}");
        station.post(&format!("{path}/rooms"), json!({ "name": "ブース1" })).await.expect(StatusCode::OK);
        station.post(&format!("{path}/rooms"), json!({ "name": "ブース1" })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");

        // Without a clinic that found it fit, it cannot be handed in.
        let (filed, version) = written(&mut station, "reception_facility", Some(&id)).await;
        let refused = station.post(&format!("/api/filings/{filed}/submit"), json!({ "version": version })).await
            .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"], json!([{ "pointer": "/site/links", "code": "no_link", "detail": refused["errors"][0]["detail"] }]));
        station.post(&format!("{path}/links"), json!({ "facility_id": NIGHT })).await.expect(StatusCode::OK);
        let clinic = format!("/api/clinic/reception-sites/{id}");
        desk.put(&clinic, json!({ "fitness": " " })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        // Only who was asked confirms.
        let mut other = site.signed_in("umikaze").await;
        other.put(&clinic, json!({ "fitness": "個室" })).await.refused(StatusCode::NOT_FOUND, "not_found");
        desk.put(&clinic, json!({ "fitness": "防音の個室、連絡先の掲示を確かめた" })).await.expect(StatusCode::OK);
        let rooms = desk.get("/api/clinic/rooms").await.expect(StatusCode::OK);
        assert_eq!(rooms["items"][0]["name"], "ブース1", "its rooms are the clinic's: {rooms}");
        station.post(&format!("{path}/rooms"), json!({ "name": "ブース2" })).await.expect(StatusCode::OK);
        assert_eq!(desk.get("/api/clinic/rooms").await.expect(StatusCode::OK)["items"].as_array().unwrap().len(), 2);

        // What everybody may know is shown when the notification is in effect, not before.
        let public = "/api/reception-facilities";
        assert_eq!(site.browser().get(public).await.expect(StatusCode::OK)["items"], json!([]));
        let version = submit(&mut station, &filed, version).await;
        let seen = tokyo.get(&format!("/api/admin/filings/{filed}")).await.expect(StatusCode::OK);
        assert_eq!(seen["events"][0]["form"]["site_links"], "おとなし夜間休日オンライン診療所");
        assert_eq!(seen["events"][0]["form"]["site_contact_24h"], "0120-000-024");
        accept(&mut tokyo, &filed, acceptance(version, "受診第1号", "2026-12-01")).await;
        let shown = site.browser().get(public).await.expect(StatusCode::OK)["items"][0].take();
        assert_eq!((&shown["site"]["usage_fee"], &shown["site"]["has_nurse"]), (&json!(550), &json!(true)));
        assert_eq!(shown["clinics"], json!(["おとなし夜間休日オンライン診療所"]));
        // It is no criterion: the register of institutions knows nothing of it.
        let own = "SELECT count(*) FROM notification WHERE source = 'filing'";
        assert_eq!(raw::numbers(&site.url, own).await, [0]);

        desk.delete(&clinic).await.expect(StatusCode::OK);
        assert_eq!(desk.get("/api/clinic/rooms").await.expect(StatusCode::OK)["items"], json!([]));
        assert_eq!(site.browser().get(public).await.expect(StatusCode::OK)["items"][0]["clinics"], json!([]));
    }

    async fn nobody_changes_the_place_of_another(site: Site) {
        use onshin::actions::{demo, people};
        use onshin::model::person::{Actor, Role};
        let mut station = site.signed_in("station").await;
        let id = added(&mut station).await;
        let rival = people::NewAccount {
            login: "rival".to_owned(), name: "別 人".to_owned(), password: demo::PASSWORD.to_owned(),
            role: Role::FacilityOperator, facility: None, clinician: None,
        };
        people::add_account(&site.app, &Actor::Command, rival).await.unwrap();
        let mut rival = site.signed_in("rival").await;
        let path = format!("/api/reception/sites/{id}");
        let mut change = wish("えきなか受診ブース");
        change["version"] = json!(1);
        rival.put(&path, change.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        rival.post(&format!("{path}/rooms"), json!({ "name": "x" })).await.refused(StatusCode::NOT_FOUND, "not_found");
        rival.post(&format!("{path}/links"), json!({ "facility_id": NIGHT })).await.refused(StatusCode::NOT_FOUND, "not_found");
        rival.delete(&format!("{path}/links/{NIGHT}")).await.refused(StatusCode::NOT_FOUND, "not_found");
        let filing = json!({ "kind": "reception_facility", "site_id": id });
        rival.post("/api/filings", filing).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(rival.get("/api/reception/sites").await.expect(StatusCode::OK)["items"], json!([]));
        // Its own operator does, by the version that they saw.
        change["usage_fee"] = json!(0);
        station.put(&path, change.clone()).await.expect(StatusCode::OK);
        station.put(&path, change).await.refused(StatusCode::CONFLICT, "stale");
        // Nothing clinical is for them.
        station.get("/api/clinic/visits").await.refused(StatusCode::FORBIDDEN, "forbidden");
    }
}
