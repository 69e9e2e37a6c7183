//! The sockets below the router: who dawdles is closed, nobody waits for them, and stopping lets
//! requests end.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use onshin::http::server::{Limits, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::support::served::{Served, onshin};
use crate::support::{Browser, ORIGIN, Site};

const LIVE: &str = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A router, served.
struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Running {
    async fn start(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let ended = tokio::spawn(serve(listener, router, limits, stop.clone()));
        Self { address, stop, ended }
    }

    async fn open(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// Everything until the other side closes, which it must within `most`.
async fn rest(stream: &mut TcpStream, most: Duration) -> String {
    let mut all = Vec::new();
    // A reset is an end too.
    let _ = timeout(most, stream.read_to_end(&mut all)).await.expect("is not closed");
    String::from_utf8_lossy(&all).into_owned()
}

async fn echo(socket: WebSocketUpgrade) -> axum::response::Response {
    socket.on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            let _ = socket.send(message).await;
        }
    })
}

fn plain() -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/slow", get(async || sleep(ms(400)).await))
        .route("/stuck", get(async || sleep(ms(60_000)).await))
        .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()))
        .route("/echo", get(echo))
}

#[tokio::test]
async fn half_sent_requests_hold_nobody_up_and_are_closed() {
    let limits = Limits { head: ms(700), ..Limits::default() };
    let running = Running::start(plain(), limits).await;
    let mut half = Vec::new();
    for number in 0..200 {
        let text = if number % 2 == 0 { "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: " } else { "" };
        half.push(running.open(text).await);
    }
    let answer = rest(&mut running.open(LIVE).await, ms(500)).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"), "{answer}");
    let begun = Instant::now();
    for stream in &mut half {
        let answer = rest(stream, ms(2000).saturating_sub(begun.elapsed())).await;
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    assert_eq!(Limits::default().head, ms(10_000));
}

#[tokio::test]
async fn a_full_house_lets_the_next_one_in_when_somebody_leaves() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let running = Running::start(plain(), limits).await;
    // A socket is a connection still, after its upgrade.
    let url = format!("ws://{}/echo", running.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    let other = running.open("").await;
    let mut third = running.open(LIVE).await;
    let mut byte = [0];
    assert!(timeout(ms(300), third.read(&mut byte)).await.is_err(), "was let in");
    socket.send(Message::text("still here")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("still here"));
    drop(other);
    assert!(rest(&mut third, ms(1000)).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_socket_outlives_the_time_for_a_head_and_the_peer_is_known() {
    let limits = Limits { head: ms(200), ..Limits::default() };
    let running = Running::start(plain(), limits).await;
    let url = format!("ws://{}/echo", running.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    sleep(ms(500)).await;
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
    let mut stream = running.open(&LIVE.replace("livez", "peer")).await;
    let peer = stream.local_addr().unwrap().to_string();
    assert!(rest(&mut stream, ms(1000)).await.ends_with(&peer));
    // Two requests on one connection.
    let twice = LIVE.replace("Connection: close\r\n", "") + LIVE;
    let answers = rest(&mut running.open(&twice).await, ms(1000)).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
}

#[tokio::test]
async fn stopping_lets_a_request_end_and_closes_who_asks_nothing() {
    let running = Running::start(plain(), Limits::default()).await;
    let mut idle = running.open(&LIVE.replace("Connection: close\r\n", "")).await;
    let mut slow = running.open(&LIVE.replace("livez", "slow")).await;
    sleep(ms(150)).await;
    running.stop.cancel();
    assert!(rest(&mut slow, ms(1500)).await.starts_with("HTTP/1.1 200"));
    assert!(rest(&mut idle, ms(500)).await.starts_with("HTTP/1.1 200"));
    timeout(ms(500), running.ended).await.expect("goes on").unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());

    let limits = Limits { farewell: ms(300), ..Limits::default() };
    let running = Running::start(plain(), limits).await;
    let _stuck = running.open(&LIVE.replace("livez", "stuck")).await;
    sleep(ms(150)).await;
    running.stop.cancel();
    timeout(ms(1500), running.ended).await.expect("waits for ever").unwrap();
}

/// A body that never comes. The clock runs ahead from the moment that it is waited for.
fn never() -> Body {
    let mut asked = false;
    Body::from_stream(futures_util::stream::poll_fn(move |_| {
        if !std::mem::replace(&mut asked, true) {
            tokio::time::pause();
        }
        std::task::Poll::<Option<Result<Bytes, std::io::Error>>>::Pending
    }))
}

/// How many seconds a request is waited for, and that it is then told to come again.
async fn patience(browser: &mut Browser, path: &str, kind: &str) -> u64 {
    let request = Request::post(path).header(header::ORIGIN, ORIGIN);
    let request = request.header(header::CONTENT_TYPE, kind).body(never()).unwrap();
    let begun = tokio::time::Instant::now();
    let answer = browser.request(request).await;
    let waited = begun.elapsed().as_secs();
    tokio::time::resume();
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    answer.refused(StatusCode::SERVICE_UNAVAILABLE, "busy");
    waited
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let site = Site::on_sqlite().await;
    let mut tokyo = site.signed_in("tokyo").await;
    assert_eq!(patience(&mut tokyo, "/api/session", "application/json").await, 30);
    let kind = "multipart/form-data; boundary=b";
    assert_eq!(patience(&mut tokyo, "/api/admin/imports/drafts", kind).await, 120);
}

/// A program that may have so many files open at once, as options of `ulimit`.
fn cramped(folder: &std::path::Path, limit: &str) -> Command {
    let program = onshin(folder);
    let mut command = Command::new("sh");
    let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(program.get_program());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

#[test]
fn running_out_of_descriptors_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(cramped(folder.path(), "-n 64"));
    let connect = |_| std::net::TcpStream::connect(&served.address).unwrap();
    let many: Vec<_> = (0..100).map(connect).collect();
    std::thread::sleep(ms(500));
    drop(many);
    assert_eq!(served.ask("GET", "/livez", "", &Value::Null).status, 200);
    let log = String::from_utf8(served.stop()).unwrap();
    let complaints = log.matches("cannot take a connection").count();
    assert!((1..20).contains(&complaints), "{log}");
}

#[test]
fn a_relay_that_patients_cannot_reach_is_warned_of_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let started = |url: &str| {
        let mut command = onshin(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]).env("ONSHIN_PUBLIC_URL", url);
        command.env("ONSHIN_TURN__LISTEN", "127.0.0.1:0");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It says where it serves after it has warned.
        let read = child.stdout.take().unwrap().read(&mut [0; 64]).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let mut log = String::new();
        child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(read > 0, "{log}");
        log
    };
    let log = started("https://care.example");
    assert!(log.contains("WARN") && log.contains("calls may not connect"), "{log}");
    assert!(!started("http://localhost").contains("calls may not connect"));
}

/// Where a shell gives 512 files, ten thousand sockets are to be held all the same.
#[test]
fn the_server_takes_all_files_that_it_may_open() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(cramped(folder.path(), "-S -n 512"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let words: Vec<_> = files.split_whitespace().collect();
    assert_eq!(words[3], words[4], "{files}");
    assert_ne!(words[3], "512", "{files}");
}
