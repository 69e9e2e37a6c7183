//! Personal data is sealed: nothing of it is in the database, in the files around it or in the log.
//! What must not be found is first shown to be there, through the front door.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use onshin::model::PatientId;
use onshin::seal::Place;
use serde_json::{Value, json};

use crate::support::served::{Served, onshin};
use crate::support::{
    ADDRESS, CONTACT, NIGHT, NIGHT_VISIT, Site, hana, nagi, on_both_engines, raw,
};

const NAME: &str = "金糸雀 囀子";
const KANA: &str = "カナリア テンコ";
const BIRTH_DATE: &str = "1931-07-23";
const PHONE: &str = "070-9182-7364";
const EMAIL: &str = "zwitscher-7f3a@birds.example";
const SYMPTOMS: &str = "黄色い鳥が歌うと胸が痛む Zwitschern-4711";
const RELATION: &str = "曾祖母の名付け子";
const POLICY: &str = "三日後に巣箱へ電話をかける";
const INSTITUTION: &str = "翼見本総合病院 鳥類科";
const SECTION: &str = "羽の手入れを一日三度、籠の中で続ける";
const BOOKER: &str = "羽田野 鳴砂";
/// Somebody who is invited to the visit.
const GUEST: &str = "鶴見 翡翠";

/// All of it, and other spellings in which it may be kept.
const CANARIES: [&str; 21] = [
    NAME,
    "金糸雀",
    "囀子",
    KANA,
    "カナリア",
    "かなりあ",
    BIRTH_DATE,
    "19310723",
    PHONE,
    "07091827364",
    "7091827364",
    EMAIL,
    SYMPTOMS,
    "Zwitschern-4711",
    RELATION,
    BOOKER,
    POLICY,
    INSTITUTION,
    SECTION,
    ADDRESS,
    CONTACT,
];

fn answers() -> Value {
    json!({
        "for_whom": "family", "relation": RELATION, "booker_name": BOOKER, "name": NAME,
        "kana": KANA, "birth_date": BIRTH_DATE, "phone": PHONE, "email": EMAIL, "language": "ja",
        "symptoms": SYMPTOMS, "consent": true,
    })
}

/// Bytes as characters, one each, so that the search of texts can be used.
fn as_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The forms in which a text may lie somewhere.
fn shapes(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf8 = text.as_bytes().to_vec();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut shapes = Vec::new();
    for (what, bytes) in [("UTF-8", &utf8), ("UTF-16LE", &little), ("UTF-16BE", &big)] {
        shapes.push((what, bytes.clone()));
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        shapes.push(("upper hex", hex.to_uppercase().into_bytes()));
        shapes.push(("hex", hex.into_bytes()));
        // Wherever it begins within three bytes: what its neighbours do not change.
        for before in 0..3 {
            let padded = [vec![0; before], bytes.clone()].concat();
            let whole = padded.len() / 3 * 4;
            let from = (before * 8).div_ceil(6);
            shapes.push(("base64", STANDARD.encode(&padded).as_bytes()[from..whole].to_vec()));
            shapes.push(("base64url", URL_SAFE.encode(&padded).as_bytes()[from..whole].to_vec()));
        }
    }
    let escaped = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    let escaped = escaped.collect::<Vec<_>>().concat();
    let percent = utf8.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    // As a list of numbers, which is how bytes are printed for debugging.
    let numbers = utf8.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    shapes.extend(
        [("JSON", escaped), ("percent", percent), ("numbers", numbers)]
            .map(|(what, text)| (what, text.into_bytes())),
    );
    // What is shorter turns up among random bytes by chance.
    let tells = |shape: &(&str, Vec<u8>)| {
        shape.1.len() >= if shape.0.starts_with("base64") { 10 } else { 6 }
    };
    shapes.retain(tells);
    shapes
}

