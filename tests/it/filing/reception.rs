//! Reception facilities: who runs one, what the law asks of it, and the clinics whose patients are
//! received there.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{accept, acceptance, submit, written};
use crate::support::{Browser, NIGHT, Site, at, hana, on_both_engines, place, raw};

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

/// A place whose notification is in effect, linked with the clinic of the demo: its id, and the
/// notification's.
async fn in_effect(
    station: &mut Browser,
    desk: &mut Browser,
    tokyo: &mut Browser,
) -> (String, String) {
    let id = added(station).await;
    let link = json!({ "facility_id": NIGHT });
    let path = format!("/api/reception/sites/{id}/links");
    station.post(&path, link).await.expect(StatusCode::OK);
    let fit = json!({ "fitness": "防音の個室" });
    desk.put(&format!("/api/clinic/reception-sites/{id}"), fit).await.expect(StatusCode::OK);
    let (filed, version) = written(station, "reception_facility", Some(&id)).await;
    let version = submit(station, &filed, version).await;
    let done = accept(tokyo, &filed, acceptance(version, "受診第1号", "2026-12-01")).await;
    assert_eq!(done["filing"]["state"], "in_effect");
    (id, filed)
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

    async fn a_patient_at_a_registered_place_need_not_write_where_it_is(site: Site) {
        let (mut station, mut desk, mut tokyo) =
            (site.signed_in("station").await, site.signed_in("desk").await, site.signed_in("tokyo").await);
        let (id, filed) = in_effect(&mut station, &mut desk, &mut tokyo).await;
        let list = |query: &str| format!("/api/reception-facilities?{query}");
        let mut hers = site.browser();
        for (query, found) in [("prefecture=13", 1), ("municipality=131041", 1), ("prefecture=14", 0),
            ("prefecture=13&municipality=131016", 0)] {
            let all = hers.get(&list(query)).await.expect(StatusCode::OK);
            assert_eq!(all["items"].as_array().unwrap().len(), found, "{query}");
        }
        let all = hers.get(&list("prefecture=13")).await.expect(StatusCode::OK);
        assert_eq!(all["items"][0]["street"], "仮想町1-1");

        let booked = hers.book("2026-12-01T03:00:00Z", &hana()).await;
        let path = format!("/api/visits/{}/place", booked["booking"]["id"].as_str().unwrap());
        let at = |site: &str, address: &str| {
            let mut wish = place();
            wish["reception_site_id"] = json!(site);
            wish["address"] = json!(address);
            wish
        };
        // The facility says what kind of place it is and where, whatever else was sent.
        let said = hers.put(&path, at(&id, "")).await.expect(StatusCode::OK);
        assert_eq!((&said["kind"], &said["municipality_code"], &said["prefecture_code"]),
            (&json!("online_care_facility"), &json!("131041"), &json!("13")));
        assert_eq!((&said["area"], &said["address"]), (&json!("東京都新宿区"), &json!("仮想町1-1 えきなか受診ブース")));
        assert_eq!(said["reception_site_id"], json!(id));
        let said = hers.put(&path, at(&id, "ブース2")).await.expect(StatusCode::OK);
        assert_eq!(said["address"], "仮想町1-1 えきなか受診ブース ブース2");
        // Confirmed as it was told before, nothing is doubled.
        let again = said["address"].as_str().unwrap().to_owned();
        assert_eq!(hers.put(&path, at(&id, &again)).await.expect(StatusCode::OK)["address"], again);
        // Elsewhere, it is no reception facility's.
        let mut home = place();
        home["reception_site_id"] = Value::Null;
        assert_eq!(hers.put(&path, home).await.expect(StatusCode::OK)["reception_site_id"], Value::Null);
        hers.put(&path, at(&id, "")).await.expect(StatusCode::OK);

        // At her next visit it is offered again, until it is given up; and then it cannot be chosen.
        let next = hers.hold("2026-12-02T03:00:00Z").await.expect(StatusCode::CREATED);
        let next = next["id"].as_str().unwrap();
        hers.post(&format!("/api/bookings/{next}/confirm"), hana()).await.expect(StatusCode::OK);
        let next = format!("/api/visits/{next}/place");
        assert_eq!(hers.get(&next).await.expect(StatusCode::OK)["before"]["reception_site_id"], json!(id));
        let version = station.get(&format!("/api/filings/{filed}")).await.expect(StatusCode::OK)["filing"]["version"].clone();
        let wish = json!({ "version": version, "reason": "閉じる", "ended_on": "2026-12-01" });
        station.post(&format!("/api/filings/{filed}/withdraw"), wish).await.expect(StatusCode::OK);
        assert_eq!(hers.get(&list("prefecture=13")).await.expect(StatusCode::OK)["items"], json!([]));
        assert_eq!(hers.get(&next).await.expect(StatusCode::OK)["before"], Value::Null);
        let refused = hers.put(&next, at(&id, "")).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/reception_site_id"), &json!("unknown")));
    }

    async fn a_room_goes_unless_a_visit_is_booked_in_it(site: Site) {
        let (mut station, mut desk, mut tokyo) =
            (site.signed_in("station").await, site.signed_in("desk").await, site.signed_in("tokyo").await);
        let (id, _) = in_effect(&mut station, &mut desk, &mut tokyo).await;
        let path = format!("/api/reception/sites/{id}/rooms");
        let made = station.post(&path, json!({ "name": "ブース1" })).await.expect(StatusCode::OK);
        let made2 = station.post(&path, json!({ "name": "ブース2" })).await.expect(StatusCode::OK);
        let room = made["rooms"][0]["id"].as_str().unwrap().to_owned();
        let second = made2["rooms"][1]["id"].as_str().unwrap().to_owned();
        let booked = site.browser().book("2026-12-01T03:00:00Z", &hana()).await;
        let booking = raw::id(&site.url, booked["booking"]["id"].as_str().unwrap());
        let inside = format!("UPDATE booking SET room_id = {} WHERE id = {booking}", raw::id(&site.url, &room));
        raw::execute(&site.url, &inside).await.unwrap();
        station.delete(&format!("{path}/{room}")).await.refused(StatusCode::CONFLICT, "room_in_use");
        // The database says the same, whoever asks.
        let close = format!("UPDATE room SET closed_at = '2026-12-01T00:00:00+00:00' WHERE id = {}", raw::id(&site.url, &room));
        let refused = raw::execute(&site.url, &close).await.unwrap_err();
        assert!(refused.contains("room_in_use"), "{refused}");
        // Another's room is nobody's, and so is one that is gone.
        site.signed_in("desk").await.delete(&format!("{path}/{second}")).await.refused(StatusCode::FORBIDDEN, "forbidden");
        let left = station.delete(&format!("{path}/{second}")).await.expect(StatusCode::OK);
        assert_eq!(left["rooms"].as_array().unwrap().len(), 1);
        station.delete(&format!("{path}/{second}")).await.refused(StatusCode::NOT_FOUND, "not_found");
        let rooms = desk.get("/api/clinic/rooms").await.expect(StatusCode::OK);
        assert_eq!(rooms["items"].as_array().unwrap().len(), 1, "the clinic has it no more: {rooms}");
        // When the visit is over, its room can go.
        site.app.clock.set(at("2026-12-01T03:30:00Z"));
        let mut station = site.signed_in("station").await;
        station.delete(&format!("{path}/{room}")).await.expect(StatusCode::OK);
        let told = "SELECT count(*) FROM audit_entry WHERE action = 'reception.room_remove'";
        assert_eq!(raw::numbers(&site.url, told).await, [2]);
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
