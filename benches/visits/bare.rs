//! The least that a server of messages can do on this machine: the same sockets, tasks and crates as
//! the service's, a line to each page, and no look at what is said but for whom it is. What this costs
//! no server written so goes below.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Set to the port where this program plays that server.
pub(crate) const PORT: &str = "BENCH_BARE";

/// Before the name in a message.
const TO: &str = "\"topic\":\"";

type Everybody = Arc<Mutex<HashMap<String, UnboundedSender<Utf8Bytes>>>>;

/// Serves until it is ended.
pub(crate) fn serve(port: u16) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.unwrap();
        let everybody = Everybody::default();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(meet(stream, Arc::clone(&everybody)));
        }
    });
}

async fn meet(stream: TcpStream, everybody: Everybody) {
    let mut name = String::new();
    #[expect(clippy::result_large_err, reason = "the crate's signature")]
    let named = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request.uri().path()[1..].clone_into(&mut name);
        Ok(response)
    };
    // As the service reads and writes.
    let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(16 * 1024);
    let accepted = tokio_tungstenite::accept_hdr_async_with_config(stream, named, Some(config));
    let Ok(mut socket) = accepted.await else { return };
    let (line, mut waiting) = unbounded_channel();
    everybody.lock().unwrap().insert(name, line);
    loop {
        tokio::select! {
            heard = socket.next() => match heard {
                Some(Ok(Message::Text(text))) => {
                    let Some((_, rest)) = text.split_once(TO) else { continue };
                    let Some((to, _)) = rest.split_once('"') else { continue };
                    let line = everybody.lock().unwrap().get(to).cloned();
                    let _ = line.map(|line| line.send(text.clone()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            text = waiting.recv() => {
                let mut next = text;
                while let Some(text) = next {
                    if socket.feed(Message::Text(text)).await.is_err() {
                        return;
                    }
                    next = waiting.try_recv().ok();
                }
                if socket.flush().await.is_err() {
                    return;
                }
            }
        }
    }
}
