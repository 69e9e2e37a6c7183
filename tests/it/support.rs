//! The service as a test sees it: a database of its own, a clock set by hand, and people with
//! browsers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use onshin::actions::limits::Limits;
use onshin::actions::people::Lifetimes;
use onshin::actions::{App, Parts, demo};
use onshin::engine::holidays::Holidays;
use onshin::format::boundaries::Boundaries;
use onshin::format::seeds;
use onshin::http::{Guard, router};
use onshin::live::hub::Hub;
use onshin::live::ice::{IceServers, Relay};
use onshin::live::media::echo::LineChecks;
use onshin::live::media::ports::Ports;
use onshin::live::media::room::{Rooms, Settings};
use onshin::live::reach::Reach;
use onshin::live::turn::Handle;
use onshin::model::facility::IcePolicy;
use onshin::model::person::Actor;
use onshin::out::{Outgoing, web};
use onshin::seal::{Key, Vault};
use onshin::store::Store;
use onshin::time::{Clock, Instant};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) mod book;
pub(crate) mod packed;
pub(crate) mod raw;
pub(crate) mod served;

/// The origin of the site under test.
pub(crate) const ORIGIN: &str = "http://onshin.test";
/// The clinic of the demo that is always open, and what it offers.
pub(crate) const NIGHT: &str = "0d300100-0000-0000-0000-4ead72fa0000";
/// Its visit of a quarter of an hour.
pub(crate) const NIGHT_VISIT: &str = "0d300300-0000-0000-0000-4ead72fa0000";

/// The first doctor of another clinic of the demo, where `umikaze` works.
pub(crate) const UMIKAZE_DOCTOR: &str = "0d300200-0000-0000-0000-4ead730c0000";
/// The second.
pub(crate) const UMIKAZE_SECOND: &str = "0d300200-0000-0000-0000-4ead730c0001";
/// That clinic, and its visit of a quarter of an hour.
pub(crate) const UMIKAZE: &str = "0d300100-0000-0000-0000-4ead730c0000";
pub(crate) const UMIKAZE_VISIT: &str = "0d300300-0000-0000-0000-4ead730c0000";

/// Runs each test once on each engine.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($site:ident: Site) $body:block)+) => { $(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($site: Site) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                run(Site::on_sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                let site = Site::on_postgres().await;
                run(site).await;
            }
        }
    )+ };
}
pub(crate) use on_both_engines;

/// The service on a database of its own, filled with the demo, on Tuesday 1 December 2026 at 9:00
/// in Tokyo.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) url: String,
    folder: Arc<tempfile::TempDir>,
}

impl Site {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/test.db", folder.path().display());
        Self::on(url, folder).await
    }

    pub(crate) async fn on_postgres() -> Self {
        let url = raw::fresh_postgres().await;
        Self::on(url, tempfile::tempdir().unwrap()).await
    }

    async fn on(url: String, folder: tempfile::TempDir) -> Self {
        let store = Store::open(&url).await.unwrap();
        let app = App::new(parts(store));
        assert!(demo::fill(&app, &Actor::System).await.unwrap());
        Self { router: door(&app), app, url, folder: Arc::new(folder) }
    }

    /// Another process of the service on the same database: nothing in memory is shared, only the
    /// key and the hands of the clock.
    pub(crate) async fn another(&self) -> Self {
        let store = Store::connect(&self.url).await.unwrap();
        let (clock, vault) = (self.app.clock.clone(), self.app.vault.clone());
        let app = App::new(Parts { clock, vault, ..parts(store) });
        Self { router: door(&app), app, url: self.url.clone(), folder: self.folder.clone() }
    }

    /// The service after it was stopped and started again.
    pub(crate) async fn restarted(&self) -> Self {
        self.app.store.close().await;
        self.another().await
    }

    /// The same service, which sends by these ways.
    pub(crate) fn sending(self, out: Outgoing) -> Self {
        let app = self.beside(out);
        let guard = Guard { app: app.clone(), origins: [ORIGIN.to_owned()].into(), proxy_hops: 0 };
        Self { router: router(guard).unwrap(), app, ..self }
    }

    /// The same service, with boundaries for a map.
    pub(crate) fn with_boundaries(self, boundaries: Arc<Boundaries>) -> Self {
        let (clock, vault) = (self.app.clock.clone(), self.app.vault.clone());
        let store = self.app.store.clone();
        let app = App::new(Parts { clock, vault, boundaries: Some(boundaries), ..parts(store) });
        let guard = Guard { app: app.clone(), origins: [ORIGIN.to_owned()].into(), proxy_hops: 0 };
        Self { router: router(guard).unwrap(), app, ..self }
    }

    /// Another process of the service, on the same database at the same time.
    pub(crate) fn beside(&self, out: Outgoing) -> App {
        let (clock, vault) = (self.app.clock.clone(), self.app.vault.clone());
        App::new(Parts { clock, vault, out, ..parts(self.app.store.clone()) })
    }

    /// What is behind a public path, byte by byte.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        let peer = std::net::SocketAddr::from(([10, 1, 1, 1], 40000));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    /// A browser that nobody has used yet, at an address of its own.
    pub(crate) fn browser(&self) -> Browser {
        static NEXT: AtomicU32 = AtomicU32::new(0x0a00_0001);
        Browser {
            router: self.router.clone(),
            cookies: Vec::new(),
            address: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// A browser in which an account of the demo is signed in.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        let wish = json!({ "login": login, "password": demo::PASSWORD });
        browser.post("/api/session", wish).await.expect(StatusCode::OK);
        browser
    }
}

