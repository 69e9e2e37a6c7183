//! Where a doctor's calendar lies elsewhere: a real server on a real socket, which can be slow,
//! broken or hostile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use onshin::out::{Outgoing, web};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// What it does with the next requests.
#[derive(Clone)]
pub(super) struct Says {
    /// How long it thinks.
    pub(super) after: Duration,
    /// What it says then.
    pub(super) answer: Vec<u8>,
    /// Whether it says it a byte at a time, and never ends.
    pub(super) dribbles: bool,
}

pub(super) struct Source {
    port: u16,
    says: Arc<Mutex<Says>>,
    heads: Arc<Mutex<Vec<String>>>,
    _task: AbortOnDropHandle<()>,
}

/// A calendar of these entries.
pub(super) fn calendar(inner: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n{inner}END:VCALENDAR\r\n")
}

/// An hour that is taken, from `start` on (`20261201T030000Z`).
pub(super) fn hour(start: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{start}\r\nSUMMARY:Geheimnis-882\r\nDTSTART:{start}\r\n\
         DURATION:PT1H\r\nEND:VEVENT\r\n"
    )
}

/// An answer of this status line and body.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

impl Source {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let says = Says { after: Duration::ZERO, answer: Vec::new(), dribbles: false };
        let says = Arc::new(Mutex::new(says));
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (saying, keep) = (says.clone(), heads.clone());
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                open.spawn(serve(stream, saying.clone(), keep.clone()));
            }
        });
        Self { port, says, heads, _task: AbortOnDropHandle::new(task) }
    }

    pub(super) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The ways out of a service that may ask this server, and nobody else inside.
    pub(super) fn allowed(&self) -> Outgoing {
        Outgoing::by(web::Client::new(&[self.origin()], web::Roots::new(None).unwrap()))
    }

    /// An address that nobody should read in an answer, or in the database.
    pub(super) fn secret(&self) -> String {
        format!("{}/ical/geheim-4712/basic.ics", self.origin())
    }

    pub(super) fn says(&self, answer: Vec<u8>) {
        self.does(Says { after: Duration::ZERO, answer, dribbles: false });
    }

    pub(super) fn does(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// It has a calendar of these entries.
    pub(super) fn has(&self, inner: &str) {
        self.says(answer("200 OK", "Content-Type: text/calendar\r\n", &calendar(inner)));
    }

    /// What it was asked, request by request.
    pub(super) fn asked(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    says: Arc<Mutex<Says>>,
    heads: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let says = {
        let says = says.lock().unwrap().clone();
        heads.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
        says
    };
    tokio::time::sleep(says.after).await;
    if says.dribbles {
        for byte in says.answer.iter().chain(std::iter::repeat(&b' ')) {
            stream.write_all(&[*byte]).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    stream.write_all(&says.answer).await
}
