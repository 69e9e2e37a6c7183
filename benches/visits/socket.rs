//! A WebSocket of the load: as little as a server can be talked to with, because it shares the
//! machine with what is measured. Frames are masked with nought, which changes nothing and is read
//! like any other mask.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

/// Sockets of one address: the service allows forty.
const AT_ONE_ADDRESS: u32 = 20;
/// The key of RFC 6455's example: what the answer to it says is not looked at.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(0) };
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 256 * 1024]);
}

/// One socket.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    /// What came of a frame whose end has not come.
    begun: RefCell<Vec<u8>>,
}

impl Socket {
    /// Opens one, from an address that it shares with nineteen others.
    pub(crate) async fn open(server: SocketAddr, path: &str, protocol: Option<&str>) -> Self {
        let number = NEXT.get();
        NEXT.set(number + 1);
        let own = Ipv4Addr::from_bits(0x7f40_0001 + number / AT_ONE_ADDRESS);
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((own, 0))).unwrap();
        let mut stream = socket.connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let protocol =
            protocol.map_or(String::new(), |name| format!("sec-websocket-protocol: {name}\r\n"));
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: {server}\r\norigin: http://{server}\r\n\
             connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: {KEY}\r\n{protocol}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let socket = Self { stream, begun: RefCell::default() };
        loop {
            socket.stream.readable().await.unwrap();
            socket.take().unwrap_or_else(|| panic!("{server} hung up"));
            let mut begun = socket.begun.borrow_mut();
            if let Some(end) = begun.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&begun[..end]).into_owned();
                assert!(head.starts_with("HTTP/1.1 101"), "{head}");
                begun.drain(..end + 4);
                break;
            }
        }
        socket
    }

    /// Writes a text, which is to fit into the machine's buffer.
    pub(crate) fn say(&self, text: &[u8]) {
        let mut frame = Vec::with_capacity(text.len() + 8);
        frame.push(0x81);
        match u16::try_from(text.len()) {
            Ok(short @ ..126) => frame.push(0x80 | u8::try_from(short).unwrap()),
            long => {
                let long = long.unwrap();
                frame.push(0x80 | 0x7e);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text);
        let written = self.stream.try_write(&frame).unwrap();
        assert_eq!(written, frame.len(), "the server does not read");
    }

    /// Gives `each` the texts that are there, once some are. False when there will be no more.
    pub(crate) async fn hear(&self, mut each: impl FnMut(&[u8])) -> bool {
        if self.stream.readable().await.is_err() {
            return false;
        }
        self.texts(&mut each)
    }

    /// Waits until a text comes that `wanted` is found in.
    pub(crate) async fn until(&self, wanted: &str) -> String {
        let mut found = None;
        loop {
            let here = |text: &[u8]| {
                let text = String::from_utf8_lossy(text);
                if text.contains(wanted) {
                    found = Some(text.into_owned());
                }
            };
            // What came with the answer to the opening is there already.
            let mut here = here;
            let open = self.texts(&mut here);
            if let Some(found) = found {
                return found;
            }
            assert!(open, "{wanted} did not come");
            assert!(self.stream.readable().await.is_ok());
        }
    }

    fn texts(&self, each: &mut impl FnMut(&[u8])) -> bool {
        let open = self.take().is_some();
        let mut begun = self.begun.borrow_mut();
        let mut at = 0;
        while let Some((from, until)) = frame(&begun[at..]) {
            // Pings and closes are no texts.
            if begun[at] & 0x0f == 1 {
                each(&begun[at + from..at + until]);
            }
            at += until;
        }
        begun.drain(..at);
        if begun.is_empty() && begun.capacity() > 4096 {
            *begun = Vec::new();
        }
        open
    }

    /// Reads what is there. None when the other side hung up.
    fn take(&self) -> Option<()> {
        BUFFER.with_borrow_mut(|buffer| match self.stream.try_read(buffer) {
            Ok(0) => None,
            Ok(read) => {
                self.begun.borrow_mut().extend(&buffer[..read]);
                Some(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Some(()),
            Err(_) => None,
        })
    }
}

/// Where the payload of the first frame begins and ends, if it is whole.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let short = usize::from(*bytes.get(1)?);
    let (from, length) = match short {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => {
            let long = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
            (10, usize::try_from(long).ok()?)
        }
        length => (2, length),
    };
    (bytes.len() >= from + length).then_some((from, from + length))
}
