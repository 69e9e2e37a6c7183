//! A caller: one connection to the server, from an address of its own.
//!
//! The service limits how often one address may search and hold, and the bench keeps those limits
//! on: as in life its callers are many, each at an address of 127.0.0.0/8 that it leaves after a
//! few requests for one that nobody has used. The client is as small as can be, since it shares the
//! processors with what it measures.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Requests after which a caller moves to another address: below every limit per address.
const MOVES_AFTER: u32 = 24;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The session's cookie, as it is to be sent back.
    pub(crate) cookie: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// One caller.
pub(crate) struct Caller {
    server: SocketAddr,
    stream: Option<TcpStream>,
    requests: u32,
    buffer: Vec<u8>,
}

impl Caller {
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self { server, stream: None, requests: 0, buffer: Vec::with_capacity(64 * 1024) }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None, "").await
    }

    pub(crate) async fn post(&mut self, path: &str, cookie: Option<&str>, body: &str) -> Answer {
        self.send("POST", path, cookie, body).await
    }

    async fn send(&mut self, method: &str, path: &str, cookie: Option<&str>, body: &str) -> Answer {
        let cookie_line = cookie.map_or(String::new(), |cookie| format!("cookie: {cookie}\r\n"));
        let (server, length) = (self.server, body.len());
        let content = if method == "POST" {
            format!(
                "origin: http://{server}\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n"
            )
        } else {
            String::new()
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {server}\r\n{cookie_line}{content}\r\n{body}"
        );
        // Only between two visits of one person, whose address stays.
        if cookie.is_none() && self.requests >= MOVES_AFTER {
            self.stream = None;
        }
        self.requests += 1;
        self.connected().await.write_all(head.as_bytes()).await.unwrap();
        self.receive().await
    }

    async fn connected(&mut self) -> &mut TcpStream {
        if self.stream.is_none() {
            static NEXT: AtomicU32 = AtomicU32::new(0x7f01_0001);
            let socket = TcpSocket::new_v4().unwrap();
            let own = Ipv4Addr::from_bits(NEXT.fetch_add(1, Ordering::Relaxed));
            socket.bind(SocketAddr::from((own, 0))).unwrap();
            let stream = socket.connect(self.server).await.unwrap();
            stream.set_nodelay(true).unwrap();
            (self.stream, self.requests) = (Some(stream), 0);
        }
        self.stream.as_mut().unwrap()
    }

    async fn receive(&mut self) -> Answer {
        self.buffer.clear();
        let end = loop {
            self.more().await;
            let end = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap();
        let length: Option<usize> = value("content-length: ").and_then(|n| n.parse().ok());
        // Names are without case, values are not.
        let cookie = head.find("set-cookie: ").map(|at| {
            let value = String::from_utf8_lossy(&self.buffer[at + 12..end]).into_owned();
            value.split([';', '\r']).next().unwrap_or_default().to_owned()
        });
        let body = match length {
            Some(length) => {
                while self.buffer.len() < end + length {
                    self.more().await;
                }
                self.buffer[end..end + length].to_vec()
            }
            None if value("transfer-encoding: ").is_some() => self.chunked(end).await,
            None => Vec::new(),
        };
        if value("connection: close").is_some() {
            self.stream = None;
        }
        Answer { status, cookie, body }
    }

    async fn chunked(&mut self, mut at: usize) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(line) = self.buffer[at..].windows(2).position(|b| b == b"\r\n") {
                    break line;
                }
                self.more().await;
            };
            let digits = String::from_utf8_lossy(&self.buffer[at..at + line]).into_owned();
            let length = usize::from_str_radix(digits.trim(), 16).unwrap();
            let (from, until) = (at + line + 2, at + line + 2 + length);
            while self.buffer.len() < until + 2 {
                self.more().await;
            }
            if length == 0 {
                return body;
            }
            body.extend_from_slice(&self.buffer[from..until]);
            at = until + 2;
        }
    }

    async fn more(&mut self) {
        let stream = self.stream.as_mut().unwrap();
        let read = stream.read_buf(&mut self.buffer).await.unwrap();
        assert!(read > 0, "the server closed the connection in the middle of an answer");
    }
}
