//! A request over a connection of its own, which may be cut off at any moment: then there is no
//! answer, and nobody knows whether it was done.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::timeout;

/// How long an answer is waited for: longer than the server lets anybody wait for its database.
const PATIENCE: Duration = Duration::from_secs(15);

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Value,
    /// `Idempotency-Key`, unless it goes without.
    pub(super) key: Option<String>,
    pub(super) cookie: Option<String>,
    /// Whose address it comes from: limits are per address.
    pub(super) from: Ipv4Addr,
}

/// What came back, whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The session's cookie, where one is given.
    pub(super) cookie: Option<String>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

impl Ask {
    /// Sends it to the server at this port of this machine; nothing where no whole answer came.
    pub(super) async fn send(&self, port: u16) -> Option<Answer> {
        timeout(PATIENCE, self.try_send(port)).await.ok()?.ok()?
    }

    async fn try_send(&self, port: u16) -> std::io::Result<Option<Answer>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((self.from, 0)))?;
        let mut stream = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        stream.write_all(self.text(port).as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Ok(whole(&String::from_utf8_lossy(&bytes)))
    }

    fn text(&self, port: u16) -> String {
        let body = if self.method == "GET" { String::new() } else { self.body.to_string() };
        let line = |name: &str, value: &Option<String>| {
            value.as_ref().map_or(String::new(), |value| format!("{name}: {value}\r\n"))
        };
        format!(
            "{} {} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\n\
             {}{}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n\
             {body}",
            self.method,
            self.path,
            line("idempotency-key", &self.key),
            line("cookie", &self.cookie),
            body.len()
        )
    }
}

/// The answer, if all of it is there.
fn whole(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let length = value("content-length: ").map_or(Ok(0), str::parse).ok()?;
    if body.len() < length {
        return None;
    }
    // The head is in lower case, and a cookie's value is not.
    let cookie = text.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().unwrap().to_owned())
    });
    Some(Answer { status, cookie, body: body.to_owned() })
}
