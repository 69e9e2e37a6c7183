//! The real program as a process of its own, and the smallest of HTTP clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

/// The program, in a folder of its own, with nothing of this process's settings.
pub(crate) fn onshin(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onshin"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ONSHIN_") {
            command.env_remove(name);
        }
    }
    command
}

/// `onshin serve`, running.
pub(crate) struct Served {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    written: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The cookies it sets, as they are sent back.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
    head: String,
}

impl Reply {
    /// The value of the header `name`, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

impl Served {
    /// Starts `command` and waits until it says where it serves.
    pub(crate) fn start(mut command: Command) -> Self {
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--demo"])
            .env("ONSHIN_TURN__MODE", "off");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let written = Arc::new(Mutex::new(Vec::new()));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let keep = written.clone();
        let mut readers = vec![std::thread::spawn(move || copy(&mut stderr, &keep))];
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{line}");
        let keep = written.clone();
        readers.push(std::thread::spawn(move || copy(&mut stdout, &keep)));
        Self { child, address, written, readers }
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a request of a page of this site.
    pub(crate) fn ask(&self, method: &str, path: &str, cookie: &str, body: &Value) -> Reply {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let address = &self.address;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
             Cookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let set = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let cookies = set.map(|(_, v)| v.split(';').next().unwrap().to_owned()).collect();
        Reply { status, cookies, body: body.to_owned(), head: head.to_owned() }
    }

    /// Stops it softly; everything that it wrote.
    pub(crate) fn stop(mut self) -> Vec<u8> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        std::mem::take(&mut self.written.lock().unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy(from: &mut impl Read, to: &Mutex<Vec<u8>>) {
    let mut some = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut some) {
        to.lock().unwrap().extend_from_slice(&some[..count]);
    }
}
