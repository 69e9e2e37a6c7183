//! Who takes mail and webhooks in the tests: real servers on real sockets, which can be slow to
//! please and can be restarted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// What a mail server does with a letter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mood {
    /// Takes it.
    Takes,
    /// Says: later.
    Later,
    /// Says: never.
    Never,
    /// Hangs up before it has it.
    HangsUp,
    /// Has it, and hangs up before it says so.
    LosesTheAnswer,
}

/// Which mood comes next, after so many letters.
type Moods = Arc<dyn Fn(usize) -> Mood + Send + Sync>;

/// A mail server. Its mood depends on how many letters were brought before.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    letters: Arc<Mutex<Vec<String>>>,
    brought: Arc<AtomicUsize>,
    mood: Moods,
    task: Option<AbortOnDropHandle<()>>,
}

impl MailServer {
    pub(crate) async fn start(mood: impl Fn(usize) -> Mood + Send + Sync + 'static) -> Self {
        let (letters, brought, mood) = (Arc::default(), Arc::default(), Arc::new(mood));
        let mut server = Self { port: 0, letters, brought, mood, task: None };
        server.restart().await;
        server
    }

    /// Ends it with all its connections, and starts it where it was.
    pub(crate) async fn restart(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // Ended, it has given its port back.
            let _ = task.await;
        }
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(([127, 0, 0, 1], self.port).into()).unwrap();
        let listener = socket.listen(64).unwrap();
        self.port = listener.local_addr().unwrap().port();
        let (letters, brought, mood) =
            (self.letters.clone(), self.brought.clone(), self.mood.clone());
        let serving = async move {
            let mut open = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                open.spawn(converse(stream, letters.clone(), brought.clone(), mood.clone()));
            }
        };
        self.task = Some(AbortOnDropHandle::new(tokio::spawn(serving)));
    }

    /// The letters it has, in the order in which it got them.
    pub(crate) fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }

    /// How often a letter was brought.
    pub(crate) fn brought(&self) -> usize {
        self.brought.load(Ordering::SeqCst)
    }
}

async fn converse(
    stream: TcpStream,
    letters: Arc<Mutex<Vec<String>>>,
    brought: Arc<AtomicUsize>,
    mood: Moods,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink ready\r\n").await?;
    let mut line = String::new();
    let mut now = Mood::Takes;
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split([' ', '\r']).next().unwrap_or_default().to_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-sink\r\n250 8BITMIME",
            "MAIL" => {
                now = mood(brought.fetch_add(1, Ordering::SeqCst));
                if now == Mood::Later { "451 later" } else { "250 ok" }
            }
            "RCPT" if now == Mood::Never => "550 nobody of that name",
            "RSET" | "NOOP" | "RCPT" => "250 ok",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let letter = data(&mut stream).await?;
                if now == Mood::HangsUp {
                    return Ok(());
                }
                letters.lock().unwrap().push(letter);
                if now == Mood::LosesTheAnswer {
                    return Ok(());
                }
                "250 taken"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "500 what",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let (mut letter, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(letter);
        }
        letter.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Posted {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).unwrap().1
    }
}

/// A program of a clinic that hears of its bookings. What it answers depends on how many requests
/// came before.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    posted: Arc<Mutex<Vec<Posted>>>,
    _task: AbortOnDropHandle<()>,
}

impl Receiver {
    pub(crate) async fn start(
        answer: impl Fn(usize) -> &'static str + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let posted: Arc<Mutex<Vec<Posted>>> = Arc::default();
        let keep = posted.clone();
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Ok(one) = request(&mut stream).await else { continue };
                let count = {
                    let mut all = keep.lock().unwrap();
                    all.push(one);
                    all.len() - 1
                };
                let _ = stream.write_all(answer(count).as_bytes()).await;
            }
        });
        Self { port, posted, _task: AbortOnDropHandle::new(task) }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }
}

async fn request(stream: &mut TcpStream) -> std::io::Result<Posted> {
    let mut stream = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            // Who asked was killed in the middle of it.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        head.push_str(&line);
    }
    let mut one = Posted { head, body: String::new() };
    let mut body = vec![0; one.header("content-length").parse().unwrap()];
    stream.read_exact(&mut body).await?;
    one.body = String::from_utf8(body).unwrap();
    Ok(one)
}
