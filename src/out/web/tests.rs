use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A server that answers every connection with these bytes, after reading the request's head, and
/// then stays silent. How many came, and what the last asked.
struct Server {
    port: u16,
    came: Arc<AtomicUsize>,
    asked: Arc<std::sync::Mutex<String>>,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (came, asked) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let (count, keep, answer): (_, Arc<std::sync::Mutex<String>>, Vec<u8>) =
            (came.clone(), Arc::clone(&asked), answer.into());
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap_or(0);
                *keep.lock().unwrap() = String::from_utf8_lossy(&head[..read]).into_owned();
                let _ = stream.write_all(&answer).await;
                open.push(stream);
            }
        });
        Self { port, came, asked, _task: AbortOnDropHandle::new(task) }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }
}

fn roots() -> Roots {
    Roots::new(None).unwrap()
}

fn allowing(server: &Server) -> Client {
    Client::new(&[server.url("")], roots())
}

/// A client for which every name has these addresses, one after the other, and how often it asked.
fn resolving(answers: &'static [&'static str]) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let resolve = move |_: String, port| -> Found {
        let at = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let found = answers[at].split(' ').map(|ip| SocketAddr::new(ip.parse().unwrap(), port));
        let found: Vec<_> = found.collect();
        Box::pin(async move { Ok(found) })
    };
    (Client::with_resolver(&[], roots(), Box::new(resolve)), asked)
}

fn soon() -> Limits {
    Limits { bytes: 1000, time: Duration::from_millis(700) }
}

#[tokio::test]
async fn an_answer_comes_whole() {
    let text = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let server = Server::saying(text).await;
    let answer = allowing(&server).get(&server.url("/a?b=c#d"), &[], soon()).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (StatusCode::OK, &b"abcde"[..]));
    assert_eq!(answer.headers["etag"], "\"1\"");
    let asked = server.asked.lock().unwrap().to_lowercase();
    assert!(asked.starts_with("get /a?b=c http/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("host: 127.0.0.1:{}\r\n", server.port)), "{asked}");
}

#[tokio::test]
async fn what_is_posted_arrives_with_its_headers() {
    let server = Server::saying("HTTP/1.1 204 No Content\r\n\r\n").await;
    let headers = [(HeaderName::from_static("webhook-id"), HeaderValue::from_static("msg_1"))];
    let sent = allowing(&server)
        .post(&server.url("/in"), &headers, b"{\"a\":1}".to_vec(), Duration::from_secs(5))
        .await;
    assert_eq!(sent, Ok(StatusCode::NO_CONTENT));
    let asked = server.asked.lock().unwrap().clone();
    assert!(asked.contains("webhook-id: msg_1\r\n"), "{asked}");
    assert!(asked.contains("content-length: 7\r\n") && asked.ends_with("{\"a\":1}"), "{asked}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inner = Server::saying("HTTP/1.1 200 OK\r\n\r\n").await;
    let text =
        format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", inner.url("/"));
    let outer = Server::saying(text).await;
    let client = Client::new(&[outer.url(""), inner.url("")], roots());
    let answer = client.get(&outer.url("/"), &[], soon()).await.unwrap();
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!((outer.came(), inner.came()), (1, 0));
}

#[tokio::test]
async fn nothing_comes_without_end() {
    let mut endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..40 {
        endless.extend_from_slice(b"20\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
    }
    let promised = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".to_vec();
    for answer in [endless, promised] {
        let server = Server::saying(answer).await;
        let got = allowing(&server).get(&server.url("/"), &[], soon()).await;
        assert_eq!(got.unwrap_err(), Error::TooLarge);
    }
    // Nor a head, nor silence before or in the middle.
    let head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(200_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(HEAD_LINES + 1));
    for (answer, error) in [
        (head.as_str(), Error::Broken),
        (many.as_str(), Error::Broken),
        ("SSH-2.0-OpenSSH_9.2\r\n", Error::Broken),
        ("", Error::Timeout),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Error::Timeout),
    ] {
        let server = Server::saying(answer).await;
        let got = allowing(&server).get(&server.url("/"), &[], soon()).await;
        assert_eq!(got.unwrap_err(), error, "{}", &answer[..answer.len().min(40)]);
    }
}

#[tokio::test]
async fn a_name_for_what_is_not_public_is_not_connected() {
    let server = Server::saying("HTTP/1.1 200 OK\r\n\r\n").await;
    let url = |host: &str| format!("https://{host}:{}/", server.port);
    // What the system itself resolves.
    let client = Client::new(&[], roots());
    assert_eq!(client.get(&url("localhost"), &[], soon()).await.unwrap_err(), Error::Forbidden);
    for inside in [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "10.0.0.1 169.254.169.254 fd00:ec2::254",
    ] {
        let (client, _) = resolving(Vec::leak(vec![inside]));
        let got = client.get(&url("inside.example"), &[], soon()).await;
        assert_eq!(got.unwrap_err(), Error::Forbidden, "{inside}");
    }
    assert_eq!(server.came(), 0);
}

/// The name has a public address when it is looked at and this machine's ever after. 192.0.2.1 is
/// for documentation: nobody answers there.
#[tokio::test]
async fn a_name_that_changes_its_mind_is_asked_once() {
    let server = Server::saying("HTTP/1.1 200 OK\r\n\r\n").await;
    let (client, asked) = resolving(&["192.0.2.1 127.0.0.1", "127.0.0.1"]);
    let url = format!("https://rebinding.example:{}/", server.port);
    let got = client.get(&url, &[], soon()).await.unwrap_err();
    assert!(matches!(got, Error::Timeout | Error::Unreachable), "{got:?}");
    assert_eq!((asked.load(Ordering::SeqCst), server.came()), (1, 0));
    // Asked again, it is refused, not believed.
    assert_eq!(client.get(&url, &[], soon()).await.unwrap_err(), Error::Forbidden);
    assert_eq!(server.came(), 0);
}

#[tokio::test]
async fn a_plain_answer_is_no_secure_connection() {
    let server = Server::saying("HTTP/1.1 200 OK\r\n\r\n").await;
    let url = format!("https://127.0.0.1:{}", server.port);
    let client = Client::new(std::slice::from_ref(&url), roots());
    assert_eq!(client.get(&url, &[], soon()).await.unwrap_err(), Error::Tls);
}

#[tokio::test]
async fn who_is_asked_must_prove_to_be_it() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        }
    });
    let _task = AbortOnDropHandle::new(task);
    let named = [format!("https://localhost:{port}"), format!("https://127.0.0.1:{port}")];
    let believing = Client::new(&named, Roots::new(Some(&file)).unwrap());
    assert_eq!(believing.get(&named[0], &[], soon()).await.unwrap().body, b"ok");
    // By another name it is not the one.
    assert_eq!(believing.get(&named[1], &[], soon()).await.unwrap_err(), Error::Tls);
    let strict = Client::new(&named, roots());
    assert_eq!(strict.get(&named[0], &[], soon()).await.unwrap_err(), Error::Tls);
    assert!(matches!(Roots::new(Some(folder.path())), Err(RootsError::File(_))));
}