/// What of `secrets` is in `bytes`, and how.
fn found<'a>(secrets: &[&'a str], bytes: &[u8]) -> Vec<(&'a str, &'static str)> {
    let text = as_text(bytes);
    let is_in = |shape: &(&'static str, Vec<u8>)| text.contains(&as_text(&shape.1));
    let here = |secret: &&'a str| {
        let secret = *secret;
        shapes(secret)
            .into_iter()
            .filter(is_in)
            .map(move |shape| (secret, shape.0))
            .collect::<Vec<_>>()
    };
    secrets.iter().flat_map(here).collect()
}

#[test]
fn the_search_finds_what_is_there() {
    for shape in shapes(NAME) {
        for before in ["", "x", "xy", "xyz"] {
            let bytes = [before.as_bytes(), &shape.1, b"tail"].concat();
            assert!(!found(&[NAME], &bytes).is_empty(), "{}", shape.0);
        }
    }
    for before in 0..3 {
        let packed = STANDARD.encode(format!("{}{EMAIL}, and more", "x".repeat(before)));
        assert_eq!(found(&[EMAIL], packed.as_bytes())[0].1, "base64");
    }
    assert_eq!(found(&CANARIES, "金糸 雀, 1931-07-24".as_bytes()), []);
}

/// The files of a SQLite database: each with its bytes.
fn files(url: &str) -> Vec<(String, Vec<u8>)> {
    let path = url.strip_prefix("sqlite:").unwrap();
    let paths = ["", "-wal", "-shm"].map(|end| format!("{path}{end}"));
    paths
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (path, bytes)
        })
        .into()
}

/// All tables, each row as a text and all bytes in it once more as they are.
async fn tables(url: &str) -> Vec<(String, Vec<u8>)> {
    let names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    let mut all = Vec::new();
    for table in raw::texts(url, names).await {
        let mut bytes = Vec::new();
        for row in raw::texts(url, &format!("SELECT CAST(t AS text) FROM {table} AS t")).await {
            bytes.extend(row.as_bytes());
            for hex in row.split("\\\\x").skip(1) {
                let digits: Vec<u8> = hex.bytes().take_while(u8::is_ascii_hexdigit).collect();
                let pairs = digits.chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap());
                bytes.extend(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
            }
        }
        all.push((table, bytes));
    }
    assert!(all.len() > 10);
    all
}

/// Where the site's data lies, piece by piece.
async fn stored(site: &Site) -> Vec<(String, Vec<u8>)> {
    if site.url.starts_with("sqlite:") { files(&site.url) } else { tables(&site.url).await }
}

/// That nothing of `secrets` is stored, where what is not secret is.
async fn nothing_is_stored(site: &Site, secrets: &[&str]) {
    let pieces = stored(site).await;
    let whole: Vec<u8> = pieces.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    for control in ["うみかぜ内科クリニック", "booking.confirm"] {
        assert!(!found(&[control], &whole).is_empty(), "{control} must be found");
    }
    for (place, bytes) in &pieces {
        assert_eq!(found(secrets, bytes), [], "{place}");
    }
}