fn door(app: &App) -> Router {
    let guard = Guard { app: app.clone(), origins: [ORIGIN.to_owned()].into(), proxy_hops: 0 };
    router(guard).unwrap()
}

fn parts(store: Store) -> Parts {
    let holidays = seeds::holidays().iter().map(|day| (day.date, day.name.as_str()));
    let reach = Reach::default();
    let ip = [127, 0, 0, 1].into();
    let rooms =
        Rooms::new(Settings { ip, told: None, ports: Ports::default(), reach: reach.clone() });
    Parts {
        store,
        clock: Clock::manual(at("2026-12-01T00:00:00Z")),
        vault: Vault::new(&Key::random()),
        hub: Hub::default().with_rooms(rooms.clone()),
        rooms,
        line_checks: LineChecks::new(ip, reach.clone()),
        ice: IceServers::new(Relay::Off, b"secret of the tests", "onshin"),
        relay: Handle::default(),
        reach,
        holidays: Holidays::new(holidays),
        sessions: Lifetimes::default(),
        limits: Limits::default(),
        public_url: ORIGIN.to_owned(),
        ice_policy: IcePolicy::All,
        criteria: seeds::criteria().clone(),
        prefectures: Vec::new(),
        boundaries: None,
        out: Outgoing::by(web::Client::new(&[], web::Roots::new(None).unwrap())),
    }
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Somebody's browser: it keeps cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
    address: u32,
}

/// Method, path and body of a write.
pub(crate) type Asked = (Method, String, Value);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The JSON body of an answer of this status.
    pub(crate) fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// That it is a problem of this status and code.
    pub(crate) fn refused(self, status: StatusCode, code: &str) -> Value {
        let kind = self.headers.get(header::CONTENT_TYPE).cloned();
        let body = self.expect(status);
        assert_eq!(kind.unwrap(), "application/problem+json");
        assert_eq!(body["code"], code, "{body}");
        assert!(body["detail"].as_str().unwrap().ends_with(['。', '.']), "{body}");
        body
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// The same browser at another process of the service.
    pub(crate) fn at(&self, site: &Site) -> Self {
        Self { router: site.router.clone(), ..self.clone() }
    }

    /// Sends what may be repeated under this `Idempotency-Key`.
    pub(crate) async fn keyed(&mut self, key: &str, asked: &Asked) -> Answer {
        let (method, path, body) = asked.clone();
        let request = Request::builder().header("idempotency-key", key);
        self.build(request, method, &path, Some(body).filter(|body| !body.is_null())).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.build(Request::builder(), method, path, body).await
    }

    async fn build(
        &mut self,
        request: axum::http::request::Builder,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = request.method(&method).uri(path);
        if method != Method::GET {
            request = request.header(header::ORIGIN, ORIGIN);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.request(request.body(body).unwrap()).await
    }

    /// The value of the first cookie.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookies[0].1
    }

    /// Sends a request as it is, with this browser's cookies.
    pub(crate) async fn request(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let peer = std::net::SocketAddr::from((self.address.to_be_bytes(), 40000));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Holds a time at the clinic that is always open.
    pub(crate) async fn hold(&mut self, start: &str) -> Answer {
        let wish = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": start });
        self.post("/api/bookings", wish).await
    }

    /// Plans a change of the clinic's hours and makes it; the change that was made.
    pub(crate) async fn change_hours(&mut self, edits: Value) -> Value {
        let changes = "/api/clinic/hours-changes";
        let plan = self.post(changes, json!({ "edits": edits })).await.expect(StatusCode::CREATED);
        let path = format!("{changes}/{}/apply", plan["id"].as_str().unwrap());
        self.post(&path, json!({ "version": plan["version"] })).await.expect(StatusCode::OK)
    }

    /// Holds a time, confirms it, and says where the patient will be; the answer to the
    /// confirmation.
    pub(crate) async fn book(&mut self, start: &str, who: &Value) -> Value {
        let held = self.hold(start).await.expect(StatusCode::CREATED);
        let id = held["id"].as_str().unwrap();
        let path = format!("/api/bookings/{id}/confirm");
        let done = self.post(&path, who.clone()).await.expect(StatusCode::OK);
        self.put(&format!("/api/visits/{id}/place"), place()).await.expect(StatusCode::OK);
        done
    }
}

/// The answers of a patient.
pub(crate) fn hana() -> Value {
    json!({
        "for_whom": "self", "name": "音無 花", "kana": "オトナシ ハナ",
        "birth_date": "1948-05-03", "phone": "090-1234-5678", "email": "hana@mail.example",
        "language": "ja", "symptoms": "三日前からせきが出ます", "consent": true,
    })
}

/// Where a patient is, in words that stand nowhere else.
pub(crate) const ADDRESS: &str = "止まり木町9-8-7 三日月荘305号室";
/// Whom to call for them.
pub(crate) const CONTACT: &str = "星野 夜空";

/// Where a patient is during a visit.
pub(crate) fn place() -> Value {
    json!({
        "kind": "home", "address": ADDRESS, "municipality_code": "131041", "private": true,
        "contact": { "name": CONTACT, "relation": "姉", "phone": "080-5550-0147" },
    })
}

/// The same of somebody else.
pub(crate) fn nagi() -> Value {
    json!({
        "for_whom": "self", "name": "波野 凪", "kana": "ナミノ ナギ",
        "birth_date": "1990-01-31", "phone": "080-8765-4321",
        "language": "en", "symptoms": "Headache since yesterday", "consent": true,
    })
}