on_both_engines! {
    async fn nothing_personal_is_stored_in_the_clear(site: Site) {
        let mut hers = site.browser();
        let done = hers.book("2026-12-01T03:00:00Z", &answers()).await;
        // It is there: the patient sees it, the clinic sees it, the vault opens the rest.
        assert_eq!(done["booking"]["patient_name"], NAME);
        let seen = site.signed_in("desk").await.get("/api/clinic/visits").await.expect(StatusCode::OK);
        let expected = json!({
            "name": NAME, "kana": KANA, "birth_date": BIRTH_DATE, "phone": "07091827364",
            "email": EMAIL, "symptoms": SYMPTOMS, "relation": RELATION, "booker_name": BOOKER,
        });
        assert_eq!(seen["items"][0]["patient"], expected);
        let email = {
            let id: PatientId = patient_of(&site, &done).await;
            let row = site.app.store.read().await.unwrap().patient(id).await.unwrap().unwrap();
            let key = site.app.vault.unwrap(id.0, &row.wrapped_key.unwrap()).unwrap();
            key.open_text(Place::new("patient.email", id.0), &row.email.unwrap()).unwrap()
        };
        assert_eq!(email, EMAIL);

        // Those who are told get their mail, and of it nothing is kept.
        let out = tempfile::tempdir().unwrap();
        let site = site.sending(crate::messages::into_folder(out.path()));
        crate::messages::send_all(&site.app).await;
        assert!(crate::messages::letters(out.path())[0].contains(&format!("To: {EMAIL}\n")));

        // What opens a booking is not stored either, only what it is compared with.
        let secret = done["link"].as_str().unwrap().split_once('#').unwrap().1;
        let cookie = hers.cookie().to_owned();
        let mailed = crate::messages::secret_in(&crate::messages::letters(out.path())[0]);
        let secrets = [secret, &mailed, &cookie, onshin::actions::demo::PASSWORD];
        let secrets = [&CANARIES[..], &secrets].concat();
        nothing_is_stored(&site, &secrets).await;

        // Nor what the doctor writes at the end, which only the database gets.
        let second = site.browser().book("2026-12-01T02:00:00Z", &nagi()).await;
        site.app.clock.advance(chrono::TimeDelta::minutes(140));
        let path = format!("/api/clinic/visits/{}/close", second["booking"]["id"].as_str().unwrap());
        let close = json!({ "outcome": "patient_absent", "note": SYMPTOMS });
        site.signed_in("doctor").await.post(&path, close).await.expect(StatusCode::OK);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM visit WHERE note IS NOT NULL").await, [1]);

        // Nor what is said of a visit that took place: what follows, to whom the patient was sent,
        // the number for the pharmacy.
        let third = site.browser().book("2026-12-01T02:30:00Z", &nagi()).await;
        let third = third["booking"]["id"].as_str().unwrap();
        let row = raw::id(&site.url, third);
        let begun = format!(
            "UPDATE visit SET patient_video_seconds = 9, clinician_video_seconds = 9
                WHERE booking_id = {row};
             UPDATE booking SET status = 'in_progress' WHERE id = {row}"
        );
        raw::execute(&site.url, &begun).await.unwrap();
        let visit = format!("/api/clinic/visits/{third}");
        let mut doctor = site.signed_in("doctor").await;
        let plan = crate::care_plan::plan(0, SECTION);
        doctor.put(&format!("{visit}/care-plan"), plan).await.expect(StatusCode::OK);
        let waived = json!({ "version": 0, "reason": SYMPTOMS });
        doctor.post(&format!("{visit}/clearance/device_test/waive"), waived).await.expect(StatusCode::OK);
        let told = doctor.post(&format!("{visit}/emergency"), json!({})).await.expect(StatusCode::OK);
        assert_eq!(told["place"]["address"], ADDRESS);
        let mut facts = crate::closing::facts();
        facts["medications_confirmed"] = json!(true);
        facts["prescription"] = json!({ "kind": "electronic", "days": 3 });
        facts["exchange_number"] = json!("907152");
        facts["onward_policy"] = json!(POLICY);
        facts["nurse_acts"] = json!(SYMPTOMS);
        facts["referral"] = json!({ "reason": "other", "to": INSTITUTION });
        let close = json!({ "outcome": "done", "facts": facts });
        doctor.post(&format!("{visit}/close"), close).await.expect(StatusCode::OK);
        let sealed = "SELECT count(*) FROM visit_closing WHERE exchange_number IS NOT NULL
            AND onward_policy IS NOT NULL AND nurse_acts IS NOT NULL AND referred_to IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, sealed).await, [1]);

        // Nor after all that can happen to it.
        let wish = json!({ "token": secret, "birth_date": BIRTH_DATE });
        site.browser().post("/api/visitor", wish).await.expect(StatusCode::OK);
        let path = format!("/api/bookings/{}/cancel", done["booking"]["id"].as_str().unwrap());
        hers.post(&path, json!({ "reason": "other" })).await.expect(StatusCode::OK);
        nothing_is_stored(&site, &secrets).await;
    }

    async fn who_is_invited_to_a_visit_is_not_stored_in_the_clear(site: Site) {
        let done = site.browser().book("2026-12-01T03:00:00Z", &hana()).await;
        let people = format!("/api/clinic/visits/{}/people", done["booking"]["id"].as_str().unwrap());
        let wish = json!({ "role": "interpreter", "name": GUEST, "language": "ja" });
        let mut desk = site.signed_in("desk").await;
        let invited = desk.post(&people, wish).await.expect(StatusCode::CREATED);
        assert_eq!(invited["name"], GUEST);
        let listed = desk.get(&people).await.expect(StatusCode::OK);
        assert_eq!(listed["items"][0]["name"], GUEST);
        let invitation = invited["link"].as_str().unwrap().split_once("#g.").unwrap().1;
        let pieces = stored(&site).await;
        for (place, bytes) in &pieces {
            assert_eq!(found(&[GUEST, "翡翠", invitation], bytes), [], "{place}");
        }
    }

    async fn a_name_that_was_moved_opens_for_nobody(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let her = hers.book("2026-12-01T03:00:00Z", &hana()).await;
        let him = his.book("2026-12-01T04:00:00Z", &nagi()).await;
        let path = |of: &Value| format!("/api/bookings/{}", of["booking"]["id"].as_str().unwrap());
        // Of two rows, each gets the other's.
        let swap = "CREATE TABLE kept AS SELECT id, questionnaire FROM booking;
            UPDATE booking SET questionnaire =
                (SELECT kept.questionnaire FROM kept WHERE kept.id <> booking.id);
            DROP TABLE kept";
        raw::execute(&site.url, swap).await.unwrap();
        let mut desk = site.signed_in("desk").await;
        for answer in [
            hers.get(&path(&her)).await, his.get(&path(&him)).await, hers.get("/api/bookings").await,
            desk.get("/api/clinic/visits").await,
        ] {
            for name in ["音無", "波野", "花", "凪"] {
                assert!(!answer.text.contains(name), "{}", answer.text);
            }
            answer.refused(StatusCode::INTERNAL_SERVER_ERROR, "internal");
        }
        // Back where they belong, they open again.
        raw::execute(&site.url, swap).await.unwrap();
        assert_eq!(hers.get(&path(&her)).await.expect(StatusCode::OK)["patient_name"], "音無 花");

        // From another column of the same row.
        raw::execute(&site.url, "UPDATE patient SET birth_date = kana").await.unwrap();
        hers.get(&path(&her)).await.refused(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    }

    async fn a_forgotten_patient_is_nobody(site: Site) {
        let mut hers = site.browser();
        let done = hers.book("2026-12-01T03:00:00Z", &answers()).await;
        site.browser().book("2026-12-01T04:00:00Z", &nagi()).await;
        let id = patient_of(&site, &done).await;
        let id = if site.url.starts_with("sqlite:") {
            format!("x'{}'", id.0.simple())
        } else {
            format!("'{}'", id.0)
        };
        raw::execute(&site.url, &format!("UPDATE patient SET wrapped_key = NULL WHERE id = {id}")).await.unwrap();

        let secret = done["link"].as_str().unwrap().split_once('#').unwrap().1;
        let wish = json!({ "token": secret, "birth_date": BIRTH_DATE });
        site.browser().post("/api/visitor", wish).await.refused(StatusCode::NOT_FOUND, "not_found");
        let seen = site.signed_in("desk").await.get("/api/clinic/visits").await;
        assert_eq!(found(&CANARIES, seen.text.as_bytes()), []);
        let seen = seen.expect(StatusCode::OK);
        assert_eq!(seen["items"][0]["patient"], Value::Null);
        assert_eq!(seen["items"][0]["booking"]["patient_name"], Value::Null);
        // The other visit of the day is as it was.
        assert_eq!(seen["items"][1]["patient"]["name"], "波野 凪");
        let own = hers.get(&format!("/api/bookings/{}", done["booking"]["id"].as_str().unwrap())).await;
        assert_eq!(own.expect(StatusCode::OK)["patient_name"], Value::Null);
    }
}

async fn patient_of(site: &Site, done: &Value) -> PatientId {
    let id = serde_json::from_value(done["booking"]["id"].clone()).unwrap();
    let booking = site.app.store.read().await.unwrap().booking(id).await.unwrap().unwrap();
    booking.patient.unwrap()
}

/// A wish to confirm, wrong in ways of which a reader of JSON tells what it found.
fn malformed() -> Vec<Value> {
    let with = |field: &str, value: Value| {
        let mut wish = answers();
        wish[field] = value;
        wish
    };
    vec![
        with("for_whom", json!(SYMPTOMS)),
        with("language", json!(NAME)),
        with("phone", json!(7_091_827_364_u64)),
        with("birth_date", json!([BIRTH_DATE])),
        with("birth_date", json!(NAME)),
        with("consent", json!(EMAIL)),
        with(SYMPTOMS, json!(NAME)),
        with("consent", json!(false)),
        with("birth_date", json!("2931-07-23")),
        json!(NAME),
    ]
}

#[test]
fn nothing_personal_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = onshin(folder.path());
    command.env("ONSHIN_LOG__FILTER", "trace");
    command.env("ONSHIN_MAIL__FILE", folder.path().join("mail"));
    command.env("ONSHIN_SMS__FILE", folder.path().join("sms"));
    let served = Served::start(command);
    let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&days=2");
    let days = served.ask("GET", &path, "", &Value::Null).json();
    let start = days["days"][1]["slots"][0]["start"].clone();

    let wish = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": start });
    let held = served.ask("POST", "/api/bookings", "", &wish);
    assert_eq!(held.status, 201, "{}", held.body);
    let cookie = held.cookies[0].clone();
    let path = format!("/api/bookings/{}", held.json()["id"].as_str().unwrap());
    for wrong in malformed() {
        let answer = served.ask("POST", &format!("{path}/confirm"), &cookie, &wrong);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert_eq!(found(&CANARIES, answer.body.as_bytes()), []);
    }
    let done = served.ask("POST", &format!("{path}/confirm"), &cookie, &answers());
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(!found(&[NAME], done.body.as_bytes()).is_empty());
    let secret = done.json()["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    for (date, status) in [("1931-07-24", 403), (BIRTH_DATE, 200)] {
        let wish = json!({ "token": secret, "birth_date": date });
        assert_eq!(served.ask("POST", "/api/visitor", "", &wish).status, status);
    }
    let wish = json!({ "login": "desk", "password": onshin::actions::demo::PASSWORD });
    let desk = served.ask("POST", "/api/session", "", &wish).cookies[0].clone();
    let wrong = json!({ "login": "desk", "password": "falsches-Kennwort-0815" });
    assert_eq!(served.ask("POST", "/api/session", "", &wrong).status, 403);
    let date = &start.as_str().unwrap()[..10];
    let seen = served.ask("GET", &format!("/api/clinic/visits?date={date}"), &desk, &Value::Null);
    assert!(seen.body.contains(SYMPTOMS) || days["days"][1]["date"] != date, "{}", seen.body);

    // What was told lies in the folders, by itself and soon.
    let mail = eventually(|| crate::messages::letters(folder.path()).pop());
    let short = eventually(|| crate::messages::shorts(folder.path()).pop());
    assert!(mail.contains(&format!("To: {EMAIL}\n")) && short["to"] == "07091827364");
    let mailed = crate::messages::secret_in(&mail);

    let values = [&cookie, &desk].map(|cookie| cookie.split_once('=').unwrap().1);
    let secrets = [&CANARIES[..], &[&secret, &mailed, "falsches-Kennwort-0815"], &values].concat();
    let url = format!("sqlite:{}/var/onshin.db", folder.path().display());
    for (file, bytes) in files(&url) {
        assert_eq!(found(&secrets, &bytes), [], "{file}");
    }
    let log = served.stop();
    let text = String::from_utf8_lossy(&log);
    // The log was as talkative as it can be.
    for control in ["TRACE", "DEBUG", "sqlx", "stopping"] {
        assert!(text.contains(control), "{control} must be logged");
    }
    let leaks = found(&secrets, &log);
    let lines = text.lines().filter(|line| leaks.iter().any(|leak| line.contains(leak.0)));
    assert!(leaks.is_empty(), "{leaks:?}\n{}", lines.collect::<Vec<_>>().join("\n"));
}

/// What is there within a while.
fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it did not come");
}
